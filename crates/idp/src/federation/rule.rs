//! The rules over the claims of a token, and the patterns in them.
//!
//! A pattern is compared with the whole of a text. `*` stands for one or more characters, none of them `/` or `:`; all
//! else stands for itself. So a star stays within one part of a path, and neither a longer path nor a further part can
//! hide in it.

use model::{FederationRule, Operator};
use schema::Object;
use serde_json::Value;

/// Whether a claim is what a rule wants.
pub fn holds(rule: &FederationRule, claims: &Object) -> bool {
    let Some(found) = claim(claims, &rule.claim).and_then(text) else { return false };
    match rule.operator {
        Operator::Equals => rule.value.as_str() == Some(&found),
        Operator::OneOf => {
            rule.value.as_array().is_some_and(|all| all.iter().any(|one| one == found.as_str()))
        }
        Operator::Matches => rule.value.as_str().is_some_and(|pattern| matches(pattern, &found)),
    }
}

/// The claim of a name; what begins with `/` is a JSON Pointer (RFC 6901).
fn claim<'a>(claims: &'a Object, name: &str) -> Option<&'a Value> {
    let Some(path) = name.strip_prefix('/') else { return claims.get(name) };
    let end = path.find('/').unwrap_or(path.len());
    let first = path[..end].replace("~1", "/").replace("~0", "~");
    claims.get(&first)?.pointer(&path[end..])
}

/// The text that a claim is compared by; what is no single value has none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a text is what a pattern means.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut patterns = pattern.split_inclusive(ENDS);
    let mut parts = text.split_inclusive(ENDS);
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if part_matches(pattern, part) => {}
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}

/// The same for one part with the character that ends it. What stands between two stars is found where it comes first:
/// if anything of the rest fits after a later place, it fits after that one.
fn part_matches(pattern: &str, part: &str) -> bool {
    let (pattern, end) = ended(pattern);
    let (part, other) = ended(part);
    if end != other {
        return false;
    }
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == part };
    let Some(mut left) = part.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').map_or((None, rest), |(between, last)| (Some(between), last));
    for fixed in between.into_iter().flat_map(|between| between.split('*')) {
        // One character at least is the star's.
        let Some(after) = after_one(left).and_then(|left| Some(&left[left.find(fixed)? + fixed.len()..]))
        else {
            return false;
        };
        left = after;
    }
    left.strip_suffix(last).is_some_and(|star| !star.is_empty())
}

fn ended(part: &str) -> (&str, &str) {
    part.split_at(part.trim_end_matches(ENDS).len())
}

fn after_one(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

/// Why a pattern is none, if it is none.
pub fn pattern_fault(pattern: &str) -> Option<&'static str> {
    if pattern.starts_with('*') {
        Some("A pattern must not begin with a star")
    } else if pattern.contains("**") {
        Some("Two stars must not follow each other")
    } else if !pattern.contains('*') {
        Some("A pattern without a star is one for equals")
    } else if pattern.matches('*').count() > MOST_STARS {
        Some("A pattern has at most 8 stars")
    } else {
        None
    }
}

