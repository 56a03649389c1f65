//! Seals over the log, by which it is known whether an event was taken out, changed or moved since. Of each event there are
//! two: one over what it says, and one that goes on from the seal before. Their key is sealed in the database under keys that
//! lie outside of it: whoever can only write there cannot make them. Now and then a checkpoint is signed, which others can
//! keep, and hold against the log later.

mod verify;

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{LogSealKey, SigningAlgorithm};
use schema::{Object, Resource};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{LogRow, SealedPart};

pub use self::verify::{Doubt, Finding, Report, Verification, verify};
use crate::{Change, Error, Result, Tenant, Tenants, jobs};

/// What is signed of a log: how far it goes, and the last seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub iss: String,
    pub tenant: String,
    /// Seconds since 1970.
    pub iat: i64,
    pub part: i64,
    /// The last event.
    pub log_id: String,
    pub seal: String,
}

/// How the operator keeps logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogKeeping {
    pub days: u32,
    /// Whether events are sealed as they are written.
    pub is_sealed: bool,
}

impl LogKeeping {
    /// What was logged before this time may be gone; both are in milliseconds since 1970.
    pub fn expired(self, now: i64) -> i64 {
        now - i64::from(self.days) * 24 * 3_600_000
    }

    /// The same of what may go while somebody looks at all of it, which takes no longer than a job may.
    pub fn expired_meanwhile(self, now: i64) -> i64 {
        self.expired(now + jobs::LONGEST * 1000)
    }
}

impl Tenants {
    /// Says how the operator keeps logs, once.
    pub fn keep_logs(&self, keeping: LogKeeping) {
        // A second word would be as good as the first.
        let _ = self.0.log_keeping.set(keeping);
    }

    /// How logs are kept, if anybody has said so.
    pub fn log_keeping(&self) -> Option<LogKeeping> {
        self.0.log_keeping.get().copied()
    }
}

/// Seals what was logged since; answers how many events that were. Nodes share the work.
pub async fn seal(tenant: &Tenant) -> Result<usize> {
    let mut count = 0;
    loop {
        match seal_part(tenant).await? {
            0 => return Ok(count),
            events => count += events,
        }
    }
}

async fn seal_part(tenant: &Tenant) -> Result<usize> {
    let seals = tenant.store().log_seals();
    let before = seals.last(tenant.name()).await?;
    let (part, from, previous) = match &before {
        Some(before) => (before.part + 1, before.end.clone(), last_seal(before)),
        // The log is sealed from its beginning, as far as that is kept.
        None => (1, tenant.store().log_streams().behind(tenant.name(), "").await?, String::new()),
    };
    let page = tenant.store().log_streams().page(tenant.name(), &from, MOST, MOST_BYTES).await?;
    if page.rows.is_empty() {
        return Ok(0);
    }
    let Key { id: sealing_key, key } = key(tenant).await?;
    let count = page.rows.len();
    let newest = page.rows.iter().map(|(_, row)| row.date).max().unwrap_or_default();
    let rows: Vec<LogRow> = page.rows.into_iter().map(|(_, row)| row).collect();
    let events = sealed(&key, &previous, &rows);
    let mut sealed =
        SealedPart { part, sealing_key, previous, events, end: page.end, newest, checkpoint: None };
    if is_due(tenant, part).await? {
        sealed.checkpoint = Some(sign(tenant, &sealed)?);
    }
    // Where another node was faster, the next part goes on from its.
    seals.append(tenant.name(), sealed).await?;
    Ok(count)
}

/// Seals the logs of all tenants, for as long as it is kept.
#[derive(Debug, Default)]
pub struct Sealer {
    /// The flush of each tenant before which everything is sealed.
    done: HashMap<String, i64>,
}

