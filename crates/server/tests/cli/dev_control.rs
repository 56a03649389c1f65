//! What strangers may send to the control API of a test double.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use countersign_dev::Server;
use serde_json::{Value, json};

struct Control {
    _server: Server,
    address: String,
}

impl Control {
    fn new() -> Control {
        let server = Server::with(env!("CARGO_BIN_EXE_countersign")).start().unwrap();
        let address = server.control().trim_start_matches("http://").trim_end_matches("/dev").to_owned();
        Control { _server: server, address }
    }

    /// Sends a request as it is written, but for its end; the status and the body.
    fn send(&self, head: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = head.replace("HERE", &self.address).replace('\n', "\r\n");
        let mut request =
            format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        request.extend_from_slice(body);
        // It may refuse before it has read all.
        let _ = stream.write_all(&request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn json(&self, method: &str, path: &str, body: &str) -> u16 {
        let head = format!("{method} {path} HTTP/1.1\nHost: HERE\nContent-Type: application/json");
        self.send(&head, body.as_bytes()).0
    }

    fn tenants(&self) -> usize {
        let (_, body) = self.send("GET /dev/tenants HTTP/1.1\nHost: HERE", b"");
        let all: Value = serde_json::from_str(&body).unwrap();
        all["tenants"].as_array().unwrap().len()
    }
}

#[test]
fn no_page_drives_it() {
    let control = Control::new();
    for head in [
        // A page of another site, by a form and by a script.
        "POST /dev/tenants HTTP/1.1\nHost: HERE\nOrigin: https://evil.example",
        "POST /dev/tenants HTTP/1.1\nHost: HERE\nOrigin: null",
        "POST /dev/tenants HTTP/1.1\nHost: HERE\nSec-Fetch-Site: cross-site",
        "OPTIONS /dev/tenants HTTP/1.1\nHost: HERE\nOrigin: https://evil.example\nAccess-Control-Request-Method: PUT",
        "GET /dev HTTP/1.1\nHost: HERE\nSec-Fetch-Site: none",
        // A name of somebody's that leads here.
        "POST /dev/tenants HTTP/1.1\nHost: evil.example",
        "POST /dev/tenants HTTP/1.1\nHost: localhost",
        "POST /dev/tenants HTTP/1.0\nAccept: */*",
        "GET http://evil.example/dev HTTP/1.1\nHost: evil.example",
    ] {
        let (status, body) = control.send(head, b"");
        assert!(status == 403 && !body.contains("client_secret"), "{head}: {status} {body}");
    }
    // What a form can send without asking first is no JSON.
    let form = "POST /dev/tenants HTTP/1.1\nHost: HERE\nContent-Type: text/plain";
    assert_eq!(control.send(form, b"{}").0, 415);
    assert_eq!(control.tenants(), 1);
}

#[test]
fn bodies_that_make_no_sense_change_nothing() {
    let control = Control::new();
    let deep = "[".repeat(100_000);
    let seed = |value: Value| json!({ "seed": value }).to_string();
    let cases = [
        ("POST", "/dev/tenants", "{", 400),
        ("POST", "/dev/tenants", "[]", 400),
        ("POST", "/dev/tenants", "null", 400),
        ("POST", "/dev/tenants", &deep, 400),
        ("POST", "/dev/tenants", "{\"name\":7}", 400),
        ("POST", "/dev/tenants", "{\"name\":\"\"}", 400),
        ("POST", "/dev/tenants", "{\"name\":\"No Name\"}", 400),
        ("POST", "/dev/tenants", "{\"name\":\"../../etc\"}", 400),
        ("POST", "/dev/tenants", "{\"name\":\"administrators\"}", 409),
        ("POST", "/dev/tenants", "{\"name\":\"default\"}", 409),
        ("POST", "/dev/tenants", "{\"audience\":\"\"}", 400),
        ("POST", "/dev/tenants", "{\"scopes\":[1]}", 400),
        ("POST", "/dev/tenants", "{\"application\":{\"colour\":\"red\"}}", 400),
        ("POST", "/dev/tenants", "{\"application\":{\"client_id\":7}}", 400),
        ("POST", "/dev/tenants", &seed(json!({ "colours": [] })), 400),
        ("POST", "/dev/tenants", &seed(json!({ "clients": "all" })), 400),
        ("DELETE", "/dev/tenants/default", "", 409),
        ("DELETE", "/dev/tenants/administrators", "", 404),
        ("DELETE", "/dev/tenants/nobody", "", 404),
        ("POST", "/dev/tenants/administrators/management-token", "", 404),
        ("GET", "/dev/tenants/%00", "", 404),
        ("GET", "/dev/tenants/%FF", "", 400),
        ("PUT", "/dev/clock", "{\"now\":\"tomorrow\"}", 400),
        ("PUT", "/dev/clock", "{\"advance_seconds\":1e300}", 400),
        ("PUT", "/dev/tenants/default/clock", "{\"stands\":\"yes\"}", 400),
        ("PUT", "/dev/tenants/nobody/clock", "{}", 404),
        ("POST", "/dev/tenants/default/faults", "", 400),
        ("POST", "/dev/tenants/default/faults", "{\"fault\":\"fire\"}", 400),
        ("POST", "/dev/tenants/default/faults", "{\"fault\":\"status\",\"status\":99}", 400),
        ("DELETE", "/dev/tenants/default/faults/1", "", 404),
        ("DELETE", "/dev/tenants/default/faults/x", "", 404),
        ("PATCH", "/dev/clock", "{}", 405),
        ("GET", "/", "", 404),
        ("GET", "/dev/../etc/passwd", "", 404),
    ];
    for (method, path, body, status) in cases {
        let shown: String = body.chars().take(60).collect();
        assert_eq!(control.json(method, path, body), status, "{method} {path} {shown}");
    }
    let head = "POST /dev/tenants HTTP/1.1\nHost: HERE\nContent-Type: application/json";
    let (status, _) = control.send(head, &vec![b' '; 17 << 20]);
    assert!([0, 413].contains(&status), "{status}");
    let garbage = control.send("\u{1}\u{2}\u{3} what", b"");
    assert!([0, 400].contains(&garbage.0), "{garbage:?}");
    assert_eq!(control.tenants(), 1);
}

#[tokio::test]
async fn what_is_served_has_no_control_api() {
    let server = crate::server::Server::start();
    let address = server.address("http");
    for path in ["dev", "dev/tenants", "dev/clock"] {
        let answer = reqwest::get(format!("http://{address}/{path}")).await.unwrap();
        assert_eq!(answer.status(), reqwest::StatusCode::NOT_FOUND, "{path}");
    }
}
