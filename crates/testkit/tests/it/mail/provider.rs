//! `/api/v2/emails/provider`

use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/v2/emails/provider";
const EVERYTHING: &str = "/api/v2/emails/provider?fields=name,enabled,default_from_address,credentials,settings&include_fields=true";

fn smtp() -> Value {
    json!({
        "name": "smtp", "default_from_address": "shop@example.com",
        "credentials": { "smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_user": "ann", "smtp_pass": "s3cr3t-pass" },
    })
}

#[tokio::test]
async fn what_lets_the_server_in_is_kept_and_never_shown() {
    let tenant = TestTenant::new().await;
    let missing = tenant.get(EVERYTHING).await.must_be(404);
    assert_eq!(
        missing.text(),
        r#"{"statusCode":404,"error":"Not Found","message":"There is not a configured email provider","errorCode":"inexistent_email_provider"}"#
    );
    let shown = json!({
        "name": "smtp", "enabled": true, "default_from_address": "shop@example.com",
        "credentials": { "smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_user": "ann" },
    });
    let made = tenant.post(PATH, smtp()).await.must_be(201);
    assert_eq!(made.body, shown);
    assert_eq!(tenant.get(EVERYTHING).await.must_be(200).body, shown);
    assert!(tenant.get(PATH).await.must_be(200)["credentials"].is_null());
    tenant.post(PATH, smtp()).await.must_be(409);
    tenant.other().get(PATH).await.must_be(404);

    // Neither the log nor the history tells it, and at rest it is sealed.
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs").await.must_be(200).text();
    assert!(log.contains("Configure the email provider") && !log.contains("s3cr3t-pass"));
    let stored = tenant.store().documents().read(tenant.name(), "emails/provider", "settings").await.unwrap();
    assert!(!serde_json::to_string(&stored.unwrap().body).unwrap().contains("s3cr3t-pass"));
}

#[tokio::test]
async fn another_service_begins_anew() {
    let tenant = TestTenant::new().await;
    tenant.patch(PATH, json!({ "enabled": false })).await.must_be(404);
    let mut body = smtp();
    body["settings"] = json!({ "headers": { "X-SES-Configuration-Set": "example" } });
    tenant.post(PATH, body).await.must_be(201);
    let off = tenant.patch(PATH, json!({ "enabled": false })).await.must_be(200);
    assert_eq!(
        (&off["enabled"], &off["settings"]["headers"]["X-SES-Configuration-Set"]),
        (&json!(false), &json!("example"))
    );
    tenant.patch(PATH, json!({ "name": "mailgun" })).await.must_be(400);
    let mailgun = json!({ "name": "mailgun", "credentials": { "api_key": "k", "domain": "example.com", "region": "eu" } });
    let answer = tenant.patch(PATH, mailgun).await.must_be(200);
    assert_eq!(answer["credentials"], json!({ "domain": "example.com", "region": "eu" }));
    assert!(answer["settings"].is_null());
    for (name, credentials, shown) in [
        ("sendgrid", json!({ "api_key": "k" }), json!({})),
        ("mandrill", json!({ "api_key": "k" }), json!({})),
        ("resend", json!({ "api_key": "k" }), json!({})),
        ("sparkpost", json!({ "api_key": "k", "region": "eu" }), json!({ "region": "eu" })),
        (
            "ses",
            json!({ "accessKeyId": "a", "secretAccessKey": "b", "region": "us-east-1" }),
            json!({ "region": "us-east-1" }),
        ),
        ("azure_cs", json!({ "connectionString": "c" }), json!({})),
        ("ms365", json!({ "tenantId": "t", "clientId": "c", "clientSecret": "s" }), json!({})),
        ("custom", json!({}), json!({})),
    ] {
        let answer =
            tenant.patch(PATH, json!({ "name": name, "credentials": credentials })).await.must_be(200);
        assert_eq!(answer["credentials"], shown, "{name}");
    }
    tenant.delete(PATH).await.must_be(204);
    tenant.get(PATH).await.must_be(404);
    tenant.delete(PATH).await.must_be(204);
}

#[tokio::test]
async fn what_no_service_takes_is_refused() {
    let tenant = TestTenant::new().await;
    for (member, value) in [
        ("name", json!("pigeon")),
        ("name", json!(7)),
        ("name", Value::Null),
        ("enabled", json!("yes")),
        ("default_from_address", json!("nobody")),
        ("default_from_address", json!("a@example.com\r\nBcc: b@example.com")),
        ("default_from_address", json!("a@example.com, b@example.com")),
        ("credentials", json!([])),
        ("credentials", json!({})),
        ("credentials", json!({ "api_key": "k" })),
        ("credentials", json!({ "smtp_host": "h", "smtp_port": "587" })),
        ("credentials", json!({ "smtp_host": "h", "smtp_port": 70_000 })),
        ("credentials", json!({ "smtp_host": "h\0", "smtp_port": 25 })),
        ("credentials", json!({ "smtp_host": "h".repeat(300), "smtp_port": 25 })),
        ("credentials", json!({ "smtp_host": "h", "smtp_port": 25, "api_key": "k" })),
        ("settings", json!("x")),
        ("other", json!(1)),
    ] {
        let mut body = smtp();
        body[member] = value;
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    tenant.allowed(&["read:email_templates"]).get(PATH).await.must_be(403);
    tenant.allowed(&["read:email_provider"]).post(PATH, smtp()).await.must_be(403);
}
