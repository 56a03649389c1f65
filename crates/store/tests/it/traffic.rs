use store::scratch::ScratchStore;
use store::{CredentialUse, Error, LogoutNotice, Session, Ticket};

use super::{opened, refresh_tokens::with_a_token};

on_both!(
    a_ticket_is_taken_once,
    a_ticket_ends,
    tickets_are_listed_and_replaced,
    a_session_is_found_by_its_secret_until_it_ends,
    sessions_of_a_user_are_read_a_page_at_a_time,
    a_notice_is_claimed_by_one,
    a_session_that_has_run_out_is_swept_up_once,
    a_new_session_takes_the_place_of_another,
    all_sessions_of_a_user_end,
    failures_are_counted_and_forgiven,
    failures_beside_each_other_are_all_counted,
    failures_leak,
    an_id_is_used_once,
    the_later_use_of_a_credential_stays,
    what_has_ended_is_swept_up,
);

fn ticket(id: &str, created: i64, expires: i64) -> Ticket {
    Ticket { id: id.to_owned(), body: "{}".to_owned(), created, expires }
}

async fn a_ticket_is_taken_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tickets = store.tickets();
    tickets.insert("one", "invitation", ticket("a", 1, 10)).await.unwrap();
    assert!(matches!(
        tickets.insert("one", "invitation", ticket("a", 1, 10)).await,
        Err(Error::Taken { label }) if label == "id"
    ));
    assert_eq!(tickets.take("two", "invitation", "a", 2).await.unwrap(), None);
    assert_eq!(tickets.take("one", "login", "a", 2).await.unwrap(), None);
    assert_eq!(tickets.read("one", "invitation", "a", 2).await.unwrap(), Some(ticket("a", 1, 10)));
    let (one, other) =
        tokio::join!(tickets.take("one", "invitation", "a", 2), tickets.take("one", "invitation", "a", 2));
    let taken = [one.unwrap(), other.unwrap()];
    assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
    assert_eq!(tickets.read("one", "invitation", "a", 2).await.unwrap(), None);
}

async fn a_ticket_ends(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.tickets().insert("one", "login", ticket("a", 1, 10)).await.unwrap();
    assert_eq!(store.tickets().read("one", "login", "a", 10).await.unwrap(), None);
    assert_eq!(store.tickets().take("one", "login", "a", 10).await.unwrap(), None);
    assert!(store.tickets().take("one", "login", "a", 9).await.unwrap().is_some());
}

async fn tickets_are_listed_and_replaced(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tickets = store.tickets();
    for (id, created, expires) in [("b", 2, 10), ("a", 1, 10), ("c", 0, 5)] {
        tickets.insert("one", "invitation", ticket(id, created, expires)).await.unwrap();
    }
    let listed = tickets.list("one", "invitation", 5).await.unwrap();
    assert_eq!(listed, [ticket("a", 1, 10), ticket("b", 2, 10)]);
    assert_eq!(tickets.list("two", "invitation", 5).await.unwrap(), []);
    tickets.replace("one", "invitation", "a", "\"x\"".to_owned()).await.unwrap();
    assert_eq!(tickets.read("one", "invitation", "a", 5).await.unwrap().unwrap().body, "\"x\"");
    assert!(matches!(
        tickets.replace("two", "invitation", "a", "\"y\"".to_owned()).await,
        Err(Error::Conflict)
    ));
    assert!(tickets.delete("one", "invitation", "a").await.unwrap());
    assert!(!tickets.delete("one", "invitation", "a").await.unwrap());
}

pub fn session(id: &str, user_id: &str) -> Session {
    Session {
        id: id.to_owned(),
        secret: format!("hash of {id}"),
        user_id: user_id.to_owned(),
        created: 1,
        authenticated: 1,
        used: 1,
        idle_expires: 10,
        expires: 30,
        ip: Some("192.0.2.1".to_owned()),
        user_agent: None,
        connection: Some("Username-Password-Authentication".to_owned()),
        methods: "[]".to_owned(),
        is_ephemeral: true,
        metadata: None,
        last_ip: Some("192.0.2.1".to_owned()),
        last_user_agent: None,
    }
}

