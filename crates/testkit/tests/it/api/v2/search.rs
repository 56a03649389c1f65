//! `/clients/search`, `/client-grants/search` and `/resource-servers/search`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::each;

#[tokio::test]
async fn clients_by_what_they_say() {
    let tenant = TestTenant::new().await;
    for (name, app_type, team) in [("Nightly import", "non_interactive", "red"), ("Shop", "spa", "blue")] {
        tenant.later(1);
        let client = json!({ "name": name, "app_type": app_type, "client_metadata": { "team": team } });
        tenant.client(client).await;
    }
    for (parser, q, names) in [
        ("lucene", "name:Shop", vec!["Shop"]),
        ("lucene", "Shop", vec!["Shop"]),
        ("lucene", "name:Night*", vec!["Nightly import"]),
        ("lucene", "app_type:(spa OR non_interactive)", vec!["Nightly import", "Shop"]),
        ("lucene", "app_type:spa AND NOT name:Shop", vec![]),
        ("lucene", "metadata.team:blue", vec!["Shop"]),
        ("lucene", "is_first_party:true AND client_metadata.team:red", vec!["Nightly import"]),
        ("lucene", "grant_types:client_credentials AND app_type:spa", vec!["Shop"]),
        ("lucene", "global:true", vec!["All Applications"]),
        ("scim", "name eq \"Shop\"", vec!["Shop"]),
        ("scim", "app_type eq \"spa\" or name sw \"Night\"", vec!["Nightly import", "Shop"]),
        ("scim", "not (global eq true) and app_type pr", vec!["Nightly import", "Shop"]),
    ] {
        let found = tenant.get(&format!("/api/v2/clients/search?parser={parser}&q={}", encoded(q))).await;
        assert_eq!(each(&found.must_be(200)["clients"], "name"), names, "{q}");
    }
}

