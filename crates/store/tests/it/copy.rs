//! A store read from end to end while others write, and made anew on either kind of database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use store::copy::{self, Piece, Shape, Step};
use store::db::{Db, Row, Statement, Type, Value};
use store::scratch::{self, ScratchStore};
use store::{Error, Key, Location, Store, Write};
use tokio::sync::mpsc;

use crate::{KIND, body, opened};

on_both!(
    every_table_travels_to_either_database,
    what_is_read_is_of_one_moment,
    a_copy_without_its_end_leaves_nothing,
    what_no_copy_is_leaves_nothing,
    a_copy_of_an_older_schema_is_brought_up_to_date,
    a_copy_of_a_newer_schema_is_refused,
    the_steps_of_a_store_are_told_without_taking_any,
);

/// By their names, the columns of tables and their rows.
pub type Tables = BTreeMap<String, (Vec<(String, Type)>, Vec<Vec<String>>)>;

async fn every_table_travels_to_either_database(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    insert(&store, "one", "a", json!({ "name": "ünï\"\\\n\u{1f600}" }), vec![Key::unique("name", "x")]).await;
    fill(&scratch.location, "one").await;
    let before = tables(&scratch.location).await;
    assert!(before.values().all(|(_, rows)| !rows.is_empty()), "every table has a row: {:?}", before.keys());
    let mut elsewhere = vec![scratch::sqlite()];
    elsewhere.extend(scratch::postgres().await);
    for other in &elsewhere {
        assert!(copy::is_empty(&other.location).await.unwrap());
        let (pieces, read) = mpsc::channel(2);
        let (reading, rows) =
            tokio::join!(copy::read(&scratch.location, pieces), copy::write(&other.location, read));
        reading.unwrap();
        assert_eq!(rows.unwrap(), before.values().map(|(_, rows)| rows.len() as u64).sum::<u64>());
        assert!(!copy::is_empty(&other.location).await.unwrap());
        // Leases are let go, since nobody holds them; all else is as it was.
        let mut expected = before.clone();
        let mut held = BTreeMap::new();
        for (table, (columns, rows)) in &mut expected {
            let at = |name: &str| columns.iter().position(|(column, _)| column == name);
            let Some(leased) = at("leased") else { continue };
            held.insert(table.clone(), rows.iter().any(|row| row[leased] == "Int(7)"));
            for row in rows {
                row[leased] = "Int(0)".into();
                if let Some(holder) = at("holder") {
                    row[holder] = "Text(\"\")".into();
                }
            }
        }
        assert!(held.len() >= 3 && held.values().all(|held| *held), "{held:?}");
        let after = tables(&other.location).await;
        assert_eq!(after, expected);
        // And it is a store that works.
        let copied = Store::open(&other.location).await.unwrap();
        let found = copied.documents().find("one", KIND, "name", "x").await.unwrap().unwrap();
        assert_eq!(found.body["name"], "ünï\"\\\n\u{1f600}");
        insert(&copied, "one", "b", json!({}), vec![]).await;
        copied.close().await;
    }
    store.close().await;
}

async fn what_is_read_is_of_one_moment(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    // Each commit writes the same number to two documents far apart in the table.
    for id in ["a", "z"] {
        insert(&store, "one", id, json!({ "number": 0 }), vec![]).await;
    }
    for filler in 0..2_000 {
        insert(&store, "two", &format!("f{filler}"), json!({ "text": "x".repeat(200) }), vec![]).await;
    }
    let (stop, writing) = (Arc::new(AtomicBool::new(false)), store.clone());
    let stopped = stop.clone();
    let writer = tokio::spawn(async move {
        let mut number = 0_i64;
        while !stopped.load(Ordering::Relaxed) {
            number += 1;
            let replace = |id: &str| Write::Replace {
                kind: KIND,
                id: id.into(),
                body: body(json!({ "number": number })),
                keys: vec![],
                known: None,
                version: number,
                updated: number,
            };
            writing.documents().commit("one", vec![replace("a"), replace("z")]).await.unwrap();
        }
        number
    });
    let mut seen = Vec::new();
    for _ in 0..5 {
        let tables = tables(&scratch.location).await;
        let (columns, documents) = &tables["documents"];
        let column = |name: &str| columns.iter().position(|(column, _)| column == name).unwrap();
        let of_one: Vec<_> = documents
            .iter()
            .filter(|row| row[column("tenant")] == "Text(\"one\")")
            .map(|row| row[column("body")].clone())
            .collect();
        assert_eq!(of_one.len(), 2);
        assert_eq!(of_one[0], of_one[1], "both are of one moment");
        let (columns, tenants) = &tables["tenants"];
        let rev = columns.iter().position(|(column, _)| column == "rev").unwrap();
        let (_, changes) = &tables["changes"];
        let last =
            changes.iter().filter(|row| row.contains(&"Text(\"one\")".into())).cloned().collect::<Vec<_>>();
        let revision = tenants.iter().find(|row| row.contains(&"Text(\"one\")".into())).unwrap()[rev].clone();
        assert!(last.iter().any(|row| row.contains(&revision)), "the revision is that of the last change");
        seen.push(of_one[0].clone());
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 5, "writes went on meanwhile");
    assert!(seen.windows(2).any(|two| two[0] != two[1]), "later copies are of later moments");
    store.close().await;
}

