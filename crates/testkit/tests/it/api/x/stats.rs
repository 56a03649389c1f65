//! `/api/x/stats/tokens`, `/api/x/stats/latency` and `/api/x/last-used`

use serde_json::{Value, json};
use testkit::{TestClient, TestTenant};

use super::refuses_queries;

const TOKENS: &str = "/api/x/stats/tokens";
const LATENCY: &str = "/api/x/stats/latency";
const API: &str = "https://api.example";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn issued_and_refused_in_their_hours() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for _ in 0..3 {
        tenant.token(m2m.asks_for(API)).await;
    }
    refused(&tenant, &m2m, json!({ "client_secret": "wrong" })).await;
    tenant.later(2 * HOUR);
    tenant.token(m2m.asks_for(API)).await;

    let stats = tenant.get(TOKENS).await.must_be(200);

    assert_eq!(stats.members(), ["from", "to", "interval_ms", "times", "series"]);
    assert_eq!(
        (&stats["from"], &stats["to"]),
        (&json!("2026-06-30T14:00:00.000Z"), &json!("2026-07-01T15:00:00.000Z"))
    );
    assert_eq!(
        (&stats["interval_ms"], &stats["times"][22]),
        (&json!(HOUR), &json!("2026-07-01T12:00:00.000Z"))
    );
    let series = &stats["series"][0];
    assert_eq!((&series["key"], stats["series"].as_array().unwrap().len()), (&json!("all"), 1));
    let at = |name: &str, n: usize| series[name][n].as_i64().unwrap();
    assert_eq!((at("issued", 22), at("refused", 22), at("issued", 23), at("issued", 24)), (3, 1, 0, 1));
    assert_eq!(series["issued"].as_array().unwrap().len(), stats["times"].as_array().unwrap().len());

    let minutes = format!("{TOKENS}?interval=minute&from=2026-07-01T12:00:30Z&to=2026-07-01T12:01:00Z");
    let minutes = tenant.get(&minutes).await.must_be(200);
    assert_eq!(minutes["times"], json!(["2026-07-01T12:00:00.000Z"]));
    assert_eq!(
        (&minutes["series"][0]["issued"], &minutes["series"][0]["refused"]),
        (&json!([3]), &json!([1]))
    );
    let days = tenant.get(&format!("{TOKENS}?interval=day&from=2026-06-25T00:00:00Z")).await.must_be(200);
    assert_eq!(days["series"][0]["issued"], json!([0, 0, 0, 0, 0, 0, 4]));
    // Another tenant sees nothing of it.
    let other = tenant.other().get(TOKENS).await.must_be(200);
    assert!(other["series"][0]["issued"].as_array().unwrap().iter().all(|n| *n == 0));
}

