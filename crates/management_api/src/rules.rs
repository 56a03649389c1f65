//! Rules: functions that run one after the other when somebody logs in. Their order is theirs alone.

use idp::{Document, Tenant, id};
use model::Rule;
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Span;

use crate::{
    Answer, Call, Operation,
    actions::{check_code, check_script, too_many},
    collection::{self, Given, Lifecycle, Prepared, Rows},
    error::Result,
    operation::run,
    page::Page,
};

/// How many rules a tenant may have.
const MOST: usize = 200;

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<Rule>();
    rows.list.run = run!(list);
    rows.list.query.retain(|name| !["from", "take"].contains(name));
    rows.and([])
}

impl Lifecycle for Rule {
    const WORDS: (&'static str, &'static str) = ("a rule", "rules");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The rule does not exist", Some("inexistent_rule"));
    const FILTERS: &'static [&'static str] = &["enabled"];

    fn taken(key: &str) -> String {
        match key {
            ORDER => "A rule with the same order already exists".into(),
            _ => "A rule with the same name already exists".into(),
        }
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let rules = tenant.all(&Rule::NOUN).await?;
        if rules.len() >= MOST {
            return Err(too_many());
        }
        if !body.contains_key("order") {
            let last = rules.iter().map(order).max().unwrap_or_default();
            body.insert("order".into(), json!(last + 1));
        }
        let id = given.id.unwrap_or_else(id::rule);
        body.shift_insert(0, "id".into(), json!(id));
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn check(&self, tenant: &Tenant) -> Result<()> {
        check_code("script", &self.script)?;
        // One that runs is loaded first: what cannot be loaded would fail every login.
        match self.enabled {
            true => check_script(tenant, &idp::actions::rule(&self.script)).await,
            false => Ok(()),
        }
    }
}

const ORDER: &str = "order";

fn order(rule: &Document) -> i64 {
    rule.body.get(ORDER).and_then(Value::as_i64).unwrap_or_default()
}

/// In the order in which they run.
async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let enabled = call.flag("enabled")?;
    let mut rules = call.tenant.all(&Rule::NOUN).await?;
    rules.retain(|rule| enabled.is_none_or(|enabled| rule.body.get("enabled") == Some(&json!(enabled))));
    rules.sort_by_key(order);
    let total = Some(rules.len() as i64);
    if let Span::Offset { offset, limit } = page.span() {
        rules = rules.into_iter().skip(offset as usize).take(limit as usize).collect();
    }
    let shown = rules
        .iter()
        .map(|rule| collection::shown::<Rule>(&call, rule.body.clone()).map(Value::Object))
        .collect::<Result<Vec<_>>>()?;
    Ok(page.answer(&call, "rules", &rules, shown, total))
}
