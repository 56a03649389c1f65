// How an application proves itself: the secret's two ways and the key's three stand in different fields.
import type { Client, ClientCredential, NewCredential } from '../../../api/clients';
import { credentials as text } from '../../../text/credentials';

export type MethodName = 'client_secret_post' | 'client_secret_basic' | 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth' | 'none';
export type Kind = ClientCredential['credential_type'];

type KeyMethod = 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth';

/** The kind of credential that each of the key's ways needs. */
export const NEEDS: Record<KeyMethod, Kind> = { private_key_jwt: 'public_key', tls_client_auth: 'cert_subject_dn', self_signed_tls_client_auth: 'x509_cert' };
const BY_KEY = Object.keys(NEEDS) as KeyMethod[];

export const ALGORITHMS: NonNullable<NewCredential['alg']>[] = ['RS256', 'RS384', 'PS256', 'ES256', 'EdDSA'];

export const isByKey = (method: MethodName): method is KeyMethod => BY_KEY.includes(method as KeyMethod);

export function methodOf(client: Client): MethodName {
  const byKey = BY_KEY.find((method) => client.client_authentication_methods?.[method] !== undefined);
  return byKey ?? client.token_endpoint_auth_method ?? 'client_secret_post';
}

export const keyName = (key: ClientCredential) => key.name || key.kid || key.subject_dn || text.unnamed;

/** The identifiers of the keys that count now. */
export const keysInUse = (client: Client): string[] =>
  BY_KEY.flatMap((method) => client.client_authentication_methods?.[method]?.credentials ?? []).map((credential) => credential.id);

/** The change that makes it prove itself otherwise. */
export function patchTo(method: MethodName, keys: string[]): Partial<Client> {
  if (isByKey(method)) {
    return { client_authentication_methods: { [method]: { credentials: keys.map((id) => ({ id })) } }, token_endpoint_auth_method: null };
  }
  return { token_endpoint_auth_method: method as Client['token_endpoint_auth_method'] & string, client_authentication_methods: null };
}
