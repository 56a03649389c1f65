use serde_json::json;
use store::scratch::ScratchStore;
use store::{Body, Change, Error, Key, LogRow, TenantRow, Tenants};

use super::{KIND, body, insert, opened};

on_both!(a_tenant_lives_from_insertion_to_deletion, a_deleted_tenant_leaves_nothing, revisions_follow_writes);

async fn a_tenant_lives_from_insertion_to_deletion(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tenants = store.tenants();
    assert!(
        matches!(tenants.insert("one", &Body::new()).await, Err(Error::Taken { label }) if label == "name")
    );
    assert!(matches!(tenants.insert(&"x".repeat(256), &Body::new()).await, Err(Error::TooLong { .. })));

    let settings = body(json!({ "friendly_name": "One" }));
    assert_eq!(tenants.replace("one", &settings).await.unwrap(), 1);
    let expected = TenantRow { name: "one".to_owned(), rev: 1, body: settings };
    assert_eq!(tenants.read("one").await.unwrap().unwrap(), expected);
    assert_eq!(tenants.list().await.unwrap()[0], expected);
    let change = Change { rev: 1, kind: Tenants::KIND.to_owned(), id: "one".to_owned() };
    assert_eq!(store.documents().changes("one", 0).await.unwrap(), [change]);

    assert!(matches!(tenants.replace("none", &Body::new()).await, Err(Error::Conflict)));
    assert!(matches!(tenants.delete("none").await, Err(Error::Conflict)));
    tenants.delete("one").await.unwrap();
    assert_eq!(tenants.read("one").await.unwrap(), None);
    assert_eq!(tenants.revisions().await.unwrap(), [("two".to_owned(), 0)]);
}

async fn a_deleted_tenant_leaves_nothing(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    for tenant in ["one", "two"] {
        let keys = vec![Key::unique("name", "x"), Key::shared("colour", "red")];
        store.documents().commit(tenant, vec![insert("a", keys, 1)]).await.unwrap();
        let row =
            LogRow { tenant: tenant.to_owned(), log_id: "1".to_owned(), date: i64::MAX, ..LogRow::default() };
        store.logs().append(vec![row]).await.unwrap();
    }
    store.tenants().delete("one").await.unwrap();
    store.tenants().insert("one", &Body::new()).await.unwrap();

    assert_eq!(store.documents().all("one", KIND).await.unwrap(), vec![]);
    assert_eq!(store.documents().find("one", KIND, "name", "x").await.unwrap(), None);
    assert_eq!(store.documents().changes("one", 0).await.unwrap(), vec![]);
    assert_eq!(store.logs().after("one", None, 9).await.unwrap(), vec![]);
    store.documents().commit("one", vec![insert("a", vec![Key::unique("name", "x")], 1)]).await.unwrap();
    assert_eq!(store.documents().all("two", KIND).await.unwrap().len(), 1);
    assert_eq!(store.logs().after("two", None, 9).await.unwrap().len(), 1);
}

async fn revisions_follow_writes(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.documents().commit("two", vec![insert("a", vec![], 1)]).await.unwrap();
    store.documents().commit("two", vec![insert("b", vec![], 1)]).await.unwrap();
    assert_eq!(store.tenants().revisions().await.unwrap(), [("one".to_owned(), 0), ("two".to_owned(), 2)]);
}
