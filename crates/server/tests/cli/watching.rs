//! What a node says of itself: health on every host, metrics at an address of their own.

use std::time::Duration;

use reqwest::StatusCode;
use rustix::process::Signal;
use serde_json::{Value, json};
use store::db::{Db, Statement};

use crate::{
    deploy::metrics_asked_for,
    server::{ORDERS, Place, Server},
};

async fn get(server: &Server, listener: &str, path: &str) -> (StatusCode, String) {
    let url = format!("http://{}{path}", server.address(listener));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).header("host", "localhost").send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

fn watched(settings: &str) -> Server {
    let place = Place::new();
    place.write("countersign.toml", &format!("metrics_listen = \"127.0.0.1:0\"\n{settings}"));
    place.serve(&[])
}

#[tokio::test]
async fn requests_are_counted_and_told_where_strangers_do_not_reach() {
    let server = watched("");
    let (client_id, client_secret) = server.billing();
    let client = server.client("localhost");
    let url =
        format!("https://localhost:{}/oauth/token", server.address("https").rsplit(':').next().unwrap());
    let asked = |secret: String| {
        let body = json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "audience": ORDERS });
        client.post(&url).json(&body).send()
    };
    assert_eq!(asked(client_secret.clone()).await.unwrap().status(), 200);
    assert_eq!(asked("wrong".into()).await.unwrap().status(), 401);

    let (status, text) = get(&server, "metrics", "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "countersign_http_requests_total{door=\"token\",status=\"2xx\"} 1",
        "countersign_http_requests_total{door=\"token\",status=\"4xx\"} 1",
        "countersign_http_request_duration_seconds_count{door=\"token\"} 2",
        "countersign_tenants 1",
        "countersign_store_up 1",
        "countersign_log_events_dropped_total 0",
        concat!("countersign_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    for asked in metrics_asked_for() {
        assert!(text.contains(&format!("\n{asked}")), "{asked} in\n{text}");
    }
    assert!(!text.contains(&client_id), "nothing that grows without bound is a label");
    assert_eq!(get(&server, "http", "/metrics").await.0, 404);
    for listener in ["metrics", "http"] {
        for (path, expected) in [("/health/live", "live"), ("/health/ready", "ok"), ("/healthz", "ok")] {
            let (status, text) = get(&server, listener, path).await;
            let said: Value = serde_json::from_str(&text).unwrap();
            assert_eq!((status.as_u16(), &said["status"]), (200, &json!(expected)), "{listener}{path}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_says_so_before_it_refuses() {
    let server = watched("shutdown_delay_seconds = 300\n");
    server.signal(Signal::TERM);
    let (mut status, mut text) = get(&server, "http", "/health/ready").await;
    for _ in 0..600 {
        if status == 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        (status, text) = get(&server, "http", "/health/ready").await;
    }
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("\"stopping\""), "{text}");
    assert_eq!(get(&server, "http", "/health/live").await.0, 200);
    assert_eq!(
        get(&server, "http", "/.well-known/jwks.json").await.0,
        200,
        "who did not hear of it is still served"
    );
    server.kill();
    // That it ends by itself shows where the delay is short.
    watched("shutdown_delay_seconds = 1\n").stop();
}

/// The store answers how far the tenants are, and then lets nobody read what changed.
#[tokio::test]
async fn a_node_that_cannot_read_what_changed_says_so() {
    let Some(scratch) = store::scratch::postgres().await else {
        eprintln!("skipped: nodes are on PostgreSQL, TEST_DATABASE is not set");
        return;
    };
    let store::Location::Postgres { url } = &scratch.location else { unreachable!("it is PostgreSQL") };
    let place = Place::new();
    place.write("countersign.toml", &format!("database = {url:?}"));
    let server = place.serve(&[]);
    let said_when = async |is_so: &dyn Fn(&Value) -> bool| {
        for waited in 0.. {
            let (status, text) = get(&server, "http", "/health/ready").await;
            let said: Value = serde_json::from_str(&text).unwrap();
            if is_so(&said) {
                assert_eq!(status, 200);
                return said;
            }
            assert!(waited < 600, "{said}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("it ends before")
    };
    said_when(&|said| said["status"] == "ok" && said["changes"] == json!({ "status": "up" })).await;

    let db = Db::postgres(url).await.unwrap();
    let statement = |sql: &'static str| Statement::new(sql, vec![]);
    let lock = {
        let db = db.clone();
        let lock =
            ["lock table changes in access exclusive mode", "select cast(1 as bigint) from pg_sleep(3600)"];
        tokio::spawn(async move { db.commit(lock.map(statement).to_vec().into()).await.map(drop) })
    };
    let locked = "select c.oid::bigint from pg_locks l join pg_class c on c.oid = l.relation
                  where c.relname = 'changes' and l.mode = 'AccessExclusiveLock' and l.granted";
    while db.rows(locked, vec![]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    db.commit(vec![statement("update tenants set rev = rev + 1")].into()).await.unwrap();
    let said = said_when(&|said| said["changes"]["status"] == "behind").await;
    assert_eq!((&said["status"], &said["store"]), (&json!("degraded"), &json!({ "status": "up" })));

    let end = "select pid::bigint from pg_stat_activity
               where case when query like '%pg_sleep(3600)' and datname = current_database()
                          then pg_terminate_backend(pid) end";
    assert_eq!(db.rows(end, vec![]).await.unwrap().len(), 1);
    assert!(lock.await.unwrap().is_err());
    said_when(&|said| said["status"] == "ok").await;
}
