//! Tenants reached by their path, on any host.

use axum::{body::Body, extract::Request};
use http::Method;
use serde_json::json;
use testkit::{OTHER, TestTenant};
use web::Connection;

#[tokio::test]
async fn a_path_names_a_tenant_whatever_the_host() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    let keys = other.get("/.well-known/jwks.json").await.must_be(200).body;
    let there = tenant.get(&format!("/tenants/{OTHER}/.well-known/jwks.json")).await.must_be(200).body;
    assert_eq!(there, keys);
    assert_ne!(there, tenant.get("/.well-known/jwks.json").await.must_be(200).body);

    let token = format!("Bearer {}", other.owner_token());
    let headers = [("authorization", token.as_str())];
    let path = format!("/tenants/{OTHER}/api/v2/clients?fields=name&per_page=1");
    tenant.as_owner().send(Method::GET, &path, &headers, "").await.must_be(200);
    // The token is still that tenant's alone.
    tenant.as_owner().send(Method::GET, "/api/v2/clients", &headers, "").await.must_be(401);
}

#[tokio::test]
async fn the_built_in_tenant_has_a_path_and_no_host() {
    let tenant = TestTenant::new().await;
    let path = "/tenants/administrators/.well-known/openid-configuration";
    let metadata = tenant.get(path).await.must_be(200).body;
    assert_eq!(metadata["issuer"], json!("https://idp.example/tenants/administrators/"));
    assert_eq!(
        metadata["jwks_uri"],
        json!("https://idp.example/tenants/administrators/.well-known/jwks.json")
    );
    let headers = [("host", "administrators.idp.example")];
    tenant.as_owner().send(Method::GET, "/.well-known/jwks.json", &headers, "").await.must_be(404);
    assert!(tenant.server().tenants().all().iter().all(|tenant| tenant.name() != "administrators"));
}

#[tokio::test]
async fn nobody_logs_in_to_administer_where_others_listen() {
    let tenant = TestTenant::new().await;
    let connection = Connection { peer: ([203, 0, 113, 7], 50_000).into(), tls: false, certificate: None };
    for (host, path, status) in [
        ("idp.example", "/tenants/administrators/u/setup", 403),
        ("idp.example", "/tenants/administrators/u/login", 403),
        ("idp.example", "/tenants/administrators/authorize", 403),
        ("localhost:8080", "/tenants/administrators/u/setup", 200),
        ("idp.example", "/.well-known/jwks.json", 200),
    ] {
        let request = Request::builder().uri(path).header("host", host).extension(connection.clone());
        let answer = tenant.server().send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{host}{path}");
    }
}

#[tokio::test]
async fn paths_that_name_no_tenant_lead_nowhere() {
    let tenant = TestTenant::new().await;
    for path in [
        "/tenants/nobody/.well-known/jwks.json",
        "/tenants//.well-known/jwks.json",
        "/tenants/other",
        "/tenants/other/",
        "/tenants/other//.well-known/jwks.json",
        "/tenants/OTHER/.well-known/jwks.json",
        "/tenants/other/healthz",
        "/tenants/other/health/ready",
        "/tenants/other/tenants/administrators/.well-known/jwks.json",
        // A page of another tenant would share this host's cookies.
        "/tenants/other/authorize",
        "/tenants/other/u/login",
        "/tenants/other/dashboard/",
        "/tenants/%6fther/.well-known/jwks.json",
    ] {
        tenant.get(path).await.must_be(404);
    }
}
