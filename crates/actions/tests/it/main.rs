//! Scripts that behave and scripts that do not, in real workers.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

mod behaved;
mod cost;
mod hostile;
mod support;
