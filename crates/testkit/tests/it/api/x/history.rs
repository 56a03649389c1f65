//! `/api/x/history/{kind}/{id}`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::refuses_queries;

#[tokio::test]
async fn who_changed_what_from_what_to_what() {
    let tenant = TestTenant::new().await;
    let made = tenant.client(json!({ "name": "Import", "description": "old" })).await;
    let path = format!("/api/v2/clients/{}", made.id);
    tenant.later(1_000);
    let token = tenant.token_with(&["update:clients"]).await;
    let patch = json!({ "description": "new", "name": "Import", "client_metadata": { "team": "a" } });
    tenant.with_token(&token).patch(&path, patch).await.must_be(200);
    tenant.client(json!({ "name": "Another" })).await;

    let history = tenant.allowed(&["read:logs"]).get(&of("clients", &made.id)).await.must_be(200);

    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    let changes = json!([
        { "field": "description", "old": "old", "new": "new" },
        { "field": "client_metadata", "old": null, "new": { "team": "a" } },
    ]);
    let caller = testkit::claims(&token)["azp"].clone();
    let newest = tenant.get("/api/v2/logs?q=description:%22Update%20a%20client%22").await.items()[0].clone();
    let expected = json!({
        "log_id": newest["log_id"], "date": "2026-07-01T12:00:01.250Z", "summary": "Update a client",
        "actor": { "name": "Caller", "client_id": caller }, "ip": "203.0.113.7", "changes": changes,
    });
    assert_eq!(entries[0], expected);
    assert_eq!(
        (&entries[1]["summary"], &entries[1]["actor"]["client_id"]),
        (&json!("Create a client"), &json!("owner"))
    );
    let created = entries[1]["changes"].as_array().unwrap();
    let field = |name: &str| created.iter().find(|change| change["field"] == name).unwrap();
    assert_eq!(field("name"), &json!({ "field": "name", "old": null, "new": "Import" }));
    assert_eq!(field("client_secret"), &json!({ "field": "client_secret", "old": null, "new": "*****" }));
    assert!(!history.text().contains(&made.secret));
    // Another tenant has no such history.
    let other = tenant.other().get(&of("clients", &made.id)).await.must_be(200);
    assert_eq!(other["entries"], json!([]));
}

#[tokio::test]
async fn every_kind_of_write_is_found() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({ "signing_alg": "HS256" })).await;
    let client = tenant.client(json!({})).await;
    let grant = json!({ "client_id": client.id, "audience": "https://api.example", "scope": [] });
    let grant = tenant.grant(grant).await;
    let organization = tenant.organization("acme").await;
    let at = |kind: &str, id: &str| format!("/api/v2/{kind}/{id}");
    let (client, api, grant, organization) = (client.id.as_str(), id(&api), id(&grant), id(&organization));
    tenant
        .patch(&at("resource-servers", api), json!({ "signing_secret": "0123456789abcdef" }))
        .await
        .must_be(200);
    tenant.patch(&at("client-grants", grant), json!({ "scope": ["read:a"] })).await.must_be(200);
    tenant.patch("/api/v2/tenants/settings", json!({ "friendly_name": "A" })).await.must_be(200);
    tenant.post(&format!("{}/rotate-secret", at("clients", client)), json!({})).await.must_be(200);
    let pem = json!({ "credential_type": "public_key", "pem": crate::keys::rsa_pem() });
    tenant.post(&format!("{}/credentials", at("clients", client)), pem).await.must_be(201);
    tenant.delete(&at("organizations", organization)).await.must_be(204);
    tenant.delete(&at("clients", client)).await.must_be(204);
    // What changes nothing, or nothing that is there, is the history of nothing.
    tenant.delete(&at("clients", "nobody")).await.must_be(204);

    for (kind, id, summaries) in [
        (
            "clients",
            client,
            &["Delete a client", "Create a client credential", "Rotate a client secret", "Create a client"][..],
        ),
        ("resource-servers", api, &["Update a resource server", "Create a resource server"]),
        (
            "resource-servers",
            "https%3A%2F%2Fapi.example",
            &["Update a resource server", "Create a resource server"],
        ),
        ("client-grants", grant, &["Update a client grant", "Create a client grant"]),
        ("organizations", organization, &["Delete an organization", "Create an organization"]),
        ("tenants", "settings", &["Update tenant settings"]),
        ("clients", "nobody", &[]),
    ] {
        let entries = tenant.get(&of(kind, id)).await.must_be(200)["entries"].clone();
        let found: Vec<&Value> = entries.as_array().unwrap().iter().map(|entry| &entry["summary"]).collect();
        assert_eq!(
            found,
            summaries.iter().map(|summary| json!(summary)).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
            "{kind}/{id}"
        );
    }
    let rotated = tenant.get(&of("clients", client)).await["entries"][2]["changes"].clone();
    assert_eq!(rotated, json!([{ "field": "client_secret", "old": "*****", "new": "*****" }]));
    let signing = tenant.get(&of("resource-servers", api)).await["entries"][0]["changes"].clone();
    assert_eq!(signing, json!([{ "field": "signing_secret", "old": "*****", "new": "*****" }]));
}

#[tokio::test]
async fn long_values_are_cut_and_only_so_many_events_are_told() {
    let tenant = TestTenant::new().await;
    let scopes: Vec<Value> = (0..1_000).map(|n| json!({ "value": format!("scope:{n:0>50}") })).collect();
    let api = tenant.api(json!({})).await;
    let path = format!("/api/v2/resource-servers/{}", id(&api));
    tenant.patch(&path, json!({ "scopes": scopes })).await.must_be(200);
    let history = tenant.get(&of("resource-servers", id(&api))).await.must_be(200);
    let change = &history["entries"][0]["changes"][0];
    assert_eq!((&change["field"], change["old"].as_array().unwrap().len()), (&json!("scopes"), 2));
    let new = change["new"].as_str().unwrap();
    assert!(new.ends_with('…') && new.len() < 600, "{new}");

    for n in 0..5 {
        tenant.patch(&path, json!({ "name": format!("N{n}") })).await.must_be(200);
    }
    let newest = tenant.get(&format!("{}?take=2", of("resource-servers", id(&api)))).await.must_be(200);
    let entries = newest["entries"].as_array().unwrap();
    assert_eq!(
        (entries.len(), &entries[0]["changes"][0]["new"], &entries[1]["changes"][0]["old"]),
        (2, &json!("N4"), &json!("N2"))
    );
}

#[tokio::test]
async fn what_nobody_means() {
    let tenant = TestTenant::new().await;
    refuses_queries(&tenant, &of("clients", "x"), &["take=0", "take=101", "take=x", "nope=1"]).await;
    for (kind, id) in
        [("nobodies", "x"), ("logs", "x"), ("..", "x"), ("clients%2Fx", "y"), ("deleted%00", "x")]
    {
        assert_eq!(tenant.get(&of(kind, id)).await.status, 404, "{kind}");
    }
    let odd = tenant.get(&of("clients", "'%3B--%F0%9F%98%80")).await.must_be(200);
    assert_eq!(odd["entries"], json!([]));
    assert_eq!(tenant.allowed(&["read:clients"]).get(&of("clients", "x")).await.status, 403);
}

fn of(kind: &str, id: &str) -> String {
    format!("/api/x/history/{kind}/{id}")
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
