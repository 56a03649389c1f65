//! The configuration: one struct, read from a file and from the environment, unknown keys refused with
//! their place. Nothing else of ours reads the environment; the library that sends traces knows some more of its standard
//! names.

mod clouds;
mod key_service;
mod standard;

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use idp::audit::LogKeeping;
use model::Secret;
use outbound::{Outbound, Settings};
use schema::{Object, Op, Shape, Shaped};
use serde::Deserialize;
use serde_json::Value;
use store::{Location, LogSpool};
use web::{CertificateHeader, TrustedProxies};
use zeroize::Zeroizing;

pub use key_service::KeyService;

use crate::{
    acme::{self, AcmeChallenge},
    traces,
};

/// What the server may be told.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Config {
    /// Folder of the embedded store, the master key and the local certificates; made if missing
    #[field(default(|| json!("./data")), min(1))]
    pub data_dir: String,
    /// Address for plain HTTP, for use behind a proxy or on this machine; empty for none
    #[field(default(|| json!("127.0.0.1:8080")))]
    pub listen: String,
    /// Address for HTTPS; empty for none
    #[field(default(|| json!("127.0.0.1:8443")))]
    pub tls_listen: String,
    /// Address for HTTPS that asks callers for a certificate (mutual TLS), which browsers would bother people with; empty for none
    #[field(default(|| json!("")))]
    pub mtls_listen: String,
    /// PEM file of the authorities whose client certificates say who a caller is (`tls_client_auth`); none if absent
    pub client_certificate_authorities: Option<String>,
    /// Header in which trusted proxies pass on a caller's certificate, such as client-certificate; none is believed if absent
    #[field(min(1), max(100))]
    pub client_certificate_header: Option<String>,
    /// PostgreSQL to keep everything in, as postgres://user:password@host/database?sslmode=verify-full; the embedded store if absent
    pub database: Option<Secret>,
    /// Host, and port if it is not 443, of the default tenant as clients call it; localhost with the HTTPS port if absent
    #[field(min(1), max(255))]
    pub domain: Option<String>,
    /// Host, and port if it is not 443, where the dashboard answers and no page of a tenant does; every host of a tenant if absent
    #[field(min(1), max(255))]
    pub dashboard_host: Option<String>,
    /// PEM file of the certificate chain for HTTPS; a certificate of the local authority if absent
    pub tls_certificate: Option<String>,
    /// PEM file of the certificate's private key
    pub tls_key: Option<String>,
    /// Host names for which certificates are had and renewed from an ACME directory, such as Let's Encrypt; none if empty
    #[field(default(|| json!([])), max(100))]
    pub acme_domains: Vec<String>,
    /// Agree to the terms of service of that directory, without which it gives nothing
    #[field(default(|| json!(false)))]
    pub acme_terms_agreed: bool,
    /// Mail addresses to which the directory may write, about certificates that run out for instance
    #[field(default(|| json!([])), max(10))]
    pub acme_contacts: Vec<String>,
    /// Address of the directory
    #[field(default(|| json!("https://acme-v02.api.letsencrypt.org/directory")), min(1))]
    pub acme_directory: String,
    /// How the directory looks whether a name leads here: tls-alpn-01 by a handshake at port 443, http-01 by plain HTTP at port 80
    #[field(default(|| json!("tls-alpn-01")))]
    pub acme_challenge: AcmeChallenge,
    /// PEM file of authorities whose certificates are believed, beside the system's, where the directory itself is called
    pub acme_ca: Option<String>,
    /// Name under which the directory knows you already (external account binding)
    #[field(min(1), max(1000))]
    pub acme_account_id: Option<String>,
    /// Key that belongs to that name, in base64url; give it by environment only
    pub acme_account_key: Option<Secret>,
    /// Addresses or networks of proxies whose forwarded headers are believed
    #[field(default(|| json!([])), format(IpOrCidr))]
    pub trusted_proxies: Vec<String>,
    /// Addresses or networks that may be called on behalf of a tenant though they are not public
    #[field(default(|| json!([])), format(IpOrCidr))]
    pub outbound_allow: Vec<String>,
    /// PEM file of authorities whose certificates are believed, beside the system's, where a tenant's addresses are called
    pub outbound_ca: Option<String>,
    /// File of the master key under which secrets are sealed; master.key in the data folder if absent
    pub master_key_file: Option<String>,
    /// The master key itself, one `id base64` a line or wrapped as one line, for where a file is unwanted; give it by environment only
    pub master_key: Option<Secret>,
    /// Who wraps the master key, so that it lies in clear nowhere: vault (HashiCorp Vault, OpenBao), pkcs11 (an HSM) or aws-kms; nobody if absent ([sealing.md](sealing.md))
    pub master_key_wrapped_by: Option<KeyService>,
    /// Vault or OpenBao, as https://host:port
    pub vault_address: Option<String>,
    /// Path of the secrets engine Transit there
    #[field(default(|| json!("transit")), min(1), max(200))]
    pub vault_mount: String,
    /// Key of that engine that wraps the master key
    #[field(default(|| json!("countersign")), min(1), max(128))]
    pub vault_key: String,
    /// Namespace of Vault in which the engine is; none if absent
    #[field(min(1), max(200))]
    pub vault_namespace: Option<String>,
    /// Token for Vault; give it by environment only, or name a file
    pub vault_token: Option<Secret>,
    /// File of the token for Vault, which an agent keeps fresh; read each time it is needed
    pub vault_token_file: Option<String>,
    /// PKCS#11 library of the HSM's vendor
    pub pkcs11_library: Option<String>,
    /// Label of the token, as the HSM calls what holds keys
    #[field(min(1), max(32))]
    pub pkcs11_token: Option<String>,
    /// Label of the AES key on it that wraps the master key, without spaces
    #[field(default(|| json!("countersign")), min(1), max(200))]
    pub pkcs11_key: String,
    /// PIN of the token's user; give it by environment only, or name a file
    pub pkcs11_pin: Option<Secret>,
    /// File of that PIN
    pub pkcs11_pin_file: Option<String>,
    /// Region of AWS KMS, such as eu-central-1
    pub aws_kms_region: Option<String>,
    /// Identifier, ARN or alias of the symmetric key there that wraps the master key
    #[field(min(1), max(256))]
    pub aws_kms_key: Option<String>,
    /// Address of AWS KMS, such as an endpoint within a VPC; the region's if absent
    pub aws_kms_endpoint: Option<String>,
    /// Who asks AWS KMS
    #[field(min(1), max(200))]
    pub aws_access_key_id: Option<String>,
    /// The secret of that access key; give it by environment only
    pub aws_secret_access_key: Option<Secret>,
    /// The session that this access key belongs to, if it is good for a while only
    pub aws_session_token: Option<Secret>,
    /// PEM file of authorities whose certificates are believed, beside the system's, where the master key is wrapped
    pub key_service_ca: Option<String>,
    /// Access key with which tenants' events are put on buses of Amazon EventBridge; long-lived, and no other than for that ([log-streams.md](log-streams.md#clouds)); none are put there if absent
    #[field(min(1), max(200))]
    pub eventbridge_access_key_id: Option<String>,
    /// The secret of that access key; give it by environment only
    #[field(min(1))]
    pub eventbridge_secret_access_key: Option<Secret>,
    /// Accounts that tenants may name; all, if there are none
    #[field(default(|| json!([])))]
    pub eventbridge_accounts: Vec<String>,
    /// Bus that they are put on, in the account and the region that the tenant names
    #[field(default(|| json!("default")), min(1), max(256))]
    pub eventbridge_bus: String,
    /// Address of EventBridge, such as an endpoint within a VPC, for every region; that of the region if absent
    pub eventbridge_endpoint: Option<String>,
    /// Endpoint of the topic of Azure Event Grid that tenants' log events are posted to, such as https://topic.westeurope-1.eventgrid.azure.net/api/events; none are posted if absent
    pub eventgrid_endpoint: Option<String>,
    /// Access key of that topic; give it by environment only
    #[field(min(1))]
    pub eventgrid_key: Option<Secret>,
    /// How many Management API requests a tenant may make at once
    #[field(default(|| json!(1000)), min(1))]
    pub rate_limit_burst: NonZero,
    /// How many Management API requests a tenant may make each second
    #[field(default(|| json!(1000)), min(1))]
    pub rate_limit_per_second: NonZero,
    /// How many Authentication API requests a tenant may be sent at once
    #[field(default(|| json!(100_000)), min(1))]
    pub authentication_rate_limit_burst: NonZero,
    /// How many Authentication API requests a tenant may be sent each second
    #[field(default(|| json!(100_000)), min(1))]
    pub authentication_rate_limit_per_second: NonZero,
    /// Days for which log events are kept
    #[field(default(|| json!(30)), min(1), max(3650))]
    pub log_retention_days: u32,
    /// Seal log events as they are written, so that `countersign logs verify` finds what was removed, altered or moved
    #[field(default(|| json!(false)))]
    pub log_seals: bool,
    /// MiB of log events that may wait in the data folder while the store does not take them; 0 for none, and they wait in memory alone
    #[field(default(|| json!(1024)), min(0), max(1_048_576))]
    pub log_spool_mb: u32,
    /// Minutes for which tokens are issued from memory while the store does not answer; for as long as it takes if absent
    #[field(min(0), max(525_600))]
    pub tokens_without_store_minutes: Option<u32>,
    /// Tell other nodes at once what changed, by LISTEN and NOTIFY of PostgreSQL, on one connection more; they look twice a second anyway
    #[field(default(|| json!(true)))]
    pub database_notifications: bool,
    /// Seconds that a stopping server gives to what is in flight
    #[field(default(|| json!(20)), min(0), max(3600))]
    pub drain_seconds: u32,
    /// Processes kept ready for the code of Actions and Hooks; as many as there are cores, at least two, if absent
    #[field(min(1), max(256))]
    pub sandbox_workers: Option<u32>,
    /// MiB of memory that one run of such code may use
    #[field(default(|| json!(32)), min(4), max(256))]
    pub sandbox_memory_mib: u32,
    /// Milliseconds of processor time that one run of such code may use
    #[field(default(|| json!(1000)), min(10), max(20_000))]
    pub sandbox_processor_ms: u32,
    /// Address for plain HTTP where /metrics and the health of this node are told; for a network that strangers do not reach; empty for none
    #[field(default(|| json!("")))]
    pub metrics_listen: String,
    /// Collector that traces are sent to over OTLP/HTTP, such as http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT says the same; none are made if absent
    pub otlp_endpoint: Option<String>,
    /// Whether no traces are made, whatever else is said of them; OTEL_SDK_DISABLED says the same
    #[field(default(|| json!(false)))]
    pub otel_sdk_disabled: bool,
    /// Headers for the collector, name=value,name=value with values encoded as in a URL; OTEL_EXPORTER_OTLP_HEADERS says the same
    pub otlp_headers: Option<Secret>,
    /// What this server is called in traces; OTEL_SERVICE_NAME says the same
    #[field(default(|| json!("countersign")), min(1), max(255))]
    pub otel_service_name: String,
    /// Which requests are traced: always_on, always_off, traceidratio, or one of these after parentbased_, which leaves it to a caller who traces; OTEL_TRACES_SAMPLER says the same
    #[field(default(|| json!("parentbased_always_on")))]
    pub traces_sampler: String,
    /// The part of requests that traceidratio takes, from 0 to 1; OTEL_TRACES_SAMPLER_ARG says the same
    #[field(default(|| json!(1)), min(0), max(1))]
    pub traces_sampler_arg: f64,
    /// Seconds for which a server that is told to stop says so at /health/ready and still takes requests
    #[field(default(|| json!(0)), min(0), max(600))]
    pub shutdown_delay_seconds: u32,
    /// Folder of leaked passwords, one file of SHA-1 hashes for each first five digits as the public range service has them; only a list of our own is looked at if absent
    pub breached_passwords_dir: Option<String>,
    /// What the server says on standard error: error, warn, info, debug or a filter such as `web=debug`
    #[field(default(|| json!("info")))]
    pub log: String,
    /// Serve /bench/constant, the yardstick of the benchmark
    #[field(default(|| json!(false)))]
    pub bench: bool,
}

