//! Connections to somebody else: kept, completed and sealed, and nobody logs in by them.

use serde_json::{Value, json};
use testkit::{Answer, Browser, TestTenant};

use super::PATH;
use crate::api::v2::text;

async fn made(tenant: &TestTenant, strategy: &str, options: Value) -> Answer {
    tenant.post(PATH, json!({ "name": strategy, "strategy": strategy, "options": options })).await
}

// TestConnectionManager_Create, TestAccConnectionFacebook, TestAccConnectionGoogleOAuth2, TestAccConnectionWindowslive, …
#[tokio::test]
async fn each_is_completed_as_auth0_does() {
    let tenant = TestTenant::new().await;
    for (strategy, options, added) in [
        ("ad", json!({}), json!({ "ips": null, "brute_force_protection": true })),
        ("adfs", json!({}), json!({ "thumbprints": [] })),
        ("apple", json!({}), json!({})),
        (
            "facebook",
            json!({ "email": true, "user_birthday": true, "user_likes": false,
            "allow_context_profile_field": true }),
            json!({ "scope": "email,user_birthday" }),
        ),
        ("github", json!({}), json!({ "scope": [] })),
        (
            "google-apps",
            json!({ "domain": "example.com" }),
            json!({
                "email": true, "profile": true, "scope": ["email", "profile"], "map_user_id_to_id": false,
                "handle_login_from_social": true
            }),
        ),
        (
            "google-oauth2",
            json!({ "profile": true, "calendar": true, "youtube": false }),
            json!({
                "email": true, "scope": ["profile", "https://www.googleapis.com/auth/calendar", "email"]
            }),
        ),
        ("linkedin", json!({}), json!({ "profile": true, "scope": ["r_basicprofile"] })),
        (
            "okta",
            json!({ "domain": "example.okta.com" }),
            json!({
                "type": "back_channel", "schema_version": "oidc-V4", "attribute_map": { "mapping_mode": "basic_profile" },
                "connection_settings": { "pkce": "auto" }
            }),
        ),
        (
            "oidc",
            json!({ "type": "back_channel" }),
            json!({
                "schema_version": "oidc-V4", "attribute_map": { "mapping_mode": "bind_all" },
                "connection_settings": { "pkce": "auto" }
            }),
        ),
        ("sms", json!({}), json!({ "brute_force_protection": true })),
        (
            "waad",
            json!({ "tenant_domain": "example.onmicrosoft.com" }),
            json!({
                "app_domain": "idp.example", "identity_api": "microsoft-identity-platform-v2.0",
                "should_trust_email_verified_connection": "never_set_emails_as_verified", "useCommonEndpoint": false,
                "use_wsfed": false, "waad_common_endpoint": false, "waad_protocol": "openid-connect"
            }),
        ),
        (
            "windowslive",
            json!({ "strategy_version": 2, "graph_user": true }),
            json!({
                "signin": true, "scope": ["https://graph.microsoft.com/User.Read"]
            }),
        ),
    ] {
        let made = made(&tenant, strategy, options.clone()).await.must_be(201);
        let mut expected = options;
        expected.as_object_mut().unwrap().extend(added.as_object().unwrap().clone());
        assert_eq!(made["options"], expected, "{strategy}");
        let is_companys = ["ad", "adfs", "google-apps", "okta", "oidc", "waad"].contains(&strategy);
        assert_eq!(made.body.get("show_as_button"), is_companys.then_some(&json!(false)), "{strategy}");
        let has_name = ["okta", "oidc", "waad"].contains(&strategy);
        assert_eq!(made.body.get("display_name"), has_name.then_some(&json!(strategy)), "{strategy}");
        let path = format!("{PATH}/{}", made.str("id"));
        assert_eq!(tenant.get(&path).await.must_be(200).body, made.body);
    }
    // A scope is not made up where a switch is on whose scope is not known.
    let drive = json!({ "name": "drive", "strategy": "google-oauth2", "options": { "drive": true } });
    assert_eq!(tenant.post(PATH, drive).await.must_be(201)["options"].get("scope"), None);
}

// TestAccConnectionOIDC, TestAccConnectionGoogleApps
#[tokio::test]
async fn what_replaces_options_keeps_what_auth0_keeps() {
    let tenant = TestTenant::new().await;
    let options = json!({
        "client_id": "a", "client_secret": "b", "type": "back_channel", "connection_settings": { "pkce": "S256" },
        "attribute_map": { "mapping_mode": "use_map", "attributes": { "name": "${context.tokenset.name}" } },
        "dpop_signing_alg": "ES512"
    });
    let oidc = made(&tenant, "oidc", options).await.must_be(201);
    let path = format!("{PATH}/{}", oidc.str("id"));
    let patch = json!({ "options": { "client_id": "a", "client_secret": "b" } });
    let changed = tenant.patch(&path, patch).await.must_be(200);
    let expected = json!({
        "client_id": "a", "client_secret": "b", "type": "back_channel", "schema_version": "oidc-V4",
        "attribute_map": { "mapping_mode": "bind_all" }, "connection_settings": { "pkce": "disabled" }
    });
    assert_eq!(changed["options"], expected);
    assert_eq!(changed.str("display_name"), "oidc");

    let google = made(&tenant, "google-apps", json!({ "map_user_id_to_id": true })).await.must_be(201);
    let path = format!("{PATH}/{}", google.str("id"));
    let changed = tenant.patch(&path, json!({ "options": { "domain": "example.com" } })).await.must_be(200);
    assert_eq!(changed["options"]["map_user_id_to_id"], true);
    assert_eq!(changed["options"].get("handle_login_from_social"), None);
    tenant.delete(&path).await.must_be(202);
    tenant.get(&path).await.must_be(404);
}

