//! `/api/x/keys`: the schedule of signing keys, and their end at once

use serde_json::{Value, json};
use testkit::{TestServer, TestTenant, header};

const PATH: &str = "/api/x/keys/policy";
const KEYS: &str = "/api/v2/keys/signing";
const API: &str = "https://api.example";
const DAY: i64 = 86_400_000;

/// The keys by state: current, next, previous.
async fn kids(tenant: &TestTenant) -> [Option<String>; 3] {
    let keys = tenant.get(KEYS).await.must_be(200);
    ["current", "next", "previous"].map(|state| {
        let found = keys.items().iter().find(|key| key[state] == true);
        found.map(|key| key["kid"].as_str().unwrap().to_owned())
    })
}

async fn run(server: &TestServer) {
    idp::key_policy::rotate_due(&server.tenants().all()).await.unwrap();
}

#[tokio::test]
async fn keys_are_rotated_by_their_schedule() {
    let tenant = TestTenant::new().await;
    let usual = json!({ "rotate_every_days": null, "announce_days": 0, "next_rotation": null });
    assert_eq!(tenant.get(PATH).await.body, usual);
    let first = kids(&tenant).await;
    tenant.later(400 * DAY);
    run(tenant.server()).await;
    assert_eq!(kids(&tenant).await, first, "there is no schedule");
    tenant.later(-400 * DAY);

    let body = json!({ "rotate_every_days": 90, "announce_days": 7 });
    let answer = tenant.patch(PATH, body).await.must_be(200);
    assert_eq!(answer["next_rotation"], "2026-09-29T12:00:00.250Z");
    tenant.later(90 * DAY - 1);
    run(tenant.server()).await;
    assert_eq!(kids(&tenant).await, first);
    tenant.later(1);
    run(tenant.server()).await;
    let second = kids(&tenant).await;
    assert_eq!((&second[0], &second[2]), (&first[1], &first[0]));
    let event = tenant.get("/api/v2/logs?q=type:sapi&per_page=1").await.items()[0].clone();
    assert_eq!(
        (&event["description"], &event["details"]["actor"]["name"]),
        (&json!("Rotate the signing keys"), &json!("Schedule"))
    );
    run(tenant.server()).await;
    assert_eq!(kids(&tenant).await, second, "once is enough");
    // By hand too, no key signs that has not been published for long enough.
    let refused = tenant.post(&format!("{KEYS}/rotate"), json!({})).await.must_be(400);
    assert!(refused.str("message").contains("until 2026-10-06T12:00:00.250Z"), "{}", refused.text());
    tenant.later(7 * DAY);
    tenant.post(&format!("{KEYS}/rotate"), json!({})).await.must_be(201);
}

/// Tokens of the previous key are believed until they expire.
#[tokio::test]
async fn no_schedule_cuts_the_life_of_tokens_short() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_lifetime": 2_592_000 })).await;
    tenant.patch(PATH, json!({ "rotate_every_days": 1 })).await.must_be(200);
    tenant.later(DAY);
    run(tenant.server()).await;
    let next = tenant.get(PATH).await["next_rotation"].clone();
    assert_eq!(next, "2026-08-01T12:00:00.250Z", "30 days after the key ceased to sign");
}

#[tokio::test]
async fn of_two_nodes_one_rotates() {
    let tenant = TestTenant::new().await;
    let first = kids(&tenant).await;
    tenant.patch(PATH, json!({ "rotate_every_days": 1 })).await.must_be(200);
    let node = tenant.server().another_node().await;
    tenant.later(DAY);
    node.tenant("default").later(DAY);
    tokio::join!(run(tenant.server()), run(&node));
    tenant.server().tenants().refresh().await.unwrap();
    let second = kids(&tenant).await;
    assert_eq!((&second[0], &second[2]), (&first[1], &first[0]));
    node.tenants().refresh().await.unwrap();
    assert_eq!(kids(&node.tenant("default")).await, second);
}

