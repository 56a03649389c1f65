//! `/api/v2/branding`

use http::Method;
use serde_json::{Value, json};
use testkit::TestTenant;

use super::refused;

const TEMPLATE: &str = "/api/v2/branding/templates/universal-login";
const PAGE: &str =
    "<!doctype html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>";

#[tokio::test]
async fn settings_are_read_changed_and_cleared() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/branding";
    assert_eq!(tenant.get(path).await.must_be(200).body, json!({}));
    let patch = json!({
        "colors": { "primary": "#ea5323", "page_background": { "type": "linear-gradient", "start": "#000000", "end": "#fff", "angle_deg": 35 } },
        "logo_url": "https://shop.example/logo.png", "favicon_url": "https://shop.example/f.ico",
        "font": { "url": "https://shop.example/font.woff2" },
    });
    assert_eq!(tenant.patch(path, patch.clone()).await.must_be(200).body, patch);
    let cleared = json!({ "font": null, "favicon_url": "", "colors": { "page_background": "#123" } });
    tenant.patch(path, cleared).await.must_be(200);
    assert_eq!(
        tenant.get(path).await.must_be(200).body,
        json!({
            "colors": { "primary": "#ea5323", "page_background": "#123" },
            "logo_url": "https://shop.example/logo.png", "favicon_url": "",
        })
    );
    assert_eq!(tenant.other().get(path).await.must_be(200).body, json!({}));
}

#[tokio::test]
async fn what_would_leave_its_place_on_a_page_is_refused() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({ "colors": { "primary": "red" } }),
        json!({ "colors": { "primary": "#fff;}body{display:none" } }),
        json!({ "colors": { "primary": 7 } }),
        json!({ "colors": { "page_background": "#ggg" } }),
        json!({ "colors": { "page_background": ["#fff"] } }),
        json!({ "colors": { "page_background": { "type": "linear-gradient", "start": "#000", "end": "#fff" } } }),
        json!({ "colors": { "page_background": { "type": "radial", "start": "#000", "end": "#fff", "angle_deg": 1 } } }),
        json!({ "colors": { "page_background": { "type": "linear-gradient", "start": "#000", "end": "#fff", "angle_deg": 1, "x": 1 } } }),
        json!({ "logo_url": "logo.png" }),
        json!({ "logo_url": format!("https://a.example/{}", "x".repeat(3_000)) }),
        json!({ "font": "Inter" }),
        json!({ "unknown": 1 }),
    ] {
        tenant.patch("/api/v2/branding", body).await.must_be(400);
    }
}

#[tokio::test]
async fn a_page_template_comes_as_json_or_as_html() {
    let tenant = TestTenant::new().await;
    refused(
        &tenant.get(TEMPLATE).await,
        404,
        "The template does not exist",
        Some("inexistent_templates_universal_login"),
    );
    tenant.put(TEMPLATE, json!({ "template": PAGE })).await.must_be(201);
    assert_eq!(tenant.get(TEMPLATE).await.must_be(200).body, json!({ "body": PAGE }));
    tenant.put(TEMPLATE, Value::String(PAGE.replace("body", "main"))).await.must_be(204);
    let owner = tenant.as_owner();
    let html = [("content-type", "text/html; charset=utf-8")];
    owner.send(Method::PUT, TEMPLATE, &html, PAGE.to_owned()).await.must_be(204);
    assert_eq!(tenant.get(TEMPLATE).await.must_be(200).body, json!({ "body": PAGE }));
    for body in [
        json!({}),
        json!({ "template": 7 }),
        json!({ "template": PAGE, "more": 1 }),
        json!({ "template": "<body>{%- auth0:widget -%}</body>" }),
        json!({ "template": "{%- auth0:head -%}" }),
        json!({ "template": format!("{PAGE}{{% if %}}") }),
        json!({ "template": format!("{PAGE}{}", "x".repeat(102_400)) }),
        json!([]),
    ] {
        tenant.put(TEMPLATE, body).await.must_be(400);
    }
    owner.send(Method::PUT, TEMPLATE, &html, vec![0xff, 0xfe]).await.must_be(400);
    // No other operation takes a page.
    owner.send(Method::PATCH, "/api/v2/branding", &html, PAGE.to_owned()).await.must_be(415);
    tenant.delete(TEMPLATE).await.must_be(204);
    tenant.delete(TEMPLATE).await.must_be(204);
    tenant.get(TEMPLATE).await.must_be(404);
}

