//! `countersign serve`: from a configuration to a server that answers, and cleanly back down.

use std::{
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
    tenants::{MTLS, without_port},
};
use store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
    time,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use web::{Authorities, Certificates, Limits, RateLimit};

use crate::cli::print::say;
use crate::{
    config::Config,
    front::{Front, RateLimits},
    health::Health,
    log_work,
    metrics::{self, Measured, Metrics},
    run_file::{Held, RunFile},
    seed,
};

/// How often this node asks what other nodes and the command line changed: what is revoked on one is refused on all within
/// a second.
const REFRESH: Duration = Duration::from_millis(500);
/// How often certificate files are looked at.
const LOOK_AT_CERTIFICATES: Duration = Duration::from_secs(10);
/// How often, in seconds, the local certificate is looked at for its expiry.
const RENEW: i64 = 24 * 3600;
/// How often the last uses of credentials are written.
const WRITE_USES: Duration = Duration::from_secs(5);
/// How often it is forgotten what was used once and has expired.
const FORGET_USED: Duration = Duration::from_secs(60);
/// How often it is looked whether signing keys are to be rotated.
const LOOK_AT_KEYS: Duration = Duration::from_secs(60);
/// How many jobs a node runs at once, so that a long one does not hold up a short one.
const JOBS_AT_ONCE: usize = 3;
const PRUNE: Duration = Duration::from_secs(3600);

/// Serves until it is told to stop.
pub async fn serve(config: Config, seed_file: Option<PathBuf>) -> Result<()> {
    private_folder(config.data_dir())?;
    let _held = Held::take(config.data_dir())?;
    let (http, https) = bind(&config).await?;
    let mtls = listen(config.mtls_address()?).await?;
    let watched = listen(config.metrics_address()?).await?;
    let local = |listener: &TcpListener| listener.local_addr().ok();
    let domain = config.domain_on(http.as_ref().and_then(local), https.as_ref().and_then(local));
    let store = Store::open(&config.location()).await.context("opening the store")?;
    let is_new = store.tenants().list().await?.is_empty();
    let master_keys = config.master_keys(is_new)?;
    let tenants = Tenants::open(store.clone(), master_keys, Clock::System, &domain).await?;
    let tenants = tenants.reaching(config.outbound()?);
    if let Some(host) = &config.dashboard_host {
        // At another port of the same host, cookies and so sessions would be shared.
        if without_port(host).eq_ignore_ascii_case(without_port(&domain)) {
            bail!("dashboard_host: {host:?} is the default tenant's own host");
        }
        tenants.show_dashboard_at(host);
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
    let health = Health::default();
    let front = Front::new(tenants.clone(), trusted.clone(), limits, config.bench)
        .saying(&health)
        .vouched_for_by(ca.clone().flatten())
        .asking_for_certificates(
            config.client_certificate_header()?,
            mtls.as_ref().and_then(local).map(|address| address.port()),
        );
    let metrics = watched.is_some().then(Metrics::new).transpose()?;
    let front = Measured { inner: front, metrics: metrics.clone() };
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
        let told = metrics.router(tenants.clone(), health.clone()).merge(health.router());
        listening.spawn(web::serve(listener, None, told, limits.clone(), stop.clone()));
        background.spawn(keep_up(metrics));
    }
    if let Some(listener) = http {
        listening.spawn(web::serve(listener, None, app.clone(), limits.clone(), stop.clone()));
    }
    if let Some(certificates) = certificates {
        let asking = certificates.asking(authorities(&config)?);
        for (listener, tls) in [(https, certificates.server_config()), (mtls, asking)] {
            if let Some(listener) = listener {
                listening.spawn(web::serve(listener, Some(tls), app.clone(), limits.clone(), stop.clone()));
            }
        }
    }
    background.spawn(refresh(tenants.clone(), health.clone()));
    background.spawn(write_credential_uses(tenants.clone()));
    background.spawn(exchange_counts(tenants.clone()));
    background.spawn(forget_used(tenants.clone()));
    background.spawn(rotate_keys(tenants.clone()));
    background.spawn(deliver_mails(tenants.clone()));
    background.spawn(announce_logouts(tenants.clone()));
    let deliveries = log_work::start(&tenants, config.log_seals, &mut background);
    for _ in 0..JOBS_AT_ONCE {
        background.spawn(run_jobs(tenants.clone()));
    }
    background.spawn(prune(tenants.clone(), config.log_retention_days));
    let link = first_link(&tenants).await?;
    // Whoever finds the file may tell the server to stop.
    let terminate = signal(SignalKind::terminate())?;
    run_file.write(config.data_dir())?;
    greet(&config, &run_file, tenants.dashboard_domain(), link.as_deref());

    told_to_stop(terminate).await?;
    health.is_about_to_stop();
    time::sleep(Duration::from_secs(config.shutdown_delay_seconds.into())).await;
    tracing::info!("stopping: finishing what is in flight");
    tenants.end_watches();
    stop.cancel();
    while let Some(ended) = listening.join_next().await {
        ended??;
    }
    background.shutdown().await;
    log_work::stop(&deliveries).await;
    if let Err(error) = tenants.exchange_counts().await {
        let error = format!("{error:#}");
        tracing::warn!(error, "what was counted in the last second is lost");
    }
    RunFile::remove(config.data_dir());
    tenants.close().await;
    drop(tenants);
    store.close().await;
    Ok(())
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
        time::sleep(REFRESH).await;
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

/// Hears what other nodes changed, and so whether the store answers.
async fn refresh(tenants: Tenants, health: Health) {
    let mut tick = time::interval(REFRESH);
    let mut dropped = 0;
    loop {
        tick.tick().await;
        let now_dropped = tenants.dropped_logs();
        if now_dropped > dropped {
            let events = now_dropped - dropped;
            tracing::warn!(events, "the log queue was full: these events are lost");
            dropped = now_dropped;
        }
        let refreshed = tenants.refresh().await;
        health.heard_of_store(refreshed.is_ok(), Clock::System.now());
        if let Err(error) = refreshed {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not ask the store what changed; the next try follows");
        }
    }
}

/// Puts into buckets what was observed, also while nobody reads it.
async fn keep_up(metrics: Metrics) {
    let mut tick = time::interval(metrics::UPKEEP);
    loop {
        tick.tick().await;
        metrics.run_upkeep();
    }
}

/// Tells other nodes, and the next start, what is counted in memory.
async fn exchange_counts(tenants: Tenants) {
    let mut tick = time::interval(REFRESH);
    loop {
        tick.tick().await;
        if let Err(error) = tenants.exchange_counts().await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not write down what was counted; the next try follows");
        }
    }
}

