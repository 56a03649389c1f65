//! Tokens bound to a client's key (RFC 9449): who gets one, and which proofs are good.

use jose::Algorithm;
use serde_json::{Value, json};
use testkit::{Answer, Prover, STARTED, TestClient, TestTenant, claims};

use super::API;

#[tokio::test]
async fn a_proof_binds_the_token_to_its_key() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    for algorithm in [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA] {
        let prover = Prover::with(algorithm);
        let answer = asked(&tenant, &m2m, &prover.at_token_endpoint(&tenant)).await.must_be(200);
        assert_eq!(answer["token_type"], "DPoP");
        assert_eq!(answer.header("dpop-nonce"), "");
        let claims = claims(answer.str("access_token"));
        assert_eq!(claims["cnf"], json!({ "jkt": prover.jkt() }), "{algorithm}");
    }
}

/// The matrix of proof of possession: what the client requires, what it sends, what the API has.
#[tokio::test]
async fn a_token_is_bound_where_it_can_be_and_not_issued_where_it_must_be() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let [none, allowed, required] = [
        json!(null),
        json!({ "mechanism": "dpop", "required": false }),
        json!({ "mechanism": "dpop", "required": true }),
    ];
    let for_public = json!({ "mechanism": "dpop", "required": true, "required_for": "public_clients" });
    let for_all = json!({ "mechanism": "dpop", "required": true, "required_for": "all_clients" });
    for (client_requires, sends, api, expected) in [
        (false, false, &none, "bearer"),
        (false, false, &allowed, "bearer"),
        (false, false, &required, "not issued"),
        (false, false, &for_all, "not issued"),
        // Clients of this grant keep a secret, so they are no public ones.
        (false, false, &for_public, "bearer"),
        (false, true, &none, "bearer"),
        (false, true, &allowed, "bound"),
        (false, true, &required, "bound"),
        (false, true, &for_public, "bound"),
        (true, false, &none, "not issued"),
        (true, false, &allowed, "not issued"),
        (true, false, &required, "not issued"),
        (true, true, &none, "not issued"),
        (true, true, &allowed, "bound"),
        (true, true, &required, "bound"),
    ] {
        let client = format!("/api/v2/clients/{}", m2m.id);
        tenant.patch(&client, json!({ "require_proof_of_possession": client_requires })).await.must_be(200);
        tenant.patch(RESOURCE_SERVER, json!({ "proof_of_possession": api })).await.must_be(200);
        let proof = Prover::new().at_token_endpoint(&tenant);
        let answer = match sends {
            true => asked(&tenant, &m2m, &proof).await,
            false => tenant.asked(m2m.asks_for(API)).await,
        };
        let got = match (answer.status, answer["token_type"].as_str()) {
            (200, Some("Bearer")) if claims(answer.str("access_token")).get("cnf").is_none() => "bearer",
            (200, Some("DPoP")) if claims(answer.str("access_token")).get("cnf").is_some() => "bound",
            (400, None) if answer["error"] == "invalid_request" => "not issued",
            _ => panic!("{}", answer.start()),
        };
        assert_eq!(got, expected, "client requires {client_requires}, sends {sends}, API {api}");
    }
}

#[tokio::test]
async fn a_proof_is_good_once_on_whatever_node() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let prover = Prover::new();
    let proof = prover.at_token_endpoint(&tenant);
    asked(&tenant, &m2m, &proof).await.must_be(200);
    refused(&asked(&tenant, &m2m, &proof).await, "it was used before");
    let node = tenant.server().another_node().await.tenant(tenant.name());
    refused(&asked(&node, &m2m, &proof).await, "it was used before");
    asked(&node, &m2m, &prover.at_token_endpoint(&node)).await.must_be(200);

    // Another key's use of an identifier uses up nobody else's.
    let now = tenant.clock().now();
    for prover in [prover, Prover::new()] {
        let proof = prover.proof("POST", ENDPOINT, now, json!({ "jti": "the-same" }));
        asked(&tenant, &m2m, &proof).await.must_be(200);
    }
}

/// A refusal for another reason uses nothing up.
#[tokio::test]
async fn a_proof_of_a_request_that_is_refused_stays_good() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let proof = Prover::new().at_token_endpoint(&tenant);
    let wrong = m2m.asks_with(API, json!({ "scope": "delete:all" }));
    tenant.asked_with(wrong, &[("dpop", &proof)]).await.must_be(403);
    asked(&tenant, &m2m, &proof).await.must_be(200);
}

