//! Clients that prove themselves with an assertion of their own (RFC 7523).

use http::Method;
use jose::{KeyKind, PrivateKey};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use testkit::{Answer, STARTED, TestTenant, claims};

use super::API;
use crate::keys::{certificate, rsa, rsa_pem, signed};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const NOW: i64 = STARTED.div_euclid(1000);

/// A client that proves itself with a key, and may call the API.
struct Scene {
    tenant: TestTenant,
    id: String,
    credential: Value,
}

impl Scene {
    async fn new() -> Scene {
        Scene::with(json!({ "pem": rsa_pem() })).await
    }

    async fn with(credential: Value) -> Scene {
        let tenant = TestTenant::new().await;
        tenant.api(json!({})).await;
        let mut brought = credential;
        brought["credential_type"] = json!("public_key");
        let methods = json!({ "private_key_jwt": { "credentials": [brought] } });
        let client = tenant.client(json!({ "client_authentication_methods": methods })).await;
        tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
        let credential =
            client.body["client_authentication_methods"]["private_key_jwt"]["credentials"][0].clone();
        Scene { tenant, id: client.id, credential }
    }

    /// Good claims, and these instead; what is `null` is left out.
    fn claims(&self, more: Value) -> Value {
        let mut claims = json!({
            "iss": self.id, "sub": self.id, "aud": "https://idp.example/", "iat": NOW, "exp": NOW + 60,
            "jti": jose::random_text(20, b"abcdef"),
        });
        let all = claims.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        all.retain(|_, value| !value.is_null());
        claims
    }

    async fn ask(&self, assertion: &str) -> Answer {
        self.ask_with(assertion, json!({})).await
    }

    async fn ask_with(&self, assertion: &str, more: Value) -> Answer {
        ask(&self.tenant, assertion, more).await
    }

    /// Asks with a good header and these claims.
    async fn claiming(&self, more: Value) -> Answer {
        self.ask(&rs256(&self.claims(more))).await
    }

    /// The newest refusal in the log.
    async fn refusal(&self) -> Value {
        self.tenant.get("/api/v2/logs?q=type:feccft&per_page=1").await.must_be(200).items()[0].clone()
    }
}

