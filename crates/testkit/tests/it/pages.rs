//! The hosted pages: their languages, the tenant's words and look, links from mails, and devices.

use http::Method;
use idp::{recovery, verification};
use serde_json::json;
use testkit::{Answer, Browser, TestClient, TestServer, TestTenant};

const ANN: &str = "ann@example.com";
const NEW: &str = "Another horse, another battery 7";

async fn scene() -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person(ANN).await;
    let spa = tenant.spa(json!({})).await;
    let browser = Browser::new(&tenant);
    (tenant, spa, browser)
}

async fn speaking(browser: &mut Browser, page: &str, language: &str) -> Answer {
    browser.send(Method::GET, page, &[("accept-language", language)], "").await
}

#[tokio::test]
async fn a_page_is_in_a_language_that_the_tenant_allows() {
    let (tenant, spa, mut browser) = scene().await;
    let locales = json!({ "enabled_locales": ["en", "de", "fr-CA", "nl"] });
    tenant.patch("/api/v2/tenants/settings", locales).await.must_be(200);
    let page = browser.login_page(&spa, &[]).await;
    for (accepted, lang, word) in [
        ("de-AT,de;q=0.9", "de", "Passwort"),
        ("ja, fr;q=0.5", "fr-CA", "Mot de passe"),
        // A language that we do not speak is written as we write where nothing is said.
        ("nl", "nl", "Password"),
        ("es", "en", "Password"),
        ("<script>", "en", "Password"),
    ] {
        let shown = speaking(&mut browser, &page, accepted).await.must_be(200);
        assert!(shown.text().contains(&format!("<html lang=\"{lang}\"")), "{accepted}");
        assert!(shown.text().contains(word), "{accepted}");
        assert_eq!(shown.header("content-language"), lang);
    }
    let page = browser.login_page(&spa, &[("ui_locales", "xx de")]).await;
    assert!(speaking(&mut browser, &page, "fr").await.text().contains("Passwort"));
}

#[tokio::test]
async fn the_tenants_words_are_text_and_its_colours_are_colours() {
    let (tenant, spa, mut browser) = scene().await;
    let words =
        json!({ "login": { "title": "<b>${clientName}</b> {{ x }}", "passwordPlaceholder": "\"><script>" } });
    tenant.put("/api/v2/prompts/login/custom-text/en", words).await.must_be(200);
    let branding =
        json!({ "colors": { "primary": "#f8f8f2" }, "logo_url": "https://cdn.example/logo.png?a='\"<" });
    tenant.patch("/api/v2/branding", branding).await.must_be(200);
    let page = browser.login_page(&spa, &[]).await;
    let shown = browser.get(&page).await.must_be(200);
    assert!(shown.text().contains("&#60;b&#62;Shop&#60;/b&#62; {{ x }}"), "{}", shown.text());
    assert!(!shown.text().contains("<script"));
    assert!(shown.text().contains("--act:#f8f8f2;--on-act:#000000"), "{}", shown.text());
    // Nothing of it ends an attribute.
    assert!(shown.text().contains("\"https://cdn.example/logo.png?a=%27%22%3C\""), "{}", shown.text());
    tenant
        .patch("/api/v2/branding", json!({ "logo_url": "https://cdn.example/logo.png" }))
        .await
        .must_be(200);
    let shown = browser.get(&page).await.must_be(200);
    assert!(shown.text().contains("<img src=\"https://cdn.example/logo.png\""));
    assert!(shown.header("content-security-policy").contains("img-src data: https://cdn.example;"));
    let elsewhere = tenant.other();
    assert_eq!(elsewhere.get("/api/v2/branding").await.must_be(200).body, json!({}));
}

