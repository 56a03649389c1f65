//! What the pages say: a catalogue for each language, and over it the tenant's own words.

pub mod language;
mod setup;

use std::{collections::BTreeMap, sync::OnceLock};

use idp::snapshot::Snapshot;
use model::prompts::Words;

pub use setup::*;

/// The languages that everything is said in; the first is spoken where nothing else is wanted.
const CATALOGUES: [(&str, &str); 5] = [
    ("en", include_str!("../text/en.json")),
    ("de", include_str!("../text/de.json")),
    ("es", include_str!("../text/es.json")),
    ("fr", include_str!("../text/fr.json")),
    ("ja", include_str!("../text/ja.json")),
];

/// By language, prompt, screen and key.
type Catalogues = BTreeMap<&'static str, BTreeMap<String, Words>>;

/// The prompt and the screen of what is said on several pages.
const COMMON: &str = "common";
/// What stands below every page about finding help.
pub const SUPPORT: (&str, &str) = ("status", "support");

/// The text with this key; the tenant's own if it has one. What a screen does not say, it says as all do.
pub fn text(snapshot: &Snapshot, locale: &str, (prompt, screen): (&str, &str), key: &str) -> Option<String> {
    let primary = language::primary(locale);
    [(prompt, screen), (COMMON, COMMON)].into_iter().find_map(|(prompt, screen)| {
        let own = |locale: &str| snapshot.pages.text(prompt, screen, key, locale).map(str::to_owned);
        own(locale).or_else(|| own(primary)).or_else(|| ours(primary, prompt, screen, key).map(str::to_owned))
    })
}

/// Our own text with this key.
fn ours(language: &str, prompt: &str, screen: &str, key: &str) -> Option<&'static str> {
    catalogue(language)?.get(prompt)?.get(screen)?.get(key).map(String::as_str)
}

/// The text with what it leaves open, such as `${clientName}`, filled in.
pub fn filled(text: &str, variables: &[(&'static str, String)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find("${") {
        let (before, open) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = open.find('}') else { break };
        let name = &open[2..end];
        if let Some((_, value)) = variables.iter().find(|(known, _)| *known == name) {
            out.push_str(value);
        }
        rest = &open[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Everything that we say in a language, by prompt, screen and key; in English if we do not speak it.
pub fn catalogue(language: &str) -> Option<&'static BTreeMap<String, Words>> {
    let catalogues = catalogues();
    catalogues.get(language::primary(language)).or_else(|| catalogues.get(CATALOGUES[0].0))
}

fn catalogues() -> &'static Catalogues {
    static PARSED: OnceLock<Catalogues> = OnceLock::new();
    PARSED.get_or_init(|| {
        // What is written wrongly is left out, and the test below tells.
        let parsed =
            |(language, json): (&'static str, &str)| Some((language, serde_json::from_str(json).ok()?));
        CATALOGUES.into_iter().filter_map(parsed).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::screen::Screen;

    /// Where each text stands, and what it leaves open.
    fn keys(language: &str) -> BTreeSet<(String, String, String, Vec<String>)> {
        let mut keys = BTreeSet::new();
        for (prompt, screens) in &catalogues()[language] {
            for (screen, texts) in screens {
                for (key, text) in texts {
                    let mut open: Vec<String> = text
                        .split("${")
                        .skip(1)
                        .map(|rest| rest.split('}').next().unwrap().to_owned())
                        .collect();
                    open.sort();
                    open.dedup();
                    keys.insert((prompt.clone(), screen.clone(), key.clone(), open));
                }
            }
        }
        keys
    }

    #[test]
    fn every_language_says_everything() {
        let first = keys("en");
        assert!(first.len() > 150, "{}", first.len());
        for (language, _) in CATALOGUES {
            let missing: Vec<_> = first.symmetric_difference(&keys(language)).cloned().collect();
            assert_eq!(missing, [], "{language}");
        }
    }

    /// What is said on other screens, and shown on none of its own.
    const BESIDE: [(&str, &str); 2] = [(COMMON, COMMON), ("status", "support")];

    #[test]
    fn every_screen_says_something_and_nothing_is_said_on_none() {
        let said = &catalogues()["en"];
        let said: BTreeSet<_> = said
            .iter()
            .flat_map(|(prompt, screens)| screens.keys().map(|screen| (prompt.as_str(), screen.as_str())))
            .filter(|place| !BESIDE.contains(place))
            .collect();
        let shown = Screen::ALL.iter().filter(|screen| **screen != Screen::SETUP);
        assert_eq!(said, shown.map(|screen| screen.place()).collect());
    }

    #[test]
    fn nothing_is_said_in_two_languages_alike() {
        let english = &catalogues()["en"];
        for (language, _) in CATALOGUES.into_iter().skip(1) {
            for (prompt, screens) in &catalogues()[language] {
                for (screen, texts) in screens {
                    for (key, text) in texts {
                        let is_same = english[prompt][screen][key] == *text;
                        // Names, and words that languages share.
                        let may_be = text.starts_with("${") || text == "Code" || text == "Error: ${title}";
                        assert!(!is_same || may_be, "{language} {prompt}.{screen}.{key}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_open_is_filled_in() {
        let variables = [("a", "x".to_owned()), ("b", "${a}".to_owned())];
        for (text, expected) in [
            ("${a} and ${b}", "x and ${a}"),
            ("${nothing}!", "!"),
            ("${a", "${a"),
            ("$a {a} ü", "$a {a} ü"),
            ("", ""),
        ] {
            assert_eq!(filled(text, &variables), expected, "{text}");
        }
    }

    #[test]
    fn a_screen_says_what_all_say_and_unknown_languages_are_english() {
        let nothing = Snapshot::default();
        let login = ("login", "login");
        assert_eq!(text(&nothing, "de-AT", login, "passwordPlaceholder").as_deref(), Some("Passwort"));
        assert_eq!(text(&nothing, "xx", login, "buttonText").as_deref(), Some("Log in"));
        assert_eq!(text(&nothing, "en", login, "no such key"), None);
    }
}
