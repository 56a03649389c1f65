//! Notices between nodes on PostgreSQL: who has committed a change says so, and others look at once. Nothing depends on
//! them: one that is lost, or a database between which and us somebody shares connections out, costs the time until the next
//! look. They say that something changed, never what.

use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time;
use tokio_postgres::{AsyncMessage, Connection};

use super::postgres_address::Address;

/// What this node says and hears. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Notices(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Where the database is.
    at: Address,
    /// Rung when this node has committed a change.
    said: Notify,
    /// Rung when another one may have.
    heard: Notify,
    listening: OnceLock<AbortHandle>,
}

impl Notices {
    /// Nothing is said or heard before it is started.
    pub fn new(at: Address) -> Self {
        let (said, heard, listening) = (Notify::new(), Notify::new(), OnceLock::new());
        Self(Arc::new(Shared { at, said, heard, listening }))
    }

    /// Says that something was changed here, if that is passed on. Never waits.
    pub fn say(&self) {
        self.0.said.notify_one();
    }

    /// Returns when another node may have changed something since somebody waited last. One may wait.
    pub async fn heard(&self) {
        self.0.heard.notified().await;
    }

    /// Passes on and listens from now on, on a connection of its own.
    pub fn start(&self) {
        self.0.listening.get_or_init(|| tokio::spawn(self.clone().run()).abort_handle());
    }

    /// Neither passes on nor listens any more.
    pub fn stop(&self) {
        if let Some(task) = self.0.listening.get() {
            task.abort();
        }
    }

    async fn run(self) {
        let mut number = [0; 8];
        // Where it fails all nodes have the same one, and hear nothing of each other until they look.
        let _ = rand::fill(&mut number);
        let own = u64::from_be_bytes(number).to_string();
        loop {
            if let Err(error) = self.session(&own).await {
                tracing::debug!(%error, "nodes do not hear of each other's changes until they look");
            }
            time::sleep(RETRY).await;
        }
    }

    /// One connection, for as long as it lasts.
    async fn session(&self, own: &str) -> Result<(), tokio_postgres::Error> {
        let (client, mut connection) = self.0.at.connect().await?;
        let talk = async {
            client.batch_execute(LISTEN).await?;
            // What was said before is not repeated.
            self.0.heard.notify_one();
            loop {
                self.0.said.notified().await;
                client.execute(SAY, &[&own]).await?;
            }
        };
        tokio::select! {
            ended = talk => ended,
            ended = self.listen(&mut connection, own) => ended,
        }
    }

    async fn listen<S, T>(
        &self,
        connection: &mut Connection<S, T>,
        own: &str,
    ) -> Result<(), tokio_postgres::Error>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match message? {
                AsyncMessage::Notification(notice) if notice.payload() != own => self.0.heard.notify_one(),
                _ => {}
            }
        }
        Ok(())
    }
}

const LISTEN: &str = "listen countersign_changes";
/// With the number of the node, which need not hear of itself.
const SAY: &str = "select cast(pg_notify('countersign_changes', $1) as text)";
const RETRY: Duration = Duration::from_secs(1);
