//! A rule as an action: its function, whole, within code that gives it what a rule is given, and makes calls of what it
//! leaves. What the function says is looked for as text, comments included: rather one too much is told than one too few.

use std::collections::BTreeSet;

use idp::actions::MODULES;
use serde_json::{Value, json};

const ADAPTER: &str = include_str!("adapter.js");

/// What a rule becomes.
pub struct Translation {
    pub code: String,
    /// The settings that it asks for; all that there are, where it does not say by name.
    pub settings: Settings,
    pub untranslated: Vec<Untranslated>,
}

#[derive(Debug, PartialEq)]
pub enum Settings {
    All,
    Named(BTreeSet<String>),
}

/// What does not come along, by the name that the rule has for it.
#[derive(Debug, PartialEq)]
pub struct Untranslated {
    pub name: String,
    pub why: &'static str,
}

impl Untranslated {
    pub fn shown(&self) -> Value {
        json!({ "name": self.name, "message": self.why })
    }
}

pub fn translate(name: &str, script: &str, domain: &str) -> Translation {
    let quoted = |text: &str| json!(text).to_string();
    let parts = [
        ("{name}", quoted(name)),
        ("{domain}", quoted(domain)),
        ("{base_url}", quoted(&format!("https://{domain}/api/v2"))),
        // Last, so that nothing in it is taken for a place.
        ("{script}", script.to_owned()),
    ];
    let code = parts.iter().fold(ADAPTER.to_owned(), |code, (place, text)| code.replacen(place, text, 1));
    Translation { code, settings: settings(script), untranslated: untranslated(script) }
}

fn settings(script: &str) -> Settings {
    let mut named = BTreeSet::new();
    for Use { path, before, rest } in uses(script, "configuration") {
        // As a value it follows such a sign or goes before one; else it is a word of a comment.
        let is_value = before.trim_end().ends_with(['=', '(', ',', '?', ':', '.'])
            || rest.trim_start().starts_with(['[', ',', ')', ';', '}']);
        match (path.into_iter().next(), taken_apart(before)) {
            (Some(key), _) => drop(named.insert(key)),
            (None, Some(keys)) => named.extend(keys),
            (None, None) if is_value => return Settings::All,
            (None, None) => {}
        }
    }
    Settings::Named(named)
}

fn untranslated(script: &str) -> Vec<Untranslated> {
    let mut found: Vec<Untranslated> = Vec::new();
    let mut add = |name: String, why| {
        if !found.iter().any(|known| known.name == name) {
            found.push(Untranslated { name, why });
        }
    };
    let [user, context] = parameters(script);
    for Use { path, .. } in uses(script, &context) {
        match path.first().map(String::as_str) {
            Some("samlConfiguration") => add("context.samlConfiguration".into(), SAML),
            Some(member) if !CONTEXT.contains(&member) => add(format!("context.{member}"), LEFT),
            _ => {}
        }
    }
    for Use { path, rest, .. } in uses(script, &user).into_iter().filter(|used| !used.path.is_empty()) {
        let name = format!("user.{}", path.join("."));
        let value = rest.trim_start().strip_prefix('=').filter(|value| !value.starts_with(['=', '>']));
        // `x = x || {}` only makes sure that it is there.
        let is_default = value.is_some_and(|value| {
            let itself = value.trim_start().trim_start_matches('(').strip_prefix(user.as_str());
            itself.is_some_and(|more| {
                more.starts_with('.')
                    && more.split(';').next().is_some_and(|line| line.contains("||") || line.contains("??"))
            })
        });
        if value.is_some() && !is_default {
            add(name, CHANGED);
        }
    }
    for Use { path, .. } in uses(script, "auth0") {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [] | ["domain" | "baseUrl", ..] | ["users"] => {}
            ["users", "updateAppMetadata" | "updateUserMetadata", ..] => {}
            ["users", function, ..] => add(format!("auth0.users.{function}"), MANAGEMENT),
            [member, ..] => add(format!("auth0.{member}"), MANAGEMENT),
        }
    }
    for module in required(script) {
        if !MODULES.contains(&module.trim_start_matches("node:")) {
            add(format!("require({module:?})"), MODULE);
        }
    }
    found
}

const SAML: &str = "Actions shape SAML answers through api.samlResponse; write these lines anew.";
const LEFT: &str = "No event has it: what one rule leaves for the next, no action sees.";
const CHANGED: &str = "What is changed in user is seen by no other rule and no action. The person's metadata are set by api.user.";
const MANAGEMENT: &str = "Actions are given no way to the Management API.";
const MODULE: &str = "This server has no such package.";

/// What the adapter gives of `context`.
const CONTEXT: [&str; 22] = [
    "tenant",
    "clientID",
    "clientName",
    "clientMetadata",
    "connection",
    "connectionID",
    "connectionStrategy",
    "connectionOptions",
    "connectionMetadata",
    "protocol",
    "stats",
    "sso",
    "accessToken",
    "idToken",
    "request",
    "primaryUser",
    "authentication",
    "authorization",
    "organization",
    "sessionID",
    "multifactor",
    "redirect",
];

/// One place where something is named, with the members that are named behind it, and what follows.
struct Use<'a> {
    path: Vec<String>,
    before: &'a str,
    rest: &'a str,
}

fn uses<'a>(script: &'a str, name: &str) -> Vec<Use<'a>> {
    let found = script.match_indices(name).filter_map(|(at, _)| {
        let (before, mut rest) = (&script[..at], &script[at + name.len()..]);
        let is_member = before.ends_with('.') && !before.ends_with("...");
        if is_member || before.ends_with(is_word) || rest.starts_with(is_word) {
            return None;
        }
        let mut path = Vec::new();
        while let Some((member, behind)) = member(rest) {
            path.push(member.to_owned());
            rest = behind;
        }
        Some(Use { path, before, rest })
    });
    found.collect()
}

