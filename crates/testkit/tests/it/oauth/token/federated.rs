//! Clients that prove themselves with a token of an issuer that they trust.

use std::time::Duration;

use jose::Algorithm;
use outbound::scratch::Reply;
use serde_json::{Value, json};
use testkit::{Answer, STARTED, TestClient, TestTenant, claims};

use super::API;
use crate::{
    issuer::{Issuer, Key, set},
    keys::signed,
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const NOW: i64 = STARTED.div_euclid(1000);
const SUB: &str = "repo:acme/orders:ref:refs/heads/main";
const MINUTE: i64 = 60_000;

/// A client of an API that trusts an issuer, and the issuer.
struct Scene {
    tenant: TestTenant,
    client: TestClient,
    issuer: Issuer,
    key: Key,
    /// The identifier of the trust.
    id: String,
}

impl Scene {
    async fn new() -> Scene {
        Scene::trusting(json!({})).await
    }

    /// With a trust that says this too.
    async fn trusting(more: Value) -> Scene {
        let tenant = TestTenant::new().await;
        let client = tenant.client_of_an_api().await;
        let key = Key::new("first");
        let issuer = Issuer::reached_by(&tenant, &key).await;
        let mut body = json!({ "issuer": issuer.name(), "rules": [sub_equals(SUB)] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = trusted(&tenant, &client, body).await;
        Scene { tenant, client, issuer, key, id }
    }

    /// Good claims, and these instead; what is `null` is left out.
    fn claims(&self, more: Value) -> Value {
        let mut claims = json!({
            "iss": self.issuer.name(), "sub": SUB, "aud": "https://idp.example/", "iat": NOW, "nbf": NOW - 5,
            "exp": NOW + 300, "jti": jose::random_text(20, b"abcdef"),
        });
        let all = claims.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        all.retain(|_, value| !value.is_null());
        claims
    }

    fn token(&self, more: Value) -> String {
        self.key.signs(&self.claims(more))
    }

    async fn ask(&self, assertion: &str) -> Answer {
        ask(&self.tenant, &self.client, assertion).await
    }

    /// The token is refused, and the log has this word and some of these for it.
    async fn is_refused(&self, assertion: &str, reason: &str, cause: &str) {
        let answer = self.ask(assertion).await;
        let body = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
        assert_eq!((answer.status, answer.text()), (401, body.to_string()), "{reason} {cause}");
        let event =
            self.tenant.get("/api/v2/logs?q=type:feccft&per_page=1").await.must_be(200).items()[0].clone();
        assert_eq!(event["description"], "Failed client authentication", "{cause}");
        let told = event["details"]["client_authentication_error"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains(cause), "{told:?} has not {cause:?}");
        assert_eq!(event["details"]["trace"]["method"], "federated_credential", "{cause}");
        let stats = self.tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);
        let reasons: Vec<&str> =
            stats["series"].as_array().unwrap().iter().filter_map(|one| one["key"].as_str()).collect();
        assert!(reasons.contains(&format!("federation_{reason}").as_str()), "{reasons:?} have not {reason}");
    }
}

fn sub_equals(sub: &str) -> Value {
    json!({ "claim": "sub", "operator": "equals", "value": sub })
}

async fn trusted(tenant: &TestTenant, client: &TestClient, body: Value) -> String {
    let path = format!("/api/x/clients/{}/federated-credentials", client.id);
    tenant.post(&path, body).await.must_be(201).str("id").to_owned()
}

async fn ask(tenant: &TestTenant, client: &TestClient, assertion: &str) -> Answer {
    let body = json!({
        "grant_type": "client_credentials", "audience": API, "client_id": client.id,
        "client_assertion_type": JWT_BEARER, "client_assertion": assertion,
    });
    tenant.asked(body).await
}

#[tokio::test]
async fn a_workloads_token_gets_an_access_token() {
    let scene = Scene::new().await;

    let answer = scene.ask(&scene.token(json!({}))).await.must_be(200);

    assert_eq!(claims(answer.str("access_token"))["azp"], json!(scene.client.id));
    // The keys are fetched once: the document, and what it points to.
    scene.ask(&scene.token(json!({ "aud": ["https://idp.example/"] }))).await.must_be(200);
    assert_eq!(scene.issuer.server.asked(), 2);
    // The secret still proves the client.
    scene.tenant.asked(scene.client.asks_for(API)).await.must_be(200);
}

#[tokio::test]
async fn every_algorithm_of_a_public_key() {
    let scene = Scene::new().await;
    let keys = [
        Key::of("a", Algorithm::RS256),
        Key::of("b", Algorithm::RS384),
        Key::of("c", Algorithm::RS512),
        Key::of("d", Algorithm::PS256),
        Key::of("e", Algorithm::ES256),
        Key::of("f", Algorithm::EdDSA),
    ];
    scene.issuer.publishes(&keys.iter().collect::<Vec<_>>());
    for key in &keys {
        scene.ask(&key.signs(&scene.claims(json!({})))).await.must_be(200);
    }
}

#[tokio::test]
async fn keys_that_were_written_down_or_lie_elsewhere() {
    let key = Key::new("first");
    let scene = Scene::trusting(json!({ "jwks": set(&[&key]) })).await;
    scene.ask(&key.signs(&scene.claims(json!({})))).await.must_be(200);
    scene.is_refused(&scene.token(json!({})), "signature", "not that of the issuer").await;
    assert_eq!(scene.issuer.server.asked(), 0);

    let path = format!("/api/x/clients/{}/federated-credentials/{}", scene.client.id, scene.id);
    let elsewhere = json!({ "jwks": null, "jwks_uri": scene.issuer.server.url("/keys") });
    scene.tenant.patch(&path, elsewhere).await.must_be(200);
    scene.ask(&scene.token(json!({}))).await.must_be(200);
    assert_eq!(scene.issuer.server.asked(), 1);
}

#[tokio::test]
async fn a_token_for_somebody_else() {
    let scene = Scene::new().await;
    for aud in [
        json!(null),
        json!(""),
        json!("https://idp.example"),
        json!("https://idp.example//"),
        json!("https://IDP.example/"),
        json!("https://idp.example/oauth/token"),
        json!("https://idp.example.evil/"),
        json!("https://idp.exаmple/"),
        json!(["https://other.example/"]),
        json!([]),
        json!({}),
        json!(7),
        json!([["https://idp.example/"]]),
    ] {
        scene
            .is_refused(&scene.token(json!({ "aud": aud })), "audience", "'aud' is not https://idp.example/")
            .await;
    }
    let own = Scene::trusting(json!({ "audience": "countersign-production" })).await;
    own.ask(&own.token(json!({ "aud": "countersign-production" }))).await.must_be(200);
    own.is_refused(&own.token(json!({})), "audience", "countersign-production").await;
}

#[tokio::test]
async fn an_issuer_that_only_looks_alike() {
    let scene = Scene::new().await;
    let name = scene.issuer.name();
    for iss in [
        json!(format!("{name}/")),
        json!(name.to_uppercase()),
        json!(name.replace("https", "http")),
        json!(format!("{name}.evil")),
        json!(format!(" {name}")),
        json!(name.replace("localhost", "locаlhost")),
        json!(name.replace("localhost", "127.0.0.1")),
        json!(null),
        json!(7),
        json!([name]),
        json!(""),
    ] {
        scene.is_refused(&scene.token(json!({ "iss": iss })), "issuer", "trusts no issuer").await;
    }
    assert_eq!(scene.issuer.server.asked(), 0);
}

#[tokio::test]
async fn a_document_that_is_another_issuers() {
    let scene = Scene::new().await;
    let document =
        json!({ "issuer": "https://elsewhere.example", "jwks_uri": scene.issuer.server.url("/keys") });
    scene.issuer.says(|said| said.document = Reply::json(document.to_string()));
    scene.is_refused(&scene.token(json!({})), "unreachable", "that of another issuer").await;
}

#[tokio::test]
async fn tricks_on_the_subject() {
    let rule = json!([{ "claim": "sub", "operator": "matches", "value": "repo:acme/*:ref:refs/heads/main" }]);
    let scene = Scene::trusting(json!({ "rules": rule })).await;
    scene.ask(&scene.token(json!({}))).await.must_be(200);
    scene.ask(&scene.token(json!({ "sub": "repo:acme/*:ref:refs/heads/main" }))).await.must_be(200);
    for sub in [
        json!("repo:evil/acme/x:ref:refs/heads/main"),
        json!("repo:acme/x/y:ref:refs/heads/main"),
        json!("repo:acme/x:pull_request:ref:refs/heads/main"),
        json!("repo:acme/:ref:refs/heads/main"),
        json!("repo:acme/x:ref:refs/heads/main2"),
        json!("xrepo:acme/x:ref:refs/heads/main"),
        json!("repo:acme/x:ref:refs/heads/main\n"),
        json!("repo:acme/x:ref:refs/heads/MAIN"),
        json!("*"),
        json!(""),
        json!(null),
        json!(["repo:acme/x:ref:refs/heads/main"]),
        json!({}),
        json!(true),
    ] {
        scene.is_refused(&scene.token(json!({ "sub": sub })), "rule", "the rule is not met that 'sub'").await;
    }
}

#[tokio::test]
async fn all_rules_have_to_be_met() {
    let rules = json!([
        sub_equals(SUB), { "claim": "environment", "operator": "one_of", "value": ["staging", "production"] },
        { "claim": "/kubernetes.io/namespace", "operator": "equals", "value": "shop" },
    ]);
    let scene = Scene::trusting(json!({ "rules": rules })).await;
    let cluster = json!({ "namespace": "shop" });
    let good = json!({ "environment": "staging", "kubernetes.io": cluster });
    scene.ask(&scene.token(good)).await.must_be(200);
    for (bad, claim) in [
        (json!({ "environment": "test", "kubernetes.io": cluster }), "environment"),
        (json!({ "kubernetes.io": cluster }), "environment"),
        (json!({ "environment": "staging" }), "/kubernetes.io/namespace"),
        (json!({ "environment": "staging", "kubernetes.io": cluster, "sub": "x" }), "sub"),
    ] {
        scene.is_refused(&scene.token(bad), "rule", claim).await;
    }
}

#[tokio::test]
async fn a_token_is_good_once_on_every_node() {
    let scene = Scene::new().await;
    let (with, without) = (scene.token(json!({})), scene.token(json!({ "jti": null })));
    for token in [&with, &without] {
        scene.ask(token).await.must_be(200);
        scene.is_refused(token, "replay", "used before").await;
    }
    let beside = scene.tenant.server().another_node().await;
    drop(beside.tenants().clone().reaching(scene.issuer.server.outbound()));
    let there = beside.tenant(scene.tenant.name());
    ask(&there, &scene.client, &with).await.must_be(401);
    // Another client that trusts the same issuer is no way around it.
    let another = scene.tenant.client(json!({})).await;
    let body = json!({ "issuer": scene.issuer.name(), "rules": [sub_equals(SUB)] });
    trusted(&scene.tenant, &another, body).await;
    assert_eq!(ask(&scene.tenant, &another, &with).await.status, 401);
    // What was refused for something else is not used up.
    let fresh = scene.token(json!({ "sub": "x", "jti": "same" }));
    scene.is_refused(&fresh, "rule", "sub").await;
    scene.ask(&scene.token(json!({ "jti": "same" }))).await.must_be(200);
}

/// The same token with the other signature: with (r, s) of an elliptic curve, (r, n − s) is genuine too, and anybody can
/// work it out.
fn mirrored(token: &str) -> String {
    const ORDER: &str = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = jose::b64url_decode(signature).unwrap();
    let mut borrowed = 0;
    for i in (0..32).rev() {
        let of_order = i32::from_str_radix(&ORDER[2 * i..2 * i + 2], 16).unwrap();
        let rest = of_order - i32::from(signature[32 + i]) - borrowed;
        borrowed = i32::from(rest < 0);
        signature[32 + i] = u8::try_from(rest.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", jose::b64url_encode(signature))
}

#[tokio::test]
async fn a_signature_written_in_another_way_makes_no_other_token() {
    let scene = Scene::new().await;
    let token = scene.token(json!({ "jti": null }));
    scene.ask(&mirrored(&scene.token(json!({ "jti": null, "n": 1 })))).await.must_be(200);
    scene.ask(&token).await.must_be(200);
    scene.is_refused(&mirrored(&token), "replay", "used before").await;
}

#[tokio::test]
async fn a_cluster_shows_its_token_again_and_again() {
    let scene = Scene::trusting(json!({ "single_use": false })).await;
    let token = scene.token(json!({ "exp": NOW + 3600 }));
    for _ in 0..3 {
        scene.ask(&token).await.must_be(200);
    }
    scene.tenant.later(3600 * 1000);
    scene.is_refused(&token, "time", "'exp' is past").await;
}

#[tokio::test]
async fn times_that_are_not_now() {
    let scene = Scene::new().await;
    let day = 24 * 3600;
    scene.ask(&scene.token(json!({ "exp": NOW + day }))).await.must_be(200);
    scene.ask(&scene.token(json!({ "iat": NOW + 30, "nbf": NOW + 30 }))).await.must_be(200);
    scene.ask(&scene.token(json!({ "iat": null, "nbf": null, "exp": NOW as f64 + 60.5 }))).await.must_be(200);
    for bad in [
        json!({ "exp": null }),
        json!({ "exp": NOW }),
        json!({ "exp": NOW - 1 }),
        json!({ "exp": -1 }),
        json!({ "exp": NOW + day + 1 }),
        json!({ "exp": 1e300 }),
        json!({ "exp": i64::MAX }),
        json!({ "iat": NOW - day }),
        json!({ "iat": NOW + 31 }),
        json!({ "nbf": NOW + 31 }),
        json!({ "iat": -1e300 }),
    ] {
        scene.is_refused(&scene.token(bad.clone()), "time", "'").await;
    }
    for bad in [json!({ "exp": "soon" }), json!({ "iat": true }), json!({ "nbf": [] })] {
        scene.is_refused(&scene.token(bad), "malformed", "is not a number").await;
    }
}

#[tokio::test]
async fn algorithms_and_forms_that_are_not_accepted() {
    let scene = Scene::new().await;
    let claims = scene.claims(json!({}));
    let part = |json: &Value| jose::b64url_encode(json.to_string());
    for alg in ["none", "HS256", "HS512", "ES384", "es256", ""] {
        let token = format!("{}.{}.AAAA", part(&json!({ "alg": alg, "kid": "first" })), part(&claims));
        scene.is_refused(&token, "algorithm", "'alg'").await;
    }
    // The public key as a shared secret.
    let public = scene.key.jwk().to_string();
    let confused = jose::Signer::hmac(public.as_bytes(), "JWT").sign(claims.to_string().as_bytes()).unwrap();
    scene.is_refused(&confused, "algorithm", "'alg'").await;
    for typ in ["at+jwt", "dpop+jwt", "logout+jwt", "application/at+jwt"] {
        scene.is_refused(&scene.key.signs_as(&claims, typ), "malformed", "'typ'").await;
    }
    let whole = scene.token(json!({}));
    let (head, rest) = whole.split_once('.').unwrap();
    for token in [
        "x",
        "..",
        "a.b.c",
        &whole[..whole.len() / 2],
        &format!("{whole}="),
        &format!("{whole}.x"),
        head,
        rest,
        &"a".repeat(16 * 1024),
    ] {
        scene.is_refused(token, "malformed", "no JWT").await;
    }
    assert_eq!(scene.issuer.server.asked(), 0);
    // Words in the token that point to a key of its own are not read.
    let header = json!({ "alg": "ES256", "kid": "evil", "jwk": Key::new("evil").jwk(), "jku": "https://evil.example/" });
    let evil = Key::new("evil");
    let token = signed(evil.private(), jsonwebtoken::Algorithm::ES256, &header, &claims);
    scene.is_refused(&token, "unknown_key", "no key \"evil\"").await;
    let altered = whole.replace(rest.split('.').next().unwrap(), &part(&scene.claims(json!({ "run": 1 }))));
    scene.is_refused(&altered, "signature", "not that of the issuer").await;
}

#[tokio::test]
async fn keys_that_are_rotated_are_followed_but_not_chased() {
    let scene = Scene::new().await;
    scene.ask(&scene.token(json!({}))).await.must_be(200);
    let next = Key::new("second");
    scene.issuer.publishes(&[&next]);
    // An issuer that was asked a moment ago is not asked for each name that somebody makes up.
    let asked = scene.issuer.server.asked();
    for _ in 0..20 {
        scene.is_refused(&next.signs(&scene.claims(json!({}))), "unknown_key", "no key \"second\"").await;
    }
    assert_eq!(scene.issuer.server.asked(), asked);
    scene.tenant.later(31_000);
    let later = json!({ "iat": NOW + 31, "exp": NOW + 300 });
    scene.ask(&next.signs(&scene.claims(later.clone()))).await.must_be(200);
    scene.is_refused(&scene.token(later), "unknown_key", "no key \"first\"").await;
    assert_eq!(scene.issuer.server.asked(), asked + 2);
}

#[tokio::test]
async fn an_issuer_that_is_gone_is_believed_for_a_while() {
    let scene = Scene::trusting(json!({ "single_use": false })).await;
    let token = scene.token(json!({ "exp": NOW + 20 * 3600 }));
    scene.ask(&token).await.must_be(200);
    scene.issuer.says(|said| said.keys = Reply::status(503));
    for _ in 0..5 {
        scene.tenant.later(12 * MINUTE);
        scene.ask(&token).await.must_be(200);
        settle(&scene, 0).await;
    }
    scene.tenant.later(12 * MINUTE);
    scene.is_refused(&token, "unreachable", "its keys: the server answered with status 503").await;
    // It is left alone for a while, and then asked again.
    let asked = scene.issuer.server.asked();
    scene.is_refused(&token, "unreachable", "status 503").await;
    assert_eq!(scene.issuer.server.asked(), asked);
    scene.issuer.publishes(&[&scene.key]);
    scene.tenant.later(6 * MINUTE);
    scene.ask(&token).await.must_be(200);
}

/// Waits until what is asked in the background has been answered.
async fn settle(scene: &Scene, least: usize) {
    let mut asked = scene.issuer.server.asked();
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = scene.issuer.server.asked();
        if now == asked && now >= least {
            return;
        }
        asked = now;
    }
}

#[tokio::test]
async fn an_issuer_that_is_not_public_or_not_there() {
    let scene = Scene::new().await;
    drop(scene.tenant.server().tenants().clone().reaching(outbound::Outbound::default()));
    scene.is_refused(&scene.token(json!({})), "unreachable", "not public").await;
    let body = json!({ "issuer": "https://127.0.0.1:9", "rules": [sub_equals(SUB)] });
    trusted(&scene.tenant, &scene.client, body).await;
    scene
        .is_refused(&scene.token(json!({ "iss": "https://127.0.0.1:9" })), "unreachable", "not public")
        .await;
    let settings = scene.issuer.server.settings();
    drop(scene.tenant.server().tenants().clone().reaching(outbound::Outbound::new(settings)));
    scene.tenant.later(10_000);
    scene
        .is_refused(&scene.token(json!({ "iss": "https://127.0.0.1:9" })), "unreachable", "cannot be reached")
        .await;
}

#[tokio::test]
async fn a_slow_issuer_delays_nobody_else() {
    let scene = Scene::new().await;
    let slow = scene.token(json!({}));
    let patient = outbound::Settings { total: Duration::from_secs(60), ..scene.issuer.server.settings() };
    drop(scene.tenant.server().tenants().clone().reaching(outbound::Outbound::new(patient)));
    scene.issuer.says(|said| said.keys = said.keys.clone().after(10_000));
    let (tenant, client) = (scene.tenant.clone(), scene.client.clone());
    let waiting = tokio::spawn(async move { ask(&tenant, &client, &slow).await });
    // Its document is asked for, and then its keys.
    settle(&scene, 2).await;
    let mut meanwhile = 0;
    for _ in 0..10 {
        scene.tenant.asked(scene.client.asks_for(API)).await.must_be(200);
        meanwhile += usize::from(!waiting.is_finished());
    }
    // A machine may be slow too, so the last of them may come later; if they had to wait, so would the first.
    assert!(meanwhile > 0);
    waiting.await.unwrap().must_be(200);
    // Many who wait for one issuer ask it once.
    scene.tenant.later(2 * 3600 * 1000);
    let asked = scene.issuer.server.asked();
    let more = json!({ "iat": NOW + 7200, "exp": NOW + 7500 });
    let tokens: Vec<String> = (0..10).map(|_| scene.token(more.clone())).collect();
    let mut asking = tokio::task::JoinSet::new();
    for token in tokens {
        let (tenant, client) = (scene.tenant.clone(), scene.client.clone());
        asking.spawn(async move { ask(&tenant, &client, &token).await.status });
    }
    assert!(asking.join_all().await.into_iter().all(|status| status == 200));
    assert_eq!(scene.issuer.server.asked(), asked + 2);
}

#[tokio::test]
async fn keys_that_mean_harm() {
    let scene = Scene::new().await;
    let good = scene.key.jwk();
    let mut private = Key::new("first").jwk();
    private["d"] = json!("AA");
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let keys = |keys: Value| Reply::json(json!({ "keys": keys }).to_string());
    for (reply, cause) in [
        (Reply::json(deep), "its keys: unusable key"),
        (Reply::json(" ".repeat(300 * 1024)), "too much"),
        (keys(json!(vec![json!({ "kid": "x" }); 101])), "more than 100 keys"),
        (keys(json!([])), "none of them can be used"),
        (keys(json!([private])), "none of them can be used"),
        (keys(json!([{ "kty": "oct", "k": "c2VjcmV0", "kid": "first" }])), "none of them can be used"),
        (Reply::json("{\"keys\":"), "unusable key"),
        (Reply::json(""), "unusable key"),
        (Reply::status(302).with("location: /elsewhere"), "redirect"),
        (
            Reply { headers: vec!["content-type: text/html".into()], ..Reply::json("{}") },
            "something else than JSON",
        ),
    ] {
        scene.issuer.says(|said| said.keys = reply);
        scene.is_refused(&scene.token(json!({ "exp": NOW + 23 * 3600 })), "unreachable", cause).await;
        scene.tenant.later(6 * MINUTE);
    }
    // Beside a good one of the same name they do no harm.
    let (other, another) = (Key::new("first").jwk(), Key::new("first").jwk());
    scene.issuer.says(|said| said.keys = keys(json!([null, private, other, another, good])));
    scene.ask(&scene.token(json!({ "exp": NOW + 23 * 3600 }))).await.must_be(200);
}

#[tokio::test]
async fn documents_that_mean_harm() {
    let scene = Scene::new().await;
    let name = scene.issuer.name();
    for (document, cause) in [
        ("", "needs issuer and jwks_uri"),
        ("[]", "needs issuer and jwks_uri"),
        (&format!("{{\"issuer\":\"{name}\"}}"), "needs issuer and jwks_uri"),
        (
            &format!("{{\"issuer\":\"{name}\",\"issuer\":\"{name}\",\"jwks_uri\":\"https://x/\"}}"),
            "needs issuer",
        ),
        (
            &format!("{{\"issuer\":\"{name}\",\"jwks_uri\":\"http://localhost/\"}}"),
            "the address is not https",
        ),
        (
            &format!("{{\"issuer\":\"{name}\",\"jwks_uri\":\"file:///etc/passwd\"}}"),
            "the address is not https",
        ),
        (&format!("{{\"issuer\":\"{name}\",\"jwks_uri\":\"https://169.254.169.254/\"}}"), "not public"),
        (&format!("{{\"issuer\":\"{name}\",\"jwks_uri\":\"https://10.0.0.1/\"}}"), "not public"),
    ] {
        scene.issuer.says(|said| said.document = Reply::json(document));
        scene.is_refused(&scene.token(json!({ "exp": NOW + 23 * 3600 })), "unreachable", cause).await;
        scene.tenant.later(6 * MINUTE);
    }
}

#[tokio::test]
async fn who_is_asking_must_be_said_and_must_trust() {
    let scene = Scene::new().await;
    let token = scene.token(json!({}));
    let body = |more: Value| {
        let mut body = json!({
            "grant_type": "client_credentials", "audience": API, "client_assertion_type": JWT_BEARER,
            "client_assertion": token,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let another = scene.tenant.client(json!({})).await;
    for more in [
        json!({}),
        json!({ "client_id": "" }),
        json!({ "client_id": "nobody" }),
        json!({ "client_id": another.id }),
        json!({ "client_id": scene.client.id, "client_assertion_type": "urn:example" }),
        json!({ "client_id": scene.client.id, "client_assertion_type": null }),
    ] {
        let answer = scene.tenant.asked(body(more.clone())).await;
        assert_eq!((answer.status, answer["error"].as_str()), (401, Some("invalid_client")), "{more}");
    }
    // The other tenant has a client of no such name.
    assert_eq!(scene.tenant.other().asked(body(json!({ "client_id": scene.client.id }))).await.status, 401);
    scene.tenant.asked(body(json!({ "client_id": scene.client.id }))).await.must_be(200);
}

#[tokio::test]
async fn a_trust_that_is_gone_or_changed_is_seen_at_once() {
    let scene = Scene::new().await;
    let path = format!("/api/x/clients/{}/federated-credentials/{}", scene.client.id, scene.id);
    scene.ask(&scene.token(json!({}))).await.must_be(200);
    scene.tenant.patch(&path, json!({ "rules": [sub_equals("repo:acme/other")] })).await.must_be(200);
    scene.is_refused(&scene.token(json!({})), "rule", "repo:acme/other").await;
    // One of several ways is enough.
    let body = json!({ "issuer": scene.issuer.name(), "rules": [sub_equals(SUB)] });
    let second = trusted(&scene.tenant, &scene.client, body).await;
    scene.ask(&scene.token(json!({}))).await.must_be(200);
    for id in [&scene.id, &second] {
        let path = format!("/api/x/clients/{}/federated-credentials/{id}", scene.client.id);
        scene.tenant.delete(&path).await.must_be(204);
    }
    assert_eq!(scene.ask(&scene.token(json!({}))).await.status, 401);
}
