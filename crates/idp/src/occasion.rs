//! Where a request about somebody came from, as scripts and the log are told of it.

use std::{net::IpAddr, sync::Arc};

use schema::Object;

use crate::snapshot::RegisteredClient;

/// A request about somebody.
#[derive(Clone)]
pub struct Occasion {
    pub client: Option<Arc<RegisteredClient>>,
    pub ip: IpAddr,
    pub user_agent: Option<String>,
    /// The host that was called.
    pub host: String,
    pub body: Object,
    pub query: Object,
}
