//! Several secrets of one client, and when each was used last.

use model::Role;
use serde_json::{Value, json};
use testkit::{STARTED, TestClient, TestTenant};

use crate::{api::v2::text, keys::rsa_pem};

const API: &str = "https://api.example";
const HOUR: i64 = 3_600_000;
const NOW: &str = "2026-07-01T12:00:00.250Z";

async fn scene() -> (TestTenant, TestClient, String) {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let path = format!("/api/x/clients/{}/secrets", client.id);
    (tenant, client, path)
}

async fn made(tenant: &TestTenant, path: &str, body: Value) -> Value {
    tenant.post(path, body).await.must_be(201).body
}

/// The status of a token that is asked for with this secret.
async fn status(tenant: &TestTenant, client: &TestClient, secret: &str) -> u16 {
    tenant.asked(client.asks_with(API, json!({ "client_secret": secret }))).await.status
}

#[tokio::test]
async fn a_second_secret_is_as_good_as_the_first() {
    let (tenant, client, path) = scene().await;

    let made =
        made(&tenant, &path, json!({ "name": "Blue", "expires_at": "2026-07-01T13:00:00+00:00" })).await;

    let (id, secret) = (text(&made, "id"), text(&made, "client_secret"));
    assert!(id.starts_with("sec_") && secret.len() == 64, "{made}");
    let expected = json!({
        "id": id, "name": "Blue", "is_primary": false, "created_at": NOW, "starts_at": null,
        "expires_at": "2026-07-01T13:00:00.000Z", "last_used": null,
    });
    let primary = json!({
        "id": "primary", "name": "Client secret", "is_primary": true, "created_at": NOW, "starts_at": null,
        "expires_at": null, "last_used": null,
    });
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!({ "secrets": [primary, expected] }));
    // On this node at once, and on another one as soon as it looks.
    let another = tenant.server().another_node().await.tenant("default");
    for node in [&tenant, &another] {
        for given in [secret, &client.secret] {
            assert_eq!(status(node, &client, given).await, 200);
        }
        assert_eq!(status(node, &client, "another").await, 401);
    }
    // Nobody else's.
    let other = tenant.client(json!({})).await;
    assert_eq!(status(&tenant, &other, secret).await, 401);

    tenant.delete(&format!("{path}/{id}?force=true")).await.must_be(204);
    assert_eq!(status(&tenant, &client, secret).await, 401);
    assert_eq!(status(&tenant, &client, &client.secret).await, 200);
    tenant.delete(&format!("{path}/{id}")).await.must_be(204);
    another.server().tenants().refresh().await.unwrap();
    assert_eq!(status(&another, &client, secret).await, 401);
}

#[tokio::test]
async fn a_secret_is_good_between_its_beginning_and_its_end() {
    let (tenant, client, path) = scene().await;
    let span =
        json!({ "name": "Noon", "starts_at": "2026-07-01T13:00:00Z", "expires_at": "2026-07-01T14:00:00Z" });
    let made = made(&tenant, &path, span).await;
    let secret = text(&made, "client_secret");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(status(&tenant, &client, secret).await);
        tenant.later(HOUR);
    }
    assert_eq!(statuses, [401, 200, 401]);
    let stats = tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);
    assert_eq!(
        (stats["series"].as_array().unwrap().len(), &stats["series"][0]["key"]),
        (1, &json!("expired_credential"))
    );

    let one = format!("{path}/{}", text(&made, "id"));
    tenant.patch(&one, json!({ "expires_at": null, "name": "Still" })).await.must_be(200);
    assert_eq!(status(&tenant, &client, secret).await, 200);
    tenant.patch(&one, json!({ "expires_at": "2026-07-01T12:00:00Z" })).await.must_be(400);
}

