//! Identifiers of another tenant mean nothing: for every operation that there is, with each of them in every
//! place that takes one.

use http::Method;
use management_api::Interface;
use serde_json::{Value, json};
use store::Document;
use testkit::{Answer, Browser, OTHER, TestTenant};

use crate::keys::rsa_pem;

/// A thing of each family.
struct Things {
    client: String,
    credential: String,
    api: String,
    audience: String,
    grant: String,
    organization: String,
    organization_name: String,
    signing_key: String,
    root_key: String,
    log: String,
    action: String,
    action_version: String,
    module: String,
    module_version: String,
    hook: String,
    profile: String,
    policy: String,
    acl: String,
    role: String,
    user: String,
    session: String,
    connection: String,
    rule: String,
    theme: String,
    stream: String,
    event_stream: String,
}

#[tokio::test]
async fn every_operation_with_the_others_identifiers() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    let (ours, theirs) = (Things::made(&tenant, "ours").await, Things::made(&other, "theirs").await);
    let before = documents(&tenant).await;

    // The feed of events has no end to wait for, and says in its query no identifier that is of a tenant.
    let operations = management_api::operations().into_iter().filter(|operation| operation.path != "/events");
    for operation in operations.filter(|operation| operation.interface == Interface::Management) {
        let path = theirs.path(&operation.path);
        for body in theirs.bodies(&ours, &operation.method, &operation.path) {
            let answer = tenant.as_owner().json(operation.method.clone(), &path, body.clone()).await;
            let about = format!("{} {path} {body}: {} {}", operation.method, answer.status, answer.start());
            match (operation.path.contains('{'), &operation.method) {
                // Gone is gone, but it is not theirs that goes.
                (true, &Method::DELETE) => {
                    assert!(matches!(answer.status, 202 | 204 | 404 | 400), "{about}");
                }
                // Nothing is known of what is not here.
                (true, &Method::GET) if answer.body == json!([]) => {}
                (true, _) => assert!(matches!(answer.status, 404 | 400), "{about}"),
                // What a tenant has one of, it may lack.
                (false, &Method::GET) => assert!(matches!(answer.status, 200 | 404), "{about}"),
                (false, _) => assert!(answer.status < 500, "{about}"),
            }
            // Our own log tells what we asked for.
            if operation.path != "/logs" {
                theirs.are_not_in(&answer, &about);
            }
        }
        assert_eq!(documents(&tenant).await, before, "{} {path}", operation.method);
    }
    other.get(&format!("/api/v2/sessions/{}", theirs.session)).await.must_be(200);
    tenant.server().must_fit_together().await;
}

