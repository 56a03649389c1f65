// What the server offers beyond Auth0's Management API (`/api/x`). Tenants are in `tenant.ts`, the live log in
// `logs.ts`, the search in `search.ts`.
import { queryOptions } from '@tanstack/react-query';
import type { Role } from '../auth/me';
import { get, patch, post, remove } from './http';
import { stale } from './query';

export type Interval = 'minute' | 'hour' | 'day';

export type TokenStats = {
  from: string;
  to: string;
  interval_ms: number;
  times: string[];
  series: { key: string; label: string; issued: number[]; refused: number[] }[];
};

export const tokenStatsQuery = (of: {
  from: string;
  to: string;
  interval: Interval;
  group_by: 'none' | 'client' | 'api' | 'reason';
  client_id?: string;
  audience?: string;
}) =>
  queryOptions({
    queryKey: ['stats', 'tokens', of],
    queryFn: ({ signal }) => get<TokenStats>('/api/x/stats/tokens', of, signal),
    staleTime: 15_000,
  });

export type LatencyStats = {
  times: string[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  count: number[];
};

export const latencyQuery = (of: { from: string; to: string; interval: Interval }) =>
  queryOptions({
    queryKey: ['stats', 'latency', of],
    queryFn: ({ signal }) => get<LatencyStats>('/api/x/stats/latency', of, signal),
    staleTime: 15_000,
  });

export type LastUsed = { last_used: string | null; issued_24h: number; refused_24h: number; hours: number[] };

/** When applications last got a token, and how many in each of the last 24 hours; at most a hundred at a time. */
export const lastUsedQuery = (clientIds: string[]) =>
  queryOptions({
    queryKey: ['stats', 'last-used', clientIds.join(',')],
    queryFn: async ({ signal }) =>
      (await get<{ clients: Record<string, LastUsed> }>('/api/x/last-used', { client_ids: clientIds.join(',') }, signal)).clients,
    enabled: clientIds.length > 0,
    staleTime: 15_000,
  });

export type TestToken = {
  access_token: string;
  token_type: string;
  expires_in: number;
  scope?: string;
  duration_ms: number;
  log_id: string;
};

/** A real token for an application, without its secret; refusals are the token endpoint's. */
export const testToken = (body: { client_id: string; audience: string; scope?: string }): Promise<TestToken> =>
  post('/api/x/test-token', body);

export type Inspection = {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  checks: { name: 'signature' | 'issuer' | 'audience' | 'time' | 'scopes' | 'revocation'; ok: boolean; message: string }[];
  valid: boolean;
};

export const inspectToken = (body: { token: string; audience?: string; scope?: string }): Promise<Inspection> =>
  post('/api/x/inspect-token', body);

/** Why a request is granted or refused; each part is there as far as the request came. */
export type Trace = Record<string, unknown>;

export type Explanation = { allowed: boolean; error?: { error: string; error_description: string; reason?: string }; trace: Trace };

/** What the token endpoint would answer, without a token. */
export const explainToken = (body: { client_id: string; audience?: string; scope?: string; organization?: string }): Promise<Explanation> =>
  post('/api/x/explain-token', body);

export type HistoryKind = 'clients' | 'resource-servers' | 'client-grants' | 'connections' | 'tenants' | 'users' | 'roles' | 'log-streams';

export type HistoryEntry = {
  log_id: string;
  date: string;
  summary: string;
  actor: { name?: string; client_id?: string };
  ip?: string;
  changes: { field: string; old: unknown; new: unknown }[];
};

export const historyQuery = (kind: HistoryKind, id: string, take = 50) =>
  queryOptions({
    queryKey: ['history', kind, id, take],
    queryFn: async ({ signal }) =>
      (await get<{ entries: HistoryEntry[] }>(`/api/x/history/${kind}/${encodeURIComponent(id)}`, { take }, signal)).entries,
  });

export type Deleted = { kind: string; id: string; name: string; deleted_at: string; expires_at: string };

export const deletedQuery = (kind: 'clients' | 'resource-servers' | 'client-grants') =>
  queryOptions({
    queryKey: ['deleted', kind],
    queryFn: async ({ signal }) => (await get<{ deleted: Deleted[] }>('/api/x/deleted', { kind }, signal)).deleted,
  });

/** Brings back what was deleted in the last seven days, with its identifier and secret. */
export async function restore(kind: 'clients' | 'resource-servers' | 'client-grants', id: string): Promise<unknown> {
  const object = await post(`/api/x/restore/${kind}/${encodeURIComponent(id)}`);
  void stale(kind, 'client-grants', 'deleted');
  return object;
}

export type Administrator = {
  user_id: string;
  email: string;
  name?: string;
  roles: Role[];
  tenants: string[] | null;
  last_login?: string | null;
  logins_count?: number;
  created_at: string;
  is_you: boolean;
};

export type Invitation = { id: string; email: string; roles: Role[]; tenants?: string[] | null; expires_at: string; invitation_url?: string };

export const administratorsQuery = () =>
  queryOptions({
    queryKey: ['administrators'],
    queryFn: ({ signal }) =>
      get<{ administrators: Administrator[]; invitations: Invitation[] }>('/api/x/administrators', undefined, signal),
  });

export async function inviteAdministrator(body: { email: string; roles: Role[]; tenants?: string[] }): Promise<Invitation> {
  const invitation = await post<Invitation>('/api/x/administrators', body);
  void stale('administrators');
  return invitation;
}

export async function updateAdministrator(id: string, body: { roles?: Role[]; tenants?: string[] | null }): Promise<void> {
  await patch(`/api/x/administrators/${encodeURIComponent(id)}`, body);
  void stale('administrators');
}

export async function removeAdministrator(id: string): Promise<void> {
  await remove(`/api/x/administrators/${encodeURIComponent(id)}`);
  void stale('administrators');
}

/** A link with which the person chooses another password. */
export const passwordLink = async (id: string): Promise<string> =>
  (await post<{ invitation_url: string }>(`/api/x/administrators/${encodeURIComponent(id)}/password-link`)).invitation_url;

/** Takes an invitation back before it is used. */
export async function withdrawInvitation(id: string): Promise<void> {
  await remove(`/api/x/administrators/invitations/${encodeURIComponent(id)}`);
  void stale('administrators');
}
