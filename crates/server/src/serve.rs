//! `countersign serve`: from a configuration to a server that answers, and cleanly back down.

use std::{
    future,
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use idp::{
    Clock, Tenants,
    invitation::{self, Invitation},
    nodes::Node,
    tenants::{MTLS, without_port},
};
use store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;
use tower::{ServiceBuilder, util::BoxCloneSyncService};
use web::{Authorities, Certificates, Limits, RateLimit};

use crate::cli::print::say;
use crate::{
    acme::Acme,
    background, backup,
    config::Config,
    dev::{self, Double, faults::Faults},
    front::{Front, RateLimits},
    health::Health,
    log_work,
    master_key::waiting,
    metrics::{Measured, Metrics, Presented},
    run_file::{Held, RunFile},
    seed,
    traces::{Traced, Traces},
};

/// How often certificate files are looked at.
const LOOK_AT_CERTIFICATES: Duration = Duration::from_secs(10);
/// How often, in seconds, the local certificate is looked at for its expiry.
const RENEW: i64 = 24 * 3600;

/// Serves until it is told to stop.
pub async fn serve(
    config: Config,
    seed_file: Option<PathBuf>,
    dev: Option<dev::Options>,
    traces: Option<Traces>,
) -> Result<()> {
    private_folder(config.data_dir())?;
    let _held = Held::take(config.data_dir())?;
    backup::must_be_whole(config.data_dir())?;
    let (http, https) = bind(&config).await?;
    let mtls = listen(config.mtls_address()?).await?;
    let watched = listen(config.metrics_address()?).await?;
    let local = |listener: &TcpListener| listener.local_addr().ok();
    let domain = config.domain_on(http.as_ref().and_then(local), https.as_ref().and_then(local));
    let store = Store::open(&config.location()).await.context("opening the store")?;
    let is_new = store.tenants().list().await?.is_empty();
    let plain = [http.as_ref(), watched.as_ref()];
    let master_keys = waiting::master_keys(&config, is_new, plain).await?;
    if config.database_notifications {
        store.listen();
    }
    let tenants = match &dev {
        None => {
            let spool = config.log_spool();
            Tenants::open(store.clone(), master_keys, Clock::System, &domain, spool).await?
        }
        Some(_) => Tenants::open_double(store.clone(), master_keys, &domain).await?,
    };
    let tenants = tenants.reaching(config.outbound()?).with_clouds(config.clouds()?);
    if let Some(minutes) = config.tokens_without_store_minutes {
        tenants.outage().bear_for(i64::from(minutes) * 60);
    }
    if let Some(host) = &config.dashboard_host {
        tenants.show_dashboard_at(host).context("dashboard_host")?;
    }
    tenants.run_scripts_in(actions::Sandbox::start(config.sandbox()));
    if let Some(folder) = &config.breached_passwords_dir {
        tenants.know_breaches_in(folder.into());
    }
    if let Some(file) = &seed_file {
        seed::apply(&tenants, file).await.with_context(|| format!("seeding from {}", file.display()))?;
    }
    let mut background = JoinSet::new();
    let ends_tls = https.is_some() || mtls.is_some();
    let certificates = ends_tls.then(|| certificates(&config, &tenants, &domain, &mut background));
    let certificates = certificates.transpose()?;
    let (certificates, ca) = certificates.unzip();
    let acme = match (config.acme()?.filter(|_| dev.is_none()), &certificates) {
        (Some(settings), Some(certificates)) => Some(Acme::begin(settings, &tenants, certificates).await),
        _ => None,
    };
    let trusted = Arc::new(config.trusted_proxies()?);
    let limits = RateLimits {
        management: RateLimit {
            burst: config.rate_limit_burst.0,
            per_second: config.rate_limit_per_second.0,
        },
        authentication: RateLimit {
            burst: config.authentication_rate_limit_burst.0,
            per_second: config.authentication_rate_limit_per_second.0,
        },
    };
    let health = Health::of(&tenants);
    let faults = dev.as_ref().map(|_| Faults::default());
    let front = Front::new(tenants.clone(), trusted.clone(), limits, config.bench)
        .saying(&health)
        .vouched_for_by(ca.clone().flatten())
        .proving(acme.as_ref())
        .failing(faults.clone())
        .traced(traces.is_some())
        .asking_for_certificates(
            config.client_certificate_header()?,
            mtls.as_ref().and_then(local).map(|address| address.port()),
        );
    let metrics = watched.is_some().then(Metrics::new).transpose()?;
    let front = Measured { inner: front, metrics: metrics.clone() };
    let front = Traced { inner: front, is_on: traces.is_some() };
    let app = ServiceBuilder::new().layer(web::security_headers(trusted)).service(front);

    let stop = CancellationToken::new();
    let limits = Limits { drain: Duration::from_secs(config.drain_seconds.into()), ..Limits::default() };
    let mut listening = JoinSet::new();
    let run_file = RunFile {
        pid: std::process::id(),
        http: http.as_ref().map(address).transpose()?,
        https: https.as_ref().map(address).transpose()?,
        metrics: watched.as_ref().map(address).transpose()?,
        issuer: format!("https://{domain}/"),
        ca: ca.flatten(),
    };
    if let (Some(listener), Some(metrics)) = (watched, metrics) {
        let presented = Presented { certificates: certificates.clone(), acme: acme.clone() };
        let told = metrics.router(tenants.clone(), presented).merge(health.router());
        listening.spawn(web::serve(listener, None, told, limits.clone(), stop.clone()));
        background.spawn(background::keep_up(metrics));
    }
    if let Some(listener) = http {
        listening.spawn(web::serve(listener, None, app.clone(), limits.clone(), stop.clone()));
    }
    let parts = faults.map(|faults| dev::Parts {
        tenants: tenants.clone(),
        faults,
        app: BoxCloneSyncService::new(app.clone()),
        tls: certificates.as_ref().map(Certificates::server_config),
        limits: limits.clone(),
        stop: stop.clone(),
    });
    if let Some(certificates) = certificates {
        let asking = certificates.asking(authorities(&config)?);
        for (listener, tls) in [(https, certificates.server_config()), (mtls, asking)] {
            if let Some(listener) = listener {
                listening.spawn(web::serve(listener, Some(tls), app.clone(), limits.clone(), stop.clone()));
            }
        }
    }
    if let Some(acme) = acme {
        background.spawn(acme.clone().follow());
        background.spawn(acme.keep());
    }
    tenants.keep_logs(config.log_keeping());
    background::start(&tenants, config.log_keeping(), &mut background);
    let node = Node::new(&tenants, &machine(), run_file.address(), env!("CARGO_PKG_VERSION"));
    background.spawn(background::tell_of(node.clone(), tenants.clone(), health.clone()));
    let deliveries = log_work::start(&tenants, config.log_seals, &mut background);
    let double = match dev.zip(parts) {
        Some((options, parts)) => Some(Double::start(options, parts, &run_file).await?),
        None => None,
    };
    // Nobody sets up what is gone in a moment.
    let link = if double.is_none() { first_link(&tenants).await? } else { None };
    // Whoever finds the file may tell the server to stop.
    let terminate = signal(SignalKind::terminate())?;
    run_file.write(config.data_dir())?;
    match &double {
        Some(double) => double.greet(&run_file),
        None => greet(&config, &run_file, tenants.dashboard_domain(), link.as_deref()),
    }

    told_to_stop(terminate, double.as_ref().and_then(Double::left_alone)).await?;
    health.is_about_to_stop();
    background.spawn(background::tell_of_end(node.clone(), tenants.clone()));
    time::sleep(Duration::from_secs(config.shutdown_delay_seconds.into())).await;
    tracing::info!("stopping: finishing what is in flight");
    tenants.logs().end_watches();
    stop.cancel();
    while let Some(ended) = listening.join_next().await {
        ended??;
    }
    if let Some(double) = double {
        double.ended().await;
    }
    background.shutdown().await;
    if let Err(error) = node.end(&tenants).await {
        let error = format!("{error:#}");
        tracing::warn!(error, "this node will seem to be silent for an hour");
    }
    log_work::stop(&deliveries).await;
    if let Err(error) = tenants.exchange_counts().await {
        let error = format!("{error:#}");
        tracing::warn!(error, "what was counted in the last second is lost");
    }
    RunFile::remove(config.data_dir());
    tenants.close().await;
    drop(tenants);
    store.close().await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    Ok(())
}

/// What this machine is called.
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

async fn bind(config: &Config) -> Result<(Option<TcpListener>, Option<TcpListener>)> {
    let (http, https) = config.addresses()?;
    Ok((listen(http).await?, listen(https).await?))
}

async fn listen(address: Option<SocketAddr>) -> Result<Option<TcpListener>> {
    let Some(address) = address else { return Ok(None) };
    let listener = TcpListener::bind(address).await;
    listener.map(Some).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("{address} is taken: is another server running there?"),
        _ => anyhow!("listening on {address}: {error}"),
    })
}

