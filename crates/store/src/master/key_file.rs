//! The file of the master keys: its owner's alone, and at any moment either the old one or the new one, whole. What its
//! text says is nothing to it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{MasterError, Result, random_hex};

/// The text of a file that must exist: keys made anew open nothing that the store has sealed.
pub fn read(path: &Path) -> Result<Zeroizing<String>> {
    let mut opened = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => MasterError::Missing { path: path.to_owned() },
        _ => file(path)(source),
    })?;
    let mode = opened.metadata().map_err(file(path))?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(MasterError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    opened.read_to_string(&mut text).map_err(file(path))?;
    Ok(text)
}

/// Writes a file that is not there yet; no if somebody else was faster.
pub fn create(path: &Path, text: &str) -> Result<bool> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory(path)).map_err(file(path))?;
    let fresh = Fresh::write(path, text, None)?;
    // Complete when it appears.
    match fs::hard_link(&fresh.path, path) {
        Ok(()) => fresh.settle(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(source) => Err(file(path)(source)),
    }
}

/// Puts another text in the place of the one that was read from a file, which stays its owner's. Whoever read before somebody
/// else wrote replaces nothing: a key that only the other's text has would be lost.
pub fn replace(path: &Path, was: &str, text: &str) -> Result<()> {
    let held = File::open(path).map_err(file(path))?;
    held.lock().map_err(file(path))?;
    if *read(path)? != *was {
        return Err(MasterError::Changed { path: path.to_owned() });
    }
    let before = fs::metadata(path).map_err(file(path))?;
    let fresh = Fresh::write(path, text, Some((before.uid(), before.gid())))?;
    fs::rename(&fresh.path, path).map_err(file(path))?;
    fresh.settle(path)
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

fn file(path: &Path) -> impl FnOnce(io::Error) -> MasterError {
    move |source| MasterError::File { path: path.to_owned(), source }
}
