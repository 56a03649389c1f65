// Applications and their keys (`/api/v2/clients`).
import { queryOptions } from '@tanstack/react-query';
import { oneOf } from '../lib/containing';
import { get, patch, post, read, remove, type Query, type Versioned } from './http';
import { gone, queryClient, stale } from './query';

export type AppType = 'native' | 'spa' | 'regular_web' | 'non_interactive' | (string & {});
export type TokenEndpointAuthMethod = 'none' | 'client_secret_post' | 'client_secret_basic';

export type RefreshToken = {
  rotation_type: 'rotating' | 'non-rotating';
  expiration_type: 'expiring' | 'non-expiring';
  leeway?: number;
  token_lifetime?: number;
  infinite_token_lifetime?: boolean;
  idle_token_lifetime?: number;
  infinite_idle_token_lifetime?: boolean;
};

/** Where and when an application is told that a session ended. */
export type OidcLogout = {
  backchannel_logout_urls?: string[];
  backchannel_logout_initiators?: { mode?: 'custom' | 'all'; selected_initiators?: string[] };
  backchannel_logout_session_metadata?: { include?: boolean };
};

export type TokenQuota = { client_credentials: { enforce?: boolean; per_day?: number; per_hour?: number } };

export type Client = {
  client_id: string;
  name: string;
  description?: string;
  logo_uri?: string;
  app_type?: AppType;
  is_first_party?: boolean;
  global?: boolean;
  tenant?: string;
  client_secret?: string;
  is_token_endpoint_ip_header_trusted?: boolean;
  oidc_conformant?: boolean;
  initiate_login_uri?: string;
  callbacks?: string[];
  allowed_logout_urls?: string[];
  web_origins?: string[];
  allowed_origins?: string[];
  allowed_clients?: string[];
  cross_origin_authentication?: boolean;
  cross_origin_loc?: string | null;
  oidc_logout?: OidcLogout | null;
  grant_types?: string[];
  token_endpoint_auth_method?: TokenEndpointAuthMethod | null;
  client_authentication_methods?: Partial<
    Record<'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth', { credentials: { id: string }[] }>
  > | null;
  jwt_configuration?: { lifetime_in_seconds?: number; alg?: string; secret_encoded?: boolean };
  refresh_token?: RefreshToken | null;
  client_metadata?: Record<string, string>;
  mobile?: {
    android?: { app_package_name?: string; sha256_cert_fingerprints?: string[] };
    ios?: { team_id?: string; app_bundle_identifier?: string };
  };
  form_template?: string;
  skip_non_verifiable_callback_uri_confirmation_prompt?: boolean | null;
  compliance_level?: string | null;
  redirection_policy?: 'allow_always' | 'open_redirect_protection';
  require_pushed_authorization_requests?: boolean;
  par_request_expiry?: number | null;
  third_party_security_mode?: 'strict' | 'permissive';
  require_proof_of_possession?: boolean;
  organization_usage?: 'deny' | 'allow' | 'require' | null;
  token_quota?: TokenQuota | null;
  signing_keys?: { cert?: string; pkcs7?: string; subject?: string }[];
  created_at?: string;
  updated_at?: string;
};

export type ClientCredential = {
  id: string;
  credential_type: 'public_key' | 'cert_subject_dn' | 'x509_cert';
  name?: string;
  kid?: string;
  alg?: string;
  subject_dn?: string;
  thumbprint_sha256?: string;
  created_at?: string;
  updated_at?: string;
  expires_at?: string;
};

export type NewCredential = {
  credential_type: ClientCredential['credential_type'];
  name?: string;
  pem?: string;
  subject_dn?: string;
  alg?: 'RS256' | 'RS384' | 'PS256' | 'ES256' | 'EdDSA';
  expires_at?: string;
  parse_expiry_from_cert?: boolean;
};

// A read that shows a secret stands in the log, so secrets are asked for only when somebody wants to see one.
const UNSHOWN = { fields: 'client_secret', include_fields: false };
const ROW = { fields: 'client_id,name,app_type,is_first_party,global,grant_types,description,logo_uri,token_endpoint_auth_method', include_fields: true };

export type ClientPage = { clients: Client[]; total: number; start: number; limit: number };

/** A page of applications, without the one that stands for the tenant. */
export const clientsPage = (page: number, perPage = 100) =>
  queryOptions({
    queryKey: ['clients', 'page', page, perPage],
    queryFn: ({ signal }) =>
      get<ClientPage>('/api/v2/clients', { ...ROW, page, per_page: perPage, include_totals: true, is_global: false }, signal),
  });

