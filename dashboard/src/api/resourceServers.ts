// APIs and their permissions (`/api/v2/resource-servers`).
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, put, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';

export type Scope = { value: string; description?: string };

export type TokenEncryption = {
  format: 'compact-nested-jwe';
  encryption_key: { name?: string; alg: 'RSA-OAEP-256' | 'RSA-OAEP-384' | 'RSA-OAEP-512'; kid?: string; pem?: string; thumbprint_sha256?: string };
};

export type ResourceServer = {
  id: string;
  name?: string;
  identifier: string;
  is_system?: boolean;
  scopes?: Scope[];
  signing_alg?: 'RS256' | 'RS512' | 'PS256' | 'ES256' | 'EdDSA' | 'HS256';
  token_lifetime?: number;
  token_lifetime_for_web?: number;
  token_dialect?: 'access_token' | 'access_token_authz' | 'rfc9068_profile' | 'rfc9068_profile_authz';
  enforce_policies?: boolean;
  allow_offline_access?: boolean;
  skip_consent_for_verifiable_first_party_clients?: boolean;
  subject_type_authorization?: {
    client?: { policy: 'deny_all' | 'require_client_grant' };
    user?: { policy: 'allow_all' | 'deny_all' | 'require_client_grant' };
  };
  token_encryption?: TokenEncryption | null;
  proof_of_possession?: { mechanism: 'mtls' | 'dpop'; required: boolean; required_for?: 'public_clients' | 'all_clients' } | null;
  authorization_details?: { type: string }[] | null;
  client_id?: string;
};

export type ResourceServerPage = { resource_servers: ResourceServer[]; total: number; start: number; limit: number };

// The secret of an API signed with HS256 is left out for the same reason as a client's.
const UNSHOWN = { fields: 'signing_secret', include_fields: false };

/** The first hundred APIs. */
export const resourceServersQuery = () =>
  queryOptions({
    queryKey: ['resource-servers', 'first'],
    queryFn: async ({ signal }) =>
      (await get<ResourceServerPage>('/api/v2/resource-servers', { ...UNSHOWN, per_page: 100, include_totals: true }, signal)).resource_servers,
  });

export const resourceServersPage = (page: number, perPage = 100) =>
  queryOptions({
    queryKey: ['resource-servers', 'page', page, perPage],
    queryFn: ({ signal }) =>
      get<ResourceServerPage>('/api/v2/resource-servers', { ...UNSHOWN, page, per_page: perPage, include_totals: true }, signal),
  });

/** APIs that a filter in the server's syntax finds, by name. */
export const resourceServersSearch = (q: string) =>
  queryOptions({
    queryKey: ['resource-servers', 'search', q],
    queryFn: ({ signal }) =>
      get<{ resource_servers: ResourceServer[]; next?: string }>('/api/v2/resource-servers/search', { ...UNSHOWN, q, take: 100, sort: 'name' }, signal),
  });

/** One API by its id or, percent-encoded, its identifier. */
export const resourceServerQuery = (id: string) =>
  queryOptions({
    queryKey: ['resource-servers', 'one', id],
    queryFn: ({ signal }) => read<ResourceServer>(`/api/v2/resource-servers/${encodeURIComponent(id)}`, UNSHOWN, signal),
  });

export const revealSigningSecret = async (id: string): Promise<string> =>
  (
    await get<{ signing_secret?: string }>(`/api/v2/resource-servers/${encodeURIComponent(id)}`, {
      fields: 'signing_secret',
      include_fields: true,
    })
  ).signing_secret ?? '';

export async function createResourceServer(body: Partial<ResourceServer>): Promise<ResourceServer> {
  // As Auth0's dashboard makes them: one's own applications need no consent, where their callback proves whose they are.
  const api = await post<ResourceServer>('/api/v2/resource-servers', { skip_consent_for_verifiable_first_party_clients: true, ...body });
  void stale('resource-servers');
  return api;
}

export async function updateResourceServer(id: string, body: unknown, etag: string | null): Promise<Versioned<ResourceServer>> {
  const saved = await patch<ResourceServer>(`/api/v2/resource-servers/${encodeURIComponent(id)}`, body, { etag });
  queryClient.setQueryData(resourceServerQuery(id).queryKey, saved);
  void stale('resource-servers', 'client-grants');
  return saved;
}

export async function deleteResourceServer(id: string): Promise<void> {
  await remove(`/api/v2/resource-servers/${encodeURIComponent(id)}`);
  void gone(id, 'resource-servers');
  void stale('client-grants');
}

export type TokenReuse = { enabled: boolean; minimum_remaining_percent: number };

/** Whether the same token is handed out again while enough of its life remains. */
export const tokenReuseQuery = (id: string) =>
  queryOptions({
    queryKey: ['token-reuse', id],
    queryFn: ({ signal }) => get<TokenReuse>(`/api/x/resource-servers/${encodeURIComponent(id)}/token-reuse`, undefined, signal),
  });

export async function updateTokenReuse(id: string, body: TokenReuse): Promise<void> {
  await put(`/api/x/resource-servers/${encodeURIComponent(id)}/token-reuse`, body);
  void stale('token-reuse');
}
