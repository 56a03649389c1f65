//! The certificates a TLS listener presents, and their exchange while the listener runs: one of its own, and others for
//! names that have one. What is presented is one pointer: a handshake sees the old certificate or the new one, never half of
//! each.

use std::{
    collections::HashMap,
    fmt,
    fs::metadata,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, NoClientAuth, ResolvesServerCert, danger::ClientCertVerifier},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::task::{JoinHandle, spawn_blocking};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{
    client_certificate::{Asking, Authorities},
    local_authority::LocalAuthority,
    named_certificate::NamedCertificate,
    tls_alpn,
};

/// A certificate with its key, read from two PEM files and read again when they change.
#[derive(Clone, Debug)]
pub struct Certificates {
    presented: Arc<Presented>,
    files: Arc<Files>,
}

impl Certificates {
    /// Presents a certificate for `names` from a local authority kept in `dir`, made at the first call; returns
    /// the path of the authority's certificate, which clients have to trust.
    pub fn local(dir: &Path, names: &[String], now_unix: i64) -> Result<(Self, PathBuf)> {
        let authority = LocalAuthority::open(dir, names, now_unix)?;
        let (cert, key) = authority.leaf(names, now_unix)?;
        Ok((Self::from_files(&cert, &key)?, authority.certificate_path()))
    }

    /// Presents the certificate chain in one PEM file with the private key in another.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self> {
        let files = Files { cert: cert.to_owned(), key: key.to_owned() };
        let presented = Presented {
            own: ArcSwap::from_pointee(files.read()?),
            named: ArcSwap::default(),
            answers: ArcSwap::default(),
        };
        Ok(Self { presented: Arc::new(presented), files: Arc::new(files) })
    }

    /// Presents these for their names, and what it has of its own for all others.
    pub fn present(&self, named: HashMap<String, NamedCertificate>) {
        let named = named.into_iter().map(|(name, certificate)| (name, certificate.presented));
        self.presented.named.store(Arc::new(named.collect()));
    }

    /// Answers whoever validates one of these names for an authority (RFC 8737), each with the digest that it asks for.
    pub fn answer(&self, digests: &HashMap<String, [u8; 32]>) -> Result<()> {
        let answers =
            digests.iter().map(|(name, digest)| Ok((name.clone(), tls_alpn::answer(name, digest)?)));
        self.presented.answers.store(Arc::new(answers.collect::<Result<_>>()?));
        Ok(())
    }

    /// The last second of what is presented for names that have no certificate of their own, in Unix time.
    pub fn runs_out(&self) -> Option<i64> {
        let own = self.presented.own.load();
        let (_, parsed) = X509Certificate::from_der(own.cert.first()?).ok()?;
        Some(parsed.validity().not_after.timestamp())
    }

    /// Reads the files again; when that fails, what was presented before stays.
    pub fn reload(&self) -> Result<()> {
        self.presented.own.store(Arc::new(self.files.read()?));
        Ok(())
    }

    /// Starts a task that looks at the files again and again and reloads them when they have changed.
    pub fn watch(&self, every: Duration) -> JoinHandle<()> {
        let certificates = self.clone();
        // The mark is taken here, so that no change between this call and the task's first step is lost.
        let mut seen = self.files.mark();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let look = certificates.clone();
                let reloaded = spawn_blocking(move || {
                    let mark = look.files.mark();
                    (mark != seen).then(|| (mark, look.reload()))
                });
                let Ok(Some((mark, outcome))) = reloaded.await else { continue };
                seen = mark;
                match outcome {
                    Ok(()) => {
                        tracing::info!(certificate = %certificates.files.cert.display(), "certificate reloaded")
                    }
                    Err(error) => tracing::error!("certificate not reloaded, the old one stays: {error:#}"),
                }
            }
        })
    }

    /// What a listener needs that presents this certificate: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    pub fn server_config(&self) -> Tls {
        let config = self.configured(Arc::new(NoClientAuth));
        Tls { config, authorities: Authorities::default(), or_plain: false }
    }

    /// The same, for a listener that asks callers for a certificate; browsers bother people with that question.
    pub fn asking(&self, authorities: Authorities) -> Tls {
        Tls { config: self.configured(Arc::new(Asking::new())), authorities, or_plain: false }
    }

    fn configured(&self, callers: Arc<dyn ClientCertVerifier>) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("aws-lc-rs has cipher suites for TLS 1.2 and 1.3")
            .with_client_cert_verifier(callers)
            .with_cert_resolver(self.presented.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), tls_alpn::PROTOCOL.to_vec()];
        // A returning client then costs no signature. Without a ticketer it costs one, which is no error.
        if let Ok(ticketer) = aws_lc_rs::Ticketer::new() {
            config.ticketer = ticketer;
        }
        Arc::new(config)
    }
}

/// How a listener ends TLS.
#[derive(Clone, Debug)]
pub struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// Who may say who a caller is.
    pub(crate) authorities: Authorities,
    /// Whether plain HTTP is spoken too, with whoever begins so.
    pub(crate) or_plain: bool,
}

impl Tls {
    /// With plain HTTP beside it at the same port, for whoever begins so.
    #[must_use]
    pub fn or_plain(self) -> Tls {
        Tls { or_plain: true, ..self }
    }
}

/// The certificates as handshakes find them.
struct Presented {
    own: ArcSwap<CertifiedKey>,
    /// By the names that have one.
    named: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
    /// By the names that an authority is about to validate.
    answers: ArcSwap<HashMap<String, Arc<CertifiedKey>>>,
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // In lower case, as rustls has it.
        let of_name = |certificates: &ArcSwap<HashMap<String, Arc<CertifiedKey>>>| {
            certificates.load().get(hello.server_name()?).cloned()
        };
        if tls_alpn::validates(&hello) {
            return of_name(&self.answers);
        }
        of_name(&self.named).or_else(|| Some(self.own.load_full()))
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(..)")
    }
}

#[derive(Debug)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
}

impl Files {
    fn read(&self) -> Result<CertifiedKey> {
        let cert = || format!("certificate {}", self.cert.display());
        let key = || format!("private key {}", self.key.display());
        let chain: Vec<_> =
            CertificateDer::pem_file_iter(&self.cert).and_then(Iterator::collect).with_context(cert)?;
        ensure!(!chain.is_empty(), "certificate {}: no certificate in this file", self.cert.display());
        let private = PrivateKeyDer::from_pem_file(&self.key).with_context(key)?;
        CertifiedKey::from_der(chain, private, &provider())
            .with_context(|| format!("{} with {}", cert(), key()))
    }

    /// What tells one state of the files from the next; a missing file is a state too.
    fn mark(&self) -> [Option<(SystemTime, u64)>; 2] {
        [&self.cert, &self.key].map(|path| {
            let found = metadata(path).ok()?;
            Some((found.modified().ok()?, found.len()))
        })
    }
}

pub(crate) fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}
