//! A copy of the two files of SQLite, and two files made of a copy. Each call blocks, and has connections of its own: a
//! server may be reading and writing beside it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::mpsc;

use super::copy::{self, Packed, Piece, Pieces, Shape, Step, broken};
use super::migration::{self, Section};
use super::sqlite::{LOGS, MAIN, PATIENCE, bind, cells, query, take, translate};
use super::{Error, Result, Sql};

/// The log is read as it was a moment before the rest: what a change said of itself may be missing, as after a crash, but
/// nothing is told of a change that is not there.
const FILES: [(Section, &str); 2] = [(Section::Logs, LOGS), (Section::Main, MAIN)];

/// Reads both files as they are at one moment.
pub(super) fn read(dir: &Path, to: &Pieces) -> Result<()> {
    let mut steps = Vec::new();
    let mut files = Vec::new();
    for (section, name) in FILES {
        let connection = at_one_moment(&dir.join(name))?;
        let recorded = query(&connection, &Sql::Constant(migration::RECORDED), &[])?;
        let recorded = copy::steps(&recorded)?;
        copy::taken(&recorded, &[section])?;
        steps.extend(recorded);
        files.push((section, connection));
    }
    send(to, Piece::Steps(steps))?;
    for (section, connection) in files.iter().rev() {
        for (table, _) in copy::tables(&[*section]) {
            if let Some(shape) = shape(connection, table)? {
                read_table(connection, shape, to)?;
            }
        }
    }
    send(to, Piece::End)
}

/// The steps that both files have taken; none of a file that is not there.
pub(super) fn steps(dir: &Path) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (_, name) in FILES {
        let file = dir.join(name);
        if !file.try_exists().map_err(Error::database)? {
            continue;
        }
        let connection = at_one_moment(&file)?;
        if shape(&connection, "migrations")?.is_some() {
            steps.extend(copy::steps(&query(&connection, &Sql::Constant(migration::RECORDED), &[])?)?);
        }
    }
    Ok(steps)
}

/// Whether no file is there, or no tenant in it.
pub(super) fn is_empty(dir: &Path) -> Result<bool> {
    let file = dir.join(MAIN);
    if !file.try_exists().map_err(Error::database)? {
        return Ok(true);
    }
    let connection = at_one_moment(&file)?;
    if shape(&connection, "tenants")?.is_none() {
        return Ok(true);
    }
    query(&connection, &Sql::Constant("select name from tenants limit 1"), &[]).map(|rows| rows.is_empty())
}

/// Makes both files of a copy, in a folder that has neither, brings them up to date, and answers how many rows there are.
/// Nobody may use them before this has succeeded.
pub(super) fn write(dir: &Path, mut from: mpsc::Receiver<Piece>) -> Result<u64> {
    let Piece::Steps(steps) = copy::ended(from.blocking_recv())? else {
        return Err(broken("the copy does not begin with its steps"));
    };
    let mut files = Vec::new();
    for (section, name) in FILES {
        let connection = fresh(&dir.join(name))?;
        take(&connection, &copy::taken(&steps, &[section])?)?;
        files.push((section, connection));
    }
    let mut rows = 0;
    let mut next = copy::ended(from.blocking_recv())?;
    loop {
        next = match next {
            Piece::Table(shape) => {
                let (count, next) = write_table(&files, &shape, &mut from)?;
                rows += count;
                next
            }
            Piece::End => break,
            Piece::Rows(_) | Piece::Steps(_) => return Err(broken("the copy is out of order")),
        };
    }
    for (section, connection) in files {
        let open: Vec<_> = migration::of(&[section])
            .filter(|step| steps.iter().all(|taken| taken.name != step.name))
            .collect();
        take(&connection, &open)?;
        for (table, _) in copy::tables(&[section]) {
            if let Some(sql) = shape(&connection, table)?.and_then(|shape| shape.release()) {
                connection.execute(&sql, []).map_err(plain)?;
            }
        }
        connection.execute_batch("commit").map_err(plain)?;
        connection.close().map_err(|(_, error)| plain(error))?;
    }
    for (_, name) in FILES {
        File::open(dir.join(name)).and_then(|file| file.sync_all()).map_err(Error::database)?;
    }
    Ok(rows)
}

