//! `/api/v2/tickets` and the links in mails: each good once, for one person, and for a while.

use idp::{Error, recovery, user, verification};
use serde_json::{Value, json};
use testkit::{PASSWORD, TestTenant};

use super::{code, mails, occasion};

const PASSWORD_CHANGE: &str = "/api/v2/tickets/password-change";
const EMAIL_VERIFICATION: &str = "/api/v2/tickets/email-verification";
const ANOTHER: &str = "another Battery 7 staple!";

async fn connection(tenant: &TestTenant) -> std::sync::Arc<idp::connection::RegisteredConnection> {
    tenant.snapshot().connection(user::CONNECTION).unwrap().clone()
}

#[tokio::test]
async fn a_link_proves_an_address_once() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    user::change(&tenant, &ann.user_id, |body| {
        body.insert("email_verified".into(), json!(false));
        Ok(())
    })
    .await
    .unwrap();
    let body = json!({
        "user_id": ann.user_id, "result_url": "https://app.example/done?a=1#part", "ttl_sec": 60, "includeEmailInRedirect": true,
    });
    let made = tenant.post(EMAIL_VERIFICATION, body.clone()).await.must_be(201);
    let link = made.str("ticket").to_owned();
    assert!(
        link.starts_with("https://idp.example/u/email-verification?ticket=") && link.ends_with('#'),
        "{link}"
    );
    let code = code(&made["ticket"]);
    assert!(verification::confirm(&tenant.other(), &code, &occasion(&tenant)).await.unwrap().is_none());
    let confirmed = verification::confirm(&tenant, &code, &occasion(&tenant)).await.unwrap().unwrap();
    assert!(confirmed.user.email_verified);
    assert_eq!(
        confirmed.result_url.unwrap(),
        "https://app.example/done?a=1&email=ann%40example.com&success=true&message=Your+email+was+verified.+You+can+continue+using+the+application.#part"
    );
    assert!(verification::confirm(&tenant, &code, &occasion(&tenant)).await.unwrap().is_none());
    let late = self::code(&tenant.post(EMAIL_VERIFICATION, body).await.must_be(201)["ticket"]);
    tenant.later(61_000);
    assert!(verification::confirm(&tenant, &late, &occasion(&tenant)).await.unwrap().is_none());
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs").await.must_be(200).text();
    assert!(
        log.contains(r#""type":"sv""#) && log.contains(r#""type":"fv""#) && !log.contains(&code),
        "{log}"
    );
}

#[tokio::test]
async fn who_has_proved_an_address_is_greeted_once_by_a_tenant_that_greets() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let unproved = async || {
        user::change(&tenant, &ann.user_id, |body| {
            body.insert("email_verified".into(), json!(false));
            Ok(())
        })
        .await
        .unwrap();
    };
    let prove = async || {
        let made = tenant.post(EMAIL_VERIFICATION, json!({ "user_id": ann.user_id })).await.must_be(201);
        let code = code(&made["ticket"]);
        assert!(verification::confirm(&tenant, &code, &occasion(&tenant)).await.unwrap().is_some());
    };
    unproved().await;
    prove().await;
    mails(&tenant, 0).await;
    let greeting = json!({
        "template": "welcome_email", "subject": "Welcome, {{ user.email }}", "enabled": true, "syntax": "liquid",
    });
    tenant.post("/api/v2/email-templates", greeting).await.must_be(200);
    unproved().await;
    prove().await;
    // One that is proved already is not greeted again.
    prove().await;
    let mails = mails(&tenant, 1).await;
    assert_eq!(
        (&mails[0]["subject"], &mails[0]["to"]),
        (&json!("Welcome, ann@example.com"), &json!("ann@example.com"))
    );
}

#[tokio::test]
async fn an_address_that_changed_is_not_proved_by_the_old_ones_link() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let code = verification::ticket(&tenant, &ann, verification::Options::default()).await.unwrap().unwrap();
    let reset = recovery::ticket(&tenant, &ann, recovery::Options::default()).await.unwrap();
    user::change(&tenant, &ann.user_id, |body| {
        body.insert("email".into(), json!("anna@example.com"));
        body.insert("email_verified".into(), json!(false));
        Ok(())
    })
    .await
    .unwrap();
    assert!(verification::confirm(&tenant, &code, &occasion(&tenant)).await.unwrap().is_none());
    assert!(recovery::read(&tenant, &reset).await.unwrap().is_none());
    assert!(!user::by_id(&tenant, &ann.user_id).await.unwrap().unwrap().email_verified);
}

#[tokio::test]
async fn a_link_changes_a_password_once() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let connection = connection(&tenant).await;
    let by_email = json!({
        "email": "Ann@Example.com", "connection_id": connection.id.to_string(), "mark_email_as_verified": true,
        "result_url": "https://app.example/done", "includeEmailInRedirect": false,
    });
    let first = code(&tenant.post(PASSWORD_CHANGE, by_email).await.must_be(201)["ticket"]);
    let made = tenant.post(PASSWORD_CHANGE, json!({ "user_id": ann.user_id })).await.must_be(201);
    let second = code(&made["ticket"]);
    assert!(made.str("ticket").starts_with("https://idp.example/u/reset-verify?ticket="));
    let change = async |code: &str, password: &str| {
        recovery::change(&tenant, code, password.to_owned().into(), &occasion(&tenant)).await
    };
    assert_eq!(recovery::read(&tenant, &first).await.unwrap().unwrap().user_id, ann.user_id);
    // A password that is not good enough leaves the link good.
    assert!(matches!(change(&first, "x").await, Err(Error::Password(_) | Error::Refused { .. })));
    let recovered = change(&first, ANOTHER).await.unwrap();
    let message = "You+can+now+login+to+the+application+with+the+new+password.";
    assert_eq!(
        recovered.result_url.unwrap(),
        format!("https://app.example/done?success=true&message={message}")
    );
    // Neither it nor any other of the old password is good any more.
    assert!(matches!(change(&first, PASSWORD).await, Err(Error::Refused { .. })));
    assert!(
        recovery::read(&tenant, &second).await.unwrap().is_some() || change(&second, PASSWORD).await.is_err()
    );
    let verify = async |password: &str| {
        idp::connection::database::verify(
            &tenant,
            &connection,
            "ann@example.com",
            password.to_owned().into(),
            &occasion(&tenant),
        )
        .await
    };
    assert!(verify(ANOTHER).await.is_ok());
    assert!(verify(PASSWORD).await.is_err());
}

