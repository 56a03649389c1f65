//! `/api/x/logs/stream`

use std::time::Duration;

use axum::response::Response;
use http_body_util::BodyExt;
use model::Role;
use serde_json::{Value, json};
use testkit::{Caller, TestTenant, claims};

use super::refuses_queries;

const PATH: &str = "/api/x/logs/stream";

#[tokio::test]
async fn events_come_as_they_are_written() {
    let tenant = TestTenant::new().await;
    tenant.client(json!({ "name": "Before" })).await;
    tenant.flush_logs().await;
    let mut stream = Stream::open(&tenant.allowed(&["read:logs"]), "").await;
    assert_eq!(stream.response.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.response.headers()["cache-control"], "no-cache");
    tenant.other().client(json!({ "name": "Theirs" })).await;
    for name in ["One", "Two\nlines", "\u{2028}"] {
        tenant.client(json!({ "name": name })).await;
        let (id, event) = stream.event().await;
        assert_eq!(event["details"]["request"]["body"]["name"], name);
        assert_eq!(tenant.get(&format!("/api/v2/logs/{id}")).await.must_be(200).body, event);
    }
}

#[tokio::test]
async fn a_filter_is_that_of_the_list() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let q = "type:feccft%20AND%20NOT%20description:Unauth*%20AND%20date:[2026-07-01%20TO%20*]";
    let mut stream = Stream::open(&tenant.as_owner(), &format!("q={q}")).await;
    let api = "https://api.example";
    tenant.asked(m2m.asks_with(api, json!({ "client_secret": "x" }))).await.must_be(401);
    tenant.token(m2m.asks_for(api)).await;
    tenant.asked(m2m.asks_with(api, json!({ "scope": "nope" }))).await.must_be(403);
    let (_, event) = stream.event().await;
    assert_eq!(event["description"], "Client has not been granted scopes: nope");
}

#[tokio::test]
async fn who_was_away_resumes_after_the_last_event() {
    let tenant = TestTenant::new().await;
    for n in 0..250 {
        tenant.client(json!({ "name": format!("C{n}") })).await;
        tenant.later(1);
    }
    let log = tenant.get("/api/v2/logs?take=100").await.must_be(200);
    let from = log.items()[9]["log_id"].as_str().unwrap();
    let mut stream = Stream::open(&tenant.as_owner(), &format!("from={from}")).await;
    let making = {
        let tenant = tenant.clone();
        tokio::spawn(async move {
            for n in 250..300 {
                tenant.client(json!({ "name": format!("C{n}") })).await;
                tenant.later(1);
            }
        })
    };
    // Each once and in order, whether it was read or watched.
    for n in 10..300 {
        let (_, event) = stream.event().await;
        assert_eq!(event["details"]["request"]["body"]["name"], format!("C{n}"));
    }
    making.await.unwrap();
    tenant.client(json!({ "name": "Last" })).await;
    assert_eq!(stream.event().await.1["details"]["request"]["body"]["name"], "Last");
}

#[tokio::test]
async fn a_stream_lives_as_long_as_its_token() {
    let tenant = TestTenant::new().await;
    let caller = tenant.as_owner();
    tenant.later(86_399_000);
    let mut stream = Stream::open(&caller, "").await;
    assert_eq!(stream.next().await.as_deref(), Some(": the token has expired\n\n"));
    assert_eq!(stream.next().await, None);
}

/// Revoked, by what becomes of its client, of its grant, or of whoever it stands for.
#[tokio::test]
async fn a_stream_ends_with_what_its_token_rests_on() {
    let tenant = TestTenant::new().await;
    let revoke = "/api/x/revocations";
    let machine = async || {
        let token = tenant.token_with(&["read:logs"]).await;
        let client_id = claims(&token)["azp"].as_str().unwrap().to_owned();
        (Stream::open(&tenant.with_token(token.clone()), "").await, token, client_id)
    };
    let (mut stays, ..) = machine().await;
    let (by_token, token, _) = machine().await;
    tenant.post(revoke, json!({ "token": token })).await.must_be(201);
    let (by_client, _, client_id) = machine().await;
    tenant.post(revoke, json!({ "kind": "client", "subject": client_id })).await.must_be(201);
    let (without_client, _, client_id) = machine().await;
    tenant.delete(&format!("/api/v2/clients/{client_id}")).await.must_be(204);
    let (without_grant, _, client_id) = machine().await;
    let grants = tenant.get(&format!("/api/v2/client-grants?client_id={client_id}")).await;
    let grant = grants.items()[0]["id"].as_str().unwrap().to_owned();
    tenant.delete(&format!("/api/v2/client-grants/{grant}")).await.must_be(204);
    let ann = tenant.administrator("ann@example.com", &[Role::Viewer]).await;
    let of_a_person = Stream::open(&ann, "").await;
    let builtin = tenant.built_in();
    let ann = idp::user::by_email(&builtin, "ann@example.com").await.unwrap().remove(0);
    builtin.block(&ann.user_id).await;
    for mut stream in [by_token, by_client, without_client, without_grant, of_a_person] {
        while let Some(block) = stream.next().await {
            if block.starts_with(": ") {
                assert_eq!(block, ": the token is not accepted any more\n\n");
            }
        }
    }
    tenant.client(json!({ "name": "Last" })).await;
    while stays.event().await.1["details"]["request"]["body"]["name"] != "Last" {}
}

