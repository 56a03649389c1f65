//! What one client may take: time and room.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http_body_util::channel::Channel;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use web::Limits;

use crate::support::{PATIENCE, exchange, hasty, millis, plain, read_some, read_to_close};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

fn app() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/stream", get(async || drops()))
        .route("/thinking", get(async || (sleep(millis(2600)).await, "thought").1))
        .route("/large", get(async || Body::from(vec![b'x'; 64 << 20])))
}

/// A little every 100 ms, for ever.
fn drops() -> Body {
    let (mut sender, body) = Channel::<_, std::convert::Infallible>::new(1);
    tokio::spawn(async move {
        while sender.send_data(Bytes::from_static(b":\n\n")).await.is_ok() {
            sleep(millis(100)).await;
        }
    });
    Body::new(body)
}

/// A head must come soon; everything else may take much longer than a test waits.
fn hasty_with_heads() -> Limits {
    Limits { idle: PATIENCE * 2, drain: PATIENCE * 2, ..hasty() }
}

/// Sends a byte every 20 ms until the server has had enough.
async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> std::time::Duration {
    let start = Instant::now();
    let mut buffer = [0; 64];
    for byte in bytes.iter().cycle() {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        match timeout(millis(20), stream.read(&mut buffer)).await {
            Err(_) => assert!(start.elapsed() < PATIENCE, "the server never had enough"),
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(_)) => {}
        }
    }
    start.elapsed()
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let served = plain(app(), hasty_with_heads()).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    let took = drip(&mut first, b"GET / HTTP/1.1\r\nhost: a\r\nx: ").await;
    assert!(took >= millis(150) && took < PATIENCE, "{took:?}");
    // The same on a connection that has behaved before.
    let mut later = TcpStream::connect(served.address).await.unwrap();
    later.write_all(REQUEST).await.unwrap();
    assert!(read_some(&mut later).await.ends_with("hello"));
    let took = drip(&mut later, b"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert!(took >= millis(150) && took < PATIENCE, "{took:?}");
}

#[tokio::test]
async fn silence_before_the_first_head_is_cut_off() {
    let served = plain(app(), hasty_with_heads()).await;
    let start = Instant::now();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(read_to_close(&mut stream).await, "");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[tokio::test]
async fn between_requests_a_connection_may_rest_longer_than_a_head_may_take() {
    let served = plain(app(), Limits { idle: millis(4000), ..hasty() }).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(REQUEST).await.unwrap();
        assert!(read_some(&mut stream).await.ends_with("hello"));
        sleep(millis(500)).await;
    }
    let start = Instant::now();
    assert_eq!(read_to_close(&mut stream).await, "");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_handler_may_think_as_long_as_it_likes() {
    let served = plain(app(), hasty()).await;
    let answer =
        exchange(served.address, "GET /thinking HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.ends_with("thought"), "{answer}");
}

/// An answer that says a little again and again is not idle, however long it lasts; a server that stops waits for it
/// no longer than for any other.
#[tokio::test]
async fn a_stream_may_last_longer_than_a_connection_may_rest() {
    let limits = Limits { idle: millis(5000), drain: millis(200), ..Limits::default() };
    let served = plain(app(), limits).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /stream HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let start = Instant::now();
    while start.elapsed() < millis(11_000) {
        assert!(!read_some(&mut stream).await.is_empty(), "{:?}", start.elapsed());
    }
    served.shutdown.cancel();
    let ended = timeout(PATIENCE, served.task).await;
    ended.expect("the server stops in time").unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let served = plain(app(), hasty()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    sleep(millis(3000)).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server never closed");
    assert!(answer.len() < 64 << 20, "{}", answer.len());
}

#[tokio::test]
async fn a_long_head_is_refused() {
    let served = plain(app(), Limits { max_header: 8192, ..Limits::default() }).await;
    let with =
        |count| format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {}\r\n\r\n", "y".repeat(count));
    assert!(exchange(served.address, &with(7000)).await.ends_with("hello"));
    let answer = exchange(served.address, &with(20_000)).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn one_more_connection_waits_for_room() {
    let served = plain(app(), Limits { max_connections: 1, ..Limits::default() }).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    assert!(read_some(&mut first).await.ends_with("hello"));
    let mut second = TcpStream::connect(served.address).await.unwrap();
    second.write_all(REQUEST).await.unwrap();
    let mut buffer = [0; 64];
    assert!(timeout(millis(200), second.read(&mut buffer)).await.is_err());
    drop(first);
    assert!(read_some(&mut second).await.ends_with("hello"));
}
