//! The running server as the command line reaches it: at the address of `run.json`, under the server's own name.
//! It knows nothing of what is asked for.

use std::{
    io::{Error as IoError, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Error, Result, anyhow, bail};
use http::uri::Authority;
use reqwest::{Certificate, Client, Method, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::Value;

use super::Place;
use crate::run_file::RunFile;

const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the running server is, for one tenant.
pub struct Running {
    client: Client,
    /// What paths are appended to.
    base: String,
    /// The server's domain.
    host: String,
    address: SocketAddr,
    data_dir: PathBuf,
}

impl Running {
    pub fn of(place: &Place) -> Result<Running> {
        let data_dir = place.data_dir()?;
        let run = RunFile::read(&data_dir)?;
        let host = run.domain().to_owned();
        // Every tenant is reached below the server's own name.
        let path = match place.tenant() {
            idp::tenants::DEFAULT_TENANT => String::new(),
            name => format!("tenants/{name}/"),
        };
        // It is this machine's server: no proxy of the environment stands between.
        let mut client =
            Client::builder().user_agent(USER_AGENT).timeout(PATIENCE).redirect(Policy::none()).no_proxy();
        if let Some(ca) = &run.ca {
            let pem = std::fs::read(ca).with_context(|| format!("reading {}", ca.display()))?;
            client = client.tls_certs_only([Certificate::from_pem(&pem)?]);
        }
        // Plain HTTP stays on this machine; HTTPS is asked for where there is nothing else.
        let (address, base) = match (&run.http, &run.https) {
            (Some(http), _) => {
                let address = reachable(http)?;
                (address, format!("http://{address}/"))
            }
            (None, Some(https)) => {
                // The certificate is for the name, and the name need not lead here. The local authority's is for this
                // machine, whoever vouches for the name itself.
                let address = reachable(https)?;
                let authority: Authority = host.parse().with_context(|| format!("{host} is no host"))?;
                let name = match run.ca {
                    Some(_) => "localhost".to_owned(),
                    None => authority.host().to_ascii_lowercase(),
                };
                client = client.resolve(&name, address);
                (address, format!("https://{name}:{}/", address.port()))
            }
            (None, None) => bail!("run.json in {} names no address", data_dir.display()),
        };
        Ok(Running { client: client.build()?, base: base + &path, host, address, data_dir })
    }

    /// A request to the tenant, not yet sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).header("host", &self.host)
    }

    /// The status and the JSON of the answer; null where there is none.
    pub async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Value)> {
        let response = request.send().await.map_err(|error| self.unanswered(error))?;
        let status = response.status();
        Ok((status, response.json().await.unwrap_or_default()))
    }

    fn unanswered(&self, error: reqwest::Error) -> Error {
        let nobody_there = error.is_timeout();
        let error = Error::new(error);
        let refused = error.chain().filter_map(|cause| cause.downcast_ref::<IoError>());
        if nobody_there || refused.into_iter().any(|cause| cause.kind() == ErrorKind::ConnectionRefused) {
            return anyhow!(
                "the server does not answer at {}: is it running? start it with `countersign serve --data-dir {}`",
                self.address,
                self.data_dir.display()
            );
        }
        error.context(format!("calling the server at {}", self.address))
    }
}

/// Where to call what listens here: a server on every interface is on this machine's own as well.
fn reachable(listening: &str) -> Result<SocketAddr> {
    let mut address: SocketAddr =
        listening.parse().with_context(|| format!("{listening:?} in run.json is no address"))?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}
