import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Versioned } from '../../api/http';
import { tenantSettingsQuery, type TenantSettings } from '../../api/tenant';
import { ErrorPanel, ReadOnly, refusal, Skeleton } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { mayEdit, useTenantForm, type TenantForm } from './form';

/** Changes that are looked at before they are saved where real people log in. */
const RISKY = ['environment', 'default_audience', 'allowed_logout_urls', 'resource_parameter_profile', 'session_lifetime', 'idle_session_lifetime'];

/** A tab of the settings, once they are there; `children` draws its fields. */
export function SettingsPage({ children }: { children: (form: TenantForm) => ReactNode }) {
  const settings = useQuery(tenantSettingsQuery());
  if (settings.isPending) return <Skeleton lines={12} height={24} />;
  if (settings.isError) return <ErrorPanel error={settings.error} retry={() => void settings.refetch()} />;
  return <Fields read={settings.data}>{children}</Fields>;
}

function Fields({ read, children }: { read: Versioned<TenantSettings>; children: (form: TenantForm) => ReactNode }) {
  const form = useTenantForm(read);
  const flags = Object.keys(form.draft.flags ?? {}).map((name) => `flags.${name}`);
  // Somebody who may set the tag only is not told that the settings are closed to them.
  const refused = form.requests().some(({ path }) => path.startsWith('/api/v2')) ? refusal('update:tenant_settings') : undefined;
  return (
    <>
      {!mayEdit() && <div style={{ marginBottom: 20 }}><ReadOnly scope="update:tenant_settings" /></div>}
      {children(form)}
      <SaveBar form={form} risky={[...RISKY, ...flags]} refused={refused} />
    </>
  );
}
