//! The Management API of the running server, as the command line calls it.

use anyhow::{Result, bail};
use reqwest::Method;
use serde_json::Value;

use super::{Place, admin, running::Running};

/// The Management API of one tenant, called with the owner's token.
pub struct Management {
    running: Running,
    token: String,
}

impl Management {
    pub async fn of(place: &Place) -> Result<Management> {
        let token = admin::management_token(place).await?;
        Ok(Management { running: Running::of(place)?, token })
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(Method::GET, &format!("api/v2/{path}"), query, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, &format!("api/v2/{path}"), &[], Some(body)).await
    }

    /// What only this server offers, beside Auth0's operations.
    pub async fn post_ours(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, &format!("api/x/{path}"), &[], Some(body)).await
    }

    /// Every element of a list, page after page.
    pub async fn all(&self, path: &str, name: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for page in 0.. {
            let page = page.to_string();
            let page = [("include_totals", "true"), ("per_page", "100"), ("page", page.as_str())];
            let mut answer = self.get(path, &[&page, query].concat()).await?;
            let Some(Value::Array(items)) = answer.get_mut(name).map(Value::take) else {
                bail!("{path} is no list")
            };
            let is_last = items.len() < 100;
            all.extend(items);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value> {
        let mut request = self.running.request(method, path);
        request = request.bearer_auth(&self.token).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, answer) = self.running.send(request).await?;
        if status.is_success() {
            return Ok(answer);
        }
        let message = answer.get("message").and_then(Value::as_str).unwrap_or("the server gave no reason");
        match next(&answer) {
            Some(next) => bail!("{} ({status}): {next}", message.trim_end_matches('.')),
            None => bail!("{message} ({status})"),
        }
    }
}

/// What to do about a refusal, where there is one thing to do.
fn next(answer: &Value) -> Option<&'static str> {
    match answer["errorCode"].as_str()? {
        "inexistent_client" => Some("`countersign apps list` shows the applications"),
        "inexistent_resource_server" => Some("`countersign apis list` shows the APIs"),
        _ => None,
    }
}

/// Asks for no secret, so that none is shown and no reading of one is logged.
pub const WITHOUT_SECRET: &[(&str, &str)] =
    &[("fields", "client_secret,signing_secret"), ("include_fields", "false")];

/// A segment of a path.
pub fn encoded(segment: &str) -> String {
    percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC).to_string()
}
