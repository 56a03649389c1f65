//! Certificates of callers: asked for in a handshake that ends here, or passed on by a trusted proxy. Whoever shows one holds
//! its key, no more is claimed; which of them says who somebody is, only the authorities tell that are configured.

use std::{fmt, path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, UnixTime, pem::PemObject};

use crate::{Connection, TrustedProxies};

/// The certificate of whoever sent a request, who holds its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    pub der: Vec<u8>,
    /// Whether an authority that is believed made it, and it had not expired.
    pub is_verified: bool,
}

/// The authorities whose certificates say who their holder is.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Option<Arc<dyn ClientCertVerifier>>);

impl Authorities {
    /// Those of a PEM file.
    pub fn from_file(path: &Path) -> Result<Self> {
        let name = || format!("authorities of client certificates, {}", path.display());
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(path).with_context(name)? {
            roots.add(root.with_context(name)?).with_context(name)?;
        }
        ensure!(!roots.is_empty(), "{}: no certificate in this file", path.display());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Self(Some(verifier.with_context(name)?)))
    }

    /// What a caller showed in its handshake.
    pub(crate) fn judge(&self, chain: &[CertificateDer<'_>]) -> Option<PeerCertificate> {
        let (leaf, others) = chain.split_first()?;
        let vouches = |verifier: &Arc<dyn ClientCertVerifier>| {
            verifier.verify_client_cert(leaf, others, UnixTime::now()).is_ok()
        };
        Some(PeerCertificate { der: leaf.to_vec(), is_verified: self.0.as_ref().is_some_and(vouches) })
    }
}

/// Asks for a certificate, has its key proved, and takes any or none.
pub(crate) struct Asking(WebPkiSupportedAlgorithms);

impl Asking {
    pub fn new() -> Self {
        Self(aws_lc_rs::default_provider().signature_verification_algorithms)
    }
}

impl ClientCertVerifier for Asking {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Hints would keep callers from showing a certificate of their own making.
        &[]
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> std::result::Result<ClientCertVerified, Error> {
        // Who made it is asked afterwards; a certificate of nobody's still has a thumbprint.
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asking(..)")
    }
}

/// The headers in which a trusted proxy passes on a caller's certificate and what it found: `{name}`, the certificate in
/// PEM with URL escapes, and `{name}-ca-verified`, `SUCCESS` if an authority made it.
#[derive(Clone, Debug)]
pub struct CertificateHeader {
    certificate: HeaderName,
    verified: HeaderName,
}

impl CertificateHeader {
    /// The headers of this name.
    pub fn named(name: &str) -> Result<Self> {
        let read = |name: String| {
            name.to_ascii_lowercase().parse().with_context(|| format!("{name:?} is no header"))
        };
        Ok(Self { certificate: read(name.to_owned())?, verified: read(format!("{name}-ca-verified"))? })
    }

    fn read(&self, headers: &HeaderMap) -> Option<PeerCertificate> {
        let der = certificate(one(headers, &self.certificate)?)?;
        Some(PeerCertificate { der, is_verified: one(headers, &self.verified) == Some("SUCCESS") })
    }
}

/// The certificate of whoever sent a request. A proxy's own says nothing of those behind it, and a header counts only
/// from a trusted proxy.
pub fn client_certificate(
    headers: &HeaderMap,
    connection: &Connection,
    trusted: &TrustedProxies,
    header: Option<&CertificateHeader>,
) -> Option<PeerCertificate> {
    if !trusted.contains(connection.peer.ip()) {
        return connection.certificate.as_deref().cloned();
    }
    header?.read(headers)
}

/// The value of a header that is there once; two would leave open which of them the proxy wrote.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The one certificate in a PEM with URL escapes.
fn certificate(escaped: &str) -> Option<Vec<u8>> {
    if escaped.len() > 3 * LONGEST {
        return None;
    }
    let pem = percent_decode_str(escaped).decode_utf8().ok()?;
    if pem.len() > LONGEST {
        return None;
    }
    let mut found = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificate = found.next()?.ok()?;
    found.next().is_none().then(|| certificate.to_vec())
}

/// The longest certificate in PEM, in bytes.
const LONGEST: usize = 4096;
