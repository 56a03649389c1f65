//! What keeps passwords from being guessed: failures are counted against an account at an address, and against the
//! address as a whole. An attempt is counted before its password is looked at, so that attempts beside each other do
//! not slip through; one that succeeds is forgiven.

use std::net::{IpAddr, Ipv6Addr};

use crate::{Result, Tenant, bearer};

/// An attempt to log in that has been counted.
#[derive(Debug)]
pub struct Attempt {
    account: String,
    address: String,
}

/// Whether an attempt may go on.
#[derive(Debug)]
pub enum Verdict {
    GoOn(Attempt),
    /// The account is closed to this address for a while.
    TooManyForAccount,
    /// The address is closed to for a while.
    TooManyForAddress,
}

/// Counts an attempt on an account from an address.
pub async fn attempt(tenant: &Tenant, account: &str, ip: IpAddr) -> Result<Verdict> {
    let network = network(ip);
    // A hash, because it is a key of bounded length whatever was typed.
    let account = format!("account {}", bearer::hash(&format!("{network} {account}")));
    let address = format!("address {network}");
    // The address first: whoever is closed out makes no more rows by trying further accounts.
    if count(tenant, &address).await? > MOST_FOR_ADDRESS {
        return Ok(Verdict::TooManyForAddress);
    }
    if count(tenant, &account).await? > MOST_FOR_ACCOUNT {
        return Ok(Verdict::TooManyForAccount);
    }
    Ok(Verdict::GoOn(Attempt { account, address }))
}

impl Attempt {
    /// It was the right password after all.
    pub async fn succeeded(self, tenant: &Tenant) -> Result<()> {
        Ok(tenant.store().failed_logins().forgive(tenant.name(), &self.account, &self.address).await?)
    }
}

/// Whether somebody at this address may begin one more login: each is remembered for a while, so that nobody may have any
/// number of them.
pub async fn may_begin(tenant: &Tenant, ip: IpAddr) -> Result<bool> {
    Ok(count(tenant, &format!("begun {}", network(ip))).await? <= MOST_BEGUN)
}

/// Counts one more against a subject, and answers how many there are now.
async fn count(tenant: &Tenant, subject: &str) -> Result<i64> {
    let now = tenant.clock().now();
    let counts = tenant.store().failed_logins().add(tenant.name(), &[subject], now, now - WINDOW).await?;
    Ok(counts.first().copied().unwrap_or_default())
}

/// Whoever has an IPv6 address has all of its last 64 bits.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Failures of an account from one address, as Auth0's default.
const MOST_FOR_ACCOUNT: i64 = 10;
/// Failures from one address, whatever the account.
const MOST_FOR_ADDRESS: i64 = 100;
/// Logins begun from one address; many people may share it.
const MOST_BEGUN: i64 = 1_000;
/// Seconds from the first failure until the count begins anew.
const WINDOW: i64 = 30 * 60;

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn an_address_is_as_much_as_one_holder_has() {
        for (ip, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network(ip.parse().unwrap()).to_string(), expected);
        }
    }
}