/// What a star never stands for.
const ENDS: [char; 2] = ['/', ':'];
const MOST_STARS: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The definition, word for word.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], [first, more @ ..]) if !ENDS.contains(first) => {
                naive(rest, more) || naive(pattern, more)
            }
            (['*', ..], _) => false,
            ([wanted, rest @ ..], [first, more @ ..]) => wanted == first && naive(rest, more),
            ([], _) | (_, []) => false,
        }
    }

    fn characters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn a_star_stays_within_its_part() {
        let main = "repo:acme/*:ref:refs/heads/main";
        assert!(matches(main, "repo:acme/orders:ref:refs/heads/main"));
        for text in [
            "repo:acme/:ref:refs/heads/main",
            "repo:acme/orders/x:ref:refs/heads/main",
            "repo:acme/orders:pull_request:ref:refs/heads/main",
            "repo:acme/orders:ref:refs/heads/main:environment:x",
            "repo:acme/orders:ref:refs/heads/main/",
            "repo:acme/orders:ref:refs/heads/mainx",
            "repo:acme-evil/orders:ref:refs/heads/main",
            "repo:acme/orders:ref:refs/heads/MAIN",
            " repo:acme/orders:ref:refs/heads/main",
            "repo:acme/orders:ref:refs/heads/main\n",
            "",
        ] {
            assert!(!matches(main, text), "{text:?}");
        }
        let branch = "refs/heads/release-*";
        assert!(matches(branch, "refs/heads/release-1.2"));
        assert!(matches(branch, "refs/heads/release-*"));
        assert!(!matches(branch, "refs/heads/release-"));
        assert!(!matches(branch, "refs/heads/release-1/evil"));
        assert!(matches("a*b*c", "aXbXbXc") && !matches("a*b*c", "abc") && !matches("a*b*c", "aXbc"));
    }

    #[test]
    fn nothing_but_the_star_is_special() {
        for (pattern, text) in
            [("a?c*", "abcd"), ("a[bc]*", "abx"), ("a.*", "abc"), ("a\\*", "a*"), ("A*", "ab")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(matches("a.*", "a.b") && matches("a\\*", "a\\b") && matches("ä*ö", "äüö"));
    }

    #[test]
    fn patterns_that_are_none() {
        for pattern in ["", "*", "*:main", "a**", "a", "a*b*c*d*e*f*g*h*i*j"] {
            assert!(pattern_fault(pattern).is_some(), "{pattern}");
        }
        assert_eq!(pattern_fault("repo:acme/*"), None);
    }

    #[test]
    fn claims_are_found_by_name_or_by_path_and_compared_as_text() {
        let claims = json!({
            "sub": "a", "a/b": "slash", "m~n": "tilde", "kubernetes.io": { "namespace": "shop", "n": { "x": 1 } },
            "protected": true, "run": 7, "half": 0.5, "list": ["a"], "nothing": null, "": "empty",
        });
        let claims = claims.as_object().unwrap();
        let equals = |claim: &str, value: Value| {
            holds(&FederationRule { claim: claim.into(), operator: Operator::Equals, value }, claims)
        };
        for (claim, value) in [
            ("sub", "a"),
            ("/sub", "a"),
            ("a/b", "slash"),
            ("/a~1b", "slash"),
            ("/m~0n", "tilde"),
            ("/kubernetes.io/namespace", "shop"),
            ("/kubernetes.io/n/x", "1"),
            ("protected", "true"),
            ("run", "7"),
            ("/list/0", "a"),
        ] {
            assert!(equals(claim, json!(value)), "{claim}");
        }
        for (claim, value) in [
            ("sub", "A"),
            ("sub", ""),
            ("sub", "a "),
            ("half", "0.5"),
            ("list", "a"),
            ("nothing", "null"),
            ("nothing", ""),
            ("absent", ""),
            ("kubernetes.io", "shop"),
            ("/kubernetes.io/absent", "shop"),
        ] {
            assert!(!equals(claim, json!(value)), "{claim} {value}");
        }
        assert!(!equals("run", json!(7)) && !equals("sub", json!(["a"])) && !equals("nothing", json!(null)));
        let one_of = |value: Value| {
            holds(&FederationRule { claim: "sub".into(), operator: Operator::OneOf, value }, claims)
        };
        assert!(one_of(json!(["b", "a"])));
        assert!(
            !one_of(json!(["b"])) && !one_of(json!([])) && !one_of(json!("a")) && !one_of(json!([["a"]]))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_quick_way_is_the_definition(pattern in "[ab*/:]{0,9}", text in "[ab*/:]{0,9}") {
            // Two stars in a row are refused before; what they mean is the same all the same.
            prop_assert_eq!(matches(&pattern, &text), naive(&characters(&pattern), &characters(&text)));
        }

        #[test]
        fn what_a_pattern_was_made_from_fits(parts in prop::collection::vec("[a-cä]{1,4}", 1..6), ends in "[/:x]{5}") {
            let mut text = String::new();
            let mut pattern = String::new();
            for (i, part) in parts.iter().enumerate() {
                let end = ends.chars().nth(i).unwrap_or('/');
                text.push_str(part);
                text.push(end);
                pattern.push_str(if i % 2 == 1 { "*" } else { part });
                pattern.push(end);
            }
            prop_assert!(matches(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
