//! Backups taken beside a server that works, and put back on either kind of store.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::server::{Done, ORDERS, Place, Server};

/// Somebody for whom backups are.
struct Keeper {
    recipient: String,
    identity: String,
}

impl Keeper {
    fn new(place: &Place) -> Keeper {
        let identity = path(place, "identity.txt");
        let made = place.run(&["backup", "keygen", &identity]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert_eq!(mode(Path::new(&identity)), 0o600);
        Keeper { recipient: made.out.trim().to_owned(), identity }
    }
}

/// Those who change applications as fast as they can, until they are told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicUsize>,
    writers: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn on(server: &Server) -> Load {
        let token = server.text(&["admin", "token"]);
        let url = format!("http://{}/api/v2/clients", server.address("http"));
        let host = server.run_file()["issuer"].as_str().unwrap().replace("https://", "").replace('/', "");
        let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let writer = |number: usize| {
            let (token, url, host, stop, written) =
                (token.clone(), url.clone(), host.clone(), stop.clone(), written.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::builder().no_proxy().build().unwrap();
                let mut made = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let body = json!({ "name": format!("Load {number}"), "client_aliases": [] });
                    let post = client.post(&url).header("host", &host).bearer_auth(&token).json(&body);
                    let answer = post.send().await.unwrap();
                    assert_eq!(answer.status(), 201, "a backup refuses nobody");
                    let body: Value = answer.json().await.unwrap();
                    made.push(body["client_id"].as_str().unwrap().to_owned());
                    written.fetch_add(1, Ordering::Relaxed);
                }
                made
            })
        };
        let writers = (0..3).map(writer).collect();
        Load { stop, written, writers }
    }

    async fn until(&self, written: usize) {
        while self.written.load(Ordering::Relaxed) < written {
            assert!(self.writers.iter().all(|writer| !writer.is_finished()), "nobody gives up");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let mut made = 0;
        for writer in self.writers {
            made += writer.await.unwrap().len();
        }
        made
    }
}

fn path(place: &Place, name: &str) -> String {
    place.path(name).to_str().unwrap().to_owned()
}

fn mode(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

fn succeeds(done: Done) -> Done {
    assert_eq!(done.code, Some(0), "{done:?}");
    done
}

fn fails(done: &Done, words: &str) {
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains(words), "{words:?} is said: {done:?}");
}

/// Takes a backup while applications are made, and answers how many there were at least, and at most.
async fn under_load(server: &Server, file: &str, keeper: &Keeper) -> (usize, usize) {
    let load = Load::on(server);
    load.until(20).await;
    let before = load.written.load(Ordering::Relaxed);
    let (to_file, recipient) = (file.to_owned(), keeper.recipient.clone());
    let taken = server.run(&["backup", &to_file, "--recipient", &recipient, "--force"]);
    let while_taken = load.written.load(Ordering::Relaxed);
    let made = load.end().await;
    succeeds(taken);
    assert!(while_taken > before, "writes went on while the backup was taken");
    (before, made)
}

fn loads(server: &Server) -> usize {
    let mut count = 0;
    for app in server.json(&["apps", "list"]).as_array().unwrap() {
        count += usize::from(app["name"].as_str().is_some_and(|name| name.starts_with("Load")));
    }
    count
}

