//! `GET /clients`: three styles of paging, filters, the global client.

use std::collections::HashSet;

use serde_json::{Value, json};
use testkit::TestTenant;

use crate::api::v2::{each, refused, text};

const PATH: &str = "/api/v2/clients";

#[tokio::test]
async fn a_plain_list_is_an_array_with_links() {
    let tenant = TestTenant::new().await;
    for i in 0..5 {
        tenant.later(1);
        tenant.client(json!({ "name": format!("C{i}") })).await;
    }
    // A new tenant has two: the global one and its first application.
    let all = tenant.get(PATH).await.must_be(200);
    assert_eq!(all.items().len(), 7);
    assert_eq!(each(&all.body, "name")[2..], ["C0", "C1", "C2", "C3", "C4"]);
    let only = "<http://idp.example/api/v2/clients?page=0&per_page=50>";
    assert_eq!(all.header("link"), format!("{only}; rel=\"first\", {only}; rel=\"last\""));

    let page = tenant.get(&format!("{PATH}?page=1&per_page=3")).await.must_be(200);
    assert_eq!(each(&page.body, "name"), ["C1", "C2", "C3"]);
    let url = |page: i32| format!("<http://idp.example/api/v2/clients?page={page}&per_page=3>");
    let links = format!("{}; rel=\"first\", {}; rel=\"next\", {}; rel=\"last\"", url(0), url(2), url(2));
    assert_eq!(page.header("link"), links);
    assert_eq!(tenant.get(&format!("{PATH}?page=9")).await.must_be(200).body, json!([]));
}

#[tokio::test]
async fn totals_come_in_this_order() {
    let tenant = TestTenant::new().await;
    let page = tenant.get(&format!("{PATH}?include_totals=true&page=1&per_page=1")).await.must_be(200);
    assert_eq!(page.members(), ["total", "start", "limit", "length", "clients"]);
    assert_eq!((&page["total"], &page["start"]), (&json!(2), &json!(1)));
    assert_eq!((&page["limit"], &page["length"]), (&json!(1), &json!(1)));
    assert_eq!(page["clients"].as_array().unwrap().len(), 1);
    let filtered = tenant.get(&format!("{PATH}?include_totals=true&is_global=true")).await.must_be(200);
    assert_eq!(filtered["total"], 1);
}

#[tokio::test]
async fn checkpoints_walk_over_a_hundred_and_twenty_clients() {
    let tenant = TestTenant::new().await;
    for i in 0..118 {
        tenant.client(json!({ "name": format!("C{i}") })).await;
        // Many are made within the same millisecond.
        if i % 10 == 0 {
            tenant.later(1);
        }
    }
    for take in [7, 50, 60, 100] {
        let mut seen = Vec::new();
        let mut path = format!("{PATH}?take={take}");
        loop {
            let page = tenant.get(&path).await.must_be(200);
            let clients = each(&page["clients"], "client_id");
            assert!(clients.len() <= take);
            seen.extend(clients.into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else {
                assert_eq!(page.members(), ["clients"]);
                break;
            };
            assert_eq!(page.members(), ["clients", "next"]);
            path = format!("{PATH}?take={take}&from={next}");
        }
        assert_eq!(seen.len(), 120);
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 120);
    }
}

#[tokio::test]
async fn a_walk_survives_what_happens_meanwhile() {
    let tenant = TestTenant::new().await;
    let mut made = Vec::new();
    for i in 0..6 {
        tenant.later(1);
        made.push(tenant.client(json!({ "name": format!("C{i}") })).await.id);
    }
    tenant.later(1);
    let first = tenant.get(&format!("{PATH}?take=4")).await.must_be(200);
    // The one that the checkpoint stands on goes, another comes.
    let last = each(&first["clients"], "client_id")[3].to_owned();
    tenant.delete(&format!("{PATH}/{last}")).await.must_be(204);
    let late = tenant.client(json!({ "name": "Late" })).await.id;

    let rest = tenant.get(&format!("{PATH}?take=50&from={}", first.str("next"))).await.must_be(200);

    let mut expected: Vec<&str> = made[2..].iter().map(String::as_str).collect();
    expected.push(&late);
    assert_eq!(each(&rest["clients"], "client_id"), expected);
}

