//! One stream's way: take it in hand, read what follows, send it, note that it was acknowledged, and so on. What is refused
//! is sent again, later and later; a stream that fails for a week is suspended.

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{LogStream, LogStreamStatus, LogType};
use outbound::Outbound;
use schema::Resource;
use store::{Cursor, LogStreamState, Page};
use tokio::{sync::watch, time};

use super::{
    Seen,
    health::Problem,
    is_same, sends,
    sink::{Sink, Way},
};
use crate::{Change, Error, Result, Tenant, clouds::Bus, log};

/// Delivers for a stream until it is not to send any more.
pub(super) async fn follow(tenant: Tenant, id: String, node: String, seen: watch::Receiver<Seen>) {
    let mut delivery = Delivery { tenant, id, node, seen, most: usize::MAX, taken: HashSet::new() };
    let mut failures = 0;
    while let Some(stream) = delivery.stream() {
        let wait = match delivery.step(&stream).await {
            Ok(Step::Sent) => {
                failures = 0;
                continue;
            }
            Ok(Step::Nothing) => None,
            Ok(Step::Elsewhere) => Some(AGAIN),
            Ok(Step::Failed { after_some }) => {
                failures = if after_some { 1 } else { failures + 1 };
                Some(back_off(failures))
            }
            Err(error) => {
                let (tenant, id) = (delivery.tenant.name(), &delivery.id);
                tracing::warn!(tenant, id, ?error, "a log stream cannot go on now; the next try follows");
                Some(AGAIN)
            }
        };
        if !delivery.wait(&stream, wait).await {
            return;
        }
    }
}

struct Delivery {
    tenant: Tenant,
    id: String,
    node: String,
    seen: watch::Receiver<Seen>,
    /// How many events the service takes at once, as far as it has complained.
    most: usize,
    /// Which events the service took behind one that it did not, as far as it says so of each.
    taken: HashSet<String>,
}

/// What one turn came to.
enum Step {
    Sent,
    /// There is nothing to send.
    Nothing,
    /// Another node has the stream in hand.
    Elsewhere,
    /// The service does not take what follows, after it took some or none.
    Failed {
        after_some: bool,
    },
}

/// What became of some events.
enum Sent {
    Taken,
    TooMany,
    /// Why not.
    Refused(String),
    /// The stream has changed.
    Stopped,
    /// Another node has it.
    Elsewhere,
}

/// What came of one post.
enum Posted {
    Taken,
    TooMany,
    /// Why not, or why not all.
    Refused(String),
}

/// An event on its way, and the place behind it.
struct Event {
    behind: Cursor,
    log_id: String,
    text: String,
}

impl Delivery {
    /// The stream as it is now, if it is to send. Whoever was told to end does, even if it sends again by now: another
    /// task has it then.
    fn stream(&self) -> Option<Arc<LogStream>> {
        self.seen.borrow().stream.as_ref()?;
        let stream = self.tenant.snapshot().log_streams.get(self.id.as_str()).cloned();
        stream.filter(|stream| sends(&self.tenant, stream))
    }

    fn is_current(&self, stream: &Arc<LogStream>) -> bool {
        is_same(&self.stream(), &Some(stream.clone()))
    }

    /// Waits so long, or until there is more to send; in any case until the stream changes. Whether it is to go on.
    async fn wait(&mut self, stream: &Arc<LogStream>, wait: Option<Duration>) -> bool {
        let until = wait.map(|wait| time::Instant::now() + wait);
        loop {
            if !self.is_current(stream) {
                return true;
            }
            let changed = match until {
                None => self.seen.changed().await,
                Some(until) => match time::timeout_at(until, self.seen.changed()).await {
                    Ok(changed) => changed,
                    Err(_) => return true,
                },
            };
            if changed.is_err() || self.seen.borrow_and_update().stream.is_none() {
                return false;
            }
            if until.is_none() {
                return true;
            }
        }
    }

