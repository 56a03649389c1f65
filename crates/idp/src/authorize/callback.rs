//! Who asks at `/authorize`, and where the browser is to be sent back to.

use std::sync::Arc;

use super::{
    Asked,
    reply::{Mode, origin},
};
use crate::{
    Code, Result, Tenant, administrators, log,
    snapshot::{RegisteredClient, Snapshot},
    visitor::Visitor,
};

/// The application, if there is one of this name.
pub fn client<'a>(snapshot: &'a Snapshot, asked: &Asked) -> Result<&'a Arc<RegisteredClient>> {
    let Some(id) = asked.client_id.as_deref().filter(|id| !id.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: client_id");
    };
    match snapshot.client(id) {
        Some(client) => Ok(client),
        None => Code::InvalidRequest.refuse(format!("Unknown client: {id}")),
    }
}

/// Where the browser is to be sent back to: byte for byte one of the client's callbacks, or the first of them.
pub fn of(tenant: &Tenant, client: &RegisteredClient, asked: &Asked, visitor: &Visitor) -> Result<String> {
    let callbacks = match administrators::is_dashboard(tenant, &client.view.client_id) {
        true => vec![administrators::callback(visitor)],
        false => client.view.callbacks.clone().unwrap_or_default(),
    };
    let Some(named) = asked.redirect_uri.as_deref().filter(|named| !named.is_empty()) else {
        return match callbacks.first() {
            Some(first) => Ok(first.clone()),
            None => Code::InvalidRequest.refuse("Missing required parameter: redirect_uri"),
        };
    };
    // What follows it never reaches a server; ours would be lost behind it.
    let named = named.split('#').next().unwrap_or_default();
    match callbacks.iter().any(|callback| callback == named) && !is_script(named) {
        true => Ok(named.to_owned()),
        false => Code::UnauthorizedClient.refuse(format!(
            "Callback URL mismatch. {} is not in the list of allowed callback URLs",
            log::cut(named)
        )),
    }
}

/// Whether a page of the callback's origin may be told the answer; nobody else could be told that it may not.
pub fn may_be_told(client: &RegisteredClient, asked: &Asked, callback: &str) -> Result<()> {
    if Mode::of(asked) != Mode::WebMessage {
        return Ok(());
    }
    let told = origin(callback);
    let origins = client.view.web_origins.as_deref().unwrap_or_default();
    match told != "null" && origins.iter().any(|allowed| origin(allowed) == told) {
        true => Ok(()),
        false => Code::UnauthorizedClient.refuse(format!("{told} is not in the list of allowed web origins")),
    }
}

/// Whether a browser would run it instead of going there.
fn is_script(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["javascript", "data", "vbscript", "blob", "file", "about"].contains(&scheme.as_str())
}
