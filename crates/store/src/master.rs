//! The master keys that seal secrets at rest, in a file that only its owner can read: one key a line, its name
//! and its 32 bytes in base64, the current one first. Keys are added and never taken away here, since what they
//! sealed would be lost.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::sealed::{SealError, SealingKey, SealingRing};

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
    #[error("line {line} of the master keys is not a name and 32 bytes in base64")]
    Line { line: usize },
    #[error("the master keys hold two keys named {id}")]
    Twice { id: String },
    #[error("there is no master key in what was given")]
    None,
    #[error("a master key could not be made")]
    Key(#[from] SealError),
}

type Result<T> = std::result::Result<T, MasterError>;

impl MasterKeys {
    /// Loads the keys from a file that must exist: one made anew opens nothing that the store has sealed.
    pub fn load(path: &Path) -> Result<SealingRing> {
        Self::read(path)?.ring()
    }

    /// Loads the keys from a file; a file that does not exist is made, with one new key.
    pub fn load_or_create(path: &Path) -> Result<SealingRing> {
        match Self::read(path) {
            Err(MasterError::Missing { .. }) => {}
            keys => return keys?.ring(),
        }
        DirBuilder::new().recursive(true).mode(0o700).create(directory(path)).map_err(file(path))?;
        let keys = Self(vec![new_key(&[])?]);
        let fresh = Fresh::write(path, &keys.text(), None)?;
        // Complete when it appears, and only if nobody else was faster.
        match fs::hard_link(&fresh.path, path) {
            Ok(()) => fresh.settle(path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                drop(fresh);
                return Self::load(path);
            }
            Err(source) => return Err(file(path)(source)),
        }
        keys.ring()
    }

    /// The keys in a file, as their text.
    pub fn text_of(path: &Path) -> Result<Zeroizing<String>> {
        Ok(Self::read(path)?.text())
    }

    /// Writes the keys that are in a text to a file that must not be there yet.
    pub fn write_new(path: &Path, text: &str) -> Result<()> {
        let keys = Self::parse(text)?;
        DirBuilder::new().recursive(true).mode(0o700).create(directory(path)).map_err(file(path))?;
        let fresh = Fresh::write(path, &keys.text(), None)?;
        fs::hard_link(&fresh.path, path).map_err(file(path))?;
        fresh.settle(path)
    }

    /// Reads the keys from a text, such as the value of an environment variable.
    pub fn from_text(text: &str) -> Result<SealingRing> {
        Self::parse(text)?.ring()
    }

    /// Adds a new key in front of those in a file; what the older ones sealed still opens.
    pub fn rotate(path: &Path) -> Result<SealingRing> {
        let mut keys = Self::read(path)?;
        keys.0.insert(0, new_key(&keys.0)?);
        let before = fs::metadata(path).map_err(file(path))?;
        let fresh = Fresh::write(path, &keys.text(), Some((before.uid(), before.gid())))?;
        fs::rename(&fresh.path, path).map_err(file(path))?;
        fresh.settle(path)?;
        keys.ring()
    }

    fn read(path: &Path) -> Result<Self> {
        let mut opened = File::open(path).map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound {
                MasterError::Missing { path: path.to_owned() }
            } else {
                file(path)(source)
            }
        })?;
        let mode = opened.metadata().map_err(file(path))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterError::Exposed { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        opened.read_to_string(&mut text).map_err(file(path))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut keys: Vec<SealingKey> = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let bad = || MasterError::Line { line: index + 1 };
            let (id, encoded) = line.trim().split_once(' ').ok_or_else(bad)?;
            let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).map_err(|_| bad())?);
            let bytes = <&[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| bad())?;
            if keys.iter().any(|key| key.id() == id) {
                return Err(MasterError::Twice { id: id.to_owned() });
            }
            keys.push(SealingKey::from_bytes(id, bytes).map_err(|_| bad())?);
        }
        if keys.is_empty() { Err(MasterError::None) } else { Ok(Self(keys)) }
    }

    fn text(&self) -> Zeroizing<String> {
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

    fn ring(self) -> Result<SealingRing> {
        let mut keys = self.0.into_iter();
        let current = keys.next().ok_or(MasterError::None)?;
        Ok(keys.fold(SealingRing::new(current), SealingRing::with_older))
    }
}

/// A complete new file beside the one it is to become; removed if it does not.
struct Fresh {
    path: PathBuf,
}

impl Fresh {
    fn write(beside: &Path, text: &str, owner: Option<(u32, u32)>) -> Result<Self> {
        let mut name = beside.as_os_str().to_owned();
        name.push(format!(".{}", random_hex()?));
        let path = PathBuf::from(name);
        let mut opened =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(file(&path))?;
        let fresh = Self { path };
        let mut write = || {
            // A rotation run by root leaves the file to the server that reads it.
            if let Some((user, group)) = owner {
                fchown(&opened, Some(user), Some(group))?;
            }
            opened.write_all(text.as_bytes())?;
            opened.sync_all()
        };
        write().map_err(file(&fresh.path))?;
        Ok(fresh)
    }

    /// Makes the new name last through a power cut.
    fn settle(self, path: &Path) -> Result<()> {
        drop(self);
        File::open(directory(path)).and_then(|directory| directory.sync_all()).map_err(file(path))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        let _ = fs::remove_file(&self.path);
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
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

fn file(path: &Path) -> impl FnOnce(io::Error) -> MasterError {
    move |source| MasterError::File { path: path.to_owned(), source }
}