#[tokio::test]
async fn the_policy_is_checked() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({ "rotate_every_days": 0 }),
        json!({ "rotate_every_days": 366 }),
        json!({ "rotate_every_days": "90" }),
        json!({ "rotate_every_days": 1.5 }),
        json!({ "announce_days": -1 }),
        json!({ "announce_days": 91 }),
        json!({ "announce_days": null }),
        json!({ "rotate_every_days": 7, "announce_days": 7 }),
        json!({ "next_rotation": "2026-01-01" }),
        json!({ "id": "x" }),
    ] {
        let answer = tenant.patch(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    let reader = tenant.allowed(&["read:signing_keys"]);
    reader.get(PATH).await.must_be(200);
    assert_eq!(reader.patch(PATH, json!({})).await.status, 403);
    // The longer a key is published before it signs, the longer it may be cached.
    let jwks = async || {
        tenant.without_token().get("/.well-known/jwks.json").await.header("cache-control").to_owned()
    };
    assert!(jwks().await.contains("max-age=15,"));
    tenant.patch(PATH, json!({ "announce_days": 1 })).await.must_be(200);
    assert!(jwks().await.contains("max-age=300,"));
    tenant.patch(PATH, json!({ "rotate_every_days": null })).await.must_be(200);
    assert_eq!(tenant.get(PATH).await["announce_days"], 1);
}

#[tokio::test]
async fn any_key_can_be_revoked_at_once() {
    let tenant = TestTenant::new().await;
    tenant.patch(PATH, json!({ "announce_days": 30 })).await.must_be(200);
    let m2m = tenant.client_of_an_api().await;
    let es = json!({ "identifier": "https://es.example", "signing_alg": "ES256" });
    tenant.api(es).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": "https://es.example", "scope": [] })).await;
    let is_active = async |token: &str| {
        let body = json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": token });
        tenant.without_token().post("/oauth/introspect", body).await.must_be(200)["active"] == true
    };
    let published =
        async |kid: &str| tenant.without_token().get("/.well-known/jwks.json").await.text().contains(kid);
    for which in [0, 1, 0, 2] {
        if which == 2 {
            tenant.later(31 * DAY);
            tenant.post(&format!("{KEYS}/rotate"), json!({})).await.must_be(201);
        }
        let tokens =
            [tenant.token(m2m.asks_for(API)).await, tenant.token(m2m.asks_for("https://es.example")).await];
        let before = kids(&tenant).await;
        let kid = before[which].clone().unwrap();
        let answer = tenant.post(&format!("/api/x/keys/signing/{kid}/revoke"), json!({})).await.must_be(200);
        assert_eq!((&answer["kid"], &answer["revoked"]), (&json!(kid), &json!(true)));
        assert!(answer["revoked_at"].is_string());
        let after = kids(&tenant).await;
        assert!(after[0].is_some() && after[1].is_some() && !after.contains(&Some(kid.clone())), "{after:?}");
        assert!(!published(&kid).await && published(after[0].as_ref().unwrap()).await);
        for token in &tokens {
            assert_eq!(is_active(token).await, which != 0, "{which}");
        }
        let token = tenant.token(m2m.asks_for(API)).await;
        assert_eq!(header(&token)["kid"], after[0].clone().unwrap());
        assert!(is_active(&token).await);
        // Whoever has the key can write any time into a token, so APIs are told to refuse it for ever.
        let status = tenant.without_token().get("/oauth/token-status").await;
        let refused = status["refused"].as_object().unwrap();
        assert!(refused.values().filter(|up_to| **up_to == json!(253_402_300_799_i64)).count() >= 3);
        tenant.post(&format!("/api/x/keys/signing/{kid}/revoke"), json!({})).await.must_be(400);
    }
    tenant.post("/api/x/keys/signing/nobody/revoke", json!({})).await.must_be(404);
    let reader = tenant.allowed(&["read:signing_keys"]);
    assert_eq!(reader.post("/api/x/keys/signing/x/revoke", Value::Null).await.status, 403);
}
