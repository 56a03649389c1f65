//! `cargo xtask test`: every suite, one after another, each counted, none left out in silence.

mod failures;
mod fuzz;
mod grounds;
mod programs;
mod python;
mod replay;
mod rust;

use anyhow::{Result, bail};

use crate::tally::Tally;
use grounds::Grounds;
pub use grounds::answers;

/// Runs the named suites, or all; true if nothing failed.
pub fn run(names: &[&str]) -> Result<bool> {
    for name in names {
        if !ALL.iter().any(|suite| suite.answers_to(name)) {
            bail!("there is no suite {name}; there are: {}", ALL.map(Suite::name).join(", "));
        }
    }
    let mut grounds = Grounds::new()?;
    let mut results = Vec::new();
    for suite in ALL {
        if names.is_empty() || names.iter().any(|name| suite.answers_to(name)) {
            println!("\n=== {} ===", suite.name());
            let result = suite.run(&mut grounds);
            results.push((suite.name(), result, failures::take()));
        }
    }
    drop(grounds);
    println!();
    let mut total = Tally::default();
    for (name, result, failed) in results {
        total += account(name, result);
        for test in failed {
            println!("failed: {name}: {test}");
        }
    }
    println!("{total}");
    Ok(total.failed == 0)
}

fn account(name: &str, result: Result<Outcome>) -> Tally {
    let tally = match result {
        Ok(Outcome::Ran(tally)) => tally,
        Ok(Outcome::Skipped(reason)) => {
            println!("skipped: {name}: {reason}");
            return Tally { skipped: 1, ..Tally::default() };
        }
        Err(error) => {
            println!("failed: {name}: {error:#}");
            Tally::of(false)
        }
    };
    println!("{name}: {tally}");
    tally
}

/// What became of a suite.
enum Outcome {
    Ran(Tally),
    /// Something it needs is not on this machine.
    Skipped(String),
}

/// The suites, in the order they run.
#[derive(Clone, Copy)]
enum Suite {
    RustSqlite,
    RustPostgres,
    Lint,
    Parts,
    DurabilitySqlite,
    DurabilityPostgres,
    Deploy,
    Acme,
    Clients,
    Dashboard,
    Pages,
    Replay,
    DevClients,
    DevReplay,
    Fuzz,
}

const ALL: [Suite; 15] = [
    Suite::RustSqlite,
    Suite::RustPostgres,
    Suite::Lint,
    Suite::Parts,
    Suite::DurabilitySqlite,
    Suite::DurabilityPostgres,
    Suite::Deploy,
    Suite::Acme,
    Suite::Clients,
    Suite::Dashboard,
    Suite::Pages,
    Suite::Replay,
    Suite::DevClients,
    Suite::DevReplay,
    Suite::Fuzz,
];

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Suite::RustSqlite => "rust-sqlite",
            Suite::RustPostgres => "rust-postgres",
            Suite::Lint => "lint",
            Suite::Parts => "parts",
            Suite::DurabilitySqlite => "durability-sqlite",
            Suite::DurabilityPostgres => "durability-postgres",
            Suite::Deploy => "deploy",
            Suite::Acme => "acme",
            Suite::Clients => "clients",
            Suite::Dashboard => "dashboard",
            Suite::Pages => "pages",
            Suite::Replay => "replay",
            Suite::DevClients => "dev-clients",
            Suite::DevReplay => "dev-replay",
            Suite::Fuzz => "fuzz",
        }
    }

    /// `rust` names both `rust-sqlite` and `rust-postgres`.
    fn answers_to(self, word: &str) -> bool {
        let name = self.name();
        name == word || name.split_once('-').is_some_and(|(family, _)| family == word)
    }

    fn run(self, grounds: &mut Grounds) -> Result<Outcome> {
        match self {
            Suite::RustSqlite => rust::on_sqlite(grounds),
            Suite::RustPostgres => rust::on_postgres(grounds),
            Suite::Lint => rust::lint(grounds),
            Suite::Parts => rust::parts(grounds),
            Suite::DurabilitySqlite => programs::durability_on_sqlite(grounds),
            Suite::DurabilityPostgres => programs::durability_on_postgres(grounds),
            Suite::Deploy => programs::deploy(grounds),
            Suite::Acme => programs::acme(grounds),
            Suite::Clients => programs::clients(grounds),
            Suite::Dashboard => programs::dashboard(grounds),
            Suite::Pages => programs::pages(grounds),
            Suite::Replay => replay::replay(grounds),
            Suite::DevClients => programs::clients_of_double(grounds),
            Suite::DevReplay => replay::replay_to_double(grounds),
            Suite::Fuzz => fuzz::run(grounds),
        }
    }
}
