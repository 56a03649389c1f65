//! A declaration as JSON Schema, for the tests that hold `check` against an independent validator.

use serde_json::{Value, json};

use crate::{Field, Object, Op, Shape};

/// The JSON Schema of a body for this operation.
pub(crate) fn json_schema(fields: &'static [Field], op: Op) -> Value {
    object(fields, op, true)
}

fn object(fields: &'static [Field], op: Op, root: bool) -> Value {
    let writable = || fields.iter().filter(move |field| field.writable(op));
    let properties: Object = writable().map(|field| (field.name.to_owned(), property(field, op))).collect();
    let required: Vec<&str> = match (op, root) {
        (Op::Update, true) => Vec::new(),
        _ => writable().filter(|field| field.required).map(|field| field.name).collect(),
    };
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(field: &'static Field, op: Op) -> Value {
    let mut schema = shape(field.shape, op);
    let limits = |schema: &mut Value, least: Option<i64>, most: Option<i64>, names: (&str, &str)| {
        if let Some(least) = least {
            schema[names.0] = json!(least);
        }
        if let Some(most) = most {
            schema[names.1] = json!(most);
        }
    };
    let names = match field.shape {
        Shape::Text => ("minLength", "maxLength"),
        Shape::List(_) => ("minItems", "maxItems"),
        Shape::Map(_) | Shape::Object(_) | Shape::OneOf { .. } => ("minProperties", "maxProperties"),
        Shape::Integer | Shape::Number | Shape::Boolean | Shape::Any | Shape::Choice(_) => {
            ("minimum", "maximum")
        }
    };
    limits(&mut schema, field.min, field.max, names);
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            limits(&mut schema[inner], field.each_min, field.each_max, ("minLength", "maxLength"));
        }
    }
    if field.unique_items {
        schema["uniqueItems"] = json!(true);
    }
    if let Some(most) = field.key_max {
        schema["propertyNames"] = json!({ "maxLength": most });
    }
    if let Some(pattern) = field.format.and_then(crate::Format::pattern)
        && matches!(field.shape, Shape::Text)
    {
        schema["pattern"] = json!(pattern);
    }
    if field.merge_keys
        && op == Op::Update
        && let Shape::Map(_) = field.shape
    {
        schema["additionalProperties"] =
            json!({ "anyOf": [schema["additionalProperties"], { "type": "null" }] });
    }
    if field.nullable && (op == Op::Update || field.nullable_on_create) {
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    }
    schema["description"] = json!(field.doc);
    schema
}

fn shape(of: Shape, op: Op) -> Value {
    match of {
        Shape::Text => json!({ "type": "string" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Any => json!({}),
        Shape::Choice(choices) => json!({ "type": "string", "enum": choices }),
        Shape::List(items) => json!({ "type": "array", "items": shape(*items, op) }),
        Shape::Map(values) => json!({ "type": "object", "additionalProperties": shape(*values, op) }),
        Shape::Object(fields) => object(fields, op, false),
        Shape::OneOf { tag, arms } => {
            let arms: Vec<Value> = arms
                .iter()
                .map(|(name, fields)| {
                    let mut arm = object(fields, op, false);
                    arm["properties"][tag] = json!({ "const": name });
                    if let Some(required) = arm["required"].as_array_mut() {
                        required.push(json!(tag));
                    }
                    arm
                })
                .collect();
            json!({ "oneOf": arms })
        }
    }
}
