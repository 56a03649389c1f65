//! Holds a log against its seals, a few parts at a time. It changes nothing, and needs no server that runs. What it remembers
//! on the way is what lies out of order, however long the log is.

use std::{
    collections::{BTreeSet, HashSet},
    mem,
};

use jose::Token;
use serde::{Deserialize, Serialize};
use store::{Cursor, SealedPart};

use super::{Checkpoint, Key, TYP, chained_seal, keys, lines, own_seal, read};
use crate::{Result, Tenant, log::first_log_id};

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// The event is gone, and was not old enough to go.
    Removed { log_id: String },
    /// The event says something else than it did.
    Altered { log_id: String },
    /// Something else stood before it: it was moved, or what was there was taken out together with its seal.
    Moved { log_id: String, behind: Option<String> },
    /// The event was never sealed, though later ones were.
    Added { log_id: String },
    /// Seals are gone, of these parts.
    MissingParts { from: i64, to: i64 },
    /// The part is sealed under a key that is not known here.
    UnknownKey { part: i64, key: String },
    /// A checkpoint is not the tenant's, or says something else than the log.
    Checkpoint { part: Option<i64>, reason: Doubt },
}

/// Why a checkpoint is doubted, or the log that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It is not signed by this tenant.
    Unsigned,
    /// It says something else than the seals.
    Contradicts,
    /// The seals that it is about are gone.
    SealsGone,
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many events have seals.
    pub sealed: usize,
    /// How many are too new for one.
    pub unsealed: usize,
    /// How many were old enough to go, and have gone.
    pub expired: usize,
    /// How many checkpoints were believed and agree.
    pub checkpoints: usize,
    /// How many are of events that were old enough to go, and whose seals have gone with them.
    pub expired_checkpoints: usize,
    pub first: Option<String>,
    pub last: Option<String>,
    pub findings: Vec<Finding>,
}

/// Holds the log of a tenant against its seals, and against checkpoints that somebody kept. What was logged before a time,
/// in milliseconds since 1970, may be gone.
pub async fn verify(tenant: &Tenant, kept: &[String], expired: i64) -> Result<Report> {
    let mut verification = Verification::begin(tenant, kept, expired, None).await?;
    while verification.step().await? {}
    Ok(verification.report)
}

/// A log on its way to be verified.
pub struct Verification<'a> {
    tenant: &'a Tenant,
    /// What sorts before it may be gone.
    expired: String,
    pub report: Report,
    matching: Matching,
    /// The part before: its number, its last event and its last seal.
    before: Option<(i64, Option<String>, String)>,
    /// Checkpoints that somebody kept, of parts that were not met yet.
    kept: Vec<Checkpoint>,
    keys: Vec<Key>,
    stage: Stage,
    /// The first part that is looked at, and the last that there was at the beginning.
    span: (i64, i64),
}

/// What is looked at next.
enum Stage {
    /// What follows the part of this number, which goes as far as this.
    Parts(i64, Cursor),
    /// What has no seal yet: from where, as far as the log was at the beginning.
    Unsealed(Cursor, Cursor),
    Done,
}

