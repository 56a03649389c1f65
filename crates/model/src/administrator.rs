//! The people who administer tenants: users of the built-in tenant, and what each of them may do.

use schema::{Resource, Shaped};
use serde::{Deserialize, Serialize};

/// What a person who administers may do, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Resource)]
#[resource(path("administrators"), id("user_id"), scope("administrators"))]
pub struct Administrator {
    /// The person, who is a user of the built-in tenant.
    #[field(write(Never))]
    pub user_id: String,
    /// What they may do.
    #[field(min(1), max(8), unique_items)]
    pub roles: Vec<Role>,
    /// The tenants that they may do it in; all of them, and those to come, when there is no list.
    #[field(nullable_on_create, max(1_000), each_min(1), each_max(63), unique_items)]
    pub tenants: Option<Vec<String>>,
}

impl Administrator {
    /// Whether they may act in the tenant of this name.
    pub fn administers(&self, tenant: &str) -> bool {
        self.tenants.as_ref().is_none_or(|tenants| tenants.iter().any(|name| name == tenant))
    }

    /// Whether one of their roles comes with a scope of the Management API or of our own interface.
    pub fn may(&self, scope: &str) -> bool {
        self.roles.iter().any(|role| role.permits(scope))
    }

    /// Whether they may see the secrets that this scope shows: who may only read a thing has no use for them.
    pub fn sees_secrets_behind(&self, scope: &str) -> bool {
        let resource = scope.split_once(':').map_or(scope, |(_, resource)| resource);
        self.may(&format!("update:{resource}"))
    }
}

/// What a kind of administrator is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, other administrators and tenants included.
    Admin,
    /// Applications, their credentials and what they may call.
    EditorApplications,
    /// APIs, their permissions and who may call them.
    EditorApis,
    /// The tenant's settings and keys.
    EditorTenant,
    /// People: who they are, their roles, sessions and blocks.
    EditorUsers,
    /// The connections that people come by.
    EditorConnections,
    /// Looks at settings, and sees no secret and nobody.
    Viewer,
    /// Looks at people, and at what happened to them.
    ViewerUsers,
}

impl Role {
    /// Whether the role comes with this scope.
    pub fn permits(self, scope: &str) -> bool {
        let (verb, resource) = scope.split_once(':').unwrap_or((scope, ""));
        let edits = |resources: &[&str]| resources.contains(&resource) || Role::Viewer.permits(scope);
        match self {
            Role::Admin => true,
            Role::EditorApplications => edits(&[
                "clients",
                "client_keys",
                "client_credentials",
                "client_grants",
                "organization_client_grants",
                "test_tokens",
            ]),
            Role::EditorApis => edits(&["resource_servers", "client_grants", "roles", "test_tokens"]),
            Role::EditorTenant => edits(&[
                "tenant_settings",
                "signing_keys",
                "encryption_keys",
                "attack_protection",
                "anomaly_blocks",
                "rate_limit_policies",
                "network_acls",
                "email_provider",
                "email_templates",
            ]),
            Role::EditorUsers => edits(&[
                "users",
                "users_app_metadata",
                "user_custom_blocks",
                "user_tickets",
                "role_members",
                "user_effective_roles",
                "user_effective_permissions",
                "user_role_source_groups",
                "user_permission_source_roles",
                "sessions",
                "refresh_tokens",
                "grants",
                "device_credentials",
                "authentication_methods",
                "guardian_enrollments",
                "guardian_enrollment_tickets",
                "organization_members",
                "organization_member_roles",
                "organization_invitations",
                "anomaly_blocks",
            ]),
            Role::EditorConnections => edits(&[
                "connections",
                "connections_keys",
                "connections_options",
                "connection_profiles",
                "organization_connections",
                "scim_config",
                "scim_token",
            ]),
            Role::Viewer => verb == "read" && !KEPT_FROM_VIEWERS.contains(&resource),
            Role::ViewerUsers => {
                let beside = ["roles", "logs", "logs_users", "stats", "organizations", "client_summary"];
                let of_people = Role::EditorUsers.permits(scope) && !Role::Viewer.permits(scope);
                verb == "read" && (of_people || beside.contains(&resource))
            }
        }
    }
}

