//! A token under the key of whoever is to read it: compact JWE (RFC 7516 §7.1) with RSA-OAEP and AES-256-GCM. It says
//! nothing about who made what it opens; that is the signature's work, inside.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
    OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::token::parse_object;
use crate::{
    Error, KeyKind, PrivateKey, PublicKey, Result, b64url_decode, b64url_encode, base64url, random_bytes,
};

/// How the content's key is kept (RFC 7518 §4.3). RSA-OAEP with SHA-1, and PKCS#1 v1.5, are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManagement {
    RsaOaep256,
    RsaOaep384,
    RsaOaep512,
}

impl KeyManagement {
    /// Every way there is.
    pub const ALL: [Self; 3] = [Self::RsaOaep256, Self::RsaOaep384, Self::RsaOaep512];

    /// The wire text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
        }
    }

    fn oaep(self) -> &'static OaepAlgorithm {
        match self {
            Self::RsaOaep256 => &OAEP_SHA256_MGF1SHA256,
            Self::RsaOaep384 => &OAEP_SHA384_MGF1SHA384,
            Self::RsaOaep512 => &OAEP_SHA512_MGF1SHA512,
        }
    }
}

impl FromStr for KeyManagement {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text).ok_or(Error::UnknownAlgorithm)
    }
}

/// The key of a recipient with its header, ready to encrypt.
pub struct Encrypter {
    header: String,
    management: KeyManagement,
    key: OaepPublicEncryptingKey,
}

impl Encrypter {
    /// Prepares a recipient's key for nested tokens (RFC 7519 §5.2); only RSA keys of 2048 to 4096 bits encrypt.
    pub fn for_tokens(management: KeyManagement, key: &PublicKey, kid: Option<&str>) -> Result<Self> {
        require_rsa(key.kind())?;
        key.require_rsa_bits()?;
        let rsa = PublicEncryptingKey::from_der(&key.to_spki()).map_err(|_| Error::Key("not an RSA key"))?;
        let header = Header { alg: management.as_str(), enc: ENC, kid, cty: "JWT" };
        let header = b64url_encode(serde_json::to_vec(&header).expect("a struct of texts is JSON"));
        Ok(Self { header, management, key: OaepPublicEncryptingKey::new(rsa)? })
    }

    /// Encrypts a signed token under a key of its own.
    pub fn encrypt(&self, token: &str) -> Result<String> {
        let content_key = Zeroizing::new(random_bytes::<32>());
        let mut room = vec![0; self.key.ciphertext_size()];
        let wrapped = self.key.encrypt(self.management.oaep(), &*content_key, &mut room, None)?;
        let nonce = random_bytes::<NONCE_LEN>();
        let mut content = token.as_bytes().to_vec();
        let tag = cipher(&*content_key)?.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(self.header.as_bytes()),
            &mut content,
        )?;

        let length = self.header.len() + base64url::room_for(wrapped.len() + content.len()) + 64;
        let mut compact = String::with_capacity(length);
        compact.push_str(&self.header);
        for part in [&*wrapped, &nonce, &content, tag.as_ref()] {
            compact.push('.');
            base64url::append(part, &mut compact);
        }
        Ok(compact)
    }
}

impl fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encrypter({})", self.management.as_str())
    }
}

/// What a compact JWE held.
pub struct Decrypted {
    /// The protected header.
    pub header: Map<String, Value>,
    /// What was encrypted.
    pub content: Zeroizing<Vec<u8>>,
}

/// Opens a compact JWE with the recipient's key. What does not open has one answer, whatever the cause (RFC 7516 §11.5).
pub fn decrypt(key: &PrivateKey, compact: &str) -> Result<Decrypted> {
    require_rsa(key.kind())?;
    if compact.len() > LONGEST {
        return Err(Error::Token("longer than 32 KiB"));
    }
    let parts: Vec<&str> = compact.split('.').take(6).collect();
    let [protected, wrapped, nonce, content, tag] = parts[..] else {
        return Err(Error::Token("not five parts"));
    };
    let header = header(protected)?;
    let management: KeyManagement = text(&header, "alg").parse()?;
    if text(&header, "enc") != ENC {
        return Err(Error::UnknownAlgorithm);
    }

    let wrapped = b64url_decode(wrapped)?;
    let rsa = PrivateDecryptingKey::from_pkcs8(&key.to_pkcs8()?).map_err(|_| Error::Key("not an RSA key"))?;
    let rsa = OaepPrivateDecryptingKey::new(rsa)?;
    let mut room = Zeroizing::new(vec![0; rsa.min_output_size()]);
    let content_key = rsa.decrypt(management.oaep(), &wrapped, &mut room, None).map_err(|_| Error::Unwrap)?;
    let content =
        open(content_key, protected, &b64url_decode(nonce)?, b64url_decode(content)?, &b64url_decode(tag)?)?;
    Ok(Decrypted { header, content })
}

/// Encrypts content straight under a key that both sides have (RFC 7518 §4.5). The header is the caller's own, beside `alg`
/// and `enc`.
pub fn encrypt_direct(key: &[u8; 32], header: &Value, content: &[u8]) -> Result<String> {
    let mut protected = Map::from_iter([("alg".into(), DIRECT.into()), ("enc".into(), ENC.into())]);
    protected.extend(header.as_object().cloned().unwrap_or_default());
    let protected = b64url_encode(Value::Object(protected).to_string());
    let nonce = random_bytes::<NONCE_LEN>();
    let mut sealed = content.to_vec();
    let tag = cipher(key)?.seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(protected.as_bytes()),
        &mut sealed,
    )?;
    let [nonce, sealed, tag] = [&nonce[..], &sealed, tag.as_ref()].map(b64url_encode);
    Ok(format!("{protected}..{nonce}.{sealed}.{tag}"))
}

