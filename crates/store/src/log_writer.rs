//! What becomes of log events that have come together: the task that writes them, and the one that writes, once the store
//! takes events again, what had to wait in the spool. A part is written as it was first tried, so that a repeated attempt is
//! known for one; and nothing goes past what waits. Of a part that the store refuses for what it is, again and again, all is
//! written but the events that it does not take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::time;

use crate::db::{Error, Result, Rows};
use crate::log_flushes;
use crate::log_queue::{Command, DELAY, FULL, Shared};
use crate::log_row::{COLUMNS, LogRows, Note, column};
use crate::log_spool::LogSpool;
use crate::logs::Logs;
use crate::tallies::Added;

/// Writes until it is told to end, or nobody logs any more.
pub(crate) async fn run(
    logs: Logs,
    shared: Arc<Shared>,
    spool: Option<LogSpool>,
    mut commands: mpsc::Receiver<Command>,
) {
    if let Some(spool) = &spool
        && let Err(error) = spool.open().await
    {
        tracing::error!(%error, "log events that waited for the store cannot be read; they stay where they are");
    }
    let delivery = Arc::new(Mutex::new(Delivery::new(logs, shared.clone())));
    let catching_up = spool.clone().map(|spool| tokio::spawn(catch_up(delivery.clone(), spool)));
    let mut writer = Writer { delivery, shared, spool, held: None };
    let done = loop {
        match writer.next(&mut commands).await {
            Next::Write(least) => writer.write(least).await,
            Next::Obey(Some(Command::Flush(done))) => {
                writer.write(1).await;
                let _ = done.send(());
            }
            Next::Obey(Some(Command::Close(done))) => break Some(done),
            Next::Obey(None) => break None,
        }
    };
    writer.write(1).await;
    if let Some(task) = catching_up {
        // Between two parts, unless the store keeps it for too long.
        let between = time::timeout(QUICKLY, writer.delivery.lock()).await;
        task.abort();
        drop(between);
        let _ = task.await;
    }
    writer.end().await;
    if let Some(done) = done {
        let _ = done.send(());
    }
}

/// What the writer does next.
enum Next {
    /// It writes what waits while it is so much.
    Write(usize),
    /// It does what it was asked; it ends when nobody is left to ask.
    Obey(Option<Command>),
}

/// Events that are written together.
struct Part {
    rows: Arc<Rows>,
    notes: Vec<Note>,
}

struct Writer {
    delivery: Arc<Mutex<Delivery>>,
    shared: Arc<Shared>,
    spool: Option<LogSpool>,
    /// What neither the store took nor the spool. It is not added to, since the store may have taken it after all.
    held: Option<Part>,
}

impl Writer {
    async fn next(&self, commands: &mut mpsc::Receiver<Command>) -> Next {
        if self.held.is_some() {
            return time::timeout(RETRY, commands.recv()).await.map_or(Next::Write(1), Next::Obey);
        }
        tokio::select! {
            command = commands.recv() => return Next::Obey(command),
            () = self.shared.holds(1) => {}
        }
        // Let more come together, unless a flush is full or somebody asks.
        let asked = async {
            tokio::select! {
                command = commands.recv() => Next::Obey(command),
                () = self.shared.holds(FULL) => Next::Write(FULL),
            }
        };
        time::timeout(DELAY, asked).await.unwrap_or(Next::Write(1))
    }

    /// Writes what waits while it is so much: to the store or, while that does not take it, to the spool. Where neither
    /// takes it, it goes on waiting.
    async fn write(&mut self, least: usize) {
        while let Some((part, is_last)) = self.take(least) {
            let is_behind = self.spool.as_ref().is_some_and(|spool| !spool.is_empty());
            let written = if is_behind { None } else { Some(self.deliver(&part, is_last).await) };
            match written {
                Some(Ok(())) => self.give_back(part),
                outcome => {
                    let error = outcome.and_then(Result::err);
                    if !self.spool(&part, error).await {
                        self.shared.hold(part.rows.len());
                        self.held = Some(part);
                        return;
                    }
                    self.give_back(part);
                }
            }
        }
    }

    /// What is to be written next, if so much waits, and whether nothing else does.
    fn take(&mut self, least: usize) -> Option<(Part, bool)> {
        if let Some(part) = self.held.take() {
            self.shared.hold(0);
            return Some((part, false));
        }
        let (LogRows { rows, notes }, is_last) = self.shared.take(least)?;
        Some((Part { rows: Arc::new(rows), notes }, is_last))
    }

