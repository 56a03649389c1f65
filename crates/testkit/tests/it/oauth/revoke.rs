//! `POST /oauth/revoke`: an application lets go of a refresh token.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use testkit::{Browser, TestTenant, claims};

#[tokio::test]
async fn a_token_is_revoked_with_its_family() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let spa = tenant.spa(json!({})).await;
    let another = tenant.spa(json!({ "name": "Another" })).await;
    let mut browser = Browser::new(&tenant);
    let code = browser.log_in(&spa, "ann@example.com").await;
    let first = tenant.asked(spa.redeems(&code)).await.must_be(200).str("refresh_token").to_owned();
    let second = tenant.asked(spa.refreshes(&first)).await.must_be(200).str("refresh_token").to_owned();

    let revoke = async |body: serde_json::Value| tenant.without_token().post("/oauth/revoke", body).await;
    // Somebody else's is as good as unknown.
    for body in [
        json!({ "client_id": another.id, "token": second }),
        json!({ "client_id": spa.id, "token": "unknown" }),
        json!({ "client_id": spa.id, "token": "é\u{1}", "token_type_hint": "refresh_token" }),
    ] {
        assert_eq!(revoke(body).await.must_be(200).text(), "");
    }
    let second = tenant.asked(spa.refreshes(&second)).await.must_be(200).str("refresh_token").to_owned();
    assert_eq!(revoke(json!({ "client_id": spa.id, "token": second })).await.must_be(200).text(), "");
    let answer = tenant.asked(spa.refreshes(&second)).await.must_be(403);
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(tenant.get("/api/v2/logs?q=type:srrt").await.items().len(), 1);

    for (body, status) in [
        (json!({ "client_id": spa.id }), 400),
        (json!({ "client_id": spa.id, "token": 7 }), 400),
        (json!({ "client_id": spa.id, "token": "a\u{0}" }), 400),
        (json!({ "client_id": "nobody", "token": "x" }), 401),
        (json!({ "token": "x" }), 401),
    ] {
        revoke(body).await.must_be(status);
    }
    let m2m = tenant.client(json!({})).await;
    revoke(json!({ "client_id": m2m.id, "token": "x" })).await.must_be(401);
    revoke(json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": "x" })).await.must_be(200);
}

/// Whoever has an API's secret can write any token for it, and lets go of none for ever.
#[tokio::test]
async fn what_a_token_says_of_its_end_is_believed_for_as_long_as_tokens_last() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({ "signing_alg": "HS256" })).await;
    let secret = tenant.get(&format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap())).await;
    let secret = secret.str("signing_secret").to_owned();
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": "https://api.example", "scope": [] })).await;
    let genuine = claims(&tenant.token(m2m.asks_for("https://api.example")).await);
    for exp in [i64::MAX, i64::MAX / 1000, 253_402_300_799] {
        let mut forged = genuine.clone();
        (forged["exp"], forged["iat"]) = (json!(exp), json!(exp));
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &forged, &key).unwrap();
        let body = json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": token });
        tenant.without_token().post("/oauth/revoke", body).await.must_be(200);
    }
    let held = async || tenant.get("/api/x/revocations").await["revocations"].as_array().unwrap().len();
    assert_eq!(held().await, 3);
    // Nor does the client wait for a second that was made up.
    tenant.later(1_000);
    tenant.asked(m2m.asks_for("https://api.example")).await.must_be(200);
    tenant.later(31 * 86_400_000);
    assert_eq!(held().await, 0);
}
