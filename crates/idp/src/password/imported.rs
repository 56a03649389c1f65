//! Passwords that came from elsewhere as hashes of many kinds. They are known again once; then a hash of ours takes the
//! place. None of these is ever made here.

mod digest;

use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};
use base64::{
    Engine,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
    },
};
use model::{
    CustomPasswordHash,
    password::custom_hash::{Encoding, HashAlgorithm, SaltPosition, TextEncoding},
};
use schema::{Object, Op, Shape, Shaped};
use serde::Deserialize;

use self::digest::Digest;

/// What is wrong with a hash that somebody wants to bring; nothing if a password can be held against it.
pub fn fault(hash: &Object) -> Option<String> {
    let Shape::Object(fields) = CustomPasswordHash::SHAPE else { return None };
    if let Err(violation) = schema::check(fields, hash, Op::Create) {
        return Some(violation.to_string());
    }
    match read(hash).and_then(|hash| known(&hash, None)) {
        Some(_) => None,
        None => Some("The hash cannot be read, or asks for more work than is done here.".into()),
    }
}

/// A hash in the manner of bcrypt, as one of these.
pub fn of_bcrypt(hash: &str) -> Object {
    let hash = serde_json::json!({ "algorithm": "bcrypt", "hash": { "value": hash, "encoding": "utf8" } });
    hash.as_object().cloned().unwrap_or_default()
}

/// Whether this is the password behind a stored hash.
pub(super) fn is_of(stored: &str, password: &str) -> bool {
    let hash = serde_json::from_str::<Object>(stored).ok().and_then(|hash| read(&hash));
    hash.and_then(|hash| known(&hash, Some(password))).unwrap_or(false)
}

fn read(hash: &Object) -> Option<CustomPasswordHash> {
    CustomPasswordHash::deserialize(hash).ok()
}

/// Whether a password is behind a hash; nothing if the hash is none. Without a password nothing is hashed.
fn known(hash: &CustomPasswordHash, password: Option<&str>) -> Option<bool> {
    let password = password.map(|password| encoded(hash, password));
    let password = password.as_deref();
    let value = hash.hash.value.as_str();
    let plain = |digest: Digest| {
        let expected = decoded(value, hash.hash.encoding.unwrap_or(Encoding::Hex))?;
        // Of another length it is none of this algorithm.
        let made = digest.of(&salted(hash, password.unwrap_or_default())?);
        (made.len() == expected.len()).then(|| same(&made, &expected))
    };
    match hash.algorithm {
        HashAlgorithm::Md4 => plain(Digest::Md4),
        HashAlgorithm::Md5 => plain(Digest::Md5),
        HashAlgorithm::Sha1 => plain(Digest::Sha1),
        HashAlgorithm::Sha256 => plain(Digest::Sha256),
        HashAlgorithm::Sha512 => plain(Digest::Sha512),
        HashAlgorithm::Hmac => {
            let key = hash.hash.key.as_ref()?;
            let key = decoded(&key.value, key.encoding.unwrap_or(Encoding::Utf8))?;
            let made =
                Digest::from(hash.hash.digest?).hmac(&key, &salted(hash, password.unwrap_or_default())?);
            let expected = decoded(value, hash.hash.encoding.unwrap_or(Encoding::Hex))?;
            (made.len() == expected.len()).then(|| same(&made, &expected))
        }
        HashAlgorithm::Ldap => ldap(value, password.unwrap_or_default()),
        HashAlgorithm::Bcrypt => {
            let salted = salted(hash, password.unwrap_or_default())?;
            bcrypt(value, password.map(|_| salted.as_slice()))
        }
        HashAlgorithm::Argon2 => argon2(value, password),
        HashAlgorithm::Pbkdf2 => pbkdf2(value, password),
        HashAlgorithm::Scrypt => scrypt(hash, password),
    }
}

/// RFC 2307: `{SSHA}` and the like, and the digest with the salt behind it.
fn ldap(value: &str, password: &[u8]) -> Option<bool> {
    let (scheme, rest) = value.strip_prefix('{')?.split_once('}')?;
    let scheme = scheme.to_ascii_lowercase();
    let (is_salted, digest) = match scheme.as_str() {
        "smd5" => (true, Digest::Md5),
        "md5" => (false, Digest::Md5),
        "sha" => (false, Digest::Sha1),
        "ssha" => (true, Digest::Sha1),
        salted => {
            let is_salted = salted.starts_with("ssha");
            (is_salted, Digest::named(salted.strip_prefix('s').filter(|_| is_salted).unwrap_or(salted))?)
        }
    };
    let bytes = LENIENT.decode(rest).ok()?;
    let (expected, salt) = bytes.split_at_checked(digest.of(b"").len())?;
    if salt.is_empty() == is_salted {
        return None;
    }
    Some(same(&digest.of(&[password, salt].concat()), expected))
}

