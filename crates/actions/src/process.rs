//! One worker, as the server sees it: a process that is asked one thing at a time and is killed when it does not answer.

use std::{
    collections::HashSet,
    io,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    Failure,
    message::{self, Answer},
    pool::Program,
};

/// What a worker is given beyond its own clocks before it is killed.
const GRACE: Duration = Duration::from_millis(500);
/// Scripts that a worker keeps before it is told to forget them.
const SCRIPTS: usize = 64;

/// A worker process; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    /// Whose scripts it runs: no process ever serves two.
    pub owner: Arc<str>,
    pub used: Instant,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    scripts: HashSet<u64>,
    buffer: Vec<u8>,
}

impl Process {
    /// Starts one. It gets nothing of this process's environment, where secrets may lie.
    pub fn start(program: &Program, owner: Arc<str>) -> io::Result<Process> {
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).env_clear().env("TZ", "UTC0").current_dir("/").kill_on_drop(true);
        #[cfg(unix)]
        // In a group of its own, so that whoever interrupts the server in a terminal does not interrupt them.
        command.arg0("countersign").process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the pipes of a worker are missing"));
        };
        Ok(Process {
            owner,
            used: Instant::now(),
            child,
            input,
            output: BufReader::new(output),
            scripts: HashSet::new(),
            buffer: Vec::new(),
        })
    }

    /// Whether it still runs; one that was ended while it had nothing to do is of no use.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether it has to be told of this script, and whether it has to forget the others first.
    pub fn learns(&mut self, key: u64) -> (bool, bool) {
        if self.scripts.contains(&key) {
            return (false, false);
        }
        let forgets = self.scripts.len() >= SCRIPTS;
        if forgets {
            self.scripts.clear();
        }
        self.scripts.insert(key);
        (true, forgets)
    }

    pub fn knows(&self, key: u64) -> bool {
        self.scripts.contains(&key)
    }

    /// Asks, and waits for the answer no longer than this and a moment.
    pub async fn ask(&mut self, question: &[u8], limit: Duration) -> Result<Answer, Failure> {
        match timeout(limit + GRACE, self.exchange(question)).await {
            Ok(Ok(answer)) => Ok(answer.bounded()),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a worker for scripts ended");
                Err(self.how_it_ended().await)
            }
            Err(_) => Err(Failure::Time),
        }
    }

    async fn exchange(&mut self, question: &[u8]) -> io::Result<Answer> {
        self.input.write_all(question).await?;
        let mut prefix = [0; 4];
        self.output.read_exact(&mut prefix).await?;
        self.buffer.resize(message::length(prefix)?, 0);
        self.output.read_exact(&mut self.buffer).await?;
        message::parse(&self.buffer)
    }

    async fn how_it_ended(&mut self) -> Failure {
        match timeout(GRACE, self.child.wait()).await {
            Ok(Ok(status)) if is_processor_limit(status) => Failure::Processor,
            _ => Failure::Ended,
        }
    }
}

/// Whether the kernel ended it for its use of the processor.
fn is_processor_limit(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}
