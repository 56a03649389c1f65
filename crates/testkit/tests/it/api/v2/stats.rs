//! `/api/v2/stats`

use serde_json::json;
use testkit::{Browser, TestTenant};

const DAY: i64 = 24 * 3_600_000;

#[tokio::test]
async fn people_who_log_in_are_counted_by_the_day() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    assert_eq!(tenant.get("/api/v2/stats/active-users").await.must_be(200).body, 0);
    assert_eq!(tenant.get("/api/v2/stats/daily").await.must_be(200).body, json!([]));
    for email in ["ann@acme.example", "bob@acme.example"] {
        tenant.person(email).await;
        Browser::new(&tenant).log_in(&spa, email).await;
    }
    tenant.later(DAY);
    Browser::new(&tenant).log_in(&spa, "ann@acme.example").await;

    assert_eq!(tenant.get("/api/v2/stats/active-users").await.must_be(200).body, 2);
    let days = tenant.get("/api/v2/stats/daily").await.must_be(200).body;
    let of = |day: usize| (days[day]["logins"].clone(), days[day]["leaked_passwords"].clone());
    assert_eq!((of(0), of(1)), ((json!(2), json!(0)), (json!(1), json!(0))));
    let second = days[1]["date"].as_str().unwrap();
    assert!(second.ends_with("T00:00:00.000Z"), "{second}");
    let only = second[..10].replace('-', "");
    let path = format!("/api/v2/stats/daily?from={only}&to={only}");
    assert_eq!(tenant.get(&path).await.must_be(200).body.as_array().map(Vec::len), Some(1));
    assert_eq!(tenant.other().get("/api/v2/stats/active-users").await.must_be(200).body, 0);

    // A month later nobody is active any more but who came back.
    tenant.later(29 * DAY + DAY / 2);
    assert_eq!(tenant.get("/api/v2/stats/active-users").await.must_be(200).body, 1);
}

#[tokio::test]
async fn a_day_is_eight_digits() {
    let tenant = TestTenant::new().await;
    for query in [
        "from=2026-01-01",
        "from=20261301",
        "from=20260230",
        "from=0",
        "from=",
        "to=99999999999999999999",
        "to=%00",
        "from=20260102&to=20260101",
        "from=20260101&from=20260101",
        "to=２０２６０１０１",
    ] {
        tenant.get(&format!("/api/v2/stats/daily?{query}")).await.must_be(400);
    }
    tenant.get("/api/v2/stats/daily?from=00010101&to=99991230").await.must_be(200);
    tenant.allowed(&["read:logs"]).get("/api/v2/stats/active-users").await.must_be(403);
}
