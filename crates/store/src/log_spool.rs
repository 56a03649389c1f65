//! Where log events wait that the store does not take: a file in the node's own folder, bounded in bytes. What lies there
//! survives the process, and leaves as it came: in the same order, and in the same parts, each of which was written before
//! or not at all. There is no file while nothing waits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Notify;
use tokio::task;

use crate::db::{Error, Result, Rows, spool_file};
use crate::log_row::{LogRows, Note, to_text};

/// Where events wait, and how many of them may. Clones share it.
#[derive(Clone, Debug)]
pub struct LogSpool(Arc<Shared>);

/// What the file is called.
pub const SPOOL: &str = "log-spool.db";

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    most: u64,
    kept: Mutex<Kept>,
    /// How many parts wait.
    parts: AtomicU64,
    events: AtomicU64,
    bytes: AtomicU64,
    /// Rung when a part comes.
    bell: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    /// Open while anything waits.
    file: Option<Connection>,
    /// By number, how many events a part has and how many bytes it takes.
    parts: BTreeMap<i64, (u32, u32)>,
    /// How many events and bytes that is in all.
    total: (u64, u64),
    /// Whether the file was found unreadable; it is left to the operator.
    is_broken: bool,
}

/// A part that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    number: i64,
    pub events: u32,
    /// What it holds, if that can still be read.
    pub rows: Result<LogRows>,
    pub is_last: bool,
}

impl LogSpool {
    /// A file in this folder, and how many bytes of events may lie there.
    pub fn new(folder: &Path, most: u64) -> Self {
        let path = folder.join(SPOOL);
        Self(Arc::new(Shared {
            path,
            most,
            kept: Mutex::default(),
            parts: AtomicU64::new(0),
            events: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            bell: Notify::new(),
        }))
    }

    /// Takes up what an earlier process left.
    pub(crate) async fn open(&self) -> Result<()> {
        self.work(|shared| {
            if !shared.path.exists() {
                return Ok(());
            }
            let mut kept = shared.kept();
            let opened = kept.open(&shared.path);
            kept.is_broken = opened.is_err();
            shared.count(&kept);
            opened?;
            // A process that was killed just then leaves one with nothing in it.
            if kept.parts.is_empty() { kept.close(&shared.path) } else { Ok(()) }
        })
        .await
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.parts.load(Ordering::Acquire) == 0
    }

    /// How many events wait.
    pub fn events(&self) -> u64 {
        self.0.events.load(Ordering::Relaxed)
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Keeps a part behind all others; whether there was room.
    pub(crate) async fn put(&self, rows: &Arc<Rows>, notes: Vec<Note>) -> Result<bool> {
        let rows = rows.clone();
        self.work(move |shared| {
            let mut kept = shared.kept();
            if kept.is_broken {
                return Err(Error::database("the file was found unreadable at the start"));
            }
            let text = to_text(&rows, &notes)?;
            let too_large = |_| Error::TooLong { what: "a part of the log".to_owned() };
            let size = (rows.len().try_into().map_err(too_large)?, text.len().try_into().map_err(too_large)?);
            if kept.total.1 + u64::from(size.1) > shared.most {
                return Ok(false);
            }
            kept.open(&shared.path)?;
            kept.put(&text, size)?;
            shared.count(&kept);
            shared.bell.notify_one();
            Ok(true)
        })
        .await
    }

    /// Returns when something waits. One may wait for it.
    pub(crate) async fn holds(&self) {
        while self.is_empty() {
            self.0.bell.notified().await;
        }
    }

    /// The part that has waited longest.
    pub(crate) async fn first(&self) -> Result<Option<Waiting>> {
        self.work(|shared| Ok(shared.kept().first())).await
    }

    /// Lets go of a part that has been written, or given up. Where the disk does not even let it be removed, the next
    /// process writes it once more, which does no harm.
    pub(crate) async fn remove(&self, part: &Waiting) {
        let number = part.number;
        let removed = self.work(move |shared| {
            let mut kept = shared.kept();
            let removed = kept.remove(number, &shared.path);
            shared.count(&kept);
            removed
        });
        if let Err(error) = removed.await {
            tracing::warn!(%error, "log events that were written could not be removed from where they waited");
        }
    }

    /// Does what may wait for the disk.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = self.0.clone();
        task::spawn_blocking(move || work(&shared)).await.map_err(Error::database)?
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, kept: &Kept) {
        self.events.store(kept.total.0, Ordering::Relaxed);
        self.bytes.store(kept.total.1, Ordering::Relaxed);
        self.parts.store(kept.parts.len() as u64, Ordering::Release);
    }
}

impl Kept {
    /// Opens the file, making it if need be, and counts what lies there.
    fn open(&mut self, path: &Path) -> Result<()> {
        if self.file.is_some() {
            return Ok(());
        }
        let file = spool_file(path)?;
        file.execute_batch(TABLE).map_err(Error::database)?;
        let counted = file
            .prepare("select number, events, length(cast(body as blob)) from parts order by number")
            .and_then(|mut all| {
                all.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.collect()
            });
        let counted: Vec<(i64, (u32, u32))> = counted.map_err(Error::database)?;
        counted.into_iter().for_each(|(number, size)| self.note(number, size));
        self.file = Some(file);
        Ok(())
    }

    fn note(&mut self, number: i64, size: (u32, u32)) {
        self.parts.insert(number, size);
        self.total = (self.total.0 + u64::from(size.0), self.total.1 + u64::from(size.1));
    }

    fn put(&mut self, text: &str, size: (u32, u32)) -> Result<()> {
        let Some(file) = &self.file else { return Err(Error::Closed) };
        let number = file
            .prepare_cached("insert into parts (events, body) values (?1, ?2)")
            .and_then(|mut put| put.insert((size.0, text)))
            .map_err(Error::database)?;
        self.note(number, size);
        Ok(())
    }

    fn first(&self) -> Option<Waiting> {
        let (number, (events, _)) = self.parts.first_key_value()?;
        let text: rusqlite::Result<String> = self
            .file
            .as_ref()?
            .prepare_cached("select body from parts where number = ?1")
            .and_then(|mut body| body.query_row([number], |row| row.get(0)));
        let rows = text.map_err(Error::database).and_then(|text| LogRows::from_text(&text));
        Some(Waiting { number: *number, events: *events, rows, is_last: self.parts.len() == 1 })
    }

    fn remove(&mut self, number: i64, path: &Path) -> Result<()> {
        if let Some((events, bytes)) = self.parts.remove(&number) {
            self.total = (self.total.0 - u64::from(events), self.total.1 - u64::from(bytes));
        }
        if self.parts.is_empty() {
            return self.close(path);
        }
        let Some(file) = &self.file else { return Ok(()) };
        // With it go those before it that could not be removed.
        file.prepare_cached("delete from parts where number <= ?1")
            .and_then(|mut remove| remove.execute([number]))
            .map(drop)
            .map_err(Error::database)
    }

    /// Removes the file. Closed first: SQLite removes its journal, which a new file of that name must not lose.
    fn close(&mut self, path: &Path) -> Result<()> {
        drop(self.file.take());
        fs::remove_file(path).map_err(Error::database)
    }
}

/// Numbers are never used again, so that they stay in the order in which parts came.
const TABLE: &str = "create table if not exists parts (
    number integer not null primary key autoincrement, events integer not null, body text not null)";