async fn ask(tenant: &TestTenant, assertion: &str, more: Value) -> Answer {
    let mut body = json!({
        "grant_type": "client_credentials", "audience": API, "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    tenant.asked(body).await
}

fn rs256(claims: &Value) -> String {
    signed(rsa(), Algorithm::RS256, &json!({ "alg": "RS256", "typ": "JWT" }), claims)
}

#[track_caller]
fn refused(answer: &Answer, about: &str) {
    let body = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
    assert_eq!((answer.status, answer.text()), (401, body.to_string()), "{about}");
}

#[tokio::test]
async fn an_assertion_gets_a_token() {
    let scene = Scene::new().await;

    let answer = scene.claiming(json!({})).await.must_be(200);

    let log_id = answer.header("x-countersign-log-id");
    let event = scene.tenant.get(&format!("/api/v2/logs/{log_id}")).await.must_be(200);
    assert_eq!(event["client_id"], json!(scene.id));
    let trace = &event["details"]["trace"];
    assert_eq!(
        (&trace["method"], &trace["credential"]),
        (&json!("private_key_jwt"), &scene.credential["id"])
    );
    assert_eq!(claims(answer.str("access_token"))["azp"], json!(scene.id));
    // The client may be named beside, and the key too.
    let kid = json!({ "alg": "RS256", "kid": scene.credential["kid"] });
    let assertion = signed(rsa(), Algorithm::RS256, &kid, &scene.claims(json!({})));
    scene.ask_with(&assertion, json!({ "client_id": scene.id })).await.must_be(200);
    // As a form too.
    let form = format!(
        "grant_type=client_credentials&audience={API}&client_assertion_type={JWT_BEARER}&client_assertion={}",
        rs256(&scene.claims(json!({})))
    );
    scene.tenant.without_token().form("/oauth/token", form).await.must_be(200);
}

#[tokio::test]
async fn every_algorithm_of_a_credential() {
    let keys = [KeyKind::P256, KeyKind::Ed25519].map(|kind| PrivateKey::generate(kind).unwrap());
    for (name, algorithm, key) in [
        ("RS256", Algorithm::RS256, rsa()),
        ("RS384", Algorithm::RS384, rsa()),
        ("PS256", Algorithm::PS256, rsa()),
        ("ES256", Algorithm::ES256, &keys[0]),
        ("EdDSA", Algorithm::EdDSA, &keys[1]),
    ] {
        let scene = Scene::with(json!({ "pem": key.public().to_spki_pem(), "alg": name })).await;
        assert_eq!(scene.credential["alg"], name);
        let assertion = signed(key, algorithm, &json!({ "alg": name }), &scene.claims(json!({})));
        scene.ask(&assertion).await.must_be(200);
        if name == "EdDSA" {
            // RFC 9864 §2.2: newer libraries call it so.
            let newer = signed(key, algorithm, &json!({ "alg": "Ed25519" }), &scene.claims(json!({})));
            scene.ask(&newer).await.must_be(200);
        }
        // The credential says which; the same key with another algorithm proves nothing.
        let other = if name == "RS256" { ("RS384", Algorithm::RS384) } else { ("RS256", Algorithm::RS256) };
        if key.kind() == KeyKind::Rsa {
            let assertion = signed(key, other.1, &json!({ "alg": other.0 }), &scene.claims(json!({})));
            refused(&scene.ask(&assertion).await, name);
        }
    }
}

#[tokio::test]
async fn claims_that_prove_nothing_and_why() {
    let scene = Scene::new().await;
    for (more, cause) in [
        (json!({ "iss": "somebody" }), "'iss' is not the client, and client_id is missing"),
        (json!({ "iss": null }), "'iss' is not the client, and client_id is missing"),
        (json!({ "iss": 7 }), "'iss' is not the client, and client_id is missing"),
        (json!({ "sub": "somebody" }), "'iss' is not the client, and client_id is missing"),
        (json!({ "aud": null }), "'aud' is not https://idp.example/"),
        (json!({ "aud": "https://idp.example" }), "'aud' is not https://idp.example/"),
        (json!({ "aud": "https://other.idp.example/" }), "'aud' is not https://idp.example/"),
        (json!({ "aud": [] }), "'aud' is not https://idp.example/"),
        (json!({ "aud": { "https://idp.example/": 1 } }), "'aud' is not https://idp.example/"),
        (json!({ "exp": null }), "'exp' is missing"),
        (json!({ "exp": "soon" }), "'exp' is not a number"),
        (json!({ "exp": (NOW + 60).to_string() }), "'exp' is not a number"),
        (json!({ "exp": NOW }), "'exp' is past"),
        (json!({ "exp": -1e300 }), "'exp' is past"),
        (json!({ "exp": NOW + 301 }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "exp": 1e300 }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "exp": i64::MAX }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "iat": null, "exp": NOW + 311 }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "iat": NOW - 3600, "exp": NOW + 60 }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "iat": i64::MIN }), "'exp' is more than 5 minutes after 'iat'"),
        (json!({ "iat": NOW + 11 }), "'iat' is in the future"),
        (json!({ "iat": true }), "'iat' is not a number"),
        (json!({ "nbf": NOW + 11 }), "'nbf' is in the future"),
        (json!({ "nbf": [] }), "'nbf' is not a number"),
        (json!({ "jti": null }), "'jti' is missing"),
        (json!({ "jti": "" }), "'jti' is missing"),
        (json!({ "jti": 7 }), "'jti' is missing"),
        (json!({ "jti": "x".repeat(65) }), "'jti' is longer than 64 characters"),
        (json!({ "note": "x".repeat(2048) }), "the assertion is longer than 2048 bytes"),
    ] {
        let about = more.to_string();
        scene.tenant.later(1);
        refused(&scene.claiming(more).await, &about);
        let event = scene.refusal().await;
        assert_eq!(event["details"]["client_authentication_error"], cause, "{about}");
        assert_eq!(event["description"], "Failed client authentication");
        assert_eq!(event["details"]["trace"]["method"], "private_key_jwt");
    }
    scene.claiming(json!({})).await.must_be(200);
}

