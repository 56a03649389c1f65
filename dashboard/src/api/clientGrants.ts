// Which application may call which API, with which permissions (`/api/v2/client-grants`).
import { queryOptions } from '@tanstack/react-query';
import { oneOf } from '../lib/containing';
import { get, patch, post, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';
import { wholeByCursor } from './whole';

export type ClientGrant = {
  id: string;
  client_id?: string;
  audience: string;
  scope?: string[];
  organization_usage?: 'deny' | 'allow' | 'require' | null;
  allow_any_organization?: boolean | null;
  subject_type?: 'client' | 'user' | 'anonymous_user';
  allow_all_scopes?: boolean;
  is_system?: boolean;
};

/** Every grant of an application, of an API, or of both. */
export const grantsQuery = (of: { client_id?: string; audience?: string }) =>
  queryOptions({
    queryKey: ['client-grants', of.client_id ?? '', of.audience ?? ''],
    queryFn: ({ signal }) => wholeByCursor<ClientGrant>('/api/v2/client-grants', 'client_grants', signal, of),
  });

/** The grants that some applications have on an API. */
export const grantsAmong = (audience: string, clientIds: string[]) =>
  queryOptions({
    queryKey: ['client-grants', 'among', audience, clientIds],
    queryFn: async ({ signal }) => {
      // A long identifier would leave no room for the applications.
      const also = audience.length > 300 ? '' : `audience:${JSON.stringify(audience)}`;
      const pages = oneOf('client_id', clientIds, also).map((q) => get<{ client_grants: ClientGrant[] }>('/api/v2/client-grants/search', { q, take: 100 }, signal));
      return (await Promise.all(pages)).flatMap((page) => page.client_grants).filter((grant) => grant.audience === audience);
    },
    enabled: clientIds.length > 0,
  });

/** How many grants there are on an API. */
export const grantsCount = (audience: string) =>
  queryOptions({
    queryKey: ['client-grants', 'count', audience],
    queryFn: async ({ signal }) =>
      (await get<{ total: number }>('/api/v2/client-grants', { audience, include_totals: true, per_page: 1 }, signal)).total,
  });

/** One grant with its version, for editing. */
export const grantQuery = (id: string) =>
  queryOptions({
    queryKey: ['client-grants', 'one', id],
    queryFn: ({ signal }) => read<ClientGrant>(`/api/v2/client-grants/${encodeURIComponent(id)}`, undefined, signal),
  });

export async function createGrant(body: Partial<ClientGrant>): Promise<ClientGrant> {
  const grant = await post<ClientGrant>('/api/v2/client-grants', body);
  void stale('client-grants');
  return grant;
}

export async function updateGrant(id: string, body: Partial<ClientGrant>, etag: string | null = null): Promise<Versioned<ClientGrant>> {
  const saved = await patch<ClientGrant>(`/api/v2/client-grants/${encodeURIComponent(id)}`, body, { etag });
  queryClient.setQueryData(grantQuery(id).queryKey, saved);
  void stale('client-grants');
  return saved;
}

export async function deleteGrant(id: string): Promise<void> {
  await remove(`/api/v2/client-grants/${encodeURIComponent(id)}`);
  void gone(id, 'client-grants');
}
