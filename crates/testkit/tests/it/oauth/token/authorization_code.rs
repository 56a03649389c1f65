//! The authorization code grant: a code works once, for whom it was made, with what it was asked for.

use serde_json::{Value, json};
use testkit::{Browser, CALLBACK, TestClient, TestTenant, VERIFIER};

async fn scene() -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let browser = Browser::new(&tenant);
    (tenant, spa, browser)
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[tokio::test]
async fn a_code_that_is_not_shown_as_it_was_asked_for() {
    let (tenant, spa, mut browser) = scene().await;
    let another = tenant.spa(json!({ "name": "Another" })).await;
    let foreign = tenant.other().spa(json!({})).await;
    let code = browser.log_in(&spa, "ann@example.com").await;
    let good = spa.redeems(&code);
    for (body, status, error, words) in [
        (
            with(good.clone(), "client_id", json!(another.id)),
            403,
            "invalid_grant",
            "Invalid authorization code",
        ),
        (with(good.clone(), "client_id", json!(foreign.id)), 401, "access_denied", "Unauthorized"),
        (with(good.clone(), "code", json!("x")), 403, "invalid_grant", "Invalid authorization code"),
        (
            with(good.clone(), "code", json!(format!("{code} "))),
            403,
            "invalid_grant",
            "Invalid authorization code",
        ),
        (with(good.clone(), "code", json!("")), 400, "invalid_request", "Missing required parameter: code"),
        (
            with(good.clone(), "code_verifier", json!("")),
            403,
            "invalid_grant",
            "Failed to verify code verifier",
        ),
        (
            with(good.clone(), "code_verifier", json!(&VERIFIER[1..])),
            403,
            "invalid_grant",
            "Failed to verify code verifier",
        ),
        (
            with(good.clone(), "code_verifier", json!(testkit::challenge())),
            403,
            "invalid_grant",
            "Failed to verify code verifier",
        ),
        (
            with(good.clone(), "redirect_uri", json!(format!("{CALLBACK}/"))),
            403,
            "invalid_grant",
            "The redirect URI is wrong. You sent https://app.example/callback/, and we expected \
             https://app.example/callback",
        ),
        (
            with(good.clone(), "redirect_uri", json!("")),
            400,
            "invalid_request",
            "Missing required parameter: redirect_uri",
        ),
    ] {
        let answer = tenant.asked(body.clone()).await.must_be(status);
        assert_eq!((answer.str("error"), answer.str("error_description")), (error, words), "{body}");
    }
    let there = tenant.other().without_token().post("/oauth/token", foreign.redeems(&code)).await;
    assert_eq!(there.must_be(403)["error_description"], "Invalid authorization code");
    // None of that used it up.
    tenant.asked(good).await.must_be(200);
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_gave() {
    let (tenant, spa, mut browser) = scene().await;
    let code = browser.log_in(&spa, "ann@example.com").await;
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    let refreshed = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
    let again = tenant.asked(spa.redeems(&code)).await.must_be(403);
    assert_eq!(again["error_description"], "Invalid authorization code");
    tenant.asked(spa.refreshes(refreshed.str("refresh_token"))).await.must_be(403);
}

#[tokio::test]
async fn of_two_who_redeem_at_once_at_most_one_is_served() {
    let (tenant, spa, mut browser) = scene().await;
    let code = browser.log_in(&spa, "ann@example.com").await;
    let body = || spa.redeems(&code);
    let (one, other) = tokio::join!(tenant.asked(body()), tenant.asked(body()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let (tenant, spa, mut browser) = scene().await;
    let code = browser.log_in(&spa, "ann@example.com").await;
    tenant.later(60_000);
    tenant.asked(spa.redeems(&code)).await.must_be(403);
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it() {
    let (tenant, _, mut browser) = scene().await;
    let web = json!({ "app_type": "regular_web", "token_endpoint_auth_method": "client_secret_post" });
    let web = tenant.spa(web).await;
    let page = browser.login_page(&web, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let back = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await;
    let good = with(web.redeems(&back.parameter("code").unwrap()), "client_secret", json!(web.secret));
    // A verifier for a code that has no challenge: somebody is being fooled.
    tenant.asked(good.clone()).await.must_be(403);
    let good = with(good, "code_verifier", json!(null));
    tenant.asked(with(good.clone(), "client_secret", json!("wrong"))).await.must_be(401);
    tenant.asked(with(good.clone(), "client_secret", json!(null))).await.must_be(401);
    tenant.asked(good).await.must_be(200);

    // A challenge that hides nothing is better than none for a client that has a secret as well.
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "plain")];
    let back = browser.get(&web.authorize(&plain)).await;
    let good = with(web.redeems(&back.parameter("code").unwrap()), "client_secret", json!(web.secret));
    tenant.asked(with(good.clone(), "code_verifier", json!(testkit::challenge()))).await.must_be(403);
    tenant.asked(good).await.must_be(200);
}

#[tokio::test]
async fn a_grant_that_is_not_the_clients() {
    let (tenant, ..) = scene().await;
    let m2m = tenant.client(json!({})).await;
    for grant_type in ["authorization_code", "refresh_token"] {
        let body = json!({ "grant_type": grant_type, "client_id": m2m.id, "client_secret": m2m.secret });
        let answer = tenant.asked(body).await.must_be(403);
        assert_eq!(answer["error"], "unauthorized_client");
        let words = format!("Grant type '{grant_type}' not allowed for the client.");
        assert_eq!(answer["error_description"], words);
    }
    // Nor does a public client get tokens of its own.
    let spa = tenant.spa(json!({})).await;
    let body = json!({ "grant_type": "client_credentials", "client_id": spa.id, "audience": "x" });
    assert!(tenant.asked(body).await.status >= 400);
}

#[tokio::test]
async fn somebody_who_was_blocked_meanwhile() {
    let (tenant, spa, mut browser) = scene().await;
    let code = browser.log_in(&spa, "ann@example.com").await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    tenant.block(&ann.user_id).await;
    let answer = tenant.asked(spa.redeems(&code)).await.must_be(403);
    assert_eq!(answer["error_description"], "user is blocked");
}

#[tokio::test]
async fn id_tokens_are_signed_as_the_client_wants() {
    let (tenant, _, mut browser) = scene().await;
    let encoded = jose::b64url_encode([7; 64]);
    for (alg, secret_encoded) in [("RS256", false), ("PS256", false), ("HS256", false), ("HS256", true)] {
        let rules = json!({ "alg": alg, "lifetime_in_seconds": 60, "secret_encoded": secret_encoded });
        let mut spa = tenant.spa(json!({ "jwt_configuration": rules, "client_secret": encoded })).await;
        spa.secret = encoded.clone();
        let code = match browser.cookie("auth0") {
            Some(_) => browser.get(&spa.authorize(&[])).await.parameter("code").unwrap(),
            None => browser.log_in(&spa, "ann@example.com").await,
        };
        let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
        let id_token = answer.str("id_token");
        assert_eq!(testkit::header(id_token)["alg"], alg);
        let claims = testkit::claims(id_token);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
        if alg == "HS256" {
            let key = if secret_encoded { vec![7; 64] } else { spa.secret.clone().into_bytes() };
            let parsed = jose::Token::parse(id_token).unwrap();
            parsed.verify(&jose::VerifyingKey::hmac(&key)).unwrap();
        }
    }
}
