//! Who is kept out though something of theirs still looks good: a session by another way in, a token of somebody who was
//! blocked since, an administrator who only looks.

use model::Role;
use serde_json::json;
use testkit::{BUILT_IN, Browser, PASSWORD, TestClient, TestTenant};

const ANN: &str = "ann@example.com";
const DATABASE: &str = "Username-Password-Authentication";

/// The connection that everybody here comes by.
async fn database(tenant: &TestTenant) -> String {
    let found = tenant.get(&format!("/api/v2/connections?name={DATABASE}")).await.must_be(200);
    found.items()[0]["id"].as_str().unwrap().to_owned()
}

/// Takes the connection from a client.
async fn taken_away(tenant: &TestTenant, client: &TestClient) {
    let path = format!("/api/v2/connections/{}/clients", database(tenant).await);
    tenant.patch(&path, json!([{ "client_id": client.id, "status": false }])).await.must_be(204);
}

#[tokio::test]
async fn a_session_does_not_open_what_its_way_in_is_not_for() {
    let tenant = TestTenant::new().await;
    tenant.person(ANN).await;
    let (shop, office) = (tenant.spa(json!({})).await, tenant.spa(json!({ "name": "office" })).await);
    let mut browser = Browser::new(&tenant);
    browser.log_in(&shop, ANN).await;
    assert!(browser.get(&office.authorize(&[])).await.parameter("code").is_some());

    taken_away(&tenant, &office).await;
    let silent = browser.get(&office.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "login_required");
    let page = browser.login_page(&office, &[]).await;
    assert_ne!(browser.fill_in(&page, ANN, PASSWORD).await.status, 302);
    // And not what asks for people of another.
    let other = json!({ "name": "staff", "strategy": "auth0", "enabled_clients": [shop.id] });
    tenant.post("/api/v2/connections", other).await.must_be(201);
    let asked = browser.get(&shop.authorize(&[("prompt", "none"), ("connection", "staff")])).await;
    assert_eq!(asked.parameter("error").unwrap(), "login_required");
    assert!(browser.get(&shop.authorize(&[("prompt", "none")])).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_token_of_somebody_who_was_blocked_does_nothing_here() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person(ANN).await;
    let spa = tenant.spa(json!({})).await;
    let audience = tenant.management_audience();
    let mut browser = Browser::new(&tenant);
    tenant.consented(&ann, &spa, &audience, "openid read:current_user").await;
    let asks = [("audience", audience.as_str()), ("scope", "openid read:current_user")];
    let page = browser.login_page(&spa, &asks).await;
    let back = browser.fill_in(&page, ANN, PASSWORD).await;
    let code = back.parameter("code").unwrap_or_else(|| panic!("{}", back.location()));
    let token = tenant.asked(spa.redeems(&code)).await.must_be(200).str("access_token").to_owned();
    let own = tenant.with_token(token);
    let path = format!("/api/v2/users/{}", ann.user_id);
    own.get(&path).await.must_be(200);
    tenant.patch(&path, json!({ "blocked": true })).await.must_be(200);
    own.get(&path).await.must_be(401);
    tenant.patch(&path, json!({ "blocked": false })).await.must_be(200);
    own.get(&path).await.must_be(200);
}

#[tokio::test]
async fn who_only_looks_is_not_shown_what_lets_us_in_elsewhere() {
    let tenant = TestTenant::new().await;
    let body = json!({ "name": "sms", "strategy": "sms",
        "options": { "twilio_sid": "AC1", "twilio_token": "hush hush", "from": "+1" } });
    let made = tenant.post("/api/v2/connections", body).await.must_be(201);
    assert_eq!(made["options"]["twilio_token"], "hush hush");
    let sink = json!({ "splunkDomain": "logs.example.com", "splunkPort": "8088", "splunkSecure": true,
        "splunkToken": "hush hush" });
    let stream =
        tenant.post("/api/v2/log-streams", json!({ "type": "splunk", "sink": sink })).await.must_be(200);
    assert_eq!(stream["sink"]["splunkToken"], "hush hush");
    // An editor of something else only looks at it.
    for (role, sees) in [
        (Role::Viewer, ""),
        (Role::EditorUsers, ""),
        (Role::EditorTenant, ""),
        (Role::EditorConnections, "/api/v2/connections"),
        (Role::Admin, "/api/v2/"),
    ] {
        let somebody = tenant.administrator(&format!("{role:?}@example.com"), &[role]).await;
        for (path, id) in [("/api/v2/connections", made.str("id")), ("/api/v2/log-streams", stream.str("id"))]
        {
            for path in [path.to_owned(), format!("{path}/{id}")] {
                let shown = somebody.get(&path).await.must_be(200).text();
                let expected = !sees.is_empty() && path.starts_with(sees);
                assert_eq!(shown.contains("hush hush"), expected, "{role:?} {path} {shown}");
            }
        }
    }
}

#[tokio::test]
async fn administrators_are_sent_no_link_for_another_password() {
    let tenant = TestTenant::new().await;
    tenant.administrator(ANN, &[Role::Admin]).await;
    let builtin = tenant.built_in();
    let body = json!({ "connection": DATABASE, "email": ANN });
    let path = format!("{BUILT_IN}/dbconnections/change_password");
    tenant.without_token().post(&path, body).await.must_be(200);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let mails = builtin.store().outbox().list(builtin.name(), 10).await;
    assert!(mails.unwrap().is_empty());
}
