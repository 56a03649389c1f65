//! Which requests are let in at all: rules over where they come from. Says what a rule is; it is applied elsewhere.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// A rule about requests, whoever sends them.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("network-acls"), id("id"), scope("network_acls"))]
pub struct NetworkAcl {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What it is for.
    #[field(max(255))]
    pub description: String,
    /// Whether it is in force.
    pub active: bool,
    /// Its place among the rules: the lowest is looked at first.
    #[field(min(0), max(1_000_000))]
    pub priority: Option<f64>,
    /// Which requests it means, and what happens to them.
    pub rule: NetworkAclRule,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// Which requests are meant, and what happens to them.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct NetworkAclRule {
    /// What a request must have.
    #[serde(rename = "match")]
    pub matches: Option<NetworkAclMatch>,
    /// What a request must not have.
    pub not_match: Option<NetworkAclMatch>,
    /// Whether every request is meant.
    pub match_all: Option<bool>,
    /// Which doors it stands before.
    pub scope: NetworkAclScope,
    /// What happens.
    pub action: NetworkAclAction,
}

/// Which doors a rule stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum NetworkAclScope {
    Management,
    Authentication,
    Tenant,
    DynamicClientRegistration,
}

/// What happens to a request that is meant.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct NetworkAclAction {
    /// It goes on, whatever later rules say.
    pub allow: Option<bool>,
    /// It is refused.
    pub block: Option<bool>,
    /// Nothing but a line in the log.
    pub log: Option<bool>,
    /// It is sent elsewhere.
    pub redirect: Option<bool>,
    /// Where it is sent.
    #[field(max(2_000), format(AbsoluteHttpsUriOrEmpty))]
    pub redirect_uri: Option<String>,
}

/// What requests are told apart by: of each list one entry must fit, and of the lists that are given all.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
#[serde(default)]
pub struct NetworkAclMatch {
    /// Numbers of networks that route.
    #[field(min(1), max(20))]
    pub asns: Option<Declared<Vec<u32>>>,
    /// Lists of addresses that Auth0 keeps.
    #[field(min(1), max(20), each_max(100), unique_items)]
    pub auth0_managed: Option<Vec<String>>,
    /// Addresses of whoever sends, of version 4.
    #[field(min(1), max(20), each_max(64), format(IpOrCidr))]
    pub ipv4_cidrs: Option<Vec<String>>,
    /// Addresses of whoever sends, of version 6.
    #[field(min(1), max(20), each_max(64), format(IpOrCidr))]
    pub ipv6_cidrs: Option<Vec<String>>,
    /// Addresses that connect, of version 4.
    #[field(min(1), max(20), each_max(64), format(IpOrCidr))]
    pub connecting_ipv4_cidrs: Option<Vec<String>>,
    /// Addresses that connect, of version 6.
    #[field(min(1), max(20), each_max(64), format(IpOrCidr))]
    pub connecting_ipv6_cidrs: Option<Vec<String>>,
    /// Countries.
    #[field(min(1), max(20), each_max(10))]
    pub geo_country_codes: Option<Declared<Vec<String>>>,
    /// Parts of countries.
    #[field(min(1), max(20), each_max(10))]
    pub geo_subdivision_codes: Option<Declared<Vec<String>>>,
    /// Hosts that are called.
    #[field(min(1), max(20), each_max(255))]
    pub hostnames: Option<Vec<String>>,
    /// Signatures over the request.
    pub http_message_signature: Option<Declared<HttpMessageSignature>>,
    /// Fingerprints of the sender's TLS.
    #[field(min(1), max(20), each_max(100))]
    pub ja3_fingerprints: Option<Declared<Vec<String>>>,
    /// Newer fingerprints of the sender's TLS.
    #[field(min(1), max(20), each_max(100))]
    pub ja4_fingerprints: Option<Declared<Vec<String>>>,
    /// What senders say that they are.
    #[field(min(1), max(20), each_max(512))]
    pub user_agents: Option<Vec<String>>,
}

impl NetworkAclMatch {
    /// Whether it asks for what this server cannot know of a request.
    pub fn asks_too_much(&self) -> bool {
        self.asns.is_some()
            || self.auth0_managed.is_some()
            || self.geo_country_codes.is_some()
            || self.geo_subdivision_codes.is_some()
            || self.http_message_signature.is_some()
            || self.ja3_fingerprints.is_some()
            || self.ja4_fingerprints.is_some()
    }
}

/// Signatures over a request (RFC 9421).
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HttpMessageSignature {
    /// The keys, of which one must have signed.
    #[field(min(1), max(20))]
    pub keys: Vec<HttpMessageSignatureKey>,
}

/// A key that may have signed.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HttpMessageSignatureKey {
    /// Its identifier.
    #[field(min(1), max(255))]
    pub id: String,
}
