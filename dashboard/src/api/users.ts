// People (`/api/v2/users`), what they log in with, and the mails and links that they get.
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, read, remove, type Versioned } from './http';
import { gone, queryClient, stale } from './query';

export type Metadata = Record<string, unknown>;

export type Identity = {
  connection: string;
  user_id: string;
  provider: string;
  isSocial?: boolean;
  profileData?: { email?: string; email_verified?: boolean; name?: string; username?: string; picture?: string; [more: string]: unknown };
};

export type User = {
  user_id: string;
  email?: string;
  email_verified?: boolean;
  username?: string;
  phone_number?: string;
  phone_verified?: boolean;
  name?: string;
  nickname?: string;
  given_name?: string;
  family_name?: string;
  picture?: string;
  user_metadata?: Metadata;
  app_metadata?: Metadata;
  blocked?: boolean;
  identities?: Identity[];
  created_at?: string;
  updated_at?: string;
  last_login?: string;
  last_ip?: string;
  logins_count?: number;
  last_password_reset?: string;
};

export type UserPage = { users: User[]; total: number; start: number; limit: number };

const ROW = { fields: 'user_id,email,email_verified,username,phone_number,name,picture,blocked,identities,last_login,logins_count,created_at', include_fields: true };

/** So many can be paged through. */
export const REACH = 1000;

export const pathOf = (id: string) => `/api/v2/users/${encodeURIComponent(id)}`;

/** What somebody is called: by name, or by what they log in with. */
export const nameOf = ({ name, email, username, phone_number, user_id }: User): string => name || email || username || phone_number || user_id;

/** A page of those who are found, in the server's query language; `sort` is a field, with a minus for the other way round. */
export const usersPage = (q: string, sort: string, page: number, perPage: number) =>
  queryOptions({
    queryKey: ['users', 'page', q, sort, page, perPage],
    queryFn: ({ signal }) =>
      get<UserPage>('/api/v2/users', { ...ROW, q, sort: `${sort.replace(/^-/, '')}:${sort.startsWith('-') ? -1 : 1}`, page, per_page: perPage, include_totals: true, search_engine: 'v3' }, signal),
    retry: false,
  });

/** The few best that a search finds. */
export const usersFew = (q: string) =>
  queryOptions({
    queryKey: ['users', 'few', q],
    queryFn: ({ signal }) => get<User[]>('/api/v2/users', { ...ROW, q, per_page: 8, search_engine: 'v3' }, signal),
    retry: false,
  });

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['users', 'one', id],
    queryFn: ({ signal }) => read<User>(pathOf(id), undefined, signal),
  });

export type NewUser = { connection: string; email?: string; username?: string; phone_number?: string; name?: string; password?: string; email_verified?: boolean; verify_email?: boolean };

export async function createUser(body: NewUser): Promise<User> {
  const user = await post<User>('/api/v2/users', body);
  void stale('users');
  return user;
}

export async function updateUser(id: string, body: unknown, etag: string | null = null): Promise<Versioned<User>> {
  const saved = await patch<User>(pathOf(id), body, { etag });
  queryClient.setQueryData(userQuery(id).queryKey, saved);
  // An address that is another ends what they were logged in with.
  void stale('users', 'user-access', 'history');
  return saved;
}

export async function deleteUser(id: string): Promise<void> {
  await remove(pathOf(id));
  void gone(id, 'users', 'user-roles', 'user-access', 'permissions');
}

/** Takes the accounts of somebody else over. */
export async function linkUser(id: string, other: User): Promise<void> {
  const [provider = '', ...rest] = other.user_id.split('|');
  await post(`${pathOf(id)}/identities`, { provider, user_id: rest.join('|') });
  void gone(other.user_id, 'users', 'user-roles', 'user-access', 'permissions');
}

export async function unlinkIdentity(id: string, { provider, user_id }: Identity): Promise<void> {
  await remove(`${pathOf(id)}/identities/${encodeURIComponent(provider)}/${encodeURIComponent(user_id)}`);
  void stale('users');
}

/** A link with which they choose another password. */
export const passwordTicket = async (user_id: string): Promise<string> => (await post<{ ticket: string }>('/api/v2/tickets/password-change', { user_id })).ticket;

/** A link that proves their address. */
export const verificationTicket = async (user_id: string): Promise<string> => (await post<{ ticket: string }>('/api/v2/tickets/email-verification', { user_id })).ticket;

/** Lays the mail that asks them to prove their address into the outbox. */
export const sendVerification = (user_id: string): Promise<unknown> => post('/api/v2/jobs/verification-email', { user_id });

/** Writes them a mail with a link with which they choose another password. */
export const sendPasswordReset = (user_id: string): Promise<unknown> => post(`/api/x/users/${encodeURIComponent(user_id)}/password-email`);