/// A whole number that is not nought.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub struct NonZero(pub NonZeroU32);

impl Shaped for NonZero {
    const SHAPE: Shape = Shape::Integer;
}

const FIELDS: &[schema::Field] = match Config::SHAPE {
    Shape::Object(fields) => fields,
    _ => panic!("the configuration is a struct"),
};
/// The word with which this program is started as a worker for customers' code.
pub const SANDBOX_WORKER: &str = "sandbox-worker";
const PREFIX: &str = "COUNTERSIGN_";
/// Read from the working folder when no file is named.
const FILE: &str = "countersign.toml";

impl Config {
    /// File, then environment, then what the command line says.
    pub fn read(file: Option<&Path>, flags: Object) -> Result<Config> {
        if let Some(missing) = file.filter(|file| !file.is_file()) {
            bail!("the configuration file {} is not there", missing.display());
        }
        let file = file.map_or_else(|| PathBuf::from(FILE), Path::to_owned);
        let standard = Serialized::defaults(standard::settings()?);
        let figment = Figment::new().merge(Toml::file(&file)).merge(standard).merge(Env::prefixed(PREFIX));
        let mut values: Object = figment.extract().with_context(|| format!("reading {}", file.display()))?;
        // An empty one is none here as well.
        values.retain(|key, value| value != "" || !standard::names(key));
        as_texts(&mut values);
        values.extend(flags);
        if let Err(violation) = schema::check(FIELDS, &values, Op::Create) {
            bail!("{} or the environment: {violation}", file.display());
        }
        schema::complete(FIELDS, &mut values);
        let config = Config::deserialize(Value::Object(values))?;
        config.makes_sense()?;
        Ok(config)
    }

