//! What is done with the log while a server runs, beside writing it: it is sent on, and sealed.

use std::{sync::Arc, time::Duration};

use idp::{Tenants, audit::Sealer, log_streams::Deliveries};
use tokio::{task::JoinSet, time};

/// How often log events are sealed.
const SEAL: Duration = Duration::from_secs(2);

/// Sends log events to where tenants want them, and seals them if that is wanted. Nodes share both.
pub fn start(tenants: &Tenants, is_sealed: bool, background: &mut JoinSet<()>) -> Arc<Deliveries> {
    let deliveries = Arc::new(Deliveries::new(tenants.clone()));
    let delivering = deliveries.clone();
    background.spawn(async move { delivering.run().await });
    if is_sealed {
        background.spawn(seal(tenants.clone()));
    }
    deliveries
}

/// Lets go of what was being sent, once nothing is any more.
pub async fn stop(deliveries: &Deliveries) {
    if let Err(error) = deliveries.release().await {
        let error = format!("{error:#}");
        tracing::warn!(error, "log streams go on when the leases of this node have ended");
    }
}

async fn seal(tenants: Tenants) {
    let (mut tick, mut sealer) = (time::interval(SEAL), Sealer::default());
    loop {
        tick.tick().await;
        if let Err(error) = sealer.pass(&tenants).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not seal log events; the next try follows");
        }
    }
}
