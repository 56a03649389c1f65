//! HTTP, and mail, to addresses that somebody else chose, such as the keys of an issuer that a tenant trusts. Whoever may write such
//! an address must not reach through this server what only this server can reach: so it speaks TLS, follows no redirect,
//! connects to public addresses and those that the operator allowed, and reads so much for so long. It keeps nothing, and
//! knows nothing of what it fetches. How AWS is told who asks stands beside it.

pub mod aws;
mod error;
mod networks;
#[cfg(feature = "scratch")]
pub mod scratch;
mod smtp;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::{
    Certificate, Client, RequestBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect::Policy,
};
use tracing::{Instrument as _, Span, trace_span};
use url::{Host, Url};

pub use self::error::{Error, Result};
pub use self::networks::is_public;
pub use self::smtp::{Mail, Smtp, check_mailbox};

/// What the operator may say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Networks that may be reached though they are not public.
    pub allow: Vec<IpNet>,
    /// Certificates, as PEM, of authorities that are believed beside those of the system.
    pub authorities: Option<String>,
    /// How long the way to a server may take.
    pub connect: Duration,
    /// How long the whole may take.
    pub total: Duration,
    /// The greatest body, in bytes.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            allow: Vec::new(),
            authorities: None,
            connect: Duration::from_secs(3),
            total: Duration::from_secs(5),
            most: 256 * 1024,
        }
    }
}

/// The one client for addresses of others. Clones share it.
#[derive(Clone, Default)]
pub struct Outbound(Arc<Inner>);

#[derive(Default)]
struct Inner {
    settings: Settings,
    /// Made when it is first used: it reads what the system trusts, and most servers never need it.
    client: OnceLock<std::result::Result<Client, String>>,
}

/// A body, and how long it may be kept if the server says so.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub body: Bytes,
    pub max_age: Option<Duration>,
}

impl Outbound {
    pub fn new(settings: Settings) -> Self {
        Outbound(Arc::new(Inner { settings, client: OnceLock::new() }))
    }

    /// Fetches a JSON text.
    pub async fn get_json(&self, url: &str) -> Result<Fetched> {
        let url = checked(url)?;
        // What is written as an address is never asked of the resolver.
        match url.host() {
            Some(Host::Ipv4(address)) => self.0.settings.may_reach(address.into())?,
            Some(Host::Ipv6(address)) => self.0.settings.may_reach(address.into())?,
            Some(Host::Domain(_)) | None => {}
        }
        let request = self.client()?.get(url.clone()).header(ACCEPT, "application/json");
        let response = request.send().instrument(calling("GET", &url)).await?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Error::Redirected);
        }
        if status.as_u16() != 200 {
            return Err(Error::Status(status.as_u16()));
        }
        if !is_json(response.headers()) {
            return Err(Error::NotJson);
        }
        let max_age = max_age(response.headers());
        Ok(Fetched { body: read(response, self.0.settings.most).await?, max_age })
    }

    /// Posts a body, with further headers, and answers the status and what came back.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        media: &str,
        body: String,
    ) -> Result<(u16, Bytes)> {
        self.post_within(url, headers, media, body, self.0.settings.total).await
    }

    /// The same, within a time.
    pub async fn post_within(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        media: &str,
        body: String,
        within: Duration,
    ) -> Result<(u16, Bytes)> {
        let (status, response) = self.posted(url, headers, media, body, within).await?;
        Ok((status, read(response, self.0.settings.most).await?))
    }

    /// Posts a body to somebody whose answer is a status and no more, within a time.
    pub async fn deliver(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        media: &str,
        body: String,
        within: Duration,
    ) -> Result<u16> {
        let (status, response) = self.posted(url, headers, media, body, within).await?;
        // Read so that the connection serves again; what it says, and how it ends, is nothing to anybody.
        let _ = tokio::time::timeout(LAST_WORDS, read(response, self.0.settings.most)).await;
        Ok(status)
    }

    async fn posted(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        media: &str,
        body: String,
        within: Duration,
    ) -> Result<(u16, Response)> {
        let url = checked(url)?;
        let request = self.posting(&url, headers, media, body)?.timeout(within);
        let response = request.send().instrument(calling("POST", &url)).await?;
        Ok((status(&response)?, response))
    }

    fn posting(
        &self,
        url: &Url,
        headers: &[(&str, &str)],
        media: &str,
        body: String,
    ) -> Result<RequestBuilder> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.0.settings.may_reach(address.into())?,
            Some(Host::Ipv6(address)) => self.0.settings.may_reach(address.into())?,
            Some(Host::Domain(_)) | None => {}
        }
        let request = self.client()?.post(url.clone()).header(CONTENT_TYPE, media).body(body);
        Ok(headers.iter().fold(request, |request, (name, value)| match HeaderValue::from_str(value) {
            // What lets somebody in is among them: not even a library that tells everything prints it.
            Ok(mut value) => {
                value.set_sensitive(true);
                request.header(*name, value)
            }
            // The request says itself that this is no header, when it is sent.
            Err(_) => request.header(*name, *value),
        }))
    }

    fn client(&self) -> Result<&Client> {
        let client = self.0.client.get_or_init(|| client(&self.0.settings));
        client.as_ref().map_err(|reason| Error::Unusable(reason.clone()))
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("allow", &self.0.settings.allow).finish_non_exhaustive()
    }
}

