//! A service that dies at random, and nodes that do: whoever follows sees every event, and none before an earlier one.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use outbound::scratch::{Asked, Reply, ScratchServer};
use serde_json::{Value, json};
use store::Cursor;
use testkit::TestTenant;

use super::{PATH, cause, delivering, events};

/// What the service took, in its order: identifiers of events.
type Taken = Arc<Mutex<Vec<String>>>;

/// A service of moods: it takes, refuses, dies before it takes or after, or dawdles. The chances are drawn from a seed.
async fn moody(taken: Taken) -> ScratchServer {
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    let draw = Mutex::new(move || {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        chance % 10
    });
    ScratchServer::start_reading(move |asked: &Asked| {
        let take = || taken.lock().unwrap().extend(events(asked).iter().map(log_id));
        match draw.lock().unwrap()() {
            0 => Reply::broken(),
            1 => Reply::status(503),
            2 => {
                // It took them, and nobody hears of it.
                take();
                Reply::broken()
            }
            3 => {
                take();
                Reply::status(200).after(50)
            }
            _ => {
                take();
                Reply::status(200)
            }
        }
    })
    .await
}

fn log_id(event: &Value) -> String {
    event["log_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_seen_in_order_whoever_dies() {
    let tenant = TestTenant::new().await;
    let elsewhere = tenant.server().another_node().await;
    let taken = Taken::default();
    let service = moody(taken.clone()).await;
    let nodes = [tenant.server().clone(), elsewhere.clone()];
    for node in &nodes {
        drop(node.tenants().clone().reaching(service.outbound()));
    }
    let begin = tenant.store().log_streams().end("default").await.unwrap();
    let stream = json!({ "type": "http", "sink": { "httpEndpoint": service.url("/in") } });
    let id = tenant.post(PATH, stream).await.must_be(200).str("id").to_owned();

    // Both nodes write, and both deliver until they die, again and again.
    let writing = [tenant.clone(), elsewhere.tenant("default")].map(|tenant| {
        tokio::spawn(async move {
            for n in 0..12 {
                cause(&tenant, &format!("burst{n}-"), 5).await;
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            tenant.flush_logs().await;
        })
    });
    let mut deliveries = nodes.each_ref().map(delivering);
    for round in 0..16 {
        tokio::time::sleep(Duration::from_millis(90)).await;
        let dies = round % 2;
        deliveries[dies].abort();
        // What it had in hand comes to others when its lease has ended.
        for node in &nodes {
            node.tenant("default").later(16_000);
        }
        deliveries[dies] = delivering(&nodes[dies]);
    }
    for written in writing {
        written.await.unwrap();
    }
    let written = committed(&tenant, begin).await;
    assert!(written.len() > 120, "{}", written.len());
    let waits = async || {
        let health = tenant.get(&format!("/api/x/log-streams/{id}/health")).await.must_be(200).body;
        health["waiting"] != 0
    };
    for _ in 0..600 {
        if !waits().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        for node in &nodes {
            node.tenant("default").later(1_000);
        }
    }
    deliveries.iter().for_each(|deliveries| deliveries.abort());

    let mut seen = HashSet::new();
    let firsts: Vec<String> =
        taken.lock().unwrap().iter().filter(|id| seen.insert((*id).clone())).cloned().collect();
    assert_eq!(firsts, written);
}

/// The events that were committed behind a cursor, in that order.
async fn committed(tenant: &TestTenant, mut cursor: Cursor) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = tenant.store().log_streams().page("default", &cursor, 1000, 1 << 24).await.unwrap();
        assert!(!page.has_gap);
        if page.rows.is_empty() {
            return ids;
        }
        ids.extend(page.rows.into_iter().map(|(_, row)| row.log_id));
        cursor = page.end;
    }
}
