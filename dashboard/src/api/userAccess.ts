// What somebody has open and has let in: sessions, refresh tokens, devices, consents; and what keeps them out.
import { queryOptions } from '@tanstack/react-query';
import { get, post, remove } from './http';
import { stale } from './query';
import { pathOf } from './users';

type Device = { initial_ip?: string | null; initial_user_agent?: string | null; last_ip?: string | null; last_user_agent?: string | null };

export type Session = {
  id: string;
  created_at: string;
  authenticated_at: string;
  last_interacted_at: string;
  idle_expires_at: string;
  expires_at: string;
  device?: Device;
  clients?: { client_id: string }[];
};

export type RefreshToken = {
  id: string;
  client_id: string;
  session_id?: string | null;
  created_at: string;
  last_exchanged_at?: string | null;
  idle_expires_at?: string | null;
  expires_at?: string | null;
  rotating: boolean;
  device?: Device;
  resource_servers?: { audience: string; scopes: string }[];
};

export type DeviceCredential = { id: string; type: 'public_key' | 'refresh_token' | 'rotating_refresh_token'; client_id: string; device_name?: string; device_id?: string; created_at?: string; last_used?: string };
export type Consent = { id: string; clientID: string; audience: string; scope: string[] };
export type UserBlock = { identifier: string; ip?: string; connection?: string };

const of = <T>(kind: string, id: string, queryFn: (signal: AbortSignal) => Promise<T>) =>
  queryOptions({ queryKey: ['user-access', kind, id], queryFn: ({ signal }) => queryFn(signal) });

/** The newest hundred of a list that goes on, and whether it does. */
export type Some<T> = { items: T[]; isMore: boolean };

export const sessionsQuery = (id: string) =>
  of('sessions', id, async (signal): Promise<Some<Session>> => {
    const { sessions, next } = await get<{ sessions: Session[]; next?: string }>(`${pathOf(id)}/sessions`, { take: 100 }, signal);
    return { items: sessions, isMore: next !== undefined };
  });

export const refreshTokensQuery = (id: string) =>
  of('refresh-tokens', id, async (signal): Promise<Some<RefreshToken>> => {
    const { tokens, next } = await get<{ tokens: RefreshToken[]; next?: string }>(`${pathOf(id)}/refresh-tokens`, { take: 100 }, signal);
    return { items: tokens, isMore: next !== undefined };
  });

/** The keys that devices have left; their refresh tokens are among the others. */
export const devicesQuery = (id: string) =>
  of('devices', id, (signal) => get<DeviceCredential[]>('/api/v2/device-credentials', { user_id: id, type: 'public_key', per_page: 100 }, signal));

export const consentsQuery = (id: string) => of('consents', id, (signal) => get<Consent[]>('/api/v2/grants', { user_id: id, per_page: 100 }, signal));

export const userBlocksQuery = (id: string) =>
  of('blocks', id, async (signal) => (await get<{ blocked_for: UserBlock[] }>(`/api/v2/user-blocks/${encodeURIComponent(id)}`, undefined, signal)).blocked_for);

const ended = <Given extends unknown[]>(act: (...given: Given) => Promise<unknown>) => async (...given: Given): Promise<void> => {
  await act(...given);
  void stale('user-access');
};

/** A session, and the refresh tokens that came of it. */
export const endSession = ended((id: string) => post(`/api/v2/sessions/${encodeURIComponent(id)}/revoke`));
export const endRefreshToken = ended((id: string) => remove(`/api/v2/refresh-tokens/${encodeURIComponent(id)}`));
export const removeDevice = ended((id: string) => remove(`/api/v2/device-credentials/${encodeURIComponent(id)}`));
export const withdrawConsent = ended((id: string) => remove(`/api/v2/grants/${encodeURIComponent(id)}`));
export const withdrawConsents = ended((userId: string) => remove(`/api/v2/grants?user_id=${encodeURIComponent(userId)}`));
/** Everything that somebody is logged in with. */
export const signOutEverywhere = ended((userId: string) => post(`${pathOf(userId)}/revoke-access`, {}));
export const clearUserBlocks = ended((userId: string) => remove(`/api/v2/user-blocks/${encodeURIComponent(userId)}`));