    async fn step(&mut self, stream: &Arc<LogStream>) -> Result<Step> {
        let Some(mut held) = self.hold().await? else { return Ok(Step::Elsewhere) };
        let streams = self.tenant.store().log_streams();
        let page = streams.page(self.tenant.name(), &held.cursor, PAGE, PAGE_BYTES).await?;
        if page.has_gap {
            let lost = "events were older than the log keeps them before they could be sent";
            self.note(&mut held, lost.to_owned(), false).await?;
        }
        if page.end == held.cursor {
            return Ok(Step::Nothing);
        }
        let sink = match Sink::of(stream, &self.tenant.clouds()) {
            Ok(sink) => sink,
            Err(problem) => return self.failed(held, problem, false).await,
        };
        let end = page.end.clone();
        let events = self.events(stream, &sink, page);
        // Another node may have had the stream meanwhile.
        self.taken.retain(|taken| events.iter().any(|event| event.log_id == *taken));
        let mut begin = 0;
        while begin < events.len() {
            let chunk = sink.chunk(events[begin..].iter().map(|event| event.text.as_str()), self.most);
            let problem = match self.send(stream, &sink, &events[begin..begin + chunk]).await? {
                Sent::Taken => None,
                Sent::TooMany => {
                    self.most = chunk / 2;
                    match self.hold().await? {
                        Some(_) => continue,
                        None => return Ok(Step::Elsewhere),
                    }
                }
                Sent::Refused(problem) => Some(problem),
                Sent::Stopped => return Ok(Step::Nothing),
                Sent::Elsewhere => return Ok(Step::Elsewhere),
            };
            let done = if problem.is_none() { chunk } else { self.taken_first(&events[begin..]) };
            if done > 0 {
                begin += done;
                // What follows and does not pass the filters is done with too.
                let behind = if begin == events.len() { &end } else { &events[begin - 1].behind };
                match self.acknowledge(held, behind.clone(), done).await? {
                    Some(next) => held = next,
                    None => return Ok(Step::Elsewhere),
                }
            }
            if let Some(problem) = problem {
                return self.failed(held, problem, begin > 0).await;
            }
            // Little by little, as it may have been one great event that was too much.
            self.most = self.most.saturating_add(1);
        }
        if events.is_empty() {
            self.acknowledge(held, end, 0).await?;
        }
        Ok(Step::Sent)
    }

    /// How many were taken before the first that was not.
    fn taken_first(&self, events: &[Event]) -> usize {
        events.iter().take_while(|event| self.taken.contains(&event.log_id)).count()
    }

    /// The events of a page that pass the filters, veiled and in the words of the service.
    fn events(&self, stream: &LogStream, sink: &Sink, page: Page) -> Vec<Event> {
        let mut events = Vec::new();
        for (behind, row) in page.rows {
            if !passes(stream, &row.kind) {
                continue;
            }
            let (log_id, date) = (row.log_id.clone(), row.date);
            let mut data = log::record(&self.tenant, row);
            if let Some(rules) = &stream.pii_config {
                super::pii::veil(rules, &mut data);
            }
            let text = sink.event(&log_id, date, data);
            events.push(Event { behind, log_id, text });
        }
        events
    }

    /// Sends events, three times if need be, while the stream was taken in hand just now.
    async fn send(&mut self, stream: &Arc<LogStream>, sink: &Sink, events: &[Event]) -> Result<Sent> {
        let mut problem = String::new();
        for wait in TRIES {
            time::sleep(wait).await;
            // The lease is longer than a try takes, and shorter than two.
            if !wait.is_zero() && self.hold().await?.is_none() {
                return Ok(Sent::Elsewhere);
            }
            if !self.is_current(stream) {
                return Ok(Sent::Stopped);
            }
            let left: Vec<&Event> =
                events.iter().filter(|event| !self.taken.contains(&event.log_id)).collect();
            if left.is_empty() {
                return Ok(Sent::Taken);
            }
            problem = match self.post(sink, &left).await {
                Posted::Taken => return Ok(Sent::Taken),
                Posted::TooMany => return Ok(Sent::TooMany),
                Posted::Refused(problem) => problem,
            };
        }
        Ok(Sent::Refused(problem))
    }

    /// Posts events once, and notes which of them were taken if not all were.
    async fn post(&mut self, sink: &Sink, events: &[&Event]) -> Posted {
        let texts: Vec<&str> = events.iter().map(|event| event.text.as_str()).collect();
        let outbound = self.tenant.outbound();
        let (url, headers, media) = match &sink.way {
            Way::Post { url, headers, media } => (url, headers, media),
            Way::Bus(bus) => return self.put(bus, &outbound, events, &texts).await,
        };
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match outbound.deliver(url, &headers, media, sink.body(&texts), PATIENCE).await {
            Ok(200..=299) => Posted::Taken,
            Ok(413) if events.len() > 1 => Posted::TooMany,
            Ok(status) => Posted::Refused(format!("the service answered with status {status}")),
            Err(error) => Posted::Refused(error.to_string()),
        }
    }

