use std::os::unix::fs::MetadataExt;

use store::db::{Db, Error, Statement, Value};
use store::scratch::{self, ScratchStore};
use store::{Location, Store};

on_both!(
    a_newer_database_is_refused,
    an_altered_migration_is_refused,
    many_open_an_empty_place_at_once,
    rows_have_types,
    wrong_sql_is_an_error_and_no_more,
);

async fn a_newer_database_is_refused(scratch: &ScratchStore) {
    Store::open(&scratch.location).await.unwrap().close().await;
    let db = main(scratch).await;
    let record = "insert into migrations (name, hash) values ($1, $2)";
    db.commit(vec![Statement::new(record, vec!["0999_tomorrow".into(), "x".into()])].into()).await.unwrap();
    db.close().await;

    let error = Store::open(&scratch.location).await.unwrap_err();
    assert!(
        matches!(&error, Error::Newer { found, known } if found == "0999_tomorrow" && known.starts_with("00"))
    );
    assert!(error.to_string().contains("0999_tomorrow") && error.to_string().contains("up to 00"));
}

async fn an_altered_migration_is_refused(scratch: &ScratchStore) {
    Store::open(&scratch.location).await.unwrap().close().await;
    let db = main(scratch).await;
    let alter = Statement::new(
        "update migrations set hash = $1 where name = $2",
        vec!["x".into(), "0001_documents".into()],
    );
    db.commit(vec![alter.expecting(1)].into()).await.unwrap();
    db.close().await;
    let error = Store::open(&scratch.location).await.unwrap_err();
    assert!(matches!(error, Error::Altered { name } if name == "0001_documents"));
}

async fn many_open_an_empty_place_at_once(scratch: &ScratchStore) {
    let openings: Vec<_> = (0..6)
        .map(|_| {
            let location = scratch.location.clone();
            tokio::spawn(async move { Store::open(&location).await })
        })
        .collect();
    for opening in openings {
        opening.await.unwrap().unwrap();
    }
}

async fn rows_have_types(scratch: &ScratchStore) {
    let store = Store::open(&scratch.location).await.unwrap();
    let db = main(scratch).await;
    let insert = Statement::new(
        "insert into tenants (name, rev, body) values ($2, $1, $3) returning rev, body, name",
        vec![i64::MIN.into(), "t".into(), "b".into()],
    );
    let committed = db.commit(vec![insert].into()).await.unwrap();
    assert_eq!(committed.counts, [1]);
    let row = &committed.rows[0];
    assert_eq!(
        (row.int(0).unwrap(), row.text(1).unwrap(), row.text(2).unwrap()),
        (i64::MIN, "b".to_owned(), "t".to_owned())
    );
    for wrong in [row.text(0).is_err(), row.int(1).is_err(), row.text(3).is_err()] {
        assert!(wrong);
    }
    let rows = db
        .rows("select nullif(name, $1), body from tenants where name = $1", vec!["t".into()])
        .await
        .unwrap();
    assert_eq!((rows[0].opt_text(0).unwrap(), rows[0].opt_text(1).unwrap()), (None, Some("b".to_owned())));
    assert_eq!(Value::from(None::<&str>), Value::Null);
    drop(store);
}

async fn wrong_sql_is_an_error_and_no_more(scratch: &ScratchStore) {
    let store = Store::open(&scratch.location).await.unwrap();
    let db = main(scratch).await;
    assert!(matches!(db.rows("select nonsense", vec![]).await, Err(Error::Database(_))));
    assert!(db.rows("select name from tenants where name = $1", vec![]).await.is_err());
    assert!(db.rows("select name from tenants", vec!["extra".into()]).await.is_err());
    let wrong = Statement::new("delete from nothing", vec![]);
    assert!(matches!(db.commit(vec![wrong].into()).await, Err(Error::Database(_))));
    assert_eq!(db.rows("select name from tenants", vec![]).await.unwrap(), vec![]);
    drop(store);
}

/// The database of everything but the logs, opened beside the store.
async fn main(scratch: &ScratchStore) -> Db {
    match &scratch.location {
        Location::Sqlite { dir } => Db::sqlite(dir.join("countersign.db")).await.unwrap(),
        Location::Postgres { url } => Db::postgres(url).await.unwrap(),
    }
}

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let scratch = scratch::sqlite();
    let Location::Sqlite { dir } = &scratch.location else { panic!("not a directory") };
    let dir = dir.join("made/on/the/way");
    let store = Store::open(&Location::Sqlite { dir: dir.clone() }).await.unwrap();
    for path in [dir.clone(), dir.join("countersign.db"), dir.join("countersign.db-wal"), dir.join("logs.db")]
    {
        assert_eq!(path.metadata().unwrap().mode() & 0o077, 0, "{}", path.display());
    }
    store.close().await;
    assert!(!dir.join("countersign.db-wal").metadata().is_ok_and(|wal| wal.len() > 0));
}

#[tokio::test]
async fn what_is_no_database_is_an_error() {
    let scratch = scratch::sqlite();
    let Location::Sqlite { dir } = &scratch.location else { panic!("not a directory") };
    std::fs::write(
        dir.join("countersign.db"),
        "this is not a database, but long enough to look like one".repeat(99),
    )
    .unwrap();
    assert!(matches!(Store::open(&scratch.location).await, Err(Error::Database(_))));
    let file = Location::Sqlite { dir: dir.join("countersign.db") };
    assert!(matches!(Store::open(&file).await, Err(Error::Database(_))));
    for url in ["", "nonsense", "postgres://u:secret@127.0.0.1:1/x"] {
        let location = Location::Postgres { url: url.to_owned() };
        assert!(!format!("{location:?}").contains("secret"));
        let error = Store::open(&location).await.unwrap_err();
        assert!(!format!("{error:?}").contains("secret"));
    }
}
