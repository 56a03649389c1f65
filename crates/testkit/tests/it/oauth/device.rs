//! Devices without a browser: `POST /oauth/device/code`, and the token endpoint that they ask again and again.

use idp::{Visitor, device};
use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A tenant with somebody in it, and a television.
async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let client = tenant.client(television(json!({}))).await;
    (tenant, client)
}

fn television(more: Value) -> Value {
    let mut body = json!({
        "name": "Television", "app_type": "native", "oidc_conformant": true,
        "token_endpoint_auth_method": "none", "grant_types": [GRANT, "refresh_token"],
    });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    body
}

async fn begin(tenant: &TestTenant, client: &TestClient, more: Value) -> Answer {
    let mut body = json!({
        "client_id": client.id, "audience": "https://api.example",
        "scope": "openid profile offline_access read:a",
    });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    tenant.without_token().post("/oauth/device/code", body).await
}

async fn poll(tenant: &TestTenant, client: &TestClient, begun: &Answer) -> Answer {
    let body = json!({ "grant_type": GRANT, "client_id": client.id, "device_code": begun["device_code"] });
    tenant.asked(body).await
}

fn visitor(ip: &str) -> Visitor {
    Visitor::new(("https", "idp.example"), ip.parse().unwrap(), None, |_| Vec::new())
}

async fn found(tenant: &TestTenant, typed: &str) -> Option<device::Waiting> {
    device::by_user_code(tenant, typed, &visitor("203.0.113.7")).await.unwrap()
}

/// Ann lets the device have what it wants.
async fn allow(tenant: &TestTenant, begun: &Answer) {
    let waiting = found(tenant, begun.str("user_code")).await.unwrap();
    let ann = idp::user::by_login(tenant, "Username-Password-Authentication", "ann@example.com").await;
    let ann = ann.unwrap().unwrap();
    let connection = "Username-Password-Authentication";
    let methods = vec![idp::pipeline::Method::now(tenant, "pwd")];
    let proof = idp::session::Proof { user_id: &ann.user_id, connection, methods };
    let (session, _) = idp::session::begin(tenant, &visitor("203.0.113.7"), proof).await.unwrap();
    let decided = idp::pipeline::Go::default();
    device::confirm(tenant, &waiting.id, (&session, &ann), None, &decided).await.unwrap();
}

fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer["error"]), (status, &json!(error)), "{}", answer.start());
}

#[tokio::test]
async fn a_device_waits_until_its_user_has_decided() {
    let (tenant, client) = scene().await;
    let begun = begin(&tenant, &client, json!({})).await.must_be(200);
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(900), &json!(5)));
    assert_eq!(begun["verification_uri"], "https://idp.example/activate");
    let code = begun.str("user_code").to_owned();
    assert_eq!(begun["verification_uri_complete"], format!("https://idp.example/activate?user_code={code}"));
    let (left, right) = code.split_once('-').unwrap();
    let is_base20 =
        |part: &str| part.len() == 4 && part.bytes().all(|c| b"BCDFGHJKLMNPQRSTVWXZ".contains(&c));
    assert!(is_base20(left) && is_base20(right), "{code}");

    refused(&poll(&tenant, &client, &begun).await, 403, "authorization_pending");
    let fast = poll(&tenant, &client, &begun).await;
    refused(&fast, 429, "slow_down");
    assert_eq!(fast["error_description"], "You are polling faster than the specified interval of 5 seconds.");
    tenant.later(5_000);
    let pending = poll(&tenant, &client, &begun).await;
    assert_eq!(pending["error_description"], "User has yet to authorize device code.");

    allow(&tenant, &begun).await;
    tenant.later(5_000);
    let answer = poll(&tenant, &client, &begun).await.must_be(200);
    assert_eq!(answer["scope"], "openid profile offline_access read:a");
    assert_eq!(claims(answer.str("id_token"))["name"], "Ann Example");
    assert!(answer["refresh_token"].is_string());
    tenant.asked(client.refreshes(answer.str("refresh_token"))).await.must_be(200);
    tenant.later(5_000);
    refused(&poll(&tenant, &client, &begun).await, 403, "invalid_grant");

    // Who waits and is told so is nothing to read of.
    tenant.flush_logs().await;
    assert_eq!(tenant.get("/api/v2/logs?q=type:fede").await.items().len(), 1);
    assert_eq!(tenant.get("/api/v2/logs?q=type:sede").await.items().len(), 1);
}