#[tokio::test]
async fn a_search_shows_no_secret_and_finds_none() {
    let tenant = TestTenant::new().await;
    let secret = "0123456789abcdef0123456789abcdef";
    tenant.client(json!({ "client_secret": secret })).await;
    tenant.api(json!({ "signing_alg": "HS256", "signing_secret": secret })).await;
    let all = tenant.get("/api/v2/clients/search?take=100").await.must_be(200);
    for never in ["client_secret", "signing_keys", "client_authentication_methods"] {
        assert!(all["clients"].as_array().unwrap().iter().all(|client| client[never].is_null()), "{never}");
    }
    for (path, name) in
        [("/api/v2/clients/search", "client_secret"), ("/api/v2/resource-servers/search", "signing_secret")]
    {
        for q in
            [format!("{name}:{secret}"), format!("{name}:0*"), format!("NOT {name}:*"), format!("{name}:*")]
        {
            let answer = tenant.get(&format!("{path}?q={}&fields=name", encoded(&q))).await;
            let list = answer.body.as_object().unwrap().values().find(|value| value.is_array()).cloned();
            let n = list.map_or(0, |list| list.as_array().unwrap().len());
            // Whatever is asked, the answer does not depend on what the secret is.
            assert!(answer.status == 400 || n == 0 || q.starts_with("NOT"), "{q}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn clients_by_their_grants() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let client = tenant.client(json!({ "name": "Granted" })).await;
    let grant = json!({ "client_id": client.id, "audience": "https://api.example", "scope": ["read:a"],
        "organization_usage": "allow" });
    let grant = tenant.grant(grant).await;
    let acme = tenant.organization("acme").await;
    let acme = acme["id"].as_str().unwrap();
    let path = format!("/api/v2/organizations/{acme}/client-grants");
    tenant.post(&path, json!({ "grant_id": grant["id"] })).await.must_be(201);
    for q in
        ["client_grant.audience:\"https://api.example\"", &format!("client_grant.organization_id:{acme}")]
    {
        let found = tenant.get(&format!("/api/v2/clients/search?q={}", encoded(q))).await.must_be(200);
        assert_eq!(each(&found["clients"], "name"), ["Granted"], "{q}");
    }
    for q in ["audience:\"https://api.example\"", "scope:\"read:a\"", &format!("organization_id:{acme}")] {
        let found = tenant.get(&format!("/api/v2/client-grants/search?q={}", encoded(q))).await.must_be(200);
        assert_eq!(found["client_grants"], json!([grant]), "{q}");
    }
}

#[tokio::test]
async fn apis_by_name_and_in_order() {
    let tenant = TestTenant::new().await;
    for (name, identifier) in [("B", "urn:1"), ("A", "urn:3"), ("C", "urn:2")] {
        tenant.later(1);
        tenant.api(json!({ "name": name, "identifier": identifier })).await;
    }
    let path = "/api/v2/resource-servers/search";
    for (query, names) in [
        ("q=identifier:urn*", vec!["B", "A", "C"]),
        ("q=identifier:urn*&sort=name", vec!["A", "B", "C"]),
        ("q=identifier:urn*&sort=identifier", vec!["B", "C", "A"]),
        ("q=is_system:true", vec!["Auth0 Management API"]),
    ] {
        let found = tenant.get(&format!("{path}?{}", query.replace(':', "%3A"))).await.must_be(200);
        assert_eq!(each(&found["resource_servers"], "name"), names, "{query}");
    }
}

/// What the contract lists as the fields to sort by.
#[tokio::test]
async fn every_order_of_the_contract() {
    let tenant = TestTenant::new().await;
    for (family, fields) in [
        ("clients", &["name", "updated_at"][..]),
        ("client-grants", &["audience", "updated_at"]),
        ("resource-servers", &["identifier", "name", "updated_at"]),
    ] {
        for field in fields {
            let answer = tenant.get(&format!("/api/v2/{family}/search?sort={field}")).await;
            assert_eq!(answer.status, 200, "{family} {field}: {}", answer.start());
        }
    }
}

#[tokio::test]
async fn pages() {
    let tenant = TestTenant::new().await;
    for i in 0..5 {
        tenant.later(1);
        tenant.client(json!({ "name": format!("C{i}") })).await;
    }
    let first = tenant.get("/api/v2/clients/search?q=name:C*&take=3").await.must_be(200);
    assert_eq!(first.members(), ["clients", "next"]);
    let path = format!("/api/v2/clients/search?q=name:C*&take=3&from={}", first.str("next"));
    let rest = tenant.get(&path).await.must_be(200);
    assert_eq!((each(&rest["clients"], "name"), &rest["next"]), (vec!["C3", "C4"], &Value::Null));
}

#[tokio::test]
async fn what_is_not_understood() {
    let tenant = TestTenant::new().await;
    for query in [
        "q=nope:x",
        "q=name:",
        "q=(",
        "q=)",
        "q=%22",
        "q=name:x~",
        "q=name:x%5E2",
        "parser=sql&q=x",
        "parser=scim&q=name",
        "parser=scim&q=name+eq",
        "parser=scim&q=((((",
        "sort=client_secret",
        "take=0",
        "from=!!!",
        "nope=1",
        "per_page=5",
    ] {
        let answer = tenant.get(&format!("/api/v2/clients/search?{query}")).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_query_string")), "{query}");
    }
    for q in [
        "(".repeat(500),
        "NOT ".repeat(250),
        format!("name:{}", "*a".repeat(400)),
        (0..130).map(|i| format!("a{i} OR ")).collect::<String>() + "a",
    ] {
        for parser in ["lucene", "scim"] {
            let path = format!("/api/v2/clients/search?parser={parser}&q={}", encoded(&q));
            assert_eq!(
                tenant.get(&path).await.status,
                400,
                "{parser} {}",
                q.chars().take(20).collect::<String>()
            );
        }
    }
}

fn encoded(q: &str) -> String {
    form_urlencoded::byte_serialize(q.as_bytes()).collect()
}
