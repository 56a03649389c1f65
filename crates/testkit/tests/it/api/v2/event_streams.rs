//! `/api/v2/event-streams`: who is told of what happens. What they are told is looked at in `event_streams`.

use serde_json::{Value, json};
use testkit::TestTenant;

use super::refused;

const PATH: &str = "/api/v2/event-streams";

/// A webhook that knows the server in this way.
pub fn webhook(authorization: Value) -> Value {
    json!({ "type": "webhook", "configuration": {
        "webhook_endpoint": "https://shop.example/events", "webhook_authorization": authorization } })
}

fn bearer() -> Value {
    webhook(json!({ "method": "bearer", "token": "t0ken-of-mine" }))
}

/// Each destination, and what is shown of it.
fn destinations(action: &str) -> Vec<(Value, Value)> {
    let basic = json!({ "method": "basic", "username": "admin", "password": "s3cret-of-mine" });
    let header = json!({ "method": "custom_header", "header_key": "x-key", "header_value": "v4lue-of-mine" });
    let action = json!({ "type": "action", "configuration": { "action_id": action } });
    vec![
        (bearer(), webhook(json!({ "method": "bearer" }))),
        (webhook(basic), webhook(json!({ "method": "basic", "username": "admin" }))),
        (webhook(header), webhook(json!({ "method": "custom_header", "header_key": "x-key" }))),
        (action.clone(), action),
    ]
}

async fn action(tenant: &TestTenant, trigger: &str) -> String {
    let body = json!({ "name": format!("For {trigger}"), "supported_triggers": [{ "id": trigger, "version": "v1" }],
        "code": "exports.onExecuteEventStream = async (event, api) => {};" });
    tenant.post("/api/v2/actions/actions", body).await.must_be(201).str("id").to_owned()
}

#[tokio::test]
async fn each_kind_is_made_read_listed_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    let action = action(&tenant, "event-stream").await;
    for (destination, shown) in destinations(&action) {
        let subscriptions = json!([{ "event_type": "user.created" }, { "event_type": "user.updated" }]);
        let body = json!({ "name": "Mine", "subscriptions": subscriptions, "destination": destination });
        let made = tenant.post(PATH, body).await.must_be(201);
        let id = made.str("id");
        assert!(id.starts_with("est_") && id.len() == 26);
        assert_eq!((made.str("status"), made.str("name")), ("enabled", "Mine"));
        assert_eq!((&made["destination"], &made["subscriptions"]), (&shown, &subscriptions));
        assert_eq!(made["created_at"], made["updated_at"]);
        let one = format!("{PATH}/{id}");
        assert_eq!(tenant.get(&one).await.must_be(200).body, made.body);
        assert_eq!(tenant.get(PATH).await.must_be(200).body, json!({ "eventStreams": [made.body] }));
        tenant.later(1000);
        let patch = json!({ "name": "Yours", "status": "disabled", "subscriptions": [{ "event_type": "user.deleted" }] });
        let changed = tenant.patch(&one, patch).await.must_be(200);
        assert_eq!((changed.str("name"), changed.str("status")), ("Yours", "disabled"));
        assert_eq!((&changed["destination"], &changed["created_at"]), (&shown, &made["created_at"]));
        assert_ne!(changed["updated_at"], made["updated_at"]);
        tenant.patch(&one, json!({ "destination": destination })).await.must_be(200);
        tenant.other().get(&one).await.must_be(404);
        tenant.other().patch(&one, json!({ "name": "z" })).await.must_be(404);
        tenant
            .other()
            .post(&format!("{one}/test"), json!({ "event_type": "user.created" }))
            .await
            .must_be(404);
        tenant.other().delete(&one).await.must_be(204);
        assert_eq!(tenant.get(&one).await.must_be(200).body["name"], "Yours");
        tenant.delete(&one).await.must_be(204);
        // Gone is gone.
        tenant.delete(&one).await.must_be(204);
        refused(&tenant.get(&one).await, 404, "The requested stream does not exist.", None);
    }
    let unknown = "Path validation error: 'Object didn't pass validation for format event-stream-id: est_invalid_id_1234567890' on property id (Unique identifier for the event stream).";
    let answer = tenant.get(&format!("{PATH}/est_invalid_id_1234567890")).await;
    refused(&answer, 400, unknown, Some("invalid_uri"));
}

