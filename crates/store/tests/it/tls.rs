//! TLS to PostgreSQL, on a server that speaks it: `TEST_DATABASE_TLS` says where it is, `TEST_DATABASE_TLS_FILES` where the
//! certificates are. It lets in `encrypted` over TLS only, `plain` only without, `bound` by the password `secret`, and
//! `certified` by a certificate.

use std::path::PathBuf;
use std::time::Duration;

use store::copy;
use store::db::Error;
use store::scratch;
use store::{Location, Store};
use tokio::sync::mpsc;
use tokio::time;

use super::{insert, opened};

const SOON: Duration = Duration::from_secs(30);

struct Server {
    place: String,
    files: PathBuf,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration; this is theirs")]
    fn of_environment(test: &str) -> Option<Self> {
        let place = std::env::var("TEST_DATABASE_TLS").ok();
        let files = std::env::var("TEST_DATABASE_TLS_FILES").ok();
        if place.is_none() {
            eprintln!("skipped: tls::{test}, TEST_DATABASE_TLS is not set");
        }
        Some(Self { place: place?, files: files?.into() })
    }

    /// An address; a word in braces is one of the files.
    fn url(&self, user: &str, options: &str) -> String {
        let options = options.replace('{', &format!("{}/", self.files.display())).replace('}', "");
        format!("postgres://{user}@{}/postgres?hostaddr=127.0.0.1&{options}", self.place)
    }

    /// The same, called by another name than that in its certificate.
    fn elsewhere(&self, user: &str, options: &str) -> String {
        self.url(user, options).replacen("localhost", "127.0.0.1", 1)
    }
}

async fn asked(url: &str) -> Result<(), Error> {
    copy::steps_of(&Location::Postgres { url: url.to_owned() }).await.map(drop)
}

/// Why there is no way, with all that is behind it.
async fn refused(url: &str) -> String {
    match asked(url).await {
        Ok(()) => panic!("{url} is let in"),
        Err(error) => format!("{error:?}"),
    }
}

#[tokio::test]
async fn an_authority_and_a_name_are_demanded_as_far_as_the_address_says() {
    let Some(server) = Server::of_environment("an_authority_and_a_name") else { return };
    for options in [
        "sslmode=require",
        "sslmode=require&sslrootcert={authority.pem}",
        "sslmode=verify-ca&sslrootcert={authority.pem}",
    ] {
        asked(&server.elsewhere("encrypted", options)).await.unwrap();
    }
    asked(&server.url("encrypted", "sslmode=verify-full&sslrootcert={authority.pem}")).await.unwrap();
    let words =
        refused(&server.elsewhere("encrypted", "sslmode=verify-full&sslrootcert={authority.pem}")).await;
    assert!(words.contains("NotValidForName"), "{words}");
    for options in [
        "sslmode=verify-full&sslrootcert={other.pem}",
        "sslmode=verify-ca&sslrootcert={other.pem}",
        "sslmode=require&sslrootcert={other.pem}",
    ] {
        let words = refused(&server.url("encrypted", options)).await;
        assert!(words.contains("UnknownIssuer"), "{options}: {words}");
    }
    // Those that the machine believes, if it believes any.
    for options in ["sslmode=verify-full", "sslrootcert=system"] {
        let words = refused(&server.url("encrypted", options)).await;
        assert!(
            words.contains("UnknownIssuer") || words.contains("believes no authority"),
            "{options}: {words}"
        );
    }
}

#[tokio::test]
async fn what_is_only_preferred_is_done_without_where_the_server_wants_that() {
    let Some(server) = Server::of_environment("what_is_only_preferred") else { return };
    for (user, options) in [
        ("encrypted", ""),
        ("encrypted", "sslmode=allow"),
        ("plain", ""),
        ("plain", "sslmode=allow"),
        ("plain", "sslmode=disable"),
        // As libpq has it: the authority is another, so the second way is taken.
        ("plain", "sslmode=prefer&sslrootcert={other.pem}"),
    ] {
        asked(&server.url(user, options)).await.unwrap_or_else(|error| panic!("{user} {options}: {error:?}"));
    }
    for (user, options) in [("encrypted", "sslmode=disable"), ("plain", "sslmode=require")] {
        let words = refused(&server.url(user, options)).await;
        assert!(words.contains("pg_hba.conf"), "{user} {options}: {words}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration; this is theirs")]
    let Ok(url) = std::env::var("TEST_DATABASE") else {
        return eprintln!("skipped: tls::a_server_without_tls, TEST_DATABASE is not set");
    };
    let client = scratch::client(&url).await.unwrap();
    let setting = client.query_one("select setting from pg_settings where name = 'ssl'", &[]).await.unwrap();
    if setting.get::<_, String>(0) == "on" {
        return eprintln!("skipped: tls::a_server_without_tls, TEST_DATABASE names one that speaks it");
    }
    asked(&url).await.unwrap();
    for options in ["sslmode=require", "sslmode=verify-full", "ssl=true"] {
        let words = refused(&format!("{url}?{options}")).await;
        assert!(words.contains("server does not support TLS"), "{options}: {words}");
    }
}

