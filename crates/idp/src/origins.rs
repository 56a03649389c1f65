//! Which pages' scripts may read what we answer, and from which a login may be asked for without leaving them.

use model::Client;
use url::Url;

use crate::wildcard;

/// Whether scripts of this origin may read what is answered to the client: it named the origin, or is returned there.
pub fn may_read(client: &Client, origin: &str) -> bool {
    let named = [&client.allowed_origins, &client.web_origins].into_iter().flatten().flatten();
    let callbacks = client.callbacks.iter().flatten();
    named.chain(callbacks).any(|registered| is_at(registered, origin))
}

/// Whether pages of this origin are the client's own, so that they may be told who is logged in.
pub fn is_own(client: &Client, origin: &str) -> bool {
    client.web_origins.iter().flatten().any(|registered| is_at(registered, origin))
}

/// Whether an origin is that of a registered address. One that cannot be named has none of these.
fn is_at(registered: &str, origin: &str) -> bool {
    if !origin.starts_with("https://") && !origin.starts_with("http://") {
        return false;
    }
    match registered.contains('*') {
        false => Url::parse(registered).is_ok_and(|url| url.origin().ascii_serialization() == origin),
        true => {
            let scheme = registered.find("://").map_or(0, |at| at + 3);
            let end = registered[scheme..].find(['/', '?', '#']).map_or(registered.len(), |at| scheme + at);
            wildcard::matches(&registered[..end], origin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (registered, origin) in [
            ("https://app.example", "https://app.example"),
            ("https://APP.example:443/cb?x", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://*.example.com/cb", "https://a.example.com"),
        ] {
            assert!(is_at(registered, origin), "{registered} {origin}");
        }
        for (registered, origin) in [
            ("https://app.example", "http://app.example"),
            ("https://app.example", "https://app.example:8443"),
            ("https://app.example", "https://app.example.evil.test"),
            ("https://app.example", "https://evil.test"),
            ("https://app.example", "null"),
            ("com.app:/cb", "null"),
            ("file:///x", "null"),
            ("https://*.example.com/cb", "https://a.b.example.com"),
            ("not an address", ""),
        ] {
            assert!(!is_at(registered, origin), "{registered} {origin}");
        }
    }
}