#[tokio::test]
async fn secrets_are_told_to_nobody_and_sealed() {
    let tenant = TestTenant::new().await;
    for (destination, _) in destinations("").into_iter().take(3) {
        tenant.post(PATH, json!({ "destination": destination })).await.must_be(201);
    }
    tenant.flush_logs().await;
    let logs = tenant.get("/api/v2/logs").await.must_be(200).body.to_string();
    let stored = tenant.store().documents().all("default", "event-streams").await.unwrap();
    let stored = format!("{:?}", stored.iter().map(|one| &one.body).collect::<Vec<_>>());
    let shown = tenant.get(PATH).await.must_be(200).body.to_string();
    assert!(shown.contains("custom_header") && stored.contains("custom_header"));
    for text in [&logs, &stored, &shown] {
        assert!(!text.contains("-of-mine"), "{text}");
    }
}

#[tokio::test]
async fn where_events_go_cannot_become_something_else() {
    let tenant = TestTenant::new().await;
    let bridge = json!({ "type": "eventbridge", "configuration": {
        "aws_account_id": "242849305777", "aws_region": "us-east-1" } });
    let made = tenant.post(PATH, json!({ "destination": bridge })).await.must_be(201);
    let source = made["destination"]["configuration"]["aws_partner_event_source"].as_str().unwrap();
    assert!(source.starts_with("aws.partner/auth0.com/default-") && source.ends_with("/auth0.events"));
    let one = format!("{PATH}/{}", made.str("id"));
    tenant.patch(&one, json!({ "destination": bridge })).await.must_be(400);
    tenant.patch(&one, json!({ "destination": bearer() })).await.must_be(400);
    // Nothing is sent there without access, and that is said.
    let tried =
        tenant.post(&format!("{one}/test"), json!({ "event_type": "user.created" })).await.must_be(202);
    assert_eq!(tried.str("status"), "failed");
    assert!(tried["attempts"][0]["error_message"].as_str().unwrap().contains("eventbridge_access_key_id"));
}

#[tokio::test]
async fn an_action_that_is_told_is_there_and_stays() {
    let tenant = TestTenant::new().await;
    let to = |id: &str| json!({ "destination": { "type": "action", "configuration": { "action_id": id } } });
    tenant.post(PATH, to("nobody")).await.must_be(400);
    tenant.post(PATH, to(&action(&tenant, "post-login").await)).await.must_be(400);
    let id = action(&tenant, "event-stream").await;
    tenant.other().post(PATH, to(&id)).await.must_be(400);
    let stream = tenant.post(PATH, to(&id)).await.must_be(201);
    tenant.delete(&format!("/api/v2/actions/actions/{id}")).await.must_be(409);
    tenant.delete(&format!("{PATH}/{}", stream.str("id"))).await.must_be(204);
    tenant.delete(&format!("/api/v2/actions/actions/{id}")).await.must_be(204);
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let tenant = TestTenant::new().await;
    let at = |endpoint: &str| {
        let mut destination = bearer();
        destination["configuration"]["webhook_endpoint"] = json!(endpoint);
        json!({ "destination": destination })
    };
    let knowing = |authorization: Value| json!({ "destination": webhook(authorization) });
    let with = |name: &str, value: Value| {
        let mut body = json!({ "destination": bearer() });
        body[name] = value;
        body
    };
    let many: Vec<Value> = (0..51).map(|_| json!({ "event_type": "user.created" })).collect();
    for body in [
        json!({}),
        json!({ "destination": null }),
        json!({ "destination": [] }),
        json!({ "destination": { "type": "pigeon", "configuration": {} } }),
        json!({ "destination": { "type": "webhook" } }),
        json!({ "destination": { "type": "webhook", "configuration": {} } }),
        json!({ "destination": { "type": "webhook", "configuration": { "webhook_endpoint": "https://shop.example" } } }),
        at("http://shop.example/in"),
        at("https://user:password@shop.example/in"),
        at("shop.example"),
        at(""),
        at(&format!("https://shop.example/{}", "x".repeat(3_000))),
        knowing(json!({ "method": "none" })),
        knowing(json!({ "method": "bearer" })),
        knowing(json!({ "method": "bearer", "token": "" })),
        knowing(json!({ "method": "bearer", "token": "a\r\nx-more: b" })),
        knowing(json!({ "method": "bearer", "token": "a", "password": "b" })),
        knowing(json!({ "method": "basic", "username": "a" })),
        knowing(json!({ "method": "basic", "username": "a:b", "password": "c" })),
        knowing(json!({ "method": "custom_header", "header_key": "content-length", "header_value": "1" })),
        knowing(json!({ "method": "custom_header", "header_key": "x y", "header_value": "1" })),
        knowing(json!({ "method": "custom_header", "header_key": "x", "header_value": "1\n2" })),
        json!({ "destination": { "type": "eventbridge", "configuration": { "aws_account_id": "24284930577a",
            "aws_region": "us-east-1" } } }),
        json!({ "destination": { "type": "eventbridge", "configuration": { "aws_account_id": "242849305777",
            "aws_region": "us-east-1.example/" } } }),
        json!({ "destination": { "type": "eventbridge", "configuration": { "aws_account_id": "242849305777",
            "aws_region": "us-east-1", "aws_partner_event_source": "mine" } } }),
        with("subscriptions", json!([{ "event_type": "user.dreamt" }])),
        with("subscriptions", json!([{}])),
        with("subscriptions", json!({ "event_type": "user.created" })),
        with("subscriptions", json!(many)),
        with("status", json!("paused")),
        with("name", json!("")),
        with("id", json!("est_1")),
        with("created_at", json!("2026-01-01T00:00:00Z")),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body} {}", answer.text());
    }
    assert_eq!(tenant.get(PATH).await.must_be(200).body, json!({ "eventStreams": [] }));
}

