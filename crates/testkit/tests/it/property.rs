//! Whatever is made, changed and deleted, in whatever order: what a server holds in memory is what a server
//! that starts now would load.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use testkit::{TestClient, TestTenant};

const CLIENTS: usize = 3;
const APIS: usize = 3;
const ORGANIZATIONS: usize = 2;

/// One call of the Management API; numbers name what it is about, whether it is there or not.
#[derive(Clone, Debug)]
enum Step {
    CreateClient(usize),
    DeleteClient(usize),
    RotateSecret(usize),
    GrantTypes(usize, bool),
    CreateApi(usize),
    DeleteApi(usize),
    ChangeApi(usize, u8),
    CreateGrant(usize, usize, u8),
    DeleteGrant(usize, usize),
    ChangeGrant(usize, usize, u8),
    CreateOrganization(usize),
    DeleteOrganization(usize),
    Associate(usize, usize, usize),
    Dissociate(usize, usize, usize),
    Settings(u8),
    RotateKeys,
    Rekey,
    /// Another process changes something, and this one follows.
    Elsewhere(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (client, api, organization) = (0..CLIENTS, 0..APIS, 0..ORGANIZATIONS);
    prop_oneof![
        3 => client.clone().prop_map(Step::CreateClient),
        1 => client.clone().prop_map(Step::DeleteClient),
        1 => client.clone().prop_map(Step::RotateSecret),
        1 => (client.clone(), any::<bool>()).prop_map(|(c, may)| Step::GrantTypes(c, may)),
        3 => api.clone().prop_map(Step::CreateApi),
        1 => api.clone().prop_map(Step::DeleteApi),
        2 => (api.clone(), 0..6u8).prop_map(|(a, how)| Step::ChangeApi(a, how)),
        4 => (client.clone(), api.clone(), 0..4u8).prop_map(|(c, a, how)| Step::CreateGrant(c, a, how)),
        1 => (client.clone(), api.clone()).prop_map(|(c, a)| Step::DeleteGrant(c, a)),
        2 => (client.clone(), api.clone(), 0..4u8).prop_map(|(c, a, how)| Step::ChangeGrant(c, a, how)),
        2 => organization.clone().prop_map(Step::CreateOrganization),
        1 => organization.clone().prop_map(Step::DeleteOrganization),
        2 => (client.clone(), api.clone(), organization.clone()).prop_map(|(c, a, o)| Step::Associate(c, a, o)),
        1 => (client.clone(), api, organization).prop_map(|(c, a, o)| Step::Dissociate(c, a, o)),
        1 => (0..4u8).prop_map(Step::Settings),
        1 => Just(Step::RotateKeys),
        1 => Just(Step::Rekey),
        1 => client.prop_map(Step::Elsewhere),
    ]
}

#[test]
fn what_is_held_is_what_would_be_loaded() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config =
        ProptestConfig { cases: 24, max_shrink_iters: 60, failure_persistence: None, ..Default::default() };
    let mut runner = TestRunner::new(config);
    let steps = prop::collection::vec(step(), 10..50);
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in &steps {
                world.take(step).await;
            }
            let (held, loaded) =
                (world.seen_by(&world.tenant).await, world.seen_by(&world.fresh().await).await);
            prop_assert_eq!(held, loaded);
            world.tenant.server().must_fit_together().await;
            Ok(())
        })
    });
    outcome.unwrap();
}

struct World {
    tenant: TestTenant,
    clients: Vec<Option<TestClient>>,
    organizations: Vec<Option<String>>,
}

impl World {
    async fn new() -> World {
        let tenant = TestTenant::new().await;
        World { tenant, clients: vec![None; CLIENTS], organizations: vec![None; ORGANIZATIONS] }
    }

    async fn fresh(&self) -> TestTenant {
        self.tenant.server().another_node().await.tenant("default")
    }

