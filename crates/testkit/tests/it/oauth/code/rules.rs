//! Rules: what they see, what they may change, and what becomes of a login when they refuse or fail.

use serde_json::{Value, json};
use testkit::{Browser, PASSWORD, TestTenant, claims};

use super::{BROKEN, EMAIL, at_login, last, log, logs_in, refused, rules, said, shop, tokens};

const NS: &str = "https://shop.example/";

#[tokio::test]
async fn rules_run_in_their_order_and_each_sees_what_the_one_before_left() {
    let (tenant, spa) = shop().await;
    let steps = [
        "user.seen = ['first']; context.custom = 1; callback(null, user, context);",
        "context.idToken['https://shop.example/seen'] = [user.seen[0], context.custom]; callback(null, user, context);",
        "context.idToken['https://shop.example/n'] = context.idToken['https://shop.example/seen'].length;
         context.idToken.tier = 'gold'; callback(null, user, context);",
    ];
    rules(&tenant, &steps).await;
    let off = json!({ "name": "off", "script": "function () { throw 1; }", "enabled": false });
    tenant.post("/api/v2/rules", off).await.must_be(201);
    let said = said(&tenant, &spa).await;
    assert_eq!(said[format!("{NS}seen")], json!(["first", 1]));
    assert_eq!((&said[format!("{NS}n")], &said["tier"]), (&json!(2), &json!("gold")));
    // What a rule does to the user is not kept.
    let users = tenant.get("/api/v2/users").await.must_be(200).body;
    assert!(!users.to_string().contains("first"), "{users}");
}

#[tokio::test]
async fn a_rule_is_told_of_the_login_and_of_its_settings() {
    let (tenant, spa) = shop().await;
    tenant.put("/api/v2/rules-configs/KEY", json!({ "value": "hush hush" })).await.must_be(200);
    let body = "context.idToken['https://shop.example/all'] = { user, context: { ...context, idToken: {} }, key: configuration.KEY, auth0,
        types: [typeof UnauthorizedError, typeof ValidationError, typeof global, typeof require('crypto')] };
        callback(null, user, context);";
    rules(&tenant, &[body]).await;
    let code = {
        let mut browser = Browser::new(&tenant);
        let page = browser.login_page(&spa, &[("ext-colour", "blue")]).await;
        let back = browser.fill_in(&page, EMAIL, PASSWORD).await;
        back.parameter("code").unwrap_or_else(|| panic!("{}", back.location()))
    };
    let said = claims(tenant.asked(spa.redeems(&code)).await.must_be(200).str("id_token"));
    let all = &said[format!("{NS}all")];
    let context = &all["context"];
    for (told, expected) in [
        (&all["user"]["email"], json!(EMAIL)),
        (&all["user"]["identities"][0]["provider"], json!("auth0")),
        (&all["user"]["password_hash"], Value::Null),
        (&all["key"], json!("hush hush")),
        (&all["auth0"]["domain"], json!("idp.example")),
        (&all["auth0"]["accessToken"], Value::Null),
        (&all["types"], json!(["function", "function", "object", "object"])),
        (&context["tenant"], json!("default")),
        (&context["clientID"], json!(spa.id)),
        (&context["clientName"], json!("Shop")),
        (&context["clientMetadata"], json!({})),
        (&context["connection"], json!("Username-Password-Authentication")),
        (&context["connectionStrategy"], json!("auth0")),
        (&context["protocol"], json!("oidc-basic-profile")),
        (&context["stats"], json!({ "loginsCount": 1 })),
        (&context["request"]["query"]["ext-colour"], json!("blue")),
        (&context["request"]["query"]["scope"], json!("openid profile email offline_access")),
        (&context["request"]["body"], json!({})),
        (&context["request"]["geoip"], json!({})),
        (&context["request"]["hostname"], json!("idp.example")),
        (&context["authentication"]["methods"][0]["name"], json!("pwd")),
        (&context["authorization"], json!({ "roles": [] })),
        (&context["organization"], Value::Null),
        (&context["primaryUser"], said["sub"].clone()),
    ] {
        assert_eq!(told, &expected, "{all}");
    }
    assert!(
        context["sessionID"].is_string() && context["authentication"]["methods"][0]["timestamp"].is_number()
    );
    assert!(!log(&tenant).await.contains("hush hush"));
}

