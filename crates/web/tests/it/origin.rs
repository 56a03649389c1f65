//! Who is believed about addresses, schemes and hosts.

use http::Uri;
use proptest::prelude::*;
use web::{BadHost, Connection, Origin, Scheme, TrustedProxies};

use crate::support::headers;

fn trusted() -> TrustedProxies {
    serde_json::from_str(r#"["10.0.0.0/8", "192.0.2.9", "2001:db8:1::/48"]"#).unwrap()
}

fn read(peer: &str, tls: bool, lines: &[(&str, &str)]) -> Result<Origin, BadHost> {
    let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let connection =
        Connection { peer: (peer.parse::<std::net::IpAddr>().unwrap(), 4000).into(), tls, certificate: None };
    Origin::read(&headers(&lines), &Uri::from_static("/"), &connection, &trusted())
}

/// What an origin looks like with the Host `id.test` and the given headers.
fn seen(peer: &str, lines: &[(&str, &str)]) -> String {
    let lines: Vec<_> = [("host", "id.test")].into_iter().chain(lines.iter().copied()).collect();
    let origin = read(peer, false, &lines).unwrap();
    format!("{} {}://{}", origin.ip, origin.scheme, origin.host)
}

#[test]
fn forwarded_headers_count_only_from_trusted_peers() {
    const FOR: &str = "x-forwarded-for";
    const PROTO: &str = "x-forwarded-proto";
    const HOST: &str = "x-forwarded-host";
    const RFC: &str = "forwarded";
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let table: &[Row<'_>] = &[
        ("198.51.100.7", &[], "198.51.100.7 http://id.test"),
        (
            "198.51.100.7",
            &[(FOR, "1.1.1.1"), (PROTO, "https"), (HOST, "x.test")],
            "198.51.100.7 http://id.test",
        ),
        ("198.51.100.7", &[(RFC, "for=1.1.1.1;proto=https;host=x.test")], "198.51.100.7 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1")], "1.1.1.1 http://id.test"),
        ("192.0.2.9", &[(FOR, "1.1.1.1"), (PROTO, "HTTPS"), (HOST, "X.test:443")], "1.1.1.1 https://x.test"),
        ("::ffff:10.0.0.1", &[(FOR, "::ffff:1.1.1.1")], "1.1.1.1 http://id.test"),
        // Chains: from the right, never past the first stranger.
        ("10.0.0.1", &[(FOR, "6.6.6.6, 1.1.1.1, 10.2.2.2")], "1.1.1.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "6.6.6.6"), (FOR, "1.1.1.1,10.2.2.2")], "1.1.1.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "10.3.3.3, 10.2.2.2")], "10.3.3.3 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1, 10.2.2.2"), (PROTO, "https, http")], "1.1.1.1 https://id.test"),
        ("10.0.0.1", &[(FOR, "6.6.6.6, 1.1.1.1"), (PROTO, "https, http")], "1.1.1.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1, 10.2.2.2"), (PROTO, "https")], "1.1.1.1 https://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1"), (HOST, "evil.test, good.test")], "1.1.1.1 http://good.test"),
        ("10.0.0.1", &[(PROTO, "https")], "10.0.0.1 https://id.test"),
        // Ports and IPv6.
        ("10.0.0.1", &[(FOR, "1.1.1.1:5555")], "1.1.1.1 http://id.test"),
        ("2001:db8:1::5", &[(FOR, "2001:db8::7")], "2001:db8::7 http://id.test"),
        ("10.0.0.1", &[(FOR, "[2001:db8::7]:5555, [2001:db8:1::5]")], "2001:db8::7 http://id.test"),
        (
            "10.0.0.1",
            &[(HOST, "[2001:DB8::7]:8443"), (PROTO, "https")],
            "10.0.0.1 https://[2001:db8::7]:8443",
        ),
        // Garbage ends the walk at the last known hop.
        ("10.0.0.1", &[(FOR, "unknown")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1, nonsense, 10.2.2.2")], "10.2.2.2 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1, \u{e9}")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(FOR, " , ,")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "999.1.1.1")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(FOR, "1.1.1.1"), (PROTO, "gopher")], "1.1.1.1 http://id.test"),
        // RFC 7239.
        ("10.0.0.1", &[(RFC, "for=1.1.1.1;proto=https;host=\"x.test:8443\"")], "1.1.1.1 https://x.test:8443"),
        ("10.0.0.1", &[(RFC, "For=\"[2001:db8::7]:4711\" ; Proto=https")], "2001:db8::7 https://id.test"),
        (
            "10.0.0.1",
            &[(RFC, "for=6.6.6.6, for=1.1.1.1;proto=https, for=10.2.2.2;proto=http")],
            "1.1.1.1 https://id.test",
        ),
        (
            "10.0.0.1",
            &[(RFC, "for=6.6.6.6"), (RFC, "for=1.1.1.1, for=10.2.2.2;host=x.test")],
            "1.1.1.1 http://x.test",
        ),
        ("10.0.0.1", &[(RFC, "for=_hidden, for=10.2.2.2")], "10.2.2.2 http://id.test"),
        ("10.0.0.1", &[(RFC, "for=\"1.1.1.1, for=6.6.6.6")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(RFC, "host=\"a\\\"b, for=6.6.6.6\", for=1.1.1.1")], "1.1.1.1 http://id.test"),
        ("10.0.0.1", &[(RFC, "for=1.1.1.1;for=6.6.6.6")], "10.0.0.1 http://id.test"),
        ("10.0.0.1", &[(RFC, ";;=,==;")], "10.0.0.1 http://id.test"),
        // A Forwarded passed through beside the headers the proxy does set is the client's word.
        (
            "10.0.0.1",
            &[(FOR, "1.1.1.1"), (RFC, "for=6.6.6.6;proto=https;host=x.test")],
            "1.1.1.1 http://id.test",
        ),
    ];
    for (peer, lines, expected) in table {
        assert_eq!(&seen(peer, lines), expected, "{peer} {lines:?}");
    }
}