    async fn take(&mut self, step: &Step) {
        let tenant = self.tenant.clone();
        match *step {
            Step::CreateClient(c) => {
                if self.clients[c].is_none() {
                    self.clients[c] = Some(tenant.client(json!({ "name": format!("C{c}") })).await);
                }
            }
            Step::DeleteClient(c) => {
                if let Some(client) = &self.clients[c] {
                    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
                }
            }
            Step::RotateSecret(c) => {
                if let Some(client) = &mut self.clients[c] {
                    let path = format!("/api/v2/clients/{}/rotate-secret", client.id);
                    let answer = tenant.post(&path, json!({})).await;
                    if answer.status == 200 {
                        client.secret = answer.str("client_secret").to_owned();
                    }
                }
            }
            Step::GrantTypes(c, may) => {
                if let Some(client) = &self.clients[c] {
                    let grants = if may { json!(["client_credentials"]) } else { json!(["implicit"]) };
                    let path = format!("/api/v2/clients/{}", client.id);
                    tenant.patch(&path, json!({ "grant_types": grants })).await;
                }
            }
            Step::CreateApi(a) => {
                let scopes = json!([{ "value": "read:a" }, { "value": "write:b" }]);
                let body = json!({ "identifier": audience(a), "scopes": scopes });
                tenant.post("/api/v2/resource-servers", body).await;
            }
            Step::DeleteApi(a) => {
                tenant.delete(&format!("/api/v2/resource-servers/{}", audience(a))).await.must_be(204);
            }
            Step::ChangeApi(a, how) => {
                let patch = match how {
                    0 => json!({ "scopes": [] }),
                    1 => json!({ "scopes": [{ "value": "read:a" }] }),
                    2 => json!({ "token_lifetime": 60 }),
                    3 => json!({ "signing_alg": "HS256", "signing_secret": "0123456789abcdef" }),
                    4 => {
                        json!({ "signing_alg": "RS256", "enforce_policies": true, "token_dialect": "access_token_authz" })
                    }
                    _ => json!({ "subject_type_authorization": { "client": { "policy": "deny_all" } } }),
                };
                tenant.patch(&format!("/api/v2/resource-servers/{}", audience(a)), patch).await;
            }
            Step::CreateGrant(c, a, how) => {
                if let Some(client) = &self.clients[c] {
                    let mut body = granted(how);
                    body["client_id"] = json!(client.id);
                    body["audience"] = json!(audience(a));
                    tenant.post("/api/v2/client-grants", body).await;
                }
            }
            Step::DeleteGrant(c, a) => {
                if let Some(grant) = self.grant(c, a).await {
                    tenant.delete(&format!("/api/v2/client-grants/{grant}")).await.must_be(204);
                }
            }
            Step::ChangeGrant(c, a, how) => {
                if let Some(grant) = self.grant(c, a).await {
                    tenant.patch(&format!("/api/v2/client-grants/{grant}"), granted(how)).await.must_be(200);
                }
            }
            Step::CreateOrganization(o) => {
                let answer =
                    tenant.post("/api/v2/organizations", json!({ "name": format!("org-{o}") })).await;
                if answer.status == 201 {
                    self.organizations[o] = Some(answer.str("id").to_owned());
                }
            }
            Step::DeleteOrganization(o) => {
                if let Some(organization) = &self.organizations[o] {
                    tenant.delete(&format!("/api/v2/organizations/{organization}")).await.must_be(204);
                }
            }
            Step::Associate(c, a, o) => {
                if let (Some(grant), Some(organization)) = (self.grant(c, a).await, &self.organizations[o]) {
                    let path = format!("/api/v2/organizations/{organization}/client-grants");
                    tenant.post(&path, json!({ "grant_id": grant })).await;
                }
            }
            Step::Dissociate(c, a, o) => {
                if let (Some(grant), Some(organization)) = (self.grant(c, a).await, &self.organizations[o]) {
                    tenant
                        .delete(&format!("/api/v2/organizations/{organization}/client-grants/{grant}"))
                        .await;
                }
            }
            Step::Settings(how) => {
                let patch = match how {
                    0 => json!({ "default_audience": audience(0) }),
                    1 => json!({ "default_audience": "" }),
                    2 => json!({ "allow_organization_name_in_authentication_api": true }),
                    _ => json!({ "allow_organization_name_in_authentication_api": false }),
                };
                tenant.patch("/api/v2/tenants/settings", patch).await.must_be(200);
            }
            Step::RotateKeys => {
                tenant.post("/api/v2/keys/signing/rotate", json!({})).await.must_be(201);
            }
            Step::Rekey => {
                tenant.post("/api/v2/keys/encryption/rekey", json!({})).await.must_be(204);
            }
            Step::Elsewhere(c) => {
                let elsewhere = self.fresh().await;
                if self.clients[c].is_none() {
                    self.clients[c] = Some(elsewhere.client(json!({ "name": "Elsewhere" })).await);
                }
                let settings = json!({ "friendly_name": format!("Elsewhere {c}") });
                elsewhere.patch("/api/v2/tenants/settings", settings).await.must_be(200);
                tenant.server().tenants().refresh().await.unwrap();
            }
        }
    }

    async fn grant(&self, c: usize, a: usize) -> Option<String> {
        let client = self.clients[c].as_ref()?;
        let path = format!("/api/v2/client-grants?client_id={}&audience={}", client.id, audience(a));
        self.tenant.get(&path).await.must_be(200).body[0]["id"].as_str().map(str::to_owned)
    }

    /// Every answer of the token endpoint that depends on what was done, and the published keys.
    async fn seen_by(&self, tenant: &TestTenant) -> Vec<(u16, Value)> {
        let mut seen = Vec::new();
        let mut organizations = vec![json!(null), json!("org-0")];
        organizations.extend(self.organizations.iter().flatten().map(|id| json!(id)));
        for client in self.clients.iter().flatten() {
            for audience in (0..APIS).map(audience).chain([String::new()]) {
                for organization in &organizations {
                    let asked = client.asks_with(&audience, json!({ "organization": organization }));
                    let answer = tenant.asked(asked).await;
                    assert!(answer.status < 500, "{}", answer.start());
                    seen.push((answer.status, said(&answer)));
                }
            }
        }
        for path in ["/.well-known/jwks.json", "/.well-known/openid-configuration"] {
            seen.push((200, tenant.without_token().get(path).await.must_be(200).body));
        }
        seen
    }
}

/// An answer with its token's header and claims, which do not depend on who signed first.
fn said(answer: &testkit::Answer) -> Value {
    let mut body = answer.body.clone();
    if let Some(token) = body["access_token"].as_str().map(str::to_owned) {
        body["access_token"] = json!([testkit::header(&token), testkit::claims(&token)]);
    }
    body
}

fn audience(a: usize) -> String {
    format!("urn:api:{a}")
}

fn granted(how: u8) -> Value {
    match how {
        0 => json!({ "scope": ["read:a", "write:b"] }),
        1 => json!({ "scope": [], "organization_usage": "require", "allow_any_organization": false }),
        2 => json!({ "scope": ["write:b"], "organization_usage": "allow", "allow_any_organization": true }),
        _ => json!({ "allow_all_scopes": true }),
    }
}