#[tokio::test]
async fn a_proof_that_does_not_fit_is_refused() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": false })).await;
    let prover = Prover::new();
    let now = tenant.clock().now();
    for (method, uri, time, more, why) in [
        ("GET", ENDPOINT, now, json!({}), "htm does not match the request"),
        ("POST", "https://other.idp.example/oauth/token", now, json!({}), "htu does not match the request"),
        ("POST", "https://idp.example/oauth/revoke", now, json!({}), "htu does not match the request"),
        ("POST", "http://idp.example/oauth/token", now, json!({}), "htu does not match the request"),
        ("POST", ENDPOINT, now - 301, json!({}), "it is too old"),
        ("POST", ENDPOINT, now + 31, json!({}), "it lies in the future"),
        ("POST", ENDPOINT, now, json!({ "jti": "" }), "jti must be a text of 1 to 256 bytes"),
        ("POST", ENDPOINT, now, json!({ "jti": "x".repeat(257) }), "jti must be a text of 1 to 256 bytes"),
        ("POST", ENDPOINT, now, json!({ "nonce": [] }), "nonce must be a text of 1 to 256 bytes"),
    ] {
        refused(&asked(&tenant, &m2m, &prover.proof(method, uri, time, more)).await, why);
    }
    for (proof, why) in [
        (String::new(), "it is not a compact JWS"),
        ("Bearer".into(), "it is not a compact JWS"),
        ("x".repeat(9_000), "it is too long"),
        (tenant.token(m2m.asks_for(API)).await, "typ must be dpop+jwt"),
    ] {
        refused(&asked(&tenant, &m2m, &proof).await, why);
    }
    // RFC 9449 §4.3: one header.
    let [one, two] = [prover.at_token_endpoint(&tenant), prover.at_token_endpoint(&tenant)];
    for headers in [[("dpop", one.as_str()), ("dpop", &two)], [("dpop", &one), ("dpop", &one)]] {
        let answer = tenant.asked_with(m2m.asks_for(API), &headers).await;
        refused(&answer, "it is not a compact JWS");
    }
    // Bytes that are no text.
    let body = axum::body::Body::from(m2m.asks_for(API).to_string());
    let request = http::Request::post("/oauth/token").header("host", tenant.domain());
    let request = request.header("content-type", "application/json");
    let request = request.header("dpop", http::HeaderValue::from_bytes(b"\xff.\xfe.\xfd").unwrap());
    refused(&tenant.server().send(request.body(body).unwrap()).await, "it is not a compact JWS");
}

/// The address is compared as URLs are (RFC 9449 §4.3), below the path of a tenant too.
#[tokio::test]
async fn the_address_is_the_one_that_was_called() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let prover = Prover::new();
    let now = tenant.clock().now();
    for uri in ["HTTPS://IDP.example:443/oauth/token?a=b#c", "https://idp.example/oauth/%74oken"] {
        asked(&tenant, &m2m, &prover.proof("POST", uri, now, json!({}))).await.must_be(200);
    }
    let below = "https://idp.example/tenants/default/oauth/token";
    for (path, uri, status) in [
        ("/tenants/default/oauth/token", below, 200),
        ("/tenants/default/oauth/token", ENDPOINT, 200),
        ("/oauth/token", below, 400),
    ] {
        let proof = prover.proof("POST", uri, now, json!({}));
        let headers = [("content-type", "application/json"), ("dpop", proof.as_str())];
        let body = m2m.asks_for(API).to_string();
        tenant.without_token().send(http::Method::POST, path, &headers, body).await.must_be(status);
    }
}

#[tokio::test]
async fn a_node_whose_clock_is_behind_takes_no_proof_that_another_has_forgotten() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let proof = Prover::new().at_token_endpoint(&tenant);
    asked(&tenant, &m2m, &proof).await.must_be(200);
    tenant.later(302_000);
    refused(&asked(&tenant, &m2m, &proof).await, "it is too old");
    tenant.store().used_once().prune(tenant.clock().now()).await.unwrap();
    tenant.later(-5_000);
    let node = tenant.server().another_node().await.tenant(tenant.name());
    refused(&asked(&node, &m2m, &proof).await, "it was used before");
}

