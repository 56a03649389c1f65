//! Databases that are elsewhere, which scripts know.

use idp::{Code, Error, connection::database};
use serde_json::{Value, json};
use testkit::TestTenant;

use super::{
    GOOD, logged, options,
    passwords::{logs_in, occasion},
    refused, signed_up,
};

/// People as another system has them, behind Auth0's kind of scripts.
const LOGIN: &str = r"
// Comments may stand before it.
function login(email, password, callback) {
  if (configuration.KEY !== 'sesame') return callback(new Error('no key'));
  if (email === 'broken@example.com') throw new Error('the database is down');
  if (email === 'mute@example.com') return;
  if (email === 'nameless@example.com') return callback(null, { email });
  if (email !== 'ann@example.com') return callback(new WrongUsernameOrPasswordError(null, 'who?'));
  if (password !== 'sesame, open') return callback(new WrongUsernameOrPasswordError(email, 'not that'));
  callback(null, { user_id: 42, email, email_verified: true, nickname: 'annie', app_metadata: { plan: 'full' } });
}
";
const GET_USER: &str = "async function getByEmail(email, callback) { callback(null, email === 'ann@example.com' ? { user_id: 42, email } : null); }";

async fn with(more: Value) -> TestTenant {
    let tenant = TestTenant::new().await;
    let mut all = json!({
        "passwordPolicy": "low", "enabledDatabaseCustomization": true, "configuration": { "KEY": "sesame" },
        "customScripts": { "login": LOGIN, "get_user": GET_USER },
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    options(&tenant, all).await;
    tenant
}

#[tokio::test]
async fn a_script_knows_who_logs_in() {
    let tenant = with(json!({})).await;
    let ann = logs_in(&tenant, "ann@example.com", "sesame, open").await.unwrap();
    assert_eq!((ann.user_id.as_str(), ann.nickname.as_deref()), ("auth0|42", Some("annie")));
    assert!(ann.email_verified);
    assert_eq!(json!(ann.app_metadata), json!({ "plan": "full" }));
    let again = logs_in(&tenant, "ann@example.com", "sesame, open").await.unwrap();
    assert_eq!(again.user_id, ann.user_id);
    // No password of theirs is kept.
    assert_eq!(tenant.store().documents().all(tenant.name(), "passwords").await.unwrap().len(), 0);

    for (name, code) in [
        ("bob@example.com", Code::InvalidGrant),
        ("ann@example.com", Code::InvalidGrant),
        ("broken@example.com", Code::ServerError),
        ("mute@example.com", Code::ServerError),
        ("nameless@example.com", Code::ServerError),
    ] {
        assert_eq!(logs_in(&tenant, name, "wrong").await.unwrap_err(), code, "{name}");
    }
    assert_eq!(logged(&tenant, "fp").await[0]["description"], "not that");
    assert_eq!(logged(&tenant, "fu").await[0]["description"], "who?");
}

#[tokio::test]
async fn people_move_here_as_they_log_in() {
    let tenant = with(json!({ "import_mode": true })).await;
    assert_eq!(logs_in(&tenant, "ann@example.com", "wrong").await.unwrap_err(), Code::InvalidGrant);
    logs_in(&tenant, "ann@example.com", "sesame, open").await.unwrap();
    // From now on nobody asks the script.
    options(
        &tenant,
        json!({
            "import_mode": true, "enabledDatabaseCustomization": true,
            "customScripts": { "login": "function login(e, p, callback) { callback(new Error('gone')); }" },
        }),
    )
    .await;
    assert_eq!(logs_in(&tenant, "ann@example.com", "sesame, open").await.unwrap().user_id, "auth0|42");
    assert_eq!(logs_in(&tenant, "ann@example.com", "wrong").await.unwrap_err(), Code::InvalidGrant);
    assert_eq!(logs_in(&tenant, "bob@example.com", "x").await.unwrap_err(), Code::ServerError);
}

#[tokio::test]
async fn whoever_forgot_a_password_is_copied_first() {
    let tenant = with(json!({ "import_mode": true })).await;
    let connection = super::passwords::connection(&tenant);
    let found = database::find(&tenant, &connection, "ann@example.com", &occasion()).await.unwrap().unwrap();
    assert!(database::find(&tenant, &connection, "bob@example.com", &occasion()).await.unwrap().is_none());
    database::set_password(&tenant, &found, "another one".to_owned().into(), &occasion()).await.unwrap();
    assert!(logs_in(&tenant, "ann@example.com", "another one").await.is_ok());
}

#[tokio::test]
async fn whoever_signs_up_is_made_there() {
    let tenant = with(json!({ "customScripts": {
        "login": "function login(e, p, cb) { cb(null, { user_id: 'made-' + e, email: e }); }",
        "get_user": GET_USER,
        "create": "function create(user, callback) {
            if (user.email === 'taken@example.com') return callback(new ValidationError('user_exists', 'here already'));
            if (user.email === 'odd@example.com') return callback(new ValidationError('odd', 'too odd'));
            if (!user.password || !user.tenant || user.connection !== 'Username-Password-Authentication')
              return callback(new Error('incomplete'));
            callback(null);
        }",
    } }))
    .await;
    let made = signed_up(&tenant, json!({ "email": "new@example.com" })).await.must_be(200);
    assert_eq!(made["_id"], "made-new@example.com");
    for taken in ["taken@example.com", "ann@example.com"] {
        refused(&signed_up(&tenant, json!({ "email": taken })).await, "invalid_signup", "Invalid sign up");
    }
    refused(&signed_up(&tenant, json!({ "email": "odd@example.com" })).await, "invalid_signup", "too odd");
    signed_up(&tenant, json!({ "email": "a@example.com", "password": "a" })).await.must_be(400);
}

#[tokio::test]
async fn passwords_change_and_people_go_there() {
    let tenant = with(json!({ "customScripts": {
        "login": LOGIN,
        "change_password": "function changePassword(email, password, callback) {
            callback(null, password === 'another one' ? true : false); }",
        "delete": "function remove(id, callback) { callback(id === '42' ? new ValidationError('no', 'must stay') : null); }",
    } }))
    .await;
    let ann = logs_in(&tenant, "ann@example.com", "sesame, open").await.unwrap();
    let set = async |password: &str| {
        database::set_password(&tenant, &ann, password.to_owned().into(), &occasion()).await
    };
    set("another one").await.unwrap();
    assert!(matches!(set("refused there").await, Err(Error::Refused { code: Code::InvalidRequest, .. })));
    assert!(matches!(set("a").await, Err(Error::Password(_))));
    assert!(matches!(idp::user::delete(&tenant, &ann.user_id).await, Err(Error::Refused { .. })));
    assert!(idp::user::by_id(&tenant, &ann.user_id).await.unwrap().is_some());
}