/// The member that is named here, as `.name` or `["name"]`, and what follows.
fn member(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let optional = text.strip_prefix('?').filter(|rest| rest.starts_with('.')).unwrap_or(text);
    let named = optional.strip_prefix('.').and_then(|rest| {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        (end > 0).then(|| rest.split_at(end))
    });
    named.or_else(|| {
        let (key, rest) = quoted(optional.strip_prefix('.').unwrap_or(optional).strip_prefix('[')?)?;
        Some((key, rest.trim_start().strip_prefix(']')?))
    })
}

/// A text in quotes, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mark = text.chars().next().filter(|mark| ['"', '\'', '`'].contains(mark))?;
    text[1..].split_once(mark).filter(|(key, _)| !key.contains(['\\', '$', '\n']))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The names that a pattern takes out of what stands behind it: `{ A, B: b, C = 1 } =`.
fn taken_apart(before: &str) -> Option<Vec<String>> {
    let pattern = before.trim_end().strip_suffix('=')?.trim_end().strip_suffix('}')?;
    let (_, names) = pattern.rsplit_once('{')?;
    let plain = |name: &str| name.split([':', '=']).next().map(str::trim).unwrap_or_default().to_owned();
    let names: Vec<String> = names.split(',').map(plain).filter(|name| !name.is_empty()).collect();
    names.iter().all(|name| name.chars().all(is_word)).then_some(names)
}

/// What the rule calls its first two parameters.
fn parameters(script: &str) -> [String; 2] {
    let mut text = script.trim_start();
    while let Some(rest) = text
        .strip_prefix("//")
        .and_then(|rest| rest.split_once('\n'))
        .or_else(|| text.strip_prefix("/*").and_then(|rest| rest.split_once("*/")))
    {
        text = rest.1.trim_start();
    }
    let listed =
        text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(listed, _)| listed);
    let mut names = listed.split(',').map(str::trim);
    ["user", "context"].map(|usual| {
        let name = names.next().filter(|name| !name.is_empty() && name.chars().all(is_word));
        name.unwrap_or(usual).to_owned()
    })
}

/// The packages that are asked for by name.
fn required(script: &str) -> Vec<&str> {
    let asked = uses(script, "require")
        .into_iter()
        .filter_map(|one| Some(quoted(one.rest.trim_start().strip_prefix('(')?)?.0));
    asked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Settings {
        Settings::Named(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn told(script: &str) -> Vec<String> {
        untranslated(script).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn the_settings_that_a_rule_names_are_found_however_it_does() {
        for (script, expected) in [
            ("function (user, context, callback) {}", named(&[])),
            (
                "configuration.A + configuration['B-1'] + configuration [ \"C\" ] + configuration?.D",
                named(&["A", "B-1", "C", "D"]),
            ),
            ("// what the configuration says\nconfiguration.A", named(&["A"])),
            ("const { A, B: b, C = 1 } = configuration\nx(A)", named(&["A", "B", "C"])),
            ("myconfiguration.A; configurations.B; x.configuration.C", named(&[])),
            ("const { ...all } = configuration", Settings::All),
            ("const all = { ...configuration };", Settings::All),
            ("configuration[name]", Settings::All),
            ("configuration['a' + b]", Settings::All),
            ("send(configuration)", Settings::All),
            ("const c = configuration\nc.A", Settings::All),
        ] {
            assert_eq!(settings(script), expected, "{script}");
        }
    }

    #[test]
    fn what_no_action_can_do_is_told_by_name() {
        for (script, expected) in [
            (
                "function (user, context, callback) { context.idToken['a'] = user.email; callback(null, user, context); }",
                &[] as &[&str],
            ),
            (
                "function (user, context, callback) { context.samlConfiguration = context.samlConfiguration || {}; }",
                &["context.samlConfiguration"],
            ),
            (
                "function (u, c, done) { c.seen = 1; c['riskAssessment']; u.plan = 'x'; context.other = 1; }",
                &["context.seen", "context.riskAssessment", "user.plan"],
            ),
            (
                "function (user, context, callback) { user.app_metadata = user.app_metadata || {}; user.app_metadata.plan = 'gold'; if (user.a == 1 || user.b === 2) {} user.c => 1; }",
                &["user.app_metadata.plan"],
            ),
            (
                "function (user, context, callback) { auth0.users.updateAppMetadata(user.user_id, {}); auth0.users.getAll(); auth0.accessToken; auth0.domain; }",
                &["auth0.users.getAll", "auth0.accessToken"],
            ),
            (
                "function (user, context, callback) { require('axios@0.22.0'); require(\"node:crypto\"); require('url'); }",
                &["require(\"axios@0.22.0\")"],
            ),
            ("// (a, b)\n/* (c, d) */ async (who, where, done) => { where.x; }", &["context.x"]),
        ] {
            assert_eq!(told(script), expected, "{script}");
        }
    }

    #[test]
    fn any_text_is_read_through() {
        for script in [
            "",
            "(",
            "configuration",
            "configuration.",
            "configuration['",
            "user.é = 1",
            "context[\u{1f600}",
            "require('",
            "/*",
            "//",
            "{script}{name}{domain}",
        ] {
            translate("a", script, "b");
        }
        let code =
            translate("a", "function () { return '{name} {domain} {base_url} {script}'; }", "idp.example")
                .code;
        assert!(
            code.contains("'{name} {domain} {base_url} {script}'") && code.contains("\"idp.example\""),
            "{code}"
        );
    }
}
