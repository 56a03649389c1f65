//! `GET /users` and `/users-by-email`.

use serde_json::json;
use testkit::TestTenant;

use super::{each, made, path, person, refused};

async fn people(tenant: &TestTenant) {
    for (n, body) in [
        json!({ "email": "jane@example.com", "name": "Jane Doe", "given_name": "Jane", "blocked": true }),
        json!({ "email": "john@example.org", "name": "John Smith", "username": "johnny", "email_verified": true }),
        json!({
            "email": "ann@example.com", "name": "Ann O'Brien",
            "user_metadata": { "addresses": [{ "city": "Paris" }, { "city": "Rome" }], "colour": "Red" },
            "app_metadata": { "subscription": { "plan": "gold" }, "age": 30, "vip": true, "tags": ["a", "b"] },
        }),
        json!({ "email": "zoe@sub.example.com", "nickname": "ZZ", "app_metadata": { "age": 7.5 }, "user_metadata": {} }),
    ]
    .into_iter()
    .enumerate()
    {
        made(tenant, body).await.must_be(201);
        // A day and a bit lies between them.
        tenant.later(86_400_000 + n as i64);
    }
}

async fn found(tenant: &TestTenant, q: &str) -> Vec<String> {
    let query = testkit::form(&[("q", q), ("search_engine", "v3"), ("include_totals", "true")]);
    let answer = tenant.get(&format!("/api/v2/users?{query}")).await.must_be(200);
    let names = each(&answer["users"], "email").into_iter();
    let names: Vec<String> =
        names.map(|email| email.split('@').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(answer["total"], json!(names.len()), "{q}");
    names
}

#[tokio::test]
async fn every_field_by_every_means() {
    let tenant = TestTenant::new().await;
    people(&tenant).await;
    for (q, expected) in [
        ("", "jane john ann zoe"),
        ("email:\"jane@example.com\"", "jane"),
        ("email:JANE@example.com", "jane"),
        ("email:*example.com", "jane ann zoe"),
        ("email.domain:\"example.com\"", "jane ann"),
        ("name:\"jane doe\"", "jane"),
        ("name:j*", "jane john"),
        ("name:*smith", "john"),
        ("name:*o'b*", "ann"),
        ("given_name:jane", "jane"),
        ("nickname:zz", "zoe"),
        ("username:johnny", "john"),
        ("johnny", "john"),
        ("\"John Smith\"", "john"),
        ("Red", ""),
        ("blocked:true", "jane"),
        ("NOT blocked:true", "john ann zoe"),
        ("email_verified:true OR blocked:true", "jane john"),
        ("email_verified:false AND name:j*", "jane"),
        ("_exists_:username", "john"),
        ("-_exists_:username", "jane ann zoe"),
        ("_exists_:user_metadata.addresses", "ann"),
        ("_exists_:user_metadata", "ann"),
        ("user_metadata.addresses.city:\"Rome\"", "ann"),
        ("user_metadata.addresses.city:\"rome\"", ""),
        ("user_metadata.colour:Red", "ann"),
        ("app_metadata.subscription.plan:\"gold\"", "ann"),
        ("app_metadata.subscription.plan:go*", "ann"),
        ("app_metadata.vip:true", "ann"),
        ("app_metadata.tags:b", "ann"),
        ("app_metadata.age:30", "ann"),
        ("app_metadata.age:[8 TO *]", "ann"),
        ("app_metadata.age:[7 TO 30}", "zoe"),
        ("identities.connection:\"Username-Password-Authentication\"", "jane john ann zoe"),
        ("identities.provider:auth0 AND identities.connection:else", ""),
        ("logins_count:[1 TO *]", ""),
        ("created_at:2026-07-02", "john"),
        ("created_at:[2026-07-02 TO 2026-07-03]", "john ann"),
        ("created_at:{2026-07-02 TO *]", "ann zoe"),
        ("created_at:[* TO 2026-07-02T12:00:00.249Z]", "jane"),
        ("organization_id:org_1", ""),
        ("(name:jane* OR name:john*) AND NOT blocked:true", "john"),
    ] {
        assert_eq!(found(&tenant, q).await.join(" "), expected, "{q}");
    }
    assert_eq!(found(&tenant.other(), "").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_changed_is_found_at_once() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    idp::user::logged_in(&tenant, &ann.user_id, "203.0.113.9").await.unwrap();
    idp::user::logged_in(&tenant, &ann.user_id, "203.0.113.10").await.unwrap();
    for (q, count) in [
        ("logins_count:2", 1),
        ("logins_count:1", 0),
        ("logins_count:[2 TO 10]", 1),
        ("last_ip:203.0.113.10", 1),
        ("last_ip:203.0.113.9", 0),
        ("last_login:[2026-07-01 TO *]", 1),
    ] {
        assert_eq!(found(&tenant, q).await.len(), count, "{q}");
    }
    tenant
        .patch(&path(&ann.user_id), json!({ "name": "Other", "user_metadata": { "a": "b" } }))
        .await
        .must_be(200);
    assert_eq!(found(&tenant, "name:other AND user_metadata.a:b").await.len(), 1);
    assert_eq!(found(&tenant, "name:\"Ann Example\"").await.len(), 0);
    tenant.delete(&path(&ann.user_id)).await.must_be(204);
    assert_eq!(found(&tenant, "name:other").await.len(), 0);
}

#[tokio::test]
async fn pages_and_orders() {
    let tenant = TestTenant::new().await;
    people(&tenant).await;
    for (query, expected) in [
        ("sort=name:1", vec!["ann", "jane", "john", "zoe"]),
        ("sort=name:-1", vec!["zoe", "john", "jane", "ann"]),
        ("sort=created_at:-1&per_page=2", vec!["zoe", "ann"]),
        ("sort=username:1", vec!["john", "jane", "ann", "zoe"]),
        ("sort=username:1&per_page=2&page=1", vec!["ann", "zoe"]),
        ("sort=username:-1&per_page=3&page=1", vec!["jane"]),
        ("per_page=3&page=1", vec!["zoe"]),
        ("connection=Username-Password-Authentication&q=name:j*", vec!["jane", "john"]),
        ("connection=else", vec![]),
        ("primary_order=false&search_engine=v2", vec!["jane", "john", "ann", "zoe"]),
    ] {
        let answer = tenant.get(&format!("/api/v2/users?{query}&fields=email")).await.must_be(200);
        let emails = each(&answer.body, "email").into_iter();
        let names: Vec<_> = emails.map(|email| email.split('@').next().unwrap_or_default()).collect();
        assert_eq!(names, expected, "{query}");
    }
    let totals = tenant.get("/api/v2/users?include_totals=true&per_page=1&page=2").await.must_be(200);
    assert_eq!(
        (&totals["start"], &totals["limit"], &totals["length"], &totals["total"]),
        (&json!(2), &json!(1), &json!(1), &json!(4))
    );
    let first = tenant.get("/api/v2/users?take=3").await.must_be(200);
    assert_eq!(each(&first["users"], "email").len(), 3);
    let rest = tenant.get(&format!("/api/v2/users?take=3&from={}", first.str("next"))).await.must_be(200);
    assert_eq!((each(&rest["users"], "email"), rest.members()), (vec!["zoe@sub.example.com"], vec!["users"]));
}

#[tokio::test]
async fn what_is_no_search() {
    let tenant = TestTenant::new().await;
    person(&tenant, "ann@example.com").await;
    for query in [
        "q=name:",
        "q=secret:x",
        "q=password_hash:x",
        "q=name:a*b",
        "q=user_metadata.a:b*",
        "q=user_metadata.a:[1 TO 2]",
        "q=logins_count:many",
        "q=created_at:soon",
        "q=created_at:2026*",
        "q=name:%00",
        "q=(((",
        "search_engine=v4",
        "sort=user_metadata.a:1",
        "sort=identities.connection:1",
        "sort=password_hash:1",
        "sort=name:2",
        "per_page=101",
        "per_page=-1",
        "page=x",
        "page=10&per_page=100",
        "page=1000&per_page=1",
        "include_totals=maybe",
        "primary_order=maybe",
        "from=x",
        "take=10&q=name:x",
        "q=a&q=b",
        "unknown=1",
    ] {
        let answer = tenant.get(&format!("/api/v2/users?{}", query.replace(' ', "%20"))).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(answer.text().contains("invalid_query_string"), "{query}: {}", answer.text());
    }
    tenant.get("/api/v2/users?page=9&per_page=100").await.must_be(200);
    let long = format!("/api/v2/users?q=name:{}", "x".repeat(1_100));
    assert_eq!(tenant.get(&long).await.status, 400);
}

#[tokio::test]
async fn by_address() {
    let tenant = TestTenant::new().await;
    let ann = person(&tenant, "ann@example.com").await;
    person(&tenant.other(), "ann@example.com").await;
    let found = tenant.get("/api/v2/users-by-email?email=ANN@example.com&fields=user_id").await.must_be(200);
    assert_eq!(found.body, json!([{ "user_id": ann }]));
    for nobody in ["bob@example.com", "ann@example.co", "", "a%0Aemail:ann@example.com"] {
        let found = tenant.get(&format!("/api/v2/users-by-email?email={nobody}")).await.must_be(200);
        assert_eq!(found.body, json!([]), "{nobody}");
    }
    refused(
        &tenant.get("/api/v2/users-by-email").await,
        400,
        "Query validation error: 'Missing required property: email'.",
        Some("invalid_query_string"),
    );
}
