//! The way to a directory: HTTPS alone, no redirect, so much and no more, for so long. The operator chose the directory, so
//! it may lie in a network of theirs; what it answers is a stranger's all the same.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, StatusCode, header::RETRY_AFTER};
use http_body_util::{BodyExt as _, Collected};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::{Certificate, Client, redirect::Policy};
use serde_json::Value;

use super::Settings;

/// A client for one order. Clones share it.
#[derive(Clone)]
pub struct Directory {
    client: Client,
    asked_to_wait: Arc<AtomicI64>,
}

impl Directory {
    pub fn new(settings: &Settings) -> Result<Directory> {
        let pem = settings.authorities.as_deref().unwrap_or_default();
        let client = Client::builder()
            .https_only(true)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .tls_certs_merge(Certificate::from_pem_bundle(pem.as_bytes())?)
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the way to the directory")?;
        Ok(Directory { client, asked_to_wait: Arc::default() })
    }

    /// For how many seconds the directory wants to be left alone.
    pub fn asked_to_wait(&self) -> i64 {
        self.asked_to_wait.load(Ordering::Relaxed)
    }

    async fn send(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let is_directory = parts.method == Method::GET;
        let Ok(body) = body.collect().await.map(Collected::to_bytes);
        let request = self.client.request(parts.method, &url).headers(parts.headers).body(body);
        let answered = request.send().await.map_err(reqwest::Error::without_url);
        let mut response = answered.with_context(|| url.clone())?;
        let status = response.status();
        ensure!(!status.is_redirection(), "{url} leads elsewhere ({status}), and is not followed");
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            ensure!(body.len() + chunk.len() <= MOST, "{url} answers more than {MOST} bytes");
            body.extend_from_slice(&chunk);
        }
        if is_directory {
            ensure!(status == StatusCode::OK, "{url} answers {status}");
            must_be_directory(&body).with_context(|| format!("{url} is no directory"))?;
        } else if status.is_client_error() || status.is_server_error() {
            // Whatever else it is, it is shown as what it is.
            let is_problem = serde_json::from_slice::<Value>(&body).is_ok_and(|told| told.is_object());
            ensure!(is_problem, "{url} answers {status}");
        }
        let (mut answer, ()) = http::Response::new(()).into_parts();
        answer.status = status;
        answer.headers = std::mem::take(response.headers_mut());
        self.hear(&mut answer);
        Ok(BytesResponse { parts: answer, body: Box::new(body.freeze()) })
    }

    /// Hears how long the directory wants to be left alone; nobody waits for ever because it says so.
    fn hear(&self, answer: &mut http::response::Parts) {
        let Some(said) = answer.headers.get(RETRY_AFTER) else { return };
        let seconds = said.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
        let Some(seconds) = seconds else {
            answer.headers.remove(RETRY_AFTER);
            return;
        };
        if matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            self.asked_to_wait.store(i64::try_from(seconds).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
        answer.headers.insert(RETRY_AFTER, HeaderValue::from(seconds.min(LONGEST_POLL)));
    }
}

impl HttpClient for Directory {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let directory = self.clone();
        // The cause is told with it: what holds this prints one line.
        Box::pin(async move {
            directory.send(request).await.map_err(|error| Error::Other(format!("{error:#}").into()))
        })
    }
}

/// Whether a text names what an order needs. The library takes what stands there for addresses.
fn must_be_directory(body: &[u8]) -> Result<()> {
    let told: Value = serde_json::from_slice(body).context("this is no JSON")?;
    for name in ["newNonce", "newAccount", "newOrder"] {
        let Some(url) = told[name].as_str() else { bail!("it names no {name}") };
        let is_url = outbound::checked(url).is_ok() && url.parse::<http::Uri>().is_ok();
        ensure!(is_url, "its {name} is no https address");
    }
    Ok(())
}

const CONNECT: Duration = Duration::from_secs(10);
const TOTAL: Duration = Duration::from_secs(30);
/// The greatest answer, in bytes: a chain of certificates is the longest that there is.
const MOST: usize = 256 * 1024;
/// For how many seconds a directory may put off the next look at an order.
const LONGEST_POLL: u64 = 60;

#[cfg(test)]
mod tests {
    use super::must_be_directory;

    #[test]
    fn what_is_no_directory_is_refused() {
        let directory = |nonce: &str| {
            format!(r#"{{"newNonce":"{nonce}","newAccount":"https://a/b","newOrder":"https://a/c"}}"#)
        };
        must_be_directory(directory("https://a/n").as_bytes()).expect("a directory");
        for nonce in
            ["", "http://a/n", "https://", "https://a b/\u{7f}", "https://u:p@a/", "%", "https://a/\\u0000"]
        {
            assert!(must_be_directory(directory(nonce).as_bytes()).is_err(), "{nonce:?}");
        }
        for text in ["", "[]", "null", "<html>", "{}", r#"{"newNonce":1}"#, &"[".repeat(100_000)] {
            assert!(must_be_directory(text.as_bytes()).is_err(), "{text:.20}");
        }
    }
}
