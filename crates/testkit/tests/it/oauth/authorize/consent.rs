//! Who is asked before an application gets something, and who has to confirm where the answer goes.

use idp::login::{Advanced, Input, Step};
use model::Secret;
use serde_json::json;
use testkit::{Browser, PASSWORD, TestClient, TestTenant};

async fn scene(client: serde_json::Value) -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let client = tenant.spa(client).await;
    let browser = Browser::new(&tenant);
    (tenant, client, browser)
}

/// An application of strangers, which is told what becomes of its requests.
fn stranger() -> serde_json::Value {
    json!({ "is_first_party": false, "third_party_security_mode": "permissive" })
}

/// What becomes of an answer to the page at this address.
async fn answered(tenant: &TestTenant, browser: &Browser, page: &str, input: Input) -> Advanced {
    let (_, state) = page.split_once("state=").unwrap();
    let visitor = browser.visitor();
    let login = idp::login::read(tenant, state, &visitor).await.unwrap().unwrap();
    idp::login::advance(tenant, state, &login, input, &visitor).await.unwrap()
}

fn address(advanced: &Advanced) -> &str {
    match advanced {
        Advanced::Return { answer: idp::authorize::Reply::Redirect(url), .. } => url,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_strangers_application_is_let_in_by_its_user() {
    let (tenant, client, mut browser) = scene(stranger()).await;
    let page = browser.login_page(&client, &[]).await;
    let consent = browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    assert!(consent.location().starts_with("/u/consent?state="), "{}", consent.location());
    let consent = consent.location().to_owned();
    // Somebody is logged in already, but nothing is given.
    let silent = browser.get(&client.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "consent_required");
    assert_eq!(silent.parameter("error_description").unwrap(), "Consent required");
    // The question is the browser's own.
    let (_, state) = consent.split_once("state=").unwrap();
    let stranger = Browser::new(&tenant).visitor();
    assert!(idp::login::read(&tenant, state, &stranger).await.unwrap().is_none());
    let login = idp::login::read(&tenant, state, &browser.visitor()).await.unwrap().unwrap();
    let requested = idp::authorize::requested(&tenant, &login, &browser.visitor()).await.unwrap();
    assert_eq!((requested.client_name.as_str(), requested.scopes.len()), ("Shop", 4));
    for input in [Input::Identifier("x".into()), Input::Password(Secret::from("x".to_owned()))] {
        assert!(idp::login::advance(&tenant, state, &login, input, &browser.visitor()).await.is_err());
    }
    let yes = answered(&tenant, &browser, &consent, Input::Accept).await;
    assert!(address(&yes).contains("code="), "{}", address(&yes));
    // Once is enough, until more is asked for or the application wants it asked again.
    let silent = browser.get(&client.authorize(&[("prompt", "none")])).await;
    assert!(silent.parameter("code").is_some());
    let more = browser.get(&client.authorize(&[("prompt", "none"), ("scope", "openid phone")])).await;
    assert_eq!(more.parameter("error").unwrap(), "consent_required");
    let again = browser.get(&client.authorize(&[("prompt", "consent")])).await;
    assert!(again.location().starts_with("/u/consent?state="));
    let no = answered(&tenant, &browser, again.location(), Input::Deny).await;
    assert!(address(&no).contains("error=access_denied"), "{}", address(&no));
    let (_, state) = again.location().split_once("state=").unwrap();
    assert!(idp::login::read(&tenant, state, &browser.visitor()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_question_is_answered_by_the_session_that_it_was_put_to() {
    let (tenant, client, mut browser) = scene(stranger()).await;
    let page = browser.login_page(&client, &[]).await;
    let consent = browser.fill_in(&page, "ann@example.com", PASSWORD).await.location().to_owned();
    let (_, state) = consent.split_once("state=").unwrap();
    browser.get("/v2/logout").await;
    let visitor = browser.visitor();
    let login = idp::login::read(&tenant, state, &visitor).await.unwrap().unwrap();
    assert_eq!(login.step, Step::Consent);
    assert!(idp::login::advance(&tenant, state, &login, Input::Accept, &visitor).await.is_err());
}

#[tokio::test]
async fn an_application_of_ones_own_is_trusted_where_it_can_be_told() {
    let (tenant, client, mut browser) = scene(json!({})).await;
    let id = "https://strict.example";
    tenant.api(json!({ "identifier": id, "skip_consent_for_verifiable_first_party_clients": false })).await;
    browser.log_in(&client, "ann@example.com").await;
    let asked = [("audience", id), ("scope", "openid read:a"), ("prompt", "none")];
    let answer = browser.get(&client.authorize(&asked)).await;
    assert_eq!(answer.parameter("error").unwrap(), "consent_required");
    tenant.api(json!({ "identifier": "https://kind.example" })).await;
    let asked = [("audience", "https://kind.example"), ("scope", "openid read:a"), ("prompt", "none")];
    assert!(browser.get(&client.authorize(&asked)).await.parameter("code").is_some());
}

#[tokio::test]
async fn where_anybody_could_answer_somebody_confirms() {
    let local = "http://localhost:3000/callback";
    let (tenant, client, mut browser) = scene(json!({ "callbacks": [local, "com.app:/cb"] })).await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    tenant
        .consented(&ann, &client, "https://idp.example/userinfo", "openid profile email offline_access")
        .await;
    let asked = [("redirect_uri", local)];
    let page = browser.login_page(&client, &asked).await;
    // Whoever has just logged in knows what for.
    assert!(browser.fill_in(&page, "ann@example.com", PASSWORD).await.parameter("code").is_some());
    for uri in [local, "com.app:/cb"] {
        let confirm = browser.get(&client.authorize(&[("redirect_uri", uri)])).await;
        assert!(confirm.location().starts_with("/u/confirmation?state="), "{}", confirm.location());
        let silent = browser.get(&client.authorize(&[("redirect_uri", uri), ("prompt", "none")])).await;
        assert_eq!(silent.parameter("error").unwrap(), "interaction_required");
        let yes = answered(&tenant, &browser, confirm.location(), Input::Accept).await;
        assert!(address(&yes).starts_with(&format!("{uri}?code=")), "{}", address(&yes));
    }
    let skip = json!({ "skip_non_verifiable_callback_uri_confirmation_prompt": true });
    tenant.patch("/api/v2/tenants/settings", skip).await.must_be(200);
    let silent = [("redirect_uri", local), ("prompt", "none")];
    assert!(browser.get(&client.authorize(&silent)).await.parameter("code").is_some());
    let ask = json!({ "skip_non_verifiable_callback_uri_confirmation_prompt": false });
    tenant.patch(&format!("/api/v2/clients/{}", client.id), ask).await.must_be(200);
    let silent = browser.get(&client.authorize(&silent)).await;
    assert_eq!(silent.parameter("error").unwrap(), "interaction_required");
}

#[tokio::test]
async fn a_strict_stranger_asks_for_codes_and_for_nothing_strange() {
    let strict = json!({
        "is_first_party": false, "third_party_security_mode": "strict", "app_type": "regular_web",
        "token_endpoint_auth_method": "client_secret_post", "redirection_policy": "allow_always",
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
    });
    let (tenant, client, mut browser) = scene(strict).await;
    for (more, error) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("response_mode", "query")], "invalid_request"),
        (vec![("anything", "x")], "invalid_request"),
        (vec![("screen_hint", "signup")], "invalid_request"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
    ] {
        let answer = browser.get(&client.authorize(&more)).await;
        assert_eq!(answer.parameter("error").unwrap(), error, "{more:?}");
    }
    let fine = browser.get(&client.authorize(&[("ext-a", "x"), ("login_hint", "ann")])).await;
    // It has to name an API, which is another matter.
    assert_eq!(fine.parameter("error").as_deref(), Some("access_denied"), "{}", fine.location());
    // Unless it may, nobody is sent to it for nothing.
    let body = json!({ "redirection_policy": "open_redirect_protection" });
    tenant.patch(&format!("/api/v2/clients/{}", client.id), body).await.must_be(200);
    let answer = browser.get(&client.authorize(&[("prompt", "none")])).await.must_be(403);
    assert_eq!(answer.header("location"), "");
}
