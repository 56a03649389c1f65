//! What a directory in a test knows, and how it behaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use jose::Jwk;
use serde_json::Value;

/// What it knows, and how it behaves.
#[derive(Default)]
pub struct Seen {
    /// Where names lead, for TLS and for plain HTTP.
    pub leads: Option<(SocketAddr, SocketAddr)>,
    /// How often it looks again whether a name leads there; the great ones do not.
    pub tries: u32,
    /// The only way to an account, if there is one: its name and its key.
    pub binding: Option<(String, Vec<u8>)>,
    pub challenge: &'static str,
    pub wrong: Wrong,
    /// The contacts of each account.
    pub accounts: Vec<(Jwk, Value)>,
    pub orders: Vec<Order>,
    /// The serial numbers of what it gave, by name.
    pub given: BTreeMap<String, Vec<Vec<u8>>>,
    pub nonces: BTreeSet<String>,
}

/// What a directory may do that it ought not to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    #[default]
    Nothing,
    /// It takes no nonce.
    EveryNonce,
    /// It takes the first two nonces for bad ones.
    TwoNonces(u8),
    /// It makes no order, and wants to be left alone for two hours.
    Orders,
    /// It says that it knows nobody.
    Accounts,
    /// It calls a token what is none.
    Tokens,
    /// It offers another proof than the one that is configured.
    Challenges,
    /// It wants proofs for more than was asked for.
    Proofs,
    /// It gives a certificate for another name.
    Names,
    /// It gives a certificate for another key.
    Keys,
    /// It gives text for a certificate.
    Certificates,
    /// It answers pages where objects are expected.
    Pages,
}

#[derive(Clone)]
pub struct Order {
    pub name: String,
    pub account: usize,
    pub token: String,
    pub status: &'static str,
    /// Why it was not proven.
    pub error: Option<String>,
    pub certificate: Option<String>,
}
