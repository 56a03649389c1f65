//! Sends what is due. Of each stream one event at a time, in their order: what comes after one waits while it is tried four
//! times within seconds. One that could not be sent gives way, is listed as failed, and is tried again in a few minutes and
//! hours, unless it was refused for good. A stream that fails for too long is disabled.

use std::time::{Duration, Instant};

use model::{
    EventDestination, EventStream, EventStreamStatus,
    event_stream::{EventBridgeConfiguration, WebhookAuthorization, WebhookConfiguration},
};
use schema::Resource;
use serde_json::Value;
use store::{EventDelivery, EventLine, Settled};

use super::{DISABLED, attempt, is_enabled, told, undelivered};
use crate::{
    Carrier, Change, Error, InHand, Result, Tenant, Tenants,
    clouds::{self, Bus},
    in_hand::carry,
    log_streams::basic,
};

/// Whoever sends events on a node. Nodes share the work, and of one tenant a few streams are in hand at most.
#[derive(Debug, Default)]
pub struct Messenger(InHand);

impl Carrier for Messenger {
    async fn look(&mut self, tenants: &Tenants) -> Result<usize> {
        let room = self.0.room(AT_ONCE);
        if room == 0 {
            return Ok(0);
        }
        let (now, deliveries) = (tenants.clock().now_ms(), tenants.store().event_deliveries());
        // Each stream has a lease of its own: a slow one holds up no other, as long as its tenant has room.
        let without = self.0.crowded(OF_ONE_TENANT);
        let of_each = OF_ONE_TENANT as i64;
        let claimed = deliveries.claim((now, now + LEASE), room as i64, of_each, &without).await?;
        let count = claimed.len();
        for line in claimed {
            let Some(tenant) = tenants.named(&line.tenant) else { continue };
            self.0.take(line.tenant.clone(), async move {
                let stream = line.stream.clone();
                if let Err(error) = serve(&tenant, line).await {
                    let error = format!("{error:#}");
                    tracing::warn!(tenant = tenant.name(), stream, error, "events are sent later");
                }
            });
        }
        Ok(count)
    }

    fn in_hand(&mut self) -> &mut InHand {
        &mut self.0
    }
}

/// Sends what is due, waits until it has arrived or is put off, and answers on how many streams that was.
pub async fn deliver_due(tenants: &Tenants) -> Result<usize> {
    carry::<Messenger>(tenants).await
}

/// Sends what is due on a line that is in hand, and lets go of it.
async fn serve(tenant: &Tenant, mut line: EventLine) -> Result<()> {
    let deliveries = tenant.store().event_deliveries();
    let mut due = None;
    for event in deliveries.next(&line, tenant.server_clock().now_ms(), IN_A_TURN).await? {
        let now = tenant.server_clock().now_ms();
        if let Some(later) = event.due.filter(|due| *due > now) {
            // What comes after it waits for it.
            due = Some(later);
            break;
        }
        let Some(stream) = tenant.snapshot().event_streams.get(line.stream.as_str()).cloned() else {
            if tenant.read(&EventStream::NOUN, &line.stream).await?.is_none() {
                return super::forget(tenant, &line.stream).await;
            }
            // Another node made it a moment ago, and this one has not heard of it yet.
            due = Some(now + UNHEARD);
            break;
        };
        if let EventDestination::Eventbridge { .. } = stream.destination
            && is_enabled(&stream)
            && undelivered(tenant, &stream).is_some()
            && now - event.created < CONFIGURED_WITHIN
        {
            // Others may have the access that this node lacks.
            due = Some(now + UNHEARD);
            break;
        }
        let settled = send(tenant, &stream, &event).await?;
        let failures = line.failures;
        let is_late = matches!(settled, Settled::Failed { gives_way: false, .. });
        let now = tenant.server_clock().now_ms();
        let Some(held) = deliveries.settle(line, &event, settled, (now, now + LEASE)).await? else {
            return Ok(());
        };
        line = held;
        // Somebody who has enabled it again is given as many.
        if line.failures > failures && line.failures % PATIENT_FOR == 0 && is_enabled(&stream) {
            disable(tenant, &line.stream).await?;
        }
        if is_late {
            break;
        }
    }
    Ok(deliveries.release(&line, due).await?)
}

/// What became of an event.
async fn send(tenant: &Tenant, stream: &EventStream, event: &EventDelivery) -> Result<Settled> {
    let (timestamp, began) = (tenant.clock().iso(), Instant::now());
    let Err(refusal) = post(tenant, stream, event).await? else { return Ok(Settled::Arrived) };
    let took = began.elapsed().as_secs_f64() * 1e3;
    let attempt = attempt(&timestamp, &refusal.problem, refusal.was_sent.then_some(took));
    let tries = usize::try_from(event.tries).unwrap_or(usize::MAX);
    let wait = WAITS.get(tries).filter(|_| refusal.may_change);
    Ok(Settled::Failed {
        attempt,
        due: wait.map(|wait| tenant.server_clock().now_ms() + wait),
        gives_way: event.has_failed || !refusal.may_change || tries >= QUICK,
        // An event that fails again is none that fails too.
        is_counted: refusal.was_sent && !event.has_failed,
        is_blamed: refusal.is_blamed,
    })
}

