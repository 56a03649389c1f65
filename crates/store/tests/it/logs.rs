use store::scratch::ScratchStore;
use store::{Bound, Column, Condition, Error, LogRow, Part};

use super::{found, opened};

on_both!(
    an_event_comes_back_as_it_went,
    appending_twice_does_no_harm,
    one_bad_event_keeps_all_from_being_appended,
    events_are_listed_after_an_id,
    conditions_find_what_they_say,
    patterns_take_text_as_it_is,
    unreasonable_conditions_are_refused,
    old_events_are_pruned,
);

async fn an_event_comes_back_as_it_went(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let some = |text: &str| Some(text.to_owned());
    let full = LogRow {
        tenant: "one".to_owned(),
        log_id: "9002".to_owned(),
        date: 1_764_000_000_123,
        kind: "seccft".to_owned(),
        description: some("'; drop table logs; --"),
        client_id: some("client"),
        client_name: some("😀 \"shop\""),
        ip: some("2001:db8::1"),
        hostname: some("id.example"),
        user_id: some("auth0|1"),
        user_name: some(""),
        user_agent: some("curl/8 %_*[]\\"),
        connection: some("db"),
        connection_id: some("con_1"),
        organization_id: some("org_1"),
        strategy: some("auth0"),
        strategy_type: some("database"),
        scope: some("a b"),
        audience: some("https://api.example/"),
        rest: some("{\"details\":{}}"),
        object: some("clients/1"),
        outcome: None,
        did: None,
    };
    let sparse = event("9001", |_| {});
    store.logs().append(vec![full.clone(), sparse.clone()]).await.unwrap();

    assert_eq!(store.logs().read("one", "9002").await.unwrap().unwrap(), full);
    assert_eq!(store.logs().read("two", "9002").await.unwrap(), None);
    assert_eq!(store.logs().after("one", None, 10).await.unwrap(), [sparse, full]);
    store.logs().append(vec![]).await.unwrap();
}

async fn appending_twice_does_no_harm(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let first = event("1", |row| row.ip = Some("first".to_owned()));
    store.logs().append(vec![first.clone()]).await.unwrap();
    let second = event("1", |row| row.ip = Some("second".to_owned()));
    store.logs().append(vec![second, event("2", |_| {}), event("2", |_| {})]).await.unwrap();
    assert_eq!(store.logs().read("one", "1").await.unwrap().unwrap(), first);
    assert_eq!(store.logs().after("one", None, 9).await.unwrap().len(), 2);
}

async fn one_bad_event_keeps_all_from_being_appended(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let bad = event("2", |row| row.user_agent = Some("a\0b".to_owned()));
    assert!(matches!(store.logs().append(vec![event("1", |_| {}), bad]).await, Err(Error::Nul)));
    assert_eq!(store.logs().after("one", None, 9).await.unwrap(), vec![]);
    let nul = Condition::Is(Column::Ip, "\0".to_owned());
    assert!(matches!(store.logs().search("one", &nul, true, 0, 9).await, Err(Error::Nul)));
    let nul = Condition::Like(Column::Ip, vec![Part::Text("\0".to_owned())]);
    assert!(matches!(store.logs().search("one", &nul, true, 0, 9).await, Err(Error::Nul)));
}

async fn events_are_listed_after_an_id(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.logs().append((0..2500).map(|n| event(&format!("{n:05}"), |_| {})).collect()).await.unwrap();
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let page = store.logs().after("one", from.as_deref(), 100).await.unwrap();
        let Some(last) = page.last() else { break };
        from = Some(last.log_id.clone());
        seen.extend(page.into_iter().map(|row| row.log_id));
    }
    assert_eq!(seen, (0..2500).map(|n| format!("{n:05}")).collect::<Vec<_>>());
    assert_eq!(store.logs().after("one", None, -1).await.unwrap(), vec![]);
    assert_eq!(store.logs().after("two", None, 9).await.unwrap(), vec![]);
}

