//! Which passwords a database takes, and how one is known again.

use std::sync::Arc;

use idp::{Code, Error, Occasion, RegisteredConnection, connection::database, password::kept};
use schema::Object;
use serde_json::{Value, json};
use testkit::TestTenant;

use super::{CONNECTION, GOOD, logged, options, signed_up};

/// Somebody asks, from an address of their own.
pub fn occasion() -> Occasion {
    Occasion {
        client: None,
        ip: "203.0.113.9".parse().unwrap(),
        user_agent: None,
        host: "localhost".into(),
        body: Object::new(),
        query: Object::new(),
    }
}

pub fn connection(tenant: &TestTenant) -> Arc<RegisteredConnection> {
    tenant.snapshot().connection(CONNECTION).unwrap().clone()
}

/// What a login comes to: who it is, or the code of the refusal.
pub async fn logs_in(tenant: &TestTenant, name: &str, password: &str) -> Result<model::User, Code> {
    let password = password.to_owned().into();
    match database::verify(tenant, &connection(tenant), name, password, &occasion()).await {
        Ok(user) => Ok(user),
        Err(Error::Refused { code, .. }) => Err(code),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_weak_password_is_told_its_rules() {
    let tenant = TestTenant::new().await;
    let answer = signed_up(&tenant, json!({ "password": "abcdefgh" })).await.must_be(400);
    let rule = |code: &str, message: &str, verified: bool| json!({ "message": message, "code": code, "verified": verified });
    let expected = json!({
        "name": "PasswordStrengthError",
        "message": "Password is too weak",
        "code": "invalid_password",
        "description": { "rules": [
            {
                "message": "At least %d characters in length", "format": [8], "code": "lengthAtLeast", "verified": true
            },
            {
                "message": "Contain at least %d of the following %d types of characters:", "format": [3, 4],
                "code": "containsAtLeast", "items": [
                    rule("lowerCase", "lower case letters (a-z)", true),
                    rule("upperCase", "upper case letters (A-Z)", false),
                    rule("numbers", "numbers (i.e. 0-9)", false),
                    rule("specialCharacters", "special characters (e.g. !@#$%^&*)", false),
                ], "verified": false
            },
        ], "verified": false },
        "policy": "* At least 8 characters in length\n* Contain at least 3 of the following 4 types of characters:\n \
                   * lower case letters (a-z)\n * upper case letters (A-Z)\n * numbers (i.e. 0-9)\n \
                   * special characters (e.g. !@#$%^&*)",
        "statusCode": 400
    });
    assert_eq!(answer.body, expected);
    assert!(!json!(logged(&tenant, "fs").await).to_string().contains("abcdefgh"));
}

#[tokio::test]
async fn each_policy_takes_what_it_says() {
    let tenant = TestTenant::new().await;
    let mut n = 0;
    let newer = |complexity: Value| json!({ "password_options": { "complexity": complexity } });
    for (rules, good, bad) in [
        (json!({ "passwordPolicy": "none" }), "a", ""),
        (json!({ "passwordPolicy": null }), "a", ""),
        (json!({ "passwordPolicy": "low" }), "abcdef", "abcde"),
        (json!({ "passwordPolicy": "fair" }), "abcdeF12", "abcdef12"),
        (json!({ "passwordPolicy": "good" }), "abcdef1!", "abcdefg!"),
        (json!({ "passwordPolicy": "excellent" }), "abcdefgh1!", "abcdefg1!"),
        (json!({ "passwordPolicy": "excellent" }), "aabbccdd1!", "aaabccdd1!"),
        (json!({ "passwordPolicy": "low", "password_complexity_options": { "min_length": 3 } }), "abc", "ab"),
        (newer(json!({})), "fifteen letters", "fourteen chars"),
        (
            json!({ "passwordPolicy": "low", "password_options": idp::connection::password_options() }),
            "sixsix",
            "fives",
        ),
        (
            json!({ "passwordPolicy": "low", "password_options": { "complexity": { "min_length": 7 } } }),
            "sevens7",
            "sixsix",
        ),
        (newer(json!({ "min_length": 4, "character_types": ["number", "special"] })), "ab1!", "abc1"),
        (newer(json!({ "min_length": 4, "character_type_rule": "three_of_four" })), "aB1c", "ab1c"),
        (newer(json!({ "min_length": 4, "identical_characters": "block" })), "aabb", "aaab"),
        (newer(json!({ "min_length": 4, "sequential_characters": "block" })), "acbd", "xcba"),
    ] {
        options(&tenant, rules.clone()).await;
        for (password, status) in [(good, 200), (bad, 400)] {
            n += 1;
            let email = format!("{n}@example.com");
            let answer = signed_up(&tenant, json!({ "email": email, "password": password })).await;
            assert_eq!(answer.status, status, "{rules} {password} {}", answer.start());
        }
    }
}

#[tokio::test]
async fn neither_a_common_word_nor_the_persons_own() {
    let tenant = TestTenant::new().await;
    let refused = async |more: Value, name: &str| {
        let answer = signed_up(&tenant, more).await.must_be(400);
        assert_eq!((&answer["name"], &answer["code"]), (&json!(name), &json!("invalid_password")));
        assert!(answer["description"].is_string());
    };
    let older = json!({
        "passwordPolicy": "none", "password_dictionary": { "enable": true, "dictionary": ["Swordfish"] },
        "password_no_personal_info": { "enable": true }
    });
    let newer = json!({
        "password_options": {
            "complexity": { "min_length": 1 }, "dictionary": { "active": true, "custom": ["sWordfish"] },
            "profile_data": { "active": true }
        }
    });
    for (n, rules) in [older, newer].into_iter().enumerate() {
        options(&tenant, rules).await;
        for word in ["password", "123456", "swordfish"] {
            refused(json!({ "password": word }), "PasswordDictionaryError").await;
        }
        let person = json!({
            "given_name": "Ann", "name": "Ann Lovelace", "nickname": "byron", "username": "enchantress",
            "user_metadata": { "last": "Milbanke" }
        });
        for password in ["1ann@2x9z!", "xxLOVELACE-7q", "my-byron-7q-x", "enchantress7q", "milbanke!7q"] {
            let mut more = person.clone();
            more["email"] = json!("ann@example.com");
            more["password"] = json!(password);
            refused(more, "PasswordNoUserInfoError").await;
        }
        let mut more = person;
        more["email"] = json!(format!("ok{n}@example.com"));
        more["username"] = json!(format!("ok{n}"));
        more["password"] = json!("vK2-tidal-ox");
        signed_up(&tenant, more).await.must_be(200);
    }
}

#[tokio::test]
async fn no_password_comes_back_as_long_as_it_is_remembered() {
    let tenant = TestTenant::new().await;
    options(&tenant, json!({ "passwordPolicy": "low", "password_history": { "enable": true, "size": 2 } }))
        .await;
    signed_up(&tenant, json!({ "password": "password-0" })).await.must_be(200);
    let user = logs_in(&tenant, "ann@example.com", "password-0").await.unwrap();
    let set = async |password: &str| match database::set_password(
        &tenant,
        &user,
        password.to_owned().into(),
        &occasion(),
    )
    .await
    {
        Ok(()) => "",
        Err(Error::Password(refusal)) => refusal.name(),
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(set("password-0").await, "PasswordHistoryError");
    assert_eq!(set("password-1").await, "");
    assert_eq!(set("password-0").await, "PasswordHistoryError");
    assert_eq!(set("password-2").await, "");
    assert_eq!(set("password-1").await, "PasswordHistoryError");
    assert_eq!(set("password-0").await, "");
    assert_eq!(set("short").await, "PasswordStrengthError");
    assert!(logs_in(&tenant, "ann@example.com", "password-0").await.is_ok());
    assert_eq!(logs_in(&tenant, "ann@example.com", "password-2").await.unwrap_err(), Code::InvalidGrant);
    let user = idp::user::by_id(&tenant, &user.user_id).await.unwrap().unwrap();
    assert!(user.last_password_reset.is_some());
    assert_eq!((logged(&tenant, "scp").await.len(), logged(&tenant, "fcp").await.len()), (3, 4));
}

#[tokio::test]
async fn a_hash_of_another_system_is_known_once_and_then_one_of_ours() {
    let tenant = TestTenant::new().await;
    let hash = json!({
        "algorithm": "sha1", "hash": { "value": "d033e22ae348aeb5660fc2140aec35850c4da997", "encoding": "hex" }
    });
    let identity = "auth0|imported";
    let change = kept::imported(&tenant, identity, hash.as_object().unwrap()).unwrap();
    let body = json!({ "user_id": "imported", "email": "ann@example.com" });
    let new = idp::user::NewUser {
        connection: CONNECTION.into(),
        provider: "auth0".into(),
        body: body.as_object().unwrap().clone(),
        beside: vec![change],
    };
    idp::user::create(&tenant, new).await.unwrap();
    let stored = async || {
        let documents = tenant.store().documents().all(tenant.name(), "passwords").await.unwrap();
        documents[0].body.clone()
    };
    assert!(stored().await.contains_key("imported"));
    assert!(!json!(stored().await).to_string().contains("d033e22"), "it is sealed");
    assert_eq!(logs_in(&tenant, "ann@example.com", "nimda").await.unwrap_err(), Code::InvalidGrant);
    assert!(stored().await.contains_key("imported"));
    logs_in(&tenant, "ann@example.com", "admin").await.unwrap();
    assert!(stored().await.contains_key("hash") && !stored().await.contains_key("imported"));
    logs_in(&tenant, "ann@example.com", "admin").await.unwrap();
    // What was used is not replaced by another import.
    let again = kept::imported_again(&tenant, identity, hash.as_object().unwrap()).await.unwrap();
    assert!(matches!(again, Ok(None)));
}

#[tokio::test]
async fn a_database_may_let_people_guess() {
    let tenant = TestTenant::new().await;
    options(&tenant, json!({ "brute_force_protection": false })).await;
    signed_up(&tenant, json!({})).await.must_be(200);
    for _ in 0..12 {
        assert_eq!(logs_in(&tenant, "ann@example.com", "wrong").await.unwrap_err(), Code::InvalidGrant);
    }
    logs_in(&tenant, "ann@example.com", GOOD).await.unwrap();
    options(&tenant, json!({ "brute_force_protection": true })).await;
    for _ in 0..10 {
        assert_eq!(logs_in(&tenant, "ann@example.com", "wrong").await.unwrap_err(), Code::InvalidGrant);
    }
    assert_eq!(logs_in(&tenant, "ann@example.com", GOOD).await.unwrap_err(), Code::AccountClosed);
}

#[tokio::test]
async fn who_is_there_is_not_told_by_a_login_either() {
    let tenant = TestTenant::new().await;
    signed_up(&tenant, json!({})).await.must_be(200);
    let long = "x".repeat(5_000);
    for name in ["ann@example.com", "nobody@example.com", "", "a\0", "a\nb", "%", &long] {
        assert_eq!(logs_in(&tenant, name, "wrong").await.unwrap_err(), Code::InvalidGrant, "{name:?}");
    }
    let kinds = (logged(&tenant, "fp").await.len(), logged(&tenant, "fu").await.len());
    assert_eq!(kinds, (1, 6));
    options(&tenant, json!({ "disable_sign_in": true })).await;
    assert_eq!(logs_in(&tenant, "ann@example.com", GOOD).await.unwrap_err(), Code::InvalidRequest);
}
