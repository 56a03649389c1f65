//! Event buses of clouds that tenants may have their events sent to, as the configuration describes them.

use anyhow::{Context, Result, bail, ensure};
use idp::clouds::{Clouds, EventBridge, EventGrid, check_account};
use outbound::aws::Credentials;

use super::{Config, hidden};

impl Config {
    /// What the operator has at clouds: nothing, where a key is missing.
    pub fn clouds(&self) -> Result<Clouds> {
        Ok(Clouds { event_bridge: self.event_bridge()?, event_grid: self.event_grid()? })
    }

    fn event_bridge(&self) -> Result<Option<EventBridge>> {
        let (access_key_id, secret) = match (
            &self.eventbridge_access_key_id,
            &self.eventbridge_secret_access_key,
        ) {
            (Some(id), Some(secret)) => (id.clone(), hidden(secret)),
            (None, None) => return Ok(None),
            _ => bail!(
                "eventbridge_access_key_id and eventbridge_secret_access_key belong together: give both or none"
            ),
        };
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        ensure!(
            self.eventbridge_bus.bytes().all(is_part),
            "eventbridge_bus: {:?} is no name of a bus",
            self.eventbridge_bus
        );
        for account in &self.eventbridge_accounts {
            if let Err(reason) = check_account(account) {
                bail!("eventbridge_accounts: {account:?}: {reason}");
            }
        }
        if let Some(endpoint) = &self.eventbridge_endpoint {
            outbound::checked(endpoint).context("eventbridge_endpoint")?;
        }
        let credentials = Credentials { access_key_id, secret_access_key: secret, session_token: None };
        let (accounts, bus) = (self.eventbridge_accounts.clone(), self.eventbridge_bus.clone());
        Ok(Some(EventBridge { credentials, accounts, bus, endpoint: self.eventbridge_endpoint.clone() }))
    }

    fn event_grid(&self) -> Result<Option<EventGrid>> {
        let (endpoint, key) = match (&self.eventgrid_endpoint, &self.eventgrid_key) {
            (Some(endpoint), Some(key)) => (endpoint, key.clone()),
            (None, None) => return Ok(None),
            _ => bail!("eventgrid_endpoint and eventgrid_key belong together: give both or none"),
        };
        ensure!(key.expose().bytes().all(|byte| byte.is_ascii_graphic()), "eventgrid_key: it is no key");
        let mut endpoint = outbound::checked(endpoint).context("eventgrid_endpoint")?;
        if endpoint.query().is_none() {
            endpoint.set_query(Some("api-version=2018-01-01"));
        }
        Ok(Some(EventGrid { endpoint: endpoint.into(), key }))
    }
}
