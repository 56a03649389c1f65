//! The master keys that seal secrets at rest, as a text: one key a line, its name and its 32 bytes in base64, the current
//! one first. Keys are added and never taken away here, since what they sealed would be lost. Where the text lies is for
//! others to know, and [`key_file`] and [`WrappedKeys`] are for them.

pub mod key_file;
mod wrapped;

use std::io;
use std::path::PathBuf;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::sealed::{SealError, SealingKey, SealingRing};
pub use wrapped::{WrappedKeys, new_data_key};

/// The master keys of an installation, the current one first.
#[derive(Debug)]
pub struct MasterKeys(Vec<SealingKey>);

/// Why there are no master keys.
#[derive(Debug, thiserror::Error)]
pub enum MasterError {
    #[error("the master key file {} cannot be used", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{} is missing: it holds the key under which the store's secrets are sealed; put it back",
        path.display()
    )]
    Missing { path: PathBuf },
    #[error(
        "the master key file {} can be read by others than its owner (mode {mode:03o}): run chmod 600 on it",
        path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the master key file {} was changed by somebody else meanwhile, and is left as they wrote it: run this again",
        path.display()
    )]
    Changed { path: PathBuf },
    #[error("line {line} of the master keys is not a name and 32 bytes in base64: {why}")]
    Line { line: usize, why: Why },
    #[error("the master keys hold two keys named {id}")]
    Twice { id: String },
    #[error("there is no master key in what was given")]
    None,
    #[error("the master keys are wrapped by {service}, and are nothing before that has unwrapped them")]
    Wrapped { service: String },
    #[error("this is no wrapped master key: {0}")]
    NotWrapped(&'static str),
    #[error(
        "the data key that was unwrapped does not open the master keys: it is another one, or they were altered"
    )]
    Altered,
    #[error("a master key could not be made")]
    Key(#[from] SealError),
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("it has one word where there are two, such as `k1 …`")]
    NoName,
    #[error("a name has 1 to 64 letters, digits, '-' or '_'")]
    Name,
    #[error("the second word is not base64, with '+', '/' and '=' at its end")]
    Encoding,
    #[error("it has {0} bytes and not 32")]
    Length(usize),
}

pub(crate) type Result<T> = std::result::Result<T, MasterError>;

impl MasterKeys {
    /// One new key.
    pub fn generate() -> Result<Self> {
        Ok(Self(vec![new_key(&[])?]))
    }

    /// Adds a new key in front of the others; what these sealed still opens.
    pub fn with_newer(mut self) -> Result<Self> {
        self.0.insert(0, new_key(&self.0)?);
        Ok(self)
    }

    /// Reads the keys from a text, such as the value of an environment variable.
    pub fn from_text(text: &str) -> Result<SealingRing> {
        Self::parse(text)?.ring()
    }

    /// The keys that a text holds.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(service) = WrappedKeys::service_of(text) {
            return Err(MasterError::Wrapped { service: service.to_owned() });
        }
        let mut keys: Vec<SealingKey> = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let bad = |why| MasterError::Line { line: index + 1, why };
            let (id, encoded) = line.trim().split_once(' ').ok_or_else(|| bad(Why::NoName))?;
            let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).map_err(|_| bad(Why::Encoding))?);
            let bytes = <&[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| bad(Why::Length(bytes.len())))?;
            if keys.iter().any(|key| key.id() == id) {
                return Err(MasterError::Twice { id: id.to_owned() });
            }
            keys.push(SealingKey::from_bytes(id, bytes).map_err(|_| bad(Why::Name))?);
        }
        if keys.is_empty() { Err(MasterError::None) } else { Ok(Self(keys)) }
    }

    /// The keys as a text, in clear.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 128));
        for key in &self.0 {
            let encoded = Zeroizing::new(STANDARD.encode(key.bytes()));
            text.push_str(key.id());
            text.push(' ');
            text.push_str(&encoded);
            text.push('\n');
        }
        text
    }

    /// The ring that seals with the first of them.
    pub fn ring(self) -> Result<SealingRing> {
        let mut keys = self.0.into_iter();
        let current = keys.next().ok_or(MasterError::None)?;
        Ok(keys.fold(SealingRing::new(current), SealingRing::with_older))
    }
}

fn new_key(others: &[SealingKey]) -> Result<SealingKey> {
    loop {
        let id = random_hex()?;
        if others.iter().all(|key| key.id() != id) {
            return Ok(SealingKey::generate(&id)?);
        }
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes).map_err(|_| SealError::Library)?;
    Ok(format!("{:08x}", u32::from_be_bytes(bytes)))
}
