//! The browser that asks, as a door sees it: where it is, which host it called, what its cookies hold.

use std::net::IpAddr;

use model::LogType;

use crate::log::{Event, cut};

/// The browser that asks.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The host that was called, which names the issuer.
    pub host: String,
    /// The origin that the browser talks to: scheme and host.
    pub origin: String,
    pub ip: IpAddr,
    pub user_agent: Option<String>,
    /// What its cookies named [`SESSION_COOKIE`] hold; tenants below one host may each have set one.
    pub sessions: Vec<String>,
    /// What its cookies named [`DEVICE_COOKIE`] hold.
    pub devices: Vec<String>,
}

/// The cookie that holds a session.
pub const SESSION_COOKIE: &str = "auth0";
/// The cookie that a login is bound to, so that nobody can be made to end what somebody else began.
pub const DEVICE_COOKIE: &str = "did";

impl Visitor {
    /// A browser, whose cookies of a name are found by asking.
    pub fn new(
        (scheme, host): (&str, &str),
        ip: IpAddr,
        user_agent: Option<&str>,
        cookies: impl Fn(&str) -> Vec<String>,
    ) -> Visitor {
        Visitor {
            host: host.to_owned(),
            origin: format!("{scheme}://{host}"),
            ip,
            user_agent: user_agent.map(str::to_owned),
            sessions: cookies(SESSION_COOKIE),
            devices: cookies(DEVICE_COOKIE),
        }
    }

    /// An event that this browser caused.
    pub fn event(&self, kind: LogType, description: impl Into<String>) -> Event {
        Event {
            ip: Some(self.ip.to_string()),
            hostname: Some(self.host.clone()),
            user_agent: self.user_agent.as_deref().map(cut),
            ..Event::new(kind, description)
        }
    }
}
