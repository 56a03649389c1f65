// What this version acts on. Every other setting is kept and given back, and marked so; when code comes to read one, its
// line goes here.
const ACTED_ON = [
  'allow_organization_name_in_authentication_api', 'allowed_logout_urls', 'default_audience', 'flags.remove_alg_from_jwks',
  'idle_session_lifetime', 'mtls.enable_endpoint_aliases', 'resource_parameter_profile', 'session_cookie.mode', 'session_lifetime',
];

export const isStoredOnly = (path: string): boolean => !ACTED_ON.includes(path);