    async fn put(&mut self, bus: &Bus, outbound: &Outbound, events: &[&Event], texts: &[&str]) -> Posted {
        let outcome = match bus.put(outbound, texts, PATIENCE).await {
            Ok(outcome) => outcome,
            // Fewer are smaller, and show which one it is.
            Err(refusal) if !refusal.may_change && events.len() > 1 => return Posted::TooMany,
            Err(refusal) => return Posted::Refused(refusal.problem),
        };
        let taken = events.iter().zip(&outcome).filter(|(_, became)| became.is_ok());
        self.taken.extend(taken.map(|(event, _)| event.log_id.clone()));
        let refusal = outcome.into_iter().find_map(std::result::Result::err);
        refusal.map_or(Posted::Taken, |refusal| Posted::Refused(refusal.problem))
    }

    /// Takes the stream in hand, or keeps it there; one that was made elsewhere, such as by a restored backup, begins now.
    async fn hold(&self) -> Result<Option<LogStreamState>> {
        let streams = self.tenant.store().log_streams();
        let now = self.tenant.clock().now_ms();
        let place = (self.tenant.name(), self.id.as_str());
        let held = streams.hold(place, &self.node, now, now + LEASE).await?;
        if held.is_none() && streams.read(place.0, place.1).await?.is_none() {
            super::begin(&self.tenant, &self.id, None).await?;
            return Ok(streams.hold(place, &self.node, now, now + LEASE).await?);
        }
        Ok(held)
    }

    async fn acknowledge(
        &self,
        held: LogStreamState,
        cursor: Cursor,
        events: usize,
    ) -> Result<Option<LogStreamState>> {
        let now = self.tenant.clock().now_ms();
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let streams = self.tenant.store().log_streams();
        Ok(streams.acknowledge(held, cursor, events, (now, now + LEASE)).await?)
    }

    async fn failed(&self, mut held: LogStreamState, problem: String, after_some: bool) -> Result<Step> {
        self.note(&mut held, problem, true).await?;
        let since = held.failing.unwrap_or_default();
        if self.tenant.clock().now_ms() - since >= PATIENT_FOR {
            self.suspend().await?;
        }
        Ok(Step::Failed { after_some })
    }

    async fn note(&self, held: &mut LogStreamState, problem: String, fails: bool) -> Result<()> {
        let now = self.tenant.clock().now_ms();
        if fails {
            held.failing = held.failing.or(Some(now));
        }
        held.problems = Problem { at: now, problem }.before(&held.problems)?;
        Ok(self.tenant.store().log_streams().note(held, &held.problems, held.failing).await?)
    }

    /// Halts a stream that fails for too long, unless somebody has changed it since.
    async fn suspend(&self) -> Result<()> {
        let Some(document) = self.tenant.read(&LogStream::NOUN, &self.id).await? else { return Ok(()) };
        if self.tenant.clock().now_ms() - document.updated / 1000 < PATIENT_FOR {
            return Ok(());
        }
        let mut body = document.body.clone();
        body.insert("status".into(), LogStreamStatus::Suspended.name().into());
        match self.tenant.commit(vec![Change::replace::<LogStream>(&document, body)]).await {
            Ok(()) => {
                tracing::warn!(tenant = self.tenant.name(), id = self.id, "a log stream is suspended");
                Ok(())
            }
            // Somebody changed it a moment ago.
            Err(Error::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn passes(stream: &LogStream, code: &str) -> bool {
    let filters = stream.filters.as_deref().unwrap_or_default();
    let kind = LogType::with_code(code);
    filters.is_empty() || filters.iter().any(|filter| kind.is_some_and(|kind| filter.name.holds(kind)))
}

/// One second, then twice as long each time up to five minutes; some of it by chance, so that streams to one service do
/// not all come at once.
fn back_off(failures: u32) -> Duration {
    let most = Duration::from_secs(1 << (failures - 1).min(9)).min(LONGEST_WAIT);
    let chance = f64::from(jose::random_bytes::<1>()[0]) / 255.0;
    most.mul_f64(0.75 + chance / 4.0)
}

/// How many events are read at once, and how many bytes of them.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 4 << 20;
/// How long a service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many milliseconds a node has a stream in hand before another may take it: longer than one try takes.
const LEASE: i64 = 15_000;
/// After how long a stream is looked at that another node has, or that could not be read.
const AGAIN: Duration = Duration::from_secs(5);
/// How long to wait before each try.
const TRIES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(250), Duration::from_secs(1)];
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// After how many milliseconds of failure a stream is suspended.
const PATIENT_FOR: i64 = 7 * 24 * 3_600_000;
