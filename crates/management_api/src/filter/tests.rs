use super::{BadQuery, Filter, Pattern, lucene, scim};
use store::{Bound, Column, Condition, Part};

/// A small document: each field has texts.
type Document = &'static [(&'static str, &'static [&'static str])];

const JANE: Document = &[
    ("name", &["Jane Doe"]),
    ("user_id", &["auth0|123"]),
    ("email", &["jane@example.com"]),
    ("identities.connection", &["google", "github"]),
    ("logins", &["7"]),
    ("nickname", &["O'Brien (jane)"]),
    ("path", &["/a/b"]),
    ("blank", &[""]),
];

#[test]
fn nineteen_typical_queries() {
    for (q, fits) in [
        (r#"name:"Jane Doe""#, true),
        (r#"name:"Jane""#, false),
        ("identities.connection:github", true),
        ("name:Jane* AND email:*example.com", true),
        ("name:John* OR email:jane@example.com", true),
        ("name:Jane* NOT user_id:auth0*", false),
        ("name:Jane* -user_id:\"auth0|999\"", true),
        ("user_id:auth0|123", true),
        (r#"user_id:"auth0|123""#, true),
        ("identities.connection:(google OR twitter)", true),
        ("(name:John* OR name:Jane*) AND NOT identities.connection:twitter", true),
        ("logins:[5 TO 9]", true),
        ("logins:{7 TO 9}", false),
        ("logins:[* TO 7]", true),
        ("logins:>7", false),
        ("email:*@exam*.com", true),
        ("_exists_:blank AND NOT _exists_:phone", true),
        (r"nickname:O\'Brien\ \(jane\)", true),
        ("logins:*", true),
    ] {
        assert_eq!(lucene(q).map(|filter| fits_jane(&filter)), Ok(fits), "{q}");
    }
}

#[test]
fn the_smaller_rules() {
    for (q, fits) in [
        ("", true),
        ("  ", true),
        ("*", true),
        ("google", true),
        ("Google", false),
        ("nothing google", true),
        ("+nothing google", false),
        ("+google nothing", true),
        ("nothing OR google AND github", true),
        ("google AND nothing OR twitter", false),
        ("NOT nothing", true),
        ("-google", false),
        ("NOT NOT google", true),
        ("goo*", true),
        ("*ogl*", true),
        ("g*h*ub", true),
        ("**", true),
        ("blank:\"\"", true),
        ("nickname:O'Brien*", true),
        (r"path:\/a\/b", true),
        ("path:\"/a/b\"", true),
        ("path:/a/b", true),
        (r"user_id:auth0\|123", true),
        (r"user_id:auth0\*", false),
        (r"user_id:auth0\\*", false),
        (r"\user_id:auth0*", true),
        ("user_id:\"auth0*\"", false),
        ("user_id:\"auth0\"*", true),
        ("logins:[7 TO 7}", false),
        ("logins:[* TO *]", true),
        ("phone:[* TO *]", false),
        ("logins:(7 -8)", true),
        ("_exists_:(name)", true),
        ("name:a^1 OR google", true),
    ] {
        assert_eq!(lucene(q).map(|filter| fits_jane(&filter)), Ok(fits), "{q}");
    }
}

#[test]
fn a_refusal_says_what_to_write() {
    for (q, words) in [
        ("AND", "not understood"),
        ("AND OR NOT", "not understood"),
        ("a AND", "not understood"),
        ("OR a", "not understood"),
        ("- + !", "not understood"),
        ("(a", "not understood"),
        ("a)", "not understood"),
        ("()", "not understood"),
        ("name:", "not understood"),
        (":a", "not understood"),
        ("a:b:c", "not understood"),
        ("\"a", "not understood"),
        ("a:[1 TO", "not understood"),
        ("a:[1 TO 2", "not understood"),
        ("a\\", "backslash"),
        ("a:b?c", "wildcard ? is not supported"),
        ("a:roam~", "Fuzzy"),
        ("a:roam~0.8", "Fuzzy"),
        ("a:\"two words\"~2", "Fuzzy"),
        ("a:b^2", "Boosts"),
        ("a:/b.*/", "Regular expressions"),
        ("a: IN [b c]", "IN is not supported"),
        ("a && b", "AND, OR and NOT"),
        ("a || b", "AND, OR and NOT"),
        ("!a", "AND, OR and NOT"),
        ("[1 TO 2]", "needs a field"),
        (">5", "needs a field"),
        ("a:[b* TO c]", "without wildcards"),
        ("_exists_:na*", "one field"),
        ("a:*bc", "at least 3"),
        ("a:b*c", "at least 3"),
        ("a:b*c*", "at least 3"),
        ("a:\0", "NUL"),
        ("a:[\0 TO b]", "NUL"),
        ("a:bcd*\0*", "NUL"),
    ] {
        let refused = lucene(q).expect_err(q).to_string();
        assert!(refused.contains(words), "{q:?}: {refused}");
    }
}

#[test]
fn a_query_is_of_a_bounded_size() {
    let refused = |q: &str| lucene(q).expect_err("it is too large").to_string();
    assert!(refused(&"a".repeat(1_001)).contains("1000 characters"));
    assert!(refused(&"(".repeat(10_000)).contains("1000 characters"));
    assert!(refused(&"(".repeat(1_000)).contains("levels deep"));
    assert!(refused(&"NOT ".repeat(250)).contains("levels deep"));
    assert!(refused(&format!("{}a{}", "-(".repeat(17), ")".repeat(17))).contains("levels deep"));
    assert!(refused(&nothing_but("a", 65)).contains("64 clauses"));
    assert!(refused(&format!("a:{}", "bcd*".repeat(18))).contains("16 wildcards"));
    assert!(refused(&format!("a:{}*", "b".repeat(301))).contains("300 bytes"));

    assert!(lucene(&"🦀".repeat(1_000)).is_ok());
    assert!(lucene(&nothing_but("a", 64)).is_ok());
    assert!(lucene(&format!("{}a{}", "-(".repeat(16), ")".repeat(16))).is_ok());
    assert!(lucene(&format!("{}a{}", "(".repeat(64), ")".repeat(64))).is_ok());
    assert!(lucene(&format!("{}a", "NOT ".repeat(16))).is_ok());
}

/// The grammar descends on the stack of whoever calls: a worker's has two megabytes.
#[test]
fn the_deepest_query_fits_on_a_stack() {
    let deep = [
        format!("{}{}a{}", "a:(".repeat(64), "NOT ".repeat(64), ")".repeat(64)),
        format!("{}a{}", "-(+b ".repeat(64), ")".repeat(64)),
        format!("{}{}", "a AND (".repeat(64), "NOT ".repeat(64)),
    ];
    let worker = std::thread::Builder::new().stack_size(1 << 20);
    worker.spawn(move || deep.map(|q| lucene(&q).is_err())).unwrap().join().unwrap();
}

#[test]
fn any_text_is_read_or_refused() {
    const ALPHABET: [&str; 40] = [
        "a",
        "b:",
        "type",
        ":",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "`",
        "\\",
        "*",
        "?",
        "~2",
        "^3",
        "/",
        "-",
        "+",
        "!",
        " ",
        " ",
        " ",
        " AND ",
        " OR ",
        "NOT ",
        " TO ",
        " IN [",
        "\0",
        "🦀",
        "\u{10_0000}",
        "\t",
        ">=",
        "9",
        "_exists_:",
        "\"x\"",
        "a:[b TO c]",
        "é",
    ];
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let length = dice.below(40);
        let q: String = (0..length).map(|_| ALPHABET[dice.below(ALPHABET.len())]).collect();
        for filter in [lucene(&q), scim(&q)].into_iter().flatten() {
            fits_jane(&filter);
            filter.fields();
            drop(filter.log_condition());
        }
    }
}

#[test]
fn a_pattern_agrees_with_a_naive_one() {
    let mut dice = Dice(11);
    for _ in 0..20_000 {
        let mut text = |alphabet: &[char], most: usize| -> String {
            (0..dice.below(most)).map(|_| alphabet[dice.below(alphabet.len())]).collect()
        };
        let (glob, text) = (text(&['a', 'b', 'é', '*'], 7), text(&['a', 'b', 'é'], 9));
        let pattern = Pattern::new(glob.chars().map(|character| match character {
            '*' => Part::Any,
            character => Part::Text(character.to_string()),
        }));
        let (glob, letters): (Vec<_>, Vec<_>) = (glob.chars().collect(), text.chars().collect());
        assert_eq!(pattern.matches(&text), naive(&glob, &letters), "{glob:?} {text}");
    }
}

#[test]
fn a_scim_filter_is_read() {
    for (q, fits) in [
        (r#"name eq "Jane Doe""#, true),
        (r#"name EQ "jane doe""#, false),
        (r#"name ne "Jane Doe""#, false),
        (r#"name sw "Ja""#, true),
        (r#"name ew "Doe""#, true),
        (r#"identities.connection co "hub""#, true),
        (r#"name co "a*e""#, false),
        ("name pr", true),
        ("phone pr", false),
        ("phone eq null", true),
        ("name ne null", true),
        ("logins eq 7", true),
        ("logins gt 7", false),
        ("logins ge 7 and logins le 7", true),
        ("logins lt 7", false),
        (r#"not (name pr) or name sw "J" and logins eq 8"#, false),
        (r#"not (name pr or phone pr) or (name sw "J" and logins eq 7)"#, true),
        ("active eq true", false),
        (r#"name eq "Jane\u0020Doe""#, true),
    ] {
        assert_eq!(scim(q).map(|filter| fits_jane(&filter)), Ok(fits), "{q}");
    }
}

#[test]
fn a_scim_filter_is_refused_in_words() {
    for (q, words) in [
        ("", "too early"),
        ("name", "too early"),
        ("name eq", "not understood"),
        ("name eq Jane", "not understood"),
        ("name is \"Jane\"", "not understood"),
        ("(name pr", "too early"),
        ("name pr)", "not understood after 7 bytes"),
        ("and or not", "not understood"),
        ("a.b.c pr", "more than one sub-attribute"),
        ("a eq \"\u{1}\"", "not understood"),
        ("a eq \"\\u0000\"", "NUL"),
        ("a gt null", "null can only"),
        ("emails[type eq \"work\"]", "square brackets"),
        ("a co \"bc\"", "at least 3"),
        ("🦀 pr", "not understood"),
    ] {
        let refused = scim(q).expect_err(q).to_string();
        assert!(refused.contains(words), "{q:?}: {refused}");
    }
    for q in [
        "(".repeat(10_000),
        "(".repeat(1_000),
        format!("{}a pr{}", "not (".repeat(17), ")".repeat(17)),
        vec!["a pr"; 65].join(" or "),
        "a pr and ".repeat(200),
    ] {
        scim(&q).expect_err(&q);
    }
}

#[test]
fn fields_are_named_once() {
    let filter = lucene("b:1 OR (a:[1 TO 2] AND NOT b:2) OR _exists_:c OR bare OR d:1").unwrap();
    assert_eq!(filter.fields(), ["b", "a", "c", "d"]);
    assert_eq!(lucene("+a:1 b:2").unwrap().fields(), ["a", "b"]);
    assert_eq!(exact("client_grant.organization_id:org_1"), Some("org_1".to_owned()));
}

#[test]
fn a_log_is_asked_for_columns() {
    let is = |column, text: &str| Condition::Is(column, text.to_owned());
    assert_eq!(log("type:seccft"), Ok(is(Column::Type, "seccft")));
    assert_eq!(log("*"), Ok(Condition::Everything));
    assert_eq!(log("_exists_:user_id"), Ok(Condition::Exists(Column::UserId)));
    assert_eq!(
        log("client_name:My* -ip:\"::1\""),
        Ok(Condition::All(vec![
            Condition::Like(Column::ClientName, vec![Part::Text("My".to_owned()), Part::Any]),
            Condition::Not(Box::new(is(Column::Ip, "::1"))),
        ]))
    );
    let Ok(Condition::Any(everywhere)) = log("fp") else { panic!("a bare term is looked for in any column") };
    assert_eq!(everywhere.len(), 7);
    assert!(everywhere.contains(&is(Column::UserName, "fp")));
}

#[test]
fn a_date_is_a_stretch_of_time() {
    for (q, from, to) in [
        ("date:2024-02-29", Some("1709164800000"), Some("1709251200000")),
        ("date:[2024-02-29 TO 2024-02-29]", Some("1709164800000"), Some("1709251200000")),
        ("date:{2024-02-28 TO 2024-03-01}", Some("1709164800000"), Some("1709251200000")),
        ("date:[2024-02-29 TO *]", Some("1709164800000"), None),
        ("date:<2024-03-01", None, Some("1709251200000")),
        ("date:\"2024-02-29T00:00:00Z\"", Some("1709164800000"), Some("1709164800001")),
        (
            "date:[2024-02-29T01:00:00+01:00 TO 2024-02-29T23:59:59.999Z]",
            Some("1709164800000"),
            Some("1709251200000"),
        ),
        ("date:{2024-02-29T00:00:00.000Z TO *]", Some("1709164800001"), None),
    ] {
        let bound =
            |value: Option<&str>, inclusive| value.map(|value| Bound { value: value.to_owned(), inclusive });
        let condition =
            Condition::Range { column: Column::Date, from: bound(from, true), to: bound(to, false) };
        assert_eq!(log(q), Ok(condition), "{q}");
    }
}

#[test]
fn a_log_refuses_in_words() {
    for (q, words) in [
        ("details.request.method:get", "'details.request.method' cannot be searched"),
        ("scope:read", "these can: client_id, client_name"),
        ("audience:[a TO b]", "'audience' cannot"),
        ("_exists_:nothing", "'nothing' cannot"),
        ("\u{1}:a", "'\\u{1}' cannot"),
        ("Type:f", "'Type' cannot"),
        ("type:f OR (ip:a AND NOT 🦀:b)", "'🦀' cannot"),
        ("date:yesterday", "'yesterday' is not a date"),
        ("date:2024-02-30", "is not a date"),
        ("date:2024-02-29T00\\:00\\:00", "is not a date"),
        ("date:[9999-12-31 TO *]", "is not a date"),
        ("date:202*", "no wildcards"),
    ] {
        let refused = log(q).expect_err(q).to_string();
        assert!(refused.contains(words), "{q:?}: {refused}");
    }
    assert!(log(&nothing_but("word", 64)).is_err());
    assert!(log(&nothing_but("word", 30)).is_ok());
    assert!(log(&nothing_but("type:f", 64)).is_ok());
}

fn log(q: &str) -> Result<Condition, BadQuery> {
    lucene(q)?.log_condition()
}

fn exact(q: &str) -> Option<String> {
    match lucene(q).unwrap() {
        Filter::Is { value, .. } => value.exact().map(ToOwned::to_owned),
        other => panic!("{other:?} is not a value"),
    }
}

/// A word as often as asked, each a little different, since a query names each of its alternatives once.
fn nothing_but(word: &str, times: usize) -> String {
    (0..times).map(|number| format!("{word}{number} ")).collect()
}

fn fits_jane(filter: &Filter) -> bool {
    let values = |field: &str| {
        let found = JANE.iter().filter(|(name, _)| *name == field);
        found.flat_map(|(_, texts)| texts.iter().map(|text| (*text).to_owned())).collect()
    };
    filter.matches(&values, &["name", "identities.connection"])
}

fn naive(glob: &[char], text: &[char]) -> bool {
    match glob {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|start| naive(rest, &text[start..])),
        [character, rest @ ..] => text.first() == Some(character) && naive(rest, &text[1..]),
    }
}

/// The same throws each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}
