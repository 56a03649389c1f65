//! The chores of this repository, run as `cargo xtask CHORE`. Each chore is one module; none of this is part of the product.
#![expect(clippy::print_stdout, reason = "a chore speaks to the person who ran it")]

mod attack;
mod bench;
mod bom;
mod docs;
mod postgres;
mod reasons;
mod scratch;
mod server;
mod suites;
mod tally;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["tidy"] => tidy::run(),
        ["docs"] => docs::run(false),
        ["docs", "--check"] => docs::run(true),
        ["test", names @ ..] => suites::run(names),
        ["bom", words @ ..] => bom::write(words),
        ["bench", "token", flags @ ..] => bench::tokens(flags),
        ["bench", "login", flags @ ..] => bench::logins(flags),
        ["bench", "dev", flags @ ..] => bench::double(flags),
        ["bench", "users", numbers @ ..] => bench::users(numbers),
        ["bench", "clients", flags @ ..] => bench::clients(flags),
        ["bench", "nodes", flags @ ..] => bench::nodes(flags),
        ["attack", flags @ ..] => attack::run(flags),
        _ => {
            println!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder this checkout lies in.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies inside the workspace")?.to_path_buf())
}

const USAGE: &str = "\
cargo xtask tidy                 check what the compiler cannot: rooms, sizes, words
cargo xtask docs [--check]       write the pages of docs/ that are made from the program
cargo xtask test [NAME…]         every suite, or those named (rust, lint, durability, clients, replay; or rust-postgres, …)
cargo xtask bom [TARGET]         what the program is made of and the notices of its parts, into target/bom
cargo xtask bench token [--seconds N] [--clients N] [--rounds N] [--json FILE]
                                 tokens per second beside a constant answer and the bare signing rate
cargo xtask bench login [--seconds N] [--rounds N]
                                 logins with passwords per second beside the bare hash, and what tokens wait meanwhile
cargo xtask bench dev [--rounds N] [--clients N]
                                 what a test double takes from its start to a token, and a thousand tenants of one
cargo xtask bench users [PEOPLE [TIMES]]
                                 what searches for people take, each so many times, among so many of them
cargo xtask bench clients [--clients N,N…] [--seconds N] [--debug]
                                 start, memory and tokens of a server with more and more clients, as a table
cargo xtask bench nodes [--clients N] [--seconds N] [--rounds N] [--debug]
                                 tokens per second of two nodes on one PostgreSQL beside one, as a table
cargo xtask attack [--guesses N] [--release]
                                 guesses at a secret from a thousand addresses, and what its good caller waits";
