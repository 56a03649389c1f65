//! How commands print: a table for people, JSON for programs.

use serde_json::Value;

/// One thing, its members in lines.
pub fn one(json: bool, value: &Value) {
    match (json, value) {
        (false, Value::Object(object)) => {
            let width = object.keys().map(String::len).max().unwrap_or(0);
            for (name, value) in object {
                println!("{name:width$}  {}", plain(value));
            }
        }
        (_, value) => println!("{value:#}"),
    }
}

/// Many things, one in each line, these members of each.
pub fn list(json: bool, values: &[Value], columns: &[&str]) {
    if json {
        println!("{:#}", Value::Array(values.to_vec()));
        return;
    }
    let cell = |value: &Value, column: &str| value.get(column).map(plain).unwrap_or_default();
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            values
                .iter()
                .map(|value| cell(value, column).chars().count())
                .chain([column.len()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<String>| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("{}", padded.join("  ").trim_end());
    };
    line(columns.iter().map(|column| column.to_uppercase()).collect());
    for value in values {
        line(columns.iter().map(|column| cell(value, column)).collect());
    }
}

/// A value as a person would write it; control characters of strangers stay out of the terminal.
pub fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(object) => match object.get("value") {
            Some(value) => plain(value),
            None => value.to_string(),
        },
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
