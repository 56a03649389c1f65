//! Turning the master key from the command line.

use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::server::{ORDERS, Place, Server};

#[test]
fn it_is_turned_only_while_no_server_runs() {
    let server = Server::start();
    let (client_id, secret) = server.billing();
    let key = || std::fs::read_to_string(server.place().data().join("master.key")).unwrap();
    let before = key();
    let refused = server.run(&["admin", "rotate-master-key"]);
    assert_eq!(refused.code, Some(1));
    let says = format!("process {}) and would go on with the old key", server.pid());
    assert!(refused.err.contains(&says), "{}", refused.err);
    assert_eq!(key(), before);

    let place = server.kill();
    let turned = place.run(&["admin", "rotate-master-key"]);
    assert_eq!(turned.code, Some(0), "a crashed server is none: {turned:?}");
    let after = std::fs::read_to_string(place.data().join("master.key")).unwrap();
    assert!(after.ends_with(&before) && after != before);
    let server = place.serve(&[]);
    let words = ["token", "get", "--client-id", &client_id, "--client-secret", &secret, "--audience", ORDERS];
    server.text(&words);
}

#[test]
fn one_of_the_environment_is_printed_read_and_turned() {
    let place = Place::new();
    let printed = place.run(&["admin", "new-master-key"]);
    assert!(printed.code == Some(0) && !place.data().exists(), "nothing is made: {printed:?}");
    let key = printed.out.trim_end().to_owned();
    let mut place = place;
    place.sets("COUNTERSIGN_MASTER_KEY", &key);
    let server = place.serve(&[]);
    let (client_id, secret) = server.billing();
    assert!(!server.place().data().join("master.key").exists());
    let mut place = server.stop();
    // Turned in two steps, since nobody but the operator can write there.
    let printed = place.run(&["admin", "rotate-master-key"]);
    assert!(printed.code == Some(0) && printed.err.contains("then run this again"), "{printed:?}");
    assert!(printed.out.lines().count() == 2 && printed.out.trim_end().ends_with(&key), "{printed:?}");
    place.sets("COUNTERSIGN_MASTER_KEY", printed.out.trim_end());
    let turned = place.run(&["admin", "rotate-master-key"]);
    assert!(
        turned.code == Some(0) && turned.out.contains("tenant keys are wrapped with the first"),
        "{turned:?}"
    );
    // What the old key wrapped is gone.
    place.sets("COUNTERSIGN_MASTER_KEY", printed.out.lines().next().unwrap());
    let server = place.serve(&[]);
    server.gets_a_token(&(client_id, secret));
    drop(server);

    let place = Place::new();
    let name = key.split(' ').next().unwrap();
    let bare = key.split(' ').nth(1).unwrap();
    for (text, words) in [
        (bare.to_owned(), "it has one word where there are two"),
        (format!("k1 {}", &bare[..40]), "it has 30 bytes and not 32"),
        (format!("k1 {}", bare.trim_end_matches('=')), "the second word is not base64"),
        (
            "k1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned(),
            "it has 48 bytes and not 32",
        ),
        (format!("k.1 {bare}"), "a name has 1 to 64 letters"),
        (format!("{key}\n{name} {bare}"), "hold two keys named"),
        (" ".to_owned(), "there is no master key"),
    ] {
        let mut place = Place::new();
        place.sets("COUNTERSIGN_MASTER_KEY", &text);
        let refused = place.run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]);
        assert!(refused.code == Some(1), "{text:?}: {refused:?}");
        assert!(
            refused.err.contains(words) && refused.err.contains("COUNTERSIGN_MASTER_KEY"),
            "{words}: {refused:?}"
        );
        assert!(!refused.err.contains(&bare[..40]), "{refused:?}");
    }
    assert!(!place.data().exists());
}

#[test]
fn another_key_of_the_same_name_is_another_key() {
    let place = Place::new();
    let keep = |place: &Place, text: &str| {
        std::fs::create_dir_all(place.data()).unwrap();
        let key = place.data().join("master.key");
        std::fs::write(&key, text).unwrap();
        for (path, mode) in [(place.data(), 0o700), (key, 0o600)] {
            std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
    };
    let [ours, theirs] = [7, 8].map(|byte| format!("k1 {}\n", STANDARD.encode([byte; 32])));
    keep(&place, &ours);
    let server = place.serve(&[]);
    let (client_id, secret) = server.billing();
    let identity = server.place().path("identity.txt").to_str().unwrap().to_owned();
    let recipient = server.text(&["backup", "keygen", &identity]);
    let file = server.place().path("a.backup").to_str().unwrap().to_owned();
    server.text(&["backup", &file, "--recipient", &recipient]);
    let restore = ["restore", file.as_str(), "--identity", &identity];

    // The name alone says nothing: it would open nothing of what comes.
    let elsewhere = Place::new();
    keep(&elsewhere, &theirs);
    let refused = elsewhere.run(&restore);
    assert!(
        refused.code == Some(1) && refused.err.contains("is another master key than the backup's"),
        "{refused:?}"
    );
    assert!(!elsewhere.data().join("countersign.db").exists());
    assert_eq!(std::fs::read_to_string(elsewhere.data().join("master.key")).unwrap(), theirs);
    let done = elsewhere.run(&[&restore[..], &["--replace"]].concat());
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(std::fs::read_to_string(elsewhere.data().join("master.key")).unwrap(), ours);
    let aside = std::fs::read_dir(elsewhere.data()).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| path.join("master.key").exists()).collect::<Vec<_>>();
    assert_eq!(std::fs::read_to_string(aside[0].join("master.key")).unwrap(), theirs);
    let restored = elsewhere.serve(&[]);
    restored.gets_a_token(&(client_id, secret));

    // The same of one that the environment gives.
    let mut elsewhere = Place::new();
    elsewhere.sets("COUNTERSIGN_MASTER_KEY", &theirs);
    for words in [&restore[..], &[&restore[..], &["--replace"]].concat()] {
        let refused = elsewhere.run(words);
        assert!(refused.code == Some(1) && refused.err.contains("does not open this backup"), "{refused:?}");
    }
    elsewhere.sets("COUNTERSIGN_MASTER_KEY", &ours);
    let done = elsewhere.run(&restore);
    assert!(done.code == Some(0) && !elsewhere.data().join("master.key").exists(), "{done:?}");
    // The very same one stays where it is.
    let elsewhere = Place::new();
    keep(&elsewhere, &ours);
    let done = elsewhere.run(&restore);
    assert_eq!(done.code, Some(0), "{done:?}");
    // And a server whose store was sealed under the other does not start.
    keep(&elsewhere, &theirs);
    let refused = elsewhere.run(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", ""]);
    assert!(refused.code == Some(1), "{refused:?}");
}
