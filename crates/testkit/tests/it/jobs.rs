//! `/api/v2/jobs`: users that are imported and exported, by one runner at a time, and mails that prove an address.

use std::io::Read;

use http::Method;
use idp::{
    jobs::{self, Lane},
    user,
};
use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

const IMPORTS: &str = "/api/v2/jobs/users-imports";
const EXPORTS: &str = "/api/v2/jobs/users-exports";

fn connection_id(tenant: &TestTenant) -> String {
    tenant.snapshot().connection(user::CONNECTION).unwrap().id.to_string()
}

async fn posted(tenant: &TestTenant, parts: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, text) in parts {
        body.push_str(&format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str("--b0undary--\r\n");
    let media = [("content-type", "multipart/form-data; boundary=b0undary")];
    tenant.as_owner().send(Method::POST, IMPORTS, &media, body).await
}

pub async fn imports(tenant: &TestTenant, users: Value, more: &[(&str, &str)]) -> Answer {
    let (users, connection) = (users.to_string(), connection_id(tenant));
    let usual = [("users", users.as_str()), ("connection_id", connection.as_str())];
    posted(tenant, &[&usual, more].concat()).await
}

/// Runs all there is, and answers how a job ended.
pub async fn ended(tenant: &TestTenant, job: &Answer) -> Answer {
    while jobs::run_due(tenant.server().tenants(), Lane::Users).await.unwrap() {}
    tenant.get(&format!("/api/v2/jobs/{}", job.str("id"))).await.must_be(200)
}

async fn errors(tenant: &TestTenant, job: &Answer) -> Answer {
    tenant.get(&format!("/api/v2/jobs/{}/errors", job.str("id"))).await
}

#[tokio::test]
async fn users_are_imported_and_keep_their_passwords() {
    let tenant = TestTenant::new().await;
    // The SHA-256 of `salt` and `secret`.
    let hash = jose_hex(&jose::sha256(b"saltsecret"));
    let users = json!([
        { "email": "Ann@Example.com", "email_verified": true, "app_metadata": { "plan": "gold" }, "custom_password_hash": {
            "algorithm": "sha256", "hash": { "value": hash, "encoding": "hex" }, "salt": { "value": "salt", "position": "prefix" } } },
        { "email": "bob@example.com", "user_id": "bob", "name": "Bob" },
        { "email": "ann@example.com" },
        { "email": "nobody" },
        { "email": "carl@example.com", "mfa_factors": [{ "totp": { "secret": "JBSWY3DPEHPK3PXP" } }] },
        7,
    ]);
    let job = imports(&tenant, users, &[("external_id", "mine"), ("send_completion_email", "false")])
        .await
        .must_be(202);
    assert_eq!(
        (job.str("type"), job.str("status"), job.str("external_id")),
        ("users_import", "pending", "mine")
    );
    assert_eq!((&job["upsert"], &job["send_completion_email"]), (&json!(false), &json!(false)));
    let done = ended(&tenant, &job).await;
    assert_eq!(done.str("status"), "completed");
    assert_eq!(done["summary"], json!({ "failed": 4, "updated": 0, "inserted": 2, "total": 6 }));
    let errors = errors(&tenant, &job).await.must_be(200);
    let codes: Vec<&str> =
        errors.items().iter().map(|one| one["errors"][0]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["DUPLICATED_USER", "FORMAT", "MFA_FACTORS_FAILED", "INVALID_TYPE"]);
    let ann = user::by_login(&tenant, user::CONNECTION, "ann@example.com").await.unwrap().unwrap();
    assert!(ann.email_verified);
    assert_eq!(user::by_id(&tenant, "auth0|bob").await.unwrap().unwrap().name.as_deref(), Some("Bob"));
    let connection = tenant.snapshot().connection(user::CONNECTION).unwrap().clone();
    let occasion = crate::mail::occasion(&tenant);
    let verify = async |password: &str| {
        idp::connection::database::verify(
            &tenant,
            &connection,
            "ann@example.com",
            password.to_owned().into(),
            &occasion,
        )
        .await
    };
    assert!(verify("wrong").await.is_err());
    assert!(verify("secret").await.is_ok());
    // Once more, with what is now our own hash.
    assert!(verify("secret").await.is_ok());

    // What was sent is gone, and what is left is sealed; other tenants see nothing of it.
    let jobs = tenant.store().jobs();
    assert!(jobs.pieces((tenant.name(), job.str("id")), "input", 0, 9).await.unwrap().is_empty());
    let kept = jobs.pieces((tenant.name(), job.str("id")), "errors", 0, 9).await.unwrap();
    assert!(kept.iter().all(|piece| !piece.contains("example.com")));
    tenant.other().get(&format!("/api/v2/jobs/{}", job.str("id"))).await.must_be(404);
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs").await.must_be(200).text();
    assert!(log.contains(r#""type":"sui""#) && !log.contains(&hash), "{log}");
    tenant.later(86_400_000);
    tenant.get(&format!("/api/v2/jobs/{}", job.str("id"))).await.must_be(404);
}

fn jose_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn who_is_there_is_changed_only_if_that_was_asked_for() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    user::change(&tenant, &ann.user_id, |body| {
        body.insert("user_metadata".into(), json!({ "a": 1, "b": 2 }));
        Ok(())
    })
    .await
    .unwrap();
    let users =
        json!([{ "email": "ann@example.com", "name": "Anna", "user_metadata": { "c": 3 }, "blocked": true }]);
    let job = imports(&tenant, users.clone(), &[]).await.must_be(202);
    assert_eq!(ended(&tenant, &job).await["summary"]["failed"], json!(1));
    assert_eq!(errors(&tenant, &job).await.items()[0]["errors"][0]["code"], json!("CONFLICT_EMAIL"));
    let job = imports(&tenant, users, &[("upsert", "true")]).await.must_be(202);
    assert_eq!(ended(&tenant, &job).await["summary"]["updated"], json!(1));
    errors(&tenant, &job).await.must_be(204);
    let ann = user::by_id(&tenant, &ann.user_id).await.unwrap().unwrap();
    assert_eq!((ann.name.as_deref(), ann.blocked), (Some("Anna"), false));
    assert_eq!(json!(ann.user_metadata), json!({ "c": 3 }));
}

#[tokio::test]
async fn whoever_may_only_make_users_changes_none() {
    let tenant = TestTenant::new().await;
    let maker = tenant.allowed(&["create:users"]);
    let file = |upsert: &str| {
        let connection = connection_id(&tenant);
        let parts = [("users", "[]"), ("connection_id", connection.as_str()), ("upsert", upsert)];
        let part = |(name, text): &(&str, &str)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        parts.iter().map(part).collect::<String>() + "--b--\r\n"
    };
    let media = [("content-type", "multipart/form-data; boundary=b")];
    maker.send(Method::POST, IMPORTS, &media, file("true")).await.must_be(403);
    maker.send(Method::POST, IMPORTS, &media, file("false")).await.must_be(202);
}

#[tokio::test]
async fn another_runner_goes_on_where_the_first_one_stopped() {
    let tenant = TestTenant::new().await;
    let users: Vec<Value> = (0..60).map(|n| json!({ "email": format!("u{n}@example.com") })).collect();
    let job = imports(&tenant, json!(users), &[("send_completion_email", "false")]).await.must_be(202);
    // One node takes the job and is gone, another is stopped in the middle; while one has it in hand nobody else does.
    let now = tenant.clock().now();
    tenant.store().jobs().claim(&["users_import"], now, now + 60).await.unwrap().unwrap();
    assert!(!jobs::run_due(tenant.server().tenants(), Lane::Users).await.unwrap());
    tenant.later(61_000);
    let node = tenant.server().another_node().await;
    let _ = tokio::time::timeout(
        std::time::Duration::from_millis(60),
        jobs::run_due(node.tenants(), Lane::Users),
    )
    .await;
    tenant.later(61_000);
    let done = ended(&tenant, &job).await;
    assert_eq!(done.str("status"), "completed");
    assert_eq!(done["summary"], json!({ "failed": 0, "updated": 0, "inserted": 60, "total": 60 }));
    errors(&tenant, &job).await.must_be(204);
}

#[tokio::test]
async fn two_imports_run_at_once_and_no_third() {
    let tenant = TestTenant::new().await;
    for _ in 0..2 {
        imports(&tenant, json!([]), &[]).await.must_be(202);
    }
    let third = imports(&tenant, json!([]), &[]).await.must_be(429);
    assert_eq!(
        third.str("message"),
        "There are 2 active import users jobs, please wait until some of them are finished and try again"
    );
    while jobs::run_due(tenant.server().tenants(), Lane::Users).await.unwrap() {}
    imports(&tenant, json!([]), &[]).await.must_be(202);
}

#[tokio::test]
async fn what_is_no_import_is_refused_or_fails() {
    let tenant = TestTenant::new().await;
    let connection = connection_id(&tenant);
    let id = connection.as_str();
    let long = format!("[{}]", " ".repeat(512_000));
    for (parts, status) in [
        (vec![], 400),
        (vec![("users", "[]")], 400),
        (vec![("connection_id", id)], 400),
        (vec![("users", "[]"), ("connection_id", "con_nothing")], 400),
        (vec![("users", "[]"), ("connection_id", id), ("upsert", "yes")], 400),
        (vec![("users", "[]"), ("connection_id", id), ("other", "1")], 400),
        (vec![("users", "[]"), ("users", "[]"), ("connection_id", id)], 400),
        (vec![("users", "[\0]"), ("connection_id", id)], 400),
        (vec![("users", long.as_str()), ("connection_id", id)], 413),
    ] {
        let answer = posted(&tenant, &parts).await;
        assert_eq!(answer.status, status, "{}", answer.start());
    }
    for (media, body, status) in [
        ("application/json", "{}", 415),
        ("multipart/form-data", "--b--", 415),
        ("multipart/form-data; boundary=b", "--b", 400),
        ("multipart/form-data; boundary=b", "", 400),
    ] {
        let answer = tenant.as_owner().send(Method::POST, IMPORTS, &[("content-type", media)], body).await;
        assert_eq!(answer.status, status, "{media} {body}: {}", answer.start());
    }
    tenant.allowed(&["read:users"]).post(IMPORTS, json!({})).await.must_be(403);
    for users in ["nonsense", "{}", "[", &"[".repeat(100_000)] {
        let job =
            posted(&tenant, &[("users", users), ("connection_id", id), ("send_completion_email", "false")])
                .await;
        let job = job.must_be(202);
        let done = ended(&tenant, &job).await;
        assert_eq!(done.str("status"), "failed");
        assert!(done.str("status_details").contains("users file"), "{}", done.text());
        assert!(errors(&tenant, &job).await.must_be(200).str("message").contains("users file"));
    }
    for id in ["job_nothing", "%00", &"x".repeat(1_900)] {
        tenant.get(&format!("/api/v2/jobs/{id}")).await.must_be(404);
        tenant.get(&format!("/api/v2/jobs/{id}/errors")).await.must_be(404);
    }
}

async fn exported(tenant: &TestTenant, body: Value) -> String {
    let job = tenant.post(EXPORTS, body).await.must_be(200);
    let done = ended(tenant, &job).await;
    assert_eq!(done.str("status"), "completed");
    let location = done.str("location").to_owned();
    let path = location.strip_prefix("https://idp.example").unwrap();
    // Nobody needs a token, and nobody else's host will do.
    let file = tenant.without_token().get(path).await.must_be(200);
    assert_eq!(file.header("content-type"), "application/gzip");
    tenant.other().without_token().get(path).await.must_be(404);
    let mut text = String::new();
    let read = flate2::read::MultiGzDecoder::new(&file.bytes[..]).read_to_string(&mut text);
    let told = jobs::told(&jobs::read(tenant, job.str("id")).await.unwrap().unwrap()).unwrap();
    let pieces = tenant.store().jobs().pieces((tenant.name(), job.str("id")), "output", 0, 9).await;
    assert!(read.is_ok(), "{read:?} {} bytes: {} {told:?} {pieces:?}", file.bytes.len(), done.text());
    tenant.later(61_000);
    tenant.without_token().get(path).await.must_be(404);
    text
}

#[tokio::test]
async fn users_are_exported_as_lines_and_as_a_table() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    tenant.person("bob@example.com").await;
    user::change(&tenant, &ann.user_id, |body| {
        body.insert("user_metadata".into(), json!({ "note": "=1+1" }));
        Ok(())
    })
    .await
    .unwrap();
    let id = connection_id(&tenant);
    let fields = json!([{ "name": "email" }, { "name": "identities[0].connection", "export_as": "provider" }, { "name": "user_metadata.note" }]);
    let lines = exported(&tenant, json!({ "connection_id": id, "format": "json", "fields": fields })).await;
    let mut lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Both were made at the same moment.
    lines.sort_by_key(|line| line["email"].to_string());
    assert_eq!(
        lines,
        [
            json!({ "email": "ann@example.com", "provider": user::CONNECTION, "user_metadata.note": "=1+1" }),
            json!({ "email": "bob@example.com", "provider": user::CONNECTION }),
        ]
    );
    let one = json!({ "format": "csv", "fields": fields, "limit": 1 });
    assert_eq!(exported(&tenant, one).await.lines().count(), 2);
    tenant.forget(&user::by_email(&tenant, "bob@example.com").await.unwrap()[0].user_id).await;
    let table = exported(&tenant, json!({ "format": "csv", "fields": fields })).await;
    assert_eq!(
        table,
        "\"email\",\"provider\",\"user_metadata.note\"\r\n\"'ann@example.com\",\"'Username-Password-Authentication\",\"'=1+1\"\r\n"
    );
    let everything = exported(
        &tenant,
        json!({ "fields": [{ "name": "password_hash" }, { "name": "user_id" }, { "name": "identities" }] }),
    )
    .await;
    assert!(!everything.contains("argon") && everything.contains("auth0|"), "{everything}");
    assert_eq!(exported(&tenant, json!({})).await.lines().count(), 1);
}

#[tokio::test]
async fn what_is_no_export_is_refused() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({ "connection_id": "con_nothing" }),
        json!({ "format": "xml" }),
        json!({ "limit": 0 }),
        json!({ "limit": "1" }),
        json!({ "fields": [] }),
        json!({ "fields": [{}] }),
        json!({ "fields": [{ "name": "" }] }),
        json!({ "fields": [{ "name": "x".repeat(600) }] }),
        json!({ "format": "csv", "fields": [{ "name": "user_metadata" }] }),
        json!({ "format": "csv", "fields": (0..31).map(|n| json!({ "name": format!("user_metadata.f{n}") })).collect::<Vec<_>>() }),
        json!({ "fields": [{ "name": "app_metadata" }, { "name": "app_metadata", "export_as": "again" }] }),
        json!({ "other": 1 }),
    ] {
        let answer = tenant.post(EXPORTS, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.start());
    }
    tenant.allowed(&["create:users"]).post(EXPORTS, json!({})).await.must_be(403);
    for path in ["/api/x/exports/x/y", "/api/x/exports/%00/y", "/api/x/exports/x/%00", "/api/x/exports/x"] {
        tenant.without_token().get(path).await.must_be(404);
    }
}

#[tokio::test]
async fn a_mail_to_prove_an_address_is_a_job() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    user::change(&tenant, &ann.user_id, |body| {
        body.insert("email_verified".into(), json!(false));
        Ok(())
    })
    .await
    .unwrap();
    let path = "/api/v2/jobs/verification-email";
    let job = tenant.post(path, json!({ "user_id": ann.user_id })).await.must_be(201);
    assert_eq!((job.str("type"), job.str("status")), ("verification_email", "pending"));
    assert_eq!(ended(&tenant, &job).await.str("status"), "completed");
    let mail = crate::mail::mails(&tenant, 1).await.remove(0);
    assert_eq!((&mail["template"], &mail["to"]), (&json!("verify_email"), &json!("ann@example.com")));
    for (body, status) in [
        (json!({}), 400),
        (json!({ "user_id": "auth0|nobody" }), 404),
        (json!({ "user_id": ann.user_id, "client_id": "nobody" }), 400),
        (json!({ "user_id": ann.user_id, "identity": { "user_id": "x", "provider": "y" } }), 400),
        (json!({ "user_id": ["x"] }), 400),
    ] {
        tenant.post(path, body).await.must_be(status);
    }
}
