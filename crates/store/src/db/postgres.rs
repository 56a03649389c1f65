//! PostgreSQL through a pool. The statements of a batch leave in one go and are answered in one go, inside one
//! transaction that is undone when its caller goes away.

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::dialect::Engine;
use super::migration::{self, Migration, Section};
use super::notices::Notices;
use super::postgres_address::Address;
use super::postgres_tls::Tls;
use super::table::{Rows, Type};
use super::{Batch, Cell, Committed, Error, Result, Row, Sql, Statement, Value};
use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::sync::oneshot;
use tokio::time;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type as SqlType, to_sql_checked};

/// A PostgreSQL database, connected.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// How the order to stop a statement is encrypted.
    tls: Tls,
    pool: Pool,
    notices: Notices,
}

type Parameters<'a> = Vec<&'a (dyn ToSql + Sync)>;

impl Postgres {
    /// Connects and brings the database up to date.
    pub(super) async fn open(url: &str) -> Result<Self> {
        let mut address = Address::checked(url)?;
        let config = &mut address.config;
        if config.get_application_name().is_none() {
            config.application_name("countersign");
        }
        config.connect_timeout(PATIENCE);
        // Of a database that vanished without a word nobody else would tell.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PATIENCE).keepalives_idle(PATIENCE).keepalives_interval(PATIENCE / 2);
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let notices = Notices::new(address.clone());
        let manager = Manager::from_connect(address.config.clone(), address.clone(), recycling);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(Error::database)?;
        let postgres = Self { tls: address.tls(), pool, notices };
        postgres.migrate().await?;
        Ok(postgres)
    }

    pub(super) async fn rows(&self, sql: Sql, arguments: Vec<Value>) -> Result<Vec<Row>> {
        let client = self.client().await?;
        let prepared = match &sql {
            Sql::Constant(text) => client.prepare_cached(text).await,
            Sql::Composed(text) => client.prepare(text).await,
        };
        let prepared = prepared.map_err(translate_plain)?;
        let rows = client.query(&prepared, &parameters(&arguments)).await.map_err(translate_plain)?;
        rows.iter().map(row).collect()
    }

    pub(super) async fn rows_until(
        &self,
        deadline: Instant,
        sql: Sql,
        arguments: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let (mut answer, answered) = oneshot::channel();
        let postgres = self.clone();
        // A task of its own: it can stop the statement when its caller has gone away.
        tokio::spawn(async move {
            let outcome = postgres.limited(deadline, &sql, &arguments, answer.closed()).await;
            let _ = answer.send(outcome);
        });
        answered.await.map_err(|_| Error::Closed)?
    }

    /// Reads until a deadline, or until nobody waits any more.
    async fn limited(
        &self,
        deadline: Instant,
        sql: &Sql,
        arguments: &[Value],
        abandoned: impl Future<Output = ()>,
    ) -> Result<Vec<Row>> {
        let client = time::timeout_at(deadline.into(), self.client()).await;
        let mut client = client.map_err(|_| Error::TooSlow)??;
        let token = client.cancel_token();
        // Dropped at the end, it is undone, and the limit with it.
        let transaction = client.transaction().await.map_err(translate_plain)?;
        let limit = transaction.prepare_cached(LIMIT).await.map_err(translate_plain)?;
        // Zero would mean no limit.
        let left = deadline.saturating_duration_since(Instant::now()).as_millis().max(1).to_string();
        transaction.execute(&limit, &[&left]).await.map_err(translate_plain)?;
        let prepared = match sql {
            Sql::Constant(text) => transaction.prepare_cached(text).await,
            Sql::Composed(text) => transaction.prepare(text).await,
        };
        let prepared = prepared.map_err(translate_limited)?;
        let parameters = parameters(arguments);
        let mut query = pin!(transaction.query(&prepared, &parameters));
        let rows = tokio::select! {
            rows = &mut query => rows,
            () = abandoned => {
                // Where this fails the deadline stops the statement.
                let _ = token.cancel_query(self.tls.clone()).await;
                // Awaited, so that the next user of the connection is not stopped instead.
                query.await
            }
        };
        rows.map_err(translate_limited)?.iter().map(row).collect()
    }

    pub(super) async fn commit(&self, batch: Batch) -> Result<Committed> {
        let mut client = self.client().await?;
        // Dropped before its commit, the transaction is undone.
        let transaction = client.transaction().await.map_err(translate_plain)?;
        let committed = perform_all(&transaction, &batch.statements).await?;
        transaction.commit().await.map_err(translate_plain)?;
        Ok(committed)
    }

