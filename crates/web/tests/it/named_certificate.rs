//! Certificates of single names beside the listener's own, and the answers to who validates a name.

use std::{fs, net::SocketAddr, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::verify_tls13_signature_with_raw_key,
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use web::{Certificates, NamedCertificate};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{
    support::{now, scratch, with_tls},
    tls::{app, connect, names, presented},
};

/// A certificate for a name, by an authority that nobody else has, and its key.
fn given(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[tokio::test]
async fn a_name_may_have_a_certificate_of_its_own() {
    let dir = scratch("named");
    let (certificates, root) = Certificates::local(&dir, &names(&[]), now()).unwrap();
    let served = with_tls(app(), &certificates).await;
    let (chain, key) = given("login.example.com");
    let named = NamedCertificate::from_pem("login.example.com", &chain, &key).unwrap();
    assert!(!format!("{named:?}").contains("Key"), "{named:?}");
    certificates.present([("login.example.com".to_owned(), named)].into());
    fs::write(dir.join("given.pem"), &chain).unwrap();
    for name in ["login.example.com", "LOGIN.example.com"] {
        assert!(connect(served.address, &dir.join("given.pem"), name, "h2").await.is_ok(), "{name}");
    }
    assert!(connect(served.address, &root, "localhost", "h2").await.is_ok(), "others have what they had");
    certificates.present([].into());
    assert!(connect(served.address, &dir.join("given.pem"), "login.example.com", "h2").await.is_err());

    let (_, other) = given("login.example.com");
    for (name, chain, key, expected) in [
        ("other.example.com", chain.as_str(), key.as_str(), "is not for"),
        ("login.example.com", &chain, &other, "do not belong together"),
        ("login.example.com", "", &key, "no certificate"),
        ("login.example.com", &chain, "", "private key"),
        ("login.example.com", &chain.repeat(11), &key, "11 certificates"),
    ] {
        let error = NamedCertificate::from_pem(name, chain, key).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
}

#[tokio::test]
async fn whoever_validates_a_name_is_shown_its_digest_and_told_nothing() {
    let (certificates, root) = Certificates::local(&scratch("validation"), &names(&[]), now()).unwrap();
    let served = with_tls(app(), &certificates).await;
    // Nobody is answered before there is something to answer.
    let none = shake_with_anybody(served.address, "login.example.com", &["acme-tls/1"]).await;
    assert!(none.is_err(), "{none:?}");
    certificates.answer(&[("login.example.com".to_owned(), [7; 32])].into()).unwrap();
    let mut stream = shake_with_anybody(served.address, "login.example.com", &["acme-tls/1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"acme-tls/1"[..]));
    let leaf = presented(&stream);
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).unwrap();
    let extension = leaf.extensions().iter().find(|each| each.oid.to_id_string() == "1.3.6.1.5.5.7.1.31");
    let extension = extension.unwrap();
    assert!(extension.critical);
    assert_eq!(extension.value, [&[4, 32][..], &[7; 32]].concat());
    // It ends there, whatever is asked.
    let mut answer = Vec::new();
    let asked = stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let read = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "{asked:?} {read:?} {answer:?}");
    // Another name is not answered, and who offers more than this wants no validation.
    assert!(shake_with_anybody(served.address, "other.example.com", &["acme-tls/1"]).await.is_err());
    let stream =
        shake_with_anybody(served.address, "login.example.com", &["acme-tls/1", "h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert!(connect(served.address, &root, "localhost", "http/1.1").await.is_ok());
}

/// Shakes hands with whoever is there: what it presents is looked at afterwards.
async fn shake_with_anybody(
    address: SocketAddr,
    name: &str,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let anybody = Arc::new(Anybody(provider.signature_verification_algorithms));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(anybody)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[derive(Debug)]
struct Anybody(rustls::crypto::WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only TLS 1.3 is spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // The whole certificate would be refused: what it says is for who validates, and nobody else knows it.
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| rustls::Error::General("no X.509".into()))?;
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.supported_schemes()
    }
}
