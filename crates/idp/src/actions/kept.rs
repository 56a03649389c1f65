//! `api.cache`: short texts that the code of a trigger keeps for its next runs on this node, within Auth0's limits. They
//! may be gone at any time.

use std::sync::{Mutex, PoisonError};

use ::actions::{Call, Kept};
use serde_json::Value;

use crate::snapshot::actions::Trigger;

/// Entries of a trigger, and bytes of a key, of a value and of all together.
const ENTRIES: usize = 20;
const KEY: usize = 64;
const VALUE: usize = 4 * 1024;
const TOTAL: usize = 8 * 1024;
/// The longest that anything is kept, in milliseconds.
const LONGEST: i64 = 24 * 3_600_000;

/// What each trigger keeps.
#[derive(Default)]
pub(super) struct Keeper([Mutex<Vec<Kept>>; Trigger::ALL.len()]);

impl Keeper {
    /// What the code may see now.
    pub fn visible(&self, trigger: Trigger, now: i64) -> Vec<Kept> {
        let mut kept = self.0[trigger as usize].lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|entry| entry.expires_at > now);
        kept.clone()
    }

    /// Takes in what a run wants kept and forgotten. The library refused what is too much in the script's own hearing; what
    /// comes in spite of that is passed over.
    pub fn take(&self, trigger: Trigger, now: i64, calls: &[Call]) {
        if !calls.iter().any(|call| call.name.starts_with("cache.")) {
            return;
        }
        let mut kept = self.0[trigger as usize].lock().unwrap_or_else(PoisonError::into_inner);
        for call in calls {
            match (call.name.as_str(), call.arguments.as_slice()) {
                ("cache.set", [Value::String(key), Value::String(value), expires_at]) => {
                    let Some(expires_at) = expires_at.as_i64() else { continue };
                    let expires_at = expires_at.min(now + LONGEST);
                    put(&mut kept, Kept { key: key.clone(), value: value.clone(), expires_at });
                }
                ("cache.delete", [Value::String(key)]) => kept.retain(|entry| entry.key != *key),
                _ => {}
            }
        }
    }
}

fn put(kept: &mut Vec<Kept>, entry: Kept) {
    let size = |entry: &Kept| entry.key.len() + entry.value.len();
    let others = || kept.iter().filter(|other| other.key != entry.key);
    let total = others().map(size).sum::<usize>() + size(&entry);
    if entry.key.len() > KEY || entry.value.len() > VALUE || total > TOTAL || others().count() >= ENTRIES {
        return;
    }
    kept.retain(|other| other.key != entry.key);
    kept.push(entry);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(key: &str, value: &str, expires_at: i64) -> Call {
        Call { name: "cache.set".into(), arguments: vec![json!(key), json!(value), json!(expires_at)] }
    }

    #[test]
    fn what_is_kept_ends_and_is_bounded_whatever_a_worker_says() {
        let (keeper, trigger) = (Keeper::default(), Trigger::CredentialsExchange);
        keeper.take(trigger, 0, &[set("a", "1", 10), set("b", "2", i64::MAX)]);
        assert_eq!(keeper.visible(trigger, 9).len(), 2);
        assert_eq!(keeper.visible(trigger, 10)[0].key, "b");
        assert!(keeper.visible(trigger, LONGEST).is_empty());

        let long = "x".repeat(VALUE + 1);
        keeper.take(trigger, 0, &[set(&long[..KEY + 1], "", 9), set("a", &long, 9)]);
        let odd =
            [vec![], vec![json!(1), json!("v"), json!(9)], vec![json!("k"), json!("v"), json!("never")]];
        let odd = odd.map(|arguments| Call { name: "cache.set".into(), arguments });
        keeper.take(trigger, 0, &odd);
        assert!(keeper.visible(trigger, 0).is_empty());

        let many: Vec<_> = (0..30).map(|n| set(&n.to_string(), "v", 9)).collect();
        keeper.take(trigger, 0, &many);
        assert_eq!(keeper.visible(trigger, 0).len(), ENTRIES);
        let delete = Call { name: "cache.delete".into(), arguments: vec![json!("7")] };
        keeper.take(trigger, 0, &[delete, set("big", &long[..VALUE], 9), set("more", &long[..VALUE], 9)]);
        assert!(keeper.visible(trigger, 0).iter().all(|entry| entry.key != "7" && entry.key != "more"));
    }
}
