//! The worker for customers' code of the servers that run inside a test.

use std::process::ExitCode;

fn main() -> ExitCode {
    actions::worker::run()
}
