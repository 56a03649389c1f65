//! Basic and Bearer, and everything that only looks like them.

use base64::{Engine, prelude::BASE64_STANDARD};
use web::{Malformed, basic_credentials, bearer};

use crate::support::headers;

fn basic(line: &[u8]) -> Option<Result<(String, String), Malformed>> {
    basic_credentials(&headers(&[("authorization", line)]))
}

#[test]
fn basic_credentials_are_decoded_twice() {
    type Row<'a> = (&'a [u8], Option<(&'a str, &'a str)>);
    let table: &[Row<'_>] = &[
        (b"id:secret", Some(("id", "secret"))),
        (b"id:", Some(("id", ""))),
        (b":secret", Some(("", "secret"))),
        (b"id:se:cr:et", Some(("id", "se:cr:et"))),
        (b"i%3Ad:s%25c+r%2Bt", Some(("i:d", "s%c r+t"))),
        (b"id:100%", Some(("id", "100%"))),
        ("\u{fc}:\u{1f512}".as_bytes(), Some(("\u{fc}", "\u{1f512}"))),
        (b"id:%C3%BC", Some(("id", "\u{fc}"))),
        (b"no colon", None),
        (b"", None),
        (b"id:\0", None),
        (b"id:%00", None),
        (b"id:a%0Ab", None),
        (b"id:\x7f", None),
        (b"id:\xff", None),
        (b"id:%FF", None),
        (b"\xc3:x", None),
    ];
    for (plain, expected) in table {
        let line = format!("Basic {}", BASE64_STANDARD.encode(plain));
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret.to_owned())).ok_or(Malformed);
        assert_eq!(basic(line.as_bytes()), Some(expected), "{}", plain.escape_ascii());
    }
}

#[test]
fn the_header_itself_may_be_anything() {
    let good = Some(Ok(("id".to_owned(), "x".to_owned())));
    assert_eq!(basic(b"bASIC aWQ6eA=="), good);
    assert_eq!(basic(b"Basic   aWQ6eA== "), good);
    assert_eq!(basic(b"Basic aWQ6eA"), good);
    for bad in
        [&b"Basic"[..], b"Basic ", b"Basic !!!", b"Basic aWQ6eA= =", b"Basic aWQ6eA==\xff", b"Basic aWQ6_-"]
    {
        assert_eq!(basic(bad), Some(Err(Malformed)), "{}", bad.escape_ascii());
    }
    for other in [&b""[..], b"Bearer x", b"Basicx aWQ6eA==", b"Bas", b"\xff"] {
        assert_eq!(basic(other), None, "{}", other.escape_ascii());
    }
    assert_eq!(basic_credentials(&headers(&[])), None);
    let twice = headers(&[("authorization", b"Basic aWQ6eA=="), ("authorization", b"Basic aWQ6eA==")]);
    assert_eq!(basic_credentials(&twice), Some(Err(Malformed)));
}

#[test]
fn a_bearer_token_is_one_word() {
    let token = |line: &[u8]| bearer(&headers(&[("authorization", line)])).map(str::to_owned);
    assert_eq!(token(b"Bearer abc.def-ghi_"), Some("abc.def-ghi_".to_owned()));
    assert_eq!(token(b"bearer  abc "), Some("abc".to_owned()));
    for bad in [
        &b"Bearer"[..],
        b"Bearer ",
        b"Bearer a b",
        b"Bearer a\tb",
        b"Bearer \xff",
        b"Bearerabc",
        b"Basic abc",
    ] {
        assert_eq!(token(bad), None, "{}", bad.escape_ascii());
    }
    assert_eq!(bearer(&headers(&[("authorization", b"Bearer a"), ("authorization", b"Bearer b")])), None);
    assert_eq!(bearer(&headers(&[])), None);
}
