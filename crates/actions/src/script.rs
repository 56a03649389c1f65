//! A piece of customers' code, and how it is called.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// The modules that `require` knows, with or without `node:` before them.
pub const MODULES: &[&str] = &["buffer", "crypto", "url", "util"];

/// A source, and how it is entered. Clones share it.
#[derive(Debug, Clone)]
pub struct Script(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    /// What a worker knows it by.
    pub key: u64,
    pub source: Source,
}

/// What a worker has to be told of a script.
#[derive(Debug, Hash, Serialize, Deserialize)]
pub(crate) struct Source {
    pub code: String,
    pub entry: Entry,
}

/// How a script is entered.
#[derive(Debug, Clone, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// `exports.handler(event, api)`; the functions of `api` are named `group.function`, and each only notes that it
    /// was called. `api.cache` is always there.
    Export { handler: String, api: Vec<String> },
    /// `module.exports(…event, callback)`, where the event is an array and the result is what was called back.
    /// Errors by these names can be made.
    Callback { errors: Vec<String> },
}

impl Script {
    pub fn new(code: impl Into<String>, entry: Entry) -> Script {
        let source = Source { code: code.into(), entry };
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        Script(Arc::new(Inner { key: hasher.finish(), source }))
    }
}
