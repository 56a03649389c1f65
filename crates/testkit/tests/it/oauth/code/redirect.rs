//! Customers' code that sends somebody elsewhere first, and goes on when they are back.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Browser, PASSWORD, TestClient, TestTenant, claims};

use super::{EMAIL, at_login, bound, last, logs_in, rules, shop};

const NS: &str = "https://shop.example/";
const SENDS: &str = "if (context.protocol !== 'redirect-callback') context.redirect = { url: 'https://terms.example/?a=1#b' };
    context.idToken['https://shop.example/q'] = [context.protocol, context.request.query.agreed, context.request.body.agreed,
        context.request.query.nonce];
    callback(null, user, context);";

/// Logs in, and answers where the browser is sent, and what brings it back.
async fn sent(browser: &mut Browser, spa: &TestClient) -> (String, String) {
    let page = logs_in(browser, spa).await.must_be(200).text();
    let to = page.split_once("url=").and_then(|(_, rest)| rest.split_once("\">"));
    let to = to.map(|(to, _)| to.replace("&#38;", "&")).unwrap_or_default();
    let state = to.split_once("state=").map(|(_, rest)| rest.split(['&', '#']).next().unwrap_or_default());
    let state = state.unwrap_or_else(|| panic!("no state: {to}")).to_owned();
    (to, state)
}

async fn id_token(tenant: &TestTenant, spa: &TestClient, back: &Answer) -> Value {
    let code = back.parameter("code").unwrap_or_else(|| panic!("no code: {}", back.location()));
    claims(tenant.asked(spa.redeems(&code)).await.must_be(200).str("id_token"))
}

#[tokio::test]
async fn rules_send_somebody_away_and_all_run_again() {
    let (tenant, spa) = shop().await;
    rules(&tenant, &[SENDS, "context.idToken['https://shop.example/n'] = 2; callback(null, user, context);"])
        .await;
    let mut browser = Browser::new(&tenant);
    let (to, state) = sent(&mut browser, &spa).await;
    assert!(to.starts_with("https://terms.example/?a=1&state=") && to.ends_with("#b"), "{to}");

    let back = browser.get(&format!("/continue?state={state}&agreed=yes")).await;
    assert_eq!(back.parameter("state").unwrap(), "s t&te");
    let said = id_token(&tenant, &spa, &back).await;
    assert_eq!(said[format!("{NS}q")], json!(["redirect-callback", "yes", "yes", "n0nce"]));
    assert_eq!(said[format!("{NS}n")], 2);
    // It was good once.
    let again = browser.get(&format!("/continue?state={state}&agreed=yes")).await;
    assert!(again.header("location").is_empty() && again.status == 400, "{}", again.start());
}

#[tokio::test]
async fn what_brings_somebody_back_is_theirs_and_whole() {
    let (tenant, spa) = shop().await;
    rules(&tenant, &[SENDS]).await;
    let mut browser = Browser::new(&tenant);
    let (_, state) = sent(&mut browser, &spa).await;
    for path in [
        "/continue".to_owned(),
        "/continue?state=".to_owned(),
        "/continue?state=forged".to_owned(),
        format!("/continue?state={state}&state={state}"),
        format!("/continue?state={state}x"),
        format!("/continue?state={}", "x".repeat(5000)),
        "/continue?state=%00".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert!(
            (400..500).contains(&answer.status.into()) && answer.header("location").is_empty(),
            "{path}: {}",
            answer.status
        );
    }
    // Neither another browser nor another tenant goes on with it.
    for other in [Browser::new(&tenant), Browser::new(&tenant.other())] {
        let mut other = other;
        let answer = other.get(&format!("/continue?state={state}")).await;
        assert!(answer.header("location").is_empty() && answer.status == 400, "{}", answer.start());
    }
    // It opens no page of ours.
    let page = browser.get(&format!("/u/login?state={state}")).await;
    assert_ne!(page.status, 200);
    let back = browser.form("/continue", &[("state", &state), ("agreed", "posted")]).await;
    let said = id_token(&tenant, &spa, &back).await;
    assert_eq!(said[format!("{NS}q")][2], "posted");
}

#[tokio::test]
async fn a_rule_sends_nobody_away_twice() {
    let (tenant, spa) = shop().await;
    rules(&tenant, &["context.redirect = { url: 'https://terms.example/' }; callback(null, user, context);"])
        .await;
    let mut browser = Browser::new(&tenant);
    let (_, state) = sent(&mut browser, &spa).await;
    let back = browser.get(&format!("/continue?state={state}")).await;
    assert!(back.parameter("code").is_some(), "{}", back.location());
}

