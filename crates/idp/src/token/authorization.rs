//! What a person lets an application have: what codes, refresh tokens and device codes stand for, and what tokens are
//! made of.

use schema::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a person lets an application have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Authorization {
    pub user_id: String,
    /// The session that it came of; none where nobody logged in at a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// When the person proved who they are.
    pub auth_time: i64,
    /// Whether the application is to know that: it asked for `max_age`, or for a new login.
    pub tells_auth_time: bool,
    /// The name of the connection that the person came by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The API, if one was named or the tenant has a default.
    pub audience: Option<String>,
    /// Space-separated, as it was granted.
    pub scope: String,
    /// What customers' code has ID tokens say beside.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub id_claims: Object,
    /// What customers' code has access tokens say beside.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub access_claims: Object,
    /// The thumbprint of the key that tokens are to be bound to and no other (RFC 9449 §10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// How the person proved who they are, in the words of sessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Value>,
    /// What it is authorized to do in more than a word (RFC 9396).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Value>,
    /// The grant that it first came by, in the word that access tokens have for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gty: Option<String>,
}
