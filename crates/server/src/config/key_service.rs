//! The services that may wrap the master key, as the configuration describes them.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use kms::{Aws, Kms, Pkcs11, Vault};
use model::Secret;
use schema::{Shape, Shaped};
use serde::Deserialize;

use super::{Config, authorities, hidden};

/// Who wraps the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum KeyService {
    Vault,
    Pkcs11,
    AwsKms,
}

const NAMES: &[&str] = match KeyService::SHAPE {
    Shape::Choice(names) => names,
    _ => panic!("a service is one of several names"),
};

impl KeyService {
    /// The service of this name, which is that of the configuration.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

impl Config {
    /// The way to a service, whether or not it is the one that wraps.
    pub fn key_service(&self, service: KeyService) -> Result<Kms> {
        let kms = match service {
            KeyService::Vault => Kms::Vault(self.vault()?),
            KeyService::Pkcs11 => Kms::Pkcs11(self.pkcs11()?),
            KeyService::AwsKms => Kms::Aws(self.aws_kms()?),
        };
        ensure!(
            kms::is_key_name(kms.key()),
            "the key {:?} of {}: a name has no spaces",
            kms.key(),
            service.name()
        );
        Ok(kms)
    }

    fn vault(&self) -> Result<Vault> {
        let address = needed("vault_address", &self.vault_address)?;
        let token = either("vault_token", &self.vault_token, &self.vault_token_file)?;
        let way = kms::way(self.key_service_authorities()?);
        let vault = Vault::new(way, address, &self.vault_mount, &self.vault_key, token);
        let vault = vault.map_err(|reason| anyhow!("vault_address, vault_mount, vault_key: {reason}"))?;
        Ok(vault.within(self.vault_namespace.as_deref()))
    }

    fn pkcs11(&self) -> Result<Pkcs11> {
        let library = needed("pkcs11_library", &self.pkcs11_library)?;
        let token = needed("pkcs11_token", &self.pkcs11_token)?;
        let pin = either("pkcs11_pin", &self.pkcs11_pin, &self.pkcs11_pin_file)?;
        Ok(Pkcs11::new(Path::new(library), token, &self.pkcs11_key, pin))
    }

    fn aws_kms(&self) -> Result<Aws> {
        let credentials = kms::Credentials {
            access_key_id: needed("aws_access_key_id", &self.aws_access_key_id)?.to_owned(),
            secret_access_key: hidden(
                self.aws_secret_access_key.as_ref().context("aws_secret_access_key is missing")?,
            ),
            session_token: self.aws_session_token.as_ref().map(hidden),
        };
        let region = needed("aws_kms_region", &self.aws_kms_region)?;
        let key = needed("aws_kms_key", &self.aws_kms_key)?;
        let way = kms::way(self.key_service_authorities()?);
        let aws = Aws::new(way, region, key, credentials, || idp::Clock::System.system_time());
        let aws = aws.map_err(|reason| anyhow!("aws_kms_region: {reason}"))?;
        match &self.aws_kms_endpoint {
            Some(endpoint) => aws.at(endpoint).map_err(|reason| anyhow!("aws_kms_endpoint: {reason}")),
            None => Ok(aws),
        }
    }

    fn key_service_authorities(&self) -> Result<Option<String>> {
        authorities("key_service_ca", self.key_service_ca.as_deref())
    }
}

fn needed<'a>(key: &str, value: &'a Option<String>) -> Result<&'a str> {
    value.as_deref().filter(|value| !value.is_empty()).with_context(|| format!("{key} is missing"))
}

/// A secret that is given, or a file of it.
fn either(key: &str, given: &Option<Secret>, file: &Option<String>) -> Result<kms::Secret> {
    match (given, file) {
        (Some(secret), None) => Ok(kms::Secret::Given(hidden(secret))),
        (None, Some(file)) => Ok(kms::Secret::File(file.into())),
        (None, None) => bail!("{key} is missing; or name a file with {key}_file"),
        (Some(_), Some(_)) => bail!("{key} and {key}_file say two things: give one of them"),
    }
}
