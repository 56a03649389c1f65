use serde_json::json;
use store::scratch::ScratchStore;
use store::{Change, Document, Error, Key, Matching, Span, Write};

use super::{KIND, body, delete, expect, ids, insert, opened, replace};

on_both!(
    a_document_lives_from_insertion_to_deletion,
    a_batch_leaves_nothing_when_its_last_write_fails,
    an_outdated_version_is_a_conflict,
    an_expectation_holds_or_the_batch_fails,
    expectations_alone_make_no_revision,
    an_id_is_taken_once_in_each_kind,
    an_unknown_tenant_is_a_conflict,
    tenants_do_not_see_each_other,
    pages_go_by_offset_and_by_place,
    odd_limits_give_empty_pages,
    changes_are_listed_by_revision,
    hostile_text_comes_back_as_it_went,
    nul_is_refused,
    equal_times_are_ordered_by_bytes,
);

async fn a_document_lives_from_insertion_to_deletion(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();

    let first = body(json!({ "name": "shop", "nested": { "z": [1, 2.5, null], "a": true } }));
    let write = Write::Insert {
        kind: KIND,
        id: "a".to_owned(),
        body: first.clone(),
        keys: vec![],
        created: 1_700_000_000_000_000,
    };
    assert_eq!(documents.commit("one", vec![write]).await.unwrap(), 1);
    let read = documents.read("one", KIND, "a").await.unwrap().unwrap();
    let expected = Document {
        id: "a".to_owned(),
        body: first.clone(),
        version: 1,
        created: 1_700_000_000_000_000,
        updated: 1_700_000_000_000_000,
    };
    assert_eq!(read, expected);
    // The order of members is kept too.
    assert_eq!(serde_json::to_string(&read.body).unwrap(), serde_json::to_string(&first).unwrap());

    assert_eq!(documents.commit("one", vec![replace("a", "new", vec![], 1)]).await.unwrap(), 2);
    let read = documents.read("one", KIND, "a").await.unwrap().unwrap();
    assert_eq!(
        (read.body, read.version, read.created),
        (body(json!({ "text": "new" })), 2, 1_700_000_000_000_000)
    );
    assert_eq!(documents.all("one", KIND).await.unwrap().len(), 1);

    assert_eq!(documents.commit("one", vec![delete("a")]).await.unwrap(), 3);
    assert_eq!(documents.read("one", KIND, "a").await.unwrap(), None);
    assert!(matches!(documents.commit("one", vec![delete("a")]).await, Err(Error::Conflict)));
    assert_eq!(documents.all("one", KIND).await.unwrap(), vec![]);
}

async fn a_batch_leaves_nothing_when_its_last_write_fails(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("kept", vec![Key::unique("name", "kept")], 1)]).await.unwrap();

    let mut writes: Vec<_> =
        (0..100).map(|n| insert(&format!("n{n}"), vec![Key::shared("colour", "red")], 2)).collect();
    writes.push(replace("kept", "changed", vec![Key::unique("name", "changed")], 1));
    writes.push(delete("absent"));
    assert!(matches!(documents.commit("one", writes).await, Err(Error::Conflict)));

    assert_eq!(ids(&documents.all("one", KIND).await.unwrap()), ["kept"]);
    assert!(documents.find("one", KIND, "name", "kept").await.unwrap().is_some());
    assert_eq!(documents.find("one", KIND, "name", "changed").await.unwrap(), None);
    assert_eq!(documents.find("one", KIND, "colour", "red").await.unwrap(), None);
    assert_eq!(documents.changes("one", 1).await.unwrap(), vec![]);
    assert_eq!(store.tenants().revisions().await.unwrap(), [("one".to_owned(), 1), ("two".to_owned(), 0)]);
}

async fn an_outdated_version_is_a_conflict(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("a", vec![], 1)]).await.unwrap();
    documents.commit("one", vec![replace("a", "second", vec![], 1)]).await.unwrap();

    assert!(matches!(
        documents.commit("one", vec![replace("a", "late", vec![], 1)]).await,
        Err(Error::Conflict)
    ));
    assert!(matches!(
        documents.commit("one", vec![replace("absent", "", vec![], 1)]).await,
        Err(Error::Conflict)
    ));
    assert_eq!(documents.read("one", KIND, "a").await.unwrap().unwrap().version, 2);
}

