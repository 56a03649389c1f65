//! What keeps people's accounts: blocks that their owners lift, passwords that strangers know, floods of sign-ups.

use std::{sync::Arc, time::Duration};

use idp::{
    Code, Error, Occasion, Visitor,
    breached::{self, Moment},
    connection::{
        RegisteredConnection,
        database::{self, SignUp},
    },
    outbox, recovery,
};
use model::EmailTemplateName;
use serde_json::json;
use testkit::{Browser, PASSWORD, TestTenant};

const ANN: &str = "ann@acme.example";
/// A password that every policy takes.
const STRONG: &str = "Tidal-ox 42 & kettle";
const BREACHES: &str = "/api/v2/attack-protection/breached-password-detection";

#[tokio::test]
async fn who_is_closed_out_gets_a_link_that_opens_once() {
    let tenant = TestTenant::new().await;
    let (spa, _) = (tenant.spa(json!({})).await, tenant.person(ANN).await);
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[]).await;
    for _ in 0..12 {
        browser.fill_in(&page, ANN, "wrong").await;
        browser.fill_in(&page, "nobody@acme.example", "wrong").await;
    }
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(429);

    // One mail, though there were several attempts, and none to nobody.
    let link = mail(&tenant, EmailTemplateName::BlockedAccount).await;
    let path = link.split_once(tenant.domain()).unwrap().1.trim_end_matches('#').to_owned();
    assert!(path.starts_with("/u/unblock?ticket="), "{path}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(outbox::list(&tenant).await.unwrap().len(), 1);

    // Looking opens nothing, neither does a form from elsewhere, nor another tenant.
    let mut mailbox = Browser::new(&tenant);
    for _ in 0..2 {
        let shown = mailbox.get(&path).await.must_be(200);
        assert!(shown.text().contains("Open your account again"), "{}", shown.text());
    }
    let other = tenant.other();
    Browser::new(&other).get(&path).await.must_be(400);
    Browser::new(&other).form(&path, &[("action", "accept")]).await.must_be(400);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    mailbox.send(http::Method::POST, &path, &headers, "action=accept").await.must_be(403);
    browser.fill_in(&page, ANN, PASSWORD).await.must_be(429);

    let opened = mailbox.form(&path, &[("state", ""), ("action", "accept")]).await.must_be(200);
    assert!(opened.text().contains("Your account is open again"), "{}", opened.text());
    mailbox.form(&path, &[("state", ""), ("action", "accept")]).await.must_be(400);
    mailbox.get(&path).await.must_be(400);
    browser.log_in(&spa, ANN).await;
    let log = tenant.get("/api/v2/logs?q=type:ublkdu").await.must_be(200).body;
    assert_eq!(log[0]["user_name"], ANN);
}

#[tokio::test]
async fn a_link_is_what_we_made_and_good_for_five_days() {
    let tenant = TestTenant::new().await;
    let mut browser = Browser::new(&tenant);
    for query in ["", "?ticket=", "?ticket=x", "?ticket=%00", "?ticket=a&ticket=b", "?ticket=%3Cscript%3E"] {
        let answer = browser.get(&format!("/u/unblock{query}")).await.must_be(400);
        assert!(!answer.text().contains("<script"), "{query}");
        browser.form(&format!("/u/unblock{query}"), &[]).await.must_be(400);
    }
    let long = format!("/u/unblock?ticket={}", "x".repeat(5_000));
    browser.get(&long).await.must_be(400);
    let ann = tenant.person(ANN).await;
    let code = idp::unblock::ticket(&tenant, &ann, ANN, "192.0.2.1".parse().unwrap()).await.unwrap();
    let path = format!("/u/unblock?ticket={code}");
    browser.get(&path).await.must_be(200);
    tenant.later(5 * 24 * 3_600_000 + 1);
    browser.get(&path).await.must_be(400);
}

