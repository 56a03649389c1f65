//! `/api/x/audit`

use idp::{
    audit::{self, LogKeeping},
    jobs::{self, Lane},
};
use model::Role;
use serde_json::{Value, json};
use store::{
    Location,
    db::{Db, Statement},
};
use testkit::{Answer, Browser, PASSWORD, TestTenant};

use crate::log_streams::cause;

const VERIFICATIONS: &str = "/api/x/audit/verifications";

/// A tenant whose log is sealed.
async fn scene() -> TestTenant {
    let tenant = TestTenant::new().await;
    for round in 0..2 {
        cause(&tenant, &format!("r{round}-"), 3).await;
        tenant.flush_logs().await;
        audit::seal(&tenant).await.unwrap();
        tenant.later(61_000);
    }
    tenant
}

/// Runs all verifications, and answers how one ended.
async fn ended(tenant: &TestTenant, asked: &Answer) -> Value {
    while jobs::run_due(tenant.server().tenants(), Lane::Logs).await.unwrap() {}
    tenant.get(&format!("{VERIFICATIONS}/{}", asked.str("id"))).await.must_be(200).body
}

async fn verified(tenant: &TestTenant, body: Value) -> Value {
    let asked = tenant.post(VERIFICATIONS, body).await.must_be(202);
    ended(tenant, &asked).await
}

async fn intrude(tenant: &TestTenant, sql: String) {
    let db = match tenant.server().location() {
        Location::Sqlite { dir } => Db::sqlite_logs(dir.join("logs.db")).await.unwrap(),
        Location::Postgres { url } => Db::postgres(url).await.unwrap(),
    };
    db.commit(vec![Statement::new(sql, Vec::new()).expecting(1)].into()).await.unwrap();
}

#[tokio::test]
async fn it_says_how_far_the_log_is_sealed_and_what_was_signed() {
    let tenant = TestTenant::new().await;
    let state = tenant.get("/api/x/audit").await.must_be(200).body;
    let nothing = json!({ "log_seals": false, "retention_days": null, "sealed": null, "checkpoint": null });
    assert_eq!(state, nothing);
    assert_eq!(tenant.get("/api/x/audit/checkpoints").await.body["checkpoints"], json!([]));

    let tenant = scene().await;
    tenant.server().tenants().keep_logs(LogKeeping { days: 30, is_sealed: true });
    cause(&tenant, "new", 2).await;
    let state = tenant.get("/api/x/audit").await.must_be(200).body;
    assert_eq!((&state["log_seals"], &state["retention_days"]), (&json!(true), &json!(30)));
    assert_eq!((&state["sealed"]["part"], &state["sealed"]["waiting"]), (&json!(2), &json!(2)), "{state}");
    let listed = tenant.get("/api/x/audit/checkpoints").await.must_be(200).body;
    let parts: Vec<_> = listed["checkpoints"].as_array().unwrap().iter().map(|one| &one["part"]).collect();
    assert_eq!(parts, [2, 1]);
    assert_eq!(listed["checkpoints"][0], state["checkpoint"]);
    let earlier = tenant.get("/api/x/audit/checkpoints?before=2&take=1").await.must_be(200).body;
    assert_eq!(earlier["checkpoints"], json!([listed["checkpoints"][1]]));
    let kept = audit::checkpoint(&tenant).await.unwrap().unwrap();
    assert_eq!(state["checkpoint"]["checkpoint"], json!(kept));
    for query in ["take=0", "take=101", "before=0", "before=x", "from=1"] {
        tenant.get(&format!("/api/x/audit/checkpoints?{query}")).await.must_be(400);
    }
}

#[tokio::test]
async fn a_log_is_verified_in_the_background() {
    let tenant = scene().await;
    let asked = tenant.post(VERIFICATIONS, json!({})).await.must_be(202);
    assert_eq!((asked.str("status"), &asked["percentage_done"]), ("pending", &json!(0)));
    // One at a time; what people wait for in another lane goes on.
    tenant.post(VERIFICATIONS, json!({})).await.must_be(409);
    assert!(!jobs::run_due(tenant.server().tenants(), Lane::Users).await.unwrap());
    let done = ended(&tenant, &asked).await;
    assert_eq!(
        (&done["status"], &done["report"]["findings_count"]),
        (&json!("completed"), &json!(0)),
        "{done}"
    );
    assert_eq!((&done["report"]["findings"], &done["report"]["checkpoints"]), (&json!([]), &json!(2)));
    assert!(done["report"]["sealed"].as_i64().unwrap() >= 6, "{done}");
    let listed = tenant.get(VERIFICATIONS).await.must_be(200).body;
    let listed = &listed["verifications"][0];
    assert_eq!((&listed["id"], &listed["report"]["findings_count"]), (&done["id"], &json!(0)));
    assert!(listed["report"].get("findings").is_none(), "{listed}");

    // Nobody finds it among the jobs of another tenant.
    tenant.other().get(&format!("{VERIFICATIONS}/{}", asked.str("id"))).await.must_be(404);
    assert_eq!(tenant.other().get(VERIFICATIONS).await.body["verifications"], json!([]));
    tenant.get(&format!("{VERIFICATIONS}/job_nobody")).await.must_be(404);
}

