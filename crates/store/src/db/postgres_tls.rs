//! TLS to a PostgreSQL: whose certificate is believed, and which one we show. Files are read for every connection, so that
//! what is renewed there is used without a restart; the hundred and more authorities of the machine are read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, InconsistentKeys, RootCertStore, SignatureScheme,
};
use tokio_postgres::Socket;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::postgres_address::wrong;
use super::{Error, Result};

/// What is asked of a server's certificate, and what we show of ourselves. Without anything, anybody is believed.
#[derive(Debug, Clone, Default)]
pub(super) struct Tls {
    /// Who vouches for the server, if somebody has to.
    pub roots: Option<Roots>,
    /// Whether its certificate has to be for the name that is called.
    pub is_named: bool,
    /// The files of our own certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Whether the handshake comes first, where PostgreSQL wants to be told that it is meant.
    pub is_direct: bool,
}

/// The authorities that are believed.
#[derive(Debug, Clone)]
pub(super) enum Roots {
    /// Those that this machine believes, once they are read, for all clones.
    System(Arc<OnceLock<Arc<RootCertStore>>>),
    File(PathBuf),
}

impl Roots {
    /// The authorities, and the certificates of the file themselves.
    fn read(&self) -> Result<Believed> {
        match self {
            Roots::System(read) => {
                if let Some(roots) = read.get() {
                    return Ok(Believed { roots: roots.clone(), own: Vec::new() });
                }
                let found = rustls_native_certs::load_native_certs();
                let (roots, count) = store_of(&found.certs);
                if count == 0 {
                    return Err(wrong("this machine believes no authority: name some with sslrootcert"));
                }
                // What could not be read now may be there the next time.
                let roots = if found.errors.is_empty() { read.get_or_init(|| roots).clone() } else { roots };
                Ok(Believed { roots, own: Vec::new() })
            }
            Roots::File(path) => {
                let own = certificates("sslrootcert", path)?;
                let (roots, count) = store_of(&own);
                if count == 0 {
                    return Err(unfit("sslrootcert", path, "holds no certificate that can be read"));
                }
                Ok(Believed { roots, own })
            }
        }
    }
}

/// What of certificates can be read, and how many these are.
fn store_of(certificates: &[CertificateDer<'static>]) -> (Arc<RootCertStore>, usize) {
    let mut roots = RootCertStore::empty();
    let (count, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    (Arc::new(roots), count)
}

impl Tls {
    /// Whether not everybody is believed.
    pub fn is_picky(&self) -> bool {
        self.roots.is_some()
    }

    /// As rustls wants it, with what the files hold now.
    pub fn configured(&self) -> Result<ClientConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = self.verifier(provider.signature_verification_algorithms)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::database)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let shown = SingleCertAndKey::from(identity(certificate, key)?);
                builder.with_client_cert_resolver(Arc::new(shown))
            }
        };
        // There is one handshake for each of these.
        config.resumption = Resumption::disabled();
        if self.is_direct {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(config)
    }

    fn verifier(&self, algorithms: WebPkiSupportedAlgorithms) -> Result<Verifier> {
        let believed = self.roots.as_ref().map(Roots::read).transpose()?;
        Ok(Verifier { believed, is_named: self.is_named, algorithms })
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
    type Error = Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self::TlsConnect> {
        let mut connector = MakeRustlsConnect::new(self.configured()?);
        let Ok(connect) = MakeTlsConnect::<Socket>::make_tls_connect(&mut connector, host);
        Ok(connect)
    }
}

/// Our own certificate with its key. Servers take certificates of the first version as well, which rustls does not look into.
fn identity(certificate: &Path, key: &Path) -> Result<CertifiedKey> {
    let chain = certificates("sslcert", certificate)?;
    if chain.first().is_none_or(|shown| x509_parser::parse_x509_certificate(shown).is_err()) {
        return Err(unfit("sslcert", certificate, "holds no certificate that can be read"));
    }
    let no_key = || unfit("sslkey", key, "holds no private key as PEM, or an encrypted one");
    let der = PrivateKeyDer::from_pem_slice(&read("sslkey", key)?).map_err(|_| no_key())?;
    let signing = aws_lc_rs::default_provider().key_provider.load_private_key(der).map_err(|_| no_key())?;
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(wrong("sslcert and sslkey do not belong together"))
        }
        _ => Ok(certified),
    }
}

fn read(parameter: &str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| unfit(parameter, path, &format!("cannot be read: {error}")))
}

fn certificates(parameter: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = read(parameter, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| unfit(parameter, path, "holds no certificate as PEM"))
}

fn unfit(parameter: &str, path: &Path, words: &str) -> Error {
    wrong(format!("{parameter}: {} {words}", path.display()))
}

