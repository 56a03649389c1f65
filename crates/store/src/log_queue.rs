//! Between those who log and the database. Pushing never waits and never fails; a task writes what has come
//! together, at the latest after a tenth of a second. A crash of the process therefore loses at most the last
//! 100 ms of events. When the database cannot keep up, new events are dropped and counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time;

use crate::db::Error;
use crate::log_feed::{LogFeed, NotWatched, Watch};
use crate::log_row::LogRow;
use crate::logs::Logs;

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
}

#[derive(Debug, Default)]
struct Waiting {
    rows: VecDeque<LogRow>,
    /// How much text the rows carry.
    bytes: usize,
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

    fn admit(&self, mut row: LogRow, room: &Room) {
        let size = row.size();
        let mut waiting = self.shared.waiting();
        let length = waiting.rows.len() + 1;
        if length > room.rows || waiting.bytes + size > room.bytes {
            drop(waiting);
            self.shared.drop_rows(1);
            return;
        }
        waiting.bytes += size;
        waiting.rows.push_back(row);
        drop(waiting);
        if length == 1 || length == FLUSH {
            self.shared.bell.notify_one();
        }
    }

    /// How many events were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// How many events wait to be written.
    pub fn waiting(&self) -> usize {
        self.shared.waiting().rows.len()
    }

    /// Watches the events of a tenant that are written through this queue; those of other nodes are not among them.
    pub fn watch(&self, tenant: &str) -> Result<Watch, NotWatched> {
        self.shared.feed.watch(tenant)
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
    loop {
        let command = tokio::select! {
            command = commands.recv() => Some(command),
            () = shared.bell.notified() => None,
        };
        match command {
            None => {
                // Let more come together, unless a flush is full or somebody asks.
                let asked = time::timeout(DELAY, async {
                    tokio::select! {
                        command = commands.recv() => Some(command),
                        () = shared.full() => None,
                    }
                });
                match asked.await {
                    Ok(Some(command)) => {
                        if obey(&logs, &shared, command).await {
                            return;
                        }
                    }
                    Ok(None) | Err(_) => write(&logs, &shared).await,
                }
            }
            Some(command) => {
                if obey(&logs, &shared, command).await {
                    return;
                }
            }
        }
    }
}

/// Does what was asked; whether the task is to end.
async fn obey(logs: &Logs, shared: &Shared, command: Option<Command>) -> bool {
    match command {
        Some(Command::Flush(done)) => {
            write(logs, shared).await;
            let _ = done.send(());
            false
        }
        Some(Command::Close(done)) => {
            write(logs, shared).await;
            let _ = done.send(());
            true
        }
        None => {
            write(logs, shared).await;
            true
        }
    }
}

/// Writes all that waits. A part that cannot be written is given up after some attempts, a second apart.
async fn write(logs: &Logs, shared: &Shared) {
    loop {
        let rows = shared.take();
        if rows.is_empty() {
            return;
        }
        let mut told = shared.feed.of_interest(&rows);
        let mut attempt = 1;
        // Repeating is safe: an event that was written is left as it is.
        while let Err(error) = logs.append(rows.clone()).await {
            let is_hopeless = matches!(error, Error::Closed) || shared.closing.load(Ordering::Relaxed);
            if is_hopeless || attempt == PATIENCE {
                tracing::error!(%error, rows = rows.len(), "log events were given up");
                shared.drop_rows(rows.len());
                told.clear();
                break;
            }
            tracing::warn!(%error, attempt, "log events could not be written");
            attempt += 1;
            time::sleep(RETRY).await;
        }
        shared.feed.tell(told);
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next events to write, made fit for the database.
    fn take(&self) -> Vec<LogRow> {
        let mut waiting = self.waiting();
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while rows.len() < FLUSH && bytes < FLUSH_BYTES {
            let Some(mut row) = waiting.rows.pop_front() else { break };
            bytes += row.size();
            rows.push(row);
        }
        waiting.bytes -= bytes;
        // The room of a burst is given back.
        if waiting.rows.is_empty() && waiting.rows.capacity() > 4 * FLUSH {
            waiting.rows = VecDeque::new();
        }
        drop(waiting);
        rows.into_iter().map(LogRow::without_nul).collect()
    }

    async fn full(&self) {
        while self.waiting().rows.len() < FLUSH {
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
/// How many events are written at once, and how many make the writing start early.
const FLUSH: usize = 1000;
/// How much text is written at once, but for the last event.
const FLUSH_BYTES: usize = 8 << 20;
const DELAY: Duration = Duration::from_millis(100);
const RETRY: Duration = Duration::from_secs(1);
/// How often a part is tried before it is given up.
const PATIENCE: u32 = 30;
