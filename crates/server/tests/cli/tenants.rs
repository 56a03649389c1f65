//! Several tenants on one server.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::Server;

#[tokio::test]
async fn a_tenant_made_while_the_server_runs_is_served_under_its_own_name() {
    let server = Server::start();
    let done = server.run(&["tenants", "create", "acme", "--json"]);
    let made = Instant::now();
    assert_eq!(done.code, Some(0), "{done:?}");
    let acme: Value = serde_json::from_str(&done.out).unwrap();
    let issuer = acme["issuer"].as_str().unwrap();
    assert!(issuer.starts_with("https://acme.localhost:"), "{issuer}");
    assert!(done.err.contains(issuer) && done.err.contains("countersign --tenant acme"), "{}", done.err);

    let url = format!("{issuer}.well-known/openid-configuration");
    let answer = loop {
        match server.client("acme.localhost").get(&url).send().await {
            Ok(answer) if answer.status().is_success() => break answer,
            other => assert!(made.elapsed() < Duration::from_secs(60), "{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(answer.json::<Value>().await.unwrap()["issuer"], issuer);
}

#[test]
fn tenants_share_nothing() {
    let server = Server::start();
    server.json(&["tenants", "create", "acme"]);
    let (client_id, _) = server.billing();
    let again = server.run(&["tenants", "create", "acme"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("there is a tenant \"acme\" already"), "{}", again.err);
    // The server hears of it within a second.
    server.soon(&["--tenant", "acme", "apps", "list"]);
    let missing = server.run(&["--tenant", "acme", "apps", "show", &client_id]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.err.contains("The client does not exist"), "{}", missing.err);
    let made = server.json(&["--tenant", "acme", "apps", "create", "--name", "Theirs"]);
    assert_eq!(made["tenant"], "acme");
}
