//! `/api/v2/grants`: what people have consented to.

use idp::consent;
use serde_json::json;
use testkit::{Browser, TestTenant};

use super::each;

const PATH: &str = "/api/v2/grants";
const API: &str = "https://api.example";

#[tokio::test]
async fn what_was_consented_to_adds_up() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await.user_id;
    let (app, other) = (tenant.spa(json!({})).await.id, tenant.spa(json!({ "name": "Other" })).await.id);
    assert_eq!(consent::given(&tenant, &ann, &app, API).await.unwrap(), None);
    give(&tenant, &ann, &app, &["openid", "read:a"]).await;
    give(&tenant, &ann, &app, &["read:a", "write:b", ""]).await;
    give(&tenant, &ann, &other, &[]).await;
    let given = consent::given(&tenant, &ann, &app, API).await.unwrap();
    assert_eq!(given, Some(vec!["openid".to_owned(), "read:a".into(), "write:b".into()]));
    assert_eq!(consent::given(&tenant, &ann, &other, API).await.unwrap(), Some(vec![]));
    assert_eq!(consent::given(&tenant.other(), &ann, &app, API).await.unwrap(), None);

    let listed = tenant.get(&format!("{PATH}?user_id={ann}&client_id={app}")).await.must_be(200).body;
    let id = listed[0]["id"].as_str().unwrap();
    let scope = ["openid", "read:a", "write:b"];
    assert_eq!(
        listed,
        json!([{ "id": id, "clientID": app, "user_id": ann, "audience": API, "scope": scope }])
    );
    let totals = tenant.get(&format!("{PATH}?include_totals=true&per_page=1")).await.must_be(200).body;
    assert_eq!((&totals["total"], &totals["limit"]), (&json!(2), &json!(1)));
    assert_eq!(tenant.get(&format!("{PATH}?audience=urn:none")).await.must_be(200).body, json!([]));
    assert_eq!(tenant.other().get(PATH).await.must_be(200).body, json!([]));

    // Another tenant withdraws nothing of ours.
    tenant.other().delete(&format!("{PATH}/{id}")).await.must_be(204);
    tenant.other().delete(&format!("{PATH}?user_id={ann}")).await.must_be(204);
    tenant.delete(&format!("{PATH}/{id}")).await.must_be(204);
    tenant.delete(&format!("{PATH}/{id}")).await.must_be(204);
    let left = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(each(&left, "clientID"), [other.as_str()]);
}

#[tokio::test]
async fn who_takes_back_consent_takes_back_what_came_of_it() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let ann = tenant.person("ann@acme.example").await.user_id;
    let spa = tenant.spa(json!({})).await;
    give(&tenant, &ann, &spa.id, &["read:a"]).await;
    let code = Browser::new(&tenant).log_in(&spa, "ann@acme.example").await;
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    let again = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);

    tenant.delete(&format!("{PATH}?user_id={ann}")).await.must_be(204);
    assert_eq!(tenant.get(PATH).await.must_be(200).body, json!([]));
    tenant.asked(spa.refreshes(again.str("refresh_token"))).await.must_be(403);
}

#[tokio::test]
async fn a_consent_goes_with_its_application_its_api_and_its_person() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({})).await;
    let people =
        [tenant.person("ann@acme.example").await.user_id, tenant.person("bob@acme.example").await.user_id];
    let (app, other) = (tenant.spa(json!({})).await.id, tenant.spa(json!({ "name": "Other" })).await.id);
    for person in &people {
        give(&tenant, person, &app, &["read:a"]).await;
        give(&tenant, person, &other, &["read:a"]).await;
    }
    let left = async || tenant.get(PATH).await.must_be(200).body.as_array().map_or(0, Vec::len);
    assert_eq!(left().await, 4);
    tenant.delete(&format!("/api/v2/clients/{other}")).await.must_be(204);
    assert_eq!(left().await, 2);
    idp::user::delete(&tenant, &people[0]).await.unwrap();
    assert_eq!(left().await, 1);
    tenant.delete(&format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap())).await.must_be(204);
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn nobody_withdraws_everybodys_by_naming_nobody() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await.user_id;
    let app = tenant.spa(json!({})).await.id;
    give(&tenant, &ann, &app, &["read:a"]).await;
    for query in ["", "?user_id=", "?user_id=a&user_id=b", "?user_id=%00"] {
        tenant.delete(&format!("{PATH}{query}")).await.must_be(400);
    }
    for query in ["user_id=%00", "per_page=101", "client_id=a&client_id=b"] {
        tenant.get(&format!("{PATH}?{query}")).await.must_be(400);
    }
    let long = tenant.get(&format!("{PATH}?user_id={}", "x".repeat(5_000))).await.must_be(200);
    assert_eq!(long.body, json!([]));
    assert_eq!(tenant.get(PATH).await.must_be(200).body.as_array().map(Vec::len), Some(1));
    tenant.allowed(&["read:grants"]).delete(&format!("{PATH}?user_id={ann}")).await.must_be(403);
}

async fn give(tenant: &TestTenant, user_id: &str, client_id: &str, scope: &[&str]) {
    let scope: Vec<String> = scope.iter().map(|one| (*one).to_owned()).collect();
    consent::give(tenant, user_id, client_id, API, &scope).await.unwrap();
}
