//! The Management API of a running server, called once in a while.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::server::Server;

/// Somebody who may do everything.
#[derive(Debug)]
pub struct Api {
    address: SocketAddr,
    host: String,
    token: String,
}

impl Api {
    /// With a token that the server's own binary prints.
    pub fn of(server: &Server, binary: &Path) -> Result<Api> {
        Ok(Api { address: server.http, host: server.host.clone(), token: server.admin_token(binary)? })
    }

    /// The body of a good answer.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
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
