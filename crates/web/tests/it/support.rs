//! A listener on a free port, a client that writes bytes, and scratch directories.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::Router;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use web::{Certificates, Limits, Tls};

/// A running server; dropping it leaves it to the runtime's end.
pub struct Served {
    pub address: SocketAddr,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<std::io::Result<()>>,
}

pub async fn plain(app: Router, limits: Limits) -> Served {
    start(app, limits, None).await
}

/// A server that ends TLS in this way.
pub async fn with(app: Router, tls: Tls) -> Served {
    start(app, Limits::default(), Some(tls)).await
}

pub async fn with_tls(app: Router, certificates: &Certificates) -> Served {
    start(app, Limits::default(), Some(certificates.server_config())).await
}

async fn start(app: Router, limits: Limits, tls: Option<Tls>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(web::serve(listener, tls, app, limits, shutdown.clone()));
    Served { address, shutdown, task }
}

/// How long a machine that does other things as well may take for what takes no time.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Limits short enough to wait for.
pub fn hasty() -> Limits {
    Limits { header_timeout: millis(200), idle: millis(2000), drain: millis(5000), ..Limits::default() }
}

pub fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Sends bytes and reads until the other side closes.
pub async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_close(&mut stream).await
}

/// Everything up to the end of the stream; a reset is an end too.
pub async fn read_to_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the server never closed the connection");
    String::from_utf8(bytes).unwrap()
}

/// One answer without a body longer than what one read brings.
pub async fn read_some(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 16 * 1024];
    let count = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap();
    String::from_utf8(buffer[..count].to_vec()).unwrap()
}

pub fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let line = |(name, value): &(&str, &[u8])| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value).unwrap())
    };
    let mut map = HeaderMap::new();
    for (name, value) in lines.iter().map(line) {
        map.append(name, value);
    }
    map
}

/// An empty directory of its own for each test.
pub fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

#[expect(clippy::disallowed_methods, reason = "the TLS client checks certificates against the real clock")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs() as i64
}
