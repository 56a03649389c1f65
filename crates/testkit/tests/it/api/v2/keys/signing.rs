//! `/api/v2/keys/signing`: current, next, previous, revoked.

use serde_json::{Value, json};
use testkit::{TestTenant, header};

use crate::api::v2::{each, text};

const PATH: &str = "/api/v2/keys/signing";
const API: &str = "https://api.example";

#[tokio::test]
async fn two_keys_from_the_start() {
    let tenant = TestTenant::new().await;
    let keys = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(states(&keys), ["current", "next"]);
    let current = &keys[0];
    let kid = text(current, "kid");
    assert_eq!(kid.len(), 21);
    assert!(text(current, "cert").starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(text(current, "pkcs7").starts_with("-----BEGIN PKCS7-----"));
    assert_eq!(text(current, "fingerprint").replace(':', ""), text(current, "thumbprint"));
    assert_eq!(current["current_since"], "2026-07-01T12:00:00.250Z");
    assert_eq!(tenant.get(&format!("{PATH}/{kid}")).await.must_be(200).body, *current);
    assert_eq!(header(&tenant.owner_token())["kid"], kid);
    let mut members: Vec<&String> = current.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "cert",
            "current",
            "current_since",
            "fingerprint",
            "kid",
            "next",
            "pkcs7",
            "previous",
            "revoked",
            "thumbprint"
        ]
    );
}

#[tokio::test]
async fn the_published_next_key_becomes_current() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let before = tenant.get(PATH).await.body;
    let old = tenant.owner_token();
    tenant.later(5_000);

    let rotated = tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);

    let after = tenant.get(PATH).await.body;
    assert_eq!(states(&after), ["current", "next", "previous"]);
    let kids = each(&after, "kid");
    assert_eq!((kids[0], kids[2]), (text(&before[1], "kid"), text(&before[0], "kid")));
    assert_eq!((kids[1], text(&after[1], "cert")), (rotated.str("kid"), rotated.str("cert")));
    assert_eq!(after[0]["current_since"], "2026-07-01T12:00:05.250Z");
    assert_eq!(after[2]["current_until"], "2026-07-01T12:00:05.250Z");
    // New tokens name the new key, of all kinds; old ones are still believed.
    assert_eq!(header(&tenant.token(m2m.asks_for(API)).await)["kid"], kids[0]);
    tenant.with_token(old).get(PATH).await.must_be(200);
    assert_eq!(published(&tenant).await, kids);
}

#[tokio::test]
async fn only_the_previous_key_can_be_revoked() {
    let tenant = TestTenant::new().await;
    let revoke = |kid: &str| format!("{PATH}/{kid}/revoke");
    let kids: Vec<String> =
        each(&tenant.get(PATH).await.body, "kid").into_iter().map(str::to_owned).collect();
    for kid in &kids {
        tenant.put(&revoke(kid), json!({})).await.must_be(400);
    }
    tenant.put(&revoke("unknown"), json!({})).await.must_be(404);
    tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);
    tenant.later(1);

    let answer = tenant.put(&revoke(&kids[0]), json!({})).await.must_be(200);

    assert_eq!((answer.str("kid"), answer.str("revoked_at")), (kids[0].as_str(), "2026-07-01T12:00:00.251Z"));
    assert_eq!(states(&tenant.get(PATH).await.body), ["current", "next", "revoked"]);
    assert!(!published(&tenant).await.contains(&kids[0]));
    tenant.put(&revoke(&kids[0]), json!({})).await.must_be(400);
}

#[tokio::test]
async fn a_second_rotation_ends_the_previous_key() {
    let tenant = TestTenant::new().await;
    let old = tenant.owner_token();
    tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);
    let between = tenant.owner_token();
    tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);

    tenant.with_token(old).get(PATH).await.must_be(401);
    tenant.with_token(between).get(PATH).await.must_be(200);
    assert_eq!(states(&tenant.get(PATH).await.body), ["current", "next", "previous", "revoked"]);
}

#[tokio::test]
async fn the_list_remembers_three_revoked_keys() {
    let tenant = TestTenant::new().await;
    for _ in 0..6 {
        tenant.later(1);
        tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);
    }
    let expected = ["current", "next", "previous", "revoked", "revoked", "revoked"];
    assert_eq!(states(&tenant.get(PATH).await.body), expected);
}

#[tokio::test]
async fn another_node_follows() {
    let tenant = TestTenant::new().await;
    let elsewhere = tenant.server().another_node().await;
    tenant.post(&format!("{PATH}/rotate"), json!({})).await.must_be(201);
    elsewhere.tenants().refresh().await.unwrap();
    elsewhere.tenant("default").with_token(tenant.owner_token()).get(PATH).await.must_be(200);
}

fn states(keys: &Value) -> Vec<&'static str> {
    let state = |key: &Value| {
        let is = |name: &&str| key[*name] == json!(true);
        let states: Vec<&str> = ["current", "next", "previous", "revoked"].into_iter().filter(is).collect();
        assert_eq!(states.len(), 1, "{key}");
        states[0]
    };
    keys.as_array().unwrap().iter().map(state).collect()
}

async fn published(tenant: &TestTenant) -> Vec<String> {
    let keys = tenant.without_token().get("/.well-known/jwks.json").await.must_be(200);
    each(&keys["keys"], "kid").into_iter().map(str::to_owned).collect()
}