#[tokio::test]
async fn checkpoints_ignore_totals_and_pages() {
    let tenant = TestTenant::new().await;
    let page = tenant.get(&format!("{PATH}?take=50&include_totals=true&page=3")).await.must_be(200);
    assert_eq!(page.members(), ["clients"]);
    assert_eq!(page["clients"].as_array().unwrap().len(), 2);
    assert_eq!(page.header("link"), "");
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let tenant = TestTenant::new().await;
    tenant.client(json!({ "name": "M", "app_type": "non_interactive" })).await;
    tenant.client(json!({ "name": "S", "app_type": "spa" })).await;
    let permissive =
        json!({ "name": "P", "is_first_party": false, "third_party_security_mode": "permissive" });
    tenant.client(permissive).await;
    for (query, mut names) in [
        ("is_global=true", vec!["All Applications"]),
        ("is_global=false", vec!["Default App", "M", "P", "S"]),
        ("is_first_party=false", vec!["P"]),
        ("app_type=spa", vec!["S"]),
        ("app_type=spa,non_interactive", vec!["M", "P", "S"]),
        ("app_type=native", vec![]),
        ("app_type=spa&is_global=true", vec![]),
        ("take=50&app_type=spa", vec!["S"]),
        ("include_totals=true&app_type=spa", vec!["S"]),
    ] {
        let answer = tenant.get(&format!("{PATH}?{query}")).await.must_be(200);
        let list = answer.body.get("clients").unwrap_or(&answer.body);
        let mut found = each(list, "name");
        found.sort_unstable();
        names.sort_unstable();
        assert_eq!(found, names, "{query}");
    }
}

#[tokio::test]
async fn the_global_client_stands_for_the_tenant() {
    let tenant = TestTenant::new().await;
    let list = tenant.get(&format!("{PATH}?page=0&per_page=100&include_totals=true&is_global=true")).await;
    let global = &list["clients"][0];
    assert_eq!((&global["global"], &global["name"]), (&json!(true), &json!("All Applications")));
    assert_eq!((&global["is_first_party"], &global["callbacks"]), (&json!(true), &json!([])));
    assert_eq!(global["refresh_token"]["token_lifetime"], 2_592_000);
    for absent in ["app_type", "grant_types", "jwt_configuration", "oidc_conformant", "sso_disabled"] {
        assert_eq!(global[absent], Value::Null, "{absent}");
    }
    let id = text(global, "client_id");
    assert_eq!(tenant.get(&format!("{PATH}/{id}")).await.must_be(200)["global"], true);
}

#[tokio::test]
async fn the_only_two_questions_of_q() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let acme = tenant.organization("acme").await;
    let [a, b] = [tenant.client(json!({})).await, tenant.client(json!({})).await];
    let grant = |id: &str, any: bool| {
        json!({ "client_id": id, "audience": "https://api.example", "scope": [], "organization_usage": "allow",
            "allow_any_organization": any })
    };
    let listed = tenant.grant(grant(&a.id, false)).await;
    tenant.grant(grant(&b.id, true)).await;
    let path = format!("/api/v2/organizations/{}/client-grants", text(&acme, "id"));
    tenant.post(&path, json!({ "grant_id": listed["id"] })).await.must_be(201);

    let of = format!("client_grant.organization_id:{}", text(&acme, "id"));
    for (q, id) in [(of.as_str(), &a.id), ("client_grant.allow_any_organization:true", &b.id)] {
        let found = tenant.get(&format!("{PATH}?take=50&q={q}")).await.must_be(200);
        assert_eq!(each(&found["clients"], "client_id"), [id]);
    }
    for query in [format!("q={of}"), format!("take=5&app_type=spa&q={of}"), "take=5&q=name:x".into()] {
        let answer = tenant.get(&format!("{PATH}?{query}")).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_query_string")), "{query}");
    }
}

#[tokio::test]
async fn filters_of_another_family_are_unknown_here() {
    let tenant = TestTenant::new().await;
    let answer = tenant.get(&format!("{PATH}?audience=x")).await;
    let words = "Query validation error: 'Additional properties not allowed: audience'.";
    refused(&answer, 400, words, Some("invalid_query_string"));
}
