//! Clients that are held to a security profile, at `/oauth/par` and `/authorize`. `docs/proofs.md` names the requirement
//! that each of these shows.

use http::Method;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use testkit::{
    Answer, Browser, CALLBACK, Machine, PASSWORD, STARTED, TestClient, TestTenant, challenge, claims, form,
};

use crate::keys::{rsa, rsa_pem, signed};

const NOW: i64 = STARTED.div_euclid(1000);

struct Scene {
    tenant: TestTenant,
    machine: Machine,
}

impl Scene {
    async fn new() -> Scene {
        let tenant = TestTenant::new().await;
        let settings = json!({ "pushed_authorization_requests_supported": true });
        tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
        tenant.person("ann@example.com").await;
        Scene { tenant, machine: Machine::new("machine.example") }
    }

    /// A client of a level, whose requests are signed by an algorithm.
    async fn client(&self, level: &str, algorithm: &str, more: Value) -> TestClient {
        let credential = json!({ "credential_type": "public_key", "pem": rsa_pem(), "alg": algorithm });
        let mut body = json!({
            "compliance_level": level, "oidc_conformant": true, "app_type": "regular_web",
            "grant_types": ["authorization_code", "implicit", "refresh_token"], "callbacks": [CALLBACK],
            "signed_request_object": { "required": false, "credentials": [credential] },
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.machine.client(&self.tenant, "private_key_jwt", body).await
    }

    async fn push(&self, client: &TestClient, fields: &[(&str, &str)]) -> Answer {
        let assertion = self.machine.assertion(&self.tenant, &client.id, json!({}));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let proof = [("client_assertion_type", kind), ("client_assertion", assertion.as_str())];
        let body = form(&[fields, &proof, &[("client_id", client.id.as_str())]].concat());
        let media = [("content-type", "application/x-www-form-urlencoded")];
        self.tenant.without_token().send(Method::POST, "/oauth/par", &media, body).await
    }
}

/// What an application of the second profile asks for; an empty value is left out.
fn asked<'a>(challenge: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    let is_usual = |(name, _): &(&str, &str)| more.iter().all(|(other, _)| other != name);
    let mut fields: Vec<_> = usual.into_iter().filter(is_usual).collect();
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

/// A request of the first profile, signed, with these claims over good ones; what is `null` is left out.
fn object(client: &TestClient, algorithm: Algorithm, more: Value) -> String {
    let mut claims = json!({
        "iss": client.id, "aud": "https://idp.example/", "client_id": client.id, "nbf": NOW, "exp": NOW + 300,
        "response_type": "code id_token", "redirect_uri": CALLBACK, "scope": "openid profile", "nonce": "n0nce",
        "state": "s", "code_challenge": challenge(), "code_challenge_method": "S256",
    });
    let all = claims.as_object_mut().unwrap();
    all.extend(more.as_object().unwrap().clone());
    all.retain(|_, value| !value.is_null());
    signed(rsa(), algorithm, &json!({ "alg": algorithm }), &claims)
}

#[tokio::test]
async fn what_was_not_pushed_is_refused() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.tenant);
    for level in ["fapi1_adv_pkj_par", "fapi1_adv_mtls_par", "fapi2_sp_pkj_mtls", "fapi2_sp_mtls_mtls"] {
        let client = scene.client(level, "PS256", json!({})).await;
        let shown = browser.get(&client.authorize(&[])).await.must_be(400);
        let words = "Pushed Authorization Requests are required by the configured compliance level";
        assert!(shown.text().contains(words), "{}", shown.text());
    }
    // Nor is it taken from whoever proves itself otherwise than the level demands.
    let client = scene.client("fapi2_sp_mtls_mtls", "PS256", json!({})).await;
    assert_eq!(scene.push(&client, &asked(&challenge(), &[])).await.must_be(401)["error"], "invalid_client");
}