#[tokio::test]
async fn a_tenant_has_so_many_and_pages_through_them() {
    let tenant = TestTenant::new().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        let made = tenant.post(PATH, json!({ "destination": bearer() })).await.must_be(201);
        ids.push(made.str("id").to_owned());
        tenant.later(1);
    }
    tenant.post(PATH, json!({ "destination": bearer() })).await.must_be(409);
    let first = tenant.get(&format!("{PATH}?take=15")).await.must_be(200);
    let rest = tenant.get(&format!("{PATH}?take=15&from={}", first.str("next"))).await.must_be(200);
    let shown = [&first, &rest].into_iter().flat_map(|page| page["eventStreams"].as_array().unwrap());
    assert_eq!(shown.map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(rest.body.get("next").is_none());
}

#[tokio::test]
async fn each_scope_permits_what_it_says() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(PATH, json!({ "destination": bearer() })).await.must_be(201);
    let one = format!("{PATH}/{}", made.str("id"));
    let reader = tenant.allowed(&["read:event_streams"]);
    for path in [PATH, &one, &format!("{one}/deliveries"), &format!("{one}/stats")] {
        reader.get(path).await.must_be(200);
        tenant.allowed(&["read:log_streams"]).get(path).await.must_be(403);
    }
    reader.post(PATH, json!({ "destination": bearer() })).await.must_be(403);
    reader.delete(&one).await.must_be(403);
    let test = json!({ "event_type": "user.created" });
    reader.post(&format!("{one}/test"), test.clone()).await.must_be(403);
    tenant.allowed(&["update:event_streams"]).post(&format!("{one}/test"), test).await.must_be(202);
    reader.post(&format!("{one}/redeliver"), json!({})).await.must_be(403);
    let deliverer = tenant.allowed(&["update:event_deliveries"]);
    assert_eq!(deliverer.post(&format!("{one}/redeliver"), json!({})).await.must_be(202).body, json!({}));
    tenant.allowed(&["read:event_deliveries"]).get(&format!("{one}/deliveries")).await.must_be(200);
    reader.get("/api/v2/events").await.must_be(403);
}

#[tokio::test]
async fn queries_and_bodies_that_nobody_means() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(PATH, json!({ "destination": bearer() })).await.must_be(201);
    let one = format!("{PATH}/{}", made.str("id"));
    for query in [
        "statuses=delivered",
        "event_types=user.dreamt",
        "date_from=yesterday",
        "date_to='",
        "from=%00",
        "from=bm9uZQ",
        "take=0",
        "take=101",
        "page=1",
    ] {
        assert_eq!(tenant.get(&format!("{one}/deliveries?{query}")).await.status, 400, "{query}");
    }
    for id in ["evt_nobody", "'", "%2e%2e", "x%00", &"x".repeat(1_000)] {
        tenant.get(&format!("{one}/deliveries/{id}")).await.must_be(404);
        tenant.post(&format!("{one}/redeliver/{id}"), json!({})).await.must_be(404);
    }
    for body in [
        json!({ "date_from": "yesterday" }),
        json!({ "date_to": 7 }),
        json!({ "statuses": ["delivered"] }),
        json!({ "event_types": "user.created" }),
        json!({ "event_types": ["user.dreamt"] }),
        json!({ "more": true }),
    ] {
        let answer = tenant.post(&format!("{one}/redeliver"), body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    for body in [
        json!({}),
        json!({ "event_type": "user.dreamt" }),
        json!({ "event_type": "user.created", "data": 7 }),
    ] {
        assert_eq!(tenant.post(&format!("{one}/test"), body.clone()).await.status, 400, "{body}");
    }
    for query in [
        "event_type=user.dreamt",
        "from=x",
        "from=MS4yLjM",
        "from_timestamp=x",
        "from=x&from_timestamp=x",
        "x=1",
    ] {
        let status = tenant.get(&format!("/api/v2/events?{query}")).await.status;
        // This one was told very long ago.
        assert_eq!(status, if query == "from=MS4yLjM" { 410 } else { 400 }, "{query}");
    }
}
