//! The order in which events are committed, and streams that read in it.

use std::collections::HashSet;

use store::db::{Db, Statement};
use store::scratch::ScratchStore;
use store::{Cursor, Location, LogRow, LogStreamState, SealedPart, Store};

use super::opened;

on_both!(
    events_are_read_in_the_order_of_commits,
    a_page_ends_inside_a_flush_and_goes_on_there,
    whoever_follows_while_many_write_misses_nothing,
    a_stream_begins_at_the_end_or_behind_an_id,
    what_was_there_before_flushes_were_noted_is_read_too,
    one_node_has_a_stream_at_a_time,
    what_nobody_read_stays_a_week_longer_and_no_more,
    seals_go_from_the_first_and_leave_no_gap,
    flushes_go_once_nothing_of_them_is_kept,
);

async fn events_are_read_in_the_order_of_commits(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let begin = store.log_streams().end("one").await.unwrap();
    assert_eq!(begin, Cursor { number: 1, log_id: String::new() });
    store.logs().append(vec![event("one", "7"), event("two", "6"), event("one", "5")]).await.unwrap();
    // Another node was late.
    store.logs().append(vec![event("one", "3")]).await.unwrap();

    let page = store.log_streams().page("one", &begin, 10, 1 << 20).await.unwrap();
    assert_eq!(ids(&page.rows), ["5", "7", "3"]);
    assert_eq!((page.end, page.has_gap), (Cursor { number: 3, log_id: String::new() }, false));
    assert_eq!(
        store.log_streams().heads(&["one".into(), "two".into(), "none".into()]).await.unwrap().len(),
        2
    );
    assert_eq!(store.log_streams().heads(&[]).await.unwrap(), []);
    let waiting = store.log_streams().waiting("one", &Cursor { number: 2, log_id: "".into() }).await.unwrap();
    assert_eq!((waiting.events, waiting.oldest), (1, Some(3)));
}

async fn a_page_ends_inside_a_flush_and_goes_on_there(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let all: Vec<String> = (0..700).map(|n| format!("90{n:04}")).collect();
    store.logs().append(all.iter().map(|id| event("one", id)).collect()).await.unwrap();
    store.logs().append(vec![event("one", "905000")]).await.unwrap();

    let (mut cursor, mut read) = (Cursor { number: 1, log_id: String::new() }, Vec::new());
    for _ in 0..200 {
        let page = store.log_streams().page("one", &cursor, 7, 1 << 20).await.unwrap();
        // Whoever acknowledges a part goes on behind it.
        let (behind, _) = match page.rows.get(4) {
            Some(row) => row.clone(),
            None => (page.end.clone(), LogRow::default()),
        };
        read.extend(ids(&page.rows).into_iter().take(5));
        cursor = behind;
    }
    assert_eq!(read, [all, vec!["905000".to_owned()]].concat());
    assert!(store.log_streams().page("one", &cursor, 7, 1 << 20).await.unwrap().rows.is_empty());
    // So many bytes end a page as well.
    let from = Cursor { number: 1, log_id: String::new() };
    assert!(store.log_streams().page("one", &from, 1000, 100).await.unwrap().rows.len() < 700);
}

async fn whoever_follows_while_many_write_misses_nothing(scratch: &ScratchStore) {
    let first = opened(scratch).await;
    let second = Store::open(&scratch.location).await.unwrap();
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let logs = if writer % 2 == 0 { first.logs().clone() } else { second.logs().clone() };
            tokio::spawn(async move {
                for n in 0..40 {
                    // Ids that do not follow the order in which they are written.
                    let id = |k| format!("{:03}-{writer}-{n}-{k}", (n * 37 + writer * 11) % 100);
                    logs.append((0..3).map(|k| event("one", &id(k))).collect()).await.unwrap();
                }
            })
        })
        .collect();
    let (mut cursor, mut read) = (Cursor::default(), Vec::new());
    let expected = 6 * 40 * 3;
    while read.len() < expected {
        let is_over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let page = first.log_streams().page("one", &cursor, 50, 1 << 20).await.unwrap();
        assert!(!(is_over && page.rows.is_empty()), "only {} of {expected} are ever seen", read.len());
        read.extend(ids(&page.rows));
        cursor = page.end;
    }
    let different: HashSet<_> = read.iter().collect();
    assert_eq!((read.len(), different.len()), (expected, expected));
}

