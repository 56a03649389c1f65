//! `countersign dev`: the server as a test double. It keeps everything in memory, asks nothing, and does what the control
//! API says: throw-away tenants, clocks that can be set, faults. Nothing of this is reached from `serve`.

mod clock;
mod control;
pub mod faults;
mod folder;
mod tenant;

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    io::Read as _,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use axum::{extract::Request, response::Response};
use clap::Args;
use http::StatusCode;
use idp::{Tenant, Tenants, tenants::DEFAULT_TENANT};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use schema::Object;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;
use web::Limits;

use self::{
    control::{Refusal, unfit},
    faults::Faults,
    tenant::{Furniture, Served, Wanted},
};
use crate::{cli::print::say, config::Config, run_file::RunFile, serve};

/// How the double is started.
#[derive(Debug, Args)]
pub struct Options {
    /// Address of the control API, on this machine
    #[arg(long, value_name = "ADDR", default_value = ANY_PORT, value_parser = Loopback::checked)]
    control: Loopback,
    /// Address for plain HTTP, on this machine
    #[arg(long, value_name = "ADDR", default_value = ANY_PORT, value_parser = Loopback::checked)]
    listen: Loopback,
    /// Address for HTTPS, on this machine
    #[arg(long, value_name = "ADDR", default_value = ANY_PORT, value_parser = Loopback::checked)]
    tls_listen: Loopback,
    /// Apply a tenant export (YAML or JSON) to the default tenant
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// Say where everything is in one line of JSON, for programs
    #[arg(long)]
    json: bool,
    /// Stop when standard input ends, and so with whoever started it
    #[arg(long)]
    stop_with_stdin: bool,
}

const ANY_PORT: &str = "127.0.0.1:0";

/// An address that only this machine reaches.
#[derive(Debug, Clone, Copy)]
pub struct Loopback(SocketAddr);

impl Loopback {
    pub fn checked(text: &str) -> Result<Loopback, String> {
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Loopback(address)),
            Ok(_) => {
                Err("a test double serves this machine alone: take an address such as 127.0.0.1:0".into())
            }
            Err(_) => Err("this is no address with a port".into()),
        }
    }

    /// Whether a Host header means it.
    fn is_called(self, host: &str) -> bool {
        let port = self.0.port();
        host == self.0.to_string() || host.eq_ignore_ascii_case(&format!("localhost:{port}"))
    }
}

impl fmt::Display for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Serves from a folder that goes with the process, until it is told to stop.
pub async fn run(options: Options, configure: impl FnOnce(Object) -> Result<Config>) -> Result<()> {
    allow_many_listeners();
    let folder = folder::make()?;
    let path = folder.path().to_str().context("the folder for temporary files has a name that is no text")?;
    let mut given = Object::new();
    given.insert("data_dir".into(), json!(path));
    given.insert("listen".into(), json!(options.listen.to_string()));
    given.insert("tls_listen".into(), json!(options.tls_listen.to_string()));
    let mut config = configure(given)?;
    only_here(&mut config)?;
    let seed = options.seed.clone();
    let served = serve::serve(config, seed, Some(options), None).await;
    let removed = folder.close().context("removing what was kept");
    served.and(removed)
}

/// Whatever is configured for a server that lasts, a double touches nothing of it and is reached from nowhere else.
fn only_here(config: &mut Config) -> Result<()> {
    config.database = None;
    config.domain = None;
    config.dashboard_host = None;
    config.tls_certificate = None;
    config.tls_key = None;
    config.master_key_file = None;
    config.master_key = None;
    config.master_key_wrapped_by = None;
    config.shutdown_delay_seconds = 0;
    config.drain_seconds = 1;
    // What applications of a test listen on.
    config.outbound_allow.extend(["127.0.0.0/8", "::1"].map(str::to_owned));
    let others = [("mtls_listen", config.mtls_address()?), ("metrics_listen", config.metrics_address()?)];
    for (key, address) in others {
        if address.is_some_and(|address| !address.ip().is_loopback()) {
            bail!("{key}: a test double serves this machine alone");
        }
    }
    Ok(())
}

/// Each tenant has a listener; the usual limit is for far fewer.
fn allow_many_listeners() {
    let now = getrlimit(Resource::Nofile);
    // Without it there are as many tenants as the limit allows, and then an error that says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
}

/// A running double. Clones share it.
#[derive(Clone)]
pub struct Double(Arc<Inner>);

struct Inner {
    options: Options,
    control: Loopback,
    tenants: Tenants,
    faults: Faults,
    served: Served,
    ca: Option<PathBuf>,
    rooms: Mutex<HashMap<String, Room>>,
    made: AtomicU64,
}

/// What was made for a tenant, and what ends its listener.
struct Room {
    has: Furniture,
    http: Option<Loopback>,
    stop: CancellationToken,
}

/// What of the server a double is made of.
pub struct Parts {
    pub tenants: Tenants,
    pub faults: Faults,
    pub app: BoxCloneSyncService<Request, Response, Infallible>,
    pub tls: Option<web::Tls>,
    pub limits: Limits,
    pub stop: CancellationToken,
}