/// Whether a deep look finds nothing wrong.
fn is_sound(place: &Place, words: &[&str]) {
    let done = place.run(&[&["doctor", "--deep", "--json"], words].concat());
    let told: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    let wrong = |check: &&Value| check["state"] == "problem";
    let wrong: Vec<&Value> = told["checks"].as_array().unwrap().iter().filter(wrong).collect();
    assert!(wrong.is_empty() && done.code == Some(0), "{wrong:#?}");
    let found = |check: &str| told["checks"].as_array().unwrap().iter().any(|found| found["check"] == check);
    assert!(found("consistency") && found("signing keys"), "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_under_load_is_whole_on_either_store() {
    let place = Place::new();
    place.write("countersign.toml", "log_seals = true");
    let server = place.serve(&[]);
    let (client_id, secret) = server.billing();
    // Where backups are kept, apart from every server.
    let vault = Place::new();
    let keeper = Keeper::new(&vault);
    let ask = ["token", "get", "--client-id", &client_id, "--client-secret", &secret, "--audience", ORDERS];
    server.text(&ask);
    let file = path(&vault, "first.backup");
    let (before, made) = under_load(&server, &file, &keeper).await;
    assert_eq!(mode(Path::new(&file)), 0o600);
    let verified = server.text(&["backup", "verify", &file, "--identity", &keeper.identity]);
    assert!(
        verified.contains("A backup of sqlite") && verified.contains("whole and unchanged"),
        "{verified}"
    );
    let key = std::fs::read(server.place().data().join("master.key")).unwrap();
    drop(server.stop());

    // On SQLite.
    let elsewhere = Place::new();
    let done = succeeds(elsewhere.run(&["restore", &file, "--identity", &keeper.identity]));
    assert!(done.out.contains("fit together"), "{done:?}");
    assert_eq!(std::fs::read(elsewhere.data().join("master.key")).unwrap(), key);
    assert_eq!(mode(&elsewhere.data().join("master.key")), 0o600);
    assert_eq!(mode(&elsewhere.data().join("countersign.db")), 0o600);
    is_sound(&elsewhere, &[]);
    let server = elsewhere.serve(&[]);
    let has = loads(&server).min(100);
    assert!(before.min(100) <= has && has <= made, "{before} ≤ {has} ≤ {made}");
    server.text(&ask);
    server.text(&["logs", "verify"]);
    drop(server.stop());

    // On PostgreSQL, and back from there.
    let Some(scratch) = store::scratch::postgres().await else {
        eprintln!("skipped: the other store, TEST_DATABASE is not set");
        return;
    };
    let store::Location::Postgres { url } = &scratch.location else { unreachable!("it is PostgreSQL") };
    let third = Place::new();
    let database = ["--database", url.as_str()];
    third.write("countersign.toml", &format!("database = {url:?}"));
    let done = succeeds(third.run(&["restore", &file, "--identity", &keeper.identity]));
    assert!(done.out.contains("fit together") && !done.out.contains(url.as_str()), "{done:?}");
    is_sound(&third, &database);
    let server = third.serve(&[]);
    server.text(&ask);
    let back = path(&vault, "second.backup");
    let (_, made_there) = under_load(&server, &back, &keeper).await;
    let running = server.run(&["restore", &back, "--identity", &keeper.identity, "--replace"]);
    fails(&running, "already");
    // Another node of the same database.
    let node = Place::new();
    node.write("countersign.toml", &format!("database = {url:?}"));
    fails(&node.run(&["restore", &back, "--identity", &keeper.identity]), "--replace");
    fails(
        &node.run(&["restore", &back, "--identity", &keeper.identity, "--replace"]),
        "a server is connected to the database",
    );
    drop(server.stop());

    let fourth = Place::new();
    let done = succeeds(fourth.run(&["restore", &back, "--identity", &keeper.identity]));
    assert!(done.out.contains("A backup of postgresql"), "{done:?}");
    is_sound(&fourth, &[]);
    let server = fourth.serve(&[]);
    server.text(&ask);
    assert!(loads(&server).min(100) <= made + made_there);
}

#[test]
fn what_does_not_open_is_refused_and_leaves_nothing() {
    let server = Server::start();
    server.billing();
    let place = server.place();
    let keeper = Keeper::new(place);
    let file = path(place, "whole.backup");
    succeeds(place.run(&["backup", &file, "--recipient", &keeper.recipient]));
    let stranger = path(place, "stranger.txt");
    succeeds(place.run(&["backup", "keygen", &stranger]));
    let passphrase = |name: &str, text: &str| place.write(name, text).to_str().unwrap().to_owned();
    let long = passphrase("long", "correct horse battery staple\nand more\n");
    let wrong = passphrase("wrong", "wrong horse battery staple\n");
    let by_words = path(place, "words.backup");
    succeeds(place.run(&["backup", &by_words, "--passphrase-file", &long]));
    succeeds(place.run(&["backup", "verify", &by_words, "--passphrase-file", &long]));

    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(7).any(|word| word == b"tenants"), "it is encrypted");
    let made = |name: &str, bytes: &[u8]| {
        std::fs::write(place.path(name), bytes).unwrap();
        path(place, name)
    };
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut longer = bytes.clone();
    longer.extend_from_slice(b"more");
    let identity = ["--identity", keeper.identity.as_str()];
    let cases: Vec<(String, Vec<&str>, &str)> = vec![
        (file.clone(), vec!["--identity", &stranger], "none of the identities given opens this backup"),
        (file.clone(), vec![], "opens with the identity of its recipient"),
        (file.clone(), vec!["--passphrase-file", &long], "is for a recipient"),
        (by_words.clone(), identity.to_vec(), "opens with a passphrase"),
        (by_words.clone(), vec!["--passphrase-file", &wrong], "the passphrase does not open this backup"),
        (made("flipped", &flipped), identity.to_vec(), "damaged"),
        (made("longer", &longer), identity.to_vec(), "damaged"),
        (made("short", &bytes[..bytes.len() - 1]), identity.to_vec(), ""),
        (made("half", &bytes[..bytes.len() / 2]), identity.to_vec(), ""),
        (made("header", &bytes[..50]), identity.to_vec(), ""),
        (made("empty", b""), identity.to_vec(), "no encrypted backup"),
        (made("other", b"SQLite format 3\0 and so on"), identity.to_vec(), "no encrypted backup"),
        (path(place, "nowhere"), identity.to_vec(), "nowhere"),
    ];
    let elsewhere = Place::new();
    for (file, opens, words) in cases {
        fails(&elsewhere.run(&[&["backup", "verify", &file], opens.as_slice()].concat()), words);
        fails(&elsewhere.run(&[&["restore", &file], opens.as_slice()].concat()), words);
        for name in ["countersign.db", "logs.db", "master.key", "restoring"] {
            assert!(!elsewhere.data().join(name).exists(), "{name} after {file}");
        }
    }
    // What is left is a folder in which a server begins anew.
    elsewhere.serve(&[]).stop();
}

