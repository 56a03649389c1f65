//! The scopes of the Management API, which are the permissions of each tenant's own system API. Their order is the
//! one that grew with the product, and tools compare it.

macro_rules! scopes {
    ($($resource:literal, $words:literal: $($verb:ident)+;)+) => {
        /// Every scope with its description.
        pub const MANAGEMENT_SCOPES: &[(&str, &str)] = &[$($(
            (concat!(stringify!($verb), ":", $resource), concat!(scopes!(@ $verb), " ", $words)),
        )+)+];
    };
    (@ read) => { "Read" };
    (@ create) => { "Create" };
    (@ update) => { "Update" };
    (@ delete) => { "Delete" };
    (@ blacklist) => { "Blacklist" };
}

scopes! {
    "client_grants", "Client Grants": read create delete update;
    "users", "Users": read update delete create;
    "users_app_metadata", "Users App Metadata": read update delete create;
    "user_custom_blocks", "Blocks of Users": read create delete;
    "user_tickets", "User Tickets": create;
    "clients", "Clients": read update delete create;
    "client_keys", "Client Keys": read update delete create;
    "client_credentials", "Client Credentials": read update delete create;
    "connections", "Connections": read update delete create;
    "resource_servers", "Resource Servers": read update delete create;
    "device_credentials", "Device Credentials": read update delete create;
    "rules", "Rules": read update delete create;
    "rules_configs", "Rules Configs": read update delete;
    "hooks", "Hooks": read update delete create;
    "actions", "Actions": read update delete create;
    "email_provider", "Email Provider": read update delete create;
    "tokens", "Tokens": blacklist;
    "stats", "Stats": read;
    "insights", "Insights": read;
    "tenant_settings", "Tenant Settings": read update;
    "logs", "Logs": read;
    "logs_users", "Logs about Users": read;
    "shields", "Shields": read create update delete;
    "anomaly_blocks", "Blocks of Anomaly Detection": read delete;
    "triggers", "Triggers": update read;
    "grants", "Grants of Users": read delete;
    "guardian_factors", "Guardian Factors": read update;
    "guardian_enrollments", "Guardian Enrollments": read delete;
    "guardian_enrollment_tickets", "Tickets for Guardian Enrollment": create;
    "user_idp_tokens", "Tokens of Users' Identity Providers": read;
    "passwords_checking_job", "Password Checking Jobs": create delete;
    "custom_domains", "Custom Domains": read delete create update;
    "email_templates", "Email Templates": read create update;
    "mfa_policies", "Multi-factor Policies": read update;
    "roles", "Roles": read create delete update;
    "prompts", "Prompts": read update;
    "branding", "Branding": read update delete;
    "log_streams", "Log Streams": read create delete update;
    "signing_keys", "Signing Keys": create read update;
    "limits", "Limits on Entities": read update;
    "role_members", "Role Members": create read delete;
    "entitlements", "Entitlements": read;
    "attack_protection", "Attack Protection": read update;
    "organizations_summary", "Summary of Organizations": read;
    "authentication_methods", "Authentication Methods": create read update delete;
    "organizations", "Organizations": read update create delete;
    "organization_discovery_domains", "Organization Discovery Domains": read update create delete;
    "organization_members", "Organization Members": create read delete;
    "organization_connections", "Organization Connections": create read update delete;
    "organization_member_roles", "Organization Member Roles": create read delete;
    "organization_invitations", "Organization Invitations": create read delete;
    "scim_config", "SCIM Settings": read create update delete;
    "scim_token", "SCIM Tokens": create read delete;
    "directory_provisionings", "Directory Provisioning": read create update delete;
    "phone_providers", "Phone Providers": delete create read update;
    "phone_templates", "Phone Templates": delete create read update;
    "encryption_keys", "Encryption Keys": create read update delete;
    "sessions", "Sessions": read update delete;
    "refresh_tokens", "Refresh Tokens": read update delete;
    "self_service_profiles", "Self Service Profiles": create read update delete;
    "sso_access_tickets", "SSO Access Tickets": create delete;
    "forms", "Forms": read update delete create;
    "flows", "Flows": read update delete create;
    "flows_vault", "Flows Vault": read;
    "flows_vault_connections", "Flows Vault Connections": read update delete create;
    "flows_executions", "Flows Executions": read delete;
    "connections_options", "Connections Options": read update;
    "self_service_profile_custom_texts", "Self Service Profile Custom Texts": read update;
    "network_acls", "Network ACLs": create update read delete;
    "vdcs_templates", "Templates of Verifiable Credentials": delete read create update;
    "custom_signing_keys", "Signing Keys of the Customer": create read update delete;
    "federated_connections_tokens", "Tokens from Federated Connections": read delete;
    "user_attribute_profiles", "User Attribute Profiles": create read update delete;
    "event_streams", "Event Streams": read create delete update;
    "event_deliveries", "Deliveries of Event Streams": read update;
    "connection_profiles", "Connection Profiles": create read update delete;
    "group_roles", "Group Roles": create delete;
    "user_effective_permissions", "User Effective Permissions": read;
    "user_effective_roles", "User Effective Roles": read;
    "organization_member_effective_roles", "Organization Member Effective Roles": read;
    "user_role_source_groups", "User Role Source Groups": read;
    "organization_member_role_source_groups", "Organization Member Role Source Groups": read;
    "user_permission_source_roles", "User Permission Source Roles": read;
    "group_roles", "Group Roles": read;
    "organization_groups", "Organization Groups": read create delete;
    "organization_group_roles", "Organization Group Roles": read create delete;
    "token_exchange_profiles", "Token Exchange Profiles": create read update delete;
    "organization_client_grants", "Organization Client Grants": read create delete;
    "organization_clients", "Organization Clients": read create update delete;
    "events", "Events": read;
    "rate_limit_policies", "Rate Limit Policies": create read update delete;
    "portals", "Portals": create read update delete;
    "network_acl_keys", "Network ACL Keys": create update read delete;
    "security_metrics", "Security Metrics": read;
    "connections_keys", "Keys of Connections": read update create;
    "groups", "Groups": create read update delete;
    "group_members", "Group Members": read;
    "actions_log_sessions", "Actions Log Sessions": create;
    "current_user", "Current User": read delete;
    "current_user_device_credentials", "Current User Device Credentials": create delete;
    "current_user_identities", "Current User Identities": update;
    "current_user_metadata", "Current User Metadata": update;
    "client_summary", "Client Summary": read;
    "client_token_vault_privileged_access", "Client Token Vault Privileged Access": update;
    "experimentation", "Experimentation": create read update delete;
    "agents", "Agents": create read update delete;
}

