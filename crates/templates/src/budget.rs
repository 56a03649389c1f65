//! How much work a template may cause: bytes that it makes, rounds of its loops, and time. What exceeds it ends the
//! rendering at the next thing that asks.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use liquid_core::{Runtime, ValueView};

/// What one rendering has spent, kept among the registers of its runtime.
pub struct Budget {
    bytes: usize,
    rounds: usize,
    until: Instant,
    exceeded: Option<&'static str>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { bytes: 0, rounds: 0, until: Instant::now() + LONGEST, exceeded: None }
    }
}

/// Takes bytes out of the budget.
pub fn bytes(runtime: &dyn Runtime, bytes: usize) -> liquid_core::Result<()> {
    let mut budget = runtime.registers().get_mut::<Budget>();
    budget.bytes = budget.bytes.saturating_add(bytes);
    if budget.bytes > MOST_BYTES {
        budget.exceeded = Some("the template takes more memory than it may");
    }
    budget.check()
}

/// Takes rounds of a loop out of the budget.
pub fn rounds(runtime: &dyn Runtime, rounds: usize) -> liquid_core::Result<()> {
    let mut budget = runtime.registers().get_mut::<Budget>();
    budget.rounds = budget.rounds.saturating_add(rounds);
    if budget.rounds > MOST_ROUNDS {
        budget.exceeded = Some("loops of the template go round more than 10,000 times");
    }
    budget.check()
}

/// The limit that was exceeded, if one was.
pub fn exceeded(runtime: &dyn Runtime) -> Option<&'static str> {
    runtime.registers().get_mut::<Budget>().exceeded
}

/// About how much memory a value takes.
pub fn size(value: &dyn ValueView) -> usize {
    if let Some(array) = value.as_array() {
        return array.values().map(size).fold(64, usize::saturating_add);
    }
    if let Some(object) = value.as_object() {
        return object.values().map(size).fold(64, |sum, size| sum.saturating_add(size + 64));
    }
    64 + value.to_kstr().len()
}

impl Budget {
    fn check(&mut self) -> liquid_core::Result<()> {
        if self.exceeded.is_none() && Instant::now() > self.until {
            self.exceeded = Some("the template takes longer than a second");
        }
        match self.exceeded {
            Some(limit) => Err(liquid_core::Error::with_msg(limit)),
            None => Ok(()),
        }
    }
}

/// What is written, up to a length.
pub struct Bounded {
    written: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Bounded {
    pub fn new(most: usize) -> Self {
        Bounded { written: Vec::new(), most, is_full: false }
    }

    pub fn is_full(&self) -> bool {
        self.is_full
    }

    pub fn into_text(self) -> Option<String> {
        String::from_utf8(self.written).ok()
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.len() + bytes.len() > self.most {
            self.is_full = true;
            return Err(io::Error::other("too long"));
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const MOST_BYTES: usize = 32 * 1024 * 1024;
const MOST_ROUNDS: usize = 10_000;
const LONGEST: Duration = Duration::from_secs(1);
