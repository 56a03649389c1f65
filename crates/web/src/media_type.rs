//! What a body claims to be, from its Content-Type. It never looks at the body.

use std::borrow::Cow;

use http::{HeaderMap, header::CONTENT_TYPE};

/// A parsed Content-Type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: Cow<'static, str>,
}

impl MediaType {
    /// Reads the one Content-Type of a request; a missing, repeated or unreadable one is `None`.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(CONTENT_TYPE).iter();
        let line = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        Self::parse(line.to_str().ok()?)
    }

    /// Reads the text of a Content-Type header.
    pub fn parse(text: &str) -> Option<Self> {
        // What nearly every client sends needs no parsing.
        if let Some(common) = [FORM, JSON].into_iter().find(|common| *common == text) {
            return Some(Self { essence: Cow::Borrowed(common) });
        }
        let parsed: mime::Mime = text.trim().parse().ok()?;
        // The mime crate takes `application/` for a media type.
        if parsed.subtype() == "" {
            return None;
        }
        Some(Self { essence: Cow::Owned(parsed.essence_str().to_ascii_lowercase()) })
    }

    /// The type and subtype in lower case, without parameters.
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Tells whether the body is JSON: `application/json`, or any type ending in `+json`.
    pub fn is_json(&self) -> bool {
        self.essence == JSON || self.essence.ends_with("+json")
    }

    /// Tells whether the body is an HTML page.
    pub fn is_html(&self) -> bool {
        self.essence == "text/html"
    }

    /// Tells whether the body is a URL-encoded form.
    pub fn is_form(&self) -> bool {
        self.essence == FORM
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
