//! The accept loop: plain or TLS, HTTP/1.1 or HTTP/2, until it is told to stop. It routes nothing and reads no
//! header; a connection that misbehaves costs itself and nobody else.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    response::Response,
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt};

use crate::{
    Connection, Tls,
    client_certificate::Authorities,
    pulse::{Connections, Exchange, Felt, Order, Pulse},
    tls_alpn,
};

/// Serves `app` on a listener until `shutdown`, then lets what is in flight finish and returns.
pub async fn serve<S>(
    listener: TcpListener,
    tls: Option<Tls>,
    app: S,
    limits: Limits,
    shutdown: CancellationToken,
) -> io::Result<()>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    listener.local_addr()?;
    let door = Arc::new(Door {
        builder: builder(&limits),
        or_plain: tls.as_ref().is_some_and(|tls| tls.or_plain),
        tls: tls.map(|Tls { config, authorities, .. }| (TlsAcceptor::from(config), authorities)),
        handshake_timeout: limits.header_timeout,
        shutdown: shutdown.clone(),
    });
    let slots = Arc::new(Semaphore::new(limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let tasks = TaskTracker::new();
    let mut connections = Connections::default();
    let mut tick = interval((limits.header_timeout / 4).max(SHORTEST_TICK));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            now = tick.tick() => connections.inspect(now, &limits),
            (stream, peer, slot) = accept(&listener, &slots) => {
                let pulse = connections.add(Instant::now());
                let task = door.clone().welcome(stream, peer, app.clone(), pulse);
                tasks.spawn(async move {
                    task.await;
                    drop(slot);
                });
            }
        }
    }
    drop(listener);
    tasks.close();
    let drained = timeout(limits.drain, async {
        loop {
            connections.tell(Order::Finish);
            tokio::select! {
                () = tasks.wait() => break,
                now = tick.tick() => connections.inspect(now, &limits),
            }
        }
    });
    if drained.await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections were cut off at the end of the drain time");
        connections.tell(Order::Cut);
    }
    Ok(())
}

/// Waits for room and then for a connection; errors of accepting never end the loop.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let slot = slots.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) => match error.kind() {
                // The client went away while it was queued.
                ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused => {}
                // Most likely no file descriptor is left; trying at once would only burn a core.
                _ => {
                    tracing::error!("accepting a connection failed: {error}");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// What is the same for every connection of a listener.
struct Door {
    builder: auto::Builder<TokioExecutor>,
    tls: Option<(TlsAcceptor, Authorities)>,
    or_plain: bool,
    handshake_timeout: Duration,
    shutdown: CancellationToken,
}

impl Door {
    async fn welcome<S>(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, app: S, pulse: Arc<Pulse>)
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
    {
        // Answers are short and whole; waiting to fill a packet only costs time.
        let _ = stream.set_nodelay(true);
        let is_plain = match self.or_plain {
            false => self.tls.is_none(),
            true => tokio::select! {
                begun = timeout(self.handshake_timeout, begins_plain(&stream)) => match begun {
                    Ok(Ok(is_plain)) => is_plain,
                    // It went away, or says nothing.
                    Ok(Err(_)) | Err(_) => return,
                },
                () = self.shutdown.cancelled() => return,
            },
        };
        let connection = Connection { peer, tls: !is_plain, certificate: None };
        let Some((acceptor, authorities)) = self.tls.as_ref().filter(|_| !is_plain) else {
            return self.converse(Felt::new(stream, pulse.clone()), connection, app, pulse).await;
        };
        let handshake = tokio::select! {
            handshake = timeout(self.handshake_timeout, acceptor.accept(stream)) => handshake,
            () = self.shutdown.cancelled() => return,
        };
        match handshake {
            // Whoever validates a name for an authority has seen what it wanted, and says nothing (RFC 8737 §3).
            Ok(Ok(mut stream)) if stream.get_ref().1.alpn_protocol() == Some(tls_alpn::PROTOCOL) => {
                let _ = timeout(self.handshake_timeout, stream.shutdown()).await;
            }
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(|chain| authorities.judge(chain));
                let connection = Connection { certificate: shown.map(Arc::new), ..connection };
                self.converse(Felt::new(stream, pulse.clone()), connection, app, pulse).await;
            }
            Ok(Err(error)) => tracing::debug!(%peer, "TLS handshake failed: {error}"),
            Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
        }
    }

    async fn converse<T, S>(&self, stream: T, connection: Connection, app: S, pulse: Arc<Pulse>)
    where
        T: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
    {
        let (felt, peer) = (pulse.clone(), connection.peer);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let exchange = Exchange::begin(felt.clone(), request.version() == http::Version::HTTP_2);
            request.extensions_mut().insert(connection.clone());
            let app = app.clone();
            async move {
                // An empty body needs no box.
                let whole =
                    |body: Incoming| if body.is_end_stream() { Body::empty() } else { Body::new(body) };
                let response = app.oneshot(request.map(whole)).await?;
                Ok::<_, Infallible>(response.map(|body| exchange.answer(body)))
            }
        });
        let mut http = pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        let mut is_finishing = false;
        let ended = poll_fn(|cx| {
            match pulse.order(cx) {
                Order::Carry => {}
                Order::Finish => {
                    if !is_finishing {
                        is_finishing = true;
                        http.as_mut().graceful_shutdown();
                    }
                }
                Order::Cut => return Poll::Ready(Ok(())),
            }
            http.as_mut().poll(cx)
        });
        if let Err(error) = ended.await {
            tracing::debug!(%peer, "connection ended early: {error}");
        }
    }
}

/// Whether the other end begins with something other than a TLS handshake (RFC 8446 §5.1).
async fn begins_plain(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(first != [TLS_HANDSHAKE]),
    }
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // hyper holds a head in one buffer, so the buffer's size is the head's limit; it takes no less than 8 KiB.
    builder.http1().max_buf_size(limits.max_header.max(SMALLEST_BUFFER));
    builder.http2().max_header_list_size(u32::try_from(limits.max_header).unwrap_or(u32::MAX));
    builder
}

/// How much of a listener one client may take, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a TLS handshake may take, and how long the head of a request from its first byte.
    pub header_timeout: Duration,
    /// How long a connection may stay open without a request, or without reading its answer.
    pub idle: Duration,
    /// How many bytes the head of a request may have; at least 8 KiB.
    pub max_header: usize,
    /// How many connections are open at once; more wait in the system's queue.
    pub max_connections: usize,
    /// How long requests in flight may take after shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            // Longer than the 60 seconds of common load balancers, so that they close first.
            idle: Duration::from_secs(75),
            max_header: 64 * 1024,
            max_connections: 10_000,
            drain: Duration::from_secs(20),
        }
    }
}

const TLS_HANDSHAKE: u8 = 22;
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
const SHORTEST_TICK: Duration = Duration::from_millis(10);
const SMALLEST_BUFFER: usize = 8 * 1024;
