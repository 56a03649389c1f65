//! How many requests for tokens there were, and how they ended: counted by slots of time while their log events are
//! written, in the same transaction or, while many come, in that of later ones. An event that is dropped is not counted;
//! nothing else is asked of those who log.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::db::{Cell, Db, Result, Row, Rows, Statement, Value};
use crate::latency::{Spread, bucket};
use crate::log_row::{COLUMNS, Note, column};

/// The counts of all tenants.
#[derive(Clone, Debug)]
pub struct Tallies {
    db: Db,
}

/// How a request for a token ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it was refused, in one of a few words; or a token was issued.
    pub refusal: Option<Cow<'static, str>>,
    /// How long it was handled.
    pub took: Duration,
    /// Whether the client that it names exists. What strangers make up is counted under no name.
    pub knows_client: bool,
    /// The same of the API.
    pub knows_api: bool,
}

/// What a person did, or what became known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Did {
    LogIn,
    SignUp,
    /// Somebody used a password that strangers know.
    LeakedPassword,
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    All,
    /// Refusals, by their reasons.
    Reason,
    /// By buckets of how long they took, see [`Spread`].
    Latency,
    /// By client, in hours only.
    Client,
    /// By API, in hours only.
    Api,
    /// Logins of people, in hours only; each counts as issued.
    Logins,
    SignUps,
    LeakedPasswords,
}

/// How long a slot is. Slots begin at whole minutes and hours of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Width {
    Minute,
    Hour,
}

/// What was counted for one value, in one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The client, the API, the reason, the bucket; nothing where strangers made it up.
    pub value: String,
    /// Milliseconds since 1970.
    pub start: i64,
    pub issued: i64,
    pub refused: i64,
}

/// When a client was last issued a token, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub client_id: String,
    pub last: i64,
}

impl Tallies {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// The counts of these values, or of all, from one time to before another, added up over steps that begin at
    /// their multiples.
    pub async fn series(
        &self,
        tenant: &str,
        (of, width): (Of, Width),
        (from, to): (i64, i64),
        step: i64,
        values: Option<&[String]>,
    ) -> Result<Vec<Count>> {
        let mut arguments = place(tenant, of, width);
        arguments.extend([from.into(), to.into(), step.max(1).into()]);
        let which = listed(values, &mut arguments);
        let sql = format!(
            "select value, slot / $6 * $6 as start, cast(sum(issued) as bigint), cast(sum(refused) as bigint)
             from tallies where tenant = $1 and name = $2 and width = $3 and slot >= $4 and slot < $5{which}
             group by value, slot / $6 * $6 order by start, value"
        );
        self.db.rows(sql, arguments).await?.iter().map(count).collect()
    }

    /// Everything in that time as one series.
    pub async fn total(
        &self,
        tenant: &str,
        (of, width): (Of, Width),
        (from, to): (i64, i64),
        step: i64,
    ) -> Result<Vec<Count>> {
        let mut arguments = place(tenant, of, width);
        arguments.extend([from.into(), to.into(), step.max(1).into()]);
        let sql =
            "select '', slot / $6 * $6 as start, cast(sum(issued) as bigint), cast(sum(refused) as bigint)
                   from tallies where tenant = $1 and name = $2 and width = $3 and slot >= $4 and slot < $5
                   group by slot / $6 * $6 order by start";
        self.db.rows(sql, arguments).await?.iter().map(count).collect()
    }

    /// How long requests took, step by step.
    pub async fn latency(
        &self,
        tenant: &str,
        width: Width,
        (from, to): (i64, i64),
        step: i64,
    ) -> Result<Vec<Spread>> {
        let counts = self.series(tenant, (Of::Latency, width), (from, to), step, None).await?;
        Ok(counts
            .chunk_by(|one, next| one.start == next.start)
            .map(|counts| Spread::of(counts[0].start, counts))
            .collect())
    }

    /// The values that were counted most in that time, the first of them most.
    pub async fn top(
        &self,
        tenant: &str,
        (of, width): (Of, Width),
        (from, to): (i64, i64),
        take: i64,
    ) -> Result<Vec<String>> {
        let mut arguments = place(tenant, of, width);
        arguments.extend([from.into(), to.into(), take.into()]);
        let sql = "select value from tallies where tenant = $1 and name = $2 and width = $3
                   and slot >= $4 and slot < $5 and value <> ''
                   group by value order by sum(issued) + sum(refused) desc, value limit $6";
        self.db.rows(sql, arguments).await?.iter().map(|row| row.text(0)).collect()
    }