/// Who is believed. The signature of the handshake is looked at in any case: without it a password that is bound to the
/// certificate would be bound to nothing.
#[derive(Debug)]
struct Verifier {
    believed: Option<Believed>,
    is_named: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Believed {
    roots: Arc<RootCertStore>,
    /// The certificates of the file themselves. A server may have signed its own, as PostgreSQL's manual begins with; such a
    /// one is often an authority's by its form, which would not do for a server's.
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(Believed { roots, own }) = &self.believed else {
            return Ok(ServerCertVerified::assertion());
        };
        let certificate = ParsedCertificate::try_from(shown)?;
        if own.contains(shown) {
            lasts(shown, now)?;
        } else {
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, between, now, algorithms)?;
        }
        if self.is_named {
            verify_server_name(&certificate, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if self.believed.is_some() {
            return verify_tls13_signature(message, certificate, signature, &self.algorithms);
        }
        // Whoever is believed anyway may have one of the first version, which rustls does not look into.
        let (_, certificate) =
            x509_parser::parse_x509_certificate(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether a certificate is good at that moment.
fn lasts(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let (_, certificate) =
        x509_parser::parse_x509_certificate(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = certificate.validity();
    if now < validity.not_before.timestamp() {
        return Err(CertificateError::NotValidYet);
    }
    if now > validity.not_after.timestamp() {
        return Err(CertificateError::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::{Arc, OnceLock};
    use std::time::Duration;

    use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::{Roots, Tls, store_of};

    fn authority() -> (Certificate, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["db.internal".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = rcgen::date_time_ymd(2100, 1, 1);
        (params.self_signed(&key).unwrap(), Issuer::new(params, key))
    }

    fn server(by: &Issuer<'_, KeyPair>) -> Certificate {
        let params = CertificateParams::new(vec!["db.internal".to_owned()]).unwrap();
        params.signed_by(&KeyPair::generate().unwrap(), by).unwrap()
    }

    /// Whether one who believes what is in the file believes this, for that name and in that year.
    fn is_believed(
        roots: &[&Certificate],
        shown: &Certificate,
        name: &str,
        is_named: bool,
        year: u64,
    ) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        fs::write(&file, roots.iter().map(|root| root.pem()).collect::<String>()).unwrap();
        let tls = Tls { roots: Some(Roots::File(file)), is_named, ..Tls::default() };
        believes(&tls, shown, name, year)
    }

    fn believes(tls: &Tls, shown: &Certificate, name: &str, year: u64) -> bool {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        let verifier = tls.verifier(algorithms).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs((year - 1970) * 31_556_952));
        let name = ServerName::try_from(name).unwrap();
        verifier.verify_server_cert(shown.der(), &[], &name, &[], now).is_ok()
    }

    #[test]
    fn an_authority_vouches_and_a_name_has_to_fit() {
        let ((root, issuer), (other, _)) = (authority(), authority());
        let server = server(&issuer);
        assert!(is_believed(&[&root], &server, "db.internal", true, 2030));
        assert!(is_believed(&[&other, &root], &server, "db.internal", true, 2030));
        assert!(!is_believed(&[&other], &server, "db.internal", true, 2030), "somebody else vouches");
        assert!(!is_believed(&[&root], &server, "127.0.0.1", true, 2030), "another name");
        assert!(is_believed(&[&root], &server, "127.0.0.1", false, 2030), "the name is not asked for");
        assert!(!is_believed(&[&other], &server, "127.0.0.1", false, 2030), "but the authority is");
    }

    #[test]
    fn a_server_may_have_signed_its_own() {
        let ((own, _), (other, _)) = (authority(), authority());
        assert!(is_believed(&[&own], &own, "db.internal", true, 2030));
        assert!(!is_believed(&[&own], &own, "elsewhere", true, 2030), "another name");
        assert!(!is_believed(&[&other], &own, "db.internal", true, 2030), "it is not in the file");
        assert!(!is_believed(&[&own], &own, "db.internal", true, 2101), "it has ended");
        assert!(!is_believed(&[&own], &own, "db.internal", true, 1971), "it has not begun");
    }

    #[test]
    fn the_authorities_of_the_machine_are_read_once() {
        let (root, issuer) = authority();
        let server = server(&issuer);
        let read = Arc::new(OnceLock::new());
        let tls = Tls { roots: Some(Roots::System(read.clone())), is_named: true, ..Tls::default() };
        // A machine may believe nobody, and is then asked again.
        match tls.clone().configured() {
            // A clone reads for all, and what was read only in part is not kept.
            Ok(_) => {
                let is_whole = rustls_native_certs::load_native_certs().errors.is_empty();
                assert_eq!(read.get().is_some_and(|read| !read.is_empty()), is_whole);
            }
            Err(error) => {
                assert!(read.get().is_none() && error.to_string().contains("no authority"), "{error}")
            }
        }
        let (ours, _) = store_of(&[root.der().clone()]);
        let tls = Tls { roots: Some(Roots::System(Arc::new(ours.into()))), is_named: true, ..Tls::default() };
        assert!(believes(&tls, &server, "db.internal", 2030), "what was read is believed");
        assert!(!believes(&tls, &server, "elsewhere", 2030), "another name");
    }

    #[test]
    fn what_is_no_certificate_is_refused_by_its_parameter() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (pem, key) = (authority().0.pem(), KeyPair::generate().unwrap().serialize_pem());
        let (good, other_key) = (file("good.pem", &pem), file("other.key", &key));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bad: Vec<PathBuf> = vec![
            "/nowhere/at.all".into(),
            folder.path().to_owned(),
            file("empty.pem", ""),
            file("words.pem", "no certificate"),
            file("cut.pem", pem.split_at(80).0),
            file("garbage.pem", garbage),
            file("key.pem", &key),
        ];
        for path in bad {
            let roots = Tls { roots: Some(Roots::File(path.clone())), ..Tls::default() };
            let words = roots.configured().unwrap_err().to_string();
            assert!(words.starts_with("sslrootcert: "), "{words}");
            let identity = Tls { identity: Some((path.clone(), other_key.clone())), ..Tls::default() };
            let words = identity.configured().unwrap_err().to_string();
            assert!(words.starts_with("sslcert"), "{words}");
            if !path.ends_with("key.pem") {
                let identity = Tls { identity: Some((good.clone(), path)), ..Tls::default() };
                let words = identity.configured().unwrap_err().to_string();
                assert!(words.starts_with("sslkey: "), "{words}");
            }
        }
        let strangers = Tls { identity: Some((good, other_key)), ..Tls::default() };
        assert!(strangers.configured().unwrap_err().to_string().starts_with("sslcert and sslkey"));
    }
}
