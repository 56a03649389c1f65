// The several secrets of an application, and when each of its credentials was last used (`/api/x/clients/…`).
import { queryOptions } from '@tanstack/react-query';
import type { Client } from './clients';
import { get, patch, post, remove } from './http';
import { stale } from './query';

export type Use = { at: string; ip: string };

export type Secret = {
  id: string;
  name: string;
  /** The one that Auth0's API knows. */
  is_primary: boolean;
  created_at: string | null;
  starts_at: string | null;
  expires_at: string | null;
  last_used: Use | null;
};

export type SecretDates = { starts_at?: string | null; expires_at?: string | null };

const pathOf = (clientId: string) => `/api/x/clients/${encodeURIComponent(clientId)}`;
const oneOf = (clientId: string, id: string) => `${pathOf(clientId)}/secrets/${encodeURIComponent(id)}`;

export const secretsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ['secrets', clientId],
    queryFn: async ({ signal }) => (await get<{ secrets: Secret[] }>(`${pathOf(clientId)}/secrets`, undefined, signal)).secrets,
  });

/** The answer has the secret itself; it is not shown again. */
export async function addSecret(clientId: string, body: { name: string } & SecretDates): Promise<Secret & { client_secret: string }> {
  const secret = await post<Secret & { client_secret: string }>(`${pathOf(clientId)}/secrets`, body);
  void stale('secrets');
  return secret;
}

export async function updateSecret(clientId: string, id: string, body: { name?: string } & SecretDates): Promise<void> {
  await patch(oneOf(clientId, id), body);
  void stale('secrets');
}

/** Refused while it is in use, unless `isForced`. */
export async function retireSecret(clientId: string, id: string, isForced: boolean): Promise<void> {
  await remove(oneOf(clientId, id) + (isForced ? '?force=true' : ''));
  void stale('secrets');
}

/** Makes another primary secret; the old one stays good for this many seconds. */
export async function rotateSecret(clientId: string, grace: number): Promise<Client> {
  const client = await post<Client>(`${pathOf(clientId)}/rotate-secret`, { grace_seconds: grace });
  void stale('clients', 'secrets');
  return client;
}

/** By the identifier of the credential: secrets, keys, trusted issuers. */
export const credentialUsesQuery = (clientId: string) =>
  queryOptions({
    queryKey: ['credential-uses', clientId],
    queryFn: async ({ signal }) => (await get<{ uses: Record<string, Use> }>(`${pathOf(clientId)}/credential-uses`, undefined, signal)).uses,
  });