#[tokio::test]
async fn claims_at_their_limits() {
    let scene = Scene::new().await;
    for more in [
        json!({ "aud": "https://idp.example/oauth/token" }),
        json!({ "aud": ["urn:x", "https://idp.example/"] }),
        json!({ "exp": NOW + 1 }),
        json!({ "exp": NOW + 300 }),
        json!({ "exp": NOW as f64 + 60.5 }),
        json!({ "iat": null, "exp": NOW + 310 }),
        json!({ "iat": NOW + 10, "nbf": NOW + 10, "exp": NOW + 310 }),
        json!({ "jti": "é".repeat(64) }),
        json!({ "jti": "\u{0}\n🔑" }),
        json!({ "kid": "whatever", "note": { "deep": [1, 2] } }),
    ] {
        scene.claiming(more).await.must_be(200);
    }
}

#[tokio::test]
async fn headers_that_prove_nothing() {
    let scene = Scene::new().await;
    let good = scene.claims(json!({}));
    for (header, cause) in [
        (json!({ "alg": "none" }), "'alg' is not that of the credential"),
        (json!({ "alg": "HS256" }), "'alg' is not that of the credential"),
        (json!({ "alg": "RS384" }), "'alg' is not that of the credential"),
        (json!({ "alg": "PS256" }), "'alg' is not that of the credential"),
        (json!({ "alg": "x".repeat(17) }), "'alg' is longer than 16 characters"),
        (json!({ "alg": "RS256", "kid": "another-key" }), "'kid' names no credential of the client"),
        (json!({ "alg": "RS256", "typ": "dpop+jwt" }), "'typ' is that of another kind of token"),
        (json!({ "alg": "RS256", "typ": "at+jwt" }), "'typ' is that of another kind of token"),
        (
            json!({ "typ": "JWT" }),
            "client_assertion is no JWT: malformed token: the header has no `alg` text",
        ),
        (json!({ "alg": 7 }), "client_assertion is no JWT: malformed token: the header has no `alg` text"),
        (
            json!({ "alg": "RS256", "crit": ["b64"] }),
            "client_assertion is no JWT: malformed token: `crit` is not supported",
        ),
    ] {
        let about = header.to_string();
        scene.tenant.later(1);
        refused(&scene.ask(&signed(rsa(), Algorithm::RS256, &header, &good)).await, &about);
        assert_eq!(scene.refusal().await["details"]["client_authentication_error"], cause, "{about}");
    }
    let stranger = PrivateKey::generate(KeyKind::Rsa).unwrap();
    let forged = signed(&stranger, Algorithm::RS256, &json!({ "alg": "RS256" }), &good);
    refused(&scene.ask(&forged).await, "another key");
    // The public key is no secret to sign with.
    let secret = jsonwebtoken::EncodingKey::from_secret(rsa_pem().as_bytes());
    let header = jsonwebtoken::Header::new(Algorithm::HS256);
    refused(&scene.ask(&jsonwebtoken::encode(&header, &good, &secret).unwrap()).await, "a confused key");
    // What was tried does not use up what is good.
    scene.ask(&rs256(&good)).await.must_be(200);
}

