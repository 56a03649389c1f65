//! Who sent a request and which host it was meant for. Forwarded headers count only when the TCP peer is a
//! trusted proxy; nobody else can name an address, a scheme or a host that is not theirs.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use http::{HeaderMap, Uri, header::HOST, request::Parts, uri::Authority};
use ipnet::IpNet;
use serde::Deserialize;

use crate::{Connection, PathPrefix, forwarded};

/// Where a request came from and the address it was sent to, as the client saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub ip: IpAddr,
    /// The address of the TCP peer: the client, or the last proxy before us.
    pub peer: IpAddr,
    /// The scheme the client used.
    pub scheme: Scheme,
    /// The lower-case authority, with its port unless that is the scheme's own.
    pub host: String,
}

impl Origin {
    /// Reads the origin from the pieces of a request.
    pub fn read(
        headers: &HeaderMap,
        uri: &Uri,
        connection: &Connection,
        trusted: &TrustedProxies,
    ) -> Result<Self, BadHost> {
        let peer = connection.peer.ip().to_canonical();
        let own_scheme = if connection.tls { Scheme::Https } else { Scheme::Http };
        if !trusted.contains(peer) {
            let host = normalized(requested_host(headers, uri)?, own_scheme)?;
            return Ok(Self { ip: peer, peer, scheme: own_scheme, host });
        }
        let claim = forwarded::claim(headers, peer, trusted);
        let scheme = claim.scheme.unwrap_or(own_scheme);
        let host = match &claim.host {
            Some(host) => normalized(host, scheme)?,
            None => normalized(requested_host(headers, uri)?, scheme)?,
        };
        Ok(Self { ip: claim.ip, peer, scheme, host })
    }
}

impl Origin {
    /// The address that was called, without its query, as the caller wrote it.
    pub fn url(&self, parts: &Parts) -> String {
        let prefix = parts.extensions.get::<PathPrefix>().map_or("", |prefix| &prefix.0);
        format!("{}://{}{prefix}{}", self.scheme, self.host, parts.uri.path())
    }
}

/// Whether a host, with or without its port, can only be the machine that the caller sits at.
pub fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a request was meant for the machine that its sender sits at.
pub fn asks_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    requested_host(headers, uri).is_ok_and(is_this_machine)
}

/// Tells whether the client spoke HTTP or HTTPS, without looking at the host.
pub fn scheme(headers: &HeaderMap, connection: &Connection, trusted: &TrustedProxies) -> Scheme {
    let own_scheme = if connection.tls { Scheme::Https } else { Scheme::Http };
    let peer = connection.peer.ip().to_canonical();
    if trusted.contains(peer) {
        forwarded::claim(headers, peer, trusted).scheme.unwrap_or(own_scheme)
    } else {
        own_scheme
    }
}

/// The host a request asks for: `:authority`, the authority of an absolute target, or the Host header.
fn requested_host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Result<&'a str, BadHost> {
    let mut lines = headers.get_all(HOST).iter();
    let header = lines.next();
    // RFC 9112 §3.2: more than one Host line must be refused, equal or not.
    if lines.next().is_some() {
        return Err(BadHost::Repeated);
    }
    let header = header.map(|value| value.to_str().map_err(|_| BadHost::Malformed)).transpose()?;
    match (uri.authority(), header) {
        // RFC 9113 §8.3.1: Host and :authority must not disagree.
        (Some(authority), Some(header)) if !authority.as_str().eq_ignore_ascii_case(header) => {
            Err(BadHost::Repeated)
        }
        (Some(authority), _) => Ok(authority.as_str()),
        (None, Some(header)) => Ok(header),
        (None, None) => Err(BadHost::Missing),
    }
}

/// Checks a host and writes it the one way we compare it: lower case, no default port.
fn normalized(host: &str, scheme: Scheme) -> Result<String, BadHost> {
    if host.is_empty() {
        return Err(BadHost::Missing);
    }
    if host.len() > LONGEST_HOST {
        return Err(BadHost::TooLong);
    }
    let authority: Authority = host.parse().map_err(|_| BadHost::Malformed)?;
    let name = authority.host();
    let port = match host.strip_prefix(name).ok_or(BadHost::Malformed)? {
        "" | ":" => None,
        port => Some(port.strip_prefix(':').and_then(decimal).ok_or(BadHost::Malformed)?),
    };
    let mut written = match name.strip_prefix('[') {
        Some(literal) => {
            let literal = literal.strip_suffix(']').ok_or(BadHost::Malformed)?;
            let address: Ipv6Addr = literal.parse().map_err(|_| BadHost::Malformed)?;
            format!("[{address}]")
        }
        None if !name.is_empty() && name.bytes().all(is_name_byte) => name.to_ascii_lowercase(),
        None => return Err(BadHost::Malformed),
    };
    if let Some(port) = port.filter(|port| *port != scheme.default_port()) {
        written.push(':');
        written.push_str(&port.to_string());
    }
    Ok(written)
}

fn decimal(port: &str) -> Option<u16> {
    // `parse` alone would take a leading plus sign.
    port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok())?
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

/// The scheme of a request as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS, ended here or at a trusted proxy.
    Https,
}

impl Scheme {
    /// The name as it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a request's host cannot be used; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHost {
    /// Neither a Host header nor an authority.
    #[error("the request names no host")]
    Missing,
    /// Several Host headers, or one that disagrees with the request's target.
    #[error("the request names more than one host")]
    Repeated,
    /// Characters that no host has, or a port that is no number.
    #[error("the request's host is malformed")]
    Malformed,
    /// More bytes than a host may have.
    #[error("the request's host is too long")]
    TooLong,
}

/// The networks whose forwarded headers are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Tells whether an address belongs to a trusted proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        // IpNet compares within one family, so `::ffff:10.0.0.1` has to be seen as 10.0.0.1.
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }
}

impl TryFrom<Vec<String>> for TrustedProxies {
    type Error = BadNetwork;

    fn try_from(entries: Vec<String>) -> Result<Self, BadNetwork> {
        let network = |entry: String| {
            let address = entry.parse::<IpAddr>().map(|ip| IpNet::from(ip.to_canonical()));
            address.or_else(|_| entry.parse()).map_err(|_| BadNetwork(entry))
        };
        entries.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// An entry of the trusted proxies that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct BadNetwork(String);

/// RFC 1035 §2.3.4 allows a name 255 bytes; we count the port as well.
const LONGEST_HOST: usize = 255;
