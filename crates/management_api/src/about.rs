//! What a write was about, and what it changed: the history of one thing, as the log keeps it.

use schema::{Object, Resource};
use serde_json::{Value, json};

use crate::Call;

/// One thing, before a write and after it.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    pub object: String,
    pub before: Object,
    pub after: Object,
}

impl About {
    /// A thing that is there now; what was there before may be nothing.
    pub fn put<R: Resource>(id: &str, before: &Object, after: &Object) -> About {
        About { object: object(R::NOUN.path, id), before: before.clone(), after: after.clone() }
    }

    /// A thing of which no field was changed, such as one that is gone or one whose parts were changed.
    pub fn only<R: Resource>(id: &str) -> About {
        About { object: object(R::NOUN.path, id), before: Object::new(), after: Object::new() }
    }

    /// Which fields changed, from what to what, through a mask that hides secrets; long values are cut.
    pub fn changes(&self, mask: &dyn Fn(&str, &Value) -> Value) -> Vec<Value> {
        let named_before = self.before.keys();
        let new = self.after.keys().filter(|name| !self.before.contains_key(*name));
        let shown =
            |name: &str, value: Option<&Value>| value.map_or(Value::Null, |value| cut(mask(name, value)));
        named_before
            .chain(new)
            .filter(|name| self.before.get(*name) != self.after.get(*name))
            .map(|name| {
                let (old, new) = (self.before.get(name), self.after.get(name));
                json!({ "field": name, "old": shown(name, old), "new": shown(name, new) })
            })
            .take(MOST)
            .collect()
    }
}

/// How the log names a thing.
pub fn object(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

/// What a path is about that names a thing and then a part of it, or something to be done with it.
pub fn of_path(path: &str, call: &Call) -> Option<String> {
    let (kind, rest) = path.trim_start_matches('/').split_once("/{")?;
    let (parameter, part) = rest.split_once('}')?;
    let id = call.parameter(parameter);
    (!part.is_empty() && id.len() <= LONGEST_ID).then(|| object(kind, id))
}

fn cut(value: Value) -> Value {
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return value,
        Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    if text.len() <= LONGEST {
        return value;
    }
    let kept: String = text.chars().take(LONGEST / 4).collect();
    json!(format!("{kept}…"))
}

/// How many fields one event lists.
const MOST: usize = 100;
/// How long, in bytes, the text of a value may be before it is cut.
const LONGEST: usize = 2_000;
const LONGEST_ID: usize = 500;