#[test]
fn a_backup_appears_whole_or_not_at_all() {
    let server = Server::start();
    let place = server.place();
    let keeper = Keeper::new(place);
    let to = |words: &[&str]| place.run(&[&["backup"], words, &["--recipient", &keeper.recipient]].concat());
    let folder = || {
        let mut names: Vec<PathBuf> =
            std::fs::read_dir(place.path("out")).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    std::fs::create_dir(place.path("out")).unwrap();
    let file = path(place, "out/a.backup");
    fails(&place.run(&["backup", &file]), "say for whom with --recipient");
    fails(&to(&["/dev/full"]), "No space left on device");
    fails(&to(&[&path(place, "out")]), "is a folder");
    fails(&to(&[&path(place, "nowhere/a.backup")]), "nowhere");
    assert!(folder().is_empty());
    succeeds(to(&[&file]));
    let before = std::fs::read(&file).unwrap();
    fails(&to(&[&file]), "say --force to replace it");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    succeeds(to(&[&file, "--force"]));
    assert_ne!(std::fs::read(&file).unwrap(), before);
    assert_eq!(folder(), [PathBuf::from(&file)], "nothing else is left");
    let short = place.write("short", "only eleven");
    let refused = place.run(&["backup", &path(place, "out/b"), "--passphrase-file", short.to_str().unwrap()]);
    fails(&refused, "shorter than 12 characters");
    // Its own key is not to be read by others.
    let key = place.data().join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    fails(&to(&[&path(place, "out/b")]), "can be read by others");
    assert_eq!(folder().len(), 1);
    succeeds(to(&[&path(place, "out/b"), "--without-master-key"]));
}

#[test]
fn a_store_that_is_there_is_replaced_only_when_that_is_said() {
    let server = Server::start();
    let (client_id, secret) = server.billing();
    let keeper = Keeper::new(server.place());
    let file = path(server.place(), "a.backup");
    succeeds(server.run(&["backup", &file, "--recipient", &keeper.recipient]));
    let identity = keeper.identity.clone();
    fails(&server.run(&["restore", &file, "--identity", &identity, "--replace"]), "already");

    let other = Server::start().stop();
    let old = std::fs::read(other.data().join("countersign.db")).unwrap();
    let key = std::fs::read(other.data().join("master.key")).unwrap();
    fails(&other.run(&["restore", &file, "--identity", &identity]), "say --replace");
    assert_eq!(std::fs::read(other.data().join("countersign.db")).unwrap(), old);
    let done = succeeds(other.run(&["restore", &file, "--identity", &identity, "--replace"]));
    let aside =
        done.out.lines().find_map(|line| line.strip_prefix("What was there before lies in ")).unwrap();
    let aside = Path::new(aside.trim_end_matches(" now."));
    assert_eq!(std::fs::read(aside.join("countersign.db")).unwrap(), old);
    assert_eq!(std::fs::read(aside.join("master.key")).unwrap(), key);
    assert_eq!(mode(aside), 0o700);
    let server = other.serve(&[]);
    let ask = ["token", "get", "--client-id", &client_id, "--client-secret", &secret, "--audience", ORDERS];
    server.text(&ask);
}

#[test]
fn a_restore_that_was_cut_off_is_no_store() {
    let server = Server::start();
    let keeper = Keeper::new(server.place());
    let file = path(server.place(), "a.backup");
    succeeds(server.run(&["backup", &file, "--recipient", &keeper.recipient]));
    let place = Place::new();
    std::fs::create_dir_all(place.data().join("restoring")).unwrap();
    std::fs::write(place.data().join("restoring/countersign.db"), "half").unwrap();
    std::fs::set_permissions(place.data(), std::fs::Permissions::from_mode(0o700)).unwrap();
    fails(&place.run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]), "did not come to its end");
    fails(
        &place.run(&["backup", &path(&place, "b"), "--recipient", &keeper.recipient]),
        "did not come to its end",
    );
    let told = place.run(&["doctor"]);
    assert!(told.code == Some(1) && told.out.contains("run `countersign restore` again"), "{told:?}");
    succeeds(place.run(&["restore", &file, "--identity", &keeper.identity]));
    place.serve(&[]).stop();
}

