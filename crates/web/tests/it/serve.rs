//! The accept loop: what is answered, and how it stops.

use std::sync::Arc;

use axum::{
    Extension, Router,
    routing::{get, post},
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::Notify,
    time::{Instant, timeout},
};
use web::{Connection, Limits};

use crate::support::{PATIENCE, exchange, millis, plain, read_some, read_to_close};

const CLOSING: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

fn app() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/panic", get(async || -> () { panic!("a handler's bug") }))
        .route("/echo", post(async |body: String| body))
        .route(
            "/peer",
            get(async |Extension(connection): Extension<Connection>| {
                format!("{} {}", connection.peer, connection.tls)
            }),
        )
}

/// What a test and a handler tell each other.
#[derive(Clone, Default)]
struct Gate {
    entered: Arc<Notify>,
    opened: Arc<Notify>,
}

/// With a handler at `/slow` that says when it is reached, and answers once it is let.
fn app_behind(gate: &Gate) -> Router {
    let gate = gate.clone();
    let slow = move || async move {
        gate.entered.notify_one();
        gate.opened.notified().await;
        "slow"
    };
    app().route("/slow", get(slow))
}

#[tokio::test]
async fn a_request_knows_its_connection() {
    let served = plain(app(), Limits::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let own = stream.local_addr().unwrap();
    stream.write_all(b"GET /peer HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(read_some(&mut stream).await.ends_with(&format!("{own} false")));
}

#[tokio::test]
async fn requests_may_be_pipelined() {
    let served = plain(app(), Limits::default()).await;
    let post = |text: &str| format!("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n{text}");
    let answers = exchange(served.address, &format!("{}{}{CLOSING}", post("one"), post("two"))).await;
    let places = ["one", "two", "hello"].map(|text| answers.find(text).expect(text));
    assert!(places.is_sorted(), "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
}

#[tokio::test]
async fn a_panic_costs_its_own_connection_only() {
    let served = plain(app(), Limits { max_connections: 1, ..Limits::default() }).await;
    assert_eq!(exchange(served.address, "GET /panic HTTP/1.1\r\nhost: a\r\n\r\n").await, "");
    assert!(exchange(served.address, CLOSING).await.ends_with("hello"));
}

#[tokio::test]
async fn garbage_is_refused_and_the_next_one_served() {
    let served = plain(app(), Limits::default()).await;
    for garbage in
        ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]
    {
        let answer = exchange(served.address, garbage).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert!(exchange(served.address, CLOSING).await.ends_with("hello"));
}

#[tokio::test]
async fn shutdown_lets_the_request_in_flight_finish() {
    let gate = Gate::default();
    let limits = Limits { idle: PATIENCE * 2, drain: PATIENCE * 2, ..Limits::default() };
    let served = plain(app_behind(&gate), limits).await;
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(read_some(&mut idle).await.ends_with("hello"));
    timeout(PATIENCE, gate.entered.notified()).await.unwrap();
    served.shutdown.cancel();
    // The idle one is closed at once, the busy one after its answer, and nobody new comes in.
    assert_eq!(timeout(PATIENCE, read_to_close(&mut idle)).await.unwrap(), "");
    assert!(TcpStream::connect(served.address).await.is_err());
    gate.opened.notify_one();
    let answer = read_to_close(&mut busy).await;
    assert!(answer.ends_with("slow") && answer.contains("connection: close"), "{answer}");
    timeout(PATIENCE, served.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let gate = Gate::default();
    let served = plain(app_behind(&gate), Limits { drain: millis(300), ..Limits::default() }).await;
    let mut stuck = TcpStream::connect(served.address).await.unwrap();
    stuck.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    timeout(PATIENCE, gate.entered.notified()).await.unwrap();
    let start = Instant::now();
    served.shutdown.cancel();
    timeout(PATIENCE, served.task).await.unwrap().unwrap().unwrap();
    assert!(start.elapsed() >= millis(300) && start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    assert_eq!(read_to_close(&mut stuck).await, "");
}