async fn a_copy_without_its_end_leaves_nothing(scratch: &ScratchStore) {
    let other = scratch::sqlite();
    let store = opened(&other).await;
    let mut pieces = read(&other.location).await;
    assert!(matches!(pieces.pop(), Some(Piece::End)));
    let refused = write(&scratch.location, pieces).await.unwrap_err();
    assert!(matches!(refused, Error::Copy { .. }), "{refused}");
    assert!(nothing_is_there(scratch).await);
    store.close().await;
}

async fn what_no_copy_is_leaves_nothing(scratch: &ScratchStore) {
    let other = scratch::sqlite();
    let store = opened(&other).await;
    let steps = || copy_of_steps(&other.location);
    let text = |name: &str| (name.to_owned(), Type::Text);
    let tenants = || Shape {
        table: "tenants".into(),
        columns: vec![text("name"), ("rev".into(), Type::Int), text("body")],
    };
    let row = |name: &str| -> Row { [Value::from(name), 1.into(), "{}".into()].into_iter().collect() };
    let short: Row = [Value::from("x")].into_iter().collect();
    let swapped: Row = [Value::from(1), "x".into(), "{}".into()].into_iter().collect();
    let null: Row = [Value::Null, 1.into(), "{}".into()].into_iter().collect();
    let evil = Shape { table: "tenants; drop table documents".into(), columns: vec![text("name")] };
    let injected =
        Shape { table: "tenants".into(), columns: vec![text("name"), text("rev) select '1"), text("body")] };
    let unknown = Shape { table: "sqlite_master".into(), columns: vec![text("name")] };
    let cases: Vec<(&str, Vec<Piece>)> = vec![
        ("nothing", vec![]),
        ("no steps", vec![Piece::Table(tenants()), Piece::End]),
        ("rows of no table", vec![Piece::Steps(steps().await), Piece::Rows(vec![row("a")]), Piece::End]),
        ("steps twice", vec![Piece::Steps(steps().await), Piece::Steps(steps().await), Piece::End]),
        ("an unknown table", vec![Piece::Steps(steps().await), Piece::Table(unknown), Piece::End]),
        ("a statement as a table", vec![Piece::Steps(steps().await), Piece::Table(evil), Piece::End]),
        ("a statement as a column", vec![Piece::Steps(steps().await), Piece::Table(injected), Piece::End]),
        (
            "a short row",
            vec![Piece::Steps(steps().await), Piece::Table(tenants()), Piece::Rows(vec![short]), Piece::End],
        ),
        (
            "values of other types",
            vec![
                Piece::Steps(steps().await),
                Piece::Table(tenants()),
                Piece::Rows(vec![swapped]),
                Piece::End,
            ],
        ),
        (
            "null where none may be",
            vec![Piece::Steps(steps().await), Piece::Table(tenants()), Piece::Rows(vec![null]), Piece::End],
        ),
        (
            "a NUL",
            vec![
                Piece::Steps(steps().await),
                Piece::Table(tenants()),
                Piece::Rows(vec![row("a\0")]),
                Piece::End,
            ],
        ),
        (
            "a key twice",
            vec![
                Piece::Steps(steps().await),
                Piece::Table(tenants()),
                Piece::Rows(vec![row("a"), row("a")]),
                Piece::End,
            ],
        ),
    ];
    for (what, pieces) in cases {
        let refused = write(&scratch.location, pieces).await;
        assert!(refused.is_err(), "{what}: {refused:?}");
        assert!(nothing_is_there(scratch).await, "{what}");
    }
    store.close().await;
}

