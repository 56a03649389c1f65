//! SQLite behind channels: one thread writes, a few read, each with a connection of its own. The threads end
//! when the last handle is dropped. Nothing here blocks a worker of the async runtime.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, ffi};
use tokio::sync::{mpsc, oneshot};

use super::dialect::Engine;
use super::migration::{self, Migration, Section};
use super::sqlite_writer::{self, Write};
use super::{Batch, Cell, Committed, Error, Result, Row, Sql, Value};

/// A SQLite file, open.
#[derive(Clone, Debug)]
pub struct Sqlite {
    reads: mpsc::Sender<Read>,
    writes: mpsc::Sender<Write>,
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Durability {
    /// Once the disk has it: survives a power cut.
    Full,
    /// Once the operating system has it: survives a crash of the process.
    Normal,
}

enum Read {
    Rows { sql: Sql, arguments: Vec<Value>, deadline: Option<Instant>, answer: Answer },
    Close,
}

type Answer = oneshot::Sender<Result<Vec<Row>>>;

impl Sqlite {
    /// Opens or creates the file, brings it up to date and starts the threads. Blocks.
    pub(super) fn open(path: &Path, durability: Durability, section: Section) -> Result<Self> {
        create(path)?;
        let writer = connect(path, durability)?;
        migrate(&writer, section)?;

        let (writes, queue) = mpsc::channel(QUEUE);
        spawn("store-writer", move || sqlite_writer::run(&writer, queue))?;

        let (reads, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..READERS {
            let mut reader = connect(path, durability)?;
            reader.pragma_update(None, "query_only", true).map_err(|error| translate(&error, ""))?;
            let queue = Arc::clone(&queue);
            spawn("store-reader", move || read(&mut reader, &queue))?;
        }
        Ok(Self { reads, writes })
    }

    pub(super) async fn rows(
        &self,
        sql: Sql,
        arguments: Vec<Value>,
        deadline: Option<Instant>,
    ) -> Result<Vec<Row>> {
        let (answer, answered) = oneshot::channel();
        self.reads.send(Read::Rows { sql, arguments, deadline, answer }).await.map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }

    pub(super) async fn commit(&self, batch: Batch) -> Result<Committed> {
        let (answer, answered) = oneshot::channel();
        self.writes.send(Write::Batch(batch, answer)).await.map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }

    /// Finishes what has been asked for, folds the journal into the file and ends the threads.
    pub(super) async fn close(&self) {
        // A send fails only when the thread has ended, and then there is nothing left to close.
        let _ = self.reads.send(Read::Close).await;
        let (answer, answered) = oneshot::channel();
        if self.writes.send(Write::Close(answer)).await.is_ok() {
            let _ = answered.await;
        }
    }
}

/// Makes a file that nobody but the owner can read, if there is none; SQLite's other files follow its mode.
pub(super) fn create(path: &Path) -> Result<()> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    file.map(drop).map_err(Error::database)
}

pub(super) fn connect(path: &Path, durability: Durability) -> Result<Connection> {
    let prepare = || {
        let connection = Connection::open(path)?;
        // A second process, the command line, may be writing.
        connection.busy_timeout(PATIENCE)?;
        journal_ahead(&connection)?;
        connection.pragma_update(
            None,
            "synchronous",
            match durability {
                Durability::Full => "full",
                Durability::Normal => "normal",
            },
        )?;
        // In KiB: an idle server is to stay small, and the operating system caches the file as well.
        connection.pragma_update(None, "cache_size", -2000)?;
        connection.pragma_update(None, "journal_size_limit", 32 << 20)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    prepare().map_err(|error| translate(&error, ""))
}

/// Makes the journal one that is written ahead. Of two that do it to a new file at once, one is told that the file
/// is busy without having waited: SQLite sees that waiting could last for ever.
fn journal_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mut attempt = 1;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && attempt < 100 => {
                attempt += 1;
                thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome,
        }
    }
}

fn migrate(connection: &Connection, section: Section) -> Result<()> {
    let sql = |error: rusqlite::Error| translate(&error, "");
    connection.execute_batch("begin exclusive").map_err(sql)?;
    connection.execute_batch(migration::LEDGER).map_err(sql)?;
    let recorded = query(connection, &Sql::Constant(migration::RECORDED), &[])?;
    let recorded = recorded.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect::<Result<Vec<_>>>()?;
    // An error leaves the transaction open; it dies with the connection.
    take(connection, &migration::pending(&[section], &recorded)?)?;
    connection.execute_batch("commit").map_err(sql)
}

/// Takes steps, in a transaction that is the caller's.
pub(super) fn take(connection: &Connection, steps: &[&Migration]) -> Result<()> {
    let sql = |error: rusqlite::Error| translate(&error, "");
    for step in steps {
        connection.execute_batch(&Engine::Sqlite.uncover(step.sql)).map_err(sql)?;
        connection.execute(migration::RECORD, [step.name, &step.hash()]).map_err(sql)?;
    }
    Ok(())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop).map_err(Error::database)
}