async fn an_expectation_holds_or_the_batch_fails(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("api", vec![Key::unique("name", "x")], 1)]).await.unwrap();

    assert_eq!(documents.commit("one", vec![insert("g1", vec![], 1), expect("api", 1)]).await.unwrap(), 2);
    let change = Change { rev: 2, kind: KIND.to_owned(), id: "g1".to_owned() };
    assert_eq!(documents.changes("one", 1).await.unwrap(), [change]);
    let api = documents.find("one", KIND, "name", "x").await.unwrap().unwrap();
    assert_eq!((api.version, api.updated), (1, 1));

    // What a batch has replaced is expected as it has become.
    documents.commit("one", vec![replace("api", "", vec![], 1), expect("api", 2)]).await.unwrap();
    for (tenant, expected) in [("one", expect("api", 1)), ("two", expect("api", 2)), ("one", expect("no", 1))]
    {
        let outcome = documents.commit(tenant, vec![expected, insert("g2", vec![], 1)]).await;
        assert!(matches!(outcome, Err(Error::Conflict)));
    }
    let other = Write::Expect { kind: "apis", id: "api".to_owned(), version: 2 };
    assert!(matches!(documents.commit("one", vec![other]).await, Err(Error::Conflict)));
    documents.commit("one", vec![delete("api")]).await.unwrap();
    let outcome = documents.commit("one", vec![insert("g2", vec![], 1), expect("api", 2)]).await;
    assert!(matches!(outcome, Err(Error::Conflict)));
    assert_eq!(documents.read("one", KIND, "g2").await.unwrap(), None);
}

async fn expectations_alone_make_no_revision(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    assert_eq!(documents.commit("one", vec![insert("a", vec![], 1)]).await.unwrap(), 1);
    assert_eq!(documents.commit("one", vec![expect("a", 1), expect("a", 1)]).await.unwrap(), 1);
    assert_eq!(documents.commit("one", vec![]).await.unwrap(), 1);
    assert_eq!(store.tenants().list().await.unwrap()[0].rev, 1);
    assert!(matches!(documents.commit("one", vec![expect("a", 2)]).await, Err(Error::Conflict)));
    assert!(matches!(documents.commit("none", vec![expect("a", 1)]).await, Err(Error::Conflict)));
    assert!(matches!(documents.commit("none", vec![]).await, Err(Error::Conflict)));
    assert!(matches!(documents.commit("one", vec![expect("a\0", 1)]).await, Err(Error::Nul)));
}

async fn an_id_is_taken_once_in_each_kind(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("a", vec![], 1)]).await.unwrap();

    let again = documents.commit("one", vec![insert("a", vec![], 1)]).await;
    assert!(matches!(again, Err(Error::Taken { label }) if label == "id"));
    let other =
        Write::Insert { kind: "apis", id: "a".to_owned(), body: body(json!({})), keys: vec![], created: 1 };
    documents.commit("one", vec![other]).await.unwrap();
    assert!(documents.read("one", "apis", "a").await.unwrap().is_some());
}

async fn an_unknown_tenant_is_a_conflict(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    assert!(matches!(
        store.documents().commit("none", vec![insert("a", vec![], 1)]).await,
        Err(Error::Conflict)
    ));
    assert_eq!(store.documents().all("none", KIND).await.unwrap(), vec![]);
}

async fn tenants_do_not_see_each_other(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let keys = || vec![Key::unique("name", "same"), Key::shared("colour", "red")];
    documents.commit("one", vec![insert("a", keys(), 1)]).await.unwrap();
    documents
        .commit("two", vec![insert("a", keys(), 2), insert("b", vec![Key::shared("colour", "red")], 3)])
        .await
        .unwrap();

    documents.commit("one", vec![replace("a", "of one", keys(), 1)]).await.unwrap();
    assert_eq!(documents.read("two", KIND, "a").await.unwrap().unwrap().version, 1);
    let red = Matching::all(KIND).with("colour", vec!["red".to_owned()]);
    assert_eq!(documents.count("one", &red).await.unwrap(), 1);
    assert_eq!(documents.count("two", &red).await.unwrap(), 2);
    assert_eq!(documents.find("two", KIND, "name", "same").await.unwrap().unwrap().created, 2);

    documents.commit("one", vec![delete("a")]).await.unwrap();
    assert_eq!(documents.find("one", KIND, "name", "same").await.unwrap(), None);
    assert!(documents.find("two", KIND, "name", "same").await.unwrap().is_some());
    assert!(documents.changes("two", 0).await.unwrap().iter().all(|change| change.rev == 1));
}

