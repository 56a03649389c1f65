// How an event of the log went, by its type. The server counts by the same rule.

const WARNINGS = ['api_limit', 'api_limit_warning', 'limit_wc', 'limit_mu', 'pwd_leak', 'signup_pwd_leak', 'reset_pwd_leak', 'token_quota_consumption_warning', 'depnote'];

// Auth0's codes say it in their first letter, but for the few that only warn.
export function severity(type: string): 'success' | 'warning' | 'error' {
  if (WARNINGS.includes(type) || type.startsWith('w')) return 'warning';
  return type.startsWith('f') || type === 'actions_execution_failed' ? 'error' : 'success';
}
