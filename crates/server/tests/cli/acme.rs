//! Certificates that the server gets and renews by itself, from a directory in this process that validates what it is shown.

mod directory;
mod seen;
mod validate;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::Router;
use idp::{Clock, Tenants};
use reqwest::Certificate;
use server::acme::{Acme, AcmeChallenge, Settings};
use store::{Location, MasterKeys, Store, scratch::ScratchStore};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;
use web::{Certificates, Limits};

use self::directory::{Directory, Wrong};
use crate::server::{Place, Server};

const NAME: &str = "login.example.com";
const DAY_MS: i64 = 86_400_000;
const PATIENCE: Duration = Duration::from_secs(120);
const MASTER_KEY: &str = "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Waits until something is so.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// The binary, told to get certificates of this directory.
fn place(directory: &Directory, more: &str) -> Place {
    let place = Place::new();
    let (url, ca) = (directory.url("/directory"), directory.ca());
    let settings = format!(
        "domain = \"{NAME}\"\nmetrics_listen = \"127.0.0.1:0\"\nacme_terms_agreed = true\n\
         acme_contacts = [\"ops@example.com\"]\nacme_directory = \"{url}\"\nacme_ca = \"{}\"\n{more}\n",
        ca.display()
    );
    place.write("countersign.toml", &settings);
    place
}

/// Where the names lead from now on.
fn lead(directory: &Directory, server: &Server) {
    let [tls, http] = ["https", "http"].map(|listener| server.address(listener).parse().unwrap());
    directory.seen().leads = Some((tls, http));
}

