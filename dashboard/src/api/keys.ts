// The keys that sign the tenant's tokens (`/api/v2/keys/signing`).
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, put } from './http';
import { stale } from './query';

export type SigningKey = {
  kid: string;
  cert: string;
  pkcs7?: string;
  current?: boolean;
  next?: boolean;
  previous?: boolean;
  current_since?: string;
  current_until?: string;
  fingerprint?: string;
  thumbprint?: string;
  revoked?: boolean;
  revoked_at?: string;
};

export const signingKeysQuery = () =>
  queryOptions({
    queryKey: ['signing-keys'],
    queryFn: ({ signal }) => get<SigningKey[]>('/api/v2/keys/signing', undefined, signal),
  });

export async function rotateSigningKey(): Promise<{ cert: string; kid: string }> {
  const key = await post<{ cert: string; kid: string }>('/api/v2/keys/signing/rotate');
  void stale('signing-keys', 'key-policy');
  return key;
}

export async function revokeSigningKey(kid: string): Promise<{ cert: string; kid: string }> {
  const key = await put<{ cert: string; kid: string }>(`/api/v2/keys/signing/${encodeURIComponent(kid)}/revoke`);
  void stale('signing-keys');
  return key;
}

/** Ends any key with all that it signed, the one in use too; the next one then signs at once. */
export async function revokeAtOnce(kid: string): Promise<void> {
  await post(`/api/x/keys/signing/${encodeURIComponent(kid)}/revoke`);
  void stale('signing-keys', 'key-policy');
}

export type EncryptionKey = {
  kid: string;
  type: 'customer-provided-root-key' | 'environment-root-key' | 'tenant-master-key' | 'tenant-encryption-key';
  state: 'pre-activation' | 'active' | 'deactivated' | 'destroyed';
  created_at: string;
  updated_at: string;
  parent_kid: string | null;
};

/** The keys that seal what is stored, newest first. */
export const encryptionKeysQuery = () =>
  queryOptions({
    queryKey: ['encryption-keys'],
    queryFn: ({ signal }) => get<EncryptionKey[]>('/api/v2/keys/encryption', undefined, signal),
  });

export type KeyPolicy = {
  /** Nothing: keys are rotated by hand. */
  rotate_every_days: number | null;
  /** How long a key is published before it signs. */
  announce_days: number;
  next_rotation: string | null;
};

/** When keys are rotated by themselves. */
export const keyPolicyQuery = () =>
  queryOptions({
    queryKey: ['key-policy'],
    queryFn: ({ signal }) => get<KeyPolicy>('/api/x/keys/policy', undefined, signal),
  });

export async function updateKeyPolicy(body: Pick<KeyPolicy, 'rotate_every_days' | 'announce_days'>): Promise<void> {
  await patch('/api/x/keys/policy', body);
  void stale('key-policy');
}
