//! `/api/v2/logs`: by checkpoint, by search, one event; and what the Management API itself leaves there.

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{each, refused, text};
use crate::keys::rsa_pem;

const PATH: &str = "/api/v2/logs";

#[tokio::test]
async fn a_write_leaves_an_event_without_secrets() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["create:clients"]).await;
    tenant.later(1);
    let sent = json!({ "name": "x", "client_secret": "0123456789abcdef", "client_metadata": { "k": "v" } });
    let made = tenant.with_token(&token).post("/api/v2/clients", sent).await.must_be(201);

    let event = newest(&tenant).await;

    assert_eq!((&event["type"], &event["description"]), (&json!("sapi"), &json!("Create a client")));
    let caller = testkit::claims(&token)["azp"].clone();
    assert_eq!((&event["client_id"], &event["client_name"]), (&caller, &json!("")));
    assert_eq!((&event["ip"], &event["tenant_name"]), (&json!("203.0.113.7"), &json!("default")));
    let request = &event["details"]["request"];
    assert_eq!((&request["method"], &request["path"]), (&json!("post"), &json!("/api/v2/clients")));
    assert_eq!((&request["channel"], &request["query"]), (&json!("api"), &json!({})));
    let body = json!({ "name": "x", "client_secret": "*****", "client_metadata": { "k": "v" } });
    assert_eq!(request["body"], body);
    let auth = json!({ "user": {}, "strategy": "jwt", "credentials": { "scopes": ["create:clients"] } });
    assert_eq!(request["auth"], auth);
    let response = &event["details"]["response"];
    assert_eq!((&response["statusCode"], &response["body"]["client_id"]), (&json!(201), &made["client_id"]));
    assert_eq!(response["body"]["client_secret"], "*****");
}

#[tokio::test]
async fn every_kind_of_write_is_named() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/v2/clients/{}", client.id);
    for (method, path, body, summary) in [
        ("PATCH", path.clone(), json!({ "name": "y" }), "Update a client"),
        ("POST", format!("{path}/rotate-secret"), json!({}), "Rotate a client secret"),
        ("DELETE", path.clone(), json!({}), "Delete a client"),
        ("POST", "/api/v2/keys/signing/rotate".into(), json!({}), "Rotate the signing keys"),
        (
            "PATCH",
            "/api/v2/tenants/settings".into(),
            json!({ "friendly_name": "n" }),
            "Update tenant settings",
        ),
    ] {
        tenant.later(1);
        let answer = tenant.as_owner().json(method.parse().unwrap(), &path, body).await;
        assert!(answer.status < 300, "{}", answer.text());
        let event = newest(&tenant).await;
        assert_eq!((&event["type"], &event["description"]), (&json!("sapi"), &json!(summary)));
        assert_eq!(event["details"]["response"]["statusCode"], answer.status);
    }
}

#[tokio::test]
async fn a_read_that_shows_secrets_leaves_an_event_and_no_other_does() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let api = json!({ "signing_alg": "HS256", "signing_secret": "0123456789abcdef" });
    let api = tenant.api(api).await;
    let reader = tenant.token_with(&["read:clients", "read:client_summary"]).await;
    tenant.later(1);
    let one = format!("/api/v2/clients/{}", client.id);
    for (path, summary, secret) in [
        (one.clone(), "Get a client", "client_secret"),
        ("/api/v2/clients".into(), "Get clients", "client_secret"),
        ("/api/v2/clients?include_totals=true".into(), "Get clients", "client_secret"),
        (format!("/api/v2/resource-servers/{}", text(&api, "id")), "Get a resource server", "signing_secret"),
    ] {
        tenant.later(1);
        tenant.get(&path).await.must_be(200);
        let event = newest(&tenant).await;
        assert_eq!((&event["type"], &event["description"]), (&json!("mgmt_api_read"), &json!(summary)));
        assert_eq!(event["details"]["accessedSecrets"], json!([secret]));
        assert_eq!(event["details"]["response"]["body"], json!({}));
    }
    let before = newest(&tenant).await;
    tenant.later(1);
    tenant.with_token(&reader).get(&one).await.must_be(200);
    tenant.get(&format!("{one}?fields=name")).await.must_be(200);
    tenant.get("/api/v2/client-grants").await.must_be(200);
    // What failed changed nothing, and is not recorded.
    tenant.patch(&one, json!({ "nope": 1 })).await.must_be(400);
    tenant.with_token(&reader).delete(&one).await.must_be(403);
    assert_eq!(newest(&tenant).await, before);
}

