//! A person who can log in. Says what is known of one; how they prove who they are is decided elsewhere.

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// A person who can log in.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("users"), id("user_id"), scope("users"))]
pub struct User {
    /// Its identifier: what knows the person, a bar, and the name there.
    #[field(write(Never), max(255))]
    pub user_id: String,
    /// The address that the person logs in with, in lower case.
    #[field(min(3), max(254), format(EmailOrEmpty), unique)]
    pub email: String,
    /// Whether the address is known to be the person's.
    #[field(default(|| json!(false)))]
    #[serde(default)]
    pub email_verified: bool,
    /// The person's full name.
    #[field(min(1), max(300))]
    pub name: Option<String>,
    /// What friends call the person.
    #[field(min(1), max(300))]
    pub nickname: Option<String>,
    /// Where a picture of the person is found.
    #[field(format(AbsoluteUri))]
    pub picture: Option<String>,
    /// Whether the person is kept from logging in.
    #[field(default(|| json!(false)))]
    #[serde(default)]
    pub blocked: bool,
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
