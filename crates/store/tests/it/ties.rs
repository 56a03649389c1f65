//! Who has which role, who may do what, and what was consented to.

use serde_json::json;
use store::scratch::ScratchStore;
use store::{Consent, ConsentsOf, Error, Forgotten, Span, Store, Tie, Write};

use super::{body, opened};

on_both!(
    what_somebody_may_do_is_theirs_and_their_roles,
    ties_come_and_go_with_documents_or_not_at_all,
    a_role_of_many_is_read_in_parts,
    consents_are_replaced_only_as_they_were_read,
);

async fn what_somebody_may_do_is_theirs_and_their_roles(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let ties = store.ties();
    commit(
        &store,
        "one",
        vec![
            role("ann", "reader", 1),
            role("ann", "writer", 2),
            role("bob", "reader", 3),
            permission("reader", "read", 4),
            permission("writer", "read", 5),
            permission("writer", "write", 6),
            permission("ann", "burn", 7),
            // Another tenant's are nobody's here.
            permission("reader", "read", 8),
        ],
    )
    .await;
    commit(&store, "two", vec![role("ann", "reader", 1), permission("ann", "rule", 1)]).await;

    assert_eq!(ties.permissions("one", "ann", "api").await.unwrap(), ["burn", "read", "write"]);
    assert_eq!(ties.permissions("one", "bob", "api").await.unwrap(), ["read"]);
    assert_eq!(ties.permissions("two", "ann", "api").await.unwrap(), ["rule"]);
    assert!(ties.permissions("one", "ann", "ap").await.unwrap().is_empty());
    let sources = ties.sources("one", "ann").await.unwrap();
    let shown: Vec<(&str, &str)> =
        sources.iter().map(|held| (held.name.as_str(), held.holder.as_str())).collect();
    assert_eq!(shown, [("burn", "ann"), ("read", "reader"), ("read", "writer"), ("write", "writer")]);
    assert_eq!(ties.roles("one", "ann", 0, 10).await.unwrap(), ["reader", "writer"]);
    assert_eq!(ties.roles("one", "ann", 1, 10).await.unwrap(), ["writer"]);
    assert_eq!(
        (ties.count_roles("one", "ann").await.unwrap(), ties.count_held("one", "writer").await.unwrap()),
        (2, 2)
    );

    let gone = Forgotten::Permission { audience: "api".into(), name: "read".into() };
    commit(&store, "one", vec![Write::Forget(gone)]).await;
    assert_eq!(ties.permissions("one", "ann", "api").await.unwrap(), ["burn", "write"]);
    commit(&store, "one", vec![Write::Forget(Forgotten::Role("writer".into()))]).await;
    assert_eq!(ties.permissions("one", "ann", "api").await.unwrap(), ["burn"]);
    assert_eq!(ties.roles("one", "ann", 0, 10).await.unwrap(), ["reader"]);
    commit(&store, "one", vec![Write::Forget(Forgotten::User("ann".into()))]).await;
    assert!(ties.roles("one", "ann", 0, 10).await.unwrap().is_empty());
    assert_eq!(ties.permissions("two", "ann", "api").await.unwrap(), ["rule"]);
    commit(&store, "two", vec![Write::Forget(Forgotten::Audience("api".into()))]).await;
    assert!(ties.permissions("two", "ann", "api").await.unwrap().is_empty());
}

async fn ties_come_and_go_with_documents_or_not_at_all(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let exists = || Write::Exists { kind: "roles", id: "reader".into() };
    let lost = store.documents().commit("one", vec![exists(), role("ann", "reader", 1)]).await;
    assert!(matches!(lost, Err(Error::Conflict)), "{lost:?}");
    assert!(store.ties().roles("one", "ann", 0, 10).await.unwrap().is_empty());

    let (id, keys) = ("reader".to_owned(), Vec::new());
    let insert = Write::Insert { kind: "roles", id, body: body(json!({})), keys, created: 1 };
    let revision = store.documents().commit("one", vec![insert]).await.unwrap();
    let tied = store.documents().commit("one", vec![exists(), role("ann", "reader", 1)]).await.unwrap();
    assert_eq!(tied, revision, "a tie is no change that others would look for");
    // Twice is once, and what is not tied can be untied.
    commit(&store, "one", vec![role("ann", "reader", 9)]).await;
    assert_eq!(store.ties().count_members("one", "reader").await.unwrap(), 1);
    let untie = || Write::Untie(Tie::Role { user_id: "ann".into(), role_id: "reader".into() });
    commit(&store, "one", vec![untie()]).await;
    commit(&store, "one", vec![untie()]).await;
    assert_eq!(store.ties().count_members("one", "reader").await.unwrap(), 0);
    let long = Tie::Permission { holder: "ann".into(), audience: "é".repeat(1_200), name: "x".repeat(280) };
    let refused = store.documents().commit("one", vec![Write::Tie { tie: long, created: 1 }]).await;
    assert!(matches!(refused, Err(Error::TooLong { .. })), "{refused:?}");
}

