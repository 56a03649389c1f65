//! `/api/v2/log-streams`: where log events are sent. What is sent is looked at in `log_streams`.

use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/v2/log-streams";

/// A sink of each kind, as it was recorded.
fn sinks() -> Vec<(&'static str, Value)> {
    vec![
        (
            "http",
            json!({ "httpEndpoint": "https://example.com/logs", "httpContentType": "application/json",
                "httpContentFormat": "JSONLINES", "httpAuthorization": "Bearer 1" }),
        ),
        ("eventbridge", json!({ "awsAccountId": "999999999999", "awsRegion": "us-west-2" })),
        (
            "eventgrid",
            json!({ "azureSubscriptionId": "b69a6835-57c7-4d53-b0d5-1c6ae580b6d5", "azureRegion": "northeurope",
                "azureResourceGroup": "azure-logs-rg" }),
        ),
        ("datadog", json!({ "datadogApiKey": "121233123455", "datadogRegion": "us" })),
        (
            "splunk",
            json!({ "splunkDomain": "demo.splunk.com", "splunkToken": "12a34ab5", "splunkPort": "8088",
                "splunkSecure": true }),
        ),
        ("sumo", json!({ "sumoSourceAddress": "demo.sumo.com" })),
        ("segment", json!({ "segmentWriteKey": "121233123455" })),
        (
            "mixpanel",
            json!({ "mixpanelRegion": "us", "mixpanelProjectId": "123456789",
                "mixpanelServiceAccountUsername": "u.mp-service-account",
                "mixpanelServiceAccountPassword": "8iwyKSzwV2" }),
        ),
    ]
}

