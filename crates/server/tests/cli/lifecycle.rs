//! Start, stop, and what a crash leaves behind.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::server::{ORDERS, Place, Server};

const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn run_json_names_the_server_and_goes_with_it() {
    let server = Server::start();
    let run = server.run_file();
    assert_eq!(run["pid"], server.pid());
    let https = run["https"].as_str().unwrap();
    let port = https.strip_prefix("127.0.0.1:").unwrap();
    assert_ne!(port, "0");
    assert!(run["http"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(run["issuer"], format!("https://localhost:{port}/"));
    assert!(std::fs::read_to_string(run["ca"].as_str().unwrap()).unwrap().contains("BEGIN CERTIFICATE"));
    let place = server.stop();
    assert!(!place.data().join("run.json").exists());
}

#[test]
fn a_data_folder_has_one_server() {
    let server = Server::start();
    let done = server.place().run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]);
    let says = format!("process {} serves", server.pid());
    assert!(done.code == Some(1) && done.err.contains(&says), "{done:?}");
    assert_eq!(server.run_file()["pid"], server.pid());
    assert_eq!(server.json(&["apis", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn what_is_in_flight_is_finished() {
    let mut server = Server::start();
    let (client_id, client_secret) = server.billing();
    let body = format!(
        "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}&audience={ORDERS}"
    );
    let (address, half) = (server.address("http"), body.len() / 2);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(stream, "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n").unwrap();
    write!(stream, "Content-Type: application/x-www-form-urlencoded\r\n").unwrap();
    write!(stream, "Expect: 100-continue\r\n\r\n").unwrap();
    // It asks for the body once it has the request in hand.
    let mut said = vec![0; GO_ON.len()];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, GO_ON);
    write!(stream, "{}", &body[..half]).unwrap();
    server.signal(Signal::TERM);
    let told = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        assert!(told.elapsed() < PATIENCE, "nobody new is let in");
        sleep(Duration::from_millis(10));
    }
    write!(stream, "{}", &body[half..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("access_token"), "{answer}");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn after_a_crash_the_command_line_says_how_to_go_on() {
    let server = Server::start();
    let address = server.address("http");
    let place = server.kill();
    assert!(place.data().join("run.json").exists());
    let done = place.run(&["apps", "list"]);
    assert_eq!(done.code, Some(1));
    let data = place.data();
    let says = format!(
        "countersign: the server does not answer at {address}: is it running? start it with `countersign serve \
         --data-dir {}`\n",
        data.display()
    );
    assert_eq!(done.err, says);
    // The next start takes over what is left.
    let server = place.serve(&[]);
    server.text(&["apps", "list"]);
}

#[test]
fn without_a_server_the_command_line_says_how_to_start_one() {
    let place = Place::new();
    let done = place.run(&["apps", "list"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("start the server once with `countersign serve`"), "{}", done.err);
    let place = place.serve(&[]).stop();
    let done = place.run(&["apps", "list"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("no server runs on"), "{}", done.err);
    assert!(done.err.contains("countersign serve --data-dir"), "{}", done.err);
}

#[test]
fn with_https_alone_the_command_line_needs_no_dns() {
    let words = ["--listen", "", "--tls-listen", "127.0.0.1:0", "--domain", "login.nowhere.invalid"];
    let server = Place::new().serve(&words);
    assert!(server.run_file().get("http").is_none());
    let (client_id, _) = server.billing();
    let token = server.text(&["token", "get", "--client-id", &client_id, "--audience", ORDERS]);
    let report = server.json(&["token", "inspect", &token]);
    assert_eq!(report["claims"]["iss"], "https://login.nowhere.invalid/");
    server.json(&["tenants", "create", "acme"]);
    // The server hears of it within a second, and its certificate follows.
    let apps = server.soon(&["--tenant", "acme", "apps", "list"]).out;
    assert!(apps.contains("CLIENT_ID") && !apps.contains("Billing"), "{apps}");
}