fn bcrypt(value: &str, password: Option<&[u8]>) -> Option<bool> {
    let parts: bcrypt::HashParts = value.parse().ok()?;
    if parts.get_cost() > MOST_BCRYPT {
        return None;
    }
    let Some(password) = password else { return Some(false) };
    bcrypt::verify(password, value).ok()
}

fn argon2(value: &str, password: Option<&[u8]>) -> Option<bool> {
    let hash = PasswordHash::new(value).ok()?;
    let params = argon2::Params::try_from(&hash).ok()?;
    hash.hash?;
    if params.m_cost() > MOST_MEMORY / 1024
        || params.t_cost() > MOST_PASSES
        || params.p_cost() > MOST_LANES
        || u64::from(params.m_cost()) * u64::from(params.t_cost()) > MOST_WORK / 1024
    {
        return None;
    }
    let Some(password) = password else { return Some(false) };
    Some(argon2::Argon2::default().verify_password(password, &hash).is_ok())
}

/// `$pbkdf2-sha512$i=100000,l=64$salt$hash`
fn pbkdf2(value: &str, password: Option<&[u8]>) -> Option<bool> {
    let mut parts = value.strip_prefix("$pbkdf2-")?.split('$');
    let (digest, mut settings) = (Digest::named(parts.next()?)?, parts.next()?);
    let (mut rounds, mut length) = (100_000_u32, 64_usize);
    let mut rest = parts.collect::<Vec<_>>();
    if !settings.contains('=') {
        rest.insert(0, settings);
        settings = "";
    }
    for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=')? {
            ("i", value) => rounds = value.parse().ok()?,
            ("l", value) => length = value.parse().ok()?,
            _ => return None,
        }
    }
    let [salt, hash] = rest[..] else { return None };
    let (salt, expected) = (LENIENT.decode(salt).ok()?, LENIENT.decode(hash).ok()?);
    if expected.len() != length || !(1..=512).contains(&length) || !(1..=MOST_ROUNDS).contains(&rounds) {
        return None;
    }
    let Some(password) = password else { return Some(false) };
    let mut made = vec![0; length];
    digest.pbkdf2(password, &salt, rounds, &mut made);
    Some(same(&made, &expected))
}

fn scrypt(hash: &CustomPasswordHash, password: Option<&[u8]>) -> Option<bool> {
    let (cost, block, lanes) =
        (hash.cost.unwrap_or(16_384), hash.block_size.unwrap_or(8), hash.parallelization.unwrap_or(1));
    let memory = u64::from(cost) * u64::from(block) * 128;
    if !cost.is_power_of_two() || memory > u64::from(MOST_MEMORY) || memory * u64::from(lanes) > MOST_WORK {
        return None;
    }
    let salt = hash.salt.as_ref()?;
    let salt = decoded(&salt.value, salt.encoding.unwrap_or(Encoding::Utf8))?;
    let expected = decoded(&hash.hash.value, hash.hash.encoding.unwrap_or(Encoding::Base64))?;
    if expected.len() != hash.keylen? as usize {
        return None;
    }
    let params = scrypt::Params::new(cost.trailing_zeros() as u8, block, lanes).ok()?;
    let Some(password) = password else { return Some(false) };
    let mut made = vec![0; expected.len()];
    scrypt::scrypt(password, &salt, &params, &mut made).ok()?;
    Some(same(&made, &expected))
}

