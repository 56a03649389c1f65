//! A person who can log in. Says what is known of one; how they prove who they are is decided elsewhere.

mod keys;

pub use keys::{canonical, login_key, metadata_value, sortable};

use schema::{Object, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// A person who can log in.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("users"), id("user_id"), scope("users"))]
pub struct User {
    /// Its identifier: what knows the person, a bar, and the name there.
    #[field(write(OnCreate), optional, min(1), max(255))]
    pub user_id: String,
    /// The address that the person is written to, in lower case.
    #[field(nullable_on_create, min(3), max(254), format(EmailOrEmpty))]
    pub email: Option<String>,
    /// Whether the address is known to be the person's.
    #[field(default(|| json!(false)))]
    #[serde(default)]
    pub email_verified: bool,
    /// The name that the person logs in with, in lower case.
    #[field(nullable_on_create, min(1), max(128))]
    pub username: Option<String>,
    /// The telephone number, a plus sign and its digits.
    #[field(nullable_on_create, format(Phone))]
    pub phone_number: Option<String>,
    /// Whether the telephone number is known to be the person's.
    pub phone_verified: Option<bool>,
    /// The person's full name.
    #[field(nullable_on_create, min(1), max(300))]
    pub name: Option<String>,
    /// What friends call the person.
    #[field(nullable_on_create, min(1), max(300))]
    pub nickname: Option<String>,
    /// The person's given names.
    #[field(nullable_on_create, min(1), max(150))]
    pub given_name: Option<String>,
    /// The person's family names.
    #[field(nullable_on_create, min(1), max(150))]
    pub family_name: Option<String>,
    /// Where a picture of the person is found.
    #[field(nullable_on_create, max(4_000), format(AbsoluteUri))]
    pub picture: Option<String>,
    /// What the person has chosen, and may change.
    #[field(nullable_on_create, key_max(255), merge_keys)]
    pub user_metadata: Option<Object>,
    /// What applications know of the person, who cannot change it.
    #[field(nullable_on_create, key_max(255), merge_keys)]
    pub app_metadata: Option<Object>,
    /// Whether the person is kept from logging in.
    #[field(optional)]
    #[serde(default)]
    pub blocked: bool,
    /// The accounts that the person is known by, the first of which names the person.
    #[field(write(Never), optional)]
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// The kinds of second factor that the person has.
    #[field(write(Never))]
    pub multifactor: Option<Vec<String>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<String>,
    /// When it was last changed, or the person last logged in.
    #[field(write(Never))]
    pub updated_at: Option<String>,
    /// When the person last logged in.
    #[field(write(Never))]
    pub last_login: Option<String>,
    /// Where from.
    #[field(write(Never))]
    pub last_ip: Option<String>,
    /// How often the person has logged in.
    #[field(write(Never))]
    pub logins_count: Option<u64>,
    /// When the password was last changed.
    #[field(write(Never))]
    pub last_password_reset: Option<String>,
    /// What the password was known by before passwords had documents of their own.
    #[field(write(Never), secret("read:users"), hidden)]
    pub password_hash: Option<Secret>,
}

/// One account that a person is known by.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Identity {
    /// The connection by which the person came.
    pub connection: String,
    /// The name of the account there.
    pub user_id: String,
    /// What kind of connection it is.
    pub provider: String,
    /// Whether it is a social network.
    #[serde(rename = "isSocial", default)]
    pub is_social: bool,
    /// What the provider lets applications in with.
    #[field(secret("read:user_idp_tokens"))]
    pub access_token: Option<Secret>,
    /// What goes with it, in OAuth 1.
    #[field(secret("read:user_idp_tokens"))]
    pub access_token_secret: Option<Secret>,
    /// What the provider gives other access tokens for.
    #[field(secret("read:user_idp_tokens"))]
    pub refresh_token: Option<Secret>,
    /// How long, in seconds, the access token was good.
    pub expires_in: Option<u64>,
    /// What the account says of the person, of every account but the first.
    #[serde(rename = "profileData")]
    pub profile_data: Option<Object>,
}

impl Identity {
    /// What it is called beside others: `auth0|abc`.
    pub fn id(&self) -> String {
        format!("{}|{}", self.provider, self.user_id)
    }

    /// Whether the person has a password, or a place for one, in a database of ours.
    pub fn is_database(&self) -> bool {
        self.provider == "auth0"
    }
}

impl User {
    /// The account that names the person.
    pub fn primary(&self) -> Option<&Identity> {
        self.identities.first()
    }

    /// The name of the connection by which the person came first.
    pub fn connection(&self) -> Option<&str> {
        self.primary().map(|identity| identity.connection.as_str())
    }

    /// What the person is called by who reads of them.
    pub fn known_as(&self) -> &str {
        let by = [&self.email, &self.username, &self.phone_number, &self.name];
        by.into_iter().flatten().next().unwrap_or(&self.user_id)
    }
}
