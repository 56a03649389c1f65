//! What a request for a token came to, step by step: who asked, how it proved itself, what it asked for and what it was
//! given. The log keeps it, so that a token and a refusal can be explained later.

use std::{borrow::Cow, net::IpAddr};

use serde::Serialize;

/// The steps of one request, each set where it is decided.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Trace {
    /// How the client proved itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// Which of its secrets, keys or certificates it used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Cow<'static, str>>,
    /// The client grant that allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_grant: Option<String>,
    /// The scopes that were asked for, where others were given; what was given stands in the event itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes_asked: Option<String>,
    /// What the token is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<Cow<'static, str>>,
    /// The limits that were looked at, and where they stood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// The customers' code that ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// The key that signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Whether an earlier token was handed out again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
    /// Why it was refused, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// What is said of a request beside its outcome.
#[derive(Debug, Default)]
pub struct Notes {
    pub trace: Trace,
    /// Headers of the answer, whether it is a token or a refusal.
    pub headers: Vec<(&'static str, String)>,
    /// The address that the request is believed to come from, where that is not its peer.
    pub ip: Option<IpAddr>,
    /// The client that is asking, where only its proof says who that is.
    pub client_id: Option<String>,
    /// The word for a refusal, where its code and description do not tell it.
    pub reason: Option<&'static str>,
    /// Whether the log hears of this request in another event, together with others like it.
    pub is_told_elsewhere: bool,
    /// Why the proof of the client is not believed, in words for the log alone.
    pub client_authentication_error: Option<Cow<'static, str>>,
    /// What customers' code did, for `details.actions` of the log.
    pub actions: Option<serde_json::Value>,
}
