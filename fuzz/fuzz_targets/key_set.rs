//! A set of keys that somebody else publishes.

#![no_main]

use jose::{Algorithm, KeySet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let Ok(keys) = KeySet::from_json(json) else { return };
    for algorithm in Algorithm::ALL {
        let unnamed = keys.verifying(None, algorithm);
        assert!(unnamed.len() <= 1 && (algorithm != Algorithm::HS256 || unnamed.is_empty()));
        assert!(keys.verifying(Some("a"), algorithm).len() <= 4);
    }
    if let Ok(value) = serde_json::from_slice(json) {
        let _ = KeySet::strict(&value);
    }
});
