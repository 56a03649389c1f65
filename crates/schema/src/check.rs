//! What is wrong with a body, in the words of the wire: `'<reason>' on property <path> (<documentation>)`.
//! The first fault ends the search. The grammar is the one of recorded answers.

use std::fmt;

use serde_json::{Number, Value};

use crate::{Arm, Field, Object, Op, Shape, walk::arm};

/// The deepest nesting that a free-form value may have.
const DEPTH: usize = 32;

/// The first thing that is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub reason: String,
    /// The property's path, empty for the body itself.
    pub path: String,
    pub doc: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.reason)?;
        if !self.path.is_empty() {
            write!(f, " on property {}", self.path)?;
        }
        if !self.doc.is_empty() {
            write!(f, " ({})", self.doc)?;
        }
        f.write_str(".")
    }
}

/// Checks a body against the fields of its noun.
pub fn check(fields: &'static [Field], body: &Object, op: Op) -> Result<(), Violation> {
    Check { op, path: String::new() }.object(fields, body, "", true)
}

struct Check {
    op: Op,
    path: String,
}

type Checked = Result<(), Violation>;

impl Check {
    fn object(
        &mut self,
        fields: &'static [Field],
        object: &Object,
        doc: &'static str,
        root: bool,
    ) -> Checked {
        let unknown: Vec<&str> = object
            .keys()
            .filter(|key| !fields.iter().any(|f| f.name == *key && f.writable(self.op)))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            return self.fail(format!("Additional properties not allowed: {}", unknown.join(",")), doc);
        }
        // A patch may leave out what the document has already; a nested object is always whole.
        if self.op == Op::Create || !root {
            let missing = |f: &&Field| f.required && f.writable(self.op) && !object.contains_key(f.name);
            if let Some(field) = fields.iter().find(missing) {
                return self.fail(format!("Missing required property: {}", field.name), doc);
            }
        }
        for field in fields {
            if let Some(value) = object.get(field.name) {
                self.inside(field.name, |check| check.field(field, value))?;
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: &Value) -> Checked {
        let may_be_null = field.nullable && (self.op == Op::Update || field.nullable_on_create);
        if value.is_null() && may_be_null {
            return Ok(());
        }
        let doc = field.doc;
        match (field.shape, value) {
            (Shape::Text, Value::String(text)) => {
                self.length(text, field.min, field.max, doc)?;
                self.format(field, text)
            }
            (Shape::Integer, Value::Number(number)) if is_whole(number) => self.range(number, field),
            (Shape::Number, Value::Number(number)) => self.range(number, field),
            (Shape::List(shape), Value::Array(items)) => self.list(field, shape, items),
            (Shape::Map(shape), Value::Object(map)) => self.map(field, shape, map),
            (Shape::Object(fields), Value::Object(object)) => {
                self.members(object.len(), field)?;
                self.object(fields, object, doc, false)
            }
            (shape, value) => self.value(shape, value, doc),
        }
    }

    /// A value that carries no rules of its own: an element, or a field of a plain shape.
    fn value(&mut self, shape: Shape, value: &Value, doc: &'static str) -> Checked {
        match (shape, value) {
            (Shape::Text, Value::String(text)) => self.length(text, None, None, doc),
            (Shape::Choice(choices), Value::String(text)) if choices.contains(&text.as_str()) => Ok(()),
            (Shape::Choice(_), Value::String(text)) => {
                self.fail(format!("No enum match for: {}", short(text)), doc)
            }
            (Shape::Integer, Value::Number(number)) if is_whole(number) => Ok(()),
            (Shape::Number, Value::Number(_)) | (Shape::Boolean, Value::Bool(_)) => Ok(()),
            (Shape::Object(fields), Value::Object(object)) => self.object(fields, object, doc, false),
            (Shape::OneOf { tag, arms }, Value::Object(object)) => self.one_of(tag, arms, object, doc),
            (Shape::List(shape), Value::Array(items)) => {
                for (i, item) in items.iter().enumerate() {
                    self.at(i, |check| check.value(*shape, item, ""))?;
                }
                Ok(())
            }
            (Shape::Map(shape), Value::Object(map)) => map
                .iter()
                .try_for_each(|(key, value)| self.inside(key, |check| check.value(*shape, value, ""))),
            (Shape::Any, value) => self.free(value, DEPTH, doc),
            (
                Shape::Text
                | Shape::Choice(_)
                | Shape::Integer
                | Shape::Number
                | Shape::Boolean
                | Shape::Object(_)
                | Shape::OneOf { .. }
                | Shape::List(_)
                | Shape::Map(_),
                value,
            ) => {
                let reason = format!("Expected type {} but found type {}", expected(shape), found(value));
                self.fail(reason, doc)
            }
        }
    }

    fn list(&mut self, field: &'static Field, shape: &'static Shape, items: &[Value]) -> Checked {
        let n = items.len();
        if let Some(most) = over(n, field.max) {
            return self.fail(format!("Array is too long ({n}), maximum {most}"), field.doc);
        }
        if let Some(least) = under(n, field.min) {
            return self.fail(format!("Array is too short ({n}), minimum {least}"), field.doc);
        }
        for (i, item) in items.iter().enumerate() {
            self.at(i, |check| check.element(field, *shape, item))?;
        }
        if field.unique_items {
            for (i, item) in items.iter().enumerate() {
                if let Some(j) = items[..i].iter().position(|earlier| earlier == item) {
                    let reason = format!("Array items are not unique (indexes {j} and {i})");
                    return self.fail(reason, field.doc);
                }
            }
        }
        Ok(())
    }

    fn map(&mut self, field: &'static Field, shape: &'static Shape, map: &Object) -> Checked {
        self.members(map.len(), field)?;
        for (key, value) in map {
            self.inside(key, |check| {
                check.length(key, None, field.key_max, field.doc)?;
                // `null` in a patch removes the key.
                match value {
                    Value::Null if field.merge_keys && check.op == Op::Update => Ok(()),
                    value => check.element(field, *shape, value),
                }
            })?;
        }
        Ok(())
    }

    fn element(&mut self, field: &'static Field, shape: Shape, value: &Value) -> Checked {
        match (shape, value) {
            (Shape::Text, Value::String(text)) => {
                self.length(text, field.each_min, field.each_max, field.doc)?;
                self.format(field, text)
            }
            (shape, value) => self.value(shape, value, field.doc),
        }
    }

    fn one_of(
        &mut self,
        tag: &'static str,
        arms: &'static [Arm],
        object: &Object,
        doc: &'static str,
    ) -> Checked {
        let Some(Value::String(name)) = object.get(tag) else {
            return self.fail(format!("Missing required property: {tag}"), doc);
        };
        let Some((_, fields)) = arm(tag, arms, object) else {
            return self.inside(tag, |check| check.fail(format!("No enum match for: {}", short(name)), doc));
        };
        let mut rest = object.clone();
        rest.remove(tag);
        self.object(fields, &rest, doc, false)
    }

    fn members(&self, n: usize, field: &Field) -> Checked {
        if let Some(most) = over(n, field.max) {
            return self.fail(format!("Too many properties defined ({n}), maximum {most}"), field.doc);
        }
        if let Some(least) = under(n, field.min) {
            return self.fail(format!("Too few properties defined ({n}), minimum {least}"), field.doc);
        }
        Ok(())
    }

    fn length(&self, text: &str, min: Option<i64>, max: Option<i64>, doc: &'static str) -> Checked {
        if text.contains('\0') {
            return self.fail("String does not match pattern ^[^\\u0000]*$".into(), doc);
        }
        // Bytes bound characters from above, so most texts need no count.
        if let Some(most) = over(text.len(), max)
            && over(text.chars().count(), max).is_some()
        {
            let n = text.chars().count();
            return self.fail(format!("String is too long ({n} chars), maximum {most}"), doc);
        }
        if let Some(least) = min
            && let Some(n) = Some(text.chars().count()).filter(|n| under(*n, min).is_some())
        {
            return self.fail(format!("String is too short ({n} chars), minimum {least}"), doc);
        }
        Ok(())
    }

    fn range(&self, number: &Number, field: &Field) -> Checked {
        let value = number.as_f64().unwrap_or(f64::MAX);
        if let Some(least) = field.min.filter(|least| value < *least as f64) {
            return self.fail(format!("Value {number} is less than minimum {least}"), field.doc);
        }
        if let Some(most) = field.max.filter(|most| value > *most as f64) {
            return self.fail(format!("Value {number} is greater than maximum {most}"), field.doc);
        }
        Ok(())
    }

    fn format(&self, field: &Field, text: &str) -> Checked {
        match field.format {
            Some(format) if !format.fits(text) => self.fail(format.complaint(&short(text)), field.doc),
            _ => Ok(()),
        }
    }

    /// Free-form JSON still has a depth and holds no NUL, which PostgreSQL could not keep.
    fn free(&self, value: &Value, depth: usize, doc: &'static str) -> Checked {
        match value {
            Value::Array(_) | Value::Object(_) if depth == 0 => {
                self.fail(format!("Nested deeper than {DEPTH} levels"), doc)
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.free(item, depth - 1, doc)),
            Value::Object(map) => map.iter().try_for_each(|(key, item)| {
                self.length(key, None, None, doc)?;
                self.free(item, depth - 1, doc)
            }),
            Value::String(text) => self.length(text, None, None, doc),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn inside(&mut self, name: &str, then: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(&short(name));
        let checked = then(self);
        self.path.truncate(before);
        checked
    }

    fn at(&mut self, index: usize, then: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let before = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        let checked = then(self);
        self.path.truncate(before);
        checked
    }

    fn fail(&self, reason: String, doc: &'static str) -> Checked {
        Err(Violation { reason, path: self.path.clone(), doc })
    }
}

/// 3.0 is an integer in JSON Schema.
fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() < 9e15)
}

fn expected(shape: Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::Choice(_) => "string",
        Shape::Integer => "integer",
        Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Any => "any",
        Shape::List(_) => "array",
        Shape::Map(_) | Shape::Object(_) | Shape::OneOf { .. } => "object",
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn over(n: usize, most: Option<i64>) -> Option<i64> {
    most.filter(|most| n as i64 > *most)
}

fn under(n: usize, least: Option<i64>) -> Option<i64> {
    least.filter(|least| (n as i64) < *least)
}

/// A caller's own text inside a message, cut so that an answer stays small.
fn short(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}