impl Sealer {
    /// Seals what was logged since.
    pub async fn pass(&mut self, tenants: &Tenants) -> Result<()> {
        let all: Vec<Tenant> = tenants.all().into_iter().chain(tenants.administrators()).collect();
        let names: Vec<String> = all.iter().map(|tenant| tenant.name().to_owned()).collect();
        let mut heads = HashMap::new();
        for names in names.chunks(AT_ONCE) {
            heads.extend(tenants.store().log_streams().heads(names).await?);
        }
        for tenant in all {
            let head = heads.get(tenant.name()).copied().unwrap_or(-1);
            if self.done.get(tenant.name()).is_none_or(|done| *done <= head) {
                match seal(&tenant).await {
                    Ok(_) => drop(self.done.insert(tenant.name().to_owned(), head + 1)),
                    Err(error) => {
                        let (tenant, error) = (tenant.name(), format!("{error:#}"));
                        tracing::warn!(tenant, error, "could not seal log events; the next try follows");
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a log is sealed with.
struct Key {
    id: String,
    key: Vec<u8>,
}

/// The key of a tenant, which is made when it is first asked for.
async fn key(tenant: &Tenant) -> Result<Key> {
    if let Some(key) = keys(tenant).await?.pop() {
        return Ok(key);
    }
    let mut body = Object::new();
    body.insert("id".into(), json!(FIRST_KEY));
    body.insert("key".into(), json!(URL_SAFE_NO_PAD.encode(jose::random_bytes::<32>())));
    match tenant.commit(vec![Change::create::<LogSealKey>(FIRST_KEY, body)]).await {
        // Another node made it a moment ago.
        Ok(()) | Err(Error::Taken { .. } | Error::Conflict) => {}
        Err(error) => return Err(error),
    }
    let made = keys(tenant).await?.pop();
    made.ok_or_else(|| Error::Internal(anyhow::anyhow!("{} has no key to seal its log with", tenant.name())))
}

/// Every key that there is, the newest last.
async fn keys(tenant: &Tenant) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for document in tenant.all(&LogSealKey::NOUN).await? {
        let view = LogSealKey::view(&document.body)?;
        let key = URL_SAFE_NO_PAD.decode(view.key.expose()).map_err(anyhow::Error::from)?;
        keys.push(Key { id: view.id, key });
    }
    Ok(keys)
}

/// The last thing that was signed of the log, if anything was.
pub async fn checkpoint(tenant: &Tenant) -> Result<Option<String>> {
    let sealed = tenant.store().log_seals().checkpoint(tenant.name()).await?;
    Ok(sealed.and_then(|sealed| sealed.checkpoint))
}

/// How far a log is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub part: i64,
    /// The last event that has a seal.
    pub log_id: String,
    /// When the latest of its part happened, in milliseconds since 1970.
    pub newest: i64,
    /// When the latest of the first part that is kept happened.
    pub since: i64,
    /// How many events behind it have none.
    pub waiting: i64,
}

/// How far the log of a tenant is sealed, if any of it is.
pub async fn sealed_so_far(tenant: &Tenant) -> Result<Option<Sealed>> {
    let seals = tenant.store().log_seals();
    let Some(last) = seals.last(tenant.name()).await? else { return Ok(None) };
    let first = seals.first(tenant.name()).await?;
    let waiting = tenant.store().log_streams().waiting(tenant.name(), &last.end).await?;
    let log_id = lines(&last.events).last().map(|line| line.log_id.to_owned()).unwrap_or_default();
    let since = first.map_or(last.newest, |first| first.newest);
    Ok(Some(Sealed { part: last.part, log_id, newest: last.newest, since, waiting: waiting.events }))
}

/// What was signed of the log before a part, the newest first: what each says, and its text.
pub async fn checkpoints(tenant: &Tenant, before: i64, most: i64) -> Result<Vec<(Checkpoint, String)>> {
    let signed = tenant.store().log_seals().checkpoints(tenant.name(), before, most).await?;
    Ok(signed.into_iter().filter_map(|(_, compact)| Some((read(&compact)?, compact))).collect())
}

/// Whether a minute has passed since something was signed.
async fn is_due(tenant: &Tenant, part: i64) -> Result<bool> {
    let last = tenant.store().log_seals().checkpoint(tenant.name()).await?;
    let signed = last.and_then(|last| read(&last.checkpoint?));
    let now = tenant.clock().now();
    Ok(part == 1 || signed.is_none_or(|signed| now - signed.iat >= APART))
}

fn sign(tenant: &Tenant, sealed: &SealedPart) -> Result<String> {
    let events = lines(&sealed.events);
    let last = events.last();
    let checkpoint = Checkpoint {
        iss: tenant.issuer(tenant.domain()),
        tenant: tenant.name().to_owned(),
        iat: tenant.clock().now(),
        part: sealed.part,
        log_id: last.map(|line| line.log_id.to_owned()).unwrap_or_default(),
        seal: last.map(|line| line.chained.to_owned()).unwrap_or_default(),
    };
    let snapshot = tenant.snapshot();
    let signer = snapshot.keys.signer(SigningAlgorithm::RS256, TYP).ok_or_else(|| {
        Error::Internal(anyhow::anyhow!("{} has no key to sign a checkpoint with", tenant.name()))
    })?;
    Ok(signer.sign(&serde_json::to_vec(&checkpoint)?)?)
}

/// What a checkpoint says, believed or not.
fn read(compact: &str) -> Option<Checkpoint> {
    let claims = jose::Token::parse(compact).ok()?.claims().ok()?;
    serde_json::from_value(serde_json::Value::Object(claims)).ok()
}

/// One line for each event: its identifier and its two seals.
fn sealed(key: &[u8], previous: &str, rows: &[LogRow]) -> String {
    let mut previous = previous.to_owned();
    let lines = rows.iter().map(|row| {
        let own = own_seal(key, row);
        previous = chained_seal(key, &previous, &own);
        format!("{} {own} {previous}", row.log_id)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line of a part.
struct Line<'a> {
    log_id: &'a str,
    own: &'a str,
    chained: &'a str,
}

fn lines(events: &str) -> Vec<Line<'_>> {
    events.split('\n').filter_map(line).collect()
}

fn line(text: &str) -> Option<Line<'_>> {
    let mut words = text.split(' ');
    Some(Line { log_id: words.next()?, own: words.next()?, chained: words.next()? })
}

fn last_seal(sealed: &SealedPart) -> String {
    lines(&sealed.events).last().map(|line| line.chained.to_owned()).unwrap_or_default()
}

/// Over what an event says.
fn own_seal(key: &[u8], row: &LogRow) -> String {
    code(key, &["event", &row.canonical()])
}

/// Over an event and all before it.
fn chained_seal(key: &[u8], previous: &str, own: &str) -> String {
    code(key, &["chain", previous, own])
}

/// The first 16 bytes of an HMAC-SHA-256 over texts, each with its length.
fn code(key: &[u8], texts: &[&str]) -> String {
    let input: String = texts.iter().map(|text| format!("{}:{text};", text.len())).collect();
    URL_SAFE_NO_PAD.encode(&jose::hmac_sha256(key, input.as_bytes())[..16])
}

/// How many events one part seals, and how many bytes of them.
const MOST: usize = 1000;
const MOST_BYTES: usize = 8 << 20;
/// How many seconds lie between checkpoints.
const APART: i64 = 60;
/// The type of a checkpoint.
pub(crate) const TYP: &str = "log-checkpoint+jwt";
const FIRST_KEY: &str = "1";
/// How many tenants are asked about in one statement.
const AT_ONCE: usize = 500;