async fn a_session_is_found_by_its_secret_until_it_ends(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let sessions = store.sessions();
    sessions.begin("one", session("s", "u"), None).await.unwrap();
    assert_eq!(sessions.by_secret("one", "hash of s", 9).await.unwrap(), Some(session("s", "u")));
    assert_eq!(sessions.read("one", "s", 9).await.unwrap(), Some(session("s", "u")));
    for (tenant, secret, now) in [("one", "hash of s", 10), ("two", "hash of s", 9), ("one", "s", 9)] {
        assert_eq!(sessions.by_secret(tenant, secret, now).await.unwrap(), None);
    }
    let used = Session {
        used: 9,
        idle_expires: 20,
        last_ip: Some("192.0.2.2".to_owned()),
        last_user_agent: Some("a browser".to_owned()),
        ..session("s", "u")
    };
    sessions.touch("one", &used).await.unwrap();
    assert_eq!(sessions.by_secret("one", "hash of s", 19).await.unwrap(), Some(used));
    sessions.describe("one", "s", Some("{}".to_owned())).await.unwrap();
    assert!(matches!(sessions.describe("two", "s", None).await, Err(Error::Conflict)));
    let described = sessions.read("one", "s", 19).await.unwrap().unwrap();
    assert_eq!(described.metadata.as_deref(), Some("{}"));
    for client in ["b", "a", "b"] {
        sessions.serve("one", &described, client).await.unwrap();
    }
    assert_eq!(sessions.clients("one", "s").await.unwrap(), ["a", "b"]);
    assert!(sessions.clients("two", "s").await.unwrap().is_empty());
    sessions.end("two", "s").await.unwrap();
    assert!(sessions.read("one", "s", 9).await.unwrap().is_some());
    sessions.end("one", "s").await.unwrap();
    assert_eq!(sessions.read("one", "s", 9).await.unwrap(), None);
    assert!(sessions.clients("one", "s").await.unwrap().is_empty());
}

async fn sessions_of_a_user_are_read_a_page_at_a_time(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let sessions = store.sessions();
    for (id, user) in [("a", "u"), ("b", "u"), ("c", "v"), ("d", "u")] {
        sessions.begin("one", session(id, user), None).await.unwrap();
    }
    let page = async |after: &str, most: i64, now: i64| {
        let page = sessions.of_user("one", "u", after, most, now).await.unwrap();
        page.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(page("", 2, 9).await, ["a", "b"]);
    assert_eq!(page("b", 2, 9).await, ["d"]);
    assert!(page("", 2, 10).await.is_empty());
    assert_eq!(sessions.count("one", "u", 9).await.unwrap(), 3);
    assert_eq!(sessions.count("two", "u", 9).await.unwrap(), 0);
}

async fn a_notice_is_claimed_by_one(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let notices = store.logout_notices();
    let notice = |id: &str, due: i64| LogoutNotice {
        id: id.to_owned(),
        client_id: "c".to_owned(),
        body: "{}".to_owned(),
        tries: 0,
        due,
        expires: 100,
    };
    notices.insert("one", vec![notice("a", 5), notice("b", 9)]).await.unwrap();
    let due = notices.due(5, 10, 10, &[]).await.unwrap();
    assert_eq!(due, [("one".to_owned(), notice("a", 5))]);
    assert!(notices.claim("one", &due[0].1, 20).await.unwrap());
    assert!(!notices.claim("one", &due[0].1, 20).await.unwrap());
    assert!(notices.due(8, 10, 10, &[]).await.unwrap().is_empty());
    assert_eq!(notices.due(20, 10, 10, &[]).await.unwrap().len(), 2);
    notices.delete("two", "a").await.unwrap();
    notices.delete("one", "a").await.unwrap();
    assert_eq!(notices.due(99, 10, 10, &[]).await.unwrap().len(), 1);
    assert!(notices.due(100, 10, 10, &[]).await.unwrap().is_empty());

    // Whoever has many leaves room for others.
    notices.insert("many", ["c", "d", "e"].map(|id| notice(id, 1)).to_vec()).await.unwrap();
    let due = notices.due(99, 3, 2, &[]).await.unwrap();
    let of = |name: &str| due.iter().filter(|(tenant, _)| tenant == name).count();
    assert_eq!((of("many"), of("one")), (2, 1));
    let due = notices.due(99, 3, 2, &["many", "nobody"]).await.unwrap();
    assert!(due.iter().all(|(tenant, _)| tenant == "one") && !due.is_empty());
}

async fn a_session_that_has_run_out_is_swept_up_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let sessions = store.sessions();
    sessions.begin("one", session("a", "u"), None).await.unwrap();
    sessions.begin("two", session("b", "u"), None).await.unwrap();
    assert!(sessions.run_out(9, 9).await.unwrap().is_empty());
    let ended = sessions.run_out(10, 9).await.unwrap();
    assert_eq!(ended.len(), 2);
    assert_eq!(sessions.run_out(10, 1).await.unwrap().len(), 1);
    let notice = LogoutNotice {
        id: "n".to_owned(),
        client_id: "c".to_owned(),
        body: "{}".to_owned(),
        tries: 0,
        due: 10,
        expires: 100,
    };
    let (name, session) = ended.iter().find(|(name, _)| name == "one").unwrap();
    assert!(sessions.sweep(name, session, vec![notice.clone()]).await.unwrap());
    assert!(!sessions.sweep(name, session, vec![notice.clone()]).await.unwrap());
    assert_eq!(store.logout_notices().due(10, 9, 9, &[]).await.unwrap(), [("one".to_owned(), notice)]);
    assert_eq!(sessions.run_out(10, 9).await.unwrap().len(), 1);
}