async fn a_stream_begins_at_the_end_or_behind_an_id(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for flush in [["1", "4"], ["2", "6"], ["8", "9"]] {
        store.logs().append(flush.iter().map(|id| event("one", id)).collect()).await.unwrap();
    }
    let streams = store.log_streams();
    let read = async |cursor: Cursor| ids(&streams.page("one", &cursor, 10, 1 << 20).await.unwrap().rows);
    assert_eq!(read(streams.end("one").await.unwrap()).await, Vec::<String>::new());
    assert_eq!(read(streams.behind("one", "").await.unwrap()).await, ["1", "4", "2", "6", "8", "9"]);
    // In a flush that is read from its beginning there may be earlier ones; nothing later is left out.
    assert_eq!(read(streams.behind("one", "3").await.unwrap()).await, ["4", "2", "6", "8", "9"]);
    assert_eq!(read(streams.behind("one", "7").await.unwrap()).await, ["8", "9"]);
    assert_eq!(read(streams.behind("one", "9").await.unwrap()).await, Vec::<String>::new());
}

async fn what_was_there_before_flushes_were_noted_is_read_too(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let old: Vec<String> = (0..600).map(|n| format!("{n:04}")).collect();
    store.logs().append(old.iter().map(|id| event("one", id)).collect()).await.unwrap();
    store.close().await;
    let db = match &scratch.location {
        Location::Sqlite { dir } => Db::sqlite_logs(dir.join("logs.db")).await.unwrap(),
        Location::Postgres { url } => Db::postgres(url).await.unwrap(),
    };
    let undo = ["heads", "flushes", "streams", "seals"].map(|name| format!("drop table log_{name}"));
    let forget = "delete from migrations where name = '0014_log_streams'".to_owned();
    let statements: Vec<_> =
        undo.into_iter().chain([forget]).map(|sql| Statement::new(sql, vec![])).collect();
    db.commit(statements.into()).await.unwrap();
    db.close().await;

    let store = Store::open(&scratch.location).await.unwrap();
    store.logs().append(vec![event("one", "0300b")]).await.unwrap();
    let streams = store.log_streams();
    let (mut cursor, mut read) = (streams.behind("one", "0099").await.unwrap(), Vec::new());
    loop {
        let page = streams.page("one", &cursor, 64, 1 << 20).await.unwrap();
        if page.rows.is_empty() {
            break;
        }
        read.extend(ids(&page.rows));
        cursor = page.end;
    }
    assert_eq!(read.last().unwrap(), "0300b");
    let missing: Vec<_> = old[100..].iter().filter(|id| !read.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

async fn one_node_has_a_stream_at_a_time(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let streams = store.log_streams();
    let begin = Cursor { number: 1, log_id: String::new() };
    streams.begin("one", "s", &begin, 5).await.unwrap();
    // Begun twice is begun once.
    streams.begin("one", "s", &Cursor { number: 9, log_id: "x".into() }, 6).await.unwrap();
    assert_eq!(streams.hold(("two", "s"), "a", 10, 20).await.unwrap(), None);
    let held = streams.hold(("one", "s"), "a", 10, 20).await.unwrap().unwrap();
    assert_eq!((&held.cursor, held.created), (&begin, 5));
    assert_eq!(streams.hold(("one", "s"), "b", 19, 30).await.unwrap(), None);

    let next = Cursor { number: 2, log_id: "7".into() };
    let held = streams.acknowledge(held, next.clone(), 3, (11, 21)).await.unwrap().unwrap();
    assert_eq!((held.delivered, held.succeeded, held.failing), (3, Some(11), None));
    assert_eq!(streams.read("one", "s").await.unwrap().unwrap(), held);
    streams.note(&held, "[1]", Some(12)).await.unwrap();
    let held = LogStreamState { problems: "[1]".into(), failing: Some(12), ..held };
    // What is passed over is no success.
    let held = streams.acknowledge(held, Cursor { number: 3, ..next }, 0, (13, 21)).await.unwrap().unwrap();
    assert_eq!(streams.all("one").await.unwrap(), std::slice::from_ref(&held));
    assert_eq!(held.failing, Some(12));

    // It comes to another node when its time is over, and what the first one then says is not heard.
    let taken = streams.hold(("one", "s"), "b", 21, 40).await.unwrap().unwrap();
    assert_eq!(taken.cursor, held.cursor);
    streams.note(&held, "[2]", None).await.unwrap();
    let end = Cursor { number: 4, log_id: String::new() };
    assert_eq!(streams.acknowledge(held, end.clone(), 1, (22, 40)).await.unwrap(), None);
    assert_eq!(streams.read("one", "s").await.unwrap().unwrap(), taken);
    streams.release("b").await.unwrap();
    let again = streams.hold(("one", "s"), "a", 22, 40).await.unwrap().unwrap();
    streams.delete("one", "s").await.unwrap();
    assert_eq!(streams.acknowledge(again, end, 1, (23, 40)).await.unwrap(), None);
    assert_eq!(streams.read("one", "s").await.unwrap(), None);
}

async fn what_nobody_read_stays_a_week_longer_and_no_more(scratch: &ScratchStore) {
    const DAY: i64 = 24 * 3_600_000;
    let store = opened(scratch).await;
    for day in 0..30 {
        let on = |tenant: &str| LogRow { date: day * DAY, ..event(tenant, &format!("{day:02}")) };
        store.logs().append(vec![on("one"), on("two")]).await.unwrap();
    }
    let streams = store.log_streams();
    // It has read the first ten days.
    streams.begin("one", "s", &Cursor { number: 11, log_id: String::new() }, 0).await.unwrap();
    assert_eq!(store.logs().prune(None, 12 * DAY).await.unwrap(), 10 + 12);
    let page =
        streams.page("one", &Cursor { number: 11, log_id: String::new() }, 100, 1 << 20).await.unwrap();
    assert_eq!((page.rows.len(), page.has_gap), (20, false));

    assert_eq!(store.logs().prune(None, 20 * DAY).await.unwrap(), 3 + 8);
    let page =
        streams.page("one", &Cursor { number: 11, log_id: String::new() }, 100, 1 << 20).await.unwrap();
    assert_eq!((page.rows.len(), page.has_gap), (17, true));
    assert_eq!(ids(&page.rows)[0], "13");
}

async fn seals_go_from_the_first_and_leave_no_gap(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let seals = store.log_seals();
    // Some node was late, so that the third has nothing as new as the second.
    for (part, newest) in [(1, 5), (2, 20), (3, 6), (4, 7)] {
        let sealed = SealedPart { part, newest, ..SealedPart::default() };
        assert!(seals.append("one", sealed.clone()).await.unwrap());
        assert!(seals.append("two", sealed).await.unwrap());
    }
    let left = async |tenant: &str| -> Vec<i64> {
        seals.after(tenant, 0, 10).await.unwrap().iter().map(|sealed| sealed.part).collect()
    };
    for (before, parts) in
        [(5, &[1, 2, 3, 4][..]), (10, &[2, 3, 4]), (20, &[2, 3, 4]), (21, &[4]), (99, &[4])]
    {
        store.logs().prune(Some("one"), before).await.unwrap();
        assert_eq!(left("one").await, parts, "{before}");
    }
    assert_eq!(left("two").await, [1, 2, 3, 4]);
}

async fn flushes_go_once_nothing_of_them_is_kept(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for id in ["05", "20", "06"] {
        store.logs().append(vec![event("one", id)]).await.unwrap();
    }
    let all = Cursor { number: 1, log_id: String::new() };
    for (before, waiting) in [(5, 3), (10, 2), (21, 0)] {
        store.logs().prune(Some("one"), before).await.unwrap();
        let left = store.log_streams().waiting("one", &all).await.unwrap();
        assert_eq!(left.events, waiting, "{before}");
    }
    // Of those behind one that is kept there may be nothing; what follows them is found.
    store.logs().append(vec![LogRow { date: 99, ..event("one", "22") }]).await.unwrap();
    for id in 100..170 {
        store.logs().append(vec![LogRow { date: 23, ..event("one", &id.to_string()) }]).await.unwrap();
    }
    store.logs().append(vec![LogRow { date: 99, ..event("one", "200") }]).await.unwrap();
    assert_eq!(store.logs().prune(Some("one"), 24).await.unwrap(), 70);
    let behind = Cursor { number: 5, log_id: String::new() };
    let page = store.log_streams().page("one", &behind, 10, 1 << 20).await.unwrap();
    assert_eq!((ids(&page.rows), page.has_gap), (vec!["200".to_owned()], true));
    // What is written once all are gone is numbered on.
    store.logs().prune(Some("one"), 100).await.unwrap();
    store.logs().append(vec![event("one", "30")]).await.unwrap();
    let page = store.log_streams().page("one", &all, 10, 1 << 20).await.unwrap();
    assert_eq!((ids(&page.rows), page.end.number), (vec!["30".to_owned()], 77));
}

fn event(tenant: &str, id: &str) -> LogRow {
    let date = id.parse().unwrap_or_default();
    LogRow { tenant: tenant.into(), log_id: id.into(), date, kind: "s".into(), ..LogRow::default() }
}

fn ids(rows: &[(Cursor, LogRow)]) -> Vec<String> {
    rows.iter().map(|(_, row)| row.log_id.clone()).collect()
}
