//! What a client asks to be authorized to do, in more than a word (RFC 9396). The kinds belong to the API; what one of
//! them means, only the API knows.

use model::ResourceServer;
use serde_json::{Map, Value};

use crate::{Code, Result};

/// The details that a token is to say: those that were asked for, if the API knows the kind of each.
pub fn granted(api: &ResourceServer, asked: Option<&str>) -> Result<Vec<Value>> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return Ok(Vec::new()) };
    if asked.len() > LONGEST {
        return refuse(format!("authorization_details is longer than {LONGEST} bytes"));
    }
    let Ok(details) = serde_json::from_str::<Vec<Map<String, Value>>>(asked) else {
        return refuse("authorization_details must be a JSON array of objects");
    };
    if details.len() > MOST {
        return refuse(format!("authorization_details has more than {MOST} elements"));
    }
    for detail in &details {
        check(api, detail)?;
    }
    Ok(details.into_iter().map(Value::Object).collect())
}

fn check(api: &ResourceServer, detail: &Map<String, Value>) -> Result<()> {
    let Some(kind) = detail.get("type").and_then(Value::as_str) else {
        return refuse("Each of the authorization_details must have a type, a string");
    };
    if !api.authorization_details.iter().flatten().any(|known| known.r#type == kind) {
        return refuse(format!(
            "Resource server \"{}\" does not know the type of authorization_details that was asked for",
            api.identifier
        ));
    }
    // RFC 9396 §2.2: what these are is common to all kinds.
    let is_text = |value: &Value| value.is_string();
    let are_texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(is_text));
    let lists = ["locations", "actions", "datatypes", "privileges"];
    if let Some(wrong) = lists.iter().find(|name| detail.get(**name).is_some_and(|value| !are_texts(value))) {
        return refuse(format!("{wrong} of authorization_details must be an array of strings"));
    }
    if detail.get("identifier").is_some_and(|value| !is_text(value)) {
        return refuse("identifier of authorization_details must be a string");
    }
    if detail.values().any(|value| is_deeper_than(value, DEEPEST - 2)) {
        return refuse(format!("authorization_details is nested deeper than {DEEPEST} levels"));
    }
    Ok(())
}

/// Whether a value has more levels of lists and objects.
fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let beyond = |value: &Value| is_deeper_than(value, levels - 1);
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(beyond),
        Value::Object(members) => levels == 0 || members.values().any(beyond),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn refuse<T>(why: impl Into<std::borrow::Cow<'static, str>>) -> Result<T> {
    Code::InvalidAuthorizationDetails.refuse(why)
}

/// They stand in the token, which travels in a header.
const LONGEST: usize = 4 * 1024;
const MOST: usize = 20;
/// Levels of lists and objects, the array itself among them.
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_deeper_than;

    #[test]
    fn levels_are_counted() {
        for (value, levels) in [(json!(1), 0), (json!([]), 1), (json!({ "a": [1] }), 2), (json!([[{}]]), 3)] {
            assert!(!is_deeper_than(&value, levels), "{value}");
            assert!(levels == 0 || is_deeper_than(&value, levels - 1), "{value}");
        }
    }
}
