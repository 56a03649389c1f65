//! The built files. They lie there compressed, the smallest form that the browser takes is sent, and who takes none has one
//! unpacked.

use std::{borrow::Cow, io::Read};

use axum::{
    body::Body,
    extract::{Path, Request},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;

use crate::page;

#[derive(RustEmbed)]
#[folder = "../../dashboard/dist"]
#[allow_missing = true]
struct Built;

/// A built file that is not compressed, as it was built.
pub fn built(name: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(name).map(|file| file.data)
}

/// A file of the dashboard, or the page, which knows what to do with every other path.
pub async fn file_or_page(Path(path): Path<String>, request: Request) -> Response {
    match file(&path, request.headers()) {
        Some(file) => file,
        // A file that is missing is no page; it was an older build's.
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => page::page(request).await,
    }
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let form = |ending| built(&format!("{path}{ending}"));
    let packed = FORMS.into_iter().filter(|(coding, _)| accepts(headers, coding));
    let packed = packed.filter_map(|(coding, ending)| Some((coding, form(ending)?))).next();
    let (coding, data) = match packed {
        Some((coding, data)) => (Some(coding), data.into_owned()),
        None => (None, unpacked(&form(UNPACKABLE)?)?),
    };
    let mut response = Response::new(Body::from(data));
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    sent.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The build puts a hash of the content in these names.
    let lasts = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasts));
    if let Some(coding) = coding {
        sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut data).ok()?;
    Some(data)
}

/// What a build makes.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Whether the browser takes this coding (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let is_refused =
            weight.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(coding) && !is_refused
    })
}

/// The page itself, which is not sent as it was built.
pub const INDEX: &str = "index.html";
/// Codings, smallest result first, with the ending of the files that hold them.
const FORMS: [(&str, &str); 2] = [("br", ".br"), ("gzip", UNPACKABLE)];
/// The ending of those that can be unpacked here.
const UNPACKABLE: &str = ".gz";

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::accepts;

    #[test]
    fn a_coding_is_sent_to_who_takes_it() {
        for (list, takes) in [
            ("gzip, deflate, br, zstd", true),
            ("gzip", false),
            ("BR;q=0.5", true),
            ("br;q=0", false),
            ("br;q=0.0", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(list).unwrap());
            assert_eq!(accepts(&headers, "br"), takes, "{list}");
        }
    }
}