async fn a_copy_of_an_older_schema_is_brought_up_to_date(scratch: &ScratchStore) {
    let other = scratch::sqlite();
    let store = opened(&other).await;
    let all = copy_of_steps(&other.location).await;
    let old: Vec<Step> = all
        .iter()
        .filter(|step| ["0001_documents", "0002_logs", "0003_traffic"].contains(&step.name.as_str()))
        .cloned()
        .collect();
    assert_eq!(old.len(), 3);
    assert_eq!(copy::left(&old).unwrap(), all.len() - 3);
    let columns =
        |names: &[(&str, Type)]| names.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    use Type::{Int, Text};
    let families = Shape {
        table: "refresh_families".into(),
        columns: columns(&[
            ("tenant", Text),
            ("id", Text),
            ("client_id", Text),
            ("user_id", Text),
            ("session_id", Text),
            ("body", Text),
            ("created", Int),
            ("used", Int),
            ("expires", Int),
        ]),
    };
    let family: Row = ["one", "f", "c", "u", "s", "{}"]
        .map(Value::from)
        .into_iter()
        .chain([1, 77, 99].map(Value::from))
        .collect();
    let tenants =
        Shape { table: "tenants".into(), columns: columns(&[("name", Text), ("rev", Int), ("body", Text)]) };
    let tenant: Row = [Value::from("one"), 0.into(), "{}".into()].into_iter().collect();
    let pieces = vec![
        Piece::Steps(old),
        Piece::Table(tenants),
        Piece::Rows(vec![tenant]),
        Piece::Table(families),
        Piece::Rows(vec![family]),
        Piece::End,
    ];
    assert_eq!(write(&scratch.location, pieces).await.unwrap(), 2);
    assert_eq!(copy::left(&copy_of_steps(&scratch.location).await).unwrap(), 0);
    let tables = tables(&scratch.location).await;
    let (columns, rows) = &tables["refresh_families"];
    let at = columns.iter().position(|(name, _)| name == "advanced").unwrap();
    assert_eq!(rows[0][at], "Int(77)", "later steps saw the rows");
    let copied = Store::open(&scratch.location).await.unwrap();
    assert_eq!(copied.tenants().list().await.unwrap().len(), 1);
    copied.close().await;
    store.close().await;
}

async fn a_copy_of_a_newer_schema_is_refused(scratch: &ScratchStore) {
    let other = scratch::sqlite();
    let store = opened(&other).await;
    let steps = copy_of_steps(&other.location).await;
    let mut newer = steps.clone();
    newer.push(Step { name: "9999_future".into(), hash: "00".into() });
    let refused = write(&scratch.location, vec![Piece::Steps(newer), Piece::End]).await.unwrap_err();
    assert!(refused.to_string().contains("9999_future"), "{refused}");
    let mut altered = steps;
    altered[0].hash = "00".into();
    let refused = write(&scratch.location, vec![Piece::Steps(altered), Piece::End]).await.unwrap_err();
    assert!(matches!(refused, Error::Altered { .. }), "{refused}");
    assert!(nothing_is_there(scratch).await);
    store.close().await;
}

async fn the_steps_of_a_store_are_told_without_taking_any(scratch: &ScratchStore) {
    assert_eq!(copy_of_steps(&scratch.location).await, []);
    assert!(nothing_is_there(scratch).await, "looking makes nothing");
    opened(scratch).await.close().await;
    assert_eq!(copy::left(&copy_of_steps(&scratch.location).await).unwrap(), 0);
}

/// Somebody else may keep things in the same database, under names that we use as well.
#[tokio::test]
async fn what_is_not_ours_is_not_dropped() {
    let Some(scratch) = scratch::postgres().await else {
        return eprintln!("skipped: TEST_DATABASE is not set");
    };
    let Location::Postgres { url } = &scratch.location else { unreachable!("it is PostgreSQL") };
    let other = scratch::sqlite();
    opened(&other).await.close().await;
    // A store in a schema of its own, beside tables of the same names in one that is searched later.
    let ours = format!("{url}?options=-c%20search_path%3Down,public");
    let execute = async |sql: &'static str| {
        let client = scratch::client(url).await.unwrap();
        client.batch_execute(sql).await.unwrap();
        let rows = client.query_one("select count(*) from public.sessions", &[]).await.unwrap();
        rows.get::<_, i64>(0)
    };
    execute("create schema own; create table public.sessions (id text); insert into public.sessions values ('theirs')").await;
    let home = Location::Postgres { url: ours };
    for _ in 0..2 {
        write(&home, read(&other.location).await).await.unwrap();
        assert_eq!(execute("").await, 1);
    }
    // Where nothing of ours is, theirs is in the way and stays.
    write(&scratch.location, read(&other.location).await).await.unwrap_err();
    assert_eq!(execute("").await, 1);
}

