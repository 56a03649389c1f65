//! The folder of a test double: in memory where the system has room for files there, gone with the process. What a killed
//! process left is cleared away by the next one.

use std::{
    fs::{self, File},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use rustix::fs::OFlags;
use tempfile::TempDir;

/// A folder of one's own that nobody else may look into; dropping it removes it.
pub fn make() -> Result<TempDir> {
    let base = base();
    let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&base);
    made.with_context(|| format!("making a folder in {}", base.display()))
}

/// Removes the folders of processes that are gone. Whoever lives holds the lock in theirs.
pub fn clear_away() {
    for entry in fs::read_dir(base()).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Before that file is there, the lock may not have been taken yet.
        if is_ours && folder.join("run.json").is_file() && is_abandoned(&folder) {
            // Another user's cannot be removed, and need not be.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    // Whoever may write there may have put anything in the lock's place: a pipe would be waited for.
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let lock = File::options().write(true).custom_flags(flags).open(folder.join("lock"));
    lock.is_ok_and(|lock| lock.metadata().is_ok_and(|about| about.is_file()) && lock.try_lock().is_ok())
}

/// Where files lie in memory, if there is room for some, or else where temporary ones do.
fn base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).map_or(0, |about| about.f_bavail.saturating_mul(about.f_frsize));
    if room >= ROOM { memory.to_owned() } else { std::env::temp_dir() }
}

const PREFIX: &str = "countersign-dev-";
/// Containers often have 64 MiB there, which a thousand tenants would fill.
const ROOM: u64 = 128 << 20;

#[cfg(test)]
mod tests {
    use std::{process::Command, sync::mpsc, thread, time::Duration};

    use super::*;

    #[test]
    fn only_a_file_that_nobody_holds_says_that_a_folder_is_abandoned() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("lock");
        let asked = || {
            let (tell, told) = mpsc::channel();
            let folder = folder.path().to_owned();
            thread::spawn(move || tell.send(is_abandoned(&folder)));
            told.recv_timeout(Duration::from_secs(30)).expect("nothing is waited for")
        };
        assert!(!asked());
        assert!(Command::new("mkfifo").arg(&lock).status().unwrap().success());
        assert!(!asked());
        // Also where somebody reads it.
        let _reader = File::options().read(true).write(true).open(&lock).unwrap();
        assert!(!asked());
        fs::remove_file(&lock).unwrap();
        let held = File::create(&lock).unwrap();
        held.lock().unwrap();
        assert!(!asked());
        held.unlock().unwrap();
        assert!(asked());
    }
}
