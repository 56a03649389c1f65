//! A copy of a PostgreSQL database, and tables made of a copy: each in one transaction, on a connection of its own. A
//! server may be reading and writing beside the first; the second wants the database for itself.

use std::pin::pin;

use tokio::sync::mpsc;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type as SqlType};
use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::copy::{self, Packed, Piece, Pieces, Shape, Step, broken};
use super::migration::{self, Section};
use super::postgres::{self, LEDGER_EXISTS, LOCK, PATIENCE, take, translate, translate_plain};
use super::postgres_address::Address;
use super::table::Type;
use super::{Error, Result};

const ALL: [Section; 2] = [Section::Main, Section::Logs];

/// Reads the database as it is at one moment.
pub(super) async fn read(url: &str, to: &Pieces) -> Result<()> {
    let mut client = connect(url).await?;
    let transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let transaction = transaction.start().await.map_err(translate_plain)?;
    transaction.batch_execute(UNHURRIED).await.map_err(translate_plain)?;
    let recorded = recorded(&transaction).await?;
    if recorded.is_empty() {
        return Err(broken("the database holds no store"));
    }
    copy::taken(&recorded, &ALL)?;
    send(to, Piece::Steps(recorded)).await?;
    for (table, _) in copy::tables(&ALL) {
        if let Some(shape) = shape(&transaction, table).await? {
            read_table(&transaction, shape, to).await?;
        }
    }
    send(to, Piece::End).await
}

/// The steps that the database has taken; none where it holds no store.
pub(super) async fn steps(url: &str) -> Result<Vec<Step>> {
    let mut client = connect(url).await?;
    let transaction = client.transaction().await.map_err(translate_plain)?;
    recorded(&transaction).await
}

/// Whether there are no tables, or no tenant in them.
pub(super) async fn is_empty(url: &str) -> Result<bool> {
    let mut client = connect(url).await?;
    let transaction = client.transaction().await.map_err(translate_plain)?;
    if shape(&transaction, "tenants").await?.is_none() {
        return Ok(true);
    }
    let rows = transaction.query("select name from tenants limit 1", &[]).await.map_err(translate_plain)?;
    Ok(rows.is_empty())
}

/// Makes the tables of a copy, in place of those that are there, and brings them up to date: all of it or nothing. Refused
/// while a server is connected. Answers how many rows there are.
pub(super) async fn write(url: &str, mut from: mpsc::Receiver<Piece>) -> Result<u64> {
    let mut client = connect(url).await?;
    let transaction = client.transaction().await.map_err(translate_plain)?;
    transaction.batch_execute(UNHURRIED).await.map_err(translate_plain)?;
    // A server that starts meanwhile waits here until all is there.
    transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(translate_plain)?;
    let others = transaction.query(OTHERS, &[]).await.map_err(translate_plain)?;
    if let Some(other) = others.first() {
        let from: String = other.get(0);
        return Err(broken(format!(
            "a server is connected to the database, from {from}: stop every one first"
        )));
    }
    let Piece::Steps(steps) = copy::ended(from.recv().await)? else {
        return Err(broken("the copy does not begin with its steps"));
    };
    let taken = copy::taken(&steps, &ALL)?;
    clear(&transaction).await?;
    transaction.batch_execute(migration::LEDGER).await.map_err(translate_plain)?;
    take(&transaction, taken).await?;
    let mut count = 0;
    let mut next = copy::ended(from.recv().await)?;
    loop {
        next = match next {
            Piece::Table(shape) => {
                let (rows, next) = write_table(&transaction, &shape, &mut from).await?;
                count += rows;
                next
            }
            Piece::End => break,
            Piece::Rows(_) | Piece::Steps(_) => return Err(broken("the copy is out of order")),
        };
    }
    let is_open = |step: &&migration::Migration| steps.iter().all(|taken| taken.name != step.name);
    take(&transaction, migration::of(&ALL).filter(is_open)).await?;
    for (table, _) in copy::tables(&ALL) {
        if let Some(sql) = shape(&transaction, table).await?.and_then(|shape| shape.release()) {
            transaction.batch_execute(&sql).await.map_err(translate_plain)?;
        }
    }
    transaction.commit().await.map_err(translate_plain)?;
    // The planner would otherwise take the tables for empty until somebody counts.
    let tables: Vec<_> = copy::tables(&ALL).map(|(table, _)| table).collect();
    if let Err(error) = client.batch_execute(&format!("analyze {}", tables.join(", "))).await {
        tracing::warn!(%error, "the restored tables could not be counted for the planner; run `analyze`");
    }
    Ok(count)
}

