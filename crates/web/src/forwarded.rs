//! What proxies say about the client: `X-Forwarded-*`, or `Forwarded` of RFC 7239 when there is none of those.
//! Lists are read from the right, from the proxy we know outwards, and never past the first address that is not
//! a trusted proxy. The crates for RFC 7239 cut lists inside quoted strings, so the forty lines are here.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use http::{HeaderMap, header::FORWARDED};

use crate::{Scheme, TrustedProxies};

/// What a chain of trusted proxies says about the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub ip: IpAddr,
    pub scheme: Option<Scheme>,
    pub host: Option<String>,
}

/// Reads what the proxies say; the caller has made sure that `peer` is a trusted one.
pub(crate) fn claim(headers: &HeaderMap, peer: IpAddr, trusted: &TrustedProxies) -> Claim {
    // A proxy that sets one family often passes the other through as the client wrote it. The X- family is by
    // far the commoner one, so a `Forwarded` next to it is not believed.
    if [FOR, PROTO, HOST].iter().any(|name| headers.contains_key(*name)) {
        let (ip, place) = client(peer, items(headers, FOR).map(|item| item.and_then(address)), trusted);
        // Lists of the same length belong together; a shorter one was written by a nearer proxy alone.
        let at = |name| items(headers, name).take(place + 1).last().flatten();
        return Claim { ip, scheme: at(PROTO).and_then(scheme), host: at(HOST).map(str::to_owned) };
    }
    let elements = elements(headers);
    let nodes = elements.iter().map(|element| element.as_ref()?.node.as_deref().and_then(address));
    let (ip, place) = client(peer, nodes, trusted);
    let mut heard = elements.iter().take(place + 1).rev().flatten();
    let scheme = heard.clone().find_map(|element| element.proto.as_deref()).and_then(scheme);
    let host = heard.find_map(|element| element.host.as_deref()).map(str::to_owned);
    Claim { ip, scheme, host }
}

/// Walks the addresses from the nearest outwards; returns the client's and its place in the list.
fn client(
    peer: IpAddr,
    nodes: impl Iterator<Item = Option<IpAddr>>,
    trusted: &TrustedProxies,
) -> (IpAddr, usize) {
    let mut nearest = peer;
    let mut place = 0;
    for (at, node) in nodes.enumerate() {
        place = at;
        // "unknown", an obfuscated name or garbage: nothing further out can be vouched for.
        let Some(ip) = node else { break };
        nearest = ip;
        if !trusted.contains(ip) {
            break;
        }
    }
    (nearest, place)
}

/// The items of a comma-separated header, last first; `None` for a line that is not text.
fn items<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(|line| {
        let (text, broken) = match line.to_str() {
            Ok(text) => (Some(text), None),
            Err(_) => (None, Some(None)),
        };
        let items = text.into_iter().flat_map(|text| text.rsplit(',')).map(str::trim);
        items.filter(|item| !item.is_empty()).map(Some).chain(broken)
    })
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    let ip = bare.parse().or_else(|_| node.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

fn scheme(proto: &str) -> Option<Scheme> {
    [Scheme::Http, Scheme::Https].into_iter().find(|scheme| proto.eq_ignore_ascii_case(scheme.as_str()))
}

/// One element of `Forwarded`: what one proxy saw.
#[derive(Default)]
struct Element<'a> {
    node: Option<Cow<'a, str>>,
    proto: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
}

/// The elements of all `Forwarded` lines, last first; `None` stands for what cannot be read.
fn elements(headers: &HeaderMap) -> Vec<Option<Element<'_>>> {
    let lines = headers.get_all(FORWARDED).iter().rev();
    let mut found = Vec::new();
    for line in lines {
        match line.to_str().ok().and_then(|text| split(text, b',')) {
            Some(parts) => found.extend(parts.into_iter().rev().map(element)),
            None => found.push(None),
        }
    }
    found
}

/// RFC 7239 §4: `token=value` pairs between semicolons, each name at most once.
fn element(text: &str) -> Option<Element<'_>> {
    let mut element = Element::default();
    for pair in split(text, b';')? {
        let (name, value) = pair.split_once('=')?;
        let place = match name.to_ascii_lowercase().as_str() {
            "for" => &mut element.node,
            "proto" => &mut element.proto,
            "host" => &mut element.host,
            _ => continue,
        };
        if place.replace(unquoted(value)?).is_some() {
            return None;
        }
    }
    Some(element)
}

/// Cuts at a separator that stands outside quoted strings; `None` when a quote stays open.
fn split(text: &str, separator: u8) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    (!quoted).then_some(parts)
}

/// The value of a token or a quoted string (RFC 9110 §5.6.4).
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(inner) = value.strip_prefix('"') else {
        return (!value.contains(['"', '\\', ' '])).then_some(Cow::Borrowed(value));
    };
    let inner = inner.strip_suffix('"')?;
    if !inner.contains(['\\', '"']) {
        return Some(Cow::Borrowed(inner));
    }
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.push(characters.next()?),
            '"' => return None,
            other => plain.push(other),
        }
    }
    Some(Cow::Owned(plain))
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