#[test]
fn hosts_are_written_one_way() {
    let table = [
        ("ID.Test", false, Ok("id.test")),
        ("id.test:80", false, Ok("id.test")),
        ("id.test:0080", false, Ok("id.test")),
        ("id.test:443", false, Ok("id.test:443")),
        ("id.test:443", true, Ok("id.test")),
        ("id.test:80", true, Ok("id.test:80")),
        ("id.test:", false, Ok("id.test")),
        ("localhost:3000", false, Ok("localhost:3000")),
        ("127.0.0.1:3000", false, Ok("127.0.0.1:3000")),
        ("[::1]", false, Ok("[::1]")),
        ("[0:0::1]:3000", false, Ok("[::1]:3000")),
        ("my_tenant.id.test", false, Ok("my_tenant.id.test")),
        ("", false, Err(BadHost::Missing)),
        (":80", false, Err(BadHost::Malformed)),
        ("id.test:http", false, Err(BadHost::Malformed)),
        ("id.test:+80", false, Err(BadHost::Malformed)),
        ("id.test:65536", false, Err(BadHost::Malformed)),
        ("id.test:80:80", false, Err(BadHost::Malformed)),
        ("user@id.test", false, Err(BadHost::Malformed)),
        ("id.test/path", false, Err(BadHost::Malformed)),
        ("id.test?x", false, Err(BadHost::Malformed)),
        ("id test", false, Err(BadHost::Malformed)),
        ("id.test, x.test", false, Err(BadHost::Malformed)),
        ("id%2etest", false, Err(BadHost::Malformed)),
        ("<script>", false, Err(BadHost::Malformed)),
        ("[::1", false, Err(BadHost::Malformed)),
        ("[::1]x", false, Err(BadHost::Malformed)),
        ("[localhost]", false, Err(BadHost::Malformed)),
        ("::1", false, Err(BadHost::Malformed)),
        ("\u{e9}.test", false, Err(BadHost::Malformed)),
    ];
    for (host, tls, expected) in table {
        let origin = read("198.51.100.7", tls, &[("host", host)]);
        assert_eq!(
            origin.as_ref().map(|origin| origin.host.as_str()),
            expected.as_ref().map(|host| *host),
            "{host}"
        );
    }
    let longest = "a".repeat(255);
    assert_eq!(read("198.51.100.7", false, &[("host", &longest)]).unwrap().host, longest);
    assert_eq!(read("198.51.100.7", false, &[("host", &"a".repeat(256))]), Err(BadHost::TooLong));
    assert_eq!(read("198.51.100.7", false, &[]), Err(BadHost::Missing));
    assert_eq!(read("10.0.0.1", false, &[("x-forwarded-host", "a b")]), Err(BadHost::Malformed));
}

#[test]
fn a_request_names_one_host() {
    assert_eq!(
        read("198.51.100.7", false, &[("host", "a.test"), ("host", "b.test")]),
        Err(BadHost::Repeated)
    );
    let of = |uri: &str, host: Option<&str>| {
        let lines: Vec<_> = host.into_iter().map(|host| ("host", host.as_bytes())).collect();
        let connection = Connection { peer: "198.51.100.7:9".parse().unwrap(), tls: true, certificate: None };
        Origin::read(&headers(&lines), &uri.parse().unwrap(), &connection, &trusted())
    };
    assert_eq!(of("https://a.test/x", None).unwrap().host, "a.test");
    assert_eq!(of("https://a.test/x", Some("A.test")).unwrap().host, "a.test");
    assert_eq!(of("https://a.test/x", Some("b.test")), Err(BadHost::Repeated));
    assert_eq!(of("https://a:b@a.test/x", None), Err(BadHost::Malformed));
    let origin = of("/x", Some("a.test")).unwrap();
    assert_eq!((origin.scheme, origin.host.as_str()), (Scheme::Https, "a.test"));
}

#[test]
fn a_bad_network_is_named() {
    for bad in [r#"["10.0.0.0/33"]"#, r#"["proxy.test"]"#, r#"[""]"#, r#"[7]"#, r#""10.0.0.0/8""#] {
        assert!(serde_json::from_str::<TrustedProxies>(bad).is_err(), "{bad}");
    }
    let error = serde_json::from_str::<TrustedProxies>(r#"["10.0.0.0/33"]"#).unwrap_err();
    assert!(error.to_string().contains("10.0.0.0/33"), "{error}");
}

proptest! {
    #[test]
    fn no_header_panics(value in proptest::collection::vec(any::<u8>(), 0..200), which in 0..5usize) {
        let Ok(value) = http::HeaderValue::from_bytes(&value) else { return Ok(()) };
        let name = ["host", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"][which];
        let connection = Connection { peer: "10.0.0.1:1".parse().unwrap(), tls: false, certificate: None };
        let headers = headers(&[(name, value.as_bytes())]);
        let _ = Origin::read(&headers, &Uri::from_static("/"), &connection, &trusted());
    }

    #[test]
    fn a_stranger_never_chooses_his_address(value in "[ -~]{0,80}", which in 0..2usize) {
        let name = ["forwarded", "x-forwarded-for"][which];
        let origin = read("198.51.100.7", false, &[("host", "a.test"), (name, &value)]).unwrap();
        prop_assert_eq!(origin.ip.to_string(), "198.51.100.7");
    }
}
