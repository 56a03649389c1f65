//! Actions and hooks at sign-ups and changes of passwords.

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::{BROKEN, SECRET, bound, last, log};

const CONNECTION: &str = "Username-Password-Authentication";
const STRONG: &str = "Correct-horse-battery-9-staple";

async fn signs_up(tenant: &TestTenant, email: &str) -> Answer {
    let body = json!({
        "connection": CONNECTION, "email": email, "password": STRONG, "user_metadata": { "colour": "blue" },
    });
    tenant.without_token().post("/dbconnections/signup", body).await
}

async fn hook(tenant: &TestTenant, trigger: &str, body: &str) {
    let script = format!("module.exports = function (user, context, cb) {{ {body} }};");
    let hook = json!({ "name": "hook", "triggerId": trigger, "script": script, "enabled": true });
    let hook = tenant.post("/api/v2/hooks", hook).await.must_be(201);
    let secrets = format!("/api/v2/hooks/{}/secrets", hook.str("id"));
    tenant.post(&secrets, json!({ "KEY": SECRET })).await.must_be(201);
}

async fn before(tenant: &TestTenant, body: &str) {
    let code = format!("exports.onExecutePreUserRegistration = async (event, api) => {{ {body} }};");
    bound(tenant, "pre-user-registration", &[&code]).await;
}

async fn user(tenant: &TestTenant, email: &str) -> Value {
    tenant.get(&format!("/api/v2/users-by-email?email={email}")).await.must_be(200).body[0].clone()
}

