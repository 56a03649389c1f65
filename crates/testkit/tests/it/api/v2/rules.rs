//! `/api/v2/rules` and `/api/v2/rules-configs`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{refused, text};

const PATH: &str = "/api/v2/rules";
const CONFIGS: &str = "/api/v2/rules-configs";
const SCRIPT: &str = "function (user, context, callback) { callback(null, user, context); }";

async fn rule(tenant: &TestTenant, name: &str, more: Value) -> Value {
    let mut body = json!({ "name": name, "script": SCRIPT });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    tenant.post(PATH, body).await.must_be(201).body
}

fn path(rule: &Value) -> String {
    format!("{PATH}/{}", text(rule, "id"))
}

#[tokio::test]
async fn a_rule_as_it_is_made_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    let made = rule(&tenant, "stamp", json!({ "enabled": false })).await;
    let id = text(&made, "id");
    assert!(id.starts_with("rul_") && id.len() == 20, "{id}");
    let expected = json!({
        "id": id, "enabled": false, "script": SCRIPT, "name": "stamp", "order": 1, "stage": "login_success",
    });
    assert_eq!(made, expected);
    let changed = tenant.patch(&path(&made), json!({ "enabled": true, "order": 7 })).await.must_be(200).body;
    assert_eq!((&changed["enabled"], &changed["order"]), (&json!(true), &json!(7)));
    tenant.delete(&path(&made)).await.must_be(204);
    tenant.delete(&path(&made)).await.must_be(204);
    refused(&tenant.get(&path(&made)).await, 404, "The rule does not exist", Some("inexistent_rule"));
}

#[tokio::test]
async fn rules_are_listed_in_the_order_in_which_they_run() {
    let tenant = TestTenant::new().await;
    rule(&tenant, "second", json!({ "order": 5 })).await;
    rule(&tenant, "first", json!({ "order": 2, "enabled": false })).await;
    rule(&tenant, "third", json!({})).await;
    let names = |list: &Value| {
        let list = list.as_array().unwrap().iter();
        list.map(|rule| text(rule, "name").to_owned()).collect::<Vec<_>>()
    };
    let list = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(names(&list), ["first", "second", "third"]);
    assert_eq!(list[2]["order"], 6, "behind the others");
    let page = tenant.get(&format!("{PATH}?include_totals=true&per_page=1&page=1")).await.must_be(200).body;
    assert_eq!((names(&page["rules"]), &page["total"]), (vec!["second".to_owned()], &json!(3)));
    assert_eq!(names(&tenant.get(&format!("{PATH}?enabled=false")).await.body), ["first"]);
    assert_eq!(tenant.get(&format!("{PATH}?fields=name")).await.body[0], json!({ "name": "first" }));
}

#[tokio::test]
async fn names_and_places_are_taken_once() {
    let tenant = TestTenant::new().await;
    rule(&tenant, "one", json!({ "order": 1 })).await;
    let two = rule(&tenant, "two", json!({ "order": 2 })).await;
    let same_name = json!({ "name": "one", "script": SCRIPT });
    refused(&tenant.post(PATH, same_name).await, 409, "A rule with the same name already exists", None);
    let same_order = json!({ "name": "three", "script": SCRIPT, "order": 1 });
    refused(&tenant.post(PATH, same_order).await, 409, "A rule with the same order already exists", None);
    tenant.patch(&path(&two), json!({ "order": 1 })).await.must_be(409);
}

#[tokio::test]
async fn what_is_no_rule_is_refused() {
    let tenant = TestTenant::new().await;
    for bad in [
        json!({ "name": "a" }),
        json!({ "script": SCRIPT }),
        json!({ "name": "-a", "script": SCRIPT }),
        json!({ "name": "a\u{0}", "script": SCRIPT }),
        json!({ "name": "x".repeat(256), "script": SCRIPT }),
        json!({ "name": "a", "script": "x".repeat(102_401), "enabled": false }),
        json!({ "name": "a", "script": "function (user, context" }),
        json!({ "name": "a", "script": SCRIPT, "order": -1 }),
        json!({ "name": "a", "script": SCRIPT, "order": "1" }),
        json!({ "name": "a", "script": SCRIPT, "stage": "login_failure" }),
        json!({ "name": "a", "script": SCRIPT, "enabled": "yes" }),
    ] {
        tenant.post(PATH, bad).await.must_be(400);
    }
    rule(&tenant, "broken", json!({ "script": "function (user, context", "enabled": false })).await;
}

#[tokio::test]
async fn settings_are_written_and_never_shown_again() {
    let tenant = TestTenant::new().await;
    let set = async |key: &str, value: &str| {
        tenant.put(&format!("{CONFIGS}/{key}"), json!({ "value": value })).await
    };
    assert_eq!(set("foo", "bar").await.must_be(200).body, json!({ "key": "foo", "value": "bar" }));
    set("foo", "other").await.must_be(200);
    set("A_b-@*+:9", "x").await.must_be(200);
    let list = tenant.get(&format!("{CONFIGS}?include_totals=true&per_page=50")).await.must_be(200).body;
    let mut keys: Vec<_> = list.as_array().unwrap().iter().map(|setting| setting.to_string()).collect();
    keys.sort();
    assert_eq!(keys, [r#"{"key":"A_b-@*+:9"}"#, r#"{"key":"foo"}"#]);
    tenant.delete(&format!("{CONFIGS}/foo")).await.must_be(204);
    tenant.delete(&format!("{CONFIGS}/foo")).await.must_be(204);
    assert_eq!(tenant.get(CONFIGS).await.body.as_array().unwrap().len(), 1);
    for bad in ["a%20b", "%C3%A9", &"x".repeat(129)] {
        let refusal = set(bad, "x").await.must_be(400);
        assert_eq!(refusal["errorCode"], "invalid_uri", "{bad}");
    }
    // TestAccRuleConfig
    assert_eq!(tenant.put(&format!("{CONFIGS}/foo"), json!({ "value": "" })).await.must_be(200)["value"], "");
    for bad in [json!({}), json!({ "value": 1 }), json!({ "value": "x", "key": "y" })] {
        tenant.put(&format!("{CONFIGS}/foo"), bad).await.must_be(400);
    }
}