    /// Inserts rows as arrays, one for each column, and runs the statements unless all rows were there already: then
    /// an earlier attempt, whose answer was lost, has run them.
    pub(super) async fn insert(&self, rows: &Rows, and: Vec<Statement>) -> Result<bool> {
        let table = rows.table;
        let mut columns: Vec<Column<'_>> =
            table.columns.iter().map(|kind| Column::new(*kind, rows.len())).collect();
        let mut cells = rows.cells();
        for _ in 0..rows.len() {
            for (column, cell) in columns.iter_mut().zip(&mut cells) {
                column.push(cell)?;
            }
        }
        let parameters: Parameters<'_> = columns.iter().map(Column::parameter).collect();
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(translate_plain)?;
        let prepared = transaction.prepare_cached(table.unnest()).await.map_err(translate_plain)?;
        let inserted = transaction.execute(&prepared, &parameters).await.map_err(translate_plain)?;
        if inserted > 0 {
            perform_all(&transaction, &and).await?;
        }
        transaction.commit().await.map_err(translate_plain)?;
        Ok(inserted > 0)
    }

    pub(super) fn close(&self) {
        self.notices.stop();
        self.pool.close();
    }

    pub(super) fn listen(&self) {
        self.notices.start();
    }

    pub(super) fn notices(&self) -> &Notices {
        &self.notices
    }

    async fn client(&self) -> Result<Object> {
        self.pool
            .get()
            .await
            .map_err(|error| if self.pool.is_closed() { Error::Closed } else { Error::unreachable(error) })
    }

    async fn migrate(&self) -> Result<()> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(translate_plain)?;
        // Held until the transaction ends: two servers that start together take turns.
        transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(translate_plain)?;
        // Asked first: to make what is there already would put a notice into the log at every start.
        if transaction.query(LEDGER_EXISTS, &[]).await.map_err(translate_plain)?.is_empty() {
            transaction.batch_execute(migration::LEDGER).await.map_err(translate_plain)?;
        }
        let recorded = transaction.query(migration::RECORDED, &[]).await.map_err(translate_plain)?;
        let recorded: Vec<_> = recorded.iter().map(|row| (row.get(0), row.get(1))).collect();
        take(&transaction, migration::pending(&[Section::Main, Section::Logs], &recorded)?).await?;
        transaction.commit().await.map_err(translate_plain)
    }
}

/// Takes steps, in a transaction that is the caller's.
pub(super) async fn take(
    transaction: &tokio_postgres::Transaction<'_>,
    steps: impl IntoIterator<Item = &'static Migration>,
) -> Result<()> {
    for step in steps {
        transaction.batch_execute(&Engine::Postgres.uncover(step.sql)).await.map_err(translate_plain)?;
        let recorded = transaction.execute(migration::RECORD, &[&step.name, &step.hash()]).await;
        recorded.map_err(translate_plain)?;
    }
    Ok(())
}

/// Runs the statements of a batch, and answers what they returned if each wrote as many rows as it should.
async fn perform_all(
    transaction: &deadpool_postgres::Transaction<'_>,
    statements: &[Statement],
) -> Result<Committed> {
    let mut committed = Committed::default();
    for window in statements.chunks(WINDOW) {
        let mut running = Vec::with_capacity(window.len());
        for statement in window {
            let prepared = match &statement.sql {
                Sql::Constant(text) => transaction.prepare_cached(text).await,
                Sql::Composed(text) => transaction.prepare(text).await,
            };
            let prepared = prepared.map_err(|error| translate(error, statement.label))?;
            running.push(perform(transaction, prepared, statement));
        }
        // What follows a failed statement fails as well; the first failure is the one that counts.
        for (outcome, statement) in in_order(running).await.into_iter().zip(window) {
            let (rows, count) = outcome?;
            committed.rows.extend(rows);
            committed.counts.push(count);
            if statement.expected.is_some_and(|expected| expected != count) {
                return Err(Error::Conflict);
            }
        }
    }
    Ok(committed)
}

/// Runs one statement of a batch: the rows it returned and how many it wrote.
async fn perform(
    transaction: &deadpool_postgres::Transaction<'_>,
    prepared: tokio_postgres::Statement,
    statement: &Statement,
) -> Result<(Vec<Row>, u64)> {
    let arguments = parameters(&statement.arguments);
    let fail = |error| translate(error, statement.label);
    if prepared.columns().is_empty() {
        return Ok((Vec::new(), transaction.execute(&prepared, &arguments).await.map_err(fail)?));
    }
    let rows = transaction.query(&prepared, &arguments).await.map_err(fail)?;
    let rows = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok((rows, count))
}