#[tokio::test]
async fn no_secret_is_written_down() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = format!("/api/v2/clients/{}", m2m.id);
    let rotated =
        tenant.post(&format!("{path}/rotate-secret"), json!({})).await.str("client_secret").to_owned();
    let chosen = "a secret that somebody chose themselves";
    tenant.patch(&path, json!({ "client_secret": chosen })).await.must_be(200);
    let signing = "another secret that somebody chose";
    tenant.api(json!({ "identifier": "urn:h", "signing_alg": "HS256", "signing_secret": signing })).await;
    let nested = json!([{ "credential_type": "public_key", "pem": rsa_pem() }]);
    tenant
        .client(json!({ "client_authentication_methods": { "private_key_jwt": { "credentials": nested } } }))
        .await;
    tenant.get("/api/v2/clients").await.must_be(200);
    // Even a body that is refused, or a form that names a secret.
    let form = format!("name=x&client_secret={}", "f".repeat(40));
    tenant.as_owner().form("/api/v2/clients", form).await.must_be(201);

    let logs = tenant.get(&format!("{PATH}?per_page=100")).await.must_be(200).text();

    let pem_line = rsa_pem().lines().nth(1).unwrap().to_owned();
    for secret in [&m2m.secret, &rotated, chosen, signing, &pem_line, &"f".repeat(40), &tenant.owner_token()]
    {
        assert!(!logs.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn checkpoints_follow_the_log_to_its_end() {
    let tenant = TestTenant::new().await;
    for i in 0..25 {
        tenant.client(json!({ "name": format!("C{i}") })).await;
        if i % 5 == 0 {
            tenant.later(1);
        }
    }
    let mut seen = Vec::new();
    let mut path = format!("{PATH}?take=10");
    for n in [10, 10, 5, 0, 0] {
        let page = tenant.get(&path).await.must_be(200);
        assert_eq!(page.items().len(), n);
        seen.extend(each(&page.body, "log_id").into_iter().map(str::to_owned));
        let link = page.header("link");
        let next =
            link.strip_prefix("<https://idp.example").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        path = next.to_owned();
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (25, &sorted));
    // Everything else is ignored with a checkpoint.
    let first =
        tenant.get(&format!("{PATH}?take=1&q=type:nothing&page=7&include_totals=true")).await.must_be(200);
    assert_eq!(each(&first.body, "log_id"), [&seen[0]]);
    // And what comes later comes after.
    tenant.client(json!({ "name": "Late" })).await;
    assert_eq!(tenant.get(&path).await.must_be(200).items().len(), 1);
}

#[tokio::test]
async fn searches() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.later(60_000);
    tenant.token(m2m.asks_for("https://api.example")).await;
    tenant.later(60_000);
    tenant
        .asked(m2m.asks_with("https://api.example", json!({ "client_secret": "wrong" })))
        .await
        .must_be(401);
    for (q, n) in [
        ("type:seccft", 1),
        ("type:feccft", 1),
        ("type:(seccft OR feccft)", 2),
        ("type:seccft AND type:feccft", 0),
        ("NOT type:sapi", 2),
        ("type:*", 5),
        ("seccft", 1),
        ("description:\"Create a client\"", 1),
        ("description:Create*", 3),
        ("description:*client", 1),
        ("description:create*", 0),
        ("description:client", 0),
        (&format!("client_id:{}", m2m.id), 2),
        ("client_name:\"Nightly import\" AND type:seccft", 1),
        ("date:[2026-07-01T12:01:00Z TO *]", 2),
        ("date:[2026-07-01 TO 2026-07-01]", 5),
        ("date:{2026-07-01 TO *]", 0),
        ("ip:203.0.113.7", 5),
        ("hostname:idp.example", 5),
        ("", 5),
    ] {
        let encoded: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let found = tenant.get(&format!("{PATH}?q={encoded}")).await.must_be(200);
        assert_eq!(found.items().len(), n, "{q}: {}", found.start());
    }
    for q in
        ["audience:x", "scope:x", "details.x:y", "(", "type:", "description:*ab", "date:[x TO y]", "a:b:c"]
    {
        let encoded: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let answer = tenant.get(&format!("{PATH}?q={encoded}")).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_query_string")), "{q}");
    }
    tenant.get(&format!("{PATH}?q={}", "x".repeat(1_001))).await.must_be(414);
}

#[tokio::test]
async fn pages_of_a_search() {
    let tenant = TestTenant::new().await;
    for i in 0..5 {
        tenant.client(json!({ "name": format!("C{i}") })).await;
        tenant.later(1);
    }
    let name = |event: &Value| text(&event["details"]["request"]["body"], "name").to_owned();
    let names = async |query: &str| -> Vec<String> {
        tenant.get(&format!("{PATH}?{query}")).await.must_be(200).items().iter().map(name).collect()
    };
    assert_eq!(names("").await, ["C4", "C3", "C2", "C1", "C0"]);
    assert_eq!(names("sort=date:-1&per_page=2&page=1").await, ["C2", "C1"]);
    assert_eq!(names("sort=date:1&per_page=2").await, ["C0", "C1"]);
    assert_eq!(names("page=9").await, Vec::<String>::new());

    let totals = tenant.get(&format!("{PATH}?include_totals=true&per_page=2&page=1")).await.must_be(200);
    assert_eq!(totals.members(), ["start", "limit", "length", "total", "logs"]);
    assert_eq!(
        (&totals["start"], &totals["limit"], &totals["length"], &totals["total"]),
        (&json!(2), &json!(2), &json!(2), &json!(2))
    );
    let some = tenant.get(&format!("{PATH}?fields=type,log_id&per_page=1")).await.must_be(200);
    // Recorded: what identifies an event is there as well.
    assert_eq!(some.items()[0].as_object().unwrap().len(), 3);
    assert_eq!(some.items()[0]["_id"], some.items()[0]["log_id"]);
    tenant.get(&format!("{PATH}?page=10&per_page=100")).await.must_be(400);
    tenant.get(&format!("{PATH}?page=9&per_page=100")).await.must_be(200);
    tenant.get(&format!("{PATH}?sort=type:1")).await.must_be(400);
    tenant.get(&format!("{PATH}?per_page=101")).await.must_be(400);
}

#[tokio::test]
async fn one_event() {
    let tenant = TestTenant::new().await;
    tenant.client(json!({})).await;
    let event = newest(&tenant).await;
    let path = format!("{PATH}/{}", text(&event, "log_id"));
    assert_eq!(tenant.get(&path).await.must_be(200).body, event);
    assert_eq!(tenant.other().get(&path).await.status, 404);
    let unknown = tenant.get(&format!("{PATH}/900")).await;
    assert_eq!((unknown.status, &unknown["error"]), (404, &json!("Not Found")));
    let nope = tenant.get(&format!("{PATH}?nope=1")).await;
    let words = "Query validation error: 'Additional properties not allowed: nope'.";
    refused(&nope, 400, words, Some("invalid_query_string"));
}

async fn newest(tenant: &TestTenant) -> Value {
    tenant.get(&format!("{PATH}?per_page=1")).await.must_be(200).items()[0].clone()
}
