//! What the commands print, for people and for programs.

use serde_json::{Value, json};

use crate::server::{ORDERS, Server};

#[test]
fn the_walk_of_the_readme() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let token = server.text(&["token", "get", "--client-id", &client_id, "--audience", ORDERS]);
    let told = server.text(&["token", "inspect", &token]);
    assert!(told.ends_with("This token is valid here."), "{told}");
    assert!(told.contains("expires in 24 hours") && told.contains("issued "), "{told}");
    let report = server.json(&["token", "inspect", &token, "--audience", ORDERS]);
    assert_eq!(report["valid"], true);
    assert_eq!(report["claims"]["scope"], "read:orders");
    assert!(report["claims"]["exp"].is_i64(), "programs get numbers");

    let words = ["token", "get", "--client-id", &client_id, "--audience", ORDERS];
    let refused = server.run(&[&words[..], &["--scope", "write:orders"]].concat());
    assert_eq!(refused.code, Some(1));
    assert_eq!(refused.out, "");
    assert!(refused.err.contains("Client has not been granted scopes: write:orders"), "{}", refused.err);
    assert!(refused.err.contains("`countersign grants list --client-id "), "{}", refused.err);

    let line = server.text(&["logs", "tail", "--q", "type:feccft"]);
    assert!(line.ends_with("Client has not been granted scopes: write:orders (scope_not_granted)"), "{line}");

    let events: Vec<Value> = server
        .text(&["logs", "tail", "--q", "type:seccft", "--json"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["user_agent"], concat!("countersign/", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_an_application_would_get_is_explained() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let words = ["token", "explain", "--client-id", &client_id, "--audience", ORDERS];
    let told = server.text(&words);
    assert!(told.starts_with("A token would be issued.") && told.contains("client_grant"), "{told}");
    assert_eq!(server.json(&words)["token"]["scope"], "read:orders");
    let refused = server.run(&[&words[..], &["--scope", "write:orders"]].concat());
    assert_eq!((refused.code, refused.err.as_str()), (Some(1), ""));
    assert!(refused.out.starts_with("No token would be issued."), "{}", refused.out);
    assert!(refused.out.contains("Client has not been granted scopes: write:orders"), "{}", refused.out);
    assert_eq!(server.text(&["logs", "tail", "--q", "type:seccft", "--json"]), "");
    let unknown = server.run(&["token", "explain", "--client", "nobody"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("The client does not exist"), "{}", unknown.err);
}

#[test]
fn an_owners_token_is_one_line() {
    let server = Server::start();
    let done = server.run(&["admin", "token"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert_eq!(done.out.lines().count(), 1);
    assert_eq!(done.out.trim_end().split('.').count(), 3);
    let report = server.json(&["token", "inspect", done.out.trim()]);
    assert_eq!(report["valid"], true);
}

#[test]
fn programs_get_json_from_every_command() {
    let server = Server::start();
    let (client_id, secret) = server.billing();
    let names = |list: &Value, member: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|one| one[member].clone()).collect()
    };
    let apps = server.json(&["apps", "list"]);
    assert!(names(&apps, "client_id").contains(&json!(client_id)));
    assert!(!apps.to_string().contains(&secret), "a secret is shown on request only");
    let shown = server.json(&["apps", "show", &client_id]);
    assert_eq!((shown["name"].as_str(), shown.get("client_secret")), (Some("Billing"), None));
    assert_eq!(server.text(&["logs", "tail", "--q", "type:mgmt_api_read"]), "", "no secret was read");
    let shown = server.json(&["apps", "show", &client_id, "--show-secret"]);
    assert_eq!(shown["client_secret"], secret);
    let turned = server.json(&["apps", "rotate-secret", &client_id]);
    assert_ne!(turned["client_secret"], secret);

    assert!(names(&server.json(&["apis", "list"]), "identifier").contains(&json!(ORDERS)));
    let api = server.json(&["apis", "show", ORDERS]);
    let scopes =
        json!([{ "value": "read:orders" }, { "value": "write:orders", "description": "Change orders" }]);
    assert_eq!(api["scopes"], scopes);
    let grants = server.json(&["grants", "list", "--client-id", &client_id]);
    assert_eq!(names(&grants, "scope"), [json!(["read:orders"])]);

    let keys = server.json(&["keys", "list"]);
    let current = |keys: &Value| {
        keys.as_array().unwrap().iter().find(|key| key["state"] == "current").unwrap()["kid"].clone()
    };
    assert_ne!(current(&keys), current(&server.json(&["keys", "rotate"])));
    let tenants = server.json(&["tenants", "list"]);
    assert_eq!(names(&tenants, "name"), ["default"]);
    for line in server.text(&["logs", "tail", "--json"]).lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap()["log_id"].is_string());
    }
    let words = ["token", "get", "--client-id", &client_id, "--audience", ORDERS];
    assert_eq!(server.json(&words)["token_type"], "Bearer");
}

#[test]
fn people_get_columns_that_stand_below_each_other() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    server.text(&["apps", "show", &client_id, "--show-secret"]);
    server.text(&["token", "get", "--client-id", &client_id, "--audience", ORDERS]);
    let log = server.text(&["logs", "tail"]);
    assert!(
        log.contains("  mgmt_api_read  127.0.0.1  ") && log.contains("  sapi           127.0.0.1  "),
        "{log}"
    );

    let many: Vec<String> = (0..40).map(|n| format!("read:things-of-kind-{n}")).collect();
    let scopes = many.iter().flat_map(|scope| ["--scope", scope]);
    let words = ["apis", "create", "--name", "Many", "--identifier", "https://many.example"];
    let made = server.text(&words.into_iter().chain(scopes).collect::<Vec<_>>());
    assert!(made.lines().all(|line| line.chars().count() <= 100), "{made}");
    assert!(made.ends_with("read:things-of-kind-39"), "{made}");
    let table = server.text(&["apis", "list"]);
    assert!(table.contains("read:things-of-kind-2 …(+37)"), "{table}");
}

#[test]
fn help_says_what_every_flag_is_for() {
    let server = Server::start();
    let help = server.text(&["--help"]);
    assert!(help.contains("Which server and tenant:"), "{help}");
    assert_eq!(
        help.lines().rev().take(2).filter(|line| line.starts_with("  countersign ")).count(),
        2,
        "{help}"
    );
    let groups = ["apps", "apis", "grants", "token", "logs", "keys", "tenants", "admin", "config"];
    for group in groups {
        for command in subcommands(&server.text(&[group, "--help"])) {
            let help = server.text(&[group, &command, "--help"]);
            // A flag without an explanation stands alone in its line.
            let bare = help.lines().find(|line| {
                let line = line.trim();
                line.starts_with('-') && !line.contains("  ") && !line.starts_with("- ")
            });
            assert_eq!(bare, None, "{group} {command}");
        }
    }
}

fn subcommands(help: &str) -> Vec<String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}
