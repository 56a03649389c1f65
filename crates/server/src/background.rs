//! What a node does beside answering requests, again and again, each thing in a task of its own.

use std::{fmt::Display, time::Duration};

use idp::{
    Carrier, Tenants,
    audit::LogKeeping,
    backchannel::{self, Herald},
    event_streams::{self, Messenger},
    jobs::Lane,
    nodes::{self, Node},
    outbox::{self, Courier},
};
use tokio::{sync::watch, task::JoinSet, time};

use crate::{
    health::Health,
    metrics::{self, Metrics},
};

/// How often this node asks what other nodes and the command line changed: what is revoked on one is refused on all within
/// a second.
pub const REFRESH: Duration = Duration::from_millis(500);
/// How long the store may take to tell the revisions of all tenants before it counts as away.
const ANSWER: Duration = Duration::from_secs(3);
/// How long it may take to read what changed, which may be everything, before it is begun anew.
const FOLLOW: Duration = Duration::from_secs(600);
/// How long this node leaves others alone after it was told of a change: of many, it is told once.
const BREATH: Duration = Duration::from_millis(10);
/// How often the last uses of credentials are written.
const WRITE_USES: Duration = Duration::from_secs(5);
/// How often it is forgotten what was used once and has expired.
const FORGET_USED: Duration = Duration::from_secs(60);
/// How often it is looked whether signing keys are to be rotated.
const LOOK_AT_KEYS: Duration = Duration::from_secs(60);
/// How many jobs about users a node runs at once, so that a long one does not hold up a short one; of logs one is verified.
const JOBS_AT_ONCE: usize = 3;
const PRUNE: Duration = Duration::from_secs(3600);

/// Starts all of it; log events are kept as the operator says.
pub fn start(tenants: &Tenants, keeping: LogKeeping, background: &mut JoinSet<()>) {
    background.spawn(refresh(tenants.clone()));
    background.spawn(write_credential_uses(tenants.clone()));
    background.spawn(exchange_counts(tenants.clone()));
    background.spawn(forget_used(tenants.clone()));
    background.spawn(rotate_keys(tenants.clone()));
    let mails = send::<Courier>(tenants.clone(), outbox::LOOK, "could not look for mails that are due");
    background.spawn(mails);
    background.spawn(sweep_sessions(tenants.clone()));
    let failure = "could not look for clients to tell of a logout";
    background.spawn(send::<Herald>(tenants.clone(), REFRESH, failure));
    background.spawn(send::<Messenger>(tenants.clone(), REFRESH, "could not look for events to send"));
    for _ in 0..JOBS_AT_ONCE {
        background.spawn(run_jobs(tenants.clone(), Lane::Users));
    }
    background.spawn(run_jobs(tenants.clone(), Lane::Logs));
    background.spawn(prune(tenants.clone(), keeping));
}

/// Warns of what could not be done, which the next round does.
fn later<T, E: Display>(outcome: Result<T, E>, what: &str) {
    if let Err(error) = outcome {
        let error = format!("{error:#}");
        tracing::warn!(error, "{what}; the next try follows");
    }
}

/// Follows what other nodes changed. It goes on asking meanwhile: a store that hangs then is noticed, and so is a node that
/// does not get on.
async fn refresh(tenants: Tenants) {
    let (tell, told) = watch::channel(Vec::new());
    tokio::join!(ask(tenants.clone(), tell), follow(tenants, told));
}

/// Hears how far all tenants are, and so whether the store answers.
async fn ask(tenants: Tenants, tell: watch::Sender<Vec<(String, i64)>>) {
    let mut tick = time::interval(REFRESH);
    let mut dropped = 0;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = tenants.store().told() => time::sleep(BREATH).await,
        }
        let now_dropped = tenants.logs().dropped();
        if now_dropped > dropped {
            let events = now_dropped - dropped;
            tracing::warn!(events, "the log queue was full: these events are lost");
            dropped = now_dropped;
        }
        let asked = time::timeout(ANSWER, tenants.store().tenants().revisions()).await;
        let revisions = asked.map_err(anyhow::Error::from).and_then(|told| Ok(told?));
        let (outage, now) = (tenants.outage(), tenants.clock().now());
        outage.heard(revisions.is_ok(), now);
        match revisions {
            Ok(revisions) => {
                let before = tell.send_replace(revisions);
                outage.followed(tenants.missing(&before) == 0, now);
            }
            Err(error) => later(Err::<(), _>(error), "could not ask the store what changed"),
        }
    }
}

/// Reads what changed, whenever it is told how far the tenants are.
async fn follow(tenants: Tenants, mut told: watch::Receiver<Vec<(String, i64)>>) {
    while told.changed().await.is_ok() {
        let revisions = told.borrow_and_update().clone();
        let followed = time::timeout(FOLLOW, tenants.follow(revisions)).await;
        let followed = followed.map_err(anyhow::Error::from).and_then(|followed| Ok(followed?));
        later(followed, "could not read what changed");
    }
}

