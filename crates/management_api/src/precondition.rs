//! Conditional changes: a read says which version it showed (`ETag`), and a change that says which version it was
//! meant for (`If-Match`, RFC 9110 §13.1.1) does not undo somebody else's. Without the header nothing is asked.

use http::{HeaderMap, StatusCode, header};
use idp::Document;

use crate::{Error, error::Result};

/// What `If-Match` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// There is one, in whatever version.
    Exists,
    /// It has one of these versions.
    Is(Vec<String>),
}

impl Precondition {
    pub fn read(headers: &HeaderMap) -> Result<Precondition> {
        let mut tags = Vec::new();
        for value in headers.get_all(header::IF_MATCH) {
            let text = value.to_str().map_err(|_| malformed())?.trim();
            if text == "*" {
                return Ok(Precondition::Exists);
            }
            read_list(text, &mut tags)?;
        }
        let says_nothing = !headers.contains_key(header::IF_MATCH);
        Ok(if says_nothing { Precondition::None } else { Precondition::Is(tags) })
    }

    /// Refuses what was meant for another version, or for something that is gone.
    pub fn check(&self, document: Option<&Document>) -> Result<()> {
        let holds = match (self, document) {
            (Precondition::None, _) | (Precondition::Exists, Some(_)) => true,
            (Precondition::Exists | Precondition::Is(_), None) => false,
            (Precondition::Is(tags), Some(document)) => tags.contains(&etag(document)),
        };
        if holds { Ok(()) } else { Err(failed()) }
    }

    /// A race that was lost between the check and the commit failed the condition too.
    pub fn lost(&self, error: Error) -> Error {
        if self.is_given() && error.is_race() { failed() } else { error }
    }

    /// Whether anything is asked.
    pub fn is_given(&self) -> bool {
        *self != Precondition::None
    }
}

/// The tag of a document's version. When it was made is part of it: what is deleted and restored counts anew.
pub fn etag(document: &Document) -> String {
    tag(document.version, document.created)
}

/// The tag after this document was replaced.
pub fn next_etag(document: &Document) -> String {
    tag(document.version + 1, document.created)
}

fn tag(version: i64, created: i64) -> String {
    format!("\"{version}-{created}\"")
}

/// `"a", W/"b"`; a weak tag never matches here, so it is read and forgotten.
fn read_list(mut rest: &str, tags: &mut Vec<String>) -> Result<()> {
    loop {
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let inner = quoted.strip_prefix('"').ok_or_else(malformed)?;
        let (tag, after) = inner.split_once('"').ok_or_else(malformed)?;
        if !is_weak {
            tags.push(format!("\"{tag}\""));
        }
        rest = match after.trim_start().strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if after.trim().is_empty() => return Ok(()),
            None => return Err(malformed()),
        };
        if tags.len() > MOST {
            return Err(malformed());
        }
    }
}

fn failed() -> Error {
    let words = "The resource is not in the version that If-Match names; read it again.";
    Error::new(StatusCode::PRECONDITION_FAILED, words, Some("precondition_failed"))
}

fn malformed() -> Error {
    Error::new(StatusCode::BAD_REQUEST, "The If-Match header is malformed.", Some("invalid_headers"))
}

/// How many tags one request may name.
const MOST: usize = 100;
