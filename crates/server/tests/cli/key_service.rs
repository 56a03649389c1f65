//! Master keys that a key service keeps wrapped: at the start, while the service is away, moved from one to another, and
//! with somebody in its place who means ill. Vault is played by a server of ours; the HSM is SoftHSM, where it is installed.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::scratch::{Asked, Reply, ScratchServer};
use serde_json::{Value, json};

use crate::server::{Place, Server};

const TOKEN: &str = "hvs.a-token-that-nobody-sees";
const PIN: &str = "09182736";

/// How it is with the Vault.
#[derive(Clone, Default)]
enum Mood {
    #[default]
    Well,
    Sealed,
    Denying,
    /// Answers, but with something of its own.
    Saying(Reply),
}

/// Something that answers as Transit does: a key opens what it wrapped, whoever wraps.
struct Transit {
    server: ScratchServer,
    mood: Arc<Mutex<Mood>>,
}

impl Transit {
    async fn start() -> Transit {
        let mood = Arc::new(Mutex::new(Mood::Well));
        let its = mood.clone();
        let server = ScratchServer::start_reading(move |asked| {
            let mood = its.lock().unwrap().clone();
            match mood {
                Mood::Well => transit(asked),
                Mood::Sealed => Reply::status(503),
                Mood::Denying => Reply::status(403),
                Mood::Saying(reply) => reply,
            }
        });
        Transit { server: server.await, mood }
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The settings of a server that is to use it, in that folder.
    fn settings(&self, place: &Place) -> String {
        place.write("vault-ca.pem", &self.server.settings().authorities.unwrap());
        place.write("vault-token", &format!("{TOKEN}\n"));
        let address = self.server.url("");
        format!(
            "vault_address = {address:?}\nvault_token_file = \"vault-token\"\nkey_service_ca = \"vault-ca.pem\"\n"
        )
    }

    /// How often it was asked for that.
    fn asked(&self, verb: &str) -> usize {
        let path = format!("/v1/transit/{verb}/");
        self.server.requests().iter().filter(|asked| asked.path.starts_with(&path)).count()
    }
}

fn transit(asked: &Asked) -> Reply {
    if !asked.head.contains(&format!("x-vault-token: {TOKEN}\r")) {
        return Reply::status(403);
    }
    let body: Value = serde_json::from_str(asked.body.as_deref().unwrap()).unwrap();
    let turned = |text: &str| text.chars().rev().collect::<String>();
    let (verb, key) = asked.path.strip_prefix("/v1/transit/").unwrap().split_once('/').unwrap();
    let data = match verb {
        "encrypt" => {
            let wrapped = turned(body["plaintext"].as_str().unwrap());
            json!({ "ciphertext": format!("vault:v1:{key}:{wrapped}") })
        }
        _ => match body["ciphertext"].as_str().unwrap().strip_prefix(&format!("vault:v1:{key}:")) {
            Some(wrapped) => json!({ "plaintext": turned(wrapped) }),
            None => return Reply::status(400),
        },
    };
    Reply::json(json!({ "data": data }).to_string())
}

fn key_file(place: &Place) -> String {
    std::fs::read_to_string(place.data().join("master.key")).unwrap()
}

fn found(place: &Place, check: &str) -> Vec<(String, String)> {
    let done = place.run(&["doctor", "--json"]);
    let told: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    let of_kind = told["checks"].as_array().unwrap().iter().filter(|found| found["check"] == check);
    let text = |found: &Value, name: &str| found[name].as_str().unwrap().to_owned();
    of_kind.map(|found| (text(found, "state"), text(found, "found"))).collect()
}

/// Stops it, if it has told nobody what lets us in.
fn stopped(server: Server) -> Place {
    let log = server.log();
    assert!(!log.contains(TOKEN) && !log.contains(PIN), "{log}");
    server.stop()
}

fn says_no_secret(place: &Place, words: &[&str]) -> crate::server::Done {
    let done = place.run(words);
    let said = format!("{} {}", done.out, done.err);
    assert!(!said.contains(TOKEN) && !said.contains(PIN), "{said}");
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vault_is_asked_once_at_the_start_and_by_no_request() {
    let vault = Transit::start().await;
    let place = Place::new();
    let settings = format!("master_key_wrapped_by = \"vault\"\nlog = \"trace\"\n{}", vault.settings(&place));
    place.write("countersign.toml", &settings);
    let server = place.serve(&[]);
    assert!(key_file(server.place()).starts_with("wrapped vault countersign vault:v1:countersign:"));
    let app = server.billing();
    let place = stopped(server);

    let before = (vault.asked("encrypt"), vault.asked("decrypt"));
    let server = place.serve(&[]);
    assert_eq!((vault.asked("encrypt"), vault.asked("decrypt")), (before.0, before.1 + 1));
    vault.is(Mood::Sealed);
    server.gets_a_token(&app);
    server.gets_a_token(&app);
    // What the owner does on the folder itself asks for itself.
    let refused = says_no_secret(server.place(), &["admin", "token"]);
    assert!(refused.code == Some(1) && refused.err.contains("it is sealed"), "{refused:?}");
    let doctor = found(server.place(), "master key");
    assert!(doctor[0].0 == "problem" && doctor[0].1.contains("it is sealed"), "{doctor:?}");
    vault.is(Mood::Well);
    let doctor = found(server.place(), "master key");
    assert!(doctor[0].0 == "ok" && doctor[0].1.contains("wrapped by vault (key countersign)"), "{doctor:?}");
    stopped(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_a_vault_that_is_sealed_and_says_that_it_is_not_ready() {
    let vault = Transit::start().await;
    vault.is(Mood::Sealed);
    let place = Place::new();
    let settings = format!("master_key_wrapped_by = \"vault\"\n{}", vault.settings(&place));
    place.write("countersign.toml", &settings);
    let mut server = place.begin(&[]);
    let line = server.until_it_says("trying again in 1 s");
    assert!(line.contains("vault (key countersign)") && line.contains("it is sealed"), "{line}");
    let address = not_ready(&mut server);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |path: &str| client.get(format!("http://{address}{path}")).send().await.unwrap();
    for path in ["/health/ready", "/healthz", "/oauth/token", "/dashboard/"] {
        let answer = ask(path).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "5"));
        assert_eq!(answer.json::<Value>().await.unwrap()["status"], "starting");
    }
    assert_eq!(ask("/health/live").await.status(), 200);
    server.until_it_says("trying again in 2 s");
    vault.is(Mood::Well);
    server.until_it_serves();
    assert_eq!(server.address("http"), address);
    let host = server.run_file()["issuer"].as_str().unwrap().replace("https://", "").replace('/', "");
    let answer =
        client.get(format!("http://{address}/health/ready")).header("host", host).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let place = stopped(server);

    // Whoever gives up is not held.
    vault.is(Mood::Sealed);
    let mut server = place.begin(&[]);
    server.until_it_says("this node is not ready");
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.wait().code(), Some(1));
    assert!(server.log().contains("stopped before the master key could be unwrapped"), "{}", server.log());
}

/// Waits until a server says that it waits; answers where it says so over HTTP.
fn not_ready(server: &mut Server) -> String {
    let line = server.until_it_says("this node is not ready");
    line.split("as http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

/// A Vault that takes the connection and is silent keeps the first try waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_says_that_it_lives_while_vault_is_silent() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let place = Place::new();
    place.write(
        "countersign.toml",
        &format!(
            "master_key_wrapped_by = \"vault\"\nvault_address = \"https://localhost:{port}\"\nvault_token = \"t\"\n"
        ),
    );
    let mut server = place.begin(&[]);
    let _held = silent.accept().await.unwrap();
    let address = not_ready(&mut server);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (path, status) in [("/health/live", 200), ("/health/ready", 503), ("/oauth/token", 503)] {
        let answer = client.get(format!("http://{address}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    let log = server.log();
    let (waits, tries) = (log.find("this node is not ready"), log.find("trying again"));
    assert!(tries.is_none_or(|tries| waits.is_some_and(|waits| waits < tries)), "{log}");
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.wait().code(), Some(1));
    assert!(server.log().contains("stopped before the master key could be unwrapped"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_vault_refuses_ends_the_start_and_changes_nothing() {
    let vault = Transit::start().await;
    let place = Place::new();
    let settings = vault.settings(&place);
    let wrapped = format!("master_key_wrapped_by = \"vault\"\n{settings}");
    place.write("countersign.toml", &wrapped);
    let place = stopped(place.serve(&[]));
    let kept = key_file(&place);
    let plain = |bytes: &[u8]| {
        Mood::Saying(Reply::json(json!({ "data": { "plaintext": STANDARD.encode(bytes) } }).to_string()))
    };
    let cases = [
        (Mood::Denying, "does not let us in (status 403)"),
        (Mood::Saying(Reply::status(404)), "status 404"),
        (Mood::Saying(Reply::json("garbage")), "Transit does not say"),
        (Mood::Saying(Reply::json("A".repeat(1 << 20))), "too much"),
        (Mood::Saying(Reply::status(307).with("location: https://elsewhere.example/")), "redirect"),
        (plain(&[7; 16]), "no key of 32 bytes"),
        // A key, and not the one.
        (plain(&[7; 32]), "does not open the master keys"),
    ];
    for (mood, words) in cases {
        vault.is(mood);
        for command in [
            &["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""][..],
            &["admin", "rewrap-master-key"],
            &["admin", "rotate-master-key"],
        ] {
            let done = says_no_secret(&place, command);
            assert!(done.code == Some(1) && done.err.contains(words), "{command:?}: {words}: {done:?}");
        }
        assert_eq!(key_file(&place), kept);
    }
    // What wraps and does not unwrap is found before anything lies under it.
    vault.is(Mood::Well);
    place.write("countersign.toml", &settings);
    let done = says_no_secret(&place, &["admin", "rewrap-master-key"]);
    assert!(done.code == Some(0) && done.out.contains("is in clear now"), "{done:?}");
    let clear = key_file(&place);
    place.write("countersign.toml", &wrapped);
    vault.is(Mood::Saying(Reply::json(
        json!({ "data": { "ciphertext": "x", "plaintext": "AAAA" } }).to_string(),
    )));
    let done = says_no_secret(&place, &["admin", "rewrap-master-key"]);
    assert!(done.code == Some(1) && done.err.contains("no key of 32 bytes"), "{done:?}");
    assert_eq!(key_file(&place), clear);
    // An altered file, and a word of another version.
    vault.is(Mood::Well);
    for (altered, words) in [
        (kept.replace("cs1.data.", "cs1.data.A"), "does not open the master keys"),
        (kept.replace(":countersign:", ":another:"), "status 400"),
        (kept.replace("wrapped vault countersign", "wrapped vault ../../sys"), "no name of a key"),
        (kept.replace("wrapped vault", "wrapped tomorrow"), "\"tomorrow\", which this version does not know"),
        (kept.replace(" cs1", " more cs1"), "five words"),
    ] {
        std::fs::write(place.data().join("master.key"), &altered).unwrap();
        let done = says_no_secret(&place, &["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]);
        assert!(done.code == Some(1) && done.err.contains(words), "{words}: {done:?}");
    }
    std::fs::write(place.data().join("master.key"), &kept).unwrap();
    stopped(place.serve(&[]));
}

/// A token of SoftHSM with a key for each name.
fn hsm(place: &mut Place, keys: &[&str]) -> Option<PathBuf> {
    let libraries = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];
    let library = libraries.iter().map(PathBuf::from).find(|library| library.exists());
    let tool = |name: &str, words: &[&str], conf: &Path| {
        let mut command = Command::new(name);
        command.args(words).env("SOFTHSM2_CONF", conf).stdin(Stdio::null());
        let done = command.output();
        assert!(done.as_ref().is_ok_and(|done| done.status.success()), "{name} {words:?}: {done:?}");
    };
    let is_there = |name: &str| Command::new(name).arg("--help").stdin(Stdio::null()).output().is_ok();
    let Some(library) = library.filter(|_| is_there("softhsm2-util") && is_there("pkcs11-tool")) else {
        // Past what the runner keeps to itself of a test that passes, so that it is named and counted.
        let named =
            b"\nskipped: PKCS#11: SoftHSM2 (libsofthsm2.so, softhsm2-util) or pkcs11-tool is not installed\n";
        std::io::stdout().write_all(named).unwrap();
        return None;
    };
    std::fs::create_dir(place.path("tokens")).unwrap();
    let conf = place.write(
        "softhsm2.conf",
        &format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            place.path("tokens").display()
        ),
    );
    tool(
        "softhsm2-util",
        &["--init-token", "--free", "--label", "identity", "--pin", PIN, "--so-pin", "12345678"],
        &conf,
    );
    for (number, key) in keys.iter().enumerate() {
        let (module, id) = (library.to_str().unwrap(), format!("0{number}"));
        tool(
            "pkcs11-tool",
            &[
                "--module",
                module,
                "--token-label",
                "identity",
                "--login",
                "--pin",
                PIN,
                "--keygen",
                "--key-type",
                "AES:32",
                "--label",
                key,
                "--id",
                &id,
            ],
            &conf,
        );
    }
    place.sets("SOFTHSM2_CONF", conf.to_str().unwrap());
    // A PIN that looks like a number, and begins with nought.
    place.sets("COUNTERSIGN_PKCS11_PIN", PIN);
    Some(library)
}

/// From one form to the next and on, with a server that starts before and after each, whichever came first: the
/// configuration or the file.
async fn moves(mut place: Place, vault: &Transit, store: &str) {
    let hsm = hsm(&mut place, &["first", "second"]);
    let mut settings = format!("{store}\n{}", vault.settings(&place));
    if let Some(library) = &hsm {
        settings.push_str(&format!("pkcs11_library = {library:?}\npkcs11_token = \"identity\"\n"));
    }
    place.write("countersign.toml", &settings);
    let server = place.serve(&[]);
    let app = server.billing();
    let keys = key_file(server.place());
    let mut place = stopped(server);
    let mut forms = vec![
        ("master_key_wrapped_by = \"vault\"", "wrapped vault countersign "),
        ("master_key_wrapped_by = \"vault\"\nvault_key = \"next\"", "wrapped vault next "),
    ];
    if hsm.is_some() {
        forms.push(("master_key_wrapped_by = \"pkcs11\"\npkcs11_key = \"first\"", "wrapped pkcs11 first "));
        forms.push(("master_key_wrapped_by = \"pkcs11\"\npkcs11_key = \"second\"", "wrapped pkcs11 second "));
    }
    forms.push(("", keys.split(' ').next().unwrap()));
    for (form, begins) in forms {
        place.write("countersign.toml", &format!("{form}\n{settings}"));
        // Not moved yet: it starts, and says what is to be done.
        let server = place.serve(&[]);
        server
            .log()
            .lines()
            .find(|line| line.contains("WARN") && line.contains("rewrap-master-key"))
            .unwrap();
        let warned = found(server.place(), "master key");
        assert!(warned.iter().any(|(state, _)| state == "warning"), "{warned:?}");
        // Moved beside the running server, which notices nothing.
        let done = says_no_secret(server.place(), &["admin", "rewrap-master-key"]);
        assert!(done.code == Some(0), "{done:?}");
        assert!(key_file(server.place()).starts_with(begins), "{begins}");
        server.gets_a_token(&app);
        place = stopped(server);
        let server = place.serve(&[]);
        assert!(!server.log().contains("rewrap-master-key"), "{}", server.log());
        server.gets_a_token(&app);
        let well = found(server.place(), "master key");
        assert!(well.iter().all(|(state, _)| state == "ok"), "{well:?}");
        place = stopped(server);
    }
    assert_eq!(key_file(&place), keys, "no master key has changed on the way");
    // Turned while it is wrapped: nothing of the new one has ever lain in clear.
    place.write("countersign.toml", &format!("master_key_wrapped_by = \"vault\"\n{settings}"));
    let done = says_no_secret(&place, &["admin", "rotate-master-key"]);
    assert!(done.code == Some(0) && done.out.contains("has a new master key"), "{done:?}");
    let wrapped = key_file(&place);
    assert!(wrapped.starts_with("wrapped vault countersign "));
    // Whoever forgets to say that it is to be wrapped does not bring it into the clear by that.
    place.write("countersign.toml", &settings);
    let refused = says_no_secret(&place, &["admin", "rotate-master-key"]);
    assert!(refused.code != Some(0) && refused.err.contains("master_key_wrapped_by"), "{refused:?}");
    assert_eq!(key_file(&place), wrapped);
    let server = place.serve(&[]);
    server.gets_a_token(&app);
    stopped(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_move_from_one_service_to_another_and_back() {
    moves(Place::new(), &Transit::start().await, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_move_over_the_other_store_as_well() {
    let Some(scratch) = store::scratch::postgres().await else {
        eprintln!("skipped: the other store, TEST_DATABASE is not set");
        return;
    };
    let store::Location::Postgres { url } = &scratch.location else { unreachable!("it is PostgreSQL") };
    moves(Place::new(), &Transit::start().await, &format!("database = {url:?}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_killed_leaves_what_was_there() {
    let vault = Transit::start().await;
    let place = Place::new();
    let settings = vault.settings(&place);
    place.write("countersign.toml", &settings);
    let place = stopped(place.serve(&[]));
    let before = key_file(&place);
    place.write("countersign.toml", &format!("master_key_wrapped_by = \"vault\"\n{settings}"));
    // Killed while the service thinks about it.
    vault.is(Mood::Saying(Reply::json("{}").after(60_000)));
    let mut moving = place.command(&["admin", "rewrap-master-key"]).stderr(Stdio::null()).spawn().unwrap();
    while vault.asked("encrypt") == 0 {
        assert!(moving.try_wait().unwrap().is_none(), "it waits");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    moving.kill().unwrap();
    moving.wait().unwrap();
    assert_eq!(key_file(&place), before);
    // Killed before the new file took the old one's place.
    std::fs::write(place.data().join("master.key.0badc0de"), "wrapped vault half").unwrap();
    vault.is(Mood::Well);
    let server = place.serve(&[]);
    server.log().lines().find(|line| line.contains("rewrap-master-key")).unwrap();
    let done = says_no_secret(server.place(), &["admin", "rewrap-master-key"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let place = stopped(server);
    // And with the configuration of before, which still knows the way.
    place.write("countersign.toml", &settings);
    stopped(place.serve(&[]));
}

#[test]
fn an_hsm_that_does_not_answer_as_it_should_is_named() {
    let mut place = Place::new();
    let Some(library) = hsm(&mut place, &["twice", "twice", "alone"]) else { return };
    let with = |place: &Place, library: &str, token: &str, key: &str| {
        let text = format!(
            "master_key_wrapped_by = \"pkcs11\"\npkcs11_library = {library:?}\npkcs11_token = {token:?}\npkcs11_key = {key:?}\n"
        );
        place.write("countersign.toml", &text);
    };
    let library = library.to_str().unwrap().to_owned();
    let none = place.path("nothing.so").to_str().unwrap().to_owned();
    let odd = place.write("odd.so", "no library").to_str().unwrap().to_owned();
    let cases = [
        (none.as_str(), "identity", "alone", "cannot be used"),
        (&odd, "identity", "alone", "cannot be used"),
        (&library, "identity", "nothing", "has no AES key nothing"),
        (&library, "identity", "twice", "several AES keys twice"),
        (&library, "identity", "with space", "a name has no spaces"),
        (&library, "other", "alone", "there is no token other"),
    ];
    for (library, token, key, words) in cases {
        with(&place, library, token, key);
        let done = says_no_secret(&place, &["admin", "new-master-key"]);
        assert!(done.code == Some(1) && done.err.contains(words), "{words}: {done:?}");
    }
    with(&place, &library, "identity", "alone");
    place.sets("COUNTERSIGN_PKCS11_PIN", "99999999");
    let done = place.run(&["admin", "new-master-key"]);
    assert!(done.code == Some(1) && done.err.contains("its PIN is another one"), "{done:?}");
    assert!(!done.err.contains("99999999"), "{done:?}");
    place.sets("COUNTERSIGN_PKCS11_PIN", PIN);
    // As a variable of the environment, which cannot be written.
    let done = says_no_secret(&place, &["admin", "new-master-key"]);
    assert!(done.code == Some(0) && done.out.starts_with("wrapped pkcs11 alone "), "{done:?}");
    place.sets("COUNTERSIGN_MASTER_KEY", done.out.trim_end());
    let place = stopped(place.serve(&[]));
    assert!(!place.data().join("master.key").exists());
    // Altered on the way.
    let mut place = place;
    let altered = done.out.replacen("wrapped pkcs11 alone ", "wrapped pkcs11 alone AAAA", 1);
    place.sets("COUNTERSIGN_MASTER_KEY", altered.trim_end());
    let refused = says_no_secret(&place, &["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]);
    assert!(refused.code == Some(1) && refused.err.contains("another length"), "{refused:?}");
    let word = done.out.split(' ').nth(3).unwrap();
    let flipped = format!("{}{}", if word.starts_with('A') { 'B' } else { 'A' }, &word[1..]);
    place.sets("COUNTERSIGN_MASTER_KEY", done.out.replace(word, &flipped).trim_end());
    let refused = says_no_secret(&place, &["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]);
    assert!(refused.code == Some(1) && refused.err.contains("does not open this"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_the_master_key_as_it_lies() {
    let vault = Transit::start().await;
    let place = Place::new();
    let settings = vault.settings(&place);
    let wrapped = format!("master_key_wrapped_by = \"vault\"\n{settings}");
    place.write("countersign.toml", &wrapped);
    let server = place.serve(&[]);
    let app = server.billing();
    let identity = server.place().path("identity.txt").to_str().unwrap().to_owned();
    let recipient = server.text(&["backup", "keygen", &identity]);
    let file = server.place().path("a.backup").to_str().unwrap().to_owned();
    // Nobody has to be asked.
    vault.is(Mood::Sealed);
    let done = says_no_secret(server.place(), &["backup", &file, "--recipient", &recipient]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let verified = server.text(&["backup", "verify", &file, "--identity", &identity]);
    assert!(verified.contains("with the master key, wrapped by vault (key countersign)"), "{verified}");
    let restore = ["restore", file.as_str(), "--identity", &identity];

    let elsewhere = Place::new();
    let refused = says_no_secret(&elsewhere, &restore);
    assert!(refused.code == Some(1) && refused.err.contains("vault_address is missing"), "{refused:?}");
    vault.settings(&elsewhere);
    elsewhere.write("countersign.toml", &settings);
    let refused = says_no_secret(&elsewhere, &restore);
    assert!(refused.code == Some(1) && refused.err.contains("it is sealed"), "{refused:?}");
    assert!(!elsewhere.data().join("countersign.db").exists());
    vault.is(Mood::Well);
    let done = says_no_secret(&elsewhere, &restore);
    assert!(done.code == Some(0) && done.out.contains("fit together"), "{done:?}");
    assert_eq!(key_file(&elsewhere), key_file(server.place()), "and is not put in clear on the way");
    let restored = elsewhere.serve(&[]);
    restored.gets_a_token(&app);
    stopped(restored);

    // One in clear is wrapped where that is wanted.
    let plain = Server::start();
    let app = plain.billing();
    let file = server.place().path("plain.backup").to_str().unwrap().to_owned();
    plain.text(&["backup", &file, "--recipient", &recipient]);
    let elsewhere = Place::new();
    vault.settings(&elsewhere);
    elsewhere.write("countersign.toml", &wrapped);
    let done = says_no_secret(&elsewhere, &["restore", &file, "--identity", &identity]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(key_file(&elsewhere).starts_with("wrapped vault countersign "));
    let restored = elsewhere.serve(&[]);
    restored.gets_a_token(&app);
    stopped(restored);
}
