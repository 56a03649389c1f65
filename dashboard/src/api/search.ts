// Anything by a part of its name or by its identifier (`/api/x/search`); from the lists of the Management API where a
// server has no such search.
import { queryOptions } from '@tanstack/react-query';
import { can } from '../auth/me';
import { fit } from '../lib/match';
import { clientQuery, clientsQuery } from './clients';
import { ApiError, get } from './http';
import { logQuery } from './logs';
import { queryClient } from './query';
import { resourceServerQuery, resourceServersQuery } from './resourceServers';

export type SearchResult = { kind: string; id: string; name: string; detail?: string; exact: boolean };

export const searchQuery = (q: string) =>
  queryOptions({ queryKey: ['search', q], queryFn: ({ signal }) => search(q, signal), enabled: q !== '', retry: false });

let isMissing = false;

async function search(q: string, signal: AbortSignal): Promise<SearchResult[]> {
  if (!isMissing) {
    try {
      return (await get<{ results: SearchResult[] }>('/api/x/search', { q }, signal)).results;
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode !== 404) throw error;
      isMissing = true;
    }
  }
  return searchLists(q);
}

const CLIENT_ID = /^[\w-]{20,64}$/;
const LOG_ID = /^\d{20,90}$/;

async function searchLists(q: string): Promise<SearchResult[]> {
  const list = <T>(scope: string, read: Promise<T[]>) => (can(scope) ? read.catch(() => []) : Promise.resolve([]));
  const one = (isLike: boolean, read: () => Promise<SearchResult>) => (isLike ? read().then((found) => [found], () => []) : Promise.resolve([]));
  const [clients, apis, ...exact] = await Promise.all([
    list('read:clients', queryClient.fetchQuery(clientsQuery())),
    list('read:resource_servers', queryClient.fetchQuery(resourceServersQuery())),
    one(CLIENT_ID.test(q), async () => {
      const { value } = await queryClient.fetchQuery(clientQuery(q));
      return { kind: 'client', id: value.client_id, name: value.name, detail: value.client_id, exact: true };
    }),
    one(/^[a-z][\w+.-]*:|^[0-9a-f]{24}$/i.test(q), async () => {
      const { value } = await queryClient.fetchQuery(resourceServerQuery(q));
      return { kind: 'resource_server', id: value.id, name: value.name ?? '', detail: value.identifier, exact: true };
    }),
    one(LOG_ID.test(q), async () => {
      const event = await queryClient.fetchQuery(logQuery(q));
      return { kind: 'log', id: event.log_id, name: event.description ?? event.type, detail: event.type, exact: true };
    }),
  ]);
  const found = [
    ...clients.map((client) => ({ at: fit(q, client.name, client.client_id), kind: 'client', id: client.client_id, name: client.name, detail: client.client_id })),
    ...apis.map((api) => ({ at: fit(q, api.name ?? '', api.identifier), kind: 'resource_server', id: api.id, name: api.name ?? api.identifier, detail: api.identifier })),
  ].filter(({ at }) => at > 0).sort((one, other) => other.at - one.at);
  const first = exact.flat();
  return [...first, ...found.filter(({ id }) => !first.some((other) => other.id === id)).map(({ at, ...result }) => ({ ...result, exact: at === 5 }))].slice(0, 20);
}
