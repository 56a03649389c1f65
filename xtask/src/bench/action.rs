//! The Action of the bench: two claims from what it is told, made through the Management API, bound for one scenario.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// A deployed Action of a running server.
#[derive(Debug)]
pub struct Action {
    api: Api,
    id: String,
}

const CODE: &str = "exports.onExecuteCredentialsExchange = async (event, api) => {
  api.accessToken.setCustomClaim('https://bench.example/client', event.client.name);
  api.accessToken.setCustomClaim('https://bench.example/scopes', event.accessToken.scope.length);
};";
const TRIGGER: &str = "credentials-exchange";

impl Action {
    /// Makes and deploys it.
    pub fn deploy(address: SocketAddr, host: &str, token: String) -> Result<Action> {
        let api = Api { address, host: host.to_owned(), token };
        let action = json!({
            "name": "bench", "code": CODE, "supported_triggers": [{ "id": TRIGGER, "version": "v2" }],
            "deploy": true,
        });
        let made = api.call("POST", "/api/v2/actions/actions", &action)?;
        let id = made["id"].as_str().context("a new Action has an id")?.to_owned();
        Ok(Action { api, id })
    }

    /// Binds it, or takes it away again.
    pub fn bind(&self, is_bound: bool) -> Result<()> {
        let binding = json!({ "display_name": "bench", "ref": { "type": "action_id", "value": self.id } });
        let bindings = if is_bound { vec![binding] } else { Vec::new() };
        let path = format!("/api/v2/actions/triggers/{TRIGGER}/bindings");
        self.api.call("PATCH", &path, &json!({ "bindings": bindings })).map(drop)
    }
}

#[derive(Debug)]
struct Api {
    address: SocketAddr,
    host: String,
    token: String,
}

impl Api {
    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let (body, Api { address, host, token }) = (body.to_string(), self);
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a head")?;
        ensure!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        serde_json::from_str(body).with_context(|| format!("{method} {path}: {answer}"))
    }
}
