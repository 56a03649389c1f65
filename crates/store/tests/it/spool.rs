//! Log events that the store does not take wait in a file, survive their process, and arrive once and in order.

use std::fs;
use std::time::Duration;

use store::db::{Db, Statement};
use store::scratch::ScratchStore;
use store::{Condition, Cursor, Location, LogQueue, LogRow, LogSpool, Of, Outcome, Store, Width};
use tempfile::TempDir;

use super::{found, opened};

on_both!(
    what_the_store_does_not_take_arrives_once_and_in_order,
    what_waited_when_the_process_was_killed_arrives_once,
    what_fits_nowhere_is_counted_and_what_fits_arrives,
    a_file_that_is_none_of_ours_is_left_alone,
    of_a_part_that_is_refused_all_is_written_that_can_be,
);

const MIB: u64 = 1 << 20;
const FILE: &str = "log-spool.db";
const REFUSED: &str = "refused";

async fn what_the_store_does_not_take_arrives_once_and_in_order(scratch: &ScratchStore) {
    let (store, folder) = (opened(scratch).await, TempDir::new().unwrap());
    let begin = store.log_streams().end("one").await.unwrap();
    let queue = LogQueue::start(store.logs().clone(), Some(LogSpool::new(folder.path(), 64 * MIB)));
    (0..500).for_each(|n| queue.push(event(n)));
    queue.flush().await;
    assert!(!folder.path().join(FILE).exists(), "the store takes what comes");

    rename(scratch, "logs", "hidden").await;
    (500..4000).for_each(|n| queue.push(event(n)));
    queue.flush().await;
    (4000..4100).for_each(|n| queue.push(event(n)));
    queue.flush().await;
    let spool = queue.spool().unwrap();
    assert_eq!((spool.events(), queue.waiting(), queue.dropped()), (3600, 0, 0));
    assert!(spool.bytes() > 3600 * 50, "{}", spool.bytes());

    rename(scratch, "hidden", "logs").await;
    // What comes meanwhile does not go past what waits.
    for n in 4100..4200 {
        queue.push(event(n));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    queue.flush().await;
    arrived(&queue).await;
    assert!(!folder.path().join(FILE).exists());
    queue.close().await;
    is_whole(&store, &begin, 4200).await;
    assert_eq!(queue.dropped(), 0);
}

async fn what_waited_when_the_process_was_killed_arrives_once(scratch: &ScratchStore) {
    let (store, folder, copy) = (opened(scratch).await, TempDir::new().unwrap(), TempDir::new().unwrap());
    let begin = store.log_streams().end("one").await.unwrap();
    rename(scratch, "logs", "hidden").await;
    let queue = LogQueue::start(store.logs().clone(), Some(LogSpool::new(folder.path(), 64 * MIB)));
    (0..2500).for_each(|n| queue.push(event(n)));
    queue.flush().await;
    // What another process finds when this one is killed: the files as they are.
    for file in fs::read_dir(folder.path()).unwrap().flatten() {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    (2500..2600).for_each(|n| queue.push(event(n)));
    queue.close().await;
    assert_eq!(queue.dropped(), 0, "what waits when a server stops goes on waiting");
    rename(scratch, "hidden", "logs").await;

    for folder in [copy.path(), folder.path(), copy.path()] {
        let queue = LogQueue::start(store.logs().clone(), Some(LogSpool::new(folder, 64 * MIB)));
        queue.flush().await;
        arrived(&queue).await;
        queue.close().await;
    }
    is_whole(&store, &begin, 2600).await;
}

async fn what_fits_nowhere_is_counted_and_what_fits_arrives(scratch: &ScratchStore) {
    let (store, folder) = (opened(scratch).await, TempDir::new().unwrap());
    rename(scratch, "logs", "hidden").await;
    let queue = LogQueue::start(store.logs().clone(), Some(LogSpool::new(folder.path(), MIB)));
    for n in 0..80_000 {
        queue.push(event(n));
        if n % 1000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    queue.flush().await;
    let spool = queue.spool().unwrap();
    assert!(spool.events() > 1000 && spool.bytes() <= MIB, "{} in {}", spool.events(), spool.bytes());
    assert!(queue.dropped() > 0);
    let kept = spool.events() + queue.waiting() as u64;
    assert_eq!(kept + queue.dropped(), 80_000);

    rename(scratch, "hidden", "logs").await;
    for _ in 0..100 {
        arrived(&queue).await;
        queue.flush().await;
        if queue.waiting() == 0 && queue.spool().unwrap().events() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await as u64, kept);
}

async fn a_file_that_is_none_of_ours_is_left_alone(scratch: &ScratchStore) {
    let (store, folder) = (opened(scratch).await, TempDir::new().unwrap());
    let words = "this is no database, and longer than the head of one would be".repeat(100);
    fs::write(folder.path().join(FILE), &words).unwrap();
    let queue = LogQueue::start(store.logs().clone(), Some(LogSpool::new(folder.path(), MIB)));
    queue.push(event(0));
    queue.flush().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 1, "the store takes what comes");
    rename(scratch, "logs", "hidden").await;
    queue.push(event(1));
    queue.flush().await;
    assert_eq!(queue.waiting(), 1, "it waits in memory");
    rename(scratch, "hidden", "logs").await;
    queue.close().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 2);
    assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), words);
}

