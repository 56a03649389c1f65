//! What is fetched and what is not, against a server on loopback.

use std::time::{Duration, Instant};

use outbound::{
    Error, Outbound, Settings,
    scratch::{Reply, ScratchServer},
};

#[tokio::test]
async fn what_is_fetched_comes_with_how_long_it_may_be_kept() {
    let server = ScratchServer::start(|path| match path {
        "/keys" => Reply::json("{\"keys\":[]}").with("cache-control: public, max-age=900"),
        "/never" => Reply::json("{}").with("cache-control: no-store"),
        "/set" => Reply {
            headers: vec!["content-type: application/jwk-set+json; charset=utf-8".into()],
            ..Reply::json("{}")
        },
        _ => Reply::json("{}"),
    })
    .await;
    let outbound = server.outbound();
    let keys = outbound.get_json(&server.url("/keys")).await.unwrap();
    assert_eq!((&keys.body[..], keys.max_age), (&b"{\"keys\":[]}"[..], Some(Duration::from_secs(900))));
    let never = outbound.get_json(&server.url("/never")).await.unwrap();
    assert_eq!(never.max_age, Some(Duration::ZERO));
    assert_eq!(outbound.get_json(&server.url("/set")).await.unwrap().max_age, None);
}

#[tokio::test]
async fn what_is_inside_is_not_reached_by_name_or_number() {
    let server = ScratchServer::start(|_| Reply::json("{}")).await;
    let outbound = Outbound::new(Settings { allow: Vec::new(), ..server.settings() });
    let port = server.port();
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ] {
        let refused = outbound.get_json(&format!("https://{host}:{port}/")).await.unwrap_err();
        assert_eq!(refused, Error::NotPublic, "{host}");
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn nothing_but_https_is_spoken() {
    let outbound = Outbound::default();
    for url in [
        "http://example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "data:application/json,{}",
        "example.com",
        "",
        "https://",
        "https://user@example.com/",
        "https://user:password@example.com/",
        &format!("https://example.com/{}", "a".repeat(3000)),
    ] {
        assert!(matches!(outbound.get_json(url).await, Err(Error::Url(_))), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = ScratchServer::start(|path| match path {
        "/elsewhere" => Reply::json("{}"),
        path => Reply::status(path[1..].parse().unwrap()).with("location: /elsewhere"),
    })
    .await;
    let outbound = server.outbound();
    for status in [301, 302, 303, 307, 308] {
        let refused = outbound.get_json(&server.url(&format!("/{status}"))).await.unwrap_err();
        assert_eq!(refused, Error::Redirected, "{status}");
    }
    assert_eq!(server.asked(), 5);
}

#[tokio::test]
async fn an_answer_that_is_none() {
    let server = ScratchServer::start(|path| match path {
        "/html" => Reply { headers: vec!["content-type: text/html".into()], ..Reply::json("{}") },
        "/untold" => Reply { headers: Vec::new(), ..Reply::json("{}") },
        "/short" => Reply::json("").with("transfer-encoding: chunked"),
        path => Reply::status(path[1..].parse().unwrap()),
    })
    .await;
    let outbound = server.outbound();
    let mut refusals = Vec::new();
    for path in ["/html", "/untold", "/404", "/500", "/204"] {
        refusals.push(outbound.get_json(&server.url(path)).await.unwrap_err());
    }
    let expected =
        [Error::NotJson, Error::NotJson, Error::Status(404), Error::Status(500), Error::Status(204)];
    assert_eq!(refusals, expected);
    let short = outbound.get_json(&server.url("/short")).await.unwrap_err();
    assert!(matches!(short, Error::Unreachable(_)), "{short:?}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536));
    let server = ScratchServer::start(move |path| match path {
        "/told" => Reply::json("x".repeat(256 * 1024 + 1)),
        "/fits" => Reply::json("x".repeat(256 * 1024)),
        _ => Reply::json(chunk.repeat(32)).with("transfer-encoding: chunked"),
    })
    .await;
    let outbound = server.outbound();
    assert_eq!(outbound.get_json(&server.url("/told")).await.unwrap_err(), Error::TooLarge);
    assert_eq!(outbound.get_json(&server.url("/untold")).await.unwrap_err(), Error::TooLarge);
    assert_eq!(outbound.get_json(&server.url("/fits")).await.unwrap().body.len(), 256 * 1024);
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_left() {
    let server = ScratchServer::start(|_| Reply::json("{}").after(60_000)).await;
    let outbound = Outbound::new(Settings { total: Duration::from_millis(300), ..server.settings() });
    let began = Instant::now();
    assert_eq!(outbound.get_json(&server.url("/")).await.unwrap_err(), Error::Slow);
    assert!(began.elapsed() < Duration::from_secs(50));
}

#[tokio::test]
async fn a_certificate_of_nobodys_is_not_believed() {
    let server = ScratchServer::start(|_| Reply::json("{}")).await;
    let outbound = Outbound::new(Settings { authorities: None, ..server.settings() });
    let refused = outbound.get_json(&server.url("/")).await.unwrap_err();
    // A machine without any authorities of its own cannot even try.
    assert!(matches!(refused, Error::Unreachable(_) | Error::Unusable(_)), "{refused:?}");
    assert_eq!(server.asked(), 0);
}

#[test]
fn what_is_no_authority_is_told_at_the_start() {
    assert!(outbound::check_authorities("").is_err());
    assert!(outbound::check_authorities("no certificate").is_err());
    let broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    assert!(outbound::check_authorities(broken).is_err());
}