/// Says again and again that this node is there, and how.
pub async fn tell_of(node: Node, tenants: Tenants, health: Health) {
    let began = node.begin(&tenants).await;
    later(began, "could not write down that this node is there");
    let mut tick = time::interval(nodes::EVERY);
    loop {
        tick.tick().await;
        let told = node.tell(&tenants, health.is_stopping()).await;
        later(told, "could not write down how this node is");
    }
}

/// Says at once that this node ends.
pub async fn tell_of_end(node: Node, tenants: Tenants) {
    later(node.tell(&tenants, true).await, "could not write down that this node ends");
}

/// Puts into buckets what was observed, also while nobody reads it.
pub async fn keep_up(metrics: Metrics) {
    let mut tick = time::interval(metrics::UPKEEP);
    loop {
        tick.tick().await;
        metrics.run_upkeep();
    }
}

/// Tells other nodes, and the next start, what is counted in memory.
async fn exchange_counts(tenants: Tenants) {
    let mut tick = time::interval(REFRESH);
    loop {
        tick.tick().await;
        later(tenants.exchange_counts().await, "could not write down what was counted");
    }
}

async fn write_credential_uses(tenants: Tenants) {
    let mut tick = time::interval(WRITE_USES);
    loop {
        tick.tick().await;
        tenants.write_credential_uses().await;
    }
}

/// What was good for one use is known only until it expires: a busy server would pile up an hour's worth of it.
async fn forget_used(tenants: Tenants) {
    let mut tick = time::interval(FORGET_USED);
    loop {
        tick.tick().await;
        later(
            tenants.store().used_once().prune(tenants.clock().now()).await,
            "could not forget what was used once",
        );
    }
}

/// Rotates signing keys by their schedules.
async fn rotate_keys(tenants: Tenants) {
    let mut tick = time::interval(LOOK_AT_KEYS);
    loop {
        tick.tick().await;
        let all: Vec<_> = tenants.all().into_iter().chain(tenants.administrators()).collect();
        later(idp::key_policy::rotate_due(&all).await, "could not rotate signing keys");
    }
}

/// Runs what takes longer than a request. Nodes share it.
async fn run_jobs(tenants: Tenants, lane: Lane) {
    let mut tick = time::interval(idp::jobs::LOOK);
    loop {
        tick.tick().await;
        match idp::jobs::run_due(&tenants, lane).await {
            // There may be another one.
            Ok(true) => tick.reset_immediately(),
            Ok(false) => {}
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "could not look for jobs");
            }
        }
    }
}

/// Sends what is due, mails or what else a carrier carries.
async fn send<C: Carrier>(tenants: Tenants, every: Duration, failure: &'static str) {
    let (mut tick, mut carrier) = (time::interval(every), C::default());
    loop {
        // What is sent makes room for more.
        tokio::select! {
            _ = tick.tick() => {}
            () = carrier.in_hand().next() => {}
        }
        later(carrier.look(&tenants).await, failure);
    }
}

/// Ends the sessions that have run out, and writes down whom to tell.
async fn sweep_sessions(tenants: Tenants) {
    let mut tick = time::interval(REFRESH);
    loop {
        tick.tick().await;
        later(backchannel::sweep(&tenants).await, "could not end sessions that have run out");
    }
}

async fn prune(tenants: Tenants, keeping: LogKeeping) {
    let mut tick = time::interval(PRUNE);
    loop {
        tick.tick().await;
        let before = keeping.expired(tenants.clock().now_ms());
        match tenants.store().logs().prune(None, before).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "removed log events that were kept long enough"),
            Err(error) => tracing::warn!(%error, "could not remove old log events"),
        }
        later(tenants.store().tallies().prune(tenants.clock().now_ms()).await, "could not remove old counts");
        match tenants.store().prune_traffic(tenants.clock().now()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed logins, sessions and tokens that had ended"),
            Err(error) => tracing::warn!(%error, "could not remove what had ended"),
        }
        let all: Vec<_> = tenants.all().into_iter().chain(tenants.administrators()).collect();
        later(
            idp::revocation::sweep(&all).await,
            "could not forget revocations that refuse nothing any more",
        );
        later(event_streams::sweep(&tenants).await, "could not forget events that were kept long enough");
        later(idp::log_streams::sweep(&all).await, "could not forget log streams that are gone");
        later(
            management_api::forget_deleted(&tenants.all()).await,
            "could not forget what was deleted long ago",
        );
        later(tenants.forget_old_changes().await, "could not shorten the list of changes");
    }
}
