//! Who asks at `/authorize`, and where the browser is to be sent back to.

use std::sync::Arc;

use url::{Host, Url};

use super::{
    Asked,
    reply::{Mode, origin},
};
use crate::{
    Code, Result, Tenant, administrators, log, origins,
    snapshot::{RegisteredClient, Snapshot},
    visitor::Visitor,
    wildcard,
};

/// The application, if there is one of this name.
pub fn client<'a>(snapshot: &'a Snapshot, asked: &Asked) -> Result<&'a Arc<RegisteredClient>> {
    let Some(id) = asked.client_id.as_deref().filter(|id| !id.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: client_id");
    };
    match snapshot.client(id) {
        Some(client) => Ok(client),
        None => Code::InvalidRequest.refuse(format!("Unknown client: {}", log::cut(id))),
    }
}

/// Where the browser is to be sent back to: what is named, if it is one of the client's callbacks, or the first of them.
pub fn of(tenant: &Tenant, client: &RegisteredClient, asked: &Asked, visitor: &Visitor) -> Result<String> {
    let callbacks = match administrators::is_dashboard(tenant, &client.view.client_id) {
        true => vec![administrators::callback(visitor)],
        false => client.view.callbacks.clone().unwrap_or_default(),
    };
    let Some(named) = asked.redirect_uri.as_deref().filter(|named| !named.is_empty()) else {
        return match callbacks.iter().find(|callback| !wildcard::is_pattern(callback)) {
            Some(first) if !is_script(first) => Ok(first.clone()),
            _ => Code::InvalidRequest.refuse("Missing required parameter: redirect_uri"),
        };
    };
    // What follows it never reaches a server; ours would be lost behind it.
    let named = named.split('#').next().unwrap_or_default();
    match callbacks.iter().any(|callback| wildcard::matches(callback, named)) && !is_script(named) {
        true => Ok(named.to_owned()),
        false => {
            let named = log::cut(named);
            let more = if callbacks.iter().any(|callback| has_placeholder(callback)) { UNFILLED } else { "" };
            Code::UnauthorizedClient.refuse(format!(
                "Callback URL mismatch. {named} is not in the list of allowed callback URLs{more}"
            ))
        }
    }
}

/// Whether a page of the callback's origin may be told the answer; nobody else could be told that it may not.
pub fn may_be_told(client: &RegisteredClient, asked: &Asked, callback: &str) -> Result<()> {
    if Mode::of(asked) != Mode::WebMessage {
        return Ok(());
    }
    let told = origin(callback);
    match origins::is_own(&client.view, &told) {
        true => Ok(()),
        false => Code::UnauthorizedClient.refuse(format!("{told} is not in the list of allowed web origins")),
    }
}

/// Whether anybody could answer at a callback who is not the application: another program of the machine, or one that
/// registered the same scheme.
pub fn is_anybodys(callback: &str) -> bool {
    match Url::parse(callback) {
        Ok(url) => match (url.scheme(), url.host()) {
            ("http" | "https", Some(Host::Domain(name))) => {
                name == "localhost" || name.ends_with(".localhost")
            }
            ("http" | "https", Some(Host::Ipv4(ip))) => ip.is_loopback(),
            ("http" | "https", Some(Host::Ipv6(ip))) => ip.to_canonical().is_loopback(),
            _ => true,
        },
        Err(_) => true,
    }
}

/// Whether a callback proves that the application is the one that it says.
pub fn is_verifiable(callback: &str) -> bool {
    callback.starts_with("https://") && !is_anybodys(callback)
}

/// Whether a browser would run it instead of going there.
fn is_script(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["javascript", "data", "vbscript", "blob", "file", "about"].contains(&scheme.as_str())
}

/// Whether something else is to stand in a registered address, such as `{organization_name}`.
fn has_placeholder(callback: &str) -> bool {
    wildcard::is_pattern(callback) && callback.contains('{')
}

/// What is said where a placeholder may be why nothing matched: nobody logs in to an organization yet, nor at a domain
/// that says what stands for it.
const UNFILLED: &str = ". Those with a placeholder such as {organization_name} match nothing here: \
                        they are filled in for logins to an organization, which are not served yet";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_could_answer_at() {
        for (callback, anybodys, verifiable) in [
            ("https://app.example/cb", false, true),
            ("http://app.example/cb", false, false),
            ("https://localhost/cb", true, false),
            ("http://localhost:3000", true, false),
            ("http://app.localhost/cb", true, false),
            ("https://127.0.0.1/cb", true, false),
            ("https://127.1/cb", true, false),
            ("https://0x7f000001/cb", true, false),
            ("http://[::1]:8/cb", true, false),
            ("http://[::ffff:127.0.0.1]/cb", true, false),
            ("https://192.0.2.1/cb", false, true),
            ("com.app:/cb", true, false),
            ("nothing", true, false),
        ] {
            assert_eq!(is_anybodys(callback), anybodys, "{callback}");
            assert_eq!(is_verifiable(callback), verifiable, "{callback}");
        }
    }
}