#[tokio::test]
async fn without_the_shield_nobody_is_written_to() {
    let tenant = TestTenant::new().await;
    let (spa, _) = (tenant.spa(json!({})).await, tenant.person(ANN).await);
    let settings = json!({ "shields": ["block"] });
    tenant.patch("/api/v2/attack-protection/brute-force-protection", settings).await.must_be(200);
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[]).await;
    for _ in 0..12 {
        browser.fill_in(&page, ANN, "wrong").await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(outbox::list(&tenant).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_password_that_strangers_know_is_refused_where_the_tenant_wants_that() {
    let tenant = TestTenant::new().await;
    let (spa, ann) = (tenant.spa(json!({})).await, tenant.person(ANN).await);
    let folder = std::env::temp_dir().join(format!("ranges-{}", idp::id::token()));
    std::fs::create_dir(&folder).unwrap();
    for password in [PASSWORD, STRONG] {
        let (range, rest) = hash(password);
        std::fs::write(folder.join(range), format!("{rest}:4\n")).unwrap();
    }
    tenant.server().tenants().know_breaches_in(folder.clone());

    // Switched off, nothing is looked up.
    Browser::new(&tenant).log_in(&spa, ANN).await;
    assert!(tenant.get("/api/v2/logs?q=type:pwd_leak").await.must_be(200).items().is_empty());
    // Switched on without a shield, it is noted.
    tenant.patch(BREACHES, json!({ "enabled": true })).await.must_be(200);
    Browser::new(&tenant).log_in(&spa, ANN).await;
    assert_eq!(tenant.get("/api/v2/logs?q=type:pwd_leak").await.must_be(200).items().len(), 1);
    // With shields the login ends, and its owner hears of it once.
    tenant.patch(BREACHES, json!({ "shields": ["block", "user_notification"] })).await.must_be(200);
    for (template, lifetime) in [("stolen_credentials", 60), ("reset_email", 600)] {
        let template = json!({
            "template": template, "body": "{{ url }}", "from": "", "subject": "Mind", "syntax": "liquid", "enabled": true,
            "urlLifetimeInSeconds": lifetime, "resultUrl": format!("https://app.example/{template}"),
        });
        tenant.post("/api/v2/email-templates", template).await.must_be(200);
    }
    for _ in 0..2 {
        let mut browser = Browser::new(&tenant);
        let page = browser.login_page(&spa, &[]).await;
        let answer = browser.fill_in(&page, ANN, PASSWORD).await;
        assert!(answer.status >= 400 || answer.parameter("code").is_none(), "{}", answer.status);
    }
    let link = mail(&tenant, EmailTemplateName::StolenCredentials).await;
    assert!(link.contains("/u/reset-verify?ticket="), "{link}");
    assert_eq!(outbox::list(&tenant).await.unwrap().len(), 1);
    // The link is as the settings of this mail say, not as those of the other with such a link.
    let code = link.split_once("ticket=").unwrap().1.trim_end_matches('#');
    let meant = recovery::read(&tenant, code).await.unwrap().unwrap();
    assert_eq!(meant.result_url.as_deref(), Some("https://app.example/stolen_credentials"));
    tenant.later(61_000);
    assert!(recovery::read(&tenant, code).await.unwrap().is_none());

    // A wrong password is a wrong one, whoever knows it.
    let (connection, occasion) = (connection(&tenant), occasion(&tenant, "192.0.2.9"));
    let wrong = database::verify(&tenant, &connection, ANN, "password1".to_owned().into(), &occasion).await;
    assert!(matches!(wrong, Err(Error::Refused { code: Code::InvalidGrant, .. })), "{wrong:?}");
    let right = database::verify(&tenant, &connection, ANN, PASSWORD.to_owned().into(), &occasion).await;
    assert!(matches!(right, Err(Error::Refused { code: Code::PasswordLeaked, .. })), "{right:?}");

    // To sign up, and to choose another, are moments of their own.
    let leaked = || STRONG.to_owned().into();
    let new = |email: &str| SignUp { email: Some(email.to_owned()), ..SignUp::with(leaked()) };
    database::sign_up(&tenant, &connection, new("bob@acme.example"), &occasion).await.unwrap();
    let stages = json!({ "pre-user-registration": { "shields": ["block"] }, "pre-change-password": { "shields": ["block"] } });
    tenant.patch(BREACHES, json!({ "stage": stages })).await.must_be(200);
    let refused = database::sign_up(&tenant, &connection, new("cid@acme.example"), &occasion).await;
    assert!(
        matches!(&refused, Err(Error::Password(refusal)) if refusal.code() == "password_leaked"),
        "{refused:?}"
    );
    let refused = database::set_password(&tenant, &ann, leaked(), &occasion).await;
    assert!(matches!(&refused, Err(Error::Password(_))), "{refused:?}");
    let log = tenant.get("/api/v2/logs?q=type:signup_pwd_leak%20OR%20type:reset_pwd_leak").await.must_be(200);
    assert_eq!(log.items().len(), 2);
    let days = tenant.get("/api/v2/stats/daily").await.must_be(200).body;
    assert_eq!(days[0]["leaked_passwords"], 6);

    // A folder that cannot be read locks nobody out.
    std::fs::write(folder.join(hash(PASSWORD).0), b"\xff").unwrap();
    assert!(!breached::is_breached(&tenant, &PASSWORD.to_owned().into()).await);
    std::fs::remove_dir_all(folder).unwrap();
    assert!(!breached::is_watched(&tenant.other(), Moment::Login));
}

#[tokio::test]
async fn sign_ups_from_one_address_are_slowed() {
    let tenant = TestTenant::new().await;
    let stage = json!({ "pre-user-registration": { "max_attempts": 2, "rate": 60_000 } });
    let path = "/api/v2/attack-protection/suspicious-ip-throttling";
    tenant.patch(path, json!({ "stage": stage })).await.must_be(200);
    let connection = connection(&tenant);
    let sign_up = async |name: &str, ip: &str| {
        let new =
            SignUp { email: Some(format!("{name}@acme.example")), ..SignUp::with(STRONG.to_owned().into()) };
        database::sign_up(&tenant, &connection, new, &occasion(&tenant, ip)).await
    };
    // However it ends, an attempt counts.
    sign_up("a", "2001:db8::1").await.unwrap();
    sign_up("a", "2001:db8::2").await.unwrap_err();
    let third = sign_up("b", "2001:db8::3").await;
    assert!(matches!(third, Err(Error::Refused { code: Code::TooManyAttempts, .. })), "{third:?}");
    sign_up("c", "192.0.2.7").await.unwrap();
    tenant.get("/api/v2/logs?q=type:limit_mu").await.must_be(200).items().first().expect("it is told");
    tenant.later(60_000);
    sign_up("d", "2001:db8::4").await.unwrap();
    sign_up("e", "2001:db8::4").await.unwrap_err();
    tenant.delete("/api/v2/anomaly/blocks/ips/2001:db8::4").await.must_be(204);
    sign_up("f", "2001:db8::4").await.unwrap();
    tenant.patch(path, json!({ "allowlist": ["2001:db8::/32"] })).await.must_be(200);
    for name in ["g", "h", "i"] {
        sign_up(name, "2001:db8::5").await.unwrap();
    }
}

/// The first five digits of a password's SHA-1, and the others.
fn hash(password: &str) -> (String, String) {
    let digits: String = jose::sha1(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
    let (range, rest) = digits.split_at(5);
    (range.to_owned(), rest.to_owned())
}

/// The link of the one mail of a kind, once it is there.
async fn mail(tenant: &TestTenant, kind: EmailTemplateName) -> String {
    for _ in 0..3_000 {
        let mails = outbox::list(tenant).await.unwrap();
        if let Some(found) = mails.into_iter().find(|listed| listed.letter.template == Some(kind)) {
            assert_eq!(found.letter.to, ANN);
            return found.letter.link.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no mail {kind:?}")
}

fn connection(tenant: &TestTenant) -> Arc<RegisteredConnection> {
    tenant.snapshot().connection(idp::user::CONNECTION).unwrap().clone()
}

fn occasion(tenant: &TestTenant, ip: &str) -> Occasion {
    let visitor = Visitor::new(("https", tenant.domain()), ip.parse().unwrap(), None, |_| Vec::new());
    Occasion::of(&visitor, None)
}