/// A theme as Auth0's own tools make it.
pub fn theme() -> Value {
    let text = json!({ "bold": false, "size": 87.5 });
    json!({
        "borders": {
            "button_border_radius": 3, "button_border_weight": 1, "buttons_style": "rounded", "input_border_radius": 3,
            "input_border_weight": 1, "inputs_style": "rounded", "show_widget_shadow": true, "widget_border_weight": 0,
            "widget_corner_radius": 5,
        },
        "colors": {
            "body_text": "#1e212a", "error": "#d03c38", "header": "#1e212a", "icons": "#65676e",
            "input_background": "#ffffff", "input_border": "#c9cace", "input_filled_text": "#000000",
            "input_labels_placeholders": "#65676e", "links_focused_components": "#635dff", "primary_button": "#635dff",
            "primary_button_label": "#ffffff", "secondary_button_border": "#c9cace",
            "secondary_button_label": "#1e212a", "success": "#13a688", "widget_background": "#ffffff",
            "widget_border": "#c9cace",
        },
        "fonts": {
            "body_text": text, "buttons_text": text, "font_url": "", "input_labels": text, "links": text,
            "links_style": "normal", "reference_text_size": 16, "subtitle": text, "title": { "bold": true, "size": 150 },
        },
        "page_background": { "background_color": "#000000", "background_image_url": "", "page_layout": "center" },
        "widget": {
            "header_text_alignment": "center", "logo_height": 52, "logo_position": "center", "logo_url": "",
            "social_buttons_layout": "bottom",
        },
    })
}

#[tokio::test]
async fn a_tenant_has_one_theme() {
    let tenant = TestTenant::new().await;
    let default = "/api/v2/branding/themes/default";
    let nothing = "There was an error retrieving branding settings: invalid theme ID";
    refused(&tenant.get(default).await, 404, nothing, Some("theme_not_found"));
    let made = tenant.post("/api/v2/branding/themes", theme()).await.must_be(200);
    let one = format!("/api/v2/branding/themes/{}", made.str("themeId"));
    assert_eq!(tenant.get(default).await.must_be(200).body, made.body);
    assert_eq!(tenant.get(&one).await.must_be(200).body, made.body);
    tenant.post("/api/v2/branding/themes", theme()).await.must_be(409);
    let mut other = theme();
    other["displayName"] = json!("Night");
    other["colors"]["body_text"] = json!("#fff");
    assert_eq!(tenant.patch(&one, other).await.must_be(200)["displayName"], "Night");
    // A change names everything.
    tenant.patch(&one, json!({ "displayName": "Day" })).await.must_be(400);
    for (part, name, value) in [
        ("colors", "error", json!("red")),
        ("borders", "buttons_style", json!("round")),
        ("borders", "widget_corner_radius", json!(500)),
        ("fonts", "font_url", json!("font.woff")),
        ("widget", "logo_height", json!("52")),
    ] {
        let mut wrong = theme();
        wrong[part][name] = value;
        tenant.patch(&one, wrong).await.must_be(400);
    }
    tenant.other().get(&one).await.must_be(404);
    tenant.other().delete(&one).await.must_be(404);
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(404);
    tenant.get(default).await.must_be(404);
}

#[tokio::test]
async fn a_phone_provider_keeps_its_secret_and_sends_nothing() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/branding/phone/providers";
    let twilio = json!({
        "name": "twilio", "configuration": { "sid": "s", "default_from": "+1", "delivery_methods": ["text"] },
        "credentials": { "auth_token": "very-secret" },
    });
    let mut without = twilio.clone();
    without["configuration"].as_object_mut().unwrap().remove("default_from");
    refused(&tenant.post(path, without).await, 400, "Bad Operation on Notification Resource", None);
    let made = tenant.post(path, twilio.clone()).await.must_be(201);
    assert!(!made.text().contains("secret"), "{}", made.text());
    tenant.post(path, twilio).await.must_be(409);
    let one = format!("{path}/{}", made.str("id"));
    let patched = tenant.patch(&one, json!({ "disabled": true })).await.must_be(200);
    assert_eq!(patched["disabled"], true);
    assert_eq!(tenant.get(path).await.must_be(200)["providers"], json!([patched.body]));
    assert_eq!(tenant.get(&format!("{path}?disabled=false")).await.must_be(200)["providers"], json!([]));
    tenant.post(&format!("{one}/try"), json!({ "to": "+1", "delivery_method": "text" })).await.must_be(400);
    tenant.other().get(&one).await.must_be(404);
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(404);
}

#[tokio::test]
async fn a_phone_template_can_be_put_back() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/branding/phone/templates";
    let body =
        json!({ "type": "otp_verify", "content": { "from": "+1", "body": { "text": "Mine {{ code }}" } } });
    let made = tenant.post(path, body.clone()).await.must_be(201);
    assert_eq!((&made["content"]["syntax"], &made["disabled"]), (&json!("liquid"), &json!(false)));
    tenant.post(path, body).await.must_be(409);
    let one = format!("{path}/{}", made.str("id"));
    let reset = tenant.patch(&format!("{one}/reset"), json!({})).await.must_be(200);
    assert_eq!(reset["content"]["from"], "+1");
    assert_ne!(reset["content"]["body"], made["content"]["body"]);
    assert_eq!(tenant.get(path).await.must_be(200)["templates"], json!([reset.body]));
    tenant.post(&format!("{one}/try"), json!({ "to": "+1" })).await.must_be(400);
    tenant.post(path, json!({ "type": "riddle" })).await.must_be(400);
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(404);
}
