//! One connection that asks and waits for the answer: as little HTTP as that takes.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

/// A connection that is kept.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub fn connect(address: SocketAddr) -> Result<Wire> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Wire { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a request and reads its answer to the end; answers the status.
    pub fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut piece = [0; 8 * 1024];
        loop {
            let n = self.stream.read(&mut piece).context("waiting for an answer")?;
            ensure!(n > 0, "the server hung up");
            self.buffer.extend_from_slice(&piece[..n]);
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
                let length: usize = length.context("an answer says how long it is")?.trim().parse()?;
                if self.buffer.len() >= end + 4 + length {
                    let status = head.split(' ').nth(1).context("an answer has a status")?;
                    return Ok(status.parse()?);
                }
            }
        }
    }
}