#[tokio::test]
async fn what_is_no_assertion() {
    let scene = Scene::new().await;
    let good = rs256(&scene.claims(json!({})));
    let [header, claims, signature] = [0, 1, 2].map(|i| good.split('.').nth(i).unwrap());
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "a.b.c".into(),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}.{claims}.{}", &signature[1..]),
        format!("{header}..{signature}"),
        format!("{}.{claims}.{signature}", jose::b64url_encode("[]")),
        format!("{header}.{}.{signature}", jose::b64url_encode("{\"iss\":\"a\",\"iss\":\"b\"}")),
        format!("{header}.{}.{signature}", jose::b64url_encode("[".repeat(5_000))),
        format!("{header}.{}.{signature}", jose::b64url_encode([0xff, 0xfe])),
        format!(" {good}"),
        format!("{good}\n"),
        "x".repeat(16 * 1024),
    ] {
        let answer = scene.ask(&bad).await;
        refused(&answer, &bad.chars().take(60).collect::<String>());
    }
    for bad in [
        json!(null),
        json!(""),
        json!("urn:x"),
        json!("urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    ] {
        let about = bad.to_string();
        refused(&scene.ask_with(&good, json!({ "client_assertion_type": bad })).await, &about);
    }
    refused(&scene.ask_with(&good, json!({ "client_id": "somebody" })).await, "another client");
    let nul = scene.ask(&format!("{good}\0")).await;
    assert_eq!(nul.status, 400);
    // Together with a secret or by itself, once.
    for both in [json!({ "client_secret": "x" }), json!({ "client_secret": "" })] {
        assert_eq!(scene.ask_with(&good, both).await.status, 400);
    }
    let headers = [("authorization", "Basic YTpi"), ("content-type", "application/json")];
    let body = json!({ "grant_type": "client_credentials", "client_assertion": good }).to_string();
    assert_eq!(
        scene.tenant.without_token().send(Method::POST, "/oauth/token", &headers, body).await.status,
        400
    );
    scene.ask(&good).await.must_be(200);
}

#[tokio::test]
async fn an_assertion_is_good_once_on_whatever_node() {
    let scene = Scene::new().await;
    let assertion = rs256(&scene.claims(json!({})));
    scene.ask(&assertion).await.must_be(200);

    refused(&scene.ask(&assertion).await, "the same node");
    let event = scene.refusal().await;
    let cause = "'jti' was used before: an assertion is good for one request";
    assert_eq!(event["details"]["client_authentication_error"], cause);
    let another = scene.tenant.server().another_node().await.tenant("default");
    refused(&ask(&another, &assertion, json!({})).await, "another node");

    // The number alone counts, not the rest.
    let same = json!({ "jti": "the-same-number" });
    scene.claiming(same.clone()).await.must_be(200);
    scene.tenant.later(2000);
    refused(&scene.claiming(same).await, "other times");
    // Of two at once, on two nodes, one is the first.
    let assertion = rs256(&scene.claims(json!({})));
    let (one, other) =
        tokio::join!(ask(&scene.tenant, &assertion, json!({})), ask(&another, &assertion, json!({})));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn another_client_may_use_the_same_number() {
    let scene = Scene::new().await;
    let methods = json!({ "private_key_jwt": { "credentials": [{ "credential_type": "public_key", "pem": rsa_pem() }] } });
    let other = scene.tenant.client(json!({ "client_authentication_methods": methods })).await;
    scene.tenant.grant(json!({ "client_id": other.id, "audience": API, "scope": [] })).await;
    scene.claiming(json!({ "jti": "one" })).await.must_be(200);
    scene.claiming(json!({ "jti": "one", "iss": other.id, "sub": other.id })).await.must_be(200);
}

#[tokio::test]
async fn another_tenant_does_not_know_the_client() {
    let scene = Scene::new().await;
    let theirs = json!({ "aud": "https://other.idp.example/" });
    refused(&ask(&scene.tenant.other(), &rs256(&scene.claims(theirs)), json!({})).await, "another tenant");
}

#[tokio::test]
async fn an_expired_credential_proves_nothing() {
    let scene = Scene::with(json!({ "pem": rsa_pem(), "expires_at": "2026-07-01T12:00:01Z" })).await;
    scene.claiming(json!({})).await.must_be(200);
    scene.tenant.later(1000);
    refused(&scene.claiming(json!({})).await, "expired");
    assert_eq!(scene.refusal().await["details"]["client_authentication_error"], "the credential has expired");
    // Extended, it is good again at once.
    let credential = scene.credential["id"].as_str().unwrap();
    let path = format!("/api/v2/clients/{}/credentials/{credential}", scene.id);
    scene.tenant.patch(&path, json!({ "expires_at": null })).await.must_be(200);
    scene.claiming(json!({})).await.must_be(200);
}

#[tokio::test]
async fn a_key_takes_anothers_place_without_a_gap() {
    let scene = Scene::new().await;
    let path = format!("/api/v2/clients/{}", scene.id);
    let next = PrivateKey::generate(KeyKind::P256).unwrap();
    let body = json!({ "credential_type": "public_key", "pem": next.public().to_spki_pem() });
    let made = scene.tenant.post(&format!("{path}/credentials"), body).await.must_be(201);
    let es256 = || signed(&next, Algorithm::ES256, &json!({ "alg": "ES256" }), &scene.claims(json!({})));
    // Registered, and not yet named by the client.
    refused(&scene.ask(&es256()).await, "not named");
    let named = |ids: &[&Value]| {
        let credentials: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "client_authentication_methods": { "private_key_jwt": { "credentials": credentials } } })
    };
    let (old, new) = (&scene.credential["id"], &made["id"]);
    scene.tenant.patch(&path, named(&[old, new])).await.must_be(200);
    scene.ask(&es256()).await.must_be(200);
    scene.claiming(json!({})).await.must_be(200);
    scene.tenant.patch(&path, named(&[new])).await.must_be(200);
    scene.ask(&es256()).await.must_be(200);
    refused(&scene.claiming(json!({})).await, "no longer named");
}

