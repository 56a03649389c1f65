//! What keeps passwords from being guessed: failures are counted against an account at an address, and against the
//! address as a whole. How many there may be, and what then happens, the tenant decides.

mod attempt;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::attack_protection::{BruteForceMode, PreLogin};

pub use self::attempt::{Attempt, Attempts, Verdict, attempt};
use crate::{Result, Tenant, bearer, snapshot::LimitSettings};

/// Whether somebody at this address may begin one more login: each is remembered for a while, so that nobody may have any
/// number of them.
pub async fn may_begin(tenant: &Tenant, ip: IpAddr) -> Result<bool> {
    Ok(count(tenant, &format!("begun {}", network(ip))).await? <= MOST_BEGUN)
}

/// Whether somebody at this address may type one more code that a device shows; it is counted until one was right.
pub async fn may_guess(tenant: &Tenant, ip: IpAddr) -> Result<bool> {
    Ok(count(tenant, &guess_subject(ip)).await? <= MOST_GUESSES)
}

/// It was right.
pub async fn guessed(tenant: &Tenant, ip: IpAddr) -> Result<()> {
    Ok(tenant.store().failed_logins().forgive_one(tenant.name(), &guess_subject(ip)).await?)
}

fn guess_subject(ip: IpAddr) -> String {
    format!("guess {}", network(ip))
}

/// Whether somebody at this address may ask once more for another password of an account, be it there or not: each may
/// bring a mail.
pub async fn may_recover(tenant: &Tenant, connection: &str, account: &str, ip: IpAddr) -> Result<bool> {
    let address = format!("recoveries {}", network(ip));
    if tenant.snapshot().limits.counts_address(ip) && count(tenant, &address).await? > MOST_RECOVERIES {
        return Ok(false);
    }
    let subject = format!("recovery {}", bearer::hash(&format!("{connection}\n{account}")));
    Ok(count(tenant, &subject).await? <= MOST_RECOVERED)
}

/// Whether somebody at this address may sign up; each attempt counts, however it ends.
pub async fn may_sign_up(tenant: &Tenant, ip: IpAddr) -> Result<bool> {
    let limits = tenant.snapshot().limits.clone();
    if !limits.counts_address(ip) {
        return Ok(true);
    }
    let stage = limits.suspicious_ip().stage.pre_user_registration;
    let most = stage.and_then(|stage| stage.max_attempts).unwrap_or(MOST_SIGN_UPS);
    let rate = stage.and_then(|stage| stage.rate).unwrap_or(SIGN_UP_RATE);
    let (failed, now) = (tenant.store().failed_logins(), tenant.clock().now());
    let subject = format!("signup {}", network(ip));
    let (most, rate) = (i64::from(most), i64::from(rate));
    let attempts = failed.add_leaking(tenant.name(), &subject, 1, now, (most, rate)).await?;
    Ok(attempts <= most || !limits.blocks_address())
}

/// Whether something happens for the first time within an hour.
pub(crate) async fn is_first(tenant: &Tenant, what: &str) -> Result<bool> {
    let subject = format!("told {}", bearer::hash(what));
    let (failed, now) = (tenant.store().failed_logins(), tenant.clock().now());
    let counts = failed.add(tenant.name(), &[&subject], now, now - TOLD_AGAIN).await?;
    Ok(counts.first() == Some(&1))
}

/// What the failures of an account at an address are counted under now.
pub(crate) fn closed_subject(tenant: &Tenant, account: &str, ip: IpAddr) -> String {
    match tenant.snapshot().limits.brute_force().mode {
        BruteForceMode::CountPerIdentifierAndIp => format!("{}{}", account_subject(account), network(ip)),
        BruteForceMode::CountPerIdentifier => account_subject(account),
    }
}

/// Forgets what was counted under this.
pub(crate) async fn forget(tenant: &Tenant, subject: &str) -> Result<()> {
    Ok(tenant.store().failed_logins().forgive(tenant.name(), subject).await?)
}

/// An account that is closed, and to which address, if not to all.
#[derive(Debug)]
pub struct ClosedAccount {
    pub identifier: String,
    pub network: Option<IpAddr>,
    pub failures: i64,
    /// Seconds since 1970.
    pub since: i64,
    pub until: i64,
}

/// The accounts that are closed: those of an identifier, or all.
pub async fn closed_accounts(tenant: &Tenant, identifier: Option<&str>) -> Result<Vec<ClosedAccount>> {
    let limits = tenant.snapshot().limits.clone();
    if !limits.blocks_account() {
        return Ok(Vec::new());
    }
    let (from, to) = span(identifier);
    let (failed, now) = (tenant.store().failed_logins(), tenant.clock().now());
    let most = i64::from(limits.brute_force().max_attempts);
    let counted = failed.between(tenant.name(), (&from, &to), most).await?;
    let closed = counted.into_iter().filter(|(_, _, since)| since + WINDOW > now);
    let read = |(subject, failures, since): (String, i64, i64)| {
        let (identifier, network) = subject.strip_prefix(ACCOUNT)?.split_once('\n')?;
        let (identifier, network) = (identifier.to_owned(), network.parse().ok());
        Some(ClosedAccount { identifier, network, failures, since, until: since + WINDOW })
    };
    Ok(closed.filter_map(read).collect())
}

