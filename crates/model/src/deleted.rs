//! What was deleted and can be restored for a while.

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// Something that was deleted, with what went with it.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("deleted"), id("id"), scope("clients"))]
pub struct Deleted {
    /// Kind and identifier, joined.
    #[field(write(Never), hidden)]
    pub id: String,
    /// What kind of thing it was.
    #[field(write(Never), max(64), lookup)]
    pub kind: String,
    /// Its identifier.
    #[field(write(Never))]
    pub object_id: String,
    /// What people called it.
    #[field(write(Never))]
    pub name: Option<String>,
    /// When it was deleted, in milliseconds since 1970.
    #[field(write(Never))]
    pub deleted_at: i64,
    /// The documents as they were, as one text: it holds their secrets.
    #[field(write(Never), secret("read:client_keys"), hidden)]
    pub remains: Secret,
}
