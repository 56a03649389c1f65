// Which roles come with a scope. The server decides; this only tells people whom to ask.
import type { Role } from '../auth/me';

const EDITS: Partial<Record<Role, string[]>> = {
  editor_applications: ['clients', 'client_keys', 'client_credentials', 'client_grants', 'organization_client_grants', 'test_tokens'],
  editor_apis: ['resource_servers', 'client_grants', 'roles', 'test_tokens'],
  editor_tenant: ['tenant_settings', 'signing_keys', 'encryption_keys', 'attack_protection', 'anomaly_blocks', 'rate_limit_policies', 'network_acls', 'email_provider', 'email_templates'],
  editor_users: ['users', 'users_app_metadata', 'user_custom_blocks', 'user_tickets', 'role_members', 'user_effective_roles', 'user_effective_permissions', 'user_role_source_groups', 'user_permission_source_roles', 'sessions', 'refresh_tokens', 'grants', 'device_credentials', 'authentication_methods', 'guardian_enrollments', 'guardian_enrollment_tickets', 'organization_members', 'organization_member_roles', 'organization_invitations', 'anomaly_blocks'],
  editor_connections: ['connections', 'connections_keys', 'connections_options', 'connection_profiles', 'organization_connections', 'scim_config', 'scim_token'],
};
const KEPT_FROM_VIEWERS = [
  ...['mailbox', 'nodes', 'client_keys', 'encryption_keys', 'administrators', 'scim_token', 'user_idp_tokens', 'federated_connections_tokens'],
  ...['users', 'users_app_metadata', 'user_custom_blocks', 'role_members', 'sessions', 'refresh_tokens', 'grants', 'device_credentials', 'authentication_methods', 'guardian_enrollments', 'group_members', 'organization_members', 'organization_member_roles', 'organization_invitations', 'user_effective_permissions', 'user_effective_roles', 'user_role_source_groups', 'user_permission_source_roles', 'current_user'],
];

/** The roles that come with a scope, the narrowest first; an admin has every one. */
export function rolesWith(scope: string): Role[] {
  const [verb, resource = ''] = scope.split(':');
  if (verb === 'read' && !KEPT_FROM_VIEWERS.includes(resource)) return ['viewer'];
  const editors = (Object.keys(EDITS) as Role[]).filter((role) => EDITS[role]!.includes(resource));
  return [...editors, 'admin'];
}
