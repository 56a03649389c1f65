//! `/api/v2/connections`

mod providers;

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::{each, refused, text};

const PATH: &str = "/api/v2/connections";
const MISSING: &str = "The connection does not exist";

async fn database(tenant: &TestTenant, name: &str, options: Value) -> Answer {
    tenant.post(PATH, json!({ "name": name, "strategy": "auth0", "options": options })).await
}

#[tokio::test]
async fn every_tenant_has_a_database_for_its_first_application() {
    let tenant = TestTenant::new().await;
    let all = tenant.get(PATH).await.must_be(200);
    assert_eq!(each(&all.body, "name"), ["Username-Password-Authentication"]);
    let first = &all.body[0];
    assert_eq!(first["strategy"], "auth0");
    assert_eq!(first["options"]["passwordPolicy"], "good");
    assert_eq!(first["realms"], json!(["Username-Password-Authentication"]));
    let clients = first["enabled_clients"].as_array().unwrap();
    assert_eq!(clients.len(), 1, "{first}");
    let client = tenant.get(&format!("/api/v2/clients/{}", clients[0].as_str().unwrap())).await;
    assert_eq!(client["name"], "Default App");
}

#[tokio::test]
async fn a_database_that_was_deleted_does_not_come_back() {
    let tenant = TestTenant::new().await;
    let id = tenant.get(PATH).await.body[0]["id"].as_str().unwrap().to_owned();
    tenant.delete(&format!("{PATH}/{id}")).await.must_be(202);
    assert_eq!(tenant.get(PATH).await.body, json!([]));
}

// TestAccConnection, TestConnectionManager_List
#[tokio::test]
async fn the_life_of_a_connection() {
    let tenant = TestTenant::new().await;
    let made = database(&tenant, "customers", json!(null)).await;
    made.clone().must_be(400);
    let made = tenant.post(PATH, json!({ "name": "customers", "strategy": "auth0" })).await.must_be(201);
    let id = made.str("id").to_owned();
    assert!(id.starts_with("con_") && id.len() == 20, "{id}");
    let expected = json!({
        "mfa": { "active": true, "return_enroll_settings": true },
        "strategy_version": 2,
        "brute_force_protection": true,
        "authentication_methods": {
            "passkey": { "enabled": false }, "email_otp": { "enabled": false }, "phone_otp": { "enabled": false },
            "password": { "enabled": true, "api_behavior": "required", "signup_behavior": "allow" }
        },
        "passkey_options": {
            "challenge_ui": "both", "progressive_enrollment_enabled": true, "local_enrollment_enabled": true
        },
        "passwordPolicy": "good",
        "password_options": idp::connection::password_options(),
    });
    assert_eq!(made["options"], expected);
    assert_eq!((&made["realms"], &made["enabled_clients"]), (&json!(["customers"]), &json!([])));
    let path = format!("{PATH}/{id}");
    assert_eq!(tenant.get(&path).await.must_be(200).body, made.body);

    // Options are replaced as a whole, but for what Auth0 keeps.
    let options = json!({ "passwordPolicy": "fair", "brute_force_protection": false });
    let changed = tenant.patch(&path, json!({ "options": options })).await.must_be(200);
    assert_eq!(changed["options"]["passwordPolicy"], "fair");
    assert_eq!(changed["options"]["brute_force_protection"], false);
    assert_eq!(changed["options"].get("mfa"), None);
    assert_eq!(changed["options"]["passkey_options"], expected["passkey_options"]);
    tenant.patch(&path, json!({ "display_name": "Customers" })).await.must_be(200);
    assert_eq!(tenant.get(&path).await["options"], changed["options"]);
    for patch in [json!({ "name": "other" }), json!({ "strategy": "sms" }), json!({ "id": "con_x" })] {
        tenant.patch(&path, patch).await.must_be(400);
    }

    refused(
        &database(&tenant, "customers", json!({})).await,
        409,
        "A connection with the same name already exists",
        None,
    );
    let gone = tenant.delete(&path).await.must_be(202);
    assert!(gone.str("deleted_at").ends_with('Z'));
    tenant.delete(&path).await.must_be(204);
    refused(&tenant.get(&path).await, 404, MISSING, Some("inexistent_connection"));
    tenant.post(PATH, json!({ "name": "customers", "strategy": "auth0" })).await.must_be(201);
}

