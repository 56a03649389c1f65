//! Rules beyond what Auth0 has for them: tried without a login, put in another order at once, and turned into actions.

mod translation;

use std::collections::BTreeSet;

use http::Method;
use idp::{Change, pipeline::try_rule, snapshot::actions::Trigger};
use model::{
    Action, Rule, RulesConfig,
    action::{MOST_CODE, MOST_SECRETS},
};
use schema::{Object, Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use self::translation::{Settings, Translation, Untranslated, translate};
use super::body;
use crate::{
    Answer, Call, Error, Operation,
    actions::{check_code, declared},
    clients::text,
    collection::{self, Given, existing, made, shown},
    error::Result,
    operation::run,
};

pub fn operations() -> Vec<Operation> {
    let action = "/rules/{id}/action";
    let row = |method, path, summary, scope, run| Operation::ours(method, path, summary, &[scope], run);
    vec![
        row(Method::POST, "/rules/try", "Try a rule", "update:rules", run!(attempt)).changing_nothing(),
        row(Method::PUT, "/rules/order", "Put the rules in order", "update:rules", run!(order)),
        row(Method::GET, action, "Get a rule as an action", "read:rules", run!(preview)),
        row(Method::POST, action, "Create an action from a rule", "create:actions", run!(convert)),
    ]
}

#[derive(Deserialize, Shaped)]
struct Wanted {
    /// The function.
    #[field(min(1))]
    script: String,
    /// The person, as the rule is given them.
    user: Object,
    /// The login, as the rule is given it.
    context: Object,
}

/// Whoever may write rules may see what settings say: any rule can show it.
async fn attempt(mut call: Call) -> Result<Answer> {
    let Wanted { script, user, context } = declared(call.take_body())?;
    check_code("script", &script)?;
    let tried = try_rule(&call.tenant, &script, user, context).await?;
    let mut answer = tried.payload;
    answer["logs"] = json!(tried.logs);
    answer["stats"] = tried.stats;
    Ok(Answer::ok(answer))
}

#[derive(Deserialize, Shaped)]
struct Order {
    /// The identifiers of all rules, as they are to run.
    rules: Vec<String>,
}

/// All rules move in one commit, so that no login sees them half in order.
async fn order(mut call: Call) -> Result<Answer> {
    let Order { rules: wanted } = declared(call.take_body())?;
    let rules = call.tenant.all(&Rule::NOUN).await?;
    let named: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    if named.len() != wanted.len() || named != rules.iter().map(|rule| rule.id.as_str()).collect() {
        return Err(Error::conflict(
            "These are not all rules, each once. Rules may have been made or deleted meanwhile.",
        ));
    }
    let place = |order: &Value| order.as_i64().unwrap_or_default();
    let taken: BTreeSet<i64> = rules.iter().filter_map(|rule| rule.body.get("order")).map(place).collect();
    // Two rules never share a place, not even while they move: all go where none was.
    let first = free(&taken, rules.len() as i64);
    let changes = (first..).zip(&wanted).filter_map(|(place, id)| {
        let rule = rules.iter().find(|rule| rule.id == *id)?;
        let mut body = rule.body.clone();
        body.insert("order".into(), json!(place));
        Some(Change::replace::<Rule>(rule, body))
    });
    call.tenant.commit(changes.collect()).await?;
    Ok(Answer::no_content())
}

/// The least place from which on so many are free.
fn free(taken: &BTreeSet<i64>, many: i64) -> i64 {
    let mut first = 1;
    for place in taken {
        if *place >= first + many {
            break;
        }
        first = first.max(place + 1);
    }
    first
}

/// What the action would be.
async fn preview(call: Call) -> Result<Answer> {
    let rule = Rule::view(&existing::<Rule>(&call).await?.body)?;
    let (Translation { code, untranslated, .. }, secrets) = translated(&call, &rule).await?;
    let secrets: Vec<&str> = secrets.iter().filter_map(|secret| text(secret, "name")).collect();
    Ok(Answer::ok(
        json!({ "name": rule.name, "code": code, "secrets": secrets, "untranslated": told(&untranslated) }),
    ))
}

/// The rule stays as it is, and runs on until somebody turns it off.
async fn convert(mut call: Call) -> Result<Answer> {
    let rule = Rule::view(&existing::<Rule>(&call).await?.body)?;
    // With the settings in its secrets, its author can see what they say.
    call.must(&["update:rules"])?;
    let body = call.take_body();
    body::only(&body, &["name"])?;
    let name = body::optional(&body, "name")?.unwrap_or_else(|| rule.name.clone());
    let (Translation { code, untranslated, .. }, secrets) = translated(&call, &rule).await?;
    if code.len() > MOST_CODE {
        return Err(Error::operation(
            "The rule is too long to become an action: with what is around it, it is larger than 100 KB.",
        ));
    }
    if secrets.len() > MOST_SECRETS {
        return Err(Error::operation(format!(
            "The rule asks for too many settings to become an action: {}, and an action has no more than {MOST_SECRETS} secrets.",
            secrets.len()
        )));
    }
    let action = Object::from_iter([
        ("name".into(), json!(name)),
        ("code".into(), json!(code)),
        ("secrets".into(), json!(secrets)),
        ("supported_triggers".into(), json!([{ "id": Trigger::PostLogin.id(), "version": "v3" }])),
    ]);
    let (document, _) = collection::insert::<Action>(&call.tenant, action, Given::default()).await?;
    let about = made::<Action>(&document);
    let mut answer = shown::<Action>(&call, document)?;
    answer.insert("untranslated".into(), json!(told(&untranslated)));
    Ok(Answer::created(answer).about(about))
}

/// The rule as an action, and the secrets that take the place of its settings.
async fn translated(call: &Call, rule: &Rule) -> Result<(Translation, Vec<Object>)> {
    let mut translation = translate(&rule.name, &rule.script, call.tenant.domain());
    let settings = call.tenant.all(&RulesConfig::NOUN).await?;
    let mut secrets = Vec::new();
    for setting in &settings {
        let is_wanted = match &translation.settings {
            Settings::All => true,
            Settings::Named(names) => names.contains(&setting.id),
        };
        if is_wanted {
            let RulesConfig { key, value } = RulesConfig::view(&setting.body)?;
            secrets.push(Object::from_iter([
                ("name".into(), json!(key)),
                ("value".into(), json!(value.expose())),
            ]));
        }
    }
    if let Settings::Named(names) = &translation.settings {
        let missing = names.iter().filter(|name| !settings.iter().any(|setting| setting.id == **name));
        translation.untranslated.extend(missing.map(|name| Untranslated {
            name: format!("configuration.{name}"),
            why: "There is no setting of this name.",
        }));
    }
    if secrets.len() > MOST_SECRETS {
        let (name, why) =
            ("configuration".into(), "The rule asks for more settings than an action has secrets.");
        translation.untranslated.push(Untranslated { name, why });
    }
    Ok((translation, secrets))
}

fn told(untranslated: &[Untranslated]) -> Vec<Value> {
    untranslated.iter().map(Untranslated::shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_move_where_none_was() {
        for (taken, many, first) in [
            (&[] as &[i64], 0, 1),
            (&[1, 2, 3], 3, 4),
            (&[4, 5, 6], 3, 1),
            (&[0, 4], 2, 1),
            (&[1, 3, 5], 3, 6),
            (&[2_147_483_647], 1, 1),
            (&[1, 2_147_483_647], 2, 2),
        ] {
            let taken: BTreeSet<i64> = taken.iter().copied().collect();
            assert_eq!(free(&taken, many), first, "{taken:?} {many}");
        }
    }
}
