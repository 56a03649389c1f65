//! `/u/login`: the page, what it takes, and what it does not.

use http::Method;
use serde_json::json;
use testkit::{Browser, CALLBACK, PASSWORD, TestClient, TestTenant, form};

/// A tenant with Ann and an application.
async fn scene() -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let browser = Browser::new(&tenant);
    (tenant, spa, browser)
}

const ANN: &str = "ann@example.com";

#[tokio::test]
async fn an_address_that_is_closed_out_fills_no_store() {
    let tenant = TestTenant::new().await;
    let address = "203.0.113.7".parse().unwrap();
    let try_account = async |n: i32| {
        idp::protection::attempt(&tenant, &format!("{n}@acme.example"), address, true).await.unwrap()
    };
    for n in 0..100 {
        let verdict = try_account(n).await;
        let idp::protection::Verdict::GoOn(attempt) = verdict else { panic!("{n}: {verdict:?}") };
        attempt.failed().await.unwrap();
    }
    for n in 100..140 {
        assert!(matches!(try_account(n).await, idp::protection::Verdict::TooManyForAddress), "{n}");
    }
    let two_days_later = tenant.clock().now() + 2 * 86_400;
    let rows = tenant.store().prune_traffic(two_days_later).await.unwrap();
    assert_eq!(rows, 100 + 1);
}

#[tokio::test]
async fn the_page_lets_nothing_else_in() {
    let (_, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let shown = browser.get(&page).await.must_be(200);
    let policy = shown.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self' https://app.example; \
             frame-ancestors 'none'; base-uri 'none'"
        )
    );
    assert!(shown.text().contains(&format!("<style nonce=\"{nonce}\">")));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(shown.header(name), value);
    }
    assert!(!shown.text().contains("<script") && !shown.text().contains("http:"));
    let again = browser.get(&page).await;
    assert!(!again.header("content-security-policy").contains(nonce));
    for part in ["name=\"username\"", "autocomplete=\"username\"", "name=\"password\"", "current-password"] {
        assert!(shown.text().contains(part), "{part}");
    }
}