    /// Writes to the store, in a time in which no more events come than memory has room for.
    async fn deliver(&self, part: &Part, is_last: bool) -> Result<()> {
        let mut delivery = self.delivery.lock().await;
        let mut attempt = 1;
        loop {
            match delivery.write(&part.rows, &part.notes, is_last, QUICKLY).await {
                // Another transaction was in the way.
                Err(Error::Conflict) if attempt < CONFLICTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// Keeps a part until the store takes it; whether that could be done.
    async fn spool(&self, part: &Part, error: Option<Error>) -> bool {
        let error = error.map(|error| error.to_string());
        let Some(spool) = &self.spool else {
            tracing::warn!(error, "log events could not be written");
            return false;
        };
        match spool.put(&part.rows, part.notes.clone()).await {
            Ok(true) => {
                if let Some(error) = error {
                    tracing::warn!(error, "the store takes no log events; they wait in a file");
                }
                true
            }
            Ok(false) => {
                tracing::warn!(bytes = spool.bytes(), "the file in which log events wait is full");
                false
            }
            Err(cause) => {
                tracing::error!(%cause, error, "log events can be written neither to the store nor to a file");
                false
            }
        }
    }

    fn give_back(&self, part: Part) {
        if let Some(rows) = Arc::into_inner(part.rows) {
            self.shared.give_back(LogRows { rows, notes: part.notes });
        }
    }

    /// Writes what waits in the spool while the store takes it; what could not even wait there is lost.
    async fn end(mut self) {
        if let Some(spool) = &self.spool {
            let mut delivery = self.delivery.lock().await;
            while let Ok(true) = delivery.catch_up_by_one(spool, QUICKLY).await {}
        }
        self.write(1).await;
        let mut lost = 0;
        while let Some((part, _)) = self.take(1) {
            lost += part.rows.len();
        }
        if lost > 0 {
            tracing::error!(events = lost, "log events were given up");
            self.shared.drop_rows(lost);
        }
    }
}

/// Writes to the store what waits in the spool, as soon as it takes it.
async fn catch_up(delivery: Arc<Mutex<Delivery>>, spool: LogSpool) {
    loop {
        spool.holds().await;
        let outcome = delivery.lock().await.catch_up_by_one(&spool, PATIENTLY).await;
        match outcome {
            Ok(_) if spool.is_empty() => tracing::info!("the store has all log events that waited in a file"),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, waiting = spool.events(), "the store still takes no log events");
                time::sleep(RETRY).await;
            }
        }
    }
}

/// The one way to the store: part after part, and what is counted of them.
struct Delivery {
    logs: Logs,
    shared: Arc<Shared>,
    /// What is to be added to the counts for events that are written. While it is anything, more events wait.
    carried: Added,
    /// When it was last nothing.
    since: Instant,
    /// Whether the first attempt to write the part that comes next was to write the counts as well, if there was one.
    attempted: Option<bool>,
    /// How often that part was refused for what it is, each time a while after the last, and when that was.
    refusals: u32,
    refused: Option<Instant>,
    /// What is left of it to be written, the next to be written last, once it is written in pieces.
    pieces: Vec<LogRows>,
}

impl Delivery {
    fn new(logs: Logs, shared: Arc<Shared>) -> Self {
        Self {
            logs,
            shared,
            carried: Added::default(),
            since: Instant::now(),
            attempted: None,
            refusals: 0,
            refused: None,
            pieces: Vec::new(),
        }
    }

    /// Writes a part; where that fails, the next to be written is the same one. Once it has been refused often enough, it is
    /// written as far as the store takes it.
    async fn write(
        &mut self,
        rows: &Arc<Rows>,
        notes: &[Note],
        is_last: bool,
        within: Duration,
    ) -> Result<()> {
        let written = if self.refusals < PATIENCE {
            let is_due = is_last || self.since.elapsed() >= CARRIED;
            self.attempt(rows, notes, is_due, within).await
        } else {
            self.write_what_is_taken(rows, notes, within).await
        };
        match &written {
            Ok(()) => self.refusals = 0,
            Err(error) if is_refusal(error) => self.note_refusal(),
            Err(_) => {}
        }
        written
    }

    /// Counts a refusal, unless somebody asked for another attempt at once.
    fn note_refusal(&mut self) {
        if self.refused.is_none_or(|last| last.elapsed() >= RETRY) {
            self.refusals += 1;
            self.refused = Some(Instant::now());
        }
    }

