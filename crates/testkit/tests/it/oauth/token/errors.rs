//! Every way to be refused, row by row.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::{API, REFUSED, client_credentials::basic};
use crate::keys::rsa_pem;

#[tokio::test]
async fn e1_an_unknown_client_and_a_wrong_secret_are_answered_alike() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let pem = json!([{ "credential_type": "public_key", "pem": rsa_pem() }]);
    let method = json!({ "client_authentication_methods": { "private_key_jwt": { "credentials": pem } } });
    let by_key = tenant.client(method).await;

    let mut answers = Vec::new();
    for more in [
        json!({ "client_id": "nobody" }),
        json!({ "client_id": "x".repeat(10_000) }),
        json!({ "client_secret": "wrong" }),
        json!({ "client_secret": "" }),
        json!({ "client_secret": null }),
        json!({ "client_secret": format!("{} ", m2m.secret) }),
        json!({ "client_secret": by_key.secret }),
        json!({ "client_id": m2m.id.to_lowercase() }),
        // Proves itself with a key; its secret, though right, proves nothing.
        json!({ "client_id": by_key.id, "client_secret": by_key.secret }),
        // Neither does it say whether the API exists.
        json!({ "client_id": "nobody", "audience": "nowhere" }),
    ] {
        answers.push(tenant.asked(m2m.asks_with(API, more)).await);
    }
    let form = format!("grant_type=client_credentials&audience={API}");
    for (id, secret) in [("nobody", "wrong"), (m2m.id.as_str(), "wrong")] {
        answers.push(basic(&tenant, id, secret, "application/x-www-form-urlencoded", form.clone()).await);
    }

    let body = json!({ "error": "access_denied", "error_description": "Unauthorized" });
    refused(&answers[0], 401, &body);
    for answer in &answers {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.bytes, answers[0].bytes);
        assert_eq!(answer.header_names(), answers[0].header_names());
    }
}

#[tokio::test]
async fn e2_an_assertion_that_proves_nothing() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let assertion = json!({
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
    });

    // One method of authentication in each request (RFC 6749 §2.3).
    let both = tenant.asked(m2m.asks_with(API, assertion.clone())).await;
    assert_eq!((both.status, &both["error"]), (400, &json!("invalid_request")));

    let mut asked = m2m.asks_with(API, assertion);
    asked["client_secret"] = json!(null);
    let body = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
    refused(&tenant.asked(asked).await, 401, &body);
}

#[tokio::test]
async fn e3_the_client_may_not_use_this_grant() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    for client in [
        json!({ "grant_types": ["authorization_code", "refresh_token"] }),
        json!({ "grant_types": [] }),
        json!({ "grant_types": ["authorization_code"], "token_endpoint_auth_method": "none" }),
    ] {
        let m2m = tenant.client(client).await;
        tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;

        let answer = tenant.asked(m2m.asks_for(API)).await;

        let body = json!({
            "error": "unauthorized_client",
            "error_description": "Grant type 'client_credentials' not allowed for the client.",
            "error_uri": "https://auth0.com/docs/clients/client-grant-types",
        });
        refused(&answer, 403, &body);
    }
}

#[tokio::test]
async fn e4_the_client_has_no_grant_on_the_api() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let m2m = tenant.client(json!({})).await;
    // A grant for tokens of users is none for its own.
    let of_users = json!({ "client_id": m2m.id, "audience": API, "scope": [], "subject_type": "user" });
    tenant.grant(of_users).await;

    let answer = tenant.asked(m2m.asks_for(API)).await;

    let words = format!(
        "Client \"{}\" is not authorized to access resource server \"{API}\". \
         You need to create a \"client-grant\" associated to this API.",
        m2m.id
    );
    refused(&answer, 403, &json!({ "error": "access_denied", "error_description": words }));
}

#[tokio::test]
async fn e6_a_third_party_without_a_grant_is_an_unauthorized_client() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let third = json!({ "is_first_party": false, "third_party_security_mode": "strict" });
    let m2m = tenant.client(third).await;
    assert!(m2m.id.starts_with("tpc_"), "{}", m2m.id);

    let answer = tenant.asked(m2m.asks_for(API)).await;

    assert_eq!((answer.status, &answer["error"]), (403, &json!("unauthorized_client")));
    assert_eq!(answer.members(), ["error", "error_description"]);
}

#[tokio::test]
async fn e7_and_e8_there_is_no_such_api_or_none_was_named() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;

    let unknown = tenant.asked(m2m.asks_for("https://nowhere.example")).await;
    let words = "Service not enabled within domain: https://nowhere.example";
    refused(&unknown, 403, &json!({ "error": "access_denied", "error_description": words }));

    let none = tenant.asked(m2m.asks_for("")).await;
    let words = "No audience parameter was provided, and no default audience has been configured";
    refused(&none, 403, &json!({ "error": "access_denied", "error_description": words }));
}

