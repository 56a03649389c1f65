//! `/dbconnections`: signing up, and asking for another password.

mod passwords;
mod scripts;

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

const SIGN_UP: &str = "/dbconnections/signup";
const CHANGE: &str = "/dbconnections/change_password";
const CONNECTION: &str = "Username-Password-Authentication";
const GOOD: &str = "Correct-horse-1";

/// Lays members over the body of a usual sign-up; `null` takes one out.
fn body(more: Value) -> Value {
    let mut body = json!({ "connection": CONNECTION, "email": "Ann@Example.com", "password": GOOD });
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
            value => body[name] = value.clone(),
        }
    }
    body
}

async fn signed_up(tenant: &TestTenant, more: Value) -> Answer {
    tenant.without_token().post(SIGN_UP, body(more)).await
}

/// Sets the options of the tenant's one connection.
async fn options(tenant: &TestTenant, options: Value) {
    let all = tenant.get("/api/v2/connections").await;
    let path = format!("/api/v2/connections/{}", all.body[0]["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "options": options })).await.must_be(200);
}

#[track_caller]
fn refused(answer: &Answer, code: &str, description: &str) {
    let expected = json!({
        "name": "BadRequestError", "code": code, "description": description, "statusCode": 400
    });
    assert_eq!((answer.status, &answer.body), (400, &expected));
}

/// The kinds of the newest events, the newest first.
async fn logged(tenant: &TestTenant, kind: &str) -> Vec<Value> {
    tenant.flush_logs().await;
    let logs = tenant.get(&format!("/api/v2/logs?q=type:{kind}")).await.must_be(200);
    logs.items().to_vec()
}

// TestDatabaseSignUp_WithEmailIdentifier, TestDatabaseSignUp_RequiresUsername
#[tokio::test]
async fn somebody_signs_up() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let more = json!({
        "client_id": client.id, "given_name": "Ann", "user_metadata": { "colour": "blue" }, "username": "ann.e",
    });
    let answer = signed_up(&tenant, more).await.must_be(200);
    let members = ["_id", "email", "username", "email_verified", "given_name", "user_metadata"];
    assert_eq!(answer.members(), members);
    assert_eq!(answer["email"], "ann@example.com");
    assert_eq!(answer["email_verified"], false);
    let id = format!("auth0|{}", answer.str("_id"));
    let user = idp::user::by_id(&tenant, &id).await.unwrap().unwrap();
    assert_eq!(user.connection(), Some(CONNECTION));
    for name in ["ann@example.com", "ANN@example.com ", "ann.e"] {
        assert!(idp::user::by_login(&tenant, CONNECTION, name).await.unwrap().is_some(), "{name}");
    }
    let event = &logged(&tenant, "ss").await[0];
    assert_eq!((&event["user_id"], &event["client_id"]), (&json!(id), &json!(client.id)));
    assert!(!json!(event).to_string().contains(GOOD));
}

#[tokio::test]
async fn a_form_will_do() {
    let tenant = TestTenant::new().await;
    let form = format!("connection={CONNECTION}&email=a%40example.com&password={GOOD}");
    tenant.without_token().form(SIGN_UP, form).await.must_be(200);
    let twice =
        format!("connection={CONNECTION}&email=b%40example.com&email=c%40example.com&password={GOOD}");
    tenant.without_token().form(SIGN_UP, twice).await.must_be(400);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let tenant = TestTenant::new().await;
    signed_up(&tenant, json!({ "username": "ann" })).await.must_be(200);
    let again = signed_up(&tenant, json!({})).await;
    refused(&again, "invalid_signup", "Invalid sign up");
    // What is wrong with the request is told before, so both hear the same.
    let weak = signed_up(&tenant, json!({ "password": "a" })).await;
    let other = signed_up(&tenant, json!({ "email": "bob@example.com", "password": "a" })).await;
    assert_eq!(weak.body, other.body);
    for email in ["ann@example.com", "nobody@example.com", "no address", "\u{0}"] {
        let asked = json!({ "connection": CONNECTION, "email": email });
        let answer = tenant.without_token().post(CHANGE, asked).await;
        let status = if email == "\u{0}" { 400 } else { 200 };
        assert_eq!(answer.status, status, "{email}");
        if status == 200 {
            assert_eq!(answer.text(), "We've just sent you an email to reset your password.");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        }
    }
    // Unless the tenant tells it.
    let flags = json!({ "flags": { "enable_public_signup_user_exists_error": true } });
    tenant.patch("/api/v2/tenants/settings", flags).await.must_be(200);
    refused(&signed_up(&tenant, json!({})).await, "user_exists", "The user already exists.");
    let taken = signed_up(&tenant, json!({ "email": "other@example.com", "username": "Ann" })).await;
    refused(&taken, "username_exists", "The username provided is in use already.");
    assert_eq!(logged(&tenant, "fs").await.len(), 5);
}

#[tokio::test]
async fn only_who_may_signs_up() {
    let tenant = TestTenant::new().await;
    options(&tenant, json!({ "disable_signup": true })).await;
    refused(&signed_up(&tenant, json!({})).await, "invalid_signup", "public signup is disabled");
    options(
        &tenant,
        json!({ "requires_username": true, "validation": { "username": { "min": 3, "max": 5 } } }),
    )
    .await;
    signed_up(&tenant, json!({})).await.must_be(400);
    for name in ["ab", "abcdef", "a b c", "a@b.c", "+1234", "a\u{0}b"] {
        let answer = signed_up(&tenant, json!({ "username": name })).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    signed_up(&tenant, json!({ "username": "a_n-N" })).await.must_be(200);

    let client = tenant.client(json!({})).await;
    let all = tenant.get("/api/v2/connections").await;
    let path = format!("/api/v2/connections/{}/clients", all.body[0]["id"].as_str().unwrap());
    tenant.patch(&path, json!([{ "client_id": client.id, "status": false }])).await.must_be(204);
    let asked = json!({ "client_id": client.id, "email": "b@example.com", "username": "bob" });
    refused(&signed_up(&tenant, asked).await, "invalid_request", "connection not found");
}

// TestDatabaseSignUp_WithPhoneNumberIdentifier
#[tokio::test]
async fn people_are_known_by_what_the_database_says() {
    let tenant = TestTenant::new().await;
    let active = |status: &str| json!({ "identifier": { "active": true }, "signup": { "status": status } });
    let attributes = json!({ "phone_number": active("required"), "username": active("optional") });
    options(&tenant, json!({ "attributes": attributes })).await;
    signed_up(&tenant, json!({})).await.must_be(400);
    let answer =
        signed_up(&tenant, json!({ "email": null, "phone_number": "+12345678900" })).await.must_be(200);
    assert_eq!(answer.members(), ["_id", "phone_number", "phone_verified"]);
    for number in ["12345", "+1234a", "+", ""] {
        signed_up(&tenant, json!({ "email": null, "phone_number": number })).await.must_be(400);
    }
}

#[tokio::test]
async fn what_is_no_sign_up_is_refused() {
    let tenant = TestTenant::new().await;
    let long = "x".repeat(20_000);
    let many: serde_json::Map<String, Value> = (0..11).map(|n| (n.to_string(), json!("a"))).collect();
    for more in [
        json!({ "connection": null }),
        json!({ "connection": "nobody" }),
        json!({ "connection": ["a"] }),
        json!({ "connection": "a\u{0}" }),
        json!({ "client_id": "nobody" }),
        json!({ "client_id": 7 }),
        json!({ "email": null }),
        json!({ "email": "" }),
        json!({ "email": "no address" }),
        json!({ "email": { "a": "b" } }),
        json!({ "email": "ann\u{0}@example.com" }),
        json!({ "email": long }),
        json!({ "password": null }),
        json!({ "password": "" }),
        json!({ "password": 12345678 }),
        json!({ "password": "Twelve\u{0}chars1" }),
        json!({ "password": long }),
        json!({ "password": "Ab1".repeat(171) }),
        json!({ "picture": "no address" }),
        json!({ "given_name": "x".repeat(151) }),
        json!({ "user_metadata": "text" }),
        json!({ "user_metadata": many }),
        json!({ "user_metadata": { "a": 1 } }),
        json!({ "user_metadata": { "a": "x".repeat(501) } }),
        json!({ "user_metadata": { "a": "\u{0}" } }),
    ] {
        let answer = signed_up(&tenant, more.clone()).await;
        assert_eq!(
            answer.status,
            400,
            "{} {}",
            more.to_string().chars().take(80).collect::<String>(),
            answer.start()
        );
        assert!(answer.body.is_object(), "{}", answer.start());
    }
    let stranger = tenant.without_token();
    for (path, text) in
        [(SIGN_UP, "["), (SIGN_UP, "[]"), (CHANGE, "null"), (CHANGE, "{\"email\":1}"), (CHANGE, "{}")]
    {
        let json = [("content-type", "application/json")];
        let answer = stranger.send(http::Method::POST, path, &json, text.to_owned()).await;
        assert_eq!(answer.status, 400, "{path} {text} {}", answer.start());
    }
    let xml = [("content-type", "application/xml")];
    stranger.send(http::Method::POST, SIGN_UP, &xml, "<a/>".to_owned()).await.must_be(415);
    // Nobody came of it.
    let people = tenant.store().documents().all(tenant.name(), "users").await.unwrap();
    assert_eq!(people.len(), 0);
}

#[tokio::test]
async fn a_mail_goes_to_who_is_there_and_not_any_number_of_them() {
    let tenant = TestTenant::new().await;
    signed_up(&tenant, json!({})).await.must_be(200);
    let asked = json!({ "connection": CONNECTION, "email": "ann@example.com" });
    for _ in 0..10 {
        tenant.without_token().post(CHANGE, asked.clone()).await.must_be(200);
    }
    let answer = tenant.without_token().post(CHANGE, asked).await.must_be(429);
    assert_eq!(answer["code"], "too_many_requests");
}
