//! One attempt to log in. While its password is looked at it counts as a failure in memory, on this node, so that attempts
//! beside each other do not slip through; a failure is written down when it has become one. So a login that succeeds
//! writes nothing, and nodes may together let through as many guesses more as they look at in the same moment.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use model::LogType;
use tokio::runtime::Handle;

use super::{WINDOW, address_subject, closed_subject, left, pre_login};
use crate::{Result, Tenant, tenant::Counts};

/// Whether an attempt may go on.
#[derive(Debug)]
pub enum Verdict {
    GoOn(Attempt),
    /// The account is closed to this address for a while.
    TooManyForAccount,
    /// The address is closed to for a while.
    TooManyForAddress,
}

/// An attempt that is under way. One that is dropped without a word was a failure.
#[derive(Debug)]
pub struct Attempt {
    open: Option<Open>,
    /// What the log is told though nobody is held up.
    pub noted: Option<LogType>,
}

/// What it is counted against, where it is counted at all.
struct Open {
    tenant: Tenant,
    account: Option<UnderWay>,
    address: Option<UnderWay>,
    /// Whether failures of the account are written down that a success makes up for.
    has_failed: bool,
}

/// Counts an attempt on an account from an address; not against the account where its connection does not want that.
pub async fn attempt(tenant: &Tenant, account: &str, ip: IpAddr, counts_account: bool) -> Result<Verdict> {
    let limits = tenant.snapshot().limits.clone();
    let address = limits.counts_address(ip).then(|| UnderWay::of(tenant, address_subject(ip)));
    let counts_account = counts_account && limits.counts_account(ip);
    let account = counts_account.then(|| UnderWay::of(tenant, closed_subject(tenant, account, ip)));
    let mut attempt = Attempt { open: None, noted: None };
    let mut open = Open { tenant: tenant.clone(), account, address, has_failed: false };
    let Looked { written, others_of_address, others_of_account } = open.begin().await?;
    let now = tenant.clock().now();
    let written = |one: &UnderWay| written.iter().find(|(subject, ..)| *subject == one.key.1);

    // The address first: whoever is closed out makes no more rows by trying further accounts.
    if let Some(address) = &open.address {
        let (most, rate) = pre_login(&limits);
        let before =
            written(address).map_or(0, |(_, failures, since)| left((*failures).min(most), now - since, rate));
        if before + others_of_address + 1 > most {
            if limits.blocks_address() {
                open.account = None;
                open.write().await?;
                return Ok(Verdict::TooManyForAddress);
            }
            attempt.noted = Some(LogType::LimitMu);
        }
    }
    if let Some(account) = &open.account {
        let before = written(account).filter(|(.., since)| *since >= now - WINDOW);
        let before = before.map_or(0, |(_, failures, _)| *failures);
        open.has_failed = before > 0;
        if before + others_of_account + 1 > i64::from(limits.brute_force().max_attempts) {
            if limits.blocks_account() {
                open.write().await?;
                return Ok(Verdict::TooManyForAccount);
            }
            attempt.noted = Some(LogType::LimitWc);
        }
    }
    attempt.open = Some(open);
    Ok(Verdict::GoOn(attempt))
}

impl Attempt {
    /// It was the right password: what the account has failed before is forgotten.
    pub async fn succeeded(mut self) -> Result<()> {
        match self.open.take() {
            Some(Open { tenant, account: Some(account), has_failed: true, .. }) => {
                super::forget(&tenant, &account.key.1).await
            }
            _ => Ok(()),
        }
    }

    /// It was not.
    pub async fn failed(mut self) -> Result<()> {
        match self.open.take() {
            Some(open) => open.write().await,
            None => Ok(()),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        // Whoever hangs up early learns nothing, and is not to guess for nothing either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = open.write().await {
                    tracing::warn!(%error, "a failed login was not counted");
                }
            });
        }
    }
}

/// What there was when an attempt began.
struct Looked {
    /// Subjects, how often they failed, and since when.
    written: Vec<(String, i64, i64)>,
    others_of_address: i64,
    others_of_account: i64,
}

impl Open {
    /// Looks at what has failed before and counts beside what is under way, with nothing in between.
    async fn begin(&self) -> Result<Looked> {
        let _held = self.hold().await;
        let subjects = [&self.account, &self.address].map(|one| one.as_ref().map_or("", |one| &one.key.1));
        let failed = self.tenant.store().failed_logins();
        let written = match subjects {
            ["", ""] => Vec::new(),
            subjects => failed.of(self.tenant.name(), subjects).await?,
        };
        let others = |one: &Option<UnderWay>| one.as_ref().map_or(0, UnderWay::begin);
        let (others_of_address, others_of_account) = (others(&self.address), others(&self.account));
        Ok(Looked { written, others_of_address, others_of_account })
    }

    /// Writes the failure down; until then it counts in memory. That goes on where whoever waits for it hangs up, who may
    /// be writing for others as well.
    async fn write(self) -> Result<()> {
        let writing = async move {
            let Open { tenant, account, address, .. } = &self;
            let failed = tenant.store().failed_logins();
            let of_address = failure_of(address, async |subject, failures| {
                let (limits, now) = (pre_login(&tenant.snapshot().limits), tenant.clock().now());
                failed.add_leaking(tenant.name(), subject, failures, now, limits).await?;
                Ok(())
            });
            let of_account = failure_of(account, async |subject, failures| {
                let now = tenant.clock().now();
                failed.add_many(tenant.name(), &[subject], failures, now, now - WINDOW).await?;
                Ok(())
            });
            let (of_address, of_account) = tokio::join!(of_address, of_account);
            of_address.and(of_account)
        };
        tokio::spawn(writing).await?
    }

