//! Searches answer what a naive reading of the same documents does, on both databases.

use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof};
use proptest::test_runner::{TestCaseError, TestRunner};
use schema::Object;
use store::scratch::{self, ScratchStore};
use store::{Bound, Key, Order, Part, Store, Term, Terms, Wanted};

use super::{KIND, ids, insert, opened, replace};

on_both!(
    a_page_is_a_part_of_the_list,
    only_a_tenants_own_is_found,
    what_is_gone_is_not_found,
    a_long_list_is_as_a_short_one,
    limits_are_kept
);

fn is(name: &'static str, value: &str) -> Terms {
    Terms::Term(Term { name, value: Wanted::Is(value.to_owned()), is_multiple: name == "many" })
}

const OLDEST_FIRST: Order = Order { by: None, descending: false };

async fn found(store: &Store, tenant: &str, terms: &Terms) -> Vec<String> {
    let found = store.documents().search(tenant, KIND, terms, OLDEST_FIRST, (0, 1_000), true).await.unwrap();
    assert_eq!(found.total, Some(found.documents.len() as i64), "{terms:?}");
    found.documents.into_iter().map(|document| document.id).collect()
}

async fn a_page_is_a_part_of_the_list(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let writes = (0..20).map(|n| {
        let keys = vec![
            Key::search("colour", if n % 2 == 0 { "red" } else { "blue" }),
            Key::search("n", format!("{:02}", 19 - n)),
        ];
        insert(&format!("d{n:02}"), keys, n)
    });
    store.documents().commit("one", writes.collect()).await.unwrap();
    let page = |order, part| {
        let (store, terms) = (&store, is("colour", "red"));
        async move { store.documents().search("one", KIND, &terms, order, part, true).await.unwrap() }
    };
    let second = page(OLDEST_FIRST, (3, 3)).await;
    assert_eq!((ids(&second.documents), second.total), (vec!["d06", "d08", "d10"], Some(10)));
    let newest = page(Order { by: None, descending: true }, (0, 2)).await;
    assert_eq!(ids(&newest.documents), ["d18", "d16"]);
    let by_n = page(Order { by: Some("n"), descending: false }, (0, 2)).await;
    assert_eq!(ids(&by_n.documents), ["d18", "d16"]);
    let by_n = page(Order { by: Some("n"), descending: true }, (8, 5)).await;
    assert_eq!(ids(&by_n.documents), ["d16", "d18"]);
    assert_eq!(ids(&page(OLDEST_FIRST, (10, 5)).await.documents), Vec::<&str>::new());
}

async fn only_a_tenants_own_is_found(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let keys = || vec![Key::search("colour", "red")];
    store.documents().commit("one", vec![insert("a", keys(), 1)]).await.unwrap();
    store.documents().commit("two", vec![insert("b", keys(), 1)]).await.unwrap();
    for terms in [Terms::Everything, is("colour", "red"), Terms::Not(Box::new(is("colour", "blue")))] {
        assert_eq!(found(&store, "one", &terms).await, ["a"]);
        assert_eq!(found(&store, "two", &terms).await, ["b"]);
    }
}

async fn what_is_gone_is_not_found(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents = store.documents();
    documents.commit("one", vec![insert("a", vec![Key::search("colour", "red")], 1)]).await.unwrap();
    documents.commit("one", vec![replace("a", "", vec![Key::search("colour", "blue")], 1)]).await.unwrap();
    assert_eq!(found(&store, "one", &is("colour", "red")).await, Vec::<String>::new());
    assert_eq!(found(&store, "one", &is("colour", "blue")).await, ["a"]);
    documents.commit("one", vec![super::delete("a")]).await.unwrap();
    assert_eq!(found(&store, "one", &is("colour", "blue")).await, Vec::<String>::new());
}