    /// Writes events, all or none, and the counts if they are due.
    async fn attempt(
        &mut self,
        rows: &Arc<Rows>,
        notes: &[Note],
        is_due: bool,
        within: Duration,
    ) -> Result<()> {
        let is_repeated = self.attempted.is_some();
        // Repeating is safe, since an attempt that comes after a successful one adds nothing. The counts are then those of
        // the first, though it was never heard whether that was it.
        let with_counts = *self.attempted.get_or_insert(is_due);
        let mut and = log_flushes::statements(rows);
        if with_counts {
            let mut all = self.carried.clone();
            all.count(rows, notes);
            and.extend(all.statements());
        }
        let told = self.shared.feed.of_interest(rows);
        let written = time::timeout(within, self.logs.append_and(rows.clone(), and)).await;
        let is_new = written.map_err(Error::unreachable)??;
        match with_counts {
            // An earlier process wrote it and was killed before it let go of it.
            _ if !is_new && !is_repeated => {}
            true => (self.carried, self.since) = (Added::default(), Instant::now()),
            false => self.carried.count(rows, notes),
        }
        self.attempted = None;
        self.shared.feed.tell(told);
        self.shared.tell_written();
        Ok(())
    }

    /// Writes a part that is refused as a whole: halves of it, halves of those that are refused, and so on, until the events
    /// are known that cannot be written. What fails for another reason is gone on with in the next call.
    async fn write_what_is_taken(
        &mut self,
        rows: &Arc<Rows>,
        notes: &[Note],
        within: Duration,
    ) -> Result<()> {
        if self.pieces.is_empty() {
            tracing::warn!(events = rows.len(), "log events are refused together and written one by one");
            self.attempted = None;
            self.pieces.push(LogRows::of(rows, notes));
        }
        while let Some(piece) = self.pieces.pop() {
            let rows = Arc::new(piece.rows);
            // With the counts: the last of these events may be one that is given up.
            let refused = match self.attempt(&rows, &piece.notes, true, within).await {
                Ok(()) => continue,
                Err(error) if is_refusal(&error) => error,
                Err(error) => {
                    self.pieces.push(LogRows::of(&rows, &piece.notes));
                    return Err(error);
                }
            };
            self.attempted = None;
            match LogRows::halves(&rows, &piece.notes) {
                Some([first, second]) => self.pieces.extend([second, first]),
                None => self.write_one(&rows, &piece.notes, &refused, within).await?,
            }
        }
        Ok(())
    }

    /// What becomes of a single event that was refused: without the counts it may be taken, which are then what is wrong.
    async fn write_one(
        &mut self,
        rows: &Arc<Rows>,
        notes: &[Note],
        refused: &Error,
        within: Duration,
    ) -> Result<()> {
        match self.attempt(rows, notes, false, within).await {
            Ok(()) => {
                tracing::error!(error = %refused, "what was counted of log events was given up");
                self.carried = Added::default();
            }
            Err(error) if is_refusal(&error) => {
                for row in rows.iter::<{ COLUMNS.len() }>() {
                    let [tenant, log_id] = [column::TENANT, column::LOG_ID].map(|at| row[at].text());
                    tracing::error!(tenant, log_id, "a log event is refused");
                }
                self.give_up(rows.len(), &error);
            }
            Err(error) => {
                self.pieces.push(LogRows::of(rows, notes));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Writes what has waited longest in the spool; whether there was anything.
    async fn catch_up_by_one(&mut self, spool: &LogSpool, within: Duration) -> Result<bool> {
        let Some(mut part) = spool.first().await? else { return Ok(false) };
        match std::mem::replace(&mut part.rows, Ok(LogRows::default())) {
            Ok(LogRows { rows, notes }) => {
                let is_last = part.is_last && self.shared.is_empty();
                self.write(&Arc::new(rows), &notes, is_last, within).await?;
            }
            Err(unreadable) if self.refusals >= PATIENCE => {
                self.give_up(usize::try_from(part.events).unwrap_or(usize::MAX), &unreadable);
                self.refusals = 0;
            }
            Err(unreadable) => {
                self.note_refusal();
                return Err(unreadable);
            }
        }
        spool.remove(&part).await;
        Ok(true)
    }

    fn give_up(&mut self, events: usize, error: &Error) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(%error, cause, events, "log events were given up");
        self.shared.drop_rows(events);
        self.attempted = None;
    }
}

/// Whether a part was refused for what it is. What is wrong with the store says nothing about it.
fn is_refusal(error: &Error) -> bool {
    !(error.is_passing() || matches!(error, Error::Conflict | Error::Full))
}

/// How long counts are carried, but for the events that come last.
const CARRIED: Duration = Duration::from_secs(1);
/// How long a part may take while others come.
const QUICKLY: Duration = Duration::from_secs(3);
/// How long a part may take that has waited anyway.
const PATIENTLY: Duration = Duration::from_secs(30);
const RETRY: Duration = Duration::from_secs(1);
/// How often a part is tried, a second apart, that the store refuses for what it is.
const PATIENCE: u32 = 30;
/// How often a part is tried at once when other transactions are in its way.
const CONFLICTS: u32 = 3;
