use store::scratch::ScratchStore;
use store::{
    AuthorizationCode, Device, DeviceCode, DeviceState, Error, Family, Redeemed, RefreshToken, Store, Which,
};

use super::opened;

on_both!(
    a_code_is_redeemed_once,
    a_family_goes_on_from_where_it_was_read,
    an_ended_family_takes_every_token_with_it,
    ending_a_family_beats_an_exchange_beside_it,
    families_are_listed_and_ended_by_what_is_named,
    of_a_user_and_client_the_newest_are_kept,
    a_change_of_way_ends_what_went_the_other,
    a_device_code_is_decided_and_taken_once,
    whoever_is_logged_out_redeems_nothing,
);

fn code(id: &str) -> AuthorizationCode {
    AuthorizationCode {
        id: id.to_owned(),
        client_id: "client".to_owned(),
        user_id: "user".to_owned(),
        session_id: String::new(),
        family: format!("family of {id}"),
        body: "{}".to_owned(),
        expires: 60,
        used: None,
    }
}

pub fn family(id: &str) -> Family {
    Family {
        id: id.to_owned(),
        client_id: "client".to_owned(),
        user_id: "u".to_owned(),
        session_id: "s".to_owned(),
        audience: Some("api".to_owned()),
        body: "{}".to_owned(),
        metadata: None,
        created: 2,
        used: 2,
        generation: 0,
        advanced: 2,
        rotates: Some(true),
        idle_expires: 100,
        expires: i64::MAX,
        initial: Device { ip: Some("192.0.2.1".to_owned()), user_agent: None },
        last: Device::default(),
    }
}

fn token(id: &str, family: &str, generation: i64) -> RefreshToken {
    RefreshToken { id: id.to_owned(), family: family.to_owned(), generation, created: 2 }
}

/// A store with one family and its first token.
pub async fn with_a_token(scratch: &ScratchStore) -> Store {
    let store = opened(scratch).await;
    let tokens = store.refresh_tokens();
    tokens.insert_code("one", code("c")).await.unwrap();
    let given = Some((family("f"), token("t0", "f", 0)));
    tokens.redeem("one", Redeemed::Code("c"), 2, given).await.unwrap();
    store
}

async fn begin(store: &Store, family: Family, token: RefreshToken) {
    store.refresh_tokens().redeem("one", Redeemed::Nothing, 2, Some((family, token))).await.unwrap();
}

async fn a_code_is_redeemed_once(scratch: &ScratchStore) {
    let store = with_a_token(scratch).await;
    let tokens = store.refresh_tokens();
    assert_eq!(
        tokens.code("one", "c").await.unwrap(),
        Some(AuthorizationCode { used: Some(2), ..code("c") })
    );
    assert_eq!(tokens.code("two", "c").await.unwrap(), None);
    let given = Some((family("g"), token("u0", "g", 0)));
    let again = tokens.redeem("one", Redeemed::Code("c"), 3, given).await;
    assert!(matches!(again, Err(Error::Conflict)));
    assert_eq!(tokens.read("one", "u0").await.unwrap(), None);
    assert_eq!(tokens.read("one", "t0").await.unwrap(), Some((token("t0", "f", 0), family("f"))));

    tokens.insert_code("one", code("d")).await.unwrap();
    let redeem = async || tokens.redeem("one", Redeemed::Code("d"), 2, None).await;
    let (one, other) = tokio::join!(redeem(), redeem());
    assert_eq!([one, other].iter().filter(|redeemed| redeemed.is_ok()).count(), 1);
}

async fn a_family_goes_on_from_where_it_was_read(scratch: &ScratchStore) {
    let store = with_a_token(scratch).await;
    let tokens = store.refresh_tokens();
    let (first, held) = tokens.read("one", "t0").await.unwrap().unwrap();
    let last = Device { ip: Some("::1".to_owned()), user_agent: Some("x".to_owned()) };
    let next = Family { used: 9, generation: 1, advanced: 9, idle_expires: 109, last, ..held.clone() };
    tokens.advance("one", &held, next.clone(), Some(token("t1", "f", 1))).await.unwrap();
    let again = tokens.advance("one", &held, next.clone(), Some(token("t2", "f", 1))).await;
    assert!(matches!(again, Err(Error::Conflict)));
    assert_eq!(tokens.read("one", "t2").await.unwrap(), None);
    // The older token stays known for what it is.
    assert_eq!(tokens.read("one", "t0").await.unwrap(), Some((first, next.clone())));
    assert_eq!(tokens.read("one", "t1").await.unwrap(), Some((token("t1", "f", 1), next.clone())));
    assert!(tokens.note("one", "f", Some("{\"a\":\"b\"}".to_owned())).await.unwrap());
    assert!(!tokens.note("two", "f", None).await.unwrap());
    let noted = Family { metadata: Some("{\"a\":\"b\"}".to_owned()), ..next };
    assert_eq!(tokens.family("one", "f").await.unwrap(), Some(noted));
}

