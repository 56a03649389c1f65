// The keys that sign the tenant's tokens (`/api/v2/keys/signing`).
import { queryOptions } from '@tanstack/react-query';
import { get, post, put } from './http';
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
  void stale('signing-keys');
  return key;
}

export async function revokeSigningKey(kid: string): Promise<{ cert: string; kid: string }> {
  const key = await put<{ cert: string; kid: string }>(`/api/v2/keys/signing/${encodeURIComponent(kid)}/revoke`);
  void stale('signing-keys');
  return key;
}
