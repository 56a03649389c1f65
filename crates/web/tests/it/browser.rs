//! What only browsers say: cookies, and which page a form came from.

use http::{HeaderMap, HeaderName, HeaderValue};
use web::{Origin, PathPrefix, Scheme, SetCookie, cookies, is_same_origin};

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    lines.iter().map(line).collect()
}

#[test]
fn cookies_of_a_name_in_their_order() {
    let lines = [("cookie", "auth0=a; did=d;auth0=b; auth0x=no; broken"), ("cookie", "auth0=c=d")];
    let mut all = HeaderMap::new();
    for (_, value) in lines {
        all.append("cookie", HeaderValue::from_static(value));
    }
    assert_eq!(cookies(&all, "auth0").collect::<Vec<_>>(), ["a", "b", "c=d"]);
    assert_eq!(cookies(&all, "did").collect::<Vec<_>>(), ["d"]);
    assert_eq!(cookies(&all, "other").count(), 0);
}

#[test]
fn a_cookie_is_out_of_reach() {
    let prefix = PathPrefix("/t".into());
    let set = |cookie: SetCookie| {
        let mut headers = HeaderMap::new();
        cookie.add_to(&mut headers).map(|()| headers["set-cookie"].to_str().unwrap().to_owned()).ok()
    };
    let cookie = SetCookie::new("a", "v", &ours(Scheme::Https), &prefix);
    let lasting = set(cookie.clone().lasting(Some(60)));
    assert_eq!(lasting.unwrap(), "a=v; Path=/t/; Max-Age=60; HttpOnly; Secure; SameSite=None");
    assert_eq!(set(cookie).unwrap(), "a=v; Path=/t/; HttpOnly; Secure; SameSite=None");
    let gone = set(SetCookie::forgotten("a", &ours(Scheme::Http), &PathPrefix::default()));
    assert_eq!(gone.unwrap(), "a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=None");
    assert_eq!(set(SetCookie::new("a", "a\r\nb", &ours(Scheme::Https), &prefix)), None);
}

fn ours(scheme: Scheme) -> Origin {
    let ip = std::net::IpAddr::from([192, 0, 2, 1]);
    Origin { ip, peer: ip, scheme, host: "idp.example".into() }
}

#[test]
fn a_form_comes_from_a_page_of_ours() {
    let ours = ours(Scheme::Https);
    for (lines, is_ours) in [
        (vec![], true),
        (vec![("origin", "https://idp.example")], true),
        (vec![("origin", "https://idp.example:443")], true),
        (vec![("origin", "http://idp.example")], true),
        (vec![("origin", "https://idp.example"), ("sec-fetch-site", "same-origin")], true),
        (vec![("origin", "https://idp.example"), ("sec-fetch-site", "cross-site")], false),
        (vec![("origin", "https://idp.example:8443")], false),
        (vec![("origin", "https://idp.example.evil.example")], false),
        (vec![("origin", "https://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![("origin", "")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("sec-fetch-site", "cross-site")], false),
    ] {
        assert_eq!(is_same_origin(&headers(&lines), &ours), is_ours, "{lines:?}");
    }
}

#[test]
fn a_path_begins_with_what_was_taken_off() {
    assert_eq!(PathPrefix::default().path("/u/login"), "/u/login");
    assert_eq!(PathPrefix("/tenants/a".into()).path("/u/login"), "/tenants/a/u/login");
}
