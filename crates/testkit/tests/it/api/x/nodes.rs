//! `/api/x/nodes`

use idp::nodes::Node;
use model::Role;
use serde_json::{Value, json};
use testkit::TestTenant;

async fn states(tenant: &TestTenant) -> Vec<(Value, Value, Value)> {
    let listed = tenant.get("/api/x/nodes").await.must_be(200).body;
    let nodes = listed["nodes"].as_array().unwrap().iter();
    nodes.map(|node| (node["name"].clone(), node["state"].clone(), node["behind"].clone())).collect()
}

#[tokio::test]
async fn each_node_says_that_it_is_there_and_how() {
    let tenant = TestTenant::new().await;
    let other = tenant.server().another_node().await;
    let (here, there) = (tenant.server().tenants(), other.tenants());
    let ada = Node::new(here, "ada", "10.0.0.1:8443", "0.1.0");
    let bob = Node::new(there, "bob", "10.0.0.2:8443", "0.2.0");
    ada.begin(here).await.unwrap();
    tenant.later(5_000);
    bob.tell(there, false).await.unwrap();
    let listed = tenant.get("/api/x/nodes").await.must_be(200).body;
    assert!(["sqlite", "postgres"].contains(&listed["store"].as_str().unwrap()), "{listed}");
    let nodes = listed["nodes"].as_array().unwrap();
    let of = |n: usize, name: &str| nodes[n][name].clone();
    assert_eq!((of(0, "name"), of(1, "name")), (json!("ada"), json!("bob")));
    assert_eq!((of(0, "version"), of(1, "version")), (json!("0.1.0"), json!("0.2.0")));
    assert_eq!(of(0, "address"), json!("10.0.0.1:8443"));
    assert_eq!(of(0, "started_at"), json!("2026-07-01T12:00:00.250Z"));
    assert_eq!((of(0, "state"), of(0, "behind")), (json!("serving"), json!(0)));

    // What another one changed was not followed here.
    other.tenant("default").client(json!({ "name": "Elsewhere" })).await;
    ada.tell(here, false).await.unwrap();
    assert_eq!(states(&tenant).await[0], (json!("ada"), json!("behind"), json!(1)));
    here.refresh().await.unwrap();
    ada.tell(here, false).await.unwrap();
    bob.tell(there, true).await.unwrap();
    let expected = [("ada", "serving"), ("bob", "stopping")];
    assert_eq!(states(&tenant).await, expected.map(|(name, state)| (json!(name), json!(state), json!(0))));

    // One that says nothing for half a minute is silent, after an hour it is gone, and one that ends says so.
    tenant.later(31_000);
    ada.tell(here, false).await.unwrap();
    assert_eq!(states(&tenant).await[1].1, json!("silent"));
    tenant.later(3_600_000);
    ada.tell(here, false).await.unwrap();
    assert_eq!(states(&tenant).await.len(), 1);
    ada.end(here).await.unwrap();
    assert_eq!(states(&tenant).await, []);
}

#[tokio::test]
async fn a_node_that_starts_anew_takes_its_own_place() {
    let tenant = TestTenant::new().await;
    let tenants = tenant.server().tenants();
    for _ in 0..2 {
        // Nobody heard of its end.
        Node::new(tenants, "ada", "10.0.0.1:8443", "0.1.0").begin(tenants).await.unwrap();
    }
    assert_eq!(states(&tenant).await.len(), 1);
}

#[tokio::test]
async fn only_who_administers_all_tenants_sees_nodes() {
    let tenant = TestTenant::new().await;
    let viewer = tenant.administrator("vic@acme.example", &[Role::Viewer]).await;
    viewer.get("/api/x/nodes").await.must_be(403);
    let admin = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    admin.get("/api/x/nodes").await.must_be(200);
    tenant.allowed(&["read:tenants", "read:logs"]).get("/api/x/nodes").await.must_be(403);
}
