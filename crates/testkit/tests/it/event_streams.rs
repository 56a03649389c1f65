//! Events on their way to webhooks that answer, refuse or dawdle, and to those who fetch them.

mod deliveries;
mod feed;

use idp::{Carrier, event_streams::deliver_due, user};
use outbound::{
    Outbound,
    scratch::{Asked, Reply, ScratchServer},
};
use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/v2/event-streams";
const PEOPLE: [&str; 3] = ["user.created", "user.updated", "user.deleted"];

/// A tenant whose server reaches a webhook of ours.
struct Scene {
    tenant: TestTenant,
    webhook: ScratchServer,
}

impl Scene {
    async fn of(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Scene {
        let tenant = TestTenant::new().await;
        let webhook = ScratchServer::start_reading(answer).await;
        drop(tenant.server().tenants().clone().reaching(webhook.outbound()));
        Scene { tenant, webhook }
    }

    /// Makes a stream of these kinds to a path of the webhook; answers the stream's own path.
    async fn stream(&self, path: &str, kinds: &[&str]) -> String {
        let subscriptions: Vec<Value> = kinds.iter().map(|kind| json!({ "event_type": kind })).collect();
        let body = json!({ "subscriptions": subscriptions, "destination": { "type": "webhook", "configuration": {
            "webhook_endpoint": self.webhook.url(path),
            "webhook_authorization": { "method": "bearer", "token": "t0ken" } } } });
        format!("{PATH}/{}", self.tenant.post(PATH, body).await.must_be(201).str("id"))
    }

    /// Sends what is due until nothing is.
    async fn deliver(&self) {
        while deliver_due(self.tenant.server().tenants()).await.unwrap() > 0 {}
    }

    /// What a path of the webhook was told, in its order.
    fn told(&self, path: &str) -> Vec<Value> {
        let asked = self.webhook.requests().into_iter().filter(|asked| asked.path == path);
        asked.map(|asked| serde_json::from_str(asked.body.as_deref().unwrap()).unwrap()).collect()
    }

    /// The kinds of the events that a path was told, and whom they are about.
    fn kinds(&self, path: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = |event: Value| (text(&event["type"]), text(&event["data"]["object"]["email"]));
        self.told(path).into_iter().map(kind).collect()
    }

    async fn failed(&self, stream: &str) -> Vec<Value> {
        let page = self.tenant.get(&format!("{stream}/deliveries")).await.must_be(200);
        page["deliveries"].as_array().unwrap().clone()
    }

    async fn person(&self, email: &str) -> String {
        person(&self.tenant, email).await
    }
}

async fn person(tenant: &TestTenant, email: &str) -> String {
    let body =
        json!({ "connection": user::CONNECTION, "email": email, "password": "Correct-Horse-7-Battery" });
    tenant.post("/api/v2/users", body).await.must_be(201).str("user_id").to_owned()
}

fn kinds(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, email)| (format!("user.{kind}"), format!("{email}@shop.example"))).collect()
}

