//! Those who watch a tenant's log while it is written. They hear of an event once it can be read; whoever falls behind
//! loses the feed, never the writer's time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::db::{Row, Rows};
use crate::log_row::{COLUMNS, LogRow, column};

/// The watchers of all tenants. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFeed(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    watched: Mutex<HashMap<String, broadcast::Sender<Arc<LogRow>>>>,
    /// So that a log that nobody watches costs one look.
    is_watched: AtomicBool,
    is_closed: AtomicBool,
}

/// The events of a tenant from now on.
#[derive(Debug)]
pub struct Watch(broadcast::Receiver<Arc<LogRow>>);

/// Why there are no more events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Too many came since the last was taken.
    Behind,
    /// The log is closing.
    Closed,
}

/// Why a log cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWatched {
    /// So many watch it already.
    Full,
    Closed,
}

impl Watch {
    /// The next event.
    pub async fn next(&mut self) -> Result<Arc<LogRow>, Ended> {
        self.0.recv().await.map_err(|error| match error {
            RecvError::Lagged(_) => Ended::Behind,
            RecvError::Closed => Ended::Closed,
        })
    }
}

impl LogFeed {
    /// Watches a tenant's log.
    pub fn watch(&self, tenant: &str) -> Result<Watch, NotWatched> {
        let mut watched = self.watched();
        if self.0.is_closed.load(Ordering::Relaxed) {
            return Err(NotWatched::Closed);
        }
        let new = || broadcast::channel(KEPT).0;
        let sender = watched.entry(tenant.to_owned()).or_insert_with(new);
        if sender.receiver_count() >= MOST {
            return Err(NotWatched::Full);
        }
        self.0.is_watched.store(true, Ordering::Relaxed);
        Ok(Watch(sender.subscribe()))
    }

    /// The events among these that somebody watches, to be told once they are written.
    pub fn of_interest(&self, rows: &Rows) -> Vec<Arc<LogRow>> {
        if !self.0.is_watched.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut watched = self.watched();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        self.0.is_watched.store(!watched.is_empty(), Ordering::Relaxed);
        let rows = rows.iter::<{ COLUMNS.len() }>();
        rows.filter(|row| row[column::TENANT].text().is_some_and(|tenant| watched.contains_key(tenant)))
            .filter_map(|row| LogRow::from_row(&row.into_iter().map(Into::into).collect::<Row>()).ok())
            .map(Arc::new)
            .collect()
    }

    /// Tells the watchers.
    pub fn tell(&self, rows: Vec<Arc<LogRow>>) {
        if rows.is_empty() {
            return;
        }
        let watched = self.watched();
        for row in rows {
            if let Some(sender) = watched.get(&row.tenant) {
                // It fails when the last watcher has just gone.
                let _ = sender.send(row);
            }
        }
    }

    /// Ends every watch once it has heard what was told.
    pub fn close(&self) {
        let mut watched = self.watched();
        self.0.is_closed.store(true, Ordering::Relaxed);
        watched.clear();
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<String, broadcast::Sender<Arc<LogRow>>>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many may watch one tenant's log.
const MOST: usize = 20;
/// How far, in events, a watcher may fall behind.
const KEPT: usize = 4096;
