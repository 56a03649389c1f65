//! Between those who log and the database. Pushing never waits and never fails; a task writes what has come
//! together, at the latest after a tenth of a second. A crash of the process therefore loses at most the last
//! 100 ms of events. When the database cannot keep up, new events are dropped and counted.
//!
//! What is counted of the events ([`Added`]) is written with the last of those that wait, and at the latest after a
//! second: while many come, most of them only add to the same counts. Always with events, since only these tell, when an
//! answer was lost, whether they were written, and so whether they were counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time;

use crate::db::{Error, Rows, Statement};
use crate::log_feed::{LogFeed, NotWatched, Watch};
use crate::log_flushes;
use crate::log_row::{LogRow, LogRows};
use crate::logs::Logs;
use crate::tallies::Added;

/// The queue of log events. Clones share it; dropping the last one writes what is left.
#[derive(Clone, Debug)]
pub struct LogQueue {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Rung for the first event of a flush and for the one that fills it.
    bell: Notify,
    dropped: AtomicU64,
    /// Whether there is no time left for repeated attempts.
    closing: AtomicBool,
    feed: LogFeed,
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

#[derive(Debug)]
enum Command {
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

impl LogQueue {
    /// Starts the task that writes. Needs a tokio runtime.
    pub fn start(logs: Logs) -> Self {
        let shared = Arc::new(Shared::default());
        let (commands, commanded) = mpsc::channel(16);
        tokio::spawn(run(logs, Arc::clone(&shared), commanded));
        Self { shared, commands }
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

    /// How many events wait to be written.
    pub fn waiting(&self) -> usize {
        self.shared.waiting().rows
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

    /// Returns when every event pushed before has been written, or given up.
    pub async fn flush(&self) {
        self.command(Command::Flush).await;
    }

    /// Writes what waits and ends the task; events pushed later are lost.
    pub async fn close(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
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

async fn run(logs: Logs, shared: Arc<Shared>, mut commands: mpsc::Receiver<Command>) {
    let mut writer = Writer { logs, shared, carried: Added::default(), since: Instant::now() };
    let shared = writer.shared.clone();
    loop {
        let command = tokio::select! {
            command = commands.recv() => Some(command),
            () = shared.holds(1) => None,
        };
        match command {
            None => {
                // Let more come together, unless a flush is full or somebody asks.
                let asked = time::timeout(DELAY, async {
                    tokio::select! {
                        command = commands.recv() => Some(command),
                        () = shared.holds(FULL) => None,
                    }
                });
                match asked.await {
                    Ok(Some(command)) => {
                        if writer.obey(command).await {
                            return;
                        }
                    }
                    Ok(None) => writer.write(FULL).await,
                    Err(_) => writer.write(1).await,
                }
            }
            Some(command) => {
                if writer.obey(command).await {
                    return;
                }
            }
        }
    }
}

struct Writer {
    logs: Logs,
    shared: Arc<Shared>,
    /// What is to be added to the counts for events that are written. While it is anything, more events wait.
    carried: Added,
    /// When it was last nothing.
    since: Instant,
}

impl Writer {
    /// Does what was asked; whether the task is to end.
    async fn obey(&mut self, command: Option<Command>) -> bool {
        self.write(1).await;
        match command {
            Some(Command::Flush(done)) => {
                let _ = done.send(());
                false
            }
            Some(Command::Close(done)) => {
                let _ = done.send(());
                true
            }
            None => true,
        }
    }

    /// Writes what waits while it is so much. A part that cannot be written is given up after some attempts, a second
    /// apart, and is not counted.
    async fn write(&mut self, least: usize) {
        while let Some((LogRows { rows, notes }, is_last)) = self.shared.take(least) {
            let rows = Arc::new(rows);
            let is_due = is_last || self.since.elapsed() >= CARRIED;
            let mut and = log_flushes::statements(&rows);
            if is_due {
                let mut all = self.carried.clone();
                all.count(&rows, &notes);
                and.extend(all.statements());
            }
            let mut told = self.shared.feed.of_interest(&rows);
            match self.persist(&rows, and).await {
                false => told.clear(),
                true if is_due => (self.carried, self.since) = (Added::default(), Instant::now()),
                true => self.carried.count(&rows, &notes),
            }
            self.shared.feed.tell(told);
            self.shared.written.notify_one();
            if let Some(rows) = Arc::into_inner(rows) {
                self.shared.give_back(LogRows { rows, notes });
            }
        }
    }

    /// Whether the events were written in the end.
    async fn persist(&self, rows: &Arc<Rows>, and: Vec<Statement>) -> bool {
        let mut attempt = 1;
        // Repeating is safe: an event that was written is left as it is.
        while let Err(error) = self.logs.append_and(rows.clone(), and.clone()).await {
            let is_hopeless = matches!(error, Error::Closed) || self.shared.closing.load(Ordering::Relaxed);
            if is_hopeless || attempt == PATIENCE {
                tracing::error!(%error, rows = rows.len(), "log events were given up");
                self.shared.drop_rows(rows.len());
                return false;
            }
            tracing::warn!(%error, attempt, "log events could not be written");
            attempt += 1;
            time::sleep(RETRY).await;
        }
        true
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
    fn take(&self, least: usize) -> Option<(LogRows, bool)> {
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
    fn give_back(&self, mut part: LogRows) {
        if part.rows.bytes() <= SPARE {
            part.clear();
            self.waiting().spare = Some(part);
        }
    }

    /// Returns when so many events wait: one, or [`FULL`].
    async fn holds(&self, count: usize) {
        while self.waiting().rows < count {
            self.bell.notified().await;
        }
    }

    fn drop_rows(&self, count: usize) {
        self.dropped.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

const WHOLE: Room = Room { rows: 65_536, bytes: 64 << 20 };
/// What is left of it for events that anybody can cause.
const COMMON: Room = Room { rows: WHOLE.rows - 4096, bytes: WHOLE.bytes - (4 << 20) };
/// How many events are written at once.
const FLUSH: usize = 1000;
/// How many make the writing start early: one stays, with which the counts will be written.
const FULL: usize = FLUSH + 1;
/// How much text is written at once, but for the last event.
const FLUSH_BYTES: usize = 8 << 20;
const DELAY: Duration = Duration::from_millis(100);
/// How much text a part may have carried whose room is kept.
const SPARE: usize = 1 << 20;
/// How long counts are carried, but for the events that come last.
const CARRIED: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_secs(1);
/// How often a part is tried before it is given up.
const PATIENCE: u32 = 30;
