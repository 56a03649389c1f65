//! Every operation that reads a body or a query, with values that nobody means: refused, never a surprise.

use http::Method;
use management_api::Interface;
use serde_json::{Value, json};
use testkit::TestTenant;

#[tokio::test]
async fn no_body_breaks_an_operation() {
    let tenant = TestTenant::new().await;
    let (paths, owner) = (paths(&tenant).await, tenant.as_owner());
    let names = [
        "name",
        "scopes",
        "scope",
        "client_id",
        "audience",
        "jwt_configuration",
        "client_authentication_methods",
        "client_metadata",
        "default_organization",
        "flags",
        "pem",
        "expires_at",
        "wrapped_key",
        "type",
        "grant_id",
        "token_encryption",
        "token_lifetime",
        "signed_request_object",
        "session_lifetime_in_minutes",
        "supported_triggers",
        "secrets",
        "code",
        "bindings",
        "payload",
        "modules",
        "dependencies",
        "module_version_id",
        "script",
        "subject_token_type",
        "action_id",
        "deploy",
    ];
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let values = [
        json!(null),
        json!(-1),
        json!(1e308),
        json!("\0"),
        json!("x".repeat(70_000)),
        json!([[]]),
        json!([null]),
        json!({ "": null }),
        deep,
        json!({ "private_key_jwt": { "credentials": [1, null, { "id": 1 }, { "credential_type": "x" }] } }),
    ];
    for (method, path) in paths {
        // These read no body, and some of them make keys, which takes its time.
        let reads_none = ["rotate", "rotate-secret", "rekey", "wrapping-key", "revoke"];
        if matches!(method, Method::GET | Method::DELETE) || reads_none.iter().any(|end| path.ends_with(end))
        {
            continue;
        }
        for name in names {
            for value in &values {
                let answer = owner.json(method.clone(), &path, json!({ name: value })).await;
                let shown: String = value.to_string().chars().take(60).collect();
                assert!(answer.status < 500, "{method} {path} {name} = {shown}: {}", answer.start());
            }
        }
    }
    // Still there, still answering.
    tenant.get("/api/v2/clients").await.must_be(200);
}

#[tokio::test]
async fn no_query_breaks_an_operation() {
    let tenant = TestTenant::new().await;
    let values = [
        "",
        "x",
        "-1",
        "true",
        "1",
        "%00",
        "%ff",
        "%C3%A4",
        "*",
        "a%3Ab",
        "%5B",
        "%28%28%28",
        "%22",
        "a%20AND",
        "type%3A*",
        "date%3A%5B2024%20TO%5D",
        "null",
        "a%5C",
        "%27%3B%20drop%20table%20documents",
    ];
    let owner = tenant.as_owner();
    for (method, path) in paths(&tenant).await {
        let Some(operation) = management_api::operations().into_iter().find(|operation| {
            operation.method == method && method == Method::GET && same(&operation.address(), &path)
        }) else {
            continue;
        };
        for name in operation.query {
            for value in values {
                // A stream has no end to wait for.
                let status = owner.open(&format!("{path}?{name}={value}")).await.status();
                assert!(!status.is_server_error(), "{path}?{name}={value}: {status}");
            }
        }
    }
}

/// Every operation, on things that exist.
async fn paths(tenant: &TestTenant) -> Vec<(Method, String)> {
    let client = tenant.client(json!({})).await;
    let api = tenant.api(json!({})).await;
    let grant = json!({ "client_id": client.id, "audience": "https://api.example", "scope": [] });
    let grant = tenant.grant(grant).await;
    let organization = tenant.organization("acme").await;
    let signing = tenant.get("/api/v2/keys/signing").await.body[0]["kid"].clone();
    let root = json!({ "type": "customer-provided-root-key" });
    let root = tenant.post("/api/v2/keys/encryption", root).await.must_be(201).body;
    let credential = json!({ "credential_type": "public_key", "pem": crate::keys::rsa_pem() });
    let credentials = format!("/api/v2/clients/{}/credentials", client.id);
    let credential = tenant.post(&credentials, credential).await.must_be(201).body;
    let made = async |path: &str, body: Value| tenant.post(path, body).await.must_be(201).body;
    let trigger = json!([{ "id": "custom-token-exchange" }]);
    let action = json!({ "name": "a", "code": "", "supported_triggers": trigger, "deploy": true });
    let action = made("/api/v2/actions/actions", action).await;
    let module = made("/api/v2/actions/modules", json!({ "name": "m", "code": "", "publish": true })).await;
    let hook = json!({ "name": "h", "script": "x", "triggerId": "credentials-exchange" });
    let hook = made("/api/v2/hooks", hook).await;
    let profile = json!({ "name": "old tokens", "type": "custom_authentication", "action_id": action["id"],
        "subject_token_type": "urn:acme:old" });
    let profile = made("/api/v2/token-exchange-profiles", profile).await;
    let log = tenant.get("/api/v2/logs").await.body[0]["log_id"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fill = |path: &str| {
        let id = match path.split('/').nth(1) {
            Some("clients") => client.id.clone(),
            Some("resource-servers") => text(&api["id"]),
            Some("client-grants") => text(&grant["id"]),
            Some("organizations") => text(&organization["id"]),
            Some("hooks") => text(&hook["id"]),
            Some("token-exchange-profiles") => text(&profile["id"]),
            Some("actions") if path.starts_with("/actions/modules") => text(&module["id"]),
            Some("actions") => text(&action["id"]),
            _ => text(&log),
        };
        let version = match path.starts_with("/actions/modules") {
            true => text(&module["latest_version"]["id"]),
            false => text(&action["deployed_version"]["id"]),
        };
        let kid = if path.starts_with("/keys/signing") { text(&signing) } else { text(&root["kid"]) };
        path.replace("{id}", &id)
            .replace("{client_id}", &client.id)
            .replace("{credential_id}", &text(&credential["id"]))
            .replace("{grant_id}", &text(&grant["id"]))
            .replace("{kid}", &kid)
            .replace("{name}", "acme")
            .replace("{version_id}", &version)
            .replace("{trigger_id}", "credentials-exchange")
    };
    let operations = management_api::operations();
    let published = operations.iter().filter(|operation| operation.interface == Interface::Management);
    published.map(|o| (o.method.clone(), format!("/api/v2{}", fill(&o.path)))).collect()
}

/// Whether a path is this template, filled in.
fn same(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
}
