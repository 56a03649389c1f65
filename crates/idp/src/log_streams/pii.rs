//! Veils what an event says of people, wherever in it that stands.

use model::log_stream::{LogStreamPii, PiiAlgorithm, PiiMethod};
use schema::Object;
use serde_json::{Value, json};
use twox_hash::XxHash64;

/// Replaces the values that have one of the names chosen.
pub(super) fn veil(rules: &LogStreamPii, data: &mut Object) {
    let names: Vec<&str> = rules.log_fields.iter().flat_map(|field| field.names()).copied().collect();
    veil_object(rules, &names, data);
}

fn veil_object(rules: &LogStreamPii, names: &[&str], object: &mut Object) {
    // What changed in a document stands in members of other names: `{ "field": "email", "old": …, "new": … }`.
    let is_change = object.get("field").and_then(Value::as_str).is_some_and(|field| names.contains(&field));
    for (name, value) in object {
        if names.contains(&name.as_str()) || (is_change && ["old", "new"].contains(&name.as_str())) {
            veil_value(rules, value);
        } else {
            descend(rules, names, value);
        }
    }
}

fn descend(rules: &LogStreamPii, names: &[&str], value: &mut Value) {
    match value {
        Value::Object(object) => veil_object(rules, names, object),
        Value::Array(items) => items.iter_mut().for_each(|item| descend(rules, names, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn veil_value(rules: &LogStreamPii, value: &mut Value) {
    let plain = match value {
        // Nothing says nothing.
        Value::Null => return,
        Value::String(text) if text.is_empty() => return,
        Value::String(text) => std::mem::take(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    *value = match (rules.method, rules.algorithm) {
        (PiiMethod::Mask, _) => json!(MASK),
        (PiiMethod::Hash, PiiAlgorithm::Xxhash) => {
            json!(format!("{:016x}", XxHash64::oneshot(0, plain.as_bytes())))
        }
    };
}

/// As long for every value, so that nothing is told of it.
const MASK: &str = "*****";

#[cfg(test)]
mod tests {
    use model::log_stream::PiiField;
    use serde_json::json;

    use super::*;

    fn veiled(fields: Vec<PiiField>, method: PiiMethod, data: Value) -> Value {
        let rules = LogStreamPii { log_fields: fields, method, algorithm: PiiAlgorithm::Xxhash };
        let Value::Object(mut data) = data else { panic!("an event is an object") };
        veil(&rules, &mut data);
        Value::Object(data)
    }

    #[test]
    fn only_what_was_chosen_is_veiled_at_any_depth() {
        let event = json!({
            "user_name": "ann@shop.example", "user_id": "auth0|1", "description": "",
            "details": {
                "request": { "body": { "email": "ann@shop.example", "users": [{ "email": "bob@shop.example" }] } },
                "changes": [{ "field": "email", "old": "a@b.example", "new": null }, { "field": "nickname", "old": "a", "new": "b" }],
            },
        });
        assert_eq!(
            veiled(vec![PiiField::Email], PiiMethod::Mask, event.clone()),
            json!({
                "user_name": "ann@shop.example", "user_id": "auth0|1", "description": "",
                "details": {
                    "request": { "body": { "email": "*****", "users": [{ "email": "*****" }] } },
                    "changes": [{ "field": "email", "old": "*****", "new": null }, { "field": "nickname", "old": "a", "new": "b" }],
                },
            })
        );
        let name = veiled(vec![PiiField::Username], PiiMethod::Mask, event);
        assert_eq!(name["user_name"], "*****");
        assert_eq!(name["details"]["request"]["body"]["email"], "ann@shop.example");
    }

    #[test]
    fn a_digest_is_that_of_the_text_and_an_empty_text_stays() {
        // The digests of "a" and "abc" that the authors of xxHash publish.
        let event =
            json!({ "given_name": "a", "family_name": "abc", "name": "", "address": { "street": 1 } });
        let fields = vec![PiiField::FirstName, PiiField::LastName, PiiField::Address];
        let veiled = veiled(fields, PiiMethod::Hash, event);
        assert_eq!(veiled["given_name"], "d24ec4f1a98c6e5b");
        assert_eq!(veiled["family_name"], "44bc2cf5ad770999");
        assert_eq!(veiled["name"], "");
        assert!(veiled["address"].is_string());
    }
}
