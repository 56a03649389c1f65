//! A server of one test's own, and the command line beside it. It stops with the test, whatever happens.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use reqwest::{Certificate, Client};
use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_countersign");
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder in which everything happens; the data folder is below it.
pub struct Place {
    folder: TempDir,
    /// What everything here finds in its environment.
    environment: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// From now on with a variable in the environment.
    pub fn sets(&mut self, name: &str, value: &str) {
        self.environment.retain(|(set, _)| set != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Runs the command line here, with nothing of the environment but what it needs.
    pub fn run(&self, words: &[&str]) -> Done {
        let output = self.command(words).output().unwrap();
        Done {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command writes that must succeed.
    pub fn run_bytes(&self, words: &[&str]) -> Vec<u8> {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Starts a server here and waits until it serves.
    pub fn serve(self, words: &[&str]) -> Server {
        let mut server = self.begin(words);
        server.until_it_serves();
        server
    }

    /// Starts a server here.
    pub fn begin(self, words: &[&str]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]);
        // Said twice, the last word would be refused; tests that choose addresses say both.
        if words.contains(&"--listen") {
            command = self.command(&["serve"]);
        }
        let [out, log] = ["greeting.txt", "server.log"].map(|name| File::create(self.path(name)).unwrap());
        let child = command.args(words).stdout(out).stderr(log).spawn().unwrap();
        Server { child, place: Some(self) }
    }

    /// A command, to be started as the test wants.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(words).arg("--data-dir").arg(self.data());
        command
    }
}

fn is_of(run: &Path, pid: u32) -> bool {
    let text = std::fs::read(run).unwrap_or_default();
    serde_json::from_slice::<Value>(&text).is_ok_and(|run| run["pid"] == pid)
}

/// A running server.
pub struct Server {
    child: Child,
    place: Option<Place>,
}

impl Server {
    /// On a new data folder, on free ports.
    pub fn start() -> Server {
        Place::new().serve(&[])
    }

    pub fn until_it_serves(&mut self) {
        let run = self.place().data().join("run.json");
        let started = Instant::now();
        while !is_of(&run, self.child.id()) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "the server did not start: {}",
                self.log()
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// What it has told its operator so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.place().path("server.log")).unwrap()
    }

    /// Waits until it tells its operator something, and answers the line.
    pub fn until_it_says(&mut self, words: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "{words:?} is not said: {log}");
            sleep(Duration::from_millis(10));
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn place(&self) -> &Place {
        self.place.as_ref().unwrap()
    }

    pub fn run(&self, words: &[&str]) -> Done {
        self.place().run(words)
    }

    /// What a command prints that must succeed.
    pub fn text(&self, words: &[&str]) -> String {
        let done = self.run(words);
        assert_eq!(done.code, Some(0), "{words:?}: {done:?}");
        done.out.trim_end().to_owned()
    }

    /// Runs a command until it succeeds, which it must before long.
    pub fn soon(&self, words: &[&str]) -> Done {
        let started = Instant::now();
        loop {
            let done = self.run(words);
            if done.code == Some(0) {
                return done;
            }
            assert!(started.elapsed() < PATIENCE, "{words:?}: {done:?}");
            sleep(Duration::from_millis(50));
        }
    }

    /// The JSON that a command prints that must succeed.
    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[words, &["--json"]].concat())).unwrap()
    }

    /// Gets a token for such an application.
    pub fn gets_a_token(&self, (client_id, secret): &(String, String)) {
        self.text(&[
            "token",
            "get",
            "--client-id",
            client_id,
            "--client-secret",
            secret,
            "--audience",
            ORDERS,
        ]);
    }

    /// An application that may call an API of these scopes with one of them; its identifier and secret.
    pub fn billing(&self) -> (String, String) {
        self.json(&[
            "apis",
            "create",
            "--name",
            "Orders",
            "--identifier",
            ORDERS,
            "--scope",
            "read:orders",
            "--scope",
            "write:orders=Change orders",
        ]);
        let app = self.json(&["apps", "create", "--name", "Billing"]);
        let member = |name: &str| app[name].as_str().unwrap().to_owned();
        let client_id = member("client_id");
        self.json(&[
            "grants",
            "create",
            "--client-id",
            &client_id,
            "--audience",
            ORDERS,
            "--scope",
            "read:orders",
        ]);
        (client_id, member("client_secret"))
    }

    /// What `run.json` says.
    pub fn run_file(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.place().data().join("run.json")).unwrap()).unwrap()
    }

    pub fn address(&self, listener: &str) -> String {
        self.run_file()[listener].as_str().unwrap().to_owned()
    }

    /// A client that trusts the local authority and finds this name here.
    pub fn client(&self, name: &str) -> Client {
        let ca = std::fs::read(self.run_file()["ca"].as_str().unwrap()).unwrap();
        let address = self.address("https").parse().unwrap();
        let client = Client::builder().no_proxy().resolve(name, address);
        client.tls_certs_only([Certificate::from_pem(&ca).unwrap()]).build().unwrap()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "the server does not stop");
            sleep(Duration::from_millis(10));
        }
    }

    /// Stops it cleanly and gives back the place that it served.
    pub fn stop(mut self) -> Place {
        self.signal(rustix::process::Signal::TERM);
        assert_eq!(self.wait().code(), Some(0));
        self.place.take().unwrap()
    }

    /// Stops it as a crash would.
    pub fn kill(mut self) -> Place {
        self.child.kill().unwrap();
        self.wait();
        self.place.take().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub const ORDERS: &str = "https://orders.example";
