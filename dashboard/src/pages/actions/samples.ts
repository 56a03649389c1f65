// What happened, as the code of each trigger is told: events to try it with.
import { config } from '../../api/config';
import { MACHINES } from '../../api/actions';

export const AT = '2026-07-01T12:00:00.000Z';
export const TENANT = { id: config.tenant.name };
export const CLIENT = { client_id: 'AaiyAPdpYdesoKnqjj8HJqRn4T5titww', name: 'Shop', metadata: {} };
export const DATABASE = { id: 'con_fpe5kj482KO1eOzQ', name: 'Username-Password-Authentication', strategy: 'auth0', metadata: {} };
export const REQUEST = { geoip: {}, hostname: config.tenant.domain, ip: '203.0.113.7', user_agent: 'Mozilla/5.0 (X11; Linux x86_64)' };

const known = { email: 'ann@example.com', email_verified: true, user_metadata: { colour: 'blue' }, app_metadata: { plan: 'pro' } };

export const PERSON = {
  user_id: 'auth0|5f7c8ec7c33c6c004bbafe82',
  ...known,
  name: 'Ann Archer',
  nickname: 'ann',
  created_at: AT,
  updated_at: AT,
  identities: [{ connection: DATABASE.name, isSocial: false, provider: 'auth0', user_id: '5f7c8ec7c33c6c004bbafe82' }],
  enrolledFactors: [],
};

const SCOPES = ['openid', 'profile', 'email', 'read:orders'];

const login = {
  authentication: { methods: [{ name: 'pwd', timestamp: AT }] },
  authorization: { roles: ['editor'] },
  client: CLIENT,
  connection: DATABASE,
  request: { ...REQUEST, method: 'GET', query: { client_id: CLIENT.client_id, scope: SCOPES.join(' '), response_type: 'code' }, body: {} },
  resource_server: { identifier: 'https://api.example.com/' },
  session: { id: 'T4pZUvRlp5Mll4PkhDHZyO8LR2b6pBfq', user_id: PERSON.user_id, created_at: AT, authenticated_at: AT, updated_at: AT, clients: [{ client_id: CLIENT.client_id }], metadata: {} },
  stats: { logins_count: 1 },
  tenant: TENANT,
  transaction: {
    protocol: 'oidc-basic-profile', requested_scopes: SCOPES, response_type: ['code'], redirect_uri: 'https://shop.example.com/callback',
    acr_values: [], prompt: [], ui_locales: [], metadata: {}, state: 'xyzABC123',
  },
  user: PERSON,
};

/** Somebody who comes into a database, or is there and has another password. */
const account = (user: object) => ({ client: CLIENT, connection: DATABASE, request: { ...REQUEST, method: 'POST', query: {}, body: {} }, tenant: TENANT, transaction: {}, user });

const EVENTS: Record<string, object> = {
  [MACHINES]: {
    accessToken: { customClaims: {}, scope: ['read:orders', 'write:orders'] },
    client: { ...CLIENT, name: 'nightly-job' },
    request: { ...REQUEST, body: { grant_type: 'client_credentials', audience: 'https://api.example.com/' }, method: 'POST', user_agent: 'curl/8.5.0' },
    resource_server: { identifier: 'https://api.example.com/' },
    tenant: TENANT,
    transaction: { requested_scopes: ['read:orders', 'write:orders'] },
  },
  'post-login': login,
  'pre-user-registration': account(known),
  'post-user-registration': account(PERSON),
  'post-change-password': account({ ...PERSON, last_password_reset: AT }),
};

export const eventFor = (trigger: string): object => EVENTS[trigger] ?? {};
