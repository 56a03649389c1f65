use model::LogStream;
use schema::Resource;
use serde_json::{Value, json};

use super::{Sink, Way};
use crate::clouds::{Clouds, EventBridge, EventGrid};

fn clouds() -> Clouds {
    let credentials = outbound::aws::Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".to_owned().into(),
        session_token: None,
    };
    Clouds {
        event_bridge: Some(EventBridge {
            credentials,
            accounts: Vec::new(),
            bus: "default".into(),
            endpoint: None,
        }),
        event_grid: Some(EventGrid {
            endpoint: "https://topic.example/api/events".into(),
            key: "k".to_owned().into(),
        }),
    }
}

fn sink(kind: &str, sink: Value) -> Sink {
    let Value::Object(body) =
        json!({ "id": "lst_1", "type": kind, "status": "active", "isPriority": false, "sink": sink })
    else {
        unreachable!()
    };
    Sink::of(&LogStream::view(&body).unwrap(), &clouds()).unwrap()
}

fn event(sink: &Sink, more: Value) -> String {
    let mut data = json!({ "date": "2026-11-25T18:36:35.800Z", "type": "s", "user_id": "", "log_id": "9001",
        "client_id": "c", "tenant_name": "shop", "ip": "192.0.2.1" });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let Value::Object(data) = data else { unreachable!() };
    sink.event("9001", 1_764_095_795_800, data)
}

/// The address, the headers and the media type of a post.
fn post(sink: &Sink) -> (&str, &[(String, String)], &str) {
    let Way::Post { url, headers, media } = &sink.way else { panic!("events are put on a bus") };
    (url, headers, media)
}

fn header<'a>(sink: &'a Sink, name: &str) -> &'a str {
    &post(sink).1.iter().find(|(header, _)| header == name).unwrap().1
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_webhook_gets_lines_an_array_or_one_at_a_time() {
    let of = |format: &str| {
        sink("http", json!({ "httpEndpoint": "https://x.example/in", "httpContentFormat": format }))
    };
    let events: Vec<String> = (0..3).map(|_| event(&of("JSONLINES"), json!({}))).collect();
    let texts: Vec<&str> = events.iter().map(String::as_str).collect();

    let lines = of("JSONLINES").body(&texts);
    assert_eq!(lines.lines().count(), 3);
    let first = read(lines.lines().next().unwrap());
    assert_eq!((&first["log_id"], &first["data"]["type"]), (&json!("9001"), &json!("s")));
    assert_eq!(read(&of("JSONARRAY").body(&texts)).as_array().unwrap().len(), 3);
    assert_eq!(of("JSONOBJECT").chunk(texts.iter().copied(), usize::MAX), 1);
    assert_eq!(of("JSONLINES").chunk(texts.iter().copied(), usize::MAX), 3);
    // As few as the service asked for, but always one.
    assert_eq!(of("JSONLINES").chunk(texts.iter().copied(), 2), 2);
    assert_eq!(of("JSONLINES").chunk(texts.iter().copied(), 0), 1);
    let long = "x".repeat(700_000);
    assert_eq!(of("JSONARRAY").chunk([long.as_str(), "y", long.as_str()].into_iter(), usize::MAX), 2);
}

#[test]
fn a_webhook_gets_the_headers_that_were_asked_for() {
    let sink = sink(
        "http",
        json!({ "httpEndpoint": "https://x.example/in", "httpContentType": "application/x-ndjson",
            "httpAuthorization": "Bearer 1", "httpCustomHeaders": [{ "header": "x-team", "value": "a" }] }),
    );
    assert_eq!((post(&sink).0, post(&sink).2), ("https://x.example/in", "application/x-ndjson"));
    assert_eq!((header(&sink, "authorization"), header(&sink, "x-team")), ("Bearer 1", "a"));
}

#[test]
fn datadog_is_told_the_source_and_reached_in_its_region() {
    for (region, host) in [
        ("us", "http-intake.logs.datadoghq.com"),
        ("eu", "http-intake.logs.datadoghq.eu"),
        ("us3", "http-intake.logs.us3.datadoghq.com"),
        ("us5", "http-intake.logs.us5.datadoghq.com"),
    ] {
        let sink = sink("datadog", json!({ "datadogApiKey": "k", "datadogRegion": region }));
        assert_eq!(post(&sink).0, format!("https://{host}/api/v2/logs"));
        assert_eq!(header(&sink, "dd-api-key"), "k");
        let event = event(&sink, json!({}));
        let body = read(&sink.body(&[&event, &event]));
        assert_eq!(body[1]["ddsource"], "auth0");
        assert_eq!(body[1]["hostname"], "shop");
        assert_eq!(body[1]["data"]["type"], "s");
    }
}

#[test]
fn splunk_gets_one_object_after_the_other_with_its_time() {
    let sink = sink(
        "splunk",
        json!({ "splunkDomain": "demo.splunk.com", "splunkPort": "8088", "splunkToken": "t", "splunkSecure": true }),
    );
    assert_eq!(post(&sink).0, "https://demo.splunk.com:8088/services/collector/event");
    assert_eq!(header(&sink, "authorization"), "Splunk t");
    let event = read(&event(&sink, json!({})));
    assert_eq!((&event["time"], &event["event"]["log_id"]), (&json!(1_764_095_795.8), &json!("9001")));
}

