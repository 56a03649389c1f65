// What holds for the managed tenant as a whole (`/api/v2/tenants/settings`), and the tenants there are (`/api/x/tenants`).
import { queryOptions } from '@tanstack/react-query';
import type { Environment } from './config';
import { get, patch, post, read, type Versioned } from './http';
import { stale } from './query';

export type TenantSettings = {
  friendly_name?: string;
  picture_url?: string;
  support_email?: string;
  support_url?: string;
  default_audience?: string;
  default_directory?: string;
  default_redirection_uri?: string;
  allowed_logout_urls?: string[];
  enabled_locales?: string[];
  session_lifetime?: number;
  idle_session_lifetime?: number;
  sandbox_version?: string;
  flags?: Record<string, boolean>;
  resource_parameter_profile?: 'audience' | 'compatibility';
  acr_values_supported?: string[] | null;
  pushed_authorization_requests_supported?: boolean | null;
  authorization_response_iss_parameter_supported?: boolean | null;
  mtls?: { enable_endpoint_aliases?: boolean } | null;
  device_flow?: { charset?: 'base20' | 'digits'; mask?: string } | null;
  oidc_logout?: { rp_logout_end_session_endpoint_discovery?: boolean } | null;
  error_page?: { html?: string; show_log_link?: boolean; url?: string } | null;
  allow_organization_name_in_authentication_api?: boolean | null;
  client_id_metadata_document_supported?: boolean;
  default_token_quota?: Partial<Record<'clients' | 'organizations', { client_credentials: { enforce?: boolean; per_hour?: number; per_day?: number } }>> | null;
  [more: string]: unknown;
};

export const tenantSettingsQuery = () =>
  queryOptions({
    queryKey: ['tenant', 'settings'],
    queryFn: ({ signal }) => read<TenantSettings>('/api/v2/tenants/settings', undefined, signal),
  });

export async function updateTenantSettings(body: unknown, etag: string | null): Promise<Versioned<TenantSettings>> {
  const saved = await patch<TenantSettings>('/api/v2/tenants/settings', body, { etag });
  // A change is answered with other flags than a read is.
  void stale('tenant');
  return saved;
}

export type Tenant = { name: string; domain: string; audience: string; environment: Environment; created_at: string };

export const tenantsQuery = () =>
  queryOptions({
    queryKey: ['tenants'],
    queryFn: async ({ signal }) => (await get<{ tenants: Tenant[] }>('/api/x/tenants', undefined, signal)).tenants,
    staleTime: 60_000,
  });

export async function createTenant(body: { name: string; environment: Environment }): Promise<Tenant> {
  const tenant = await post<Tenant>('/api/x/tenants', body);
  void stale('tenants');
  return tenant;
}

export async function updateTenant(name: string, body: { environment: Environment }): Promise<Tenant> {
  const { value } = await patch<Tenant>(`/api/x/tenants/${encodeURIComponent(name)}`, body);
  void stale('tenants');
  return value;
}
