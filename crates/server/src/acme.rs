//! Certificates that this server gets and renews by itself (ACME, RFC 8555): which names want one, who orders it, what is
//! presented meanwhile. Nothing waits for it: a name without a certificate is served with the server's own. Certificates, keys
//! and answers lie sealed in the store, so that of many nodes one orders and all present.

mod directory;
mod order;
mod record;
mod settings;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use arc_swap::ArcSwap;
use axum::{Router, extract::Path, routing::get};
use http::StatusCode;
use idp::{Tenant, Tenants, clock::iso};
use model::{AcmeCertificate, Secret};
use schema::Resource as _;
use serde_json::{Value, json};
use store::Engine;
use tokio::time::{sleep, timeout};
use web::Certificates;

pub use self::settings::{AcmeChallenge, Settings};
use self::{order::Issued, record::Record};
use crate::background::REFRESH;

/// Where an authority looks for the answer to HTTP-01 (RFC 8555 §8.3).
pub const CHALLENGES: &str = "/.well-known/acme-challenge/";

/// The certificates of this server's names. Clones share them.
#[derive(Clone)]
pub struct Acme(Arc<Inner>);

struct Inner {
    settings: Settings,
    tenants: Tenants,
    certificates: Certificates,
    /// When this node began.
    begun: i64,
    /// What the records come to, by name.
    standings: ArcSwap<BTreeMap<String, Standing>>,
    /// What is answered over plain HTTP, by token.
    answers: ArcSwap<HashMap<String, Secret>>,
    /// The revision of the built-in tenant up to which they were read.
    seen: AtomicI64,
}

/// How it is with the certificate of one name; times are seconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub certificate: Option<web::NamedCertificate>,
    /// When a third of its life is left; nothing, if there is none, or one of another directory.
    renewal: Option<i64>,
    leased: i64,
    tried: i64,
    /// Before when nothing is ordered again.
    pub next: i64,
    pub failures: u32,
    pub problem: Option<String>,
}

impl Standing {
    fn of(view: &AcmeCertificate, directory: &str) -> Standing {
        let read = |(chain, key): (&String, &Secret)| {
            let read = web::NamedCertificate::from_pem(&view.name, chain, key.expose());
            read.inspect_err(|error| tracing::error!(name = view.name, "the stored certificate: {error:#}"))
                .ok()
        };
        let certificate = view.chain.as_ref().zip(view.private_key.as_ref()).and_then(read);
        let renewal = |certificate: &web::NamedCertificate| {
            certificate.not_after - (certificate.not_after - certificate.not_before) / 3
        };
        Standing {
            renewal: certificate
                .as_ref()
                .filter(|_| view.directory.as_deref() == Some(directory))
                .map(renewal),
            certificate,
            leased: view.leased.unwrap_or_default(),
            tried: view.tried.unwrap_or_default(),
            next: view.next.unwrap_or_default(),
            failures: view.failures.unwrap_or_default(),
            problem: view.problem.clone(),
        }
    }

    /// When an order is due, for a node that began at a time: whoever starts it may have mended what was wrong. A node that
    /// begins again and again asks once an hour.
    fn due(&self, begun: i64) -> i64 {
        let soon = self.tried + pause(self.failures).min(LONGEST_PAUSE_OF_START);
        let next = if self.tried < begun { self.next.min(soon) } else { self.next };
        self.renewal.unwrap_or_default().max(next)
    }

    /// What is presented for a name, be it good or not.
    fn presented(standing: Option<&Standing>) -> &'static str {
        match standing.and_then(|standing| standing.certificate.as_ref()) {
            Some(_) => "the one that there is",
            None => "the server's own",
        }
    }

    /// Whether its certificate can be believed at a time.
    pub fn is_good(&self, now: i64) -> bool {
        self.certificate.as_ref().is_some_and(|certificate| certificate.not_after >= now)
    }
}

/// How it is with the certificate of each name, as the store has it.
pub async fn standings(builtin: &Tenant, settings: &Settings) -> Result<BTreeMap<String, Standing>> {
    Ok(views(builtin).await?.into_iter().filter_map(|view| settings.standing(&view)).collect())
}

async fn views(builtin: &Tenant) -> Result<Vec<AcmeCertificate>> {
    let documents = builtin.all(&AcmeCertificate::NOUN).await?;
    Ok(documents.iter().map(|document| AcmeCertificate::view(&document.body)).collect::<Result<_, _>>()?)
}

impl Settings {
    /// What the record of a name comes to, if that is one of those that want a certificate.
    fn standing(&self, view: &AcmeCertificate) -> Option<(String, Standing)> {
        self.names.contains(&view.name).then(|| (view.name.clone(), Standing::of(view, &self.directory)))
    }
}