#[tokio::test]
async fn of_a_tenants_page_only_what_stands_in_it_may_run() {
    let (tenant, spa, mut browser) = scene().await;
    let template = "<html><head>{%- auth0:head -%}</head><body><script>1</script>{{ application.name }}{%- auth0:widget -%}</body></html>";
    let path = "/api/v2/branding/templates/universal-login";
    tenant.put(path, json!({ "template": template })).await.must_be(201);
    let page = browser.login_page(&spa, &[("login_hint", "{{ tenant }}{%- auth0:head -%}")]).await;
    let shown = browser.get(&page).await.must_be(200);
    let policy = shown.header("content-security-policy");
    let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
    assert!(
        shown.text().contains(&format!(
            "<script nonce=\"{nonce}\">1</script>Shop<main data-prompt=\"login\" data-screen=\"login\">"
        )),
        "{}",
        shown.text()
    );
    assert!(!policy.contains("unsafe-inline'; img") || policy.contains("style-src-attr 'unsafe-inline'"));
    // Nothing that somebody typed is Liquid.
    assert!(shown.text().contains("{{ tenant }}{%- auth0:head -%}"), "{}", shown.text());
    // A page without a form is not shown.
    let hidden = "{% if prompt.name == 'signup' %}{%- auth0:head -%}{%- auth0:widget -%}{% endif %}";
    tenant.put(path, json!({ "template": hidden })).await.must_be(204);
    assert!(browser.get(&page).await.must_be(200).text().contains("name=\"password\""));
}

#[tokio::test]
async fn errors_and_goodbyes_are_the_tenants_own_pages() {
    let (tenant, spa, mut browser) = scene().await;
    let settings = json!({ "friendly_name": "Acme & Co", "enabled_locales": ["en", "de", "ja"] });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let branding = json!({ "colors": { "primary": "#123456" }, "logo_url": "https://cdn.example/logo.png" });
    tenant.patch("/api/v2/branding", branding).await.must_be(200);
    let own = json!({ "logout-complete": { "eventTitle": "Auf bald bei ${companyName}" } });
    tenant.put("/api/v2/prompts/logout/custom-text/de", own).await.must_be(200);
    let evil = spa.authorize(&[("redirect_uri", "https://evil.example/<script>"), ("ui_locales", "ja")]);
    for (path, language, status, words) in [
        ("/v2/logout", "de", 200, "Auf bald bei Acme &#38; Co"),
        ("/v2/logout", "en", 200, "You are logged out"),
        ("/v2/logout?returnTo=x", "de", 400, "Diese Anfrage lässt sich nicht beantworten"),
        ("/authorize?client_id=nobody", "de", 400, "Unknown client: nobody"),
        ("/login", "de", 400, "Diese Anmeldung ist zu Ende"),
        ("/u/nowhere", "de", 404, "Hier ist nichts"),
        (&evil, "de", 403, "この要求には応えられません"),
    ] {
        let shown = speaking(&mut browser, path, language).await.must_be(status);
        let text = shown.text();
        assert!(text.contains(words), "{path}: {text}");
        assert!(text.contains("--act:#123456;") && text.contains("src=\"https://cdn.example/logo.png\""));
        assert!(!text.contains("<script"), "{path}");
        for (name, value) in [("x-frame-options", "DENY"), ("cache-control", "no-store")] {
            assert_eq!(shown.header(name), value, "{path}");
        }
    }
    // The page around the form stands around these too.
    let template = "<html><head>{%- auth0:head -%}</head><body>{{ application.name }} at {{ tenant.friendly_name }}{%- auth0:widget -%}</body></html>";
    let path = "/api/v2/branding/templates/universal-login";
    tenant.put(path, json!({ "template": template })).await.must_be(201);
    let shown = browser.get(&evil).await.must_be(403);
    assert!(shown.text().contains("Shop at Acme &amp; Co<main"), "{}", shown.text());
}

#[tokio::test]
async fn whoever_goes_back_by_a_form_without_scripts_reads_what_to_do() {
    let (tenant, spa, mut browser) = scene().await;
    let locales = json!({ "enabled_locales": ["en", "fr"] });
    tenant.patch("/api/v2/tenants/settings", locales).await.must_be(200);
    browser.log_in(&spa, ANN).await;
    let path = spa.authorize(&[("response_mode", "form_post")]);
    let shown = speaking(&mut browser, &path, "fr").await.must_be(200);
    assert!(shown.text().contains("<noscript><main data-prompt=\"status\" data-screen=\"return\">"));
    assert!(shown.text().contains("Encore une étape") && shown.text().contains("<html lang=\"fr\""));
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("form-action https://app.example; frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("; style-src 'nonce-") && policy.contains("; script-src 'nonce-"), "{policy}");
}

#[tokio::test]
async fn pages_are_taken_out_of_the_tenants_bucket() {
    let server = TestServer::new().await.slowed(3, 1).await;
    let tenant = server.tenant("default");
    let mut browser = Browser::new(&tenant);
    let first = browser.get("/u/reset-verify?ticket=x").await.must_be(400);
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("3", "2"));
    browser.get("/authorize").await.must_be(400);
    browser.get("/device/success").await.must_be(200);
    let refused = speaking(&mut browser, "/u/login?state=x", "en").await.must_be(429);
    assert!(refused.text().contains("data-screen=\"busy\""), "{}", refused.text());
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!(refused.header("x-ratelimit-reset").parse::<i64>().unwrap() > tenant.clock().now());
    browser.form("/activate", &[("code", "x")]).await.must_be(429);
    browser.get("/authorize").await.must_be(429);
    // Nobody else is concerned, and the log hears of it once.
    Browser::new(&server.tenant("other")).get("/device/success").await.must_be(200);
    let events = tenant.get("/api/v2/logs?q=type:api_limit").await.must_be(200);
    assert_eq!(events.items().len(), 1);
}

