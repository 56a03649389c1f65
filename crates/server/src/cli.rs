//! The command line. `serve`, `admin`, `tenants` and `token inspect` work on the data folder itself; the
//! others are clients of the running server, like any other.

pub(crate) mod admin;
mod backup;
mod doctor;
mod inspect;
mod logs;
mod management;
pub(crate) mod print;
mod resources;
pub(crate) mod running;
mod token;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use management_api::{Interface, Operation};
use schema::Object;
use serde_json::json;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt as _, registry, registry::LookupSpan, util::SubscriberInitExt as _,
};

use crate::cli::print::say;
use crate::{
    config::{self, Config},
    dev, serve,
    traces::Traces,
};

/// The identity server for your machines.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct CommandLine {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  countersign serve --data-dir ./data
  countersign apps create --name Billing --data-dir ./data";

/// Where the server keeps its things.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which server and tenant")]
pub struct Place {
    /// Configuration file [default: countersign.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// PostgreSQL to use instead of the embedded store
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Tenant to act on
    #[arg(long, global = true, value_name = "NAME", default_value = idp::tenants::DEFAULT_TENANT)]
    tenant: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve {
        /// Address for plain HTTP; empty for none [default: 127.0.0.1:8080]
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Address for HTTPS; empty for none [default: 127.0.0.1:8443]
        #[arg(long, value_name = "ADDR")]
        tls_listen: Option<String>,
        /// Host, with its port if not 443, that clients call
        #[arg(long, value_name = "HOST")]
        domain: Option<String>,
        /// Apply a tenant export (YAML) before serving
        #[arg(long, value_name = "FILE")]
        seed: Option<PathBuf>,
    },
    /// Start a test double: in memory, with throw-away tenants, a clock that can be set, and faults
    Dev(dev::Options),
    /// Applications (clients)
    #[command(subcommand)]
    Apps(resources::Apps),
    /// APIs (resource servers)
    #[command(subcommand)]
    Apis(resources::Apis),
    /// Which application may call which API (client grants)
    #[command(subcommand)]
    Grants(resources::Grants),
    /// Get and understand access tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// The tenant's log
    #[command(subcommand)]
    Logs(logs::Logs),
    /// Signing keys
    #[command(subcommand)]
    Keys(resources::Keys),
    /// Tenants of this server
    #[command(subcommand)]
    Tenants(admin::TenantsCommand),
    /// Act as the owner of the data folder
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Write everything to an encrypted file, while servers run
    Backup(backup::Backup),
    /// Make a store of a backup, on either kind of database
    Restore(backup::Restore),
    /// Look for what is wrong, and say what to do; the status is 1 if anything is
    Doctor(doctor::Doctor),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every key with its default and meaning, as Markdown
    Reference,
    /// Check the configuration and print what it comes to
    Check,
    /// Print the operations of the Management API that are served
    Operations,
}

/// Reads the command line and does what it says.
pub fn run() -> Result<ExitCode> {
    // Not for people, and before anything else is set up: a worker has nothing but its pipes.
    if std::env::args_os().nth(1).is_some_and(|word| word == config::SANDBOX_WORKER) {
        return Ok(actions::worker::run());
    }
    let CommandLine { place, command } = CommandLine::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        match command {
            Command::Serve { listen, tls_listen, domain, seed } => {
                let flags = [("listen", listen), ("tls_listen", tls_listen), ("domain", domain)];
                let config = place.config(flags)?;
                let traces = config.traces()?.map(Traces::start).transpose()?;
                start_log(&config.log, traces.as_ref())?;
                serve::serve(config, seed, None, traces).await?;
            }
            Command::Dev(options) => {
                if place.data_dir.is_some() || place.database.is_some() {
                    bail!(
                        "a test double keeps nothing: leave --data-dir and --database to `countersign serve`"
                    );
                }
                let configure = |given: Object| {
                    let config = Config::read(place.config.as_deref(), given)?;
                    start_log(if config.log == "info" { QUIET } else { &config.log }, None)?;
                    Ok(config)
                };
                dev::run(options, configure).await?;
            }
            Command::Admin(command) => admin::admin(&place, command).await?,
            Command::Apps(command) => resources::apps(&place, command).await?,
            Command::Apis(command) => resources::apis(&place, command).await?,
            Command::Grants(command) => resources::grants(&place, command).await?,
            Command::Tenants(command) => admin::tenants(&place, command).await?,
            Command::Keys(command) => resources::keys(&place, command).await?,
            Command::Logs(command) => return logs::logs(&place, command).await,
            Command::Backup(command) => backup::backup(&place, command).await?,
            Command::Restore(command) => return backup::restore(&place, command).await,
            Command::Doctor(command) => return doctor::doctor(&place, command).await,
            Command::Token(command) => return token::token(&place, command).await,
            Command::Config(ConfigCommand::Reference) => say!("{}", config::reference().trim_end()),
            Command::Config(ConfigCommand::Operations) => {
                // What Auth0 publishes; the rest is ours.
                let published = |operation: &Operation| operation.interface == Interface::Management;
                for operation in management_api::operations().into_iter().filter(published) {
                    say!("{} {}", operation.method, operation.path);
                }
            }
            Command::Config(ConfigCommand::Check) => say!("{:#?}", place.config([])?),
        }
        Ok(ExitCode::SUCCESS)
    });
    // A library of somebody's HSM that never answers holds up no end.
    runtime.shutdown_timeout(LAST_WORDS);
    done
}

impl Place {
    /// The configuration under what the command line says.
    pub(crate) fn config<const N: usize>(&self, flags: [(&str, Option<String>); N]) -> Result<Config> {
        let place = [("data_dir", self.data_dir.clone()), ("database", self.database.clone())];
        let given =
            place.into_iter().chain(flags).filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        Config::read(self.config.as_deref(), given.collect::<Object>())
    }

    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    pub fn data_dir(&self) -> Result<PathBuf> {
        Ok(Path::new(&self.config([])?.data_dir).to_owned())
    }
}

/// How long what still runs when all is done may go on.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// What a test double says of itself unless it is asked for more: tests have words of their own.
const QUIET: &str = "warn";

fn start_log(filter: &str, traces: Option<&Traces>) -> Result<()> {
    let filter = EnvFilter::builder().parse(filter)?;
    match traces {
        // One filter for everything: a span of a trace then costs a comparison.
        None => registry().with(filter).with(lines()).init(),
        Some(traces) => registry().with(traces.layer()).with(lines().with_filter(filter)).init(),
    }
    Ok(())
}

/// The server's own log, on standard error.
fn lines<S: Subscriber + for<'span> LookupSpan<'span>>() -> impl Layer<S> {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    lines.with_ansi(std::io::stderr().is_terminal()).with_target(false)
}
