use store::scratch::ScratchStore;
use store::{Error, Key, Matching, Span, Write};

use super::{KIND, delete, ids, insert, opened, replace};

on_both!(
    a_unique_value_belongs_to_one_document,
    a_unique_value_is_free_after_its_document,
    keys_follow_their_document,
    only_what_differs_from_known_keys_is_written,
    a_shared_value_finds_the_lowest_id,
    filters_join_keys_with_and_and_values_with_or,
    a_value_named_twice_is_one_key,
    an_overlong_value_is_refused,
    an_overlong_list_is_refused,
);

async fn a_unique_value_belongs_to_one_document(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("a", vec![Key::unique("name", "shop")], 1)]).await.unwrap();

    let second = documents.commit("one", vec![insert("b", vec![Key::unique("name", "shop")], 1)]).await;
    assert!(matches!(second, Err(Error::Taken { label }) if label == "name"));
    documents.commit("one", vec![insert("c", vec![Key::unique("name", "Shop")], 1)]).await.unwrap();
    let renamed = documents.commit("one", vec![replace("c", "", vec![Key::unique("name", "shop")], 1)]).await;
    assert!(matches!(renamed, Err(Error::Taken { label }) if label == "name"));

    assert_eq!(documents.find("one", KIND, "name", "shop").await.unwrap().unwrap().id, "a");
    assert_eq!(documents.find("one", KIND, "name", "Shop").await.unwrap().unwrap().id, "c");
    assert_eq!(documents.find("one", KIND, "other", "shop").await.unwrap(), None);
    assert_eq!(documents.find("one", "apis", "name", "shop").await.unwrap(), None);
}

async fn a_unique_value_is_free_after_its_document(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let name = || vec![Key::unique("name", "shop")];
    documents.commit("one", vec![insert("a", name(), 1)]).await.unwrap();
    documents.commit("one", vec![replace("a", "", name(), 1)]).await.unwrap();
    documents.commit("one", vec![delete("a"), insert("b", name(), 1)]).await.unwrap();
    documents.commit("one", vec![replace("b", "", vec![], 1), insert("c", name(), 1)]).await.unwrap();
    assert_eq!(documents.find("one", KIND, "name", "shop").await.unwrap().unwrap().id, "c");
}

async fn keys_follow_their_document(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let with = |values: &[&str]| values.iter().map(|value| Key::shared("scope", *value)).collect::<Vec<_>>();
    documents.commit("one", vec![insert("a", with(&["read", "write"]), 1)]).await.unwrap();
    documents.commit("one", vec![replace("a", "", with(&["write", "admin"]), 1)]).await.unwrap();
    for (value, is_found) in [("read", false), ("write", true), ("admin", true)] {
        assert_eq!(documents.find("one", KIND, "scope", value).await.unwrap().is_some(), is_found, "{value}");
    }
    documents.commit("one", vec![delete("a")]).await.unwrap();
    assert_eq!(documents.find("one", KIND, "scope", "write").await.unwrap(), None);
}

async fn only_what_differs_from_known_keys_is_written(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let before = vec![Key::unique("name", "a"), Key::shared("colour", "red"), Key::shared("size", "s")];
    let after = vec![Key::unique("name", "b"), Key::shared("colour", "red"), Key::shared("size", "m")];
    documents.commit("one", vec![insert("a", before.clone(), 1)]).await.unwrap();
    let mut write = replace("a", "", after, 1);
    if let Write::Replace { known, .. } = &mut write {
        *known = Some(before);
    }
    documents.commit("one", vec![write]).await.unwrap();
    for (name, value, is_found) in [
        ("name", "a", false),
        ("name", "b", true),
        ("colour", "red", true),
        ("size", "s", false),
        ("size", "m", true),
    ] {
        assert_eq!(documents.find("one", KIND, name, value).await.unwrap().is_some(), is_found, "{value}");
    }
    documents.commit("one", vec![insert("c", vec![Key::unique("name", "a")], 1)]).await.unwrap();
}

async fn a_shared_value_finds_the_lowest_id(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let red = |id, created| insert(id, vec![Key::shared("colour", "red")], created);
    store.documents().commit("one", vec![red("b", 1), red("a", 2), red("Z", 3)]).await.unwrap();
    assert_eq!(store.documents().find("one", KIND, "colour", "red").await.unwrap().unwrap().id, "Z");
}

