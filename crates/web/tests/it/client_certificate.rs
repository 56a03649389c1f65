//! Whose word counts about a caller's certificate.

use std::sync::Arc;

use proptest::prelude::*;
use web::{CertificateHeader, Connection, PeerCertificate, TrustedProxies, client_certificate};

use crate::support::headers;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "198.51.100.7";

fn pem() -> String {
    rcgen::generate_simple_self_signed(vec!["machine".to_owned()]).unwrap().cert.pem()
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn seen(peer: &str, lines: &[(&str, &str)], shown: Option<PeerCertificate>) -> Option<PeerCertificate> {
    let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let trusted: TrustedProxies = serde_json::from_str(r#"["10.0.0.0/8"]"#).unwrap();
    let peer = (peer.parse::<std::net::IpAddr>().unwrap(), 4000).into();
    let connection = Connection { peer, tls: true, certificate: shown.map(Arc::new) };
    let header = CertificateHeader::named("Client-Certificate").unwrap();
    client_certificate(&headers(&lines), &connection, &trusted, Some(&header))
}

#[test]
fn the_header_counts_only_from_a_trusted_proxy() {
    let header = escaped(&pem());
    let lines = [("client-certificate", header.as_str()), ("client-certificate-ca-verified", "SUCCESS")];
    let found = seen(PROXY, &lines, None).unwrap();
    assert!(found.is_verified && found.der.len() > 100);
    assert_eq!(seen(STRANGER, &lines, None), None);
    // With or without escapes in the base64, as proxies write it.
    let loose = pem().replace('\n', "%0A").replace(' ', "%20");
    assert!(seen(PROXY, &[("client-certificate", &loose)], None).is_some_and(|found| !found.is_verified));

    let shown = PeerCertificate { der: vec![1], is_verified: true };
    assert_eq!(seen(STRANGER, &lines, Some(shown.clone())), Some(shown.clone()));
    // A proxy's own certificate is not that of whoever stands behind it.
    assert_eq!(seen(PROXY, &[], Some(shown.clone())), None);
    assert_eq!(seen(PROXY, &lines, Some(shown)), Some(found));
}

#[test]
fn without_the_setting_no_header_counts() {
    let header = escaped(&pem());
    let trusted: TrustedProxies = serde_json::from_str(r#"["10.0.0.0/8"]"#).unwrap();
    let connection = Connection { peer: ([10, 0, 0, 1], 1).into(), tls: false, certificate: None };
    let lines = headers(&[("client-certificate", header.as_bytes())]);
    assert_eq!(client_certificate(&lines, &connection, &trusted, None), None);
    assert!(CertificateHeader::named("no header").is_err() && CertificateHeader::named("").is_err());
}

#[test]
fn only_success_is_success() {
    let header = escaped(&pem());
    for word in
        ["FAILED", "FAILED:self signed certificate", "NONE", "success", "SUCCESS ", "SUCCESS,FAILED", ""]
    {
        let lines = [("client-certificate", header.as_str()), ("client-certificate-ca-verified", word)];
        let is_trimmed = word == "SUCCESS ";
        assert_eq!(
            seen(PROXY, &lines, None).map(|found| found.is_verified && !is_trimmed),
            Some(false),
            "{word:?}"
        );
    }
    let twice = [
        ("client-certificate", header.as_str()),
        ("client-certificate-ca-verified", "SUCCESS"),
        ("client-certificate-ca-verified", "SUCCESS"),
    ];
    assert_eq!(seen(PROXY, &twice, None).map(|found| found.is_verified), Some(false));
}

#[test]
fn what_is_no_single_certificate_is_none() {
    let good = escaped(&pem());
    let (two, key) = (escaped(&(pem() + &pem())), rcgen::KeyPair::generate().unwrap().serialize_pem());
    let (key, long, padded) = (escaped(&key), "A".repeat(20_000), escaped(&(pem() + &" ".repeat(4_096))));
    let open = good.replace("END", "FIN");
    for value in ["", "%", "%zz", "%ff%fe", "%00", "null", "MIIB", &two, &key, &long, &padded, &open] {
        assert_eq!(seen(PROXY, &[("client-certificate", value)], None), None, "{value:.60}");
    }
    let twice = [("client-certificate", good.as_str()), ("client-certificate", good.as_str())];
    assert_eq!(seen(PROXY, &twice, None), None);
}

proptest! {
    #[test]
    fn whatever_stands_in_the_header_nothing_breaks(value in "[ -~]{0,300}") {
        seen(PROXY, &[("client-certificate", &value)], None);
        seen(PROXY, &[("client-certificate", &format!("-----BEGIN CERTIFICATE-----%0A{value}%0A-----END CERTIFICATE-----"))], None);
    }
}