/// Drops the tables of the store that is there. Without one nothing is dropped: whose tables they are that bear such names,
/// there or in another schema, nobody knows here, and making ours then fails.
async fn clear(transaction: &Transaction<'_>) -> Result<()> {
    let steps = recorded(transaction).await?;
    if steps.is_empty() {
        return Ok(());
    }
    copy::taken(&steps, &ALL)?;
    let home =
        transaction.query_one("select quote_ident(current_schema())", &[]).await.map_err(translate_plain)?;
    let home: String = home.get(0);
    let tables = migration::tables(&ALL).map(|(table, _)| table).chain(["migrations"]);
    let tables: Vec<String> = tables.map(|table| format!("{home}.{table}")).collect();
    let drop = format!("drop table if exists {}", tables.join(", "));
    transaction.batch_execute(&drop).await.map_err(translate_plain)
}

async fn connect(url: &str) -> Result<Client> {
    let mut address = Address::checked(url)?;
    address.config.application_name(NAME).connect_timeout(PATIENCE);
    address.client().await
}

/// The steps that the database has taken; none where it holds no store.
async fn recorded(transaction: &Transaction<'_>) -> Result<Vec<Step>> {
    if transaction.query(LEDGER_EXISTS, &[]).await.map_err(translate_plain)?.is_empty() {
        return Ok(Vec::new());
    }
    let recorded = transaction.query(migration::RECORDED, &[]).await.map_err(translate_plain)?;
    copy::steps(&postgres::rows(&recorded)?)
}

/// The table as it is there, if it is.
async fn shape(transaction: &Transaction<'_>, table: &str) -> Result<Option<Shape>> {
    let columns = transaction.query(COLUMNS, &[&table]).await.map_err(translate_plain)?;
    let columns = postgres::rows(&columns)?;
    if columns.is_empty() { Ok(None) } else { Shape::of(table, &columns).map(Some) }
}

async fn read_table(transaction: &Transaction<'_>, shape: Shape, to: &Pieces) -> Result<()> {
    let sql = format!("select {} from {}", shape.names(), shape.table);
    send(to, Piece::Table(shape)).await?;
    let portal = transaction.bind(&sql, &[]).await.map_err(translate_plain)?;
    let mut packed = Packed::default();
    loop {
        let rows = transaction.query_portal(&portal, AT_ONCE).await.map_err(translate_plain)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Some(piece) = packed.push(postgres::row(row)?) {
                send(to, piece).await?;
            }
        }
    }
    match packed.take() {
        Some(piece) => send(to, piece).await,
        None => Ok(()),
    }
}

/// Fills one table; answers with how many rows, and the first piece that is not of it.
async fn write_table(
    transaction: &Transaction<'_>,
    given: &Shape,
    from: &mut mpsc::Receiver<Piece>,
) -> Result<(u64, Piece)> {
    let unknown = || broken(format!("the copy has a table {:?}, which nothing here makes", given.table));
    if !copy::tables(&ALL).any(|(table, _)| table == given.table) {
        return Err(unknown());
    }
    given.must_be(&shape(transaction, &given.table).await?.ok_or_else(unknown)?)?;
    let kinds = given.columns.iter().map(|(_, kind)| match kind {
        Type::Int => SqlType::INT8,
        Type::Text => SqlType::TEXT,
    });
    let kinds: Vec<SqlType> = kinds.collect();
    let sql = format!("copy {} ({}) from stdin binary", given.table, given.names());
    let twice = |error| match translate(error, &given.table) {
        Error::Taken { label } => broken(format!("the copy has two rows of the table {label} under one key")),
        other => other,
    };
    let sink = transaction.copy_in(&sql).await.map_err(twice)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &kinds));
    let mut count = 0;
    loop {
        match copy::ended(from.recv().await)? {
            Piece::Rows(rows) => {
                for row in &rows {
                    given.must_hold(row)?;
                    let values: Vec<&(dyn ToSql + Sync)> =
                        row.values().iter().map(|value| value as _).collect();
                    writer.as_mut().write(&values).await.map_err(twice)?;
                    count += 1;
                }
            }
            next => {
                writer.as_mut().finish().await.map_err(twice)?;
                return Ok((count, next));
            }
        }
    }
}

async fn send(to: &Pieces, piece: Piece) -> Result<()> {
    // Whoever was to write has given up, and says why.
    to.send(piece).await.map_err(|_| Error::Closed)
}

/// How many rows are asked for in one go.
const AT_ONCE: i32 = 100;
/// What the database calls us; servers have a shorter name.
const NAME: &str = "countersign copy";
/// A copy takes as long as it takes, but waits for nobody's lock for ever.
const UNHURRIED: &str = "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
                         set local lock_timeout = '30s'";
const OTHERS: &str = "select coalesce(host(client_addr), 'this machine') from pg_stat_activity
                      where datname = current_database() and application_name = 'countersign' limit 1";
const COLUMNS: &str = "select column_name::text, data_type::text from information_schema.columns
                       where table_schema = current_schema() and table_name = $1 order by ordinal_position";
