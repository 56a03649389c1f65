//! Events: written with the change or not at all, read in the order of the changes, sent by one at a time.

use std::sync::atomic::{AtomicI64, Ordering};

use store::scratch::ScratchStore;
use store::{
    Addressee, Error, EventDeliveries, EventDelivery, EventPlace, FailedEvents, Occurrence, Settled, Store,
    Write,
};

use super::{expect, insert, opened};

on_both! {
    an_event_is_written_with_the_change_or_not_at_all,
    events_are_read_in_the_order_of_the_changes,
    a_line_has_one_taker_until_its_lease_ends,
    each_tenant_comes_to_its_turn,
    no_event_is_overlooked_that_comes_while_a_line_is_let_go,
    what_could_not_be_sent_is_kept_and_sent_again,
    large_events_come_a_few_at_a_time,
    of_too_many_the_oldest_are_dropped_and_that_is_told,
}

const START: EventPlace = EventPlace { rev: 0, n: 0 };

fn event(id: &str, n: i64, created: i64, streams: &[&str]) -> Occurrence {
    let to = |stream: &&str| Addressee { stream: (*stream).to_owned(), refused: None };
    Occurrence {
        id: id.to_owned(),
        n,
        kind: "user.created",
        body: format!("{{\"id\":\"{id}\"}}"),
        created,
        due: created,
        is_kept: true,
        addressees: streams.iter().map(to).collect(),
    }
}

async fn happen(store: &Store, tenant: &str, events: Vec<Occurrence>) {
    static COUNT: AtomicI64 = AtomicI64::new(0);
    let mut writes = vec![insert(&COUNT.fetch_add(1, Ordering::Relaxed).to_string(), Vec::new(), 1)];
    writes.extend(events.into_iter().map(Write::Event));
    store.documents().commit(tenant, writes).await.unwrap();
}

async fn failed(deliveries: &EventDeliveries, which: &FailedEvents) -> Vec<String> {
    let (found, _) = deliveries.failed(("one", "s"), which, None, 100).await.unwrap();
    found.into_iter().map(|one| one.id).collect()
}

fn not_sent(due: Option<i64>, gives_way: bool) -> Settled {
    Settled::Failed {
        attempt: "{\"status\":\"failed\"}".into(),
        due,
        gives_way,
        is_counted: true,
        is_blamed: true,
    }
}

fn ids(events: &[EventDelivery]) -> Vec<&str> {
    events.iter().map(|one| one.id.as_str()).collect()
}

async fn an_event_is_written_with_the_change_or_not_at_all(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let writes = vec![insert("a", Vec::new(), 1), expect("b", 1), Write::Event(event("e", 0, 1, &["s"]))];
    assert!(matches!(store.documents().commit("one", writes).await, Err(Error::Conflict)));
    assert!(store.events().after("one", START, 9).await.unwrap().is_empty());
    assert!(store.event_deliveries().claim((9, 99), 9, 9, &[]).await.unwrap().is_empty());
    happen(&store, "one", vec![event("e", 0, 1, &["s"])]).await;
    assert_eq!(store.events().after("one", START, 9).await.unwrap().len(), 1);
    assert_eq!(store.event_deliveries().claim((9, 99), 9, 9, &[]).await.unwrap().len(), 1);
}