#[tokio::test]
async fn nobody_is_sent_away_where_nobody_can_be() {
    for is_rule in [true, false] {
        let (tenant, spa) = shop().await;
        let mut browser = Browser::new(&tenant);
        let code = browser.log_in(&spa, EMAIL).await;
        let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
        match is_rule {
            true => rules(&tenant, &[SENDS]).await,
            false => {
                at_login(&tenant, &["console.log(api.redirect.canRedirect()); api.redirect.sendUserTo('https://a.example');"])
                    .await;
            }
        }
        let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
        assert_eq!(silent.parameter("error").unwrap(), "interaction_required");
        let refused = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await;
        assert_eq!(refused.str("error"), "interaction_required", "{}", refused.status);
        if !is_rule {
            let console = last(&tenant, "actions_executed").await["details"]["actions"]["console"].clone();
            assert_eq!(console[0]["lines"][0], "false");
        }
    }
}

#[tokio::test]
async fn an_action_goes_on_with_a_token_that_it_can_check() {
    let (tenant, spa) = shop().await;
    let sends = "exports.onExecutePostLogin = async (event, api) => {
            api.user.setAppMetadata('asked', true);
            api.idToken.setCustomClaim('https://shop.example/before', api.redirect.canRedirect());
            const session_token = api.redirect.encodeToken({ secret: event.secrets.KEY, payload: { tier: 'gold' } });
            api.redirect.sendUserTo('https://terms.example/?x=1', { query: { session_token } });
        };
        exports.onContinuePostLogin = async (event, api) => {
            const told = api.redirect.validateToken({ secret: event.secrets.KEY });
            api.idToken.setCustomClaim('https://shop.example/back', [told.tier, event.request.query.more]);
        };";
    let first = "exports.onExecutePostLogin = async (event, api) => {
        api.cache.set('runs', String(1 + Number(api.cache.get('runs')?.value ?? 0)));
        api.idToken.setCustomClaim('https://shop.example/first', api.cache.get('runs').value); };";
    let third = "exports.onExecutePostLogin = async (event, api) => {
        api.idToken.setCustomClaim('https://shop.example/third', true); };";
    bound(&tenant, "post-login", &[first, sends, third]).await;
    let mut browser = Browser::new(&tenant);
    let (to, state) = sent(&mut browser, &spa).await;
    assert!(to.starts_with("https://terms.example/?x=1&session_token=ey"), "{to}");
    assert!(!tenant.get("/api/v2/users").await.must_be(200).body.to_string().contains("asked"));
    let there = to.split("session_token=").nth(1).unwrap().split('&').next().unwrap();
    let token = claims(there);
    assert_eq!((&token["tier"], &token["iss"]), (&json!("gold"), &json!("idp.example")));
    assert!(token["sub"].as_str().unwrap().starts_with("auth0|"));

    let signed = |state: &str| {
        let signer = jose::Signer::hmac(super::SECRET.as_bytes(), "JWT");
        signer
            .sign(json!({ "tier": "gold", "state": state, "exp": 4_000_000_000_u64 }).to_string().as_bytes())
            .unwrap()
    };
    let back = browser.get(&format!("/continue?state={state}&session_token={}&more=m", signed(&state))).await;
    let said = id_token(&tenant, &spa, &back).await;
    let claim = |name: &str| said[format!("{NS}{name}")].clone();
    assert_eq!((claim("before"), claim("third"), claim("first")), (json!(true), json!(true), json!("1")));
    assert_eq!(claim("back"), json!(["gold", "m"]));
    assert!(tenant.get("/api/v2/users").await.must_be(200).body.to_string().contains("asked"));

    // A token that was for another trip is worth nothing.
    let mut browser = Browser::new(&tenant);
    let (_, state) = sent(&mut browser, &spa).await;
    let back = browser.get(&format!("/continue?state={state}&session_token={}", signed("other"))).await;
    assert_eq!(back.parameter("error").unwrap(), "server_error", "{}", back.location());
}

#[tokio::test]
async fn an_action_that_cannot_go_on_lets_nobody_in() {
    let (tenant, spa) = shop().await;
    at_login(&tenant, &["api.redirect.sendUserTo('https://terms.example/');"]).await;
    let mut browser = Browser::new(&tenant);
    let (_, state) = sent(&mut browser, &spa).await;
    let back = browser.get(&format!("/continue?state={state}")).await;
    assert_eq!(back.parameter("error").unwrap(), "server_error");
    // One that is unbound meanwhile might have refused.
    let mut browser = Browser::new(&tenant);
    let (_, state) = sent(&mut browser, &spa).await;
    tenant
        .patch("/api/v2/actions/triggers/post-login/bindings", json!({ "bindings": [] }))
        .await
        .must_be(200);
    let mut one = Browser::new(&tenant);
    assert!(logs_in(&mut one, &spa).await.parameter("code").is_some());
    rules(&tenant, &["callback(null, user, context);"]).await;
    let back = browser.get(&format!("/continue?state={state}")).await;
    assert_eq!(back.parameter("error").unwrap(), "access_denied", "{}", back.location());
    let _ = (Method::GET, PASSWORD);
}
