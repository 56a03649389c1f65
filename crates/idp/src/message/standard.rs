//! The words of mails where the tenant has none of its own, in the languages that we speak. They are templates too.

use std::{collections::BTreeMap, sync::OnceLock};

use model::EmailTemplateName;
use serde::Deserialize;

/// Subject and body of a kind of mail, as templates.
pub struct Words {
    pub subject: String,
    pub html: String,
}

/// The words of a kind of mail in a language, or in English.
pub fn words(name: EmailTemplateName, language: &str) -> Words {
    let (tag, language) = language_of(language);
    // The older names of a mail say what the newer one says.
    let name = match name {
        EmailTemplateName::ChangePassword | EmailTemplateName::PasswordReset => EmailTemplateName::ResetEmail,
        name => name,
    };
    let one = &language.mails[name.name()];
    let button = match &one.button {
        Some(button) => BUTTON.replace("[button]", button).replace("[or]", &language.or_open),
        None => String::new(),
    };
    let code = if one.has_code { CODE } else { "" };
    let html = LAYOUT
        .replace("[lang]", tag)
        .replace("[heading]", &one.heading)
        .replace("[text]", &one.text)
        .replace("[button]", &button)
        .replace("[code]", code)
        .replace("[ignore]", one.ignore.as_ref().unwrap_or(&language.ignore))
        .replace("[help]", &language.help);
    Words { subject: one.subject.clone(), html }
}

#[derive(Deserialize)]
struct Language {
    or_open: String,
    ignore: String,
    help: String,
    mails: BTreeMap<String, Mail>,
}

#[derive(Deserialize)]
struct Mail {
    subject: String,
    heading: String,
    text: String,
    /// What the link is called, if there is one.
    button: Option<String>,
    /// Whether it brings a code.
    #[serde(default)]
    has_code: bool,
    /// What is said to whom it does not concern, if it is not the usual.
    ignore: Option<String>,
}

fn language_of(wanted: &str) -> (&'static str, &'static Language) {
    let languages = languages();
    let primary = wanted.split(['-', '_', ',', ';']).next().unwrap_or_default().to_ascii_lowercase();
    let found = languages.iter().find(|(tag, _)| *tag == primary);
    let (tag, language) = found.unwrap_or(&languages[0]);
    (tag, language)
}

fn languages() -> &'static [(&'static str, Language)] {
    static LANGUAGES: OnceLock<Vec<(&'static str, Language)>> = OnceLock::new();
    LANGUAGES.get_or_init(|| {
        let read = |(tag, text): (&'static str, &str)| {
            (tag, serde_json::from_str(text).expect("a test reads every language"))
        };
        TEXTS.into_iter().map(read).collect()
    })
}

const TEXTS: [(&str, &str); 5] = [
    ("en", include_str!("standard/en.json")),
    ("de", include_str!("standard/de.json")),
    ("es", include_str!("standard/es.json")),
    ("fr", include_str!("standard/fr.json")),
    ("ja", include_str!("standard/ja.json")),
];

const LAYOUT: &str = include_str!("standard/layout.html");
const BUTTON: &str = "<p class=\"act\"><a class=\"button\" href=\"{{ url | escape }}\">[button]</a></p>\n\
                      <p class=\"small\">[or]<br><a href=\"{{ url | escape }}\">{{ url | escape }}</a></p>";
const CODE: &str = "<p class=\"code\">{{ code | escape }}</p>";

#[cfg(test)]
mod tests {
    use serde_json::json;
    use templates::Template;

    use super::*;

    #[test]
    fn every_mail_is_worded_in_every_language_and_escapes_what_people_chose() {
        let evil = "<script>alert(1)</script>\"'";
        let variables = json!({
            "url": "https://idp.example/u/reset-verify?ticket=a&b=1#", "code": "123456", "friendly_name": evil,
            "application": { "name": evil }, "user": { "name": evil, "email": evil, "source_ip": evil },
            "support_url": "https://help.example/", "organization": { "display_name": evil }, "inviter": { "name": evil },
        });
        for (tag, _) in TEXTS {
            for name in EmailTemplateName::ALL {
                let words = words(name, tag);
                let html = Template::parse(&words.html).and_then(|html| html.render(&variables));
                let html = html.unwrap_or_else(|error| panic!("{tag} {}: {error}", name.name()));
                let subject = Template::parse(&words.subject).unwrap().render(&variables).unwrap();
                assert!(!subject.is_empty() && html.contains(&format!("<html lang=\"{tag}\"")), "{tag}");
                assert!(!html.contains("<script"), "{tag} {}: {html}", name.name());
                assert!(!html.contains("{{"), "{tag} {}", name.name());
                for part in ["[heading]", "[text]", "[button]", "[or]", "[code]", "[ignore]", "[help]"] {
                    assert!(!html.contains(part), "{tag} {} {part}", name.name());
                }
            }
        }
    }

    #[test]
    fn a_language_nobody_speaks_is_english() {
        for language in ["en-GB", "xx", "", "\0", "EN", "tlh, de"] {
            assert!(
                words(EmailTemplateName::VerifyEmail, language).html.contains("lang=\"en\""),
                "{language}"
            );
        }
        assert!(words(EmailTemplateName::VerifyEmail, "de-AT").html.contains("lang=\"de\""));
    }
}