/// So many that no way of reading them is left out: few that match, many everywhere, many at the end only.
async fn a_long_list_is_as_a_short_one(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let documents: Vec<Vec<Key>> = (0..7_000)
        .map(|n| {
            let mut keys = vec![Key::search("n", format!("{n:04}"))];
            keys.extend([n % 5, n % 3].map(|rest| Key::search("many", format!("rest {rest}"))));
            keys.dedup();
            keys
        })
        .collect();
    for (start, some) in documents.chunks(500).enumerate() {
        // Many were made in the same moment.
        let write =
            |(n, keys): (usize, &Vec<Key>)| insert(&id(start * 500 + n), keys.clone(), start as i64 / 4);
        store.documents().commit("one", some.iter().enumerate().map(write).collect()).await.unwrap();
    }
    let between = |from: &str, to: Option<&str>| Wanted::Between {
        from: Some(Bound { value: from.to_owned(), inclusive: true }),
        to: to.map(|to| Bound { value: to.to_owned(), inclusive: false }),
    };
    let end = |text: &str| Wanted::Like(vec![Part::Any, Part::Text(text.to_owned())]);
    let searches = [
        ("n", between("0100", None)),
        ("n", between("1900", Some("6990"))),
        ("n", between("6000", None)),
        ("n", between("9000", None)),
        ("n", end("7")),
        ("n", end("777")),
        ("n", end("none")),
        ("many", end("2")),
        ("many", between("rest 1", None)),
    ]
    .map(|(name, value)| Terms::Term(Term { name, value, is_multiple: name == "many" }));
    let nots = searches.clone().map(|terms| Terms::Not(Box::new(terms)));
    let both = Terms::All(vec![searches[0].clone(), searches[7].clone()]);
    for terms in searches.iter().chain(&nots).chain([&both]) {
        let mut naive: Vec<String> =
            (0..documents.len()).filter(|n| holds(terms, &documents[*n])).map(id).collect();
        for descending in [false, true] {
            let order = Order { by: None, descending };
            for part in [(0, 3), (2, 1), (999, 2), (0, 0), (6_999, 5), (990, 20)] {
                let expected: Vec<&str> =
                    naive.iter().skip(part.0 as usize).take(part.1 as usize).map(String::as_str).collect();
                for counts in [false, true] {
                    let found =
                        store.documents().search("one", KIND, terms, order, part, counts).await.unwrap();
                    assert_eq!(ids(&found.documents), expected, "{terms:?} {order:?} {part:?}");
                    assert_eq!(found.total, counts.then_some(naive.len() as i64), "{terms:?} {part:?}");
                }
            }
            naive.reverse();
        }
    }
}

fn id(n: usize) -> String {
    format!("d{n:04}")
}

async fn limits_are_kept(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let search = |terms: Terms| {
        let store = &store;
        async move { store.documents().search("one", KIND, &terms, OLDEST_FIRST, (0, 9), false).await.map(drop) }
    };
    let deep = (0..40).fold(is("a", "b"), |inner, _| Terms::Not(Box::new(inner)));
    assert!(matches!(search(deep).await, Err(store::Error::TooLong { .. })));
    let wide = Terms::Not(Box::new(Terms::Any((0..400).map(|n| is("a", &n.to_string())).collect())));
    assert!(matches!(search(wide).await, Err(store::Error::TooLong { .. })));
    assert!(matches!(search(is("a", "\0")).await, Err(store::Error::Nul)));
    search(is("a", "'; drop table document_terms; --")).await.unwrap();
}

#[test]
fn a_search_agrees_with_a_naive_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut places = vec![scratch::sqlite()];
    places.extend(runtime.block_on(scratch::postgres()));
    let stores: Vec<_> =
        places.iter().map(|place| runtime.block_on(Store::open(&place.location)).unwrap()).collect();
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let tenant = std::cell::Cell::new(0);
    let cases = (prop::collection::vec(keys(), 0..9), prop::collection::vec((terms(), order()), 6));
    let outcome = TestRunner::new(config).run(&cases, |(documents, searches)| {
        tenant.set(tenant.get() + 1);
        runtime.block_on(agree(&stores, &format!("t{}", tenant.get()), &documents, &searches))
    });
    outcome.unwrap();
}

