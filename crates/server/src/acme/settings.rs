//! What the operator says of ACME, held together: names, directory, proof, consent.

use anyhow::{Context as _, Result, bail, ensure};
use instant_acme::ChallengeType;
use model::Secret;
use schema::Shaped;
use serde::Deserialize;

use crate::config::{Config, authorities};

/// What the operator wants, who has agreed to the directory's terms: without that there are none.
#[derive(Clone)]
pub struct Settings {
    /// The hosts that want a certificate, in lower case.
    pub names: Vec<String>,
    /// Whom the directory writes to, as URIs.
    pub contacts: Vec<String>,
    pub directory: String,
    /// PEM of authorities that the directory itself may have its certificate from, beside the system's.
    pub authorities: Option<String>,
    pub challenge: AcmeChallenge,
    /// The name and the key under which the directory knows the operator already.
    pub binding: Option<(String, Vec<u8>)>,
}

/// How the directory looks whether a name leads here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum AcmeChallenge {
    /// In a handshake on port 443 (RFC 8737).
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn,
    /// Over plain HTTP on port 80 (RFC 8555 §8.3).
    #[serde(rename = "http-01")]
    Http,
}

impl AcmeChallenge {
    pub fn name(self) -> &'static str {
        match self {
            AcmeChallenge::TlsAlpn => "tls-alpn-01",
            AcmeChallenge::Http => "http-01",
        }
    }
}

impl From<AcmeChallenge> for ChallengeType {
    fn from(challenge: AcmeChallenge) -> Self {
        match challenge {
            AcmeChallenge::TlsAlpn => ChallengeType::TlsAlpn01,
            AcmeChallenge::Http => ChallengeType::Http01,
        }
    }
}

impl Settings {
    /// What the configuration says; nothing, if no name wants a certificate.
    pub fn of(config: &Config) -> Result<Option<Settings>> {
        if config.acme_domains.is_empty() {
            return Ok(None);
        }
        let mut names = Vec::new();
        for name in &config.acme_domains {
            let name = name.to_ascii_lowercase();
            ensure!(
                is_name(&name),
                "acme_domains: {name:?} is no host name; addresses, ports and wildcards get no certificate this way"
            );
            ensure!(!names.contains(&name), "acme_domains: {name} stands there twice");
            names.push(name);
        }
        let directory = &config.acme_directory;
        outbound::checked(directory).with_context(|| format!("acme_directory: {directory:?}"))?;
        ensure!(
            config.acme_terms_agreed,
            "acme_domains: read the terms of service of {directory}, and agree to them with acme_terms_agreed = true"
        );
        match config.acme_challenge {
            _ if config.tls_listen.is_empty() && config.mtls_listen.is_empty() => {
                bail!("acme_domains: without tls_listen there is nobody to present a certificate to")
            }
            AcmeChallenge::Http if config.listen.is_empty() => bail!("acme_challenge: http-01 wants listen"),
            AcmeChallenge::Http | AcmeChallenge::TlsAlpn => {}
        }
        let contact = |address: &String| match address.contains('@') && !address.contains([' ', ',', '?']) {
            true => Ok(format!("mailto:{address}")),
            false => bail!("acme_contacts: {address:?} is no mail address"),
        };
        Ok(Some(Settings {
            names,
            contacts: config.acme_contacts.iter().map(contact).collect::<Result<_>>()?,
            directory: directory.clone(),
            authorities: authorities("acme_ca", config.acme_ca.as_deref())?,
            challenge: config.acme_challenge,
            binding: binding(&config.acme_account_id, &config.acme_account_key)?,
        }))
    }

    /// What the account at the directory is called here.
    pub(crate) fn account_id(&self) -> String {
        let bound = self.binding.as_ref().map_or("", |(id, _)| id.as_str());
        jose::b64url_encode(jose::sha256(format!("{}\n{bound}", self.directory).as_bytes()))
    }
}

fn binding(id: &Option<String>, key: &Option<Secret>) -> Result<Option<(String, Vec<u8>)>> {
    match (id, key) {
        (None, None) => Ok(None),
        (Some(id), Some(key)) => {
            let key = jose::b64url_decode(key.expose().trim_end_matches('='));
            let key =
                key.ok().filter(|key| !key.is_empty()).context("acme_account_key: this is no base64url")?;
            Ok(Some((id.clone(), key)))
        }
        _ => bail!("acme_account_id and acme_account_key belong together: give both or none"),
    }
}

/// Whether a text is a host name of at least two labels, which an authority can look up.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn only_host_names_get_a_certificate() {
        for name in ["login.example.com", "xn--bcher-kva.example", "a.b", "1.example"] {
            assert!(is_name(name), "{name}");
        }
        let long = format!("{}.example", "a".repeat(64));
        for name in [
            "",
            "localhost",
            "*.example.com",
            "example.com:443",
            "192.0.2.1",
            "[::1]",
            "::1",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.example",
            "a-.example",
            "a b.example",
            "a/b.example",
            "exämple.com",
            &long,
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
