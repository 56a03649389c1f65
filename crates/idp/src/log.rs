//! What happened, as the tenant's log keeps it. A door says it once; the queue writes it later.

mod record;

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{Timestamp, tz::TimeZone};
use model::LogType;
use serde::Serialize;
use serde_json::{Map, Value};
pub use store::Outcome;
use store::{Did, LogRow, NotWatched, Watch};

pub use self::record::record;
use crate::{Tenant, token::Trace};

/// As much of a stranger's text as the log keeps.
pub fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

/// One event, in the terms of Auth0's log records.
#[derive(Debug)]
pub struct Event {
    pub kind: LogType,
    pub description: String,
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub hostname: Option<String>,
    pub audience: Option<String>,
    pub scope: Option<String>,
    pub organization_id: Option<String>,
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    pub connection: Option<String>,
    pub connection_id: Option<String>,
    /// What it is about, where that has a history: kind and identifier.
    pub object: Option<String>,
    /// What a request for a token came to, step by step; the record's `details.trace`.
    pub trace: Option<Box<Trace>>,
    /// How a request for a token ended, to be counted.
    pub outcome: Option<Outcome>,
    /// All other members of the record.
    pub rest: Map<String, Value>,
}

impl Event {
    /// What happened, and nothing about whom.
    pub fn new(kind: LogType, description: impl Into<String>) -> Event {
        Event {
            kind,
            description: description.into(),
            client_id: None,
            client_name: None,
            ip: None,
            user_agent: None,
            hostname: None,
            audience: None,
            scope: None,
            organization_id: None,
            user_id: None,
            user_name: None,
            connection: None,
            connection_id: None,
            object: None,
            trace: None,
            outcome: None,
            rest: Map::new(),
        }
    }
}

impl Tenant {
    /// Queues an event; never waits.
    pub fn log(&self, event: Event) {
        let now = self.0.clock.now_ms();
        self.log_as(log_id(now), now, event);
    }

    /// The same, and answers the identifier under which the event will be found.
    pub fn log_and_tell(&self, event: Event) -> String {
        let now = self.0.clock.now_ms();
        let log_id = log_id(now);
        self.log_as(log_id.clone(), now, event);
        log_id
    }

    fn log_as(&self, log_id: String, now: i64, event: Event) {
        let rest = rest(event.rest, event.trace.as_deref());
        let row = LogRow {
            tenant: self.0.name.clone(),
            log_id,
            date: now,
            kind: event.kind.code().to_owned(),
            description: Some(event.description),
            client_id: event.client_id,
            client_name: event.client_name,
            ip: event.ip,
            hostname: event.hostname,
            user_id: event.user_id,
            user_name: event.user_name,
            user_agent: event.user_agent,
            // There is one kind of connection that people log in by, so its name says the rest.
            strategy: event.connection.as_ref().map(|_| "auth0".to_owned()),
            strategy_type: event.connection.as_ref().map(|_| "database".to_owned()),
            connection: event.connection,
            connection_id: event.connection_id,
            organization_id: event.organization_id,
            scope: event.scope,
            audience: event.audience,
            rest,
            object: event.object,
            outcome: event.outcome,
            did: did(event.kind),
        };
        // A flood of refusals does not push out what the tenant's administrators did.
        match event.kind {
            LogType::Sapi | LogType::MgmtApiRead | LogType::S | LogType::Ss | LogType::Scp => {
                self.0.logs.push_important(row)
            }
            LogType::Seccft
            | LogType::Feccft
            | LogType::Fapi
            | LogType::ApiLimit
            | LogType::ApiLimitWarning
            | LogType::TokenQuotaConsumptionWarning
            | LogType::LimitWc
            | LogType::LimitMu
            | LogType::ActionsExecutionFailed
            | LogType::ActionsExecuted
            | LogType::Depnote
            | LogType::F
            | LogType::Fp
            | LogType::Fu
            | LogType::Fs
            | LogType::Fcp
            | LogType::Ssa
            | LogType::Fsa
            | LogType::OidcBackchannelLogoutSucceeded
            | LogType::OidcBackchannelLogoutFailed
            | LogType::Seacft
            | LogType::Feacft
            | LogType::Sertft
            | LogType::Fertft
            | LogType::Ferrt
            | LogType::Sepft
            | LogType::Fepft
            | LogType::Sede
            | LogType::Fede
            | LogType::Fdeaz
            | LogType::Fdeac
            | LogType::Fdecc
            | LogType::Srrt
            | LogType::Slo
            | LogType::Flo
            | LogType::AclsSummary
            | LogType::Scpr
            | LogType::Fcpr
            | LogType::Sv
            | LogType::Fv
            | LogType::Svr
            | LogType::Fvr
            | LogType::Fn
            | LogType::PwdLeak
            | LogType::SignupPwdLeak
            | LogType::ResetPwdLeak
            | LogType::Ublkdu
            | LogType::Sui
            | LogType::Fui => self.0.logs.push(row),
        }
    }

    /// Watches what this node writes into the tenant's log from now on.
    pub fn watch_logs(&self) -> Result<Watch, NotWatched> {
        self.0.logs.watch(&self.0.name)
    }

    /// Writes what this node has queued, so that a read sees it.
    pub async fn flush_logs(&self) {
        self.0.logs.flush().await;
    }
}

/// What of a person's doing is counted by the day.
fn did(kind: LogType) -> Option<Did> {
    match kind.code() {
        "s" | "sepft" => Some(Did::LogIn),
        "ss" => Some(Did::SignUp),
        "pwd_leak" | "signup_pwd_leak" | "reset_pwd_leak" => Some(Did::LeakedPassword),
        _ => None,
    }
}

/// All other members of the record as the row keeps them: one text, written once.
fn rest(mut members: Map<String, Value>, trace: Option<&Trace>) -> Option<String> {
    #[derive(Serialize)]
    struct Rest<'a> {
        #[serde(flatten)]
        members: &'a Map<String, Value>,
        details: Details<'a>,
    }
    #[derive(Serialize)]
    struct Details<'a> {
        #[serde(flatten)]
        members: Option<&'a Map<String, Value>>,
        trace: &'a Trace,
    }
    let Some(trace) = trace else {
        return (!members.is_empty()).then(|| Value::Object(members).to_string());
    };
    let details = members.remove("details");
    let details = Details { members: details.as_ref().and_then(Value::as_object), trace };
    Some(
        serde_json::to_string(&Rest { members: &members, details })
            .expect("texts and numbers are always JSON"),
    )
}

/// 56 digits that sort by time: `900`, the UTC time to the millisecond, a number of this process, a sequence.
fn log_id(now_ms: i64) -> String {
    static SEQUENCE: AtomicU64 = AtomicU64::new(0);
    static PROCESS: std::sync::LazyLock<u64> =
        std::sync::LazyLock::new(|| u64::from_be_bytes(jose::random_bytes::<8>()) % 1_000_000_000_000);
    let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed);
    format!("{}{:012}{sequence:024}", first_log_id(now_ms), *PROCESS)
}

/// What no identifier of that millisecond, or of a later one, sorts before.
pub fn first_log_id(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let time = TimeZone::UTC.to_datetime(time);
    format!(
        "900{:04}{:02}{:02}{:02}{:02}{:02}{:03}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.subsec_nanosecond() / 1_000_000
    )
}
