// Outside issuers whose tokens an application may prove itself with (`/api/x/clients/…/federated-credentials`).
import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, remove } from './http';
import { stale } from './query';

export type Operator = 'equals' | 'one_of' | 'matches';
export type Rule = { claim: string; operator: Operator; value: string | string[] };

export type TrustedIssuer = {
  id: string;
  name: string;
  issuer: string;
  audience: string;
  rules: Rule[];
  jwks_uri?: string;
  jwks?: { keys: unknown[] };
  /** Whether a token is good for one request only. */
  single_use?: boolean;
  created_at?: string;
  updated_at?: string;
};

export type NewTrustedIssuer = Pick<TrustedIssuer, 'name' | 'issuer' | 'rules'> & { audience?: string; single_use?: boolean; jwks_uri?: string | null; jwks?: { keys: unknown[] } | null };

export type TokenTest = { valid: boolean; checks: { name: string; ok: boolean; message: string }[] };

const pathOf = (clientId: string, id?: string) =>
  `/api/x/clients/${encodeURIComponent(clientId)}/federated-credentials${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;

export const trustedIssuersQuery = (clientId: string) =>
  queryOptions({
    queryKey: ['trusted-issuers', clientId],
    queryFn: async ({ signal }) => (await get<{ federated_credentials: TrustedIssuer[] }>(pathOf(clientId), undefined, signal)).federated_credentials,
  });

export async function saveTrustedIssuer(clientId: string, id: string | undefined, body: NewTrustedIssuer): Promise<TrustedIssuer> {
  const saved = id === undefined ? await post<TrustedIssuer>(pathOf(clientId), body) : (await patch<TrustedIssuer>(pathOf(clientId, id), body)).value;
  void stale('trusted-issuers');
  return saved;
}

export async function removeTrustedIssuer(clientId: string, id: string): Promise<void> {
  await remove(pathOf(clientId, id));
  void stale('trusted-issuers');
}

/** Whether a token would be believed, check by check; nothing is issued. */
export const testOutsideToken = (clientId: string, id: string, token: string): Promise<TokenTest> => post(`${pathOf(clientId, id)}/test`, { token });
