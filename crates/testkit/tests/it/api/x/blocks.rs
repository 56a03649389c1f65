//! `/api/x/blocks`; what is blocked, and how, stands in `oauth/token/guessing.rs`.

use serde_json::json;
use testkit::{Browser, PASSWORD, TestTenant};

#[tokio::test]
async fn an_account_of_somebody_is_listed_and_let_go() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[]).await;
    for _ in 0..11 {
        browser.fill_in(&page, "ann@example.com", "not the password").await;
    }
    let listed = tenant.get("/api/x/blocks").await.must_be(200);
    let block = &listed["blocks"][0];
    assert_eq!(block["kind"], json!("login"));
    assert_eq!(block["subject"], json!({ "identifier": "ann@example.com", "network": "203.0.113.7" }));
    let one = format!("/api/x/blocks/{}", block["id"].as_str().unwrap());
    tenant.other().delete(&one).await.must_be(204);
    tenant.allowed(&["read:anomaly_blocks"]).delete(&one).await.must_be(403);
    browser.fill_in(&page, "ann@example.com", PASSWORD).await.must_be(429);
    tenant.delete(&one).await.must_be(204);
    browser.fill_in(&page, "ann@example.com", PASSWORD).await.must_be(303);
}

#[tokio::test]
async fn what_is_no_block_is_not_found() {
    let tenant = TestTenant::new().await;
    for id in ["x", "%00", "AAAA", "bG9naW4", &"A".repeat(1_900), "Y2xpZW50CngKYQ"] {
        tenant.delete(&format!("/api/x/blocks/{id}")).await.must_be(404);
    }
    tenant.get("/api/x/blocks?page=1").await.must_be(400);
    tenant.allowed(&["read:logs"]).get("/api/x/blocks").await.must_be(403);
}
