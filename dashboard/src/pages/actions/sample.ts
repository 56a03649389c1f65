// The code that a new action begins with, and an event to try it with.
import { MACHINES } from '../../api/actions';

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

/** Code that does nothing yet. */
export const codeFor = (trigger: string): string => {
  const handler = HANDLERS[trigger] ?? 'onExecute';
  const hint = trigger === MACHINES ? "  // api.accessToken.setCustomClaim('https://example.com/plan', 'pro');\n" : '';
  return `exports.${handler} = async (event, api) => {\n${hint}};\n`;
};

/** What a machine's request looks like to its code. */
export const SAMPLE = {
  accessToken: { customClaims: {}, scope: ['read:orders', 'write:orders'] },
  client: { client_id: 'AaiyAPdpYdesoKnqjj8HJqRn4T5titww', name: 'nightly-job', metadata: {} },
  request: { body: { grant_type: 'client_credentials', audience: 'https://api.example.com/' }, geoip: {}, hostname: 'login.example.com', ip: '203.0.113.7', method: 'POST', user_agent: 'curl/8.5.0' },
  resource_server: { identifier: 'https://api.example.com/' },
  tenant: { id: 'default' },
  transaction: { requested_scopes: ['read:orders', 'write:orders'] },
};
