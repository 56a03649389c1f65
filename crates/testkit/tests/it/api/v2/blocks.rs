//! `/api/v2/anomaly/blocks/ips` and `/api/v2/user-blocks`, and what the settings make of failed logins.

use http::Method;
use serde_json::{Value, json};
use testkit::{Browser, PASSWORD, TestClient, TestTenant};

const ANN: &str = "ann@example.com";
const BRUTE_FORCE: &str = "/api/v2/attack-protection/brute-force-protection";
const SUSPICIOUS: &str = "/api/v2/attack-protection/suspicious-ip-throttling";
const ADDRESS: &str = "/api/v2/anomaly/blocks/ips/203.0.113.7";

struct Scene {
    tenant: TestTenant,
    spa: TestClient,
    user_id: String,
}

impl Scene {
    async fn with(path: &str, settings: Value) -> Scene {
        let tenant = TestTenant::new().await;
        let user_id = tenant.person(ANN).await.user_id;
        let spa = tenant.spa(json!({})).await;
        tenant.patch(path, settings).await.must_be(200);
        Scene { tenant, spa, user_id }
    }

    /// Fails so often, and answers the status of the right password then.
    async fn after_failures(&self, failures: usize) -> u16 {
        let mut browser = Browser::new(&self.tenant);
        let page = browser.login_page(&self.spa, &[]).await;
        for _ in 0..failures {
            browser.fill_in(&page, ANN, "not the password").await;
        }
        browser.fill_in(&page, ANN, PASSWORD).await.status
    }

    async fn blocked_for(&self, path: &str) -> Value {
        self.tenant.get(path).await.must_be(200)["blocked_for"].clone()
    }
}

#[tokio::test]
async fn a_blocked_account_is_shown_and_opened() {
    let scene = Scene::with(BRUTE_FORCE, json!({ "max_attempts": 2 })).await;
    let by_identifier = format!("/api/v2/user-blocks?identifier={ANN}");
    let by_user = format!("/api/v2/user-blocks/{}", scene.user_id.replace('|', "%7C"));
    assert_eq!(scene.blocked_for(&by_identifier).await, json!([]));
    assert_eq!(scene.after_failures(2).await, 429);
    let ann = json!([{
        "identifier": ANN, "connection": "Username-Password-Authentication", "ip": "203.0.113.7",
    }]);
    for path in [&by_identifier, &by_user] {
        let shown = scene.blocked_for(path).await;
        assert_eq!(
            (&shown[0]["identifier"], &shown[0]["ip"]),
            (&ann[0]["identifier"], &ann[0]["ip"]),
            "{path}"
        );
    }
    assert_eq!(scene.tenant.other().get(&by_identifier).await["blocked_for"], json!([]));
    scene.tenant.delete(&by_user).await.must_be(204);
    assert_eq!(scene.blocked_for(&by_identifier).await, json!([]));
    assert_eq!(scene.after_failures(2).await, 429);
    scene.tenant.delete(&by_identifier).await.must_be(204);
    assert_eq!(scene.after_failures(0).await, 303);
}

#[tokio::test]
async fn protection_that_is_off_or_only_watches_holds_up_nobody() {
    let scene = Scene::with(BRUTE_FORCE, json!({ "max_attempts": 2, "enabled": false })).await;
    assert_ne!(scene.after_failures(5).await, 429);
    scene.tenant.patch(BRUTE_FORCE, json!({ "enabled": true, "shields": [] })).await.must_be(200);
    assert_ne!(scene.after_failures(3).await, 429);
    assert!(!scene.tenant.get("/api/v2/logs?q=type:limit_wc").await.items().is_empty());
    let considers = format!("/api/v2/user-blocks?identifier={ANN}&consider_brute_force_enablement=true");
    assert_eq!(scene.blocked_for(&considers).await, json!([]));
}

#[tokio::test]
async fn who_is_on_the_list_is_not_counted() {
    let allowed = json!({ "max_attempts": 2, "allowlist": ["203.0.113.0/24"] });
    let scene = Scene::with(BRUTE_FORCE, allowed).await;
    assert_ne!(scene.after_failures(6).await, 429);
    scene.tenant.patch(BRUTE_FORCE, json!({ "allowlist": [] })).await.must_be(200);
    assert_eq!(scene.after_failures(2).await, 429);
}

#[tokio::test]
async fn an_account_can_be_closed_to_everybody() {
    let scene = Scene::with(BRUTE_FORCE, json!({ "max_attempts": 1, "mode": "count_per_identifier" })).await;
    assert_eq!(scene.after_failures(1).await, 429);
    let shown = scene.blocked_for(&format!("/api/v2/user-blocks?identifier={}", ANN.to_uppercase())).await;
    assert_eq!((shown.as_array().map(Vec::len), &shown[0]["ip"]), (Some(1), &Value::Null));
}

#[tokio::test]
async fn a_blocked_address_is_told_and_opened_and_opens_bit_by_bit() {
    let stage = json!({ "stage": { "pre-login": { "max_attempts": 3, "rate": 60_000 } } });
    let scene = Scene::with(SUSPICIOUS, stage).await;
    let missing = scene.tenant.get(ADDRESS).await.must_be(404);
    assert_eq!(missing.body, json!({ "statusCode": 404, "error": "Not Found", "message": "Not Found" }));
    assert_eq!(scene.after_failures(3).await, 429);
    assert_eq!(scene.tenant.get(ADDRESS).await.must_be(200).text(), "");
    assert_eq!(scene.tenant.other().get(ADDRESS).await.status, 404);
    scene.tenant.delete(ADDRESS).await.must_be(204);
    scene.tenant.delete(ADDRESS).await.must_be(204);
    scene.tenant.get(ADDRESS).await.must_be(404);
    assert_eq!(scene.after_failures(3).await, 429);
    // One more a minute, however often it is tried meanwhile.
    scene.tenant.later(61_000);
    assert_eq!(scene.after_failures(1).await, 429);
    scene.tenant.later(61_000);
    assert_ne!(scene.after_failures(0).await, 429);
}

#[tokio::test]
async fn what_is_no_address_or_nobody_is_refused() {
    let tenant = TestTenant::new().await;
    for address in ["x", "1.2.3", "10.0.0.0%2F8", "::g", "1.1.1.1%00", &"1".repeat(1_000)] {
        let path = format!("/api/v2/anomaly/blocks/ips/{address}");
        for method in [Method::GET, Method::DELETE] {
            let status = tenant.as_owner().send(method, &path, &[], "").await.status;
            assert!([400, 404].contains(&status), "{address}: {status}");
        }
    }
    for query in ["", "?identifier=", "?identifier=a&identifier=b", "?who=a", "?identifier=%ff"] {
        tenant.get(&format!("/api/v2/user-blocks{query}")).await.must_be(400);
    }
    tenant.get(&format!("/api/v2/user-blocks?identifier={}", "%F0%9F%98%80".repeat(200))).await.must_be(200);
    tenant.get("/api/v2/user-blocks/auth0%7Cnobody").await.must_be(404);
    let reader = tenant.allowed(&["read:users"]);
    reader.get(ADDRESS).await.must_be(403);
    reader.delete("/api/v2/user-blocks?identifier=a").await.must_be(403);
}
