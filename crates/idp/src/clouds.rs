//! Event buses of clouds: how the operator lets this server in at Amazon EventBridge and Azure Event Grid, so that tenants may
//! have their events sent there. Of EventBridge a tenant chooses the account and the region; never a host, nor a credential.

mod event_bridge;

use std::sync::Arc;

use model::Secret;
use outbound::aws::Credentials;

pub(crate) use self::event_bridge::{Bus, Refusal};
pub use self::event_bridge::{check_account, check_region};
use crate::{Tenant, Tenants};

/// What the operator has at clouds; without it nothing is sent there.
#[derive(Default)]
pub struct Clouds {
    pub event_bridge: Option<EventBridge>,
    pub event_grid: Option<EventGrid>,
}

/// Who puts events on buses of Amazon EventBridge, and on which.
pub struct EventBridge {
    pub credentials: Credentials,
    /// The accounts that tenants may name; all, if there are none.
    pub accounts: Vec<String>,
    /// The name of the bus, in whichever account and region.
    pub bus: String,
    /// Another address than that of the region.
    pub endpoint: Option<String>,
}

/// A topic of Azure Event Grid.
pub struct EventGrid {
    pub endpoint: String,
    pub key: Secret,
}

impl Clouds {
    pub(crate) fn event_bridge(&self) -> Result<&EventBridge, &'static str> {
        self.event_bridge.as_ref().ok_or(NO_EVENT_BRIDGE)
    }

    pub(crate) fn event_grid(&self) -> Result<&EventGrid, &'static str> {
        self.event_grid.as_ref().ok_or(NO_EVENT_GRID)
    }
}

impl Tenants {
    /// With buses at clouds: what the operator has there.
    pub fn with_clouds(self, clouds: Clouds) -> Self {
        self.0.clouds.store(Arc::new(clouds));
        self
    }
}

impl Tenant {
    pub(crate) fn clouds(&self) -> Arc<Clouds> {
        self.0.clouds.load_full()
    }
}

const NO_EVENT_BRIDGE: &str = "events are not sent to Amazon EventBridge: this server is configured without \
     eventbridge_access_key_id and eventbridge_secret_access_key";
const NO_EVENT_GRID: &str = "events are not sent to Azure Event Grid: this server is configured without \
     eventgrid_endpoint and eventgrid_key";
