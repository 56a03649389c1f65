//! Event streams: who is told of what happens to a tenant's people and things, as it happens.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// Somebody who is told of events.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("event-streams"), id("id"), scope("event_streams"))]
pub struct EventStream {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// Whether events are sent now.
    #[field(default(|| json!("enabled")))]
    pub status: EventStreamStatus,
    /// What it is called.
    #[field(min(1), max(128))]
    pub name: Option<Declared<String>>,
    /// The kinds of event that are sent.
    #[field(max(50), default(|| json!([])))]
    pub subscriptions: Vec<EventSubscription>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Declared<String>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Declared<String>,
    /// Where events are sent.
    pub destination: EventDestination,
}

impl EventStream {
    /// Whether it wants to know of events of this kind.
    pub fn wants(&self, kind: EventType) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.event_type == kind)
    }

    /// Whether it is this action that is told.
    pub fn is_for_action(&self, id: &str) -> bool {
        matches!(&self.destination, EventDestination::Action { configuration } if configuration.action_id == id)
    }
}

/// A kind of event that is sent.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct EventSubscription {
    /// Its name.
    pub event_type: EventType,
}

/// Whether a stream sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum EventStreamStatus {
    Enabled,
    /// Somebody halted it, or it failed for too long.
    Disabled,
}

impl EventStreamStatus {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            EventStreamStatus::Enabled => "enabled",
            EventStreamStatus::Disabled => "disabled",
        }
    }
}

/// Where events are sent.
#[derive(Debug, Clone, Deserialize, Shaped)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum EventDestination {
    /// A server that events are posted to.
    Webhook {
        /// Where it is, and how it knows who posts.
        configuration: WebhookConfiguration,
    },
    /// A bus of Amazon EventBridge.
    Eventbridge {
        /// Whose account it is.
        configuration: EventBridgeConfiguration,
    },
    /// An action of the tenant.
    Action {
        /// Which one.
        configuration: ActionConfiguration,
    },
}

/// A server that events are posted to.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct WebhookConfiguration {
    /// The address that events are posted to.
    #[field(min(1), max(2_048))]
    pub webhook_endpoint: String,
    /// How the server knows who posts.
    pub webhook_authorization: WebhookAuthorization,
}

/// What a webhook is shown. Its secrets are never told again.
#[derive(Debug, Clone, Deserialize, Shaped)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum WebhookAuthorization {
    /// A name and a password.
    Basic {
        /// The name.
        #[field(min(1), max(128))]
        username: String,
        /// The password.
        #[field(min(1), max(256), secret("read:event_streams"), hidden)]
        password: Secret,
    },
    /// A bearer token.
    Bearer {
        /// The token.
        #[field(min(1), max(4_096), secret("read:event_streams"), hidden)]
        token: Secret,
    },
    /// A header of the webhook's own.
    CustomHeader {
        /// Its name.
        #[field(min(1), max(128))]
        header_key: String,
        /// What it says.
        #[field(min(1), max(4_096), secret("read:event_streams"), hidden)]
        header_value: Secret,
    },
}

/// An account at Amazon.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct EventBridgeConfiguration {
    /// The account.
    #[field(min(12), max(12))]
    pub aws_account_id: String,
    /// The region.
    #[field(min(1), max(32))]
    pub aws_region: String,
    /// What a partner's source of events would be called; events carry it without `aws.partner/`.
    #[field(write(Never))]
    pub aws_partner_event_source: Option<String>,
}

/// An action of the tenant.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ActionConfiguration {
    /// Its identifier.
    #[field(min(1), max(255))]
    pub action_id: String,
}

/// Until when everything is written down that happens, for those who fetch it themselves. There is one of a tenant, if any.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("event-feeds"), id("id"), scope("events"))]
pub struct EventFeed {
    /// What it is found by.
    #[field(write(Never))]
    pub id: String,
    /// The time in milliseconds since 1970.
    #[field(write(Never))]
    pub until: i64,
}

macro_rules! event_types {
    ($($kind:ident $name:literal)+) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Shaped)]
        pub enum EventType {
            $(#[serde(rename = $name)] $kind,)+
        }

        impl EventType {
            /// Every kind of event.
            pub const ALL: &[EventType] = &[$(EventType::$kind),+];

            /// Its name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(EventType::$kind => $name,)+
                }
            }

            /// The kind of this name.
            pub fn named(name: &str) -> Option<EventType> {
                EventType::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

event_types! {
    ConnectionCreated "connection.created"
    ConnectionDeleted "connection.deleted"
    ConnectionUpdated "connection.updated"
    GroupCreated "group.created"
    GroupDeleted "group.deleted"
    GroupMemberAdded "group.member.added"
    GroupMemberDeleted "group.member.deleted"
    GroupRoleAssigned "group.role.assigned"
    GroupRoleDeleted "group.role.deleted"
    GroupUpdated "group.updated"
    OrganizationConnectionAdded "organization.connection.added"
    OrganizationConnectionRemoved "organization.connection.removed"
    OrganizationConnectionUpdated "organization.connection.updated"
    OrganizationCreated "organization.created"
    OrganizationDeleted "organization.deleted"
    OrganizationGroupRoleAssigned "organization.group.role.assigned"
    OrganizationGroupRoleDeleted "organization.group.role.deleted"
    OrganizationMemberAdded "organization.member.added"
    OrganizationMemberDeleted "organization.member.deleted"
    OrganizationMemberRoleAssigned "organization.member.role.assigned"
    OrganizationMemberRoleDeleted "organization.member.role.deleted"
    OrganizationUpdated "organization.updated"
    UserCreated "user.created"
    UserDeleted "user.deleted"
    UserUpdated "user.updated"
}
