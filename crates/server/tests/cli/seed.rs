//! A tenant from a file.

use reqwest::StatusCode;
use serde_json::Value;

use crate::server::{ORDERS, Place, Server};

const SEED: &str = "
tenant:
  friendly_name: Shop
resourceServers:
  - name: Orders
    identifier: https://orders.example
    scopes: [{ value: 'read:orders' }, { value: 'write:orders' }]
clients:
  - name: Billing
    client_id: billing
    client_secret: a-secret-that-a-test-chose-and-everybody-knows
    app_type: non_interactive
    grant_types: [client_credentials]
  - name: Nameless
    app_type: non_interactive
clientGrants:
  - client_id: billing
    audience: https://orders.example
    scope: ['read:orders']
";

#[test]
fn applying_it_twice_changes_nothing() {
    let place = Place::new();
    place.write("tenant.yaml", SEED);
    // The port is another at each start, and the domain should not be.
    let words = ["--seed", "tenant.yaml", "--domain", "shop.localhost"];
    let server = place.serve(&words);
    let all = |server: &Server| -> Vec<Value> {
        [["apps", "list"], ["apis", "list"], ["grants", "list"], ["keys", "list"]]
            .iter()
            .map(|words| server.json(words))
            .collect()
    };
    let first = all(&server);
    let count =
        |name: &str| first[0].as_array().unwrap().iter().filter(|client| client["name"] == name).count();
    assert_eq!((count("Billing"), count("Nameless")), (1, 1));
    let server = server.stop().serve(&words);
    assert_eq!(all(&server), first);
}

#[tokio::test]
async fn a_chosen_client_and_secret_get_a_token() {
    let place = Place::new();
    place.write("tenant.yaml", SEED);
    let server = place.serve(&["--seed", "tenant.yaml"]);
    let ask = async |secret: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "billing"),
            ("client_secret", secret),
            ("audience", ORDERS),
        ];
        let url = format!("{}oauth/token", server.run_file()["issuer"].as_str().unwrap());
        server.client("localhost").post(url).form(&form).send().await.unwrap()
    };
    let answer = ask("a-secret-that-a-test-chose-and-everybody-knows").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await.unwrap()["scope"], "read:orders");
    assert_eq!(ask("another").await.status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn what_a_seed_should_not_say_is_refused_with_its_place() {
    let cases = [
        ("colours: []\n", "colours"),
        ("clients:\n  - name: Billing\n    colour: red\n", "clients: Billing: "),
        ("clients:\n  - name: Billing\n    colour: red\n", "colour"),
        ("clients:\n  - app_type: spa\n", "no name"),
        ("resourceServers:\n  - identifier: urn:a\n    scopes: all\n", "resourceServers: urn:a: "),
        ("clientGrants:\n  - client_id: nobody\n    audience: urn:a\n", "nobody"),
        ("clients: nobody\n", "clients"),
        ("\0", "tenant.yaml"),
        ("{{{{", "tenant.yaml"),
    ];
    for (text, says) in cases {
        let place = Place::new();
        place.write("tenant.yaml", text);
        let words =
            ["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--seed", "tenant.yaml"];
        let done = place.run(&words);
        assert_eq!(done.code, Some(1), "{text:?}: {done:?}");
        assert!(done.err.contains("tenant.yaml") && done.err.contains(says), "{text:?}: {}", done.err);
        assert!(!place.data().join("run.json").exists());
    }
    let done = Place::new().run(&["serve", "--listen", "127.0.0.1:0", "--seed", "missing.yaml"]);
    assert!(done.code == Some(1) && done.err.contains("missing.yaml"), "{done:?}");
}

#[test]
fn a_file_that_is_no_export_is_not_repeated() {
    let place = Place::new();
    for text in
        ["3581ea7c wFkmBwvAAAASECRETAAAA=\n", "- SECRETAAAA\n", "clients: SECRETAAAA\n", "{ SECRETAAAA\n"]
    {
        place.write("tenant.yaml", text);
        let done = place.run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-listen",
            "127.0.0.1:0",
            "--seed",
            "tenant.yaml",
        ]);
        assert!(done.code == Some(1) && !done.err.contains("SECRETAAAA"), "{done:?}");
    }
}

#[test]
fn an_export_of_another_tenant_means_this_ones_management_api() {
    let place = Place::new();
    let grant = "clients: [{ name: Deploy, grant_types: [client_credentials], app_type: non_interactive }]\n\
                 clientGrants: [{ client_id: Deploy, audience: 'https://shop.eu.auth0.com/api/v2/', scope: ['read:clients'] }]\n\
                 roles: []\n";
    place.write("tenant.yaml", grant);
    let server = place.serve(&["--seed", "tenant.yaml"]);
    let grants = server.json(&["grants", "list"]);
    let issuer = server.run_file()["issuer"].as_str().unwrap().to_owned();
    assert_eq!(grants[0]["audience"], format!("{issuer}api/v2/"));
}