#[tokio::test]
async fn the_busiest_have_series_of_their_own() {
    let tenant = TestTenant::new().await;
    let first = tenant.client_of_an_api().await;
    let mut clients = vec![first];
    for n in 1..8 {
        let client = tenant.client(json!({ "name": format!("C{n}") })).await;
        tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
        clients.push(client);
    }
    for (n, client) in clients.iter().enumerate() {
        for _ in 0..=n {
            tenant.token(client.asks_for(API)).await;
        }
    }
    let stranger = json!({ "client_id": "made up", "client_secret": "x", "grant_type": "client_credentials", "audience": "urn:made-up" });
    tenant.asked(stranger).await.must_be(401);
    tenant.delete(&format!("/api/v2/clients/{}", clients[7].id)).await.must_be(204);

    let stats = tenant.get(&format!("{TOKENS}?group_by=client")).await.must_be(200);

    let keys: Vec<&Value> = stats["series"].as_array().unwrap().iter().map(|series| &series["key"]).collect();
    let mut expected: Vec<Value> = clients[2..].iter().rev().map(|client| json!(client.id)).collect();
    expected.push(json!("other"));
    assert_eq!(keys, expected.iter().collect::<Vec<_>>());
    let labels: Vec<&Value> =
        stats["series"].as_array().unwrap().iter().map(|series| &series["label"]).collect();
    // What is gone is called by its identifier.
    assert_eq!((labels[0], labels[1], labels[6]), (&json!(clients[7].id), &json!("C6"), &json!("Other")));
    let last =
        |series: usize, name: &str| stats["series"][series][name].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last(0, "issued"), last(6, "issued"), last(6, "refused")),
        (json!(8), json!(1 + 2), json!(1))
    );

    // Whoever is not among the busiest can be asked about alone, and so can whoever was never seen.
    for (client_id, label, issued) in [(clients[0].id.as_str(), "Nightly import", 1), ("nobody", "nobody", 0)]
    {
        let query = format!("{TOKENS}?group_by=client&client_id={client_id}");
        let own = tenant.get(&query).await.must_be(200);
        let series = own["series"].as_array().unwrap();
        assert_eq!((series.len(), &series[0]["label"]), (1, &json!(label)));
        assert_eq!(series[0]["issued"].as_array().unwrap().last(), Some(&json!(issued)));
    }

    let apis = tenant.get(&format!("{TOKENS}?group_by=api")).await.must_be(200);
    assert_eq!((&apis["series"][0]["key"], &apis["series"][0]["label"]), (&json!(API), &json!("Orders")));
    assert_eq!(apis["series"][1]["key"], "other");
}

#[tokio::test]
async fn every_reason_has_its_word() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let without = tenant.client(json!({ "grant_types": ["authorization_code"] })).await;
    tenant.api(json!({ "identifier": "urn:no-grant" })).await;
    tenant.api(json!({
        "identifier": "urn:closed",
        "subject_type_authorization": { "client": { "policy": "deny_all" }, "user": { "policy": "allow_all" } },
    })).await;
    for (body, reason) in [
        (m2m.asks_with(API, json!({ "client_secret": "x" })), "wrong_secret"),
        (m2m.asks_with(API, json!({ "client_id": "nobody" })), "unknown_client"),
        (m2m.asks_with(API, json!({ "client_id": null })), "no_credentials"),
        (without.asks_for(API), "grant_type_not_allowed"),
        (m2m.asks_with(API, json!({ "grant_type": "urn:x" })), "unsupported_grant_type"),
        (m2m.asks_with(API, json!({ "audience": null })), "no_audience"),
        (m2m.asks_for("urn:nothing"), "unknown_api"),
        (m2m.asks_for("urn:closed"), "api_refuses"),
        (m2m.asks_for("urn:no-grant"), "no_grant"),
        (m2m.asks_with(API, json!({ "scope": "nope" })), "scope_not_granted"),
        (m2m.asks_with(API, json!({ "organization": "org_1" })), "organization"),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret }), "invalid_request"),
    ] {
        tenant.later(HOUR);
        let answer = tenant.asked(body).await;
        assert!(answer.status >= 400);
        let path = format!("{TOKENS}?group_by=reason&interval=minute&from={}", minute(&tenant));
        let stats = tenant.get(&path).await.must_be(200);
        let series = stats["series"].as_array().unwrap();
        assert_eq!((series.len(), &series[0]["key"]), (1, &json!(reason)), "{}", stats.text());
        assert_eq!((&series[0]["refused"], &series[0]["issued"]), (&json!([1]), &json!([0])));
        assert_ne!(series[0]["label"], series[0]["key"]);
    }
}

