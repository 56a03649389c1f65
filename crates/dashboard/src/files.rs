//! The built files. Each lies there in up to three forms, and the smallest that the browser takes is sent.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Path, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;

use crate::page;

#[derive(RustEmbed)]
#[folder = "../../dashboard/dist"]
#[allow_missing = true]
struct Built;

/// A built file, as it was built.
pub fn built(name: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(name).map(|file| file.data)
}

/// A file of the dashboard, or the page, which knows what to do with every other path.
pub async fn file_or_page(Path(path): Path<String>, request: Request) -> Response {
    match file(&path, request.headers()) {
        Some(file) if path != INDEX => file,
        // A file that is missing is no page; it was an older build's.
        _ if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        _ => page::page(request).await,
    }
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Built::get(path)?;
    let mut response = Response::new(Body::empty());
    let sent = response.headers_mut();
    let media_type = HeaderValue::from_str(plain.metadata.mimetype()).ok()?;
    sent.insert(header::CONTENT_TYPE, media_type);
    sent.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The build puts a hash of the content in these names.
    let lasts = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasts));
    let packed = FORMS.into_iter().filter(|(coding, _)| accepts(headers, coding));
    let packed =
        packed.filter_map(|(coding, ending)| Some((coding, Built::get(&format!("{path}{ending}"))?)));
    let data = match packed.into_iter().next() {
        Some((coding, file)) => {
            sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            file.data
        }
        None => plain.data,
    };
    *response.body_mut() = Body::from(data.into_owned());
    Some(response)
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
const FORMS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

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
