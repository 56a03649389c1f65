//! Headers of proxies, certificates, credentials, cookies and media types: one a line.

#![no_main]

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use jose::Certificate;
use libfuzzer_sys::fuzz_target;
use web::{CertificateHeader, Connection, MediaType, Origin, TrustedProxies, client_certificate};

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(32) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let connection =
        Connection { peer: SocketAddr::from(([127, 0, 0, 1], 1)), tls: false, certificate: None };
    let everybody =
        TrustedProxies::try_from(vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()]).expect("networks");
    let uri = Uri::from_static("/oauth/token");
    for trusted in [&everybody, &TrustedProxies::default()] {
        if let Ok(origin) = Origin::read(&headers, &uri, &connection, trusted) {
            assert!(!origin.host.contains(['/', ' ', '\0', '@']), "{:?}", origin.host);
        }
    }
    if let Ok(origin) = Origin::read(&headers, &uri, &connection, &TrustedProxies::default()) {
        assert_eq!(origin.ip, connection.peer.ip(), "nobody was to be believed");
    }
    let name = CertificateHeader::named("client-certificate").expect("a name");
    if let Some(found) = client_certificate(&headers, &connection, &everybody, Some(&name)) {
        let _ = Certificate::from_der(found.der).map(|certificate| certificate.subject_dn());
    }
    let nobodys = client_certificate(&headers, &connection, &TrustedProxies::default(), Some(&name));
    assert_eq!(nobodys, None, "nobody was to be believed");
    let _ = (web::basic_credentials(&headers), web::bearer(&headers), MediaType::of(&headers));
    let _ = web::cookies(&headers, "a").count();
});
