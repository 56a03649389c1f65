//! A worker by itself, for the tests of this crate. The product is its own worker.

use std::process::ExitCode;

fn main() -> ExitCode {
    actions::worker::run()
}
