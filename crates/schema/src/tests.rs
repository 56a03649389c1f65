//! The declaration language, held against the words of the wire and against an independent validator.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{json_schema::json_schema, *};

#[derive(Debug, Deserialize, schema_derive::Resource)]
#[resource(path("widgets"), id("id"), scope("widgets"))]
/// A thing to test with.
#[expect(dead_code, reason = "the view is parsed, its fields are not read")]
struct Widget {
    /// Its identifier.
    #[field(write(Never))]
    id: String,
    /// What people call it.
    #[field(min(1), max(10), format(NoAngleBrackets), lookup)]
    name: String,
    /// A few words.
    #[field(max(5), nullable)]
    note: Option<String>,
    /// Free keys and values.
    #[field(merge_keys, max(2), key_max(4), each_max(3))]
    metadata: Option<std::collections::BTreeMap<String, String>>,
    /// Where it is.
    #[field(write(OnCreate), unique)]
    place: Option<String>,
    /// How it is made.
    #[field(default(|| json!({ "speed": 3 })), merge_keys)]
    making: Making,
    /// Where it sends things.
    sink: Option<Sink>,
    /// Its key.
    #[field(write(OnUpdate), secret("read:widget_keys"))]
    key: Option<String>,
    /// Its labels.
    #[field(unique_items, max(3), each_min(1))]
    labels: Option<Vec<String>>,
    /// Anything at all.
    extra: Option<Value>,
}

#[derive(Debug, Deserialize, schema_derive::Shaped)]
#[expect(dead_code, reason = "the view is parsed, its fields are not read")]
struct Making {
    /// How fast.
    #[field(min(0), max(9))]
    speed: Option<i64>,
    /// In what colour.
    colour: Option<Colour>,
    /// Whether it is encoded.
    #[field(default(|| json!(false)))]
    encoded: Option<bool>,
}

#[derive(Debug, Deserialize, schema_derive::Shaped)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
    DarkBlue,
}

#[derive(Debug, Deserialize, schema_derive::Shaped)]
#[serde(tag = "type", rename_all = "lowercase")]
#[expect(dead_code, reason = "the view is parsed, its fields are not read")]
enum Sink {
    Http {
        /// Where to send.
        url: String,
        /// With what proof.
        #[field(secret("read:widget_keys"))]
        token: Option<String>,
    },
    Nowhere {},
}

const FIELDS: &[Field] = Widget::NOUN.fields;

fn object(value: Value) -> Object {
    value.as_object().cloned().expect("an object literal")
}

fn complaint(body: Value, op: Op) -> String {
    check(FIELDS, &object(body), op).expect_err("should be refused").to_string()
}

#[test]
fn a_good_body_passes() {
    let body = json!({ "name": "a", "sink": { "type": "http", "url": "x" }, "labels": ["a", "b"], "metadata": { "k": "v" } });
    check(FIELDS, &object(body), Op::Create).expect("valid");
    check(FIELDS, &object(json!({ "note": null, "metadata": { "k": null }, "key": "s" })), Op::Update)
        .expect("valid");
}

