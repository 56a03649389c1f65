//! Certificates of single names beside the listener's own, and the answers to who validates a name.

use std::fs;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::{Certificates, NamedCertificate, scratch::shake_with_anybody};

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