/// Whether there is a file to wait in, and whether it has room.
async fn of_a_part_that_is_refused_all_is_written_that_can_be(scratch: &ScratchStore) {
    let (store, folders) = (opened(scratch).await, [TempDir::new().unwrap(), TempDir::new().unwrap()]);
    refuse(scratch).await;
    let spools = [None, Some((&folders[0], 1)), Some((&folders[1], 64 * MIB))];
    let start = |spool: Option<(&TempDir, u64)>| {
        let spool = spool.map(|(folder, most)| LogSpool::new(folder.path(), most));
        LogQueue::start(store.logs().clone(), spool)
    };
    let queues = spools.map(start);
    for (queue, first) in queues.iter().zip([0, 100, 200]) {
        for n in first..first + 100 {
            queue.push(match n % 100 {
                37 | 99 => LogRow { kind: REFUSED.to_owned(), ..event(n) },
                50 => LogRow { client_id: Some(REFUSED.to_owned()), ..event(n) },
                _ => event(n),
            });
        }
        queue.flush().await;
        queue.push(event(first + 1000));
    }
    for queue in &queues {
        for waited in 0.. {
            queue.flush().await;
            if queue.waiting() == 0 && queue.spool().is_none_or(|spool| spool.events() == 0) {
                break;
            }
            assert!(waited < 3000, "what can be written waits for ever");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(queue.dropped(), 2);
    }
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 3 * 99);
    // Of each, what was counted of one event was refused.
    let counts =
        store.tallies().total("one", (Of::All, Width::Hour), (0, i64::MAX / 2), i64::MAX / 4).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.issued).sum::<i64>(), 3 * 98);
}

/// Returns when nothing waits in the file any more.
async fn arrived(queue: &LogQueue) {
    let mut waited = 0;
    while queue.spool().unwrap().events() > 0 {
        waited += 1;
        assert!(waited < 1500, "what waits does not arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every event is there, was committed once and in order, and was counted once.
async fn is_whole(store: &Store, begin: &Cursor, events: i64) {
    let (mut read, mut cursor) = (Vec::new(), begin.clone());
    loop {
        let page = store.log_streams().page("one", &cursor, 1000, usize::MAX).await.unwrap();
        assert!(!page.has_gap);
        if page.rows.is_empty() && page.end == cursor {
            break;
        }
        read.extend(page.rows.into_iter().map(|(_, row)| row.date));
        cursor = page.end;
    }
    assert_eq!(read, (0..events).collect::<Vec<_>>());
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await as i64, events);
    let counts =
        store.tallies().total("one", (Of::All, Width::Hour), (0, i64::MAX / 2), i64::MAX / 4).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.issued).sum::<i64>(), events);
}

/// Takes the table away from the store, or gives it back.
async fn rename(scratch: &ScratchStore, from: &str, to: &str) {
    alter(scratch, &[format!("alter table {from} rename to {to}")]).await;
}

/// Lets the store refuse events of a kind, and counts of a client.
async fn refuse(scratch: &ScratchStore) {
    let alter_one = |table: &str, column: &str| match &scratch.location {
        Location::Sqlite { .. } => format!(
            "create trigger refuse_{table} before insert on {table} when new.{column} = '{REFUSED}'
             begin select raise(abort, 'refused'); end"
        ),
        Location::Postgres { .. } => {
            format!("alter table {table} add constraint refuse check ({column} <> '{REFUSED}')")
        }
    };
    alter(scratch, &[alter_one("logs", "kind"), alter_one("tallies", "value")]).await;
}

async fn alter(scratch: &ScratchStore, statements: &[String]) {
    let db = match &scratch.location {
        Location::Sqlite { dir } => Db::sqlite_logs(dir.join("logs.db")).await,
        Location::Postgres { url } => Db::postgres(url).await,
    };
    let db = db.unwrap();
    let statements = statements.iter().map(|sql| Statement::new(sql.clone(), vec![])).collect::<Vec<_>>();
    db.commit(statements.into()).await.unwrap();
    db.close().await;
}

fn event(n: i64) -> LogRow {
    let outcome =
        Outcome { refusal: None, took: Duration::from_millis(2), knows_client: true, knows_api: true };
    LogRow {
        tenant: "one".to_owned(),
        log_id: format!("{n:08}"),
        date: n,
        client_id: Some("app".to_owned()),
        outcome: Some(outcome),
        ..LogRow::default()
    }
}