async fn filters_join_keys_with_and_and_values_with_or(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let writes = (0..24).map(|n| {
        let keys = vec![
            Key::shared("colour", ["red", "green", "blue"][n % 3]),
            Key::shared("size", ["s", "m"][n % 2]),
            Key::unique("name", format!("n{n}")),
        ];
        insert(&format!("d{n:02}"), keys, i64::try_from(n).unwrap())
    });
    documents.commit("one", writes.collect()).await.unwrap();
    let values = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();

    let everything = Span::Offset { offset: 0, limit: 100 };
    let small_red = Matching::all(KIND).with("colour", values(&["red"])).with("size", values(&["s"]));
    let page = documents.page("one", &small_red, everything.clone()).await.unwrap();
    assert_eq!(ids(&page), ["d00", "d06", "d12", "d18"]);
    assert_eq!(documents.count("one", &small_red).await.unwrap(), 4);

    let part = Span::After { after: Some((6, "d06".to_owned())), limit: 1 };
    assert_eq!(ids(&documents.page("one", &small_red, part).await.unwrap()), ["d12"]);
    assert_eq!(
        ids(&documents.page("one", &small_red, Span::Offset { offset: 3, limit: 9 }).await.unwrap()),
        ["d18"]
    );

    for (matching, count) in [
        (Matching::all(KIND).with("colour", values(&["red", "blue", "red"])), 16),
        (Matching::all(KIND).with("name", values(&["n3", "n5", "n99"])), 2),
        (Matching::all(KIND).with("name", values(&["n3"])).with("size", values(&["s"])), 0),
        (Matching::all(KIND).with("colour", values(&[])), 0),
        (Matching::all(KIND).with("absent", values(&["red"])), 0),
        (Matching::all("apis").with("colour", values(&["red"])), 0),
    ] {
        assert_eq!(documents.count("one", &matching).await.unwrap(), count, "{matching:?}");
        let page = documents.page("one", &matching, everything.clone()).await.unwrap();
        assert_eq!(i64::try_from(page.len()).unwrap(), count, "{matching:?}");
    }
}

async fn a_value_named_twice_is_one_key(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    let keys = vec![
        Key::unique("name", "x"),
        Key::unique("name", "x"),
        Key::shared("k", "v"),
        Key::shared("k", "v"),
    ];
    documents.commit("one", vec![insert("a", keys, 1)]).await.unwrap();
    assert_eq!(
        documents.count("one", &Matching::all(KIND).with("k", vec!["v".to_owned()])).await.unwrap(),
        1
    );
}

async fn an_overlong_list_is_refused(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let many = |count: usize| Matching::all(KIND).with("name", (0..count).map(|n| n.to_string()).collect());
    assert!(
        matches!(store.documents().count("one", &many(100_000)).await, Err(Error::TooMany { what }) if what == "values for name")
    );
    let first = Span::Offset { offset: 0, limit: 1 };
    assert!(matches!(store.documents().page("one", &many(100_000), first).await, Err(Error::TooMany { .. })));
    assert_eq!(store.documents().count("one", &many(9000)).await.unwrap(), 0);
}

async fn an_overlong_value_is_refused(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    // As hard to compress as an index entry can be.
    let noise = |length: usize| {
        (0..length).map(|n| char::from(b'!' + u8::try_from(n * n % 89).unwrap())).collect::<String>()
    };
    for key in [Key::unique("name", noise(1501)), Key::shared("name", noise(1501))] {
        let refused = documents.commit("one", vec![insert("a", vec![key], 1)]).await;
        assert!(matches!(refused, Err(Error::TooLong { what }) if what == "name"));
    }
    let refused = documents.commit("one", vec![insert(&noise(1000), vec![], 1)]).await;
    assert!(matches!(refused, Err(Error::TooLong { what }) if what == "id"));

    let longest = noise(1500);
    let keys = vec![Key::unique("name", longest.as_str()), Key::shared("other", longest.as_str())];
    documents.commit("one", vec![insert(&noise(997), keys, 1)]).await.unwrap();
    assert!(documents.find("one", KIND, "name", &longest).await.unwrap().is_some());
    assert_eq!(documents.find("one", KIND, "name", &noise(100_000)).await.unwrap(), None);
}