/// Asks the server under a name, believing the directory's authority and nobody else.
async fn asked(directory: &Directory, server: &Server, name: &str) -> Result<u16, reqwest::Error> {
    let address: SocketAddr = server.address("https").parse().unwrap();
    let root = Certificate::from_pem(directory.root().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().resolve(name, address).tls_certs_only([root]);
    let url = format!("https://{name}:{}/health/live", address.port());
    Ok(client.build().unwrap().get(url).send().await?.status().as_u16())
}

/// Waits until the server answers under a name, with a certificate of the directory's.
async fn served(directory: &Directory, server: &Server, name: &str) {
    let started = Instant::now();
    loop {
        match asked(directory, server, name).await {
            Ok(status) => return assert_eq!(status, 200),
            Err(error) => {
                assert!(started.elapsed() < PATIENCE, "{error:?}\n{}", log(server.place()));
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn log(place: &Place) -> String {
    std::fs::read_to_string(place.path("server.log")).unwrap()
}

/// What the doctor says of certificates.
fn doctor(place: &Place) -> String {
    let told: serde_json::Value = serde_json::from_str(&place.run(&["doctor", "--json"]).out).unwrap();
    let checks = told["checks"].as_array().unwrap().iter();
    let of_kind = checks.filter(|check| check["check"] == "certificate");
    let lines = of_kind.map(|check| format!("{}: {}", check["state"], check["found"]));
    lines.collect::<Vec<_>>().join("\n")
}

/// The line of the server's log that has these words, once it is there.
async fn logged(place: &Place, words: &str) -> String {
    until(words, async || log(place).lines().find(|line| line.contains(words)).map(str::to_owned)).await
}

/// The server's metrics, once these words are among them.
async fn told(server: &Server, words: &str) -> String {
    let url = format!("http://{}/metrics", server.address("metrics"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    until(words, async || {
        let text = client.get(&url).send().await.unwrap().text().await.unwrap();
        text.contains(words).then_some(text)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_gets_its_certificate_and_keeps_it_over_a_restart() {
    let directory = Directory::start(Clock::System).await;
    directory.seen().wrong = Wrong::TwoNonces(2);
    let server = place(&directory, &format!("acme_domains = [\"{NAME}\"]")).serve(&[]);
    lead(&directory, &server);
    served(&directory, &server, NAME).await;
    // For this machine itself the local authority vouches, as before.
    let url =
        format!("https://localhost:{}/health/live", server.address("https").rsplit(':').next().unwrap());
    assert_eq!(server.client("localhost").get(url).send().await.unwrap().status(), 200);
    assert!(asked(&directory, &server, "localhost").await.is_err());
    for words in ["no certificate yet", "certificate received"] {
        logged(server.place(), words).await;
    }
    for line in [
        "countersign_acme_names{state=\"good\"} 1",
        "countersign_acme_names{state=\"missing\"} 0",
        "countersign_acme_names{state=\"failing\"} 0",
        "countersign_certificate_expires_timestamp_seconds{source=\"acme\"} ",
        "countersign_certificate_expires_timestamp_seconds{source=\"own\"} ",
    ] {
        let said = told(&server, line).await;
        assert!(!said.contains(NAME), "{said}");
    }
    let healthy = doctor(server.place());
    assert!(healthy.contains("\"ok\": \"login.example.com: it is good for 89 days"), "{healthy}");
    // What nobody ordered is answered to nobody.
    let plain = format!("http://{}/.well-known/acme-challenge/", server.address("http"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for token in ["nothing", "..%2f..%2fmaster.key", "%00", ""] {
        let answer = client.get(format!("{plain}{token}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{token}");
    }
    assert_eq!(directory.seen().accounts[0].1, serde_json::json!(["mailto:ops@example.com"]));

    directory.stop();
    let place = server.stop();
    let server = place.serve(&[]);
    assert_eq!(asked(&directory, &server, NAME).await.unwrap(), 200, "it is there before the first request");
    let said = log(server.place());
    assert!(!said.contains("no certificate"), "{said}");
    assert_eq!(directory.seen().given[NAME].len(), 1);
    // Nothing of it can be read in the data folder or in the log.
    let place = server.stop();
    for file in ["data/countersign.db", "data/countersign.db-wal", "server.log", "greeting.txt"] {
        let content = std::fs::read(place.path(file)).unwrap_or_default();
        for secret in ["PRIVATE KEY-----", "key_pkcs8"] {
            assert!(
                !content.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{secret} in {file}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_proven_over_plain_http_too_and_the_operator_may_be_known_already() {
    let directory = Directory::start(Clock::System).await;
    directory.seen().challenge = "http-01";
    directory.seen().binding = Some(("operator-7".into(), b"a key that only we know".to_vec()));
    let key = jose::b64url_encode("a key that only we know");
    let more = format!(
        "acme_challenge = \"http-01\"\nacme_domains = [\"{NAME}\", \"OTHER.example.com\"]\n\
         acme_account_id = \"operator-7\"\nacme_account_key = \"{key}\""
    );
    let server = place(&directory, &more).serve(&[]);
    lead(&directory, &server);
    for name in [NAME, "other.example.com"] {
        served(&directory, &server, name).await;
    }
    assert_eq!(directory.seen().accounts.len(), 1, "one account for all names");
    let shown = server.text(&["config", "check"]);
    assert!(!shown.contains(&key) && shown.contains("acme_account_key"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_gives_nothing_is_told_of_and_stops_nobody() {
    let directory = Directory::start(Clock::System).await;
    directory.seen().wrong = Wrong::Orders;
    let server = place(&directory, &format!("acme_domains = [\"{NAME}\"]")).serve(&[]);
    let line = logged(server.place(), "no certificate: ").await;
    for part in ["ERROR", NAME, "the order was refused", "enough for today", "next_try", "the server's own"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    told(&server, "countersign_acme_names{state=\"failing\"} 1").await;
    let ill = doctor(server.place());
    assert!(
        ill.contains("\"problem\": \"login.example.com has none yet") && ill.contains("enough for today"),
        "{ill}"
    );
    // It serves all the same.
    server.billing();
    assert_eq!(directory.seen().orders.len(), 0);
}

#[test]
fn what_an_operator_must_say_is_asked_for() {
    let place = Place::new();
    for (settings, expected) in [
        ("acme_domains = [\"login.example.com\"]", "acme_terms_agreed = true"),
        ("acme_domains = [\"*.example.com\"]\nacme_terms_agreed = true", "no host name"),
        ("acme_domains = [\"192.0.2.1\"]\nacme_terms_agreed = true", "no host name"),
        ("acme_domains = [\"a.b\", \"A.b\"]\nacme_terms_agreed = true", "stands there twice"),
        ("acme_domains = [\"a.b\"]\nacme_directory = \"http://a.b/\"", "acme_directory"),
        ("acme_domains = [\"a.b\"]\nacme_terms_agreed = true\ntls_listen = \"\"", "without tls_listen"),
        ("acme_domains = [\"a.b\"]\nacme_terms_agreed = true\nacme_challenge = \"dns-01\"", "acme_challenge"),
        (
            "acme_domains = [\"a.b\"]\nacme_terms_agreed = true\nacme_challenge = \"http-01\"\nlisten = \"\"",
            "http-01 wants listen",
        ),
        (
            "acme_domains = [\"a.b\"]\nacme_terms_agreed = true\nacme_contacts = [\"nobody\"]",
            "no mail address",
        ),
        (
            "acme_domains = [\"a.b\"]\nacme_terms_agreed = true\nacme_ca = \"nowhere.pem\"",
            "acme_ca: nowhere.pem",
        ),
        ("acme_domains = [\"a.b\"]\nacme_terms_agreed = true\nacme_account_id = \"x\"", "belong together"),
    ] {
        place.write("countersign.toml", settings);
        let done = place.run(&["config", "check"]);
        assert!(done.code == Some(1) && done.err.contains(expected), "{settings}: {done:?}");
    }
}

/// A node without the rest of the server: what it presents, and the answers over plain HTTP.
struct Node {
    acme: Acme,
    tls: SocketAddr,
    http: SocketAddr,
    running: JoinSet<()>,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Node {
    async fn start(scratch: &ScratchStore, clock: &Clock, settings: Settings) -> Node {
        let store = Store::open(&scratch.location).await.unwrap();
        let ring = MasterKeys::from_text(MASTER_KEY).unwrap();
        let tenants = Tenants::open(store, ring, clock.clone(), NAME, None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let (certificates, _) =
            Certificates::local(&folder.path().join("tls"), &names, Clock::System.now()).unwrap();
        let acme = Acme::begin(settings, &tenants, &certificates).await;
        let (mut running, stop) = (JoinSet::new(), CancellationToken::new());
        let mut addresses = Vec::new();
        for (tls, app) in [(Some(certificates.server_config()), Router::new()), (None, acme.router())] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let serving = web::serve(listener, tls, app, Limits::default(), stop.clone());
            running.spawn(async move { serving.await.unwrap() });
        }
        running.spawn(acme.clone().follow());
        running.spawn(acme.clone().keep());
        running.spawn(async move {
            loop {
                // It may be gone already.
                let _ = tenants.refresh().await;
                sleep(Duration::from_millis(200)).await;
            }
        });
        Node { acme, tls: addresses[0], http: addresses[1], running, stop, _folder: folder }
    }

    /// How often the name has come to nothing, and why the last time.
    fn failed(&self, name: &str) -> Option<(u32, String)> {
        let standings = self.acme.standings();
        let standing = standings.get(name)?;
        Some((standing.failures, standing.problem.clone()?))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
        self.running.abort_all();
    }
}

fn settings(directory: &Directory, names: &[&str]) -> Settings {
    Settings {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        contacts: Vec::new(),
        directory: directory.url("/directory"),
        authorities: Some(std::fs::read_to_string(directory.ca()).unwrap()),
        challenge: AcmeChallenge::TlsAlpn,
        binding: None,
    }
}

#[tokio::test]
async fn one_node_orders_and_all_present_it_until_it_is_renewed() {
    let clock = Clock::stopped(Clock::System.now_ms());
    let scratch = store::scratch::location().await;
    let directory = Directory::start(clock.clone()).await;
    // Both are there before the name leads anywhere, and whichever is asked answers for the one that ordered.
    let mut nodes = Vec::new();
    directory.seen().wrong = Wrong::Orders;
    // On SQLite, where there is but one node, it waits for no other; and how soon another hears of it is up to the machine.
    directory.seen().tries = 150;
    for _ in 0..2 {
        nodes.push(Node::start(&scratch, &clock, settings(&directory, &[NAME])).await);
    }
    for node in &nodes {
        let (failures, problem) = until("a failure", async || node.failed(NAME)).await;
        assert!(failures == 1 && problem.contains("enough for today"), "{failures} {problem}");
    }
    directory.seen().wrong = Wrong::Nothing;
    directory.seen().leads = Some((nodes[1].tls, nodes[1].http));
    // It asked for two hours.
    clock.advance(7_100_000);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(directory.seen().orders.len(), 0, "nobody is to hurry it");
    clock.advance(200_000);
    let first =
        until("a certificate", async || directory.seen().given.get(NAME).map(|all| all[0].clone())).await;
    for node in &nodes {
        until("both present it", async || (validate::serial(node.tls, NAME).await == first).then_some(()))
            .await;
        until("no failure is left", async || node.failed(NAME).is_none().then_some(())).await;
    }
    // A third of its life is left; whoever is asked now is the other one.
    directory.seen().leads = Some((nodes[0].tls, nodes[0].http));
    clock.advance(61 * DAY_MS);
    let second = until("another certificate", async || directory.seen().given[NAME].get(1).cloned()).await;
    for node in &nodes {
        until("both present it", async || (validate::serial(node.tls, NAME).await == second).then_some(()))
            .await;
    }
    let seen = directory.seen();
    assert_eq!((seen.orders.len(), seen.given[NAME].len(), seen.accounts.len()), (2, 2, 1));
}

#[tokio::test]
async fn an_order_that_was_cut_off_is_taken_up_by_the_next() {
    let clock = Clock::stopped(Clock::System.now_ms());
    let scratch = store::scratch::location().await;
    let directory = Directory::start(clock.clone()).await;
    let first = Node::start(&scratch, &clock, settings(&directory, &[NAME])).await;
    until("an order", async || (!directory.seen().orders.is_empty()).then_some(())).await;
    drop(first);
    // Where other nodes may have it in hand, it is theirs until they have had it for too long.
    clock.advance(if matches!(scratch.location, Location::Sqlite { .. }) { 1_000 } else { 301_000 });
    let second = Node::start(&scratch, &clock, settings(&directory, &[NAME])).await;
    directory.seen().leads = Some((second.tls, second.http));
    let given =
        until("a certificate", async || directory.seen().given.get(NAME).map(|all| all[0].clone())).await;
    until("it is presented", async || (validate::serial(second.tls, NAME).await == given).then_some(()))
        .await;
}

#[tokio::test]
async fn whatever_a_directory_does_ends_in_a_reason_and_a_pause() {
    let clock = Clock::stopped(Clock::System.now_ms());
    let scratch = store::scratch::location().await;
    let directory = Directory::start(clock.clone()).await;
    let node = Node::start(&scratch, &clock, settings(&directory, &["good.example.com"])).await;
    directory.seen().leads = Some((node.tls, node.http));
    until("a certificate", async || directory.seen().given.get("good.example.com").map(drop)).await;
    for (number, (wrong, expected)) in [
        (Wrong::EveryNonce, "badNonce"),
        (Wrong::Orders, "rateLimited"),
        (Wrong::Pages, "answers 503"),
        (Wrong::Tokens, "the directory's token is none"),
        (Wrong::Challenges, "does not offer tls-alpn-01"),
        (Wrong::Proofs, "wants 2000 proofs for one name"),
        (Wrong::Names, "is not for"),
        (Wrong::Keys, "do not belong together"),
        (Wrong::Certificates, "not X.509"),
        (Wrong::Accounts, "accountDoesNotExist"),
    ]
    .into_iter()
    .enumerate()
    {
        directory.seen().wrong = wrong;
        directory.seen().leads = None;
        let name = format!("n{number}.example.com");
        let another = Node::start(&scratch, &clock, settings(&directory, &[&name])).await;
        directory.seen().leads = Some((another.tls, another.http));
        let (failures, problem) = until("a failure", async || another.failed(&name)).await;
        assert!(failures == 1 && problem.contains(expected), "{wrong:?}: {problem}");
        let standing = another.acme.standings()[&name].clone();
        assert!(standing.next >= clock.now() + 300 && standing.certificate.is_none(), "{standing:?}");
    }
    // Where the name leads to another server.
    directory.seen().wrong = Wrong::Nothing;
    directory.seen().leads = Some((node.http, node.http));
    let strayed = Node::start(&scratch, &clock, settings(&directory, &["strayed.example.com"])).await;
    let (_, problem) = until("a failure", async || strayed.failed("strayed.example.com")).await;
    assert!(problem.contains("the name was not proven"), "{problem}");
    // Who was forgotten has another account at the next try.
    directory.seen().leads = Some((strayed.tls, strayed.http));
    assert_eq!(directory.seen().given.get("strayed.example.com"), None);
    clock.advance(301_000);
    until("a certificate", async || directory.seen().given.get("strayed.example.com").map(drop)).await;
    assert!(directory.seen().accounts.len() > 1);

    for (path, expected) in [
        ("/garbage", "no directory"),
        ("/half", "no https address"),
        ("/huge", "more than"),
        ("/broken", "502"),
        ("/moved", "leads elsewhere"),
        ("/nowhere", "404"),
    ] {
        let name = format!("{}.example.com", &path[1..]);
        let lost = Settings { directory: directory.url(path), ..settings(&directory, &[&name]) };
        let another = Node::start(&scratch, &clock, lost).await;
        let (failures, problem) = until("a failure", async || another.failed(&name)).await;
        assert!(failures == 1 && problem.contains(expected), "{path}: {problem}");
    }
    // A directory whose own certificate nobody vouches for is not believed.
    let name = "unknown.example.com";
    let unbelieved = Settings { authorities: None, ..settings(&directory, &[name]) };
    let another = Node::start(&scratch, &clock, unbelieved).await;
    let (_, problem) = until("a failure", async || another.failed(name)).await;
    assert!(problem.to_ascii_lowercase().contains("certificate"), "{problem}");
    // And the first has what it had.
    let given = directory.seen().given["good.example.com"][0].clone();
    assert_eq!(validate::serial(node.tls, "good.example.com").await, given);
}
