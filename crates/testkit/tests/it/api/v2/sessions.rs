//! `/sessions` and a user's sessions: what is shown of them, what ends with them, and who is told.

use outbound::scratch::{Reply, ScratchServer};
use serde_json::{Value, json};
use testkit::{Browser, TestClient, TestTenant, claims};

use super::refused;

async fn scene() -> (TestTenant, TestClient, Browser, Value) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let code = browser.log_in(&spa, "ann@example.com").await;
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200).body;
    (tenant, spa, browser, tokens)
}

fn sid(tokens: &Value) -> String {
    claims(tokens["id_token"].as_str().unwrap())["sid"].as_str().unwrap().to_owned()
}

/// Whether the browser is still logged in.
async fn is_in(browser: &mut Browser, spa: &TestClient) -> bool {
    browser.get(&spa.authorize(&[("prompt", "none")])).await.parameter("code").is_some()
}

#[tokio::test]
async fn a_session_is_shown_as_it_is() {
    let (tenant, spa, _, tokens) = scene().await;
    let id = sid(&tokens);
    let user_id = claims(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let shown = tenant.get(&format!("/api/v2/sessions/{id}")).await.must_be(200).body;
    assert_eq!(
        shown,
        json!({
            "id": id, "user_id": user_id,
            "created_at": "2026-07-01T12:00:00.000Z", "updated_at": "2026-07-01T12:00:00.000Z",
            "authenticated_at": "2026-07-01T12:00:00.000Z", "idle_expires_at": "2026-07-04T12:00:00.000Z",
            "expires_at": "2026-07-08T12:00:00.000Z", "last_interacted_at": "2026-07-01T12:00:00.000Z",
            "device": {
                "initial_user_agent": null, "initial_ip": "203.0.113.7", "initial_asn": null,
                "last_user_agent": null, "last_ip": "203.0.113.7", "last_asn": null
            },
            "clients": [{ "client_id": spa.id }],
            "authentication": { "methods": [{ "name": "pwd", "timestamp": "2026-07-01T12:00:00.250Z" }] },
            "cookie": { "mode": "persistent" },
            "session_metadata": null,
        })
    );
    let user = user_id.as_str().unwrap().replace('|', "%7C");
    let list = tenant.get(&format!("/api/v2/users/{user}/sessions")).await.must_be(200);
    assert_eq!(list.body, json!({ "sessions": [shown] }));
    let path = format!("/api/v2/sessions/{id}");
    let metadata = |value: Value| json!({ "session_metadata": value });
    let described = tenant.patch(&path, metadata(json!({ "a": "1", "b": "2" }))).await.must_be(200);
    assert_eq!(described["session_metadata"], json!({ "a": "1", "b": "2" }));
    let described = tenant.patch(&path, metadata(json!({ "b": null, "c": "3" }))).await.must_be(200);
    assert_eq!(described["session_metadata"], json!({ "a": "1", "c": "3" }));
    for wrong in [
        json!({ "session_metadata": 1 }),
        json!({ "session_metadata": { "a": 1 } }),
        json!({ "session_metadata": { "a": { "b": "c" } } }),
        json!({ "session_metadata": { "a": "x".repeat(256) } }),
        json!({ "session_metadata": { "": "x" } }),
        json!({ "user_id": "auth0|x" }),
    ] {
        tenant.patch(&path, wrong.clone()).await.must_be(400);
    }
}

#[tokio::test]
async fn whoever_is_logged_out_is_out() {
    let (tenant, spa, mut browser, tokens) = scene().await;
    let mut second = Browser::new(&tenant);
    let code = second.log_in(&spa, "ann@example.com").await;
    let others = tenant.asked(spa.redeems(&code)).await.must_be(200).body;
    let user = claims(tokens["id_token"].as_str().unwrap())["sub"].as_str().unwrap().replace('|', "%7C");
    let page = tenant.get(&format!("/api/v2/users/{user}/sessions?take=1&include_totals=true")).await;
    assert_eq!((page["sessions"].as_array().unwrap().len(), &page["total"]), (1, &json!(2)));
    let next = format!("/api/v2/users/{user}/sessions?take=1&from={}", page.str("next"));
    assert!(tenant.get(&next).await.must_be(200)["next"].is_null());

    let path = format!("/api/v2/sessions/{}", sid(&tokens));
    tenant.delete(&path).await.must_be(202);
    assert!(!is_in(&mut browser, &spa).await && is_in(&mut second, &spa).await);
    // Its tokens are left; gone is gone, however often.
    let refreshed = tenant.asked(spa.refreshes(tokens["refresh_token"].as_str().unwrap())).await.must_be(200);
    assert!(refreshed["id_token"].is_string());
    tenant.delete(&path).await.must_be(202);
    refused(&tenant.get(&path).await, 404, "The session does not exist", Some("inexistent_session"));

    tenant.post(&format!("/api/v2/sessions/{}/revoke", sid(&others)), json!({})).await.must_be(202);
    assert!(!is_in(&mut second, &spa).await);
    tenant.asked(spa.refreshes(others["refresh_token"].as_str().unwrap())).await.must_be(403);

    browser.log_in(&spa, "ann@example.com").await;
    tenant.delete(&format!("/api/v2/users/{user}/sessions")).await.must_be(202);
    assert!(!is_in(&mut browser, &spa).await);
    tenant.delete("/api/v2/users/auth0%7Cnobody/sessions").await.must_be(404);
    browser.log_in(&spa, "ann@example.com").await;
    tenant.post(&format!("/api/v2/users/{user}/revoke-access"), json!({})).await.must_be(202);
    assert!(!is_in(&mut browser, &spa).await);
}

#[tokio::test]
async fn sessions_are_their_own_tenants_and_need_scopes() {
    let (tenant, spa, mut browser, tokens) = scene().await;
    let path = format!("/api/v2/sessions/{}", sid(&tokens));
    tenant.other().get(&path).await.must_be(404);
    tenant.other().delete(&path).await.must_be(202);
    assert!(is_in(&mut browser, &spa).await);
    tenant.allowed(&["read:users"]).get(&path).await.must_be(403);
    tenant.allowed(&["read:sessions"]).delete(&path).await.must_be(403);
    tenant.allowed(&["read:sessions"]).get(&path).await.must_be(200);
    for id in ["%00", "x%27%20or%201%3D1", &"x".repeat(2000)] {
        tenant.get(&format!("/api/v2/sessions/{id}")).await.must_be(404);
    }
}

#[tokio::test]
async fn applications_are_told_when_somebody_is_logged_out() {
    let tenant = TestTenant::new().await;
    let server = ScratchServer::start(|path| match path {
        "/broken" => Reply::status(500),
        _ => Reply::status(200),
    })
    .await;
    drop(tenant.server().tenants().clone().reaching(server.outbound()));
    tenant.person("ann@example.com").await;
    let told = |path: &str, name: &str| {
        json!({ "name": name, "oidc_logout": {
            "backchannel_logout_urls": [server.url(path)],
            "backchannel_logout_initiators": { "mode": "custom", "selected_initiators": ["session-revoked"] }
        } })
    };
    let one = tenant.spa(told("/bye", "One")).await;
    let two = tenant.spa(told("/broken", "Two")).await;
    let mut browser = Browser::new(&tenant);
    let code = browser.log_in(&one, "ann@example.com").await;
    let tokens = tenant.asked(one.redeems(&code)).await.must_be(200).body;
    let deliver = async || idp::backchannel::deliver(tenant.server().tenants()).await.unwrap();
    browser.get("/v2/logout").await;
    assert_eq!((deliver().await, deliver().await, server.asked()), (1, 0, 1));
    let body = server.received().remove(0);
    let said = claims(body.strip_prefix("logout_token=").unwrap());
    assert_eq!(testkit::header(body.strip_prefix("logout_token=").unwrap())["typ"], "logout+jwt");
    assert_eq!(said["sid"].as_str(), Some(sid(&tokens).as_str()));
    assert_eq!((&said["aud"], &said["iss"]), (&json!(one.id), &json!("https://idp.example/")));
    assert_eq!(said["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 120);
    assert!(said["nonce"].is_null() && said["jti"].is_string() && said["trace_id"].is_string());
    // It logs nobody in, and hints at nothing.
    let hint = body.strip_prefix("logout_token=").unwrap();
    let path =
        format!("/oidc/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F");
    browser.get(&path).await.must_be(400);

    // Who does not answer is told again, for a while; who wants to hear of it, hears of administrators too.
    browser.log_in(&two, "ann@example.com").await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    let user = ann.user_id.replace('|', "%7C");
    tenant.delete(&format!("/api/v2/users/{user}/sessions")).await.must_be(202);
    let mut tries = 0;
    for minutes in [0, 1, 2, 10, 60, 120, 600, 2000] {
        tenant.later(minutes * 60_000);
        tries += deliver().await;
    }
    assert_eq!(tries, 6);
    let logs = tenant.get("/api/v2/logs?q=type:oidc_backchannel_logout_failed").await;
    assert_eq!(logs.items().len(), 6);
}

#[tokio::test]
async fn applications_are_told_of_sessions_that_run_out() {
    let tenant = TestTenant::new().await;
    let server = ScratchServer::start(|_| Reply::status(200)).await;
    drop(tenant.server().tenants().clone().reaching(server.outbound()));
    tenant.person("ann@example.com").await;
    let told = |name: &str, initiators: Value| {
        json!({ "name": name, "oidc_logout": {
            "backchannel_logout_urls": [server.url("/bye")], "backchannel_logout_initiators": initiators
        } })
    };
    let selected = json!({ "mode": "custom", "selected_initiators": ["session-expired"] });
    let one = tenant.spa(told("One", selected)).await;
    let other = json!({ "mode": "custom", "selected_initiators": ["session-revoked"] });
    let two = tenant.spa(told("Two", other)).await;
    let mut browser = Browser::new(&tenant);
    browser.log_in(&one, "ann@example.com").await;
    assert!(is_in(&mut browser, &two).await);
    let sweep = async || idp::backchannel::sweep(tenant.server().tenants()).await.unwrap();
    tenant.later(71 * 3_600_000);
    assert_eq!(sweep().await, 0);
    tenant.later(2 * 3_600_000);
    assert_eq!((sweep().await, sweep().await), (1, 0));
    assert!(!is_in(&mut browser, &one).await);
    assert_eq!(idp::backchannel::deliver(tenant.server().tenants()).await.unwrap(), 1);
    let body = server.received().remove(0);
    let said = claims(body.strip_prefix("logout_token=").unwrap());
    assert_eq!(said["aud"], json!(one.id));
}
