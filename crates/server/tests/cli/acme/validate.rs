//! How an authority looks whether a name leads to a server, and what anybody sees there.

use std::{net::SocketAddr, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key},
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_rustls::TlsConnector;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer as _, X509Certificate},
};

/// TLS-ALPN-01, as RFC 8737 §3 has it.
pub async fn tls_alpn(address: SocketAddr, name: &str, expected: &str) -> Result<(), String> {
    let (leaf, protocol, rest) = shake(address, name, &["acme-tls/1"]).await?;
    if protocol.as_deref() != Some(b"acme-tls/1") {
        return Err("another protocol was agreed".into());
    }
    if !rest.is_empty() {
        return Err("something was said after the handshake".into());
    }
    let (_, certificate) = X509Certificate::from_der(&leaf).map_err(|error| error.to_string())?;
    let names = certificate.subject_alternative_name().map_err(|error| error.to_string())?;
    let names = names.map(|names| names.value.general_names.clone()).unwrap_or_default();
    if names != [GeneralName::DNSName(name)] {
        return Err(format!("the certificate is for {names:?}"));
    }
    let digest = [&[4, 32][..], &jose::sha256(expected.as_bytes())].concat();
    let mut extensions = certificate.extensions().iter();
    let extension = extensions.find(|extension| extension.oid.to_id_string() == "1.3.6.1.5.5.7.1.31");
    match extension {
        Some(extension) if extension.critical && extension.value == digest => Ok(()),
        Some(_) => Err("the certificate is not for this account and token".into()),
        None => Err("the certificate answers no validation".into()),
    }
}

/// HTTP-01, as RFC 8555 §8.3 has it.
pub async fn http(address: SocketAddr, name: &str, token: &str, expected: &str) -> Result<(), String> {
    let client = reqwest::Client::builder().no_proxy().resolve(name, address).build().unwrap();
    let url = format!("http://{name}:{}/.well-known/acme-challenge/{token}", address.port());
    let answer = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
    let (status, text) = (answer.status(), answer.text().await.map_err(|error| error.to_string())?);
    if status != 200 || text.trim_end() != expected {
        return Err(format!("it answered {status} {text:?}"));
    }
    Ok(())
}

/// The serial number of the certificate that is presented to who asks for a name.
pub async fn serial(address: SocketAddr, name: &str) -> Vec<u8> {
    let (leaf, ..) = shake(address, name, &["http/1.1"]).await.unwrap();
    X509Certificate::from_der(&leaf).unwrap().1.raw_serial().to_vec()
}

type Shaken = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

/// What was presented and agreed, and what came after a validation.
async fn shake(address: SocketAddr, name: &str, protocols: &[&str]) -> Result<Shaken, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let anybody = Anybody(provider.signature_verification_algorithms);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(anybody))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let server = ServerName::try_from(name.to_owned()).unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
    let mut stream = connected.map_err(|error| error.to_string())?;
    let connection = stream.get_ref().1;
    let leaf = connection.peer_certificates().unwrap()[0].to_vec();
    let protocol = connection.alpn_protocol().map(<[u8]>::to_vec);
    let mut rest = Vec::new();
    if protocols == ["acme-tls/1"] {
        // Until the other side ends it, as it must.
        stream.read_to_end(&mut rest).await.map_err(|error| error.to_string())?;
    }
    Ok((leaf, protocol, rest))
}

/// Believes every certificate, if only its key is there: what is in it is looked at afterwards.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // The whole certificate would be refused: what it says is for who validates, and nobody else knows it.
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| Error::General("no X.509".into()))?;
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
