//! What a script said and asked for, kept outside its reach and within bounds.

use std::cell::{Cell, RefCell};

use crate::{
    Call,
    message::{LINE, LINES, LONGEST, value},
};

/// Calls of `api`, and bytes of what they were given.
const CALLS: usize = 1_000;
const BYTES: usize = LONGEST / 8;
/// Bytes of a result.
pub const RESULT: usize = LONGEST / 8;

#[derive(Debug, Default)]
pub struct Recorder {
    logs: RefCell<Vec<String>>,
    lost: Cell<usize>,
    calls: RefCell<Vec<Call>>,
    bytes: Cell<usize>,
}

impl Recorder {
    /// Keeps a line of the console, or the beginning of it.
    pub fn log(&self, line: &str) {
        let mut logs = self.logs.borrow_mut();
        match logs.len() < LINES {
            true => logs.push(line.chars().take(LINE).collect()),
            false => self.lost.set(self.lost.get() + 1),
        }
    }

    /// Notes a call, whose arguments are JSON texts; says why not where it cannot.
    pub fn call(&self, name: String, arguments: Vec<String>) -> Result<(), &'static str> {
        let bytes = self.bytes.get() + name.len() + arguments.iter().map(String::len).sum::<usize>();
        let mut calls = self.calls.borrow_mut();
        if bytes > BYTES || calls.len() >= CALLS {
            return Err("The script asked for too much");
        }
        let Some(arguments) = arguments.iter().map(|text| value(text)).collect() else {
            return Err("A value is too deep, or holds half a character");
        };
        self.bytes.set(bytes);
        calls.push(Call { name, arguments });
        Ok(())
    }

    pub fn take(&self) -> (Vec<String>, Vec<Call>) {
        let mut logs = self.logs.take();
        if self.lost.get() > 0 {
            logs.push(format!("({} more lines)", self.lost.get()));
        }
        (logs, self.calls.take())
    }
}
