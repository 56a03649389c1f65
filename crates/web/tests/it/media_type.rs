//! Content types as clients write them.

use web::MediaType;

use crate::support::headers;

#[test]
fn content_types_are_recognized() {
    let table = [
        ("application/json", "application/json", None, true, false),
        ("Application/JSON; charset=UTF-8", "application/json", Some("utf-8"), true, false),
        ("application/json;charset=\"utf-8\"", "application/json", Some("utf-8"), true, false),
        ("application/merge-patch+json", "application/merge-patch+json", None, true, false),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", None, false, true),
        (
            "application/X-WWW-form-urlencoded; charset=latin1",
            "application/x-www-form-urlencoded",
            Some("latin1"),
            false,
            true,
        ),
        ("text/plain", "text/plain", None, false, false),
        ("application/jsonp", "application/jsonp", None, false, false),
    ];
    for (text, essence, charset, is_json, is_form) in table {
        let media_type = MediaType::parse(text).expect(text);
        assert_eq!(media_type.essence(), essence);
        assert_eq!(media_type.charset(), charset, "{text}");
        assert_eq!((media_type.is_json(), media_type.is_form()), (is_json, is_form), "{text}");
        assert_eq!(media_type.is_utf8(), charset != Some("latin1"), "{text}");
    }
}

#[test]
fn what_is_no_content_type_is_none() {
    for bad in [
        "",
        " ",
        "json",
        "/json",
        "application/",
        "application/json;charset",
        "\u{e9}/json",
        "a/b/c",
        "a b/c",
    ] {
        assert_eq!(MediaType::parse(bad), None, "{bad:?}");
    }
    assert_eq!(MediaType::of(&headers(&[])), None);
    assert_eq!(MediaType::of(&headers(&[("content-type", b"application/json\xff")])), None);
    let twice = headers(&[("content-type", b"application/json"), ("content-type", b"application/json")]);
    assert_eq!(MediaType::of(&twice), None);
}
