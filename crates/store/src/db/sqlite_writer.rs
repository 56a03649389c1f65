//! The one thread that writes. It takes every batch that waits and commits them in one transaction, so that
//! many callers share one flush of the disk. A batch that fails is undone alone; nobody hears of success before
//! the transaction has been committed.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::sqlite::{bind, collect, numbered, translate, with_statement};
use super::{Batch, Committed, Error, Result, Rows};

/// What the writer is asked to do.
pub(super) enum Write {
    Batch(Batch, Answer),
    Close(oneshot::Sender<()>),
}

type Answer = oneshot::Sender<Result<Committed>>;

/// Writes until the queue is closed and empty.
pub(super) fn run(connection: &Connection, mut queue: mpsc::Receiver<Write>) {
    let mut closing = Vec::new();
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(write) = next {
            match write {
                Write::Batch(batch, answer) => group.push((batch, answer)),
                Write::Close(answer) => {
                    queue.close();
                    closing.push(answer);
                }
            }
            next = if group.len() < GROUP { queue.try_recv().ok() } else { None };
        }
        if !group.is_empty() {
            commit(connection, group);
        }
    }
    if !closing.is_empty() {
        // Without it the next start reads the journal instead: slower, not wrong.
        let folded = connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the journal could not be folded into the database file");
        }
    }
    for answer in closing {
        let _ = answer.send(());
    }
}

fn commit(connection: &Connection, group: Vec<(Batch, Answer)>) {
    let (batches, answers): (Vec<Batch>, Vec<Answer>) = group.into_iter().unzip();
    let outcome = transact(connection, &batches);
    // Whoever hears of the end may use the memory of its rows again.
    drop(batches);
    // A caller that has gone away does not take its batch back, hence no error when nobody listens.
    match outcome {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                let _ = answer.send(outcome);
            }
        }
        Err(lost) => {
            for answer in answers {
                let _ = answer.send(Err(translate(&lost, "")));
            }
        }
    }
}

/// Commits a group; the error is that of the whole transaction, in which case nothing of it remains.
fn transact(connection: &Connection, batches: &[Batch]) -> rusqlite::Result<Vec<Result<Committed>>> {
    let attempt = || {
        execute(connection, "begin immediate")?;
        let outcomes = match batches {
            [alone] => vec![apply_alone(connection, alone)?],
            _ => batches.iter().map(|batch| apply(connection, batch)).collect::<rusqlite::Result<_>>()?,
        };
        if !connection.is_autocommit() {
            execute(connection, "commit")?;
        }
        Ok(outcomes)
    };
    let outcome = attempt();
    if outcome.is_err() && !connection.is_autocommit() {
        // SQLite has undone it already where this fails; the first error is the one worth telling.
        let _ = execute(connection, "rollback");
    }
    outcome
}

/// Applies one batch of a group, leaving no trace of it when it fails.
fn apply(connection: &Connection, batch: &Batch) -> rusqlite::Result<Result<Committed>> {
    execute(connection, "savepoint batch")?;
    let outcome = perform(connection, batch);
    let outcome = undoing(connection, "rollback to batch", outcome)?;
    execute(connection, "release batch")?;
    Ok(outcome)
}

/// The same for the only one, which is the whole transaction. Below a savepoint SQLite keeps what it needs to go back to
/// it, and looks through that after each statement: among tens of thousands that takes minutes.
fn apply_alone(connection: &Connection, batch: &Batch) -> rusqlite::Result<Result<Committed>> {
    let outcome = perform(connection, batch);
    undoing(connection, "rollback", outcome)
}

/// What became of a batch, which is undone so if it failed.
fn undoing(
    connection: &Connection,
    undo: &str,
    outcome: Result<Committed, Failure>,
) -> rusqlite::Result<Result<Committed>> {
    match outcome {
        Ok(committed) => Ok(Ok(committed)),
        // A full disk or a failing one ends the transaction, and with it the whole group.
        Err(Failure::Statement { error, .. }) if connection.is_autocommit() => Err(error),
        Err(failure) => {
            execute(connection, undo)?;
            Ok(Err(match failure {
                Failure::Count => Error::Conflict,
                Failure::Statement { error, label } => translate(&error, label),
            }))
        }
    }
}

enum Failure {
    /// A statement wrote another number of rows than it should have.
    Count,
    Statement {
        error: rusqlite::Error,
        label: &'static str,
    },
}

fn perform(connection: &Connection, batch: &Batch) -> Result<Committed, Failure> {
    let mut committed = Committed::default();
    if let Some(rows) = &batch.rows {
        let inserted = insert(connection, rows);
        committed.inserted = inserted.map_err(|error| Failure::Statement { error, label: "row" })?;
        // All of them were there: an earlier attempt, whose answer was lost, has done the rest as well.
        if committed.inserted == 0 {
            return Ok(committed);
        }
    }
    // Rows of one table come in a run with the same text, which is then prepared once.
    for run in batch.statements.chunk_by(|one, next| one.sql == next.sql) {
        let mut at = 0;
        let mut counted = true;
        let outcome = with_statement(connection, &run[0].sql, |prepared| {
            for (index, statement) in run.iter().enumerate() {
                at = index;
                bind(prepared, &statement.arguments)?;
                let count = if prepared.column_count() == 0 {
                    prepared.raw_execute()?
                } else {
                    let rows = collect(prepared)?;
                    let count = rows.len();
                    committed.rows.extend(rows);
                    count
                };
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                committed.counts.push(count);
                if statement.expected.is_some_and(|expected| expected != count) {
                    counted = false;
                    return Ok(());
                }
            }
            Ok(())
        });
        outcome.map_err(|error| Failure::Statement { error, label: run[at].label })?;
        if !counted {
            return Err(Failure::Count);
        }
    }
    Ok(committed)
}

/// Inserts rows, and answers how many of them were new.
fn insert(connection: &Connection, rows: &Rows) -> rusqlite::Result<usize> {
    let mut inserted = 0;
    let mut one = connection.prepare_cached(&numbered(rows.table.one()))?;
    let mut cells = rows.cells();
    for _ in 0..rows.len() {
        for (index, cell) in (1..=rows.table.columns.len()).zip(&mut cells) {
            one.raw_bind_parameter(index, cell)?;
        }
        inserted += one.raw_execute()?;
    }
    Ok(inserted)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// How many batches share one transaction at most.
const GROUP: usize = 256;