#[tokio::test]
async fn a_nonce_is_asked_for_where_the_api_wants_one() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let setting = format!("/api/x/resource-servers/{}/dpop-nonce", super::percent(API));
    let answer = tenant.put(&setting, json!({ "required": true })).await.must_be(200);
    assert_eq!(answer.body, json!({ "required": true }));
    assert_eq!(tenant.get(&setting).await.must_be(200).body, answer.body);
    let prover = Prover::new();
    let challenge = asked(&tenant, &m2m, &prover.at_token_endpoint(&tenant)).await.must_be(400);
    assert_eq!(
        challenge.body,
        json!({
            "error": "use_dpop_nonce",
            "error_description": "Authorization server requires nonce in DPoP proof",
        })
    );
    let nonce = challenge.header("dpop-nonce").to_owned();
    assert_eq!(nonce.len(), 43);
    let with = |tenant: &TestTenant, nonce: &str| {
        prover.proof("POST", ENDPOINT, tenant.clock().now(), json!({ "nonce": nonce }))
    };
    let answer = asked(&tenant, &m2m, &with(&tenant, &nonce)).await.must_be(200);
    assert_eq!(answer.header("dpop-nonce"), nonce);
    // Another node has the same ones, another tenant has others.
    let node = tenant.server().another_node().await.tenant(tenant.name());
    asked(&node, &m2m, &with(&node, &nonce)).await.must_be(200);
    for wrong in ["x", &nonce.to_lowercase(), &"n".repeat(256)] {
        let answer = asked(&tenant, &m2m, &with(&tenant, wrong)).await.must_be(400);
        assert_eq!(answer["error"], "use_dpop_nonce");
    }
    // The next one is handed out before this one ends.
    tenant.later(300_000);
    let answer = asked(&tenant, &m2m, &with(&tenant, &nonce)).await.must_be(200);
    assert_ne!(answer.header("dpop-nonce"), nonce);
    tenant.later(300_000);
    asked(&tenant, &m2m, &with(&tenant, &nonce)).await.must_be(400);
    asked(&tenant, &m2m, &with(&tenant, answer.header("dpop-nonce"))).await.must_be(200);

    tenant.put(&setting, json!({ "required": false })).await.must_be(200);
    asked(&tenant, &m2m, &prover.at_token_endpoint(&tenant)).await.must_be(200);
}

/// Who sends a nonce although none is wanted has to send a good one.
#[tokio::test]
async fn a_nonce_that_nobody_gave_is_refused() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let proof = Prover::new().proof("POST", ENDPOINT, STARTED / 1000, json!({ "nonce": "made up" }));
    let answer = asked(&tenant, &m2m, &proof).await.must_be(400);
    assert_eq!(answer["error"], "use_dpop_nonce");
    let again = json!({ "nonce": answer.header("dpop-nonce") });
    let proof = Prover::new().proof("POST", ENDPOINT, STARTED / 1000, again);
    asked(&tenant, &m2m, &proof).await.must_be(200);
}

#[tokio::test]
async fn tokens_of_several_keys_are_never_shared() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": false })).await;
    let bearer = tenant.token(m2m.asks_for(API)).await;
    let mut tokens = vec![bearer.clone()];
    for _ in 0..2 {
        let prover = Prover::new();
        let answer = asked(&tenant, &m2m, &prover.at_token_endpoint(&tenant)).await.must_be(200);
        assert_eq!(claims(answer.str("access_token"))["cnf"]["jkt"], prover.jkt());
        tokens.push(answer.str("access_token").to_owned());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
    assert_eq!(tenant.token(m2m.asks_for(API)).await, bearer);
}

/// A test of what the client would get proves nothing in its place.
#[tokio::test]
async fn a_test_token_is_no_way_around_a_proof() {
    let (tenant, m2m) = scene(json!({ "mechanism": "dpop", "required": true })).await;
    let body = json!({ "audience": API });
    let answer = tenant.post(&format!("/api/x/clients/{}/test-token", m2m.id), body).await;
    assert!(answer.status >= 400 && !answer.text().contains("eyJ"), "{}", answer.start());
}

const ENDPOINT: &str = "https://idp.example/oauth/token";
const RESOURCE_SERVER: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

async fn scene(proof_of_possession: Value) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let rules = json!({ "proof_of_possession": proof_of_possession });
    tenant.patch(RESOURCE_SERVER, rules).await.must_be(200);
    (tenant, m2m)
}

async fn asked(tenant: &TestTenant, m2m: &TestClient, proof: &str) -> Answer {
    tenant.asked_with(m2m.asks_for(API), &[("dpop", proof)]).await
}

#[track_caller]
fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 400, "{}", answer.start());
    let description = format!("Invalid DPoP proof: {why}");
    assert_eq!(answer.body, json!({ "error": "invalid_dpop_proof", "error_description": description }));
}
