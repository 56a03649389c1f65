//! How a connection is doing, and what is done about one that does nothing. The connection counts with atomics
//! nobody else writes; one timer for the whole listener looks at all of them a few times per `header_timeout`.
//! So a request costs neither a timer nor a lock, and limits are kept to within a quarter of `header_timeout`.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use crate::Limits;

/// What a connection counts about itself, and the order it is given.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    waker: OnceLock<Waker>,
    order: AtomicU8,
    /// Request heads read so far.
    heads: AtomicU32,
    /// Requests whose answer has not begun.
    handling: AtomicU32,
    /// Requests whose answer is being sent.
    answering: AtomicU32,
    /// Bytes came since the last head or the last end of an answer.
    hearing: AtomicBool,
    /// Writes that moved something.
    writes: AtomicU32,
    is_http2: AtomicBool,
}

impl Pulse {
    /// Reads the order, and makes sure that the next one wakes the connection.
    pub fn order(&self, cx: &Context<'_>) -> Order {
        self.waker.get_or_init(|| cx.waker().clone());
        match self.order.load(Relaxed) {
            0 => Order::Carry,
            1 => Order::Finish,
            _ => Order::Cut,
        }
    }

    fn give(&self, order: Order) {
        self.order.fetch_max(order as u8, Relaxed);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }
}

/// What a connection is to do; an order is never taken back, only raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Go on.
    Carry = 0,
    /// Answer what has been asked, then close.
    Finish = 1,
    /// Close now.
    Cut = 2,
}

/// The connections of one listener, as the one who watches over them sees them.
#[derive(Debug, Default)]
pub(crate) struct Connections(Vec<Watched>);

impl Connections {
    /// Takes a new connection under watch.
    pub fn add(&mut self, now: Instant) -> Arc<Pulse> {
        let pulse = Arc::new(Pulse::default());
        self.0.push(Watched {
            pulse: pulse.clone(),
            opened: now,
            heads: 0,
            quiet: now,
            hearing: None,
            writes: 0,
            written: now,
        });
        pulse
    }

    /// Looks at every connection once and gives it its order; forgets the closed ones.
    pub fn inspect(&mut self, now: Instant, limits: &Limits) {
        self.0.retain_mut(|watched| {
            let is_open = Arc::strong_count(&watched.pulse) > 1;
            if is_open {
                let order = watched.judge(now, limits);
                if order > Order::Carry {
                    watched.pulse.give(order);
                }
            }
            is_open
        });
    }

    /// Gives every connection the same order.
    pub fn tell(&self, order: Order) {
        self.0.iter().for_each(|watched| watched.pulse.give(order));
    }
}

#[derive(Debug)]
struct Watched {
    pulse: Arc<Pulse>,
    opened: Instant,
    heads: u32,
    /// Since when nothing has been asked or answered.
    quiet: Instant,
    /// Since when a head has been coming in.
    hearing: Option<Instant>,
    writes: u32,
    /// Since when nothing of an answer could be written.
    written: Instant,
}

impl Watched {
    fn judge(&mut self, now: Instant, limits: &Limits) -> Order {
        let pulse = &self.pulse;
        if pulse.waker.get().is_none() {
            // Still in the TLS handshake, which has its own timeout.
            self.opened = now;
            return Order::Carry;
        }
        let heads = pulse.heads.load(Relaxed);
        let writes = pulse.writes.load(Relaxed);
        let is_handling = pulse.handling.load(Relaxed) > 0;
        let is_answering = pulse.answering.load(Relaxed) > 0;
        if !is_answering || writes != self.writes {
            self.written = now;
            self.writes = writes;
        }
        if is_handling || is_answering || heads != self.heads {
            self.heads = heads;
            self.quiet = now;
            self.hearing = None;
        } else if heads > 0 && !pulse.hearing.load(Relaxed) {
            self.hearing = None;
        } else if heads > 0 {
            self.hearing.get_or_insert(now);
        }
        let has_passed = |since: Instant, limit| now.saturating_duration_since(since) >= limit;
        // How long a handler may think is its own affair; how long a client may not read an answer is ours.
        if !is_handling && has_passed(self.written, limits.idle) {
            return Order::Cut;
        }
        let head_since = match heads {
            0 => Some(self.opened),
            // Between requests an HTTP/2 client may well send frames that begin none.
            _ if pulse.is_http2.load(Relaxed) => None,
            _ => self.hearing,
        };
        if head_since.is_some_and(|since| has_passed(since, limits.header_timeout)) {
            return Order::Cut;
        }
        if has_passed(self.quiet, limits.idle + limits.header_timeout) {
            Order::Cut
        } else if has_passed(self.quiet, limits.idle) {
            Order::Finish
        } else {
            Order::Carry
        }
    }
}

/// A request from its head to the last byte of its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pulse: Arc<Pulse>,
    is_answering: bool,
}

impl Exchange {
    /// Begins when a head has been read.
    pub fn begin(pulse: Arc<Pulse>, is_http2: bool) -> Self {
        pulse.heads.fetch_add(1, Relaxed);
        pulse.handling.fetch_add(1, Relaxed);
        pulse.hearing.store(false, Relaxed);
        if is_http2 {
            pulse.is_http2.store(true, Relaxed);
        }
        Self { pulse, is_answering: false }
    }

    /// Goes on with the body of the answer.
    pub fn answer(mut self, body: Body) -> Answer {
        self.is_answering = true;
        self.pulse.answering.fetch_add(1, Relaxed);
        self.pulse.handling.fetch_sub(1, Relaxed);
        Answer { body, _exchange: self }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let counter = if self.is_answering { &self.pulse.answering } else { &self.pulse.handling };
        counter.fetch_sub(1, Relaxed);
        self.pulse.hearing.store(false, Relaxed);
    }
}

/// The body of an answer, which ends the exchange when it is dropped.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Body,
    _exchange: Exchange,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes in its pulse that something came or went.
#[derive(Debug)]
pub(crate) struct Felt<T> {
    stream: T,
    pulse: Arc<Pulse>,
}

impl<T> Felt<T> {
    pub fn new(stream: T, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn written(&self, outcome: Poll<std::io::Result<usize>>) -> Poll<std::io::Result<usize>> {
        if matches!(outcome, Poll::Ready(Ok(_))) {
            self.pulse.writes.fetch_add(1, Relaxed);
        }
        outcome
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Felt<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pulse.hearing.store(true, Relaxed);
        }
        outcome
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Felt<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
