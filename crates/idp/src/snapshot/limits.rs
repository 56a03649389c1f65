//! What a tenant holds in memory of attack protection, rate-limit policies and network ACLs: few documents, read
//! anew together when one of them changes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use ipnet::IpNet;
use model::{
    BruteForceProtection, NetworkAcl, RateLimitPolicy, SuspiciousIpThrottling,
    attack_protection::{BreachedPasswordDetection, BruteForceShield, SuspiciousIpShield},
    network_acl::{NetworkAclMatch, NetworkAclRule, NetworkAclScope},
};
use schema::{Object, Resource};

use crate::{Document, Result, Tenant, provision::SETTINGS};

/// What limits whoever asks.
#[derive(Clone, Default)]
pub struct LimitSettings {
    brute_force: Option<Arc<(BruteForceProtection, Networks)>>,
    suspicious_ip: Option<Arc<(SuspiciousIpThrottling, Networks)>>,
    breached: Option<Arc<BreachedPasswordDetection>>,
    /// By the selector that each of them is for.
    pub policies: Arc<HashMap<String, Arc<RateLimitPolicy>>>,
    /// In the order in which they are looked at.
    pub acls: Arc<[Acl]>,
}

/// Whether a change of such a document concerns this.
pub(super) fn holds(kind: &str) -> bool {
    let nouns = [
        BruteForceProtection::NOUN,
        SuspiciousIpThrottling::NOUN,
        BreachedPasswordDetection::NOUN,
        RateLimitPolicy::NOUN,
        NetworkAcl::NOUN,
    ];
    nouns.iter().any(|noun| noun.path == kind)
}

impl LimitSettings {
    pub(super) async fn load(tenant: &Tenant) -> Result<LimitSettings> {
        let brute_force = one::<BruteForceProtection>(tenant).await?;
        let suspicious_ip = one::<SuspiciousIpThrottling>(tenant).await?;
        let breached = one::<BreachedPasswordDetection>(tenant).await?.map(Arc::new);
        let policies = all::<RateLimitPolicy>(tenant).await?.into_iter();
        let policies = policies.map(|policy| (policy.consumer_selector.clone(), Arc::new(policy)));
        let acls = all::<NetworkAcl>(tenant).await?;
        let mut acls: Vec<Acl> = acls.into_iter().filter(|acl| acl.active).map(Acl::of).collect();
        for acl in acls.iter().filter(|acl| !acl.is_served) {
            tracing::warn!(
                tenant = tenant.name(),
                acl = acl.id,
                "this network ACL never applies: it asks for what is not known of a request here"
            );
        }
        // A stable sort: of two that have the same priority, the older one comes first.
        acls.sort_by(|a, b| a.priority.total_cmp(&b.priority));
        Ok(LimitSettings {
            brute_force: brute_force.map(|view| {
                let allowed = Networks::of(&view.allowlist);
                Arc::new((view, allowed))
            }),
            suspicious_ip: suspicious_ip.map(|view| {
                let allowed = Networks::of(&view.allowlist);
                Arc::new((view, allowed))
            }),
            breached,
            policies: Arc::new(policies.collect()),
            acls: acls.into(),
        })
    }

    /// The settings against guessing at one account or client.
    pub fn brute_force(&self) -> &BruteForceProtection {
        self.brute_force.as_deref().map_or_else(|| &*BRUTE_FORCE, |(view, _)| view)
    }

    /// The settings against guessing from one address.
    pub fn suspicious_ip(&self) -> &SuspiciousIpThrottling {
        self.suspicious_ip.as_deref().map_or_else(|| &*SUSPICIOUS_IP, |(view, _)| view)
    }

    /// What is done about passwords that strangers know.
    pub fn breached(&self) -> &BreachedPasswordDetection {
        self.breached.as_deref().unwrap_or(&BREACHED)
    }

    /// Whether failures at one account or client are looked at from this address.
    pub fn counts_account(&self, ip: IpAddr) -> bool {
        self.brute_force.as_deref().is_none_or(|(view, allowed)| view.enabled && !allowed.contain(ip))
    }

    /// Whether failures of this address are looked at.
    pub fn counts_address(&self, ip: IpAddr) -> bool {
        self.suspicious_ip.as_deref().is_none_or(|(view, allowed)| view.enabled && !allowed.contain(ip))
    }

    /// Whether too many failures at one account or client end in a block.
    pub fn blocks_account(&self) -> bool {
        self.brute_force().shields.contains(&BruteForceShield::Block)
    }

    /// Whether somebody hears of it whose account is closed.
    pub fn tells_person(&self) -> bool {
        self.brute_force().shields.contains(&BruteForceShield::UserNotification)
    }

    /// Whether too many failures of one address end in a block.
    pub fn blocks_address(&self) -> bool {
        self.suspicious_ip().shields.contains(&SuspiciousIpShield::Block)
    }
}

async fn one<R: Resource>(tenant: &Tenant) -> Result<Option<R>> {
    let document = tenant.read(&R::NOUN, SETTINGS).await?;
    Ok(document.and_then(|document| view::<R>(tenant, &document)))
}

async fn all<R: Resource>(tenant: &Tenant) -> Result<Vec<R>> {
    let documents = tenant.readable(&R::NOUN).await?;
    Ok(documents.iter().filter_map(|document| view::<R>(tenant, document)).collect())
}

/// One that cannot be read does not take the others with it.
fn view<R: Resource>(tenant: &Tenant, document: &Document) -> Option<R> {
    let report = |error: &serde_json::Error| {
        let (kind, id) = (R::NOUN.path, &document.id);
        tracing::error!(tenant = tenant.name(), kind, id, ?error, "left out: it cannot be read");
    };
    R::view(&document.body).inspect_err(report).ok()
}