async fn a_new_session_takes_the_place_of_another(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.sessions().begin("one", session("old", "u"), None).await.unwrap();
    store.sessions().begin("one", session("new", "u"), Some("old")).await.unwrap();
    assert_eq!(store.sessions().by_secret("one", "hash of old", 2).await.unwrap(), None);
    assert!(store.sessions().by_secret("one", "hash of new", 2).await.unwrap().is_some());
}

async fn all_sessions_of_a_user_end(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for (id, user) in [("a", "u"), ("b", "u"), ("c", "v")] {
        store.sessions().begin("one", session(id, user), None).await.unwrap();
    }
    store.sessions().end_all("one", "u").await.unwrap();
    let mut left = Vec::new();
    for id in ["a", "b", "c"] {
        left.extend(store.sessions().read("one", id, 2).await.unwrap().map(|session| session.id));
    }
    assert_eq!(left, ["c"]);
}

async fn failures_are_counted_and_forgiven(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let failed = store.failed_logins();
    assert_eq!(failed.add("one", &["a", "b"], 100, 50).await.unwrap(), [1, 1]);
    assert_eq!(failed.add("one", &["a", "c"], 110, 60).await.unwrap(), [2, 1]);
    assert_eq!(failed.add("two", &["a"], 110, 60).await.unwrap(), [1]);
    for _ in 0..2 {
        failed.forgive("one", "a").await.unwrap();
        failed.forgive_one("one", "b").await.unwrap();
    }
    assert_eq!(failed.add("one", &["a", "b", "c"], 120, 70).await.unwrap(), [1, 1, 2]);
    // A count that began before its window begins anew.
    assert_eq!(failed.add("one", &["c"], 200, 111).await.unwrap(), [1]);
    assert_eq!(failed.add("one", &["c"], 210, 121).await.unwrap(), [2]);
    assert_eq!(failed.add_many("one", &["c", "d"], 7, 220, 121).await.unwrap(), [9, 7]);
    assert_eq!(failed.add_many("one", &["c"], 7, 220, 201).await.unwrap(), [7]);
}

async fn failures_leak(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    // At most ten, of which one is forgotten every two seconds.
    let add = async |more, now| {
        store.failed_logins().add_leaking("one", "a", more, now, (10, 2_000)).await.unwrap()
    };
    assert_eq!(add(1, 100).await, 1);
    assert_eq!(add(5, 100).await, 6);
    // The half that is left of the time is kept.
    assert_eq!(add(2, 105).await, 6);
    assert_eq!(add(1, 106).await, 6);
    // Whoever is refused, often or once, waits no longer for that.
    assert_eq!(add(30, 106).await, 36);
    assert_eq!(add(1, 108).await, 10);
    assert_eq!(add(3, 500).await, 3);
}

