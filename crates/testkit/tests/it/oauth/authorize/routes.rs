//! Where a browser is sent that comes to `/authorize` and its neighbours: to which page, with which cookies, or elsewhere.

use http::{Method, header};
use idp::{
    authorize::Reply,
    login::{Advanced, Input, Step},
};
use serde_json::json;
use testkit::{Answer, Browser, PASSWORD, TestClient, TestTenant, form};

async fn scene() -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let browser = Browser::new(&tenant);
    (tenant, spa, browser)
}

/// The lines that set cookies, each without its value.
fn cookies(answer: &Answer) -> Vec<String> {
    let lines = answer.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    lines
        .map(|line| {
            let (name, rest) = line.split_once('=').unwrap();
            format!("{name}; {}", rest.split_once("; ").unwrap().1)
        })
        .collect()
}

#[tokio::test]
async fn cookies_have_twins_for_browsers_that_know_no_sites() {
    let (tenant, spa, mut browser) = scene().await;
    let begun = browser.get(&spa.authorize(&[])).await;
    assert_eq!(
        cookies(&begun),
        [
            "did; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=None",
            "did_compat; Path=/; Max-Age=31536000; HttpOnly; Secure",
        ]
    );
    let done = browser.fill_in(begun.location(), "ann@example.com", PASSWORD).await;
    let session = [
        "auth0; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=None",
        "auth0_compat; Path=/; Max-Age=604800; HttpOnly; Secure",
    ];
    assert_eq!(cookies(&done), session);
    assert_eq!(browser.cookie("auth0"), browser.cookie("auth0_compat"));
    // Either of them will do, and a logout forgets both.
    let silent = spa.authorize(&[("prompt", "none")]);
    for name in ["auth0", "auth0_compat"] {
        let cookie = format!("{name}={}", browser.cookie("auth0").unwrap());
        let answer = tenant.without_token().send(Method::GET, &silent, &[("cookie", &cookie)], "").await;
        assert!(answer.parameter("code").is_some(), "{name}");
    }
    browser.get("/v2/logout").await;
    assert_eq!((browser.cookie("auth0"), browser.cookie("auth0_compat")), (None, None));
    let settings = json!({ "session_cookie": { "mode": "non-persistent" }, "ephemeral_session_lifetime": 1 });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let page = browser.login_page(&spa, &[]).await;
    let done = browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    assert_eq!(cookies(&done), session.map(|line| line.replace("; Max-Age=604800", "")));
    tenant.later(3_600_000);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_tenant_that_becomes_stricter_is_so_at_once() {
    let (tenant, spa, mut browser) = scene().await;
    browser.log_in(&spa, "ann@example.com").await;
    let silent = spa.authorize(&[("prompt", "none")]);
    tenant.later(2 * 3_600_000);
    assert!(browser.get(&silent).await.parameter("code").is_some());
    let settings = json!({ "session_lifetime_in_minutes": 90 });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_login_begins_where_it_is_asked_to() {
    let (tenant, spa, mut browser) = scene().await;
    for (hint, page) in
        [("signup", "/u/signup"), ("login", "/u/login"), ("reset-password", "/u/reset-password/request")]
    {
        let answer = browser.get(&spa.authorize(&[("screen_hint", hint)])).await;
        assert!(answer.location().starts_with(&format!("{page}?state=")), "{}", answer.location());
        // A login that goes on is found again where it stands.
        let (_, state) = answer.location().split_once('?').unwrap();
        let again = browser.get(&format!("/authorize/resume?{state}")).await;
        assert_eq!(again.location(), answer.location());
    }
    tenant.patch("/api/v2/prompts", json!({ "identifier_first": true })).await.must_be(200);
    let answer = browser.get(&spa.authorize(&[])).await;
    assert!(answer.location().starts_with("/u/login/identifier?state="), "{}", answer.location());
    let (_, state) = answer.location().split_once("state=").unwrap();
    let step = async |input: Input| {
        let visitor = browser.visitor();
        let login = idp::login::read(&tenant, state, &visitor).await.unwrap().unwrap();
        idp::login::advance(&tenant, state, &login, input, &visitor).await
    };
    let next = step(Input::Identifier("ann@example.com".into())).await.unwrap();
    assert!(matches!(next, Advanced::Next { step: Step::Password { .. }, cookie: None }), "{next:?}");
    // Back and forth, but to no page that is not linked.
    assert!(step(Input::GoTo(Step::Consent)).await.is_err());
    assert!(step(Input::GoTo(Step::Done { user_id: "x".into() })).await.is_err());
    assert!(step(Input::Accept).await.is_err());
    step(Input::GoTo(Step::SignUp)).await.unwrap();
    step(Input::GoTo(Step::Identifier)).await.unwrap();
    step(Input::Identifier("ann@example.com".into())).await.unwrap();
    let wrong = step(Input::Password("wrong".to_owned().into())).await.unwrap();
    assert!(matches!(wrong, Advanced::Again { code: idp::Code::InvalidGrant, .. }), "{wrong:?}");
    let right = step(Input::Password(PASSWORD.to_owned().into())).await.unwrap();
    assert!(matches!(right, Advanced::Return { cookie: Some(_), .. }), "{right:?}");
}

#[tokio::test]
async fn somebody_new_signs_up_and_is_in() {
    let (tenant, spa, mut browser) = scene().await;
    let answer = browser.get(&spa.authorize(&[("screen_hint", "signup")])).await;
    let (_, state) = answer.location().split_once("state=").unwrap();
    let step = async |email: &str, password: &str| {
        let visitor = browser.visitor();
        let login = idp::login::read(&tenant, state, &visitor).await.unwrap().unwrap();
        let (email, password) = (Some(email.to_owned()), password.to_owned().into());
        let input = Input::SignUp { email, username: None, phone_number: None, password };
        idp::login::advance(&tenant, state, &login, input, &visitor).await.unwrap()
    };
    let weak = step("bob@example.com", "weak").await;
    let Advanced::Again { code: idp::Code::InvalidPassword, problems: Some(problems), .. } = weak else {
        panic!("{weak:?}")
    };
    assert_eq!(problems["name"], "PasswordStrengthError");
    assert!(matches!(step("ann@example.com", PASSWORD).await, Advanced::Again { .. }));
    let made = step("bob@example.com", "Another-h0rse-another-staple").await;
    let Advanced::Return { answer: Reply::Redirect(url), cookie: Some(_) } = made else { panic!("{made:?}") };
    assert!(url.contains("code="), "{url}");
}

#[tokio::test]
async fn a_login_that_nobody_waits_for_is_begun_anew() {
    let (tenant, spa, mut browser) = scene().await;
    let ended = [
        "/authorize/resume?state=unknown",
        "/authorize/resume",
        "/authorize/resume?state=a&state=b",
        "/continue?state=unknown",
        "/continue",
        "/continue?state=%00",
        "/login?state=unknown",
    ];
    for path in ended {
        assert_eq!(browser.get(path).await.must_be(400).header("location"), "", "{path}");
    }
    // A login that stands at a page does not go on at `/continue`.
    let page = browser.login_page(&spa, &[]).await;
    let (_, state) = page.split_once('?').unwrap();
    browser.get(&format!("/continue?{state}")).await.must_be(400);
    browser.form(&format!("/continue?{state}"), &[]).await.must_be(400);

    let settings = json!({ "default_redirection_uri": "https://home.example/start" });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    assert_eq!(browser.get("/login?state=unknown").await.location(), "https://home.example/start");
    let body = json!({ "initiate_login_uri": "https://app.example/login?a=b" });
    tenant.patch(&format!("/api/v2/clients/{}", spa.id), body).await.must_be(200);
    let kept = browser.get(&format!("/login?state=unknown&client={}", spa.id)).await;
    assert_eq!(kept.location(), "https://app.example/login?a=b&iss=https%3A%2F%2Fidp.example%2F");
}

#[tokio::test]
async fn a_tenant_shows_refusals_on_its_own_page() {
    let (tenant, spa, mut browser) = scene().await;
    let settings = json!({ "error_page": { "url": "https://help.example/oops?x=1" } });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let asked = [("redirect_uri", "https://evil.example/"), ("ui_locales", "de en")];
    let answer = browser.get(&spa.authorize(&asked)).await;
    let to = answer.location().to_owned();
    assert!(to.starts_with("https://help.example/oops?x=1&"), "{to}");
    assert_eq!(answer.parameter("client_id").unwrap(), spa.id);
    assert_eq!(answer.parameter("lang").unwrap(), "de");
    assert_eq!(answer.parameter("error").unwrap(), "unauthorized_client");
    assert!(answer.parameter("error_description").unwrap().contains("https://evil.example/"));
    assert!(answer.parameter("state").is_none());

    let html = "<h1>{{ error }}</h1><p>{{ error_description }}</p><script>window.shown = 1;</script>";
    let settings = json!({ "error_page": { "html": html } });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let evil = "https://evil.example/<script>alert(1)</script>";
    let shown = browser.get(&spa.authorize(&[("redirect_uri", evil)])).await.must_be(403);
    assert!(shown.text().starts_with("<h1>unauthorized_client</h1>"), "{}", shown.text());
    assert!(shown.text().contains("&lt;script&gt;alert(1)"), "{}", shown.text());
    assert_eq!(shown.text().matches("<script").count(), 1);
    assert_eq!(shown.header("x-frame-options"), "DENY");
    let broken = json!({ "error_page": { "html": "{% if %}" } });
    tenant.patch("/api/v2/tenants/settings", broken).await.must_be(200);
    let ours = browser.get(&spa.authorize(&[("redirect_uri", evil)])).await.must_be(403);
    assert!(ours.text().contains("is not in the list of allowed callback URLs"));
}

#[tokio::test]
async fn what_a_script_was_given_logs_its_own_browser_in_once() {
    let (tenant, spa, mut browser) = scene().await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    let connection = "Username-Password-Authentication";
    let made = async |browser: &mut Browser| {
        let visitor = browser.visitor();
        let made = idp::login::ticket_for(&tenant, &ann, connection, &spa.id, &visitor).await.unwrap();
        browser.plant("did", &made.1);
        made.0
    };
    let with = |ticket: &str| spa.authorize(&[("login_ticket", ticket), ("realm", connection)]);
    let ticket = made(&mut browser).await;
    let answer = browser.get(&with(&ticket)).await;
    assert!(answer.parameter("code").is_some(), "{}", answer.location());
    assert!(browser.cookie("auth0").is_some());
    // Once, and nobody can be sent a link that logs them in as somebody else.
    assert_eq!(browser.get(&with(&ticket)).await.parameter("error").unwrap(), "access_denied");
    let ticket = made(&mut browser).await;
    let mut victim = Browser::new(&tenant);
    assert_eq!(victim.get(&with(&ticket)).await.parameter("error").unwrap(), "access_denied");
    assert_eq!(victim.cookie("auth0"), None);
    let late = made(&mut browser).await;
    tenant.later(120_000);
    assert_eq!(browser.get(&with(&late)).await.parameter("error").unwrap(), "access_denied");
}

#[tokio::test]
async fn a_login_by_a_ticket_is_logged_and_shows_no_page_where_none_is_wanted() {
    let (tenant, _, mut browser) = scene().await;
    let stranger = json!({ "is_first_party": false, "third_party_security_mode": "permissive" });
    let stranger = tenant.spa(stranger).await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    let connection = "Username-Password-Authentication";
    let made = idp::login::ticket_for(&tenant, &ann, connection, &stranger.id, &browser.visitor()).await;
    let (ticket, device) = made.unwrap();
    browser.plant("did", &device);
    let asked = [("login_ticket", ticket.as_str()), ("prompt", "none"), ("correlation_id", "c-1")];
    let answer = browser.get(&stranger.authorize(&asked)).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("consent_required"), "{}", answer.location());
    // Who proved who they are is logged in all the same.
    assert!(browser.cookie("auth0").is_some());
    tenant.flush_logs().await;
    let logged = tenant.get("/api/v2/logs?q=type:s").await.must_be(200);
    assert_eq!(logged.items().len(), 1, "{}", logged.start());
    let event = &logged.items()[0];
    assert_eq!((&event["user_id"], &event["client_id"]), (&json!(ann.user_id), &json!(stranger.id)));
    assert_eq!(event["references"]["correlation_id"], "c-1");
}

#[tokio::test]
async fn whoever_could_be_anybody_logs_nobody_out() {
    let (tenant, spa, mut browser) = scene().await;
    browser.log_in(&spa, "ann@example.com").await;
    let asked = [("client_id", spa.id.as_str()), ("post_logout_redirect_uri", "https://app.example/")];
    let path = format!("/oidc/logout?{}&state=s", form(&asked));
    let question = browser.get(&path).await;
    assert!(question.location().starts_with("/u/logout?state="), "{}", question.location());
    let silent = spa.authorize(&[("prompt", "none")]);
    assert!(browser.get(&silent).await.parameter("code").is_some());
    let (_, state) = question.location().split_once("state=").unwrap();
    let page = question.location();
    let shown = browser.get(page).await.must_be(200);
    assert_eq!(shown.header("x-frame-options"), "DENY");
    assert!(shown.header("content-security-policy").contains("form-action 'self' https://app.example;"));
    let yes = [("state", state), ("action", "accept")];
    // Another browser, another site, another state, and no.
    let mut stranger = Browser::new(&tenant);
    stranger.get(page).await.must_be(400);
    stranger.form(page, &yes).await.must_be(400);
    let media = ("content-type", "application/x-www-form-urlencoded");
    let evil = [media, ("origin", "https://evil.example")];
    browser.send(Method::POST, page, &evil, form(&yes)).await.must_be(403);
    browser.form(page, &[("state", "other"), ("action", "accept")]).await.must_be(400);
    browser.form(page, &[("state", state), ("action", "deny")]).await.must_be(200);
    assert!(browser.get(&silent).await.parameter("code").is_some());
    assert_eq!(browser.form(page, &yes).await.location(), "https://app.example/?state=s");
    assert_eq!(browser.cookie("auth0"), None);
    browser.form(page, &yes).await.must_be(400);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
    // Nobody is logged in: there is nothing to ask. Nor where the tenant does not want it asked.
    assert_eq!(browser.get(&path).await.location(), "https://app.example/?state=s");
    browser.log_in(&spa, "ann@example.com").await;
    let settings = json!({ "sessions": { "oidc_logout_prompt_enabled": false } });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    assert_eq!(browser.get(&path).await.location(), "https://app.example/?state=s");
    assert_eq!(browser.cookie("auth0"), None);
}

#[tokio::test]
async fn what_is_sent_along_is_kept_for_customers_code() {
    let (tenant, spa, mut browser) = scene().await;
    let asked = [
        ("acr_values", "urn:strong"),
        ("ui_locales", "de"),
        ("correlation_id", "a-1"),
        ("anything", "x"),
        ("ext-y", "z"),
        ("auth0Client", "e30="),
    ];
    let page = browser.login_page(&spa, &asked).await;
    let (_, state) = page.split_once("state=").unwrap();
    let login = idp::login::read(&tenant, state, &browser.visitor()).await.unwrap().unwrap();
    let query = login.asked.as_query();
    for (name, value) in asked {
        assert_eq!(query[name], value, "{name}");
    }
    browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    let logs = tenant.get("/api/v2/logs?q=type:s").await.must_be(200);
    assert_eq!(logs.items()[0]["references"]["correlation_id"], "a-1");
}
