//! Handshakes: the local authority, certificates from files, and their exchange.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use axum::{Extension, Router, body::Body, routing::get};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use web::{Authorities, Certificates, Connection};

use crate::support::{exchange, millis, now, scratch, with, with_tls};

const DAY: i64 = 86_400;

pub fn names(extra: &[&str]) -> Vec<String> {
    ["localhost", "127.0.0.1", "::1"].iter().chain(extra).map(|name| (*name).to_owned()).collect()
}

pub fn app() -> Router {
    Router::new()
        .route("/", get(async |Extension(connection): Extension<Connection>| connection.tls.to_string()))
}

/// Shakes hands while trusting only what is in `root`.
pub async fn connect(
    address: SocketAddr,
    root: &Path,
    name: &str,
    alpn: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

pub fn presented(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// Writes a self-signed certificate for localhost.
fn self_signed(cert: &Path, key: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(key, made.signing_key.serialize_pem()).unwrap();
    fs::write(cert, made.cert.pem()).unwrap();
}

#[tokio::test]
async fn the_local_authority_is_enough_for_a_client() {
    let dir = scratch("local_authority");
    let (certificates, root) =
        Certificates::local(&dir, &names(&["id.test", "*.id.test", "192.0.2.1"]), now()).unwrap();
    let served = with_tls(app(), &certificates).await;
    for name in ["localhost", "127.0.0.1", "::1", "id.test", "tenant.id.test", "192.0.2.1"] {
        let mut stream = connect(served.address, &root, name, "http/1.1").await.expect(name);
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("true"), "{answer}");
    }
    for name in ["other.test", "127.0.0.2", "a.tenant.id.test"] {
        assert!(connect(served.address, &root, name, "http/1.1").await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn one_port_may_speak_plain_http_too() {
    let (certificates, root) =
        Certificates::local(&scratch("or_plain"), &names(&[]), now()).expect("a local authority");
    let served = with(app(), certificates.server_config().or_plain()).await;
    let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    assert!(exchange(served.address, request).await.ends_with("false"));
    let mut stream = connect(served.address, &root, "localhost", "http/1.1").await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("true"), "{answer}");
    // What is neither costs itself; who goes away without a word, nothing.
    let answer = exchange(served.address, "\u{16}GET / HTTP/1.1\r\n\r\n").await;
    assert!(!answer.contains("200"), "{answer}");
    drop(TcpStream::connect(served.address).await.unwrap());
    assert!(exchange(served.address, request).await.ends_with("false"));
    // Elsewhere plain HTTP is no handshake.
    let strict = with_tls(app(), &certificates).await;
    assert!(!exchange(strict.address, request).await.contains("200"));
}

#[tokio::test]
async fn the_local_authority_cannot_sign_for_others() {
    let dir = scratch("constrained_authority");
    let (_, root) = Certificates::local(&dir, &names(&[]), now()).unwrap();
    let key = rcgen::KeyPair::from_pem(&fs::read_to_string(dir.join("ca.key")).unwrap()).unwrap();
    let issuer = rcgen::Issuer::from_ca_cert_pem(&fs::read_to_string(&root).unwrap(), key).unwrap();
    let (cert_path, key_path) = (dir.join("forged.pem"), dir.join("forged.key"));
    for (name, is_allowed) in
        [("localhost", true), ("127.9.9.9", true), ("bank.test", false), ("192.0.2.1", false)]
    {
        let leaf_key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        fs::write(&cert_path, params.signed_by(&leaf_key, &issuer).unwrap().pem()).unwrap();
        fs::write(&key_path, leaf_key.serialize_pem()).unwrap();
        let served = with_tls(app(), &Certificates::from_files(&cert_path, &key_path).unwrap()).await;
        assert_eq!(connect(served.address, &root, name, "h2").await.is_ok(), is_allowed, "{name}");
    }
}

#[tokio::test]
async fn http2_is_agreed_by_alpn() {
    let dir = scratch("alpn");
    let (certificates, root) = Certificates::local(&dir, &names(&[]), now()).unwrap();
    let served = with_tls(app(), &certificates).await;
    let stream = connect(served.address, &root, "localhost", "h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = || http::Request::get("https://localhost/").body(Body::empty()).unwrap();
    let (one, two) = (sender.send_request(request()), sender.clone().send_request(request()));
    for answer in [one.await.unwrap(), two.await.unwrap()] {
        assert_eq!(answer.version(), http::Version::HTTP_2);
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "true");
    }
    // Shutdown says goodbye on HTTP/2 as well.
    served.shutdown.cancel();
    served.task.await.unwrap().unwrap();
    connection.await.unwrap().unwrap();
}

#[test]
fn a_second_start_finds_what_the_first_made() {
    let dir = scratch("second_start");
    let files =
        || ["ca.pem", "ca.key", "local.pem", "local.key"].map(|name| fs::read(dir.join(name)).unwrap());
    let start = |extra: &[&str], now| Certificates::local(&dir, &names(extra), now).unwrap();
    let time = now();
    let (_, root) = start(&[], time);
    assert_eq!(root, dir.join("ca.pem"));
    let first = files();
    start(&["0:0:0:0:0:0:0:1", "LOCALHOST"], time + 360 * DAY);
    assert_eq!(files(), first);
    // Within thirty days of its end the certificate is made anew, by the same authority.
    start(&[], time + 368 * DAY);
    let renewed = files();
    assert_eq!(renewed[..2], first[..2]);
    assert_ne!(renewed[2..], first[2..]);
    // A name the authority may sign for costs a certificate, another one costs the authority.
    start(&["tenant.localhost", "127.0.0.2"], time + 368 * DAY);
    let more = files();
    assert_eq!(more[..2], first[..2]);
    assert_ne!(more[2], renewed[2]);
    start(&["id.test"], time + 368 * DAY);
    assert_ne!(files()[0], first[0]);
}

#[test]
fn a_local_certificate_lasts_no_longer_than_browsers_allow() {
    let dir = scratch("lifetime");
    Certificates::local(&dir, &names(&[]), now()).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(&fs::read(dir.join("local.pem")).unwrap()).unwrap();
    let validity = pem.parse_x509().unwrap().validity().clone();
    assert!(validity.not_after.timestamp() - validity.not_before.timestamp() <= 397 * DAY);
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = scratch("modes");
    Certificates::local(&dir, &names(&[]), now()).unwrap();
    let mode = |name: &str| fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca.key"), mode("local.key")), (0o600, 0o600));
    assert_eq!(mode("."), 0o700);
}

#[test]
fn half_an_authority_stops_the_start() {
    let dir = scratch("half");
    Certificates::local(&dir, &names(&[]), now()).unwrap();
    fs::rename(dir.join("ca.key"), dir.join("aside")).unwrap();
    let error = Certificates::local(&dir, &names(&[]), now()).unwrap_err();
    assert!(format!("{error:#}").contains("only one of"), "{error:#}");
    fs::write(dir.join("ca.key"), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let error = Certificates::local(&dir, &names(&[]), now()).unwrap_err();
    assert!(format!("{error:#}").contains("does not belong"), "{error:#}");
    fs::write(dir.join("ca.pem"), "\0 not a certificate").unwrap();
    assert!(Certificates::local(&dir, &names(&[]), now()).is_err());
}

#[test]
fn a_bad_name_stops_the_start() {
    for bad in
        ["", ".", "*", "*.", "\u{e9}.test", "a b", "a\0b", "localhost:3000", "http://localhost", "a..b"]
    {
        let dir = scratch("bad_name");
        assert!(Certificates::local(&dir, &names(&[bad]), now()).is_err(), "{bad:?}");
        assert!(!dir.exists(), "{bad:?}");
    }
}

#[tokio::test]
async fn a_changed_file_is_presented_at_the_next_handshake() {
    let dir = scratch("reload");
    fs::create_dir_all(&dir).unwrap();
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    self_signed(&cert, &key);
    let certificates = Certificates::from_files(&cert, &key).unwrap();
    let served = with_tls(app(), &certificates).await;
    let first = presented(&connect(served.address, &cert, "localhost", "h2").await.unwrap());

    fs::copy(&cert, dir.join("old.pem")).unwrap();
    fs::write(&key, "broken").unwrap();
    let error = certificates.reload().unwrap_err();
    assert!(format!("{error:#}").contains("key.pem"), "{error:#}");
    let old = dir.join("old.pem");
    assert_eq!(presented(&connect(served.address, &old, "localhost", "h2").await.unwrap()), first);

    self_signed(&cert, &key);
    certificates.reload().unwrap();
    let second = presented(&connect(served.address, &cert, "localhost", "h2").await.unwrap());
    assert_ne!(second, first);

    // The key of one with the certificate of the other.
    self_signed(&dir.join("other.pem"), &key);
    assert!(certificates.reload().is_err());
    assert_eq!(presented(&connect(served.address, &cert, "localhost", "h2").await.unwrap()), second);
}

#[tokio::test]
async fn a_watched_file_is_reloaded_by_itself() {
    let dir = scratch("watch");
    fs::create_dir_all(&dir).unwrap();
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    self_signed(&cert, &key);
    let certificates = Certificates::from_files(&cert, &key).unwrap();
    let watch = certificates.watch(millis(30));
    let served = with_tls(app(), &certificates).await;
    fs::remove_file(&key).unwrap();
    sleep(millis(100)).await;
    self_signed(&cert, &key);
    let mut is_new = false;
    for _ in 0..2000 {
        sleep(millis(30)).await;
        is_new = connect(served.address, &cert, "localhost", "h2").await.is_ok();
        if is_new {
            break;
        }
    }
    assert!(is_new, "the new certificate was never presented");
    watch.abort();
}

#[test]
fn files_that_are_no_certificates_are_named() {
    let dir = scratch("no_certificates");
    fs::create_dir_all(&dir).unwrap();
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    assert!(format!("{:#}", Certificates::from_files(&cert, &key).unwrap_err()).contains("cert.pem"));
    self_signed(&cert, &key);
    for content in ["", "text", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
        fs::write(&cert, content).unwrap();
        let error = Certificates::from_files(&cert, &key).unwrap_err();
        assert!(format!("{error:#}").contains("cert.pem"), "{error:#}");
    }
}

#[test]
fn certificates_do_not_print_their_key() {
    let dir = scratch("debug");
    let (certificates, _) = Certificates::local(&dir, &names(&[]), now()).unwrap();
    let printed = format!("{certificates:?}");
    assert!(printed.contains("Presented(..)"), "{printed}");
}

/// What the server says of the certificate that it was shown.
fn shown() -> Router {
    Router::new().route(
        "/",
        get(async |Extension(connection): Extension<Connection>| match connection.certificate {
            Some(certificate) => format!("{} {}", certificate.is_verified, certificate.der.len()),
            None => "none".to_owned(),
        }),
    )
}

/// Asks, showing a certificate; what comes back, or nothing if the handshake failed.
async fn ask(
    served: SocketAddr,
    root: &Path,
    chain: Option<(Vec<CertificateDer<'static>>, &rcgen::KeyPair)>,
    version: &'static rustls::SupportedProtocolVersion,
) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    let config = match chain {
        // The client does not look whether its key goes with its certificate.
        Some((chain, key)) => {
            let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
            let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
            let shown = rustls::sign::SingleCertAndKey::from(rustls::sign::CertifiedKey::new(chain, key));
            config.with_client_cert_resolver(Arc::new(shown))
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(served).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    answer.rsplit("\r\n").next().map(str::to_owned)
}

#[tokio::test]
async fn a_caller_may_show_a_certificate_and_is_judged_by_the_authorities() {
    let dir = scratch("client_certificates");
    let (certificates, root) = Certificates::local(&dir, &names(&[]), now()).unwrap();
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let bundle = dir.join("authorities.pem");
    fs::write(&bundle, authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = |days: i64, issuer: Option<&rcgen::Issuer<'_, rcgen::KeyPair>>| {
        let mut params = rcgen::CertificateParams::new(vec!["machine".to_owned()]).unwrap();
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + std::time::Duration::from_secs((now() - 10 * DAY).unsigned_abs());
        params.not_after = epoch + std::time::Duration::from_secs((now() + days * DAY).unsigned_abs());
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let made = match issuer {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        made.unwrap().der().clone()
    };
    let served = with(shown(), certificates.asking(Authorities::from_file(&bundle).unwrap())).await;
    let unconfigured = with(shown(), certificates.asking(Authorities::default())).await;
    let silent = with_tls(shown(), &certificates).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for (certificate, expected) in
            [(made(1, Some(&issuer)), "true"), (made(-1, Some(&issuer)), "false"), (made(1, None), "false")]
        {
            let chain = || Some((vec![certificate.clone()], &key));
            let length = certificate.len();
            assert_eq!(
                ask(served.address, &root, chain(), version).await,
                Some(format!("{expected} {length}"))
            );
            let answer = ask(unconfigured.address, &root, chain(), version).await;
            assert_eq!(answer, Some(format!("false {length}")));
            assert_eq!(ask(silent.address, &root, chain(), version).await.as_deref(), Some("none"));
        }
        assert_eq!(ask(served.address, &root, None, version).await.as_deref(), Some("none"));
        // Somebody else's certificate, without its key.
        let stranger = rcgen::KeyPair::generate().unwrap();
        let stolen = Some((vec![made(1, Some(&issuer))], &stranger));
        assert_eq!(ask(served.address, &root, stolen, version).await, None);
    }
}
