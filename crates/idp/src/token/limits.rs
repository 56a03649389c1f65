//! How often a client may ask, and how many tokens it and its organization may have. Without a policy and without a
//! quota it costs a branch.

use model::{LogType, RateLimitConfiguration, RateLimitPolicy};
use serde_json::json;

use super::{Granted, Issuance};
use crate::{
    Code, Result, Tenant,
    log::Event,
    quota::{self, Quota, Whose},
    snapshot::{RegisteredClient, Snapshot},
    usage::Span,
};

/// Holds a request of a client against the policy that is for it.
pub fn admit(issuance: &Issuance, client: &RegisteredClient) -> Result<()> {
    let Issuance { tenant, snapshot, is_test, .. } = *issuance;
    if snapshot.limits.policies.is_empty() || is_test {
        return Ok(());
    }
    let Some((policy, counted_as)) = policy(snapshot, client) else { return Ok(()) };
    let (limit, action) = match &policy.configuration {
        RateLimitConfiguration::Allow {} => return Ok(()),
        RateLimitConfiguration::Block { limit } => (*limit, "block"),
        RateLimitConfiguration::Log { limit } => (*limit, "log"),
        RateLimitConfiguration::Redirect { limit, .. } => (*limit, "redirect"),
    };
    let now = tenant.clock().now();
    let counted = tenant.usage().count((tenant.name(), &policy.id, counted_as), now, limit);
    let left = limit.saturating_sub(counted.requests);
    issuance.note(|notes| {
        notes.headers.push(("auth0-ratelimit", format!("client;q={limit};t=1;r={left}")));
        notes.trace.limits.push(format!("{} {}/{limit} per second", policy.id, counted.requests));
    });
    if counted.requests <= limit {
        return Ok(());
    }
    if counted.may_log {
        tenant.log(exceeded(policy, client, limit, action));
    }
    match &policy.configuration {
        RateLimitConfiguration::Allow {} | RateLimitConfiguration::Log { .. } => Ok(()),
        RateLimitConfiguration::Block { .. } => {
            issuance.note(|notes| notes.headers.push(("retry-after", "1".to_owned())));
            Code::TooManyRequests.refuse("Rate limit exceeded.")
        }
        RateLimitConfiguration::Redirect { redirect_uri, .. } => {
            issuance.note(|notes| notes.headers.push(("location", redirect_uri.clone())));
            Code::Elsewhere.refuse("Rate limit exceeded.")
        }
    }
}

/// The policy for a client and whom its requests are counted with: the most specific one, and of a group all together.
fn policy<'a>(
    snapshot: &'a Snapshot,
    client: &'a RegisteredClient,
) -> Option<(&'a RateLimitPolicy, &'a str)> {
    let policies = &snapshot.limits.policies;
    let id = client.view.client_id.as_str();
    if let Some(policy) = policies.get(&format!("client_id:{id}")) {
        return Some((policy, id));
    }
    let group = match client.view.is_first_party {
        true => None,
        false if id.starts_with("https://") => Some("cimd_clients"),
        false => Some("third_party_clients"),
    };
    if let Some(group) = group
        && let Some(policy) = policies.get(group)
    {
        return Some((policy, group));
    }
    policies.get("default").map(|policy| (&**policy, id))
}

fn exceeded(policy: &RateLimitPolicy, client: &RegisteredClient, limit: u32, action: &str) -> Event {
    let mut event = Event {
        client_id: Some(client.view.client_id.clone()),
        client_name: Some(client.view.name.clone()),
        ..Event::new(LogType::ApiLimit, "A rate limit policy was exceeded")
    };
    let details = json!({
        "action": action, "limit": limit, "policy_id": policy.id, "consumer_selector": policy.consumer_selector,
    });
    event.rest.insert("details".into(), details);
    event
}

/// What was taken of quotas for a token that may still come to nothing.
pub struct Taken<'a> {
    tenant: &'a Tenant,
    spans: Vec<Span>,
}

impl Taken<'_> {
    /// The token was issued.
    pub fn keep(mut self) {
        self.spans.clear();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        for span in &self.spans {
            self.tenant.usage().give_back(span);
        }
    }
}

/// Takes a token out of the quotas of the client and of its organization; of a request that is only asked about, nothing
/// is taken, and a quota that is used up refuses it all the same.
pub fn take<'a>(issuance: &Issuance<'a>, granted: &Granted) -> Result<Taken<'a>> {
    let Issuance { tenant, snapshot, is_test, is_dry, .. } = *issuance;
    let mut taken = Taken { tenant, spans: Vec::new() };
    let of_client = quota::of_client(snapshot, &granted.client);
    let organization = granted.organization.as_deref();
    let of_organization =
        organization.and_then(|organization| quota::of_organization(snapshot, organization));
    if !is_test || is_dry {
        for quota in of_client.into_iter().chain(of_organization) {
            take_one(issuance, &quota, &mut taken)?;
        }
    }
    Ok(taken)
}

fn take_one(issuance: &Issuance, quota: &Quota, taken: &mut Taken) -> Result<()> {
    let (tenant, now) = (issuance.tenant, issuance.tenant.clock().now());
    let (before, mut full) = (taken.spans.len(), None);
    for (_, span, limit) in quota.spans(tenant, now) {
        if issuance.is_dry {
            let is_full = quota.is_enforced() && tenant.usage().of(&span) >= limit;
            full = full.or(is_full.then(|| (limit, span.left(now))));
        } else if tenant.usage().take(&span, limit, quota.is_enforced()) {
            taken.spans.push(span);
        } else {
            full = full.or(Some((limit, span.left(now))));
        }
    }
    if full.is_some() {
        taken.spans.drain(before..).for_each(|span| tenant.usage().give_back(&span));
    }
    let standing = quota.spans(tenant, now).map(|(name, span, limit)| {
        let rest = (limit - tenant.usage().of(&span)).max(0);
        format!("b={name};q={limit};r={rest};t={}", span.left(now))
    });
    let (header, refusal) = match quota.whose {
        Whose::Client(_) => ("auth0-client-quota-limit", "Client quota exceeded"),
        Whose::Organization(_) => ("auth0-organization-quota-limit", "Organization quota exceeded"),
    };
    let standing = standing.collect::<Vec<_>>().join(",");
    issuance.note(|notes| {
        notes.trace.limits.push(format!("{} {standing}", quota.whose.subject()));
        notes.headers.push((header, standing));
    });
    let Some((limit, left)) = full else { return Ok(()) };
    issuance.note(|notes| {
        notes.reason = Some("token_quota");
        notes.headers.extend([
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", (now + left).to_string()),
            ("retry-after", left.to_string()),
        ]);
    });
    Code::TooManyRequests.refuse(refusal)
}