#[tokio::test]
async fn whoever_asks_for_many_passwords_is_not_listened_to() {
    let (tenant, spa, mut browser) = scene().await;
    let ask = async |browser: &mut Browser, name: &str| {
        let page = browser.login_page(&spa, &[]).await;
        let state = page.split_once("state=").unwrap().1;
        let path = format!("/u/reset-password/request?state={state}");
        browser.get(&path).await.must_be(200);
        browser.form(&path, &[("state", state), ("username", name), ("action", "default")]).await
    };
    for _ in 0..10 {
        assert!(ask(&mut browser, "Nobody@example.com").await.location().contains("/reset-password/email"));
    }
    let refused = ask(&mut browser, "nobody@example.com ").await;
    assert!(refused.must_be(429).text().contains("data-screen=\"too-many\""));
    // Another account is; but not any number of them.
    for n in 0..89 {
        let name = format!("n{n}@example.com");
        assert!(ask(&mut browser, &name).await.location().contains("/reset-password/email"), "{n}");
    }
    ask(&mut browser, "one-more@example.com").await.must_be(429);
    tenant.later(31 * 60_000);
    assert!(ask(&mut browser, "one-more@example.com").await.location().contains("/reset-password/email"));
}

#[tokio::test]
async fn a_link_gives_another_password_once() {
    let (tenant, spa, mut browser) = scene().await;
    let user = idp::user::by_email(&tenant, ANN).await.unwrap().into_iter().next().unwrap();
    let code = recovery::ticket(&tenant, &user, recovery::Options::default()).await.unwrap();
    let page = format!("/u/reset-verify?ticket={code}");
    let shown = browser.get(&page).await.must_be(200);
    for part in
        ["name=\"password-reset\"", "name=\"re-enter-password\"", "autocomplete=\"new-password\"", ANN]
    {
        assert!(shown.text().contains(part), "{part}");
    }
    for (password, again) in [("", ""), (NEW, "something else"), ("", NEW)] {
        let fields = [("password-reset", password), ("re-enter-password", again)];
        browser.form(&page, &fields).await.must_be(400);
    }
    let fields = [("password-reset", NEW), ("re-enter-password", NEW)];
    // Not from another site, and not with what is no form.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    browser.send(Method::POST, &page, &headers, "password-reset=x").await.must_be(403);
    browser.send(Method::POST, &page, &[("content-type", "application/json")], "{}").await.must_be(400);
    let done = browser.form(&page, &fields).await.must_be(200);
    assert!(done.text().contains("Your password is changed"), "{}", done.text());
    browser.form(&page, &fields).await.must_be(400);
    assert!(browser.get(&page).await.must_be(400).text().contains("good no more"));
    let login = browser.login_page(&spa, &[]).await;
    assert!(browser.fill_in(&login, ANN, NEW).await.parameter("code").is_some());
}

