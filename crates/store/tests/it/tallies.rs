use std::time::Duration;

use store::scratch::ScratchStore;
use store::{Count, Did, LogQueue, LogRow, Of, Outcome, Store, Use, Width};

use super::opened;

on_both!(
    tokens_are_counted_with_their_events,
    a_flood_is_counted_to_the_last,
    steps_add_up_slots,
    what_strangers_make_up_has_no_name,
    the_latest_use_stays,
    a_repeated_batch_counts_once,
    many_nodes_count_together,
    old_slots_are_pruned,
    numbers_survive_a_restart,
    values_are_taken_as_they_are,
    people_are_counted_by_what_they_did,
);

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const START: i64 = 400_000 * HOUR;

async fn tokens_are_counted_with_their_events(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    for n in 0..10 {
        queue.push(issued(&format!("{n}"), START + n));
    }
    queue.push(refused("r1", START + 1, "wrong_secret"));
    queue.push(refused("r2", START + MINUTE, "no_grant"));
    queue.push(LogRow { outcome: None, ..issued("sapi", START) });
    queue.push(LogRow { tenant: "two".to_owned(), ..issued("other", START) });
    queue.close().await;

    let counts = |of, width| {
        let store = &store;
        async move { series(store, of, width, MINUTE).await }
    };
    assert_eq!(
        counts(Of::All, Width::Minute).await,
        [(String::new(), 0, 10, 1), (String::new(), MINUTE, 0, 1)]
    );
    assert_eq!(
        counts(Of::Reason, Width::Minute).await,
        [("wrong_secret".to_owned(), 0, 0, 1), ("no_grant".to_owned(), MINUTE, 0, 1)]
    );
    assert_eq!(counts(Of::Client, Width::Hour).await, [("app".to_owned(), 0, 10, 2)]);
    assert_eq!(counts(Of::Api, Width::Hour).await, [("urn:api".to_owned(), 0, 10, 2)]);
    assert_eq!(counts(Of::Client, Width::Minute).await, []);
    let spreads = store.tallies().latency("one", Width::Hour, (START, START + HOUR), HOUR).await.unwrap();
    assert_eq!((spreads.len(), spreads[0].count), (1, 12));
    let p50 = spreads[0].quantile(0.5).unwrap();
    assert!((p50 / 2.0 - 1.0).abs() < 0.0906, "{p50}");
    assert_eq!(
        store.tallies().top("one", (Of::Client, Width::Hour), (0, i64::MAX), 6).await.unwrap(),
        ["app"]
    );
    assert_eq!(
        store.tallies().top("three", (Of::Client, Width::Hour), (0, i64::MAX), 6).await.unwrap(),
        [""; 0]
    );
}

