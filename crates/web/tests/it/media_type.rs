//! Content types as clients write them.

use web::MediaType;

use crate::support::headers;

#[test]
fn content_types_are_recognized() {
    let table = [
        ("application/json", "application/json", true, false),
        ("Application/JSON; charset=UTF-8", "application/json", true, false),
        ("application/json;charset=\"utf-8\"", "application/json", true, false),
        ("application/merge-patch+json", "application/merge-patch+json", true, false),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", false, true),
        (
            "application/X-WWW-form-urlencoded; charset=latin1",
            "application/x-www-form-urlencoded",
            false,
            true,
        ),
        ("text/plain", "text/plain", false, false),
        ("application/jsonp", "application/jsonp", false, false),
    ];
    for (text, essence, is_json, is_form) in table {
        let media_type = MediaType::parse(text).expect(text);
        assert_eq!(media_type.essence(), essence);
        assert_eq!((media_type.is_json(), media_type.is_form()), (is_json, is_form), "{text}");
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