async fn failures_beside_each_other_are_all_counted(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let mut counting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let failed = store.failed_logins().clone();
        counting.spawn(async move { failed.add("one", &["a"], 100, 50).await.unwrap()[0] });
    }
    let mut counts = counting.join_all().await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
}

async fn an_id_is_used_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let take = async |tenant: &str, kind, id: &str, now| {
        store.used_once().take(tenant, kind, id.to_owned(), now, now + 10).await.unwrap()
    };
    assert!(take("one", "assertion", "a", 1).await);
    assert!(!take("one", "assertion", "a", 10).await);
    // Another tenant's, another kind's and another id are others.
    assert!(take("two", "assertion", "a", 1).await);
    assert!(take("one", "proof", "a", 1).await);
    assert!(take("one", "assertion", "b", 1).await);
    // What has expired is free again, swept up or not, and then only once.
    assert!(take("one", "assertion", "a", 11).await);
    assert!(!take("one", "assertion", "a", 11).await);
    assert_eq!(store.used_once().prune(10).await.unwrap(), 0);
    // Two tenants', two kinds' and the first one, which was taken anew.
    assert_eq!(store.used_once().prune(11).await.unwrap(), 3);
    assert!(take("two", "assertion", "a", 1).await);
    let mut taking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let used = store.used_once().clone();
        taking.spawn(async move { used.take("one", "assertion", "c".to_owned(), 1, 10).await.unwrap() });
    }
    let first = taking.join_all().await.into_iter().filter(|first| *first);
    assert_eq!(first.count(), 1);
}

async fn the_later_use_of_a_credential_stays(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let uses = store.credential_uses();
    let one = |credential: &str, at, ip: Option<&str>| CredentialUse {
        client_id: "c".to_owned(),
        credential: credential.to_owned(),
        at,
        ip: ip.map(str::to_owned),
    };
    uses.note("one", vec![one("primary", 20, Some("192.0.2.1")), one("a", 10, None)]).await.unwrap();
    uses.note("one", vec![one("primary", 10, None), one("a", 30, Some("::1"))]).await.unwrap();
    uses.note("two", vec![one("primary", 40, None)]).await.unwrap();
    uses.note("two", vec![]).await.unwrap();
    let expected = [one("a", 30, Some("::1")), one("primary", 20, Some("192.0.2.1"))];
    assert_eq!(uses.of("one", "c").await.unwrap(), expected);
    assert_eq!(uses.of("one", "d").await.unwrap(), []);
    // Kept for a year.
    const YEAR: i64 = 366 * 24 * 3600;
    store.prune_traffic(YEAR).await.unwrap();
    assert_eq!(uses.of("one", "c").await.unwrap().len(), 2);
    store.prune_traffic(YEAR + 1).await.unwrap();
    assert_eq!(uses.of("one", "c").await.unwrap(), []);
}

async fn what_has_ended_is_swept_up(scratch: &ScratchStore) {
    const DAY: i64 = 24 * 3600;
    let store = with_a_token(scratch).await;
    store.tickets().insert("one", "login", ticket("a", 1, 10)).await.unwrap();
    store.sessions().begin("two", session("s", "u"), None).await.unwrap();
    store.failed_logins().add("one", &["a"], 10, 0).await.unwrap();
    assert_eq!(store.prune_traffic(9).await.unwrap(), 0);
    // The ticket and the session end at 10; the session is kept for a day more, until those it served are told.
    assert_eq!(store.prune_traffic(10).await.unwrap(), 1);
    // The family ends at 100, and its token with it.
    assert_eq!(store.prune_traffic(100).await.unwrap(), 2);
    // The count began at 10 and the code ended at 60; they are kept for a day more.
    assert_eq!(store.prune_traffic(9 + DAY).await.unwrap(), 0);
    assert_eq!(store.prune_traffic(60 + DAY).await.unwrap(), 3);
    assert_eq!(store.prune_traffic(i64::MAX).await.unwrap(), 0);
}
