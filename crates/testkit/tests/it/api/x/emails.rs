//! `/api/x/emails`: mails before they are sent

use serde_json::{Value, json};
use testkit::TestTenant;

const PREVIEW: &str = "/api/x/emails/preview";
const TEST: &str = "/api/x/emails/test";

#[tokio::test]
async fn it_is_told_which_mails_there_are_and_who_words_them() {
    let tenant = TestTenant::new().await;
    let reading = tenant.allowed(&["read:email_templates"]);
    let of = async |name: &str| {
        let all = reading.get("/api/x/emails/templates").await.must_be(200);
        let found = all["templates"].as_array().unwrap().iter().find(|one| one["template"] == name).cloned();
        let found = found.unwrap();
        ["is_served", "is_sent", "is_own"].map(|member| found[member].as_bool().unwrap())
    };
    assert_eq!(of("verify_email").await, [true, true, false]);
    assert_eq!(of("welcome_email").await, [true, false, false]);
    assert_eq!(of("async_approval").await, [false, false, false]);
    let own = json!({ "template": "verify_email", "subject": "Hi", "enabled": false, "syntax": "liquid" });
    tenant.post("/api/v2/email-templates", own).await.must_be(200);
    assert_eq!(of("verify_email").await, [true, false, true]);

    let one = "/api/x/emails/templates/verify_email";
    let read = reading.get(&format!("{one}?language=de")).await.must_be(200);
    assert_eq!((&read["own"]["subject"], &read["is_served"]), (&json!("Hi"), &json!(true)));
    let etag = tenant.get("/api/v2/email-templates/verify_email").await.header("etag").to_owned();
    assert_eq!(read["etag"], etag);
    assert!(read["default"]["body"].as_str().unwrap().contains("<html lang=\"de\""));
    let none = reading.get("/api/x/emails/templates/reset_email").await.must_be(200);
    assert_eq!((&none["own"], &none["etag"]), (&Value::Null, &Value::Null));
    reading.get("/api/x/emails/templates/nothing").await.must_be(404);
    reading.get(&format!("{one}?language=xx")).await.must_be(400);
    tenant.allowed(&["read:branding"]).get(one).await.must_be(403);
}

#[tokio::test]
async fn a_mail_is_shown_as_it_would_be_read() {
    let tenant = TestTenant::new().await;
    tenant.patch("/api/v2/tenants/settings", json!({ "friendly_name": "Shop" })).await.must_be(200);
    let ours =
        tenant.post(PREVIEW, json!({ "template": "reset_email", "language": "fr" })).await.must_be(200);
    assert!(ours.str("html").contains("<html lang=\"fr\"") && ours["problem"].is_null(), "{}", ours.text());
    let own = json!({
        "template": "reset_email", "subject": "{{ user.name }}\n at {{ friendly_name }}", "from": "{{ friendly_name }} <x@shop.example>",
        "body": "<p>{{ user.email }} <a href=\"{{ url }}\">go</a></p>",
    });
    let read = tenant.post(PREVIEW, own).await.must_be(200);
    assert_eq!((read.str("subject"), read.str("from")), ("Ann Example at Shop", "Shop <x@shop.example>"));
    assert!(read.str("html").starts_with("<p>ann@example.com <a href=\"https://"), "{}", read.text());
    assert!(read.str("text").starts_with("ann@example.com go (https://"));

    // What cannot be filled in is no error of the caller's; what is no template is.
    let endless = "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}";
    let failed =
        tenant.post(PREVIEW, json!({ "template": "reset_email", "body": endless })).await.must_be(200);
    assert!(failed["problem"].is_string() && failed["html"].is_null(), "{}", failed.text());
    for wrong in [
        json!({}),
        json!({ "template": "nothing" }),
        json!({ "template": "reset_email", "body": "{% if %}" }),
        json!({ "template": "reset_email", "body": 7 }),
        json!({ "template": "reset_email", "from": "a\r\nBcc: b@example.com" }),
        json!({ "template": "reset_email", "language": "xx" }),
        json!({ "template": "reset_email", "to": "ann@example.com" }),
    ] {
        tenant.post(PREVIEW, wrong.clone()).await.must_be(400);
    }
    assert_eq!(tenant.get("/api/x/mailbox").await.must_be(200)["mails"], json!([]));
    tenant.allowed(&["read:branding"]).post(PREVIEW, json!({ "template": "reset_email" })).await.must_be(403);
}

#[tokio::test]
async fn a_test_mail_is_kept_without_a_provider_and_told_of_with_one() {
    let tenant = TestTenant::new().await;
    let sending = tenant.allowed(&["update:email_provider"]);
    let none = tenant.get("/api/x/emails/provider").await.must_be(200);
    assert_eq!(none.body, json!({ "provider": null, "etag": null }));
    let kept = sending.post(TEST, json!({ "to": "ben@example.com" })).await.must_be(200);
    assert_eq!(kept.body, json!({ "state": "kept" }));
    let words = json!({ "to": "ben@example.com", "template": "welcome_email", "subject": "Hello {{ user.name }}", "body": "x" });
    sending.post(TEST, words).await.must_be(200);
    let mails = tenant.get("/api/x/mailbox").await.must_be(200)["mails"].as_array().unwrap().clone();
    let worded = |template: Value| {
        let mail = mails.iter().find(|mail| mail["template"] == template).unwrap();
        ["subject", "to", "state"].map(|member| mail[member].as_str().unwrap().to_owned())
    };
    assert_eq!(worded(json!("welcome_email")), ["Hello Ann Example", "ben@example.com", "kept"]);
    assert_eq!(worded(Value::Null), ["A test", "ben@example.com", "kept"]);

    // A port of this machine where nobody listens; and that this server goes to no such place, unless it is told.
    let body = json!({ "name": "smtp", "credentials": { "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_user": "ann", "smtp_pass": "s3cr3t-pass" } });
    tenant.post("/api/v2/emails/provider", body).await.must_be(201);
    let failed = sending.post(TEST, json!({ "to": "ben@example.com" })).await.must_be(200);
    assert_eq!(failed["state"], "failed");
    assert!(failed["problem"].is_string() && !failed.text().contains("s3cr3t"), "{}", failed.text());
    let read = tenant.get("/api/x/emails/provider").await.must_be(200);
    assert_eq!(read["provider"]["credentials"]["smtp_user"], "ann");
    assert!(read["etag"].is_string() && !read.text().contains("s3cr3t"));
    // Nothing of it waits to be tried again.
    assert_eq!(tenant.get("/api/x/mailbox").await.must_be(200)["mails"].as_array().unwrap().len(), 2);

    for wrong in ["", "nobody", "a@b\r\nBcc: c@d", "a@b, c@d", "<script>"] {
        sending.post(TEST, json!({ "to": wrong })).await.must_be(400);
    }
    tenant
        .allowed(&["read:email_provider"])
        .post(TEST, json!({ "to": "ben@example.com" }))
        .await
        .must_be(403);
}
