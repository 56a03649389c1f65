// How many tokens (`/api/x/quotas`), how many requests (`/api/v2/rate-limit-policies`), and from where (`/api/v2/network-acls`).
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, remove } from './http';
import { stale } from './query';

export type QuotaUse = { limit: number; used: number; resets_at: string };
export type Quotas = { per_hour: QuotaUse | null; per_day: QuotaUse | null; enforce: boolean; source: 'client' | 'organization' | 'default' | null };

/** What an application has used of its quota in this hour and on this day. */
export const quotasQuery = (clientId: string) =>
  queryOptions({
    queryKey: ['quotas', clientId],
    queryFn: ({ signal }) => get<Quotas>('/api/x/quotas', { client_id: clientId }, signal),
    refetchInterval: 15_000,
  });

export type PolicyConfiguration =
  | { action: 'allow' }
  | { action: 'block' | 'log'; limit: number }
  | { action: 'redirect'; limit: number; redirect_uri: string };

export type RateLimitPolicy = {
  id: string;
  resource: string;
  consumer: string;
  consumer_selector: string;
  configuration: PolicyConfiguration;
  created_at?: string;
  updated_at?: string;
};

const POLICIES = '/api/v2/rate-limit-policies';

export const policiesQuery = () =>
  queryOptions({
    queryKey: ['rate-limit-policies'],
    queryFn: async ({ signal }) => listOf<RateLimitPolicy>(await get(POLICIES, { take: 100 }, signal), 'rate_limit_policies'),
  });

export async function createPolicy(consumer_selector: string, configuration: PolicyConfiguration): Promise<void> {
  await post(POLICIES, { resource: 'oauth_authentication_api', consumer: 'client', consumer_selector, configuration });
  void stale('rate-limit-policies');
}

export async function updatePolicy(id: string, configuration: PolicyConfiguration): Promise<void> {
  await patch(`${POLICIES}/${encodeURIComponent(id)}`, { configuration });
  void stale('rate-limit-policies');
}

export async function removePolicy(id: string): Promise<void> {
  await remove(`${POLICIES}/${encodeURIComponent(id)}`);
  void stale('rate-limit-policies');
}

export type NetworkMatch = { ipv4_cidrs?: string[]; ipv6_cidrs?: string[]; user_agents?: string[]; [more: string]: unknown };

export type NetworkAcl = {
  id: string;
  description: string;
  active: boolean;
  priority: number;
  rule: {
    action: { block?: boolean; allow?: boolean; log?: boolean; redirect?: boolean; redirect_uri?: string };
    match?: NetworkMatch;
    not_match?: NetworkMatch;
    scope: string;
  };
};

export type NewNetworkAcl = Omit<NetworkAcl, 'id'>;

const ACLS = '/api/v2/network-acls';

export const networkAclsQuery = () =>
  queryOptions({
    queryKey: ['network-acls'],
    queryFn: async ({ signal }) =>
      listOf<NetworkAcl>(await get(ACLS, { per_page: 100, include_totals: true }, signal), 'network_acls').sort((one, other) => one.priority - other.priority),
  });

export async function saveAcl(id: string | undefined, body: Partial<NewNetworkAcl>): Promise<void> {
  await (id === undefined ? post(ACLS, body) : patch(`${ACLS}/${encodeURIComponent(id)}`, body));
  void stale('network-acls');
}

export async function removeAcl(id: string): Promise<void> {
  await remove(`${ACLS}/${encodeURIComponent(id)}`);
  void stale('network-acls');
}

/** A list comes by itself, or under a name with its paging. */
const listOf = <T>(answer: unknown, name: string): T[] => (Array.isArray(answer) ? answer : ((answer as Record<string, T[]>)[name] ?? [])) as T[];
