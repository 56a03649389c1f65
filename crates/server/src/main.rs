//! The binary: reads the configuration, introduces the parts to each other, and holds the command line.

#![expect(clippy::print_stdout, reason = "a command line prints")]

mod cli;
mod config;
mod front;
mod run_file;
mod seed;
mod serve;

use std::process::ExitCode;

/// The system's allocator keeps what a burst of requests freed; this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("countersign: {error:#}");
            ExitCode::FAILURE
        }
    }
}