impl<'a> Verification<'a> {
    /// Begins to look at all that is kept, or at what was logged since a time, in milliseconds since 1970. What was logged
    /// before another may be gone.
    pub async fn begin(
        tenant: &'a Tenant,
        kept: &[String],
        expired: i64,
        since: Option<i64>,
    ) -> Result<Verification<'a>> {
        let seals = tenant.store().log_seals();
        let last = seals.last(tenant.name()).await?;
        let first = match since {
            Some(since) => seals.first_since(tenant.name(), since).await?,
            None => seals.first(tenant.name()).await?.map(|first| first.part),
        };
        let end = last.as_ref().map(|last| (last.part, last.end.clone())).unwrap_or_default();
        // Nothing since is sealed: what follows the last seal is all there is.
        let (before, cursor) = first.map_or(end.clone(), |first| (first - 1, Cursor::default()));
        let mut verification = Verification {
            tenant,
            // Whether what may be gone was sealed once is not known any more.
            matching: Matching::behind(first_log_id(since.map_or(expired, |since| since.max(expired)))),
            expired: first_log_id(expired),
            report: Report::default(),
            before: None,
            kept: Vec::new(),
            keys: keys(tenant).await?,
            stage: Stage::Parts(before, cursor),
            span: (before + 1, end.0),
        };
        for compact in kept {
            match verification.believed(compact.trim()) {
                Some(checkpoint) => verification.kept.push(checkpoint),
                None => verification.complain(None, Doubt::Unsigned),
            }
        }
        Ok(verification)
    }

    /// How many parts have been looked at, of how many.
    pub fn progress(&self) -> (i64, i64) {
        let (first, last) = self.span;
        let all = (last + 1 - first).max(0);
        match &self.stage {
            Stage::Parts(part, _) => ((part + 1 - first).clamp(0, all), all),
            Stage::Unsealed(..) | Stage::Done => (all, all),
        }
    }

    /// Goes on for some parts; tells whether there is more.
    pub async fn step(&mut self) -> Result<bool> {
        match mem::replace(&mut self.stage, Stage::Done) {
            Stage::Parts(part, end) => {
                let parts = self.tenant.store().log_seals().after(self.tenant.name(), part, PARTS).await?;
                let Some(last) = parts.last() else {
                    self.miss_kept();
                    let head = self.tenant.store().log_streams().end(self.tenant.name()).await?;
                    self.stage = Stage::Unsealed(end, head);
                    return Ok(true);
                };
                self.stage = Stage::Parts(last.part, last.end.clone());
                for sealed in parts {
                    self.part(sealed).await?;
                }
                self.matching.go_on(self.tenant).await?;
            }
            Stage::Unsealed(from, head) => {
                let (end, has_more) = self.unsealed(&from).await?;
                if has_more && end.number < head.number {
                    self.matching.go_on(self.tenant).await?;
                    self.stage = Stage::Unsealed(end, head);
                } else {
                    self.finish(end).await?;
                }
            }
            Stage::Done => {}
        }
        Ok(!matches!(self.stage, Stage::Done))
    }

    /// Checkpoints of parts that were not there.
    fn miss_kept(&mut self) {
        for checkpoint in mem::take(&mut self.kept) {
            match checkpoint.log_id < self.expired {
                true => self.report.expired_checkpoints += 1,
                false => self.complain(Some(checkpoint.part), Doubt::SealsGone),
            }
        }
    }

    /// Reads the rest of the log, and names what nothing is known of.
    async fn finish(&mut self, mut end: Cursor) -> Result<()> {
        self.matching.read(self.tenant, None).await?;
        // What a server has written in the meantime may be among it.
        while !self.matching.unknown.is_empty() {
            let (further, has_more) = self.unsealed(&end).await?;
            if !has_more {
                break;
            }
            end = further;
        }
        let added = mem::take(&mut self.matching.unknown).into_iter();
        self.report.findings.extend(added.map(|log_id| Finding::Added { log_id }));
        Ok(())
    }

    async fn part(&mut self, sealed: SealedPart) -> Result<()> {
        let (mut behind, mut previous) = (None, sealed.previous.clone());
        match self.before.take() {
            Some((part, _, _)) if part + 1 < sealed.part => {
                let (from, to) = (part + 1, sealed.part - 1);
                self.report.findings.push(Finding::MissingParts { from, to });
            }
            Some((_, event, seal)) => (behind, previous) = (event, seal),
            None => {}
        }
        let Some(key) = self.keys.iter().find(|key| key.id == sealed.sealing_key).map(|key| key.key.clone())
        else {
            let key = sealed.sealing_key.clone();
            self.report.findings.push(Finding::UnknownKey { part: sealed.part, key });
            self.matching.expect(lines(&sealed.events).iter().map(|line| line.log_id));
            return Ok(());
        };
        let lines = lines(&sealed.events);
        self.matching.expect(lines.iter().map(|line| line.log_id));
        for lines in lines.chunks(AT_ONCE) {
            let ids: Vec<String> = lines.iter().map(|line| line.log_id.to_owned()).collect();
            let rows = self.tenant.store().logs().some(self.tenant.name(), &ids).await?;
            for line in lines {
                let log_id = line.log_id.to_owned();
                match rows.iter().find(|row| row.log_id == log_id) {
                    None if log_id < self.expired => self.report.expired += 1,
                    None => self.report.findings.push(Finding::Removed { log_id: log_id.clone() }),
                    Some(row) if own_seal(&key, row) != line.own => {
                        self.report.findings.push(Finding::Altered { log_id: log_id.clone() });
                    }
                    Some(_) => {}
                }
                if chained_seal(&key, &previous, line.own) != line.chained {
                    self.report.findings.push(Finding::Moved { log_id: log_id.clone(), behind });
                }
                line.chained.clone_into(&mut previous);
                self.report.first.get_or_insert_with(|| log_id.clone());
                behind = Some(log_id);
            }
        }
        self.report.sealed += lines.len();
        self.report.last.clone_from(&behind);
        self.checkpoints(&sealed, &previous);
        self.before = Some((sealed.part, behind, previous));
        Ok(())
    }

    /// Holds what was signed at the end of a part against its last seal.
    fn checkpoints(&mut self, sealed: &SealedPart, seal: &str) {
        let part = Some(sealed.part);
        // What an older key signed is known by its seal alone: whoever took it away may have had a reason.
        let own = sealed.checkpoint.as_deref().filter(|compact| self.knows_key(compact));
        let own = own.map(|compact| self.believed(compact));
        let (kept, others) = mem::take(&mut self.kept).into_iter().partition(|kept| kept.part == sealed.part);
        self.kept = others;
        let kept: Vec<Checkpoint> = kept;
        for checkpoint in own.into_iter().chain(kept.into_iter().map(Some)) {
            match checkpoint {
                None => self.complain(part, Doubt::Unsigned),
                Some(said) if said.part != sealed.part || said.seal != seal => {
                    self.complain(part, Doubt::Contradicts);
                }
                Some(_) => self.report.checkpoints += 1,
            }
        }
    }

    /// Takes in some of what was committed since, which has no seal; answers how far that goes, and whether there was any.
    async fn unsealed(&mut self, from: &Cursor) -> Result<(Cursor, bool)> {
        let streams = self.tenant.store().log_streams();
        let page = streams.page(self.tenant.name(), from, 1000, 8 << 20).await?;
        self.report.unsealed += page.rows.len();
        self.matching.expect(page.rows.iter().map(|(_, row)| row.log_id.as_str()));
        Ok((page.end, !page.rows.is_empty()))
    }

    fn complain(&mut self, part: Option<i64>, reason: Doubt) {
        self.report.findings.push(Finding::Checkpoint { part, reason });
    }

    /// Whether tokens of the key are still believed that a checkpoint names.
    fn knows_key(&self, compact: &str) -> bool {
        let token = Token::parse(compact).ok();
        let kid = token.as_ref().and_then(Token::kid);
        kid.is_none_or(|kid| self.tenant.snapshot().keys.state(kid).is_some())
    }

    /// What a checkpoint says, if the tenant signed it.
    fn believed(&self, compact: &str) -> Option<Checkpoint> {
        let token = Token::parse(compact).ok()?;
        let snapshot = self.tenant.snapshot();
        let key = snapshot.keys.verifying_key(token.kid()?, token.alg()?)?;
        token.verify(&key).ok()?;
        read(compact).filter(|said| said.tenant == self.tenant.name() && token.typ() == Some(TYP))
    }
}