#[tokio::test]
async fn each_kind_is_made_read_listed_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    for (kind, sink) in sinks() {
        let made = tenant.post(PATH, json!({ "name": kind, "type": kind, "sink": sink })).await.must_be(200);
        let id = made.str("id");
        assert!(id.starts_with("lst_") && id.len() == 20 && id[4..].bytes().all(|b| b.is_ascii_digit()));
        assert_eq!((made.str("status"), &made["isPriority"]), ("active", &json!(false)));
        assert_eq!(made.body.get("filters"), None);
        for (name, value) in sink.as_object().unwrap() {
            let shown = if name.ends_with("Password") { json!("********") } else { value.clone() };
            assert_eq!(made["sink"][name], shown, "{name}");
        }
        let one = format!("{PATH}/{id}");
        assert_eq!(tenant.get(&one).await.must_be(200).body, made.body);
        assert_eq!(tenant.get(PATH).await.must_be(200).body, json!([made.body]));
        let changed = tenant.patch(&one, json!({ "name": "x", "status": "paused" })).await.must_be(200);
        assert_eq!((changed.str("name"), changed.str("status")), ("x", "paused"));
        assert_eq!(changed["sink"], made["sink"]);
        tenant.other().get(&one).await.must_be(404);
        tenant.delete(&one).await.must_be(204);
        // Gone is gone.
        tenant.delete(&one).await.must_be(204);
        let gone = tenant.get(&one).await.must_be(404);
        let words =
            json!({ "statusCode": 404, "error": "Not Found", "message": "The log stream does not exist." });
        assert_eq!(gone.body, words);
        tenant.patch(&one, json!({ "name": "y" })).await.must_be(404);
    }
    assert!(tenant.store().log_streams().all("default").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_cloud_would_call_it_is_named() {
    let tenant = TestTenant::new().await;
    let sinks = sinks();
    let made = |n: usize| json!({ "type": sinks[n].0, "sink": sinks[n].1 });
    let bridge = tenant.post(PATH, made(1)).await.must_be(200);
    let source = bridge["sink"]["awsPartnerEventSource"].as_str().unwrap();
    assert!(source.starts_with("aws.partner/auth0.com/default-") && source.ends_with("/auth0.logs"));
    let grid = tenant.post(PATH, made(2)).await.must_be(200);
    assert!(grid["sink"]["azurePartnerTopic"].as_str().unwrap().starts_with("default-"));
    // Where they lead cannot be changed, and nothing is sent there unless the operator has access.
    let one = format!("{PATH}/{}", bridge.str("id"));
    tenant.patch(&one, json!({ "sink": sinks[1].1 })).await.must_be(400);
    let health = tenant.get(&format!("/api/x/log-streams/{}/health", bridge.str("id"))).await.must_be(200);
    assert_eq!((&health["is_delivered"], &health["delivered"]), (&json!(false), &json!(0)));
    assert!(health["problems"][0]["problem"].as_str().unwrap().contains("not sent"));
}

#[tokio::test]
async fn a_stream_for_security_carries_that_alone() {
    let tenant = TestTenant::new().await;
    let security = json!([{ "type": "category", "name": "security" }]);
    let chosen = json!([{ "type": "category", "name": "auth.login.fail" }]);
    let body = json!({ "type": "segment", "isPriority": true, "filters": chosen, "sink": { "segmentWriteKey": "1" } });
    let made = tenant.post(PATH, body).await.must_be(200);
    assert_eq!(made["filters"], security);
    let one = format!("{PATH}/{}", made.str("id"));
    // Recorded: other filters are not taken.
    assert_eq!(tenant.patch(&one, json!({ "filters": chosen })).await.must_be(200)["filters"], security);
    let plain = tenant.patch(&one, json!({ "isPriority": false })).await.must_be(200);
    assert_eq!((&plain["isPriority"], plain.body.get("filters")), (&json!(false), None));
    tenant.patch(&one, json!({ "filters": security })).await.must_be(400);
    assert_eq!(tenant.patch(&one, json!({ "filters": chosen })).await.must_be(200)["filters"], chosen);
    assert_eq!(tenant.patch(&one, json!({ "isPriority": true })).await.must_be(200)["filters"], security);
}

#[tokio::test]
async fn a_password_that_is_not_said_again_stays() {
    let tenant = TestTenant::new().await;
    let (kind, sink) = sinks().pop().unwrap();
    let made = tenant.post(PATH, json!({ "type": kind, "sink": sink })).await.must_be(200);
    let one = format!("{PATH}/{}", made.str("id"));
    for given in [None, Some(json!("********")), Some(Value::Null)] {
        let mut sink = sink.clone();
        sink["mixpanelProjectId"] = json!("2");
        match given {
            None => drop(sink.as_object_mut().unwrap().remove("mixpanelServiceAccountPassword")),
            Some(given) => sink["mixpanelServiceAccountPassword"] = given,
        }
        let changed = tenant.patch(&one, json!({ "sink": sink })).await.must_be(200);
        assert_eq!(changed["sink"]["mixpanelProjectId"], "2");
        let stream = tenant.snapshot().log_streams.get(made.str("id")).unwrap().clone();
        let password = stream.sink.mixpanel_service_account_password.as_ref().unwrap();
        assert_eq!(password.expose(), "8iwyKSzwV2");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_to_is_refused() {
    let tenant = TestTenant::new().await;
    let http = |more: Value| {
        let mut sink = json!({ "httpEndpoint": "https://example.com/logs" });
        sink.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "type": "http", "sink": sink })
    };
    let header =
        |name: &str, value: &str| http(json!({ "httpCustomHeaders": [{ "header": name, "value": value }] }));
    let splunk = |domain: &str, port: &str| {
        json!({ "type": "splunk", "sink": { "splunkDomain": domain, "splunkPort": port, "splunkToken": "t",
            "splunkSecure": true } })
    };
    let bridge = |account: &str, region: &str| json!({ "type": "eventbridge", "sink": { "awsAccountId": account, "awsRegion": region } });
    for body in [
        json!({}),
        json!({ "type": "http" }),
        json!({ "type": "http", "sink": {} }),
        json!({ "type": "http", "sink": null }),
        json!({ "type": "http", "sink": [] }),
        json!({ "type": "pigeon", "sink": {} }),
        json!({ "type": null, "sink": {} }),
        // What belongs to another kind.
        http(json!({ "datadogRegion": "us" })),
        http(json!({ "awsPartnerEventSource": "x" })),
        http(json!({ "httpEndpoint": "http://example.com" })),
        http(json!({ "httpEndpoint": "file:///etc/passwd" })),
        http(json!({ "httpEndpoint": "https://user:password@example.com" })),
        http(json!({ "httpEndpoint": format!("https://example.com/{}", "a".repeat(2_100)) })),
        http(json!({ "httpContentFormat": "XML" })),
        http(json!({ "httpContentType": "text/plain\r\nx: y" })),
        http(json!({ "httpAuthorization": "a\nb" })),
        http(json!({ "httpAuthorization": 7 })),
        header("x y", "1"),
        header("host", "internal"),
        header("Content-Length", "0"),
        header("transfer-encoding", "chunked"),
        header("x-a", "1\r\nx-b: 2"),
        header("", "1"),
        http(
            json!({ "httpAuthorization": "a", "httpCustomHeaders": [{ "header": "Authorization", "value": "b" }] }),
        ),
        http(json!({ "httpCustomHeaders": vec![json!({ "header": "a", "value": "b" }); 21] })),
        splunk("demo.splunk.com/x", "8088"),
        splunk("demo.splunk.com:1", "8088"),
        splunk("a@b", "8088"),
        splunk("demo.splunk.com", "0"),
        splunk("demo.splunk.com", "99999"),
        splunk("demo.splunk.com", "80/x"),
        json!({ "type": "sumo", "sink": { "sumoSourceAddress": "http://a.example" } }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "a\r\nb: c" } }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "" } }),
        json!({ "type": "datadog", "sink": { "datadogApiKey": "1", "datadogRegion": "moon" } }),
        json!({ "type": "datadog", "sink": { "datadogApiKey": "1" } }),
        bridge("12345678901a", "us-west-2"),
        bridge("12345678901", "us-west-2"),
        bridge("\u{0661}23456789012", "us-west-2"),
        bridge("999999999999", "x.example/"),
        bridge("999999999999", "us-west-2.example.com"),
        bridge("999999999999", "us-west-2@example.com"),
        bridge("999999999999", "us-west-2#"),
        bridge("999999999999", "US-WEST-2"),
        bridge("999999999999", "us\u{0}west"),
        bridge("999999999999", ""),
        bridge("999999999999", &"a".repeat(64)),
        json!({ "type": "eventbridge", "sink": { "awsAccountId": 999_999_999_999_i64, "awsRegion": "us-west-2" } }),
        json!({ "type": "eventgrid", "sink": { "azureSubscriptionId": "x", "azureRegion": "x", "azureResourceGroup": "x" } }),
        // What is said of any.
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "status": "paused" }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "id": "lst_0000000000000001" }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "startFrom": "yesterday" }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "filters": [{ "type": "category", "name": "all" }] }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "filters": [{ "type": "regex", "name": "other" }] }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "filters": [{ "type": "category" }] }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "pii_config": { "log_fields": [] } }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "pii_config": { "log_fields": ["iban"] } }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" },
            "pii_config": { "log_fields": ["email"], "algorithm": "md5" } }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "isPriority": "yes" }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "name": "" }),
        json!({ "type": "segment", "sink": { "segmentWriteKey": "1" }, "name": "a\u{0}b" }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.start());
        assert_eq!(answer["errorCode"], "invalid_body", "{body}");
    }
    assert_eq!(tenant.get(PATH).await.must_be(200).body, json!([]));
    // Nothing that was refused left a place where somebody reads.
    assert!(tenant.store().log_streams().all("default").await.unwrap().is_empty());

    let made = tenant.post(PATH, http(json!({}))).await.must_be(200);
    let one = format!("{PATH}/{}", made.str("id"));
    for patch in [
        json!({ "type": "sumo" }),
        json!({ "id": "x" }),
        json!({ "startFrom": "2026-01-01T00:00:00Z" }),
        json!({ "status": "suspend" }),
        json!({ "sink": {} }),
        json!({ "sink": null }),
        json!({ "sink": { "segmentWriteKey": "1" } }),
        json!({ "sink": { "httpEndpoint": "ftp://x" } }),
        json!({ "filters": null }),
        json!({ "name": null }),
    ] {
        let answer = tenant.patch(&one, patch.clone()).await;
        assert_eq!(answer.status, 400, "{patch}: {}", answer.start());
    }
    assert_eq!(tenant.get(&one).await.must_be(200).body, made.body);
}

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let tenant = TestTenant::new().await;
    let body = json!({ "type": "segment", "sink": { "segmentWriteKey": "1" } });
    for _ in 0..20 {
        tenant.post(PATH, body.clone()).await.must_be(200);
    }
    tenant.post(PATH, body).await.must_be(409);
    assert_eq!(tenant.get(PATH).await.must_be(200).items().len(), 20);
}

#[tokio::test]
async fn a_secret_is_shown_to_whoever_may_read_and_told_to_no_log() {
    let tenant = TestTenant::new().await;
    let sink = json!({ "httpEndpoint": "https://example.com/logs", "httpAuthorization": "a-word-of-mine",
        "httpCustomHeaders": [{ "header": "x-key", "value": "another-word-of-mine" }] });
    let body = json!({ "type": "http", "sink": sink });
    let blind = tenant.allowed(&["create:log_streams"]).post(PATH, body).await.must_be(200);
    assert!(!blind.text().contains("word-of-mine"));
    let one = format!("{PATH}/{}", blind.str("id"));
    assert_eq!(tenant.allowed(&["read:log_streams"]).get(&one).await.must_be(200)["sink"], sink);
    tenant.allowed(&["read:logs"]).get(&one).await.must_be(403);
    tenant.allowed(&["read:log_streams"]).patch(&one, json!({ "name": "x" })).await.must_be(403);
    tenant.patch(&one, json!({ "sink": sink, "name": "new" })).await.must_be(200);
    let logs = tenant.get("/api/v2/logs").await.must_be(200);
    assert!(logs.text().contains("Update a log stream") && !logs.text().contains("word-of-mine"));
}
