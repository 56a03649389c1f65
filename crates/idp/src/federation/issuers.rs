//! The keys of outside issuers, fetched when they are wanted and kept for a while. One request at a time goes to an issuer,
//! only those who wait for its keys wait for it, and no token makes it be asked again and again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use jose::KeySet;
use outbound::Outbound;
use serde::Deserialize;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, Semaphore};

/// Where keys are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// The address stands in the issuer's discovery document.
    Discovery(String),
    At(String),
}

/// The issuers that a tenant's clients trust.
pub struct Issuers {
    outbound: Arc<ArcSwap<Outbound>>,
    held: Mutex<HashMap<Source, Arc<Issuer>>>,
    /// How many may be asked at once.
    asking: Arc<Semaphore>,
}

struct Issuer {
    state: Mutex<State>,
    /// Held by whoever asks the issuer.
    turn: Arc<Turn<()>>,
}

/// Times are in milliseconds since 1970.
#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    fresh_until: i64,
    stale_until: i64,
    /// Not asked again before then.
    paused_until: i64,
    failures: u32,
    /// Why it could not be asked the last time.
    failure: Option<String>,
    /// When anybody wanted its keys last.
    wanted: i64,
}

/// What is to be done for somebody who wants a key.
enum Look {
    Use(Arc<KeySet>),
    /// They are believed still, but new ones are due.
    UseAndAsk(Arc<KeySet>),
    Ask,
    Failed(String),
}

impl Issuers {
    pub fn new(outbound: Arc<ArcSwap<Outbound>>) -> Self {
        Issuers { outbound, held: Mutex::default(), asking: Arc::new(Semaphore::new(MOST_ASKED)) }
    }

    /// What reaches addresses that somebody else chose.
    pub fn outbound(&self) -> Arc<Outbound> {
        self.outbound.load_full()
    }

    /// The keys of an issuer, among them the one that is wanted if it has it; or why they cannot be had.
    pub async fn keys(
        &self,
        source: &Source,
        now: i64,
        has_wanted: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, String> {
        let issuer = self.issuer(source, now);
        loop {
            match issuer.look(now, &has_wanted) {
                Look::Use(keys) => return Ok(keys),
                Look::Failed(reason) => return Err(reason),
                Look::UseAndAsk(keys) => {
                    if let Ok(turn) = issuer.turn.clone().try_lock_owned() {
                        drop(self.ask(turn, &issuer, source, now));
                    }
                    return Ok(keys);
                }
                // Whoever asked, the next look knows what came of it: it pauses either way.
                Look::Ask => match issuer.turn.clone().try_lock_owned() {
                    Ok(turn) => {
                        if self.ask(turn, &issuer, source, now).await.is_err() {
                            return Err("the request ended early".into());
                        }
                    }
                    Err(_) => drop(issuer.turn.lock().await),
                },
            }
        }
    }

    /// Asks an issuer, on a task of its own: somebody who gives up waiting does not break it off.
    fn ask(
        &self,
        turn: OwnedMutexGuard<()>,
        issuer: &Arc<Issuer>,
        source: &Source,
        now: i64,
    ) -> tokio::task::JoinHandle<()> {
        let (issuer, source, outbound) = (issuer.clone(), source.clone(), self.outbound.load_full());
        let permit = self.asking.clone().try_acquire_owned();
        tokio::spawn(async move {
            let fetched = match &permit {
                Ok(_) => fetch(&outbound, &source).await,
                Err(_) => Err("too many issuers are being asked".into()),
            };
            issuer.learn(fetched, now);
            drop(turn);
        })
    }

    fn issuer(&self, source: &Source, now: i64) -> Arc<Issuer> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.contains_key(source) && held.len() >= MOST_HELD {
            let oldest =
                held.iter().min_by_key(|(_, issuer)| issuer.state().wanted).map(|(source, _)| source.clone());
            oldest.and_then(|oldest| held.remove(&oldest));
        }
        let issuer = held
            .entry(source.clone())
            .or_insert_with(|| Arc::new(Issuer { state: Mutex::default(), turn: Arc::default() }));
        issuer.state().wanted = now;
        issuer.clone()
    }
}

impl Issuer {
    fn look(&self, now: i64, has_wanted: impl Fn(&KeySet) -> bool) -> Look {
        let state = self.state();
        let is_paused = now < state.paused_until;
        let believed = state.keys.as_ref().filter(|_| now < state.stale_until);
        match (believed, &state.failure) {
            (Some(keys), _) if has_wanted(keys) => {
                if now < state.fresh_until || is_paused {
                    Look::Use(keys.clone())
                } else {
                    Look::UseAndAsk(keys.clone())
                }
            }
            (_, Some(reason)) if is_paused => Look::Failed(reason.clone()),
            (Some(keys), None) if is_paused => Look::Use(keys.clone()),
            (Some(_) | None, _) => Look::Ask,
        }
    }

    fn learn(&self, fetched: Result<(KeySet, Option<Duration>), String>, now: i64) {
        let mut state = self.state();
        match fetched {
            Ok((keys, max_age)) => {
                let said = max_age.map_or(FRESH, |age| i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
                let fresh_until = now + said.clamp(FRESH_LEAST, FRESH_MOST);
                *state = State {
                    keys: Some(Arc::new(keys)),
                    fresh_until,
                    stale_until: fresh_until + STALE,
                    paused_until: now + PAUSE,
                    wanted: state.wanted,
                    ..State::default()
                };
            }
            Err(reason) => {
                let pause = (PAUSE_FIRST << state.failures.min(16)).min(PAUSE_MOST);
                state.paused_until = now + pause;
                state.failures += 1;
                state.failure = Some(reason);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(outbound: &Outbound, source: &Source) -> Result<(KeySet, Option<Duration>), String> {
    let url = match source {
        Source::At(url) => url.clone(),
        Source::Discovery(issuer) => discover(outbound, issuer).await?,
    };
    let fetched = outbound.get_json(&url).await.map_err(|error| format!("its keys: {error}"))?;
    let keys = KeySet::from_json(&fetched.body).map_err(|error| format!("its keys: {error}"))?;
    if keys.is_empty() {
        return Err("its keys: none of them can be used".into());
    }
    Ok((keys, fetched.max_age))
}

/// OpenID Connect Discovery §4.
async fn discover(outbound: &Outbound, issuer: &str) -> Result<String, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let fetched =
        outbound.get_json(&url).await.map_err(|error| format!("its discovery document: {error}"))?;
    let document: Discovery = serde_json::from_slice(&fetched.body)
        .map_err(|_| "its discovery document is none: it needs issuer and jwks_uri")?;
    // §4.3: or one issuer could speak for another.
    if document.issuer != issuer {
        return Err("its discovery document is that of another issuer".into());
    }
    Ok(document.jwks_uri)
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// How long keys are fresh if their server does not say, and within which bounds it may: in milliseconds.
const FRESH: i64 = 10 * 60_000;
const FRESH_LEAST: i64 = 60_000;
const FRESH_MOST: i64 = 60 * 60_000;
/// How long keys are believed beyond that while the issuer cannot be reached.
const STALE: i64 = 60 * 60_000;
/// How soon an issuer is asked again for a key that it did not have.
const PAUSE: i64 = 30_000;
/// The same for one that could not be reached: twice as long each time.
const PAUSE_FIRST: i64 = 5_000;
const PAUSE_MOST: i64 = 5 * 60_000;
const MOST_HELD: usize = 256;
const MOST_ASKED: usize = 16;