#[tokio::test]
async fn a_rule_shapes_tokens_within_the_rules_for_claims() {
    let (tenant, spa) = shop().await;
    let body =
        "for (const name of ['sub', 'iss', 'aud', 'sid', 'https://auth0.com/x', 'urn:auth0:x', 'scope'])
            { context.idToken[name] = 'forged'; if (name !== 'scope') context.accessToken[name] = 'forged'; }
        context.accessToken['https://shop.example/a'] = { deep: [1] };
        context.accessToken.scope = ['openid', 'email'];
        callback(null, user, context);";
    rules(&tenant, &[body]).await;
    let tokens = tokens(&tenant, &spa).await;
    assert_eq!(tokens["scope"], "openid email");
    let said = claims(tokens.str("id_token"));
    assert!(!said.to_string().contains("forged"), "{said}");
    // `profile` was taken away.
    assert_eq!((&said["email"], &said["nickname"]), (&json!(EMAIL), &Value::Null));
}

#[tokio::test]
async fn a_rule_that_refuses_tells_why_and_no_other_runs() {
    let (tenant, spa) = shop().await;
    rules(&tenant, &["callback(new UnauthorizedError('Not on Sundays.'));", "throw new Error('never');"])
        .await;
    assert_eq!(refused(&tenant, &spa).await, ("access_denied".into(), "Not on Sundays.".into()));
    assert_eq!(last(&tenant, "actions_execution_failed").await, Value::Null);
    assert_eq!(last(&tenant, "f").await["description"], "Not on Sundays.");
}

#[tokio::test]
async fn a_rule_that_fails_denies_the_login_and_tells_nobody_how() {
    for (body, name) in BROKEN.into_iter().chain([
        ("callback('inner workings');", "Error"),
        ("callback(new Error('inner workings'));", "Error"),
        ("callback(null);", "TypeError"),
        ("callback(null, 7, context);", "TypeError"),
        ("context.me = context; callback(null, user, context);", "TypeError"),
        ("let deep = 1; for (let n = 0; n < 200; n += 1) deep = [deep]; context.d = deep; callback(null, user, context);", "RangeError"),
        ("context.d = 'x'.repeat(2 << 20); callback(null, user, context);", "RangeError"),
        ("context.idToken['https://a.example/x'] = 'x'.repeat(110000); callback(null, user, context);", "RangeError"),
        ("context.accessToken.scope = 7; callback(null, user, context);", "TypeError"),
        ("context.accessToken.scope = ['a b']; callback(null, user, context);", "TypeError"),
        ("context.redirect = { url: 'javascript:1' }; callback(null, user, context);", "TypeError"),
        ("context.redirect = {}; callback(null, user, context);", "TypeError"),
        ("context.primaryUser = 'auth0|other'; callback(null, user, context);", "TypeError"),
    ]) {
        let (tenant, spa) = shop().await;
        rules(&tenant, &[body]).await;
        let (error, description) = refused(&tenant, &spa).await;
        assert_eq!(error, "server_error", "{body}");
        assert_eq!(description, "The tenant's own code for this request failed.", "{body}");
        let event = last(&tenant, "actions_execution_failed").await;
        assert_eq!(event["details"]["error"]["name"], name, "{body}: {event}");
    }
}

#[tokio::test]
async fn claims_with_nul_and_depth_are_kept_or_refused_and_never_half() {
    let (tenant, spa) = shop().await;
    rules(
        &tenant,
        &["context.idToken['https://shop.example/n'] = 'a\\u0000b'; callback(null, user, context);"],
    )
    .await;
    assert_eq!(said(&tenant, &spa).await[format!("{NS}n")], "a\u{0}b");
    let (tenant, spa) = shop().await;
    let deep = "let deep = 1; for (let n = 0; n < LEVELS; n += 1) deep = [deep];
        context.idToken['https://shop.example/n'] = deep; callback(null, user, context);";
    rules(&tenant, &[&deep.replace("LEVELS", "64")]).await;
    assert!(said(&tenant, &spa).await[format!("{NS}n")].is_array());
    let (tenant, spa) = shop().await;
    rules(&tenant, &[&deep.replace("LEVELS", "65")]).await;
    assert_eq!(refused(&tenant, &spa).await.0, "server_error");
}