async fn write_credential_uses(tenants: Tenants) {
    let mut tick = time::interval(WRITE_USES);
    loop {
        tick.tick().await;
        tenants.write_credential_uses().await;
    }
}

/// What was good for one use is known only until it expires: a busy server would pile up an hour's worth of it.
async fn forget_used(tenants: Tenants) {
    let mut tick = time::interval(FORGET_USED);
    loop {
        tick.tick().await;
        if let Err(error) = tenants.store().used_once().prune(Clock::System.now()).await {
            tracing::warn!(%error, "could not forget what was used once");
        }
    }
}

/// Rotates signing keys by their schedules.
async fn rotate_keys(tenants: Tenants) {
    let mut tick = time::interval(LOOK_AT_KEYS);
    loop {
        tick.tick().await;
        let all: Vec<_> = tenants.all().into_iter().chain(tenants.administrators()).collect();
        if let Err(error) = idp::key_policy::rotate_due(&all).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not rotate signing keys; the next try follows");
        }
    }
}

/// Runs what takes longer than a request. Nodes share it.
async fn run_jobs(tenants: Tenants) {
    let mut tick = time::interval(idp::jobs::LOOK);
    loop {
        tick.tick().await;
        match idp::jobs::run_due(&tenants).await {
            // There may be another one.
            Ok(true) => tick.reset_immediately(),
            Ok(false) => {}
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "could not look for jobs; the next try follows");
            }
        }
    }
}

/// Sends the mails that are due. Nodes share them.
async fn deliver_mails(tenants: Tenants) {
    let mut tick = time::interval(idp::outbox::LOOK);
    let mut courier = idp::outbox::Courier::default();
    loop {
        // A mail that is sent makes room for another.
        tokio::select! {
            _ = tick.tick() => {}
            () = courier.next() => {}
        }
        if let Err(error) = courier.look(&tenants).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not look for mails that are due; the next try follows");
        }
    }
}

/// Tells clients of sessions that have ended, as soon as they have.
async fn announce_logouts(tenants: Tenants) {
    let mut tick = time::interval(REFRESH);
    loop {
        tick.tick().await;
        let told = match idp::backchannel::sweep(&tenants).await {
            Ok(_) => idp::backchannel::deliver(&tenants).await,
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not tell clients that somebody is logged out");
        }
    }
}

async fn prune(tenants: Tenants, days: u32) {
    let mut tick = time::interval(PRUNE);
    loop {
        tick.tick().await;
        let before = Clock::System.now_ms() - i64::from(days) * 24 * 3_600_000;
        match tenants.store().logs().prune(None, before).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "removed log events that were kept long enough"),
            Err(error) => tracing::warn!(%error, "could not remove old log events"),
        }
        if let Err(error) = tenants.store().tallies().prune(Clock::System.now_ms()).await {
            tracing::warn!(%error, "could not remove old counts");
        }
        match tenants.store().prune_traffic(Clock::System.now()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed logins, sessions and tokens that had ended"),
            Err(error) => tracing::warn!(%error, "could not remove what had ended"),
        }
        let all: Vec<_> = tenants.all().into_iter().chain(tenants.administrators()).collect();
        if let Err(error) = idp::revocation::sweep(&all).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not forget revocations that refuse nothing any more");
        }
        if let Err(error) = idp::log_streams::sweep(&all).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not forget log streams that are gone");
        }
        if let Err(error) = management_api::forget_deleted(&tenants.all()).await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not forget what was deleted long ago");
        }
        if let Err(error) = tenants.forget_old_changes().await {
            let error = format!("{error:#}");
            tracing::warn!(error, "could not shorten the list of changes");
        }
    }
}

async fn told_to_stop(mut terminate: Signal) -> Result<()> {
    tokio::select! {
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
