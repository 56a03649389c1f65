//! `/api/x/users/{id}/password-email`

use serde_json::{Value, json};
use testkit::TestTenant;

async fn person(tenant: &TestTenant, email: &str) -> String {
    let body = json!({ "connection": "Username-Password-Authentication", "email": email, "password": "L0ng-enough!" });
    let user = tenant.post("/api/v2/users", body).await.must_be(201);
    format!("/api/x/users/{}/password-email", user.str("user_id").replace('|', "%7C"))
}

async fn mails(tenant: &TestTenant, to: &str) -> Vec<Value> {
    let found = tenant.get(&format!("/api/x/mailbox?to={to}")).await.must_be(200).body;
    found["mails"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_with_a_link_goes_to_the_person_alone() {
    let tenant = TestTenant::new().await;
    let path = person(&tenant, "jane@acme.example").await;
    person(&tenant, "john@acme.example").await;

    tenant.allowed(&["create:user_tickets"]).post(&path, json!({})).await.must_be(202);

    let sent = mails(&tenant, "jane@acme.example").await;
    assert_eq!((sent.len(), &sent[0]["template"]), (1, &json!("reset_email")));
    assert!(sent[0]["link"].as_str().unwrap().contains("/u/reset-verify?ticket="), "{}", sent[0]);
    assert_eq!(mails(&tenant, "john@acme.example").await, Vec::<Value>::new());
    // The link is in no log.
    tenant.flush_logs().await;
    let code =
        sent[0]["link"].as_str().unwrap().split_once("ticket=").unwrap().1.trim_end_matches('#').to_owned();
    let logs = tenant.get("/api/v2/logs?per_page=100").await.must_be(200);
    assert!(
        logs.text().contains("Send a password reset email") && !logs.text().contains(&code),
        "{}",
        logs.text()
    );
}

#[tokio::test]
async fn nobody_is_written_to_without_end_or_without_a_right() {
    let tenant = TestTenant::new().await;
    let path = person(&tenant, "jane@acme.example").await;
    tenant.allowed(&["read:users", "update:users"]).post(&path, json!({})).await.must_be(403);
    tenant.post("/api/x/users/auth0%7Cnobody/password-email", json!({})).await.must_be(404);
    tenant.other().post(&path, json!({})).await.must_be(404);
    for _ in 0..10 {
        tenant.post(&path, json!({})).await.must_be(202);
    }
    tenant.post(&path, json!({})).await.must_be(429);
    assert_eq!(mails(&tenant, "jane@acme.example").await.len(), 10);
}

#[tokio::test]
async fn who_has_no_address_or_no_password_gets_none() {
    let tenant = TestTenant::new().await;
    let connection = json!({ "name": "email", "strategy": "email" });
    tenant.post("/api/v2/connections", connection).await.must_be(201);
    let user = json!({ "connection": "email", "email": "kim@acme.example" });
    let user = tenant.post("/api/v2/users", user).await.must_be(201);
    let path = format!("/api/x/users/{}/password-email", user.str("user_id").replace('|', "%7C"));
    tenant.post(&path, json!({})).await.must_be(400);
    assert_eq!(mails(&tenant, "kim@acme.example").await, Vec::<Value>::new());

    let numbers = json!({ "name": "numbers", "strategy": "sms" });
    tenant.post("/api/v2/connections", numbers).await.must_be(201);
    let user = json!({ "connection": "numbers", "phone_number": "+4930123456" });
    let user = tenant.post("/api/v2/users", user).await.must_be(201);
    let path = format!("/api/x/users/{}/password-email", user.str("user_id").replace('|', "%7C"));
    let refusal = tenant.post(&path, json!({})).await.must_be(400);
    assert_eq!(refusal.str("message"), "The user does not have an email address.");
}
