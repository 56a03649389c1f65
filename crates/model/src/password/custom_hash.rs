//! A password as another system knew it: the algorithm, what came out of it, and what went in beside the password.

use schema::Shaped;
use serde::Deserialize;

/// A password as another system knew it.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CustomPasswordHash {
    /// What it was hashed with.
    pub algorithm: HashAlgorithm,
    /// What came out.
    pub hash: HashValue,
    /// What was hashed together with the password.
    pub salt: Option<Salt>,
    /// How the password was written.
    pub password: Option<PasswordText>,
    /// How many bytes scrypt made.
    #[field(min(1), max(1_024))]
    pub keylen: Option<u32>,
    /// How hard scrypt worked.
    #[field(min(2), max(1_048_576))]
    pub cost: Option<u32>,
    /// How large its blocks were.
    #[serde(rename = "blockSize")]
    #[field(min(1), max(64))]
    pub block_size: Option<u32>,
    /// How many lanes it had.
    #[field(min(1), max(64))]
    pub parallelization: Option<u32>,
}

/// What a password was hashed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum HashAlgorithm {
    Argon2,
    Bcrypt,
    Hmac,
    Ldap,
    Md4,
    Md5,
    Pbkdf2,
    Scrypt,
    Sha1,
    Sha256,
    Sha512,
}

/// What came out of hashing.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HashValue {
    /// The text of it.
    #[field(min(1), max(4_096))]
    pub value: String,
    /// How the text is written.
    pub encoding: Option<Encoding>,
    /// What an HMAC is made with.
    pub digest: Option<HmacDigest>,
    /// The key of an HMAC.
    pub key: Option<HmacKey>,
}

/// The key of an HMAC.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HmacKey {
    /// The text of it.
    #[field(max(4_096))]
    pub value: String,
    /// How the text is written.
    pub encoding: Option<Encoding>,
}

/// What was hashed together with a password.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Salt {
    /// The text of it.
    #[field(max(4_096))]
    pub value: String,
    /// How the text is written.
    pub encoding: Option<Encoding>,
    /// Where it stood.
    pub position: Option<SaltPosition>,
}

/// Where a salt stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum SaltPosition {
    Prefix,
    Suffix,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    Base64,
    Hex,
    Utf8,
}

/// What an HMAC is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum HmacDigest {
    Md4,
    Md5,
    Ripemd160,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Whirlpool,
}

/// How a password was written before it was hashed.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PasswordText {
    /// The characters' encoding.
    pub encoding: Option<TextEncoding>,
}

/// How characters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum TextEncoding {
    Ascii,
    Utf8,
    Utf16le,
    Ucs2,
    Latin1,
    Binary,
}