/// The scopes of what only we offer, `/api/x`. They are no permissions of the Management API, so no client can be
/// granted them: they come with a person's role, or with the data folder.
pub const EXTRA_SCOPES: &[(&str, &str)] = &[
    ("create:test_tokens", "Get a token for a client without its secret"),
    ("read:tenants", "See which tenants there are"),
    ("create:tenants", "Make tenants"),
    ("update:tenants", "Change what a tenant is for"),
    ("read:administrators", "See who administers"),
    ("create:administrators", "Invite administrators"),
    ("update:administrators", "Change what administrators may do"),
    ("delete:administrators", "Remove administrators"),
    ("read:mailbox", "Read mails that were not sent, with the links in them"),
    ("delete:mailbox", "Throw such mails away"),
    ("read:nodes", "See which nodes serve"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::MANAGEMENT_SCOPES;

    #[test]
    fn each_scope_stands_once_and_says_what_it_permits() {
        let values: BTreeSet<_> = MANAGEMENT_SCOPES.iter().map(|(value, _)| value).collect();
        assert_eq!(values.len(), MANAGEMENT_SCOPES.len());
        assert_eq!(MANAGEMENT_SCOPES.len(), 290);
        assert_eq!(MANAGEMENT_SCOPES[0], ("read:client_grants", "Read Client Grants"));
        assert_eq!(MANAGEMENT_SCOPES[9], ("update:users_app_metadata", "Update Users App Metadata"));
    }
}
