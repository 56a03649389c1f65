//! A folder that is gone when the chore is done, whatever happened in between.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// An empty folder of this run's own.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder; `purpose` and the process id are its name.
    pub fn new(purpose: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("countersign-{purpose}-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("left behind: {}: {error}", self.0.display());
        }
    }
}
