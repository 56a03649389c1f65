//! What is refused, and what the refusal says to do next.

use crate::server::{ORDERS, Place, Server};

#[test]
fn refusals_say_what_to_do_next() {
    let server = Server::start();
    let (client_id, _) = server.billing();
    let cases: &[(&[&str], &str)] = &[
        (&["apps", "show", "nobody"], "`countersign apps list`"),
        (&["apps", "rotate-secret", "../tenants"], "`countersign apps list`"),
        (&["apis", "show", "https://nothing.example"], "`countersign apis list`"),
        (
            &["grants", "create", "--client-id", &client_id, "--audience", "https://no.example"],
            "`countersign apis list`",
        ),
        (&["grants", "create", "--client-id", "nobody", "--audience", ORDERS], "`countersign apps list`"),
        (&["token", "get", "--client-id", "nobody"], "`countersign apps list`"),
        (&["token", "get", "--client-id", &client_id], "`countersign grants list --client-id "),
        (&["token", "get", "--client-id", &client_id, "--client-secret", "no"], "--show-secret`"),
        // It is no option, though it looks like one.
        (&["token", "get", "--client-id", &client_id, "--client-secret", "-no"], "--show-secret`"),
        (&["--tenant", "nobody", "apps", "list"], "there is no tenant \"nobody\""),
        (&["tenants", "create", "Not A Name"], "on property name"),
    ];
    for (words, next) in cases {
        let done = server.run(words);
        assert_eq!((done.code, done.out.as_str()), (Some(1), ""), "{words:?}");
        assert!(done.err.contains(next), "{words:?}: {}", done.err);
        assert_eq!(done.err.lines().count(), 1, "{words:?}: {}", done.err);
    }
}

#[test]
fn an_unknown_algorithm_is_refused_with_those_that_are_known() {
    let words = ["apis", "create", "--name", "A", "--identifier", "a", "--signing-alg", "none"];
    let done = Place::new().run(&words);
    assert_eq!(done.code, Some(2));
    for name in ["HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA"] {
        assert!(done.err.contains(name), "{}", done.err);
    }
}

#[test]
fn unknown_configuration_is_refused_with_its_place() {
    let place = Place::new();
    place.write("countersign.toml", "lissten = \"127.0.0.1:0\"\n");
    for words in [&["serve"][..], &["config", "check"], &["apps", "list"]] {
        let done = place.run(words);
        assert_eq!(done.code, Some(1), "{words:?}: {done:?}");
        assert!(done.err.contains("countersign.toml") && done.err.contains("lissten"), "{}", done.err);
    }
    place.write("countersign.toml", "listen = 8080\n");
    let done = place.run(&["serve"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("countersign.toml") && done.err.contains("listen"), "{}", done.err);
    let done = place.run(&["serve", "--config", "elsewhere.toml"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("elsewhere.toml"), "{}", done.err);
    assert!(!place.data().exists(), "nothing was begun");
}

#[test]
fn access_to_a_cloud_is_given_whole_or_not_at_all() {
    let place = Place::new();
    let bridge =
        "eventbridge_access_key_id = \"AKIDEXAMPLE\"\neventbridge_secret_access_key = \"never-told\"\n";
    let grid = "eventgrid_endpoint = \"https://topic.example/api/events\"\neventgrid_key = \"never-told\"\n";
    for (settings, words) in [
        ("eventbridge_access_key_id = \"AKIDEXAMPLE\"\n", "belong together"),
        ("eventbridge_secret_access_key = \"never-told\"\n", "belong together"),
        ("eventgrid_endpoint = \"https://topic.example/\"\n", "belong together"),
        ("eventgrid_key = \"never-told\"\n", "belong together"),
        (&format!("{bridge}eventbridge_bus = \"a:b\"\n"), "eventbridge_bus"),
        (&format!("{bridge}eventbridge_accounts = [\"12345678901\"]\n"), "eventbridge_accounts"),
        (&format!("{bridge}eventbridge_endpoint = \"http://localhost:4566\"\n"), "eventbridge_endpoint"),
        (&grid.replace("https", "http"), "eventgrid_endpoint"),
        (&grid.replace("never-told", "never-told \\n"), "eventgrid_key"),
    ] {
        place.write("countersign.toml", settings);
        let done = place.run(&["config", "check"]);
        assert_eq!(done.code, Some(1), "{settings}: {done:?}");
        assert!(done.err.contains(words) && !done.err.contains("never-told"), "{settings}: {}", done.err);
    }
    place.write("countersign.toml", &format!("{bridge}{grid}"));
    let done = place.run(&["config", "check"]);
    assert!(done.code == Some(0) && !format!("{done:?}").contains("never-told"), "{done:?}");
}
