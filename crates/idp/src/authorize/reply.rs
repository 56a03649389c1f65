//! The way back to the application: its callback, with a code, tokens or a refusal, in the mode that it asked for.

use url::{Url, form_urlencoded};

use super::{Asked, request};
use crate::{Error, Result, Tenant};

/// What an application is answered, and how it gets there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The browser goes to this address.
    Redirect(String),
    /// The browser goes to this address, which customers' code chose; also from a form, whose targets are others.
    Away(String),
    /// A page of ours posts these fields there.
    FormPost { action: String, fields: Fields },
    /// A page of ours tells these fields to a page of this origin, which framed or opened it.
    WebMessage { origin: String, fields: Fields },
}

/// What an answer has in it.
pub type Fields = Vec<(&'static str, String)>;

/// How an answer gets back (`response_mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Query,
    Fragment,
    FormPost,
    WebMessage,
}

impl Mode {
    /// What was asked for; else the query for a code, and what no server sees for whatever is worth more.
    pub fn of(asked: &Asked) -> Mode {
        match Mode::named(asked.response_mode.as_deref().unwrap_or_default()) {
            Some(mode) => mode,
            None if request::ResponseType::of(asked).is_ok_and(|wanted| wanted.is_front_channel()) => {
                Mode::Fragment
            }
            None => Mode::Query,
        }
    }

    /// The mode of this name.
    pub fn named(name: &str) -> Option<Mode> {
        Some(match name {
            "query" => Mode::Query,
            "fragment" => Mode::Fragment,
            "form_post" => Mode::FormPost,
            "web_message" => Mode::WebMessage,
            _ => return None,
        })
    }
}

/// Where an answer goes, and what each answer has in it.
#[derive(Debug)]
pub struct Way {
    callback: String,
    state: Option<String>,
    issuer: String,
    mode: Mode,
}

impl Way {
    pub fn to(tenant: &Tenant, host: &str, callback: String, asked: &Asked) -> Self {
        Way { callback, state: asked.state.clone(), issuer: tenant.issuer(host), mode: Mode::of(asked) }
    }

    pub fn callback(&self) -> &str {
        &self.callback
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Takes what was granted back.
    pub fn reply(&self, mut fields: Fields) -> Reply {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        // RFC 9207: an application that talks to several servers can tell whose answer it is.
        fields.push(("iss", self.issuer.clone()));
        match self.mode {
            Mode::Query => Reply::Redirect(in_query(&self.callback, &fields)),
            Mode::Fragment => Reply::Redirect(format!("{}#{}", self.callback, encoded(&fields))),
            Mode::FormPost => Reply::FormPost { action: self.callback.clone(), fields },
            Mode::WebMessage => Reply::WebMessage { origin: origin(&self.callback), fields },
        }
    }

    /// Takes a refusal back; anything internal stays here.
    pub fn refusal(&self, error: Error) -> Result<Reply> {
        match error {
            Error::Refused { code, description } => Ok(self.reply(vec![
                ("error", code.name().to_owned()),
                ("error_description", description.into_owned()),
            ])),
            other => Err(other),
        }
    }
}

/// The origin of an address; one without has the opaque one, to which no browser tells anything.
pub fn origin(address: &str) -> String {
    let origin = Url::parse(address).map(|url| url.origin().ascii_serialization());
    origin.unwrap_or_else(|_| "null".to_owned())
}

/// An address with more in its query.
pub fn in_query(address: &str, fields: &[(&'static str, String)]) -> String {
    let query = encoded(fields);
    match address.split_once('?') {
        None => format!("{address}?{query}"),
        Some((_, "")) => format!("{address}{query}"),
        Some(_) => format!("{address}&{query}"),
    }
}

fn encoded(fields: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(callback: &str, mode: Mode) -> Way {
        Way { callback: callback.into(), state: Some("é#".into()), issuer: "https://i/".into(), mode }
    }

    #[test]
    fn a_callback_keeps_its_own_query() {
        for (callback, expected) in [
            (
                "https://a.example/cb",
                "https://a.example/cb?code=c+%26&state=%C3%A9%23&iss=https%3A%2F%2Fi%2F",
            ),
            ("https://a.example?", "https://a.example?code=c+%26&state=%C3%A9%23&iss=https%3A%2F%2Fi%2F"),
            ("app:/cb?a=b", "app:/cb?a=b&code=c+%26&state=%C3%A9%23&iss=https%3A%2F%2Fi%2F"),
        ] {
            let reply = way(callback, Mode::Query).reply(vec![("code", "c &".into())]);
            assert_eq!(reply, Reply::Redirect(expected.into()));
        }
    }

    #[test]
    fn an_answer_goes_back_as_it_was_asked_for() {
        let reply = |mode| way("https://a.example:8/cb?a=b", mode).reply(vec![("code", "c".into())]);
        let fields = vec![("code", "c".into()), ("state", "é#".into()), ("iss", "https://i/".into())];
        let fragment = "https://a.example:8/cb?a=b#code=c&state=%C3%A9%23&iss=https%3A%2F%2Fi%2F";
        assert_eq!(reply(Mode::Fragment), Reply::Redirect(fragment.into()));
        let action = "https://a.example:8/cb?a=b".into();
        assert_eq!(reply(Mode::FormPost), Reply::FormPost { action, fields: fields.clone() });
        let origin = "https://a.example:8".into();
        assert_eq!(reply(Mode::WebMessage), Reply::WebMessage { origin, fields });
    }
}