    /// Lets nobody else look at the same subjects.
    async fn hold(&self) -> [Option<tokio::sync::MutexGuard<'_, ()>>; 2] {
        // Always in this order.
        let mut held = [None, None];
        for (held, one) in held.iter_mut().zip([&self.address, &self.account]) {
            if let Some(one) = one {
                *held = Some(one.subject.looked_at.lock().await);
            }
        }
        held
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |one: &Option<UnderWay>| one.as_ref().map(|one| one.key.1.clone());
        f.debug_struct("Open")
            .field("account", &key(&self.account))
            .field("address", &key(&self.address))
            .finish()
    }
}

/// Has a failure of a subject written down, if there is one that it counts against. Whoever comes first writes for all that
/// have failed by then, and these find theirs written: many people behind one address wait for one write, not for each.
async fn failure_of(one: &Option<UnderWay>, write: impl AsyncFnOnce(&str, i64) -> Result<()>) -> Result<()> {
    let Some(one) = one else { return Ok(()) };
    one.fail();
    let _held = one.subject.looked_at.lock().await;
    let failures = one.subject.tally().unwritten;
    if failures == 0 {
        return Ok(());
    }
    let outcome = write(&one.key.1, failures).await;
    // What was not taken is tried again by those who wait; this one is given up, and its caller hears of it.
    one.subject.tally().unwritten -= if outcome.is_ok() { failures } else { 1 };
    outcome
}

/// What attempts that are under way on this node are counted against, by tenant and subject.
pub type Attempts = Mutex<HashMap<(String, String), Arc<Subject>>>;

/// One subject, while attempts are under way.
#[derive(Default)]
pub struct Subject {
    /// Held while the store is asked what has failed, or told.
    looked_at: tokio::sync::Mutex<()>,
    tally: Mutex<Tally>,
}

impl Subject {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What of a subject the store does not know.
#[derive(Default)]
struct Tally {
    under_way: i64,
    /// Those that have failed.
    unwritten: i64,
}

/// What one attempt holds of a subject.
struct UnderWay {
    counts: Arc<Counts>,
    key: (String, String),
    subject: Arc<Subject>,
    counted: AtomicBool,
}

impl UnderWay {
    fn of(tenant: &Tenant, subject: String) -> UnderWay {
        UnderWay::among(&tenant.0.counts, (tenant.name().to_owned(), subject))
    }

    fn among(counts: &Arc<Counts>, key: (String, String)) -> UnderWay {
        let mut all = counts.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let subject = all.entry(key.clone()).or_default().clone();
        drop(all);
        UnderWay { counts: counts.clone(), key, subject, counted: AtomicBool::new(false) }
    }

    /// Counts one more, and answers how many others there are.
    fn begin(&self) -> i64 {
        self.counted.store(true, Ordering::Relaxed);
        let mut tally = self.subject.tally();
        tally.under_way += 1;
        tally.under_way - 1 + tally.unwritten
    }

    /// It is not under way any more, but has failed.
    fn fail(&self) {
        let mut tally = self.subject.tally();
        tally.unwritten += 1;
        if self.counted.swap(false, Ordering::Relaxed) {
            tally.under_way -= 1;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if *self.counted.get_mut() {
            self.subject.tally().under_way -= 1;
        }
        let mut all = self.counts.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one: nobody gets another while the map is held.
        if Arc::strong_count(&self.subject) == 2 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::{sync::oneshot, task::JoinSet};

    use super::{Counts, UnderWay, failure_of};
    use crate::error::Code;

    /// Ten fail while the first of them is being written; answers what was written at once, and how many heard of an error.
    async fn written(refused: usize) -> (Vec<i64>, usize) {
        let counts = Arc::new(Counts::default());
        let another = || UnderWay::among(&counts, ("acme".to_owned(), "address".to_owned()));
        let subject = another().subject.clone();
        let written = Arc::new(Mutex::new(Vec::new()));
        let (go_on, wait) = oneshot::channel();
        let mut failing = JoinSet::new();
        let mut wait = Some(wait);
        for _ in 0..10 {
            let (one, written, wait) = (another(), written.clone(), wait.take());
            one.begin();
            failing.spawn(async move {
                failure_of(&Some(one), async |_, failures| {
                    if let Some(wait) = wait {
                        wait.await.unwrap();
                    }
                    let mut written = written.lock().unwrap();
                    written.push(failures);
                    if written.len() - 1 == refused { Code::ServerError.refuse("gone") } else { Ok(()) }
                })
                .await
            });
            // The first of them is to be the one that writes.
            while subject.looked_at.try_lock().is_ok() {
                tokio::task::yield_now().await;
            }
        }
        while subject.tally().unwritten < 10 {
            tokio::task::yield_now().await;
        }
        assert_eq!(another().begin(), 10, "they count until they are written");
        go_on.send(()).unwrap();
        let outcomes = failing.join_all().await;
        assert_eq!(another().begin(), 0);
        let written = written.lock().unwrap().clone();
        (written, outcomes.iter().filter(|outcome| outcome.is_err()).count())
    }

    #[tokio::test]
    async fn one_writes_for_all_that_wait() {
        assert_eq!(written(usize::MAX).await, (vec![1, 9], 0));
    }

    #[tokio::test]
    async fn what_the_store_did_not_take_is_written_by_the_next() {
        assert_eq!(written(0).await, (vec![1, 9], 1));
        assert_eq!(written(1).await, (vec![1, 9, 8], 1));
    }
}