#[test]
fn each_fault_is_named_in_the_words_of_the_wire() {
    let cases = [
        (json!({}), "'Missing required property: name'."),
        (json!({ "name": "a", "b": 1, "id": "x" }), "'Additional properties not allowed: b,id'."),
        (
            json!({ "name": 3 }),
            "'Expected type string but found type integer' on property name (What people call it).",
        ),
        (
            json!({ "name": "" }),
            "'String is too short (0 chars), minimum 1' on property name (What people call it).",
        ),
        (
            json!({ "name": "ääääääääääää" }),
            "'String is too long (12 chars), maximum 10' on property name (What people call it).",
        ),
        (
            json!({ "name": "a<b" }),
            "'String does not match pattern ^[^<>]+$: a<b' on property name (What people call it).",
        ),
        (
            json!({ "name": "a\0" }),
            "'String does not match pattern ^[^\\u0000]*$' on property name (What people call it).",
        ),
        (
            json!({ "name": "a", "note": null }),
            "'Expected type string but found type null' on property note (A few words).",
        ),
        (
            json!({ "name": "a", "making": { "speed": 10 } }),
            "'Value 10 is greater than maximum 9' on property making.speed (How fast).",
        ),
        (
            json!({ "name": "a", "making": { "speed": 1.5 } }),
            "'Expected type integer but found type number' on property making.speed (How fast).",
        ),
        (
            json!({ "name": "a", "making": { "colour": "green" } }),
            "'No enum match for: green' on property making.colour (In what colour).",
        ),
        (
            json!({ "name": "a", "labels": ["a", "b", "a"] }),
            "'Array items are not unique (indexes 0 and 2)' on property labels (Its labels).",
        ),
        (
            json!({ "name": "a", "labels": ["a", ""] }),
            "'String is too short (0 chars), minimum 1' on property labels[1] (Its labels).",
        ),
        (
            json!({ "name": "a", "labels": ["a", "b", "c", "d"] }),
            "'Array is too long (4), maximum 3' on property labels (Its labels).",
        ),
        (
            json!({ "name": "a", "metadata": { "a": "1", "b": "2", "c": "3" } }),
            "'Too many properties defined (3), maximum 2' on property metadata (Free keys and values).",
        ),
        (
            json!({ "name": "a", "metadata": { "a": "1234" } }),
            "'String is too long (4 chars), maximum 3' on property metadata.a (Free keys and values).",
        ),
        (
            json!({ "name": "a", "sink": { "type": "ftp" } }),
            "'No enum match for: ftp' on property sink.type (Where it sends things).",
        ),
        (
            json!({ "name": "a", "sink": { "type": "nowhere", "url": "x" } }),
            "'Additional properties not allowed: url' on property sink (Where it sends things).",
        ),
        (
            json!({ "name": "a", "sink": { "type": "http" } }),
            "'Missing required property: url' on property sink (Where it sends things).",
        ),
        (json!({ "name": "a", "key": "s" }), "'Additional properties not allowed: key'."),
    ];
    for (body, words) in cases {
        assert_eq!(complaint(body, Op::Create), words);
    }
    assert_eq!(complaint(json!({ "place": "x" }), Op::Update), "'Additional properties not allowed: place'.");
}

#[test]
fn free_json_has_a_depth() {
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let words = complaint(json!({ "name": "a", "extra": deep }), Op::Create);
    assert_eq!(words, "'Nested deeper than 32 levels' on property extra (Anything at all).");
    assert!(complaint(json!({ "name": "a", "extra": { "a": ["\0"] } }), Op::Create).contains("u0000"));
}

#[test]
fn defaults_fill_what_is_absent_and_what_is_partial() {
    let mut body = object(json!({ "name": "a" }));
    complete(FIELDS, &mut body);
    assert_eq!(Value::Object(body), json!({ "name": "a", "making": { "speed": 3 } }));

    let mut body = object(json!({ "name": "a", "making": { "colour": "red" } }));
    complete(FIELDS, &mut body);
    assert_eq!(Value::Object(body), json!({ "name": "a", "making": { "colour": "red", "encoded": false } }));
}

#[test]
fn whole_numbers_are_stored_as_integers() {
    let mut body = object(json!({ "name": "a", "making": { "speed": 3.0 } }));
    check(FIELDS, &body, Op::Create).expect("3.0 is an integer");
    complete(FIELDS, &mut body);
    assert_eq!(body["making"]["speed"].to_string(), "3");
    merge(FIELDS, &mut body, object(json!({ "making": { "speed": 4.0 } })));
    assert_eq!(body["making"]["speed"].to_string(), "4");
}

#[test]
fn a_patch_replaces_merges_and_removes() {
    let mut document = object(
        json!({ "name": "a", "note": "n", "metadata": { "a": "1", "b": "2" }, "making": { "speed": 1 }, "labels": ["x"] }),
    );
    let patch = json!({ "name": "b", "note": null, "metadata": { "a": null, "c": "3" }, "making": { "colour": "red" }, "labels": [] });
    merge(FIELDS, &mut document, object(patch));
    let expected = json!({ "name": "b", "metadata": { "b": "2", "c": "3" }, "making": { "speed": 1, "colour": "red" }, "labels": [] });
    assert_eq!(Value::Object(document), expected);
}

