//! `/api/x/search`

use serde_json::{Value, json};
use store::Write;
use testkit::TestTenant;

use super::refuses_queries;

const PATH: &str = "/api/x/search";

#[tokio::test]
async fn by_name_and_by_identifier_the_exact_first() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let mut ids = Vec::new();
    for name in ["Orders import", "My orders", "orders"] {
        ids.push(tenant.client(json!({ "name": name })).await.id);
    }
    let api = tenant.get("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await.body;
    let grant = tenant.get("/api/v2/client-grants").await.body[0].clone();

    let found = tenant.get(&format!("{PATH}?q=ORDERS")).await.must_be(200);

    let shown = |n: usize, kind: &str, id: &Value, name: &str, detail: &Value, exact: bool| {
        let expected = json!({ "kind": kind, "id": id, "name": name, "detail": detail, "exact": exact });
        assert_eq!(found["results"][n], expected);
    };
    // Two have just this name; the order among equals is that of names and identifiers.
    let (first, second) = match found["results"][0]["kind"] == "client" {
        true => (0, 1),
        false => (1, 0),
    };
    shown(first, "client", &json!(ids[2]), "orders", &json!(ids[2]), true);
    shown(second, "resource_server", &api["id"], "Orders", &json!("https://api.example"), true);
    shown(2, "client", &json!(ids[0]), "Orders import", &json!(ids[0]), false);
    shown(3, "client", &json!(ids[1]), "My orders", &json!(ids[1]), false);
    assert_eq!(found["results"].as_array().unwrap().len(), 4);
    let log = tenant.get("/api/v2/logs?per_page=1").await.items()[0].clone();
    let partners = json!({ "name": "Partners", "strategy": "auth0", "display_name": "Our friends" });
    let partners = tenant.post("/api/v2/connections", partners).await.must_be(201);
    for (q, kind) in [
        (client.id.as_str(), "client"),
        (api["id"].as_str().unwrap(), "resource_server"),
        ("https://api.example", "resource_server"),
        (grant["id"].as_str().unwrap(), "client_grant"),
        (log["log_id"].as_str().unwrap(), "log"),
        (partners.str("id"), "connection"),
        ("partners", "connection"),
        ("our%20friends", "connection"),
    ] {
        let found = tenant.get(&format!("{PATH}?q={q}")).await.must_be(200);
        let first = &found["results"][0];
        assert_eq!((&first["kind"], &first["exact"]), (&json!(kind), &json!(true)), "{q}");
        let theirs = tenant.other().get(&format!("{PATH}?q={q}")).await.must_be(200);
        assert_eq!(theirs["results"], json!([]), "{q}");
    }
}

#[tokio::test]
async fn people_and_roles_by_name_address_and_identifier() {
    let tenant = TestTenant::new().await;
    let jane = json!({
        "connection": "Username-Password-Authentication", "email": "Jane@Acme.example", "password": "L0ng-enough!",
        "name": "Jane Doe", "family_name": "Doe-Roe", "nickname": "j.d.",
    });
    let jane = tenant.post("/api/v2/users", jane).await.must_be(201)["user_id"].clone();
    let role = json!({ "name": "Night auditor", "description": "Reads everything" });
    let role = tenant.post("/api/v2/roles", role).await.must_be(200)["id"].clone();
    let user = |exact: bool| json!({ "kind": "user", "id": jane, "name": "Jane Doe", "detail": "jane@acme.example", "exact": exact });
    for (q, expected) in [
        (jane.as_str().unwrap(), user(true)),
        ("JANE@acme.example", user(true)),
        ("jane doe", user(true)),
        ("jane@a", user(false)),
        ("doe-", user(false)),
        ("j.d", user(false)),
        (
            role.as_str().unwrap(),
            json!({ "kind": "role", "id": role, "name": "Night auditor", "detail": "Reads everything", "exact": true }),
        ),
        (
            "t audit",
            json!({ "kind": "role", "id": role, "name": "Night auditor", "detail": "Reads everything", "exact": false }),
        ),
    ] {
        let path = format!("{PATH}?q={}", q.replace('|', "%7C").replace(' ', "%20"));
        assert_eq!(tenant.get(&path).await.must_be(200)["results"], json!([expected]), "{q}");
        assert_eq!(tenant.other().get(&path).await.must_be(200)["results"], json!([]), "{q}");
        let scope = if expected["kind"] == "user" { "read:users" } else { "read:roles" };
        assert_eq!(tenant.allowed(&[scope]).get(&path).await.must_be(200)["results"], json!([expected]));
        let others = tenant.allowed(&["read:clients"]).get(&path).await.must_be(200);
        assert_eq!(others["results"], json!([]), "{q}");
    }
    // A part of a name within it, a single letter and a wildcard find nobody. What applications are called by is drawn
    // by lot, and may hold any letter.
    let tenant = tenant.allowed(&["read:users", "read:roles"]);
    for q in ["ane", "j", "ja*", "*acme*", "j%25", "j_ne"] {
        assert_eq!(tenant.get(&format!("{PATH}?q={q}")).await.must_be(200)["results"], json!([]), "{q}");
    }
}