#[tokio::test]
async fn what_was_typed_is_only_text() {
    let (_, spa, mut browser) = scene().await;
    let evil = "\"><script>alert(1)</script>";
    let page = browser.login_page(&spa, &[("login_hint", evil)]).await;
    let shown = [browser.get(&page).await.must_be(200), browser.fill_in(&page, evil, "x").await.must_be(400)];
    for shown in shown {
        assert!(!shown.text().contains("<script"), "{}", shown.text());
        assert!(shown.text().contains("&#60;script&#62;"), "{}", shown.text());
    }
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let (_, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let nonceless = |text: String| text.split("</style>").nth(1).unwrap().to_owned();
    let known = browser.fill_in(&page, ANN, "not the password").await.must_be(400);
    let unknown = browser.fill_in(&page, "bob@example.com", "not the password").await.must_be(400);
    assert_eq!(nonceless(known.text()).replace(ANN, "bob@example.com"), nonceless(unknown.text()));
    assert_eq!(known.header_names(), unknown.header_names());
    assert!(known.text().contains("Wrong email or password. Check both and try again."));
    assert_eq!(browser.cookie("auth0"), None);
    for (email, password) in [
        ("", ""),
        (ANN, ""),
        ("", PASSWORD),
        (ANN, "CORRECT HORSE BATTERY STAPLE"),
        ("%", PASSWORD),
        ("ann@example.co", PASSWORD),
    ] {
        browser.fill_in(&page, email, password).await.must_be(400);
    }
    browser.fill_in(&page, &"x".repeat(5000), PASSWORD).await.must_be(400);
    browser.fill_in(&page, ANN, &"x".repeat(5000)).await.must_be(400);
}

#[tokio::test]
async fn an_account_closes_after_ten_failures_and_opens_again() {
    let (tenant, spa, mut browser) = scene().await;
    tenant.person("bob@example.com").await;
    let page = browser.login_page(&spa, &[]).await;
    for _ in 0..10 {
        browser.fill_in(&page, "ANN@example.com", "not the password").await.must_be(400);
    }
    let closed = browser.fill_in(&page, ANN, PASSWORD).await.must_be(429);
    assert!(closed.text().contains("Too many failed attempts"));
    let logs = tenant.get("/api/v2/logs?q=type:limit_wc").await.must_be(200);
    assert_eq!((logs.items().len(), &logs.items()[0]["user_name"]), (1, &json!(ANN)));
    // Somebody else is not concerned.
    let mut other = Browser::new(&tenant);
    other.log_in(&spa, "bob@example.com").await;
    tenant.later(30 * 60 * 1000 + 1000);
    assert!(browser.fill_in(&page, ANN, PASSWORD).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_success_clears_the_count() {
    let (_, spa, mut browser) = scene().await;
    for _ in 0..3 {
        let page = browser.login_page(&spa, &[("prompt", "login")]).await;
        for _ in 0..9 {
            browser.fill_in(&page, ANN, "not the password").await.must_be(400);
        }
        assert!(browser.fill_in(&page, ANN, PASSWORD).await.parameter("code").is_some());
    }
}

#[tokio::test]
async fn attempts_beside_each_other_do_not_slip_through() {
    let (_, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..25 {
        let (mut browser, page) = (browser.clone(), page.clone());
        attempts.spawn(async move { browser.fill_in(&page, ANN, "not the password").await.status });
    }
    let statuses = attempts.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15, "{statuses:?}");
}

/// What is counted against Ann and where she is.
async fn written(tenant: &TestTenant) -> Vec<(String, i64, i64)> {
    let subjects = ["account ann@example.com\n203.0.113.7", "address 203.0.113.7"];
    tenant.store().failed_logins().of(tenant.name(), subjects).await.unwrap()
}

#[tokio::test]
async fn a_login_that_succeeds_writes_no_count() {
    let (tenant, spa, mut browser) = scene().await;
    browser.log_in(&spa, ANN).await;
    assert_eq!(written(&tenant).await, []);
    let page = browser.login_page(&spa, &[("prompt", "login")]).await;
    browser.fill_in(&page, ANN, "not the password").await.must_be(400);
    let failed = written(&tenant).await;
    assert_eq!(failed.iter().map(|(_, failures, _)| *failures).collect::<Vec<_>>(), [1, 1], "{failed:?}");
    assert!(browser.fill_in(&page, ANN, PASSWORD).await.parameter("code").is_some());
    // What the account failed is forgiven; what the address did is not.
    assert_eq!(written(&tenant).await.len(), 1);
}

#[tokio::test]
async fn who_hangs_up_before_the_answer_has_guessed_as_well() {
    let tenant = TestTenant::new().await;
    let address = "203.0.113.7".parse().unwrap();
    let attempt = async || idp::protection::attempt(&tenant, ANN, address, true).await.unwrap();
    for n in 0..10 {
        // Dropped as a request is whose caller is gone.
        assert!(matches!(attempt().await, idp::protection::Verdict::GoOn(_)), "{n}");
    }
    assert!(matches!(attempt().await, idp::protection::Verdict::TooManyForAccount));
    assert!(matches!(attempt().await, idp::protection::Verdict::TooManyForAccount));
    // What is kept in the memory of a node is in the store soon.
    let begun = std::time::Instant::now();
    while written(&tenant).await.first().is_none_or(|(_, failures, _)| *failures < 12) {
        assert!(begun.elapsed().as_secs() < 60, "{:?}", written(&tenant).await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_hangs_up_while_a_failure_is_written_down_has_guessed_as_well() {
    let tenant = TestTenant::new().await;
    let address = "203.0.113.7".parse().unwrap();
    for _ in 0..3 {
        let verdict = idp::protection::attempt(&tenant, ANN, address, true).await.unwrap();
        let idp::protection::Verdict::GoOn(attempt) = verdict else { panic!("{verdict:?}") };
        // Polled once, as far as it gets, and dropped.
        let mut writing = Box::pin(attempt.failed());
        assert!(
            std::future::poll_fn(|context| std::task::Poll::Ready(writing.as_mut().poll(context)))
                .await
                .is_pending()
        );
    }
    let begun = std::time::Instant::now();
    while written(&tenant).await.iter().map(|(_, failures, _)| failures).sum::<i64>() < 6 {
        assert!(begun.elapsed().as_secs() < 60, "{:?}", written(&tenant).await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn those_who_fail_beside_each_other_are_each_counted_once() {
    let tenant = TestTenant::new().await;
    let address = "203.0.113.7".parse().unwrap();
    let attempt =
        async |account: &str| idp::protection::attempt(&tenant, account, address, true).await.unwrap();
    let mut begun = Vec::new();
    for n in 0..60 {
        // Each name three times.
        let verdict = attempt(&format!("{}@acme.example", n % 20)).await;
        let idp::protection::Verdict::GoOn(attempt) = verdict else { panic!("{n}: {verdict:?}") };
        begun.push(attempt);
    }
    let failing: tokio::task::JoinSet<_> = begun.into_iter().map(idp::protection::Attempt::failed).collect();
    failing.join_all().await.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
    let failed = tenant.store().failed_logins();
    let counted = failed.between(tenant.name(), ("account ", "b"), 0).await.unwrap();
    let failures: Vec<_> = counted.iter().map(|(_, failures, _)| *failures).collect();
    assert_eq!(failures, [vec![3; 20], vec![60]].concat());
}

#[tokio::test]
async fn an_address_closes_after_a_hundred_failures() {
    let (tenant, spa, mut browser) = scene().await;
    let (failed, now) = (tenant.store().failed_logins(), tenant.clock().now());
    for _ in 0..100 {
        failed.add(tenant.name(), &["address 203.0.113.7"], now, 0).await.unwrap();
    }
    let page = browser.login_page(&spa, &[]).await;
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(429);
    assert_eq!(tenant.get("/api/v2/logs?q=type:limit_mu").await.items().len(), 1);
    // Of another tenant it has nothing on its conscience.
    let other = tenant.other();
    other.person(ANN).await;
    Browser::new(&other).log_in(&other.spa(json!({})).await, ANN).await;
}

#[tokio::test]
async fn whoever_is_blocked_goes_back_without_a_session() {
    let (tenant, spa, mut browser) = scene().await;
    let bob = tenant.person("bob@example.com").await;
    tenant.block(&bob.user_id).await;
    let page = browser.login_page(&spa, &[]).await;
    browser.fill_in(&page, "bob@example.com", "not the password").await.must_be(400);
    let back = browser.fill_in(&page, "bob@example.com", PASSWORD).await;
    assert_eq!(back.parameter("error").unwrap(), "access_denied");
    assert_eq!(back.parameter("error_description").unwrap(), "user is blocked");
    assert_eq!(browser.cookie("auth0"), None);
    // That login is over.
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(400);
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let (_, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let state = page.split_once("state=").unwrap().1.to_owned();
    let fields = form(&[("state", &state), ("username", ANN), ("password", PASSWORD)]);
    let media = ("content-type", "application/x-www-form-urlencoded");
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "https://idp.example.evil.example"),
        ("origin", "https://other.idp.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = browser.send(Method::POST, &page, &[media, header], fields.clone()).await.must_be(403);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert_eq!(browser.cookie("auth0"), None, "{header:?}");
    }
    let ours = [media, ("origin", "https://idp.example"), ("sec-fetch-site", "same-origin")];
    assert!(browser.send(Method::POST, &page, &ours, fields).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_login_belongs_to_the_browser_that_began_it() {
    let (tenant, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    // Somebody is sent a link to a login that another began.
    let mut victim = Browser::new(&tenant);
    victim.get(&page).await.must_be(400);
    victim.fill_in(&page, ANN, PASSWORD).await.must_be(400);
    victim.login_page(&spa, &[]).await;
    victim.fill_in(&page, ANN, PASSWORD).await.must_be(400);
    assert_eq!(victim.cookie("auth0"), None);
    // Two logins in one browser go side by side.
    let second = browser.login_page(&spa, &[]).await;
    for page in [second, page] {
        assert!(browser.fill_in(&page, ANN, PASSWORD).await.parameter("code").is_some());
    }
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_kept() {
    let (_, spa, mut browser) = scene().await;
    let planted = "A".repeat(43);
    browser.plant("auth0", &planted);
    let mut thief = browser.clone();
    browser.log_in(&spa, ANN).await;
    assert_ne!(browser.cookie("auth0").unwrap(), planted);
    let answer = thief.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_planted_cookie_does_not_hide_the_real_one() {
    let (tenant, spa, mut browser) = scene().await;
    browser.log_in(&spa, ANN).await;
    let cookies = format!("auth0=planted; auth0={}", browser.cookie("auth0").unwrap());
    let silent = spa.authorize(&[("prompt", "none")]);
    let answer = tenant.without_token().send(Method::GET, &silent, &[("cookie", &cookies)], "").await;
    assert!(answer.parameter("code").is_some());
}

#[tokio::test]
async fn a_login_is_answered_once_and_in_time() {
    let (tenant, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let (mut twin, mut twice) = (browser.clone(), browser.clone());
    let (one, other) = tokio::join!(twin.fill_in(&page, ANN, PASSWORD), twice.fill_in(&page, ANN, PASSWORD));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
    browser.get(&page).await.must_be(400);

    let page = browser.login_page(&spa, &[]).await;
    tenant.later(3_600_000);
    browser.get(&page).await.must_be(400);
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(400);
}

#[tokio::test]
async fn a_login_of_another_tenant_is_none() {
    let (tenant, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let other = tenant.other();
    other.person(ANN).await;
    let mut there = Browser::new(&other);
    there.plant("did", browser.cookie("did").unwrap());
    there.get(&page).await.must_be(400);
    there.fill_in(&page, ANN, PASSWORD).await.must_be(400);
}

#[tokio::test]
async fn a_form_that_cannot_be_read() {
    let (_, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    let state = page.split_once("state=").unwrap().1.to_owned();
    let good = form(&[("state", &state), ("username", ANN), ("password", PASSWORD)]);
    let urlencoded = "application/x-www-form-urlencoded";
    for (media, body) in [
        ("application/json", json!({ "state": state, "username": ANN, "password": PASSWORD }).to_string()),
        ("text/plain", good.clone()),
        ("", good.clone()),
        (urlencoded, String::new()),
        (urlencoded, format!("{good}&username=bob%40example.com")),
        (urlencoded, format!("{good}&password=x")),
        (urlencoded, format!("{good}&state={state}")),
        (urlencoded, form(&[("state", "other"), ("username", ANN), ("password", PASSWORD)])),
        (urlencoded, form(&[("username", ANN), ("password", PASSWORD)])),
        (urlencoded, form(&[("state", &state), ("username", ANN)])),
        (urlencoded, format!("state={state}&username=a%00b&password=x")),
        (urlencoded, format!("state={state}&username=%ff&password=x")),
        (urlencoded, format!("{good}&more={}", "x".repeat(16 * 1024))),
    ] {
        let answer = browser.send(Method::POST, &page, &[("content-type", media)], body.clone()).await;
        assert_eq!(answer.must_be(400).header("location"), "", "{media} {body}");
    }
    for query in ["", "?state=", "?state=a&state=b", "?state=%00", "?state=%2e%2e", "?nothing"] {
        browser.get(&format!("/u/login{query}")).await.must_be(400);
        let path = format!("/u/login{query}");
        browser.send(Method::POST, &path, &[("content-type", urlencoded)], good.clone()).await.must_be(400);
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        browser.send(method, &page, &[], "").await.must_be(405);
    }
    assert!(browser.fill_in(&page, ANN, PASSWORD).await.parameter("code").is_some());
}

#[tokio::test]
async fn an_application_that_changed_meanwhile() {
    let (tenant, spa, mut browser) = scene().await;
    let page = browser.login_page(&spa, &[]).await;
    tenant.patch(&format!("/api/v2/clients/{}", spa.id), json!({ "callbacks": [] })).await.must_be(200);
    let answer = browser.fill_in(&page, ANN, PASSWORD).await.must_be(400);
    assert!(!answer.text().contains(CALLBACK));

    let spa = tenant.spa(json!({})).await;
    let page = browser.login_page(&spa, &[("prompt", "login")]).await;
    tenant.delete(&format!("/api/v2/clients/{}", spa.id)).await.must_be(204);
    browser.get(&page).await.must_be(400);
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(400);
}

#[tokio::test]
async fn a_login_is_remembered_of_its_person() {
    let (tenant, spa, mut browser) = scene().await;
    browser.log_in(&spa, ANN).await;
    tenant.later(1000);
    let page = browser.login_page(&spa, &[("prompt", "login")]).await;
    browser.fill_in(&page, ANN, PASSWORD).await;
    let ann = idp::user::by_email(&tenant, ANN).await.unwrap().remove(0);
    assert_eq!(ann.logins_count, Some(2));
    assert_eq!(ann.last_ip.as_deref(), Some("203.0.113.7"));
    assert_eq!(ann.last_login.as_deref(), Some("2026-07-01T12:00:01.250Z"));
    assert_eq!(ann.updated_at, ann.last_login);
}

#[tokio::test]
async fn a_new_password_ends_everything_that_came_of_the_old() {
    let (tenant, spa, mut browser) = scene().await;
    let code = browser.log_in(&spa, ANN).await;
    let ann = idp::user::by_email(&tenant, ANN).await.unwrap().remove(0);
    let new = "another horse another staple";
    idp::user::set_password(&tenant, &ann.user_id, new.to_owned().into()).await.unwrap();
    let answer = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "login_required");
    let page = browser.login_page(&spa, &[]).await;
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(400);
    assert!(browser.fill_in(&page, ANN, new).await.parameter("code").is_some());
    drop(code);
}

#[tokio::test]
async fn one_address_one_person() {
    let (tenant, ..) = scene().await;
    let sign_up = |email: &str, password: &str| {
        let (email, password) = (email.to_owned(), password.to_owned().into());
        idp::user::sign_up(&tenant, idp::user::SignUp { email, email_verified: false, name: None, password })
    };
    for (email, password) in [
        ("ANN@Example.com", PASSWORD),
        (" ann@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", PASSWORD),
        ("bob@example.com", "too short"),
        ("bob-the-builder@example.com", "Bob-the-builder@example.com"),
        ("a\0b@example.com", PASSWORD),
    ] {
        assert!(sign_up(email, password).await.is_err(), "{email:?} {password}");
    }
    let bob = sign_up("Bob@example.com", PASSWORD).await.unwrap();
    assert!(bob.user_id.starts_with("auth0|") && bob.user_id.len() == 30);
    assert_eq!((bob.email.as_deref(), bob.nickname.as_deref()), (Some("bob@example.com"), Some("bob")));
}

#[tokio::test]
async fn nobody_begins_any_number_of_logins() {
    let tenant = TestTenant::new().await;
    let client = tenant.spa(json!({})).await;
    let begun = async || {
        let answer = Browser::new(&tenant).get(&client.authorize(&[])).await;
        answer.parameter("error")
    };
    for _ in 0..1_000 {
        assert_eq!(begun().await, None);
    }
    assert_eq!(begun().await.as_deref(), Some("too_many_attempts"));
    tenant.later(31 * 60_000);
    assert_eq!(begun().await, None);
}

#[tokio::test]
async fn what_is_asked_is_short() {
    let tenant = TestTenant::new().await;
    let client = tenant.spa(json!({})).await;
    let long = "x".repeat(3_000);
    let address = client.authorize(&[("state", &long), ("nonce", &long), ("login_hint", &long)]);
    Browser::new(&tenant).get(&address).await.must_be(400);
}