#[tokio::test]
async fn links_that_are_none_are_told_apart_from_nothing() {
    let (tenant, _, mut browser) = scene().await;
    let user = idp::user::by_email(&tenant, ANN).await.unwrap().into_iter().next().unwrap();
    let code = recovery::ticket(&tenant, &user, recovery::Options::default()).await.unwrap();
    for path in ["/u/reset-verify", "/u/email-verification"] {
        for query in [
            "",
            "?ticket=",
            "?ticket=none",
            "?ticket=a&ticket=b",
            "?ticket=%00",
            "?ticket=%ff",
            "?ticket=../x",
        ] {
            let shown = browser.get(&format!("{path}{query}")).await.must_be(400);
            assert!(shown.text().contains("good no more"), "{path}{query}");
        }
        browser.get(&format!("{path}?ticket={}", "x".repeat(5000))).await.must_be(400);
    }
    // A link of one tenant is none at another, and one of one kind none of another.
    let other = tenant.other();
    Browser::new(&other).get(&format!("/u/reset-verify?ticket={code}")).await.must_be(400);
    browser.get(&format!("/u/email-verification?ticket={code}")).await.must_be(400);
    browser.get(&format!("/u/reset-verify?ticket={code}")).await.must_be(200);
}

#[tokio::test]
async fn following_a_link_proves_an_address_and_looking_at_it_does_not() {
    let (tenant, _, mut browser) = scene().await;
    let user = idp::user::by_email(&tenant, ANN).await.unwrap().into_iter().next().unwrap();
    let options = verification::Options {
        result_url: Some("https://app.example/welcome?a=b".into()),
        ..verification::Options::default()
    };
    let code = verification::ticket(&tenant, &user, options).await.unwrap().unwrap();
    let page = format!("/u/email-verification?ticket={code}");
    let looked =
        browser.send(Method::GET, &page, &[("sec-purpose", "prefetch;prerender")], "").await.must_be(200);
    assert!(looked.text().contains("Confirm your email address"));
    browser.send(Method::HEAD, &page, &[], "").await.must_be(200);
    let followed = browser.get(&page).await.must_be(303);
    assert!(
        followed.header("location").starts_with("https://app.example/welcome?a=b&"),
        "{:?}",
        followed.headers
    );
    browser.get(&page).await.must_be(400);
    let code = verification::ticket(&tenant, &user, verification::Options::default()).await.unwrap().unwrap();
    let page = format!("/u/email-verification?ticket={code}");
    assert!(browser.form(&page, &[]).await.must_be(200).text().contains("is confirmed"));
}

#[tokio::test]
async fn a_device_that_nobody_shows_is_none() {
    let (_, _, mut browser) = scene().await;
    assert!(browser.get("/activate").await.must_be(200).text().contains("name=\"code\""));
    for code in ["", " ", "BBBB-BBBB", "\"><script>", "a\u{0}b", &"x".repeat(5000)] {
        let shown = browser.form("/activate", &[("code", code), ("action", "default")]).await.must_be(400);
        assert!(!shown.text().contains("<script"), "{code}");
    }
    for action in ["confirm", "cancel", "anything"] {
        browser.form("/activate", &[("code", "BBBB-BBBB"), ("action", action)]).await.must_be(400);
    }
    browser.get("/activate?user_code=BBBB-BBBB").await.must_be(400);
    browser.get("/device/success").await.must_be(200);
    browser.get("/device/failure").await.must_be(403);
}

#[tokio::test]
async fn people_go_to_and_fro_between_the_pages_and_nowhere_else() {
    let (tenant, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let state = page.split_once("?state=").unwrap().1.to_owned();
    let at = |path: &str| format!("{path}?state={state}");
    for (path, part) in [
        ("/u/signup", "autocomplete=\"new-password\""),
        ("/u/reset-password/request", "Forgot your password?"),
        ("/u/login/identifier", "name=\"username\""),
        ("/u/login", "autocomplete=\"current-password\""),
    ] {
        assert!(browser.get(&at(path)).await.must_be(200).text().contains(part), "{path}");
    }
    // No page can be jumped to that something has to come before.
    for path in ["/u/consent", "/u/confirmation", "/u/login/password", "/u/reset-password/email"] {
        let answer = browser.get(&at(path)).await.must_be(303);
        assert!(answer.header("location").starts_with("/u/login?"), "{path} {:?}", answer.headers);
    }
    // Nobody else goes on with it.
    Browser::new(&tenant).get(&at("/u/signup")).await.must_be(400);
    Browser::new(&tenant.other()).get(&at("/u/login")).await.must_be(400);
    // The form says which login it belongs to, as the address does.
    for body in ["", "state=other&username=a&password=b", "state=a&state=b", "username=a"] {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        browser.send(Method::POST, &at("/u/login"), &headers, body.to_owned()).await.must_be(400);
    }
}