/// A connection that sees the file as it is now, whatever is written to it later.
fn at_one_moment(file: &Path) -> Result<Connection> {
    let open = || {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.execute_batch("begin")?;
        // The first look is what counts.
        connection.query_row("select count(*) from sqlite_master", [], |_| Ok(()))?;
        Ok(connection)
    };
    open().map_err(plain)
}

/// A new file that is fast to fill: nobody has use for it before it is whole.
fn fresh(file: &Path) -> Result<Connection> {
    OpenOptions::new().create_new(true).append(true).mode(0o600).open(file).map_err(Error::database)?;
    let open = || {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "memory")?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        connection.pragma_update(None, "cache_size", -(CACHE_KIB))?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.execute_batch("begin exclusive")?;
        connection.execute_batch(migration::LEDGER)?;
        Ok(connection)
    };
    open().map_err(plain)
}

/// The table as it is there, if it is.
fn shape(connection: &Connection, table: &str) -> Result<Option<Shape>> {
    let sql = Sql::Constant("select name, type from pragma_table_info($1) order by cid");
    let columns = query(connection, &sql, &[table.into()])?;
    if columns.is_empty() { Ok(None) } else { Shape::of(table, &columns).map(Some) }
}

fn read_table(connection: &Connection, shape: Shape, to: &Pieces) -> Result<()> {
    let sql = format!("select {} from {}", shape.names(), shape.table);
    let columns = shape.columns.len();
    send(to, Piece::Table(shape))?;
    let mut statement = connection.prepare(&sql).map_err(plain)?;
    let mut rows = statement.raw_query();
    let mut packed = Packed::default();
    while let Some(row) = rows.next().map_err(plain)? {
        if let Some(piece) = packed.push(cells(row, columns).map_err(plain)?) {
            send(to, piece)?;
        }
    }
    packed.take().map_or(Ok(()), |piece| send(to, piece))
}

/// Fills one table; answers with how many rows, and the first piece that is not of it.
fn write_table(
    files: &[(Section, Connection)],
    given: &Shape,
    from: &mut mpsc::Receiver<Piece>,
) -> Result<(u64, Piece)> {
    let unknown = || broken(format!("the copy has a table {:?}, which nothing here makes", given.table));
    let (_, home) = copy::tables(&[Section::Main, Section::Logs])
        .find(|(table, _)| *table == given.table)
        .ok_or_else(unknown)?;
    let (_, connection) = files.iter().find(|(section, _)| *section == home).ok_or_else(unknown)?;
    given.must_be(&shape(connection, &given.table)?.ok_or_else(unknown)?)?;
    let places: Vec<String> = (1..=given.columns.len()).map(|place| format!("?{place}")).collect();
    let sql = format!("insert into {} ({}) values ({})", given.table, given.names(), places.join(", "));
    let mut insert = connection.prepare(&sql).map_err(plain)?;
    let mut count = 0;
    loop {
        let rows = match copy::ended(from.blocking_recv())? {
            Piece::Rows(rows) => rows,
            next => return Ok((count, next)),
        };
        for row in &rows {
            given.must_hold(row)?;
            bind(&mut insert, row.values())
                .and_then(|()| insert.raw_execute())
                .map_err(|error| twice(&error, given))?;
            count += 1;
        }
    }
}

fn twice(error: &rusqlite::Error, shape: &Shape) -> Error {
    match translate(error, &shape.table) {
        Error::Taken { label } => broken(format!("the copy has two rows of the table {label} under one key")),
        other => other,
    }
}

fn send(to: &Pieces, piece: Piece) -> Result<()> {
    // Whoever was to write has given up, and says why.
    to.blocking_send(piece).map_err(|_| Error::Closed)
}

fn plain(error: rusqlite::Error) -> Error {
    translate(&error, "")
}

/// What filling a file may keep in memory.
const CACHE_KIB: i32 = 65_536;