#[tokio::test]
async fn what_happens_to_people_is_told_once_and_in_order() {
    let scene = Scene::of(|_| Reply::status(204)).await;
    let stream = scene.stream("/in", &PEOPLE).await;
    scene.stream("/deleted", &["user.deleted"]).await;
    let ann = scene.person("ann@shop.example").await;
    let one = format!("/api/v2/users/{ann}");
    scene.tenant.patch(&one, json!({ "user_metadata": { "hobby": "chess" } })).await.must_be(200);
    // What changes nothing is no event, and neither is a login.
    scene.tenant.patch(&one, json!({ "user_metadata": { "hobby": "chess" } })).await.must_be(200);
    user::logged_in(&scene.tenant, &ann, "203.0.113.7").await.unwrap();
    let bob = scene.person("bob@shop.example").await;
    scene.tenant.delete(&one).await.must_be(204);
    scene.tenant.delete(&one).await.must_be(204);
    scene.deliver().await;

    let expected = [("created", "ann"), ("updated", "ann"), ("created", "bob"), ("deleted", "ann")];
    assert_eq!(scene.kinds("/in"), kinds(&expected));
    assert_eq!(scene.kinds("/deleted"), kinds(&expected[3..]));
    let told = scene.told("/in");
    let created = &told[0];
    assert!(created["id"].as_str().unwrap().starts_with("evt_"));
    assert_eq!(created["id"].as_str().unwrap().len(), 26);
    assert_eq!((&created["specversion"], &created["a0tenant"]), (&json!("1.0"), &json!("default")));
    assert_eq!(created["a0stream"], json!(stream.rsplit('/').next()));
    assert!(created["source"].as_str().unwrap().starts_with("urn:auth0:"));
    assert_eq!(created["time"], created["data"]["object"]["created_at"]);
    assert_eq!(told[1]["data"]["object"]["user_metadata"], json!({ "hobby": "chess" }));
    assert_eq!(told[3]["data"]["object"]["deleted_at"], told[3]["time"]);
    assert_eq!(told[2]["data"]["object"]["user_id"], json!(bob));
    let head = scene.webhook.requests()[0].head.to_ascii_lowercase();
    for line in ["authorization: bearer t0ken", "content-type: application/json"] {
        assert!(head.contains(&format!("{line}\r\n")), "{head}");
    }
    assert!(!scene.webhook.requests().iter().any(|asked| asked.body.as_ref().unwrap().contains("password")));
    assert!(scene.failed(&stream).await.is_empty());
    let stats = scene.tenant.get(&format!("{stream}/stats")).await.must_be(200);
    assert_eq!(stats["metrics"][0]["window_total"], 4);
    assert_eq!(
        (stats["buckets"].as_array().unwrap().len(), &stats["metrics"][0]["data"][14]),
        (15, &json!(4))
    );
}

#[tokio::test]
async fn a_linked_person_is_told_as_changed_and_the_other_as_gone() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    scene.stream("/in", &PEOPLE).await;
    let (ann, bob) = (scene.person("ann@shop.example").await, scene.person("bob@shop.example").await);
    let identities = format!("/api/v2/users/{ann}/identities");
    let other = json!({ "provider": "auth0", "user_id": bob.strip_prefix("auth0|") });
    scene.tenant.post(&identities, other).await.must_be(201);
    scene.deliver().await;
    let mut told = scene.kinds("/in");
    assert_eq!(told[..2], kinds(&[("created", "ann"), ("created", "bob")]));
    told[2..].sort();
    assert_eq!(told[2..], kinds(&[("deleted", "bob"), ("updated", "ann")]));
    let account = bob.replace('|', "/");
    scene.tenant.delete(&format!("{identities}/{account}")).await.must_be(200);
    scene.deliver().await;
    let mut told = scene.kinds("/in");
    told[4..].sort();
    assert_eq!(told[4..], kinds(&[("created", "bob"), ("updated", "ann")]));
}

#[tokio::test]
async fn people_who_sign_up_or_are_imported_are_told_of_once() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    scene.stream("/in", &PEOPLE).await;
    let client = scene.tenant.client(json!({})).await;
    let body = json!({ "client_id": client.id, "connection": user::CONNECTION, "email": "ann@shop.example",
        "password": "Correct-Horse-7-Battery" });
    scene.tenant.without_token().post("/dbconnections/signup", body.clone()).await.must_be(200);
    scene.tenant.without_token().post("/dbconnections/signup", body).await.must_be(400);
    let users = json!([{ "email": "ann@shop.example", "name": "Ann" }, { "email": "bob@shop.example" }]);
    let job = crate::jobs::imports(&scene.tenant, users, &[("upsert", "true")]).await.must_be(202);
    let done = crate::jobs::ended(&scene.tenant, &job).await;
    assert_eq!(done["summary"], json!({ "failed": 0, "updated": 1, "inserted": 1, "total": 2 }));
    scene.deliver().await;
    assert_eq!(scene.kinds("/in"), kinds(&[("created", "ann"), ("updated", "ann"), ("created", "bob")]));
    assert_eq!(scene.told("/in")[1]["data"]["object"]["name"], "Ann");
}

