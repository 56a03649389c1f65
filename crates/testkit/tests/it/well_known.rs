//! What a validator needs to know of a tenant: `/.well-known` and the certificate downloads.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use jose::Certificate;
use serde_json::{Value, json};
use testkit::{TestTenant, header};

#[tokio::test]
async fn the_keys_current_first() {
    let tenant = TestTenant::new().await;
    let answer = tenant.without_token().get("/.well-known/jwks.json").await.must_be(200);
    let cache = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400";
    assert_eq!(answer.header("cache-control"), cache);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.members(), ["keys"]);
    let keys = answer["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let mut members: Vec<&String> = key.as_object().unwrap().keys().collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use", "x5c", "x5t"]);
        assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&json!("RSA"), &json!("sig"), &json!("RS256")));
        // The key and its certificate are the same key.
        let der = STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
        let certificate = Certificate::from_der(der).unwrap();
        let jwk = serde_json::from_value::<jose::Jwk>(key.clone()).unwrap();
        assert_eq!(certificate.public_key().unwrap(), jwk.public_key().unwrap());
        assert_eq!(key["x5t"], json!(certificate.x5t()));
    }
    assert_eq!(keys[0]["kid"], header(&tenant.owner_token())["kid"]);
}

#[tokio::test]
async fn keys_of_other_kinds_appear_with_the_first_api_that_signs_with_them() {
    let tenant = TestTenant::new().await;
    for (signing_alg, kinds) in
        [("ES256", vec!["RSA", "EC", "RSA", "EC"]), ("EdDSA", vec!["RSA", "EC", "OKP", "RSA", "EC", "OKP"])]
    {
        tenant.api(json!({ "identifier": signing_alg, "signing_alg": signing_alg })).await;
        let answer = tenant.without_token().get("/.well-known/jwks.json").await;
        let found: Vec<&str> =
            answer["keys"].as_array().unwrap().iter().map(|key| key["kty"].as_str().unwrap()).collect();
        assert_eq!(found, kinds);
        let metadata = tenant.without_token().get("/.well-known/openid-configuration").await;
        let offered = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(offered.contains(&json!(signing_alg)));
    }
    tenant.delete("/api/v2/resource-servers/ES256").await.must_be(204);
    tenant.delete("/api/v2/resource-servers/EdDSA").await.must_be(204);
    let answer = tenant.without_token().get("/.well-known/jwks.json").await;
    assert_eq!(answer["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn no_private_half_is_published() {
    let tenant = TestTenant::new().await;
    for signing_alg in ["ES256", "EdDSA"] {
        tenant.api(json!({ "identifier": signing_alg, "signing_alg": signing_alg })).await;
    }
    let answer = tenant.without_token().get("/.well-known/jwks.json").await;
    for key in answer["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert_eq!(key[private], Value::Null);
        }
    }
}

#[tokio::test]
async fn the_metadata_names_the_host_that_was_asked() {
    let tenant = TestTenant::new().await;
    for (host, issuer) in [
        ("idp.example", "https://idp.example/"),
        ("other.idp.example", "https://other.idp.example/"),
        ("somewhere.else", "https://idp.example/"),
    ] {
        for path in ["openid-configuration", "oauth-authorization-server"] {
            let path = format!("/.well-known/{path}");
            let headers = [("host", host)];
            let answer = tenant.without_token().send(Method::GET, &path, &headers, "").await.must_be(200);
            assert_eq!(answer["issuer"], issuer);
            assert_eq!(answer["token_endpoint"], format!("{issuer}oauth/token"));
            let methods = answer["token_endpoint_auth_methods_supported"].as_array().unwrap();
            for method in ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] {
                assert!(methods.contains(&json!(method)), "{method}");
            }
            let algorithms = json!(["RS256", "RS384", "PS256", "ES256", "EdDSA"]);
            assert_eq!(answer["token_endpoint_auth_signing_alg_values_supported"], algorithms);
            assert_eq!(answer["jwks_uri"], format!("{issuer}.well-known/jwks.json"));
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
}

#[tokio::test]
async fn the_metadata_says_where_a_session_ends_unless_it_shall_not() {
    let tenant = TestTenant::new().await;
    for (shown, settings) in [
        (json!("https://idp.example/oidc/logout"), json!({})),
        (json!(null), json!({ "oidc_logout": { "rp_logout_end_session_endpoint_discovery": false } })),
        (
            json!("https://idp.example/oidc/logout"),
            json!({ "oidc_logout": { "rp_logout_end_session_endpoint_discovery": true } }),
        ),
        (json!("https://idp.example/oidc/logout"), json!({ "oidc_logout": null })),
    ] {
        tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
        let metadata = tenant.without_token().get("/.well-known/openid-configuration").await;
        assert_eq!(metadata["end_session_endpoint"], shown);
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    }
}

#[tokio::test]
async fn the_certificate_in_every_form() {
    let tenant = TestTenant::new().await;
    let get = async |path: &str| tenant.without_token().get(path).await.must_be(200);
    let pem = get("/pem").await;
    let certificate = Certificate::from_pem(&pem.text()).unwrap();
    assert_eq!(certificate.subject_dn(), "CN=idp.example");
    assert_eq!(pem.header("content-disposition"), "attachment; filename=\"default.pem\"");
    assert_eq!(pem.header("content-type"), "application/x-pem-file");
    assert_eq!(get("/cer").await.bytes, certificate.der());
    assert_eq!(get("/rawpem").await.text(), pem.text());
    assert_eq!(get("/fingerprint").await.text(), certificate.fingerprint());
    assert_eq!(get("/pb7").await.text(), certificate.pkcs7().unwrap());
}

#[tokio::test]
async fn every_endpoint_that_is_named_is_there() {
    let tenant = TestTenant::new().await;
    let settings = json!({ "pushed_authorization_requests_supported": true });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let metadata = tenant.without_token().get("/.well-known/openid-configuration").await.must_be(200);
    let endpoints = metadata.body.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint"));
    for (name, url) in endpoints {
        let path = url.as_str().unwrap().strip_prefix("https://idp.example").unwrap();
        for method in [Method::GET, Method::POST] {
            let status = tenant.without_token().send(method.clone(), path, &[], "").await.status;
            assert_ne!(status, 404, "{name} {method} {path}");
        }
    }
    assert!(metadata["pushed_authorization_request_endpoint"].is_string());
    assert!(metadata["device_authorization_endpoint"].is_string());
}
