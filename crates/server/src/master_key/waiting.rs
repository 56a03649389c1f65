//! A start for which the key service has to be asked: it is asked again and again while it is away, and meanwhile this node
//! says that it lives and is not ready, as soon as an answer takes its time. Nothing else is served.

use std::{future::Future, os::fd::AsFd, pin::pin, time::Duration};

use anyhow::{Result, bail};
use axum::{Json, Router, routing::get};
use http::{StatusCode, header::RETRY_AFTER};
use serde_json::json;
use store::SealingRing;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;
use web::Limits;

use super::{Lies, is_away, misfit, ring};
use crate::{
    config::Config,
    health::{LIVE, OLDER, READY},
};

/// What nobody notices: so long nothing is said.
const SOON: Duration = Duration::from_millis(500);
/// The first pause between two tries, which doubles.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The master keys, as soon as they are to be had. What the service refuses, it would refuse again: that ends the start.
pub async fn master_keys(
    config: &Config,
    is_new: bool,
    listeners: [Option<&TcpListener>; 2],
) -> Result<SealingRing> {
    let mut asking = pin!(asked(config, is_new));
    let keys = match time::timeout(SOON, &mut asking).await {
        Ok(keys) => keys?,
        Err(_) => {
            let plain = listeners.iter().flatten().filter_map(|listener| listener.local_addr().ok());
            let says_so = plain.map(|address| format!(", as http://{address}{READY} says")).next();
            let says_so = says_so.unwrap_or_default();
            tracing::warn!("the master key is not unwrapped yet: this node is not ready{says_so}");
            let keys = meanwhile(listeners, asking).await??;
            tracing::info!("the master key is unwrapped");
            keys
        }
    };
    if let Some(misfit) = misfit(config, &Lies::of(config))? {
        tracing::warn!("{misfit}");
    }
    Ok(keys)
}

/// Asks until there is an answer.
async fn asked(config: &Config, is_new: bool) -> Result<SealingRing> {
    let mut pause = PAUSE;
    loop {
        match ring(config, is_new).await {
            Err(error) if is_away(&error) => {
                tracing::error!("{error:#}: trying again in {} s", pause.as_secs());
            }
            keys => return keys,
        }
        time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Answers for this node until something is done, or somebody stops it.
async fn meanwhile<T>(listeners: [Option<&TcpListener>; 2], done: impl Future<Output = T>) -> Result<T> {
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let mut listening = JoinSet::new();
    for listener in listeners.into_iter().flatten() {
        // The same socket under another number, so that it is there without a gap when this one goes.
        let beside = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
        let limits = Limits { drain: Duration::from_secs(1), ..Limits::default() };
        listening.spawn(web::serve(TcpListener::from_std(beside)?, None, starting(), limits, stop.clone()));
    }
    let done = tokio::select! {
        done = done => done,
        _ = terminate.recv() => bail!("stopped before the master key could be unwrapped"),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            bail!("stopped before the master key could be unwrapped")
        }
    };
    stop.cancel();
    while let Some(ended) = listening.join_next().await {
        ended??;
    }
    Ok(done)
}

fn starting() -> Router {
    let later = async || {
        let words = json!({ "status": "starting", "waits_for": "the service that unwraps the master key" });
        (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], Json(words))
    };
    Router::new()
        .route(LIVE, get(async || Json(json!({ "status": "live" }))))
        .route(READY, get(later))
        .route(OLDER, get(later))
        .fallback(later)
}
