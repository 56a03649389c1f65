//! What actions and modules have in common: code, secrets, the modules they name, and the pages of their lists.

use idp::Tenant;
use model::{ActionModuleVersion, ActionSecret};
use schema::{Object, Op, Resource, Shape, Shaped};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::MOST_CODE;
use crate::{Answer, Call, Error, clients::text, error::Result};

/// Puts in order the secrets that a body brings: those that were there before stand first, a secret without a value
/// keeps the one it has, and whatever is new has its time.
pub fn stamp_secrets(body: &mut Object, before: Option<&Value>, at: &str) -> Result<()> {
    let Some(Value::Array(given)) = body.get("secrets") else { return Ok(()) };
    let before = before.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let name = |secret: &Value| secret["name"].as_str().unwrap_or_default().to_owned();
    let earlier = |secret: &Value| before.iter().position(|old| old["name"] == secret["name"]);
    let mut secrets = Vec::new();
    for (i, secret) in given.iter().enumerate() {
        let old = earlier(secret).map(|i| &before[i]);
        secrets.push(match (secret.get("value"), old) {
            (Some(value), _) => json!({ "name": name(secret), "value": value, "updated_at": at }),
            (None, Some(old)) => old.clone(),
            (None, None) => {
                let reason = "'Missing required property: value'";
                return Err(Error::body(format!(
                    "Payload validation error: {reason} on property secrets[{i}]."
                )));
            }
        });
    }
    secrets.sort_by_key(|secret| earlier(secret).unwrap_or(usize::MAX));
    body.insert("secrets".into(), Value::Array(secrets));
    Ok(())
}

/// Refuses two secrets of one name.
pub fn check_secrets(secrets: &[ActionSecret]) -> Result<()> {
    let is_again = |(i, secret): (usize, &ActionSecret)| secrets[..i].iter().any(|s| s.name == secret.name);
    match secrets.iter().enumerate().find(|one| is_again(*one)) {
        None => Ok(()),
        Some((i, _)) => Err(Error::body(format!(
            "Payload validation error: 'Two secrets have the same name' on property secrets[{i}].name."
        ))),
    }
}

/// Refuses code that weighs too much, whatever its characters are.
pub fn check_code(name: &str, code: &str) -> Result<()> {
    if code.len() <= MOST_CODE {
        return Ok(());
    }
    let n = code.len();
    Err(Error::body(format!(
        "Payload validation error: 'String is too long ({n} bytes), maximum {MOST_CODE}' on property {name}."
    )))
}

/// Completes the modules that a body names with what they are called.
pub async fn name_modules(tenant: &Tenant, body: &mut Object) -> Result<()> {
    let Some(Value::Array(named)) = body.get_mut("modules") else { return Ok(()) };
    for (i, module) in named.iter_mut().enumerate() {
        let (module_id, version_id) = (&module["module_id"], &module["module_version_id"]);
        let version_id = version_id.as_str().unwrap_or_default();
        let version = tenant.read(&ActionModuleVersion::NOUN, version_id).await?;
        let version = version.filter(|version| version.body.get("module_id") == Some(module_id));
        let found = match (version, module_id.as_str()) {
            (Some(version), Some(id)) => {
                tenant.read(&model::ActionModule::NOUN, id).await?.map(|module| (module, version))
            }
            _ => None,
        };
        let Some((of, version)) = found else {
            return Err(Error::body(format!(
                "Payload validation error: 'That module version does not exist' on property modules[{i}]."
            )));
        };
        *module = json!({
            "module_id": of.id,
            "module_name": text(&of.body, "name"),
            "module_version_id": version.id,
            "module_version_number": version.body.get("version_number"),
        });
    }
    Ok(())
}

/// A body that is no document, held against its own declaration.
pub fn declared<T: Shaped + DeserializeOwned>(body: Object) -> Result<T> {
    if let Shape::Object(fields) = T::SHAPE {
        schema::check(fields, &body, Op::Create)?;
    }
    Ok(T::deserialize(Value::Object(body))?)
}

/// A page of a list of this family.
pub struct Page {
    page: i64,
    pub per_page: i64,
}

impl Page {
    pub fn of(call: &Call) -> Result<Page> {
        let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
        let per_page = call.number("per_page", 1, 100)?.unwrap_or(50);
        Ok(Page { page, per_page })
    }

    /// How many come before it.
    pub fn start(&self) -> i64 {
        self.page * self.per_page
    }

    /// What of a whole list stands on it.
    pub fn cut<T>(&self, whole: Vec<T>) -> Vec<T> {
        whole.into_iter().skip(self.start() as usize).take(self.per_page as usize).collect()
    }

    /// Recorded: a page without anything says no total, and the first page no number.
    pub fn answer(&self, name: &str, items: Vec<Value>, total: i64) -> Answer {
        let mut body = json!({ name: items });
        if !items_are_empty(&body[name]) {
            body["total"] = json!(total);
        }
        if self.page > 0 {
            body["page"] = json!(self.page);
        }
        body["per_page"] = json!(self.per_page);
        Answer::ok(body)
    }

    /// Recorded of modules: everything is said, and a page without anything has a total of none.
    pub fn answer_whole(&self, name: &str, items: Vec<Value>, total: i64) -> Answer {
        let total = if items.is_empty() { 0 } else { total };
        Answer::ok(json!({ name: items, "total": total, "page": self.page, "per_page": self.per_page }))
    }
}

fn items_are_empty(items: &Value) -> bool {
    items.as_array().is_none_or(Vec::is_empty)
}
