//! `/api/v2/prompts`

use serde_json::json;
use testkit::TestTenant;

use super::refused;

#[tokio::test]
async fn settings_are_read_and_changed() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/prompts";
    let fresh = json!({
        "universal_login_experience": "new", "identifier_first": false, "webauthn_platform_first_factor": false,
    });
    assert_eq!(tenant.get(path).await.must_be(200).body, fresh);
    let patched = tenant.patch(path, json!({ "identifier_first": true })).await.must_be(200);
    assert_eq!(patched["identifier_first"], true);
    assert_eq!(tenant.get(path).await.must_be(200).body, patched.body);
    assert_eq!(tenant.other().get(path).await.must_be(200).body, fresh);
    for body in [
        json!({ "identifier_first": "yes" }),
        json!({ "universal_login_experience": "old" }),
        json!({ "more": 1 }),
    ] {
        tenant.patch(path, body).await.must_be(400);
    }
}

#[tokio::test]
async fn own_words_take_the_place_of_those_before() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/prompts/login/custom-text/en";
    assert_eq!(tenant.get(path).await.must_be(200).body, json!({}));
    let words = json!({ "login": { "title": "Hello", "var-own": "x" } });
    tenant.put(path, words.clone()).await.must_be(200);
    assert_eq!(tenant.get(path).await.must_be(200).body, words);
    assert_eq!(tenant.get("/api/v2/prompts/login/custom-text/de").await.must_be(200).body, json!({}));
    assert_eq!(tenant.other().get(path).await.must_be(200).body, json!({}));
    tenant.put(path, json!({ "login": {} })).await.must_be(200);
    assert_eq!(tenant.get(path).await.must_be(200).body, json!({}));
    refused(
        &tenant.get("/api/v2/prompts/riddle/custom-text/en").await,
        404,
        "The prompt does not exist",
        None,
    );
    tenant.get("/api/v2/prompts/login/custom-text/klingon").await.must_be(400);
    let many: serde_json::Map<_, _> = (0..600).map(|n| (format!("k{n}"), json!("x"))).collect();
    for body in [
        json!({ "login": "Hello" }),
        json!({ "login": { "title": 7 } }),
        json!({ "login": { "title": { "deep": "x" } } }),
        json!({ "login": { "title": "a\u{0}b" } }),
        json!({ "login": { "title": "x".repeat(60_000) } }),
        json!({ "login": { "": "x" } }),
        json!({ "lo gin": { "title": "x" } }),
        json!({ "login": many }),
    ] {
        tenant.put(path, body).await.must_be(400);
    }
}

#[tokio::test]
async fn pieces_have_places() {
    let tenant = TestTenant::new().await;
    let path = "/api/v2/prompts/signup/partials";
    let pieces = json!({ "signup": { "form-content-start": "<div>Hello</div>" } });
    assert_eq!(tenant.put(path, pieces.clone()).await.must_be(200).body, pieces);
    assert_eq!(tenant.get(path).await.must_be(200).body, pieces);
    assert_eq!(tenant.put(path, json!({ "signup": {} })).await.must_be(200).body, json!({}));
    assert_eq!(tenant.get(path).await.must_be(200).body, json!({}));
    tenant.put(path, json!({ "signup": { "anywhere": "x" } })).await.must_be(400);
}

#[tokio::test]
async fn render_settings_are_kept_as_they_were_written() {
    let tenant = TestTenant::new().await;
    let one = "/api/v2/prompts/login-id/screen/login-id/rendering";
    let fresh = tenant.get(one).await.must_be(200);
    assert_eq!((&fresh["rendering_mode"], &fresh["filters"]), (&json!("standard"), &json!(null)));
    let patch = json!({
        "rendering_mode": "advanced", "head_tags": [{ "tag": "script", "attributes": { "src": "https://a.example/a.js", "async": true } }],
        "filters": { "match_type": "includes_any", "clients": [{ "id": "a" }] },
    });
    assert_eq!(tenant.patch(one, patch.clone()).await.must_be(200).body, patch);
    assert_eq!(tenant.get(one).await.must_be(200)["filters"], patch["filters"]);
    assert_eq!(tenant.patch(one, json!({ "filters": null })).await.must_be(200).body, json!({}));
    assert_eq!(tenant.get(one).await.must_be(200)["filters"], json!(null));
    let several = json!({ "configs": [
        { "prompt": "login", "screen": "login", "rendering_mode": "standard" },
        { "prompt": "signup", "screen": "signup", "rendering_mode": "advanced" },
    ] });
    assert_eq!(
        tenant.patch("/api/v2/prompts/rendering", several.clone()).await.must_be(200)["configs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let listed = tenant
        .get("/api/v2/prompts/rendering?rendering_mode=advanced&include_totals=true")
        .await
        .must_be(200);
    assert_eq!((&listed["total"], listed["configs"].as_array().unwrap().len()), (&json!(2), 2));
    for body in [
        json!({}),
        json!({ "configs": [] }),
        json!({ "configs": [7] }),
        json!({ "configs": [{ "screen": "login" }] }),
        json!({ "configs": [{ "prompt": "login", "screen": "../x" }] }),
        json!({ "configs": [{ "prompt": "riddle", "screen": "login" }] }),
    ] {
        let status = tenant.patch("/api/v2/prompts/rendering", body).await.status;
        assert!(matches!(status, 400 | 404), "{status}");
    }
    tenant.patch(one, json!({ "rendering_mode": "none" })).await.must_be(400);
    tenant.patch("/api/v2/prompts/riddle/screen/x/rendering", json!({})).await.must_be(404);
}
