// What is no longer believed although it has not expired (`/api/x/revocations`).
import { queryOptions } from '@tanstack/react-query';
import { can } from '../auth/me';
import { get, post } from './http';
import { stale } from './query';

export type RevocationKind = 'token' | 'client' | 'client_grant' | 'resource_server' | 'key' | 'tenant';

export type Revocation = {
  id: string;
  kind: RevocationKind;
  subject: string | null;
  /** Tokens issued before this are refused. */
  before: string | null;
  created_at: string;
  expires_at: string;
  by: string;
};

export const revocationsQuery = () =>
  queryOptions({
    queryKey: ['revocations'],
    queryFn: async ({ signal }) => (await get<{ revocations: Revocation[] }>('/api/x/revocations', undefined, signal)).revocations,
  });

/** One token by itself, or every token of something that was issued until now. */
export async function revoke(what: { token: string } | { kind: Exclude<RevocationKind, 'token'>; subject?: string }): Promise<Revocation> {
  const mark = await post<Revocation>('/api/x/revocations', what);
  void stale('revocations');
  return mark;
}

/** The rights of which one is enough to revoke all tokens of something. */
const RIGHTS: Record<RevocationKind, string> = {
  token: 'update:clients', client: 'update:clients', client_grant: 'update:client_grants', resource_server: 'update:resource_servers', key: 'update:signing_keys', tenant: 'update:tenant_settings',
};

export const mayRevoke = (kind: RevocationKind): boolean => can('blacklist:tokens') || can(RIGHTS[kind]);
