//! The workers: started when they are wanted, kept for their owner, bounded in number. Whoever has scripts that never
//! end keeps only his own share of them busy.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::value::RawValue;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::{Instrument as _, trace_span};

use crate::{
    Call, Failure, Kept, Script, Stats,
    message::{self, Answer, Limits, Question},
    process::Process,
};

/// How scripts are run.
#[derive(Debug, Clone)]
pub struct Config {
    /// What is started as a worker.
    pub program: Program,
    /// Workers that are kept although nothing is to be done.
    pub workers: usize,
    /// Bytes that a script may use.
    pub memory: usize,
    /// Processor time that a script may use.
    pub processor: Duration,
}

/// A program and what it is told on its command line.
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<String>,
}

/// What a script is given.
#[derive(Debug)]
pub struct Input {
    /// JSON.
    pub event: Box<RawValue>,
    /// What it kept, as far as it may still see it.
    pub kept: Vec<Kept>,
    /// What the functions of `api` that answer something answer from: `canRedirect`, `rules`, `iss`, `sub`, `ip`,
    /// `parameters`.
    pub given: Option<Box<RawValue>>,
    /// The time, in milliseconds since 1970, by which that ends.
    pub now: i64,
}

/// What became of a run.
#[derive(Debug)]
pub struct Run {
    pub outcome: Result<serde_json::Value, Failure>,
    /// What it called, in order; also of a run that failed in the end.
    pub calls: Vec<Call>,
    /// Lines of the console.
    pub logs: Vec<String>,
    pub stats: Stats,
}

/// The place where scripts are run. Clones share it.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    config: Config,
    /// Those that have nothing to do, the last used last.
    idle: Mutex<Vec<Process>>,
    /// How many may be busy at once, over all.
    places: Arc<Semaphore>,
    owners: Mutex<HashMap<Arc<str>, Owner>>,
}

/// Whoever has scripts.
#[derive(Debug, Clone)]
struct Owner {
    name: Arc<str>,
    /// How many of his may be busy at once.
    share: Arc<Semaphore>,
    /// How many may wait for that.
    queue: Arc<Semaphore>,
}

/// How many times the workers that are kept may be busy at once; a fourth of them for one owner.
const MOST: usize = 8;
/// Runs of one owner that wait at most.
const QUEUE: usize = 512;

impl Sandbox {
    /// A place for scripts; no process is started before the first of them.
    pub fn start(config: Config) -> Sandbox {
        let places = Arc::new(Semaphore::new(config.workers.max(1) * MOST));
        Sandbox(Arc::new(Pool { config, idle: Mutex::default(), places, owners: Mutex::default() }))
    }

    /// Runs a script of this owner; `limit` is all that it may take, waiting included.
    pub async fn run(&self, owner: &str, script: &Script, input: Input, limit: Duration) -> Run {
        let asked = self.0.ask(owner, script, Some(input), limit);
        let answer = asked.instrument(trace_span!(target: "span", "customer code")).await;
        let Answer { outcome, calls, logs, stats } = answer.unwrap_or_else(failed);
        Run { outcome, calls, logs, stats }
    }

    /// Loads a script, which finds what is wrong with it before anything happens.
    pub async fn check(&self, owner: &str, script: &Script, limit: Duration) -> Result<(), Failure> {
        self.0.ask(owner, script, None, limit).await?.outcome.map(drop)
    }
}

fn failed(failure: Failure) -> Answer {
    Answer { outcome: Err(failure), calls: Vec::new(), logs: Vec::new(), stats: Stats::default() }
}

impl Pool {
    async fn ask(
        &self,
        owner: &str,
        script: &Script,
        input: Option<Input>,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        let until = Instant::now() + limit;
        let owner = self.owner(owner);
        let _places = self.enter(&owner, limit).await?;
        let mut process = self.take(&owner.name, script.0.key)?;
        let (tells, forget) = process.learns(script.0.key);
        let left = until.saturating_duration_since(Instant::now());
        let source = tells.then(|| serde_json::value::to_raw_value(&script.0.source)).transpose();
        let source = source.map_err(|_| Failure::Unavailable)?;
        let now = input.as_ref().map_or(0, |input| input.now);
        let (event, kept, given) = match input {
            Some(Input { event, kept, given, .. }) => (Some(event), kept, given),
            None => (None, Vec::new(), None),
        };
        let question = Question {
            key: script.0.key,
            forget,
            source: source.as_deref(),
            event: event.as_deref(),
            kept,
            given: given.as_deref(),
            now,
            limits: Limits {
                memory: self.config.memory,
                processor_ms: as_ms(self.config.processor),
                wall_ms: as_ms(left),
            },
        };
        let question = message::frame(&question).map_err(|_| Failure::Unavailable)?;
        let answer = process.ask(&question, left).await?;
        self.put_back(process);
        Ok(answer)
    }

    fn owner(&self, name: &str) -> Owner {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = owners.get(name) {
            return owner.clone();
        }
        let share = self.config.workers.max(1) * MOST / 4;
        let owner = Owner {
            name: name.into(),
            share: Arc::new(Semaphore::new(share)),
            queue: Arc::new(Semaphore::new(QUEUE)),
        };
        owners.insert(owner.name.clone(), owner.clone());
        owner
    }

    /// Waits for a place of this owner, and for one among all; too many do not wait at all.
    async fn enter(&self, owner: &Owner, limit: Duration) -> Result<[OwnedSemaphorePermit; 2], Failure> {
        let at_once = || {
            Some([
                owner.share.clone().try_acquire_owned().ok()?,
                self.places.clone().try_acquire_owned().ok()?,
            ])
        };
        if let Some(places) = at_once() {
            return Ok(places);
        }
        let _waiting = owner.queue.try_acquire().map_err(|_| Failure::Busy)?;
        let in_turn = async {
            Ok([owner.share.clone().acquire_owned().await?, self.places.clone().acquire_owned().await?])
        };
        let places: Result<_, tokio::sync::AcquireError> =
            timeout(limit, in_turn).await.map_err(|_| Failure::Busy)?;
        places.map_err(|_| Failure::Unavailable)
    }

    /// A worker of this owner, best one that has the script ready.
    fn take(&self, owner: &Arc<str>, key: u64) -> Result<Process, Failure> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let theirs = |process: &Process| process.owner == *owner;
            let ready = idle.iter().rposition(|process| theirs(process) && process.knows(key));
            let Some(place) = ready.or_else(|| idle.iter().rposition(theirs)) else { break };
            let mut process = idle.remove(place);
            if process.is_alive() {
                return Ok(process);
            }
        }
        drop(idle);
        Process::start(&self.config.program, owner.clone()).map_err(|error| {
            tracing::error!(%error, "no worker for scripts could be started");
            Failure::Unavailable
        })
    }

    /// Keeps a worker for its owner, and lets the one go that was idle longest where they are too many.
    fn put_back(&self, mut process: Process) {
        process.used = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(process);
        let kept = self.config.workers.max(1) * 2;
        let too_many = idle.len().saturating_sub(kept);
        let gone: Vec<_> = idle.drain(..too_many).collect();
        drop(idle);
        drop(gone);
    }
}

fn as_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