#[test]
fn sumo_is_reached_with_and_without_a_scheme() {
    let url = |address: &str| post(&sink("sumo", json!({ "sumoSourceAddress": address }))).0.to_owned();
    assert_eq!(url("demo.sumo.com"), "https://demo.sumo.com");
    assert_eq!(url("https://demo.sumo.com/receiver/1"), "https://demo.sumo.com/receiver/1");
}

#[test]
fn segment_hears_of_whom_and_knows_what_came_twice() {
    let sink = sink("segment", json!({ "segmentWriteKey": "key" }));
    assert_eq!(post(&sink).0, "https://api.segment.io/v1/batch");
    assert_eq!(header(&sink, "authorization"), "Basic a2V5Og==");
    let of_user = event(&sink, json!({ "user_id": "auth0|1" }));
    let of_nobody = event(&sink, json!({}));
    let body = read(&sink.body(&[&of_user, &of_nobody]));
    let [of_user, of_nobody] = [&body["batch"][0], &body["batch"][1]];
    assert_eq!((&of_user["userId"], &of_nobody["anonymousId"]), (&json!("auth0|1"), &json!("c")));
    assert_eq!((&of_user["type"], &of_user["event"]), (&json!("track"), &json!("s")));
    assert_eq!((&of_user["messageId"], &of_user["context"]["ip"]), (&json!("9001"), &json!("192.0.2.1")));
    // Segment takes 32 KB of one event.
    let long = event(&sink, json!({ "details": { "a": "x".repeat(40_000) } }));
    assert!(long.len() < 2_000);
    assert_eq!(read(&long)["properties"]["details"], json!({ "truncated": true }));
}

#[test]
fn mixpanel_is_reached_in_its_region_and_knows_what_came_twice() {
    let sink = sink(
        "mixpanel",
        json!({ "mixpanelRegion": "eu", "mixpanelProjectId": "1&2", "mixpanelServiceAccountUsername": "u",
            "mixpanelServiceAccountPassword": "p" }),
    );
    assert_eq!(post(&sink).0, "https://api-eu.mixpanel.com/import?strict=1&project_id=1%262");
    assert_eq!(header(&sink, "authorization"), "Basic dTpw");
    let one = event(&sink, json!({ "user_id": "auth0|1" }));
    let body = read(&sink.body(&[&one]));
    let properties = &body[0]["properties"];
    assert_eq!((&body[0]["event"], &properties["distinct_id"]), (&json!("s"), &json!("auth0|1")));
    assert_eq!(properties["time"], 1_764_095_795_800_i64);
    assert_eq!(properties["$insert_id"].as_str().unwrap().len(), 32);
}

#[test]
fn a_bus_gets_ten_entries_at_most_and_as_many_bytes_as_it_takes() {
    let sink = sink(
        "eventbridge",
        json!({ "awsAccountId": "123456789012", "awsRegion": "eu-west-1",
            "awsPartnerEventSource": "aws.partner/auth0.com/shop-1/auth0.logs" }),
    );
    let small = event(&sink, json!({}));
    assert_eq!(sink.chunk(std::iter::repeat_n(small.as_str(), 25), usize::MAX), 10);
    let great = event(&sink, json!({ "details": { "a": "x".repeat(100_000) } }));
    assert_eq!(sink.chunk(std::iter::repeat_n(great.as_str(), 25), usize::MAX), 2);
    let entry = read(&event(&sink, json!({ "details": { "a": "x".repeat(300_000) } })));
    let detail = read(entry["Detail"].as_str().unwrap());
    assert_eq!(detail["data"]["details"], json!({ "truncated": true }));
    assert_eq!((&detail["log_id"], &entry["DetailType"]), (&json!("9001"), &json!("Auth0 log")));
    let scopes = "ß".repeat(150_000);
    let entry = read(&event(&sink, json!({ "details": {}, "scope": scopes, "type": "seccft" })));
    let data = &read(entry["Detail"].as_str().unwrap())["data"];
    assert_eq!((&data["scope"], &data["type"]), (&json!("ß".repeat(500)), &json!("seccft")));
}

#[test]
fn a_topic_gets_events_in_its_own_schema() {
    let sink = sink(
        "eventgrid",
        json!({ "azureSubscriptionId": "b69a6835-57c7-4d53-b0d5-1c6ae580b6d5", "azureRegion": "northeurope",
            "azureResourceGroup": "rg", "azurePartnerTopic": "shop-1" }),
    );
    assert_eq!(post(&sink).0, "https://topic.example/api/events");
    assert_eq!(header(&sink, "aeg-sas-key"), "k");
    let event = event(&sink, json!({}));
    let body = read(&sink.body(&[&event, &event]));
    assert_eq!((&body[1]["id"], &body[1]["subject"]), (&json!("9001"), &json!("shop-1")));
    assert_eq!(body[1]["eventTime"], "2025-11-25T18:36:35.800Z");
}

#[test]
fn what_cannot_be_a_header_is_no_secret() {
    let Value::Object(body) = json!({ "id": "lst_1", "type": "segment", "status": "active", "isPriority": false,
        "sink": { "segmentWriteKey": "a\r\nx: y" } })
    else {
        unreachable!()
    };
    assert!(Sink::of(&LogStream::view(&body).unwrap(), &clouds()).is_err());
}