/// The password's bytes, as whoever hashed it wrote them.
fn encoded(hash: &CustomPasswordHash, password: &str) -> Vec<u8> {
    let encoding =
        hash.password.as_ref().and_then(|password| password.encoding).unwrap_or(TextEncoding::Utf8);
    match encoding {
        TextEncoding::Utf8 => password.as_bytes().to_vec(),
        TextEncoding::Utf16le | TextEncoding::Ucs2 => {
            password.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        // Node keeps the lower half of each unit.
        TextEncoding::Ascii | TextEncoding::Latin1 | TextEncoding::Binary => {
            password.encode_utf16().map(|unit| (unit & 0xff) as u8).collect()
        }
    }
}

fn salted(hash: &CustomPasswordHash, password: &[u8]) -> Option<Vec<u8>> {
    let Some(salt) = &hash.salt else { return Some(password.to_vec()) };
    let bytes = decoded(&salt.value, salt.encoding.unwrap_or(Encoding::Utf8))?;
    Some(match salt.position.unwrap_or(SaltPosition::Prefix) {
        SaltPosition::Prefix => [&bytes, password].concat(),
        SaltPosition::Suffix => [password, &bytes].concat(),
    })
}

fn decoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Base64 => {
            let text = text.trim_end_matches('=');
            STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
        }
        Encoding::Hex => {
            let digits = text.as_bytes();
            let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
            let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?);
            digits.chunks(2).map(pair).collect()
        }
    }
}

/// Takes the same time wherever they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// Base64 with or without what fills it up.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// What a login may cost at most: whoever imports hashes could else make each take minutes.
const MOST_BCRYPT: u32 = 15;
const MOST_ROUNDS: u32 = 5_000_000;
const MOST_MEMORY: u32 = 256 << 20;
/// Bytes that are written in all, one pass or lane after the other: a second or two.
const MOST_WORK: u64 = 1 << 30;
const MOST_PASSES: u32 = 20;
const MOST_LANES: u32 = 16;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{fault, is_of};

    const PASSWORD: &str = "Grüße, Welt 1!";

    /// Made with Python's `hashlib`, `bcrypt` and `argon2-cffi`, PyCryptodome and OpenSSL.
    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("imported/vectors.json")).unwrap()
    }

    #[test]
    fn every_hash_is_known_again_and_no_other_password() {
        for vector in vectors() {
            let stored = vector.to_string();
            assert_eq!(fault(vector.as_object().unwrap()), None, "{stored}");
            assert!(is_of(&stored, PASSWORD), "{stored}");
            for other in ["", "Grüße, Welt 1", "Grüße, Welt 1!!", "gruesse"] {
                assert!(!is_of(&stored, other), "{other:?} {stored}");
            }
        }
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        let sha =
            |value: &str| json!({ "algorithm": "sha256", "hash": { "value": value, "encoding": "hex" } });
        let of = |algorithm: &str, value: &str| json!({ "algorithm": algorithm, "hash": { "value": value, "encoding": "utf8" } });
        for hash in [
            json!({}),
            json!({ "algorithm": "rot13", "hash": { "value": "a" } }),
            json!({ "algorithm": "sha256" }),
            sha(""),
            sha("00"),
            sha("zz"),
            sha("0"),
            sha("\0"),
            of("argon2", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"),
            of("argon2", "$argon2id$"),
            of("bcrypt", "$2b$31$C6UzMDM.H6dfI/f/IKcEeO7ZQOuNkd0FZ4n8MaXwAWqTLEp4xJ2kC"),
            of("bcrypt", "$2b$"),
            of("pbkdf2", "$pbkdf2-sha256$i=4294967295,l=32$c2FsdA$AAAA"),
            of("pbkdf2", "$pbkdf2-nothing$i=1,l=3$c2FsdA$AAAA"),
            of("pbkdf2", "$pbkdf2-sha256$i=1$l=3"),
            of("ldap", "{CRYPT}abc"),
            of("ldap", "{SSHA}AAAA"),
            of("ldap", "SSHA"),
            json!({ "algorithm": "hmac", "hash": { "value": "00", "encoding": "hex" } }),
            json!({ "algorithm": "scrypt", "hash": { "value": "AAAA", "encoding": "base64" }, "keylen": 3 }),
            json!({
                "algorithm": "scrypt", "hash": { "value": "AAAA", "encoding": "base64" }, "keylen": 3,
                "salt": { "value": "" }, "cost": 1_048_576, "blockSize": 64
            }),
            json!({
                "algorithm": "scrypt", "hash": { "value": "AAAA", "encoding": "base64" }, "keylen": 3,
                "salt": { "value": "" }, "cost": 3
            }),
        ] {
            assert!(fault(hash.as_object().unwrap()).is_some(), "{hash}");
            assert!(!is_of(&hash.to_string(), ""), "{hash}");
        }
        for stored in ["", "null", "[]", "{", "{\"algorithm\":1}"] {
            assert!(!is_of(stored, "a"));
        }
    }
}