/// What is known to belong into the log, held against what stands there, in the order of ids. What is known comes in the
/// order in which it was committed: the two are never far apart, but for what came late.
struct Matching {
    /// As far as this the log has been read.
    end: String,
    /// As far as this it is read next.
    next: String,
    /// What belongs behind the end.
    expected: HashSet<String>,
    /// What stood before it, and is not known so far.
    unknown: BTreeSet<String>,
}

impl Matching {
    fn behind(end: String) -> Matching {
        Matching { next: end.clone(), end, expected: HashSet::new(), unknown: BTreeSet::new() }
    }

    /// Events belong into the log.
    fn expect<'e>(&mut self, log_ids: impl Iterator<Item = &'e str>) {
        let mut log_ids: Vec<&str> = log_ids.collect();
        log_ids.sort_unstable();
        // A clock that is wrong makes an id that is far from the others, and most stand before it.
        if let Some(middle) = log_ids.get(log_ids.len() / 2) {
            (*middle).clone_into(&mut self.next);
        }
        for log_id in log_ids {
            if !self.unknown.remove(log_id) && log_id > self.end.as_str() {
                self.expected.insert(log_id.to_owned());
            }
        }
    }

    /// Reads on in the log about as far as it is known.
    async fn go_on(&mut self, tenant: &Tenant) -> Result<()> {
        let next = mem::take(&mut self.next);
        if next > self.end { self.read(tenant, Some(&next)).await } else { Ok(()) }
    }

    /// Reads the log as far as an event, or to its end.
    async fn read(&mut self, tenant: &Tenant, to: Option<&str>) -> Result<()> {
        loop {
            let ids = tenant.store().logs().ids(tenant.name(), &self.end, to, IDS).await?;
            let has_more = ids.len() == IDS as usize;
            if let Some(last) = ids.last() {
                last.clone_into(&mut self.end);
            }
            self.unknown.extend(ids.into_iter().filter(|log_id| !self.expected.remove(log_id)));
            if !has_more {
                break;
            }
        }
        if let Some(to) = to {
            to.clone_into(&mut self.end);
        }
        // What was not met is gone, and was missed when its seal was looked at.
        self.expected.retain(|log_id| *log_id > self.end);
        Ok(())
    }
}

/// How many parts are looked at in one go, how many events in one statement, and how many identifiers.
const PARTS: i64 = 4;
const AT_ONCE: usize = 250;
const IDS: i64 = 1000;
