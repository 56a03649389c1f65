//! `/api/v2/attack-protection`

use serde_json::{Value, json};
use testkit::TestTenant;

const BASE: &str = "/api/v2/attack-protection";

#[tokio::test]
async fn what_nobody_changed_says_what_is_usual() {
    let tenant = TestTenant::new().await;
    let recorded = [
        (
            "brute-force-protection",
            json!({
                "enabled": true, "shields": ["block", "user_notification"], "mode": "count_per_identifier_and_ip",
                "allowlist": [], "max_attempts": 10,
            }),
        ),
        (
            "suspicious-ip-throttling",
            json!({
                "enabled": true, "shields": ["admin_notification", "block"], "allowlist": [],
                "stage": {
                    "pre-login": { "max_attempts": 100, "rate": 864_000 },
                    "pre-user-registration": { "max_attempts": 50, "rate": 1_200 },
                    "pre-custom-token-exchange": { "max_attempts": 10, "rate": 600_000 },
                },
            }),
        ),
        (
            "breached-password-detection",
            json!({
                "enabled": false, "shields": [], "admin_notification_frequency": [], "method": "standard",
                "stage": { "pre-user-registration": { "shields": [] }, "pre-change-password": { "shields": [] } },
            }),
        ),
        (
            "bot-detection",
            json!({
                "challenge_password_policy": "never", "challenge_passwordless_policy": "never",
                "challenge_password_reset_policy": "never", "allowlist": [], "bot_detection_level": "medium",
                "monitoring_mode_enabled": false,
            }),
        ),
        (
            "captcha",
            json!({
                "active_provider_id": "auth_challenge", "simple_captcha": {}, "auth_challenge": { "fail_open": false },
                "recaptcha_v2": { "site_key": "" }, "recaptcha_enterprise": { "site_key": "", "project_id": "" },
                "hcaptcha": { "site_key": "" }, "friendly_captcha": { "site_key": "" },
                "arkose": {
                    "site_key": "", "client_subdomain": "client-api", "verify_subdomain": "verify-api",
                    "fail_open": false,
                },
            }),
        ),
        ("phone-provider-protection", json!({ "type": "default" })),
    ];
    for (path, expected) in recorded {
        let answer = tenant.get(&format!("{BASE}/{path}")).await.must_be(200);
        assert_eq!(answer.body, expected, "{path}");
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_down_into_the_stages() {
    let tenant = TestTenant::new().await;
    let path = format!("{BASE}/suspicious-ip-throttling");
    tenant.patch(&path, json!({ "stage": { "pre-login": { "max_attempts": 5 } } })).await.must_be(200);
    let changed =
        tenant.patch(&path, json!({ "enabled": false, "allowlist": ["10.0.0.0/8"] })).await.must_be(200);
    assert_eq!(changed["stage"]["pre-login"], json!({ "max_attempts": 5, "rate": 864_000 }));
    assert_eq!(changed["stage"]["pre-user-registration"]["max_attempts"], json!(50));
    assert_eq!(tenant.get(&path).await.must_be(200).body, changed.body);
    assert_eq!(tenant.other().get(&path).await.must_be(200)["enabled"], json!(true));
}

#[tokio::test]
async fn a_secret_of_a_provider_is_never_shown() {
    let tenant = TestTenant::new().await;
    let path = format!("{BASE}/captcha");
    let arkose = json!({ "site_key": "site", "secret": "hush-hush" });
    let patch = json!({ "active_provider_id": "arkose", "arkose": arkose });
    let shown = tenant.patch(&path, patch).await.must_be(200);
    assert_eq!(shown["arkose"]["client_subdomain"], json!("client-api"));
    for answer in [shown, tenant.get(&path).await.must_be(200), tenant.get("/api/v2/logs").await] {
        assert!(!answer.text().contains("hush-hush"), "{}", answer.start());
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let tenant = TestTenant::new().await;
    let deep = (0..80).fold(json!(1), |inner, _| json!({ "pre-login": inner }));
    let bad: &[(&str, Value)] = &[
        ("brute-force-protection", json!({ "max_attempts": 0 })),
        ("brute-force-protection", json!({ "max_attempts": 101 })),
        ("brute-force-protection", json!({ "mode": "count" })),
        ("brute-force-protection", json!({ "shields": ["block", "block"] })),
        ("brute-force-protection", json!({ "allowlist": ["here"] })),
        ("brute-force-protection", json!({ "allowlist": ["10.0.0.0/33"] })),
        ("brute-force-protection", json!({ "allowlist": ["10.0.0.1\0"] })),
        ("brute-force-protection", json!({ "allowlist": vec!["10.0.0.1"; 101] })),
        ("brute-force-protection", json!({ "enabled": null })),
        ("brute-force-protection", json!({ "id": "x" })),
        ("suspicious-ip-throttling", json!({ "stage": { "pre-login": { "rate": 1 } } })),
        ("suspicious-ip-throttling", json!({ "stage": { "pre-lunch": {} } })),
        ("suspicious-ip-throttling", json!({ "stage": deep })),
        ("breached-password-detection", json!({ "method": "magic" })),
        ("captcha", json!({ "hcaptcha": { "site_key": "a" } })),
        ("phone-provider-protection", json!({ "type": 1 })),
    ];
    for (path, body) in bad {
        let answer = tenant.patch(&format!("{BASE}/{path}"), body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{path} {body}");
    }
    let reader = tenant.allowed(&["read:attack_protection"]);
    reader.get(&format!("{BASE}/captcha")).await.must_be(200);
    reader.patch(&format!("{BASE}/captcha"), json!({})).await.must_be(403);
    tenant.allowed(&["read:clients"]).get(&format!("{BASE}/captcha")).await.must_be(403);
}