/// Counts are carried from one batch to the next, but never beyond the events that wait.
async fn a_flood_is_counted_to_the_last(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let queue = LogQueue::start(store.logs().clone(), None);
    let push =
        |from: i64, to: i64| (from..to).for_each(|n| queue.push(issued(&format!("{n:05}"), START + n)));
    let counted = async || series(&store, Of::Client, Width::Hour, HOUR).await;
    for (from, to) in [(0, 3000), (3000, 4001), (4001, 6000), (6000, 6001)] {
        push(from, to);
        queue.flush().await;
        assert_eq!(counted().await, [("app".to_owned(), 0, to, 0)]);
    }
    // Nobody asks: what waits is written by itself, and with it what was carried.
    for n in 6001..15_000 {
        push(n, n + 1);
        if n % 700 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let mut waited = 0;
    while counted().await != [("app".to_owned(), 0, 15_000, 0)] {
        waited += 1;
        assert!(waited < 500, "{:?}", counted().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn steps_add_up_slots(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let rows = (0..120).map(|n| issued(&format!("{n:03}"), START + n * MINUTE)).collect();
    store.logs().append(rows).await.unwrap();
    let found = series(&store, Of::All, Width::Minute, HOUR).await;
    assert_eq!(found, [(String::new(), 0, 60, 0), (String::new(), HOUR, 60, 0)]);
    let total =
        store.tallies().total("one", (Of::Client, Width::Hour), (START, START + 24 * HOUR), 24 * HOUR);
    let total = total.await.unwrap();
    assert_eq!(
        total,
        [Count { value: String::new(), start: START / (24 * HOUR) * 24 * HOUR, issued: 120, refused: 0 }]
    );
    // The end is not part of it.
    let none = store.tallies().series("one", (Of::All, Width::Minute), (START, START), MINUTE, None);
    assert_eq!(none.await.unwrap(), []);
    let nobody = store.tallies().series("one", (Of::Client, Width::Hour), (0, i64::MAX), HOUR, Some(&[]));
    assert_eq!(nobody.await.unwrap(), []);
}

async fn what_strangers_make_up_has_no_name(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let unknown = |row: LogRow| {
        let outcome = row.outcome.map(|outcome| Outcome { knows_client: false, knows_api: false, ..outcome });
        LogRow { outcome, client_id: Some("made up".repeat(90)), ..row }
    };
    let rows = (0..50).map(|n| unknown(refused(&format!("{n}"), START, "wrong_secret"))).collect();
    store.logs().append(rows).await.unwrap();
    assert_eq!(series(&store, Of::Client, Width::Hour, HOUR).await, [(String::new(), 0, 0, 50)]);
    assert_eq!(series(&store, Of::Api, Width::Hour, HOUR).await, [(String::new(), 0, 0, 50)]);
    assert_eq!(
        store.tallies().top("one", (Of::Client, Width::Hour), (0, i64::MAX), 6).await.unwrap(),
        [""; 0]
    );
}

async fn the_latest_use_stays(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.logs().append(vec![issued("1", START + 5), issued("2", START + 3)]).await.unwrap();
    store.logs().append(vec![issued("3", START + 4), refused("4", START + 9, "x")]).await.unwrap();
    let never = LogRow { client_id: Some("never".to_owned()), ..refused("5", START, "x") };
    store.logs().append(vec![never]).await.unwrap();
    let ids = ["app", "never", "nobody", "'; drop table tallies; --"].map(str::to_owned);
    let used = Use { client_id: "app".to_owned(), last: START + 5 };
    assert_eq!(store.tallies().last_used("one", &ids).await.unwrap(), [used]);
    assert_eq!(store.tallies().last_used("two", &ids).await.unwrap(), []);
    assert_eq!(store.tallies().last_used("one", &[]).await.unwrap(), []);
}

/// On PostgreSQL an answer can be lost after the commit; then the queue writes the same rows again.
async fn a_repeated_batch_counts_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    if matches!(scratch.location, store::Location::Sqlite { .. }) {
        return;
    }
    for _ in 0..3 {
        store.logs().append(vec![issued("1", START), issued("2", START)]).await.unwrap();
    }
    assert_eq!(series(&store, Of::All, Width::Minute, MINUTE).await, [(String::new(), 0, 2, 0)]);
}

async fn many_nodes_count_together(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let mut nodes = tokio::task::JoinSet::new();
    for node in 0..6 {
        let logs = store.logs().clone();
        nodes.spawn(async move {
            for batch in 0..10 {
                let rows = (0..20).map(|n| LogRow {
                    client_id: Some(format!("app{}", (n * 7 + node) % 20)),
                    ..issued(&format!("{node}-{batch}-{n}"), START + n * 7 * MINUTE)
                });
                logs.append(rows.collect()).await.unwrap();
            }
        });
    }
    nodes.join_all().await;
    let total =
        store.tallies().total("one", (Of::All, Width::Minute), (0, i64::MAX), 24 * HOUR).await.unwrap();
    assert_eq!(total.iter().map(|count| count.issued).sum::<i64>(), 6 * 10 * 20);
}

async fn old_slots_are_pruned(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let now = START + 100 * 24 * HOUR;
    let rows = (0..100).map(|day| issued(&format!("{day:03}"), START + day * 24 * HOUR)).collect();
    store.logs().append(rows).await.unwrap();
    assert!(store.tallies().prune(now).await.unwrap() > 0);
    let kept = async |of, width| {
        store.tallies().series("one", (of, width), (0, i64::MAX), 24 * HOUR, None).await.unwrap().len()
    };
    assert_eq!((kept(Of::All, Width::Minute).await, kept(Of::All, Width::Hour).await), (7, 60));
    assert_eq!((kept(Of::Latency, Width::Minute).await, kept(Of::Client, Width::Hour).await), (7, 60));
    assert_eq!(store.tallies().prune(now).await.unwrap(), 0);
}

async fn numbers_survive_a_restart(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.logs().append(vec![issued("1", START)]).await.unwrap();
    store.close().await;
    let store = Store::open(&scratch.location).await.unwrap();
    store.logs().append(vec![issued("2", START)]).await.unwrap();
    assert_eq!(series(&store, Of::All, Width::Minute, MINUTE).await, [(String::new(), 0, 2, 0)]);
}

async fn values_are_taken_as_they_are(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let odd = ["'; --".to_owned(), "😀%_*".to_owned(), "é".repeat(1000), "é".repeat(700)];
    let rows = odd
        .iter()
        .enumerate()
        .map(|(n, value)| LogRow { client_id: Some(value.clone()), ..issued(&n.to_string(), START) });
    store.logs().append(rows.collect()).await.unwrap();
    let mut found = store.tallies().top("one", (Of::Client, Width::Hour), (0, i64::MAX), 6).await.unwrap();
    found.sort_unstable();
    // What is too long for an index is counted under no name.
    let mut expected = [odd[0].clone(), odd[1].clone(), odd[3].clone()];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

async fn people_are_counted_by_what_they_did(scratch: &ScratchStore) {
    const DAY: i64 = 24 * HOUR;
    let store = opened(scratch).await;
    let did = |id: &str, user: &str, date: i64, did: Did| LogRow {
        user_id: Some(user.to_owned()),
        outcome: None,
        did: Some(did),
        ..issued(id, date)
    };
    let first = vec![
        did("1", "ann", START, Did::SignUp),
        did("2", "ann", START, Did::LogIn),
        did("3", "ann", START + HOUR, Did::LogIn),
        did("4", "bob", START + 20 * DAY, Did::LogIn),
        did("5", "bob", START + 20 * DAY, Did::LeakedPassword),
        LogRow { user_id: None, ..did("6", "", START, Did::LogIn) },
    ];
    store.logs().append(first).await.unwrap();
    // An older login that is written later makes nobody less active.
    store.logs().append(vec![did("0", "bob", START, Did::LogIn)]).await.unwrap();
    store
        .logs()
        .append(vec![LogRow { tenant: "two".to_owned(), ..did("7", "eve", START, Did::LogIn) }])
        .await
        .unwrap();

    let tallies = store.tallies();
    for (since, active) in [(START, 2), (START + HOUR, 2), (START + HOUR + 1, 1), (START + 20 * DAY + 1, 0)] {
        assert_eq!(tallies.active_people("one", since).await.unwrap(), active, "{since}");
    }
    assert_eq!(
        series(&store, Of::Logins, Width::Hour, HOUR).await,
        [(String::new(), 0, 3, 0), (String::new(), HOUR, 1, 0)]
    );
    assert_eq!(series(&store, Of::SignUps, Width::Hour, HOUR).await, [(String::new(), 0, 1, 0)]);
    let later = (START + 20 * DAY, START + 21 * DAY);
    let leaks = tallies.series("one", (Of::LeakedPasswords, Width::Hour), later, DAY, None).await.unwrap();
    assert_eq!(leaks.iter().map(|count| count.issued).sum::<i64>(), 1);
    tallies.prune(START + 40 * DAY).await.unwrap();
    assert_eq!(tallies.active_people("one", START).await.unwrap(), 1);
}

/// Value, start counted from [`START`], issued, refused.
async fn series(store: &Store, of: Of, width: Width, step: i64) -> Vec<(String, i64, i64, i64)> {
    let counts = store.tallies().series("one", (of, width), (START, START + 24 * HOUR), step, None);
    let plain = |Count { value, start, issued, refused }| (value, start - START, issued, refused);
    counts.await.unwrap().into_iter().map(plain).collect()
}

fn issued(log_id: &str, date: i64) -> LogRow {
    let outcome =
        Outcome { refusal: None, took: Duration::from_millis(2), knows_client: true, knows_api: true };
    LogRow {
        tenant: "one".to_owned(),
        log_id: log_id.to_owned(),
        date,
        client_id: Some("app".to_owned()),
        audience: Some("urn:api".to_owned()),
        outcome: Some(outcome),
        ..LogRow::default()
    }
}

fn refused(log_id: &str, date: i64, reason: &'static str) -> LogRow {
    let row = issued(log_id, date);
    LogRow { outcome: row.outcome.map(|outcome| Outcome { refusal: Some(reason.into()), ..outcome }), ..row }
}