    /// When these clients were last issued a token, of those that ever were while counts are kept.
    pub async fn last_used(&self, tenant: &str, client_ids: &[String]) -> Result<Vec<Use>> {
        let mut arguments = place(tenant, Of::Client, Width::Hour);
        let which = listed(Some(client_ids), &mut arguments);
        let sql = format!(
            "select value, max(latest) from tallies where tenant = $1 and name = $2 and width = $3{which}
             group by value"
        );
        let used = |row: &Row| Ok(Use { client_id: row.text(0)?, last: row.int(1)? });
        let rows = self.db.rows(sql, arguments).await?.iter().map(used).collect::<Result<Vec<_>>>()?;
        Ok(rows.into_iter().filter(|used| used.last > 0).collect())
    }

    /// How many people have logged in since a time in milliseconds since 1970, as far back as that is kept.
    pub async fn active_people(&self, tenant: &str, since: i64) -> Result<i64> {
        let sql = "select count(*) from active_people where tenant = $1 and last >= $2";
        let rows = self.db.rows(sql, vec![tenant.into(), since.into()]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Forgets what is older than it is kept.
    pub async fn prune(&self, now_ms: i64) -> Result<u64> {
        let old = |width: Width| {
            // In small steps, between which new events are written.
            let sql = "delete from tallies where (tenant, name, width, value, slot) in (
                         select tenant, name, width, value, slot from tallies where width = $1 and slot < $2 limit $3)";
            let before = now_ms - width.kept_ms();
            Statement::new(sql, vec![width.ms().into(), before.into(), STEP.into()])
        };
        let inactive = || {
            let sql = "delete from active_people where (tenant, user_id) in (
                         select tenant, user_id from active_people where last < $1 limit $2)";
            Statement::new(sql, vec![(now_ms - ACTIVE).into(), STEP.into()])
        };
        let mut deleted = 0;
        for what in [Some(Width::Minute), Some(Width::Hour), None] {
            loop {
                let statement = what.map_or_else(inactive, old);
                let step: u64 = self.db.commit(vec![statement].into()).await?.counts.iter().sum();
                deleted += step;
                if step < STEP.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(deleted)
    }
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Reason => "reason",
            Self::Latency => "latency",
            Self::Client => "client",
            Self::Api => "api",
            Self::Logins => "logins",
            Self::SignUps => "signups",
            Self::LeakedPasswords => "leaked_passwords",
        }
    }
}

impl Width {
    /// In milliseconds.
    pub fn ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
        }
    }

    /// How long, in milliseconds, such slots are kept.
    pub fn kept_ms(self) -> i64 {
        match self {
            Self::Minute => 7 * DAY,
            Self::Hour => 60 * DAY,
        }
    }

    fn slot(self, ms: i64) -> i64 {
        ms.div_euclid(self.ms()) * self.ms()
    }
}

/// What events add to the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Added(HashMap<String, OfTenant>);

#[derive(Clone, Debug, Default)]
struct OfTenant {
    counts: HashMap<Slot, HashMap<String, Sum>>,
    /// By users, when they logged in last.
    active: HashMap<String, i64>,
}

/// One thing that is counted, in one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Slot {
    of: Of,
    width: Width,
    start: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    issued: i64,
    refused: i64,
    latest: i64,
}

impl Added {
    /// Counts events, which are noted in the order of their rows.
    pub fn count(&mut self, rows: &Rows, notes: &[Note]) {
        for (row, note) in rows.iter::<{ COLUMNS.len() }>().zip(notes) {
            if note.outcome.is_some() || note.did.is_some() {
                let tenant = row[column::TENANT].text().unwrap_or_default();
                at(&mut self.0, tenant, |of_tenant| of_tenant.count(&row, note));
            }
        }
    }

    /// What writes it all down.
    pub fn statements(&self) -> Vec<Statement> {
        let of_tenants = self.0.iter();
        let mut counts: Vec<(&str, Slot, &str, &Sum)> = of_tenants
            .flat_map(|(tenant, of_tenant)| {
                let slots = of_tenant.counts.iter();
                slots.flat_map(move |(slot, sums)| {
                    sums.iter().map(move |(value, sum)| (tenant.as_str(), *slot, value.as_str(), sum))
                })
            })
            .collect();
        let mut active: Vec<(&str, &str, i64)> = self
            .0
            .iter()
            .flat_map(|(tenant, of_tenant)| {
                let users = of_tenant.active.iter();
                users.map(move |(user_id, last)| (tenant.as_str(), user_id.as_str(), *last))
            })
            .collect();
        // In one order, so that two nodes that write the same rows do not wait for each other.
        counts.sort_unstable_by_key(|(tenant, slot, value, _)| (*tenant, *slot, *value));
        active.sort_unstable();
        let counts = counts.into_iter().map(|(tenant, slot, value, sum)| sum.added(tenant, slot, value));
        counts.chain(active.into_iter().map(|(tenant, user_id, last)| seen(tenant, user_id, last))).collect()
    }
}

