//! `/api/x/logs/stats`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::refuses_queries;

const PATH: &str = "/api/x/logs/stats";
const API: &str = "https://api.example";

#[tokio::test]
async fn events_by_time_and_weight() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.later(60_000);
    tenant.token(m2m.asks_for(API)).await;
    tenant.asked(m2m.asks_with(API, json!({ "client_secret": "x" }))).await.must_be(401);
    let period = "from=2026-07-01T12:00:00Z&to=2026-07-01T12:02:00Z";

    let stats = tenant.allowed(&["read:logs"]).get(&format!("{PATH}?{period}&buckets=2")).await.must_be(200);

    assert_eq!(
        stats.body,
        json!({
            "from": "2026-07-01T12:00:00.000Z", "to": "2026-07-01T12:02:00.000Z", "interval_ms": 60_000,
            "buckets": [
                { "start": "2026-07-01T12:00:00.000Z", "success": 3, "warning": 0, "error": 0 },
                { "start": "2026-07-01T12:01:00.000Z", "success": 1, "warning": 0, "error": 1 },
            ],
            "totals": { "success": 4, "warning": 0, "error": 1 },
        })
    );
    for (q, expected) in [
        ("type:feccft", json!({ "success": 0, "warning": 0, "error": 1 })),
        ("type:sapi OR type:seccft", json!({ "success": 4, "warning": 0, "error": 0 })),
        (&format!("client_id:{}", m2m.id), json!({ "success": 1, "warning": 0, "error": 1 })),
        ("type:nothing", json!({ "success": 0, "warning": 0, "error": 0 })),
    ] {
        let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let stats = tenant.get(&format!("{PATH}?{period}&q={q}")).await.must_be(200);
        assert_eq!(stats["totals"], expected, "{q}");
        let buckets = stats["buckets"].as_array().unwrap();
        let sum = |name: &str| buckets.iter().map(|bucket| bucket[name].as_i64().unwrap()).sum::<i64>();
        assert_eq!((buckets.len(), json!(sum("error"))), (60, expected["error"].clone()));
    }
    // What lies at the end is not part of it, and what does not divide has a shorter last bucket.
    let short = "from=2026-07-01T12:00:00Z&to=2026-07-01T12:01:00.250Z&buckets=7";
    let short = tenant.get(&format!("{PATH}?{short}")).await.must_be(200);
    assert_eq!((&short["totals"]["success"], &short["interval_ms"]), (&json!(3), &json!(8_608)));
    let other = tenant.other().get(&format!("{PATH}?{period}")).await.must_be(200);
    assert_eq!(other["totals"], json!({ "success": 0, "warning": 0, "error": 0 }));
    let usual: Value = tenant.get(PATH).await.must_be(200)["from"].clone();
    assert_eq!(usual, "2026-07-01T11:01:00.250Z");
}

#[tokio::test]
async fn queries_that_nobody_means() {
    let tenant = TestTenant::new().await;
    refuses_queries(
        &tenant,
        PATH,
        &[
            "buckets=0",
            "buckets=-1",
            "buckets=501",
            "buckets=x",
            "buckets=99999999999999999999",
            "q=(",
            "q=audience:x",
            "from=2020-01-01T00:00:00Z",
            "from=2026-07-02T00:00:00Z",
            "to=-1",
            "nope=1",
            "from=",
            "q=a&q=b",
        ],
    )
    .await;
    assert_eq!(tenant.get(&format!("{PATH}?q={}", "x".repeat(1_001))).await.status, 414);
    // One millisecond, in as many buckets as one likes.
    let tiny = "from=2026-07-01T12:00:00.250Z&to=2026-07-01T12:00:00.251Z&buckets=500";
    let tiny = tenant.get(&format!("{PATH}?{tiny}")).await.must_be(200);
    assert_eq!((tiny["buckets"].as_array().unwrap().len(), &tiny["interval_ms"]), (1, &json!(1)));
    let widest = "from=2025-07-01T00:00:00Z&to=2026-07-02T00:00:00Z&buckets=500";
    tenant.get(&format!("{PATH}?{widest}")).await.must_be(200);
}
