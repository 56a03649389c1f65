//! A certificate that an authority gave for a name, read and held against what was asked for. Whether anybody believes the
//! authority is not looked at.

use std::{fmt, sync::Arc};

use anyhow::{Context, Result, ensure};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{local_authority::covered_names, tls::provider};

/// A certificate for one name, with its chain and its key.
#[derive(Clone)]
pub struct NamedCertificate {
    pub(crate) presented: Arc<CertifiedKey>,
    /// The first second of its validity, in Unix time.
    pub not_before: i64,
    /// The last one.
    pub not_after: i64,
}

impl NamedCertificate {
    /// Reads a chain, the leaf first, and the leaf's key, both PEM; refused if they are not of each other, or not for this
    /// name.
    pub fn from_pem(name: &str, chain: &str, key: &str) -> Result<Self> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes())
            .collect::<Result<_, _>>()
            .context("the chain is no PEM")?;
        ensure!(chain.len() <= LONGEST_CHAIN, "a chain of {} certificates", chain.len());
        let leaf = chain.first().context("no certificate in the chain")?;
        let (_, parsed) = X509Certificate::from_der(leaf).context("the certificate is not X.509")?;
        let names = covered_names(&parsed);
        ensure!(names.contains(&name.to_ascii_lowercase()), "the certificate is not for {name}");
        let (not_before, not_after) =
            (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).context("the private key is no PEM")?;
        let presented = CertifiedKey::from_der(chain, key, &provider())
            .context("the certificate and the private key do not belong together")?;
        Ok(Self { presented: Arc::new(presented), not_before, not_after })
    }
}

impl fmt::Debug for NamedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { presented: _, not_before, not_after } = self;
        write!(f, "NamedCertificate({not_before}..={not_after}, Secret(..))")
    }
}

/// Public authorities give two or three.
const LONGEST_CHAIN: usize = 10;
