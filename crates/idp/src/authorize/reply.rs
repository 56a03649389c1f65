//! The way back to the application: its callback, with a code or a refusal in the query.

use url::form_urlencoded;

use super::Asked;
use crate::{Error, Result, Tenant};

/// Where an answer goes, and what each answer has in it.
#[derive(Debug)]
pub struct Reply {
    callback: String,
    state: Option<String>,
    issuer: String,
}

impl Reply {
    pub fn to(tenant: &Tenant, host: &str, callback: String, asked: &Asked) -> Self {
        Reply { callback, state: asked.state.clone(), issuer: tenant.issuer(host) }
    }

    pub fn callback(&self) -> &str {
        &self.callback
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The address that takes a code back.
    pub fn code(&self, code: &str) -> String {
        self.url(&[("code", code)])
    }

    /// The address that takes a refusal back; anything internal stays here.
    pub fn refusal(&self, error: Error) -> Result<String> {
        match error {
            Error::Refused { code, description } => {
                Ok(self.url(&[("error", code.name()), ("error_description", &description)]))
            }
            other => Err(other),
        }
    }

    fn url(&self, answer: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        // RFC 9207: an application that talks to several servers can tell whose answer it is.
        query.append_pair("iss", &self.issuer);
        let query = query.finish();
        match self.callback.split_once('?') {
            None => format!("{}?{query}", self.callback),
            Some((_, "")) => format!("{}{query}", self.callback),
            Some(_) => format!("{}&{query}", self.callback),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let reply =
                Reply { callback: callback.into(), state: Some("é#".into()), issuer: "https://i/".into() };
            assert_eq!(reply.code("c &"), expected);
        }
    }
}