#[tokio::test]
async fn the_first_profile_takes_what_was_signed_by_ps256_for_an_hour_at_most() {
    let scene = Scene::new().await;
    let client = scene.client("fapi1_adv_pkj_par", "PS256", json!({})).await;
    let object = |more: Value| object(&client, Algorithm::PS256, more);
    for (more, error) in [
        (json!({ "nbf": null }), "invalid_request_object"),
        (json!({ "exp": null }), "invalid_request_object"),
        (json!({ "nbf": NOW - 3601, "exp": NOW - 1 + 3600 }), "invalid_request_object"),
        (json!({ "nbf": NOW - 60, "exp": NOW + 3541 }), "invalid_request_object"),
        (json!({ "nbf": "soon" }), "invalid_request_object"),
        (json!({ "response_type": "code" }), "unsupported_response_type"),
        (json!({ "response_type": "code id_token token" }), "unsupported_response_type"),
        (json!({ "response_type": "id_token" }), "unsupported_response_type"),
        (json!({ "redirect_uri": null }), "invalid_request"),
        (json!({ "code_challenge_method": "plain" }), "invalid_request"),
        (json!({ "code_challenge": null, "code_challenge_method": null }), "invalid_request"),
    ] {
        let refused = scene.push(&client, &[("request", &object(more.clone()))]).await;
        assert_eq!(refused["error"], error, "{more} {}", refused.start());
    }
    let unsigned = scene.push(&client, &asked(&challenge(), &[("response_type", "code id_token")])).await;
    assert_eq!(unsigned.must_be(400)["error"], "invalid_request");
    let weak = scene.client("fapi1_adv_pkj_par", "RS256", json!({})).await;
    let refused = scene.push(&weak, &[("request", &self::object(&weak, Algorithm::RS256, json!({})))]).await;
    let words = "The compliance level of the client demands a request object signed with PS256.";
    assert_eq!(refused.must_be(400)["error_description"], words);
    let wild = json!({ "callbacks": [CALLBACK, "https://*.shop.example/cb"] });
    let wild = scene.client("fapi1_adv_pkj_par", "PS256", wild).await;
    let refused = scene.push(&wild, &[("request", &self::object(&wild, Algorithm::PS256, json!({})))]).await;
    let words = "The compliance level of the client allows no wildcards in its callbacks.";
    assert_eq!(refused.must_be(400)["error_description"], words);

    // An hour to the second is good; and the ID token vouches for the state.
    let good = object(json!({ "nbf": NOW - 60, "exp": NOW + 3540 }));
    let pushed = scene.push(&client, &[("request", &good)]).await.must_be(201);
    let mut browser = Browser::new(&scene.tenant);
    let brought = form(&[("client_id", &client.id), ("request_uri", pushed.str("request_uri"))]);
    let page = browser.get(&format!("/authorize?{brought}")).await.location().to_owned();
    let answer = browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    assert!(answer.location().starts_with(&format!("{CALLBACK}#code=")), "{}", answer.location());
    let said = claims(&answer.parameter("id_token").unwrap());
    assert_eq!(said["s_hash"], jose::b64url_encode(&jose::sha256(b"s")[..16]));
    assert!(said["updated_at"].is_i64(), "{said}");
}

#[tokio::test]
async fn the_second_profile_takes_codes_with_a_callback_and_a_challenge() {
    let scene = Scene::new().await;
    let client = scene.client("fapi2_sp_pkj_mtls", "PS256", json!({})).await;
    let challenge = challenge();
    for (more, error) in [
        (vec![("redirect_uri", "")], "invalid_request"),
        (vec![("response_type", "code id_token"), ("nonce", "n")], "unsupported_response_type"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
    ] {
        let refused = scene.push(&client, &asked(&challenge, &more)).await;
        assert_eq!(refused["error"], error, "{more:?} {}", refused.start());
    }
    let pushed = scene.push(&client, &asked(&challenge, &[])).await.must_be(201);
    let mut browser = Browser::new(&scene.tenant);
    let brought = form(&[("client_id", &client.id), ("request_uri", pushed.str("request_uri"))]);
    let page = browser.get(&format!("/authorize?{brought}")).await.location().to_owned();
    let answer = browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    assert!(answer.parameter("code").is_some(), "{}", answer.location());
    assert_eq!(answer.parameter("iss").as_deref(), Some("https://idp.example/"));
    // A level may be set at any time: what was asked for under none of them is held to it.
    let loose = scene.client("none", "PS256", json!({ "oidc_conformant": false })).await;
    let plain = asked(&challenge, &[]);
    scene.push(&loose, &plain).await.must_be(201);
    let level = json!({ "compliance_level": "fapi2_sp_pkj_mtls" });
    scene.tenant.patch(&format!("/api/v2/clients/{}", loose.id), level).await.must_be(200);
    let refused = scene.push(&loose, &plain).await;
    let words = "The compliance level of the client demands that it is OIDC conformant.";
    assert_eq!(refused.must_be(400)["error_description"], words);
}
