// What this version acts on. Every other setting is kept and given back, and marked so.
const ACTED_ON = [
  'allow_organization_name_in_authentication_api', 'allowed_logout_urls', 'default_audience', 'default_directory', 'default_redirection_uri',
  'default_token_quota', 'device_flow', 'enabled_locales', 'ephemeral_session_lifetime', 'error_page', 'friendly_name', 'idle_ephemeral_session_lifetime',
  'idle_session_lifetime', 'mtls', 'oidc_logout', 'picture_url', 'pushed_authorization_requests_supported', 'resource_parameter_profile', 'session_cookie',
  'session_lifetime', 'sessions', 'skip_non_verifiable_callback_uri_confirmation_prompt', 'support_email', 'support_url',
  'flags.enable_client_connections', 'flags.enable_public_signup_user_exists_error', 'flags.remove_alg_from_jwks', 'flags.revoke_refresh_token_grant',
  'flags.use_scope_descriptions_for_consent',
];

/** Flags are told apart; of other settings the whole is either acted on or not. */
export const isStoredOnly = (path: string): boolean => !ACTED_ON.includes(path.startsWith('flags.') ? path : path.split('.')[0]!);