async fn pages_go_by_offset_and_by_place(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    // Ten times of three documents each, inserted backwards.
    let writes = (0..30).rev().map(|n| insert(&format!("d{n:02}"), vec![], n / 3)).collect();
    documents.commit("one", writes).await.unwrap();
    let expected: Vec<_> = (0..30).map(|n| format!("d{n:02}")).collect();
    let all = Matching::all(KIND);

    let mut by_offset = Vec::new();
    for offset in (0..35).step_by(7) {
        by_offset.extend(documents.page("one", &all, Span::Offset { offset, limit: 7 }).await.unwrap());
    }
    assert_eq!(ids(&by_offset), expected);

    let (mut by_place, mut after) = (Vec::new(), None);
    loop {
        let page = documents.page("one", &all, Span::After { after, limit: 4 }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.created, last.id.clone()));
        by_place.extend(page);
    }
    assert_eq!(by_place, by_offset);
    assert_eq!(documents.all("one", KIND).await.unwrap(), by_offset);
    assert_eq!(documents.count("one", &all).await.unwrap(), 30);
}

async fn odd_limits_give_empty_pages(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("a", vec![], 1)]).await.unwrap();
    let all = Matching::all(KIND);
    for span in [
        Span::Offset { offset: 0, limit: 0 },
        Span::Offset { offset: 0, limit: -1 },
        Span::Offset { offset: i64::MAX, limit: i64::MAX },
        Span::After { after: None, limit: -5 },
        Span::After { after: Some((i64::MAX, String::new())), limit: 5 },
    ] {
        assert_eq!(documents.page("one", &all, span).await.unwrap(), vec![]);
    }
    let negative = Span::Offset { offset: -3, limit: 5 };
    assert_eq!(ids(&documents.page("one", &all, negative).await.unwrap()), ["a"]);
}

async fn changes_are_listed_by_revision(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("b", vec![], 1), insert("a", vec![], 1)]).await.unwrap();
    // One document changed twice in one revision is one change.
    documents.commit("one", vec![replace("a", "x", vec![], 1), replace("a", "y", vec![], 2)]).await.unwrap();
    documents.commit("one", vec![delete("b")]).await.unwrap();

    let change = |rev, id: &str| Change { rev, kind: KIND.to_owned(), id: id.to_owned() };
    let expected = [change(1, "a"), change(1, "b"), change(2, "a"), change(3, "b")];
    assert_eq!(documents.changes("one", 0).await.unwrap(), expected);
    assert_eq!(documents.changes("one", 2).await.unwrap(), expected[3..]);
    assert_eq!(documents.changes("one", 3).await.unwrap(), vec![]);

    documents.forget_changes("one", 1).await.unwrap();
    assert_eq!(documents.changes("one", 0).await.unwrap(), expected[2..]);
}

async fn hostile_text_comes_back_as_it_went(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    for (n, text) in HOSTILE.iter().enumerate() {
        let write = Write::Insert {
            kind: KIND,
            id: (*text).to_owned(),
            body: body(json!({ "text": text, *text: 1, "escaped": "\0" })),
            keys: vec![Key::unique("text", *text)],
            created: i64::try_from(n).unwrap(),
        };
        documents.commit("one", vec![write]).await.unwrap();
    }
    for text in HOSTILE {
        let found = documents.find("one", KIND, "text", text).await.unwrap().unwrap();
        assert_eq!(
            (found.id.as_str(), &found.body["text"], &found.body["escaped"]),
            (text, &json!(text), &json!("\0"))
        );
    }
    assert_eq!(ids(&documents.all("one", KIND).await.unwrap()), HOSTILE);
}

async fn nul_is_refused(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    assert!(matches!(documents.read("one", KIND, "a\0").await, Err(Error::Nul)));
    assert!(matches!(documents.find("one", KIND, "name", "\0").await, Err(Error::Nul)));
    assert!(matches!(documents.commit("one", vec![insert("a\0b", vec![], 1)]).await, Err(Error::Nul)));
    let keyed = insert("a", vec![Key::shared("name", "b\0")], 1);
    assert!(matches!(documents.commit("one", vec![keyed]).await, Err(Error::Nul)));
    assert!(matches!(store.tenants().insert("t\0", &body(json!({}))).await, Err(Error::Nul)));
    assert_eq!(documents.all("one", KIND).await.unwrap(), vec![]);
}

async fn equal_times_are_ordered_by_bytes(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let mut expected = vec!["a", "B", "_", "-", "10", "9", "é", "Z", "z", "ä", "😀"];
    store.documents().commit("one", expected.iter().map(|id| insert(id, vec![], 1)).collect()).await.unwrap();
    expected.sort_unstable();
    assert_eq!(ids(&store.documents().all("one", KIND).await.unwrap()), expected);
}

const HOSTILE: [&str; 9] = [
    "",
    "'",
    "\"; drop table documents; --",
    "%_*[?]\\",
    "$1",
    "?1",
    "😀\u{202e}\u{feff}",
    "\u{1}\r\n\t",
    "A\u{301}",
];
