use std::time::Duration;

use store::scratch::ScratchStore;
use store::{Bound, Column, Condition, LogQueue, LogRow, Store};

use super::{found, opened};

on_both!(
    events_arrive_by_themselves,
    a_flush_waits_for_all_pushed_before,
    closing_and_dropping_write_what_is_left,
    nul_does_not_hide_an_event,
    what_cannot_be_written_is_counted,
);

async fn events_arrive_by_themselves(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    for round in 1..=2 {
        queue.push(event(round));
        arrived(&store, usize::try_from(round).unwrap()).await;
    }
}

/// Waits until so many events are there.
async fn arrived(store: &Store, count: usize) {
    let mut waited = 0;
    while found(store.logs(), "one", &Condition::Everything).await < count {
        waited += 1;
        assert!(waited < 3000, "the event does not arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_flush_waits_for_all_pushed_before(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    queue.flush().await;
    let pushing: Vec<_> = (0..4)
        .map(|thread| {
            let queue = queue.clone();
            std::thread::spawn(move || (0..2500).for_each(|n| queue.push(event(thread * 10_000 + n))))
        })
        .collect();
    pushing.into_iter().for_each(|thread| thread.join().unwrap());
    queue.flush().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 10_000);
    assert_eq!(queue.dropped(), 0);
}

async fn closing_and_dropping_write_what_is_left(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    queue.push(event(1));
    queue.close().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 1);
    queue.flush().await;
    queue.close().await;

    let queue = LogQueue::start(store.logs().clone(), None);
    queue.push(event(2));
    drop(queue);
    arrived(&store, 2).await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 2);
}

async fn nul_does_not_hide_an_event(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    queue.push(LogRow { client_id: Some("evil\0".to_owned()), kind: "f\0".to_owned(), ..event(1) });
    queue.close().await;
    let row = store.logs().after("one", None, 1).await.unwrap().remove(0);
    assert_eq!((row.client_id.as_deref(), row.kind.as_str()), (Some("evil\u{FFFD}"), "f\u{FFFD}"));
}

async fn what_cannot_be_written_is_counted(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let logs = store.logs().clone();
    store.close().await;
    let queue = LogQueue::start(logs, None);
    for n in 0..70_000 {
        queue.push(event(n));
    }
    queue.close().await;
    assert_eq!(queue.dropped(), 70_000);
}

/// One thread only: the task cannot write while the events are pushed.
#[tokio::test]
async fn too_many_events_are_dropped_and_counted() {
    let scratch = store::scratch::sqlite();
    let store = opened(&scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    for n in 0..70_000 {
        queue.push(event(n));
    }
    assert_eq!(queue.dropped(), 70_000 - 61_440);
    // The rest is kept for what strangers cannot cause.
    for n in 70_000..75_000 {
        queue.push_important(event(n));
    }
    queue.push(event(80_000));
    assert_eq!(queue.dropped(), 75_001 - 65_536);
    queue.flush().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 65_536);
    let important = Condition::Range {
        column: Column::Date,
        from: Some(Bound { value: "70000".to_owned(), inclusive: true }),
        to: None,
    };
    assert_eq!(found(store.logs(), "one", &important).await, 4096);
    queue.push(event(80_001));
    queue.flush().await;
    assert_eq!(queue.dropped(), 75_001 - 65_536);
}

#[tokio::test]
async fn long_events_are_dropped_before_they_fill_the_memory() {
    let scratch = store::scratch::sqlite();
    let store = opened(&scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    let long = |n, megabytes: usize| LogRow { rest: Some("x".repeat(megabytes << 20)), ..event(n) };
    for n in 0..70 {
        queue.push(long(n, 1));
    }
    // Each is a little longer than a mebibyte.
    assert_eq!(queue.dropped(), 70 - 59);
    for n in 70..80 {
        queue.push_important(long(n, 1));
    }
    assert_eq!(queue.dropped(), 80 - 63);
    queue.push(event(80));
    queue.push_important(event(81));
    assert_eq!(queue.dropped(), 81 - 63);
    queue.flush().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 64);
    // What was written has left its room to others; what is longer than the room never fits.
    queue.push_important(long(82, 65));
    queue.push(long(83, 59));
    queue.flush().await;
    assert_eq!(found(store.logs(), "one", &Condition::Everything).await, 65);
    assert_eq!(queue.dropped(), 82 - 63);
}

fn event(n: i64) -> LogRow {
    LogRow { tenant: "one".to_owned(), log_id: format!("{n:08}"), date: n, ..LogRow::default() }
}
