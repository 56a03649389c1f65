//! `ETag` and `If-Match`: a change that was meant for what somebody else has changed since is not made.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::refused;

const JSON: (&str, &str) = ("content-type", "application/json");
const SETTINGS: &str = "/api/v2/tenants/settings";

#[tokio::test]
async fn of_two_writers_the_second_is_told() {
    let tenant = TestTenant::new().await;
    for path in places(&tenant).await {
        let read = tenant.get(&path).await.must_be(200);
        let etag = read.header("etag");
        assert!(etag.starts_with('"') && etag.contains('-') && etag.ends_with('"'), "{etag}");

        let first = patch_if(&tenant, &path, etag, one_change(&path)).await.must_be(200);
        let second = patch_if(&tenant, &path, etag, another_change(&path)).await;

        failed(&second);
        assert_ne!(first.header("etag"), etag);
        let now = tenant.get(&path).await.must_be(200);
        assert_eq!(now.header("etag"), first.header("etag"), "{path}");
        // The answer's own tag goes on from there, and a change that changes nothing keeps it.
        let same = patch_if(&tenant, &path, first.header("etag"), one_change(&path)).await.must_be(200);
        assert_eq!(same.header("etag"), first.header("etag"));
        patch_if(&tenant, &path, same.header("etag"), another_change(&path)).await.must_be(200);
    }
}

#[tokio::test]
async fn writers_at_the_same_moment() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/v2/clients/{}", client.id);
    let etag = tenant.get(&path).await.header("etag").to_owned();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (tenant, path, etag) = (tenant.clone(), path.clone(), etag.clone());
        writers.spawn(async move {
            patch_if(&tenant, &path, &etag, json!({ "description": n.to_string() })).await.status
        });
    }
    let mut statuses = writers.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn what_changed_since_is_not_deleted() {
    let tenant = TestTenant::new().await;
    for path in places(&tenant).await.into_iter().filter(|path| path != SETTINGS) {
        let etag = tenant.get(&path).await.header("etag").to_owned();
        tenant.patch(&path, one_change(&path)).await.must_be(200);
        failed(&delete_if(&tenant, &path, &etag).await);
        let etag = tenant.get(&path).await.must_be(200).header("etag").to_owned();
        delete_if(&tenant, &path, &etag).await.must_be(204);
        // Gone is gone without a condition, but no longer what the condition names.
        failed(&delete_if(&tenant, &path, &etag).await);
        failed(&delete_if(&tenant, &path, "*").await);
        tenant.delete(&path).await.must_be(204);
    }
}

#[tokio::test]
async fn what_the_header_may_say() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/v2/clients/{}", client.id);
    let etag = tenant.get(&path).await.header("etag").to_owned();
    let many: Vec<String> = (0..200).map(|n| format!("\"{n}\"")).collect();
    let body = json!({ "name": "Nightly import" });
    for (header, status) in [
        ("*".to_owned(), 200),
        (etag.clone(), 200),
        (format!(" {etag} "), 200),
        (format!("\"a\", {etag}"), 200),
        (format!("W/\"a\" ,\t{etag},\"b\""), 200),
        ("\"a, b\"".into(), 412),
        ("\"\"".into(), 412),
        // RFC 9110 §13.1.1: a weak tag never matches.
        (format!("W/{etag}"), 412),
        (etag.trim_matches('"').into(), 400),
        (format!("{etag} {etag}"), 400),
        (format!("{etag},"), 400),
        (etag.trim_end_matches('"').into(), 400),
        ("\"".into(), 400),
        (",".into(), 400),
        (String::new(), 400),
        ("w/\"a\"".into(), 400),
        (many.join(","), 400),
    ] {
        let answer = patch_if(&tenant, &path, &header, body.clone()).await;
        assert_eq!(answer.status, status, "{header}: {}", answer.text());
    }
    let twice = [("if-match", "\"a\""), ("if-match", etag.as_str()), JSON];
    tenant.as_owner().send(Method::PATCH, &path, &twice, body.to_string()).await.must_be(200);
    let gone = patch_if(&tenant, "/api/v2/clients/nobody", &etag, body).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_taken_name_is_no_lost_race() {
    let tenant = TestTenant::new().await;
    let one = tenant.organization("one").await;
    tenant.organization("two").await;
    let path = format!("/api/v2/organizations/{}", one["id"].as_str().unwrap());
    let etag = tenant.get(&path).await.header("etag").to_owned();
    let answer = patch_if(&tenant, &path, &etag, json!({ "name": "two" })).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
}

/// One of each kind, unchanged.
async fn places(tenant: &TestTenant) -> Vec<String> {
    let api = tenant.api(json!({})).await;
    let client = tenant.client(json!({})).await;
    let grant = json!({ "client_id": client.id, "audience": "https://api.example", "scope": [] });
    let grant = tenant.grant(grant).await;
    let organization = tenant.organization("acme").await;
    let at = |kind: &str, thing: &Value| format!("/api/v2/{kind}/{}", thing["id"].as_str().unwrap());
    vec![
        at("client-grants", &grant),
        at("resource-servers", &api),
        at("organizations", &organization),
        format!("/api/v2/clients/{}", client.id),
        SETTINGS.to_owned(),
    ]
}

fn one_change(path: &str) -> Value {
    match path.split('/').nth(3) {
        Some("client-grants") => json!({ "scope": ["read:a"] }),
        Some("organizations") => json!({ "display_name": "One" }),
        Some("tenants") => json!({ "friendly_name": "One" }),
        _ => json!({ "name": "One" }),
    }
}

fn another_change(path: &str) -> Value {
    match path.split('/').nth(3) {
        Some("client-grants") => json!({ "scope": ["write:b"] }),
        Some("organizations") => json!({ "display_name": "Other" }),
        Some("tenants") => json!({ "friendly_name": "Other" }),
        _ => json!({ "name": "Other" }),
    }
}

async fn patch_if(tenant: &TestTenant, path: &str, etag: &str, body: Value) -> Answer {
    tenant.as_owner().send(Method::PATCH, path, &[JSON, ("if-match", etag)], body.to_string()).await
}

async fn delete_if(tenant: &TestTenant, path: &str, etag: &str) -> Answer {
    tenant.as_owner().send(Method::DELETE, path, &[("if-match", etag)], "").await
}

#[track_caller]
fn failed(answer: &Answer) {
    let words = "The resource is not in the version that If-Match names; read it again.";
    refused(answer, 412, words, Some("precondition_failed"));
}