#[tokio::test]
async fn organizations_and_connections_are_told_without_their_secrets() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let subscribed = [
        "organization.created",
        "organization.updated",
        "organization.deleted",
        "connection.created",
        "connection.updated",
        "connection.deleted",
    ];
    scene.stream("/in", &subscribed).await;
    let organization = scene.tenant.organization("acme").await;
    let one = format!("/api/v2/organizations/{}", organization["id"].as_str().unwrap());
    scene.tenant.patch(&one, json!({ "display_name": "Acme" })).await.must_be(200);
    scene.tenant.delete(&one).await.must_be(204);
    let body =
        json!({ "name": "people", "strategy": "auth0", "options": { "configuration": { "key": "s3cret" } } });
    let connection = scene.tenant.post("/api/v2/connections", body).await.must_be(201);
    let one = format!("/api/v2/connections/{}", connection.str("id"));
    scene.tenant.patch(&one, json!({ "display_name": "People" })).await.must_be(200);
    scene.deliver().await;
    let told = scene.told("/in");
    let kinds: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, subscribed[..5]);
    assert_eq!(told[1]["data"]["object"]["display_name"], "Acme");
    assert_eq!(told[4]["data"]["object"]["name"], "people");
    assert!(!format!("{told:?}").contains("s3cret"));
}

