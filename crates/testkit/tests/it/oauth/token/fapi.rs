//! Clients that are held to a security profile. `docs/proofs.md` names the requirement that each of these shows.

use jose::Algorithm;
use serde_json::{Value, json};
use testkit::{Answer, Machine, Prover, TestClient, TestTenant, claims};

use super::API;

const LEVELS: [&str; 4] =
    ["fapi1_adv_pkj_par", "fapi1_adv_mtls_par", "fapi2_sp_pkj_mtls", "fapi2_sp_mtls_mtls"];
const METHODS: [&str; 3] = ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

#[tokio::test]
async fn each_level_takes_the_methods_it_names() {
    let scene = Scene::new().await;
    for level in LEVELS {
        for method in METHODS {
            let client = scene.client(method, level).await;
            let answer = scene.ask(&client, method).await;
            let is_named = (method == "private_key_jwt") == level.contains("_pkj_");
            if is_named {
                answer.must_be(200);
            } else {
                must_say(&answer, "invalid_client");
            }
        }
    }
    // Without a level, or with none by name, each of them is as good as another.
    for level in [json!("none"), json!(null)] {
        let client = scene.client("private_key_jwt", "none").await;
        scene.set(&client, json!({ "compliance_level": level, "oidc_conformant": false })).await;
        scene.ask(&client, "private_key_jwt").await.must_be(200);
    }
}

#[tokio::test]
async fn a_client_with_a_secret_is_refused() {
    let scene = Scene::new().await;
    let client = scene.tenant.client(json!({ "oidc_conformant": true })).await;
    scene.grant(&client).await;
    for level in LEVELS {
        scene.set(&client, json!({ "compliance_level": level })).await;
        let answer =
            scene.tenant.asked_showing(client.asks_for(API), &[], Some(scene.machine.shows(true))).await;
        must_say(&answer, "invalid_client");
    }
}

#[tokio::test]
async fn a_public_client_is_refused() {
    let scene = Scene::new().await;
    let body = json!({
        "token_endpoint_auth_method": "none", "app_type": "spa", "grant_types": ["authorization_code"],
        "oidc_conformant": true,
    });
    let client = scene.tenant.client(body).await;
    scene.grant(&client).await;
    for level in LEVELS {
        scene.set(&client, json!({ "compliance_level": level })).await;
        let body = client.asks_with(API, json!({ "client_secret": null }));
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(true))).await;
        assert!(answer.status >= 400, "{level}: {}", answer.start());
        must_be_standard(&answer);
    }
}

