//! Actions at `post-login`: what they see, what each function does, and what becomes of a login when they fail.

use serde_json::{Value, json};
use testkit::{Browser, PASSWORD, claims};

use super::{BROKEN, EMAIL, SECRET, at_login, bound, last, log, refused, rules, said, shop, tokens};

const NS: &str = "https://shop.example/";

#[tokio::test]
async fn an_action_is_told_of_the_login() {
    let (tenant, spa) = shop().await;
    let user = tenant.get("/api/v2/users").await.must_be(200).body[0].clone();
    let role = tenant.post("/api/v2/roles", json!({ "name": "Buyer" })).await.must_be(200);
    let roles = format!("/api/v2/users/{}/roles", user["user_id"].as_str().unwrap().replace('|', "%7C"));
    tenant.post(&roles, json!({ "roles": [role.str("id")] })).await.must_be(204);
    let body = "const { secrets, ...told } = event;
        api.idToken.setCustomClaim('https://shop.example/event', { ...told, key: secrets.KEY.length });";
    at_login(&tenant, &[body]).await;
    let said = said(&tenant, &spa).await;
    let event = &said[format!("{NS}event")];
    for (told, expected) in [
        (&event["authentication"]["methods"][0]["name"], json!("pwd")),
        (&event["authorization"], json!({ "roles": ["Buyer"] })),
        (&event["client"], json!({ "client_id": spa.id, "name": "Shop", "metadata": {} })),
        (&event["connection"]["name"], json!("Username-Password-Authentication")),
        (&event["connection"]["strategy"], json!("auth0")),
        (&event["request"]["hostname"], json!("idp.example")),
        (&event["request"]["query"]["redirect_uri"], json!(testkit::CALLBACK)),
        (&event["stats"], json!({ "logins_count": 1 })),
        (&event["tenant"], json!({ "id": "default" })),
        (&event["transaction"]["protocol"], json!("oidc-basic-profile")),
        (&event["transaction"]["requested_scopes"], json!(["openid", "profile", "email", "offline_access"])),
        (&event["transaction"]["response_type"], json!(["code"])),
        (&event["transaction"]["state"], json!("s t&te")),
        (&event["user"]["email"], json!(EMAIL)),
        (&event["user"]["user_id"], user["user_id"].clone()),
        (&event["user"]["app_metadata"], json!({})),
        (&event["user"]["enrolledFactors"], json!([])),
        (&event["session"]["user_id"], user["user_id"].clone()),
        (&event["organization"], Value::Null),
        (&event["key"], json!(SECRET.len())),
    ] {
        assert_eq!(told, &expected, "{event}");
    }
    assert!(!log(&tenant).await.contains(SECRET));
}