/// Why an event did not arrive.
struct Refusal {
    problem: String,
    was_sent: bool,
    /// Whether the stream is at fault, and is disabled when that lasts.
    is_blamed: bool,
    /// Whether another try may succeed.
    may_change: bool,
}

impl Refusal {
    fn unsent(problem: &str) -> Self {
        Refusal { problem: problem.to_owned(), was_sent: false, is_blamed: false, may_change: false }
    }
}

async fn post(
    tenant: &Tenant,
    stream: &EventStream,
    event: &EventDelivery,
) -> Result<std::result::Result<(), Refusal>> {
    let not_sent = |problem: &str| Ok(Err(Refusal::unsent(problem)));
    if !is_enabled(stream) {
        return not_sent(DISABLED);
    }
    let body = told(&stream.id, &event.body)?;
    match &stream.destination {
        EventDestination::Webhook { configuration } => Ok(call(tenant, configuration, &body).await),
        EventDestination::Eventbridge { configuration } => {
            Ok(put(tenant, configuration, &event.kind, body).await)
        }
        EventDestination::Action { .. } => not_sent(super::NOT_RUN),
    }
}

/// Posts an event to a webhook.
async fn call(
    tenant: &Tenant,
    webhook: &WebhookConfiguration,
    body: &Value,
) -> std::result::Result<(), Refusal> {
    let (name, value) = credential(&webhook.webhook_authorization);
    let (url, headers) = (&webhook.webhook_endpoint, [(name.as_str(), value.as_str())]);
    let answer =
        tenant.outbound().deliver(url, &headers, "application/json", body.to_string(), PATIENCE).await;
    let refused =
        |problem: String, may_change| Err(Refusal { problem, was_sent: true, is_blamed: true, may_change });
    match answer {
        Ok(200..=299) => Ok(()),
        // Documented: what a client did wrong stays wrong. These say that it does not.
        Ok(status @ 400..=499) => refused(answered(status), matches!(status, 408 | 425 | 429)),
        Ok(status) => refused(answered(status), true),
        Err(error) => refused(error.to_string(), true),
    }
}

/// Puts an event on a bus of Amazon EventBridge.
async fn put(
    tenant: &Tenant,
    account: &EventBridgeConfiguration,
    kind: &str,
    body: Value,
) -> std::result::Result<(), Refusal> {
    let EventBridgeConfiguration { aws_account_id, aws_region, aws_partner_event_source } = account;
    let source = aws_partner_event_source.as_deref().ok_or_else(|| Refusal::unsent("there is no source"))?;
    let bus = Bus::of(&tenant.clouds(), aws_account_id, aws_region, source);
    let bus = bus.map_err(|problem| Refusal::unsent(&problem))?;
    let entry = bus.entry(kind, body).to_string();
    // What may change is for the operator to mend, whose access it is: no stream is disabled for that.
    let refused = |clouds::Refusal { problem, may_change }| Refusal {
        problem,
        was_sent: true,
        is_blamed: !may_change,
        may_change,
    };
    let outcome = bus.put(&tenant.outbound(), &[&entry], PATIENCE).await.map_err(refused)?;
    outcome.into_iter().find_map(std::result::Result::err).map_or(Ok(()), |refusal| Err(refused(refusal)))
}

fn answered(status: u16) -> String {
    format!("the webhook answered with status {status}")
}

/// The header by which a webhook knows who posts.
fn credential(authorization: &WebhookAuthorization) -> (String, String) {
    match authorization {
        WebhookAuthorization::Basic { username, password } => basic(username, password.expose()),
        WebhookAuthorization::Bearer { token } => {
            ("authorization".into(), format!("Bearer {}", token.expose()))
        }
        WebhookAuthorization::CustomHeader { header_key, header_value } => {
            (header_key.clone(), header_value.expose().to_owned())
        }
    }
}

/// Halts a stream that nothing reaches, unless somebody is changing it.
async fn disable(tenant: &Tenant, id: &str) -> Result<()> {
    let Some(document) = tenant.read(&EventStream::NOUN, id).await? else { return Ok(()) };
    let mut body = document.body.clone();
    body.insert("status".into(), EventStreamStatus::Disabled.name().into());
    body.insert("updated_at".into(), tenant.clock().iso().into());
    match tenant.commit(vec![Change::replace::<EventStream>(&document, body)]).await {
        Ok(()) => {
            tracing::warn!(tenant = tenant.name(), id, "an event stream is disabled: nothing reaches it");
            Ok(())
        }
        Err(Error::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

/// How many streams a node has in hand, and how many of one tenant.
const AT_ONCE: usize = 64;
const OF_ONE_TENANT: usize = 4;
/// For how many milliseconds: longer than one try takes.
const LEASE: i64 = 15_000;
/// After how many milliseconds it is looked again for a stream that this node has not heard of.
const UNHEARD: i64 = 1_000;
/// Within how many milliseconds all nodes have the same configuration.
const CONFIGURED_WITHIN: i64 = 600_000;
/// How long a webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many events are sent before other streams come to their turn.
const IN_A_TURN: i64 = 100;
/// After how many milliseconds an event is tried again. So many of the waits are quick, as documented: what comes after
/// the event waits for it.
const WAITS: [i64; 9] = [1_000, 2_000, 4_000, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR];
const QUICK: usize = 3;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How many events in a row do not arrive until a stream is disabled; documented.
const PATIENT_FOR: i64 = 500;
