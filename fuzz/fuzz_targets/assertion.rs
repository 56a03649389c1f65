//! What an assertion claims, signed as it should be, and the assertion as it comes.

#![no_main]

use fuzz::{Scene, is_answered};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(init: { Scene::get(); }, |claims: &[u8]| {
    let scene = Scene::get();
    if let Some(answer) = scene.claims(claims) {
        is_answered(&answer);
    }
    let raw = json!({
        "grant_type": "client_credentials", "client_id": scene.client.id, "audience": fuzz::API,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": String::from_utf8_lossy(claims),
    });
    let answer = scene.asks("application/json", raw.to_string().into_bytes());
    is_answered(&answer);
    assert_ne!(answer.status, 200, "nobody has the key");
});