#[test]
fn a_projection_hides_secrets_and_keeps_what_was_asked_for() {
    let document = object(
        json!({ "id": "1", "name": "a", "key": "s", "sink": { "type": "http", "url": "x", "token": "t" } }),
    );
    let mut blind = document.clone();
    project(FIELDS, &mut blind, &Selection::Everything, &Viewer::with(&|_| false));
    assert_eq!(
        Value::Object(blind),
        json!({ "id": "1", "name": "a", "sink": { "type": "http", "url": "x" } })
    );

    let mut seeing = document.clone();
    project(
        FIELDS,
        &mut seeing,
        &Selection::Only(vec!["key".into()]),
        &Viewer::with(&|scope| scope == "read:widget_keys"),
    );
    assert_eq!(Value::Object(seeing), json!({ "key": "s" }));

    let mut without = document;
    project(
        FIELDS,
        &mut without,
        &Selection::Except(vec!["sink".into(), "key".into()]),
        &Viewer::with(&|_| true),
    );
    assert_eq!(Value::Object(without), json!({ "id": "1", "name": "a" }));
}

#[test]
fn secrets_are_known_by_name() {
    assert_eq!(Widget::NOUN.secret_names(), ["token", "key"]);
}

#[test]
fn keys_and_secrets_are_found_where_they_lie() {
    let mut document = object(
        json!({ "name": "a", "place": "p", "key": "s", "sink": { "type": "http", "url": "x", "token": "t" } }),
    );
    let keys = keys(FIELDS, &document);
    assert_eq!(keys, [Key::shared("name", "a"), Key::unique("place", "p")]);
    let mut seen = Vec::new();
    each_secret::<()>(FIELDS, &mut document, &mut |path, text| {
        seen.push(format!("{path}={text}"));
        *text = "sealed".into();
        Ok(())
    })
    .expect("infallible");
    assert_eq!(seen, ["sink.token=t", "key=s"]);
    assert_eq!(document["sink"]["token"], "sealed");
}

/// Secrets wherever a shape can put one.
#[derive(Debug, Deserialize, schema_derive::Resource)]
#[resource(path("safes"), id("id"), scope("safes"))]
#[expect(dead_code, reason = "the view is parsed, its fields are not read")]
struct Safe {
    /// Its identifier.
    #[field(write(Never))]
    id: String,
    /// Secrets by name.
    #[field(secret("read:safe_keys"), merge_keys)]
    by_name: Option<std::collections::BTreeMap<String, String>>,
    /// Secrets in a row.
    #[field(secret("read:safe_keys"))]
    in_a_row: Option<Vec<String>>,
    /// Objects by name.
    making: Option<std::collections::BTreeMap<String, Making>>,
    /// Sinks by name.
    sinks: Option<std::collections::BTreeMap<String, Sink>>,
    /// Rows of sinks.
    rows: Option<Vec<Vec<Sink>>>,
}

const SAFE: Noun = Safe::NOUN;

fn safe() -> Object {
    object(json!({
        "id": "1",
        "by_name": { "a": "s1", "b.c": "s2" },
        "in_a_row": ["s3", "s4"],
        "making": { "x": { "speed": 2.0 } },
        "sinks": { "x": { "type": "http", "url": "u", "token": "s5" }, "y": { "type": "nowhere" } },
        "rows": [[{ "type": "http", "url": "u", "token": "s6" }]]
    }))
}

