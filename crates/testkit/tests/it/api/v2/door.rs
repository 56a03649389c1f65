//! What every operation asks before it runs: who, how often, may they, with which query and body.

use axum::body::Body;
use http::Method;
use jose::{b64url_encode, hmac_sha256};
use serde_json::json;
use testkit::{Answer, STARTED, TestServer, TestTenant, claims, header};

use super::{refused, text};

const CLIENTS: &str = "/api/v2/clients";

#[tokio::test]
async fn nobody_is_let_in_without_a_token() {
    let tenant = TestTenant::new().await;
    let token = tenant.owner_token();
    for authorization in ["", "Basic abc", "Bearer", "Bearer ", &token, &format!("Token {token}")] {
        let answer = with_header(&tenant, authorization).await;
        refused(&answer, 401, "Missing authentication", None);
        unmetered(&answer);
    }
    let answer = tenant.without_token().get(CLIENTS).await;
    refused(&answer, 401, "Missing authentication", None);
    // A token in the address or the body is none.
    let answer = tenant.without_token().get(&format!("{CLIENTS}?access_token={token}")).await;
    refused(&answer, 401, "Missing authentication", None);
}

#[tokio::test]
async fn the_scheme_has_no_case() {
    let tenant = TestTenant::new().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        with_header(&tenant, &format!("{scheme} {}", tenant.owner_token())).await.must_be(200);
    }
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_invalid() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let good = tenant.owner_token();
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let mut raised = claims(&tenant.token_with(&["read:clients"]).await);
    raised["scope"] = json!("delete:clients");
    let raised = b64url_encode(raised.to_string());
    for token in [
        "garbage",
        "a.b.c",
        "...",
        &"x".repeat(20_000),
        &format!("{head}.{payload}."),
        &format!("{head}.{payload}"),
        &format!("{good}.x"),
        &format!("{good}x"),
        &format!("{head}.{raised}.{signature}"),
        // Ours, but for another API; and another tenant's.
        &tenant.token(m2m.asks_for("https://api.example")).await,
        &tenant.other().owner_token(),
    ] {
        invalid(&tenant.with_token(token).get(CLIENTS).await);
    }
}

#[tokio::test]
async fn a_token_expires_in_its_second() {
    let tenant = TestTenant::new().await;
    let token = tenant.owner_token();
    tenant.later(86_400_000 - 251);
    tenant.with_token(&token).get(CLIENTS).await.must_be(200);

    tenant.later(1);

    let answer = tenant.with_token(&token).get(CLIENTS).await;
    refused(&answer, 401, "Expired token received for JSON Web Token validation", None);
    unmetered(&answer);
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let tenant = TestTenant::new().await;
    let genuine = tenant.owner_token();
    let kid = header(&genuine)["kid"].clone();
    let payload = genuine.split('.').nth(1).unwrap();
    let jwk = tenant.without_token().get("/.well-known/jwks.json").await.body["keys"][0].clone();
    let public = serde_json::from_value::<jose::Jwk>(jwk.clone()).unwrap().public_key().unwrap();
    let pem = tenant.without_token().get("/rawpem").await.text();
    let spki = public.to_spki_pem();
    for key in [
        pem.as_bytes(),
        pem.trim().as_bytes(),
        spki.as_bytes(),
        spki.trim().as_bytes(),
        &public.to_spki(),
        text(&jwk, "n").as_bytes(),
        jwk.to_string().as_bytes(),
        b"",
    ] {
        for alg in ["HS256", "HS384", "HS512", "hs256"] {
            let head = b64url_encode(json!({ "alg": alg, "typ": "JWT", "kid": kid }).to_string());
            let signature = b64url_encode(hmac_sha256(key, format!("{head}.{payload}").as_bytes()));
            invalid(&tenant.with_token(format!("{head}.{payload}.{signature}")).get(CLIENTS).await);
        }
    }
}

