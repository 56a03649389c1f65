//! Bodies that are too long, too slow or broken, and forms.

use std::{
    io::{Read, Write},
    time::Duration,
};

use axum::{Router, body::Body, routing::post};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use proptest::prelude::*;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use web::{BodyError, FormError, Limits, form, read_body, unique};

use crate::support::{PATIENCE, exchange, millis, plain, read_some, read_to_close};

/// Answers with what became of the body: at most ten bytes, at most so long.
async fn judge(body: Body, deadline: Duration) -> String {
    match read_body(body, 10, deadline).await {
        Ok(bytes) => format!("read {}", bytes.escape_ascii()),
        Err(error) => format!("{error:?}"),
    }
}

fn app() -> Router {
    Router::new()
        .route("/", post(async |body: Body| judge(body, millis(200)).await))
        .route("/patient", post(async |body: Body| judge(body, PATIENCE).await))
}

#[tokio::test]
async fn bodies_are_read_to_their_limit() {
    let served = plain(app(), Limits::default()).await;
    let table = [
        ("content-length: 10", "0123456789", "read 0123456789"),
        ("content-length: 0", "", "read "),
        ("x: y", "", "read "),
        ("content-length: 11", "01234567890", "TooLarge"),
        ("content-length: 99999999", "", "TooLarge"),
        ("transfer-encoding: chunked", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", "read 0123456789"),
        ("transfer-encoding: chunked", "0\r\n\r\n", "read "),
        ("transfer-encoding: chunked", "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n", "TooLarge"),
        ("transfer-encoding: chunked", "b\r\n0123456789a\r\n", "TooLarge"),
        ("transfer-encoding: chunked", "zz\r\n", "Broken"),
    ];
    for (header, body, expected) in table {
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{header}\r\n\r\n{body}");
        let answer = exchange(served.address, &request).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{expected}")), "{header} {body}: {answer}");
    }
}

#[tokio::test]
async fn a_slow_body_is_slow_and_a_late_one_is_read() {
    let served = plain(app(), Limits::default()).await;
    let begun = async |path: &str| {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let head = "HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\n012";
        stream.write_all(format!("POST {path} {head}").as_bytes()).await.unwrap();
        stream
    };
    // What follows is sent only once the server has had enough.
    let mut slow = begun("/").await;
    let mut answer = read_some(&mut slow).await;
    let _ = slow.write_all(b"34").await;
    answer.push_str(&read_to_close(&mut slow).await);
    assert!(answer.ends_with("\r\n\r\nSlow"), "{answer}");

    let mut late = begun("/patient").await;
    tokio::time::sleep(millis(50)).await;
    late.write_all(b"34").await.unwrap();
    let answer = read_to_close(&mut late).await;
    assert!(answer.ends_with("\r\n\r\nread 01234"), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_broken() {
    assert_eq!(read_body(failing(), 10, millis(200)).await, Err(BodyError::Broken));
}

fn failing() -> Body {
    struct Failing;
    impl hyper::body::Body for Failing {
        type Data = bytes::Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, std::io::Error>>> {
            std::task::Poll::Ready(Some(Err(std::io::ErrorKind::BrokenPipe.into())))
        }
    }
    Body::new(Failing)
}

/// The runtime has no clock, so arming a timer would panic and the answer would never come.
#[test]
fn a_body_that_came_with_its_head_arms_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let request = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\n01234";
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    runtime.block_on(async {
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let stream = TokioIo::new(TcpStream::from_std(stream).unwrap());
        let service = TowerToHyperService::new(app());
        let connection = auto::Builder::new(TokioExecutor::new());
        connection.serve_connection(stream, service).await.unwrap();
    });
    assert!(client.join().unwrap().ends_with("read 01234"));
}

#[tokio::test]
async fn a_body_at_hand_is_handed_on() {
    let body = read_body(Body::from("abc"), 3, Duration::ZERO).await;
    assert_eq!(body.unwrap(), "abc");
    assert_eq!(read_body(Body::from("abcd"), 3, Duration::ZERO).await, Err(BodyError::TooLarge));
    assert_eq!(read_body(Body::empty(), 0, Duration::ZERO).await.unwrap(), "");
}

#[test]
fn forms_are_decoded_strictly() {
    let pairs = |text: &[u8]| form(text).unwrap();
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(pairs(b""), []);
    assert_eq!(pairs(b"&&"), []);
    assert_eq!(pairs(b"a=1&b=2&a=3"), owned(&[("a", "1"), ("b", "2"), ("a", "3")]));
    assert_eq!(pairs(b"a&b=&=c"), owned(&[("a", ""), ("b", ""), ("", "c")]));
    assert_eq!(pairs(b"a+b=c%20d%2B%26%3D"), owned(&[("a b", "c d+&=")]));
    assert_eq!(pairs(b"a=b=c"), owned(&[("a", "b=c")]));
    assert_eq!(pairs(b"a=100%&b=%zz"), owned(&[("a", "100%"), ("b", "%zz")]));
    assert_eq!(pairs("a=%C3%BC\u{fc}".as_bytes()), owned(&[("a", "\u{fc}\u{fc}")]));
    for bad in [&b"a=%FF"[..], b"a=\xff", b"%C3=x", b"a=%C3&b=%BC"] {
        assert_eq!(form(bad), Err(FormError::NotUtf8), "{}", bad.escape_ascii());
    }
    for bad in [&b"a=%00"[..], b"a=\0", b"\0", b"a%00=b"] {
        assert_eq!(form(bad), Err(FormError::Nul), "{}", bad.escape_ascii());
    }
    assert_eq!(form("a&".repeat(1000).as_bytes()).unwrap().len(), 1000);
    assert_eq!(form("a&".repeat(1001).as_bytes()), Err(FormError::TooMany));
}

#[test]
fn a_repeated_parameter_is_named() {
    let map = unique(form(b"b=2&a=1").unwrap()).unwrap();
    assert_eq!(map["a"], "1");
    assert_eq!(unique(form(b"a=1&b=2&a=1").unwrap()).unwrap_err().0, "a");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = form(&bytes);
    }
}