/// Opens what [`encrypt_direct`] made, with the key that belongs to its header. What does not open has one answer.
pub fn decrypt_direct(
    compact: &str,
    key: impl FnOnce(&Map<String, Value>) -> Option<[u8; 32]>,
) -> Result<Decrypted> {
    if compact.len() > LONGEST_DIRECT {
        return Err(Error::Token("longer than 256 KiB"));
    }
    let parts: Vec<&str> = compact.split('.').take(6).collect();
    let [protected, "", nonce, content, tag] = parts[..] else {
        return Err(Error::Token("not four parts and a gap"));
    };
    let header = header(protected)?;
    if (text(&header, "alg"), text(&header, "enc")) != (DIRECT, ENC) {
        return Err(Error::UnknownAlgorithm);
    }
    let key = Zeroizing::new(key(&header).ok_or(Error::Unwrap)?);
    let (nonce, content, tag) = (b64url_decode(nonce)?, b64url_decode(content)?, b64url_decode(tag)?);
    let content = open(&*key, protected, &nonce, content, &tag)?;
    Ok(Decrypted { header, content })
}

/// Opens the content; the header is sealed with it as it was written.
fn open(
    key: &[u8],
    protected: &str,
    nonce: &[u8],
    content: Vec<u8>,
    tag: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    if tag.len() != AES_256_GCM.tag_len() {
        return Err(Error::Unwrap);
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Unwrap)?;
    let mut sealed = Zeroizing::new([content.as_slice(), tag].concat());
    let cipher = cipher(key).map_err(|_| Error::Unwrap)?;
    cipher.open_in_place(nonce, Aad::from(protected.as_bytes()), &mut sealed).map_err(|_| Error::Unwrap)?;
    sealed.truncate(content.len());
    Ok(sealed)
}

fn header(protected: &str) -> Result<Map<String, Value>> {
    if protected.len() > LONGEST_HEADER {
        return Err(Error::Token("a header longer than 4 KiB"));
    }
    let header = parse_object(&b64url_decode(protected)?)
        .map_err(|_| Error::Token("the header is not an object with distinct members"))?;
    // RFC 7516 §4.1.13 and §4.1.3: neither extensions nor compression, which would tell by its length what is inside.
    if header.contains_key("crit") || header.contains_key("zip") {
        return Err(Error::Token("`crit` and `zip` are not supported"));
    }
    Ok(header)
}

fn text<'a>(header: &'a Map<String, Value>, member: &str) -> &'a str {
    header.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn cipher(key: &[u8]) -> Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?))
}

fn require_rsa(kind: KeyKind) -> Result<()> {
    match kind {
        KeyKind::Rsa => Ok(()),
        KeyKind::P256 | KeyKind::Ed25519 => Err(Error::Key("only RSA keys encrypt")),
    }
}

/// The protected header; the order of members is the order on the wire.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    enc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    cty: &'static str,
}

const ENC: &str = "A256GCM";
const DIRECT: &str = "dir";
/// What customers' code may have a token say, and the rest around it.
const LONGEST_DIRECT: usize = 256 * 1024;
/// A nested token of the longest kind that is taken apart, and the rest around it.
const LONGEST: usize = 32 * 1024;
const LONGEST_HEADER: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encrypted_under_a_shared_key_opens_with_it_alone() {
        let (key, header) = ([7; 32], serde_json::json!({ "kid": "a" }));
        let compact = encrypt_direct(&key, &header, b"content").unwrap();
        let opened = decrypt_direct(&compact, |header| (text(header, "kid") == "a").then_some(key)).unwrap();
        assert_eq!(opened.content.as_slice(), b"content");
        assert!(decrypt_direct(&compact, |_| Some([8; 32])).is_err());
        assert!(decrypt_direct(&compact, |_| None).is_err());
        let parts: Vec<&str> = compact.split('.').collect();
        for place in [0, 2, 3, 4] {
            let mut altered: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            let last = if altered[place].ends_with('A') { "B" } else { "A" };
            let whole = altered[place].len();
            altered[place].replace_range(whole - 1.., last);
            assert!(decrypt_direct(&altered.join("."), |_| Some(key)).is_err(), "{place}");
        }
        for wrong in ["", "....", "a.b.c", &format!("{compact}.x"), &compact.replace("..", ".x.")] {
            assert!(decrypt_direct(wrong, |_| Some(key)).is_err(), "{wrong}");
        }
    }

    /// RFC 7516 appendix A.1. Its key is kept with SHA-1, which is not spoken here; all after that is.
    #[test]
    fn rfc_7516_a_1_content() {
        let key = [
            177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112,
            46, 34, 105, 47, 130, 203, 46, 122, 234, 64, 252,
        ];
        let part = |text: &str| b64url_decode(text).expect("base64url");
        let content = open(
            &key,
            "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
            &part("48V1_ALb6US04U3b"),
            part("5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A"),
            &part("XFBoMYUZodetZdvTiFvSkQ"),
        );
        let expected = b"The true sign of intelligence is not knowledge but imagination.";
        assert_eq!(content.expect("it opens").as_slice(), expected);
    }
}