#[tokio::test]
async fn no_signature_is_no_proof() {
    let tenant = TestTenant::new().await;
    let genuine = tenant.owner_token();
    let kid = header(&genuine)["kid"].clone();
    let (_, rest) = genuine.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    for head in [
        json!({ "alg": "none", "typ": "JWT", "kid": kid }),
        json!({ "alg": "None", "kid": kid }),
        json!({ "alg": "NONE", "kid": kid }),
        json!({ "alg": "", "kid": kid }),
        json!({ "alg": null, "kid": kid }),
        json!({ "kid": kid }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "RS256", "kid": ["a"] }),
        json!({ "alg": "RS256", "kid": "unknown" }),
        // The key is right, but it did not sign with this.
        json!({ "alg": "PS256", "typ": "JWT", "kid": kid }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": kid }),
        // A key that the token brings itself.
        json!({ "alg": "RS256", "jwk": { "kty": "RSA" }, "jku": "https://evil.example/keys" }),
    ] {
        let head = b64url_encode(head.to_string());
        for signature in ["", signature, "AA"] {
            invalid(&tenant.with_token(format!("{head}.{payload}.{signature}")).get(CLIENTS).await);
        }
    }
}

#[tokio::test]
async fn a_token_of_a_revoked_key_is_invalid() {
    let tenant = TestTenant::new().await;
    let token = tenant.owner_token();
    let kid = header(&token)["kid"].as_str().unwrap().to_owned();
    tenant.post("/api/v2/keys/signing/rotate", json!({})).await.must_be(201);
    tenant.with_token(&token).get(CLIENTS).await.must_be(200);

    tenant.put(&format!("/api/v2/keys/signing/{kid}/revoke"), json!({})).await.must_be(200);

    invalid(&tenant.with_token(&token).get(CLIENTS).await);
}

#[tokio::test]
async fn every_operation_wants_one_of_its_scopes() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&[]).await;
    let others = tenant.token_with(&["read:custom_domains"]).await;
    // Everybody may know who they are.
    let guarded = management_api::operations().into_iter().filter(|operation| !operation.scopes.is_empty());
    for operation in guarded {
        let path = operation.address().replace(['{', '}'], "");
        for token in [&token, &others] {
            let answer = tenant.with_token(token).json(operation.method.clone(), &path, json!({})).await;
            let words = format!("Insufficient scope, expected any of: {}", operation.scopes.join(","));
            refused(&answer, 403, &words, Some("insufficient_scope"));
            assert_ne!(answer.header("x-ratelimit-limit"), "");
        }
    }
}

