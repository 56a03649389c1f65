//! What the accept loop knows of a connection before a byte of HTTP is read. It believes no header.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use crate::PeerCertificate;

/// The TCP connection a request arrived on; the accept loop puts it into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The other end of the TCP connection, which may be a proxy.
    pub peer: SocketAddr,
    /// Whether this process ended the TLS.
    pub tls: bool,
    /// The certificate that the other end showed in the handshake.
    pub certificate: Option<Arc<PeerCertificate>>,
}

impl Default for Connection {
    /// A plain connection from nowhere, for requests that came over no socket.
    fn default() -> Self {
        Self { peer: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), tls: false, certificate: None }
    }
}
