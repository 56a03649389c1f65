//! The rules that a password has to keep, in the words of a page.

use idp::{
    connection::RegisteredConnection,
    password::policy::{self, Rule},
};

use crate::page::Page;

/// A rule in words, and the parts it has.
pub struct Told {
    pub text: String,
    /// Whether what was filled in keeps it; unknown before anything was.
    pub is_kept: Option<bool>,
    pub parts: Vec<Told>,
}

/// The rules of a database, held against a password if one was filled in.
pub fn of(page: &Page, connection: Option<&RegisteredConnection>, password: Option<&str>) -> Vec<Told> {
    let Some(options) = connection.and_then(RegisteredConnection::database) else { return Vec::new() };
    let rules = policy::rules(options, password.unwrap_or_default());
    rules
        .iter()
        .filter(|rule| rule.code != "nonEmpty")
        .map(|rule| told(page, rule, password.is_some()))
        .collect()
}

fn told(page: &Page, rule: &Rule, is_tried: bool) -> Told {
    let number = |at: usize| rule.format.get(at).map(ToString::to_string).unwrap_or_default();
    let text = match rule.code {
        "lengthAtLeast" => page.text_with("password-policy-length-at-least", &[("length", number(0))]),
        "containsAtLeast" => {
            page.text_with("password-policy-contains-at-least", &[("count", number(0)), ("total", number(1))])
        }
        "shouldContain" => page.text("password-policy-contains-all"),
        "lowerCase" => page.text("password-policy-lower-case"),
        "upperCase" => page.text("password-policy-upper-case"),
        "numbers" => page.text("password-policy-numbers"),
        "specialCharacters" => page.text("password-policy-special-characters"),
        "identicalChars" => page.text_with("password-policy-identical-chars", &[("count", number(0))]),
        "sequentialChars" => page.text_with("password-policy-sequential-chars", &[("count", number(0))]),
        _ => rule.text(),
    };
    let parts = rule.items.iter().map(|item| told(page, item, is_tried)).collect();
    Told { text, is_kept: is_tried.then_some(rule.verified), parts }
}