async fn agree(
    stores: &[Store],
    tenant: &str,
    documents: &[Vec<Key>],
    searches: &[(Terms, Order)],
) -> Result<(), TestCaseError> {
    for store in stores {
        store.tenants().insert(tenant, &Object::new()).await.unwrap();
        let write = |(n, keys): (usize, &Vec<Key>)| insert(&format!("d{n}"), keys.clone(), n as i64 / 2);
        store.documents().commit(tenant, documents.iter().enumerate().map(write).collect()).await.unwrap();
        for (terms, order) in searches {
            let mut naive: Vec<(usize, &Vec<Key>)> =
                documents.iter().enumerate().filter(|(_, keys)| holds(terms, keys)).collect();
            let place = |(n, keys): &(usize, &Vec<Key>)| {
                let by = order
                    .by
                    .map(|name| keys.iter().filter(|key| key.name == name).map(|key| &key.value).min());
                (by.flatten().cloned(), n / 2, format!("d{n}"))
            };
            naive.sort_by_key(place);
            if order.descending {
                naive.reverse();
            }
            // Who has no value comes last, either way.
            naive.sort_by_key(|one| order.by.is_some() && place(one).0.is_none());
            let all = store.documents().search(tenant, KIND, terms, *order, (0, 100), true).await.unwrap();
            let naive: Vec<String> = naive.iter().map(|(n, _)| format!("d{n}")).collect();
            prop_assert_eq!(ids(&all.documents), naive.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(all.total, Some(naive.len() as i64));
            let part = store.documents().search(tenant, KIND, terms, *order, (1, 2), false).await.unwrap();
            let expected: Vec<&str> = naive.iter().skip(1).take(2).map(String::as_str).collect();
            prop_assert_eq!(ids(&part.documents), expected);
        }
    }
    Ok(())
}

fn holds(terms: &Terms, keys: &[Key]) -> bool {
    match terms {
        Terms::Everything => true,
        Terms::All(all) => all.iter().all(|inner| holds(inner, keys)),
        Terms::Any(any) => any.iter().any(|inner| holds(inner, keys)),
        Terms::Not(inner) => !holds(inner, keys),
        Terms::Term(Term { name, value, .. }) => {
            keys.iter().filter(|key| key.name == *name).any(|key| match value {
                Wanted::Is(value) => key.value == *value,
                Wanted::Between { from, to } => {
                    from.as_ref().is_none_or(|from| {
                        key.value > from.value || (from.inclusive && key.value == from.value)
                    }) && to
                        .as_ref()
                        .is_none_or(|to| key.value < to.value || (to.inclusive && key.value == to.value))
                }
                Wanted::Like(parts) => Part::match_all(parts, &key.value),
            })
        }
    }
}

const VALUES: [&str; 8] = ["a", "ab", "b", "é", "a%", "_", "[x]*", "🦀"];

/// Of `single` there is one value at most; it can be sorted by.
fn keys() -> impl Strategy<Value = Vec<Key>> {
    let single = prop::option::of(prop::sample::select(VALUES.to_vec()));
    (prop::collection::vec(key(), 0..5), single).prop_map(|(mut keys, single)| {
        keys.extend(single.map(|value| Key::search("single", value)));
        keys
    })
}

fn key() -> impl Strategy<Value = Key> {
    (prop::sample::select(vec!["many", "other"]), prop::sample::select(VALUES.to_vec()))
        .prop_map(|(name, value)| Key::search(name, value))
}

fn terms() -> impl Strategy<Value = Terms> {
    let value = || prop::sample::select(VALUES.to_vec());
    let bound = move || {
        (any::<bool>(), value()).prop_map(|(inclusive, value)| Bound { value: value.to_owned(), inclusive })
    };
    let wanted = prop_oneof![
        value().prop_map(|value| Wanted::Is(value.to_owned())),
        (prop::option::of(bound()), prop::option::of(bound()))
            .prop_map(|(from, to)| Wanted::Between { from, to }),
        value().prop_map(|text| Wanted::Like(vec![Part::Text(text.to_owned()), Part::Any])),
        value().prop_map(|text| Wanted::Like(vec![Part::Any, Part::Text(text.to_owned()), Part::Any])),
    ];
    let leaf = prop_oneof![
        1 => proptest::prelude::Just(Terms::Everything),
        9 => (prop::sample::select(vec!["many", "other", "single", "absent"]), wanted)
            .prop_map(|(name, value)| Terms::Term(Term { name, value, is_multiple: name != "single" })),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Terms::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Terms::Any),
            inner.prop_map(|inner| Terms::Not(Box::new(inner))),
        ]
    })
}

fn order() -> impl Strategy<Value = Order> {
    (prop::option::of(proptest::prelude::Just("single")), any::<bool>())
        .prop_map(|(by, descending)| Order { by, descending })
}