#[tokio::test]
async fn lists_are_filtered_paged_and_cut() {
    let tenant = TestTenant::new().await;
    for name in ["one", "two"] {
        database(&tenant, name, json!({})).await.must_be(201);
    }
    let github = json!({ "name": "github", "strategy": "github", "options": { "client_id": "a" } });
    tenant.post(PATH, github).await.must_be(201);
    let named = async |query: &str| {
        let answer = tenant.get(&format!("{PATH}?{query}")).await.must_be(200);
        let list = answer.body.get("connections").unwrap_or(&answer.body).clone();
        each(&list, "name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(named("strategy=github").await, ["github"]);
    assert_eq!(named("strategy=github&strategy=auth0").await.len(), 4);
    assert_eq!(named("name=two").await, ["two"]);
    assert_eq!(named("name=two&strategy=github").await.len(), 0);
    assert_eq!(named("per_page=2&page=1").await.len(), 2);
    let totals = tenant.get(&format!("{PATH}?include_totals=true&per_page=1")).await.must_be(200);
    assert_eq!((&totals["total"], &totals["limit"], &totals["start"]), (&json!(4), &json!(1), &json!(0)));
    let page = tenant.get(&format!("{PATH}?take=3")).await.must_be(200);
    let rest = tenant.get(&format!("{PATH}?take=3&from={}", page.str("next"))).await.must_be(200);
    assert_eq!(rest["connections"].as_array().unwrap().len(), 1);
    assert_eq!(rest.body.get("next"), None);

    // Recorded: whoever names fields is shown a few more.
    let cut = tenant.get(&format!("{PATH}?strategy=github&fields=name,strategy")).await.must_be(200);
    let mut members: Vec<&str> = cut.body[0].as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        ["authentication", "connected_accounts", "id", "is_domain_connection", "name", "strategy"]
    );
}

#[tokio::test]
async fn clients_are_let_in_and_out() {
    let tenant = TestTenant::new().await;
    let id = database(&tenant, "customers", json!({})).await.must_be(201).str("id").to_owned();
    let (one, two) = (tenant.client(json!({})).await.id, tenant.client(json!({})).await.id);
    let path = format!("{PATH}/{id}/clients");
    let listed = async || {
        let clients = tenant.get(&path).await.must_be(200);
        each(&clients["clients"], "client_id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // A new client may use what there is.
    assert_eq!(listed().await.len(), 2);
    let none = json!([{ "client_id": one, "status": false }, { "client_id": two, "status": false }]);
    for _ in 0..2 {
        tenant.patch(&path, none.clone()).await.must_be(204);
        assert_eq!(listed().await.len(), 0);
    }
    let mixed = json!([
        { "client_id": one, "status": true }, { "client_id": two, "status": true },
        { "client_id": two, "status": false }
    ]);
    tenant.patch(&path, mixed).await.must_be(204);
    assert_eq!(listed().await, std::slice::from_ref(&one));
    let of_client =
        tenant.get(&format!("/api/v2/clients/{one}/connections?strategy=auth0")).await.must_be(200);
    assert_eq!(each(&of_client["connections"], "id").len(), 2);
    let none = tenant.get(&format!("/api/v2/clients/{one}/connections?strategy=github")).await.must_be(200);
    assert_eq!(none["connections"], json!([]));

    // The older way replaces the list.
    let changed =
        tenant.patch(&format!("{PATH}/{id}"), json!({ "enabled_clients": [two] })).await.must_be(200);
    assert_eq!(changed["enabled_clients"], json!([two]));
    let page = tenant.get(&format!("{path}?take=1")).await.must_be(200);
    assert_eq!((page["clients"].as_array().unwrap().len(), page.body.get("next")), (1, None));

    for body in [
        json!([{ "client_id": one }]),
        json!([{ "client_id": one, "status": "true" }]),
        json!([{ "client_id": 1, "status": true }]),
        json!([{ "client_id": "nobody", "status": true }]),
        json!([one]),
        json!({}),
        Value::Array(vec![json!({ "client_id": one, "status": true }); 51]),
    ] {
        tenant.patch(&path, body).await.must_be(400);
    }
    tenant.patch(&format!("{PATH}/{id}"), json!({ "enabled_clients": ["nobody"] })).await.must_be(400);
    assert_eq!(listed().await, std::slice::from_ref(&two));

    // With a client goes what it may use.
    tenant.delete(&format!("/api/v2/clients/{two}")).await.must_be(204);
    assert_eq!(listed().await.len(), 0);
}

// TestConnectionManager_CreateDBConnectionWithDifferentOptions, TestAccConnectionOptionsAttr…Negative,
// TestAccConnectionAddEmailAttributeNonUnique
#[tokio::test]
async fn attributes_keep_their_rules() {
    let tenant = TestTenant::new().await;
    let email = json!({ "identifier": { "active": true }, "profile_required": true, "signup": { "status": "required" } });
    let idle = json!({ "identifier": { "active": false }, "signup": { "status": "optional" } });
    let number = json!({ "identifier": { "active": true }, "profile_required": true, "signup": { "status": "inactive" } });
    for (options, message) in [
        (json!({ "attributes": { "email": idle } }), "attributes must contain one active identifier"),
        (
            json!({ "attributes": { "phone_number": number } }),
            "attribute phone_number must also be required on signup",
        ),
        (
            json!({ "attributes": { "email": email }, "requires_username": true }),
            "Cannot set both options.attributes and options.requires_username",
        ),
        (
            json!({ "attributes": { "email": email }, "validation": { "username": { "min": 1, "max": 5 } } }),
            "Cannot set both options.attributes and options.validation",
        ),
    ] {
        refused(&database(&tenant, "strict", options).await, 400, message, Some("invalid_body"));
    }
    let made = database(&tenant, "strict", json!({ "attributes": { "email": email } })).await.must_be(201);
    assert_eq!(made["options"]["attributes"]["email"]["verification_method"], "link");
    assert_eq!(made["options"]["attributes"]["email"]["unique"], true);
    let mut shared = email.clone();
    shared["unique"] = json!(false);
    let patch = json!({ "options": { "attributes": { "email": shared } } });
    let answer = tenant.patch(&format!("{PATH}/{}", made.str("id")), patch).await;
    refused(&answer, 400, "cannot add non-unique email attribute", Some("invalid_body"));
    let app =
        json!({ "name": "xaa", "strategy": "auth0", "cross_app_access_requesting_app": { "active": true } });
    let message = "Cross App Access Requesting App is not supported for this connection.";
    refused(&tenant.post(PATH, app).await, 400, message, Some("operation_not_supported"));
}

#[tokio::test]
async fn secrets_of_options_are_sealed_and_the_configuration_is_not_shown() {
    let tenant = TestTenant::new().await;
    let options = json!({ "configuration": { "URL": "https://db.example", "KEY": "hunter2-secret" } });
    let made = database(&tenant, "legacy", options).await.must_be(201);
    let shown = made["options"]["configuration"].clone();
    assert!(
        !made.text().contains("hunter2-secret") && text(&shown, "KEY").starts_with("Y291bnRlcnNpZ24t"),
        "{shown}"
    );
    let path = format!("{PATH}/{}", made.str("id"));
    // What is shown means what it stands for, and no other value.
    let echoed = json!({ "options": { "configuration": shown } });
    let changed = tenant.patch(&path, echoed).await.must_be(200);
    assert_eq!(changed["options"]["configuration"], made["options"]["configuration"]);
    let strange = json!({ "options": { "configuration": { "OTHER": text(&shown, "KEY") } } });
    tenant.patch(&path, strange).await.must_be(400);

    let social = json!({
        "name": "github", "strategy": "github", "options": { "client_id": "a", "client_secret": "hunter3-secret" }
    });
    let social = tenant.post(PATH, social).await.must_be(201);
    assert_eq!(social["options"]["client_secret"], "hunter3-secret");
    let stored = tenant.store().documents().all(tenant.name(), "connections").await.unwrap();
    let stored: Vec<_> = stored.iter().map(|document| json!(document.body).to_string()).collect();
    assert!(stored.iter().all(|body| !body.contains("hunter")), "{stored:?}");
    tenant.flush_logs().await;
    let logs = tenant.get("/api/v2/logs?per_page=100").await.must_be(200);
    assert!(!logs.text().contains("hunter"), "the log holds a secret");
}

#[tokio::test]
async fn what_is_no_connection_is_refused() {
    let tenant = TestTenant::new().await;
    let long = "x".repeat(129);
    for body in [
        json!({}),
        json!({ "name": "a" }),
        json!({ "strategy": "auth0" }),
        json!({ "name": "a", "strategy": "carrier-pigeon" }),
        json!({ "name": "-a", "strategy": "auth0" }),
        json!({ "name": "a b", "strategy": "auth0" }),
        json!({ "name": "a\0", "strategy": "auth0" }),
        json!({ "name": long, "strategy": "auth0" }),
        json!({ "name": 1, "strategy": "auth0" }),
        json!({ "name": "a", "strategy": "auth0", "options": [] }),
        json!({ "name": "a", "strategy": "auth0", "options": { "passwordPolicy": "superb" } }),
        json!({ "name": "a", "strategy": "auth0", "options": { "password_history": { "enable": true, "size": 25 } } }),
        json!({ "name": "a", "strategy": "auth0", "options": { "password_complexity_options": { "min_length": 0 } } }),
        json!({ "name": "a", "strategy": "auth0", "options": { "customScripts": { "login": 1 } } }),
        json!({ "name": "a", "strategy": "auth0", "options": { "attributes": { "shoe_size": {} } } }),
        json!({ "name": "a", "strategy": "auth0", "option_secrets": { "/a": "b" } }),
        json!({ "name": "a", "strategy": "auth0", "metadata": { "a": 1 } }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body} {}", answer.text());
    }
    let mut deep = json!("a");
    for _ in 0..200 {
        deep = json!({ "a": deep });
    }
    tenant
        .post(PATH, json!({ "name": "a", "strategy": "samlp", "options": { "a": deep } }))
        .await
        .must_be(400);
    let violation = database(&tenant, "a", json!({ "passwordPolicy": 7 })).await;
    assert!(violation.str("message").contains("on property options.passwordPolicy"), "{}", violation.text());
    for path in ["", "/clients", "/keys", "/status"] {
        tenant.get(&format!("{PATH}/con_nobody{path}")).await.must_be(404);
    }
    // Another tenant's is nobody's.
    let other = tenant.other();
    let id = database(&other, "theirs", json!({})).await.must_be(201).str("id").to_owned();
    for path in ["", "/clients", "/status"] {
        tenant.get(&format!("{PATH}/{id}{path}")).await.must_be(404);
    }
    tenant.patch(&format!("{PATH}/{id}"), json!({ "display_name": "ours" })).await.must_be(404);
    tenant.delete(&format!("{PATH}/{id}")).await.must_be(204);
    other.get(&format!("{PATH}/{id}")).await.must_be(200);
}

#[tokio::test]
async fn with_a_connection_go_its_people() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let all = tenant.get(PATH).await;
    let path = format!("{PATH}/{}", text(&all.body[0], "id"));
    tenant.delete(&format!("{path}/users?email=bob@example.com")).await.must_be(204);
    assert!(idp::user::by_id(&tenant, &ann.user_id).await.unwrap().is_some());
    tenant.delete(&format!("{path}/users?email=Ann@example.com")).await.must_be(204);
    assert!(idp::user::by_id(&tenant, &ann.user_id).await.unwrap().is_none());
    tenant.delete(&format!("{path}/users")).await.must_be(400);

    let bob = tenant.person("bob@example.com").await;
    tenant.delete(&path).await.must_be(202);
    assert!(idp::user::by_id(&tenant, &bob.user_id).await.unwrap().is_none());
    let passwords = tenant.store().documents().all(tenant.name(), "passwords").await.unwrap();
    assert_eq!(passwords.len(), 0);
}
