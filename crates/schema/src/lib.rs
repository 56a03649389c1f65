//! How a noun is declared, and what is done with a declaration. A [`Shape`] is a constant that describes
//! JSON; `check` says what is wrong with a body, `complete` fills defaults, `merge` lays a patch over a
//! document, `project` shows what a caller may see. Pure functions: no I/O, no clock, no wire.

extern crate self as schema;

mod check;
mod document;
mod format;
#[cfg(test)]
mod json_schema;
mod merge;
mod project;
mod shape;
mod walk;

pub use check::{Violation, check};
pub use document::{Key, Used, each_secret, keys};
pub use format::Format;
pub use merge::{complete, merge};
pub use project::{Secrets, Selection, Viewer, project};
pub use schema_derive::{Resource, Shaped};
pub use shape::{Arm, Declared, Field, Noun, Op, Resource, Shape, Shaped, When};

/// A JSON object, as a document is kept.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// What the arguments of `#[field(…)]` may name without a path.
pub mod words {
    pub use crate::Format::*;
    pub use crate::When::*;
    pub use serde_json::json;
}

#[cfg(test)]
mod tests;