#[tokio::test]
async fn e9_a_scope_outside_the_grant() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;

    let answer = tenant.asked(m2m.asks_with(API, json!({ "scope": "read:a fly:c swim:d" }))).await;

    let words = "Client has not been granted scopes: fly:c swim:d";
    refused(&answer, 403, &json!({ "error": "access_denied", "error_description": words }));
}

#[tokio::test]
async fn e10_the_api_is_not_for_clients() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let deny = json!({ "subject_type_authorization": { "client": { "policy": "deny_all" } } });
    tenant.patch("/api/v2/resource-servers/https%3A%2F%2Fapi.example", deny).await.must_be(200);

    let answer = tenant.asked(m2m.asks_for(API)).await;

    assert_eq!((answer.status, &answer["error"]), (403, &json!("access_denied")));
    assert_eq!(answer.header("cache-control"), REFUSED);
}

#[tokio::test]
async fn e11_no_grant_type() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for missing in [json!(null), json!("")] {
        let answer = tenant.asked(m2m.asks_with(API, json!({ "grant_type": missing }))).await;
        let words = "Missing required parameter: grant_type";
        refused(&answer, 400, &json!({ "error": "invalid_request", "error_description": words }));
    }
}

#[tokio::test]
async fn e12_no_client() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for missing in [json!(null), json!("")] {
        let answer = tenant.asked(m2m.asks_with(API, json!({ "client_id": missing }))).await;
        let body = json!({ "error": "invalid_client", "error_description": "Missing client_id" });
        refused(&answer, 401, &body);
    }
}

#[tokio::test]
async fn e13_a_grant_that_is_not_served() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for grant in ["implicit", "CLIENT_CREDENTIALS", "client-credentials", "urn:x", " client_credentials"] {
        let answer = tenant.asked(m2m.asks_with(API, json!({ "grant_type": grant }))).await;
        let words = "Grant type not supported";
        refused(&answer, 400, &json!({ "error": "unsupported_grant_type", "error_description": words }));
    }
}

#[tokio::test]
async fn a_client_of_another_tenant_is_unknown_here() {
    let tenant = TestTenant::new().await;
    tenant.client_of_an_api().await;
    let theirs = tenant.other().client_of_an_api().await;
    tenant.other().asked(theirs.asks_for(API)).await.must_be(200);

    let answer = tenant.asked(theirs.asks_for(API)).await;

    let unknown = tenant.asked(theirs.asks_with(API, json!({ "client_id": "nobody" }))).await;
    assert_eq!((answer.status, &answer.bytes), (401, &unknown.bytes));
    assert_eq!(answer.header_names(), unknown.header_names());
}

#[tokio::test]
async fn what_was_deleted_gives_no_more_tokens() {
    let tenant = TestTenant::new().await;
    for (family, status) in [("client-grants", 403), ("clients", 401), ("resource-servers", 403)] {
        let m2m = tenant.client_of_an_api().await;
        let grants = tenant.get(&format!("/api/v2/client-grants?client_id={}", m2m.id)).await.body;
        let id = match family {
            "client-grants" => grants[0]["id"].as_str().unwrap(),
            "clients" => &m2m.id,
            _ => "https%3A%2F%2Fapi.example",
        };
        tenant.delete(&format!("/api/v2/{family}/{id}")).await.must_be(204);

        tenant.asked(m2m.asks_for(API)).await.must_be(status);
        tenant.delete("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await.must_be(204);
    }
}

#[tokio::test]
async fn credentials_are_given_once_and_readably() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let pair = STANDARD.encode(format!("{}:{}", m2m.id, m2m.secret));
    let right = format!("Basic {pair}");
    let both = m2m.asks_for(API);
    let mut without_secret = both.clone();
    without_secret.as_object_mut().unwrap().remove("client_secret");
    let mut of_another = without_secret.clone();
    of_another["client_id"] = json!("somebody");
    for (authorization, body) in [
        (right.as_str(), &both),
        (right.as_str(), &of_another),
        ("Basic", &without_secret),
        ("Basic ", &without_secret),
        ("Basic !!!", &without_secret),
        // No colon in it; no UTF-8; NUL.
        ("Basic YWJj", &without_secret),
        ("Basic /zr/", &without_secret),
        ("Basic AGE6AA==", &without_secret),
    ] {
        let headers = [("authorization", authorization), ("content-type", "application/json")];
        let answer =
            tenant.without_token().send(Method::POST, "/oauth/token", &headers, body.to_string()).await;
        assert_eq!((answer.status, &answer["error"]), (400, &json!("invalid_request")), "{authorization}");
        assert!(!answer.text().contains(&m2m.secret));
    }
}

/// A refusal: its status, its body in this order, its headers.
#[track_caller]
fn refused(answer: &Answer, status: u16, body: &Value) {
    assert_eq!((answer.status, &answer.body), (status, body));
    assert_eq!(answer.text(), body.to_string());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), REFUSED);
    assert_eq!(answer.header("pragma"), "");
}
