//! Master keys that lie wrapped: their text is sealed under a data key, which a key service keeps wrapped under a key that
//! it gives nobody. One line says who wraps, under which key, the wrapped data key and the sealed text:
//! `wrapped vault countersign vault:v1:… cs1.data.…`. It is no secret.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::{MasterError, MasterKeys, Result};
use crate::sealed::{SealError, SealingKey, SealingRing};

/// What lies where master keys would, in the words of whoever wraps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKeys {
    /// Which kind of service wraps.
    pub service: String,
    /// Under which key of it.
    pub key: String,
    /// The data key, as the service gave it back.
    pub data_key: String,
    sealed: String,
}

/// A new key to seal master keys under, for one time.
pub fn new_data_key() -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| SealError::Library)?;
    Ok(bytes)
}

impl WrappedKeys {
    /// Seals master keys under a data key that the service has wrapped already. None of the names has a space.
    pub fn seal(keys: &MasterKeys, [service, key, wrapped]: [&str; 3], data_key: &[u8; 32]) -> Result<Self> {
        let sealed = ring(data_key)?.seal(&context(service, key), keys.text().as_bytes())?;
        let [service, key, data_key] = [service, key, wrapped].map(str::to_owned);
        Self::parse(&Self { service, key, data_key, sealed }.text())
    }

    /// The master keys, with the unwrapped data key.
    pub fn open(&self, data_key: &[u8; 32]) -> Result<MasterKeys> {
        let opened = ring(data_key)?.open(&context(&self.service, &self.key), &self.sealed);
        let opened = opened.map_err(|_| MasterError::Altered)?;
        MasterKeys::parse(std::str::from_utf8(&opened).map_err(|_| MasterError::Altered)?)
    }

    /// Who would unwrap a text, if it is a wrapped one.
    pub fn service_of(text: &str) -> Option<&str> {
        let mut words = text.trim_start().lines().next()?.split_ascii_whitespace();
        let (first, service) = (words.next()?, words.next()?);
        // A key in clear may bear that name, and is followed by no third word.
        (first == WRAPPED && words.next().is_some()).then_some(service)
    }

    /// What a text says that [`service_of`](Self::service_of) knows.
    pub fn parse(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [WRAPPED, service, key, data_key, sealed] = words.as_slice() else {
            return Err(MasterError::NotWrapped("it has not the five words of one"));
        };
        if words.iter().any(|word| !word.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(MasterError::NotWrapped("it has characters that are not printed"));
        }
        let [service, key, data_key, sealed] =
            [service, key, data_key, sealed].map(|word| (*word).to_owned());
        Ok(Self { service, key, data_key, sealed })
    }

    /// The line.
    pub fn text(&self) -> String {
        let Self { service, key, data_key, sealed } = self;
        format!("{WRAPPED} {service} {key} {data_key} {sealed}\n")
    }
}

fn ring(data_key: &[u8; 32]) -> Result<SealingRing> {
    Ok(SealingRing::new(SealingKey::from_bytes("data", data_key)?))
}

fn context(service: &str, key: &str) -> String {
    format!("master keys/{service}/{key}")
}

const WRAPPED: &str = "wrapped";
