//! Which passwords a database takes: rules that are also what a page lists, and the refusals that say which was broken.

use std::fmt;

use model::{
    DatabaseOptions,
    connection::database::{CharacterType, CharacterTypeRule, Complexity, PasswordPolicy, Rule as Switch},
};
use schema::Object;
use serde_json::{Value, json};

use super::dictionary;

/// One rule, whether a password keeps it, and the parts it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub code: &'static str,
    /// With `%d` and `%s` where `format` goes.
    pub message: &'static str,
    pub format: Vec<Value>,
    pub items: Vec<Rule>,
    pub verified: bool,
}

/// Why a password must not be chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum PasswordRefusal {
    /// It breaks one of these.
    TooWeak(Vec<Rule>),
    /// Everybody has it.
    TooCommon,
    /// It holds what is known of the person.
    HoldsUserInfo,
    /// The person had it before.
    UsedBefore,
    /// Strangers know it.
    Leaked,
    /// No password is like that.
    Unfit(&'static str),
}

impl PasswordRefusal {
    /// The name that clients choose their words by.
    pub fn name(&self) -> &'static str {
        match self {
            PasswordRefusal::TooWeak(_) => "PasswordStrengthError",
            PasswordRefusal::TooCommon => "PasswordDictionaryError",
            PasswordRefusal::HoldsUserInfo => "PasswordNoUserInfoError",
            PasswordRefusal::UsedBefore => "PasswordHistoryError",
            PasswordRefusal::Leaked => "PasswordLeakedError",
            PasswordRefusal::Unfit(_) => "BadRequestError",
        }
    }

    /// The code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            PasswordRefusal::Leaked => "password_leaked",
            PasswordRefusal::TooWeak(_)
            | PasswordRefusal::TooCommon
            | PasswordRefusal::HoldsUserInfo
            | PasswordRefusal::UsedBefore
            | PasswordRefusal::Unfit(_) => "invalid_password",
        }
    }

    /// One sentence.
    pub fn message(&self) -> &'static str {
        match self {
            PasswordRefusal::TooWeak(_) => "Password is too weak",
            PasswordRefusal::TooCommon => "Password is too common",
            PasswordRefusal::HoldsUserInfo => "Password contains user information",
            PasswordRefusal::UsedBefore => "Password has previously been used",
            PasswordRefusal::Leaked => "This password is known from a data breach",
            PasswordRefusal::Unfit(message) => message,
        }
    }

    /// The rules that it was held against; none unless it is too weak.
    pub fn rules(&self) -> &[Rule] {
        match self {
            PasswordRefusal::TooWeak(rules) => rules,
            PasswordRefusal::TooCommon
            | PasswordRefusal::HoldsUserInfo
            | PasswordRefusal::UsedBefore
            | PasswordRefusal::Leaked
            | PasswordRefusal::Unfit(_) => &[],
        }
    }

    /// The body of the answer of `/dbconnections`, whose description is an object if the password is too weak.
    pub fn body(&self) -> Value {
        match self {
            PasswordRefusal::TooWeak(rules) => {
                let shown: Vec<Value> = rules.iter().map(Rule::shown).collect();
                json!({
                    "name": self.name(), "message": self.message(), "code": self.code(),
                    "description": { "rules": shown, "verified": false },
                    "policy": printed(rules), "statusCode": 400,
                })
            }
            PasswordRefusal::TooCommon
            | PasswordRefusal::HoldsUserInfo
            | PasswordRefusal::UsedBefore
            | PasswordRefusal::Leaked
            | PasswordRefusal::Unfit(_) => json!({
                "name": self.name(), "message": self.message(), "code": self.code(),
                "description": self.message(), "statusCode": 400,
            }),
        }
    }
}

impl fmt::Display for PasswordRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message())
    }
}

/// The rules of a database, held against a password; an empty one shows what is asked for.
pub fn rules(options: &DatabaseOptions, password: &str) -> Vec<Rule> {
    Asked::of(options).rules(password)
}

/// Whether a database takes a password, as far as one can tell without knowing what the person had before.
pub fn check(options: &DatabaseOptions, password: &str, profile: &Object) -> Result<(), PasswordRefusal> {
    fit(password)?;
    let rules = rules(options, password);
    if rules.iter().any(|rule| !rule.verified) {
        return Err(PasswordRefusal::TooWeak(rules));
    }
    if dictionary::refuses(options, password) {
        return Err(PasswordRefusal::TooCommon);
    }
    if holds_user_info(options, password, profile) {
        return Err(PasswordRefusal::HoldsUserInfo);
    }
    Ok(())
}

/// What no database takes.
pub(crate) fn fit(password: &str) -> Result<(), PasswordRefusal> {
    if password.len() > super::LONGEST {
        return Err(PasswordRefusal::Unfit("Use at most 512 bytes."));
    }
    if password.contains('\0') {
        return Err(PasswordRefusal::Unfit("A password cannot hold a NUL character."));
    }
    Ok(())
}

