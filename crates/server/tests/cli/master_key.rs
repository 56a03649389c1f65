//! Turning the master key from the command line.

use crate::server::{ORDERS, Server};

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