#[tokio::test]
async fn what_was_done_to_the_log_is_named() {
    let tenant = scene().await;
    let events = tenant.store().logs().after("default", None, 100).await.unwrap();
    let (removed, altered) = (events[1].log_id.clone(), events[2].log_id.clone());
    intrude(&tenant, format!("delete from logs where tenant = 'default' and log_id = '{removed}'")).await;
    intrude(&tenant, format!("update logs set ip = '0' where tenant = 'default' and log_id = '{altered}'"))
        .await;
    let report = verified(&tenant, json!({})).await["report"].clone();
    let named = json!([
        { "kind": "removed", "log_id": removed }, { "kind": "altered", "log_id": altered },
    ]);
    assert_eq!((&report["findings"], &report["findings_count"]), (&named, &json!(2)));
    // The second round alone is in order.
    let from = idp::clock::iso(tenant.clock().now_ms() - 90_000);
    let report = verified(&tenant, json!({ "from": from })).await["report"].clone();
    assert_eq!(report["findings"], json!([]), "{report}");
    let forged = json!({ "checkpoints": ["x.y.z"] });
    let report = verified(&tenant, forged).await["report"].clone();
    assert_eq!(report["findings"][0], json!({ "kind": "checkpoint", "part": null, "reason": "unsigned" }));
}

#[tokio::test]
async fn what_is_old_enough_to_go_is_not_missed() {
    let tenant = scene().await;
    tenant.server().tenants().keep_logs(LogKeeping { days: 1, is_sealed: true });
    let events = tenant.store().logs().after("default", None, 100).await.unwrap();
    let removed = &events[1].log_id;
    tenant.later(2 * 24 * 3_600_000);
    intrude(&tenant, format!("delete from logs where tenant = 'default' and log_id = '{removed}'")).await;
    let report = verified(&tenant, json!({})).await["report"].clone();
    assert_eq!((&report["findings"], &report["expired"]), (&json!([]), &json!(1)), "{report}");
}

#[tokio::test]
async fn a_request_for_it_is_checked_and_wants_a_fresh_login() {
    let tenant = scene().await;
    let kept = audit::checkpoint(&tenant).await.unwrap().unwrap();
    for body in [
        json!({ "from": "yesterday" }),
        json!({ "from": 7 }),
        json!({ "checkpoints": "x" }),
        json!({ "checkpoints": [7] }),
        json!({ "checkpoints": vec!["x"; 51] }),
        json!({ "checkpoints": ["x".repeat(8_193)] }),
        json!({ "from": "2026-01-01T00:00:00Z", "checkpoints": [kept] }),
        json!({ "extra": true }),
    ] {
        tenant.post(VERIFICATIONS, body).await.must_be(400);
    }
    tenant.allowed(&["read:clients"]).post(VERIFICATIONS, json!({})).await.must_be(403);
    let viewer = tenant.administrator("vic@acme.example", &[Role::Viewer]).await;
    let mut browser = Browser::new(&tenant);
    let page = browser.authorize_dashboard(&tenant, &[]).await.location().to_owned();
    browser.fill_in(&page, "vic@acme.example", PASSWORD).await.location();
    let asked = viewer.post(VERIFICATIONS, json!({ "checkpoints": [kept] })).await.must_be(202);
    assert_eq!(ended(&tenant, &asked).await["report"]["checkpoints"], json!(3));
    tenant.later(11 * 60_000);
    let stale = tenant.with_token(browser.dashboard_token(&tenant).await);
    stale.get("/api/x/audit").await.must_be(200);
    let refused = stale.post(VERIFICATIONS, json!({})).await.must_be(403);
    assert_eq!(refused.str("errorCode"), "reauthentication_required");
}
