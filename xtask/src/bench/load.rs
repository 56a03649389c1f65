//! A small load generator: one thread, one keep-alive connection per caller, bytes prepared beforehand. It shares the cores
//! with what it measures, so it reads of an answer only the status and the length.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::task::LocalSet;

/// What to send, where, for how long.
#[derive(Debug)]
pub struct Load<'a> {
    pub address: SocketAddr,
    pub connections: usize,
    pub duration: Duration,
    /// Sent in turn, over all connections together.
    pub requests: &'a [Vec<u8>],
}

/// What came back.
#[derive(Debug, Default)]
pub struct Measured {
    /// In microseconds.
    latencies: Vec<u32>,
    seconds: f64,
    /// How many answers came, those before the measuring began and after its end among them.
    answers: u32,
    /// One body.
    pub sample: Vec<u8>,
}

/// The measure of a run in four numbers.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub processor_us: f64,
}

impl Load<'_> {
    /// Runs it; a status other than 200 ends it.
    pub fn run(&self) -> Result<Measured> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, self.drive())
    }

    async fn drive(&self) -> Result<Measured> {
        let mut streams = Vec::new();
        for _ in 0..self.connections {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let from = Instant::now() + WARM_UP;
        let shared = Rc::new(Shared {
            requests: self.requests.to_vec(),
            next: Cell::new(0),
            from,
            until: from + self.duration,
            measured: RefCell::default(),
        });
        let callers: Vec<_> = streams
            .into_iter()
            .map(|stream| tokio::task::spawn_local(call(stream, Rc::clone(&shared))))
            .collect();
        for caller in callers {
            caller.await??;
        }
        let mut measured = shared.measured.take();
        measured.seconds = self.duration.as_secs_f64();
        measured.latencies.sort_unstable();
        ensure!(!measured.latencies.is_empty(), "no answer at all");
        Ok(measured)
    }
}

/// What the callers share; they live on one thread.
struct Shared {
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
    from: Instant,
    until: Instant,
    measured: RefCell<Measured>,
}

const WARM_UP: Duration = Duration::from_millis(300);

async fn call(mut stream: TcpStream, shared: Rc<Shared>) -> Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let turn = shared.next.get();
        shared.next.set((turn + 1) % shared.requests.len());
        let begun = Instant::now();
        stream.write_all(&shared.requests[turn]).await?;
        let body = receive(&mut stream, &mut buffer).await?;
        let ended = Instant::now();
        let mut measured = shared.measured.borrow_mut();
        measured.answers += 1;
        if ended >= shared.until {
            return Ok(());
        }
        if ended >= shared.from {
            measured.latencies.push(u32::try_from((ended - begun).as_micros())?);
            if measured.sample.is_empty() {
                measured.sample = body.to_vec();
            }
        }
    }
}

async fn receive<'a>(stream: &mut TcpStream, buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        ensure!(read > 0, "the connection closed, or the answer is larger than {} bytes", buffer.len());
        filled += read;
        if let Some(answer) = Answer::read(&buffer[..filled])?
            && filled >= answer.whole
        {
            let whole = &buffer[..answer.whole];
            if answer.status != 200 {
                bail!("status {}: {}", answer.status, String::from_utf8_lossy(whole));
            }
            return Ok(&whole[answer.head..]);
        }
    }
}

/// The measures of an HTTP/1.1 answer whose head has arrived.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Bytes before the body.
    head: usize,
    /// Bytes with the body.
    whole: usize,
}

impl Answer {
    fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let mut lines = bytes[..head].split(|byte| *byte == b'\n');
        let first = lines.next().context("a head has a first line")?;
        let status = first.strip_prefix(b"HTTP/1.1 ").and_then(number).context("not an HTTP/1.1 answer")?;
        let length = lines.find_map(content_length).context("no Content-Length")?;
        let (head, status) = (head + 4, u16::try_from(status)?);
        let whole = head.checked_add(length).context("an impossible Content-Length")?;
        Ok(Some(Self { status, head, whole }))
    }
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = line.split_at_checked(b"content-length:".len())?;
    name.eq_ignore_ascii_case(b"content-length:").then(|| number(value.trim_ascii()))?
}

/// The digits up to the first blank.
fn number(bytes: &[u8]) -> Option<usize> {
    std::str::from_utf8(bytes.split(|byte| *byte == b' ').next()?).ok()?.parse().ok()
}

impl Measured {
    /// The rate, the middle and the tail, and what each answer cost of the processor time that the server used.
    pub fn figures(&self, used: Duration) -> Figures {
        let at = |share: f64| {
            f64::from(self.latencies[((self.latencies.len() - 1) as f64 * share) as usize]) / 1000.0
        };
        Figures {
            per_second: self.latencies.len() as f64 / self.seconds,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            processor_us: used.as_secs_f64() * 1e6 / f64::from(self.answers.max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_measured() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        let answer = Answer::read(bytes).expect("it is well formed").expect("its head is there");
        assert_eq!(answer, Answer { status: 200, head: bytes.len() - 2, whole: bytes.len() });
        assert_eq!(Answer::read(&bytes[..20]).expect("more may come"), None);
        assert_eq!(Answer::read(b"").expect("more may come"), None);
    }

    #[test]
    fn a_broken_answer_is_refused() {
        for bytes in [
            &b"\r\n\r\n"[..],
            b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 \xff\xfe\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 99999 X\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        ] {
            assert!(Answer::read(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
