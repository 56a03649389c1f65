//! Holds a log against its seals. It changes nothing, and needs no server that runs.

use std::collections::HashSet;

use jose::Token;
use store::{Cursor, SealedPart};

use super::{Checkpoint, Key, TYP, chained_seal, keys, lines, own_seal, read};
use crate::{Result, Tenant, log::first_log_id};

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Checkpoint { part: Option<i64>, reason: &'static str },
}

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    let mut walk = Walk {
        tenant,
        expired: first_log_id(expired),
        report: Report::default(),
        known: HashSet::new(),
        before: None,
        kept: Vec::new(),
        keys: keys(tenant).await?,
    };
    for compact in kept {
        match walk.believed(compact.trim()) {
            Some(checkpoint) => walk.kept.push(checkpoint),
            None => walk.complain(None, "it is not signed by this tenant"),
        }
    }
    let (mut part, mut end) = (0, Cursor::default());
    loop {
        let parts = tenant.store().log_seals().after(tenant.name(), part, PARTS).await?;
        let Some(last) = parts.last() else { break };
        (part, end) = (last.part, last.end.clone());
        for sealed in parts {
            walk.part(sealed).await?;
        }
    }
    for checkpoint in std::mem::take(&mut walk.kept) {
        match checkpoint.log_id < walk.expired {
            true => walk.report.expired_checkpoints += 1,
            false => walk.complain(Some(checkpoint.part), "the seals that it is about are gone"),
        }
    }
    let end = walk.unsealed(end).await?;
    let added = walk.added().await?;
    if !added.is_empty() {
        // What a server has written in the meantime is among them.
        walk.unsealed(end).await?;
    }
    let added = added.into_iter().filter(|log_id| !walk.known.contains(log_id));
    walk.report.findings.extend(added.map(|log_id| Finding::Added { log_id }));
    Ok(walk.report)
}

struct Walk<'a> {
    tenant: &'a Tenant,
    /// What sorts before it may be gone.
    expired: String,
    report: Report,
    /// Events that are sealed, or too new for that.
    known: HashSet<String>,
    /// The part before: its number, its last event and its last seal.
    before: Option<(i64, Option<String>, String)>,
    /// Checkpoints that somebody kept, of parts that were not met yet.
    kept: Vec<Checkpoint>,
    keys: Vec<Key>,
}

impl Walk<'_> {
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
            return Ok(());
        };
        let lines = lines(&sealed.events);
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
                self.known.insert(log_id.clone());
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
        let (kept, others) =
            std::mem::take(&mut self.kept).into_iter().partition(|kept| kept.part == sealed.part);
        self.kept = others;
        let kept: Vec<Checkpoint> = kept;
        for checkpoint in own.into_iter().chain(kept.into_iter().map(Some)) {
            match checkpoint {
                None => self.complain(part, "it is not signed by this tenant"),
                Some(said) if said.part != sealed.part || said.seal != seal => {
                    self.complain(part, "it says something else than the seals");
                }
                Some(_) => self.report.checkpoints += 1,
            }
        }
    }

    /// Takes in what was committed since, which has no seal; answers how far that goes.
    async fn unsealed(&mut self, mut end: Cursor) -> Result<Cursor> {
        loop {
            let streams = self.tenant.store().log_streams();
            let page = streams.page(self.tenant.name(), &end, 1000, 8 << 20).await?;
            if page.rows.is_empty() {
                return Ok(page.end);
            }
            self.report.unsealed += page.rows.len();
            self.known.extend(page.rows.into_iter().map(|(_, row)| row.log_id));
            end = page.end;
        }
    }

    /// What is not known so far.
    async fn added(&self) -> Result<Vec<String>> {
        let (mut added, mut last) = (Vec::new(), String::new());
        loop {
            let rows = self.tenant.store().logs().after(self.tenant.name(), Some(&last), 1000).await?;
            let Some(newest) = rows.last() else { return Ok(added) };
            newest.log_id.clone_into(&mut last);
            // Whether what may be gone was sealed once is not known any more.
            let unknown = |log_id: &String| *log_id > self.expired && !self.known.contains(log_id);
            added.extend(rows.into_iter().map(|row| row.log_id).filter(unknown));
        }
    }

    fn complain(&mut self, part: Option<i64>, reason: &'static str) {
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

/// How many parts are looked at in one go, and how many events in one statement.
const PARTS: i64 = 20;
const AT_ONCE: usize = 250;
