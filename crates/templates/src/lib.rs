//! Liquid templates that customers write: of mails, and of the page around a login. A name that is not known is nothing,
//! as with Auth0; a template reads no files and includes no others; and whatever it says, it is parsed and filled in
//! within limits of size, depth and time. Values are not escaped: that is the template's `escape` filter.

mod blocks;
mod budget;
mod filters;
mod runtime;
mod source;
#[cfg(test)]
mod tests;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
};

use liquid_core::{Language, Renderable, parser, runtime::RuntimeBuilder};
use serde_json::Value;

use self::budget::Bounded;

/// A template that was parsed: kept, shared and filled in as often as one likes.
pub struct Template(liquid_core::Template);

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no Liquid, or not what is understood of it; the text says where.
    #[error("{0}")]
    Syntax(String),
    /// It could not be filled in with these values.
    #[error("{0}")]
    Render(String),
    /// It is longer, deeper or takes more work than a template may.
    #[error("{0}")]
    Limit(&'static str),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Template {
    /// Parses a template; `{%- auth0:head -%}` stands for the variable `auth0.head`.
    pub fn parse(text: &str) -> Result<Template> {
        let text = source::checked(text)?;
        // The parser is not ours, and a template is a stranger's text.
        let parsed = catch_unwind(|| parser::parse(&text, language()));
        match parsed {
            Ok(Ok(elements)) => Ok(Template(liquid_core::Template::new(elements))),
            Ok(Err(error)) => Err(Error::Syntax(short(&error))),
            Err(_) => Err(Error::Syntax("liquid: the template cannot be parsed".into())),
        }
    }

    /// Fills it in with the members of an object.
    pub fn render(&self, variables: &Value) -> Result<String> {
        let globals = liquid_core::to_object(variables).map_err(|error| Error::Render(short(&error)))?;
        let runtime = RuntimeBuilder::new().set_globals(&globals).build();
        let runtime = runtime::Tolerant(runtime);
        let mut written = Bounded::new(LONGEST_OUTPUT);
        // So are the filters: some of their arithmetic panics.
        let rendered = catch_unwind(AssertUnwindSafe(|| self.0.render_to(&mut written, &runtime)));
        if written.is_full() {
            return Err(Error::Limit("the template writes more than a mebibyte"));
        }
        if let Some(limit) = budget::exceeded(&runtime) {
            return Err(Error::Limit(limit));
        }
        match rendered {
            Ok(Ok(())) => written.into_text().ok_or_else(|| Error::Render("liquid: no UTF-8".into())),
            Ok(Err(error)) => Err(Error::Render(short(&error))),
            Err(_) => Err(Error::Render("liquid: a filter failed".into())),
        }
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Template")
    }
}

fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| {
        let mut language = Language::empty();
        blocks::register(&mut language);
        filters::register(&mut language);
        language
    })
}

/// The library's errors repeat what they were given, which may be long.
fn short(error: &liquid_core::Error) -> String {
    error.to_string().chars().take(300).collect()
}

/// The most that a template may write, in bytes.
pub const LONGEST_OUTPUT: usize = 1024 * 1024;
