//! Where a backup goes: to a file that appears only once it is whole, or to standard output.

use std::{
    fs::{self, DirBuilder, File},
    io::{BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// What names standard input or output.
pub const STANDARD: &str = "-";

/// Where a backup goes.
pub enum Place {
    /// A file that becomes visible when it is whole.
    File { path: PathBuf, replaces: bool },
    /// Something that is written to as it comes: standard output, a pipe, a device.
    Stream(Box<dyn Write + Send>),
}

impl Place {
    pub fn of(path: &Path, replaces: bool) -> Result<Place> {
        if path == Path::new(STANDARD) {
            return Ok(Place::Stream(Box::new(std::io::stdout())));
        }
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let device =
                    File::options().write(true).open(path).with_context(|| path.display().to_string())?;
                Ok(Place::Stream(Box::new(device)))
            }
            Ok(found) => {
                ensure!(found.is_file(), "{} is a folder: name a file in it", path.display());
                ensure!(replaces, "{} is there already: say --force to replace it", path.display());
                Ok(Place::File { path: path.to_owned(), replaces })
            }
            Err(_) => Ok(Place::File { path: path.to_owned(), replaces }),
        }
    }

    /// Has it filled; a file that was not filled to its end is gone.
    pub fn fill<T>(
        self,
        fill: impl FnOnce(BufWriter<Box<dyn Write + Send>>) -> Result<(BufWriter<Box<dyn Write + Send>>, T)>,
    ) -> Result<T> {
        match self {
            Place::Stream(stream) => {
                let (mut out, told) = fill(BufWriter::new(stream))?;
                out.flush().context("writing the backup")?;
                Ok(told)
            }
            Place::File { path, replaces } => {
                let name = path.file_name().context("a backup needs the name of a file")?.to_string_lossy();
                let prefix = format!(".{name}.");
                // Made for its owner alone, under a name that nobody else has.
                let fresh = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder_of(&path));
                let fresh = fresh.with_context(|| format!("making a file beside {}", path.display()))?;
                let (mut out, told) = fill(BufWriter::new(Box::new(fresh.as_file().try_clone()?)))?;
                out.flush().context("writing the backup")?;
                fresh.as_file().sync_all().context("writing the backup")?;
                match replaces {
                    true => fresh.persist(&path).map(drop),
                    false => fresh.persist_noclobber(&path).map(drop),
                }
                .with_context(|| format!("naming the backup {}", path.display()))?;
                File::open(folder_of(&path))
                    .and_then(|folder| folder.sync_all())
                    .context("writing the backup")?;
                Ok(told)
            }
        }
    }
}

/// A new folder for what has to make room.
pub fn aside(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join(format!("replaced-{}", idp::Clock::System.now_ms()));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}
