//! Between those who log and the database. Pushing never waits and never fails; a task writes what has come
//! together, at the latest after a tenth of a second. A crash of the process therefore loses at most the last
//! 100 ms of events. What the database does not take waits in a spool, where there is one and it has room; new events that
//! find no room in memory either are dropped and counted.
//!
//! What is counted of the events ([`Added`]) is written with the last of those that wait, and at the latest after a
//! second: while many come, most of them only add to the same counts. Always with events, since only these tell, when an
//! answer was lost, whether they were written, and so whether they were counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};

use crate::log_feed::{LogFeed, NotWatched, Watch};
use crate::log_row::{LogRow, LogRows};
use crate::log_spool::LogSpool;
use crate::log_writer;
use crate::logs::Logs;

/// The queue of log events. Clones share it; dropping the last one writes what is left.
#[derive(Clone, Debug)]
pub struct LogQueue {
    shared: Arc<Shared>,
    spool: Option<LogSpool>,
    commands: mpsc::Sender<Command>,
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    waiting: Mutex<Waiting>,
    /// How many events the writer holds on to, since nothing takes them.
    held: AtomicUsize,
    /// Rung for the first event of a flush and for the one that fills it.
    bell: Notify,
    dropped: AtomicU64,
    pub feed: LogFeed,
    /// Rung when something was written.
    written: Notify,
}

/// Packed as they come: they are written by another thread, which is to touch as little memory of this one as it can.
#[derive(Debug, Default)]
struct Waiting {
    /// What is written at once, the first to be written first; all but the last are full.
    parts: VecDeque<LogRows>,
    rows: usize,
    /// How much text the rows carry.
    bytes: usize,
    /// The room of a part that was written.
    spare: Option<LogRows>,
}

/// How much may wait.
struct Room {
    rows: usize,
    bytes: usize,
}

/// What the writer may be asked.
#[derive(Debug)]
pub(crate) enum Command {
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

impl LogQueue {
    /// Starts the task that writes. What the store does not take waits in the spool, if there is one, and what already does
    /// so is written first. Needs a tokio runtime.
    pub fn start(logs: Logs, spool: Option<LogSpool>) -> Self {
        let shared = Arc::new(Shared::default());
        let (commands, commanded) = mpsc::channel(16);
        tokio::spawn(log_writer::run(logs, Arc::clone(&shared), spool.clone(), commanded));
        Self { shared, spool, commands }
    }

    /// Takes an event that anybody can cause. It is dropped and counted if 61,440 wait already, or 60 MiB.
    pub fn push(&self, row: LogRow) {
        self.admit(row, &COMMON);
    }

    /// Takes an event that must not be lost because strangers fill the queue: beyond what [`LogQueue::push`] may
    /// take, there are 4,096 places and 4 MiB for these alone.
    pub fn push_important(&self, row: LogRow) {
        self.admit(row, &WHOLE);
    }

    fn admit(&self, row: LogRow, room: &Room) {
        let (row, size) = match row.measure() {
            (size, false) => (row, size),
            (_, true) => {
                let row = row.without_nul();
                let size = row.size();
                (row, size)
            }
        };
        let mut waiting = self.shared.waiting();
        let length = waiting.rows + 1;
        if length > room.rows || waiting.bytes + size > room.bytes {
            drop(waiting);
            self.shared.drop_rows(1);
            return;
        }
        waiting.push(&row, size);
        drop(waiting);
        if length == 1 || length == FULL {
            self.shared.bell.notify_one();
        }
    }

    /// How many events were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// How many events wait in memory to be written.
    pub fn waiting(&self) -> usize {
        self.shared.waiting().rows + self.shared.held.load(Ordering::Relaxed)
    }

    /// Where events wait that the store does not take.
    pub fn spool(&self) -> Option<&LogSpool> {
        self.spool.as_ref()
    }

    /// Watches the events of a tenant that are written through this queue; those of other nodes are not among them.
    pub fn watch(&self, tenant: &str) -> Result<Watch, NotWatched> {
        self.shared.feed.watch(tenant)
    }

    /// Returns when this queue has written since somebody waited last. One may wait.
    pub async fn written(&self) {
        self.shared.written.notified().await;
    }

    /// Ends every watch, now and later.
    pub fn end_watches(&self) {
        self.shared.feed.close();
    }

    /// Returns when every event pushed before has been written, unless the store does not take it.
    pub async fn flush(&self) {
        self.command(Command::Flush).await;
    }

    /// Writes what waits, to the store or to the spool, and ends the task; events pushed later are lost.
    pub async fn close(&self) {
        self.command(Command::Close).await;
    }

    async fn command(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, finished) = oneshot::channel();
        // Neither can fail but when the task has ended, and then nothing waits any more.
        if self.commands.send(command(done)).await.is_ok() {
            let _ = finished.await;
        }
    }
}

impl Waiting {
    fn push(&mut self, row: &LogRow, size: usize) {
        let is_full = |part: &LogRows| part.rows.len() >= FLUSH || part.rows.bytes() >= FLUSH_BYTES;
        if self.parts.back().is_none_or(is_full) {
            self.parts.push_back(self.spare.take().unwrap_or_default());
        }
        if let Some(part) = self.parts.back_mut() {
            part.push(row);
            self.rows += 1;
            self.bytes += size;
        }
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next events to write, if so many wait, and whether no others do.
    pub fn take(&self, least: usize) -> Option<(LogRows, bool)> {
        let mut waiting = self.waiting();
        if waiting.rows < least {
            return None;
        }
        let part = waiting.parts.pop_front()?;
        waiting.rows -= part.rows.len();
        waiting.bytes -= part.rows.bytes();
        Some((part, waiting.parts.is_empty()))
    }

    /// Keeps the room of a part for the next, unless something long has made it large.
    pub fn give_back(&self, mut part: LogRows) {
        if part.rows.bytes() <= SPARE {
            part.clear();
            self.waiting().spare = Some(part);
        }
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.waiting().rows == 0
    }

    /// The writer holds on to so many events.
    pub fn hold(&self, rows: usize) {
        self.held.store(rows, Ordering::Relaxed);
    }

    /// Tells whoever waits for it that something was written.
    pub fn tell_written(&self) {
        self.written.notify_one();
    }

    /// Returns when so many events wait: one, or [`FULL`].
    pub async fn holds(&self, count: usize) {
        while self.waiting().rows < count {
            self.bell.notified().await;
        }
    }

    pub fn drop_rows(&self, count: usize) {
        self.dropped.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

const WHOLE: Room = Room { rows: 65_536, bytes: 64 << 20 };
/// What is left of it for events that anybody can cause.
const COMMON: Room = Room { rows: WHOLE.rows - 4096, bytes: WHOLE.bytes - (4 << 20) };
/// How many events are written at once.
const FLUSH: usize = 1000;
/// How many make the writing start early: one stays, with which the counts will be written.
pub(crate) const FULL: usize = FLUSH + 1;
/// How much text is written at once, but for the last event.
const FLUSH_BYTES: usize = 8 << 20;
pub(crate) const DELAY: Duration = Duration::from_millis(100);
/// How much text a part may have carried whose room is kept.
const SPARE: usize = 1 << 20;
