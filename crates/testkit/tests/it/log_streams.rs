//! Log events on their way to services that answer, refuse, dawdle or die.

mod outages;

use std::{sync::Arc, time::Duration};

use idp::log_streams::Deliveries;
use outbound::{
    Outbound,
    scratch::{Asked, Reply, ScratchServer},
};
use serde_json::{Value, json};
use testkit::{TestServer, TestTenant};
use tokio::task::JoinHandle;

const PATH: &str = "/api/v2/log-streams";
const DAY: i64 = 24 * 3_600_000;

/// A tenant whose server reaches a service of ours.
struct Scene {
    tenant: TestTenant,
    service: ScratchServer,
    deliveries: JoinHandle<()>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.deliveries.abort();
    }
}

/// Delivers on a node until it is aborted.
pub fn delivering(server: &TestServer) -> JoinHandle<()> {
    let deliveries = Deliveries::new(server.tenants().clone());
    tokio::spawn(async move { deliveries.run().await })
}

impl Scene {
    async fn of(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Scene {
        let tenant = TestTenant::new().await;
        let service = ScratchServer::start_reading(answer).await;
        drop(tenant.server().tenants().clone().reaching(service.outbound()));
        let deliveries = delivering(tenant.server());
        Scene { tenant, service, deliveries }
    }

    /// Makes a stream to a path of the service; answers its identifier.
    async fn stream(&self, path: &str, more: Value) -> String {
        let mut body = json!({ "type": "http", "sink": { "httpEndpoint": self.service.url(path) } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.tenant.post(PATH, body).await.must_be(200).str("id").to_owned()
    }

    /// Causes so many events, each a `sapi` that names what was made.
    async fn cause(&self, count: usize) -> Vec<String> {
        cause(&self.tenant, "c", count).await
    }

    /// The names that the service was told on a path, in their order, once there are so many.
    async fn told(&self, path: &str, count: usize) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..6000 {
            told =
                self.service.requests().iter().filter(|asked| asked.path == path).flat_map(names).collect();
            if told.len() >= count {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("only {} of {count} arrived: {told:?}", told.len());
    }

    async fn health(&self, id: &str) -> Value {
        self.tenant.get(&format!("/api/x/log-streams/{id}/health")).await.must_be(200).body
    }

    /// Waits until the service was asked so often.
    async fn until_asked(&self, count: usize) {
        for _ in 0..6000 {
            if self.service.asked() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("only asked {} times, not {count}", self.service.asked());
    }

    /// Waits until the service is asked nothing for a while, which is longer where the machine is slow.
    async fn until_quiet(&self) {
        let (mut asked, mut turns) = (self.service.asked(), 0);
        while turns < 100 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let before = std::mem::replace(&mut asked, self.service.asked());
            turns = if asked == before { turns + 1 } else { 0 };
        }
    }

    /// The health once it is as it should be.
    async fn health_when(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..6000 {
            let health = self.health(id).await;
            if is_so(&health) {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never so: {}", self.health(id).await);
    }
}

/// Causes so many events on a node.
pub async fn cause(tenant: &TestTenant, prefix: &str, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    for n in 0..count {
        let name = format!("{prefix}{n}");
        let api = json!({ "name": name, "identifier": format!("urn:{name}:{}", unlike_any()) });
        tenant.post("/api/v2/resource-servers", api).await.must_be(201);
        names.push(name);
    }
    names
}

/// A number that no other call answers.
fn unlike_any() -> usize {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// The events of a post, whether they stand in lines or in an array.
fn events(asked: &Asked) -> Vec<Value> {
    let body = asked.body.as_deref().unwrap_or_default();
    match serde_json::from_str(body) {
        Ok(Value::Array(events)) => events,
        _ => body.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    }
}

/// The names of the things that the events of a post are about.
fn names(asked: &Asked) -> Vec<String> {
    let name =
        |event: &Value| event["data"]["details"]["request"]["body"]["name"].as_str().map(str::to_owned);
    events(asked).iter().filter_map(name).collect()
}

#[tokio::test]
async fn events_arrive_once_in_their_order_and_are_acknowledged() {
    let scene = Scene::of(|_| Reply::status(204)).await;
    let sink = json!({ "httpEndpoint": scene.service.url("/in"), "httpContentFormat": "JSONARRAY",
        "httpContentType": "application/json; charset=utf-8", "httpAuthorization": "Bearer 1",
        "httpCustomHeaders": [{ "header": "x-team", "value": "a" }] });
    let id = scene.stream("/in", json!({ "sink": sink })).await;
    let caused = scene.cause(30).await;
    assert_eq!(scene.told("/in", 30).await, caused);

    let asked = scene.service.requests().pop().unwrap();
    let head = asked.head.to_ascii_lowercase();
    for line in ["authorization: bearer 1", "x-team: a", "content-type: application/json; charset=utf-8"] {
        assert!(head.contains(&format!("{line}\r\n")), "{line} {head}");
    }
    // The stream's own creation is the first event; that it was asked after is none.
    let health = scene.health_when(&id, |health| health["waiting"] == 0).await;
    assert_eq!((&health["delivered"], &health["failing_since"]), (&json!(31), &Value::Null));
    assert_eq!(health["problems"], json!([]));
    assert!(health["last_success_at"].is_string());
    let event = &events(&asked)[0];
    let read = scene.tenant.get(&format!("/api/v2/logs/{}", event["log_id"].as_str().unwrap())).await;
    assert_eq!(read.must_be(200).body, event["data"]);
    let all = scene.tenant.get("/api/x/log-streams/health").await.must_be(200);
    assert_eq!(all["log_streams"][0]["id"], json!(id));
}

#[tokio::test]
async fn a_service_that_dawdles_holds_up_nobody_else() {
    let scene = Scene::of(|asked| match asked.path.as_str() {
        "/slow" => Reply::status(200).after(120_000),
        _ => Reply::status(200),
    })
    .await;
    scene.stream("/slow", json!({})).await;
    scene.stream("/fast", json!({})).await;
    let began = std::time::Instant::now();
    let caused = scene.cause(5).await;
    assert_eq!(scene.told("/fast", 5).await, caused);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_halted_sends_nothing_and_goes_on_where_it_was() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let id = scene.stream("/in", json!({})).await;
    let one = format!("{PATH}/{id}");
    let mut caused = scene.cause(3).await;
    scene.told("/in", 3).await;
    scene.tenant.patch(&one, json!({ "status": "paused" })).await.must_be(200);
    scene.tenant.flush_logs().await;
    // What was under way arrives still; that it is paused does not.
    scene.health_when(&id, |health| health["waiting"] == 1).await;
    let before = scene.service.asked();
    caused.extend(cause(&scene.tenant, "later", 4).await);
    scene.tenant.flush_logs().await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(scene.service.asked(), before);
    assert_eq!(scene.health(&id).await["waiting"], 5);

    scene.tenant.patch(&one, json!({ "status": "active" })).await.must_be(200);
    assert_eq!(scene.told("/in", 7).await, caused);
    scene.tenant.flush_logs().await;
    scene.health_when(&id, |health| health["waiting"] == 0).await;
    scene.tenant.delete(&one).await.must_be(204);
    scene.until_quiet().await;
    let before = scene.service.asked();
    scene.cause(2).await;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(scene.service.asked(), before);
}

#[tokio::test]
async fn what_is_halted_and_taken_up_again_while_a_post_is_under_way_is_sent_by_one() {
    let scene = Scene::of(|asked| match names(asked).iter().any(|name| name.starts_with("slow")) {
        true => Reply::status(200).after(3000),
        false => Reply::status(200),
    })
    .await;
    let id = scene.stream("/in", json!({})).await;
    cause(&scene.tenant, "slow", 1).await;
    scene.told("/in", 1).await;
    let one = format!("{PATH}/{id}");
    for status in ["paused", "active"] {
        scene.tenant.patch(&one, json!({ "status": status })).await.must_be(200);
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    // The service answers both posts, the one that was under way and its repetition.
    scene.health_when(&id, |health| health["waiting"] == 0).await;
    scene.until_quiet().await;
    for n in 0..5 {
        let before = scene.told("/in", 1).await.len();
        let caused = cause(&scene.tenant, &format!("later{n}-"), 1).await;
        scene.tenant.flush_logs().await;
        scene.health_when(&id, |health| health["waiting"] == 0).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(scene.told("/in", 1).await[before..], caused);
    }
}

#[tokio::test]
async fn filters_let_through_what_they_name() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    let filter = |name: &str| json!({ "filters": [{ "type": "category", "name": name }] });
    scene.stream("/management", filter("management.success")).await;
    let tokens = scene.stream("/tokens", filter("auth.token_exchange.success")).await;
    scene.stream("/security", json!({ "isPriority": true })).await;
    let m2m = scene.tenant.client_of_an_api().await;
    scene.tenant.post("/oauth/token", m2m.asks_for("https://api.example")).await.must_be(200);
    scene.tenant.flush_logs().await;
    // What is passed over is not waited for.
    scene.health_when(&tokens, |health| health["waiting"] == 0 && health["delivered"] == 1).await;
    scene.told("/management", 2).await;
    let of = |path: &str| -> Vec<Value> {
        scene.service.requests().iter().filter(|asked| asked.path == path).flat_map(events).collect()
    };
    assert_eq!(of("/tokens").iter().map(|event| &event["data"]["type"]).collect::<Vec<_>>(), ["seccft"]);
    assert!(of("/management").iter().all(|event| event["data"]["type"] == "sapi"));
    assert!(of("/security").is_empty());
}

#[tokio::test]
async fn what_is_said_of_people_is_veiled() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    scene.stream("/plain", json!({})).await;
    scene
        .stream(
            "/masked",
            json!({ "pii_config": { "log_fields": ["email", "first_name"], "method": "mask" } }),
        )
        .await;
    scene.stream("/hashed", json!({ "pii_config": { "log_fields": ["email", "first_name"] } })).await;
    let body = json!({ "connection": "Username-Password-Authentication", "email": "ann@shop.example",
        "given_name": "Annabel", "password": "Correct-Horse-7-Battery" });
    scene.tenant.post("/api/v2/users", body).await.must_be(201);
    let text = async |path: &str| {
        for _ in 0..6000 {
            let sent = scene.service.requests().into_iter().filter(|asked| asked.path == path);
            let sent: String = sent.filter_map(|asked| asked.body).collect();
            if sent.contains("Create a User") {
                return sent;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing came to {path}");
    };
    let (plain, masked, hashed) = (text("/plain").await, text("/masked").await, text("/hashed").await);
    assert!(plain.contains("\"ann@shop.example\"") && plain.contains("\"Annabel\""));
    for veiled in [&masked, &hashed] {
        assert!(!veiled.contains("\"email\":\"ann@shop.example\"") && !veiled.contains("Annabel"));
    }
    assert!(masked.contains("\"email\":\"*****\""));
    let digest = |name: &str| hashed.split(&format!("\"{name}\":\"")).nth(1).unwrap()[..16].to_owned();
    assert!(digest("email").bytes().all(|b| b.is_ascii_hexdigit()));
}

#[tokio::test]
async fn a_stream_may_begin_in_the_past() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    cause(&scene.tenant, "before", 2).await;
    scene.tenant.later(60_000);
    let from = scene.tenant.clock().iso();
    let caused = cause(&scene.tenant, "after", 3).await;
    scene.tenant.flush_logs().await;
    scene.tenant.later(60_000);
    scene.stream("/in", json!({ "startFrom": from })).await;
    assert_eq!(scene.told("/in", 3).await, caused);
}

#[tokio::test]
async fn a_service_that_finds_it_too_much_gets_less() {
    let scene = Scene::of(|asked| match events(asked).len() {
        0..=2 => Reply::status(200),
        _ => Reply::status(413),
    })
    .await;
    let id = scene.stream("/in", json!({})).await;
    scene.tenant.patch(&format!("{PATH}/{id}"), json!({ "status": "paused" })).await.must_be(200);
    let caused = scene.cause(9).await;
    scene.tenant.flush_logs().await;
    scene.tenant.patch(&format!("{PATH}/{id}"), json!({ "status": "active" })).await.must_be(200);
    scene.health_when(&id, |health| health["waiting"] == 0).await;
    let taken = scene.service.requests().into_iter().filter(|asked| events(asked).len() <= 2);
    assert_eq!(taken.flat_map(|asked| names(&asked)).collect::<Vec<_>>(), caused);
}

#[tokio::test]
async fn an_address_inside_is_not_reached() {
    let scene = Scene::of(|_| Reply::status(200)).await;
    drop(scene.tenant.server().tenants().clone().reaching(Outbound::default()));
    let id = scene.stream("/in", json!({})).await;
    scene.cause(1).await;
    let health = scene.health_when(&id, |health| !health["failing_since"].is_null()).await;
    let problem = health["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("not public") && problem.contains("outbound_allow"), "{problem}");
    assert_eq!((scene.service.asked(), &health["delivered"]), (0, &json!(0)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let scene = Scene::of(|asked| match asked.path.as_str() {
        "/in" => Reply::status(307).with("location: /elsewhere"),
        _ => Reply::status(200),
    })
    .await;
    let id = scene.stream("/in", json!({})).await;
    scene.health_when(&id, |health| !health["failing_since"].is_null()).await;
    assert!(scene.service.requests().iter().all(|asked| asked.path == "/in"));
}

#[tokio::test]
async fn a_stream_that_fails_for_a_week_is_suspended_and_can_be_taken_up_again() {
    let heals = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let healed = heals.clone();
    let scene = Scene::of(move |_| match healed.load(std::sync::atomic::Ordering::Relaxed) {
        true => Reply::status(200),
        false => Reply::status(500),
    })
    .await;
    let id = scene.stream("/in", json!({})).await;
    let one = format!("{PATH}/{id}");
    let caused = scene.cause(2).await;
    let health = scene.health_when(&id, |health| !health["failing_since"].is_null()).await;
    assert!(health["problems"][0]["problem"].as_str().unwrap().contains("status 500"));
    // Each of the first three tries is followed by another; then there is a pause.
    scene.tenant.later(7 * DAY);
    let suspended = scene.health_when(&id, |health| health["status"] == "suspended").await;
    assert!(suspended["waiting"].as_i64().unwrap() >= 2);
    assert_eq!(scene.tenant.get(&one).await.must_be(200)["status"], "suspended");
    let asked = scene.service.asked();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(scene.service.asked(), asked);

    // Whoever takes it up again has a week more.
    scene.tenant.later(DAY);
    scene.tenant.patch(&one, json!({ "status": "active" })).await.must_be(200);
    // The fourth comes once the first three have been judged.
    scene.until_asked(asked + 4).await;
    assert_eq!(scene.tenant.get(&one).await.must_be(200)["status"], "active");
    heals.store(true, std::sync::atomic::Ordering::Relaxed);
    let healthy = scene.health_when(&id, |health| health["waiting"] == 0).await;
    assert_eq!(healthy["failing_since"], Value::Null);
    let told = scene.told("/in", 2).await;
    assert!(told.ends_with(&caused), "{told:?}");
}
