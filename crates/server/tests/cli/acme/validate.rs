//! How an authority looks whether a name leads to a server, and what anybody sees there.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt as _;
use web::scratch::shake_with_anybody;
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
    let shaken = shake_with_anybody(address, name, protocols).await;
    let mut stream = shaken.map_err(|error| error.to_string())?;
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
