//! What the owner of the data folder may do without asking the server: get a token, make tenants, turn the
//! master key.

use anyhow::{Context, Result, bail};
use clap::{Subcommand, builder::PossibleValuesParser};
use idp::{
    Clock, Tenant, Tenants, administrators,
    invitation::{self, Invitation},
    tenants::ADMINISTRATORS,
    user,
};
use schema::{Object, Shape, Shaped as _};
use serde_json::{Value, json};
use store::Store;

use super::{
    Place,
    print::{self, Output},
};
use crate::cli::print::say;
use crate::{
    backup,
    config::Config,
    master_key::{self, Form, Lies, Rewrapped},
};

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Print a Management API access token, and nothing else
    Token,
    /// Print a link, good once, to set up the first administrator or to give one another password
    Link {
        /// Whose password is to be chosen anew
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
    },
    /// Make a new master key and wrap the tenants' keys with it, while the server is stopped
    RotateMasterKey,
    /// Wrap the master key anew as master_key_wrapped_by says, whoever wrapped it before; servers may run
    RewrapMasterKey,
    /// Print a new master key, wrapped if master_key_wrapped_by is set, for COUNTERSIGN_MASTER_KEY or a file
    NewMasterKey,
}

#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Make a tenant; it answers on its name below the server's domain, or on the domains given
    Create {
        /// 3 to 63 lower-case letters, digits and hyphens
        name: String,
        /// What it is for
        #[arg(long, value_name = "KIND", default_value = "development", value_parser = PossibleValuesParser::new(ENVIRONMENTS))]
        environment: String,
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

/// What a tenant may be for.
const ENVIRONMENTS: &[&str] = match model::Environment::SHAPE {
    Shape::Choice(names) => names,
    _ => panic!("an environment is one of several names"),
};

pub async fn admin(place: &Place, command: Admin) -> Result<()> {
    match command {
        Admin::Token => say!("{}", management_token(place).await?),
        Admin::Link { email } => say!("{}", sign_in_link(place, email.as_deref()).await?),
        Admin::RotateMasterKey => rotate_master_key(&place.config([])?).await?,
        Admin::RewrapMasterKey => rewrap_master_key(&place.config([])?).await?,
        Admin::NewMasterKey => say!("{}", master_key::new(&place.config([])?).await?.trim_end()),
    }
    Ok(())
}

/// A Management API access token for whoever may read the data folder.
pub async fn management_token(place: &Place) -> Result<String> {
    let opened = Opened::of(place, Some(place.tenant())).await?;
    let token = idp::owner::token(&opened.tenant(place.tenant())?)?;
    opened.close().await;
    Ok(token)
}

/// A link for who is to administer first, or for who cannot log in any more.
async fn sign_in_link(place: &Place, email: Option<&str>) -> Result<String> {
    let opened = Opened::of(place, Some(ADMINISTRATORS)).await?;
    let builtin = opened.tenant(ADMINISTRATORS)?;
    let invitation = match email {
        None if invitation::has_administrators(&builtin).await? => bail!(
            "this server has administrators already: name one with --email to give them another password; \
             they invite others in the dashboard"
        ),
        None => Invitation::first(),
        Some(email) => {
            let nobody = || format!("nobody with the address {email} administers this server");
            let person = user::by_login(&builtin, user::CONNECTION, email).await?.with_context(nobody)?;
            let administrator = administrators::of_user(&builtin, &person.user_id).await?;
            Invitation::reset(&administrator.with_context(nobody)?, person.known_as().to_owned())
        }
    };
    let code = invitation::issue(&builtin, &invitation, invitation::LIFETIME).await?;
    let link = invitation::link(&opened.tenants, &code);
    opened.close().await;
    Ok(link)
}

pub async fn tenants(place: &Place, command: TenantsCommand) -> Result<()> {
    let opened = Opened::of(place, None).await?;
    match command {
        TenantsCommand::Create { name, environment, domain, output } => {
            let mut record = Object::new();
            record.insert("environment".into(), json!(environment));
            record.insert("domains".into(), json!(domain));
            let made = opened.tenants.create(&name, record).await;
            let tenant = made.map_err(|error| match error {
                idp::Error::Taken { .. } => anyhow::anyhow!("there is a tenant {name:?} already"),
                other => other.into(),
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

async fn rotate_master_key(config: &Config) -> Result<()> {
    master_key::must_stand_still(config.data_dir())?;
    let lies = Lies::of(config);
    // Everything must open with what is there before anything is turned.
    let store = Store::open(&config.location()).await?;
    if let Lies::Environment(_) = lies {
        // Somebody has put the new key there, or has yet to be told which.
        let ring = master_key::ring(config, false).await?;
        let wrapped = idp::encryption_keys::rewrap(&store, &ring).await?;
        store.close().await;
        if wrapped > 0 {
            say!("{wrapped} tenant keys are wrapped with the first master key of {} now.", lies.place());
            return Ok(());
        }
        let (_, text) = master_key::with_newer(config).await?;
        say!("{}", text.context("it is given back where it cannot be put")?.trim_end());
        eprintln!("Put what is above into {}, in place of what is there, then run this again.", lies.place());
        return Ok(());
    }
    let (ring, _) = master_key::with_newer(config).await?;
    let wrapped = idp::encryption_keys::rewrap(&store, &ring).await?;
    store.close().await;
    say!("{} has a new master key; {wrapped} tenant keys are wrapped with it.", lies.place());
    say!("Restart the server. The old key may be removed from the file once every node has the new one.");
    Ok(())
}

async fn rewrap_master_key(config: &Config) -> Result<()> {
    let Rewrapped { from, to, text } = master_key::rewrap(config).await?;
    let place = Lies::of(config).place();
    let what = format!("was {} and is {} now", from.words(), to.words());
    match text {
        None => say!("The master key in {place} {what}."),
        Some(text) => {
            // Alone, so that it can go where it is needed.
            say!("{}", text.trim_end());
            eprintln!("The master key {what}: put the line above into {place}.");
        }
    }
    if from == Form::InClear && to != Form::InClear {
        eprintln!("It has lain in clear: `countersign admin rotate-master-key` makes one that never did.");
    }
    Ok(())
}

/// The store and its tenants, opened beside a server that may be running.
pub struct Opened {
    pub tenants: Tenants,
    store: Store,
}

impl Opened {
    /// All tenants, or only the one of this name.
    pub async fn of(place: &Place, only: Option<&str>) -> Result<Opened> {
        let config = place.config([])?;
        if config.database.is_none() && !config.data_dir().join("countersign.db").exists() {
            bail!(
                "{} holds no store: start the server once with `countersign serve`",
                config.data_dir().display()
            );
        }
        backup::must_be_whole(config.data_dir())?;
        let store = Store::open(&config.location()).await.context("opening the store")?;
        let master_keys = master_key::ring(&config, false).await?;
        let tenants = Tenants::attach(store.clone(), master_keys, Clock::System, only).await?;
        if let Some(host) = &config.dashboard_host {
            tenants.show_dashboard_at(host).context("dashboard_host")?;
        }
        Ok(Opened { tenants, store })
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
