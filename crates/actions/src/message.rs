//! What goes between the server and a worker: JSON after its length in four bytes, one question and one answer at a
//! time. The server believes of an answer only what it can check.

use std::io;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{Failure, script::Source};

/// The longest message; an answer beyond it ends its worker.
pub(crate) const LONGEST: usize = 8 << 20;

/// A script to be run, or only to be loaded.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question<'a> {
    pub key: u64,
    /// Forget every script before this one.
    pub forget: bool,
    /// The script itself, where the worker does not have it yet.
    #[serde(borrow)]
    pub source: Option<&'a RawValue>,
    /// What happened; without it the script is only loaded.
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    pub kept: Vec<Kept>,
    /// What `api` answers from.
    #[serde(borrow)]
    pub given: Option<&'a RawValue>,
    /// When it happened, in milliseconds since 1970: what is kept ends by this clock.
    pub now: i64,
    pub limits: Limits,
}

/// What a run may use.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub memory: usize,
    pub processor_ms: u64,
    pub wall_ms: u64,
}

/// One text that a script keeps for later runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub key: String,
    pub value: String,
    /// When it ends, in milliseconds since 1970.
    pub expires_at: i64,
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub outcome: Result<Value, Failure>,
    pub calls: Vec<Call>,
    pub logs: Vec<String>,
    pub stats: Stats,
}

/// A function of `api` that the script called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `group.function`
    pub name: String,
    /// As JSON says them; what JSON cannot say is null.
    pub arguments: Vec<Value>,
}

/// How long it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Milliseconds of the script itself.
    pub script_ms: f64,
    /// Of these, milliseconds of processor time.
    pub processor_ms: f64,
    /// Milliseconds to load the script, nought if that was done ahead.
    pub load_ms: f64,
}

/// Characters that are kept of what was thrown.
pub(crate) const WORDS: usize = 2_000;
/// Characters that are kept of a line of the console, and lines, the last of which counts the others.
pub(crate) const LINE: usize = 256;
pub(crate) const LINES: usize = 100;

impl Answer {
    /// The answer with no more words than a worker keeps that does what it should: the log keeps them.
    pub fn bounded(mut self) -> Answer {
        if let Err(Failure::Threw(thrown)) = &mut self.outcome {
            for words in [&mut thrown.name, &mut thrown.message, &mut thrown.stack] {
                cut(words, WORDS);
            }
        }
        self.logs.truncate(LINES + 1);
        self.logs.iter_mut().for_each(|line| cut(line, LINE));
        self
    }
}

/// A value of a script, if it is no deeper than what can be read again where it lies in an answer.
pub(crate) fn value(text: &str) -> Option<Value> {
    let [[[[value]]]]: [[[[Value; 1]; 1]; 1]; 1] = serde_json::from_str(&format!("[[[[{text}]]]]")).ok()?;
    Some(value)
}

fn cut(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
}

impl Question<'_> {
    pub fn source(&self) -> io::Result<Option<Source>> {
        Ok(self.source.map(|source| serde_json::from_str(source.get())).transpose()?)
    }
}

/// A message as it is sent.
pub(crate) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    bytes[..4].copy_from_slice(&(length as u32).to_le_bytes());
    Ok(bytes)
}

/// How long the message after these four bytes is.
pub(crate) fn length(prefix: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(prefix) as usize {
        length if length <= LONGEST => Ok(length),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long")),
    }
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    Ok(serde_json::from_slice(bytes)?)
}
