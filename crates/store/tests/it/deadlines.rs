use std::time::{Duration, Instant};

use store::db::Db;
use store::scratch::ScratchStore;
use store::{Column, Condition, Error, Location, LogRow, Logs, Part};
use tokio::time::{sleep, timeout};

use super::{found, opened};

on_both!(
    a_read_stops_at_its_deadline,
    an_abandoned_read_is_stopped,
    a_hostile_search_is_stopped,
    a_search_leaves_room_for_reads_and_others_wait_their_turn,
    a_closed_store_does_not_search,
);

async fn a_read_stops_at_its_deadline(scratch: &ScratchStore) {
    let db = logs(scratch).await;
    for _ in 0..20 {
        let started = Instant::now();
        let outcome = db.rows_until(started + Duration::from_millis(50), ENDLESS, vec![]).await;
        assert!(matches!(outcome, Err(Error::TooSlow)), "{outcome:?}");
        assert!(started.elapsed() < SOON);
    }
    let past = db.rows_until(Instant::now(), ENDLESS, vec![]).await;
    assert!(matches!(past, Err(Error::TooSlow)), "{past:?}");
    // The limit goes with the call that gave it.
    for _ in 0..20 {
        assert_eq!(db.rows(LONG, vec![]).await.unwrap()[0].int(0).unwrap(), 300_000);
    }
    let later = Instant::now() + Duration::from_secs(60);
    assert_eq!(db.rows_until(later, "select $1", vec!["x".into()]).await.unwrap()[0].str(0).unwrap(), "x");
    assert!(matches!(db.rows_until(later, "select nonsense", vec![]).await, Err(Error::Database(_))));
    assert!(matches!(db.rows_until(later, "select $1", vec!["\0".into()]).await, Err(Error::Nul)));
}

/// More of them than there are threads or connections.
async fn an_abandoned_read_is_stopped(scratch: &ScratchStore) {
    let db = logs(scratch).await;
    let later = Instant::now() + Duration::from_secs(600);
    for _ in 0..20 {
        assert!(timeout(Duration::from_millis(30), db.rows_until(later, ENDLESS, vec![])).await.is_err());
    }
    let answer = timeout(SOON, db.rows("select tenant from logs", vec![])).await;
    assert_eq!(answer.unwrap().unwrap(), vec![]);
}

async fn a_hostile_search_is_stopped(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    append_long(store.logs()).await;
    let hasty = store.logs().clone().with_patience(Duration::from_millis(200));
    for _ in 0..3 {
        let started = Instant::now();
        assert!(matches!(hasty.search("one", &hostile(), false, 0, 50).await, Err(Error::TooSlow)));
        assert!(matches!(hasty.search("one", &hostile(), true, 0, 50).await, Err(Error::TooSlow)));
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 300);
    assert_eq!(store.logs().search("one", &Condition::Everything, true, 0, 1).await.unwrap().len(), 1);
}

async fn a_search_leaves_room_for_reads_and_others_wait_their_turn(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    append_long(store.logs()).await;
    let patient = store.logs().clone().with_patience(Duration::from_secs(600));
    let searches: Vec<_> = (0..20)
        .map(|_| {
            let logs = patient.clone();
            tokio::spawn(async move { logs.search("one", &hostile(), false, 0, 50).await })
        })
        .collect();
    sleep(Duration::from_millis(100)).await;

    let reads = async {
        assert!(store.logs().read("one", "0007").await.unwrap().is_some());
        assert_eq!(store.logs().after("one", None, 2).await.unwrap().len(), 2);
        store.documents().all("one", super::KIND).await.unwrap();
        assert_eq!(store.logs().prune(None, 0).await.unwrap(), 0);
    };
    timeout(SOON, reads).await.unwrap();
    let hasty = store.logs().clone().with_patience(Duration::from_millis(50));
    assert!(matches!(hasty.search("one", &Condition::Everything, false, 0, 1).await, Err(Error::TooSlow)));

    // Once their callers are gone they are in nobody's way.
    searches.iter().for_each(tokio::task::JoinHandle::abort);
    let all = timeout(SOON, found(store.logs(), "one", &Condition::Everything)).await;
    assert_eq!(all.unwrap(), 300);
}

async fn a_closed_store_does_not_search(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let logs = store.logs().clone();
    store.close().await;
    assert!(matches!(logs.search("one", &Condition::Everything, false, 0, 1).await, Err(Error::Closed)));
}

async fn append_long(logs: &Logs) {
    let row = |n| LogRow {
        tenant: "one".to_owned(),
        log_id: format!("{n:04}"),
        user_agent: Some("a".repeat(16 << 10)),
        ..LogRow::default()
    };
    logs.append((0..300).map(row).collect()).await.unwrap();
}

/// It would take most of a minute.
fn hostile() -> Condition {
    let parts = vec![Part::Any, Part::Text(format!("{}b", "a".repeat(299))), Part::Any];
    Condition::Any((0..40).map(|_| Condition::Like(Column::UserAgent, parts.clone())).collect())
}

/// The database of the logs, opened beside the store.
async fn logs(scratch: &ScratchStore) -> Db {
    match &scratch.location {
        Location::Sqlite { dir } => Db::sqlite_logs(dir.join("logs.db")).await.unwrap(),
        Location::Postgres { url } => Db::postgres(url).await.unwrap(),
    }
}

const ENDLESS: &str = "with recursive n (i) as (select cast(0 as bigint) union all select i + 1 from n)
                       select count(*) from n";
const LONG: &str =
    "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < 300000)
                    select count(*) from n";
/// Far less than what would be waited for otherwise, and enough for a busy machine.
const SOON: Duration = Duration::from_secs(60);