#[tokio::test]
async fn ours_beside_theirs() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    let (ours, theirs) = (Things::made(&tenant, "ours").await, Things::made(&other, "theirs").await);
    let before = documents(&tenant).await;
    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": theirs.credential }] } });
    let default = json!({ "organization_id": theirs.organization, "flows": ["client_credentials"] });
    let signed = json!({ "required": false, "credentials": [{ "id": theirs.credential }] });
    let scope = json!([]);
    for (method, path, body, statuses) in [
        // Our client, their credential.
        ("GET", format!("/clients/{}/credentials/{}", ours.client, theirs.credential), json!({}), [404, 404]),
        (
            "PATCH",
            format!("/clients/{}/credentials/{}", ours.client, theirs.credential),
            json!({ "expires_at": null }),
            [404, 404],
        ),
        (
            "DELETE",
            format!("/clients/{}/credentials/{}", ours.client, theirs.credential),
            json!({}),
            [204, 404],
        ),
        (
            "PATCH",
            format!("/clients/{}", ours.client),
            json!({ "client_authentication_methods": methods }),
            [400, 404],
        ),
        (
            "PATCH",
            format!("/clients/{}", ours.client),
            json!({ "signed_request_object": signed }),
            [400, 404],
        ),
        // Our client, their organization.
        (
            "PATCH",
            format!("/clients/{}", ours.client),
            json!({ "default_organization": default }),
            [400, 404],
        ),
        // Our role, their person, and the other way round.
        ("POST", format!("/roles/{}/users", ours.role), json!({ "users": [theirs.user] }), [404, 404]),
        ("POST", format!("/users/{}/roles", ours.user), json!({ "roles": [theirs.role] }), [404, 404]),
        ("DELETE", format!("/users/{}/roles", ours.user), json!({ "roles": [theirs.role] }), [204, 404]),
        // Our organization, their grant, and the other way round.
        (
            "POST",
            format!("/organizations/{}/client-grants", ours.organization),
            json!({ "grant_id": theirs.grant }),
            [404, 404],
        ),
        (
            "DELETE",
            format!("/organizations/{}/client-grants/{}", ours.organization, theirs.grant),
            json!({}),
            [204, 404],
        ),
        (
            "POST",
            format!("/organizations/{}/client-grants", theirs.organization),
            json!({ "grant_id": ours.grant }),
            [404, 404],
        ),
        (
            "DELETE",
            format!("/organizations/{}/client-grants/{}", theirs.organization, ours.grant),
            json!({}),
            [204, 404],
        ),
        // Grants between ours and theirs.
        (
            "POST",
            "/client-grants".into(),
            json!({ "client_id": theirs.client, "audience": ours.audience, "scope": scope }),
            [404, 400],
        ),
        (
            "POST",
            "/client-grants".into(),
            json!({ "client_id": ours.client, "audience": theirs.audience, "scope": scope }),
            [404, 400],
        ),
        (
            "POST",
            "/client-grants".into(),
            json!({ "client_id": theirs.client, "audience": theirs.audience, "scope": scope }),
            [404, 400],
        ),
        ("POST", "/clients".into(), json!({ "name": "x", "default_organization": default }), [400, 404]),
        (
            "POST",
            "/clients".into(),
            json!({ "name": "x", "app_type": "resource_server", "resource_server_identifier": theirs.audience }),
            [400, 404],
        ),
    ] {
        let path = format!("/api/v2{path}");
        let answer = tenant.as_owner().json(method.parse().unwrap(), &path, body.clone()).await;
        assert!(
            statuses.contains(&answer.status),
            "{method} {path} {body}: {} {}",
            answer.status,
            answer.start()
        );
        assert_eq!(documents(&tenant).await, before, "{method} {path} {body}");
    }
    // What filters by theirs finds nothing.
    for query in [
        format!("/client-grants?client_id={}", theirs.client),
        format!("/client-grants?audience={}", theirs.audience),
        format!("/resource-servers?identifiers={}", theirs.audience),
        format!("/organizations/{}/client-grants?grant_ids={}", ours.organization, theirs.grant),
        format!("/logs?q=client_id:{}", theirs.client),
    ] {
        assert_eq!(tenant.get(&format!("/api/v2{query}")).await.must_be(200).body, json!([]), "{query}");
    }
    for query in [
        format!("client_grant.organization_id:{}", theirs.organization),
        "client_grant.allow_any_organization:true".into(),
    ] {
        let answer = tenant.get(&format!("/api/v2/clients?take=50&q={query}")).await.must_be(200);
        theirs.are_not_in(&answer, &query);
    }
    // A checkpoint of theirs does not lead into their log.
    let logs = tenant.get(&format!("/api/v2/logs?take=100&from={}", theirs.log)).await.must_be(200);
    assert!(logs.items().iter().all(|event| event["tenant_name"] == "default"));
    tenant.server().must_fit_together().await;
}

#[tokio::test]
async fn every_operation_with_the_others_token() {
    let tenant = TestTenant::new().await;
    let ours = Things::made(&tenant, "ours").await;
    let before = documents(&tenant).await;
    let mine = all(&tenant, "default").await;
    let stranger = tenant.with_token(tenant.other().owner_token());
    let operations = management_api::operations().into_iter();
    for operation in operations.filter(|operation| operation.interface == Interface::Management) {
        let path = ours.path(&operation.path);
        let answer = stranger.json(operation.method.clone(), &path, json!({})).await;
        assert_eq!(answer.status, 401, "{} {path}", operation.method);
        assert_eq!(answer["message"], "Invalid token");
    }
    assert_eq!(documents(&tenant).await, before);
    assert_eq!(all(&tenant, "default").await, mine);
}