#[tokio::test]
async fn a_password_is_no_grant() {
    let scene = Scene::new().await;
    for grant in ["password", "http://auth0.com/oauth/grant-type/password-realm"] {
        let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
        let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
        body["grant_type"] = json!(grant);
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(true))).await;
        must_say(&answer, "unauthorized_client");
        scene.set(&client, json!({ "grant_types": [grant] })).await;
        let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
        body["grant_type"] = json!(grant);
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(true))).await;
        must_say(&answer, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn a_client_that_is_not_oidc_conformant_is_refused() {
    let scene = Scene::new().await;
    for level in LEVELS {
        let method = if level.contains("_pkj_") { "private_key_jwt" } else { "tls_client_auth" };
        let client = scene.client(method, level).await;
        scene.set(&client, json!({ "oidc_conformant": false })).await;
        must_say(&scene.ask(&client, method).await, "unauthorized_client");
    }
}

#[tokio::test]
async fn a_token_of_the_second_profile_is_bound_to_a_certificate() {
    let scene = Scene::new().await;
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    let answer = scene.ask(&client, "private_key_jwt").await.must_be(200);
    let expected = json!({ "x5t#S256": scene.machine.certificate().x5t_s256() });
    assert_eq!(claims(answer.str("access_token"))["cnf"], expected);
    // Without a certificate, or for an API that binds to nothing or to something else, there is none.
    let body = || client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
    must_say(&scene.tenant.asked(body()).await, "invalid_request");
    for rules in [json!(null), json!({ "mechanism": "dpop", "required": false })] {
        scene.tenant.patch(RESOURCE_SERVER, json!({ "proof_of_possession": rules })).await.must_be(200);
        must_say(&scene.ask(&client, "private_key_jwt").await, "invalid_request");
        let proof = Prover::new().at_token_endpoint(&scene.tenant);
        let headers = [("dpop", proof.as_str())];
        let answer = scene.tenant.asked_showing(body(), &headers, Some(scene.machine.shows(true))).await;
        must_say(&answer, "invalid_request");
    }
    // The first profile leaves that to the API.
    let client = scene.client("private_key_jwt", "fapi1_adv_pkj_par").await;
    scene.ask(&client, "private_key_jwt").await.must_be(200);
}

#[tokio::test]
async fn only_strong_algorithms_sign() {
    let scene = Scene::new().await;
    for (algorithm, is_strong) in [
        (Algorithm::PS256, true),
        (Algorithm::ES256, true),
        (Algorithm::EdDSA, true),
        (Algorithm::RS256, false),
    ] {
        let machine = Machine::with("machine.example", algorithm);
        let level = json!({ "compliance_level": "fapi2_sp_pkj_mtls", "oidc_conformant": true });
        let client = machine.client(&scene.tenant, "private_key_jwt", level).await;
        scene.grant(&client).await;
        let body = client.asks_with(API, machine.asserts(&scene.tenant, &client.id));
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(false))).await;
        match is_strong {
            true => drop(answer.must_be(200)),
            false => must_say(&answer, "invalid_client"),
        }
    }
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    for (signing_alg, is_strong) in
        [("PS256", true), ("ES256", true), ("EdDSA", true), ("RS256", false), ("RS512", false)]
    {
        scene.tenant.patch(RESOURCE_SERVER, json!({ "signing_alg": signing_alg })).await.must_be(200);
        let answer = scene.ask(&client, "private_key_jwt").await;
        match is_strong {
            true => drop(answer.must_be(200)),
            false => must_say(&answer, "invalid_target"),
        }
    }
}

#[tokio::test]
async fn the_audience_of_an_assertion_is_the_issuer_as_one_text() {
    let scene = Scene::new().await;
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    for (aud, is_good) in [
        (json!("https://idp.example/"), true),
        (json!("https://idp.example"), false),
        (json!("https://idp.example/oauth/token"), false),
        (json!(["https://idp.example/"]), false),
        (json!("https://other.idp.example/"), false),
    ] {
        let assertion = scene.machine.assertion(&scene.tenant, &client.id, json!({ "aud": aud }));
        let asserts = scene.machine.asserts(&scene.tenant, &client.id);
        let mut body = client.asks_with(API, asserts);
        body["client_assertion"] = json!(assertion);
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(false))).await;
        match is_good {
            true => drop(answer.must_be(200)),
            false => must_say(&answer, "invalid_client"),
        }
    }
}

/// FAPI 2.0 §5.3.2.1: clocks may differ by ten seconds, and must not by more than a minute.
#[tokio::test]
async fn clocks_may_differ_a_little() {
    let scene = Scene::new().await;
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    let now = scene.tenant.clock().now();
    for (ahead, is_good) in [(0, true), (10, true), (61, false)] {
        for claim in ["iat", "nbf"] {
            let more = json!({ claim: now + ahead, "exp": now + 120 });
            let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
            body["client_assertion"] = json!(scene.machine.assertion(&scene.tenant, &client.id, more));
            let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(false))).await;
            match is_good {
                true => drop(answer.must_be(200)),
                false => must_say(&answer, "invalid_client"),
            }
        }
    }
}

#[tokio::test]
async fn a_token_holds_no_more_than_was_asked_for_and_granted() {
    let scene = Scene::new().await;
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    let ask = async |scope: &str| {
        let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
        body["scope"] = json!(scope);
        scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(false))).await
    };
    let answer = ask("read:a").await.must_be(200);
    assert_eq!(claims(answer.str("access_token"))["scope"], "read:a");
    must_say(&ask("read:a delete:all").await, "invalid_scope");
}