/// Addresses and networks.
#[derive(Debug, Clone, Default)]
struct Networks(Vec<IpNet>);

impl Networks {
    fn of(texts: &[String]) -> Networks {
        let read = |text: &String| {
            let address = text.parse::<IpAddr>().map(|ip| IpNet::from(ip.to_canonical()));
            address.ok().or_else(|| text.parse().ok().map(canonical))
        };
        Networks(texts.iter().filter_map(read).collect())
    }

    fn contain(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }
}

/// A network of addresses of version 4 in the dress of version 6 (RFC 4291 §2.5.5.2) as one of version 4: senders'
/// addresses are told so, and it would contain none of them.
fn canonical(network: IpNet) -> IpNet {
    let plain = match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(length)) if matches!(network, IpNet::V6(_)) => {
            IpNet::new(address.into(), length).ok()
        }
        _ => None,
    };
    plain.unwrap_or(network)
}

/// A network ACL, ready to be held against requests.
pub struct Acl {
    pub id: String,
    pub description: String,
    pub priority: f64,
    pub rule: NetworkAclRule,
    is_served: bool,
    matches: Option<Conditions>,
    not_match: Option<Conditions>,
}

/// What is known of a request before any door.
pub struct Sent<'a> {
    pub ip: IpAddr,
    pub peer: IpAddr,
    pub host: &'a str,
    pub user_agent: Option<&'a str>,
    pub scope: NetworkAclScope,
}

/// The conditions of one side of a rule; what is not given does not matter.
struct Conditions {
    /// Of version 4 and 6 together: one of them must fit.
    addresses: Option<Networks>,
    connecting: Option<Networks>,
    hostnames: Option<Vec<String>>,
    user_agents: Option<Vec<String>>,
}

impl Acl {
    fn of(acl: NetworkAcl) -> Acl {
        let NetworkAcl { id, description, priority, rule, .. } = acl;
        let is_served = !rule.matches.iter().chain(&rule.not_match).any(NetworkAclMatch::asks_too_much);
        let (matches, not_match) = (rule.matches.as_ref(), rule.not_match.as_ref());
        let (matches, not_match) = (matches.map(Conditions::of), not_match.map(Conditions::of));
        Acl { id, description, priority: priority.unwrap_or(f64::MAX), rule, is_served, matches, not_match }
    }

    /// Whether a request is meant.
    pub fn means(&self, sent: &Sent) -> bool {
        let scope = self.rule.scope;
        self.is_served
            && (scope == NetworkAclScope::Tenant || scope == sent.scope)
            && self.matches.as_ref().is_none_or(|conditions| conditions.fit_all(sent))
            && self.not_match.as_ref().is_none_or(|conditions| conditions.fit_none(sent))
    }
}

impl Conditions {
    fn of(given: &NetworkAclMatch) -> Conditions {
        let networks = |v4: &Option<Vec<String>>, v6: &Option<Vec<String>>| {
            let texts: Vec<String> = v4.iter().chain(v6).flatten().cloned().collect();
            (v4.is_some() || v6.is_some()).then(|| Networks::of(&texts))
        };
        let lower = |names: &Vec<String>| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Conditions {
            addresses: networks(&given.ipv4_cidrs, &given.ipv6_cidrs),
            connecting: networks(&given.connecting_ipv4_cidrs, &given.connecting_ipv6_cidrs),
            hostnames: given.hostnames.as_ref().map(lower),
            user_agents: given.user_agents.clone(),
        }
    }

    /// For each condition that is given, whether the request fits it.
    fn fits(&self, sent: &Sent) -> [Option<bool>; 4] {
        let host = crate::tenants::without_port(sent.host);
        let is_host = |name: &String| name == sent.host || name == host;
        [
            self.addresses.as_ref().map(|networks| networks.contain(sent.ip)),
            self.connecting.as_ref().map(|networks| networks.contain(sent.peer)),
            self.hostnames.as_ref().map(|names| names.iter().any(is_host)),
            self.user_agents
                .as_ref()
                .map(|agents| sent.user_agent.is_some_and(|agent| agents.iter().any(|known| known == agent))),
        ]
    }

    fn fit_all(&self, sent: &Sent) -> bool {
        self.fits(sent).into_iter().flatten().all(|fits| fits)
    }

    fn fit_none(&self, sent: &Sent) -> bool {
        !self.fits(sent).into_iter().flatten().any(|fits| fits)
    }
}

static BRUTE_FORCE: LazyLock<BruteForceProtection> = LazyLock::new(usual);
static SUSPICIOUS_IP: LazyLock<SuspiciousIpThrottling> = LazyLock::new(usual);
static BREACHED: LazyLock<BreachedPasswordDetection> = LazyLock::new(usual);

/// What holds for a tenant that says nothing.
fn usual<R: Resource>() -> R {
    let mut body = Object::new();
    schema::complete(R::NOUN.fields, &mut body);
    R::view(&body).expect("the defaults of a noun can be read")
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn addresses_of_version_4_are_found_in_the_dress_of_version_6() {
        for (network, inside, outside) in [
            ("::ffff:192.0.2.0/120", "192.0.2.7", "192.0.3.7"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("::ffff:0:0/96", "203.0.113.9", "2001:db8::1"),
            ("192.0.2.0/24", "::ffff:192.0.2.7", "::ffff:192.0.3.7"),
            ("::/0", "2001:db8::1", "192.0.2.7"),
        ] {
            let networks = Networks::of(&[network.to_owned()]);
            assert!(networks.contain(inside.parse().unwrap()), "{network} {inside}");
            assert!(!networks.contain(outside.parse().unwrap()), "{network} {outside}");
        }
    }
}
