//! The searches of the Management API: Lucene over logs and clients, SCIM over clients.

#![no_main]

use fuzz::Scene;
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

fuzz_target!(init: { Scene::get(); }, |q: &str| {
    let scene = Scene::get();
    let q = utf8_percent_encode(q, NON_ALPHANUMERIC);
    for path in [
        format!("/api/v2/logs?per_page=1&q={q}"),
        format!("/api/v2/clients?per_page=1&q={q}"),
        format!("/api/v2/clients/search?take=1&parser=scim&q={q}"),
        format!("/api/x/search?q={q}"),
    ] {
        let answer = scene.reads(&path);
        assert!(answer.status < 500, "{path}: {}", answer.text());
    }
});