fn read(connection: &mut Connection, queue: &Mutex<mpsc::Receiver<Read>>) {
    loop {
        // Whoever holds the lock waits for the next call; the others wait for the lock.
        let mut waiting = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let next = waiting.blocking_recv();
        if let Some(Read::Close) = next {
            waiting.close();
        }
        drop(waiting);
        match next {
            // Nobody waits for the answer any more when its receiver is gone.
            Some(Read::Rows { answer, .. }) if answer.is_closed() => {}
            Some(Read::Rows { sql, arguments, deadline, answer }) => {
                let answer = Arc::new(answer);
                let outcome = watch(connection, deadline, Arc::clone(&answer))
                    .and_then(|()| query(connection, &sql, &arguments));
                // Takes the handler's share of the answer back.
                let released = unwatch(connection);
                if let Some(answer) = Arc::into_inner(answer) {
                    let _ = answer.send(released.and(outcome));
                }
            }
            Some(Read::Close) => {}
            None => return,
        }
    }
}

/// Stops what the connection does once its time is up, or nobody waits for the answer any more.
fn watch(connection: &mut Connection, deadline: Option<Instant>, answer: Arc<Answer>) -> Result<()> {
    let is_over = move || answer.is_closed() || deadline.is_some_and(|deadline| deadline <= Instant::now());
    connection.progress_handler(STEPS, Some(is_over)).map_err(|error| translate(&error, ""))
}

fn unwatch(connection: &mut Connection) -> Result<()> {
    connection.progress_handler(0, None::<fn() -> bool>).map_err(|error| translate(&error, ""))
}

pub(super) fn query(connection: &Connection, sql: &Sql, arguments: &[Value]) -> Result<Vec<Row>> {
    with_statement(connection, sql, |statement| {
        bind(statement, arguments)?;
        collect(statement)
    })
    .map_err(|error| translate(&error, ""))
}

/// Lends a prepared statement.
pub(super) fn with_statement<T>(
    connection: &Connection,
    sql: &Sql,
    work: impl FnOnce(&mut rusqlite::Statement<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    match sql {
        Sql::Constant(text) => work(&mut *connection.prepare_cached(&numbered(text))?),
        Sql::Composed(text) => work(&mut connection.prepare(&numbered(text))?),
    }
}

/// SQLite takes `$1` for a name and would number by first appearance; `?1` is a number. No text of ours has a
/// dollar sign elsewhere: values are always arguments.
pub(super) fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

pub(super) fn bind(statement: &mut rusqlite::Statement<'_>, arguments: &[Value]) -> rusqlite::Result<()> {
    if statement.parameter_count() != arguments.len() {
        return Err(rusqlite::Error::InvalidParameterCount(arguments.len(), statement.parameter_count()));
    }
    for (index, argument) in arguments.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, argument)?;
    }
    Ok(())
}

pub(super) fn collect(statement: &mut rusqlite::Statement<'_>) -> rusqlite::Result<Vec<Row>> {
    let columns = statement.column_count();
    let mut collected = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        collected.push(cells(row, columns)?);
    }
    Ok(collected)
}

/// All cells of a row.
pub(super) fn cells(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Row> {
    let cell = |column| match row.get_ref(column)? {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(_) => row.get(column).map(Value::Text),
        other @ (ValueRef::Blob(_) | ValueRef::Real(_)) => {
            Err(rusqlite::Error::InvalidColumnType(column, String::new(), other.data_type()))
        }
    };
    (0..columns).map(cell).collect::<rusqlite::Result<_>>().map(Row)
}

/// What SQLite's error means to a caller whose statement bears that label.
pub(super) fn translate(error: &rusqlite::Error, label: &str) -> Error {
    let (code, extended) = match error.sqlite_error() {
        Some(failure) => (failure.code, failure.extended_code),
        None => (ErrorCode::Unknown, 0),
    };
    if extended == ffi::SQLITE_CONSTRAINT_UNIQUE || extended == ffi::SQLITE_CONSTRAINT_PRIMARYKEY {
        Error::Taken { label: label.to_owned() }
    } else if code == ErrorCode::DiskFull {
        Error::Full
    } else if code == ErrorCode::OperationInterrupted {
        Error::TooSlow
    } else {
        Error::database(error.to_string())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// The file of everything but the logs, and theirs.
pub const MAIN: &str = "countersign.db";
pub const LOGS: &str = "logs.db";
/// How long to wait for another process that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How many calls may wait before further callers are held back.
const QUEUE: usize = 1024;
const READERS: usize = 2;
/// How many steps of SQLite's machine lie between two looks at the clock. One step may compare a long text with
/// a pattern.
const STEPS: i32 = 100;