#[tokio::test]
async fn the_old_secret_stays_for_a_grace() {
    let (tenant, client, path) = scene().await;
    tenant.token(client.asks_for(API)).await;
    tenant.later(HOUR);
    let rotate = format!("/api/x/clients/{}/rotate-secret", client.id);

    let rotated = tenant.post(&rotate, json!({ "grace_seconds": 3600 })).await.must_be(200);

    let new = rotated.str("client_secret");
    assert_ne!(new, client.secret);
    assert_eq!(
        (status(&tenant, &client, new).await, status(&tenant, &client, &client.secret).await),
        (200, 200)
    );
    let list = tenant.get(&path).await.must_be(200);
    let (primary, old) = (&list["secrets"][0], &list["secrets"][1]);
    assert_eq!(
        (&primary["created_at"], &old["created_at"]),
        (&json!("2026-07-01T13:00:00.250Z"), &json!(NOW))
    );
    assert_eq!(old["expires_at"], "2026-07-01T14:00:00.250Z");
    assert_eq!(old["last_used"], json!({ "at": "2026-07-01T13:00:00.250Z", "ip": "203.0.113.7" }));
    tenant.later(HOUR);
    assert_eq!(
        (status(&tenant, &client, new).await, status(&tenant, &client, &client.secret).await),
        (200, 401)
    );

    // Without grace the old one is gone at once, and what has ended is swept up.
    let last = tenant.post(&rotate, json!({})).await.must_be(200);
    assert_eq!(
        (status(&tenant, &client, new).await, status(&tenant, &client, last.str("client_secret")).await),
        (401, 200)
    );
    let list = tenant.get(&path).await.must_be(200);
    assert_eq!(list["secrets"].as_array().unwrap().len(), 1);
    // A use of the secret before it is none of this one.
    tenant.post(&rotate, json!({})).await.must_be(200);
    assert_eq!(
        tenant.get(&path).await["secrets"][0]["last_used"],
        json!({ "at": "2026-07-01T14:00:00.250Z", "ip": "203.0.113.7" })
    );
    tenant.later(1);
    tenant.post(&rotate, json!({})).await.must_be(200);
    assert_eq!(tenant.get(&path).await["secrets"][0]["last_used"], Value::Null);
}

#[tokio::test]
async fn whoever_uses_a_secret_is_named_before_it_goes() {
    let (tenant, client, path) = scene().await;
    let made = made(&tenant, &path, json!({ "name": "Green" })).await;
    let one = format!("{path}/{}", text(&made, "id"));
    assert_eq!(status(&tenant, &client, text(&made, "client_secret")).await, 200);

    let refused = tenant.delete(&one).await.must_be(409);

    assert_eq!(refused["errorCode"], "secret_in_use");
    assert_eq!(
        refused["message"],
        "The secret is in use: the application Nightly import proved itself with it at 2026-07-01T12:00:00.250Z \
         from 203.0.113.7. Send force=true to delete it."
    );
    // A day later nobody uses it any more.
    tenant.later(24 * HOUR);
    tenant.delete(&one).await.must_be(204);
}

#[tokio::test]
async fn last_uses_of_two_nodes_meet() {
    let (tenant, client, path) = scene().await;
    let blue = made(&tenant, &path, json!({ "name": "Blue" })).await;
    let another = tenant.server().another_node().await.tenant("default");
    assert_eq!(status(&tenant, &client, text(&blue, "client_secret")).await, 200);
    assert_eq!(status(&another, &client, &client.secret).await, 200);
    another.later(HOUR);
    assert_eq!(status(&another, &client, &client.secret).await, 200);
    // Refused, it is no use.
    another.later(HOUR);
    assert_eq!(status(&another, &client, "another").await, 401);
    another.server().tenants().write_credential_uses().await;

    let uses = tenant.get(&format!("/api/x/clients/{}/credential-uses", client.id)).await.must_be(200);

    let at = |time: &str| json!({ "at": time, "ip": "203.0.113.7" });
    let expected =
        json!({ "uses": { "primary": at("2026-07-01T13:00:00.250Z"), text(&blue, "id"): at(NOW) } });
    assert_eq!(uses.body, expected);
    assert_eq!(tenant.get(&path).await["secrets"][1]["last_used"], at(NOW));
    // What this node noted earlier does not take the place of what is later.
    assert_eq!(status(&tenant, &client, &client.secret).await, 200);
    tenant.write_credential_uses().await.unwrap();
    let list = tenant.get(&path).await;
    assert_eq!(list["secrets"][0]["last_used"], at("2026-07-01T13:00:00.250Z"));
}