#[tokio::test]
async fn who_is_called_just_so_is_found_among_many_who_only_begin_so() {
    let tenant = TestTenant::new().await.allowed(&["create:users", "read:users"]);
    let person = async |email: String, name: &str| {
        let body = json!({
            "connection": "Username-Password-Authentication", "email": email, "password": "L0ng-enough!", "name": name,
        });
        tenant.post("/api/v2/users", body).await.must_be(201)["user_id"].clone()
    };
    let jo = person("first@acme.example".into(), "Jo").await;
    for n in 0..25 {
        person(format!("jo{n}@acme.example"), "Jo Newer").await;
    }

    let found = tenant.get(&format!("{PATH}?q=jo")).await.must_be(200);

    let found = found["results"].as_array().unwrap();
    assert_eq!((&found[0]["id"], &found[0]["exact"]), (&jo, &json!(true)));
    let ids: std::collections::HashSet<&str> = found.iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!((found.len(), ids.len()), (20, 20), "nobody is there twice");
    assert!(found[1..].iter().all(|hit| hit["exact"] == false));
}

#[tokio::test]
async fn only_what_the_token_may_read() {
    let tenant = TestTenant::new().await;
    tenant.client_of_an_api().await;
    let log = tenant.get("/api/v2/logs?per_page=1").await.items()[0]["log_id"].clone();
    let grant = tenant.get("/api/v2/client-grants").await.body[0]["id"].clone();
    for (scope, q, kinds) in [
        ("read:clients", "i", &["client"][..]),
        ("read:client_summary", "i", &["client"]),
        ("read:resource_servers", "i", &["resource_server"]),
        ("read:connections", "i", &["connection"]),
        ("read:logs", "i", &[]),
        ("read:clients", log.as_str().unwrap(), &[]),
        ("read:logs", log.as_str().unwrap(), &["log"]),
        ("read:logs", grant.as_str().unwrap(), &[]),
        ("read:client_grants", grant.as_str().unwrap(), &["client_grant"]),
    ] {
        let found = tenant.allowed(&[scope]).get(&format!("{PATH}?q={q}")).await.must_be(200);
        let mut found: Vec<&str> = found.body["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit["kind"].as_str().unwrap())
            .collect();
        found.dedup();
        assert_eq!(found, kinds, "{scope} {q}");
    }
    assert_eq!(tenant.allowed(&["read:stats"]).get(&format!("{PATH}?q=x")).await.status, 403);
}

#[tokio::test]
async fn ten_thousand_clients() {
    let tenant = TestTenant::new().await;
    let insert = |n: usize| {
        let id = format!("client{n:05}");
        let body =
            json!({ "client_id": id, "name": format!("Nightly job number {n}"), "is_first_party": true });
        let Value::Object(body) = body else { unreachable!() };
        Write::Insert { kind: "clients", id, body, keys: Vec::new(), created: n as i64 }
    };
    tenant.store().documents().commit("default", (0..10_000).map(insert).collect()).await.unwrap();
    let tenant = tenant.server().another_node().await.tenant("default");
    let found = tenant.get(&format!("{PATH}?q=number%209999")).await.must_be(200);
    assert_eq!(
        (&found["results"][0]["id"], found["results"].as_array().unwrap().len()),
        (&json!("client09999"), 1)
    );
    assert_eq!(tenant.get(&format!("{PATH}?q=nightly")).await["results"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn queries_that_nobody_means() {
    let tenant = TestTenant::new().await;
    let long = format!("q={}", "x".repeat(601));
    refuses_queries(&tenant, PATH, &["q=%00", &long, "q=a&q=b", "nope=1"]).await;
    for q in ["", "%20%20", "%25", "*", "'%3B--", "cgr_", "%F0%9F%98%80", "%E2%80%AE", "(", &"9".repeat(56)] {
        let found = tenant.get(&format!("{PATH}?q={q}")).await.must_be(200);
        assert_eq!(found["results"], json!([]), "{q}");
    }
    assert_eq!(tenant.get(PATH).await.must_be(200)["results"], json!([]));
}