#[tokio::test]
async fn a_certificate_of_ours_is_a_proof() {
    let Some(server) = Server::of_environment("a_certificate_of_ours") else { return };
    let certified =
        "sslmode=verify-full&sslrootcert={authority.pem}&sslcert={client.pem}&sslkey={client.key}";
    asked(&server.url("certified", certified)).await.unwrap();
    let words = refused(&server.url("certified", "sslmode=verify-full&sslrootcert={authority.pem}")).await;
    assert!(words.contains("certificate"), "{words}");
    let words = refused(&server.url("bound", certified)).await;
    assert!(words.contains("password"), "a certificate says who somebody is, and this is another: {words}");
}

#[tokio::test]
async fn a_password_is_bound_to_the_certificate() {
    let Some(server) = Server::of_environment("a_password_is_bound") else { return };
    let bound = "sslmode=require&channel_binding=require";
    asked(&server.url("bound:secret", bound)).await.unwrap();
    assert!(refused(&server.url("bound:wrong", bound)).await.contains("password"));
    let words = refused(&server.url("encrypted", bound)).await;
    assert!(words.contains("channel binding"), "nobody asked for a password: {words}");
}

#[tokio::test]
async fn a_file_that_is_wrong_is_named_and_no_password() {
    let Some(server) = Server::of_environment("a_file_that_is_wrong") else { return };
    for (options, parameter) in [
        ("sslmode=verify-full&sslrootcert={missing.pem}", "sslrootcert: "),
        ("sslmode=verify-full&sslrootcert={client.key}", "sslrootcert: "),
        ("sslcert={missing.pem}&sslkey={client.key}", "sslcert: "),
        ("sslcert={client.pem}&sslkey={authority.pem}", "sslkey: "),
    ] {
        let location = Location::Postgres { url: server.url("encrypted:a-password", options) };
        for error in [
            Store::open(&location).await.unwrap_err(),
            copy::steps_of(&location).await.unwrap_err(),
            copy::is_empty(&location).await.unwrap_err(),
        ] {
            assert!(error.to_string().starts_with(parameter), "{error}");
            assert!(!format!("{error} {error:?}").contains("a-password"), "{error:?}");
        }
    }
}

/// The user gets in over TLS only, so whatever connects speaks it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_connects_is_encrypted() {
    let Some(server) = Server::of_environment("whatever_connects") else { return };
    let url = server.url("encrypted", "sslmode=verify-full&sslrootcert={authority.pem}");
    let (one, two) = (scratch::postgres_on(url.clone()).await, scratch::postgres_on(url).await);
    // The pool and its migrations, and what nodes tell each other.
    let (store, other) = (opened(&one).await, Store::open(&one.location).await.unwrap());
    store.listen();
    other.listen();
    time::timeout(SOON, other.told()).await.unwrap();
    store.documents().commit("one", vec![insert("a", vec![], 0)]).await.unwrap();
    time::timeout(SOON, other.told()).await.unwrap();
    other.close().await;
    store.close().await;
    // A backup, and a restore.
    let (pieces, read) = mpsc::channel(2);
    let (reading, rows) = tokio::join!(copy::read(&one.location, pieces), copy::write(&two.location, read));
    reading.unwrap();
    assert!(rows.unwrap() > 0);
    assert!(!copy::is_empty(&two.location).await.unwrap());
}

/// A search that nobody waits for is stopped, also where the order to stop goes over TLS.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_is_stopped_over_tls() {
    let Some(server) = Server::of_environment("a_statement_is_stopped") else { return };
    let url = server.url("encrypted", "sslmode=verify-full&sslrootcert={authority.pem}");
    let scratch = scratch::postgres_on(url.clone()).await;
    let Location::Postgres { url: own } = &scratch.location else { unreachable!("it is PostgreSQL") };
    let db = store::db::Db::postgres(own).await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(600);
    let sleeping = "select cast(pg_sleep(599) as text), 'abandoned-over-tls'";
    let abandoned = tokio::spawn({
        let db = db.clone();
        async move { db.rows_until(deadline, sleeping, vec![]).await }
    });
    let client = scratch::client(&url).await.unwrap();
    let running = "select count(*) from pg_stat_activity
                   where state = 'active' and query like '%abandoned-over-tls%' and pid <> pg_backend_pid()";
    let becomes = async |wanted: i64| loop {
        if client.query_one(running, &[]).await.unwrap().get::<_, i64>(0) == wanted {
            break;
        }
        time::sleep(Duration::from_millis(20)).await;
    };
    time::timeout(SOON, becomes(1)).await.unwrap();
    abandoned.abort();
    time::timeout(SOON, becomes(0)).await.unwrap();
    db.close().await;
}