impl Settings {
    fn may_reach(&self, address: IpAddr) -> std::result::Result<(), error::NotPublic> {
        if networks::may_reach(&self.allow, address) { Ok(()) } else { Err(error::NotPublic) }
    }
}

/// Whether PEM text holds certificates that can be believed: what an operator hears at the start, not at the first fetch.
pub fn check_authorities(pem: &str) -> std::result::Result<(), String> {
    match Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(certificates) if certificates.is_empty() => Err("no certificate".into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads a network in CIDR form, or a single address.
pub fn network(text: &str) -> std::result::Result<IpNet, ipnet::AddrParseError> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.into()),
        Err(_) => text.parse(),
    }
}

/// The span of a call; of the address it tells the host alone.
fn calling(method: &'static str, url: &Url) -> Span {
    trace_span!(target: "span", "outbound", otel.kind = "client", http.request.method = method, server.address = url.host_str())
}

/// An address as it may be fetched: HTTPS, with a host and without credentials.
pub fn checked(text: &str) -> Result<Url> {
    if text.len() > LONGEST_URL {
        return Err(Error::Url("longer than 2,048 bytes"));
    }
    let url = Url::parse(text).map_err(|_| Error::Url("no URL"))?;
    if url.scheme() != "https" {
        return Err(Error::Url("not https"));
    }
    if url.host().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Url("without a host, or with credentials"));
    }
    Ok(url)
}

fn client(settings: &Settings) -> std::result::Result<Client, String> {
    let told = |error: reqwest::Error| format!("{:?}", error.without_url());
    let mut authorities = Vec::new();
    if let Some(pem) = &settings.authorities {
        authorities = Certificate::from_pem_bundle(pem.as_bytes()).map_err(told)?;
    }
    Client::builder()
        .https_only(true)
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .tls_certs_merge(authorities)
        .dns_resolver(Arc::new(Checked(settings.clone())))
        .connect_timeout(settings.connect)
        .timeout(settings.total)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(10))
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(told)
}

/// A resolver whose answers may be connected to. It is asked for each connection, so that a name cannot first be looked at
/// and then mean something else.
struct Checked(Settings);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let settings = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let is_known = !found.is_empty();
            let public: Vec<SocketAddr> =
                found.into_iter().filter(|address| settings.may_reach(address.ip()).is_ok()).collect();
            if is_known && public.is_empty() {
                return Err(error::NotPublic.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

fn status(response: &Response) -> Result<u16> {
    let status = response.status();
    if status.is_redirection() { Err(Error::Redirected) } else { Ok(status.as_u16()) }
}

async fn read(mut response: Response, most: usize) -> Result<Bytes> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(Error::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > most {
            return Err(Error::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// `application/json`, or a type made of it such as `application/jwk-set+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(CACHE_CONTROL)?.to_str().ok()?.to_ascii_lowercase();
    let mut directives = said.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(Duration::ZERO);
    }
    let seconds = directives.find_map(|directive| directive.strip_prefix("max-age="))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

const LONGEST_URL: usize = 2048;
/// How long the rest of an answer is waited for whose status is known.
const LAST_WORDS: Duration = Duration::from_secs(1);
