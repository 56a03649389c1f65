//! Backups from the command line: taken beside a running server, looked through, put back.

use std::{
    fs::OpenOptions,
    io::{IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use age::secrecy::ExposeSecret;
use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::json;

use super::Place;
use crate::{
    backup::{self, Amount, Head, Lock, STANDARD, Unlock},
    cli::{
        doctor,
        print::{plain, say},
    },
    master_key::{self, Form},
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct Backup {
    #[command(subcommand)]
    command: Option<Other>,
    /// File to write, which appears once it is whole; - for standard output
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    #[command(flatten)]
    lock: Lock,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Leave the master key out: without it nothing sealed in the backup opens, so keep it apart
    #[arg(long)]
    without_master_key: bool,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// Read a backup through, without a store: whether it opens, is whole and unchanged
    Verify {
        /// The backup; - for standard input
        file: PathBuf,
        #[command(flatten)]
        unlock: Unlock,
    },
    /// Make a key for backups: the identity that opens them in a file, the recipient that they are for on standard output
    Keygen {
        /// File to write, which must not be there; keep it apart from the backups and the server
        file: PathBuf,
    },
}

const EXAMPLES: &str = "\
Examples:
  countersign backup keygen backup-identity.txt
  countersign backup monday.backup --recipient age1… --data-dir ./data
  countersign backup verify monday.backup --identity backup-identity.txt";

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup; - for standard input
    file: PathBuf,
    #[command(flatten)]
    unlock: Unlock,
    /// Put it in the place of a store that has tenants; files that were there are moved aside, tables are dropped
    #[arg(long)]
    replace: bool,
}

pub async fn backup(place: &Place, command: Backup) -> Result<()> {
    match command.command {
        Some(Other::Verify { file, unlock }) => {
            let (head, amount) = backup::verify(&file, unlock).await?;
            say!("{}", described(&head, amount));
            say!("It is whole and unchanged, and can be restored by this version.");
            Ok(())
        }
        Some(Other::Keygen { file }) => keygen(&file),
        None => {
            let file = command.file.context("name a file")?;
            ensure!(
                file != Path::new(STANDARD) || !std::io::stdout().is_terminal(),
                "a backup is nothing to look at: name a file, or send standard output somewhere"
            );
            let target = backup::Place::of(&file, command.force)?;
            let config = place.config([])?;
            let Amount { tables, rows } =
                backup::take(&config, &command.lock, target, !command.without_master_key).await?;
            // Standard output may be the backup.
            eprintln!("{}: {rows} rows of {tables} tables, encrypted.", file.display());
            Ok(())
        }
    }
}

fn keygen(file: &Path) -> Result<()> {
    let (text, recipient) = backup::new_identity(&idp::Clock::System.iso());
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.as_mut().map_err(|error| std::io::Error::new(error.kind(), error.to_string()));
    written
        .and_then(|made| made.write_all(text.expose_secret().as_bytes()).and_then(|()| made.sync_all()))
        .with_context(|| format!("writing {}", file.display()))?;
    say!("{recipient}");
    Ok(())
}

pub async fn restore(place: &Place, command: Restore) -> Result<ExitCode> {
    let config = place.config([])?;
    let restored = backup::restore(&config, &command.file, command.unlock, command.replace).await?;
    let backup::Restored { head, amount, moved } = restored;
    say!("{}", described(&head, amount));
    say!("It is restored to {}.", config.place_of_store());
    if let Some(moved) = moved {
        say!("What was there before lies in {} now.", moved.display());
    }
    if head.master_key.is_none() && master_key::ring(&config, false).await.is_err() {
        say!(
            "The backup came without the master key: put it at {} first.",
            config.master_key_path().display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    doctor::consistency(place).await
}

fn described(head: &Head, Amount { tables, rows }: Amount) -> String {
    let key = match head.master_key.as_deref().map(Form::of) {
        None => "without the master key".to_owned(),
        Some(Ok(Form::InClear)) => "with the master key".to_owned(),
        Some(Ok(wrapped @ Form::Wrapped { .. })) => format!("with the master key, {}", wrapped.words()),
        Some(Err(error)) => format!("with a master key that cannot be used ({error:#})"),
    };
    // Whoever made it wrote what they liked.
    let [store, made_at, by, key] =
        [&head.store, &head.made_at, &head.by, &key].map(|text| plain(&json!(text)));
    format!("A backup of {store} made at {made_at} by {by}, {key}: {rows} rows of {tables} tables.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_does_not_steer_the_terminal() {
        let head = Head {
            countersign_backup: 1,
            made_at: "2026\u{9b}2J".into(),
            by: "0.1.0\u{1b}]0;x\u{7}".into(),
            store: "sql\nite".into(),
            steps: Vec::new(),
            master_key: None,
        };
        let told = described(&head, Amount::default());
        assert!(told.starts_with("A backup of sql ite made at 2026 2J by 0.1.0 ]0;x , without"), "{told}");
    }
}