#[tokio::test]
async fn only_so_many_at_once_for_each_tenant() {
    let tenant = TestTenant::new().await;
    let owner = tenant.as_owner();
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::open(&owner, "").await);
    }
    let refused = owner.get(PATH).await;
    assert_eq!((refused.status, &refused["errorCode"]), (429, &json!("too_many_requests")));
    Stream::open(&tenant.other().as_owner(), "").await;
    drop(streams.pop());
    // A reader who goes is noticed as soon as the server comes to it.
    let mut opened = owner.open(PATH).await;
    for _ in 0..120 {
        if opened.status() != 429 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        opened = owner.open(PATH).await;
    }
    Stream::of(opened).await;
}

#[tokio::test]
async fn who_does_not_read_is_let_go() {
    let tenant = TestTenant::new().await;
    let mut stream = Stream::open(&tenant.as_owner(), "").await;
    for _ in 0..6 {
        for _ in 0..1_000 {
            tenant.log(idp::log::Event::new(model::LogType::Seccft, "x"));
        }
        tenant.flush_logs().await;
    }
    let mut last = String::new();
    let mut events = 0;
    while let Some(text) = stream.next().await {
        events += 1;
        last = text;
    }
    assert_eq!(last, ": too slow: resume after the last event\n\n");
    assert!(events < 100, "{events}");
}

#[tokio::test]
async fn a_server_that_stops_ends_its_streams() {
    let tenant = TestTenant::new().await;
    let mut stream = Stream::open(&tenant.as_owner(), "").await;
    tenant.client(json!({ "name": "Last" })).await;
    tenant.flush_logs().await;
    tenant.server().tenants().logs().end_watches();
    stream.event().await;
    assert_eq!(stream.next().await.as_deref(), Some(": the server is stopping\n\n"));
    assert_eq!(stream.next().await, None);
    assert_eq!(tenant.get(PATH).await.status, 503);
}

#[tokio::test]
async fn queries_that_nobody_means() {
    let tenant = TestTenant::new().await;
    let long = format!("from={}", "9".repeat(101));
    refuses_queries(&tenant, PATH, &["q=(", "q=details.x:y", "from=x", "from='", "take=1", &long]).await;
    let unknown = tenant.without_token().get(PATH).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(tenant.allowed(&["read:clients"]).get(PATH).await.status, 403);
}

struct Stream {
    response: Response,
    rest: String,
}

impl Stream {
    async fn open(caller: &Caller, query: &str) -> Stream {
        Stream::of(caller.open(&format!("{PATH}?{query}")).await).await
    }

    /// What is answered to whoever opens one.
    async fn of(response: Response) -> Stream {
        assert_eq!(response.status(), 200);
        let mut stream = Stream { response, rest: String::new() };
        assert_eq!(stream.next().await.as_deref(), Some(": open\n\n"));
        stream
    }

    /// The next block up to its empty line, or the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let block = format!("{block}\n\n");
                self.rest = rest.to_owned();
                return Some(block);
            }
            let frame = tokio::time::timeout(Duration::from_secs(30), self.response.body_mut().frame());
            let frame = frame.await.expect("something comes in time")?;
            let data = frame.unwrap().into_data().unwrap();
            self.rest.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// The next event: its id, and what it says.
    async fn event(&mut self) -> (String, Value) {
        let block = self.next().await.expect("the stream goes on");
        let lines: Vec<&str> = block.trim_end().split('\n').collect();
        let [id, "event: log", data] = lines[..] else { panic!("{block}") };
        let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let id = id.strip_prefix("id: ").unwrap();
        assert_eq!(event["log_id"], id);
        (id.to_owned(), event)
    }
}