    /// What no single key can be blamed for before somebody tries to use it.
    fn makes_sense(&self) -> Result<()> {
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            bail!("tls_certificate and tls_key belong together: give both or none");
        }
        self.addresses()?;
        self.mtls_address()?;
        self.client_certificate_header()?;
        self.trusted_proxies()?;
        self.outbound()?;
        self.clouds()?;
        self.acme()?;
        for (key, host) in [("domain", &self.domain), ("dashboard_host", &self.dashboard_host)] {
            if let Some(host) = host
                && !idp::tenants::is_host(host)
            {
                bail!("{key}: {host:?} is no host, or host with a port; it has no https:// and no path");
            }
        }
        if let Some(url) = &self.database
            && !["postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme))
        {
            bail!("database: only postgres://user:password@host/database is understood");
        }
        self.location().check().context("database")?;
        if let Some(folder) = &self.breached_passwords_dir
            && !Path::new(folder).is_dir()
        {
            bail!("breached_passwords_dir: {folder} is no folder");
        }
        if let Some(service) = self.master_key_wrapped_by {
            self.key_service(service)?;
        }
        tracing_subscriber::EnvFilter::builder().parse(&self.log).context("log")?;
        self.traces()?;
        Ok(())
    }

    /// Where traces are sent, if they are.
    pub fn traces(&self) -> Result<Option<traces::Settings>> {
        let endpoint = self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty());
        let Some(endpoint) = endpoint.filter(|_| !self.otel_sdk_disabled) else { return Ok(None) };
        let headers = self.otlp_headers.as_ref().map_or("", Secret::expose);
        let (service, sampler) = (&self.otel_service_name, &self.traces_sampler);
        traces::Settings::new(endpoint, headers, service, sampler, self.traces_sampler_arg).map(Some)
    }

    pub fn data_dir(&self) -> &Path {
        Path::new(&self.data_dir)
    }

    pub fn location(&self) -> Location {
        match &self.database {
            Some(url) => Location::Postgres { url: url.expose().to_owned() },
            None => Location::Sqlite { dir: self.data_dir().to_owned() },
        }
    }

    /// Where log events wait that the store does not take.
    pub fn log_spool(&self) -> Option<LogSpool> {
        let bytes = u64::from(self.log_spool_mb) << 20;
        (bytes > 0).then(|| LogSpool::new(self.data_dir(), bytes))
    }

    /// Where everything is kept, in words that hold no password.
    pub fn place_of_store(&self) -> String {
        match &self.database {
            Some(_) => "PostgreSQL".into(),
            None => self.data_dir.clone(),
        }
    }

    pub fn log_keeping(&self) -> LogKeeping {
        LogKeeping { days: self.log_retention_days, is_sealed: self.log_seals }
    }

    pub fn master_key_path(&self) -> PathBuf {
        self.master_key_file.as_ref().map_or_else(|| self.data_dir().join("master.key"), PathBuf::from)
    }

    pub fn trusted_proxies(&self) -> Result<TrustedProxies> {
        Ok(TrustedProxies::try_from(self.trusted_proxies.clone())?)
    }

    /// The way to addresses that tenants choose.
    pub fn outbound(&self) -> Result<Outbound> {
        let network =
            |text: &String| outbound::network(text).with_context(|| format!("outbound_allow: {text:?}"));
        let allow = self.outbound_allow.iter().map(network).collect::<Result<_>>()?;
        let authorities = authorities("outbound_ca", self.outbound_ca.as_deref())?;
        Ok(Outbound::new(Settings { allow, authorities, ..Settings::default() }))
    }

    /// Which certificates this server gets by itself.
    pub fn acme(&self) -> Result<Option<acme::Settings>> {
        acme::Settings::of(self)
    }

    /// The header of callers' certificates.
    pub fn client_certificate_header(&self) -> Result<Option<CertificateHeader>> {
        let header = self.client_certificate_header.as_deref().map(CertificateHeader::named);
        header.transpose().context("client_certificate_header")
    }

    /// How customers' code is run: by this very program, started anew.
    pub fn sandbox(&self) -> actions::Config {
        let cores = || std::thread::available_parallelism().map_or(2, usize::from).max(2);
        actions::Config {
            program: actions::Program { path: this_program(), arguments: vec![SANDBOX_WORKER.to_owned()] },
            workers: self.sandbox_workers.map_or_else(cores, |workers| workers as usize),
            memory: self.sandbox_memory_mib as usize * 1024 * 1024,
            processor: Duration::from_millis(self.sandbox_processor_ms.into()),
        }
    }

    /// The default tenant's host with its port, on a server that listens here: `localhost` with the port of HTTPS,
    /// or of HTTP where a proxy does the rest, unless it is given.
    pub fn domain_on(&self, http: Option<SocketAddr>, https: Option<SocketAddr>) -> String {
        let port = https.or(http).map_or(0, |address| address.port());
        match (&self.domain, port) {
            (Some(domain), _) => domain.to_ascii_lowercase(),
            (None, 443) => "localhost".into(),
            (None, port) => format!("localhost:{port}"),
        }
    }

    /// The two addresses to listen on.
    pub fn addresses(&self) -> Result<(Option<SocketAddr>, Option<SocketAddr>)> {
        match (address("listen", &self.listen)?, address("tls_listen", &self.tls_listen)?) {
            (None, None) => bail!("listen and tls_listen are both empty: there is nothing to listen on"),
            addresses => Ok(addresses),
        }
    }

    /// The address where callers are asked for a certificate.
    pub fn mtls_address(&self) -> Result<Option<SocketAddr>> {
        address("mtls_listen", &self.mtls_listen)
    }

    /// The address where this node is watched.
    pub fn metrics_address(&self) -> Result<Option<SocketAddr>> {
        address("metrics_listen", &self.metrics_listen)
    }
}

