//! `/api/v2/events`

use std::time::Duration;

use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use testkit::{Caller, TestTenant};
use tokio::time;

use super::person;

const FEED: &str = "/api/v2/events";

/// A feed that is read.
struct Feed(Response);

impl Feed {
    async fn open(caller: &Caller, query: &str) -> Feed {
        let response = caller.open(&format!("{FEED}?{query}")).await;
        assert_eq!(response.status(), 200);
        let mut feed = Feed(response);
        assert_eq!(feed.next().await.as_deref(), Some(":connected\n\nretry: 2000\n\n"));
        feed
    }

    async fn next(&mut self) -> Option<String> {
        let frame = time::timeout(Duration::from_secs(30), self.0.body_mut().frame()).await;
        let frame = frame.expect("something comes in time")?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    /// The offset of the next event, and the event.
    async fn event(&mut self) -> (String, Value) {
        let text = self.next().await.unwrap();
        let line =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        let data: Value = serde_json::from_str(&line("data:")).unwrap();
        assert_eq!(
            (data["offset"].as_str().unwrap(), &data["event"]["type"]),
            (line("id:").as_str(), &json!(line("event:")))
        );
        (line("id:"), data["event"].clone())
    }
}

fn email(event: &Value) -> &str {
    event["data"]["object"]["email"].as_str().unwrap()
}

#[tokio::test]
async fn events_are_fetched_from_now_on_and_resumed() {
    let tenant = TestTenant::new().await;
    person(&tenant, "before@shop.example").await;
    let reader = tenant.allowed(&["read:events"]);
    let mut feed = Feed::open(&reader, "").await;
    person(&tenant.other(), "theirs@shop.example").await;
    let began = tenant.clock().iso();
    person(&tenant, "ann@shop.example").await;
    let (offset, event) = feed.event().await;
    assert_eq!(
        (email(&event), &event["specversion"], event.get("a0stream")),
        ("ann@shop.example", &json!("1.0"), None)
    );
    drop(feed);
    // Nobody reads, and it is kept.
    tenant.later(60_000);
    let bob = person(&tenant, "bob@shop.example").await;
    tenant.delete(&format!("/api/v2/users/{bob}")).await.must_be(204);
    let mut resumed = Feed::open(&reader, &format!("from={offset}")).await;
    assert_eq!(email(&resumed.event().await.1), "bob@shop.example");
    assert_eq!(resumed.event().await.1["type"], "user.deleted");
    let mut some = Feed::open(&reader, &format!("event_type=user.deleted&from_timestamp={began}")).await;
    assert_eq!(some.event().await.1["type"], "user.deleted");
    let mut all =
        Feed::open(&reader, &format!("event_type=user.deleted,user.created&from_timestamp={began}")).await;
    assert_eq!(email(&all.event().await.1), "ann@shop.example");
    tenant.server().tenants().logs().end_watches();
    assert_eq!(resumed.next().await.as_deref(), Some(": the server is stopping\n\n"));
    assert_eq!(resumed.next().await, None);
}

#[tokio::test]
async fn a_feed_ends_with_its_token() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["read:events"]).await;
    let mut feed = Feed::open(&tenant.with_token(token.clone()), "").await;
    tenant.post("/api/x/revocations", json!({ "token": token })).await.must_be(201);
    assert_eq!(feed.next().await.as_deref(), Some(": the token is not accepted any more\n\n"));
    assert_eq!(feed.next().await, None);
}

#[tokio::test]
async fn who_was_away_for_too_long_is_told_so() {
    let tenant = TestTenant::new().await;
    let mut feed = Feed::open(&tenant.as_owner(), "").await;
    person(&tenant, "ann@shop.example").await;
    let (offset, _) = feed.event().await;
    drop(feed);
    tenant.later(7 * 24 * 3_600_000 + 1);
    let gone = tenant.get(&format!("{FEED}?from={offset}")).await;
    assert_eq!((gone.status, gone.str("errorCode")), (410, "offset_expired"));
}

#[tokio::test]
async fn who_was_away_while_too_much_happened_is_told_so() {
    let tenant = TestTenant::new().await;
    let began = tenant.clock().iso();
    let mut feed = Feed::open(&tenant.as_owner(), "").await;
    person(&tenant, "ann@shop.example").await;
    let (offset, _) = feed.event().await;
    drop(feed);
    for name in ["bob", "carl", "dora"] {
        person(&tenant, &format!("{name}@shop.example")).await;
    }
    idp::event_streams::drop_crowds(tenant.server().tenants(), 1).await.unwrap();
    let gone = tenant.get(&format!("{FEED}?from={offset}")).await;
    assert_eq!((gone.status, gone.str("errorCode")), (410, "offset_expired"));
    let mut feed = Feed::open(&tenant.as_owner(), &format!("from_timestamp={began}")).await;
    assert_eq!(email(&feed.event().await.1), "dora@shop.example");
}

#[tokio::test]
async fn where_nobody_reads_nothing_is_kept() {
    let tenant = TestTenant::new().await;
    person(&tenant, "ann@shop.example").await;
    let events = tenant.store().events();
    let start = store::EventPlace { rev: 0, n: 0 };
    assert!(events.after("default", start, 10).await.unwrap().is_empty());
    Feed::open(&tenant.as_owner(), "").await;
    person(&tenant, "bob@shop.example").await;
    assert_eq!(events.after("default", start, 10).await.unwrap().len(), 1);
    tenant.later(7 * 24 * 3_600_000 + 1);
    person(&tenant, "carl@shop.example").await;
    idp::event_streams::sweep(tenant.server().tenants()).await.unwrap();
    assert!(events.after("default", start, 10).await.unwrap().is_empty());
}
