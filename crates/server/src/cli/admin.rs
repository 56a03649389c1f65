//! What the owner of the data folder may do without asking the server: get a token, make tenants, turn the
//! master key.

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use idp::{Clock, Tenant, Tenants};
use schema::Object;
use serde_json::{Value, json};
use store::{MasterKeys, Store};

use super::{
    Place,
    print::{self, Output},
};
use crate::{config::Config, run_file::RunFile, serve};

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Print a Management API access token, and nothing else
    Token,
    /// Make a new master key and wrap the tenants' keys with it; restart the server afterwards
    RotateMasterKey,
}

#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Make a tenant; it answers on NAME.localhost, or on the domains given
    Create {
        /// 3 to 63 lower-case letters, digits and hyphens
        name: String,
        /// What it is for
        #[arg(long, value_enum, default_value_t = Environment::Development)]
        environment: Environment,
        /// Host that it answers on, with its port if not 443; may be repeated
        #[arg(long, value_name = "HOST")]
        domain: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List the tenants
    List {
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Environment {
    Development,
    Staging,
    Production,
}

pub async fn admin(place: &Place, command: Admin) -> Result<()> {
    match command {
        Admin::Token => println!("{}", management_token(place).await?),
        Admin::RotateMasterKey => rotate_master_key(&place.config([])?).await?,
    }
    Ok(())
}

/// A Management API access token for whoever may read the data folder.
pub async fn management_token(place: &Place) -> Result<String> {
    let opened = Opened::of(place).await?;
    let tenant = opened.tenant(place.tenant())?;
    let token = idp::token::for_owner(&tenant).map_err(serve::plain)?;
    opened.close().await;
    Ok(token)
}

pub async fn tenants(place: &Place, command: TenantsCommand) -> Result<()> {
    let opened = Opened::of(place).await?;
    match command {
        TenantsCommand::Create { name, environment, domain, output } => {
            is_tenant_name(&name)?;
            let environment = environment.to_possible_value().map(|value| value.get_name().to_owned());
            let mut record = Object::new();
            record.insert("environment".into(), json!(environment));
            record.insert("domains".into(), json!(domain));
            let made = opened.tenants.create(&name, record).await;
            let tenant = made.map_err(|error| match error {
                idp::Error::Taken { .. } => anyhow::anyhow!("there is a tenant {name:?} already"),
                other => serve::plain(other),
            })?;
            print::one(output, &describe(&tenant));
            eprintln!(
                "It answers at {}; act on it with `countersign --tenant {name} …`.",
                tenant.issuer(tenant.domain())
            );
        }
        TenantsCommand::List { output } => {
            let all: Vec<Value> = opened.tenants.all().iter().map(describe).collect();
            print::list(output, &all, &["name", "environment", "issuer", "clients"]);
        }
    }
    opened.close().await;
    Ok(())
}

fn describe(tenant: &Tenant) -> Value {
    let record = tenant.record();
    json!({
        "name": tenant.name(),
        "environment": record.environment,
        "issuer": tenant.issuer(tenant.domain()),
        "domains": record.domains,
        "created_at": record.created_at,
        "clients": tenant.snapshot().client_count(),
    })
}

fn is_tenant_name(name: &str) -> Result<()> {
    let fits = (3..=63).contains(&name.len())
        && name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !fits {
        bail!(
            "a tenant's name is 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
        );
    }
    Ok(())
}

async fn rotate_master_key(config: &Config) -> Result<()> {
    if let Ok(run) = RunFile::read(config.data_dir())
        && run.is_alive()
    {
        bail!(
            "a server runs on {} (process {}) and would go on with the old key, unable to read what is wrapped with \
             the new one: stop it first; if that process is something else, remove run.json there",
            config.data_dir().display(),
            run.pid
        );
    }
    if config.master_key.is_some() {
        bail!(
            "the master key comes from the environment: put a new line above the old one there, then run this again"
        );
    }
    // Everything must open with what is there before anything is turned.
    let store = Store::open(&config.location()).await?;
    let ring = MasterKeys::rotate(&config.master_key_path())?;
    let wrapped = idp::encryption_keys::rewrap(&store, &ring).await.map_err(serve::plain)?;
    store.close().await;
    println!(
        "{} has a new master key; {wrapped} tenant keys are wrapped with it.",
        config.master_key_path().display()
    );
    println!("Restart the server. The old key may be removed from the file once every node has the new one.");
    Ok(())
}

/// The store and its tenants, opened beside a server that may be running.
pub struct Opened {
    pub tenants: Tenants,
    store: Store,
}

impl Opened {
    pub async fn of(place: &Place) -> Result<Opened> {
        let config = place.config([])?;
        if config.database.is_none() && !config.data_dir().join("countersign.db").exists() {
            bail!(
                "{} holds no store: start the server once with `countersign serve`",
                config.data_dir().display()
            );
        }
        let store = Store::open(&config.location()).await.context("opening the store")?;
        let domain = domain(&config)?;
        let tenants = Tenants::open(store.clone(), config.master_keys(false)?, Clock::System, &domain).await;
        Ok(Opened { tenants: tenants.map_err(serve::plain)?, store })
    }

    pub fn tenant(&self, name: &str) -> Result<Tenant> {
        self.tenants.named(name).with_context(|| format!("there is no tenant {name:?}"))
    }

    pub async fn close(self) {
        self.tenants.close().await;
        drop(self.tenants);
        self.store.close().await;
    }
}

/// The domain of the running server, or else the one that it will have.
fn domain(config: &Config) -> Result<String> {
    if let Ok(run) = RunFile::read(config.data_dir()) {
        return Ok(run.domain().to_owned());
    }
    if let Some(domain) = &config.domain {
        return Ok(domain.clone());
    }
    let (http, https) = config.addresses()?;
    let port = https.or(http).map_or(0, |address| address.port());
    Ok(if port == 443 { "localhost".into() } else { format!("localhost:{port}") })
}