#[tokio::test]
async fn any_one_of_the_scopes_will_do() {
    let tenant = TestTenant::new().await;
    // A stream has no end to wait for; its own tests ask for its scope.
    let operations = management_api::operations().into_iter();
    let ends =
        |operation: &management_api::Operation| !["/logs/stream", "/events"].contains(&&*operation.path);
    for operation in operations.filter(ends) {
        let path = operation.address().replace(['{', '}'], "");
        // Whoever may act for themselves only is told apart inside.
        for scope in operation.scopes.iter().filter(|scope| !scope.contains(":current_user")) {
            // Nobody has what this asks for, but that is found out only inside.
            let caller = tenant.allowed(&[scope]);
            let answer = caller.json(operation.method.clone(), &path, json!({ "x": 1 })).await;
            assert!(!matches!(answer.status, 401 | 403 | 500), "{path} {scope}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let tenant = TestTenant::new().await;
    for (method, path) in [
        (Method::GET, "/api/v2/nothing"),
        (Method::GET, "/api/v2/clients/"),
        (Method::GET, "/api/v2/clients/a/b/c"),
        (Method::PUT, "/api/v2/clients"),
        (Method::POST, "/api/v2/tenants/settings"),
        (Method::DELETE, "/api/v2/logs/1"),
    ] {
        let answer = tenant.as_owner().json(method, path, json!({})).await;
        refused(&answer, 404, "Not Found", None);
    }
}

#[tokio::test]
async fn a_bucket_that_is_empty() {
    let server = TestServer::limited(3, 1).await;
    let tenant = server.tenant("default");
    let now = STARTED / 1000;

    let first = tenant.get(CLIENTS).await.must_be(200);
    assert_eq!(first.header("x-ratelimit-limit"), "3");
    assert_eq!(first.header("x-ratelimit-remaining"), "2");
    assert_eq!(first.header("x-ratelimit-reset"), (now + 1).to_string());
    // Refusals count too, once the token is believed.
    let second = tenant.get("/api/v2/clients/nobody").await.must_be(404);
    assert_ne!(second.header("x-ratelimit-remaining"), "");

    let mut answer = second;
    for _ in 0..20 {
        answer = tenant.get(CLIENTS).await;
        if answer.status != 200 {
            break;
        }
    }
    refused(&answer, 429, "Global limit has been reached", Some("too_many_requests"));
    assert_eq!(answer.header("x-ratelimit-limit"), "3");
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
    assert!(reset > now && reset < now + 10, "{reset}");

    // It is this tenant's bucket, and of the Management API only; and nobody empties it without a token.
    tenant.other().get(CLIENTS).await.must_be(200);
    tenant.asked(json!({})).await.must_be(400);
    for _ in 0..20 {
        unmetered(&tenant.other().without_token().get(CLIENTS).await.must_be(401));
    }
    tenant.other().get(CLIENTS).await.must_be(200);
}

#[tokio::test]
async fn a_query_that_is_not_understood() {
    let tenant = TestTenant::new().await;
    for (query, reason) in [
        ("nope=1", "'Additional properties not allowed: nope'."),
        ("per_page=1&per_page=2", "'Parameter given more than once' on property per_page."),
        ("per_page=abc", "'Expected type integer but found type string' on property per_page."),
        ("per_page=", "'Expected type integer but found type string' on property per_page."),
        ("per_page=1.5", "'Expected type integer but found type string' on property per_page."),
        ("per_page=1e2", "'Expected type integer but found type string' on property per_page."),
        ("page=99999999999999999999", "'Expected type integer but found type string' on property page."),
        ("per_page=101", "'Value 101 is greater than maximum 100' on property per_page."),
        ("per_page=-1", "'Value -1 is less than minimum 0' on property per_page."),
        ("page=-1", "'Value -1 is less than minimum 0' on property page."),
        ("take=0", "'Value 0 is less than minimum 1' on property take."),
        ("take=101", "'Value 101 is greater than maximum 100' on property take."),
        ("from=!!!", "'Invalid checkpoint' on property from."),
        ("from=YQ&take=2", "'Invalid checkpoint' on property from."),
        (
            "include_totals=yes",
            "'Expected type boolean but found type string: yes' on property include_totals.",
        ),
    ] {
        let answer = tenant.get(&format!("{CLIENTS}?{query}")).await;
        let words = format!("Query validation error: {reason}");
        refused(&answer, 400, &words, Some("invalid_query_string"));
    }
    for query in ["%ff=1", "fields=%ff", "fields=%00", "page=2147483647&per_page=100&take=x"] {
        tenant.get(&format!("{CLIENTS}?{query}")).await.must_be(400);
    }
    tenant.get(&format!("{CLIENTS}?page=2147483647&per_page=100")).await.must_be(200);
}

#[tokio::test]
async fn a_body_that_is_not_read() {
    let tenant = TestTenant::new().await;
    let json = "application/json";
    let invalid = "Invalid request payload JSON format";
    for body in ["{", "{\"name\":}", "name=x", "{}{}", "[", "{\"name\":\"\u{1}\"}"] {
        refused(&sent(&tenant, json, body).await, 400, invalid, None);
    }
    refused(&sent(&tenant, json, vec![b'{', 0xff, b'}']).await, 400, invalid, None);
    refused(&sent(&tenant, json, "{\"a\":".repeat(10_000)).await, 400, invalid, None);
    for (body, found) in [("[]", "array"), ("[{\"name\":\"x\"}]", "array")] {
        let words = format!("Payload validation error: 'Expected type object but found type {found}'.");
        refused(&sent(&tenant, json, body).await, 400, &words, Some("invalid_body"));
    }
    for body in ["7", "\"x\"", "true"] {
        let answer = sent(&tenant, json, body).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    for media in ["text/plain", "application/xml", "multipart/form-data; boundary=x"] {
        let answer = sent(&tenant, media, "{\"name\":\"x\"}").await;
        refused(&answer, 415, "Unsupported Media Type", None);
    }
    let large = json!({ "name": "x".repeat(1024 * 1024) }).to_string();
    let answer = sent(&tenant, json, large).await;
    refused(&answer, 413, "Payload content length greater than maximum allowed: 1048576", None);
}

#[tokio::test]
async fn a_form_will_do_for_a_body() {
    let tenant = TestTenant::new().await;
    let media = "application/x-www-form-urlencoded";

    let made = sent(&tenant, media, "name=From+a+form&app_type=spa&description=%C3%A4").await.must_be(201);

    assert_eq!((&made["name"], &made["description"]), (&json!("From a form"), &json!("ä")));
    let twice = sent(&tenant, media, "name=a&name=b").await;
    let words = "Payload validation error: 'Parameter given more than once' on property name.";
    refused(&twice, 400, words, Some("invalid_body"));
    sent(&tenant, media, "name=%ff").await.must_be(400);
    sent(&tenant, media, "name=%00").await.must_be(400);
}

#[tokio::test]
async fn a_path_of_any_bytes() {
    let tenant = TestTenant::new().await;
    for id in ["%00", &"x".repeat(3_000), "a%00b"] {
        refused(&tenant.get(&format!("{CLIENTS}/{id}")).await, 404, "Not Found", None);
    }
    let answer = tenant.get(&format!("{CLIENTS}/%ff")).await.must_be(400);
    assert_eq!(answer["errorCode"], "invalid_uri");
    for id in ["..", "%2e%2e", "a'b", "%22%3B", "%E6%97%A5", "*", "%25"] {
        let answer = tenant.get(&format!("{CLIENTS}/{id}")).await;
        refused(&answer, 404, "The client does not exist", Some("inexistent_client"));
    }
}

#[tokio::test]
async fn answers_are_json_that_nobody_keeps() {
    let tenant = TestTenant::new().await;
    for (answer, status) in [
        (tenant.get(CLIENTS).await, 200),
        (tenant.get("/api/v2/clients/nobody").await, 404),
        (tenant.without_token().get(CLIENTS).await, 401),
    ] {
        assert_eq!(answer.status, status);
        assert!(answer.header("content-type").starts_with("application/json"));
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
}

async fn with_header(tenant: &TestTenant, authorization: &str) -> Answer {
    let headers = [("authorization", authorization)];
    tenant.without_token().send(Method::GET, CLIENTS, &headers, Body::empty()).await
}

async fn sent(tenant: &TestTenant, media: &str, body: impl Into<Body>) -> Answer {
    tenant.as_owner().send(Method::POST, CLIENTS, &[("content-type", media)], body).await
}

#[track_caller]
fn invalid(answer: &Answer) {
    let body = json!({
        "statusCode": 401, "error": "Unauthorized", "message": "Invalid token",
        "attributes": { "error": "Invalid token" },
    });
    assert_eq!(answer.body, body);
    assert_eq!(answer.status, 401);
    unmetered(answer);
}

/// Whoever is not believed is not told about the bucket (recorded).
#[track_caller]
fn unmetered(answer: &Answer) {
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let names = answer.header_names();
    assert!(!names.iter().any(|name| name.starts_with("x-ratelimit")), "{names:?}");
}
