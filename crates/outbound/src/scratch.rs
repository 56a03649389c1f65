//! A server for tests: TLS on loopback under an authority of its own, which answers what it is told to. Never part of the
//! product.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::{Outbound, Settings};

/// A server that lives as long as this does.
pub struct ScratchServer {
    port: u16,
    authority: String,
    asked: Arc<AtomicUsize>,
    received: Arc<Mutex<Vec<Asked>>>,
    running: tokio::task::JoinHandle<()>,
}

/// One request.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub path: String,
    /// The lines before the body.
    pub head: String,
    /// Nothing, if there was none.
    pub body: Option<String>,
}

/// What is answered to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// The lines of the head after the first, such as `content-type: application/json`.
    pub headers: Vec<String>,
    pub body: Vec<u8>,
    /// How long to wait before answering.
    pub delay: Duration,
    /// Whether the connection ends without an answer, as if the server had died.
    pub is_broken: bool,
}

impl Reply {
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        let headers = vec!["content-type: application/json".into()];
        Reply { status: 200, headers, body: body.into(), delay: Duration::ZERO, is_broken: false }
    }

    pub fn status(status: u16) -> Self {
        Reply { status, ..Reply::json("{}") }
    }

    /// With another line in its head.
    pub fn with(mut self, header: &str) -> Self {
        self.headers.push(header.into());
        self
    }

    /// None: the connection ends.
    pub fn broken() -> Self {
        Reply { is_broken: true, ..Reply::status(500) }
    }

    /// After so many milliseconds.
    pub fn after(self, ms: u64) -> Self {
        Reply { delay: Duration::from_millis(ms), ..self }
    }
}

impl ScratchServer {
    /// Starts a server that answers each path as `answer` says.
    pub async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_reading(move |asked| answer(&asked.path)).await
    }

    /// Starts a server that answers each request as `answer` says.
    pub async fn start_reading(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let (authority, config) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let (acceptor, answer) = (TlsAcceptor::from(Arc::new(config)), Arc::new(answer));
        let asked = Arc::new(AtomicUsize::new(0));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (counted, kept) = (asked.clone(), received.clone());
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                let (counted, kept) = (counted.clone(), kept.clone());
                tokio::spawn(async move { serve(stream, &acceptor, &*answer, (&counted, &kept)).await });
            }
        });
        ScratchServer { port, authority, asked, received, running }
    }

    /// The address of a path of this server, which begins with a stroke.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many requests it has seen.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The bodies that it was sent, one after the other.
    pub fn received(&self) -> Vec<String> {
        self.requests().into_iter().filter_map(|asked| asked.body).collect()
    }

    /// The requests that it was sent, one after the other.
    pub fn requests(&self) -> Vec<Asked> {
        self.received.lock().expect("nobody panics while holding it").clone()
    }

    /// What somebody needs to be told who is to reach it.
    pub fn settings(&self) -> Settings {
        let loopback = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().expect("a network"));
        Settings {
            allow: loopback.to_vec(),
            authorities: Some(self.authority.clone()),
            ..Settings::default()
        }
    }

    /// A client that may reach it.
    pub fn outbound(&self) -> Outbound {
        Outbound::new(self.settings())
    }
}

impl Drop for ScratchServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    answer: &(impl Fn(&Asked) -> Reply + Sync),
    (count, received): (&AtomicUsize, &Mutex<Vec<Asked>>),
) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map(|(_, length)| length.trim().parse().ok()).next().flatten();
    let mut body = None;
    if let Some(length) = length {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await.ok()?;
        body = Some(String::from_utf8(bytes).ok()?);
    }
    let asked = Asked { path: head.split(' ').nth(1)?.to_owned(), head, body };
    received.lock().expect("nobody panics while holding it").push(asked.clone());
    count.fetch_add(1, Ordering::SeqCst);
    let reply = answer(&asked);
    tokio::time::sleep(reply.delay).await;
    if reply.is_broken {
        return None;
    }
    let mut lines = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", reply.status);
    if !reply.headers.iter().any(|header| header.starts_with("transfer-encoding")) {
        lines.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    for header in &reply.headers {
        lines.push_str(&format!("{header}\r\n"));
    }
    lines.push_str("\r\n");
    stream.write_all(lines.as_bytes()).await.ok()?;
    stream.write_all(&reply.body).await.ok()?;
    stream.shutdown().await.ok()
}

/// An authority, as PEM, and what to serve with under it.
fn certificates() -> (String, ServerConfig) {
    let ca_key = KeyPair::generate().expect("a key can be made");
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = ca.self_signed(&ca_key).expect("an authority can sign itself").pem();
    let issuer = Issuer::from_ca_cert_pem(&authority, &ca_key).expect("an authority of ours can sign");
    let key = KeyPair::generate().expect("a key can be made");
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).expect("these are names");
    let leaf = leaf.signed_by(&key, &issuer).expect("an authority of ours can sign");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key of ours is a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("the key belongs to the certificate");
    (authority, config)
}