impl Acme {
    /// What is in the store is presented at once; orders begin with [`Acme::keep`].
    pub async fn begin(settings: Settings, tenants: &Tenants, certificates: &Certificates) -> Acme {
        let acme = Acme(Arc::new(Inner {
            settings,
            tenants: tenants.clone(),
            certificates: certificates.clone(),
            begun: tenants.clock().now(),
            standings: ArcSwap::default(),
            answers: ArcSwap::default(),
            seen: AtomicI64::new(-1),
        }));
        acme.look().await;
        let (standings, now) = (acme.standings(), tenants.clock().now());
        for name in &acme.0.settings.names {
            let standing = standings.get(name);
            if !standing.is_some_and(|standing| standing.is_good(now)) {
                let presented = Standing::presented(standing);
                tracing::warn!(
                    name,
                    presented,
                    "no certificate yet that can be believed: ACME is asked for one"
                );
            }
        }
        acme
    }

    /// How it is with each name of which anything is known.
    pub fn standings(&self) -> Arc<BTreeMap<String, Standing>> {
        self.0.standings.load_full()
    }

    /// How many names want a certificate.
    pub fn names(&self) -> usize {
        self.0.settings.names.len()
    }

    /// Answers authorities that ask over plain HTTP.
    pub fn router(&self) -> Router {
        let acme = self.clone();
        let answer = async move |Path(token): Path<String>| match acme.0.answers.load().get(&token) {
            Some(answer) => (StatusCode::OK, answer.expose().to_owned()),
            None => (StatusCode::NOT_FOUND, String::new()),
        };
        Router::new().route(&format!("{CHALLENGES}{{token}}"), get(answer))
    }

    /// Presents what this node or another has received, and answers what another has been asked.
    pub async fn follow(self) {
        loop {
            sleep(REFRESH).await;
            self.look().await;
        }
    }

    /// Orders what is due.
    pub async fn keep(self) {
        loop {
            for name in &self.0.settings.names {
                if self.is_due(name)
                    && let Err(error) = self.renew(name).await
                {
                    tracing::warn!(name, "could not order a certificate: {error:#}; the next try follows");
                    sleep(AWAY).await;
                }
            }
            sleep(LOOK).await;
        }
    }

    fn builtin(&self) -> Result<Tenant> {
        self.0.tenants.administrators().context("the built-in tenant is not loaded")
    }

    fn is_due(&self, name: &str) -> bool {
        self.standings().get(name).is_none_or(|standing| self.may_order(standing))
    }

    fn may_order(&self, standing: &Standing) -> bool {
        let now = self.0.tenants.clock().now();
        // Only one process at a time has the files open: what one before it had in hand is nobody's.
        let is_left = standing.tried < self.0.begun && self.0.tenants.store().engine() == Engine::Sqlite;
        standing.due(self.0.begun) <= now && (is_left || standing.leased <= now)
    }

    /// Takes up what changed in the store.
    async fn look(&self) {
        let Ok(builtin) = self.builtin() else { return };
        let revision = builtin.snapshot().revision;
        if self.0.seen.load(Ordering::Relaxed) == revision {
            return;
        }
        match self.take_up(&builtin).await {
            Ok(()) => self.0.seen.store(revision, Ordering::Relaxed),
            Err(error) => tracing::warn!("could not read the certificates: {error:#}; the next try follows"),
        }
    }

    async fn take_up(&self, builtin: &Tenant) -> Result<()> {
        let Inner { settings, certificates, .. } = &*self.0;
        let views = views(builtin).await?;
        let standings: BTreeMap<_, _> = views.iter().filter_map(|view| settings.standing(view)).collect();
        let presented = standings
            .iter()
            .filter_map(|(name, standing)| Some((name.clone(), standing.certificate.clone()?)));
        certificates.present(presented.collect());
        let (mut answers, mut digests) = (HashMap::new(), HashMap::new());
        for view in views {
            if let (Some(token), Some(answer)) = (view.token, view.key_authorization) {
                digests.insert(view.name, jose::sha256(answer.expose().as_bytes()));
                answers.insert(token, answer);
            }
        }
        certificates.answer(&digests)?;
        self.0.answers.store(Arc::new(answers));
        self.0.standings.store(Arc::new(standings));
        Ok(())
    }

    /// Orders a certificate, unless another node does; what comes of it is written down.
    async fn renew(&self, name: &str) -> Result<()> {
        let builtin = self.builtin()?;
        let Some(mut record) = self.claim(&builtin, name).await? else { return Ok(()) };
        let mut asked_to_wait = 0;
        let ordered = timeout(PATIENCE, order::order(self, &builtin, &mut record, &mut asked_to_wait)).await;
        let ordered = ordered.unwrap_or_else(|_| bail!("the directory took longer than {PATIENCE:?}"));
        // What was cut off may have been about to write.
        let mut record = Record::read(&builtin, name).await?;
        let now = self.0.tenants.clock().now();
        let directory = &self.0.settings.directory;
        let mut changes =
            vec![("leased", Value::Null), ("token", Value::Null), ("key_authorization", Value::Null)];
        match ordered {
            Ok(Issued { chain, private_key, not_after }) => {
                changes.extend([
                    ("chain", json!(chain)),
                    ("private_key", json!(private_key.expose())),
                    ("directory", json!(directory)),
                    ("next", json!(now + AFTER_SUCCESS)),
                    ("failures", json!(0)),
                    ("problem", Value::Null),
                ]);
                record.write(&builtin, changes).await.context("writing down the certificate")?;
                tracing::info!(name, directory, until = iso(not_after * 1000), "certificate received");
            }
            Err(error) => {
                let failures = record.view.failures.unwrap_or_default().saturating_add(1);
                let next = now + pause(failures).max(asked_to_wait.min(LONGEST_WAIT));
                let problem = told(&error);
                changes.extend([
                    ("next", json!(next)),
                    ("failures", json!(failures)),
                    ("problem", json!(problem)),
                ]);
                record.write(&builtin, changes).await.context("writing down why there is no certificate")?;
                let next_try = iso(next * 1000);
                let presented = Standing::presented(Some(&Standing::of(&record.view, directory)));
                tracing::error!(name, directory, failures, next_try, presented, "no certificate: {problem}");
            }
        }
        self.look().await;
        Ok(())
    }

