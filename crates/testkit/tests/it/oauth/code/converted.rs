//! Rules turned into actions: what becomes of a login is the same.

use serde_json::{Value, json};
use testkit::{Browser, TestClient, TestTenant, claims};

use super::{EMAIL, log, logs_in, refused, rules, shop, tokens};

const NS: &str = "https://shop.example/";

/// Turns the one rule into an action that is deployed and bound, and the rule off.
async fn turned(tenant: &TestTenant) {
    let rule = tenant.get("/api/v2/rules").await.must_be(200).body[0]["id"].as_str().unwrap().to_owned();
    let made = tenant.post(&format!("/api/x/rules/{rule}/action"), json!({})).await.must_be(201);
    tenant.post(&format!("/api/v2/actions/actions/{}/deploy", made.str("id")), json!({})).await.must_be(200);
    let binding = json!({ "bindings": [{ "ref": { "type": "action_id", "value": made.str("id") } }] });
    tenant.patch("/api/v2/actions/triggers/post-login/bindings", binding).await.must_be(200);
    tenant.patch(&format!("/api/v2/rules/{rule}"), json!({ "enabled": false })).await.must_be(200);
}

/// What both tokens of a login say, without what is new each time.
async fn given(tenant: &TestTenant, spa: &TestClient) -> Value {
    let tokens = tokens(tenant, spa).await;
    let mut id_token = claims(tokens.str("id_token"));
    for name in ["iat", "exp", "nonce", "sid", "auth_time", "at_hash", "updated_at"] {
        id_token.as_object_mut().unwrap().shift_remove(name);
    }
    json!({ "id_token": id_token, "scope": tokens["scope"] })
}

#[tokio::test]
async fn a_rule_and_the_action_made_of_it_give_the_same_claims() {
    for body in [
        // All that a rule is told, but for what only this login has.
        "const { sessionID, authentication, request: { query, ...request }, stats, ...rest } = context;
         context.idToken['https://shop.example/told'] = { rest: { ...rest, idToken: {} }, request, scope: query.scope,
             methods: authentication.methods.map(({ name, timestamp }) => [name, typeof timestamp]), stats: Object.keys(stats),
             user: { ...user, last_login: 0, logins_count: 0, updated_at: 0 }, auth0: [auth0.domain, auth0.baseUrl], key: configuration.KEY };
         callback(null, user, context);",
        "context.idToken.tier = 'gold'; context.idToken.sub = 'forged'; context.idToken['https://shop.example/n'] = null;
         context.accessToken['https://shop.example/a'] = { deep: [1] }; context.idToken.scope = 'x'; callback(null, user, context);",
        "context.accessToken.scope = ['openid', 'email']; callback(null, user, context);",
        "context.accessToken.scope = 'openid  profile'; callback(null, user, context);",
        "setTimeout(() => { context.idToken['https://shop.example/late'] = typeof require('crypto'); callback(null, user, context); }, 5);",
        "context.multifactor = { provider: 'none' }; context.primaryUser = user.user_id; callback(null, user, context);",
    ] {
        let (tenant, spa) = shop().await;
        tenant.put("/api/v2/rules-configs/KEY", json!({ "value": "hush hush" })).await.must_be(200);
        rules(&tenant, &[body]).await;
        let of_rule = given(&tenant, &spa).await;
        turned(&tenant).await;
        assert_eq!(given(&tenant, &spa).await, of_rule, "{body}");
        assert!(!log(&tenant).await.contains("hush hush"));
    }
}

#[tokio::test]
async fn who_is_refused_by_a_rule_is_refused_by_its_action() {
    for body in [
        "callback(new UnauthorizedError('Not on Sundays.'));",
        "throw new UnauthorizedError('Not on Sundays.');",
        "callback(new Error('inner workings'));",
        "callback('inner workings');",
        "callback(null);",
        "return Promise.reject(new RangeError('inner workings'));",
        "return new Promise(() => {});",
        "context.redirect = { url: 'javascript:1' }; callback(null, user, context);",
        "context.primaryUser = 'auth0|other'; callback(null, user, context);",
        "context.multifactor = { provider: 'any' }; callback(null, user, context);",
    ] {
        let (tenant, spa) = shop().await;
        rules(&tenant, &[body]).await;
        let by_rule = refused(&tenant, &spa).await;
        turned(&tenant).await;
        assert_eq!(refused(&tenant, &spa).await, by_rule, "{body}");
    }
}

#[tokio::test]
async fn who_is_sent_elsewhere_comes_back_to_the_action() {
    let (tenant, spa) = shop().await;
    let body = "if (context.protocol !== 'redirect-callback') context.redirect = { url: 'https://terms.example/?a=1' };
        context.idToken['https://shop.example/q'] = [context.protocol, context.request.query.agreed];
        callback(null, user, context);";
    rules(&tenant, &[body]).await;
    turned(&tenant).await;
    let mut browser = Browser::new(&tenant);
    let page = logs_in(&mut browser, &spa).await.must_be(200).text();
    let to =
        page.split_once("url=").and_then(|(_, rest)| rest.split_once("\">")).unwrap().0.replace("&#38;", "&");
    assert!(to.starts_with("https://terms.example/?a=1&state="), "{to}");
    let state = to.split_once("state=").unwrap().1;
    let back = browser.get(&format!("/continue?state={state}&agreed=yes")).await;
    let said = claims(
        tenant.asked(spa.redeems(&back.parameter("code").unwrap())).await.must_be(200).str("id_token"),
    );
    assert_eq!(said[format!("{NS}q")], json!(["redirect-callback", "yes"]));
}

#[tokio::test]
async fn metadata_that_a_rule_wrote_through_the_management_api_is_written_by_its_action() {
    let (tenant, spa) = shop().await;
    let body = "user.app_metadata = user.app_metadata || {}; user.app_metadata.plan = 'gold';
        auth0.users.updateAppMetadata(user.user_id, user.app_metadata)
            .then(() => auth0.users.updateUserMetadata(user.user_id, { colour: 'blue' }))
            .then(() => callback(null, user, context), callback);";
    rules(&tenant, &[body]).await;
    turned(&tenant).await;
    tokens(&tenant, &spa).await;
    let users = tenant.get("/api/v2/users").await.must_be(200).body;
    let ann = users.as_array().unwrap().iter().find(|user| user["email"] == EMAIL).unwrap();
    assert_eq!(
        (&ann["app_metadata"]["plan"], &ann["user_metadata"]["colour"]),
        (&json!("gold"), &json!("blue"))
    );
}
