//! `/api/v2/organizations`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{each, refused, text};

const PATH: &str = "/api/v2/organizations";
const MISSING: &str = "No organization found by that id or name";

#[tokio::test]
async fn the_life_of_an_organization() {
    let tenant = TestTenant::new().await;
    let sent = json!({ "name": "acme", "display_name": "Acme", "metadata": { "a": "1", "b": "2" } });
    let made = tenant.post(PATH, sent).await.must_be(201);
    let id = made.str("id");
    assert!(id.len() == 20 && id.starts_with("org_"), "{id}");
    let path = format!("{PATH}/{id}");
    assert_eq!(tenant.get(&path).await.must_be(200).body, made.body);
    assert_eq!(tenant.get(&format!("{PATH}/name/acme")).await.must_be(200).body, made.body);

    let patch = json!({ "display_name": "Acme Corporation", "metadata": { "a": null, "c": "3" } });
    let changed = tenant.patch(&path, patch).await.must_be(200);
    assert_eq!(changed["display_name"], "Acme Corporation");
    assert_eq!(changed["metadata"], json!({ "b": "2", "c": "3" }));

    tenant.delete(&path).await.must_be(204);
    refused(&tenant.get(&path).await, 404, MISSING, None);
    refused(&tenant.get(&format!("{PATH}/name/acme")).await, 404, MISSING, None);
    tenant.post(PATH, json!({ "name": "acme" })).await.must_be(201);
}

#[tokio::test]
async fn a_name_is_one_organizations() {
    let tenant = TestTenant::new().await;
    tenant.organization("acme").await;
    tenant.post(PATH, json!({ "name": "acme" })).await.must_be(409);
    let globex = tenant.organization("globex").await;
    let path = format!("{PATH}/{}", text(&globex, "id"));
    tenant.patch(&path, json!({ "name": "acme" })).await.must_be(409);
    tenant.other().organization("acme").await;
    for name in ["", "Has Space", "x".repeat(51).as_str(), "n\0l"] {
        tenant.post(PATH, json!({ "name": name })).await.must_be(400);
    }
    for body in [json!({}), json!({ "name": 1 }), json!({ "name": "x", "id": "org_chosen" })] {
        tenant.post(PATH, body).await.must_be(400);
    }
}

#[tokio::test]
async fn a_grant_comes_and_goes() {
    let tenant = TestTenant::new().await;
    let acme = text(&tenant.organization("acme").await, "id").to_owned();
    let grant = granted(&tenant, json!("allow")).await;
    let path = format!("{PATH}/{acme}/client-grants");

    let answer = tenant.post(&path, json!({ "grant_id": grant["id"] })).await.must_be(201);

    // `grant_id` where the contract says `id`, and no subject type.
    let mut expected = grant.clone();
    let members = expected.as_object_mut().unwrap();
    members.remove("subject_type");
    let id = members.remove("id").unwrap();
    members.insert("grant_id".into(), id);
    assert_eq!(answer.body, expected);
    tenant.post(&path, json!({ "grant_id": grant["id"] })).await.must_be(409);
    let listed = tenant.get(&path).await.must_be(200);
    assert_eq!(listed.body, json!([grant]));

    let one = format!("{path}/{}", text(&grant, "id"));
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(204);
    assert_eq!(tenant.get(&path).await.body, json!([]));
}

#[tokio::test]
async fn grants_that_cannot_be_associated() {
    let tenant = TestTenant::new().await;
    let acme = text(&tenant.organization("acme").await, "id").to_owned();
    let path = format!("{PATH}/{acme}/client-grants");
    let unknown = tenant.post(&path, json!({ "grant_id": "cgr_unknown" })).await;
    refused(&unknown, 404, "The grant does not exist.", Some("inexistent_client_grant"));
    let denying = granted(&tenant, json!("deny")).await;
    tenant.post(&path, json!({ "grant_id": denying["id"] })).await.must_be(400);
    for body in
        [json!({}), json!({ "grant_id": "" }), json!({ "grant_id": 1 }), json!({ "id": denying["id"] })]
    {
        tenant.post(&path, body).await.must_be(400);
    }
    for path in [format!("{PATH}/org_unknown/client-grants"), format!("{PATH}/acme/client-grants")] {
        refused(&tenant.get(&path).await, 404, MISSING, None);
        refused(&tenant.post(&path, json!({ "grant_id": denying["id"] })).await, 404, MISSING, None);
    }
}

#[tokio::test]
async fn lists() {
    let tenant = TestTenant::new().await;
    for name in ["a", "b", "c"] {
        tenant.later(1);
        tenant.organization(name).await;
    }
    assert_eq!(each(&tenant.get(PATH).await.must_be(200).body, "name"), ["a", "b", "c"]);
    let page = tenant.get(&format!("{PATH}?include_totals=true&per_page=2")).await.must_be(200);
    assert_eq!((&page["total"], each(&page["organizations"], "name")), (&json!(3), vec!["a", "b"]));
    let first = tenant.get(&format!("{PATH}?take=2")).await.must_be(200);
    let rest = tenant.get(&format!("{PATH}?take=2&from={}", first.str("next"))).await.must_be(200);
    assert_eq!((each(&rest["organizations"], "name"), &rest["next"]), (vec!["c"], &Value::Null));
}

#[tokio::test]
async fn the_grants_of_an_organization_are_filtered() {
    let tenant = TestTenant::new().await;
    let acme = text(&tenant.organization("acme").await, "id").to_owned();
    let path = format!("{PATH}/{acme}/client-grants");
    let mut grants = Vec::new();
    for identifier in ["urn:a", "urn:b", "urn:c"] {
        tenant.later(1);
        tenant.api(json!({ "identifier": identifier })).await;
        let client = tenant.client(json!({})).await;
        let grant = json!({ "client_id": client.id, "audience": identifier, "scope": [], "organization_usage": "allow" });
        let grant = tenant.grant(grant).await;
        tenant.post(&path, json!({ "grant_id": grant["id"] })).await.must_be(201);
        grants.push(grant);
    }
    let id = |i: usize| text(&grants[i], "id");
    for (query, audiences) in [
        (String::new(), vec!["urn:a", "urn:b", "urn:c"]),
        ("audience=urn:b".into(), vec!["urn:b"]),
        (format!("client_id={}", text(&grants[2], "client_id")), vec!["urn:c"]),
        (format!("grant_ids={},{}", id(0), id(2)), vec!["urn:a", "urn:c"]),
        ("audience=urn:x".into(), vec![]),
    ] {
        let found = tenant.get(&format!("{path}?{query}")).await.must_be(200);
        assert_eq!(each(&found.body, "audience"), audiences, "{query}");
    }
    // As the contract writes a list of ids.
    let found = tenant.get(&format!("{path}?grant_ids[]={}&grant_ids[]={}", id(0), id(2))).await.must_be(200);
    assert_eq!(each(&found.body, "audience"), ["urn:a", "urn:c"]);
}

async fn granted(tenant: &TestTenant, usage: Value) -> Value {
    let identifier = format!("urn:{usage}");
    tenant.api(json!({ "identifier": identifier })).await;
    let client = tenant.client(json!({})).await;
    let grant =
        json!({ "client_id": client.id, "audience": identifier, "scope": [], "organization_usage": usage });
    tenant.grant(grant).await
}
