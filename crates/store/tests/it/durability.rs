use std::collections::BTreeSet;

use store::scratch::ScratchStore;
use store::{Error, Key, LogRow, Matching, Store};

use super::{KIND, delete, expect, insert, opened, replace};

on_both!(
    two_hundred_commit_at_once,
    a_failing_batch_fails_alone,
    one_of_many_racing_writers_wins,
    nothing_is_made_for_what_is_deleted_meanwhile,
    acknowledged_writes_outlive_the_store,
    a_closed_store_answers_so,
    two_stores_write_side_by_side,
    an_abandoned_call_leaves_the_store_usable,
);

async fn two_hundred_commit_at_once(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let commits: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store.documents().commit("one", vec![insert(&format!("d{n}"), vec![], n)]).await
            })
        })
        .collect();
    let mut revisions = BTreeSet::new();
    for commit in commits {
        revisions.insert(commit.await.unwrap().unwrap());
    }
    assert_eq!(revisions, (1..=200).collect());
    assert_eq!(store.documents().count("one", &Matching::all(KIND)).await.unwrap(), 200);
    let changed: Vec<_> =
        store.documents().changes("one", 0).await.unwrap().iter().map(|change| change.rev).collect();
    assert_eq!(changed, (1..=200).collect::<Vec<_>>());
}

async fn a_failing_batch_fails_alone(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store
        .documents()
        .commit("one", vec![insert("taken", vec![Key::unique("name", "taken")], 0)])
        .await
        .unwrap();
    let commits: Vec<_> = (0..100)
        .map(|n| {
            let store = store.clone();
            let mut writes = vec![insert(&format!("d{n}"), vec![], n)];
            match n % 10 {
                3 => writes.push(insert(&format!("e{n}"), vec![Key::unique("name", "taken")], n)),
                7 => writes.push(delete("absent")),
                _ => {}
            }
            tokio::spawn(async move { store.documents().commit("one", writes).await })
        })
        .collect();
    for (n, commit) in commits.into_iter().enumerate() {
        let outcome = commit.await.unwrap();
        match n % 10 {
            3 => assert!(matches!(outcome, Err(Error::Taken { label }) if label == "name")),
            7 => assert!(matches!(outcome, Err(Error::Conflict))),
            _ => assert!(outcome.is_ok()),
        }
        let is_there = store.documents().read("one", KIND, &format!("d{n}")).await.unwrap().is_some();
        assert_eq!(is_there, n % 10 != 3 && n % 10 != 7, "{n}");
    }
    assert_eq!(store.tenants().list().await.unwrap()[0].rev, 81);
}

async fn one_of_many_racing_writers_wins(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.documents().commit("one", vec![insert("a", vec![], 0)]).await.unwrap();
    let racers: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            let write = replace("a", &n.to_string(), vec![], 1);
            tokio::spawn(async move { store.documents().commit("one", vec![write]).await })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error, Error::Conflict), "{error:?}"),
        }
    }
    assert_eq!(winners, 1);
    assert_eq!(store.documents().read("one", KIND, "a").await.unwrap().unwrap().version, 2);
}

async fn nothing_is_made_for_what_is_deleted_meanwhile(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for n in 0..40 {
        let (api, grant) = (format!("api{n}"), format!("grant{n}"));
        store.documents().commit("one", vec![insert(&api, vec![], 0)]).await.unwrap();
        let commit = |writes| {
            let store = store.clone();
            tokio::spawn(async move { store.documents().commit("one", writes).await })
        };
        let making = vec![expect(&api, 1), insert(&grant, vec![], 0)];
        let (made, deleted) = if n % 2 == 0 {
            let made = commit(making);
            (made, commit(vec![delete(&api)]))
        } else {
            let deleted = commit(vec![delete(&api)]);
            (commit(making), deleted)
        };
        let deleted = deleted.await.unwrap().unwrap();
        match made.await.unwrap() {
            Ok(made) => assert!(made < deleted),
            Err(error) => {
                assert!(matches!(error, Error::Conflict), "{error:?}");
                assert_eq!(store.documents().read("one", KIND, &grant).await.unwrap(), None);
            }
        }
    }
}

async fn acknowledged_writes_outlive_the_store(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for n in 0..20 {
        store.documents().commit("one", vec![insert(&format!("d{n}"), vec![], n)]).await.unwrap();
        let row = LogRow { tenant: "one".to_owned(), log_id: format!("{n:02}"), ..LogRow::default() };
        store.logs().append(vec![row]).await.unwrap();
    }
    // Without closing it.
    drop(store);

    let store = Store::open(&scratch.location).await.unwrap();
    assert_eq!(store.documents().all("one", KIND).await.unwrap().len(), 20);
    assert_eq!(store.logs().after("one", None, 99).await.unwrap().len(), 20);
    store.close().await;
    let store = Store::open(&scratch.location).await.unwrap();
    assert_eq!(store.documents().all("one", KIND).await.unwrap().len(), 20);
}

async fn a_closed_store_answers_so(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let clone = store.clone();
    store.close().await;
    assert!(matches!(clone.documents().commit("one", vec![]).await, Err(Error::Closed)));
    assert!(matches!(clone.documents().all("one", KIND).await, Err(Error::Closed)));
    assert!(matches!(clone.logs().after("one", None, 1).await, Err(Error::Closed)));
    clone.close().await;
}

async fn two_stores_write_side_by_side(scratch: &ScratchStore) {
    let first = opened(scratch).await;
    let second = Store::open(&scratch.location).await.unwrap();
    let work = |store: Store, name: &'static str| {
        tokio::spawn(async move {
            for n in 0..50 {
                store
                    .documents()
                    .commit("one", vec![insert(&format!("{name}{n}"), vec![], n)])
                    .await
                    .unwrap();
            }
        })
    };
    let (left, right) = (work(first.clone(), "left"), work(second.clone(), "right"));
    left.await.unwrap();
    right.await.unwrap();
    for store in [first, second] {
        assert_eq!(store.documents().count("one", &Matching::all(KIND)).await.unwrap(), 100);
        assert_eq!(store.tenants().list().await.unwrap()[0].rev, 100);
    }
}

async fn an_abandoned_call_leaves_the_store_usable(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for n in 0..30 {
        let writes =
            (0..50).map(|m| insert(&format!("d{n}-{m}"), vec![Key::shared("n", n.to_string())], m)).collect();
        let clone = store.clone();
        let call = tokio::spawn(async move { clone.documents().commit("one", writes).await });
        tokio::time::sleep(std::time::Duration::from_micros(150 * n)).await;
        call.abort();
        let _ = call.await;
    }
    store.documents().commit("one", vec![insert("last", vec![], 1)]).await.unwrap();
    for n in 0..30 {
        let matching = Matching::all(KIND).with("n", vec![n.to_string()]);
        let count = store.documents().count("one", &matching).await.unwrap();
        assert!(count == 0 || count == 50, "{count}");
    }
}