#[tokio::test]
async fn what_did_not_arrive_is_tried_four_times_then_gives_way_and_comes_later() {
    let scene = Scene::of(|asked| match asked.body.as_deref().unwrap_or_default().contains("ann@") {
        true => Reply::status(503),
        false => Reply::status(200),
    })
    .await;
    let stream = scene.stream("/in", &["user.created"]).await;
    scene.person("ann@shop.example").await;
    scene.person("bob@shop.example").await;
    scene.deliver().await;
    // Bob waits for Ann.
    assert_eq!(scene.kinds("/in"), kinds(&[("created", "ann")]));
    for wait in [1_000, 2_000] {
        scene.tenant.later(wait - 1);
        scene.deliver().await;
        let before = scene.webhook.asked();
        scene.tenant.later(1);
        scene.deliver().await;
        assert_eq!(scene.webhook.asked(), before + 1);
    }
    assert!(scene.failed(&stream).await.is_empty());
    scene.tenant.later(4_000);
    scene.deliver().await;
    let told = scene.kinds("/in");
    assert_eq!(told.last(), kinds(&[("created", "bob")]).last());
    assert_eq!(told.len(), 5);
    let failed = scene.failed(&stream).await;
    let attempts = failed[0]["attempts"].as_array().unwrap();
    assert_eq!((failed.len(), attempts.len(), &failed[0]["status"]), (1, 4, &json!("failed")));
    assert!(attempts[0]["error_message"].as_str().unwrap().contains("503"));
    assert!(attempts.iter().all(|attempt| attempt["duration"].is_f64() && attempt["status"] == "failed"));
    // It is the same event each time.
    let ids: Vec<Value> = scene.told("/in").into_iter().take(4).map(|event| event["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == failed[0]["id"]));
    assert_eq!(failed[0]["event"]["id"], failed[0]["id"]);
    let one = format!("{stream}/deliveries/{}", failed[0]["id"].as_str().unwrap());
    assert_eq!(scene.tenant.get(&one).await.must_be(200).body, failed[0]);
    // A minute later it is tried once more.
    let before = scene.webhook.asked();
    scene.tenant.later(60_000);
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), before + 1);
    let stats = scene.tenant.get(&format!("{stream}/stats")).await.must_be(200);
    assert_eq!(
        (&stats["metrics"][0]["window_total"], &stats["metrics"][1]["window_total"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn what_a_webhook_refuses_is_not_tried_again_until_somebody_asks() {
    let is_broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let broken = is_broken.clone();
    let scene = Scene::of(move |_| match broken.load(std::sync::atomic::Ordering::Relaxed) {
        true => Reply::status(401),
        false => Reply::status(200),
    })
    .await;
    let stream = scene.stream("/in", &PEOPLE).await;
    let ann = scene.person("ann@shop.example").await;
    scene.tenant.later(1_000);
    scene.person("bob@shop.example").await;
    scene.tenant.later(1_000);
    scene.tenant.delete(&format!("/api/v2/users/{ann}")).await.must_be(204);
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 3);
    scene.tenant.later(20 * 3_600_000);
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 3);
    let failed = scene.failed(&stream).await;
    assert_eq!(failed.len(), 3);

    let page = scene.tenant.get(&format!("{stream}/deliveries?take=2")).await.must_be(200);
    let next = format!("{stream}/deliveries?take=2&from={}", page.str("next"));
    let rest = scene.tenant.get(&next).await.must_be(200);
    let both = [&page, &rest].into_iter().flat_map(|page| page["deliveries"].as_array().unwrap().clone());
    assert_eq!(both.collect::<Vec<_>>(), failed);
    let deleted = format!("{stream}/deliveries?event_types=user.deleted,user.updated&statuses=failed");
    assert_eq!(scene.tenant.get(&deleted).await.must_be(200)["deliveries"], json!([failed[2]]));
    let since = failed[1]["event"]["time"].as_str().unwrap();
    let late = format!("{stream}/deliveries?date_from={since}&event_types=user.created");
    assert_eq!(scene.tenant.get(&late).await.must_be(200)["deliveries"], json!([failed[1]]));

    is_broken.store(false, std::sync::atomic::Ordering::Relaxed);
    // Another tenant's stream has no such event.
    let one = |id: &Value| format!("{stream}/redeliver/{}", id.as_str().unwrap());
    scene.tenant.other().post(&one(&failed[2]["id"]), json!({})).await.must_be(404);
    scene.tenant.post(&one(&failed[2]["id"]), json!({})).await.must_be(202);
    // It is under way already.
    scene.tenant.post(&one(&failed[2]["id"]), json!({})).await.must_be(409);
    let waiting = format!("{stream}/deliveries/{}", failed[2]["id"].as_str().unwrap());
    let waiting = scene.tenant.get(&waiting).await.must_be(200);
    assert_eq!((waiting.str("status"), &waiting["attempts"][1]["status"]), ("pending", &json!("retrying")));
    scene.deliver().await;
    assert_eq!(scene.kinds("/in")[3..], kinds(&[("deleted", "ann")]));
    assert_eq!(scene.told("/in")[3]["id"], failed[2]["id"]);
    let body = json!({ "event_types": ["user.created"], "date_from": since, "statuses": ["failed"] });
    let again = scene.tenant.post(&format!("{stream}/redeliver"), body.clone()).await.must_be(202);
    assert_eq!(again.body, body);
    scene.deliver().await;
    assert_eq!(scene.kinds("/in")[4..], kinds(&[("created", "bob")]));
    scene.tenant.post(&format!("{stream}/redeliver"), json!({})).await.must_be(202);
    scene.deliver().await;
    assert_eq!(scene.kinds("/in")[5..], kinds(&[("created", "ann")]));
    assert!(scene.failed(&stream).await.is_empty());
}

#[tokio::test]
async fn what_happens_while_a_stream_is_disabled_is_kept_as_failed() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let stream = scene.stream("/in", &PEOPLE).await;
    scene.person("ann@shop.example").await;
    scene.tenant.patch(&stream, json!({ "status": "disabled" })).await.must_be(200);
    scene.person("bob@shop.example").await;
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 0);
    let failed = scene.failed(&stream).await;
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|one| one["attempts"][0]["error_message"] == "the event stream is disabled"));
    scene.tenant.patch(&stream, json!({ "status": "enabled" })).await.must_be(200);
    scene.person("carl@shop.example").await;
    scene.tenant.post(&format!("{stream}/redeliver"), json!({})).await.must_be(202);
    scene.deliver().await;
    assert_eq!(scene.kinds("/in"), kinds(&[("created", "ann"), ("created", "bob"), ("created", "carl")]));
}

