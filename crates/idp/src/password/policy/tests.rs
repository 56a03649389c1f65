//! What the parts of the rules say of texts.

use super::{fit, has_sequence, longest_run, rules};
use model::DatabaseOptions;
use serde::Deserialize;
use serde_json::json;

#[test]
fn runs_and_sequences_are_seen_wherever_they_stand() {
    for (text, run) in [("", 0), ("a", 1), ("ab", 1), ("xaab", 2), ("äää", 3), ("abaaab", 3)] {
        assert_eq!(longest_run(text, |one, other| one == other), run, "{text}");
    }
    for text in ["abc", "x123", "cba", "987x", "aBc"] {
        assert!(has_sequence(text), "{text}");
    }
    for text in ["", "ab", "acb", "890", "a:b:c", "äöü"] {
        assert!(!has_sequence(text), "{text}");
    }
}

#[test]
fn an_empty_password_shows_what_is_asked_for() {
    let options = json!({ "passwordPolicy": "excellent" });
    let rules = rules(&DatabaseOptions::deserialize(options).unwrap(), "");
    let texts: Vec<String> = rules.iter().map(|rule| rule.text()).collect();
    let expected = [
        "At least 10 characters in length",
        "Contain at least 3 of the following 4 types of characters:",
        "No more than 2 identical characters in a row (e.g., \"aaa\" not allowed)",
    ];
    assert_eq!(texts, expected);
    assert_eq!(rules.iter().map(|rule| rule.verified).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn what_no_database_takes() {
    assert!(fit(&"x".repeat(512)).is_ok());
    assert!(fit(&"x".repeat(513)).is_err() && fit("a\0b").is_err());
}