#[tokio::test]
async fn of_two_who_follow_a_link_at_once_one_goes_on() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let code = recovery::ticket(&tenant, &ann, recovery::Options::default()).await.unwrap();
    let occasion = occasion(&tenant);
    let change = |password: &str| recovery::change(&tenant, &code, password.to_owned().into(), &occasion);
    let (one, other) = tokio::join!(change("first Battery 7 staple!"), change("second Battery 7 staple!"));
    assert!(one.is_ok() != other.is_ok());
}

#[tokio::test]
async fn whoever_asks_for_a_link_is_not_told_who_there_is() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let connection = connection(&tenant).await;
    for identifier in ["ann@example.com", "nobody@example.com", "", "\0", "x", &"a".repeat(5000)] {
        recovery::request(&tenant, &connection, identifier, &occasion(&tenant)).await.unwrap();
    }
    let mails = mails(&tenant, 1).await;
    let mail = &mails[0];
    assert_eq!(
        (&mail["to"], &mail["template"], &mail["state"]),
        (&json!("ann@example.com"), &json!("reset_email"), &json!("kept"))
    );
    assert!(mail["html"].as_str().unwrap().contains(&code(&mail["link"])));
    assert!(recovery::read(&tenant, &code(&mail["link"])).await.unwrap().is_some());
    // A host of somebody's choosing is not where a link leads.
    let mut elsewhere = occasion(&tenant);
    elsewhere.host = "evil.example".into();
    recovery::request(&tenant, &connection, "ann@example.com", &elsewhere).await.unwrap();
    let mails = super::mails(&tenant, 2).await;
    assert!(
        mails.iter().all(|mail| mail["link"].as_str().unwrap().starts_with("https://idp.example/u/")),
        "{mails:?}"
    );
    for n in 0..15 {
        let asked = recovery::request(&tenant, &connection, "Ann@example.com", &occasion(&tenant)).await;
        assert_eq!(asked.is_ok(), n < 8, "{n}");
    }
    super::mails(&tenant, 10).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    super::mails(&tenant, 10).await;
}

#[tokio::test]
async fn what_is_no_ticket_is_refused() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let connection = connection(&tenant).await.id.to_string();
    let acme = tenant.post("/api/v2/organizations", json!({ "name": "acme" })).await.must_be(201);
    let of = |more: Value| {
        let mut body = json!({ "user_id": ann.user_id });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for path in [PASSWORD_CHANGE, EMAIL_VERIFICATION] {
        for (body, status) in [
            (json!({}), 400),
            (json!({ "user_id": 7 }), 400),
            (json!({ "user_id": "auth0|nobody" }), 404),
            (json!({ "user_id": "" }), 400),
            (json!({ "user_id": "a\0" }), 400),
            (json!({ "user_id": "a".repeat(300) }), 400),
            (of(json!({ "result_url": "javascript:alert(1)" })), 400),
            (of(json!({ "result_url": "https://u:p@example.com/" })), 400),
            (of(json!({ "result_url": "nowhere" })), 400),
            (of(json!({ "ttl_sec": -1 })), 400),
            (of(json!({ "ttl_sec": "1" })), 400),
            (of(json!({ "client_id": "nobody" })), 400),
            (of(json!({ "organization_id": "org_nothing" })), 404),
            (of(json!({ "organization_id": acme.str("id") })), 201),
            (of(json!({ "identity": { "user_id": "x", "provider": "auth0" } })), 400),
            (of(json!({ "other": 1 })), 400),
            (of(json!({ "ttl_sec": 9_007_199_254_740_991_i64 })), 201),
        ] {
            let answer = tenant.post(path, body.clone()).await;
            assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        }
        tenant.allowed(&["read:users"]).post(path, of(json!({}))).await.must_be(403);
        tenant.other().post(path, of(json!({}))).await.must_be(404);
    }
    for (body, status) in [
        (json!({ "email": "ann@example.com" }), 400),
        (json!({ "email": "nobody@example.com", "connection_id": connection }), 404),
        (json!({ "email": "ann@example.com", "connection_id": "con_nothing" }), 404),
        (of(json!({ "email": "ann@example.com", "connection_id": connection })), 400),
    ] {
        tenant.post(PASSWORD_CHANGE, body).await.must_be(status);
    }
    for code in ["", "x", "\0", &"a".repeat(100_000)] {
        let changed = recovery::change(&tenant, code, ANOTHER.to_owned().into(), &occasion(&tenant)).await;
        assert!(matches!(changed, Err(Error::Refused { .. })), "{changed:?}");
        assert!(verification::confirm(&tenant, code, &occasion(&tenant)).await.unwrap().is_none());
    }
}
