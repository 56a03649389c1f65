//! Log events and events on their way to buses of clouds, which are stood in for by servers that look at them as closely.

mod bus;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use idp::{
    clouds::{Clouds, EventBridge, EventGrid},
    event_streams::deliver_due,
    user,
};
use outbound::{
    aws::Credentials,
    scratch::{Asked, Reply, ScratchServer},
};
use serde_json::{Value, json};
use testkit::TestTenant;
use tokio::task::JoinHandle;

use self::bus::{ACCOUNT, Entry, REGION, SECRET, entries, event_bridge, refusal};
use crate::log_streams::{cause, delivering};

const LOGS: &str = "/api/v2/log-streams";
const EVENTS: &str = "/api/v2/event-streams";
const WRONG_KEY: &str = "access key is wrong";

/// A tenant whose server reaches a service, and delivers.
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

impl Scene {
    async fn of(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Scene {
        let tenant = TestTenant::new().await;
        let service = ScratchServer::start_reading(answer).await;
        drop(tenant.server().tenants().clone().reaching(service.outbound()));
        let deliveries = delivering(tenant.server());
        Scene { tenant, service, deliveries }
    }

    /// Lets the server in at the service, with this secret at EventBridge.
    fn configure(&self, secret: &str) {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: secret.to_owned().into(),
            session_token: None,
        };
        let endpoint = Some(self.service.url("/"));
        let event_bridge = Some(EventBridge {
            credentials,
            accounts: vec![ACCOUNT.to_owned()],
            bus: "auth".into(),
            endpoint,
        });
        let key = "a-key-of-the-topic".to_owned().into();
        let event_grid =
            Some(EventGrid { endpoint: self.service.url("/api/events?api-version=2018-01-01"), key });
        drop(self.tenant.server().tenants().clone().with_clouds(Clouds { event_bridge, event_grid }));
    }

    async fn log_stream(&self, kind: &str) -> Value {
        let sink = match kind {
            "eventbridge" => json!({ "awsAccountId": ACCOUNT, "awsRegion": REGION }),
            _ => json!({ "azureSubscriptionId": "b69a6835-57c7-4d53-b0d5-1c6ae580b6d5",
                "azureRegion": "northeurope", "azureResourceGroup": "rg" }),
        };
        self.tenant.post(LOGS, json!({ "type": kind, "sink": sink })).await.must_be(200).body
    }

    async fn event_stream(&self) -> Value {
        let configuration = json!({ "aws_account_id": ACCOUNT, "aws_region": REGION });
        let body = json!({ "subscriptions": [{ "event_type": "user.created" }],
            "destination": { "type": "eventbridge", "configuration": configuration } });
        self.tenant.post(EVENTS, body).await.must_be(201).body
    }

    /// Causes so many log events, each of which names what was made; answers the names.
    async fn cause(&self, count: usize) -> Vec<String> {
        let names = cause(&self.tenant, "c", count).await;
        self.tenant.flush_logs().await;
        names
    }

