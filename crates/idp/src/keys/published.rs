//! Signing keys that everybody knows, for test doubles: an RSA key takes a tenth of a second to find, and a test does not
//! wait for it. They are in this program and its sources for anybody to read, so no other server takes them, wherever it
//! finds them.

use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jose::{KeyKind, PrivateKey};

use crate::Result;

/// Where the first signing keys of a tenant come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySource {
    /// Made for the tenant, and known to nobody.
    #[default]
    Secret,
    /// Out of those that everybody knows.
    Published,
}

impl KeySource {
    /// An RSA key for a generation in this state. The same key is never that of two states.
    pub fn rsa(self, state: &str) -> Result<PrivateKey> {
        match self {
            KeySource::Secret => Ok(PrivateKey::generate(KeyKind::Rsa)?),
            KeySource::Published => {
                let all: Vec<&str> = PUBLISHED.lines().collect();
                let half = all.len() / 2;
                let first = if state == "current" { 0 } else { half };
                let turn = TURN.fetch_add(1, Ordering::Relaxed) % half;
                Ok(read(all[first + turn])?)
            }
        }
    }
}

/// Whether everybody knows this key.
pub fn is_published(key: &PrivateKey) -> bool {
    THUMBPRINTS.contains(&key.public().jwk().thumbprint())
}

fn read(line: &str) -> Result<PrivateKey> {
    Ok(PrivateKey::from_pkcs8(KeyKind::Rsa, &BASE64.decode(line)?)?)
}

/// PKCS #8, one in each line; no tenant of a server that serves more than a test has ever had one of them.
const PUBLISHED: &str = include_str!("published.txt");
static TURN: AtomicUsize = AtomicUsize::new(0);

/// What they are known by, once somebody asks.
static THUMBPRINTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let thumbprint = |line| read(line).ok().map(|key| key.public().jwk().thumbprint());
    PUBLISHED.lines().filter_map(thumbprint).collect()
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{KeySource, PUBLISHED, THUMBPRINTS, is_published};

    #[test]
    fn every_published_key_is_known_and_no_other_is() {
        assert_eq!(PUBLISHED.lines().count(), THUMBPRINTS.len());
        assert_eq!(THUMBPRINTS.iter().collect::<HashSet<_>>().len(), 4);
        for state in ["current", "next", "current", "next"] {
            assert!(is_published(&KeySource::Published.rsa(state).unwrap()));
        }
        assert!(!is_published(&KeySource::Secret.rsa("current").unwrap()));
    }

    #[test]
    fn what_signs_now_is_never_what_signs_next() {
        let drawn = |state| -> HashSet<String> {
            let keys = (0..8).map(|_| KeySource::Published.rsa(state).unwrap());
            keys.map(|key| key.public().jwk().thumbprint()).collect()
        };
        assert!(drawn("current").is_disjoint(&drawn("next")));
    }
}