#[tokio::test]
async fn every_table_of_a_file_is_one_that_travels() {
    let scratch = scratch::sqlite();
    opened(&scratch).await.close().await;
    let Location::Sqlite { dir } = &scratch.location else { unreachable!("it is a folder") };
    let travels = tables(&scratch.location).await;
    for db in [Db::sqlite(dir.join(store::db::MAIN)).await, Db::sqlite_logs(dir.join(store::db::LOGS)).await]
    {
        let sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'migrations'";
        for row in db.unwrap().rows(sql, vec![]).await.unwrap() {
            let table = row.str(0).unwrap();
            assert_ne!(travels.contains_key(table), copy::PASSING.contains(&table), "{table}");
        }
    }
}

/// One row in each table that has none of this tenant, with texts and numbers at their limits.
pub async fn fill(location: &Location, tenant: &str) {
    let dbs = match location {
        Location::Sqlite { dir } => {
            let main = Db::sqlite(dir.join(store::db::MAIN)).await.unwrap();
            vec![main, Db::sqlite_logs(dir.join(store::db::LOGS)).await.unwrap()]
        }
        Location::Postgres { url } => vec![Db::postgres(url).await.unwrap()],
    };
    let whose = format!("{:?}", Value::from(tenant));
    for (table, (columns, rows)) in tables(location).await {
        if rows.iter().any(|row| row.contains(&whose)) {
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let sql = format!("insert into {table} ({}) values ({})", names.join(", "), places.join(", "));
        let value = |(name, kind): &(String, Type)| match (name.as_str(), kind) {
            ("tenant", Type::Text) => tenant.into(),
            ("audience" | "ip", Type::Text) if table == "logs" => Value::Null,
            (_, Type::Text) => format!("{name} \"\\\t\u{1f600}").into(),
            ("leased", Type::Int) => 7.into(),
            (name, Type::Int) => if name.len() % 2 == 0 { i64::MAX } else { i64::MIN }.into(),
        };
        let statement = Statement::new(sql, columns.iter().map(value).collect());
        let mut done = false;
        for db in &dbs {
            done |= db.commit(vec![statement.clone()].into()).await.is_ok();
        }
        assert!(done, "{table} takes a row");
    }
    for db in dbs {
        db.close().await;
    }
}

/// Makes a document.
async fn insert(store: &Store, tenant: &str, id: &str, said: serde_json::Value, keys: Vec<Key>) {
    let insert = Write::Insert { kind: KIND, id: id.into(), body: body(said), keys, created: 1 };
    store.documents().commit(tenant, vec![insert]).await.unwrap();
}

async fn read(location: &Location) -> Vec<Piece> {
    let (pieces, mut read) = mpsc::channel(2);
    let (done, all) = tokio::join!(copy::read(location, pieces), async {
        let mut all = Vec::new();
        while let Some(piece) = read.recv().await {
            all.push(piece);
        }
        all
    });
    done.unwrap();
    all
}

async fn write(location: &Location, pieces: Vec<Piece>) -> store::Result<u64> {
    let (to, from) = mpsc::channel(2);
    let sending = async {
        for piece in pieces {
            if to.send(piece).await.is_err() {
                break;
            }
        }
        drop(to);
    };
    let (written, ()) = tokio::join!(copy::write(location, from), sending);
    if written.is_err()
        && let Location::Sqlite { dir } = location
    {
        for name in [store::db::MAIN, store::db::LOGS] {
            let _ = std::fs::remove_file(dir.join(name));
        }
    }
    written
}

pub async fn tables(location: &Location) -> Tables {
    let mut tables = Tables::new();
    let mut open = String::new();
    for piece in read(location).await {
        match piece {
            Piece::Table(Shape { table, columns }) => {
                open.clone_from(&table);
                assert!(tables.insert(table, (columns, Vec::new())).is_none());
            }
            Piece::Rows(rows) => {
                let (_, all) = tables.get_mut(&open).unwrap();
                all.extend(
                    rows.iter()
                        .map(|row| row.values().iter().map(|value| format!("{value:?}")).collect::<Vec<_>>()),
                );
            }
            Piece::Steps(_) | Piece::End => {}
        }
    }
    // In whatever order columns and rows lie.
    for (columns, rows) in tables.values_mut() {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|at| columns[*at].0.clone());
        *columns = order.iter().map(|at| columns[*at].clone()).collect();
        rows.iter_mut().for_each(|row| *row = order.iter().map(|at| row[*at].clone()).collect());
        rows.sort();
    }
    tables
}

async fn copy_of_steps(location: &Location) -> Vec<Step> {
    copy::steps_of(location).await.unwrap()
}

async fn nothing_is_there(scratch: &ScratchStore) -> bool {
    copy_of_steps(&scratch.location).await.is_empty() && copy::is_empty(&scratch.location).await.unwrap()
}
