//! What is remembered, on SQLite or PostgreSQL; the only room that knows SQL. It keeps documents, tenants,
//! logs and the traffic of logins without knowing what any of them means.

mod consents;
mod consistency;
mod credential_uses;
pub mod db;
mod device_codes;
mod documents;
mod event_deliveries;
mod events;
mod failed_logins;
mod jobs;
mod latency;
mod limits;
mod log_condition;
mod log_feed;
mod log_flushes;
mod log_queue;
mod log_row;
mod log_seals;
mod log_spool;
mod log_streams;
mod log_writer;
mod logout_notices;
mod logs;
mod master;
mod nodes;
mod outbox;
mod refresh_tokens;
#[cfg(feature = "scratch")]
pub mod scratch;
mod sealed;
mod search;
mod sessions;
mod tallies;
mod tenants;
mod tickets;
mod ties;
mod traffic;
mod turns;
mod used_once;
mod writes;

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

pub use consents::{Consent, Consents, ConsentsOf};
pub use consistency::{Consistency, Misfit, Named, Names, StoredKey};
pub use credential_uses::{CredentialUse, CredentialUses};
pub use db::{Engine, Error, Part, Result, copy};
pub use device_codes::{DeviceCode, DeviceCodes, DeviceState};
pub use documents::{Change, Document, Documents, Matching, Span};
pub use event_deliveries::{EventCount, EventDeliveries, EventDelivery, EventLine, FailedEvents, Settled};
pub use events::{Addressee, EventPlace, Events, KeptEvent, Occurrence};
pub use failed_logins::FailedLogins;
pub use jobs::{Job, JobState, Jobs, Piece};
pub use latency::Spread;
pub use limits::{Limits, PenaltyRow, ProvedRow, UsageRow};
pub use log_condition::{Bound, Column, Condition};
pub use log_feed::{Ended, NotWatched, Watch};
pub use log_flushes::{Cursor, Page, Waiting};
pub use log_queue::LogQueue;
pub use log_row::LogRow;
pub use log_seals::{LogSeals, SealedPart};
pub use log_spool::{LogSpool, SPOOL};
pub use log_streams::{LogStreamState, LogStreams};
pub use logout_notices::{LogoutNotice, LogoutNotices};
pub use logs::Logs;
pub use master::{MasterError, MasterKeys, Why, WrappedKeys, key_file, new_data_key};
pub use nodes::{NodeRow, Nodes};
pub use outbox::{Mail, MailState, Outbox};
pub use refresh_tokens::{AuthorizationCode, Device, Family, Redeemed, RefreshToken, RefreshTokens, Which};
pub use schema::{Key, Used};
pub use sealed::{SealError, SealingKey, SealingRing};
pub use search::{Found, Order, Term, Terms, Wanted};
pub use sessions::{Session, Sessions};
pub use tallies::{Count, Did, Of, Outcome, Tallies, Use, Width};
pub use tenants::{TENANT, TenantRow, Tenants};
pub use tickets::{Ticket, Tickets};
pub use ties::{Forgotten, Held, Member, Tie, Ties};
pub use used_once::UsedOnce;
pub use writes::Write;

use db::Db;

/// Everything that is remembered. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    parts: Arc<Parts>,
}

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `countersign.db` and `logs.db` in a directory, which is made if need be.
    Sqlite { dir: PathBuf },
    /// A PostgreSQL database.
    Postgres { url: String },
}

#[derive(Debug)]
struct Parts {
    db: Db,
    documents: Documents,
    tenants: Tenants,
    logs: Logs,
    log_streams: LogStreams,
    log_seals: LogSeals,
    nodes: Nodes,
    tickets: Tickets,
    sessions: Sessions,
    logout_notices: LogoutNotices,
    refresh_tokens: RefreshTokens,
    device_codes: DeviceCodes,
    failed_logins: FailedLogins,
    limits: Limits,
    used_once: UsedOnce,
    credential_uses: CredentialUses,
    consents: Consents,
    ties: Ties,
    tallies: Tallies,
    outbox: Outbox,
    jobs: Jobs,
    events: Events,
    event_deliveries: EventDeliveries,
    log_db: Db,
}