    /// Takes the order of a name in hand, if it is due and nobody else has it.
    async fn claim(&self, builtin: &Tenant, name: &str) -> Result<Option<Record>> {
        let mut record = Record::read(builtin, name).await?;
        let standing = Standing::of(&record.view, &self.0.settings.directory);
        if !self.may_order(&standing) {
            // What this node knows of it is old.
            self.0.seen.store(-1, Ordering::Relaxed);
            return Ok(None);
        }
        let now = self.0.tenants.clock().now();
        let lease = vec![("leased", json!(now + LEASE)), ("tried", json!(now))];
        match record.write(builtin, lease).await {
            Ok(()) => Ok(Some(record)),
            Err(idp::Error::Conflict | idp::Error::Taken { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts an answer where the authority will ask for it, on every node.
    async fn answer(&self, builtin: &Tenant, record: &mut Record, token: &str, answer: &str) -> Result<()> {
        let changes = vec![("token", json!(token)), ("key_authorization", json!(answer))];
        record.write(builtin, changes).await.context("writing down the answer")?;
        self.take_up(builtin).await?;
        if self.0.tenants.store().engine() == Engine::Postgres {
            sleep(SPREAD).await;
        }
        Ok(())
    }
}

/// How many seconds after so many failures the next try comes: authorities count those of an hour.
fn pause(failures: u32) -> i64 {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}

/// Why it came to nothing, in a line: much of it a stranger wrote.
fn told(error: &anyhow::Error) -> String {
    let words = format!("{error:#}");
    let clean = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(LONGEST_PROBLEM).collect()
}

impl fmt::Debug for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acme").field("names", &self.0.settings.names).finish_non_exhaustive()
    }
}

/// How often it is looked whether an order is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long the store is left alone that could not be asked.
const AWAY: Duration = Duration::from_secs(10);
/// How long an order may take.
const PATIENCE: Duration = Duration::from_secs(240);
/// How many seconds a node has an order in hand: longer than it may take.
const LEASE: i64 = 300;
/// After how long every node has heard what is to be answered, also where nobody tells it.
const SPREAD: Duration = Duration::from_secs(3);
/// How many seconds after a certificate the next is ordered at the earliest, however short it lives.
const AFTER_SUCCESS: i64 = 3_600;
const FIRST_PAUSE: i64 = 300;
/// Until a node that has just begun tries again.
const LONGEST_PAUSE_OF_START: i64 = 3_600;
const LONGEST_PAUSE: i64 = 6 * 3_600;
/// For how many seconds a directory is believed that it wants to be left alone.
const LONGEST_WAIT: i64 = 24 * 3_600;
const LONGEST_PROBLEM: usize = 400;

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{LONGEST_PAUSE, LONGEST_PAUSE_OF_START, Standing, pause, told};

    #[test]
    fn the_pauses_grow_and_end_growing() {
        assert_eq!([1, 2, 3, 4].map(pause), [300, 600, 1_200, 2_400]);
        assert_eq!([8, 100, u32::MAX].map(pause), [LONGEST_PAUSE; 3]);
    }

    #[test]
    fn a_start_shortens_a_pause_and_never_skips_it() {
        let standing = Standing { tried: 1_000, next: 20_000, failures: 9, ..Standing::default() };
        assert_eq!(standing.due(900), 20_000);
        assert_eq!(standing.due(2_000), 1_000 + LONGEST_PAUSE_OF_START);
        let once = Standing { failures: 1, ..standing.clone() };
        assert_eq!(once.due(2_000), 1_300);
        let renewed = Standing { renewal: Some(90_000), ..standing };
        assert_eq!(renewed.due(2_000), 90_000);
    }

    #[test]
    fn what_a_stranger_wrote_is_a_short_line() {
        let error = anyhow!("a\r\n\u{1b}[31m{}", "x".repeat(1_000)).context("refused");
        let told = told(&error);
        assert!(told.starts_with("refused: a   [31mxxx"), "{told}");
        assert_eq!(told.chars().count(), 400);
    }
}
