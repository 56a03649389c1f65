//! `/api/v2/event-streams/{id}/deliveries`, where events are large.

use outbound::scratch::Reply;
use store::{Addressee, Occurrence};

use super::Scene;

#[tokio::test]
async fn large_events_are_listed_a_few_at_a_time() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let stream = scene.stream("/in", &["user.created"]).await;
    let refused = Some("{\"status\":\"failed\"}".to_owned());
    let stream_id = stream.rsplit('/').next().unwrap();
    for n in 0..5 {
        let event = Occurrence {
            id: format!("evt_{n}"),
            n: 0,
            kind: "user.created",
            body: format!("{{\"id\":\"evt_{n}\",\"data\":\"{}\"}}", "x".repeat(600_000)),
            created: n,
            due: n,
            is_kept: false,
            addressees: vec![Addressee { stream: stream_id.to_owned(), refused: refused.clone() }],
        };
        scene.tenant.store().event_deliveries().insert(scene.tenant.name(), event).await.unwrap();
    }
    let (mut from, mut pages) = (String::new(), Vec::new());
    loop {
        let page = scene.tenant.get(&format!("{stream}/deliveries?take=100{from}")).await.must_be(200);
        let ids = page["deliveries"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap());
        pages.push(ids.collect::<Vec<_>>().join(" "));
        let Some(next) = page["next"].as_str() else { break };
        from = format!("&from={next}");
    }
    assert_eq!(pages, ["evt_0 evt_1", "evt_2 evt_3", "evt_4"]);
}