/// Awaits all, polling in order: a statement is sent when it is first polled, so they leave in their order.
async fn in_order<F: Future>(running: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = running.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, slot) in running.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                *slot = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

fn parameters(arguments: &[Value]) -> Parameters<'_> {
    arguments.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row> {
    let cell = |(index, column): (usize, &tokio_postgres::Column)| {
        let value = match *column.type_() {
            SqlType::INT8 => row.try_get::<_, Option<i64>>(index).map(Value::from),
            SqlType::INT4 => row.try_get::<_, Option<i32>>(index).map(|number| number.map(i64::from).into()),
            SqlType::TEXT | SqlType::VARCHAR => row.try_get::<_, Option<String>>(index).map(Value::from),
            ref other => return Err(Error::database(format!("no value for the type {other}"))),
        };
        value.map_err(translate_plain)
    };
    row.columns().iter().enumerate().map(cell).collect::<Result<_>>().map(Row)
}

/// All of them.
pub(super) fn rows(rows: &[tokio_postgres::Row]) -> Result<Vec<Row>> {
    rows.iter().map(row).collect()
}

pub(super) fn translate_plain(error: tokio_postgres::Error) -> Error {
    translate(error, "")
}

/// What PostgreSQL's error means to a caller who gave a deadline.
fn translate_limited(error: tokio_postgres::Error) -> Error {
    if error.code() == Some(&SqlState::QUERY_CANCELED) { Error::TooSlow } else { translate_plain(error) }
}

/// What PostgreSQL's error means to a caller whose statement bears that label.
pub(super) fn translate(error: tokio_postgres::Error, label: &str) -> Error {
    match error.code() {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => Error::Taken { label: label.to_owned() },
        Some(code) if *code == SqlState::DISK_FULL => Error::Full,
        Some(code)
            if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) =>
        {
            Error::Conflict
        }
        Some(code) if UNAVAILABLE.contains(code) => Error::unreachable(error),
        None if error.is_closed() || caused_by_network(&error) => Error::unreachable(error),
        Some(_) | None => Error::database(error),
    }
}

/// What a server says that starts, stops, has too much to do, or stands by for another that takes the writes.
const UNAVAILABLE: [SqlState; 5] = [
    SqlState::ADMIN_SHUTDOWN,
    SqlState::CRASH_SHUTDOWN,
    SqlState::CANNOT_CONNECT_NOW,
    SqlState::TOO_MANY_CONNECTIONS,
    SqlState::READ_ONLY_SQL_TRANSACTION,
];

fn caused_by_network(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|cause| cause.is::<std::io::Error>())
}

/// One column of many rows.
enum Column<'a> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<&'a str>>),
}

impl<'a> Column<'a> {
    fn new(kind: Type, rows: usize) -> Self {
        match kind {
            Type::Int => Self::Int(Vec::with_capacity(rows)),
            Type::Text => Self::Text(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, cell: Cell<'a>) -> Result<()> {
        match (self, cell) {
            (Self::Int(cells), Cell::Int(number)) => cells.push(Some(number)),
            (Self::Int(cells), Cell::Null) => cells.push(None),
            (Self::Text(cells), Cell::Text(text)) => cells.push(Some(text)),
            (Self::Text(cells), Cell::Null) => cells.push(None),
            (Self::Int(_), Cell::Text(_)) | (Self::Text(_), Cell::Int(_)) => {
                return Err(Error::database("a value does not fit its column"));
            }
        }
        Ok(())
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(cells) => cells,
            Self::Text(cells) => cells,
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &SqlType,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &SqlType) -> bool {
        true
    }

    to_sql_checked!();
}

const CONNECTIONS: usize = 8;
/// How long to wait for a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How many statements are sent before their answers are read.
const WINDOW: usize = 32;
/// Limits the statements that follow in the transaction to so many milliseconds.
const LIMIT: &str = "select set_config('statement_timeout', $1, true)";
pub(super) const LEDGER_EXISTS: &str =
    "select 1 from pg_tables where schemaname = current_schema() and tablename = 'migrations'";
/// The advisory lock under which migrations run.
pub(super) const LOCK: i64 = i64::from_be_bytes(*b"cntrsign");
