//! What the doctor says of a server that is well, and of what is wrong.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use store::db::{Db, Statement};

use crate::server::{Place, Server};

fn told(place: &Place, words: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let done = place.run(&[&["doctor", "--json"], words].concat());
    let told: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    (done.code, told["checks"].as_array().unwrap().clone(), done.out)
}

/// What was found of a kind, and how bad it is.
fn found<'a>(checks: &'a [Value], check: &str) -> Vec<(&'a str, &'a str)> {
    let of_kind = checks.iter().filter(|found| found["check"] == check);
    of_kind.map(|found| (found["state"].as_str().unwrap(), found["found"].as_str().unwrap())).collect()
}

fn sql(place: &Place, text: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::sqlite(place.data().join("countersign.db")).await.unwrap();
        db.commit(vec![Statement::new(text.to_owned(), vec![])].into()).await.unwrap();
        db.close().await;
    });
}

#[test]
fn a_server_that_is_well_is_told_so_and_no_secret_is() {
    let place = Place::new();
    place.write("countersign.toml", "metrics_listen = \"127.0.0.1:0\"");
    let server = place.serve(&[]);
    let (_, secret) = server.billing();
    let place = server.place();
    let (code, checks, text) = told(place, &["--deep"]);
    let wrong: Vec<_> = checks.iter().filter(|check| check["state"] == "problem").collect();
    assert!(code == Some(0) && wrong.is_empty(), "{wrong:#?}");
    for check in [
        "configuration",
        "data folder",
        "master key",
        "disk",
        "certificate",
        "trusted proxies",
        "store",
        "clock",
        "signing keys",
        "consistency",
        "server",
        "issuer",
        "log",
        "domain",
    ] {
        assert!(!found(&checks, check).is_empty(), "{check}: {text}");
    }
    let lines = place.run(&["doctor", "--deep"]).out;
    let key = std::fs::read_to_string(place.data().join("master.key")).unwrap();
    let key = key.split_whitespace().nth(1).unwrap();
    for said in [&text, &lines] {
        assert!(!said.contains(key) && !said.contains(&secret));
    }
    assert!(
        lines.lines().all(|line| line.starts_with("ok")
            || line.starts_with("warning")
            || line.trim_start().starts_with('→')),
        "{lines}"
    );
}

#[test]
fn what_is_wrong_on_the_machine_is_named() {
    let place = Server::start().stop();
    let data = place.data();
    let set = |mode: u32| std::fs::set_permissions(&data, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o777);
    let (code, checks, _) = told(&place, &[]);
    assert!(code == Some(1) && found(&checks, "data folder")[0].0 == "problem", "{checks:#?}");
    set(0o755);
    assert_eq!(found(&told(&place, &[]).1, "data folder")[0].0, "warning");
    set(0o700);

    let key = data.join("master.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, checks, _) = told(&place, &[]);
    assert!(
        code == Some(1) && found(&checks, "master key")[0].1.contains("can be read by others"),
        "{checks:#?}"
    );
    std::fs::remove_file(&key).unwrap();
    assert!(found(&told(&place, &[]).1, "master key")[0].1.contains("is missing"));
    assert!(!key.exists(), "nothing is made");
    // Another key than that of the store.
    std::fs::write(&key, "0badc0de AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let (code, checks, _) = told(&place, &[]);
    assert!(code == Some(1) && found(&checks, "tenants")[0].0 == "problem", "{checks:#?}");
    std::fs::write(&key, kept).unwrap();

    place.write("countersign.toml", "trusted_proxies = [\"0.0.0.0/0\"]\ndomain = \"no.such.name.invalid\"");
    let (code, checks, _) = told(&place, &[]);
    assert_eq!(code, Some(1));
    assert_eq!(found(&checks, "trusted proxies"), [("problem", "every address is believed")]);
    assert!(found(&checks, "domain")[0].1.contains("leads nowhere"), "{checks:#?}");
    place.write("countersign.toml", "no_such_key = 1");
    let (code, checks, _) = told(&place, &[]);
    assert!(code == Some(1) && found(&checks, "configuration")[0].0 == "problem", "{checks:#?}");

    let empty = Place::new();
    let (code, checks, _) = told(&empty, &[]);
    assert!(code == Some(1) && found(&checks, "data folder")[0].0 == "problem", "{checks:#?}");
    assert!(!empty.data().exists(), "nothing is made");
}

#[test]
fn what_does_not_fit_together_is_named() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let place = server.stop();
    let deep = || {
        let (code, checks, _) = told(&place, &["--deep"]);
        let wrong: Vec<String> =
            found(&checks, "consistency").iter().map(|(_, found)| (*found).to_owned()).collect();
        (code, wrong.join("\n"))
    };
    let (code, well) = deep();
    assert!(code == Some(0) && well.contains("fit together"), "{well}");
    let misfits = [
        (
            "insert into document_keys values ('default', 'clients', 'app_type', 'spa', 'nobody')",
            "a search key of a document that is not there",
        ),
        (
            "delete from document_keys where kind = 'clients' and name = 'is_first_party'",
            "its is_first_party does not find it",
        ),
        (
            "update document_uniques set value = 'https://elsewhere.example' where kind = 'resource-servers' and value = 'https://orders.example'",
            "something that is not its identifier finds it",
        ),
        (
            "insert into user_roles values ('default', 'auth0|nobody', 'rol_nobody', 1)",
            "a row of user_roles names \"auth0|nobody\", which is not there",
        ),
        ("update tenants set rev = rev - 1 where name = 'default'", "a change that is newer than its tenant"),
    ];
    for (text, words) in misfits {
        sql(&place, text);
        let (code, wrong) = deep();
        assert!(code == Some(1) && wrong.contains(words), "{text}: {wrong}");
    }
    let form = format!(
        "update documents set body = replace(body, '\"is_first_party\":true', '\"is_first_party\":7')
         where kind = 'clients' and id = '{client_id}'"
    );
    sql(&place, &form);
    let (_, wrong) = deep();
    let words = format!("clients \"{client_id}\": it does not have the form that is declared");
    assert!(wrong.contains(&words), "{wrong}");
    // A secret that was put in another's place does not open there.
    let moved = format!(
        "update documents set body = (select body from documents where kind = 'clients' and id = '{client_id}')
         where kind = 'clients' and tenant = 'default' and id <> '{client_id}'"
    );
    sql(&place, &moved);
    let (_, wrong) = deep();
    assert!(wrong.contains("what is sealed in it does not open"), "{wrong}");
}
