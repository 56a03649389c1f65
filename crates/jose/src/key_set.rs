//! A JWK set (RFC 7517 §5) as somebody else publishes it. Keys that cannot verify here are left out, as the RFC wants;
//! so are those that lie open with their private half, which prove nothing any more.

use serde::Deserialize;
use serde_json::Value;

use crate::{Algorithm, Error, Jwk, PublicKey, Result, VerifyingKey};

/// The public keys of a set that can verify.
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<NamedKey>);

#[derive(Debug, Clone)]
struct NamedKey {
    kid: Option<String>,
    /// The one algorithm it is for, if it says so.
    algorithm: Option<Algorithm>,
    key: PublicKey,
}

impl KeySet {
    /// Reads a set, and leaves out what is of no use.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let set: Set = serde_json::from_slice(json).map_err(|_| Error::Key("not a JWK set"))?;
        set.is_bounded()?;
        Ok(KeySet(set.keys.into_iter().filter_map(|key| NamedKey::read(key).ok()).collect()))
    }

    /// Reads a set that somebody wrote down here; one key that is of no use spoils it.
    pub fn strict(set: &Value) -> Result<Self> {
        let set = Set::deserialize(set).map_err(|_| Error::Key("not a JWK set"))?;
        set.is_bounded()?;
        if set.keys.is_empty() {
            return Err(Error::Key("a set without keys"));
        }
        set.keys.into_iter().map(NamedKey::read).collect::<Result<_>>().map(KeySet)
    }

    /// The keys that may have signed a token of this header. A token that names none is believed to be signed with the
    /// only one that could have.
    pub fn verifying(&self, kid: Option<&str>, algorithm: Algorithm) -> Vec<VerifyingKey> {
        let fits = |key: &&NamedKey| key.algorithm.is_none_or(|only| only == algorithm);
        let meant = |key: &&NamedKey| kid.is_none() || key.kid.as_deref() == kid;
        let bound = |key: &NamedKey| VerifyingKey::public(algorithm, key.key.clone()).ok();
        let found: Vec<VerifyingKey> =
            self.0.iter().filter(fits).filter(meant).filter_map(bound).take(MOST_OF_A_NAME).collect();
        if kid.is_none() && found.len() > 1 { Vec::new() } else { found }
    }

    /// Whether no key of it can be used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Set {
    fn is_bounded(&self) -> Result<()> {
        if self.keys.len() > MOST_KEYS { Err(Error::Key("more than 100 keys")) } else { Ok(()) }
    }
}

impl NamedKey {
    fn read(key: Value) -> Result<Self> {
        if PRIVATE.iter().any(|member| key.get(member).is_some()) {
            return Err(Error::Key("a private or secret key, which must not be shown"));
        }
        // SPIFFE calls its use by a name of its own (JWT-SVID §5.1).
        let is_for_signatures =
            key.get("use").is_none_or(|purpose| purpose == "sig" || purpose == "jwt-svid");
        let verifies = |ops: &Value| ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures || !key.get("key_ops").is_none_or(verifies) {
            return Err(Error::Key("not for signatures"));
        }
        let jwk = Jwk::deserialize(&key).map_err(|_| Error::Key("not a JWK"))?;
        let algorithm = jwk.alg.as_deref().map(str::parse::<Algorithm>).transpose()?;
        let key = jwk.public_key()?;
        key.require_rsa_bits()?;
        algorithm.map_or(Ok(()), |algorithm| algorithm.require(key.kind()))?;
        Ok(NamedKey { kid: jwk.kid, algorithm, key })
    }
}

/// The members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const MOST_KEYS: usize = 100;
/// How many keys of one name are tried: names should differ (RFC 7517 §4.5), but need not.
const MOST_OF_A_NAME: usize = 4;
