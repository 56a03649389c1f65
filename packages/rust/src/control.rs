//! Calls of the control API and of the token endpoint, over plain HTTP on this machine.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{Request, Response},
};

use crate::Error;

/// The control API.
#[derive(Debug, Clone)]
pub struct Control {
    agent: Agent,
    base: String,
}

impl Control {
    pub fn new(base: &str) -> Control {
        let config = Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.timeout_global(Some(PATIENCE)).build().new_agent();
        Control { agent, base: base.to_owned() }
    }

    /// Sends a request and reads what it answers.
    pub fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Error> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let sent = match body {
            Some(body) => {
                let text = serde_json::to_string(body).map_err(|error| Error::from(error.to_string()))?;
                let request = request.header("content-type", "application/json").body(text);
                self.agent.run(request.map_err(|error| Error::from(error.to_string()))?)
            }
            None => self.agent.run(request.body(()).map_err(|error| Error::from(error.to_string()))?),
        };
        read(sent)
    }

    /// Posts a form to another address of the server.
    pub fn post_form<T: DeserializeOwned>(&self, url: &str, form: &[(&str, &str)]) -> Result<T, Error> {
        read(self.agent.post(url).send_form(form.iter().copied()))
    }
}

fn read<T: DeserializeOwned>(sent: Result<Response<Body>, ureq::Error>) -> Result<T, Error> {
    let mut response = sent.map_err(|error| Error::from(error.to_string()))?;
    let text = response.body_mut().read_to_string().map_err(|error| Error::from(error.to_string()))?;
    // No content is null.
    let answer = if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text) };
    if !response.status().is_success() {
        let answer = answer.unwrap_or_default();
        let words = ["message", "error_description", "error"].iter().find_map(|name| answer[*name].as_str());
        let message = words.unwrap_or(&text).to_owned();
        return Err(Error { message, status: Some(response.status().as_u16()) });
    }
    let answer = answer.and_then(serde_json::from_value);
    answer.map_err(|error| Error::from(format!("not understood: {error}")))
}

const PATIENCE: Duration = Duration::from_secs(60);