async fn events_are_read_in_the_order_of_the_changes(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    // Their times say otherwise: another node's clock.
    for (n, created) in [9, 4, 7].into_iter().enumerate() {
        happen(
            &store,
            "one",
            vec![event(&format!("a{n}"), 0, created, &[]), event(&format!("b{n}"), 1, created, &[])],
        )
        .await;
    }
    happen(&store, "two", vec![event("theirs", 0, 5, &[])]).await;
    let events = store.events();
    let (mut place, mut read) = (START, Vec::new());
    loop {
        let page = events.after("one", place, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        place = last.place;
        read.extend(page.into_iter().map(|one| one.body));
    }
    let expected = ["a0", "b0", "a1", "b1", "a2", "b2"].map(|id| format!("{{\"id\":\"{id}\"}}"));
    assert_eq!(read, expected);
    assert!(place < events.end("one").await.unwrap());
    let since = events.since("one", 6).await.unwrap();
    assert_eq!(events.after("one", since, 9).await.unwrap().len(), 6);
    assert_eq!(events.since("one", 99).await.unwrap(), events.end("one").await.unwrap());
    assert_eq!(events.prune(6).await.unwrap(), 3);
    assert_eq!(events.after("one", START, 9).await.unwrap().len(), 4);
}

async fn a_line_has_one_taker_until_its_lease_ends(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let deliveries = store.event_deliveries();
    for n in 0..3 {
        happen(&store, "one", vec![event(&format!("e{n}"), 0, 10, &["s"])]).await;
    }
    assert!(deliveries.claim((9, 99), 9, 9, &[]).await.unwrap().is_empty());
    let claim = || deliveries.claim((10, 20), 9, 9, &[]);
    let (one, other) = tokio::join!(claim(), claim());
    let taken = [one.unwrap(), other.unwrap()].concat();
    assert_eq!(taken.len(), 1);
    let lost = taken[0].clone();
    assert_eq!(ids(&deliveries.next(&lost, 10, 9).await.unwrap()), ["e0", "e1", "e2"]);
    // Whoever had it did not come back; somebody else has it now, and the first one's word counts no more.
    let again = deliveries.claim((20, 30), 9, 9, &[]).await.unwrap().remove(0);
    let events = deliveries.next(&again, 20, 9).await.unwrap();
    assert_eq!(deliveries.settle(lost.clone(), &events[0], Settled::Arrived, (21, 31)).await.unwrap(), None);
    deliveries.release(&lost, None).await.unwrap();
    assert!(deliveries.claim((29, 40), 9, 9, &[]).await.unwrap().is_empty());

    let held = deliveries.settle(again, &events[0], Settled::Arrived, (21, 31)).await.unwrap().unwrap();
    let held =
        deliveries.settle(held, &events[1], not_sent(Some(50), false), (22, 32)).await.unwrap().unwrap();
    // What comes after it is there, and it is first.
    assert_eq!(ids(&deliveries.next(&held, 22, 9).await.unwrap()), ["e1", "e2"]);
    deliveries.release(&held, Some(50)).await.unwrap();
    assert!(deliveries.claim((49, 60), 9, 9, &[]).await.unwrap().is_empty());
    let held = deliveries.claim((50, 60), 9, 9, &[]).await.unwrap().remove(0);
    let held =
        deliveries.settle(held, &events[1], not_sent(Some(99), true), (51, 61)).await.unwrap().unwrap();
    assert_eq!(held.failures, 1);
    // It has given way, until it is due.
    assert_eq!(ids(&deliveries.next(&held, 51, 9).await.unwrap()), ["e2"]);
    assert_eq!(ids(&deliveries.next(&held, 99, 9).await.unwrap()), ["e1", "e2"]);
    let held = deliveries.settle(held, &events[2], Settled::Arrived, (52, 62)).await.unwrap().unwrap();
    assert_eq!(held.failures, 0);
    deliveries.release(&held, None).await.unwrap();
    assert!(deliveries.claim((98, 200), 9, 9, &[]).await.unwrap().is_empty());
    let held = deliveries.claim((99, 200), 9, 9, &[]).await.unwrap().remove(0);
    // A failure for which the stream is not blamed is one all the same.
    let unblamed = Settled::Failed {
        attempt: "{}".into(),
        due: None,
        gives_way: true,
        is_counted: true,
        is_blamed: false,
    };
    let held = deliveries.settle(held, &events[1], unblamed, (100, 201)).await.unwrap().unwrap();
    assert_eq!(held.failures, 0);
    let counts = deliveries.counts("one", "s", 0).await.unwrap();
    assert_eq!((counts.len(), counts[0].delivered, counts[0].failed), (1, 2, 2));
}

async fn each_tenant_comes_to_its_turn(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let deliveries = store.event_deliveries();
    happen(&store, "one", vec![event("a", 0, 1, &["s1", "s2", "s3", "s4"])]).await;
    happen(&store, "two", vec![event("b", 0, 9, &["s1"])]).await;
    let of =
        |lines: &[store::EventLine], tenant: &str| lines.iter().filter(|line| line.tenant == tenant).count();
    let claimed = deliveries.claim((9, 99), 3, 2, &[]).await.unwrap();
    assert_eq!((of(&claimed, "one"), of(&claimed, "two")), (2, 1));
    let claimed = deliveries.claim((9, 99), 9, 9, &["one"]).await.unwrap();
    assert!(claimed.is_empty());
    assert_eq!(of(&deliveries.claim((9, 99), 9, 9, &["two"]).await.unwrap(), "one"), 2);
}

async fn no_event_is_overlooked_that_comes_while_a_line_is_let_go(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let deliveries = store.event_deliveries();
    happen(&store, "one", vec![event("first", 0, 1, &["s"])]).await;
    for n in 0..40 {
        let line = deliveries.claim((2, 3), 9, 9, &[]).await.unwrap().remove(0);
        let mut held = line;
        for one in deliveries.next(&held, 2, 99).await.unwrap() {
            held = deliveries.settle(held, &one, Settled::Arrived, (2, 3)).await.unwrap().unwrap();
        }
        let id = format!("e{n}");
        let coming = happen(&store, "one", vec![event(&id, 0, 1, &["s"])]);
        let (_, released) = tokio::join!(coming, deliveries.release(&held, None));
        released.unwrap();
    }
    assert_eq!(deliveries.claim((2, 3), 9, 9, &[]).await.unwrap().len(), 1);
}

async fn what_could_not_be_sent_is_kept_and_sent_again(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let deliveries = store.event_deliveries();
    let refused = |id: &str, created: i64| {
        let attempt = Some("{\"status\":\"failed\"}".to_owned());
        let addressees = vec![Addressee { stream: "s".into(), refused: attempt }];
        Occurrence { addressees, ..event(id, 0, created, &[]) }
    };
    for (id, created) in [("a", 1), ("b", 2), ("c", 3)] {
        happen(&store, "one", vec![refused(id, created)]).await;
    }
    let all = FailedEvents::default();
    assert_eq!(failed(deliveries, &all).await, ["a", "b", "c"]);
    assert_eq!(deliveries.failed(("two", "s"), &all, None, 9).await.unwrap(), (vec![], false));
    assert_eq!(deliveries.failed(("one", "t"), &all, None, 9).await.unwrap(), (vec![], false));
    let since = FailedEvents { from: Some(2), ..all.clone() };
    assert_eq!(failed(deliveries, &since).await, ["b", "c"]);
    assert_eq!(failed(deliveries, &FailedEvents { to: Some(2), ..since.clone() }).await, ["b"]);
    let others = FailedEvents { kinds: vec!["user.deleted".into()], ..all.clone() };
    assert!(failed(deliveries, &others).await.is_empty());
    for (most, expected, follow) in
        [(9, vec!["b", "c"], false), (2, vec!["b", "c"], false), (1, vec!["b"], true)]
    {
        let rest = deliveries.failed(("one", "s"), &all, Some((1, "a".into())), most).await.unwrap();
        assert_eq!((ids(&rest.0), rest.1), (expected, follow));
    }
    assert_eq!(deliveries.prune(0, 2).await.unwrap(), 1);
    assert_eq!(failed(deliveries, &all).await, ["b", "c"]);

    let attempt = "{\"status\":\"retrying\"}";
    let one = FailedEvents { id: Some("b".into()), ..all.clone() };
    assert_eq!(deliveries.again(("two", "s"), &one, attempt, 5).await.unwrap(), 0);
    assert_eq!(deliveries.again(("one", "s"), &one, attempt, 5).await.unwrap(), 1);
    assert_eq!(deliveries.again(("one", "s"), &one, attempt, 5).await.unwrap(), 0);
    let read = deliveries.read("one", "s", "b").await.unwrap().unwrap();
    assert_eq!((read.has_failed, read.due, read.tries), (false, Some(5), 0));
    assert_eq!(read.attempts, format!("{{\"status\":\"failed\"}},{attempt}"));
    let line = deliveries.claim((5, 9), 9, 9, &["two"]).await.unwrap().remove(0);
    assert_eq!(ids(&deliveries.next(&line, 5, 9).await.unwrap()), ["b"]);
    deliveries.release(&line, None).await.unwrap();
    // Of very many tries the latest stay.
    let one = FailedEvents { id: Some("c".into()), ..all };
    let mut longest = 0;
    for _ in 0..500 {
        assert_eq!(deliveries.again(("one", "s"), &one, attempt, 5).await.unwrap(), 1);
        let event = deliveries.read("one", "s", "c").await.unwrap().unwrap();
        longest = longest.max(event.attempts.len());
        let line = deliveries.claim((5, 5), 9, 9, &["two"]).await.unwrap().remove(0);
        deliveries.settle(line, &event, not_sent(None, true), (5, 5)).await.unwrap().unwrap();
    }
    assert!((15_000..17_000).contains(&longest), "{longest}");
}

async fn large_events_come_a_few_at_a_time(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let deliveries = store.event_deliveries();
    for id in ["a", "b", "c", "d"] {
        let body = format!("{{\"id\":\"{id}\",\"text\":\"{}\"}}", "ä".repeat(600_000));
        happen(&store, "one", vec![Occurrence { body, ..event(id, 0, 1, &["s"]) }]).await;
    }
    let (mut place, mut pages) = (START, Vec::new());
    loop {
        let page = store.events().after("one", place, 9).await.unwrap();
        let Some(last) = page.last() else { break };
        place = last.place;
        pages.push(page.len());
    }
    assert_eq!(pages, [2, 2]);
    let mut line = deliveries.claim((9, 99), 9, 9, &[]).await.unwrap().remove(0);
    for expected in [vec!["a", "b"], vec!["c", "d"]] {
        let page = deliveries.next(&line, 9, 9).await.unwrap();
        assert_eq!(ids(&page), expected);
        for one in page {
            line = deliveries.settle(line, &one, not_sent(None, true), (9, 99)).await.unwrap().unwrap();
        }
    }
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let (page, has_more) =
            deliveries.failed(("one", "s"), &FailedEvents::default(), after, 9).await.unwrap();
        pages.push(ids(&page).join(" "));
        if !has_more {
            break;
        }
        after = page.last().map(|last| (last.created, last.id.clone()));
    }
    assert_eq!(pages, ["a b", "c d"]);
}

