//! The words that licences ask to be handed on with the program, each text once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::crates::Crates;
use super::foreign;
use super::packages::{self, Packages};

/// All notices, with whose they are.
pub fn write(crates: &Crates, packages: Option<&Packages>) -> Result<String> {
    let mut notices = Notices::default();
    for ((name, version), entry) in crates.shipped().filter(|(_, entry)| entry.checksum.is_some()) {
        let title = format!("{name} {version}");
        let source = entry.repository.as_deref().unwrap_or("its source is at the registry of crates");
        notices.part(&title, entry.licence.as_deref(), source);
        if let Some(held) = foreign::within(crates, name)? {
            notices.part(
                &format!("{} {}", held.name, held.version),
                Some(held.licence),
                &format!("inside of {title}"),
            );
        }
        notices.texts(&title, &entry.folder)?;
    }
    for package in packages.iter().flat_map(|packages| packages.bom.components.iter().flat_map(|all| &all.0))
    {
        let folder =
            packages.map(|packages| packages.folder.join(package.name.to_string())).unwrap_or_default();
        let version = package.version.as_ref().map(ToString::to_string).unwrap_or_default();
        let title = format!("{} {version}", package.name);
        notices.part(&title, packages::licence(package).as_deref(), "a package of npm, in the dashboard");
        notices.texts(&title, &folder)?;
    }
    notices.print()
}

#[derive(Debug, Default)]
struct Notices {
    parts: Vec<String>,
    /// By their words, whatever the lines: the text, and whose it is.
    texts: BTreeMap<String, (String, Vec<String>)>,
}

impl Notices {
    fn part(&mut self, title: &str, licence: Option<&str>, source: &str) {
        let licence = licence.map(|licence| format!(", {licence}")).unwrap_or_default();
        self.parts.push(format!("{title}{licence}: {source}"));
    }

    fn texts(&mut self, title: &str, folder: &Path) -> Result<()> {
        for file in files(folder, DEPTH)? {
            let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
            let words: Vec<&str> = text.split_whitespace().collect();
            if !words.is_empty() {
                let (_, whose) = self.texts.entry(words.join(" ")).or_insert_with(|| (text, Vec::new()));
                whose.push(title.to_owned());
            }
        }
        Ok(())
    }

    fn print(self) -> Result<String> {
        let mut page = String::from(
            "What Countersign holds of others, under which licence, and where its source is.\n\n",
        );
        writeln!(page, "the standard library of Rust, MIT OR Apache-2.0: https://github.com/rust-lang/rust")?;
        writeln!(page, "musl, MIT, where the program is static: https://musl.libc.org")?;
        for part in &self.parts {
            writeln!(page, "{part}")?;
        }
        let mut texts: Vec<(String, Vec<String>)> = self.texts.into_values().collect();
        texts.sort_by(|(_, one), (_, other)| one.cmp(other));
        for (text, mut whose) in texts {
            whose.dedup();
            writeln!(page, "\n{RULE}\n{}\n{RULE}\n\n{}", whose.join(", "), text.trim_end())?;
        }
        Ok(page)
    }
}

/// How deep in a package a licence may lie: `aws-lc/third_party/fiat/LICENSE`.
const DEPTH: usize = 3;
const RULE: &str = "--------------------------------------------------------------------------------";
const NAMES: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicense", "authors"];

/// The files of a folder, and of those in it, that are notices by their name.
fn files(folder: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries: Vec<_> =
        fs::read_dir(folder).with_context(|| folder.display().to_string())?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let is_notice = NAMES.iter().any(|word| name.starts_with(word));
        // Of a folder `licenses` every file is one; source code is none, whatever it is called.
        let in_notices = folder.file_name().is_some_and(|folder| folder.eq_ignore_ascii_case("licenses"));
        let kind = entry.file_type()?;
        if kind.is_file() && (is_notice || in_notices) && !is_code(&name) {
            found.push(entry.path());
        } else if kind.is_dir() && depth > 0 && name != "node_modules" {
            found.extend(files(&entry.path(), depth - 1)?);
        }
    }
    Ok(found)
}

fn is_code(name: &str) -> bool {
    [".rs", ".c", ".h", ".js", ".ts", ".py", ".json", ".map"].iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_there_once_with_all_whose_it_is() {
        let scratch = crate::scratch::Scratch::new("notices").unwrap();
        for (folder, file, text) in [
            ("one", "LICENSE", "Do what\nyou like.\n"),
            ("two", "license.md", "Do what you like."),
            ("two/deep/er", "COPYING", "But not this."),
            ("two", "license.rs", "fn main() {}"),
            ("two", "NOTICE", " \n"),
        ] {
            fs::create_dir_all(scratch.path().join(folder)).unwrap();
            fs::write(scratch.path().join(folder).join(file), text).unwrap();
        }
        let mut notices = Notices::default();
        notices.texts("one 1", &scratch.path().join("one")).unwrap();
        notices.texts("two 2", &scratch.path().join("two")).unwrap();
        assert_eq!(notices.texts.len(), 2, "{:?}", notices.texts);
        let page = notices.print().unwrap();
        assert!(page.contains(&format!("one 1, two 2\n{RULE}\n\nDo what\nyou like.\n")), "{page}");
        assert!(page.contains(&format!("{RULE}\ntwo 2\n{RULE}\n\nBut not this.\n")), "{page}");
    }
}
