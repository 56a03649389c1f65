//! The settings that all rules of a tenant share. What one says is written and never shown again.

use http::{Method, StatusCode};
use idp::Change;
use model::RulesConfig;
use schema::{Op, Resource};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, about::About, error::Result, operation::run};

/// How many settings a tenant may have.
const MOST: usize = 200;

pub fn operations() -> Vec<Operation> {
    let one = "/rules-configs/{key}";
    let row = |method, path, summary, scope, run| Operation::new(method, path, summary, &[scope], run);
    vec![
        row(Method::GET, "/rules-configs", "Get rules configs", "read:rules_configs", run!(list))
            // Recorded: tools page every list there is, also this one that has no pages.
            .reading(&["include_totals", "page", "per_page"]),
        row(Method::PUT, one, "Set a rules config", "update:rules_configs", run!(set)).with_secret_body(),
        row(Method::DELETE, one, "Delete a rules config", "delete:rules_configs", run!(delete)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let settings = call.tenant.all(&RulesConfig::NOUN).await?;
    Ok(Answer::ok(settings.iter().map(|setting| json!({ "key": setting.id })).collect::<Vec<Value>>()))
}

/// Answers the value this once (recorded: `TestRuleConfigManager_Upsert`).
async fn set(mut call: Call) -> Result<Answer> {
    let key = key(&call)?.to_owned();
    let mut body = call.take_body();
    schema::check(RulesConfig::NOUN.fields, &body, Op::Create)?;
    body.shift_insert(0, "key".into(), json!(key));
    let change = match call.tenant.read(&RulesConfig::NOUN, &key).await? {
        Some(setting) => Change::replace::<RulesConfig>(&setting, body.clone()),
        None if call.tenant.all(&RulesConfig::NOUN).await?.len() >= MOST => {
            return Err(crate::actions::too_many());
        }
        None => Change::create::<RulesConfig>(key.clone(), body.clone()),
    };
    call.tenant.commit(vec![change]).await?;
    Ok(Answer::ok(body).about(About::only::<RulesConfig>(&key)))
}

async fn delete(call: Call) -> Result<Answer> {
    let key = key(&call)?;
    if call.tenant.read(&RulesConfig::NOUN, key).await?.is_some() {
        call.tenant.commit(vec![Change::delete::<RulesConfig>(key)]).await?;
    }
    Ok(Answer::no_content().about(About::only::<RulesConfig>(key)))
}

/// The key that the path names.
fn key(call: &Call) -> Result<&str> {
    let key = call.parameter("key");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-@*+:".contains(c);
    match key.len() <= 128 && key.chars().all(is_plain) {
        true => Ok(key),
        false => Err(Error::new(
            StatusCode::BAD_REQUEST,
            "Path validation error: 'String does not match pattern ^[A-Za-z0-9_\\-@*+:]*$' on property key (What rules find it by).",
            Some("invalid_uri"),
        )),
    }
}
