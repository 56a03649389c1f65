//! What may be used only once, on whatever node: the identifiers of assertions and of proofs (RFC 7523 §3, RFC 9449
//! §11.1). A replay on the same node is refused from memory; the store decides for all of them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Result, Tenant};

/// What this node has seen used lately: hashes, and when they expire. It may forget; the store does not.
#[derive(Debug, Default)]
pub struct Once(Mutex<HashMap<[u8; 32], i64>>);

impl Tenant {
    /// Uses up an identifier of a kind until it expires, in seconds since 1970; tells whether this is the first use.
    /// It costs a write: callers check all else first.
    pub async fn use_once(&self, kind: &'static str, id: &str, expires: i64) -> Result<bool> {
        let now = self.clock().now();
        let hash = jose::sha256(format!("{kind}\n{id}").as_bytes());
        if self.0.once.knows(&hash, now) {
            return Ok(false);
        }
        let id = jose::b64url_encode(hash);
        let is_first = self.store().used_once().take(self.name(), kind, id, now, expires).await?;
        self.0.once.remember(hash, now, expires);
        Ok(is_first)
    }
}

impl Once {
    fn knows(&self, hash: &[u8; 32], now: i64) -> bool {
        self.seen().get(hash).is_some_and(|expires| *expires > now)
    }

    fn remember(&self, hash: [u8; 32], now: i64, expires: i64) {
        let mut seen = self.seen();
        if seen.len() >= MOST {
            seen.retain(|_, expires| *expires > now);
            if seen.len() >= MOST {
                seen.clear();
            }
        }
        seen.insert(hash, expires);
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<[u8; 32], i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many are remembered in memory, about 5 MB.
const MOST: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::{MOST, Once};

    #[test]
    fn it_is_remembered_until_it_expires() {
        let once = Once::default();
        once.remember([1; 32], 10, 20);
        assert!(once.knows(&[1; 32], 19));
        assert!(!once.knows(&[1; 32], 20));
        assert!(!once.knows(&[2; 32], 19));
    }

    #[test]
    fn memory_is_bounded() {
        let once = Once::default();
        for i in 0..MOST + 10 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&i.to_be_bytes());
            once.remember(hash, 10, 20);
        }
        assert!(once.seen().len() <= MOST);
    }
}
