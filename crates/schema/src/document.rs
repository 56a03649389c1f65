//! What the store needs to know of a document: its search keys, and where its secrets are.

use serde_json::Value;

use crate::{
    Field, Object,
    walk::{Part, each_part},
};

/// A value by which a document is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub name: &'static str,
    pub value: String,
    pub used: Used,
}

/// What a key is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Used {
    /// Many documents may share it.
    Lookup,
    /// It belongs to one document of the kind and tenant only.
    Unique,
    /// Documents are searched by it, also by parts of it.
    Search,
}

impl Key {
    /// A key that many documents may share.
    pub fn shared(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), used: Used::Lookup }
    }

    /// A key that is one document's own.
    pub fn unique(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), used: Used::Unique }
    }

    /// A key that documents are searched by.
    pub fn search(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), used: Used::Search }
    }

    /// Whether it is one document's own.
    pub fn is_unique(&self) -> bool {
        self.used == Used::Unique
    }
}

/// The search keys of a document: each text, flag or number of its `lookup` fields.
pub fn keys(fields: &'static [Field], document: &Object) -> Vec<Key> {
    let mut keys = Vec::new();
    for field in fields.iter().filter(|field| field.lookup) {
        let Some(value) = document.get(field.name) else { continue };
        let values = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let used = if field.unique { Used::Unique } else { Used::Lookup };
        for value in values.iter().filter_map(text) {
            keys.push(Key { name: field.name, value, used });
        }
    }
    keys
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Calls `act` with the path and the text of each secret in a document, however deep it lies. The elements of a
/// list or map share the path of their field.
pub fn each_secret<E>(
    fields: &'static [Field],
    document: &mut Object,
    act: &mut dyn FnMut(&str, &mut String) -> Result<(), E>,
) -> Result<(), E> {
    in_object(fields, document, "", act)
}

fn in_object<E>(
    fields: &'static [Field],
    object: &mut Object,
    path: &str,
    act: &mut dyn FnMut(&str, &mut String) -> Result<(), E>,
) -> Result<(), E> {
    for field in fields.iter().filter(|field| field.has_secrets()) {
        let Some(value) = object.get_mut(field.name) else { continue };
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        each_part(field.shape, value, &mut |part| match part {
            Part::Object(fields, object) => in_object(fields, object, &path, act),
            Part::Plain(_, Value::String(text)) if field.secret.is_some() => act(&path, text),
            Part::Plain(..) => Ok(()),
        })?;
    }
    Ok(())
}
