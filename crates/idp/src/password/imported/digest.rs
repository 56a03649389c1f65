//! The digests that other systems made hashes of passwords with.

use ::pbkdf2::pbkdf2;
use hmac::{KeyInit, Mac, SimpleHmac};
use md4::Md4;
use md5::Md5;
use model::password::custom_hash::HmacDigest;
use ripemd::Ripemd160;
use sha1::{Digest as _, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use whirlpool::Whirlpool;

/// A digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    Md4,
    Md5,
    Ripemd160,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
    Whirlpool,
}

/// Does something with the type that a digest is.
macro_rules! with {
    ($digest:expr, $type:ident => $done:expr) => {
        match $digest {
            Digest::Md4 => {
                type $type = Md4;
                $done
            }
            Digest::Md5 => {
                type $type = Md5;
                $done
            }
            Digest::Ripemd160 => {
                type $type = Ripemd160;
                $done
            }
            Digest::Sha1 => {
                type $type = Sha1;
                $done
            }
            Digest::Sha224 => {
                type $type = Sha224;
                $done
            }
            Digest::Sha256 => {
                type $type = Sha256;
                $done
            }
            Digest::Sha384 => {
                type $type = Sha384;
                $done
            }
            Digest::Sha512 => {
                type $type = Sha512;
                $done
            }
            Digest::Sha512_224 => {
                type $type = Sha512_224;
                $done
            }
            Digest::Sha512_256 => {
                type $type = Sha512_256;
                $done
            }
            Digest::Whirlpool => {
                type $type = Whirlpool;
                $done
            }
        }
    };
}

impl Digest {
    /// The digest that OpenSSL knows by this name.
    pub fn named(name: &str) -> Option<Digest> {
        let name = name.to_ascii_lowercase();
        Some(match name.strip_prefix("rsa-").unwrap_or(&name) {
            "md4" => Digest::Md4,
            "md5" => Digest::Md5,
            "ripemd" | "rmd160" | "ripemd160" => Digest::Ripemd160,
            "sha" | "sha1" | "sha-1" => Digest::Sha1,
            "sha224" | "sha-224" => Digest::Sha224,
            "sha256" | "sha-256" => Digest::Sha256,
            "sha384" | "sha-384" => Digest::Sha384,
            "sha512" | "sha-512" => Digest::Sha512,
            "sha512-224" | "sha512/224" => Digest::Sha512_224,
            "sha512-256" | "sha512/256" => Digest::Sha512_256,
            "whirlpool" => Digest::Whirlpool,
            _ => return None,
        })
    }

    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        with!(self, D => D::digest(bytes).to_vec())
    }

    pub fn hmac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        with!(self, D => {
            // An HMAC takes a key of any length.
            let Ok(mut mac) = <SimpleHmac<D> as KeyInit>::new_from_slice(key) else { return Vec::new() };
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        })
    }

    pub fn pbkdf2(self, password: &[u8], salt: &[u8], rounds: u32, made: &mut [u8]) {
        // It fails on no key and no length.
        let _ = with!(self, D => pbkdf2::<SimpleHmac<D>>(password, salt, rounds, made));
    }
}

impl From<HmacDigest> for Digest {
    fn from(digest: HmacDigest) -> Digest {
        match digest {
            HmacDigest::Md4 => Digest::Md4,
            HmacDigest::Md5 => Digest::Md5,
            HmacDigest::Ripemd160 => Digest::Ripemd160,
            HmacDigest::Sha1 => Digest::Sha1,
            HmacDigest::Sha224 => Digest::Sha224,
            HmacDigest::Sha256 => Digest::Sha256,
            HmacDigest::Sha384 => Digest::Sha384,
            HmacDigest::Sha512 => Digest::Sha512,
            HmacDigest::Whirlpool => Digest::Whirlpool,
        }
    }
}