// TestAccConnectionPingFederate, TestAccConnectionOIDCMetadata
#[tokio::test]
async fn a_signing_certificate_is_read() {
    let tenant = TestTenant::new().await;
    let key = jose::PrivateKey::generate(jose::Algorithm::RS256.key_kind().unwrap()).unwrap();
    let certificate = jose::Certificate::self_signed(&key, "idp.example.com", 1_700_000_000, 10).unwrap();
    let pem = certificate.pem();
    let options = json!({ "signingCert": pem, "pingFederateBaseUrl": "https://ping.example.com" });
    let made = made(&tenant, "pingfederate", options).await.must_be(201);
    let options = &made["options"];
    assert_eq!(text(options, "cert"), pem);
    assert_eq!(options.get("signingCert"), None);
    assert_eq!(options["subject"], json!({ "commonName": "idp.example.com" }));
    assert_eq!(options["thumbprints"], json!([certificate.sha1_thumbprint().to_lowercase()]));
    assert!(text(options, "expires").starts_with("2033-11-"), "{options}");
    assert_eq!(options["signInEndpoint"], "https://ping.example.com");
    for bad in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "LS0t", "\u{0}"] {
        let body = json!({ "name": "bad", "strategy": "samlp", "options": { "signingCert": bad } });
        let refusal = tenant.post(PATH, body).await.must_be(400);
        assert!(refusal.str("message").contains("options.signingCert"), "{}", refusal.text());
    }
}

#[tokio::test]
async fn what_has_another_shape_is_refused() {
    let tenant = TestTenant::new().await;
    for options in [
        json!({ "client_id": 7 }),
        json!({ "client_id": "x".repeat(10_001) }),
        json!({ "domain_aliases": "example.com" }),
        json!({ "domain_aliases": [7] }),
        json!({ "upstream_params": ["login_hint"] }),
        json!({ "set_user_root_attributes": "sometimes" }),
        json!({ "type": "side_channel" }),
        json!({ "connection_settings": { "pkce": "S512" } }),
        json!({ "attribute_map": { "mapping_mode": "bind_none" } }),
        json!({ "token_endpoint_auth_method": "none" }),
        json!({ "totp": { "length": 3 } }),
        json!({ "non_persistent_attrs": {} }),
        json!({ "brute_force_protection": "yes" }),
        json!({ "issuer": {} }),
    ] {
        let refusal = made(&tenant, "oidc", options.clone()).await;
        assert_eq!(refusal.status, 400, "{options} {}", refusal.text());
        assert!(refusal.str("message").contains("on property options."), "{}", refusal.text());
    }
    made(&tenant, "oidc", json!({ "issuer": null, "upstream_params": null })).await.must_be(201);
}

#[tokio::test]
async fn its_secrets_are_sealed_and_not_in_the_log() {
    let tenant = TestTenant::new().await;
    for (strategy, options) in [
        ("apple", json!({ "app_secret": "hunter2" })),
        ("oauth1", json!({ "consumer_key": "k", "consumer_secret": "hunter2" })),
        (
            "samlp",
            json!({ "signing_key": { "key": "hunter2", "cert": "c" }, "decryptionKey": { "key": "hunter2" } }),
        ),
        ("sms", json!({ "twilio_token": "hunter2", "gateway_authentication": { "secret": "hunter2" } })),
        ("waad", json!({ "client_secret": "hunter2" })),
        ("oauth2", json!({ "customHeaders": { "Authorization": "hunter2" } })),
        ("google-oauth2", json!({ "further": [{ "within": { "app_secret": "hunter2" } }] })),
    ] {
        let made = made(&tenant, strategy, options).await.must_be(201);
        assert!(
            made.text().contains("hunter2"),
            "{strategy}: whoever may read connections sees it, as at Auth0"
        );
        let path = format!("/api/v2/connections/{}", made.str("id"));
        let options = json!({
            "x": { "app_secret": "hunter2" }, "many": [{ "secret": ["hunter2"] }],
            "customHeaders": { "Authorization": "Bearer hunter2" },
        });
        tenant.patch(&path, json!({ "options": options })).await.must_be(200);
        let shown = tenant.get(&path).await.must_be(200)["options"].clone();
        for (name, value) in options.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{strategy}: {name}");
        }
    }
    let stored = tenant.store().documents().all(tenant.name(), "connections").await.unwrap();
    assert!(stored.iter().all(|document| !json!(document.body).to_string().contains("hunter2")));
    tenant.flush_logs().await;
    let logs = tenant.get("/api/v2/logs?per_page=100").await.must_be(200);
    assert!(!logs.text().contains("hunter2"), "the log holds a secret");
}

#[tokio::test]
async fn nobody_logs_in_by_one() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let body = json!({ "name": "github", "strategy": "github", "enabled_clients": [spa.id], "show_as_button": true });
    let github = tenant.post(PATH, body).await.must_be(201);
    let answer = Browser::new(&tenant).get(&spa.authorize(&[("connection", "github")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "invalid_request");
    let words = "people do not log in by a connection of this kind here yet";
    assert_eq!(answer.parameter("error_description").unwrap(), words);
    // Neither page nor widget offers it.
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[]).await;
    assert!(!browser.get(&page).await.text().to_lowercase().contains("github"));
    let settings = tenant.get(&format!("/client/{}.js", spa.id)).await.must_be(200);
    assert!(!settings.text().contains("github"), "{}", settings.text());
    tenant.get(&format!("{PATH}/{}/status", github.str("id"))).await.must_be(404);
}