/// Opens the accounts of an identifier again.
pub async fn open_account(tenant: &Tenant, identifier: &str) -> Result<()> {
    let (from, to) = span(Some(identifier));
    Ok(tenant.store().failed_logins().forget(tenant.name(), &from, &to).await?)
}

/// Whether an address is closed to.
pub async fn is_closed_to(tenant: &Tenant, ip: IpAddr) -> Result<bool> {
    let limits = tenant.snapshot().limits.clone();
    if !limits.blocks_address() || !limits.counts_address(ip) {
        return Ok(false);
    }
    let subject = address_subject(ip);
    let (most, rate) = pre_login(&limits);
    let failed = tenant.store().failed_logins();
    let counted = failed.between(tenant.name(), (&subject, &after(&subject)), 0).await?;
    let now = tenant.clock().now();
    // Whether the next one would be refused.
    let is_full =
        |(_, failures, since): &(String, i64, i64)| left((*failures).min(most), now - since, rate) + 1 > most;
    Ok(counted.iter().any(is_full))
}

/// Opens to an address again.
pub async fn open_to(tenant: &Tenant, ip: IpAddr) -> Result<()> {
    let subject = address_subject(ip);
    for subject in [subject, format!("signup {}", network(ip))] {
        tenant.store().failed_logins().forget(tenant.name(), &subject, &after(&subject)).await?;
    }
    Ok(())
}

/// Counts one more against a subject, and answers how many there are now.
async fn count(tenant: &Tenant, subject: &str) -> Result<i64> {
    let now = tenant.clock().now();
    let counts = tenant.store().failed_logins().add(tenant.name(), &[subject], now, now - WINDOW).await?;
    Ok(counts.first().copied().unwrap_or_default())
}

/// How many failures an address may have at once, and the milliseconds after which one of them is forgotten.
fn pre_login(limits: &LimitSettings) -> (i64, i64) {
    let PreLogin { max_attempts, rate } =
        limits.suspicious_ip().stage.pre_login.unwrap_or(PreLogin { max_attempts: None, rate: None });
    (i64::from(max_attempts.unwrap_or(MOST_FOR_ADDRESS)), i64::from(rate.unwrap_or(RATE)))
}

/// What is left of failures after so many seconds, if one is forgotten in each `rate` milliseconds.
fn left(failures: i64, seconds: i64, rate: i64) -> i64 {
    (failures - seconds * 1000 / rate).max(0)
}

/// What an account's failures are counted under; the address follows where it matters.
fn account_subject(account: &str) -> String {
    // What nobody's address looks like becomes a hash, because it is a key of bounded length whatever was typed.
    if account.len() > 300 || account.chars().any(char::is_control) {
        format!("{ACCOUNT}{}\n", bearer::hash(account))
    } else {
        format!("{ACCOUNT}{account}\n")
    }
}

fn address_subject(ip: IpAddr) -> String {
    format!("address {}", network(ip))
}

/// Between which texts the subjects of an account lie, or of all accounts.
fn span(identifier: Option<&str>) -> (String, String) {
    let from = identifier.map_or_else(|| ACCOUNT.to_owned(), account_subject);
    let to = after(&from);
    (from, to)
}

/// What sorts behind everything that begins with a text of ours.
fn after(text: &str) -> String {
    format!("{text}\u{10ffff}")
}

/// The network that one holder of addresses has: whoever has an IPv6 address has all of its last 64 bits.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The network that machines are told apart by: 256 addresses of version 4, or what one holder has of version 6.
pub(crate) fn neighbours(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & !0xff).into(),
        ip @ IpAddr::V6(_) => network(ip),
    }
}

const ACCOUNT: &str = "account ";
/// Failures from one address, whatever the account, and milliseconds for each to be forgotten, where nothing is said.
const MOST_FOR_ADDRESS: u32 = 100;
const RATE: u32 = 864_000;
/// Sign-ups from one address at once, and milliseconds for each to be forgotten, where nothing is said.
const MOST_SIGN_UPS: u32 = 50;
const SIGN_UP_RATE: u32 = 1_200;
/// Seconds until somebody is told the same once more.
const TOLD_AGAIN: i64 = 3_600;
/// Logins begun from one address; many people may share it.
const MOST_BEGUN: i64 = 1_000;
/// Codes of devices typed wrong at one address.
const MOST_GUESSES: i64 = 20;
/// Requests for another password from one address, which many people may share, and of one account.
const MOST_RECOVERIES: i64 = 100;
const MOST_RECOVERED: i64 = 10;
/// Seconds from the first failure until the count begins anew.
const WINDOW: i64 = 30 * 60;

#[cfg(test)]
mod tests {
    use super::{account_subject, neighbours, network};

    #[test]
    fn an_address_is_as_much_as_one_holder_has() {
        for (ip, expected, near) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network(ip.parse().unwrap()).to_string(), expected);
            assert_eq!(neighbours(ip.parse().unwrap()).to_string(), near);
        }
    }

    #[test]
    fn whatever_is_typed_is_a_short_key() {
        assert_eq!(account_subject("ann@example.com"), "account ann@example.com\n");
        for typed in ["a\nb", "a\0", &"x".repeat(5_000)] {
            let subject = account_subject(typed);
            assert!(subject.len() < 80 && !subject.contains('\0') && subject.matches('\n').count() == 1);
        }
    }
}
