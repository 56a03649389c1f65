// Which applications have a grant on an API, and what they got with it.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { grantsQuery, type ClientGrant } from '../../api/clientGrants';
import { clientsAmong, clientsQuery, type Client } from '../../api/clients';
import { logsQuery, type LogEvent } from '../../api/logs';
import { queryClient } from '../../api/query';

export type Authorized = { id: string; name: string; grant: ClientGrant };

/** The permissions that a grant gives, of those that the API has. */
export const granted = (grant: ClientGrant, scopes: { value: string }[]): string[] =>
  scopes.map(({ value }) => value).filter((value) => grant.allow_all_scopes === true || grant.scope?.includes(value));

/** The applications that may call an API on their own, or in a person's name, by their names. */
export function useAuthorized(audience: string, subject: 'client' | 'user' = 'client') {
  const grants = useQuery({ ...grantsQuery({ audience }), enabled: audience !== '' });
  const first = useQuery(clientsQuery());
  const own = (grants.data ?? []).filter((grant) => grant.client_id !== undefined && (grant.subject_type ?? 'client') === subject);
  const unknown = first.data === undefined ? [] : own.map(({ client_id }) => client_id!).filter((id) => !first.data.some((client) => client.client_id === id)).slice(0, 100);
  const rest = useQuery(clientsAmong(unknown));
  const clients: Client[] = [...(first.data ?? []), ...(rest.data ?? [])];
  const list: Authorized[] = own
    .map((grant) => ({ id: grant.client_id!, name: clients.find((client) => client.client_id === grant.client_id)?.name ?? grant.client_id!, grant }))
    .sort((one, other) => one.name.localeCompare(other.name));
  return {
    list,
    clients,
    isPending: (audience !== '' && grants.isPending) || first.isPending,
    error: grants.error ?? first.error,
    retry: () => void Promise.all([grants.refetch(), first.refetch()]),
  };
}

export type Issued = { count: number; isMore: boolean; last: string | undefined };

const DAY_MS = 86_400_000;
const PAGES = 5;

/** How many tokens an application got for an API in 24 hours, and when the last; counted up to 500 events. */
export const issuedQuery = (clientId: string, audience: string) =>
  queryOptions({
    queryKey: ['logs', 'issued', clientId, audience],
    queryFn: async (): Promise<Issued> => {
      const since = new Date(Date.now() - DAY_MS).toISOString();
      const q = `type:seccft AND client_id:${JSON.stringify(clientId)} AND date:[${since} TO *]`;
      const found: LogEvent[] = [];
      let isMore = false;
      for (let page = 0; page < PAGES; page += 1) {
        const events = await queryClient.fetchQuery({ ...logsQuery(q, page), staleTime: 0 });
        found.push(...events.filter((event) => event.audience === audience));
        isMore = events.length === 100;
        if (!isMore) break;
      }
      return { count: found.length, isMore, last: found[0]?.date };
    },
    staleTime: 0,
  });
