//! Token quotas: how many tokens a client, or an organization, may be issued in an hour and in a day. Hours and days
//! are those of UTC.

use model::{ClientCredentialsQuota, LogType, Organization, TokenQuota, tenant_settings::DefaultTokenQuota};
use serde_json::json;

use crate::{
    Tenant, clock,
    log::Event,
    snapshot::{RegisteredClient, Snapshot},
    usage::{DAY, HOUR, Span, Warning},
};

/// Whose tokens are limited, and by what.
pub struct Quota<'a> {
    pub whose: Whose<'a>,
    pub limits: &'a ClientCredentialsQuota,
    /// Whether it is the one for all who have none of their own.
    pub is_default: bool,
}

/// Whose tokens are counted.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    Client(&'a str),
    Organization(&'a str),
}

impl Whose<'_> {
    /// What they are counted under.
    pub fn subject(self) -> String {
        match self {
            Whose::Client(id) => format!("{CLIENT}{id}"),
            Whose::Organization(id) => format!("{ORGANIZATION}{id}"),
        }
    }
}

/// The quota of a client, if it has one.
pub fn of_client<'a>(snapshot: &'a Snapshot, client: &'a RegisteredClient) -> Option<Quota<'a>> {
    let default = || defaults(snapshot)?.clients.as_ref();
    let whose = Whose::Client(&client.view.client_id);
    quota(whose, client.view.token_quota.as_deref(), default)
}

/// The quota of an organization, if it has one.
pub fn of_organization<'a>(snapshot: &'a Snapshot, organization: &'a Organization) -> Option<Quota<'a>> {
    let default = || defaults(snapshot)?.organizations.as_ref();
    quota(Whose::Organization(&organization.id), organization.token_quota.as_ref(), default)
}

fn defaults(snapshot: &Snapshot) -> Option<&DefaultTokenQuota> {
    snapshot.settings.as_deref()?.default_token_quota.as_ref()
}

fn quota<'a>(
    whose: Whose<'a>,
    own: Option<&'a TokenQuota>,
    default: impl FnOnce() -> Option<&'a TokenQuota>,
) -> Option<Quota<'a>> {
    let (quota, is_default) = match own {
        Some(own) => (own, false),
        None => (default()?, true),
    };
    Some(Quota { whose, limits: &quota.client_credentials, is_default })
}

impl Quota<'_> {
    /// Whether tokens beyond it are refused; that is usual.
    pub fn is_enforced(&self) -> bool {
        self.limits.enforce.unwrap_or(true)
    }

    /// Its spans at a time, each with its name and limit.
    pub fn spans(&self, tenant: &Tenant, now: i64) -> impl Iterator<Item = (&'static str, Span, i64)> {
        let subject = self.whose.subject();
        let given = [("per_hour", HOUR, self.limits.per_hour), ("per_day", DAY, self.limits.per_day)];
        let tenant = tenant.name().to_owned();
        given.into_iter().filter_map(move |(name, lasts, limit)| {
            Some((name, Span::now(&tenant, &subject, lasts, now), i64::from(limit?)))
        })
    }
}

/// What the log is told when a share of a quota is used up.
pub(crate) fn warning(warning: &Warning) -> Event {
    let Warning { span, percent, limit, used } = warning;
    let bucket = if span.lasts == HOUR { "per_hour" } else { "per_day" };
    let client_id = span.subject.strip_prefix(CLIENT).map(str::to_owned);
    let organization_id = span.subject.strip_prefix(ORGANIZATION).map(str::to_owned);
    let whose = if client_id.is_some() { "client" } else { "organization" };
    let description = format!("{percent} % of a token quota are used up ({whose}, {bucket})");
    let mut event = Event {
        client_id,
        organization_id,
        ..Event::new(LogType::TokenQuotaConsumptionWarning, description)
    };
    let details = json!({
        "quota": whose, "bucket": bucket, "percent": percent, "limit": limit, "used": used,
        "resets_at": clock::iso((span.begins + span.lasts) * 1000),
    });
    event.rest.insert("details".into(), details);
    event
}

const CLIENT: &str = "client ";
const ORGANIZATION: &str = "organization ";
