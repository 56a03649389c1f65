//! No row is left of a token that was issued: the store is what it was before, but for the logs.

use std::{fs, path::Path, time::Instant};

use serde_json::{Value, json};
use store::Location;
use testkit::{TestClient, TestTenant, claims};

use super::API;

/// The bytes of the files that do not hold logs.
fn size(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).unwrap().flatten();
    let others = files.filter(|file| !file.file_name().to_string_lossy().starts_with("logs.db"));
    others.map(|file| file.metadata().unwrap().len()).sum()
}

/// Issues so many tokens, each another, and tells what the store weighed before and after.
async fn weighed(tokens: usize) -> Option<(u64, u64)> {
    let tenant = TestTenant::new().await;
    let Location::Sqlite { dir } = tenant.server().location().clone() else { return None };
    tenant.api(json!({ "signing_alg": "ES256", "token_dialect": "rfc9068_profile" })).await;
    let client = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] })).await;
    let began = Instant::now();
    let before = size(&dir);
    let asking: Vec<_> =
        (0..AT_ONCE).map(|_| tokio::spawn(ask(tenant.clone(), client.clone(), tokens / AT_ONCE))).collect();
    let mut last = Value::Null;
    for asked in asking {
        last = asked.await.unwrap();
    }
    tenant.flush_logs().await;
    let after = size(&dir);
    #[expect(clippy::print_stdout, reason = "whoever runs it by hand wants to see the sizes")]
    {
        println!("{tokens} tokens in {:.0?}: {before} bytes before, {after} after", began.elapsed());
    }
    assert!(last["jti"].is_string());
    Some((before, after))
}

async fn ask(tenant: TestTenant, client: TestClient, tokens: usize) -> Value {
    let mut last = String::new();
    for _ in 0..tokens {
        last = tenant.token(client.asks_for(API)).await;
    }
    claims(&last)
}

const AT_ONCE: usize = 8;

/// As many as `TOKENS` says, which may be a million and then takes minutes; else enough to see a row for each.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_leave_nothing_but_logs() {
    #[expect(clippy::disallowed_methods, reason = "whoever runs it by hand says how many")]
    let tokens = std::env::var("TOKENS").ok().and_then(|tokens| tokens.parse().ok());
    if let Some((before, after)) = weighed(tokens.unwrap_or(2_000)).await {
        assert_eq!(before, after);
    }
}
