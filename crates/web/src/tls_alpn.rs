//! What an authority is shown that looks whether a name leads to this server (TLS-ALPN-01, RFC 8737): a certificate nobody
//! believes, with a digest in it that only the authority's own account can know.

use std::sync::Arc;

use anyhow::Result;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::{server::ClientHello, sign::CertifiedKey};
use rustls_pki_types::PrivatePkcs8KeyDer;

use crate::tls::provider;

/// What is spoken with whoever validates: nothing.
pub(crate) const PROTOCOL: &[u8] = b"acme-tls/1";

/// Whether a handshake is a validation: it offers this protocol and no other (RFC 8737 §3).
pub(crate) fn validates(hello: &ClientHello<'_>) -> bool {
    let offered = hello.alpn().into_iter().flatten();
    offered.map(|protocol| protocol == PROTOCOL).reduce(|all, each| all && each) == Some(true)
}

/// The certificate that answers for a name.
pub(crate) fn answer(name: &str, digest: &[u8; 32]) -> Result<Arc<CertifiedKey>> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key)?.der().clone();
    let key =
        provider().key_provider.load_private_key(PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
    // Whether they belong together is not asked: that would read the certificate, whose extension only authorities know.
    Ok(Arc::new(CertifiedKey::new(vec![certificate], key)))
}