#[tokio::test]
async fn a_device_hears_of_its_end_once() {
    let (tenant, client) = scene().await;
    let begun = begin(&tenant, &client, json!({})).await;
    tenant.later(900_000);
    assert!(found(&tenant, begun.str("user_code")).await.is_none());
    refused(&poll(&tenant, &client, &begun).await, 403, "expired_token");
    refused(&poll(&tenant, &client, &begun).await, 403, "invalid_grant");

    let begun = begin(&tenant, &client, json!({})).await;
    let waiting = found(&tenant, begun.str("user_code")).await.unwrap();
    device::deny(&tenant, &waiting.id, &visitor("203.0.113.7")).await.unwrap();
    let denied = poll(&tenant, &client, &begun).await;
    refused(&denied, 403, "access_denied");
    assert_eq!(denied["error_description"], "User cancelled the confirmation prompt.");
    tenant.later(5_000);
    refused(&poll(&tenant, &client, &begun).await, 403, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_typed_in_any_way_and_decided_once() {
    let (tenant, client) = scene().await;
    let begun = begin(&tenant, &client, json!({})).await;
    let code = begun.str("user_code").to_owned();
    let bare = code.replace('-', "");
    for typed in [&code, &bare, &code.to_lowercase(), &format!(" {} {} ", &bare[..3], &bare[3..])] {
        let waiting = found(&tenant, typed).await.unwrap();
        assert_eq!(
            (waiting.client.view.name.as_str(), waiting.scope.as_str()),
            ("Television", "openid profile offline_access read:a")
        );
    }
    assert!(found(&tenant.other(), &code).await.is_none());
    let waiting = found(&tenant, &code).await.unwrap();
    allow(&tenant, &begun).await;
    assert!(found(&tenant, &code).await.is_none());
    assert!(device::deny(&tenant, &waiting.id, &visitor("203.0.113.7")).await.is_err());
}

#[tokio::test]
async fn whoever_guesses_is_not_listened_to() {
    let (tenant, client) = scene().await;
    let begun = begin(&tenant, &client, json!({})).await;
    let guess = async |typed: &str, ip: &str| device::by_user_code(&tenant, typed, &visitor(ip)).await;
    for typed in ["", "\0", "BBBB-BBBB", "'; drop table device_codes", &"B".repeat(100_000), "ß", "💥"] {
        assert!(guess(typed, "203.0.113.9").await.unwrap().is_none(), "{typed:.20}");
    }
    for _ in 0..13 {
        assert!(guess("BBBB-BBBC", "203.0.113.9").await.unwrap().is_none());
    }
    assert!(guess(begun.str("user_code"), "203.0.113.9").await.is_err());
    assert!(guess(begun.str("user_code"), "203.0.113.8").await.unwrap().is_some());
    tenant.later(1_801_000);
    assert!(guess("BBBB-BBBC", "203.0.113.9").await.unwrap().is_none());
}

#[tokio::test]
async fn codes_look_as_the_tenant_wants() {
    let (tenant, client) = scene().await;
    for (rules, is_good) in [
        (json!({ "charset": "digits", "mask": "***-***-***" }), is_digits as fn(&str) -> bool),
        (json!({ "charset": "base20", "mask": "********" }), |code| code.len() == 8),
        (json!({ "charset": "base20", "mask": "** ** ** **" }), |code| code.split(' ').count() == 4),
        // Too short to be safe, so the usual one is taken.
        (json!({ "charset": "digits", "mask": "***" }), is_digits),
    ] {
        tenant.patch("/api/v2/tenants/settings", json!({ "device_flow": rules })).await.must_be(200);
        let begun = begin(&tenant, &client, json!({})).await.must_be(200);
        assert!(is_good(begun.str("user_code")), "{rules}: {}", begun.str("user_code"));
        assert!(found(&tenant, begun.str("user_code")).await.is_some());
    }
}

fn is_digits(code: &str) -> bool {
    code.len() == 11
        && code.split('-').all(|part| part.len() == 3 && part.bytes().all(|c| c.is_ascii_digit()))
}

#[tokio::test]
async fn only_devices_may_ask() {
    let (tenant, client) = scene().await;
    for (body, status, error) in [
        (television(json!({ "grant_types": ["authorization_code"] })), 403, "unauthorized_client"),
        (television(json!({ "oidc_conformant": false })), 403, "unauthorized_client"),
        (
            television(
                json!({ "token_endpoint_auth_method": "client_secret_post", "app_type": "regular_web" }),
            ),
            401,
            "access_denied",
        ),
    ] {
        let other = tenant.client(body).await;
        refused(&begin(&tenant, &other, json!({})).await, status, error);
    }
    refused(&begin(&tenant, &client, json!({ "client_id": "nobody" })).await, 401, "access_denied");
    refused(&begin(&tenant, &client, json!({ "client_id": null })).await, 401, "invalid_client");
    refused(&begin(&tenant, &client, json!({ "audience": "urn:none" })).await, 403, "access_denied");
    refused(&begin(&tenant, &client, json!({ "scope": 7 })).await, 400, "invalid_request");

    // A code is of one client and one tenant.
    let begun = begin(&tenant, &client, json!({})).await;
    allow(&tenant, &begun).await;
    let another = tenant.client(television(json!({ "name": "Other" }))).await;
    refused(&poll(&tenant, &another, &begun).await, 403, "invalid_grant");
    let foreign = tenant.other();
    let theirs = foreign.client(television(json!({}))).await;
    refused(&poll(&foreign, &theirs, &begun).await, 403, "invalid_grant");
    for wrong in [json!(""), json!("x"), json!("x".repeat(9_000)), json!(["a"])] {
        let body = json!({ "grant_type": GRANT, "client_id": client.id, "device_code": wrong });
        let status = tenant.asked(body).await.status;
        assert!([400, 403].contains(&status), "{wrong}: {status}");
    }
    poll(&tenant, &client, &begun).await.must_be(200);
}

#[tokio::test]
async fn of_many_questions_at_once_one_is_answered_with_tokens() {
    let (tenant, client) = scene().await;
    let begun = begin(&tenant, &client, json!({})).await;
    allow(&tenant, &begun).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (tenant, body) = (
            tenant.clone(),
            json!({ "grant_type": GRANT, "client_id": client.id, "device_code": begun["device_code"] }),
        );
        asking.spawn(async move { tenant.asked(body).await.status });
    }
    let served = asking.join_all().await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(served, 1);
}