#[tokio::test]
async fn a_stream_that_nothing_reaches_is_disabled() {
    let status = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(400));
    let said = status.clone();
    let scene = Scene::of(move |_| Reply::status(said.load(std::sync::atomic::Ordering::Relaxed))).await;
    let stream = scene.stream("/in", &["user.created"]).await;
    let body = json!({ "event_type": "user.created", "data": { "object": { "n": 1 } } });
    for _ in 0..500 {
        scene.tenant.post(&format!("{stream}/test"), body.clone()).await.must_be(202);
    }
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 500);
    assert_eq!(scene.tenant.get(&stream).await.must_be(200).str("status"), "disabled");
    scene.person("ann@shop.example").await;
    scene.tenant.patch(&stream, json!({ "status": "enabled" })).await.must_be(200);
    // Whoever enables it again is given as many, also where it fails in a way that may change.
    status.store(503, std::sync::atomic::Ordering::Relaxed);
    scene.person("bob@shop.example").await;
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 501);
    assert_eq!(scene.tenant.get(&stream).await.must_be(200).str("status"), "enabled");
}

#[tokio::test]
async fn an_event_that_is_tried_says_so() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let stream = scene.stream("/in", &[]).await;
    let tried = scene
        .tenant
        .post(&format!("{stream}/test"), json!({ "event_type": "user.deleted" }))
        .await
        .must_be(202);
    assert_eq!(
        (tried.str("status"), tried.str("event_type"), &tried["attempts"]),
        ("pending", "user.deleted", &json!([]))
    );
    assert_eq!((&tried["event"]["a0purpose"], &tried["event"]["id"]), (&json!("test"), &tried["id"]));
    let mine = json!({ "object": { "id": 7 } });
    for kind in model::EventType::ALL {
        let body = json!({ "event_type": kind.name(), "data": mine });
        scene.tenant.post(&format!("{stream}/test"), body).await.must_be(202);
        let sample = scene.tenant.post(&format!("{stream}/test"), json!({ "event_type": kind.name() })).await;
        assert!(sample.must_be(202)["event"]["data"]["object"].is_object());
    }
    scene.deliver().await;
    let told = scene.told("/in");
    assert_eq!(told.len(), 51);
    assert_eq!(told.iter().filter(|event| event["data"] == mine).count(), 25);
}