#[tokio::test]
async fn no_script_takes_somebody_elses_account() {
    let tenant = TestTenant::new().await;
    signed_up(&tenant, json!({})).await.must_be(200);
    let id = signed_up(&tenant, json!({ "email": "bob@example.com" })).await.str("_id").to_owned();
    let login =
        format!("function login(e, p, cb) {{ cb(null, {{ user_id: '{id}', email: 'eve@example.com' }}); }}");
    let eve = json!({
        "name": "eve", "strategy": "auth0",
        "options": { "enabledDatabaseCustomization": true, "customScripts": { "login": login } }
    });
    tenant.post("/api/v2/connections", eve).await.must_be(201);
    let connection = tenant.snapshot().connection("eve").unwrap().clone();
    let tried = database::verify(&tenant, &connection, "eve", GOOD.to_owned().into(), &occasion()).await;
    assert!(matches!(tried, Err(Error::Refused { code: Code::ServerError, .. })), "{tried:?}");
}

#[tokio::test]
async fn a_script_that_is_none_lets_nobody_in() {
    let tenant = with(json!({})).await;
    for script in [
        "7",
        "function login(",
        "function login(e, p, cb) { cb(null, 'yes'); }",
        "function login(e, p, cb) { cb(null, true); }",
        "function login(e, p, cb) { cb(null, { user_id: '' }); }",
        "function login(e, p, cb) { cb(null, { user_id: 'a\\nb' }); }",
        "function login(e, p, cb) { cb(null, { user_id: { a: 1 } }); }",
        "function login(e, p, cb) { cb(null, { user_id: 'a', email: 7 }); }",
        "function login(e, p, cb) { cb(null, { user_id: 'a', email: 'no address' }); }",
        "function login(e, p, cb) { cb('text'); }",
        "function login(e, p, cb) { while (true) {} }",
        "function login(e, p, cb) { require('pg'); }",
    ] {
        options(
            &tenant,
            json!({ "enabledDatabaseCustomization": true, "customScripts": { "login": script } }),
        )
        .await;
        let code = logs_in(&tenant, "eve@example.com", "x").await.unwrap_err();
        assert!(
            matches!(code, Code::ServerError | Code::InvalidGrant | Code::AccountClosed),
            "{script} {code:?}"
        );
    }
    let people = tenant.store().documents().all(tenant.name(), "users").await.unwrap();
    assert_eq!(people.len(), 0);
}
