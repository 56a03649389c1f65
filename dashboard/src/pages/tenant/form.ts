// The tenant's settings as one form on two tabs: the settings themselves, and the environment tag, which is kept elsewhere.
import { useMemo, useSyncExternalStore } from 'react';
import { config, type Environment } from '../../api/config';
import type { Versioned } from '../../api/http';
import { queryClient } from '../../api/query';
import { tenantSettingsQuery, updateTenant, updateTenantSettings, type TenantSettings } from '../../api/tenant';
import { can } from '../../auth/me';
import { environment } from '../../shell/environment';
import { tenant as text } from '../../text/tenant';
import { useForm, type Form, type PatchRequest } from '../../ui/useForm';
import { check } from './check';

export type TenantDraft = TenantSettings & { environment: Environment };
export type TenantForm = Form<TenantDraft>;

export const mayEdit = () => can('update:tenant_settings');

const SETTINGS = '/api/v2/tenants/settings';

export function useTenantForm(settings: Versioned<TenantSettings>): TenantForm {
  const tag = useSyncExternalStore(environment.subscribe, environment.now);
  const read = useMemo(() => withTag(settings, tag), [settings, tag]);
  return useForm<TenantDraft>({
    key: 'tenant/settings',
    history: { kind: 'tenants', id: 'settings' },
    read,
    within: '/tenant',
    path: SETTINGS,
    labels: { ...text.labels, ...Object.fromEntries(Object.entries(text.flags.words).map(([path, [label]]) => [path, label])) },
    check,
    merged: ['flags'],
    requests,
    save: async (patch, etag) => {
      for (const { path, body } of requests(patch, read.value)) {
        if (path !== SETTINGS) {
          // It may be sent twice without harm, so it goes first: what follows can be refused.
          const { environment: tag } = await updateTenant(config.tenant.name, body as { environment: Environment });
          environment.set(tag);
        } else {
          await updateTenantSettings(body, etag);
        }
      }
      return reload();
    },
    reload,
  });
}

const withTag = ({ value, etag }: Versioned<TenantSettings>, tag: Environment): Versioned<TenantDraft> =>
  ({ value: { ...value, environment: tag }, etag });

// The answer to a change is not what a read gives, so it is read anew.
const reload = async () =>
  withTag(await queryClient.fetchQuery({ ...tenantSettingsQuery(), staleTime: 0 }), environment.now());

/** The tag goes to the tenant, the rest to its settings. */
export function requests(body: Record<string, unknown>, base: TenantDraft): PatchRequest[] {
  const { environment: tag, ...rest } = body;
  const settings = settingsOf(rest, base);
  return [
    ...(tag === undefined ? [] : [{ path: `/api/x/tenants/${config.tenant.name}`, body: { environment: tag } }]),
    ...(Object.keys(settings).length === 0 ? [] : [{ path: SETTINGS, body: settings }]),
  ];
}

const LIFETIMES = ['session_lifetime', 'idle_session_lifetime', 'ephemeral_session_lifetime', 'idle_ephemeral_session_lifetime'];

function settingsOf(rest: Record<string, unknown>, base: TenantDraft): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => {
      if (name === 'flags') return [name, changedFlags(value as Record<string, boolean>, base.flags ?? {})];
      // Less than an hour, or a part of one, is told in minutes.
      if (LIFETIMES.includes(name) && typeof value === 'number' && !Number.isInteger(value)) return [`${name}_in_minutes`, Math.round(value * 60)];
      if (name === 'allowed_logout_urls' && Array.isArray(value)) return [name, value.filter((url) => url !== '')];
      return [name, value];
    }),
  );
}

/** Some flags are given back but cannot be set, so only what changed is sent. */
const changedFlags = (flags: Record<string, boolean>, base: Record<string, boolean>) =>
  Object.fromEntries(Object.entries(flags).filter(([name, value]) => value !== base[name]));