#[tokio::test]
async fn a_webhook_that_dawdles_holds_up_no_other() {
    let scene = Scene::of(|asked| match asked.path.as_str() {
        "/slow" => Reply::status(200).after(120_000),
        _ => Reply::status(200),
    })
    .await;
    scene.stream("/slow", &["user.created"]).await;
    scene.stream("/fast", &["user.created"]).await;
    for n in 0..3 {
        scene.person(&format!("p{n}@shop.example")).await;
    }
    let tenants = scene.tenant.server().tenants().clone();
    let delivering = tokio::spawn(async move { deliver_due(&tenants).await });
    for _ in 0..6_000 {
        if scene.told("/fast").len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!((scene.told("/fast").len(), scene.told("/slow").len()), (3, 1));
    // Nobody else sends what one node has in hand.
    assert_eq!(deliver_due(scene.tenant.server().tenants()).await.unwrap(), 0);
    delivering.abort();
}

#[tokio::test]
async fn a_node_that_dies_is_followed_by_another() {
    let is_first = std::sync::atomic::AtomicBool::new(true);
    let scene = Scene::of(move |_| match is_first.swap(false, std::sync::atomic::Ordering::Relaxed) {
        true => Reply::status(200).after(120_000),
        false => Reply::status(200),
    })
    .await;
    let stream = scene.stream("/in", &["user.created"]).await;
    scene.person("ann@shop.example").await;
    let tenants = scene.tenant.server().tenants().clone();
    let mut messenger = idp::event_streams::Messenger::default();
    assert_eq!(messenger.look(&tenants).await.unwrap(), 1);
    for _ in 0..6_000 {
        if scene.webhook.asked() == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(scene.webhook.asked(), 1);
    // Dropped in the middle of a post: nothing was acknowledged.
    drop(messenger);
    assert_eq!(deliver_due(&tenants).await.unwrap(), 0);
    scene.tenant.later(15_001);
    scene.deliver().await;
    let told = scene.told("/in");
    assert_eq!((told.len(), &told[0]["id"]), (2, &told[1]["id"]));
    assert!(scene.failed(&stream).await.is_empty());
    scene.deliver().await;
    assert_eq!(scene.told("/in").len(), 2);
}

#[tokio::test]
async fn a_node_that_has_not_heard_of_a_stream_keeps_its_events() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let other = scene.tenant.server().another_node().await;
    drop(other.tenants().clone().reaching(scene.webhook.outbound()));
    let stream = scene.stream("/in", &["user.created"]).await;
    scene.person("ann@shop.example").await;
    // It takes the line in hand, and does not know where that leads.
    assert_eq!(deliver_due(other.tenants()).await.unwrap(), 1);
    assert_eq!(scene.webhook.asked(), 0);
    other.tenants().refresh().await.unwrap();
    person(&other.tenant("default"), "bob@shop.example").await;
    scene.tenant.later(1_001);
    scene.deliver().await;
    let expected = [("created", "ann"), ("created", "bob")];
    assert_eq!(scene.kinds("/in"), kinds(&expected));
    assert!(scene.failed(&stream).await.is_empty());
}

#[tokio::test]
async fn an_address_inside_is_not_reached_and_no_redirect_followed() {
    let scene = Scene::of(|asked| match asked.path.as_str() {
        "/in" => Reply::status(307).with("location: /elsewhere"),
        _ => Reply::status(200),
    })
    .await;
    let stream = scene.stream("/in", &["user.created"]).await;
    scene.person("ann@shop.example").await;
    scene.deliver().await;
    assert!(scene.webhook.requests().iter().all(|asked| asked.path == "/in"));
    drop(scene.tenant.server().tenants().clone().reaching(Outbound::default()));
    let before = scene.webhook.asked();
    for wait in [1_000, 2_000, 4_000] {
        scene.tenant.later(wait);
        scene.deliver().await;
    }
    assert_eq!(scene.webhook.asked(), before);
    let failed = scene.failed(&stream).await;
    assert!(failed[0]["attempts"][3]["error_message"].as_str().unwrap().contains("not public"), "{failed:?}");
}

#[tokio::test]
async fn what_is_gone_is_told_nothing_and_leaves_nothing() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let stream = scene.stream("/in", &PEOPLE).await;
    scene.person("ann@shop.example").await;
    scene.tenant.delete(&stream).await.must_be(204);
    scene.person("bob@shop.example").await;
    scene.deliver().await;
    assert_eq!(scene.webhook.asked(), 0);
    let id = stream.rsplit('/').next().unwrap();
    let deliveries = scene.tenant.store().event_deliveries();
    let all = deliveries.failed(("default", id), &store::FailedEvents::default(), None, 10).await.unwrap();
    assert_eq!((all.0, deliveries.counts("default", id, 0).await.unwrap()), (vec![], vec![]));
}

#[tokio::test]
async fn what_did_not_arrive_is_forgotten_in_the_end() {
    let scene = Scene::of(|_| Reply::status(404)).await;
    let stream = scene.stream("/in", &["user.created"]).await;
    scene.person("ann@shop.example").await;
    scene.deliver().await;
    let tenants = scene.tenant.server().tenants();
    idp::event_streams::sweep(tenants).await.unwrap();
    assert_eq!(scene.failed(&stream).await.len(), 1);
    scene.tenant.later(idp::event_streams::KEPT + 1);
    idp::event_streams::sweep(tenants).await.unwrap();
    // The token has expired meanwhile.
    let id = stream.rsplit('/').next().unwrap();
    let all = scene.tenant.store().event_deliveries();
    let all = all.failed(("default", id), &store::FailedEvents::default(), None, 10).await.unwrap();
    assert!(all.0.is_empty());
}
