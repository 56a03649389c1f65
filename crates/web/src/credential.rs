//! Credentials in the Authorization header: Basic and Bearer. They are read here and judged elsewhere.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderMap, header::AUTHORIZATION, request::Parts};

use crate::{Origin, PeerCertificate, body::form_decoded};

/// Reads Basic credentials (RFC 7617), both parts form-decoded as RFC 6749 §2.3.1 wants them; `None` when the
/// request carries none.
pub fn basic_credentials(headers: &HeaderMap) -> Option<Result<(String, String), Malformed>> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = lines.next()?.as_bytes();
    let encoded = after_scheme(line, b"basic")?;
    if lines.next().is_some() {
        return Some(Err(Malformed));
    }
    Some(decoded_pair(encoded).ok_or(Malformed))
}

fn decoded_pair(encoded: &[u8]) -> Option<(String, String)> {
    let bytes = BASE64.decode(encoded).ok()?;
    let cut = bytes.iter().position(|byte| *byte == b':')?;
    let part = |part: &[u8]| form_decoded(part).ok().filter(|text| !text.contains(char::is_control));
    Some((part(&bytes[..cut])?, part(&bytes[cut + 1..])?))
}

/// An access token, and what it may have to be proved with.
#[derive(Clone, Debug)]
pub struct Presented<'a> {
    pub token: &'a str,
    /// Whether it came under the scheme of tokens that are bound to keys (RFC 9449 §7.1), not as a Bearer token.
    pub is_dpop: bool,
    /// The `DPoP` header; of several, all, separated by commas.
    pub proof: Option<String>,
    pub certificate: Option<&'a [u8]>,
    pub method: &'a str,
    /// The address that was called.
    pub url: String,
}

/// Reads the access token of a request that carries exactly one, in the Authorization header.
pub fn presented<'a>(parts: &'a Parts, origin: &Origin) -> Option<Presented<'a>> {
    let (token, is_dpop) = match (under(&parts.headers, b"bearer"), under(&parts.headers, b"dpop")) {
        (Some(token), _) => (token, false),
        (None, token) => (token?, true),
    };
    Some(Presented {
        token,
        is_dpop,
        proof: joined(&parts.headers, "dpop"),
        certificate: parts.extensions.get::<PeerCertificate>().map(|certificate| certificate.der.as_slice()),
        method: parts.method.as_str(),
        url: origin.url(parts),
    })
}

/// A header as text; of several of one name, all, so that whoever reads it sees that it is not one.
pub fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?.into_owned();
    Some(values.fold(first, |all, next| format!("{all}, {next}")))
}

/// Reads the Bearer token (RFC 6750 §2.1) of a request that carries exactly one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    under(headers, b"bearer")
}

fn under<'a>(headers: &'a HeaderMap, scheme: &[u8]) -> Option<&'a str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let token = after_scheme(lines.next()?.as_bytes(), scheme)?;
    if lines.next().is_some() || token.is_empty() || !token.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    std::str::from_utf8(token).ok()
}

/// What follows the scheme's name and at least one space; names of schemes have no case (RFC 9110 §11.1).
fn after_scheme<'a>(line: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (name, rest) = line.split_at_checked(scheme.len())?;
    if !name.eq_ignore_ascii_case(scheme) {
        return None;
    }
    match rest {
        [] => Some(rest),
        [b' ', ..] => Some(rest.trim_ascii()),
        _ => None,
    }
}

/// Basic credentials that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Basic credentials are malformed")]
pub struct Malformed;

/// Padding may be missing: common clients leave it out, and it carries nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