impl OfTenant {
    fn count(&mut self, row: &[Cell<'_>; COLUMNS.len()], note: &Note) {
        let Cell::Int(date) = row[column::DATE] else { return };
        let text = |column: usize| row[column].text().filter(|text| text.len() <= LONGEST);
        if let Some(did) = note.did {
            self.add(did.counted_as(), Width::Hour, date, "", |sum| sum.issue(date));
            if let (Did::LogIn, Some(user_id)) = (did, text(column::USER_ID)) {
                at(&mut self.active, user_id, |last| *last = date.max(*last));
            }
        }
        let Some(outcome) = &note.outcome else { return };
        let count = |sum: &mut Sum| sum.count(outcome, date);
        let bucket = bucket(outcome.took).to_string();
        for width in [Width::Minute, Width::Hour] {
            self.add(Of::All, width, date, "", count);
            self.add(Of::Latency, width, date, &bucket, count);
            if let Some(reason) = &outcome.refusal {
                self.add(Of::Reason, width, date, reason, count);
            }
        }
        // Counted under its name, unless nobody knows it or no index takes it.
        let named = |column, is_known: bool| text(column).filter(|_| is_known).unwrap_or_default();
        self.add(Of::Client, Width::Hour, date, named(column::CLIENT_ID, outcome.knows_client), count);
        self.add(Of::Api, Width::Hour, date, named(column::AUDIENCE, outcome.knows_api), count);
    }

    fn add(&mut self, of: Of, width: Width, date: i64, value: &str, add: impl FnOnce(&mut Sum)) {
        let slot = Slot { of, width, start: width.slot(date) };
        at(self.counts.entry(slot).or_default(), value, add);
    }
}

/// Changes what stands under a name; the name is copied only where it is new.
fn at<T: Default>(map: &mut HashMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    match map.get_mut(name) {
        Some(known) => change(known),
        None => change(map.entry(name.to_owned()).or_default()),
    }
}

impl Sum {
    fn count(&mut self, outcome: &Outcome, date: i64) {
        match outcome.refusal {
            Some(_) => self.refused += 1,
            None => self.issue(date),
        }
    }

    fn issue(&mut self, date: i64) {
        self.issued += 1;
        self.latest = self.latest.max(date);
    }

    /// What adds it to the table.
    fn added(&self, tenant: &str, slot: Slot, value: &str) -> Statement {
        let sql = "insert into tallies (tenant, name, width, value, slot, issued, refused, latest)
                   values ($1, $2, $3, $4, $5, $6, $7, $8)
                   on conflict (tenant, name, width, value, slot) do update set
                     issued = tallies.issued + excluded.issued, refused = tallies.refused + excluded.refused,
                     latest = case when excluded.latest > tallies.latest then excluded.latest
                              else tallies.latest end";
        let mut arguments = place(tenant, slot.of, slot.width);
        arguments.extend([value.into(), slot.start.into()]);
        arguments.extend([self.issued, self.refused, self.latest].map(Value::from));
        Statement::new(sql, arguments)
    }
}

/// That somebody has logged in.
fn seen(tenant: &str, user_id: &str, last: i64) -> Statement {
    let sql = "insert into active_people (tenant, user_id, last) values ($1, $2, $3)
               on conflict (tenant, user_id) do update set
                 last = case when excluded.last > active_people.last then excluded.last
                        else active_people.last end";
    Statement::new(sql, vec![tenant.into(), user_id.into(), last.into()])
}

impl Did {
    fn counted_as(self) -> Of {
        match self {
            Self::LogIn => Of::Logins,
            Self::SignUp => Of::SignUps,
            Self::LeakedPassword => Of::LeakedPasswords,
        }
    }
}

fn place(tenant: &str, of: Of, width: Width) -> Vec<Value> {
    vec![tenant.into(), of.name().into(), width.ms().into()]
}

/// The condition that a value is one of these.
fn listed(values: Option<&[String]>, arguments: &mut Vec<Value>) -> String {
    let Some(values) = values else { return String::new() };
    let mut places = Vec::new();
    for value in values {
        arguments.push(value.as_str().into());
        places.push(format!("${}", arguments.len()));
    }
    if places.is_empty() { " and 1 = 0".to_owned() } else { format!(" and value in ({})", places.join(", ")) }
}

fn count(row: &Row) -> Result<Count> {
    Ok(Count { value: row.text(0)?, start: row.int(1)?, issued: row.int(2)?, refused: row.int(3)? })
}

const DAY: i64 = 24 * 3_600_000;
const STEP: i64 = 5000;
/// How long, in milliseconds, somebody counts as active after a login.
const ACTIVE: i64 = 31 * DAY;
/// PostgreSQL refuses index entries beyond 2,704 bytes.
const LONGEST: usize = 1500;