/// What shows secrets, what shows people, and what shows the machines that all tenants share.
const KEPT_FROM_VIEWERS: [&str; 27] = [
    "mailbox",
    "nodes",
    "client_keys",
    "encryption_keys",
    "administrators",
    "scim_token",
    "user_idp_tokens",
    "federated_connections_tokens",
    "users",
    "users_app_metadata",
    "user_custom_blocks",
    "role_members",
    "sessions",
    "refresh_tokens",
    "grants",
    "device_credentials",
    "authentication_methods",
    "guardian_enrollments",
    "group_members",
    "organization_members",
    "organization_member_roles",
    "organization_invitations",
    "user_effective_permissions",
    "user_effective_roles",
    "user_role_source_groups",
    "user_permission_source_roles",
    "current_user",
];

#[cfg(test)]
mod tests {
    use super::{Administrator, Role};

    fn with(roles: &[Role]) -> Administrator {
        Administrator { user_id: "auth0|1".into(), roles: roles.to_vec(), tenants: None }
    }

    #[test]
    fn a_viewer_changes_nothing_and_sees_no_secret() {
        let viewer = with(&[Role::Viewer]);
        assert!(viewer.may("read:clients") && viewer.may("read:logs"));
        for scope in [
            "update:clients",
            "read:client_keys",
            "create:test_tokens",
            "blacklist:tokens",
            "read:administrators",
            "read:mailbox",
            "read:nodes",
            "read:users",
            "read:sessions",
            "read:user_idp_tokens",
            "read:user_effective_roles",
            "read:user_role_source_groups",
            "read:user_permission_source_roles",
        ] {
            assert!(!viewer.may(scope), "{scope}");
        }
        for scope in ["read:log_streams", "read:connections", "read:email_provider", "update:actions"] {
            assert!(!viewer.sees_secrets_behind(scope), "{scope}");
        }
    }

    #[test]
    fn people_are_for_those_who_look_after_people() {
        let (viewer, editor) = (with(&[Role::ViewerUsers]), with(&[Role::EditorUsers]));
        for scope in [
            "read:users",
            "read:role_members",
            "read:user_effective_roles",
            "read:user_effective_permissions",
            "read:user_role_source_groups",
            "read:user_permission_source_roles",
            "read:roles",
            "read:logs",
            "read:stats",
        ] {
            assert!(viewer.may(scope) && editor.may(scope), "{scope}");
        }
        for scope in ["update:users", "create:user_tickets", "delete:sessions", "create:role_members"] {
            assert!(!viewer.may(scope) && editor.may(scope), "{scope}");
        }
        for scope in ["read:clients", "read:connections", "read:tenant_settings"] {
            assert!(!viewer.may(scope) && editor.may(scope), "{scope}");
        }
        for scope in ["read:user_idp_tokens", "read:client_keys", "update:roles", "update:connections"] {
            assert!(!viewer.may(scope) && !editor.may(scope), "{scope}");
        }
        assert!(!viewer.sees_secrets_behind("read:users") && editor.sees_secrets_behind("read:users"));
        let editor = with(&[Role::EditorConnections]);
        assert!(editor.may("update:connections") && !editor.may("read:users"));
    }

    #[test]
    fn an_editor_changes_what_is_theirs_and_reads_the_rest() {
        let editor = with(&[Role::EditorApplications]);
        for scope in ["update:clients", "read:client_keys", "create:client_grants", "read:resource_servers"] {
            assert!(editor.may(scope), "{scope}");
        }
        for scope in
            ["update:resource_servers", "update:tenant_settings", "create:administrators", "create:tenants"]
        {
            assert!(!editor.may(scope), "{scope}");
        }
        assert!(editor.sees_secrets_behind("read:client_keys"));
        for scope in ["read:log_streams", "read:event_streams", "read:connections", "read:email_provider"] {
            assert!(!editor.sees_secrets_behind(scope), "{scope}");
            assert!(with(&[Role::Admin]).sees_secrets_behind(scope), "{scope}");
        }
        let both = with(&[Role::EditorApplications, Role::EditorApis]);
        assert!(both.may("update:clients") && both.may("update:resource_servers"));
    }

    #[test]
    fn a_list_of_tenants_is_all_there_is() {
        let everywhere = with(&[Role::Admin]);
        let there = Administrator { tenants: Some(vec!["staging".into()]), ..everywhere.clone() };
        assert!(everywhere.administers("default") && there.administers("staging"));
        assert!(!there.administers("default"));
    }
}