async fn of_too_many_the_oldest_are_dropped_and_that_is_told(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let (events, deliveries) = (store.events(), store.event_deliveries());
    for n in 0..5 {
        happen(&store, "one", vec![event(&format!("e{n}"), 0, 10 + n, &["s", &format!("s{}", n % 3)])]).await;
    }
    happen(&store, "two", vec![event("theirs", 0, 1, &["s"])]).await;
    assert_eq!(deliveries.drop_crowd(2, 7).await.unwrap(), [("one".to_owned(), "s".to_owned(), 3)]);
    assert!(deliveries.drop_crowd(2, 7).await.unwrap().is_empty());
    let lines = deliveries.claim((99, 999), 9, 9, &["two"]).await.unwrap();
    let line = lines.iter().find(|line| line.stream == "s").unwrap();
    assert_eq!(ids(&deliveries.next(line, 99, 9).await.unwrap()), ["e3", "e4"]);
    let counts = deliveries.counts("one", "s", 0).await.unwrap();
    assert_eq!((counts.len(), counts[0].delivered, counts[0].failed), (1, 0, 3));

    let left = async || {
        let kept = events.after("one", START, 9).await.unwrap();
        kept.into_iter().map(|one| if one.is_gap() { "gap".to_owned() } else { one.body }).collect::<Vec<_>>()
    };
    let expected = |ids: &[&str]| {
        let bodies = ids.iter().map(|id| format!("{{\"id\":\"{id}\"}}"));
        std::iter::once("gap".to_owned()).chain(bodies).collect::<Vec<_>>()
    };
    assert_eq!(events.drop_crowd(2).await.unwrap(), [("one".to_owned(), 3)]);
    assert_eq!(left().await, expected(&["e3", "e4"]));
    assert!(events.drop_crowd(2).await.unwrap().is_empty());
    happen(&store, "one", vec![event("e5", 0, 20, &[])]).await;
    assert_eq!(events.drop_crowd(2).await.unwrap(), [("one".to_owned(), 1)]);
    assert_eq!(left().await, expected(&["e4", "e5"]));
    // Whoever begins at a time begins behind the gap.
    let since = events.since("one", 1).await.unwrap();
    assert_eq!(events.after("one", since, 9).await.unwrap().len(), 2);
}
