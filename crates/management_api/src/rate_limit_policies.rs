//! Rate-limit policies: how often which clients may call the Authentication API.

use idp::{Tenant, id};
use jiff::Timestamp;
use model::RateLimitPolicy;
use schema::Object;
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    collection::{self, Given, Lifecycle, May, Prepared, Rows},
    error::Result,
    operation::run,
};

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<RateLimitPolicy>();
    rows.list.run = run!(list);
    rows.update.run = run!(update);
    rows.and([])
}

impl Lifecycle for RateLimitPolicy {
    const WORDS: (&'static str, &'static str) = ("a rate limit policy", "rate limit policies");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The rate limit policy does not exist.", Some("inexistent_rate_limit_policy"));
    const FILTERS: &'static [&'static str] = &["resource", "consumer", "consumer_selector"];

    fn taken(_key: &str) -> String {
        "A rate limit policy with this consumer_selector already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::rate_limit_policy);
        body.shift_insert(0, "id".into(), json!(id));
        for name in ["created_at", "updated_at"] {
            body.insert(name.into(), json!(now(tenant)));
        }
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn amend(
        tenant: &Tenant,
        _may: &May<'_>,
        _document: &idp::Document,
        patch: &mut Object,
    ) -> Result<()> {
        patch.insert("updated_at".into(), json!(now(tenant)));
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let selector = self.consumer_selector.as_str();
        let is_group = ["default", "cimd_clients", "third_party_clients"].contains(&selector);
        if is_group || selector.strip_prefix("client_id:").is_some_and(|id| !id.is_empty()) {
            return Ok(());
        }
        Err(Error::body(
            "Payload validation error: 'No selector such as client_id:<id>, cimd_clients, third_party_clients or default' on property consumer_selector.",
        ))
    }
}

/// This list is always an object (recorded: `TestAccRateLimitPolicyDataSource`).
async fn list(call: Call) -> Result<Answer> {
    let matching = collection::matching::<RateLimitPolicy>(&call)?;
    let mut answer = collection::page_of::<RateLimitPolicy>(&call, &matching).await?;
    if let Some(Value::Array(policies)) = answer.body {
        answer.body = Some(json!({ "rate_limit_policies": policies }));
    }
    Ok(answer)
}

async fn update(call: Call) -> Result<Answer> {
    collection::update::<RateLimitPolicy>(&call).await
}

/// Recorded with six digits, without zeros at their end.
fn now(tenant: &Tenant) -> String {
    Timestamp::from_millisecond(tenant.clock().now_ms()).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
