//! What the store needs to know of a document: its search keys, and where its secrets are.

use serde_json::Value;

use crate::{Field, Object, Shape};

/// A value by which a document is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub value: String,
    pub unique: bool,
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
        for value in values.iter().filter_map(text) {
            keys.push(Key { name: field.name, value, unique: field.unique });
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

/// Calls `act` with the path and the text of each secret in a document, however deep it lies.
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
    for field in fields {
        let Some(value) = object.get_mut(field.name) else { continue };
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        match (field.secret, value) {
            (Some(_), Value::String(text)) => act(&path, text)?,
            (_, value) => in_value(field.shape, value, &path, act)?,
        }
    }
    Ok(())
}

fn in_value<E>(
    shape: Shape,
    value: &mut Value,
    path: &str,
    act: &mut dyn FnMut(&str, &mut String) -> Result<(), E>,
) -> Result<(), E> {
    match (shape, value) {
        (Shape::Object(fields), Value::Object(object)) => in_object(fields, object, path, act),
        (Shape::List(shape), Value::Array(items)) => {
            items.iter_mut().try_for_each(|item| in_value(*shape, item, path, act))
        }
        (Shape::OneOf { tag, arms }, Value::Object(object)) => {
            let name = object.get(tag).and_then(Value::as_str).map(str::to_owned);
            match arms.iter().find(|(arm, _)| Some(*arm) == name.as_deref()) {
                Some((_, fields)) => in_object(fields, object, path, act),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
