//! The Management API of the running server, as the command line calls it.

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Certificate, Client, Method};
use serde_json::Value;

use super::{Place, admin};
use crate::run_file::RunFile;

/// A client of the running server with the owner's token.
pub struct Management {
    client: Client,
    base: String,
    host: String,
    token: String,
}

impl Management {
    pub async fn of(place: &Place) -> Result<Management> {
        let token = admin::management_token(place).await?;
        let Running { client, base, host } = Running::of(place).await?;
        Ok(Management { client, base, host, token })
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(Method::GET, path, query, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// Every element of a list, page after page.
    pub async fn all(&self, path: &str, name: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for page in 0.. {
            let page = page.to_string();
            let query = [("include_totals", "true"), ("per_page", "100"), ("page", page.as_str())];
            let mut answer = self.get(path, &query).await?;
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
        let mut request = self.client.request(method, format!("{}api/v2/{path}", self.base));
        request = request.header("host", &self.host).bearer_auth(&self.token).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.context("calling the server")?;
        let status = response.status();
        let body: Value = response.json().await.unwrap_or_default();
        if !status.is_success() {
            let message = body.get("message").and_then(Value::as_str).unwrap_or("the server gave no reason");
            return Err(anyhow!("{message} ({status})"));
        }
        Ok(body)
    }
}

/// Where the running server is, for one tenant.
pub struct Running {
    pub client: Client,
    /// Its address with a slash at the end.
    pub base: String,
    /// The tenant's domain.
    pub host: String,
}

impl Running {
    pub async fn of(place: &Place) -> Result<Running> {
        let run = RunFile::read(&place.data_dir()?)?;
        let mut client = Client::builder();
        if let Some(ca) = &run.ca {
            client = client.add_root_certificate(Certificate::from_pem(&std::fs::read(ca)?)?);
        }
        // Plain HTTP stays on this machine; HTTPS is asked for where there is nothing else.
        let base = match (&run.http, &run.https) {
            (Some(http), _) => format!("http://{http}/"),
            (None, _) => run.issuer.clone(),
        };
        let domain = run.issuer.trim_start_matches("https://").trim_end_matches('/');
        let host = match place.tenant() {
            idp::tenants::DEFAULT_TENANT => domain.to_owned(),
            name => {
                let opened = admin::Opened::of(place).await?;
                let host = opened.tenant(name)?.domain().to_owned();
                opened.close().await;
                host
            }
        };
        Ok(Running { client: client.build()?, base, host })
    }
}