#[tokio::test]
async fn keys_have_a_last_use_too() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let methods = json!({ "private_key_jwt": { "credentials": [{ "credential_type": "public_key", "pem": rsa_pem() }] } });
    let client = tenant.client(json!({ "client_authentication_methods": methods })).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
    let seconds = STARTED.div_euclid(1000);
    let claims = json!({
        "iss": client.id, "sub": client.id, "aud": "https://idp.example/", "exp": seconds + 60, "jti": "1",
    });
    let header = json!({ "alg": "RS256" });
    let assertion = crate::keys::signed(crate::keys::rsa(), jsonwebtoken::Algorithm::RS256, &header, &claims);
    let body = json!({
        "grant_type": "client_credentials", "audience": API, "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    tenant.asked(body).await.must_be(200);
    let uses = tenant.get(&format!("/api/x/clients/{}/credential-uses", client.id)).await.must_be(200);
    let id = &client.body["client_authentication_methods"]["private_key_jwt"]["credentials"][0]["id"];
    assert_eq!(uses.body, json!({ "uses": { id.as_str().unwrap(): { "at": NOW, "ip": "203.0.113.7" } } }));
    let rotate = format!("/api/x/clients/{}/rotate-secret", client.id);
    tenant.post(&rotate, json!({ "grace_seconds": 60 })).await.must_be(400);
}

#[tokio::test]
async fn a_client_that_proves_itself_with_a_key_has_no_use_of_secrets() {
    let (tenant, client, path) = scene().await;
    let made = made(&tenant, &path, json!({ "name": "Blue" })).await;
    let pem = json!({ "credential_type": "public_key", "pem": rsa_pem() });
    let credential =
        tenant.post(&format!("/api/v2/clients/{}/credentials", client.id), pem).await.must_be(201);
    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": credential["id"] }] } });
    let body = json!({ "client_authentication_methods": methods });
    tenant.patch(&format!("/api/v2/clients/{}", client.id), body).await.must_be(200);
    for secret in [text(&made, "client_secret"), &client.secret] {
        assert_eq!(status(&tenant, &client, secret).await, 401);
    }
}

#[tokio::test]
async fn ten_and_no_more() {
    let (tenant, client, path) = scene().await;
    for i in 0..10 {
        made(&tenant, &path, json!({ "name": i.to_string(), "expires_at": "2026-07-01T13:00:00Z" })).await;
    }
    let refused = tenant.post(&path, json!({ "name": "x" })).await.must_be(403);
    assert_eq!(refused["errorCode"], "too_many_entities");
    assert!(refused["message"].as_str().unwrap().ends_with("for this client."));
    let rotate = format!("/api/x/clients/{}/rotate-secret", client.id);
    tenant.post(&rotate, json!({ "grace_seconds": 1 })).await.must_be(403);
    // What has ended makes room.
    tenant.later(HOUR);
    tenant.post(&path, json!({ "name": "x" })).await.must_be(201);
}

#[tokio::test]
async fn they_go_and_come_back_with_their_client() {
    let (tenant, client, path) = scene().await;
    let made = made(&tenant, &path, json!({ "name": "Blue" })).await;
    let secret = text(&made, "client_secret");
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    assert_eq!(status(&tenant, &client, secret).await, 401);
    tenant.get(&path).await.must_be(404);
    tenant.post(&format!("/api/x/restore/clients/{}", client.id), json!({})).await.must_be(200);
    assert_eq!(status(&tenant, &client, secret).await, 200);
}

#[tokio::test]
async fn bodies_and_ids_that_mean_nothing() {
    let (tenant, client, path) = scene().await;
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": 7 }),
        json!({ "name": null }),
        json!({ "name": "x".repeat(129) }),
        json!({ "name": "a\0b" }),
        json!({ "name": "x", "secret": "mine" }),
        json!({ "name": "x", "client_id": "another" }),
        json!({ "name": "x", "id": "sec_mine" }),
        json!({ "name": "x", "starts_at": "tomorrow" }),
        json!({ "name": "x", "expires_at": 7 }),
        json!({ "name": "x", "starts_at": "2027-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z" }),
        json!({ "name": "x", "expires_at": "2026-07-01T12:00:00Z" }),
    ] {
        let answer = tenant.post(&path, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    let rotate = format!("/api/x/clients/{}/rotate-secret", client.id);
    for grace in
        [json!(-1), json!(2_592_001), json!("60"), json!(1.5), json!(null), json!([]), json!(u64::MAX)]
    {
        let answer = tenant.post(&rotate, json!({ "grace_seconds": grace })).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{grace}");
    }
    tenant.post(&rotate, json!({ "grace": 7 })).await.must_be(400);
    // The client's own is not one of these.
    tenant.patch(&format!("{path}/primary"), json!({ "name": "x" })).await.must_be(400);
    tenant.delete(&format!("{path}/primary")).await.must_be(400);
    tenant.patch(&format!("{path}/sec_nothing"), json!({ "name": "x" })).await.must_be(404);
    tenant.delete(&format!("{path}/sec_nothing?force=maybe")).await.must_be(400);
    // Neither another client's nor another tenant's can be touched.
    let made = made(&tenant, &path, json!({ "name": "Blue" })).await;
    let stranger = tenant.client(json!({})).await;
    let theirs = format!("/api/x/clients/{}/secrets/{}", stranger.id, text(&made, "id"));
    tenant.patch(&theirs, json!({ "name": "x" })).await.must_be(404);
    tenant.delete(&theirs).await.must_be(204);
    tenant.other().get(&path).await.must_be(404);
    tenant.other().post(&path, json!({ "name": "x" })).await.must_be(404);
    assert_eq!(status(&tenant, &client, text(&made, "client_secret")).await, 200);
}

#[tokio::test]
async fn secrets_are_shown_once_and_never_logged() {
    let (tenant, client, path) = scene().await;
    let made = made(&tenant, &path, json!({ "name": "Blue" })).await;
    let rotate = format!("/api/x/clients/{}/rotate-secret", client.id);
    let rotated = tenant.post(&rotate, json!({ "grace_seconds": 60 })).await.must_be(200);
    let seen = [
        tenant.get(&path).await.must_be(200).text(),
        tenant.get("/api/v2/logs?per_page=100").await.must_be(200).text(),
        tenant.get(&format!("/api/x/history/clients/{}", client.id)).await.must_be(200).text(),
    ];
    for secret in [text(&made, "client_secret"), rotated.str("client_secret"), &client.secret] {
        assert!(seen.iter().all(|seen| !seen.contains(secret)));
    }
}

#[tokio::test]
async fn nobody_plants_a_way_into_a_client_that_may_do_more() {
    let tenant = TestTenant::new().await;
    let privileged = tenant.client(json!({})).await;
    let audience = tenant.management_audience();
    let scope = ["update:tenant_settings"];
    tenant.grant(json!({ "client_id": privileged.id, "audience": audience, "scope": scope })).await;
    let (secrets, key) = (
        format!("/api/x/clients/{}/secrets", privileged.id),
        json!({ "credential_type": "public_key", "pem": rsa_pem() }),
    );
    let credentials = format!("/api/v2/clients/{}/credentials", privileged.id);
    let secret = made(&tenant, &secrets, json!({ "name": "Blue" })).await;
    let credential = tenant.post(&credentials, key.clone()).await.must_be(201);
    let editor = tenant.administrator("editor@example.com", &[Role::EditorApplications]).await;

    let mut refusals = vec![
        editor.post(&secrets, json!({ "name": "Mine" })).await,
        editor.patch(&format!("{secrets}/{}", text(&secret, "id")), json!({ "expires_at": null })).await,
        editor.post(&format!("/api/x/clients/{}/rotate-secret", privileged.id), json!({})).await,
        editor.post(&credentials, key).await,
        editor.patch(&format!("{credentials}/{}", credential.str("id")), json!({ "expires_at": null })).await,
    ];
    for methods in
        [json!(null), json!({ "private_key_jwt": { "credentials": [{ "id": credential["id"] }] } })]
    {
        let patch = json!({ "client_authentication_methods": methods });
        refusals.push(editor.patch(&format!("/api/v2/clients/{}", privileged.id), patch).await);
    }

    for refusal in refusals {
        assert_eq!(
            (refusal.status, &refusal["errorCode"]),
            (403, &json!("insufficient_role")),
            "{}",
            refusal.text()
        );
    }
    // Of a client that reaches no further than they do, they may.
    let client = tenant.client(json!({})).await;
    editor
        .post(&format!("/api/x/clients/{}/secrets", client.id), json!({ "name": "Mine" }))
        .await
        .must_be(201);
}
