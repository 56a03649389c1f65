//! Tokens in the name of an organization: what the grant says, and what was asked.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

use super::API;

/// A client, its grant with this usage, and the organizations `acme` (associated) and `globex` (not).
struct Scene {
    tenant: TestTenant,
    m2m: TestClient,
    grant: String,
    acme: String,
    globex: String,
}

impl Scene {
    async fn new(usage: Value) -> Scene {
        let tenant = TestTenant::new().await;
        tenant.api(json!({})).await;
        let m2m = tenant.client(json!({})).await;
        let mut grant = json!({ "client_id": m2m.id, "audience": API, "scope": [] });
        if !usage.is_null() {
            grant["organization_usage"] = usage.clone();
        }
        let grant = id(&tenant.grant(grant).await);
        let acme = id(&tenant.organization("acme").await);
        let globex = id(&tenant.organization("globex").await);
        if usage == "allow" || usage == "require" {
            let path = format!("/api/v2/organizations/{acme}/client-grants");
            tenant.post(&path, json!({ "grant_id": grant })).await.must_be(201);
        }
        Scene { tenant, m2m, grant, acme, globex }
    }

    async fn ask(&self, organization: Value) -> Answer {
        self.tenant.asked(self.m2m.asks_with(API, json!({ "organization": organization }))).await
    }

    /// The organization of the token that is given, or nothing.
    async fn given(&self, organization: Value) -> Value {
        claims(self.ask(organization).await.must_be(200).str("access_token"))["org_id"].clone()
    }

    async fn refused(&self, organization: Value) {
        let answer = self.ask(organization.clone()).await;
        assert_eq!((answer.status, &answer["error"]), (403, &json!("access_denied")), "{organization}");
    }

    async fn allow_names(&self) {
        let names = json!({ "allow_organization_name_in_authentication_api": true });
        self.tenant.patch("/api/v2/tenants/settings", names).await.must_be(200);
    }

    async fn default_to(&self, organization: &str) {
        let default = json!({ "organization_id": organization, "flows": ["client_credentials"] });
        let path = format!("/api/v2/clients/{}", self.m2m.id);
        self.tenant.patch(&path, json!({ "default_organization": default })).await.must_be(200);
    }
}

#[tokio::test]
async fn a_grant_that_denies_organizations() {
    for usage in [json!(null), json!("deny")] {
        let scene = Scene::new(usage).await;
        assert_eq!(scene.given(json!(null)).await, Value::Null);
        assert_eq!(scene.given(json!("")).await, Value::Null);
        scene.refused(json!(scene.acme)).await;
        scene.refused(json!("org_unknown")).await;
        scene.default_to(&scene.acme).await;
        assert_eq!(scene.given(json!(null)).await, Value::Null);
    }
}

#[tokio::test]
async fn a_grant_that_allows_organizations() {
    let scene = Scene::new(json!("allow")).await;
    assert_eq!(scene.given(json!(null)).await, Value::Null);
    assert_eq!(scene.given(json!(scene.acme)).await, scene.acme);
    scene.refused(json!(scene.globex)).await;
    scene.refused(json!("org_unknown")).await;
    // The default is for grants that require one.
    scene.default_to(&scene.acme).await;
    assert_eq!(scene.given(json!(null)).await, Value::Null);
}

#[tokio::test]
async fn a_grant_that_requires_an_organization() {
    let scene = Scene::new(json!("require")).await;
    scene.refused(json!(null)).await;
    scene.refused(json!("")).await;
    assert_eq!(scene.given(json!(scene.acme)).await, scene.acme);
    scene.refused(json!(scene.globex)).await;

    scene.default_to(&scene.globex).await;
    scene.refused(json!(null)).await;
    scene.default_to(&scene.acme).await;
    assert_eq!(scene.given(json!(null)).await, scene.acme);
    scene.refused(json!(scene.globex)).await;
}

#[tokio::test]
async fn a_grant_for_any_organization_needs_no_list() {
    let scene = Scene::new(json!("allow")).await;
    let path = format!("/api/v2/client-grants/{}", scene.grant);
    scene.tenant.patch(&path, json!({ "allow_any_organization": true })).await.must_be(200);

    assert_eq!(scene.given(json!(scene.globex)).await, scene.globex);
    scene.refused(json!("org_unknown")).await;
}

#[tokio::test]
async fn an_unknown_organization_is_refused_like_one_that_is_not_listed() {
    let scene = Scene::new(json!("allow")).await;

    let unlisted = scene.ask(json!(scene.globex)).await;
    let unknown = scene.ask(json!("org_unknown")).await;

    let same = |answer: &Answer, asked: &str| answer.text().replace(asked, "…");
    assert_eq!(same(&unlisted, &scene.globex), same(&unknown, "org_unknown"));
    assert_eq!((unlisted.status, unlisted.header_names()), (unknown.status, unknown.header_names()));
}

#[tokio::test]
async fn a_name_will_do_where_the_tenant_allows_names() {
    let scene = Scene::new(json!("allow")).await;
    scene.refused(json!("acme")).await;

    scene.allow_names().await;

    let answer = scene.ask(json!("acme")).await.must_be(200);
    assert_eq!(answer.members(), ["access_token", "expires_in", "token_type"]);
    let said = claims(answer.str("access_token"));
    assert_eq!((&said["org_id"], &said["org_name"]), (&json!(scene.acme), &json!("acme")));
    scene.refused(json!("globex")).await;
    scene.refused(json!("ACM")).await;
}

#[tokio::test]
async fn the_name_is_in_the_token_only_where_names_are_allowed() {
    let scene = Scene::new(json!("allow")).await;
    let before = claims(scene.ask(json!(scene.acme)).await.must_be(200).str("access_token"));
    assert_eq!(before["org_name"], Value::Null);

    scene.allow_names().await;

    let after = claims(scene.ask(json!(scene.acme)).await.must_be(200).str("access_token"));
    assert_eq!(after["org_name"], "acme");
}

#[tokio::test]
async fn tokens_end_with_the_association_and_with_the_organization() {
    let scene = Scene::new(json!("allow")).await;
    let path = format!("/api/v2/organizations/{}/client-grants", scene.acme);
    scene.tenant.delete(&format!("{path}/{}", scene.grant)).await.must_be(204);
    scene.refused(json!(scene.acme)).await;

    scene.tenant.post(&path, json!({ "grant_id": scene.grant })).await.must_be(201);
    assert_eq!(scene.given(json!(scene.acme)).await, scene.acme);
    scene.tenant.delete(&format!("/api/v2/organizations/{}", scene.acme)).await.must_be(204);
    scene.refused(json!(scene.acme)).await;
}

#[tokio::test]
async fn organizations_of_one_second_do_not_share_a_token() {
    let scene = Scene::new(json!("allow")).await;
    let path = format!("/api/v2/client-grants/{}", scene.grant);
    scene.tenant.patch(&path, json!({ "allow_any_organization": true })).await.must_be(200);

    for organization in [&scene.acme, &scene.globex, &scene.acme] {
        assert_eq!(scene.given(json!(organization)).await, **organization);
    }
    assert_eq!(scene.given(json!(null)).await, Value::Null);
}

fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}