#[tokio::test]
async fn a_second_factor_that_is_asked_for_is_never_passed_over() {
    for body in [
        "context.multifactor = { provider: 'any', allowRememberBrowser: false }; callback(null, user, context);",
        "context.multifactor = true; callback(null, user, context);",
    ] {
        let (tenant, spa) = shop().await;
        rules(&tenant, &[body]).await;
        let (error, description) = refused(&tenant, &spa).await;
        assert_eq!(error, "access_denied");
        assert!(description.contains("second factor"), "{description}");
        assert_eq!(
            last(&tenant, "actions_execution_failed").await["details"]["error"]["name"],
            "MultifactorError"
        );
    }
    let (tenant, spa) = shop().await;
    rules(&tenant, &["context.multifactor = { provider: 'none' }; callback(null, user, context);"]).await;
    tokens(&tenant, &spa).await;
}

#[tokio::test]
async fn rules_run_again_for_refresh_tokens_and_where_nobody_is_asked() {
    let (tenant, spa) = shop().await;
    let body = "console.log('ran', context.protocol); const { protocol, stats, request } = context;
        context.idToken['https://shop.example/p'] = [protocol, stats.loginsCount, Object.keys(request.query).length];
        callback(null, user, context);";
    rules(&tenant, &[body]).await;
    let mut browser = Browser::new(&tenant);
    let code = browser.log_in(&spa, EMAIL).await;
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    let told = |tokens: &testkit::Answer| claims(tokens.str("id_token"))[format!("{NS}p")].clone();
    assert_eq!(told(&tokens)[0], "oidc-basic-profile");
    let refreshed = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
    assert_eq!(told(&refreshed), json!(["oauth2-refresh-token", 1, 0]));
    let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    let code = silent.parameter("code").unwrap_or_else(|| panic!("{}", silent.location()));
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert_eq!((&told(&tokens)[0], &told(&tokens)[1]), (&json!("oidc-basic-profile"), &json!(1)));
    let event = last(&tenant, "actions_executed").await;
    assert_eq!(event["details"]["actions"]["console"][0]["lines"][0], "ran oidc-basic-profile");
}

#[tokio::test]
async fn rules_do_not_run_for_strangers_in_strict_mode() {
    let (tenant, _) = shop().await;
    rules(&tenant, &["callback(null, user, context);"]).await;
    tenant.client_of_an_api().await;
    let theirs = json!({ "is_first_party": false, "third_party_security_mode": "strict" });
    let spa = tenant.spa(theirs).await;
    let grant = json!({
        "client_id": spa.id, "audience": "https://api.example", "scope": ["read:a"], "subject_type": "user",
    });
    tenant.post("/api/v2/client-grants", grant).await.must_be(201);
    let mut browser = Browser::new(&tenant);
    let asks = [("scope", "read:a"), ("nonce", ""), ("audience", "https://api.example")];
    let page = browser.login_page(&spa, &asks).await;
    // Of them no refusal goes back to where they say they are.
    let answer = browser.fill_in(&page, EMAIL, PASSWORD).await.must_be(400);
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn rules_of_another_tenant_do_not_run() {
    let (tenant, spa) = shop().await;
    let other: TestTenant = tenant.other();
    rules(&other, &["callback(new UnauthorizedError('theirs'));"]).await;
    at_login(&other, &["api.access.deny('theirs');"]).await;
    tokens(&tenant, &spa).await;
    // And with nothing bound there is nothing to tell.
    assert_eq!(last(&tenant, "actions_executed").await, Value::Null);
    let back = logs_in(&mut Browser::new(&tenant), &spa).await;
    assert!(back.parameter("code").is_some());
}