async fn conditions_find_what_they_say(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let text = |text: &str| text.to_owned();
    store
        .logs()
        .append(vec![
            event("1", |row| (row.date, row.kind, row.client_id) = (100, text("s"), Some(text("a")))),
            event("2", |row| (row.date, row.kind, row.client_id) = (200, text("f"), Some(text("A")))),
            event("3", |row| (row.date, row.kind, row.client_id) = (300, text("s"), None)),
            event("4", |row| (row.date, row.kind, row.client_id) = (400, text("f"), Some(text("b")))),
            LogRow { tenant: text("two"), ..event("5", |row| row.client_id = Some(text("a"))) },
        ])
        .await
        .unwrap();
    let is = |column, value: &str| Condition::Is(column, value.to_owned());
    let not = |condition| Condition::Not(Box::new(condition));
    let bound = |value: &str, inclusive| Some(Bound { value: value.to_owned(), inclusive });
    let range = |column, from, to| Condition::Range { column, from, to };
    let tables: Vec<(Condition, &str)> = vec![
        (Condition::Everything, "1234"),
        (is(Column::ClientId, "a"), "1"),
        (not(is(Column::ClientId, "a")), "234"),
        (not(not(is(Column::ClientId, "a"))), "1"),
        (Condition::Exists(Column::ClientId), "124"),
        (not(Condition::Exists(Column::ClientId)), "3"),
        (is(Column::Type, "s"), "13"),
        (is(Column::LogId, "4"), "4"),
        (is(Column::Date, "200"), "2"),
        (is(Column::Date, "soon"), ""),
        (not(is(Column::Date, "99999999999999999999")), "1234"),
        (Condition::All(vec![is(Column::Type, "s"), Condition::Exists(Column::ClientId)]), "1"),
        (Condition::Any(vec![is(Column::ClientId, "b"), is(Column::Date, "300")]), "34"),
        (Condition::All(vec![]), "1234"),
        (Condition::Any(vec![]), ""),
        (
            Condition::All(vec![
                Condition::Any(vec![is(Column::Type, "s"), is(Column::Type, "f")]),
                not(Condition::Any(vec![is(Column::LogId, "1"), is(Column::LogId, "2")])),
            ]),
            "34",
        ),
        (range(Column::Date, bound("200", true), bound("400", false)), "23"),
        (range(Column::Date, bound("200", false), None), "34"),
        (range(Column::Date, None, bound("200", true)), "12"),
        (range(Column::Date, bound("x", true), None), ""),
        // By bytes: capitals come first.
        (range(Column::ClientId, bound("A", true), bound("a", false)), "2"),
        (range(Column::ClientId, None, None), "124"),
        (Condition::Like(Column::ClientId, vec![]), ""),
        (Condition::Like(Column::ClientId, vec![Part::Any, Part::Any]), "124"),
        (Condition::Like(Column::Date, vec![Part::Text(text("3")), Part::Any]), "3"),
    ];
    for (condition, expected) in tables {
        let listed = |rows: Vec<LogRow>| rows.into_iter().map(|row| row.log_id).collect::<String>();
        let ascending = listed(store.logs().search("one", &condition, false, 0, 99).await.unwrap());
        assert_eq!(ascending, expected, "{condition:?}");
        let descending = listed(store.logs().search("one", &condition, true, 0, 99).await.unwrap());
        assert_eq!(descending, expected.chars().rev().collect::<String>(), "{condition:?}");
        // In memory it means the same.
        let mut all = store.logs().after("one", None, 99).await.unwrap();
        all.retain(|row| condition.holds(row));
        assert_eq!(listed(all), expected, "{condition:?}");
    }
    let page = store.logs().search("one", &Condition::Everything, true, 1, 2).await.unwrap();
    assert_eq!(page.iter().map(|row| row.log_id.as_str()).collect::<Vec<_>>(), ["3", "2"]);
}