#[test]
fn the_master_key_may_be_kept_apart() {
    let server = Server::start();
    let (client_id, secret) = server.billing();
    let keeper = Keeper::new(server.place());
    let file = path(server.place(), "a.backup");
    let taken = ["backup", &file, "--recipient", &keeper.recipient, "--without-master-key"];
    succeeds(server.run(&taken));
    let key = std::fs::read(server.place().data().join("master.key")).unwrap();
    let verified = server.text(&["backup", "verify", &file, "--identity", &keeper.identity]);
    assert!(verified.contains("without the master key"), "{verified}");

    let place = Place::new();
    let done = succeeds(place.run(&["restore", &file, "--identity", &keeper.identity]));
    assert!(done.out.contains("came without the master key: put it at"), "{done:?}");
    assert!(!place.data().join("master.key").exists());
    fails(&place.run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]), "master.key is missing");
    std::fs::write(place.data().join("master.key"), key).unwrap();
    std::fs::set_permissions(place.data().join("master.key"), std::fs::Permissions::from_mode(0o600))
        .unwrap();
    is_sound(&place, &[]);
    let server = place.serve(&[]);
    server.gets_a_token(&(client_id, secret));
}

#[test]
fn a_backup_goes_through_a_pipe() {
    let server = Server::start();
    let place = server.place();
    let keeper = Keeper::new(place);
    let taken = place.run_bytes(&["backup", "-", "--recipient", &keeper.recipient]);
    std::fs::write(place.path("piped"), taken).unwrap();
    succeeds(place.run(&["backup", "verify", &path(place, "piped"), "--identity", &keeper.identity]));
}