async fn a_role_of_many_is_read_in_parts(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    // Several came at the same moment.
    let many = (0..250).map(|n| role(&format!("u{n:03}"), "reader", n / 100)).collect();
    commit(&store, "one", many).await;
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.ties().members("one", "reader", Span::After { after, limit: 60 }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.created, last.user_id.clone()));
        read.extend(page);
    }
    let whole =
        store.ties().members("one", "reader", Span::Offset { offset: 0, limit: 1_000 }).await.unwrap();
    assert_eq!((read.len(), &read), (250, &whole));
    let part = store.ties().members("one", "reader", Span::Offset { offset: 240, limit: 50 }).await.unwrap();
    assert_eq!(part, whole[240..]);
    assert_eq!(store.ties().count_members("one", "reader").await.unwrap(), 250);
    assert!(
        store.ties().members("two", "reader", Span::Offset { offset: 0, limit: 9 }).await.unwrap().is_empty()
    );
}

async fn consents_are_replaced_only_as_they_were_read(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let consents = store.consents();
    let consent = |id: &str, scope: &str| Consent {
        id: id.to_owned(),
        user_id: "ann".to_owned(),
        client_id: "app".to_owned(),
        audience: "api".to_owned(),
        scope: scope.to_owned(),
        created: 1,
    };
    let first = consent("c1", "read");
    consents.put("one", &first, None).await.unwrap();
    assert!(matches!(consents.put("one", &consent("c2", "write"), None).await, Err(Error::Conflict)));
    let second = consent("c1", "read write");
    consents.put("one", &second, Some(&first)).await.unwrap();
    assert!(matches!(consents.put("one", &consent("c1", "burn"), Some(&first)).await, Err(Error::Conflict)));
    assert_eq!(consents.given("one", "ann", "app", "api").await.unwrap(), Some(second.clone()));
    assert_eq!(consents.given("two", "ann", "app", "api").await.unwrap(), None);
    assert_eq!(consents.read("two", "c1").await.unwrap(), None);

    let of_app = ConsentsOf { client_id: Some("app".into()), ..ConsentsOf::default() };
    let of_none = ConsentsOf { audience: Some("other".into()), ..of_app.clone() };
    assert_eq!(consents.page("one", &of_app, 0, 10).await.unwrap(), vec![second.clone()]);
    assert_eq!(
        (consents.count("one", &of_app).await.unwrap(), consents.count("one", &of_none).await.unwrap()),
        (1, 0)
    );
    consents.end("two", std::slice::from_ref(&second)).await.unwrap();
    assert_eq!(consents.count("one", &of_app).await.unwrap(), 1);
    consents.end("one", &[second]).await.unwrap();
    assert_eq!(consents.count("one", &of_app).await.unwrap(), 0);
    consents.put("one", &first, None).await.unwrap();
    commit(&store, "one", vec![Write::Forget(Forgotten::Client("app".into()))]).await;
    assert_eq!(consents.count("one", &of_app).await.unwrap(), 0);
}

async fn commit(store: &Store, tenant: &str, writes: Vec<Write>) {
    store.documents().commit(tenant, writes).await.unwrap();
}

fn role(user_id: &str, role_id: &str, created: i64) -> Write {
    Write::Tie { tie: Tie::Role { user_id: user_id.to_owned(), role_id: role_id.to_owned() }, created }
}

fn permission(holder: &str, name: &str, created: i64) -> Write {
    let (holder, audience, name) = (holder.to_owned(), "api".to_owned(), name.to_owned());
    Write::Tie { tie: Tie::Permission { holder, audience, name }, created }
}
