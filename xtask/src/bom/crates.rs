//! The crates that the server is built with, as cargo resolves them for one target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Part, cargo};

/// A crate.
#[derive(Debug)]
pub struct Crate {
    pub folder: PathBuf,
    pub licence: Option<String>,
    pub repository: Option<String>,
    /// The SHA-256 of its archive; what is ours has none.
    pub checksum: Option<String>,
    /// It is in the program. The others only build it.
    pub is_shipped: bool,
    /// A compiler of other languages builds it.
    pub compiles: bool,
    /// What it needs of these.
    pub uses: Vec<Part>,
}

/// All of them, by name and version.
#[derive(Debug)]
pub struct Crates(pub BTreeMap<Part, Crate>);

impl Crates {
    pub fn read(root: &Path, target: Option<&str>) -> Result<Crates> {
        let shipped = tree(root, target, "normal,no-proc-macro")?;
        let built = tree(root, target, "normal,build")?;
        let checksums = checksums(root)?;
        // Of all targets: what builds is built for this machine.
        let metadata = cargo(root, &["metadata", "--format-version=1", "--locked"])?;
        let metadata: Value = serde_json::from_str(&metadata)?;

        let mut crates = BTreeMap::new();
        for package in list(&metadata["packages"])? {
            let part = part(text(&package["id"])?)?;
            if !built.contains(&part) {
                continue;
            }
            let folder = Path::new(text(&package["manifest_path"])?)
                .parent()
                .context("a manifest lies in a folder")?;
            let read = |name: &str| package[name].as_str().map(str::to_owned);
            let entry = Crate {
                folder: folder.to_owned(),
                licence: read("license"),
                repository: read("repository"),
                checksum: checksums.get(&part).cloned(),
                is_shipped: shipped.contains(&part),
                compiles: false,
                uses: Vec::new(),
            };
            crates.insert(part, entry);
        }
        for node in list(&metadata["resolve"]["nodes"])? {
            let Some(entry) = crates.get_mut(&part(text(&node["id"])?)?) else { continue };
            for needed in list(&node["deps"])? {
                let (kinds, needed) = (list(&needed["dep_kinds"])?, part(text(&needed["pkg"])?)?);
                entry.compiles |= COMPILERS.contains(&needed.0.as_str());
                if built.contains(&needed) && kinds.iter().any(|kind| kind["kind"] != "dev") {
                    entry.uses.push(needed);
                }
            }
        }
        Ok(Crates(crates))
    }

    /// Those that are in the program.
    pub fn shipped(&self) -> impl Iterator<Item = (&Part, &Crate)> {
        self.0.iter().filter(|(_, entry)| entry.is_shipped)
    }
}

const COMPILERS: [&str; 2] = ["cc", "cmake"];

/// The name and version in a package's identifier: `registry+https://…#name@1.2.3`, `path+file:///…/name#1.2.3`.
pub fn part(id: &str) -> Result<Part> {
    let (source, fragment) = id.rsplit_once('#').with_context(|| format!("{id} names no package"))?;
    let (name, version) = match fragment.split_once('@') {
        Some(both) => both,
        None => (source.rsplit('/').next().unwrap_or_default(), fragment),
    };
    Ok((name.to_owned(), version.to_owned()))
}

/// What the server needs by way of such edges, with the features that it alone asks for.
fn tree(root: &Path, target: Option<&str>, edges: &str) -> Result<BTreeSet<Part>> {
    let mut words =
        vec!["tree", "--package=server", "--locked", "--prefix=none", "--format={p}", "--edges", edges];
    words.extend(target.iter().flat_map(|target| ["--target", target]));
    let mut parts = BTreeSet::new();
    for line in cargo(root, &words)?.lines() {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let version = version.strip_prefix('v').with_context(|| format!("cargo tree says {line:?}"))?;
        parts.insert((name.to_owned(), version.to_owned()));
    }
    Ok(parts)
}

fn checksums(root: &Path) -> Result<BTreeMap<Part, String>> {
    let lock: toml::Table = toml::from_str(&std::fs::read_to_string(root.join("Cargo.lock"))?)?;
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock lists packages")?;
    let read = |package: &toml::Value, name: &str| package.get(name)?.as_str().map(str::to_owned);
    let known = packages.iter().filter_map(|package| {
        Some(((read(package, "name")?, read(package, "version")?), read(package, "checksum")?))
    });
    Ok(known.collect())
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("cargo metadata says it in words")
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("cargo metadata has a list")
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn an_identifier_names_a_package() {
        for (id, name, version) in [
            ("registry+https://index.example/index#serde@1.0.2", "serde", "1.0.2"),
            ("path+file:///src/crates/idp#0.1.0", "idp", "0.1.0"),
            ("path+file:///src/packages/rust#countersign-dev@0.1.0", "countersign-dev", "0.1.0"),
        ] {
            assert_eq!(part(id).unwrap(), (name.to_owned(), version.to_owned()), "{id}");
        }
        assert!(part("serde").is_err());
    }
}
