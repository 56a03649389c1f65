// What a new action begins with, by trigger; the names are those of `text/actions`.

const HANDLERS: Record<string, string> = {
  'post-login': 'onExecutePostLogin',
  'credentials-exchange': 'onExecuteCredentialsExchange',
  'pre-user-registration': 'onExecutePreUserRegistration',
  'post-user-registration': 'onExecutePostUserRegistration',
  'post-change-password': 'onExecutePostChangePassword',
  'send-phone-message': 'onExecuteSendPhoneMessage',
  'password-reset-post-challenge': 'onExecutePostChallenge',
  'custom-phone-provider': 'onExecuteCustomPhoneProvider',
  'custom-email-provider': 'onExecuteCustomEmailProvider',
  'custom-token-exchange': 'onExecuteCustomTokenExchange',
  'event-stream': 'onExecuteEventStream',
};

// The name of a template, and the body of its handler.
const BODIES: Record<string, Record<string, string>> = {
  'credentials-exchange': {
    plan: "  // Claims of your own want a namespace, so that they meet no others.\n  const plan = event.client.metadata.plan ?? 'free';\n  api.accessToken.setCustomClaim('https://example.com/plan', plan);\n",
    gold: "  if (event.client.metadata.tier !== 'gold') {\n    api.access.deny('invalid_request', 'Only gold clients may call this API.');\n  }\n",
    weekend: "  const day = new Date().getUTCDay();\n  if (day === 0 || day === 6) api.transaction.removeTargetScope('write:orders');\n",
  },
  'post-login': {
    roles: "  // Claims of your own want a namespace, so that they meet no others.\n  const namespace = 'https://example.com/';\n  api.idToken.setCustomClaim(namespace + 'roles', event.authorization.roles);\n  api.accessToken.setCustomClaim(namespace + 'roles', event.authorization.roles);\n",
    verified: "  if (!event.user.email_verified) api.access.deny('Prove your e-mail address first.');\n",
    first: "  if (event.stats.logins_count > 1) return;\n  api.user.setAppMetadata('first_login', { client: event.client.name, at: new Date().toISOString() });\n",
    terms: "  if (event.user.app_metadata.accepted_terms || !api.redirect.canRedirect()) return;\n  // The page there sends people back to /continue with the state that it was given.\n  api.redirect.sendUserTo('https://example.com/terms');\n",
  },
  'pre-user-registration': {
    domains: "  const known = ['example.com', 'example.org'];\n  const domain = (event.user.email ?? '').split('@').pop().toLowerCase();\n  if (!known.includes(domain)) {\n    // The first is for the log, the second for who signs up.\n    api.access.deny('domain ' + domain, 'Sign up with the address of your company.');\n  }\n",
    metadata: "  api.user.setAppMetadata('signed_up_through', event.client?.name ?? 'unknown');\n",
  },
  'post-user-registration': {
    log: "  console.log('signed up:', event.user.user_id, 'through', event.client?.name ?? 'no application');\n",
  },
  'post-change-password': {
    log: "  console.log('another password:', event.user.user_id, 'from', event.request.ip);\n",
  },
};

const MORE: Record<string, string> = {
  terms: "\n// Somebody is back.\nexports.onContinuePostLogin = async (event, api) => {\n  if (event.request.query.accepted !== 'yes') return api.access.deny('The terms were not accepted.');\n  api.user.setAppMetadata('accepted_terms', true);\n};\n",
};

export const EMPTY = 'empty';

export const templatesOf = (trigger: string): string[] => [EMPTY, ...Object.keys(BODIES[trigger] ?? {})];

export const codeFor = (trigger: string, template: string = EMPTY): string => {
  const body = BODIES[trigger]?.[template] ?? '';
  return `exports.${HANDLERS[trigger] ?? 'onExecute'} = async (event, api) => {\n${body}};\n${MORE[template] ?? ''}`;
};
