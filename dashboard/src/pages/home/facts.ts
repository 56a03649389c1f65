// What the checklist is derived from: what exists and what has happened, never what was clicked.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ClientGrant } from '../../api/clientGrants';
import { clientsQuery, type Client } from '../../api/clients';
import { get } from '../../api/http';
import { logsQuery, tailLogs, type LogEvent } from '../../api/logs';
import { stale } from '../../api/query';
import { resourceServersQuery, type ResourceServer } from '../../api/resourceServers';
import { can } from '../../auth/me';

export const SAMPLE = 'https://hello.example/';
const TOKENS = 'type:seccft';

/** An application and an API that it may call. */
export type Pair = { client: Client; api: ResourceServer; scope: string };

export type Facts = {
  /** APIs of one's own that have permissions, the sample last. */
  apis: ResourceServer[];
  pair: Pair | undefined;
  token: LogEvent | undefined;
  /** A token that a program asked for by itself. */
  call: LogEvent | undefined;
  own: ResourceServer | undefined;
};

// Fifty are enough to find one that can be used.
const grantsQuery = () =>
  queryOptions({
    queryKey: ['client-grants', 'some'],
    queryFn: async ({ signal }) => (await get<{ client_grants: ClientGrant[] }>('/api/v2/client-grants', { take: 50 }, signal)).client_grants,
  });

const isTest = (event: LogEvent) => (event.details as { test?: unknown } | undefined)?.test !== undefined;

/** The facts, as soon as all of them are known. */
export function useFacts() {
  const apis = useQuery({ ...resourceServersQuery(), enabled: can('read:resource_servers') });
  const clients = useQuery({ ...clientsQuery(), enabled: can('read:clients') });
  const grants = useQuery({ ...grantsQuery(), enabled: can('read:client_grants') });
  const tokens = useQuery({ ...logsQuery(TOKENS, 0, 100), enabled: can('read:logs') });
  const all = [apis, clients, grants, tokens];
  const failed = all.find((query) => query.isError);
  const isReady = all.every((query) => query.data !== undefined || query.fetchStatus === 'idle');
  const facts = isReady && failed === undefined ? derive(apis.data ?? [], clients.data ?? [], grants.data ?? [], tokens.data ?? []) : undefined;
  return { facts, error: failed?.error, retry: () => { for (const query of all) if (query.isError) void query.refetch(); } };
}

export function derive(apis: ResourceServer[], clients: Client[], grants: ClientGrant[], tokens: LogEvent[]): Facts {
  const ours = apis.filter((api) => api.is_system !== true && (api.scopes?.length ?? 0) > 0);
  const own = ours.filter((api) => api.identifier !== SAMPLE);
  const pairs = grants.flatMap((grant): Pair[] => {
    const client = clients.find((client) => client.client_id === grant.client_id);
    const api = ours.find((api) => api.identifier === grant.audience);
    const isMachine = client?.grant_types?.includes('client_credentials') ?? false;
    return client === undefined || api === undefined || !isMachine ? [] : [{ client, api, scope: (grant.scope ?? []).join(' ') }];
  });
  return {
    apis: [...own, ...ours.filter((api) => api.identifier === SAMPLE)],
    pair: pairs.find(({ api }) => api.identifier === SAMPLE) ?? pairs[0],
    token: tokens[0],
    call: tokens.find((event) => !isTest(event)),
    own: own[0],
  };
}

/** Looks for the first call while nobody has made one, and how well it can look. */
export function useWaiting(isWaiting: boolean): 'connecting' | 'live' | 'lost' {
  const [state, setState] = useState<'connecting' | 'live' | 'lost'>('connecting');
  useEffect(() => {
    if (!isWaiting || !can('read:logs')) return;
    const stop = new AbortController();
    const look = () => void stale('logs', 'stats');
    void tailLogs({ q: TOKENS }, stop.signal, look, (state) => {
      setState(state);
      // What came while nobody listened is looked for, too.
      if (state === 'live') look();
    });
    return () => stop.abort();
  }, [isWaiting]);
  return state;
}
