//! Clients that prove themselves with a certificate, and tokens that are bound to one (RFC 8705).

use serde_json::{Value, json};
use testkit::{Answer, Machine, TestClient, TestTenant, claims};
use web::PeerCertificate;

use super::API;

#[tokio::test]
async fn a_subject_that_an_authority_vouches_for_proves_the_client() {
    let (tenant, machine) = (TestTenant::new().await, Machine::new("billing.example"));
    let client = client(&tenant, &machine, "tls_client_auth").await;
    let answer = asked(&tenant, &client, Some(machine.shows(true))).await.must_be(200);
    assert_eq!(answer["token_type"], "Bearer");
    // Another certificate with the same subject is as good: that is what the method means.
    asked(&tenant, &client, Some(Machine::new("billing.example").shows(true))).await.must_be(200);

    refused(&tenant, &asked(&tenant, &client, None).await, "no client certificate was shown").await;
    let unvouched = "no authority that is believed vouches for the certificate";
    refused(&tenant, &asked(&tenant, &client, Some(machine.shows(false))).await, unvouched).await;
    let others = "the certificate is that of no credential of the client: its subject is ";
    for (name, subject) in [
        ("billing.example.evil.example", r#""CN=billing.example.evil.example""#),
        ("Billing.example", r#""CN=Billing.example""#),
        ("billing.example\nCN=x", r#""CN=billing.example\\0ACN=x""#),
        ("", r#""CN=""#),
    ] {
        let other = Machine::new(name).shows(true);
        let cause = format!("{others}{subject}");
        refused(&tenant, &asked(&tenant, &client, Some(other)).await, &cause).await;
    }
}

#[tokio::test]
async fn a_certificate_of_its_own_proves_the_client() {
    let (tenant, machine) = (TestTenant::new().await, Machine::new("billing.example"));
    let client = client(&tenant, &machine, "self_signed_tls_client_auth").await;
    for is_verified in [true, false] {
        asked(&tenant, &client, Some(machine.shows(is_verified))).await.must_be(200);
    }
    refused(&tenant, &asked(&tenant, &client, None).await, "no client certificate was shown").await;
    // The same subject is not the same certificate, whoever vouches for it.
    let other = Machine::new("billing.example").shows(true);
    let others = "the certificate is that of no credential of the client";
    refused(&tenant, &asked(&tenant, &client, Some(other)).await, others).await;
}

#[tokio::test]
async fn a_certificate_is_good_for_its_time() {
    let (tenant, machine) = (TestTenant::new().await, Machine::new("billing.example"));
    for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
        let client = client(&tenant, &machine, method).await;
        asked(&tenant, &client, Some(machine.shows(true))).await.must_be(200);
        // A credential that expires before its certificate.
        let path = format!("/api/v2/clients/{}/credentials", client.id);
        let credentials = tenant.get(&path).await.must_be(200);
        let one = format!("{path}/{}", credentials.items()[0]["id"].as_str().unwrap());
        tenant.patch(&one, json!({ "expires_at": "2026-07-01T12:00:00.000Z" })).await.must_be(200);
        let answer = asked(&tenant, &client, Some(machine.shows(true))).await;
        refused(&tenant, &answer, "the credential has expired").await;
        tenant.patch(&one, json!({ "expires_at": null })).await.must_be(200);
    }
    let expired = "the certificate has expired, or is not good yet";
    let client = client(&tenant, &machine, "self_signed_tls_client_auth").await;
    tenant.later(366 * 86_400_000);
    refused(&tenant, &asked(&tenant, &client, Some(machine.shows(true))).await, expired).await;
}

#[tokio::test]
async fn a_certificate_takes_the_place_of_nothing_else() {
    let (tenant, machine) = (TestTenant::new().await, Machine::new("billing.example"));
    // A client with a secret is not proved by a certificate, whoever vouches for it.
    let secret = tenant.client_of_an_api().await;
    let without = json!({ "grant_type": "client_credentials", "client_id": secret.id, "audience": API });
    tenant.asked_showing(without, &[], Some(machine.shows(true))).await.must_be(401);
    // One that is registered for a certificate is not proved by anything beside it.
    let own = machine.client(&tenant, "self_signed_tls_client_auth", json!({})).await;
    let with_secret = own.asks_with(API, json!({ "client_secret": "x" }));
    tenant.asked_showing(with_secret, &[], Some(machine.shows(true))).await.must_be(401);
    let asserted = own.asks_with(API, machine.asserts(&tenant, &own.id));
    tenant.asked_showing(asserted, &[], Some(machine.shows(true))).await.must_be(401);
    // Another client's certificate, and one of another tenant.
    let other = Machine::new("other.example").client(&tenant, "self_signed_tls_client_auth", json!({})).await;
    asked(&tenant, &other, Some(machine.shows(true))).await.must_be(401);
    asked(&tenant.other(), &own, Some(machine.shows(true))).await.must_be(401);
    // Bytes that are no certificate.
    for der in [vec![], vec![0x30], vec![0; 5_000], machine.certificate().der()[1..].to_vec()] {
        asked(&tenant, &own, Some(PeerCertificate { der, is_verified: true })).await.must_be(401);
    }
}

/// The matrix of proof of possession, with certificates.
#[tokio::test]
async fn a_token_is_bound_to_the_certificate_that_was_shown() {
    let (tenant, machine) = (TestTenant::new().await, Machine::new("any.example"));
    let m2m = tenant.client_of_an_api().await;
    let thumbprint = machine.certificate().x5t_s256();
    let [none, allowed, required] = [
        json!(null),
        json!({ "mechanism": "mtls", "required": false }),
        json!({ "mechanism": "mtls", "required": true }),
    ];
    for (client_requires, shows, api, expected) in [
        (false, false, &none, "bearer"),
        (false, false, &allowed, "bearer"),
        (false, false, &required, "not issued"),
        (false, true, &none, "bearer"),
        (false, true, &allowed, "bound"),
        (false, true, &required, "bound"),
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
        let shown = shows.then(|| machine.shows(false));
        let answer = tenant.asked_showing(m2m.asks_for(API), &[], shown).await;
        let got = match (answer.status, answer["token_type"].as_str()) {
            (200, Some("Bearer")) => match claims(answer.str("access_token")).get("cnf") {
                None => "bearer",
                Some(cnf) if *cnf == json!({ "x5t#S256": thumbprint }) => "bound",
                Some(other) => panic!("{other}"),
            },
            (400, None) if answer["error"] == "invalid_request" => "not issued",
            _ => panic!("{}", answer.start()),
        };
        assert_eq!(got, expected, "client requires {client_requires}, shows {shows}, API {api}");
    }
    let log = tenant.get("/api/v2/logs?q=type:seccft&per_page=1").await.must_be(200);
    assert_eq!(log.items()[0]["mtls_thumbprint_sha256"], thumbprint);
}

/// From the wire to the claim: a proxy that is trusted and says so in the header that is configured, and nobody else.
#[tokio::test]
async fn a_proxys_header_counts_only_where_it_is_configured_and_trusted() {
    use tower::ServiceExt;
    let (tenant, machine) = (TestTenant::new().await, Machine::new("any.example"));
    let client = client(&tenant, &machine, "tls_client_auth").await;
    let trusted = web::TrustedProxies::try_from(vec!["10.0.0.0/8".to_owned()]).unwrap();
    let many = std::num::NonZeroU32::new(1_000).unwrap();
    let bucket = web::RateLimit { burst: many, per_second: many };
    let limit = server::front::RateLimits { management: bucket, authentication: bucket };
    let front = server::front::Front::new(tenant.server().tenants().clone(), trusted.into(), limit, false);
    let header = || web::CertificateHeader::named("client-certificate").unwrap();
    let believing = front.clone().asking_for_certificates(Some(header()), None);
    let pem: String = super::percent(&machine.certificate().pem()).replace('+', "%20");
    for (front, peer, verified, status) in [
        (&believing, "10.0.0.1", "SUCCESS", 200),
        (&believing, "10.0.0.1", "FAILED:unable to get local issuer certificate", 401),
        (&believing, "203.0.113.7", "SUCCESS", 401),
        (&front, "10.0.0.1", "SUCCESS", 401),
    ] {
        let mut request = http::Request::post("/oauth/token")
            .header("host", tenant.domain())
            .header("content-type", "application/json")
            .header("client-certificate", &pem)
            .header("client-certificate-ca-verified", verified)
            .header("cname-api-key", "whatever")
            .body(axum::body::Body::from(asks(&client).to_string()))
            .unwrap();
        let peer = (peer.parse::<std::net::IpAddr>().unwrap(), 4_000).into();
        request.extensions_mut().insert(web::Connection { peer, tls: false, certificate: None });
        let Ok(response) = front.clone().oneshot(request).await;
        assert_eq!(response.status(), status, "{peer} {verified}");
    }
}

#[tokio::test]
async fn discovery_names_where_certificates_are_asked_for() {
    let tenant = TestTenant::new().await;
    let discovery = "/.well-known/openid-configuration";
    let found = tenant.without_token().get(discovery).await.must_be(200);
    assert_eq!(found["dpop_signing_alg_values_supported"], json!(["ES256", "RS256", "PS256", "EdDSA"]));
    for name in ["mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"] {
        assert!(found.body.get(name).is_none(), "{name}");
    }
    assert!(found.body.get("authorization_details_types_supported").is_none());
    let mtls = json!({ "mtls": { "enable_endpoint_aliases": true } });
    tenant.patch("/api/v2/tenants/settings", mtls).await.must_be(200);
    let kinds = json!([{ "type": "payment" }, { "type": "account" }, { "type": "payment" }]);
    tenant.api(json!({ "authorization_details": kinds })).await;
    let found = tenant.without_token().get(discovery).await.must_be(200);
    assert_eq!(found["tls_client_certificate_bound_access_tokens"], true);
    assert_eq!(
        found["mtls_endpoint_aliases"],
        json!({
            "token_endpoint": "https://mtls.idp.example/oauth/token",
            "revocation_endpoint": "https://mtls.idp.example/oauth/revoke",
            "introspection_endpoint": "https://mtls.idp.example/oauth/introspect",
            "userinfo_endpoint": "https://mtls.idp.example/userinfo",
        })
    );
    for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
        assert!(found["token_endpoint_auth_methods_supported"].as_array().unwrap().contains(&json!(method)));
    }
    assert_eq!(found["authorization_details_types_supported"], json!(["account", "payment"]));

    // What is called by that name is the same tenant, under the same issuer.
    let machine = Machine::new("any.example");
    let client = machine.client(&tenant, "self_signed_tls_client_auth", json!({})).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
    let headers = [("host", "mtls.idp.example")];
    let answer = tenant.asked_showing(asks(&client), &headers, Some(machine.shows(false))).await.must_be(200);
    assert_eq!(claims(answer.str("access_token"))["iss"], "https://idp.example/");
}

/// At a port of the server's own the tenant is known by its host, and the issuer is that host's.
#[tokio::test]
async fn the_servers_own_port_is_an_address_of_each_host() {
    use tower::ServiceExt;
    let (tenant, machine) = (TestTenant::new().await, Machine::new("any.example"));
    let client = client(&tenant, &machine, "self_signed_tls_client_auth").await;
    let mtls = json!({ "mtls": { "enable_endpoint_aliases": true } });
    tenant.patch("/api/v2/tenants/settings", mtls).await.must_be(200);
    let many = std::num::NonZeroU32::new(1_000).unwrap();
    let bucket = web::RateLimit { burst: many, per_second: many };
    let limit = server::front::RateLimits { management: bucket, authentication: bucket };
    let trusted = std::sync::Arc::new(web::TrustedProxies::default());
    let tenants = tenant.server().tenants().clone();
    let front = server::front::Front::new(tenants, trusted, limit, false);
    let front = front.asking_for_certificates(None, Some(9_443));
    let answer = async |mut request: http::Request<axum::body::Body>| -> Value {
        let certificate = Some(std::sync::Arc::new(machine.shows(false)));
        let connection = web::Connection { peer: ([203, 0, 113, 7], 4_000).into(), tls: true, certificate };
        request.extensions_mut().insert(connection);
        let Ok(response) = front.clone().oneshot(request).await;
        let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let discovery = http::Request::get("/.well-known/openid-configuration").header("host", tenant.domain());
    let found = answer(discovery.body(axum::body::Body::empty()).unwrap()).await;
    let endpoint = found["mtls_endpoint_aliases"]["token_endpoint"].as_str().unwrap();
    assert_eq!(endpoint, "https://idp.example:9443/oauth/token");
    let request = http::Request::post("/oauth/token")
        .header("host", "idp.example:9443")
        .header("content-type", "application/json")
        .body(asks(&client).to_string().into());
    let issued = answer(request.unwrap()).await;
    assert_eq!(claims(issued["access_token"].as_str().unwrap())["iss"], found["issuer"]);
}

const RESOURCE_SERVER: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

/// A client of the API that proves itself in this way.
async fn client(tenant: &TestTenant, machine: &Machine, method: &str) -> TestClient {
    if tenant.get(RESOURCE_SERVER).await.status == 404 {
        tenant.api(json!({})).await;
    }
    let client = machine.client(tenant, method, json!({})).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] })).await;
    client
}

fn asks(client: &TestClient) -> Value {
    client.asks_with(API, json!({ "client_secret": null }))
}

async fn asked(tenant: &TestTenant, client: &TestClient, shown: Option<PeerCertificate>) -> Answer {
    tenant.asked_showing(asks(client), &[], shown).await
}

/// The caller hears one thing, the log another.
async fn refused(tenant: &TestTenant, answer: &Answer, cause: &str) {
    assert_eq!(answer.status, 401, "{}", answer.start());
    let heard = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
    assert_eq!(answer.body, heard);
    let log = tenant.get("/api/v2/logs?q=type:feccft&per_page=1").await.must_be(200);
    let details = &log.items()[0]["details"];
    assert_eq!(details["client_authentication_error"], cause);
    assert!(details["trace"]["method"].as_str().is_some_and(|method| method.ends_with("tls_client_auth")));
}
