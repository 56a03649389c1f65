//! The settings of an API that only we have. They lie in its document, where its declaration lets nobody else write them.

use model::ResourceServer;
use schema::Resource as _;
use serde_json::Value;

use crate::{
    Call,
    about::About,
    collection::{self, existing},
    error::Result,
};

/// The API that the path names.
pub async fn named(call: &Call) -> Result<ResourceServer> {
    let document = existing::<ResourceServer>(call).await?;
    Ok(ResourceServer::view(&document.body).map_err(idp::Error::from)?)
}

/// Sets one of its members.
pub async fn set(call: &Call, member: &str, value: Value) -> Result<About> {
    let document = existing::<ResourceServer>(call).await?;
    let mut changed = document.body.clone();
    changed.insert(member.into(), value);
    collection::replace::<ResourceServer>(&call.tenant, &document, changed.clone()).await?;
    Ok(About::put::<ResourceServer>(&document.id, &document.body, &changed))
}
