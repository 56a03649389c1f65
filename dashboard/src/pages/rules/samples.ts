// Somebody, and logins of theirs, to try a rule with.
import type { User } from '../../api/users';
import { AT, CLIENT, DATABASE, PERSON, REQUEST, TENANT } from '../actions/samples';

export type Sample = 'code' | 'refresh' | 'back';

/** What a rule is told of somebody: what applications know of them stands beside the rest. */
export function userOf({ app_metadata, ...person }: User): Record<string, unknown> {
  const { blocked: _, last_login: __, last_ip: ___, logins_count: ____, ...told } = person;
  return { ...app_metadata, ...told, ...(app_metadata && { app_metadata }) };
}

const { enrolledFactors: _, ...person } = PERSON;
export const USER = userOf(person);

const { user_agent: userAgent, ip, hostname, geoip } = REQUEST;
const scope = 'openid profile email';

const login = (protocol: string, query: object, body: object) => ({
  tenant: TENANT.id,
  clientID: CLIENT.client_id,
  clientName: CLIENT.name,
  clientMetadata: CLIENT.metadata,
  connection: DATABASE.name,
  connectionID: DATABASE.id,
  connectionStrategy: DATABASE.strategy,
  connectionOptions: {},
  connectionMetadata: DATABASE.metadata,
  protocol,
  stats: { loginsCount: 1 },
  sso: { with_auth0: false, with_dbconn: false, current_clients: [] },
  accessToken: {},
  idToken: {},
  request: { userAgent, ip, hostname, query, body, geoip },
  primaryUser: PERSON.user_id,
  authentication: { methods: [{ name: 'pwd', timestamp: Date.parse(AT) }] },
  authorization: { roles: ['editor'] },
  sessionID: 'T4pZUvRlp5Mll4PkhDHZyO8LR2b6pBfq',
});

const QUERY = { client_id: CLIENT.client_id, redirect_uri: 'https://shop.example.com/callback', response_type: 'code', scope, state: 'xyzABC123' };

export const CONTEXTS: Record<Sample, object> = {
  code: login('oidc-basic-profile', QUERY, {}),
  refresh: login('oauth2-refresh-token', {}, { grant_type: 'refresh_token', client_id: CLIENT.client_id, scope }),
  back: login('redirect-callback', { ...QUERY, accepted: 'yes' }, {}),
};