impl Double {
    /// Furnishes the default tenant and opens the control API.
    pub async fn start(options: Options, parts: Parts, run: &RunFile) -> Result<Double> {
        let Parts { tenants, faults, app, tls, limits, stop } = parts;
        let listener = TcpListener::bind(options.control.0).await;
        let listener = listener.with_context(|| format!("listening on {}", options.control))?;
        let control = Loopback(listener.local_addr()?);
        let default = tenants.named(DEFAULT_TENANT).context("there is no default tenant")?;
        let has = tenant::furnish(&default, Wanted::default()).await?;
        let http = run.http.as_deref().map(str::parse).transpose()?;
        let room = Room { has, http: http.map(Loopback), stop: stop.clone() };
        let served = Served::new(app, tls, limits.clone(), stop.clone());
        let double = Double(Arc::new(Inner {
            options,
            control,
            tenants,
            faults,
            served,
            ca: run.ca.clone(),
            rooms: Mutex::new(HashMap::from([(DEFAULT_TENANT.to_owned(), room)])),
            made: AtomicU64::new(0),
        }));
        let router = control::router(double.clone(), control);
        let serving = web::serve(listener, None, router, limits, stop);
        double.0.served.watch(serving);
        Ok(double)
    }

    /// Says where everything is, and then does what can wait.
    pub fn greet(&self, run: &RunFile) {
        let Inner { options, control, tenants, .. } = &*self.0;
        let default = tenants.named(DEFAULT_TENANT).map_or(Value::Null, |tenant| self.shown(&tenant));
        let control = format!("http://{control}/dev");
        if options.json {
            say!(
                "{}",
                json!({
                    "pid": run.pid, "control": control, "http": run.http, "https": run.https, "ca": run.ca,
                    "tenant": default,
                })
            );
        } else {
            say!("Countersign serves {} as a test double, until you stop it.", run.issuer);
            say!("Nothing is kept, and its signing keys are public: use it for tests alone.");
            say!("  control API    {control}");
            for name in ["http", "ca", "client_id", "client_secret", "audience", "scope"] {
                say!("  {name:13}  {}", default[name].as_str().unwrap_or_default());
            }
        }
        tokio::task::spawn_blocking(folder::clear_away);
    }

    /// Tells when whoever started it is gone, if it is to end then.
    pub fn left_alone(&self) -> Option<oneshot::Receiver<()>> {
        let (told, tells) = oneshot::channel();
        // A thread of its own: a read of standard input cannot be called off.
        self.0.options.stop_with_stdin.then(|| {
            std::thread::spawn(move || {
                let mut room = [0; 256];
                while std::io::stdin().read(&mut room).is_ok_and(|read| read > 0) {}
                // The server has been told to stop already, then.
                let _ = told.send(());
            });
            tells
        })
    }

    /// Waits until the tenants' listeners have ended, which they do when the server does.
    pub async fn ended(&self) {
        self.0.served.ended().await;
    }

    fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Every tenant, the built-in one as well.
    fn everybody(&self) -> Vec<Tenant> {
        self.0.tenants.all().into_iter().chain(self.0.tenants.administrators()).collect()
    }

    /// Makes a tenant on a port of its own.
    async fn create(&self, wanted: Wanted) -> Result<Tenant, Refusal> {
        let Inner { tenants, served, made, .. } = &*self.0;
        let name = match &wanted.name {
            Some(name) => name.clone(),
            None => format!("test-{}", made.fetch_add(1, Ordering::Relaxed) + 1),
        };
        if tenants.named(&name).is_some() {
            return Err(Refusal(StatusCode::CONFLICT, "there is a tenant of this name already".into()));
        }
        let bound =
            TcpListener::bind(ANY_PORT).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let no_port =
            |error| Refusal(StatusCode::SERVICE_UNAVAILABLE, format!("no port for a tenant: {error}"));
        let (address, listener) = bound.map_err(no_port)?;
        let mut record = Object::new();
        record.insert("domains".into(), json!([format!("localhost:{}", address.port())]));
        let tenant = tenants.create(&name, record).await?;
        let has = match tenant::furnish(&tenant, wanted).await {
            Ok(has) => has,
            Err(error) => {
                tenants.remove(&tenant).await?;
                return Err(unfit(format!("{error:#}")));
            }
        };
        let stop = served.stop.child_token();
        served.at(listener, tenant.clone(), stop.clone());
        self.rooms().insert(name, Room { has, http: Some(Loopback(address)), stop });
        Ok(tenant)
    }

    /// Removes a tenant and its listener.
    async fn remove(&self, tenant: &Tenant) -> Result<(), Refusal> {
        if tenant.name() == DEFAULT_TENANT {
            return Err(Refusal(StatusCode::CONFLICT, "the default tenant stays".into()));
        }
        if let Some(room) = self.rooms().remove(tenant.name()) {
            room.stop.cancel();
        }
        self.0.faults.remove(tenant.name(), None);
        Ok(self.0.tenants.remove(tenant).await?)
    }

    fn shown(&self, tenant: &Tenant) -> Value {
        let rooms = self.rooms();
        match rooms.get(tenant.name()) {
            Some(room) => tenant::shown(tenant, &room.has, room.http.as_ref(), self.0.ca.as_deref()),
            // Made by other means than the control API.
            None => json!({ "name": tenant.name(), "issuer": tenant.issuer(tenant.domain()) }),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