    /// The health of a log stream once it is as it should be.
    async fn health_when(&self, stream: &Value, is_so: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/x/log-streams/{}/health", stream["id"].as_str().unwrap());
        let mut health = Value::Null;
        for _ in 0..6000 {
            health = self.tenant.get(&path).await.must_be(200).body;
            if is_so(&health) {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never so: {health}");
    }

    async fn all_arrived(&self, stream: &Value) -> Value {
        self.health_when(stream, |health| health["waiting"] == 0).await
    }

    /// Makes a person, of whom events tell, and sends what is due.
    async fn person(&self, email: &str) {
        let body =
            json!({ "connection": user::CONNECTION, "email": email, "password": "Correct-Horse-7-Battery" });
        self.tenant.post("/api/v2/users", body).await.must_be(201);
        self.deliver().await;
    }

    async fn deliver(&self) {
        while deliver_due(self.tenant.server().tenants()).await.unwrap() > 0 {}
    }

    async fn failed(&self, stream: &Value) -> Vec<Value> {
        let path = format!("{EVENTS}/{}/deliveries", stream["id"].as_str().unwrap());
        self.tenant.get(&path).await.must_be(200)["deliveries"].as_array().unwrap().clone()
    }
}

/// The name of the thing that a log event is about; empty, if it is about something else.
fn name(data: &Value) -> String {
    data["details"]["request"]["body"]["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn log_events_are_put_on_the_bus_in_their_order() {
    let (judge, taken) = bus::keeping(|_| None);
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let stream = scene.log_stream("eventbridge").await;
    let caused = scene.cause(25).await;
    let health = scene.all_arrived(&stream).await;
    assert_eq!((&health["is_delivered"], &health["delivered"]), (&json!(true), &json!(26)));
    assert_eq!((&health["problems"], &health["failing_since"]), (&json!([]), &Value::Null));
    let taken: Vec<Entry> = taken.lock().unwrap().clone();
    let names: Vec<String> = taken.iter().map(|entry| name(&entry.detail["data"])).collect();
    assert_eq!(names[1..], caused);
    let partner = stream["sink"]["awsPartnerEventSource"].as_str().unwrap();
    for entry in &taken {
        assert_eq!(format!("aws.partner/{}", entry.source), partner);
        assert_eq!(entry.kind, "Auth0 log");
        assert_eq!(entry.bus, format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/auth"));
    }
    let last = &taken.last().unwrap().detail;
    let read = scene.tenant.get(&format!("/api/v2/logs/{}", last["log_id"].as_str().unwrap())).await;
    assert_eq!(read.must_be(200).body, last["data"]);
}

#[tokio::test]
async fn of_a_request_that_was_partly_taken_only_the_rest_is_sent_again() {
    let refused = AtomicUsize::new(0);
    // More often than one turn tries, so that it is remembered beyond that.
    let (judge, taken) = bus::keeping(move |entry| match name(&entry.detail["data"]).as_str() {
        "c3" | "c5" if refused.fetch_add(1, Ordering::Relaxed) < 10 => Some("ThrottlingException"),
        _ => None,
    });
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let stream = scene.log_stream("eventbridge").await;
    scene.all_arrived(&stream).await;
    let one = format!("{LOGS}/{}", stream["id"].as_str().unwrap());
    scene.tenant.patch(&one, json!({ "status": "paused" })).await.must_be(200);
    let caused = scene.cause(30).await;
    scene.tenant.patch(&one, json!({ "status": "active" })).await.must_be(200);
    scene.tenant.flush_logs().await;
    let health = scene.all_arrived(&stream).await;
    let problem = health["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("ThrottlingException"), "{problem}");
    assert_eq!(health["failing_since"], Value::Null);

    let taken = taken.lock().unwrap();
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for entry in taken.iter() {
        *ids.entry(entry.detail["log_id"].as_str().unwrap()).or_default() += 1;
    }
    assert!(ids.values().all(|count| *count == 1), "{ids:?}");
    assert_eq!(health["delivered"], json!(ids.len()));
    let mut names: Vec<String> = taken.iter().map(|entry| name(&entry.detail["data"])).collect();
    names.retain(|name| caused.contains(name));
    // Nothing but what shared a request with those two went ahead of them.
    let place = |wanted: &str| names.iter().position(|name| name == wanted).unwrap();
    assert!(
        place("c4") < place("c3") && place("c3") < place("c16") && place("c5") < place("c16"),
        "{names:?}"
    );
    names.retain(|name| name != "c3" && name != "c5");
    let mut others = caused.clone();
    others.retain(|name| name != "c3" && name != "c5");
    assert_eq!(names, others);
}

#[tokio::test]
async fn why_a_bus_takes_nothing_is_told_without_what_it_said() {
    let refused = |status, kind: &'static str| move |_: &Asked| refusal(status, kind);
    type Answer = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;
    let cases: Vec<(Answer, &str)> = vec![
        (Box::new(refused(400, "AccessDeniedException")), "events:PutEvents"),
        (Box::new(refused(400, "com.amazon.coral.service#ThrottlingException")), "busy (status 400)"),
        (Box::new(refused(400, "ExpiredTokenException")), "has expired"),
        (Box::new(refused(500, "InternalException")), "busy (status 500)"),
        (Box::new(refused(403, "SomethingElse")), "status 403"),
        (Box::new(|_| Reply::status(200)), "does not say"),
        (
            Box::new(|_| Reply::json(json!({ "FailedEntryCount": 0, "Entries": [] }).to_string())),
            "does not say",
        ),
        (Box::new(|_| Reply::status(302).with("location: https://elsewhere.example/")), "cannot be reached"),
        (Box::new(event_bridge(|_: &Entry| None)), WRONG_KEY),
    ];
    for (answer, words) in cases {
        let scene = Scene::of(answer).await;
        scene.configure(if words == WRONG_KEY { "another secret" } else { SECRET });
        let stream = scene.log_stream("eventbridge").await;
        let health = scene.health_when(&stream, |health| !health["failing_since"].is_null()).await;
        let problem = health["problems"][0]["problem"].as_str().unwrap();
        assert!(problem.contains(words) && !problem.contains("secret"), "{words}: {problem}");
        assert_eq!((&health["delivered"], &health["is_delivered"]), (&json!(0), &json!(true)), "{words}");
    }
}

#[tokio::test]
async fn what_was_refused_arrives_once_the_bus_takes_it() {
    let heals = Arc::new(AtomicBool::new(false));
    let (judge, taken) = bus::keeping(|_| None);
    let (healed, takes) = (heals.clone(), event_bridge(judge));
    let scene = Scene::of(move |asked| match healed.load(Ordering::Relaxed) {
        true => takes(asked),
        false => refusal(400, "ThrottlingException"),
    })
    .await;
    scene.configure(SECRET);
    let stream = scene.log_stream("eventbridge").await;
    let caused = scene.cause(3).await;
    scene.health_when(&stream, |health| !health["failing_since"].is_null()).await;
    heals.store(true, Ordering::Relaxed);
    assert_eq!(scene.all_arrived(&stream).await["failing_since"], Value::Null);
    let names: Vec<String> = taken.lock().unwrap().iter().map(|entry| name(&entry.detail["data"])).collect();
    assert_eq!(names[1..], caused);
}

#[tokio::test]
async fn a_bus_that_finds_it_too_much_gets_less() {
    let (judge, taken) = bus::keeping(|_| None);
    let takes = event_bridge(judge);
    let scene = Scene::of(move |asked| match entries(asked).len() {
        0..=2 => takes(asked),
        _ => refusal(400, "ValidationException"),
    })
    .await;
    scene.configure(SECRET);
    let stream = scene.log_stream("eventbridge").await;
    let one = format!("{LOGS}/{}", stream["id"].as_str().unwrap());
    scene.tenant.patch(&one, json!({ "status": "paused" })).await.must_be(200);
    let caused = scene.cause(9).await;
    scene.tenant.patch(&one, json!({ "status": "active" })).await.must_be(200);
    scene.tenant.flush_logs().await;
    scene.all_arrived(&stream).await;
    let mut names: Vec<String> =
        taken.lock().unwrap().iter().map(|entry| name(&entry.detail["data"])).collect();
    names.retain(|name| !name.is_empty());
    assert_eq!(names, caused);
    // From the first request that was too much: less, and then a little more each time.
    let requests = scene.service.requests();
    let sizes: Vec<usize> =
        requests.iter().map(|asked| entries(asked).len()).skip_while(|size| *size <= 2).collect();
    assert!(sizes.windows(2).any(|two| two[1] > two[0]), "{sizes:?}");
}

#[tokio::test]
async fn without_access_nothing_is_sent_and_the_settings_that_are_missing_are_named() {
    let (judge, taken) = bus::keeping(|_| None);
    let scene = Scene::of(event_bridge(judge)).await;
    let (bridge, grid) = (scene.log_stream("eventbridge").await, scene.log_stream("eventgrid").await);
    let events = scene.event_stream().await;
    scene.cause(2).await;
    scene.person("ann@shop.example").await;
    for (stream, names) in [
        (&bridge, ["eventbridge_access_key_id", "eventbridge_secret_access_key"]),
        (&grid, ["eventgrid_endpoint", "eventgrid_key"]),
    ] {
        let health = scene.health_when(stream, |_| true).await;
        assert_eq!((&health["is_delivered"], &health["waiting"]), (&json!(false), &json!(0)));
        let problem = health["problems"][0]["problem"].as_str().unwrap();
        assert!(names.iter().all(|name| problem.contains(name)), "{problem}");
    }
    let test = format!("{EVENTS}/{}/test", events["id"].as_str().unwrap());
    let tried = scene.tenant.post(&test, json!({ "event_type": "user.created" })).await.must_be(202);
    let problem = tried["attempts"][0]["error_message"].as_str().unwrap();
    assert!(problem.contains("eventbridge_access_key_id"), "{problem}");
    assert_eq!(scene.service.asked(), 0);

    // Once it is let in, streams that are there begin with what happens next.
    scene.configure(SECRET);
    scene.health_when(&bridge, |health| health["is_delivered"] == true).await;
    for n in 0..6000 {
        scene.tenant.post("/api/v2/roles", json!({ "name": format!("r{n}") })).await.must_be(200);
        scene.tenant.flush_logs().await;
        if taken.lock().unwrap().iter().any(|entry| entry.kind == "Auth0 log") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing came");
}

#[tokio::test]
async fn log_events_are_posted_to_the_topic() {
    let is_tired = Arc::new(AtomicBool::new(true));
    let tired = is_tired.clone();
    let scene = Scene::of(move |asked| {
        let head = asked.head.to_ascii_lowercase();
        let events: Vec<Value> = serde_json::from_str(asked.body.as_deref().unwrap()).unwrap();
        match asked.path.as_str() {
            _ if !head.contains("aeg-sas-key: a-key-of-the-topic\r\n") => Reply::status(401),
            _ if tired.load(Ordering::Relaxed) => Reply::status(429),
            "/api/events?api-version=2018-01-01" if events.len() <= 4 => Reply::status(200),
            "/api/events?api-version=2018-01-01" => Reply::status(413),
            _ => Reply::status(404),
        }
    })
    .await;
    scene.configure(SECRET);
    let stream = scene.log_stream("eventgrid").await;
    let caused = scene.cause(9).await;
    let health = scene.health_when(&stream, |health| !health["failing_since"].is_null()).await;
    assert!(health["problems"][0]["problem"].as_str().unwrap().contains("status 429"), "{health}");
    let before = scene.service.asked();
    is_tired.store(false, Ordering::Relaxed);
    let health = scene.all_arrived(&stream).await;
    assert_eq!((&health["is_delivered"], &health["failing_since"]), (&json!(true), &Value::Null));
    let posts = scene.service.requests()[before..].to_vec();
    let posts =
        posts.iter().map(|asked| serde_json::from_str::<Vec<Value>>(asked.body.as_deref().unwrap()).unwrap());
    let events: Vec<Value> = posts.filter(|events| events.len() <= 4).flatten().collect();
    let mut names: Vec<String> = events.iter().map(|event| name(&event["data"])).collect();
    names.retain(|name| caused.contains(name));
    assert!(names.ends_with(&caused), "{names:?}");
    let event = events.last().unwrap();
    assert_eq!(event["id"], event["data"]["log_id"]);
    assert_eq!((&event["eventType"], &event["dataVersion"]), (&json!("com.auth0.Log"), &json!("1.0")));
    assert_eq!(event["subject"], stream["sink"]["azurePartnerTopic"]);
    assert_eq!(event["eventTime"], event["data"]["date"]);
    assert_eq!(event.as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn events_about_people_are_put_on_the_bus() {
    let (judge, taken) = bus::keeping(|_| None);
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let stream = scene.event_stream().await;
    scene.person("ann@shop.example").await;
    let taken = taken.lock().unwrap().clone();
    let [entry] = &taken[..] else { panic!("{taken:?}") };
    let partner = &stream["destination"]["configuration"]["aws_partner_event_source"];
    assert_eq!(json!(format!("aws.partner/{}", entry.source)), *partner);
    assert_eq!((entry.kind.as_str(), &entry.detail["type"]), ("user.created", &json!("user.created")));
    assert_eq!(entry.bus, format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/auth"));
    assert_eq!(entry.detail["data"]["object"]["email"], "ann@shop.example");
    assert_eq!(entry.detail["a0stream"], stream["id"]);
    assert!(scene.failed(&stream).await.is_empty());
}

#[tokio::test]
async fn an_account_that_is_not_meant_gets_nothing() {
    let (judge, taken) = bus::keeping(|_| None);
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let sink = json!({ "awsAccountId": "210987654321", "awsRegion": REGION });
    let stream = scene.tenant.post(LOGS, json!({ "type": "eventbridge", "sink": sink })).await.must_be(200);
    let health = scene.health_when(&stream.body, |health| !health["failing_since"].is_null()).await;
    let problem = health["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("eventbridge_accounts") && taken.lock().unwrap().is_empty(), "{problem}");
}

#[tokio::test]
async fn a_node_without_access_leaves_events_to_those_that_have_it() {
    let (judge, taken) = bus::keeping(|_| None);
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let stream = scene.event_stream().await;
    let body =
        json!({ "connection": user::CONNECTION, "email": "ann@shop.example", "password": "Correct-Horse-7" });
    scene.tenant.post("/api/v2/users", body).await.must_be(201);
    drop(scene.tenant.server().tenants().clone().with_clouds(Clouds::default()));
    scene.deliver().await;
    assert_eq!((scene.failed(&stream).await, scene.service.asked()), (vec![], 0));
    scene.configure(SECRET);
    scene.tenant.later(1_000);
    scene.deliver().await;
    assert_eq!((scene.failed(&stream).await, taken.lock().unwrap().len()), (vec![], 1));
}

#[tokio::test]
async fn an_event_that_the_bus_does_not_take_is_tried_again_unless_it_never_will() {
    let code = Arc::new(Mutex::new("MalformedDetail"));
    let says = code.clone();
    let (judge, taken) = bus::keeping(move |_| Some(*says.lock().unwrap()).filter(|code| !code.is_empty()));
    let scene = Scene::of(event_bridge(judge)).await;
    scene.configure(SECRET);
    let stream = scene.event_stream().await;
    scene.person("ann@shop.example").await;
    let failed = scene.failed(&stream).await;
    let attempts = failed[0]["attempts"].as_array().unwrap();
    assert!(
        attempts.len() == 1 && attempts[0]["error_message"].as_str().unwrap().contains("MalformedDetail")
    );
    scene.tenant.later(10_000);
    scene.deliver().await;
    assert_eq!(scene.service.asked(), 1);

    *code.lock().unwrap() = "ThrottlingException";
    scene.person("bob@shop.example").await;
    assert_eq!((scene.service.asked(), scene.failed(&stream).await.len()), (2, 1));
    *code.lock().unwrap() = "";
    scene.tenant.later(1_000);
    scene.deliver().await;
    let taken = taken.lock().unwrap().clone();
    assert_eq!(
        taken.iter().map(|entry| &entry.detail["data"]["object"]["email"]).collect::<Vec<_>>(),
        ["bob@shop.example"]
    );
}