/** The first hundred applications: enough for selects and menus. */
export const clientsQuery = () =>
  queryOptions({
    queryKey: ['clients', 'first'],
    queryFn: async ({ signal }) =>
      (await get<ClientPage>('/api/v2/clients', { ...ROW, per_page: 100, include_totals: true, is_global: false }, signal)).clients,
  });

/** Applications whose name matches a pattern, found by the server. */
export const clientsSearch = (q: string) =>
  queryOptions({
    queryKey: ['clients', 'search', q],
    queryFn: ({ signal }) =>
      get<{ clients: Client[]; next?: string }>('/api/v2/clients/search', { ...ROW, q, take: 100, sort: 'name' }, signal),
  });

/** What `fields` name of the applications with these identifiers. */
async function among(ids: string[], fields: Query, signal: AbortSignal): Promise<Client[]> {
  const pages = oneOf('client_id', ids).map((q) => get<{ clients: Client[] }>('/api/v2/clients/search', { ...fields, q, take: 100 }, signal));
  return (await Promise.all(pages)).flatMap((page) => page.clients);
}

/** The applications with these identifiers. */
export const clientsAmong = (ids: string[]) =>
  queryOptions({ queryKey: ['clients', 'among', ids], queryFn: ({ signal }) => among(ids, ROW, signal), enabled: ids.length > 0 });

const CALLBACKS = { fields: 'client_id,name,grant_types,callbacks', include_fields: true };

/** Where applications are returned to: a hundred of those with these identifiers, or of all. */
export const callbacksOf = (ids: string[] | undefined) =>
  queryOptions({
    queryKey: ['clients', 'callbacks', ids ?? 'all'],
    queryFn: ({ signal }) =>
      ids === undefined ? get<Client[]>('/api/v2/clients', { ...CALLBACKS, per_page: 100, is_global: false }, signal) : among(ids.slice(0, 100), CALLBACKS, signal),
  });

export const clientQuery = (id: string) =>
  queryOptions({
    queryKey: ['clients', 'one', id],
    queryFn: ({ signal }) => read<Client>(`/api/v2/clients/${encodeURIComponent(id)}`, UNSHOWN, signal),
  });

export const credentialsQuery = (id: string) =>
  queryOptions({
    queryKey: ['clients', 'credentials', id],
    queryFn: ({ signal }) => get<ClientCredential[]>(`/api/v2/clients/${encodeURIComponent(id)}/credentials`, undefined, signal),
  });

/** The secret itself; the server notes that it was shown. */
export const revealSecret = async (id: string): Promise<string> =>
  (await get<Client>(`/api/v2/clients/${encodeURIComponent(id)}`, { fields: 'client_secret', include_fields: true })).client_secret ?? '';

export async function createClient(body: Partial<Client>): Promise<Client> {
  const client = await post<Client>('/api/v2/clients', body);
  void stale('clients');
  return client;
}

export async function updateClient(id: string, body: unknown, etag: string | null): Promise<Versioned<Client>> {
  const path = `/api/v2/clients/${encodeURIComponent(id)}`;
  const saved = await patch<Client>(path, body, { etag });
  // The answer to a write may hold the secret; what is kept is read again without it.
  delete saved.value.client_secret;
  queryClient.setQueryData(clientQuery(id).queryKey, saved);
  void stale('clients');
  return saved;
}

export async function deleteClient(id: string): Promise<void> {
  await remove(`/api/v2/clients/${encodeURIComponent(id)}`);
  queryClient.removeQueries({ queryKey: ['clients', 'one', id] });
  void gone(id, 'clients', 'client-grants');
}

export async function addCredential(id: string, body: NewCredential): Promise<ClientCredential> {
  const credential = await post<ClientCredential>(`/api/v2/clients/${encodeURIComponent(id)}/credentials`, body);
  void stale('clients');
  return credential;
}

export async function removeCredential(id: string, credential: string): Promise<void> {
  await remove(`/api/v2/clients/${encodeURIComponent(id)}/credentials/${encodeURIComponent(credential)}`);
  void stale('clients');
}

/** Whether an application can keep a secret. */
export const isConfidential = (client: Client): boolean =>
  client.token_endpoint_auth_method === 'none'
    ? false
    : client.client_authentication_methods !== undefined && client.client_authentication_methods !== null
      ? true
      : client.app_type !== 'spa' && client.app_type !== 'native';
