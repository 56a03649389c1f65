//! How a body becomes part of a document: defaults on create, a patch on update.

use std::convert::Infallible;

use serde_json::Value;

use crate::{
    Field, Object, Op, Shape,
    walk::{Part, each_part},
};

/// Stores defaults for what a new document does not say, down into the objects that it does say.
pub fn complete(fields: &'static [Field], body: &mut Object) {
    body.retain(|_, value| !value.is_null());
    for field in fields {
        match (field.default, body.get_mut(field.name)) {
            (Some(default), None) => {
                body.insert(field.name.into(), default());
            }
            (_, Some(value)) => complete_value(field.shape, value),
            (None, None) => {}
        }
    }
}

fn complete_value(shape: Shape, value: &mut Value) {
    let Ok(()) = each_part::<Infallible>(shape, value, &mut |part| {
        match part {
            Part::Object(fields, object) => complete(fields, object),
            Part::Plain(Shape::Integer, value) => whole(value),
            Part::Plain(..) => {}
        }
        Ok(())
    });
}

/// `3.0` is an integer in JSON Schema; it is stored as one.
fn whole(value: &mut Value) {
    if let Some(number) = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0) {
        *value = Value::from(number as i64);
    }
}

/// Lays a checked patch over a document: replace, merge keys, or remove on `null`.
pub fn merge(fields: &'static [Field], document: &mut Object, patch: Object) {
    for (name, value) in patch {
        let field = fields.iter().find(|field| field.name == name && field.writable(Op::Update));
        match (field, value) {
            (_, Value::Null) => {
                document.shift_remove(&name);
            }
            (Some(field), Value::Object(changes)) if field.merge_keys && document.contains_key(&name) => {
                let kept = document.entry(name).or_insert_with(|| Value::Object(Object::new()));
                if let Value::Object(kept) = kept {
                    merge_keys(field.shape, kept, changes);
                }
            }
            (Some(field), mut value) => {
                if let (true, Value::Object(keys)) = (field.merge_keys, &mut value) {
                    keys.retain(|_, value| !value.is_null());
                }
                complete_value(field.shape, &mut value);
                document.insert(name, value);
            }
            (None, value) => {
                document.insert(name, value);
            }
        }
    }
}

fn merge_keys(shape: Shape, kept: &mut Object, changes: Object) {
    for (key, mut value) in changes {
        if value.is_null() {
            kept.shift_remove(&key);
            continue;
        }
        match shape {
            Shape::Map(values) => complete_value(*values, &mut value),
            Shape::Object(fields) => {
                if let Some(field) = fields.iter().find(|field| field.name == key) {
                    complete_value(field.shape, &mut value);
                }
            }
            // `Field::merge_keys` does not let these in.
            Shape::Text
            | Shape::Integer
            | Shape::Number
            | Shape::Boolean
            | Shape::Any
            | Shape::Choice(_)
            | Shape::List(_)
            | Shape::OneOf { .. } => {}
        }
        kept.insert(key, value);
    }
}
