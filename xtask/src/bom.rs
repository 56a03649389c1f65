//! What the program is made of: a list of its parts in the form of CycloneDX, and the notices that their licences ask to be
//! handed on. It reads what cargo and npm resolved, and never what somebody wrote down.

mod crates;
mod document;
mod foreign;
mod notices;
mod packages;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use cyclonedx_bom::prelude::{Bom, Validate};
use serde_json::Value;

use crates::Crates;
use packages::Packages;

/// Writes both for a target, this machine's unless one is named, into `target/bom`.
pub fn write(words: &[&str]) -> Result<bool> {
    let target = match words {
        [] => None,
        [target] => Some(*target),
        _ => bail!("cargo xtask bom [TARGET]"),
    };
    let root = crate::root()?;
    let crates = Crates::read(&root, target)?;
    let packages = Packages::read(&root)?;
    let folder = root.join("target/bom");
    std::fs::create_dir_all(&folder)?;
    for (name, bytes) in [
        ("countersign.cdx.json", document::write(&crates, packages.as_ref())?),
        ("NOTICES.txt", notices::write(&crates, packages.as_ref())?.into_bytes()),
    ] {
        let file = folder.join(name);
        std::fs::write(&file, &bytes)?;
        println!("{}: {} bytes", file.display(), bytes.len());
    }
    Ok(true)
}

/// Whether the list is one, and names what cargo builds the server of: all of it and nothing else.
pub fn check(root: &Path) -> Result<bool> {
    let crates = Crates::read(root, None)?;
    let packages = Packages::read(root)?;
    let written = document::write(&crates, packages.as_ref())?;
    let document = Bom::parse_from_json(written.as_slice())?;
    let mut wrong: Vec<String> =
        document.validate().errors().map(|(field, error)| format!("{field}: {error:?}")).collect();

    let listed = document::names(&document);
    let built = built(root)?;
    wrong.extend(built.difference(&listed).map(|(name, version)| format!("{name} {version} is not listed")));
    let (ours, theirs) = (packages.iter().flat_map(Packages::names), foreign::names(&crates)?);
    let further: BTreeSet<Part> = ours.chain(theirs).collect();
    let unknown = listed.difference(&built).filter(|part| !further.contains(part));
    wrong.extend(unknown.map(|(name, version)| format!("{name} {version} is listed and not built")));
    wrong.extend(foreign::unnamed(&crates));
    notices::write(&crates, packages.as_ref().filter(|packages| packages.are_installed()))?;

    wrong.iter().for_each(|line| println!("bom: {line}"));
    Ok(wrong.is_empty())
}

/// A name and a version.
type Part = (String, String);

/// Every crate that cargo builds for the server.
fn built(root: &Path) -> Result<BTreeSet<Part>> {
    let lines = cargo(root, &["build", "--package=server", "--locked", "--quiet", "--message-format=json"])?;
    let mut parts = BTreeSet::new();
    for line in lines.lines() {
        let message: Value = serde_json::from_str(line)?;
        if message["reason"] == "compiler-artifact" {
            let id = message["package_id"].as_str().context("an artifact is of a package")?;
            parts.insert(crates::part(id)?);
        }
    }
    Ok(parts)
}

/// What cargo prints for these words.
fn cargo(root: &Path, words: &[&str]) -> Result<String> {
    printed(Command::new("cargo").args(words).current_dir(root))
}

fn printed(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| name.clone())?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_it_says_it_is() {
        let root = crate::root().unwrap();
        let crates = Crates::read(&root, None).unwrap();
        let written = document::write(&crates, Packages::read(&root).unwrap().as_ref()).unwrap();
        let document = Bom::parse_from_json(written.as_slice()).unwrap();
        assert_eq!(document.validate().errors().collect::<Vec<_>>(), []);
        let listed = document::names(&document);
        let has = |wanted: &str| listed.iter().any(|(name, _)| name == wanted);
        for name in ["idp", "tokio", "sqlite", "cc"] {
            assert!(has(name), "{name}");
        }
        assert!(!has("ring") && !has("proptest"), "what is not built is listed");
        assert_eq!(foreign::unnamed(&crates).collect::<Vec<_>>(), Vec::<String>::new());
    }
}
