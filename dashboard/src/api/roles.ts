// Which roles come with a scope. The server decides; this only tells people whom to ask.
import type { Role } from '../auth/me';

const EDITS: Partial<Record<Role, string[]>> = {
  editor_applications: ['clients', 'client_keys', 'client_credentials', 'client_grants', 'organization_client_grants', 'test_tokens'],
  editor_apis: ['resource_servers', 'client_grants', 'test_tokens'],
  editor_tenant: ['tenant_settings', 'signing_keys', 'encryption_keys', 'attack_protection', 'anomaly_blocks', 'rate_limit_policies', 'network_acls'],
};
const KEPT_FROM_VIEWERS = ['client_keys', 'encryption_keys', 'administrators'];

/** The roles that come with a scope, the narrowest first; an admin has every one. */
export function rolesWith(scope: string): Role[] {
  const [verb, resource = ''] = scope.split(':');
  if (verb === 'read' && !KEPT_FROM_VIEWERS.includes(resource)) return ['viewer'];
  const editors = (Object.keys(EDITS) as Role[]).filter((role) => EDITS[role]!.includes(resource));
  return [...editors, 'admin'];
}