#[tokio::test]
async fn actions_run_after_rules_and_shape_tokens() {
    let (tenant, spa) = shop().await;
    rules(
        &tenant,
        &["context.idToken['https://shop.example/a'] = context.idToken['https://shop.example/b'] = 'rule';
        callback(null, user, context);"],
    )
    .await;
    let rule = tenant.get("/api/v2/rules").await.must_be(200).body[0]["id"].as_str().unwrap().to_owned();
    let first = format!(
        "api.idToken.setCustomClaim('https://shop.example/b', api.rules.wasExecuted('{rule}'));
         api.accessToken.removeScope('profile'); api.transaction.setMetadata('from', 'first');
         api.samlResponse.setAttribute('x', 1); api.idToken.setCustomClaim('sub', 'forged');"
    );
    let second = "api.idToken.setCustomClaim('https://shop.example/c', event.transaction.metadata.from);
        api.idToken.setCustomClaim('https://shop.example/gone', 1).idToken.setCustomClaim('https://shop.example/gone', null);
        if (api.cache.get('k') === undefined) api.cache.set('k', 'v');
        api.idToken.setCustomClaim('https://shop.example/kept', api.cache.get('k').value);";
    at_login(&tenant, &[&first, second]).await;
    let tokens = tokens(&tenant, &spa).await;
    assert_eq!(tokens["scope"], "openid email offline_access");
    let said = claims(tokens.str("id_token"));
    let claim = |name: &str| said[format!("{NS}{name}")].clone();
    assert_eq!(
        (claim("a"), claim("b"), claim("c"), claim("kept")),
        ("rule".into(), true.into(), "first".into(), "v".into())
    );
    assert!(said.get(format!("{NS}gone")).is_none() && !said.to_string().contains("forged"));
    assert!(log(&tenant).await.contains("sub was not set"));
    // UserInfo says the same.
    let bearer = format!("Bearer {}", tokens.str("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let userinfo =
        tenant.without_token().send(http::Method::GET, "/userinfo", &headers, "").await.must_be(200);
    assert_eq!(userinfo[format!("{NS}a").as_str()], "rule");
}

#[tokio::test]
async fn metadata_are_written_when_all_is_done_and_when_somebody_is_denied() {
    let (tenant, spa) = shop().await;
    let id = tenant.get("/api/v2/users").await.must_be(200).body[0]["user_id"]
        .as_str()
        .unwrap()
        .replace('|', "%7C");
    let path = format!("/api/v2/users/{id}");
    tenant.patch(&path, json!({ "app_metadata": { "kept": 1, "gone": 1 } })).await.must_be(200);
    let body =
        "api.user.setUserMetadata('colour', { best: 'blue' }); api.user.setAppMetadata('plan', 'gold');
        api.user.setAppMetadata('gone', null); api.session.setMetadata('desk', '7');
        if (event.user.user_metadata.colour) api.access.deny('Once is enough.');";
    at_login(&tenant, &[body]).await;
    tokens(&tenant, &spa).await;
    let user = tenant.get(&path).await.must_be(200).body;
    assert_eq!(user["user_metadata"], json!({ "colour": { "best": "blue" } }));
    assert_eq!(user["app_metadata"], json!({ "kept": 1, "plan": "gold" }));
    tenant.patch(&path, json!({ "app_metadata": { "plan": "silver" } })).await.must_be(200);
    assert_eq!(refused(&tenant, &spa).await, ("access_denied".into(), "Once is enough.".into()));
    assert_eq!(tenant.get(&path).await.must_be(200).body["app_metadata"]["plan"], "gold");
}

#[tokio::test]
async fn an_action_that_denies_stops_the_others() {
    let (tenant, spa) = shop().await;
    at_login(&tenant, &["api.access.deny('Closed.');", "throw new Error('never');"]).await;
    assert_eq!(refused(&tenant, &spa).await, ("access_denied".into(), "Closed.".into()));
    assert_eq!(last(&tenant, "actions_execution_failed").await, Value::Null);
    let realm = json!({ "grant_types": ["password", "http://auth0.com/oauth/grant-type/password-realm", "refresh_token"] });
    let app = tenant.client(realm).await;
    let asked = json!({
        "grant_type": "http://auth0.com/oauth/grant-type/password-realm", "realm": "Username-Password-Authentication",
        "client_id": app.id, "client_secret": app.secret, "username": EMAIL, "password": PASSWORD, "scope": "openid",
    });
    let answer = tenant.asked(asked).await.must_be(403);
    assert_eq!((answer.str("error"), answer.str("error_description")), ("access_denied", "Closed."));
}

#[tokio::test]
async fn an_action_that_fails_denies_the_login_and_nothing_it_wanted_is_done() {
    for (body, name) in BROKEN.into_iter().chain([
        ("api.idToken.setCustomClaim('https://a.example/x', 'x'.repeat(110000));", "RangeError"),
        ("let deep = 1; for (let n = 0; n < 70; n += 1) deep = [deep]; api.idToken.setCustomClaim('https://a.example/x', deep);", "TypeError"),
        ("let deep = 1; for (let n = 0; n < 300; n += 1) deep = [deep]; api.idToken.setCustomClaim('https://a.example/x', deep);", "RangeError"),
        ("const me = {}; me.me = me; api.idToken.setCustomClaim('https://a.example/x', me);", "TypeError"),
        ("for (;;) api.idToken.setCustomClaim('https://a.example/x', 1);", "RangeError"),
        ("api.idToken.setCustomClaim(7, 1);", "TypeError"),
        ("api.user.setUserMetadata('a\\u0000b', 1);", "TypeError"),
        ("api.user.setUserMetadata('a', 'x\\u0000y');", "TypeError"),
        ("api.user.setAppMetadata('x'.repeat(256), 1);", "TypeError"),
        ("api.accessToken.addScope('a b');", "TypeError"),
        ("api.session.setMetadata('a', 7);", "TypeError"),
        ("api.redirect.sendUserTo('/relative');", "TypeError"),
        ("api.redirect.sendUserTo('javascript:alert(1)');", "TypeError"),
        ("api.redirect.sendUserTo('https://a.example/' + 'x'.repeat(9000));", "TypeError"),
        ("api.prompt.render('form');", "TypeError"),
        ("api.authentication.setPrimaryUser('auth0|other');", "TypeError"),
        ("api.authentication.recordMethod('https://a.example');", "TypeError"),
        ("api.refreshToken.revoke('x');", "TypeError"),
        ("api.session.setExpiresAt(1);", "TypeError"),
        ("api.roles.getUserEffectiveRoles({});", "TypeError"),
        ("api.never.was();", "TypeError"),
    ]) {
        let (tenant, spa) = shop().await;
        at_login(&tenant, &["api.user.setAppMetadata('plan', 'gold');", body]).await;
        let (error, description) = refused(&tenant, &spa).await;
        assert_eq!(error, "server_error", "{body}: {description}");
        assert_eq!(description, "The tenant's own code for this request failed.", "{body}");
        let event = last(&tenant, "actions_execution_failed").await;
        assert_eq!(event["details"]["error"]["name"], name, "{body}: {event}");
        let users = tenant.get("/api/v2/users").await.must_be(200).body;
        assert!(!users.to_string().contains("gold"), "{body}");
    }
}

#[tokio::test]
async fn a_second_factor_is_refused_by_its_name() {
    for body in [
        "api.multifactor.enable('any', { allowRememberBrowser: true });",
        "api.authentication.challengeWith({ type: 'otp' });",
        "api.authentication.challengeWithAny([{ type: 'otp' }]);",
        "api.authentication.enrollWith({ type: 'otp' });",
        "api.authentication.enrollWithAny([{ type: 'otp' }]);",
    ] {
        let (tenant, spa) = shop().await;
        at_login(&tenant, &[body]).await;
        let (error, description) = refused(&tenant, &spa).await;
        assert_eq!(error, "access_denied", "{body}");
        assert!(description.contains("second factor"), "{description}");
        assert_eq!(
            last(&tenant, "actions_execution_failed").await["details"]["error"]["name"],
            "MultifactorError"
        );
    }
    let (tenant, spa) = shop().await;
    at_login(
        &tenant,
        &["api.multifactor.enable('none'); api.authentication.setPrimaryUser(event.user.user_id);"],
    )
    .await;
    tokens(&tenant, &spa).await;
}

#[tokio::test]
async fn a_session_that_is_revoked_is_gone() {
    let (tenant, spa) = shop().await;
    at_login(&tenant, &["if (event.stats.logins_count > 1) api.session.revoke('Enough.');"]).await;
    let mut browser = Browser::new(&tenant);
    browser.log_in(&spa, EMAIL).await;
    let page = browser.get(&spa.authorize(&[("prompt", "login")])).await.location().to_owned();
    let back = browser.fill_in(&page, EMAIL, PASSWORD).await;
    assert_eq!(back.parameter("error_description").unwrap(), "Enough.");
    let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn what_is_bound_is_loaded_first() {
    let (tenant, _) = shop().await;
    let action = |name: &str, code: &str| json!({ "name": name, "supported_triggers": [{ "id": "post-login" }], "code": code, "deploy": true });
    for (n, code) in
        ["exports.onExecutePostLogin = (", "exports.other = () => {};", "throw 1;"].iter().enumerate()
    {
        // Recorded: it can be deployed.
        let made = tenant.post("/api/v2/actions/actions", action(&format!("a {n}"), code)).await.must_be(201);
        let bindings = json!({ "bindings": [{ "ref": { "type": "action_id", "value": made.str("id") } }] });
        let answer =
            tenant.patch("/api/v2/actions/triggers/post-login/bindings", bindings).await.must_be(400);
        assert_eq!(answer["errorCode"], "invalid_code", "{code}");
    }
    bound(&tenant, "post-login", &["exports.onContinuePostLogin = async () => {};"]).await;
    // What is bound is found out when it is deployed.
    let bound = tenant.get("/api/v2/actions/triggers/post-login/bindings").await.must_be(200).body;
    let path = format!("/api/v2/actions/actions/{}", bound["bindings"][0]["action"]["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "code": "exports.onExecutePostLogin = (" })).await.must_be(200);
    tenant.post(&format!("{path}/deploy"), json!({})).await.must_be(400);
}

#[tokio::test]
async fn an_action_is_tried_with_an_event() {
    let (tenant, _) = shop().await;
    for (trigger, handler) in [
        ("post-login", "onExecutePostLogin"),
        ("pre-user-registration", "onExecutePreUserRegistration"),
        ("post-user-registration", "onExecutePostUserRegistration"),
        ("post-change-password", "onExecutePostChangePassword"),
    ] {
        let code = format!("exports.{handler} = async (event, api) => {{ console.log(event.user.email); }};");
        let action = json!({ "name": trigger, "supported_triggers": [{ "id": trigger }], "code": code });
        let action = tenant.post("/api/v2/actions/actions", action).await.must_be(201);
        let path = format!("/api/v2/actions/actions/{}/test", action.str("id"));
        let event = json!({ "payload": { "event": { "user": { "email": EMAIL } } } });
        let tried = tenant.post(&path, event).await.must_be(200);
        assert_eq!(tried["payload"]["logs"], json!([EMAIL]), "{trigger}");
    }
}