fn address(name: &str, text: &str) -> Result<Option<SocketAddr>> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).with_context(|| format!("{name}: {text:?} is no address with a port")),
    }
}

/// What a variable of the environment says to a key that is a text is one, though it looks like a number: a PIN.
fn as_texts(values: &mut Object) {
    let is_text =
        |name: &str| FIELDS.iter().any(|field| field.name == name && matches!(field.shape, Shape::Text));
    for (name, text) in Env::prefixed(PREFIX).iter() {
        let name = name.as_str().to_ascii_lowercase();
        if let Some(value) = values.get_mut(&name).filter(|value| !value.is_string())
            && is_text(&name)
        {
            *value = Value::String(text);
        }
    }
}

/// The authorities in the PEM file that a key names, if it names one.
pub fn authorities(key: &str, file: Option<&str>) -> Result<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    let pem = std::fs::read_to_string(file).with_context(|| format!("{key}: {file}"))?;
    match outbound::check_authorities(&pem) {
        Ok(()) => Ok(Some(pem)),
        Err(reason) => bail!("{key}: {file}: {reason}"),
    }
}

fn hidden(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(secret.expose().to_owned())
}

/// The program that runs, also when another took its place on the disk meanwhile. Where nobody says which that is, what it
/// was started as.
fn this_program() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() {
        return running;
    }
    let started = || std::env::args_os().next().and_then(|word| std::path::absolute(word).ok());
    std::env::current_exe().ok().or_else(started).unwrap_or_else(|| "countersign".into())
}

/// Every key with its default and its documentation, as Markdown.
pub fn reference() -> String {
    let mut text = String::from("| key | environment | default | meaning |\n|---|---|---|---|\n");
    for field in FIELDS {
        let default = field.default.map_or_else(|| "–".into(), |default| format!("`{}`", default()));
        let variable = format!("{PREFIX}{}", field.name.to_ascii_uppercase());
        text.push_str(&format!("| `{}` | `{variable}` | {default} | {} |\n", field.name, field.doc));
    }
    text
}