async fn an_ended_family_takes_every_token_with_it(scratch: &ScratchStore) {
    let store = with_a_token(scratch).await;
    let tokens = store.refresh_tokens();
    tokens.end("two", "f").await.unwrap();
    let (_, held) = tokens.read("one", "t0").await.unwrap().unwrap();
    tokens.end("one", "f").await.unwrap();
    tokens.end("one", "f").await.unwrap();
    assert_eq!(tokens.read("one", "t0").await.unwrap(), None);
    for next in [Some(token("t1", "f", 1)), None] {
        let outcome = tokens.advance("one", &held, held.clone(), next).await;
        assert!(matches!(outcome, Err(Error::Conflict)));
    }
    begin(&store, family("g"), token("u0", "g", 0)).await;
    tokens.end_all("one", "u").await.unwrap();
    assert_eq!(tokens.read("one", "u0").await.unwrap(), None);
}

async fn ending_a_family_beats_an_exchange_beside_it(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tokens = store.refresh_tokens();
    for round in 0..20 {
        let (id, next) = (format!("g{round}"), format!("g{round}t1"));
        begin(&store, family(&id), token(&format!("g{round}t0"), &id, 0)).await;
        let held = family(&id);
        let to = Family { generation: 1, ..held.clone() };
        let (_, ended) = tokio::join!(
            tokens.advance("one", &held, to, Some(token(&next, &id, 1))),
            tokens.end("one", &id)
        );
        ended.unwrap();
        assert_eq!(tokens.read("one", &next).await.unwrap(), None);
    }
}

async fn families_are_listed_and_ended_by_what_is_named(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tokens = store.refresh_tokens();
    for (id, user_id, client_id, created) in
        [("a", "u", "x", 1), ("b", "u", "y", 2), ("c", "v", "x", 2), ("d", "u", "x", 2)]
    {
        let family = Family { user_id: user_id.into(), client_id: client_id.into(), created, ..family(id) };
        begin(&store, family, token(&format!("{id}0"), id, 0)).await;
    }
    let ids = async |which: &Which<'_>, behind, limit| {
        let found = tokens.list("one", which, 99, behind, limit).await.unwrap();
        found.into_iter().map(|family| family.id).collect::<Vec<_>>().join("")
    };
    let of_u = Which { user_id: Some("u"), ..Which::default() };
    assert_eq!(ids(&of_u, None, 9).await, "bda");
    assert_eq!(ids(&of_u, None, 2).await, "bd");
    assert_eq!(ids(&of_u, Some((2, "d")), 2).await, "a");
    assert_eq!(ids(&Which { client_id: Some("x"), ..of_u.clone() }, None, 9).await, "da");
    assert_eq!(ids(&Which::default(), None, 9).await, "bcda");
    assert!(tokens.list("one", &of_u, 100, None, 9).await.unwrap().is_empty());
    assert!(tokens.list("two", &Which::default(), 9, None, 9).await.unwrap().is_empty());

    assert_eq!(tokens.end_some("one", &Which { ids: Some(&[]), ..Which::default() }).await.unwrap(), 0);
    let named = ["a".to_owned(), "c".to_owned(), "nobody".to_owned()];
    let these = Which { ids: Some(&named), ..of_u.clone() };
    assert_eq!(tokens.end_some("two", &these).await.unwrap(), 0);
    assert_eq!(tokens.end_some("one", &these).await.unwrap(), 1);
    assert_eq!(ids(&Which::default(), None, 9).await, "bcd");
    let of_session = Which { session_id: Some("s"), audience: Some("api"), ..Which::default() };
    assert_eq!(tokens.end_some("one", &of_session).await.unwrap(), 3);
}

async fn of_a_user_and_client_the_newest_are_kept(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for number in 0..203 {
        let id = format!("f{number:03}");
        let family = Family { created: number, ..family(&id) };
        begin(&store, family, token(&format!("t{number}"), &id, 0)).await;
    }
    let tokens = store.refresh_tokens();
    let kept = tokens.list("one", &Which::default(), 9, None, 999).await.unwrap();
    assert_eq!(kept.len(), 200);
    assert!(kept.iter().all(|family| family.created >= 3));
    // Another client's are others.
    let other = Family { client_id: "other".to_owned(), ..family("o") };
    begin(&store, other, token("o0", "o", 0)).await;
    assert_eq!(tokens.list("one", &Which::default(), 9, None, 999).await.unwrap().len(), 201);
}

async fn a_change_of_way_ends_what_went_the_other(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tokens = store.refresh_tokens();
    for (id, audience, rotates) in [
        ("a", Some("api"), false),
        ("b", Some("api"), false),
        ("c", Some("api"), true),
        ("d", None, false),
        ("e", Some("other"), false),
    ] {
        let family = Family { audience: audience.map(str::to_owned), rotates: Some(rotates), ..family(id) };
        begin(&store, family, token(&format!("{id}0"), id, 0)).await;
    }
    let (_, held) = tokens.read("one", "a0").await.unwrap().unwrap();
    let to = Family { rotates: Some(true), generation: 1, ..held.clone() };
    tokens.advance("one", &held, to, Some(token("a1", "a", 1))).await.unwrap();
    let left = tokens.list("one", &Which::default(), 9, None, 9).await.unwrap();
    assert_eq!(left.iter().map(|family| family.id.as_str()).collect::<Vec<_>>(), ["a", "c", "d", "e"]);
}