/// How many former passwords may not be chosen again.
pub fn remembered(options: &DatabaseOptions) -> usize {
    let newer = options.password_options.as_ref().and_then(|newer| newer.history.as_ref());
    let newer = newer.filter(|history| history.active == Some(true)).map(|history| history.size);
    let older =
        || options.password_history.as_ref().filter(|history| history.enable).map(|history| history.size);
    newer.or_else(older).map(|size| size.unwrap_or(HISTORY)).unwrap_or_default() as usize
}

/// How many, where it is not said.
const HISTORY: u32 = 5;

/// What a password has to be made of.
struct Asked {
    length: u32,
    /// How many of which kinds.
    kinds: Option<(usize, Vec<CharacterType>)>,
    allows_identical: bool,
    allows_sequences: bool,
}

/// Whether the newer words say what they say of themselves.
fn is_usual(complexity: &Complexity) -> bool {
    complexity.min_length.is_none_or(|length| length == USUAL_LENGTH)
        && complexity.character_types.as_ref().is_none_or(Vec::is_empty)
        && complexity.character_type_rule != Some(CharacterTypeRule::ThreeOfFour)
        && complexity.identical_characters != Some(Switch::Block)
        && complexity.sequential_characters != Some(Switch::Block)
}

const USUAL_LENGTH: u32 = 15;

impl Asked {
    fn of(options: &DatabaseOptions) -> Asked {
        let newer = options.password_options.as_ref().and_then(|newer| newer.complexity.as_ref());
        // The newer words have precedence. What they say of themselves says nothing beside the older ones: both are
        // shown of every database.
        let has_older = options.password_policy.is_some() || options.password_complexity_options.is_some();
        if let Some(complexity) = newer.filter(|complexity| !has_older || !is_usual(complexity)) {
            let kinds = match complexity.character_type_rule {
                Some(CharacterTypeRule::ThreeOfFour) => Some((3, KINDS.to_vec())),
                Some(CharacterTypeRule::All) | None => complexity
                    .character_types
                    .clone()
                    .filter(|kinds| !kinds.is_empty())
                    .map(|kinds| (kinds.len(), kinds)),
            };
            return Asked {
                length: complexity.min_length.unwrap_or(USUAL_LENGTH),
                kinds,
                allows_identical: complexity.identical_characters != Some(Switch::Block),
                allows_sequences: complexity.sequential_characters != Some(Switch::Block),
            };
        }
        let (length, kinds, allows_identical) = match options.password_policy {
            None | Some(PasswordPolicy::None) => (1, None, true),
            Some(PasswordPolicy::Low) => (6, None, true),
            Some(PasswordPolicy::Fair) => (8, Some((3, KINDS[..3].to_vec())), true),
            Some(PasswordPolicy::Good) => (8, Some((3, KINDS.to_vec())), true),
            Some(PasswordPolicy::Excellent) => (10, Some((3, KINDS.to_vec())), false),
        };
        let own = options.password_complexity_options.as_ref().and_then(|options| options.min_length);
        Asked { length: own.unwrap_or(length), kinds, allows_identical, allows_sequences: true }
    }

    fn rules(&self, password: &str) -> Vec<Rule> {
        let long_enough = password.chars().count() >= self.length as usize;
        let mut rules = vec![match self.length {
            ..=1 => Rule::plain("nonEmpty", "Non-empty password required", long_enough),
            length => Rule {
                format: vec![json!(length)],
                ..Rule::plain("lengthAtLeast", "At least %d characters in length", long_enough)
            },
        }];
        if let Some((least, kinds)) = &self.kinds {
            let items: Vec<Rule> = kinds.iter().map(|kind| of_kind(*kind, password)).collect();
            let verified = items.iter().filter(|item| item.verified).count() >= *least;
            rules.push(if *least == kinds.len() {
                Rule { items, ..Rule::plain("shouldContain", "Should contain:", verified) }
            } else {
                Rule {
                    format: vec![json!(least), json!(kinds.len())],
                    items,
                    ..Rule::plain(
                        "containsAtLeast",
                        "Contain at least %d of the following %d types of characters:",
                        verified,
                    )
                }
            });
        }
        if !self.allows_identical {
            rules.push(Rule {
                format: vec![json!(2), json!("aaa")],
                ..Rule::plain(
                    "identicalChars",
                    "No more than %d identical characters in a row (e.g., \"%s\" not allowed)",
                    longest_run(password, |before, after| before == after) <= 2,
                )
            });
        }
        if !self.allows_sequences {
            rules.push(Rule {
                format: vec![json!(2), json!("abc")],
                ..Rule::plain(
                    "sequentialChars",
                    "No more than %d sequential characters in a row (e.g., \"%s\" not allowed)",
                    !has_sequence(password),
                )
            });
        }
        rules
    }
}

