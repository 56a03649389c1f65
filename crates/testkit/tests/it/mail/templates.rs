//! `/api/v2/email-templates`

use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/v2/email-templates";

fn welcome() -> Value {
    json!({
        "template": "welcome_email", "body": "<h1>Hi {{ user.name | escape }}</h1>", "from": "{{ friendly_name }} <shop@example.com>",
        "resultUrl": "https://example.com/welcome", "subject": "Welcome", "syntax": "liquid",
        "urlLifetimeInSeconds": 3600, "includeEmailInRedirect": false, "enabled": true,
    })
}

#[tokio::test]
async fn a_template_is_made_read_and_changed() {
    let tenant = TestTenant::new().await;
    let one = format!("{PATH}/welcome_email");
    for absent in [one.as_str(), "/api/v2/email-templates/nonsense", "/api/v2/email-templates/%00"] {
        let answer = tenant.get(absent).await;
        if absent != "/api/v2/email-templates/%00" {
            assert_eq!(
                answer.text(),
                r#"{"statusCode":404,"error":"Not Found","message":"The template does not exist.","errorCode":"inexistent_email_template"}"#
            );
        }
        answer.must_be(404);
    }
    tenant.patch(&one, json!({ "enabled": false })).await.must_be(404);
    tenant.put(&one, welcome()).await.must_be(404);
    assert_eq!(tenant.post(PATH, welcome()).await.must_be(200).body, welcome());
    let taken = tenant.post(PATH, welcome()).await.must_be(409);
    assert_eq!(taken["message"], json!("Template welcome_email already exists."));
    assert_eq!(tenant.get(&one).await.must_be(200).body, welcome());
    let off = tenant.patch(&one, json!({ "template": "welcome_email", "enabled": false })).await.must_be(200);
    assert_eq!((&off["enabled"], &off["subject"]), (&json!(false), &json!("Welcome")));
    let whole = json!({ "template": "welcome_email", "body": "x", "subject": "y", "syntax": "liquid", "from": "", "enabled": true });
    assert_eq!(tenant.put(&one, whole.clone()).await.must_be(200).body, whole);
    tenant.other().get(&one).await.must_be(404);
    for name in
        model::EmailTemplateName::ALL.iter().map(|name| name.name()).filter(|name| *name != "welcome_email")
    {
        tenant.post(PATH, json!({ "template": name, "body": "x", "enabled": false })).await.must_be(200);
        tenant.get(&format!("{PATH}/{name}")).await.must_be(200);
    }
}

#[tokio::test]
async fn what_is_no_template_is_refused() {
    let tenant = TestTenant::new().await;
    let deep = "{% if a %}".repeat(5000);
    for (member, value) in [
        ("template", json!("nonsense")),
        ("template", Value::Null),
        ("body", json!("{{ a")),
        ("body", json!("{{ a | nope }}")),
        ("body", json!(deep)),
        ("body", json!("x".repeat(300_000))),
        ("body", json!("a\0")),
        ("subject", json!("{% for %}")),
        ("subject", json!(7)),
        ("from", json!("nobody")),
        ("from", json!("a@example.com\nBcc: b@example.com")),
        ("resultUrl", json!("javascript:alert(1)")),
        ("resultUrl", json!("//example.com")),
        ("resultUrl", json!("https://user:pass@example.com/")),
        ("syntax", json!("handlebars")),
        ("urlLifetimeInSeconds", json!(0)),
        ("urlLifetimeInSeconds", json!("1")),
        ("includeEmailInRedirect", json!("true")),
        ("other", json!(1)),
    ] {
        let mut body = welcome();
        body[member] = value;
        let answer = tenant.post(PATH, body).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{member}");
    }
    tenant.post(PATH, welcome()).await.must_be(200);
    let one = format!("{PATH}/welcome_email");
    tenant.patch(&one, json!({ "template": "verify_email" })).await.must_be(400);
    tenant.patch(&one, json!({ "body": "{% raw %}" })).await.must_be(400);
    tenant.allowed(&["read:email_provider"]).get(&one).await.must_be(403);
}
