//! `countersign dev` through the helper for Rust: tenants, clocks and faults as a test has them, and that nothing is left.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_dev::{Fault, NewTenant, Server, Tenant};
use reqwest::{Certificate, Client, StatusCode};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};

use crate::server::Place;

const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

fn start() -> Server {
    Server::with(BINARY).start().unwrap()
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn key_set(tenant: &Tenant) -> Value {
    let url = format!("{}.well-known/jwks.json", tenant.http);
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

async fn published(tenant: &Tenant) -> HashSet<String> {
    let keys = key_set(tenant).await;
    let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    keys["keys"].as_array().unwrap().iter().map(kid).collect()
}

/// What the Management API answers whoever has this token.
async fn managed(tenant: &Tenant, token: &str, path: &str) -> (StatusCode, Value) {
    let url = format!("{}api/v2/{path}", tenant.http);
    let answer = Client::new().get(url).bearer_auth(token).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

fn seconds_from_now(time: &Value) -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    time.as_i64().unwrap() - now
}

fn folder(server: &Server) -> PathBuf {
    server.ca().and_then(Path::parent).and_then(Path::parent).unwrap().to_owned()
}

fn soon(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(90), "it does not come to that");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn tenants_stand_side_by_side_and_know_nothing_of_each_other() {
    let server = start();
    let (one, other) = (server.new_tenant().unwrap(), server.new_tenant().unwrap());
    let token = other.token().unwrap();
    assert_eq!(part(&token, 1)["iss"], other.issuer);
    assert!(published(&other).await.contains(&kid(&token)));
    assert!(published(&one).await.is_disjoint(&published(&other).await));
    // Neither the Management API nor the application of one is the other's.
    let management = one.management_token().unwrap();
    for (tenant, status) in [(&one, StatusCode::OK), (&other, StatusCode::UNAUTHORIZED)] {
        assert_eq!(managed(tenant, &management, "clients").await.0, status);
    }
    let issuers: HashSet<String> =
        [&one, &other, &server.tenant()].iter().map(|tenant| tenant.issuer.clone()).collect();
    assert_eq!(issuers.len(), 3);
}

#[test]
fn many_are_made_at_once_and_each_is_its_own() {
    let server = start();
    let make = || {
        let tenants = (0..15).map(|_| server.new_tenant().unwrap());
        tenants.map(|tenant| (part(&tenant.token().unwrap(), 1)["iss"].clone(), tenant)).collect::<Vec<_>>()
    };
    let made: Vec<(Value, Tenant)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let issuers: HashSet<&str> = made.iter().map(|(issuer, _)| issuer.as_str().unwrap()).collect();
    assert_eq!(issuers.len(), 60);
    for (issuer, tenant) in &made {
        assert_eq!(*issuer, tenant.issuer);
        tenant.clock().advance(Duration::from_secs(3_600)).unwrap();
        assert!(seconds_from_now(&part(&tenant.token().unwrap(), 1)["iat"]) > 3_500);
    }
}

#[tokio::test]
async fn a_tenants_port_speaks_https_and_http_whatever_it_is_called() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    let ca = Certificate::from_pem(&std::fs::read(server.ca().unwrap()).unwrap()).unwrap();
    let client = Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    let port = tenant.domain.split(':').nth(1).unwrap();
    for base in [
        tenant.issuer.clone(),
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
    ] {
        let url = format!("{base}.well-known/openid-configuration");
        let about: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(about["issuer"], tenant.issuer, "{base}");
    }
}

#[tokio::test]
async fn what_a_tenant_is_to_have_is_chosen() {
    let server = start();
    let wanted = NewTenant {
        name: Some("shop".into()),
        audience: Some("https://orders.example".into()),
        scopes: Some(vec!["read:orders".into()]),
        application: [("client_id".to_owned(), json!("billing"))].into_iter().collect(),
        ..NewTenant::default()
    };
    let tenant = server.tenant_with(&wanted).unwrap();
    assert_eq!((tenant.name.as_str(), tenant.client_id.as_str()), ("shop", "billing"));
    assert_eq!(part(&tenant.token().unwrap(), 1)["scope"], "read:orders");
    assert_eq!(server.tenant_with(&wanted).unwrap_err().status, Some(409));
    let logged = async |tenant: &Tenant| {
        let token = tenant.management_token().unwrap();
        let (status, events) = managed(tenant, &token, "logs?per_page=100").await;
        assert_eq!(status, StatusCode::OK);
        let events = events.as_array().unwrap().iter();
        events.map(|event| event["log_id"].as_str().unwrap().to_owned()).collect::<HashSet<_>>()
    };
    let mut before = HashSet::new();
    while before.is_empty() {
        before = logged(&tenant).await;
    }
    tenant.remove().unwrap();
    // Its name is free again, and nothing of it is left.
    let seed = json!({ "clients": [{ "name": "Mobile", "client_id": "mobile" }] });
    let seed = seed.as_object().cloned().unwrap();
    let again = server.tenant_with(&NewTenant { seed, ..wanted }).unwrap();
    assert_eq!(part(&again.token().unwrap(), 1)["iss"], again.issuer);
    assert!(logged(&again).await.is_disjoint(&before));
}

#[test]
fn time_is_a_tenants_own_or_everybodys() {
    let server = start();
    let (one, other) = (server.new_tenant().unwrap(), server.new_tenant().unwrap());
    one.clock().set("2031-05-06T07:08:09Z").unwrap();
    one.clock().stop().unwrap();
    one.clock().set("2031-05-06T07:08:09Z").unwrap();
    one.clock().advance(Duration::from_secs(60)).unwrap();
    assert_eq!(one.clock().now().unwrap(), "2031-05-06T07:09:09.000Z");
    assert_eq!(part(&one.token().unwrap(), 1)["iat"], 1_935_817_749);
    assert!(seconds_from_now(&part(&other.token().unwrap(), 1)["iat"]).abs() < 60);
    server.clock().advance(Duration::from_secs(7200)).unwrap();
    assert!((seconds_from_now(&part(&other.token().unwrap(), 1)["iat"]) - 7200).abs() < 60);
    // Who comes later has the server's time.
    let later = server.new_tenant().unwrap();
    assert!((seconds_from_now(&part(&later.token().unwrap(), 1)["iat"]) - 7200).abs() < 60);
    server.clock().reset().unwrap();
    assert!(seconds_from_now(&part(&one.token().unwrap(), 1)["iat"]).abs() < 60);
}

#[tokio::test]
async fn a_token_expires_when_its_tenants_time_has_come() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    let token = tenant.management_token().unwrap();
    let status = async || managed(&tenant, &token, "clients").await.0;
    assert_eq!(status().await, StatusCode::OK);
    tenant.clock().advance(Duration::from_secs(86_401)).unwrap();
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    tenant.clock().reset().unwrap();
    assert_eq!(status().await, StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_speaks_the_words_of_its_door() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    tenant.fault(Fault::status(429).retry_after(3).times(3)).unwrap();
    let ask = async |path: &str| reqwest::get(format!("{}{path}", tenant.http)).await.unwrap();
    let answer = ask("api/v2/clients").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((header("retry-after"), header("x-ratelimit-remaining")), ("3".into(), "0".into()));
    assert_eq!(answer.json::<Value>().await.unwrap()["errorCode"], "too_many_requests");
    assert_eq!(ask("userinfo").await.json::<Value>().await.unwrap()["error"], "too_many_requests");
    assert_eq!(tenant.token().unwrap_err().status, Some(429));
    tenant.token().unwrap();
    let own = json!({ "error": "mine" });
    tenant.fault(Fault::status(503).path("/api/*").after(1).body(own.clone())).unwrap();
    assert_eq!(ask("api/v2/clients").await.status(), StatusCode::UNAUTHORIZED);
    let answer = ask("api/v2/clients").await;
    assert_eq!(
        (answer.status(), answer.headers().contains_key("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, true)
    );
    assert_eq!(answer.json::<Value>().await.unwrap(), own);
    // Nobody else's.
    tenant.fault(Fault::status(500).always()).unwrap();
    server.new_tenant().unwrap().token().unwrap();
    assert_eq!(tenant.token().unwrap_err().status, Some(500));
    tenant.clear_faults().unwrap();
    tenant.token().unwrap();
}

#[tokio::test]
async fn a_token_has_one_flaw_and_is_genuine_else() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    let kids = published(&tenant).await;
    tenant.fault(Fault::wrong_kid()).unwrap();
    let wrong = tenant.token().unwrap();
    assert!(!kids.contains(&kid(&wrong)));
    assert!(seconds_from_now(&part(&wrong, 1)["exp"]) > 0);
    tenant.fault(Fault::expired_token()).unwrap();
    let expired = tenant.token().unwrap();
    assert!(kids.contains(&kid(&expired)));
    assert_eq!((seconds_from_now(&part(&expired, 1)["exp"]) + 3600).abs() / 60, 0);
    assert!(part(&expired, 1)["iat"].as_i64() < part(&expired, 1)["exp"].as_i64());
    let parsed = jose::Token::parse(&expired).unwrap();
    let keys = jose::KeySet::from_json(key_set(&tenant).await.to_string().as_bytes()).unwrap();
    let key = keys.verifying(parsed.kid(), jose::Algorithm::RS256).remove(0);
    assert!(parsed.verify(&key).is_ok(), "nothing but its time is wrong");
    let good = tenant.token().unwrap();
    assert!(kids.contains(&kid(&good)) && seconds_from_now(&part(&good, 1)["exp"]) > 0);
    assert!(tenant.faults().unwrap().is_empty());
}

#[tokio::test]
async fn a_flaw_that_cannot_be_had_is_said_aloud() {
    let server = start();
    let tenant = |algorithm: &str| {
        let api = json!({ "name": "Test", "identifier": "urn:a", "signing_alg": algorithm });
        let seed = json!({ "resourceServers": [api] }).as_object().cloned().unwrap();
        let wanted = NewTenant { audience: Some("urn:a".into()), seed, ..NewTenant::default() };
        server.tenant_with(&wanted).unwrap()
    };
    for algorithm in ["HS256", "ES256", "PS256"] {
        let tenant = tenant(algorithm);
        let alike = part(&tenant.token().unwrap(), 0);
        assert_eq!(alike["alg"], algorithm);
        tenant.fault(Fault::expired_token()).unwrap();
        let expired = tenant.token().unwrap();
        assert_eq!(part(&expired, 0), alike);
        assert!(seconds_from_now(&part(&expired, 1)["exp"]) < -3_000);
        tenant.fault(Fault::wrong_kid()).unwrap();
        let wrong = tenant.token();
        match algorithm {
            // Such a token names no key.
            "HS256" => assert_eq!(wrong.unwrap_err().status, Some(500)),
            _ => assert_ne!(part(&wrong.unwrap(), 0)["kid"], alike["kid"]),
        }
        assert!(seconds_from_now(&part(&tenant.token().unwrap(), 1)["exp"]) > 0);
    }
    // What refuses leaves a flaw to the next token.
    let tenant = tenant("RS256");
    tenant.fault(Fault::wrong_kid()).unwrap();
    let form = [("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "x")];
    let refused = Client::new().post(format!("{}oauth/token", tenant.http)).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(tenant.faults().unwrap().len(), 1);
    assert!(!published(&tenant).await.contains(&kid(&tenant.token().unwrap())));
}

#[tokio::test]
async fn a_rotated_key_was_never_published_before() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    let (before, management) = (published(&tenant).await, tenant.management_token().unwrap());
    tenant.fault(Fault::rotated_key()).unwrap();
    let rotated = kid(&tenant.token().unwrap());
    assert!(!before.contains(&rotated) && published(&tenant).await.contains(&rotated));
    // What the key before signed is believed no more.
    assert_eq!(managed(&tenant, &management, "clients").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(kid(&tenant.token().unwrap()), rotated);
    tenant.rotate_keys().unwrap();
    assert_ne!(kid(&tenant.token().unwrap()), rotated);
}

#[test]
fn a_delay_takes_its_time() {
    let server = start();
    let tenant = server.new_tenant().unwrap();
    tenant.fault(Fault::latency(Duration::from_millis(400))).unwrap();
    let begun = Instant::now();
    tenant.token().unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[test]
fn nothing_is_left_however_it_ends() {
    let dropped = start();
    let kept = folder(&dropped);
    assert!(kept.join("countersign.db").exists());
    drop(dropped);
    assert!(!kept.exists());

    let terminated = start();
    let (kept, pid) = (folder(&terminated), Pid::from_raw(terminated.pid() as i32).unwrap());
    kill_process(pid, Signal::TERM).unwrap();
    soon(|| !kept.exists());

    // Nobody can clear up behind themselves after this; the next one does.
    let killed = start();
    let (kept, pid) = (folder(&killed), Pid::from_raw(killed.pid() as i32).unwrap());
    kill_process(pid, Signal::KILL).unwrap();
    drop(killed);
    assert!(test_kill_process(pid).is_err());
    let beside = start();
    let _next = start();
    soon(|| !kept.exists());
    assert!(folder(&beside).exists());
}

#[tokio::test]
async fn a_seed_is_for_the_default_tenant() {
    let place = Place::new();
    let seed = json!({ "resourceServers": [{ "name": "Orders", "identifier": "urn:orders" }] });
    let seed = place.write("tenant.json", &seed.to_string());
    let server = Server::with(BINARY).seed(&seed).start().unwrap();
    let tenant = server.tenant();
    let token = tenant.management_token().unwrap();
    let (_, apis) = managed(&tenant, &token, "resource-servers").await;
    assert!(apis.as_array().unwrap().iter().any(|api| api["identifier"] == "urn:orders"), "{apis}");
    let refused = Server::with(BINARY).seed("missing.json").start().unwrap_err();
    assert!(refused.message.contains("missing.json"), "{refused}");
}

#[test]
fn it_serves_this_machine_alone_and_keeps_nothing() {
    let place = Place::new();
    for words in [&["dev"][..], &["dev", "--database", "postgres://a:b@c/d"]] {
        // The place gives every command a data folder.
        let done = place.run(words);
        assert!(done.code == Some(1) && done.err.contains("keeps nothing"), "{done:?}");
    }
    for flag in ["--listen", "--tls-listen", "--control"] {
        let refused = Server::with(BINARY).arg(flag).arg("0.0.0.0:0").start().unwrap_err();
        assert!(refused.message.contains("this machine alone"), "{refused}");
    }
    let elsewhere = Server::with(BINARY).env("COUNTERSIGN_MTLS_LISTEN", "0.0.0.0:0").start().unwrap_err();
    assert!(elsewhere.message.contains("this machine alone"), "{elsewhere}");
    // What is configured for a server that lasts is left alone.
    let server = Server::with(BINARY)
        .env("COUNTERSIGN_DATABASE", "postgres://nobody:x@127.0.0.1:1/none")
        .env("COUNTERSIGN_DOMAIN", "shop.example");
    assert!(server.start().unwrap().tenant().issuer.starts_with("https://localhost:"));
}

#[test]
fn its_keys_are_refused_by_every_other_server() {
    let server = start();
    let (kept, place) = (folder(&server), Place::new());
    std::fs::create_dir(place.data()).unwrap();
    for name in ["countersign.db", "countersign.db-wal", "master.key"] {
        std::fs::copy(kept.join(name), place.data().join(name)).unwrap();
    }
    let done = place.run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"]);
    assert!(done.code == Some(1) && done.err.contains("everybody knows"), "{done:?}");
}