/// The authorities whose client certificates say who a caller is.
fn authorities(config: &Config) -> Result<Authorities> {
    let file = config.client_certificate_authorities.as_deref().map(Path::new);
    Ok(file.map(Authorities::from_file).transpose()?.unwrap_or_default())
}

fn address(listener: &TcpListener) -> Result<String> {
    Ok(listener.local_addr()?.to_string())
}

/// What HTTPS is served with, and the local authority if that is its own; kept fresh in the background.
fn certificates(
    config: &Config,
    tenants: &Tenants,
    domain: &str,
    background: &mut JoinSet<()>,
) -> Result<(Certificates, Option<PathBuf>)> {
    if let (Some(certificate), Some(key)) = (&config.tls_certificate, &config.tls_key) {
        let certificates = Certificates::from_files(Path::new(certificate), Path::new(key))?;
        drop(certificates.watch(LOOK_AT_CERTIFICATES));
        return Ok((certificates, None));
    }
    let folder = config.data_dir().join("tls");
    let base = without_port(domain).to_owned();
    let (certificates, ca) = Certificates::local(&folder, &local_names(tenants, &base), Clock::System.now())?;
    background.spawn(keep_local(certificates.clone(), folder, tenants.clone(), base));
    Ok((certificates, Some(std::path::absolute(ca)?)))
}

