// What code finds at each trigger, in a line each.
type Lines = [name: string, what: string][];

const CACHE: Lines = [['api.cache.get(key), set(key, value), delete(key)', 'Short texts for later runs, on this server, for 15 minutes.']];
const METADATA: Lines = [['api.user.setUserMetadata(name, value), setAppMetadata(name, value)', 'Laid over those of the person at the end; null takes one away.']];
const REQUEST: Lines = [['event.request', 'Address, host, browser, query and body, without credentials.']];
const SECRETS: Lines = [['event.secrets', 'The secrets of this action.']];
const ACCOUNT: Lines = [['event.user', 'The person: email, name, user_metadata, app_metadata.'], ['event.connection, event.client', 'The database, and the application they came through.'], ...REQUEST, ...SECRETS];

export const reference = {
  title: 'What event and api have here',
  label: 'Event and api',
  of: {
    'credentials-exchange': [
      ['event.client', 'The application: client_id, name, metadata.'],
      ['event.resource_server', 'The API: identifier.'],
      ['event.transaction', 'requested_scopes and target_scopes.'],
      ['event.accessToken', 'customClaims and scope, as the actions before left them.'],
      ...REQUEST, ...SECRETS,
      ['api.access.deny(code, reason)', 'Refuses: invalid_scope, invalid_request or server_error.'],
      ['api.accessToken.setCustomClaim(name, value)', 'Sets a claim; null takes it away.'],
      ['api.transaction.addTargetScope(scope), removeTargetScope(scope), setTargetScopes(list), clearTargetScopes()', 'The permissions, within the grant.'],
      ...CACHE,
    ],
    'post-login': [
      ['event.user', 'The person: user_id, email, name, identities, user_metadata, app_metadata.'],
      ['event.authorization.roles', 'The names of their roles.'],
      ['event.authentication.methods', 'How and when they proved who they are.'],
      ['event.client, event.connection, event.resource_server', 'The application, how they came in, and the API.'],
      ['event.stats.logins_count', 'How often they have logged in, this time included.'],
      ['event.transaction', 'protocol, requested_scopes, prompt, redirect_uri, metadata.'],
      ['event.session', 'The session of the browser, where there is one.'],
      ...REQUEST, ...SECRETS,
      ['api.access.deny(reason)', 'Refuses: access_denied, with the reason.'],
      ['api.idToken.setCustomClaim(name, value), api.accessToken.setCustomClaim(name, value)', 'Sets a claim; null takes it away.'],
      ['api.accessToken.addScope(scope), removeScope(scope)', 'The permissions, within what the API allows.'],
      ['api.redirect.canRedirect(), sendUserTo(url, { query })', 'Another page first; onContinuePostLogin goes on.'],
      ['api.redirect.encodeToken({ secret, payload }), validateToken({ secret })', 'A signed token for that page, and back from it.'],
      ...METADATA,
      ['api.session.setMetadata(name, text), revoke(reason)', 'Notes of the session, or its end.'],
      ['api.transaction.setMetadata(name, value)', 'Told to the actions after this one.'],
      ...CACHE,
    ],
    'pre-user-registration': [
      ...ACCOUNT,
      ['api.access.deny(reason, message)', 'Refuses the sign-up: the reason for the log, the message for who signs up.'],
      ...METADATA, ...CACHE,
    ],
    'post-user-registration': [...ACCOUNT, ...CACHE],
    'post-change-password': [...ACCOUNT, ...CACHE],
  } as Record<string, Lines>,
};
