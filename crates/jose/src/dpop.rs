//! DPoP proofs (RFC 9449 §4): that whoever sends a request holds the private half of the key it names. Whether a proof
//! was seen before, and which nonce is good, is asked elsewhere; so is which token the key belongs to.

use serde_json::{Map, Value};

use crate::{Algorithm, Jwk, Token, VerifyingKey, b64url_encode, sha256};

/// The algorithms that proofs may be signed with: none that shares a secret.
pub const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA];
/// How old a proof may be, in seconds.
pub const OLDEST: i64 = 300;
/// How far ahead of ours the clock of its maker may go, in seconds (FAPI 2.0 §5.3.2.1: ten must do, sixty must not).
pub const AHEAD: i64 = 30;

/// The request that a proof came with.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Every name under which the place that was called may be written.
    pub uris: &'a [&'a str],
    /// The time, in seconds since 1970.
    pub now: i64,
    /// The access token that came with it, where one did.
    pub access_token: Option<&'a str>,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub jkt: String,
    /// Its identifier, of at most 256 bytes.
    pub jti: String,
    /// From when on nobody has to remember it: it is too old by then.
    pub expires: i64,
    /// The server's nonce in it, of at most 256 bytes.
    pub nonce: Option<String>,
}

/// Why a proof does not hold, in words that its maker may hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("it is not a compact JWS")]
    Malformed,
    #[error("it is too long")]
    TooLong,
    #[error("typ must be dpop+jwt")]
    Type,
    #[error("alg must be one of ES256, RS256, PS256, EdDSA")]
    Algorithm,
    #[error("jwk must be a public key that fits alg")]
    Key,
    #[error("jwk must not hold a private key")]
    PrivateKey,
    #[error("the signature does not verify")]
    Signature,
    #[error("jti must be a text of 1 to 256 bytes")]
    Jti,
    #[error("htm does not match the request")]
    Method,
    #[error("htu does not match the request")]
    Uri,
    #[error("iat must be a time in seconds")]
    IssuedAt,
    #[error("it is too old")]
    TooOld,
    #[error("it lies in the future")]
    TooNew,
    #[error("nonce must be a text of 1 to 256 bytes")]
    Nonce,
    #[error("ath does not match the access token")]
    AccessToken,
}

/// Checks a proof against the request that it came with.
pub fn verify(compact: &str, request: &Request<'_>) -> Result<Proof, Invalid> {
    if compact.len() > LONGEST {
        return Err(Invalid::TooLong);
    }
    let token = Token::parse(compact).map_err(|_| Invalid::Malformed)?;
    if token.typ() != Some("dpop+jwt") {
        return Err(Invalid::Type);
    }
    let algorithm = token.alg().filter(|alg| ALGORITHMS.contains(alg)).ok_or(Invalid::Algorithm)?;
    let key = public_key(token.header().get("jwk"), algorithm)?;
    // The print is that of the key as we read it: one key, one print, however it was written.
    let jkt = key.jwk().thumbprint();
    let key = VerifyingKey::public(algorithm, key).map_err(|_| Invalid::Key)?;
    let claims = token.verify(&key).map_err(|error| match error {
        crate::Error::Signature => Invalid::Signature,
        _ => Invalid::Malformed,
    })?;

    if claims.get("htm").and_then(Value::as_str) != Some(request.method) {
        return Err(Invalid::Method);
    }
    let htu = claims.get("htu").and_then(Value::as_str).and_then(normalized).ok_or(Invalid::Uri)?;
    if !request.uris.iter().any(|uri| normalized(uri).is_some_and(|uri| uri == htu)) {
        return Err(Invalid::Uri);
    }
    let issued_at = claims.get("iat").and_then(Value::as_i64).ok_or(Invalid::IssuedAt)?;
    if issued_at > request.now + AHEAD {
        return Err(Invalid::TooNew);
    }
    let expires = issued_at.saturating_add(OLDEST);
    if expires < request.now {
        return Err(Invalid::TooOld);
    }
    if let Some(token) = request.access_token {
        let expected = b64url_encode(sha256(token.as_bytes()));
        if claims.get("ath").and_then(Value::as_str) != Some(&expected) {
            return Err(Invalid::AccessToken);
        }
    }
    let jti = bounded(&claims, "jti").map_err(|()| Invalid::Jti)?.ok_or(Invalid::Jti)?;
    let nonce = bounded(&claims, "nonce").map_err(|()| Invalid::Nonce)?;
    Ok(Proof { jkt, jti, expires: expires + 1, nonce })
}