impl Store {
    /// Opens the store, creating it or bringing it up to date if need be.
    pub async fn open(at: &Location) -> Result<Self> {
        let (db, log_db) = match at {
            Location::Sqlite { dir } => {
                DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Error::database)?;
                tokio::try_join!(Db::sqlite(dir.join(db::MAIN)), Db::sqlite_logs(dir.join(db::LOGS)))?
            }
            Location::Postgres { url } => {
                let db = Db::postgres(url).await?;
                (db.clone(), db)
            }
        };
        let logs = Logs::new(log_db.clone());
        let log_streams = LogStreams::new(log_db.clone());
        let log_seals = LogSeals::new(log_db.clone());
        let nodes = Nodes::new(log_db.clone());
        let tallies = Tallies::new(log_db.clone());
        let tenants = Tenants::new(db.clone(), log_db.clone());
        let documents = Documents::new(db.clone());
        let tickets = Tickets::new(db.clone());
        let sessions = Sessions::new(db.clone());
        let logout_notices = LogoutNotices::new(db.clone());
        let refresh_tokens = RefreshTokens::new(db.clone());
        let device_codes = DeviceCodes::new(db.clone());
        let failed_logins = FailedLogins::new(db.clone());
        let limits = Limits::new(db.clone());
        let used_once = UsedOnce::new(db.clone());
        let credential_uses = CredentialUses::new(db.clone());
        let consents = Consents::new(db.clone());
        let ties = Ties::new(db.clone());
        let outbox = Outbox::new(db.clone());
        let jobs = Jobs::new(db.clone());
        let events = Events::new(db.clone());
        let event_deliveries = EventDeliveries::new(db.clone());
        let parts = Parts {
            db,
            documents,
            tenants,
            logs,
            log_streams,
            log_seals,
            nodes,
            tallies,
            tickets,
            sessions,
            logout_notices,
            refresh_tokens,
            device_codes,
            failed_logins,
            limits,
            used_once,
            credential_uses,
            consents,
            ties,
            outbox,
            jobs,
            events,
            event_deliveries,
            log_db,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Declared nouns.
    pub fn documents(&self) -> &Documents {
        &self.parts.documents
    }

    /// Tenants and their revisions.
    pub fn tenants(&self) -> &Tenants {
        &self.parts.tenants
    }

    /// Tenant logs.
    pub fn logs(&self) -> &Logs {
        &self.parts.logs
    }

    /// How far log streams have read.
    pub fn log_streams(&self) -> &LogStreams {
        &self.parts.log_streams
    }

    /// Seals over tenant logs.
    pub fn log_seals(&self) -> &LogSeals {
        &self.parts.log_seals
    }

    /// The nodes that serve it.
    pub fn nodes(&self) -> &Nodes {
        &self.parts.nodes
    }

    /// Which database it is on.
    pub fn engine(&self) -> Engine {
        self.parts.db.engine()
    }

    /// What may be done once.
    pub fn tickets(&self) -> &Tickets {
        &self.parts.tickets
    }

    /// Browsers in which somebody has logged in.
    pub fn sessions(&self) -> &Sessions {
        &self.parts.sessions
    }

    /// What clients are still to be told of sessions that have ended.
    pub fn logout_notices(&self) -> &LogoutNotices {
        &self.parts.logout_notices
    }

    /// Authorization codes and refresh tokens.
    pub fn refresh_tokens(&self) -> &RefreshTokens {
        &self.parts.refresh_tokens
    }

    /// Devices that wait for their users.
    pub fn device_codes(&self) -> &DeviceCodes {
        &self.parts.device_codes
    }

    /// How often logins failed.
    pub fn failed_logins(&self) -> &FailedLogins {
        &self.parts.failed_logins
    }

    /// What attack protection and quotas have counted.
    pub fn limits(&self) -> &Limits {
        &self.parts.limits
    }

    /// What may be used only once until it expires.
    pub fn used_once(&self) -> &UsedOnce {
        &self.parts.used_once
    }

    /// When secrets, keys and certificates were used last.
    pub fn credential_uses(&self) -> &CredentialUses {
        &self.parts.credential_uses
    }

    /// What people have consented to.
    pub fn consents(&self) -> &Consents {
        &self.parts.consents
    }

    /// Who has which role, and who may do what.
    pub fn ties(&self) -> &Ties {
        &self.parts.ties
    }

    /// Mails that wait, and those that are looked at.
    pub fn outbox(&self) -> &Outbox {
        &self.parts.outbox
    }

    /// What takes longer than a request.
    pub fn jobs(&self) -> &Jobs {
        &self.parts.jobs
    }

    /// What happened, for those who fetch it.
    pub fn events(&self) -> &Events {
        &self.parts.events
    }

    /// What happened, on its way to those who are told.
    pub fn event_deliveries(&self) -> &EventDeliveries {
        &self.parts.event_deliveries
    }

    /// Removes, of all tenants, what had ended at a time in seconds since 1970; answers how much that was.
    pub async fn prune_traffic(&self, now: i64) -> Result<u64> {
        traffic::prune(&self.parts.db, now).await
    }

    /// Whether it all fits together.
    pub fn consistency(&self) -> Consistency<'_> {
        Consistency { db: &self.parts.db, log_db: &self.parts.log_db }
    }

    /// How many tokens were asked for.
    pub fn tallies(&self) -> &Tallies {
        &self.parts.tallies
    }

    /// From now on hears at once of what other nodes change, where the database has a way to say it.
    pub fn listen(&self) {
        self.parts.db.listen();
    }

    /// Returns when another node may have changed something since somebody waited last; never, where nobody listens. One
    /// may wait.
    pub async fn told(&self) {
        self.parts.db.heard().await;
    }

    /// Finishes what has been asked for and lets go of the database, also for clones of this store.
    pub async fn close(self) {
        self.parts.db.close().await;
        self.parts.log_db.close().await;
    }
}

impl Location {
    /// Whether it can be understood. Nothing is read and nobody called.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Sqlite { .. } => Ok(()),
            Self::Postgres { url } => Db::check_address(url),
        }
    }

    /// Whether somebody on the way to it could pose as the database.
    pub fn believes_anybody(&self) -> bool {
        match self {
            Self::Sqlite { .. } => false,
            Self::Postgres { url } => Db::believes_anybody(url).unwrap_or(true),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { dir } => formatter.debug_struct("Sqlite").field("dir", dir).finish(),
            // The address holds a password.
            Self::Postgres { .. } => formatter.write_str("Postgres { url: Secret(..) }"),
        }
    }
}
