// What the choices about an API are called, in the order in which they are offered.
import { config } from '../../api/config';
import type { ResourceServer } from '../../api/resourceServers';
import { apis as words } from '../../text/apis';

export const nameOf = (api: ResourceServer): string => api.name ?? api.identifier;

/** Whether it is the API that this dashboard itself uses. */
export const isManagementApi = (api: ResourceServer): boolean => api.identifier === config.tenant.audience;

export const ALGORITHMS = (['RS256', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256'] as const).map((value) => ({ value, label: words.algorithms[value] }));
export type Algorithm = (typeof ALGORITHMS)[number]['value'];

// The profile and whether permissions stand in the token are one field on the wire and two questions to people.
export type Profile = 'auth0' | 'rfc9068';
export type Dialect = NonNullable<ResourceServer['token_dialect']>;

export const profileOf = (dialect: Dialect | undefined): Profile => (dialect?.startsWith('rfc9068') === true ? 'rfc9068' : 'auth0');
export const hasPermissions = (dialect: Dialect | undefined): boolean => dialect?.endsWith('_authz') === true;
export const dialectOf = (profile: Profile, permissions: boolean): Dialect =>
  profile === 'rfc9068' ? (permissions ? 'rfc9068_profile_authz' : 'rfc9068_profile') : permissions ? 'access_token_authz' : 'access_token';

export const PROFILES = [
  { value: 'auth0' as const, title: words.profiles.auth0, help: words.profiles.auth0Help },
  { value: 'rfc9068' as const, title: words.profiles.rfc9068, help: words.profiles.rfc9068Help },
];

/** What is wrong with a name, if anything. */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '') return words.nameMissing;
  if (/[<>]/.test(name)) return words.angleBrackets;
  return [...name].length > 200 ? words.nameLong : undefined;
}
