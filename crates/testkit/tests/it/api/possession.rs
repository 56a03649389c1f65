//! Tokens for the Management API that are bound to a key or a certificate, and whoever has them without it.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Machine, Prover, TestTenant};
use web::PeerCertificate;

const PATH: &str = "/api/v2/clients";

#[tokio::test]
async fn a_token_bound_to_a_key_needs_its_proof() {
    let (tenant, prover) = (TestTenant::new().await, Prover::new());
    let token = token(&tenant, "dpop", &prover, None).await;
    let good = || prover.with_token(&tenant, "GET", PATH, &token);
    let read = async |scheme: &str, proofs: &[&str]| ask(&tenant, scheme, &token, proofs, PATH).await;
    read("DPoP", &[&good()]).await.must_be(200);
    read("dpop", &[&good()]).await.must_be(200);
    // Whoever only has the token has nothing.
    read("Bearer", &[]).await.must_be(401);
    read("Bearer", &[&good()]).await.must_be(401);
    let answer = read("DPoP", &[]).await.must_be(401);
    assert_eq!(answer["error"], "Unauthorized");
    // Nor does whoever saw a proof go by.
    let seen = good();
    read("DPoP", &[&seen]).await.must_be(200);
    read("DPoP", &[&seen]).await.must_be(401);
    let node = tenant.server().another_node().await.tenant(tenant.name());
    ask(&node, "DPoP", &token, &[&seen], PATH).await.must_be(401);

    let now = tenant.clock().now();
    let ath = jose::b64url_encode(jose::sha256(token.as_bytes()));
    let claiming = |method: &str, uri: &str, more: Value| prover.proof(method, uri, now, more);
    let place = "https://idp.example/api/v2/clients";
    for (proof, status) in [
        (claiming("GET", place, json!({ "ath": ath })), 200),
        (claiming("GET", &format!("{place}?page=0#x"), json!({ "ath": ath })), 200),
        (claiming("GET", place, json!({})), 401),
        (claiming("GET", place, json!({ "ath": "another" })), 401),
        (claiming("POST", place, json!({ "ath": ath })), 401),
        (claiming("GET", &format!("{place}/x"), json!({ "ath": ath })), 401),
        (claiming("GET", "https://other.idp.example/api/v2/clients", json!({ "ath": ath })), 401),
        (prover.proof("GET", place, now - 301, json!({ "ath": ath })), 401),
        (Prover::new().with_token(&tenant, "GET", PATH, &token), 401),
        (prover.at_token_endpoint(&tenant), 401),
        ("x".repeat(9_000), 401),
        ("é.\u{fe}.\u{1f600}".into(), 401),
        (String::new(), 401),
    ] {
        let answer = read("DPoP", &[&proof]).await;
        assert_eq!(answer.status, status, "{proof:.200}");
    }
    read("DPoP", &[&good(), &good()]).await.must_be(401);
    // Below the path of the tenant too, with what is asked for beside it.
    let path = "/tenants/default/api/v2/clients?per_page=1";
    let proof = claiming("GET", "https://idp.example/tenants/default/api/v2/clients", json!({ "ath": ath }));
    ask(&tenant, "DPoP", &token, &[&proof], path).await.must_be(200);
    // Whoever lures a caller to a server of its own passes on what it was shown, host and all.
    for (host, status) in [("evil.example", 401), ("idp.example", 200), ("localhost:8443", 200)] {
        let proof = claiming("GET", &format!("https://{host}{PATH}"), json!({ "ath": ath }));
        let authorization = format!("DPoP {token}");
        let headers = [("authorization", authorization.as_str()), ("dpop", proof.as_str()), ("host", host)];
        let answer = tenant.without_token().send(Method::GET, PATH, &headers, "").await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_needs_it() {
    let (tenant, prover, machine) = (TestTenant::new().await, Prover::new(), Machine::new("any.example"));
    let token = token(&tenant, "mtls", &prover, Some(machine.shows(false))).await;
    for (shown, status) in [
        (Some(machine.shows(false)), 200),
        (Some(machine.shows(true)), 200),
        (Some(Machine::new("any.example").shows(true)), 401),
        (None, 401),
    ] {
        let caller = tenant.with_token(&token).showing(shown.clone());
        caller.get(PATH).await.must_be(status);
        // A proof of something else is none of this.
        let proof = prover.with_token(&tenant, "GET", PATH, &token);
        let authorization = format!("DPoP {token}");
        let headers = [("authorization", authorization.as_str()), ("dpop", &proof)];
        caller.send(Method::GET, PATH, &headers, "").await.must_be(401);
    }
}

/// A token that is bound to nothing is not made more of it.
#[tokio::test]
async fn a_plain_token_is_a_bearer_token() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["read:clients"]).await;
    let proof = Prover::new().with_token(&tenant, "GET", PATH, &token);
    ask(&tenant, "Bearer", &token, &[], PATH).await.must_be(200);
    ask(&tenant, "Bearer", &token, &[&proof], PATH).await.must_be(200);
    ask(&tenant, "DPoP", &token, &[&proof], PATH).await.must_be(401);
    ask(&tenant, "DPoP", &token, &[], PATH).await.must_be(401);
}

#[tokio::test]
async fn a_token_in_the_query_is_none() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["read:clients"]).await;
    for path in [format!("{PATH}?access_token={token}"), format!("/userinfo?access_token={token}")] {
        tenant.without_token().get(&path).await.must_be(401);
    }
}

/// Of a system API only this and the lifetimes can be changed, and nobody is locked out by it.
#[tokio::test]
async fn the_management_api_may_require_proof() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let audience = tenant.management_audience();
    let grant = json!({ "client_id": client.id, "audience": audience, "scope": ["read:clients"] });
    tenant.grant(grant).await;
    set(&tenant, json!({ "mechanism": "dpop", "required": true })).await;
    tenant.asked(client.asks_for(&audience)).await.must_be(400);
    let proof = Prover::new().at_token_endpoint(&tenant);
    tenant.asked_with(client.asks_for(&audience), &[("dpop", &proof)]).await.must_be(200);
    set(&tenant, json!(null)).await;
    tenant.asked(client.asks_for(&audience)).await.must_be(200);
}

async fn set(tenant: &TestTenant, rules: Value) {
    let audience = tenant.management_audience();
    let api: String = form_urlencoded::byte_serialize(audience.as_bytes()).collect();
    let path = format!("/api/v2/resource-servers/{api}");
    tenant.patch(&path, json!({ "proof_of_possession": rules })).await.must_be(200);
}

/// A token for the Management API, bound by this mechanism.
async fn token(
    tenant: &TestTenant,
    mechanism: &str,
    prover: &Prover,
    shown: Option<PeerCertificate>,
) -> String {
    set(tenant, json!({ "mechanism": mechanism, "required": true })).await;
    let client = tenant.client(json!({})).await;
    let audience = tenant.management_audience();
    let grant = json!({ "client_id": client.id, "audience": audience, "scope": ["read:clients"] });
    tenant.grant(grant).await;
    let proof = prover.at_token_endpoint(tenant);
    let answer = tenant.asked_showing(client.asks_for(&audience), &[("dpop", &proof)], shown).await;
    answer.must_be(200).str("access_token").to_owned()
}

async fn ask(tenant: &TestTenant, scheme: &str, token: &str, proofs: &[&str], path: &str) -> Answer {
    let authorization = format!("{scheme} {token}");
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
    tenant.without_token().send(Method::GET, path, &headers, "").await
}
