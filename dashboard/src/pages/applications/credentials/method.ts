// How an application proves itself: the secret's two ways and the key's three stand in different fields.
import type { Client } from '../../../api/clients';

export type MethodName = 'client_secret_post' | 'client_secret_basic' | 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth' | 'none';

const BY_KEY = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'] as const;

export function methodOf(client: Client): MethodName {
  const byKey = BY_KEY.find((method) => client.client_authentication_methods?.[method] !== undefined);
  return byKey ?? client.token_endpoint_auth_method ?? 'client_secret_post';
}

/** The identifiers of the keys that count now. */
export const keysInUse = (client: Client): string[] =>
  BY_KEY.flatMap((method) => client.client_authentication_methods?.[method]?.credentials ?? []).map((credential) => credential.id);

/** The change that makes it prove itself otherwise. */
export function patchTo(method: MethodName, keys: string[]): Partial<Client> {
  if (BY_KEY.includes(method as (typeof BY_KEY)[number])) {
    return { client_authentication_methods: { [method]: { credentials: keys.map((id) => ({ id })) } }, token_endpoint_auth_method: null };
  }
  return { token_endpoint_auth_method: method as Client['token_endpoint_auth_method'] & string, client_authentication_methods: null };
}
