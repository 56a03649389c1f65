// The pages that can be looked at, by the name of their screen.

export const PROMPT_OF: Record<string, string> = {
  login: 'login', 'login-id': 'login-id', 'login-password': 'login-password', signup: 'signup', 'reset-password-request': 'reset-password',
  'reset-password-email': 'reset-password', 'reset-password': 'reset-password', consent: 'consent', 'device-code-activation': 'device-flow',
  logout: 'logout', ended: 'status',
};

/** Those that say something of the look. */
export const LOOKED_AT = Object.keys(PROMPT_OF);

/** A page on which a text of this screen is read. */
export const pageFor = (prompt: string, screen: string): { prompt: string; screen: string } =>
  prompt === 'common' ? { prompt: 'login', screen: 'login' } : screen === 'support' ? { prompt: 'status', screen: 'ended' } : { prompt, screen };