impl Things {
    async fn made(tenant: &TestTenant, whose: &str) -> Things {
        let audience = format!("urn:{whose}");
        let api = tenant.api(json!({ "identifier": audience })).await;
        let client = tenant.client(json!({ "name": whose })).await.id;
        let grant = json!({ "client_id": client, "audience": audience, "scope": ["read:a"],
            "organization_usage": "allow", "allow_any_organization": true });
        let grant = tenant.grant(grant).await;
        let organization_name = format!("org-{whose}");
        let organization = tenant.organization(&organization_name).await;
        let grants = format!("/api/v2/organizations/{}/client-grants", text(&organization["id"]));
        tenant.post(&grants, json!({ "grant_id": grant["id"] })).await.must_be(201);
        let credential = json!({ "credential_type": "public_key", "pem": rsa_pem() });
        let credentials = format!("/api/v2/clients/{client}/credentials");
        let credential = tenant.post(&credentials, credential).await.must_be(201).body;
        // A previous signing key could be revoked, a waiting root key imported or deleted.
        let signing_key = tenant.get("/api/v2/keys/signing").await.body[0]["kid"].clone();
        tenant.post("/api/v2/keys/signing/rotate", json!({})).await.must_be(201);
        let root = json!({ "type": "customer-provided-root-key" });
        let root = tenant.post("/api/v2/keys/encryption", root).await.must_be(201).body;
        let made = async |path: &str, body: Value| tenant.post(path, body).await.must_be(201).body;
        let trigger = json!([{ "id": "custom-token-exchange" }]);
        let action = json!({ "name": whose, "code": "", "supported_triggers": trigger, "deploy": true });
        let action = made("/api/v2/actions/actions", action).await;
        let module = json!({ "name": whose, "code": "", "publish": true });
        let module = made("/api/v2/actions/modules", module).await;
        let hook = json!({ "name": whose, "script": "x", "triggerId": "credentials-exchange" });
        let hook = made("/api/v2/hooks", hook).await;
        let kind = format!("urn:{whose}:kind");
        let profile = json!({ "name": whose, "type": "custom_authentication", "action_id": action["id"],
            "subject_token_type": kind });
        let profile = made("/api/v2/token-exchange-profiles", profile).await;
        let policy = json!({ "resource": "oauth_authentication_api", "consumer": "client",
            "consumer_selector": format!("client_id:{client}"), "configuration": { "action": "allow" } });
        let policy = made("/api/v2/rate-limit-policies", policy).await;
        let rule = json!({ "action": { "log": true }, "scope": "authentication", "match": { "user_agents": [whose] } });
        let acl = json!({ "description": whose, "active": true, "priority": 1, "rule": rule });
        let acl = made("/api/v2/network-acls", acl).await;
        let role = tenant.post("/api/v2/roles", json!({ "name": whose })).await.must_be(200).body;
        let user = tenant.person(&format!("ann@{whose}.example")).await.user_id;
        let spa = tenant.spa(json!({ "name": format!("{whose} pages") })).await;
        Browser::new(tenant).log_in(&spa, &format!("ann@{whose}.example")).await;
        let sessions = tenant.get(&format!("/api/v2/users/{user}/sessions")).await.must_be(200).body;
        let session = text(&sessions["sessions"][0]["id"]);
        let connection = made("/api/v2/connections", json!({ "name": whose, "strategy": "auth0" })).await;
        let rule =
            json!({ "name": whose, "script": "function (user, context, callback) {}", "enabled": false });
        let rule = made("/api/v2/rules", rule).await;
        let stream = json!({ "name": whose, "type": "segment", "sink": { "segmentWriteKey": whose } });
        let stream = tenant.post("/api/v2/log-streams", stream).await.must_be(200).body;
        let destination = json!({ "type": "webhook", "configuration": {
            "webhook_endpoint": format!("https://{whose}.example/hook"),
            "webhook_authorization": { "method": "bearer", "token": whose },
        } });
        let subscriptions = json!([{ "event_type": "organization.created" }]);
        let event_stream =
            json!({ "name": whose, "destination": destination, "subscriptions": subscriptions });
        let event_stream = made("/api/v2/event-streams", event_stream).await;
        let log = tenant.get("/api/v2/logs?per_page=1").await.must_be(200).body[0]["log_id"].clone();
        Things {
            client,
            credential: text(&credential["id"]),
            api: text(&api["id"]),
            audience,
            grant: text(&grant["id"]),
            organization: text(&organization["id"]),
            organization_name,
            signing_key: text(&signing_key),
            root_key: text(&root["kid"]),
            log: text(&log),
            action: text(&action["id"]),
            action_version: text(&action["deployed_version"]["id"]),
            module: text(&module["id"]),
            module_version: text(&module["latest_version"]["id"]),
            hook: text(&hook["id"]),
            profile: text(&profile["id"]),
            policy: text(&policy["id"]),
            acl: text(&acl["id"]),
            role: text(&role["id"]),
            user,
            session,
            connection: text(&connection["id"]),
            rule: text(&rule["id"]),
            // A theme is one of a tenant's, and its identifier nobody else's.
            theme: format!("{whose}-theme"),
            stream: text(&stream["id"]),
            event_stream: text(&event_stream["id"]),
        }
    }