#[tokio::test]
async fn how_long_it_took() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for _ in 0..5 {
        tenant.token(m2m.asks_for(API)).await;
    }
    let stats =
        tenant.get(&format!("{LATENCY}?interval=minute&from=2026-07-01T11:59:00Z")).await.must_be(200);
    assert_eq!(stats.members(), ["from", "to", "interval_ms", "times", "p50", "p95", "p99", "count"]);
    assert_eq!(stats["count"], json!([0, 5]));
    let [p50, p95, p99] = ["p50", "p95", "p99"].map(|name| {
        assert_eq!(stats[name][0], Value::Null);
        stats[name][1].as_f64().unwrap()
    });
    assert!(0.0 < p50 && p50 <= p95 && p95 <= p99 && p99 < 60_000.0, "{p50} {p95} {p99}");
}

#[tokio::test]
async fn when_a_client_was_last_used() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.token(m2m.asks_for(API)).await;
    tenant.later(5 * HOUR);
    tenant.token(m2m.asks_for(API)).await;
    refused(&tenant, &m2m, json!({ "client_secret": "wrong" })).await;
    tenant.later(MINUTE);
    let path = format!("/api/x/last-used?client_ids={},nobody", m2m.id);

    let answer = tenant.get(&path).await.must_be(200);

    let used = &answer["clients"][&m2m.id];
    assert_eq!(used["last_used"], "2026-07-01T17:00:00.250Z");
    assert_eq!((&used["issued_24h"], &used["refused_24h"]), (&json!(2), &json!(1)));
    let mut hours = vec![0; 24];
    (hours[18], hours[23]) = (1, 1);
    assert_eq!(used["hours"], json!(hours));
    let never = json!({ "last_used": null, "issued_24h": 0, "refused_24h": 0, "hours": vec![0; 24] });
    assert_eq!(answer["clients"]["nobody"], never);
    assert_eq!(tenant.other().get(&path).await.must_be(200)["clients"][&m2m.id], never);
    tenant.later(25 * HOUR);
    let later = tenant.get(&path).await.must_be(200)["clients"][&m2m.id].clone();
    assert_eq!((&later["last_used"], &later["issued_24h"]), (&used["last_used"], &json!(0)));
}

#[tokio::test]
async fn queries_that_nobody_means() {
    let tenant = TestTenant::new().await;
    for path in [TOKENS, LATENCY] {
        refuses_queries(
            &tenant,
            path,
            &[
                "interval=second",
                "interval=",
                "from=yesterday",
                "from=2026-07-02T00:00:00Z",
                "to=1960-01-01T00:00:00Z",
                "from=-9999-01-01T00:00:00Z",
                "to=9999-12-31T23:59:59Z",
                "from=2020-01-01T00:00:00Z",
                "interval=minute&from=2026-06-01T00:00:00Z",
                "from=2026-07-01T12:00:00Z&to=2026-07-01T12:00:00Z",
                "from=1782907200250",
                "nope=1",
                "from=2026-07-01T00:00:00Z&from=2026-07-01T00:00:00Z",
                "from=%00",
            ],
        )
        .await;
    }
    refuses_queries(
        &tenant,
        TOKENS,
        &[
            "group_by=secret",
            "group_by=client&interval=minute",
            "group_by=",
            "client_id=a",
            "group_by=api&client_id=a",
            "group_by=client&audience=a",
        ],
    )
    .await;
    let many = format!("client_ids={}", vec!["a"; 101].join(","));
    let long = format!("client_ids={}", "a".repeat(256));
    refuses_queries(
        &tenant,
        "/api/x/last-used",
        &["", "client_ids=", "client_ids=,,", "client_ids=%00", &many, &long],
    )
    .await;
    let odd = "/api/x/last-used?client_ids='%3B--,%F0%9F%98%80,*";
    tenant.get(odd).await.must_be(200);
}

async fn refused(tenant: &TestTenant, client: &TestClient, more: Value) {
    let answer = tenant.asked(client.asks_with(API, more)).await;
    assert!(answer.status >= 400, "{}", answer.text());
}

/// The present minute.
fn minute(tenant: &TestTenant) -> String {
    idp::clock::iso(tenant.clock().now_ms().div_euclid(MINUTE) * MINUTE)
}