const KINDS: [CharacterType; 4] =
    [CharacterType::Lowercase, CharacterType::Uppercase, CharacterType::Number, CharacterType::Special];

fn of_kind(kind: CharacterType, password: &str) -> Rule {
    let holds = |is: fn(&char) -> bool| password.chars().any(|letter| is(&letter));
    match kind {
        CharacterType::Lowercase => {
            Rule::plain("lowerCase", "lower case letters (a-z)", holds(char::is_ascii_lowercase))
        }
        CharacterType::Uppercase => {
            Rule::plain("upperCase", "upper case letters (A-Z)", holds(char::is_ascii_uppercase))
        }
        CharacterType::Number => Rule::plain("numbers", "numbers (i.e. 0-9)", holds(char::is_ascii_digit)),
        CharacterType::Special => Rule::plain(
            "specialCharacters",
            "special characters (e.g. !@#$%^&*)",
            holds(|letter| letter.is_ascii_punctuation() || *letter == ' '),
        ),
    }
}

/// How many characters in a row stand to each other like this.
fn longest_run(text: &str, like: fn(char, char) -> bool) -> usize {
    let letters: Vec<char> = text.chars().collect();
    let mut longest = usize::from(!letters.is_empty());
    let mut run = 1;
    for pair in letters.windows(2) {
        run = if like(pair[0], pair[1]) { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    longest
}

/// Whether three letters or digits follow each other as they are counted, forwards or backwards.
fn has_sequence(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let follows = |before: char, after: char| {
        before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric() && before as u32 + 1 == after as u32
    };
    longest_run(&text, follows) > 2 || longest_run(&text.chars().rev().collect::<String>(), follows) > 2
}

impl Rule {
    fn plain(code: &'static str, message: &'static str, verified: bool) -> Rule {
        Rule { code, message, format: Vec::new(), items: Vec::new(), verified }
    }

    /// As it stands on the wire.
    pub fn shown(&self) -> Value {
        let mut shown = Object::new();
        shown.insert("message".into(), json!(self.message));
        if !self.format.is_empty() {
            shown.insert("format".into(), json!(self.format));
        }
        shown.insert("code".into(), json!(self.code));
        if !self.items.is_empty() {
            shown.insert("items".into(), self.items.iter().map(Rule::shown).collect());
        }
        shown.insert("verified".into(), json!(self.verified));
        Value::Object(shown)
    }

    /// The message with what goes into it.
    pub fn text(&self) -> String {
        let mut text = self.message.to_owned();
        for value in &self.format {
            let (mark, value) = match value {
                Value::String(value) => ("%s", value.clone()),
                value => ("%d", value.to_string()),
            };
            text = text.replacen(mark, &value, 1);
        }
        text
    }
}

/// The rules as a text that can be shown.
fn printed(rules: &[Rule]) -> String {
    let lines = rules.iter().flat_map(|rule| {
        let items = rule.items.iter().map(|item| format!(" * {}", item.text()));
        [format!("* {}", rule.text())].into_iter().chain(items)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a password holds what is known of the person, where that is refused.
fn holds_user_info(options: &DatabaseOptions, password: &str, profile: &Object) -> bool {
    let newer = options.password_options.as_ref().and_then(|newer| newer.profile_data.as_ref());
    let newer = newer.filter(|data| data.active == Some(true));
    let is_older = options.password_no_personal_info.as_ref().is_some_and(|rule| rule.enable);
    let fields: Vec<&str> = match newer {
        Some(data) => data
            .blocked_fields
            .as_ref()
            .map_or(BLOCKED.to_vec(), |own| own.iter().map(String::as_str).collect()),
        None if is_older => BLOCKED.to_vec(),
        None => return false,
    };
    let password = password.to_lowercase();
    let known = fields.into_iter().filter_map(|field| {
        let mut parts = field.split('.');
        let value = profile.get(parts.next()?)?;
        let value = parts.try_fold(value, |value, part| value.get(part))?.as_str()?;
        Some(if field == "email" { value.split('@').next().unwrap_or(value) } else { value })
    });
    known.into_iter().any(|value| {
        let value = value.trim().to_lowercase();
        let words = value.split_whitespace().filter(|word| word.chars().count() > 3);
        let is_in = |part: &str| part.chars().count() > 2 && password.contains(part);
        is_in(&value) || words.into_iter().any(is_in)
    })
}

/// What is looked for where it is not said; of an address the part before the `@`.
const BLOCKED: [&str; 8] = [
    "name",
    "username",
    "nickname",
    "email",
    "phone_number",
    "user_metadata.name",
    "user_metadata.first",
    "user_metadata.last",
];

#[cfg(test)]
mod tests;
