//! A compact JWS (RFC 7515 §7.1) taken apart. Nothing in it is trusted until `verify`; whether its claims are
//! good (issuer, audience, time) is never asked here.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{Algorithm, Error, Result, VerifyingKey, b64url_decode};

/// A token that has been taken apart, and not yet been trusted.
pub struct Token<'a> {
    signing_input: &'a str,
    header: Value,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a compact JWS apart: three parts of strict base64url, and a header that names an `alg`.
    pub fn parse(compact: &'a str) -> Result<Self> {
        if compact.len() > LONGEST_TOKEN {
            return Err(Error::Token("longer than 16 KiB"));
        }
        let three = Error::Token("not three parts");
        let Some((signing_input, signature)) = compact.rsplit_once('.') else { return Err(three) };
        let Some((header, payload)) = signing_input.split_once('.') else { return Err(three) };
        if payload.contains('.') {
            return Err(three);
        }
        if header.len() > LONGEST_HEADER {
            return Err(Error::Token("a header longer than 4 KiB"));
        }

        Ok(Self {
            signing_input,
            header: parse_header(&b64url_decode(header)?)?,
            payload: b64url_decode(payload)?,
            signature: b64url_decode(signature)?,
        })
    }

    /// The algorithm it claims, if that is one spoken here; `none` is not.
    pub fn alg(&self) -> Option<Algorithm> {
        self.text("alg")?.parse().ok()
    }

    /// The key it claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// The type it claims to be.
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// What the signature is of: header and payload, as they were written.
    pub fn signed(&self) -> &'a str {
        self.signing_input
    }

    /// The header, an object, unverified.
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// The claims, unverified: only to find the key to verify them with.
    pub fn claims(&self) -> Result<Map<String, Value>> {
        parse_object(&self.payload)
            .map_err(|_| Error::Token("the payload is not an object with distinct members"))
    }

    /// The claims, once the signature is proven.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Map<String, Value>> {
        self.payload(key)?;
        self.claims()
    }

    /// The payload whatever it is, once the signature is proven.
    pub fn payload(&self, key: &VerifyingKey) -> Result<&[u8]> {
        // RFC 8725 §3.1: the key says which algorithm; a header that says another is refused before any
        // cryptography.
        if self.alg() != Some(key.algorithm()) {
            return Err(Error::WrongAlgorithm { expected: key.algorithm() });
        }
        key.check(self.signing_input.as_bytes(), &self.signature)?;
        Ok(&self.payload)
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, Secret(..))", self.header)
    }
}

fn parse_header(json: &[u8]) -> Result<Value> {
    let header =
        parse_object(json).map_err(|_| Error::Token("the header is not an object with distinct members"))?;
    if !header.get("alg").is_some_and(Value::is_string) {
        return Err(Error::Token("the header has no `alg` text"));
    }
    if [header.get("kid"), header.get("typ")].into_iter().flatten().any(|value| !value.is_string()) {
        return Err(Error::Token("`kid` or `typ` is not a text"));
    }
    // RFC 7515 §4.1.11: an extension that is not understood must be refused, and none is understood here.
    if header.contains_key("crit") {
        return Err(Error::Token("`crit` is not supported"));
    }
    Ok(Value::Object(header))
}

/// A point in time as tokens tell it, in seconds since 1970: whole ones, or with a fraction, which is left out (RFC 7519
/// §2, `NumericDate`).
pub fn numeric_date(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a time that is far out of bounds stays so")]
    value.as_i64().or_else(|| value.as_f64().map(|time| time.floor() as i64))
}

pub(crate) fn parse_object(json: &[u8]) -> serde_json::Result<Map<String, Value>> {
    serde_json::from_slice::<Members>(json).map(|members| members.0)
}

/// An object in which no member comes twice (RFC 7515 §4, RFC 7519 §4).
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(json: D) -> std::result::Result<Self, D::Error> {
        json.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Members, A::Error> {
        let mut object = Map::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Members(object))
    }
}

const LONGEST_TOKEN: usize = 16 * 1024;
const LONGEST_HEADER: usize = 4 * 1024;