#[test]
fn a_secret_is_found_in_maps_lists_and_choices() {
    let mut document = safe();
    check(SAFE.fields, &object(json!({ "sinks": document["sinks"], "by_name": { "a": "s" } })), Op::Create)
        .expect("valid");
    let mut seen = Vec::new();
    each_secret::<()>(SAFE.fields, &mut document, &mut |path, text| {
        seen.push(format!("{path}={text}"));
        *text = "sealed".into();
        Ok(())
    })
    .expect("infallible");
    assert_eq!(
        seen,
        ["by_name=s1", "by_name=s2", "in_a_row=s3", "in_a_row=s4", "sinks.token=s5", "rows.token=s6"]
    );
    let text = Value::Object(document).to_string();
    assert!((1..=6).all(|n| !text.contains(&format!("s{n}"))), "{text}");
    assert!(SAFE.has_secrets() && Widget::NOUN.has_secrets());
    assert!(!Noun::new("", Making::SHAPE).has_secrets());
}

#[test]
fn a_secret_is_hidden_in_maps_lists_and_choices() {
    let mut blind = safe();
    project(SAFE.fields, &mut blind, &Selection::Everything, &Viewer::with(&|_| false));
    let expected = json!({
        "id": "1",
        "making": { "x": { "speed": 2.0 } },
        "sinks": { "x": { "type": "http", "url": "u" }, "y": { "type": "nowhere" } },
        "rows": [[{ "type": "http", "url": "u" }]]
    });
    assert_eq!(Value::Object(blind), expected);
    let mut seeing = safe();
    project(SAFE.fields, &mut seeing, &Selection::Everything, &Viewer::with(&|_| true));
    assert_eq!(seeing, safe());
}

#[test]
fn a_secret_that_is_no_text_is_refused() {
    for by_name in
        [json!("s"), json!(["s"]), json!({ "a": 1 }), json!({ "a": { "b": "s" } }), json!({ "a": null })]
    {
        check(SAFE.fields, &object(json!({ "by_name": by_name })), Op::Create).expect_err("no map of texts");
    }
    check(SAFE.fields, &object(json!({ "in_a_row": ["s", ["s"]] })), Op::Create)
        .expect_err("no list of texts");
    check(
        SAFE.fields,
        &object(json!({ "rows": [[{ "type": "http", "url": "u", "token": 1 }]] })),
        Op::Create,
    )
    .expect_err("no text");
}

#[test]
#[should_panic(expected = "only text is sealed")]
fn a_number_cannot_be_declared_a_secret() {
    let _ = Field::new::<i64>("pin", "A number").secret("read:pins");
}

#[test]
#[should_panic(expected = "a key would tell the secret")]
fn a_secret_cannot_be_looked_up() {
    let _ = Field::new::<String>("pin", "A text").secret("read:pins").unique();
}

#[test]
fn defaults_reach_into_maps() {
    let mut body = safe();
    complete(SAFE.fields, &mut body);
    assert_eq!(body["making"].to_string(), r#"{"x":{"speed":2,"encoded":false}}"#);
}

mod oracle {
    //! `check` against an independent JSON Schema validator, on bodies near and far from valid ones.
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|b| json!(b)),
            (-3i64..12).prop_map(|n| json!(n)),
            Just(json!(1.5)),
            "[a-d<]{0,12}".prop_map(|s| json!(s)),
            prop_oneof![Just("red"), Just("dark_blue"), Just("http"), Just("nowhere")].prop_map(|s| json!(s)),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let key = prop_oneof![
                Just("speed"),
                Just("colour"),
                Just("encoded"),
                Just("type"),
                Just("url"),
                Just("token"),
                Just("k"),
                Just("longkey")
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    fn body() -> impl Strategy<Value = Object> {
        let names = FIELDS.iter().map(|f| f.name).chain(["unknown"]).collect::<Vec<_>>();
        prop::collection::btree_map(prop::sample::select(names).prop_map(str::to_owned), value(), 0..6)
            .prop_map(|m| m.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn agrees_with_json_schema(body in body(), create in any::<bool>()) {
            let op = if create { Op::Create } else { Op::Update };
            let validator = jsonschema::validator_for(&json_schema(FIELDS, op)).expect("a schema");
            let ours = check(FIELDS, &body, op);
            let theirs = validator.is_valid(&Value::Object(body.clone()));
            prop_assert_eq!(ours.is_ok(), theirs, "{:?} on {:?}", ours, body);
        }
    }
}
