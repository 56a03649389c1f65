//! Whether a form was posted from a page of ours. Browsers say so; no page can make them say otherwise.

use http::{HeaderMap, header::ORIGIN};

use crate::Origin;

/// Tells whether a request may change something in the name of whoever sits at the browser: its page was served by the
/// host that it is sent to. A request that says nothing about its page comes from no browser of this decade.
pub fn is_same_origin(headers: &HeaderMap, origin: &Origin) -> bool {
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    let mut pages = headers.get_all(ORIGIN).iter();
    match (pages.next(), pages.next()) {
        (None, _) => true,
        (Some(page), None) => page.to_str().is_ok_and(|page| host(page) == Some(&origin.host)),
        (Some(_), Some(_)) => false,
    }
}

/// The host of an origin, with its port unless that is the scheme's own. Schemes are not compared: a proxy may have
/// changed ours.
fn host(page: &str) -> Option<&str> {
    let (scheme, host) = page.split_once("://")?;
    match scheme {
        "https" => Some(host.strip_suffix(":443").unwrap_or(host)),
        "http" => Some(host.strip_suffix(":80").unwrap_or(host)),
        _ => None,
    }
}