/// The key in a header, if it is a public one and says nothing against its use.
fn public_key(jwk: Option<&Value>, algorithm: Algorithm) -> Result<crate::PublicKey, Invalid> {
    let Some(Value::Object(members)) = jwk else { return Err(Invalid::Key) };
    if PRIVATE.iter().any(|member| members.contains_key(*member)) {
        return Err(Invalid::PrivateKey);
    }
    let says = |member: &str, expected: &str| members.get(member).is_none_or(|value| value == expected);
    if !says("use", "sig") || !says("alg", algorithm.as_str()) {
        return Err(Invalid::Key);
    }
    let jwk: Jwk = serde_json::from_value(Value::Object(members.clone())).map_err(|_| Invalid::Key)?;
    jwk.public_key().map_err(|_| Invalid::Key)
}

fn bounded(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, ()> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=LONGEST_TEXT).contains(&text.len()) && !text.contains('\0') => {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(()),
    }
}

/// A URI the one way we compare it (RFC 9449 §4.3, RFC 3986 §6.2.2 and §6.2.3): scheme and host in lower case, no port
/// that is the scheme's own, `/` for no path, escapes in one spelling, nothing from `?` or `#` on.
fn normalized(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (rest, _) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let host = authority.strip_suffix(default_port).or(authority.strip_suffix(':')).unwrap_or(&authority);
    let is_plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    is_plain.then(|| format!("{scheme}://{host}{}", if path.is_empty() { "/".into() } else { escaped(path) }))
}

/// A path with its escapes in one spelling: capital hex, and none for what needs none (RFC 3986 §2.3).
fn escaped(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        written.push_str(before);
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                written.push(byte.into())
            }
            Some(byte) => written.push_str(&format!("%{byte:02X}")),
            // No escape at all; it equals only itself.
            None => written.push('%'),
        }
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    written + rest
}

/// The members of a JWK that nobody but its owner may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// An RSA key of 4096 bits, its signature and generous claims.
const LONGEST: usize = 8 * 1024;
const LONGEST_TEXT: usize = 256;

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn one_place_has_one_name() {
        for (given, expected) in [
            ("https://idp.example/oauth/token", Some("https://idp.example/oauth/token")),
            ("HTTPS://IDP.Example:443/oauth/token?a=b#c", Some("https://idp.example/oauth/token")),
            ("https://idp.example:/oauth/token", Some("https://idp.example/oauth/token")),
            ("http://idp.example:80", Some("http://idp.example/")),
            ("https://idp.example:80/", Some("https://idp.example:80/")),
            ("https://idp.example?a", Some("https://idp.example/")),
            ("https://[::1]:443/%7etoken%2f%C3%a9", Some("https://[::1]/~token%2F%C3%A9")),
            ("https://idp.example/OAuth/token", Some("https://idp.example/OAuth/token")),
            ("https://idp.example/%", Some("https://idp.example/%")),
            ("https://idp.example/%zz", Some("https://idp.example/%zz")),
            ("https://idp.example/%+7", Some("https://idp.example/%+7")),
            ("https://idp.example/%é", Some("https://idp.example/%é")),
            ("https://somebody@idp.example/", None),
            ("https://idp.example\0/", None),
            ("https://", None),
            ("https:///oauth/token", None),
            ("ftp://idp.example/", None),
            ("/oauth/token", None),
            ("", None),
        ] {
            assert_eq!(normalized(given).as_deref(), expected, "{given:?}");
        }
    }
}
