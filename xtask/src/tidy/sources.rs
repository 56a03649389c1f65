//! The texts of this checkout: what a person wrote, without what was fetched, built or generated.

use std::fs;
use std::path::Path;

use anyhow::Result;

/// A file and what is in it.
#[derive(Debug)]
pub struct Text {
    /// From the root of the checkout, with `/`.
    pub path: String,
    pub content: String,
}

/// Reads every text of the checkout, in the order of their paths.
pub fn read(root: &Path) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    walk(root, "", &mut texts)?;
    texts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(texts)
}

fn walk(folder: &Path, prefix: &str, texts: &mut Vec<Text>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (kind, path) = (entry.file_type()?, format!("{prefix}{name}"));
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) && !AT_THE_ROOT.contains(&path.as_str()) {
            walk(&entry.path(), &format!("{path}/"), texts)?;
        } else if kind.is_file()
            && let Ok(content) = fs::read_to_string(entry.path())
        {
            texts.push(Text { path, content });
        }
    }
    Ok(())
}

const NOT_OURS: [&str; 5] = [".git", ".venv", "venv", "__pycache__", "node_modules"];
const AT_THE_ROOT: [&str; 5] = ["data", "target", "fuzz/target", "fuzz/artifacts", "fuzz/corpus"];

/// The numbered lines of a Rust file that are not inside an item under `#[cfg(test)]`.
pub fn without_tests(content: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = Inside::Code;
    (1..).zip(content.lines()).filter(move |(_, line)| {
        let indent = line.len() - line.trim_start().len();
        let body = &line[indent..];
        let (next, is_code) = match inside {
            Inside::Code if body.starts_with("#[cfg(test)]") => (Inside::Head { indent }, false),
            Inside::Code => (Inside::Code, true),
            Inside::Head { indent } if body.ends_with(';') || body.ends_with("}") => {
                (if body.starts_with("#[") { Inside::Head { indent } } else { Inside::Code }, false)
            }
            Inside::Head { indent } if body.ends_with('{') => (Inside::Body { indent }, false),
            Inside::Head { indent } => (Inside::Head { indent }, false),
            // What rustfmt has formatted closes at the indentation it opened with.
            Inside::Body { indent: opened } if indent == opened && body.starts_with('}') => {
                (Inside::Code, false)
            }
            Inside::Body { indent } => (Inside::Body { indent }, false),
        };
        inside = next;
        is_code
    })
}

#[derive(Clone, Copy)]
enum Inside {
    Code,
    /// After the attribute, before the brace or semicolon.
    Head {
        indent: usize,
    },
    Body {
        indent: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_not_code() {
        let content = "\
//! Doc.
fn a() {}
#[cfg(test)]
mod tests;
#[cfg(test)]
use std::fs;
fn b() {
    #[cfg(test)]
    if true {
        c();
    }
}
#[cfg(test)]
#[rustfmt::skip]
mod more {
    fn d() {
    }
}
fn e() {}";
        let lines: Vec<usize> = without_tests(content).map(|(number, _)| number).collect();
        assert_eq!(lines, [1, 2, 7, 12, 19]);
    }

    #[test]
    fn what_never_closes_is_not_code() {
        assert_eq!(without_tests("#[cfg(test)]").count(), 0);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\n").count(), 1);
        assert_eq!(without_tests("").count(), 0);
    }
}