#[tokio::test]
async fn a_client_with_a_secret_is_not_registered_for_it() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let pem = json!({ "credential_type": "public_key", "pem": certificate().pem() });
    tenant.post(&format!("/api/v2/clients/{}/credentials", m2m.id), pem).await.must_be(201);
    let claims = json!({
        "iss": m2m.id, "sub": m2m.id, "aud": "https://idp.example/", "exp": NOW + 60, "jti": "1",
    });
    refused(&ask(&tenant, &rs256(&claims), json!({})).await, "a secret");
}

#[tokio::test]
async fn a_strict_profile_wants_the_issuer_alone() {
    let scene = Scene::new().await;
    let path = format!("/api/v2/clients/{}", scene.id);
    scene.tenant.patch(&path, json!({ "compliance_level": "fapi2_sp_pkj_mtls" })).await.must_be(200);
    for aud in [json!("https://idp.example/oauth/token"), json!(["https://idp.example/"])] {
        let about = aud.to_string();
        refused(&scene.claiming(json!({ "aud": aud })).await, &about);
    }
}

#[tokio::test]
async fn it_proves_a_client_wherever_a_secret_would() {
    let scene = Scene::new().await;
    let revoke = |assertion: String| {
        let body =
            json!({ "token": "unknown", "client_assertion_type": JWT_BEARER, "client_assertion": assertion });
        let anyone = scene.tenant.without_token();
        async move { anyone.post("/oauth/revoke", body).await }
    };
    revoke(rs256(&scene.claims(json!({})))).await.must_be(200);
    let stranger = PrivateKey::generate(KeyKind::Rsa).unwrap();
    let forged = signed(&stranger, Algorithm::RS256, &json!({ "alg": "RS256" }), &scene.claims(json!({})));
    refused(&revoke(forged).await, "forged");
    // One of the two places uses it up for the other.
    let assertion = rs256(&scene.claims(json!({})));
    revoke(assertion.clone()).await.must_be(200);
    refused(&scene.ask(&assertion).await, "used up");
}

#[tokio::test]
async fn the_reasons_are_counted_apart() {
    let scene = Scene::new().await;
    let assertion = rs256(&scene.claims(json!({})));
    scene.ask(&assertion).await.must_be(200);
    scene.ask(&assertion).await.must_be(401);
    scene.ask("x").await.must_be(401);
    scene.claiming(json!({ "iss": "nobody", "sub": "nobody" })).await.must_be(401);
    let stats = scene.tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);
    let mut reasons: Vec<&str> =
        stats["series"].as_array().unwrap().iter().filter_map(|one| one["key"].as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["bad_assertion", "replayed_assertion", "unknown_client"]);
}
