//! The secrets engine Transit of HashiCorp Vault and of OpenBao, over HTTPS. It knows two requests, and no way to log in:
//! whoever starts the server hands over a token.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::Outbound;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{DataKey, Error, Result, Secret, data_key};

/// One key of one server.
pub struct Vault {
    outbound: Outbound,
    address: String,
    mount: String,
    namespace: Option<String>,
    key: String,
    token: Secret,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl Vault {
    /// The key of this name in the engine mounted there; the address is https and has no path.
    pub fn new(
        outbound: Outbound,
        address: &str,
        mount: &str,
        key: &str,
        token: Secret,
    ) -> std::result::Result<Self, String> {
        let url = outbound::checked(address).map_err(|error| error.to_string())?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("the address is more than https://host:port".into());
        }
        let mount = mount.trim_matches('/');
        if !mount.split('/').all(is_segment) {
            return Err(format!("{mount:?} is no path of a secrets engine"));
        }
        if !is_segment(key) {
            return Err(format!("{key:?} is no name of a key"));
        }
        let address = url.as_str().trim_end_matches('/').to_owned();
        let (mount, key) = (mount.to_owned(), key.to_owned());
        Ok(Vault { outbound, address, mount, namespace: None, key, token })
    }

    /// Within a namespace.
    #[must_use]
    pub fn within(mut self, namespace: Option<&str>) -> Self {
        self.namespace = namespace.map(str::to_owned);
        self
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) async fn wrap(&self, data_key: &DataKey) -> Result<String> {
        let plaintext = Zeroizing::new(STANDARD.encode(data_key.as_slice()));
        let wrapped: Encrypted =
            self.ask("encrypt", &self.key, &json!({ "plaintext": *plaintext }).to_string()).await?;
        Ok(wrapped.ciphertext)
    }

    pub(crate) async fn unwrap(&self, key: &str, wrapped: &str) -> Result<DataKey> {
        if !is_segment(key) {
            return Err(Error::Refused(format!("{key:?} is no name of a key of Transit")));
        }
        let opened: Decrypted =
            self.ask("decrypt", key, &json!({ "ciphertext": wrapped }).to_string()).await?;
        data_key(&Zeroizing::new(opened.plaintext))
    }

    async fn ask<T: DeserializeOwned>(&self, verb: &str, key: &str, body: &str) -> Result<T> {
        let Vault { address, mount, .. } = self;
        let token = self.token.read()?;
        let mut headers = vec![("x-vault-token", token.as_str()), ("x-vault-request", "true")];
        headers.extend(self.namespace.as_deref().map(|namespace| ("x-vault-namespace", namespace)));
        let url = format!("{address}/v1/{mount}/{verb}/{key}");
        let (status, body) = self.outbound.post(&url, &headers, "application/json", body.to_owned()).await?;
        match status {
            200 => {}
            400 => {
                return Err(Error::Refused(format!(
                    "its key {key} does not {verb} this (status 400): another key bears that name, the version that \
                     wrapped is archived, or what was wrapped has been altered"
                )));
            }
            403 => {
                return Err(Error::Refused(format!(
                    "it does not let us in (status 403): the token is wrong or has expired, or its policy lacks \
                     update on {mount}/{verb}/{key}"
                )));
            }
            404 => {
                return Err(Error::Refused(format!(
                    "it has no secrets engine {mount} with a key {key} (status 404)"
                )));
            }
            429 | 472 | 473 | 500..=599 => {
                return Err(Error::Away(format!("it is sealed, standing by or busy (status {status})")));
            }
            status => return Err(Error::Refused(format!("it answered with status {status}"))),
        }
        let answer: std::result::Result<Answer<T>, _> = serde_json::from_slice(&body);
        match answer {
            Ok(answer) => Ok(answer.data),
            Err(_) => Err(Error::Refused("it answered with something that Transit does not say".into())),
        }
    }
}

/// Whether a text is one step of a path, and no step out of it.
fn is_segment(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(is_part) && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(address: &str, mount: &str, key: &str) -> std::result::Result<Vault, String> {
        Vault::new(crate::way(None), address, mount, key, Secret::Given(Zeroizing::new("t".into())))
    }

    #[test]
    fn only_an_https_server_is_one() {
        assert!(made("https://vault.example:8200", "transit", "k").is_ok());
        assert!(made("https://vault.example/", "team/transit/", "k").is_ok());
        for address in [
            "",
            "vault.example",
            "http://vault.example",
            "https://vault.example/ui",
            "https://user:x@vault.example",
            "https://vault.example/?a=b",
            "file:///etc/passwd",
        ] {
            assert!(made(address, "transit", "k").is_err(), "{address}");
        }
    }

    #[test]
    fn a_name_does_not_lead_elsewhere() {
        for name in ["", "..", ".", "a/b", "a?b", "a#b", "a%2fb", "a b", "a\n", &"x".repeat(129)] {
            assert!(made("https://vault.example", "transit", name).is_err(), "{name:?}");
        }
        for mount in ["", "/", "..", "a/../b", "a//b", "a?b", "a b"] {
            assert!(made("https://vault.example", mount, "k").is_err(), "{mount:?}");
        }
    }
}