/// What a certificate of the local authority is for: this machine, the server's own name and the tenants below
/// it. A tenant on a domain of its own needs a certificate of its own; the authority is not made anew for it.
fn local_names(tenants: &Tenants, base: &str) -> Vec<String> {
    let hosts = tenants.all().into_iter().map(|tenant| without_port(tenant.domain()).to_owned());
    let hosts = hosts.chain([without_port(tenants.dashboard_domain()).to_owned()]);
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).collect();
    let is_ours =
        |host: &str| host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'));
    names.extend(hosts.filter(|host| host != "localhost" && is_ours(host)));
    // Where Auth0's SDKs go with a certificate of their own.
    let hosts = names.iter().filter(|name| name.parse::<IpAddr>().is_err());
    names.extend(hosts.map(|host| format!("{MTLS}{host}")).collect::<Vec<_>>());
    names
}

/// Renews the local certificate when a tenant is made, and long before it expires.
async fn keep_local(certificates: Certificates, folder: PathBuf, tenants: Tenants, base: String) {
    let (mut names, mut looked) = (local_names(&tenants, &base), Clock::System.now());
    loop {
        time::sleep(background::REFRESH).await;
        let (names_now, now) = (local_names(&tenants, &base), Clock::System.now());
        if names_now == names && now - looked < RENEW {
            continue;
        }
        let renewed = Certificates::local(&folder, &names_now, now).and_then(|_| certificates.reload());
        if let Err(error) = renewed {
            tracing::error!("the local certificate could not be renewed: {error:#}");
        }
        (names, looked) = (names_now, now);
    }
}

async fn told_to_stop(mut terminate: Signal, left_alone: Option<oneshot::Receiver<()>>) -> Result<()> {
    let left_alone = async {
        match left_alone {
            Some(told) => drop(told.await),
            None => future::pending().await,
        }
    };
    tokio::select! {
        () = left_alone => {}
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

/// The way in for whoever is to administer first; there is one for as long as nobody does.
async fn first_link(tenants: &Tenants) -> Result<Option<String>> {
    let Some(builtin) = tenants.administrators() else { return Ok(None) };
    if invitation::has_administrators(&builtin).await? {
        return Ok(None);
    }
    let code = invitation::issue(&builtin, &Invitation::first(), invitation::LIFETIME).await?;
    Ok(Some(invitation::link(tenants, &code)))
}

fn greet(config: &Config, run: &RunFile, dashboard: &str, first_link: Option<&str>) {
    let data_dir = config.data_dir().display();
    say!("Countersign serves {}", run.issuer);
    if run.https.is_none() {
        say!("  (HTTPS there is a proxy's work; this server listens to plain HTTP only)");
    }
    if let Some(http) = &run.http {
        say!("  plain HTTP        http://{http}/");
    }
    if let Some(https) = &run.https {
        say!("  HTTPS             https://{https}/");
    }
    if !config.mtls_listen.is_empty() {
        say!("  mutual TLS        https://{}/", config.mtls_listen);
    }
    if let Some(metrics) = &run.metrics {
        say!("  metrics           http://{metrics}/metrics");
    }
    if let Some(ca) = &run.ca {
        say!("  local authority   {}", ca.display());
    }
    if !config.acme_domains.is_empty() {
        say!("  certificates      {} from {}", config.acme_domains.join(", "), config.acme_directory);
    }
    say!("  data              {data_dir}");
    say!("  dashboard         https://{dashboard}/dashboard/");
    if let Some(link) = first_link {
        say!();
        say!("Nobody administers this server yet. Open this link, which is good once and for a day:");
        say!();
        say!("  {link}");
        say!();
        if run.ca.is_some() {
            say!("The browser will ask about the certificate until it trusts the local authority above.");
        }
        let program = std::env::args().next().unwrap_or_else(|| "countersign".into());
        say!("Or stay in the terminal, and register an API from another one:");
        say!();
        say!(
            "  {program} apis create --data-dir {data_dir} --name Orders --identifier https://orders.example \\"
        );
        say!("    --scope read:orders --scope write:orders");
        say!();
    }
}

/// The data folder holds keys: it is its owner's alone.
pub fn private_folder(dir: &Path) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if let Ok(found) = std::fs::metadata(dir) {
        // Whoever may write here may put another master key in place.
        if found.permissions().mode() & 0o022 != 0 {
            bail!("others may write to {0}: run `chmod go-w {0}` first", dir.display());
        }
        return Ok(());
    }
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("making the data folder {}", dir.display()))
}