async fn whoever_is_logged_out_redeems_nothing(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let (sessions, codes, tokens) = (store.sessions(), store.device_codes(), store.refresh_tokens());
    let of = |id: &str, user_id: &str, session_id: &str| AuthorizationCode {
        user_id: user_id.to_owned(),
        session_id: session_id.to_owned(),
        ..code(id)
    };
    let left = async |ids: &[&str]| {
        let mut left = Vec::new();
        for id in ids {
            if tokens.code("one", id).await.unwrap().is_some() {
                left.push((*id).to_owned());
            }
        }
        left
    };
    // Nobody gets a code whose session has ended.
    let late = tokens.insert_code("one", of("late", "u", "s")).await;
    assert!(matches!(late, Err(Error::Conflict)));
    for (id, user) in [("s", "u"), ("t", "u"), ("v", "w")] {
        sessions.begin("one", crate::traffic::session(id, user), None).await.unwrap();
    }
    for (id, user, session) in [("a", "u", "s"), ("b", "u", "t"), ("c", "w", "v"), ("used", "u", "s")] {
        tokens.insert_code("one", of(id, user, session)).await.unwrap();
    }
    tokens.redeem("one", Redeemed::Code("used"), 2, None).await.unwrap();
    sessions.end("two", "s").await.unwrap();
    sessions.end("one", "s").await.unwrap();
    // What was used stays known, so that it betrays a thief.
    assert_eq!(left(&["a", "b", "c", "used"]).await, ["b", "c", "used"]);

    for (id, owner) in [("d", Some(("u", "t"))), ("e", Some(("w", "v"))), ("f", None)] {
        codes.insert("one", device_code(id, id)).await.unwrap();
        if owner.is_some() {
            assert!(codes.decide("one", id, (DeviceState::Allowed, "{}"), owner, 9).await.unwrap());
        }
    }
    // Of one client's tokens, only what is that client's ends.
    let other = Which { user_id: Some("u"), client_id: Some("other"), ..Which::default() };
    tokens.end_some("one", &other).await.unwrap();
    assert!(codes.read("one", "d").await.unwrap().is_some());
    tokens.end_all("one", "u").await.unwrap();
    assert_eq!(codes.read("one", "d").await.unwrap(), None);
    assert_eq!(left(&["b", "c"]).await, ["c"]);
    sessions.end_all("one", "w").await.unwrap();
    assert_eq!(codes.read("one", "e").await.unwrap(), None);
    assert!(codes.read("one", "f").await.unwrap().is_some());
    assert!(left(&["c"]).await.is_empty());
}

fn device_code(id: &str, user_code: &str) -> DeviceCode {
    DeviceCode {
        id: id.to_owned(),
        user_code: user_code.to_owned(),
        client_id: "client".to_owned(),
        state: DeviceState::Pending,
        body: "{}".to_owned(),
        polled: 0,
        created: 1,
        expires: 100,
    }
}

async fn a_device_code_is_decided_and_taken_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let (codes, tokens) = (store.device_codes(), store.refresh_tokens());
    let code = device_code;
    codes.insert("one", code("d", "u")).await.unwrap();
    let taken = codes.insert("one", code("e", "u")).await;
    assert!(matches!(taken, Err(Error::Taken { label }) if label == "user_code"));
    codes.insert("two", code("d", "u")).await.unwrap();
    assert_eq!(codes.by_user_code("one", "u").await.unwrap(), Some(code("d", "u")));
    assert_eq!(codes.by_user_code("one", "v").await.unwrap(), None);

    assert!(codes.poll("one", "d", 5_000, 5_000).await.unwrap());
    assert!(!codes.poll("one", "d", 9_999, 5_000).await.unwrap());
    assert!(codes.poll("one", "d", 10_000, 5_000).await.unwrap());

    let take = async || tokens.redeem("one", Redeemed::Device("d"), 9, None).await;
    assert!(matches!(take().await, Err(Error::Conflict)));
    assert!(!codes.decide("one", "d", (DeviceState::Allowed, "{}"), None, 100).await.unwrap());
    assert!(
        codes
            .decide("one", "d", (DeviceState::Allowed, "{\"a\":1}"), Some(("user", "session")), 99)
            .await
            .unwrap()
    );
    assert!(!codes.decide("one", "d", (DeviceState::Denied, "{}"), None, 99).await.unwrap());
    let held = codes.read("one", "d").await.unwrap().unwrap();
    assert_eq!((held.state, held.body.as_str()), (DeviceState::Allowed, "{\"a\":1}"));
    let (one, other) = tokio::join!(take(), take());
    assert_eq!([one, other].iter().filter(|taken| taken.is_ok()).count(), 1);
    assert_eq!(codes.read("one", "d").await.unwrap(), None);
    assert!(codes.delete("two", "d").await.unwrap());
    assert!(!codes.delete("two", "d").await.unwrap());
}