async fn patterns_take_text_as_it_is(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let agents = [
        "50%",
        "50x",
        "a_b",
        "axb",
        "*",
        "[a]",
        "a",
        "?",
        "\\",
        "\\\\",
        "]",
        "A",
        "😀 it's",
        "^a",
        "[^a]",
        "a\nb",
    ];
    let rows = agents
        .iter()
        .enumerate()
        .map(|(n, agent)| event(&format!("{n:02}"), |row| row.user_agent = Some((*agent).to_owned())));
    store.logs().append(rows.collect()).await.unwrap();
    let find = async |parts: Vec<Part>| {
        let rows = store
            .logs()
            .search("one", &Condition::Like(Column::UserAgent, parts), false, 0, 99)
            .await
            .unwrap();
        rows.into_iter().filter_map(|row| row.user_agent).collect::<Vec<_>>()
    };
    let find = async |parts: Vec<Part>| {
        let found = find(parts.clone()).await;
        let holds: Vec<_> = agents.into_iter().filter(|agent| Part::match_all(&parts, agent)).collect();
        assert_eq!(found, holds, "{parts:?}");
        found
    };
    let text = |text: &str| Part::Text(text.to_owned());
    for agent in agents {
        assert_eq!(find(vec![text(agent)]).await, [agent]);
        let starting: Vec<_> = agents.into_iter().filter(|other| other.starts_with(agent)).collect();
        assert_eq!(find(vec![text(agent), Part::Any]).await, starting, "{agent}*");
        let ending: Vec<_> = agents.into_iter().filter(|other| other.ends_with(agent)).collect();
        assert_eq!(find(vec![Part::Any, text(agent)]).await, ending, "*{agent}");
        let within: Vec<_> = agents.into_iter().filter(|other| other.contains(agent)).collect();
        assert_eq!(find(vec![Part::Any, text(agent), Part::Any]).await, within, "*{agent}*");
    }
    assert_eq!(find(vec![text("a"), Part::Any, text("b")]).await, ["a_b", "axb", "a\nb"]);
}

async fn unreasonable_conditions_are_refused(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.logs().append(vec![event("1", |row| row.ip = Some("a".repeat(5000)))]).await.unwrap();
    let is = || Condition::Is(Column::Ip, "a".to_owned());
    let deep = (0..40).fold(is(), |inner, _| Condition::Not(Box::new(inner)));
    let gaps = (0..40).flat_map(|_| [Part::Any, Part::Text("a".to_owned())]).collect();
    for condition in [
        deep,
        Condition::Any((0..300).map(|_| is()).collect()),
        Condition::Like(Column::Ip, gaps),
        Condition::Like(Column::Ip, vec![Part::Text("a".repeat(1001))]),
    ] {
        let refused = store.logs().search("one", &condition, false, 0, 9).await;
        assert!(matches!(refused, Err(Error::TooLong { .. })), "{condition:?}");
    }
    let wide = Condition::Any((0..250).map(|_| is()).collect());
    assert_eq!(store.logs().search("one", &wide, false, 0, 9).await.unwrap(), vec![]);
    let nested = (0..30).fold(is(), |inner, _| Condition::Not(Box::new(inner)));
    assert_eq!(found(store.logs(), "one", &nested).await, 0);
    // The worst pattern that is let through.
    let gaps = (0..15)
        .flat_map(|_| [Part::Any, Part::Text("aa".to_owned())])
        .chain([Part::Any, Part::Text("b".to_owned())]);
    let slow = Condition::Like(Column::Ip, gaps.collect());
    assert_eq!(found(store.logs(), "one", &slow).await, 0);
}

async fn old_events_are_pruned(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for tenant in ["one", "two"] {
        let rows = (0..6000_i64).map(|n| LogRow {
            tenant: tenant.to_owned(),
            date: n,
            ..event(&format!("{n:05}"), |_| {})
        });
        store.logs().append(rows.collect()).await.unwrap();
    }
    assert_eq!(store.logs().prune(Some("one"), 5500).await.unwrap(), 5500);
    assert_eq!(store.logs().prune(Some("one"), 5500).await.unwrap(), 0);
    assert_eq!(found(store.logs(), "two", &Condition::Everything).await, 6000);
    assert_eq!(store.logs().prune(None, 5600).await.unwrap(), 100 + 5600);
    assert_eq!(store.logs().prune(Some("none"), i64::MAX).await.unwrap(), 0);
    for tenant in ["one", "two"] {
        assert_eq!(store.logs().after(tenant, None, 1).await.unwrap()[0].log_id, "05600");
        assert_eq!(found(store.logs(), tenant, &Condition::Everything).await, 400);
    }
}

/// An event of tenant `one`.
fn event(id: &str, change: impl FnOnce(&mut LogRow)) -> LogRow {
    let mut row =
        LogRow { tenant: "one".to_owned(), log_id: id.to_owned(), kind: "s".to_owned(), ..LogRow::default() };
    change(&mut row);
    row
}
