//! That tokens are no longer good, though their signature holds and their time has not come. There is one for each
//! thing that was revoked, and none for a token that was only issued.

use schema::{Resource, Shaped};
use serde::Deserialize;

/// Tokens that are no longer good.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("revocations"), id("id"), scope("clients"))]
pub struct Revocation {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What was revoked.
    #[field(write(OnCreate))]
    pub kind: RevocationKind,
    /// Which of that kind.
    #[field(write(OnCreate), nullable)]
    pub subject: Option<String>,
    /// The moment whose earlier tokens are refused; of a single token, and of a key that is gone, there is none.
    #[field(write(OnCreate), nullable)]
    pub before: Option<String>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: String,
    /// When no token is left that it could refuse.
    #[field(write(Never))]
    pub expires_at: String,
    /// Who made it.
    #[field(write(Never))]
    pub by: String,
    /// What tokens are known by that it refuses.
    #[field(write(Never), hidden)]
    pub name: String,
    /// The last second whose tokens it refuses.
    #[field(write(Never), hidden)]
    pub up_to: i64,
    /// The second in which no token that it concerns may be issued any more.
    #[field(write(Never), hidden)]
    pub second: i64,
    /// The same as `expires_at`, in seconds.
    #[field(write(Never), hidden)]
    pub ends: i64,
    /// The client whose token it was.
    #[field(write(Never), hidden)]
    pub client_id: Option<String>,
}

/// What can be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RevocationKind {
    Token,
    Client,
    ClientGrant,
    ResourceServer,
    Key,
    Tenant,
}

impl RevocationKind {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            RevocationKind::Token => "token",
            RevocationKind::Client => "client",
            RevocationKind::ClientGrant => "client_grant",
            RevocationKind::ResourceServer => "resource_server",
            RevocationKind::Key => "key",
            RevocationKind::Tenant => "tenant",
        }
    }
}
