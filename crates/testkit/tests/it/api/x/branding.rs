//! `/api/x/branding`: pages before they are saved

use serde_json::{Value, json};
use testkit::{Answer, Browser, TestTenant};

use crate::api::v2::branding::theme;

const PREVIEW: &str = "/api/x/branding/preview";

fn login(more: Value) -> Value {
    let mut body = json!({ "prompt": "login", "screen": "login" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn html(answer: &Answer) -> String {
    answer["html"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_is_as_it_would_be_and_nothing_is_stored() {
    let tenant = TestTenant::new().await;
    let looking = tenant.allowed(&["read:branding"]);
    let tried = json!({
        "branding": { "colors": { "primary": "#b3261e" }, "logo_url": "https://cdn.example/logo.png" },
        "language": "de",
        "custom_text": { "login": { "login": { "title": "Hereinspaziert <b>" } } },
    });
    let shown = html(&looking.post(PREVIEW, login(tried)).await.must_be(200));
    assert!(shown.contains("--act:#b3261e") && shown.contains("https://cdn.example/logo.png"), "{shown}");
    assert!(shown.contains("<html lang=\"de\"") && shown.contains("Hereinspaziert &#60;b&#62;"), "{shown}");
    assert!(shown.contains("Passwort") && shown.contains("Example"), "{shown}");

    let plain = html(&looking.post(PREVIEW, login(json!({}))).await.must_be(200));
    assert!(!plain.contains("#b3261e") && plain.contains("<html lang=\"en\""), "{plain}");
    let stored = tenant.get("/api/x/branding").await.must_be(200);
    assert_eq!((&stored["branding"], &stored["theme"]), (&json!({}), &Value::Null));
    assert!(tenant.snapshot().client("example").is_none());
    assert_eq!(tenant.get("/api/v2/prompts/login/custom-text/de").await.must_be(200).body, json!({}));
    tenant.flush_logs().await;
    assert!(!tenant.get("/api/v2/logs").await.text().contains("Preview a page"));
}

#[tokio::test]
async fn it_is_the_page_that_people_see() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let branding = json!({ "colors": { "primary": "#00695c", "page_background": "#ffe0b2" } });
    tenant.patch("/api/v2/branding", branding).await.must_be(200);
    let shown = html(&tenant.post(PREVIEW, login(json!({}))).await.must_be(200));
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[]).await;
    let seen = browser.get(&page).await.must_be(200).text();
    // But for what belongs to one login.
    let same = |html: &str| {
        let lines = html.lines().filter(|line| !line.contains("nonce=") && !line.contains("state"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(same(&shown), same(&seen));
}

#[tokio::test]
async fn every_screen_that_says_something_can_be_looked_at() {
    let tenant = TestTenant::new().await;
    let texts = tenant.allowed(&["read:prompts"]).get("/api/x/branding/texts/fr").await.must_be(200);
    assert_eq!(texts["texts"]["login"]["login"]["buttonText"], "Se connecter");
    for (prompt, screens) in texts["texts"].as_object().unwrap() {
        for screen in screens.as_object().unwrap().keys() {
            let is_page = prompt != "common" && screen != "support";
            let body = json!({ "prompt": prompt, "screen": screen, "language": "fr" });
            let answer = tenant.post(PREVIEW, body).await.must_be(if is_page { 200 } else { 404 });
            if is_page {
                let html = html(&answer);
                assert!(html.contains("<html lang=\"fr\"") && html.contains("<h1>"), "{prompt}/{screen}");
                assert!(!html.contains("<h1></h1>"), "{prompt}/{screen}: {html}");
                assert!(!html.contains("${"), "{prompt}/{screen}: {html}");
            }
        }
    }
}

#[tokio::test]
async fn a_theme_and_a_template_are_tried_out_and_what_is_wrong_is_told() {
    let tenant = TestTenant::new().await;
    let shown = html(&tenant.post(PREVIEW, login(json!({ "theme": theme() }))).await.must_be(200));
    assert!(shown.contains("--radius:"), "{shown}");
    let around = "<html><head>{%- auth0:head -%}</head><body><p>{{ prompt.name }}</p>{%- auth0:widget -%}</body></html>";
    let answer = tenant.post(PREVIEW, login(json!({ "template": around }))).await.must_be(200);
    assert!(html(&answer).contains("<p>login</p><main") && answer["template_problem"].is_null());

    // One that parses, and shows no form here.
    let hiding = "{% if locale == 'xx' %}{%- auth0:head -%}{%- auth0:widget -%}{% endif %}";
    let answer = tenant.post(PREVIEW, login(json!({ "template": hiding }))).await.must_be(200);
    assert_eq!(answer["template_problem"], "it shows no form on this page");
    assert!(html(&answer).contains("<form"));
    let endless = "{%- auth0:head -%}{%- auth0:widget -%}{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}";
    let answer = tenant.post(PREVIEW, login(json!({ "template": endless }))).await.must_be(200);
    assert!(answer["template_problem"].is_string() && html(&answer).contains("<form"));

    for (wrong, words) in [
        (json!({ "template": "<p>no form</p>" }), "auth0:head"),
        (json!({ "template": "{%- auth0:head -%}{%- auth0:widget -%}{% if %}" }), "on property template"),
        (json!({ "template": 7 }), "on property template"),
        (json!({ "branding": { "colors": { "primary": "red" } } }), "primary"),
        (json!({ "branding": { "colors": { "page_background": { "start": "#fff" } } } }), "page_background"),
        (json!({ "branding": [] }), "on property branding"),
        (json!({ "theme": {} }), "Missing required property"),
        (json!({ "theme": "dark" }), "on property theme"),
        (json!({ "custom_text": { "login": { "login": { "title": 1 } } } }), "login.title"),
        (json!({ "custom_text": { "login": { "<script>": {} } } }), "Additional properties"),
        (json!({ "language": "../en" }), "on property language"),
        (json!({ "prompt": "" }), "Missing required property: prompt"),
        (json!({ "nonce": "x" }), "Additional properties not allowed: nonce"),
    ] {
        let answer = tenant.post(PREVIEW, login(wrong.clone())).await.must_be(400);
        assert!(answer.str("message").contains(words), "{wrong}: {}", answer.text());
    }
    for place in ["nothing", "../login", "login\0", "<script>"] {
        let body = json!({ "prompt": place, "screen": "login" });
        assert!([400, 404].contains(&tenant.post(PREVIEW, body).await.status), "{place}");
    }
    tenant.allowed(&["read:prompts"]).post(PREVIEW, login(json!({}))).await.must_be(403);
    tenant.get("/api/x/branding/texts/xx").await.must_be(400);
}

#[tokio::test]
async fn what_strangers_call_themselves_stays_text() {
    let tenant = TestTenant::new().await;
    let evil = "\"><script>alert(1)</script>";
    tenant.client(json!({ "name": "Shop 'n' \"more\"", "callbacks": ["https://app.example/x"] })).await;
    tenant.patch("/api/v2/tenants/settings", json!({ "friendly_name": evil })).await.must_be(200);
    let words =
        json!({ "login": { "login": { "title": evil, "description": "${clientName} ${companyName}" } } });
    let branding = json!({ "logo_url": "https://cdn.example/\"><script>", "font": { "url": "https://x.example/)}</style><script>" } });
    let tried = json!({ "custom_text": words, "branding": branding });
    let answer = tenant.post(PREVIEW, login(tried)).await.must_be(200);
    assert!(!html(&answer).contains("<script"), "{}", html(&answer));
}

#[tokio::test]
async fn what_is_stored_is_read_at_once_with_its_versions() {
    let tenant = TestTenant::new().await;
    tenant.patch("/api/v2/branding", json!({ "colors": { "primary": "#123456" } })).await.must_be(200);
    tenant.post("/api/v2/branding/themes", theme()).await.must_be(200);
    let body = json!({ "template": "{%- auth0:head -%}{%- auth0:widget -%}" });
    tenant.put("/api/v2/branding/templates/universal-login", body).await.must_be(201);
    let all = tenant.allowed(&["read:branding"]).get("/api/x/branding").await.must_be(200);
    assert_eq!(all["branding"]["colors"]["primary"], "#123456");
    assert_eq!(all["template"], "{%- auth0:head -%}{%- auth0:widget -%}");
    for (path, name) in [
        ("/api/v2/branding", "branding"),
        ("/api/v2/branding/themes/default", "theme"),
        ("/api/v2/branding/templates/universal-login", "template"),
    ] {
        assert_eq!(tenant.get(path).await.must_be(200).header("etag"), all["etags"][name], "{path}");
    }
    assert_eq!(tenant.get("/api/v2/branding/themes/default").await.body, all["theme"]);
}