/// What the log says of an event that nobody waited for.
async fn told(tenant: &TestTenant, kind: &str) -> Value {
    for _ in 0..1_200 {
        let event = last(tenant, kind).await;
        if !event.is_null() {
            return event;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody told of {kind}");
}

#[tokio::test]
async fn an_action_adds_to_somebody_who_signs_up_and_is_told_no_password() {
    let tenant = TestTenant::new().await;
    let body = "api.user.setUserMetadata('name', 'Ann'); api.user.setAppMetadata('plan', 'gold');
        api.user.setAppMetadata('event', event);";
    before(&tenant, body).await;
    signs_up(&tenant, "ann@example.com").await.must_be(200);
    let ann = user(&tenant, "ann@example.com").await;
    assert_eq!(ann["user_metadata"], json!({ "colour": "blue", "name": "Ann" }));
    let event = &ann["app_metadata"]["event"];
    assert_eq!(
        (&ann["app_metadata"]["plan"], &event["connection"]["name"]),
        (&json!("gold"), &json!(CONNECTION))
    );
    assert_eq!(
        (&event["user"]["email"], &event["secrets"]["KEY"]),
        (&json!("ann@example.com"), &json!(SECRET))
    );
    assert!(!event.to_string().contains(STRONG), "{event}");
    assert!(!log(&tenant).await.contains(SECRET));
}

#[tokio::test]
async fn an_action_keeps_somebody_out_with_words_for_them() {
    let tenant = TestTenant::new().await;
    before(&tenant, "api.access.deny('on the black list', 'Call us.');").await;
    let refused = signs_up(&tenant, "ann@example.com").await.must_be(400);
    assert_eq!((refused.str("code"), refused.str("description")), ("extensibility_error", "Call us."));
    assert!(!refused.body.to_string().contains("black list"));
    assert_eq!(user(&tenant, "ann@example.com").await, Value::Null);
    let console = last(&tenant, "actions_executed").await["details"]["actions"]["console"].clone();
    assert_eq!(console[0]["lines"][0], "refused: on the black list");
}

#[tokio::test]
async fn an_action_that_fails_lets_nobody_sign_up() {
    for (body, name) in BROKEN.into_iter().chain([
        ("api.user.setUserMetadata('a', 'x\\u0000y');", "TypeError"),
        ("api.user.setAppMetadata(7, 1);", "TypeError"),
    ]) {
        let tenant = TestTenant::new().await;
        before(&tenant, body).await;
        let refused = signs_up(&tenant, "ann@example.com").await.must_be(400);
        assert_eq!(refused.str("code"), "extensibility_error", "{body}");
        assert!(!refused.body.to_string().contains("inner workings"), "{body}");
        assert_eq!(user(&tenant, "ann@example.com").await, Value::Null, "{body}");
        assert_eq!(
            last(&tenant, "actions_execution_failed").await["details"]["error"]["name"],
            name,
            "{body}"
        );
    }
}

#[tokio::test]
async fn hooks_say_so_in_their_manner() {
    let tenant = TestTenant::new().await;
    let body = "if (user.password || context.webtask.secrets.KEY !== 'hush hush') throw 0;
        cb(null, { user: { user_metadata: { ...user.user_metadata, name: 'Ann' }, app_metadata: { plan: 'gold' } } });";
    hook(&tenant, "pre-user-registration", body).await;
    signs_up(&tenant, "ann@example.com").await.must_be(200);
    let ann = user(&tenant, "ann@example.com").await;
    assert_eq!(ann["user_metadata"], json!({ "colour": "blue", "name": "Ann" }));
    assert_eq!(ann["app_metadata"], json!({ "plan": "gold" }));

    for (body, says) in [
        ("cb(new PreUserRegistrationError('on the black list', 'Call us.'));", "Call us."),
        ("cb(new PreUserRegistrationError('on the black list'));", "The tenant does not let you sign up."),
        ("cb(new Error('inner workings'));", "The tenant's own code for this request failed."),
        ("throw new Error('inner workings');", "The tenant's own code for this request failed."),
        ("cb(null, { user: { app_metadata: 7 } });", "The tenant's own code for this request failed."),
    ] {
        let tenant = TestTenant::new().await;
        hook(&tenant, "pre-user-registration", body).await;
        let refused = signs_up(&tenant, "bob@example.com").await.must_be(400);
        assert_eq!((refused.str("code"), refused.str("description")), ("hook_error", says), "{body}");
    }
}

#[tokio::test]
async fn what_comes_afterwards_is_waited_for_by_nobody_and_undoes_nothing() {
    let tenant = TestTenant::new().await;
    let code = "exports.onExecutePostUserRegistration = async (event) => {
        console.log('welcome', event.user.user_id.split('|')[0], event.user.email); throw new Error('mail is down'); };";
    bound(&tenant, "post-user-registration", &[code]).await;
    hook(&tenant, "post-user-registration", "console.log('hook', user.email); cb(null, {});").await;
    signs_up(&tenant, "ann@example.com").await.must_be(200);
    let event = told(&tenant, "actions_execution_failed").await;
    assert!(event["description"].as_str().unwrap().contains("mail is down"), "{event}");
    let console = &event["details"]["actions"]["console"];
    assert_eq!(
        (&console[0]["lines"][0], &console[1]["lines"][0]),
        (&json!("hook ann@example.com"), &json!("welcome auth0 ann@example.com"))
    );
    assert!(user(&tenant, "ann@example.com").await.is_object());
}

#[tokio::test]
async fn a_change_of_a_password_is_told() {
    let tenant = TestTenant::new().await;
    signs_up(&tenant, "ann@example.com").await.must_be(200);
    let code = "exports.onExecutePostChangePassword = async (event) => {
        console.log('changed', event.user.email, JSON.stringify(event).includes('Another-')); };";
    bound(&tenant, "post-change-password", &[code]).await;
    let id = user(&tenant, "ann@example.com").await["user_id"].as_str().unwrap().replace('|', "%7C");
    let change = json!({ "password": "Another-horse-battery-9-staple", "connection": CONNECTION });
    tenant.patch(&format!("/api/v2/users/{id}"), change).await.must_be(200);
    let event = told(&tenant, "actions_executed").await;
    assert_eq!(event["details"]["actions"]["console"][0]["lines"][0], "changed ann@example.com false");
}
