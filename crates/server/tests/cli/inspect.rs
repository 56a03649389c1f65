//! `token inspect` says why a token is not valid here, and exits with 2.

use std::{thread::sleep, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

use crate::server::{ORDERS, Server};

/// Every fault that is found with the token, in one text.
fn faults(server: &Server, words: &[&str]) -> String {
    let done = server.run(&[&["token", "inspect"], words].concat());
    assert_eq!((done.code, done.err.as_str()), (Some(2), ""), "{done:?}");
    let json = server.run(&[&["token", "inspect", "--json"], words].concat());
    assert_eq!(json.code, Some(2));
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["valid"], false);
    for fault in report["faults"].as_array().unwrap() {
        // A second may have passed between the two: what follows a number may differ.
        let words = fault.as_str().unwrap().split(|c: char| c.is_ascii_digit()).next().unwrap();
        assert!(done.out.contains(words), "{}", done.out);
    }
    let (_, faults) = done.out.split_once("This token is not valid here:\n").unwrap();
    faults.to_owned()
}

#[test]
fn what_is_no_token_is_called_so() {
    let server = Server::start();
    let deep = format!("{}.e30.AA", BASE64.encode("[".repeat(5000)));
    let long = "A".repeat(100_000);
    for garbage in ["x", "", "a.b.c", "....", "e30.e30.", "ÿ.ÿ.ÿ", &deep, &long] {
        faults(&server, &[garbage]);
    }
    assert!(faults(&server, &["garbage"]).contains("It is no signed token"));
}

#[test]
fn an_expired_token_says_since_when() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let brief = "https://brief.example";
    server.json(&["apis", "create", "--name", "Brief", "--identifier", brief, "--token-lifetime", "1"]);
    server.json(&["grants", "create", "--client-id", &client_id, "--audience", brief]);
    let token = server.text(&["token", "get", "--client-id", &client_id, "--audience", brief]);
    sleep(Duration::from_millis(2100));
    let faults = faults(&server, &[&token]);
    assert!(faults.starts_with("- It expired ") && faults.ends_with(" ago.\n"), "{faults}");
    assert_eq!(faults.lines().count(), 1, "{faults}");
}

#[test]
fn a_token_of_another_tenant_is_foreign() {
    let server = Server::start();
    server.json(&["tenants", "create", "other"]);
    let token = server.text(&["--tenant", "other", "admin", "token"]);
    let said = faults(&server, &[&token]);
    assert!(said.contains("which this tenant does not have"), "{said}");
    assert!(said.contains("Its issuer is https://other.localhost:"), "{said}");
    assert!(said.contains("this tenant has no such API"), "{said}");
    let report = server.json(&["--tenant", "other", "token", "inspect", &token]);
    assert_eq!(report["valid"], true);
}

#[test]
fn a_token_that_was_changed_or_is_for_another_api_is_refused() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let token = server.text(&["token", "get", "--client-id", &client_id, "--audience", ORDERS]);
    let said = faults(&server, &[&token, "--audience", "https://elsewhere.example"]);
    assert_eq!(said, format!("- It is meant for {ORDERS}, not for https://elsewhere.example.\n"));

    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let mut claims: Value = serde_json::from_slice(&BASE64.decode(claims).unwrap()).unwrap();
    claims["scope"] = json!("read:orders write:orders");
    let claims = BASE64.encode(claims.to_string());
    let said = faults(&server, &[&format!("{header}.{claims}.{signature}")]);
    assert_eq!(said, "- Its signature is wrong: it was changed, or another key made it.\n");
    let none = BASE64.encode(r#"{"alg":"none"}"#);
    let said = faults(&server, &[&format!("{none}.{claims}.")]);
    assert!(said.contains("none"), "{said}");
}