    /// The path of an operation, with these things in its places.
    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(1) {
            Some("clients") => &self.client,
            Some("resource-servers") => &self.api,
            Some("client-grants") => &self.grant,
            Some("organizations") => &self.organization,
            Some("logs") => &self.log,
            Some("log-streams") => &self.stream,
            Some("event-streams") => &self.event_stream,
            Some("actions") if template.starts_with("/actions/modules") => &self.module,
            Some("actions") => &self.action,
            Some("hooks") => &self.hook,
            Some("token-exchange-profiles") => &self.profile,
            Some("rate-limit-policies") => &self.policy,
            Some("network-acls") => &self.acl,
            Some("anomaly") => "192.0.2.1",
            Some("user-blocks" | "users") => &self.user,
            Some("roles") => &self.role,
            Some("connections") => &self.connection,
            Some("rules") => &self.rule,
            Some("sessions" | "refresh-tokens" | "device-credentials") => &self.session,
            Some("jobs") => "job_0123456789abcdef",
            Some("branding") => &self.theme,
            // A consent of theirs is looked for where they are given.
            Some("grants") => "0123456789abcdef01234567",
            _ => "",
        };
        let is_of_module = template.starts_with("/actions/modules");
        let version = if is_of_module { &self.module_version } else { &self.action_version };
        let kid = if template.starts_with("/keys/signing") { &self.signing_key } else { &self.root_key };
        let path = template
            .replace("{id}", id)
            .replace("{client_id}", &self.client)
            .replace("{credential_id}", &self.credential)
            .replace("{grant_id}", &self.grant)
            .replace("{name}", &self.organization_name)
            .replace("{version_id}", version)
            // Every tenant has the triggers; what is theirs there is bound by its own name.
            .replace("{trigger_id}", &self.action)
            // The same is true of prompts, of mails, and of settings that somebody gives a name.
            .replace("{prompt}", &self.action)
            .replace("{screen}", &self.action)
            .replace("{language}", &self.action)
            .replace("{templateName}", &self.action)
            .replace("{key}", "a%20b")
            .replace("{provider}", "auth0")
            .replace("{user_id}", &self.user)
            .replace("{event_id}", &self.log)
            .replace("{tokenset_id}", &self.session)
            .replace("{kind}", &self.action)
            .replace("{code}", &self.action)
            .replace("{kid}", kid);
        assert!(!path.contains(['{', '}']) && !path.contains("//"), "a new kind of parameter: {template}");
        // One of them says in its query what it is about.
        let query = match path.as_str() {
            "/user-blocks" => "?identifier=nobody",
            "/grants" => "?user_id=nobody",
            "/refresh-tokens" => "?user_id=nobody",
            "/users-by-email" => "?email=nobody@example.com",
            _ => "",
        };
        format!("/api/v2{path}{query}")
    }

    /// Bodies that each operation would take if the things were its own, all of them with these things.
    fn bodies(&self, ours: &Things, method: &Method, path: &str) -> Vec<Value> {
        let grant =
            |client: &str, audience: &str| json!({ "client_id": client, "audience": audience, "scope": [] });
        match (method.as_str(), path) {
            ("POST", "/client-grants") => vec![
                grant(&self.client, &ours.audience),
                grant(&ours.client, &self.audience),
                grant(&self.client, &self.audience),
            ],
            ("POST", path) if path.ends_with("/client-grants") => {
                vec![json!({ "grant_id": self.grant }), json!({ "grant_id": ours.grant })]
            }
            ("POST", path) if path.ends_with("/credentials") => {
                vec![json!({ "credential_type": "public_key", "pem": rsa_pem() })]
            }
            ("POST", "/keys/encryption/{kid}") => vec![json!({ "wrapped_key": "AAAA" })],
            ("PATCH", path) if path.ends_with("{credential_id}") => vec![json!({ "expires_at": null })],
            ("PATCH", "/client-grants/{id}") => vec![json!({ "scope": [] })],
            ("POST", "/token-exchange-profiles") => {
                vec![json!({ "name": "mine", "type": "custom_authentication",
                "subject_token_type": "urn:mine:kind", "action_id": self.action })]
            }
            ("POST", "/actions/actions") => vec![json!({ "name": "mine", "code": "",
                "supported_triggers": [{ "id": "post-login" }],
                "modules": [{ "module_id": self.module, "module_version_id": self.module_version }] })],
            ("POST", "/actions/actions/{id}/test") => vec![json!({ "payload": { "event": {} } })],
            ("POST", path) if path.ends_with("/rollback") => {
                vec![json!({ "module_version_id": self.module_version })]
            }
            ("DELETE", "/hooks/{id}/secrets") => vec![json!(["a"])],
            (_, "/roles/{id}/users") => {
                vec![json!({ "users": [self.user] }), json!({ "users": [ours.user] })]
            }
            (_, "/users/{id}/roles") => {
                vec![json!({ "roles": [self.role] }), json!({ "roles": [ours.role] })]
            }
            (_, path) if path.ends_with("/permissions") => {
                let one =
                    |api: &str| json!({ "resource_server_identifier": api, "permission_name": "read:a" });
                vec![json!({ "permissions": [one(&self.audience), one(&ours.audience)] })]
            }
            ("PATCH", path) if path.contains('{') => vec![json!({ "name": "mine" }), json!({})],
            _ => vec![json!({})],
        }
    }

    /// No answer of ours names anything of theirs, but for what the question said.
    #[track_caller]
    fn are_not_in(&self, answer: &Answer, about: &str) {
        if answer.status >= 400 {
            return;
        }
        let old =
            [&self.client, &self.credential, &self.api, &self.grant, &self.organization, &self.root_key];
        let code = [&self.action, &self.action_version, &self.module, &self.hook, &self.profile];
        let limits =
            [&self.policy, &self.acl, &self.role, &self.user, &self.session, &self.connection, &self.rule];
        for id in old.into_iter().chain(code).chain(limits).chain([&self.stream]) {
            assert!(!answer.text().contains(id.as_str()), "{about}");
        }
    }
}

/// Everything that is stored of the other tenant, byte for byte, and its revision.
async fn documents(tenant: &TestTenant) -> (Vec<Document>, i64) {
    all(tenant, OTHER).await
}

async fn all(tenant: &TestTenant, name: &str) -> (Vec<Document>, i64) {
    let mut documents = Vec::new();
    for kind in KINDS {
        documents.extend(tenant.store().documents().all(name, kind).await.unwrap());
    }
    assert!(documents.len() >= 8);
    let revisions = tenant.store().tenants().revisions().await.unwrap();
    (documents, revisions.into_iter().find(|(n, _)| n == name).unwrap().1)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const KINDS: [&str; 24] = [
    "connections",
    "rules",
    "rules-configs",
    "passwords",
    "roles",
    "users",
    "rate-limit-policies",
    "network-acls",
    "clients",
    "clients/credentials",
    "resource-servers",
    "client-grants",
    "organizations",
    "organizations/client-grants",
    "keys/signing",
    "keys/encryption",
    "tenants/settings",
    "actions/actions",
    "actions/versions",
    "actions/modules",
    "actions/module-versions",
    "hooks",
    "token-exchange-profiles",
    "log-streams",
];