/// Each refusal that such a client can meet, in the codes of RFC 6749 §5.2, RFC 8707 §2 and RFC 9396 §5 alone.
#[tokio::test]
async fn only_codes_of_the_standards_are_heard() {
    let scene = Scene::new().await;
    let client = scene.client("private_key_jwt", "fapi2_sp_pkj_mtls").await;
    let deaf = scene.tenant.api(json!({ "identifier": "urn:deaf", "signing_alg": "ES256" })).await;
    let denied = json!({ "client": { "policy": "deny_all" }, "user": { "policy": "allow_all" } });
    let path = format!("/api/v2/resource-servers/{}", deaf["id"].as_str().unwrap());
    for (more, expected) in [
        (json!({ "audience": null }), "invalid_target"),
        (json!({ "audience": "urn:nowhere" }), "invalid_target"),
        (json!({ "audience": "urn:deaf" }), "unauthorized_client"),
        (json!({ "scope": "x" }), "invalid_scope"),
        (json!({ "organization": "org_nobody" }), "invalid_request"),
        (json!({ "grant_type": null }), "invalid_request"),
        (json!({ "grant_type": "x" }), "unsupported_grant_type"),
        (json!({ "client_assertion": "x" }), "invalid_client"),
        (json!({ "client_assertion": null }), "invalid_client"),
        (json!({ "client_assertion": null, "client_secret": "x" }), "invalid_client"),
        (json!({ "authorization_details": "[{}]" }), "invalid_authorization_details"),
        (json!({ "client_id": 7 }), "invalid_request"),
    ] {
        let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = scene.tenant.asked_showing(body, &[], Some(scene.machine.shows(false))).await;
        must_say(&answer, expected);
    }
    scene.tenant.patch(&path, json!({ "subject_type_authorization": denied })).await.must_be(200);
    let mut body = client.asks_with(API, scene.machine.asserts(&scene.tenant, &client.id));
    body["audience"] = json!("urn:deaf");
    must_say(&scene.tenant.asked(body).await, "invalid_target");
    scene.set(&client, json!({ "grant_types": [] })).await;
    must_say(&scene.ask(&client, "private_key_jwt").await, "unauthorized_client");
    // They are counted as those of anybody else.
    let reasons = scene.tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);
    let keys: Vec<&str> =
        reasons["series"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    for reason in ["no_audience", "unknown_api", "no_grant", "scope_not_granted", "organization"] {
        assert!(keys.contains(&reason), "{reason} in {keys:?}");
    }
}

const RESOURCE_SERVER: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

/// A tenant with an API that complies, and a machine.
struct Scene {
    tenant: TestTenant,
    machine: Machine,
}

impl Scene {
    async fn new() -> Scene {
        let tenant = TestTenant::new().await;
        let rules = json!({ "mechanism": "mtls", "required": true });
        tenant.api(json!({ "signing_alg": "ES256", "proof_of_possession": rules })).await;
        Scene { tenant, machine: Machine::new("machine.example") }
    }

    async fn client(&self, method: &str, level: &str) -> TestClient {
        let body = json!({ "compliance_level": level, "oidc_conformant": true });
        let client = self.machine.client(&self.tenant, method, body).await;
        self.grant(&client).await;
        client
    }

    async fn grant(&self, client: &TestClient) {
        let grant = json!({ "client_id": client.id, "audience": API, "scope": ["read:a", "write:b"] });
        self.tenant.grant(grant).await;
    }

    async fn set(&self, client: &TestClient, body: Value) {
        self.tenant.patch(&format!("/api/v2/clients/{}", client.id), body).await.must_be(200);
    }

    /// Asks as the method wants it, showing the certificate.
    async fn ask(&self, client: &TestClient, method: &str) -> Answer {
        let body = match method {
            "private_key_jwt" => client.asks_with(API, self.machine.asserts(&self.tenant, &client.id)),
            _ => client.asks_with(API, json!({ "client_secret": null })),
        };
        self.tenant.asked_showing(body, &[], Some(self.machine.shows(true))).await
    }
}

#[track_caller]
fn must_say(answer: &Answer, expected: &str) {
    assert_eq!(answer["error"], expected, "{}", answer.start());
    must_be_standard(answer);
}

#[track_caller]
fn must_be_standard(answer: &Answer) {
    let standard = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_authorization_details",
    ];
    assert!(standard.contains(&answer.str("error")), "{}", answer.start());
}
