//! The rules for one file: its length, its opening words, and the words that may not stand in it.

use super::sources::{Text, without_tests};

/// Finds what is wrong with one file.
pub fn check(text: &Text) -> Vec<String> {
    let mut findings = Vec::new();
    if let Some(limit) = limit(&text.path) {
        findings.extend(length(text, &limit));
        if limit.counts_code && !text.content.starts_with("//!") {
            findings.push(format!(
                "{}:1: a module opens with //!, what it is for and what it never does",
                text.path
            ));
        }
    }
    // The list of the words has to contain them.
    if text.path != "xtask/src/tidy/files.rs" {
        findings.extend(words(text));
    }
    findings
}

/// How long a Rust file may be.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    pub lines: usize,
    /// Only the lines outside `#[cfg(test)]` count.
    pub counts_code: bool,
}

/// The limit for a path, if it is Rust.
pub fn limit(path: &str) -> Option<Limit> {
    if !path.ends_with(".rs") {
        return None;
    }
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("tests/");
    Some(match is_test {
        true => Limit { lines: 800, counts_code: false },
        false if path.starts_with("crates/model/") => Limit { lines: 600, counts_code: true },
        false => Limit { lines: 500, counts_code: true },
    })
}

fn length(text: &Text, limit: &Limit) -> Option<String> {
    let lines =
        if limit.counts_code { without_tests(&text.content).count() } else { text.content.lines().count() };
    (lines > limit.lines).then(|| format!("{}: {lines} lines, at most {}", text.path, limit.lines))
}

fn words(text: &Text) -> Vec<String> {
    let Text { path, content } = text;
    // Code written by a derive cannot know whether an expectation will be met.
    let is_compiled = path.ends_with(".rs") && !path.starts_with("crates/schema_derive/");
    let is_lock = path.ends_with("package-lock.json");
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let rust = is_compiled.then(|| RUST.iter().find(|(word, _)| line.contains(word))).flatten();
        let why = if let Some((_, why)) = rust {
            why
        } else if is_unnumbered_todo(line) {
            "a TODO names its issue, TODO(#12), or is done"
        } else if HOMES.iter().any(|home| is_path_below(line, home)) {
            "a path of somebody's machine"
        } else if is_lock && line.contains("\"resolved\": \"http") {
            "a lock file names no registry (npm: omit-lockfile-registry-resolved)"
        } else {
            continue;
        };
        findings.push(format!("{path}:{number}: {why}"));
    }
    findings
}

const RUST: [(&str, &str); 4] = [
    ("#[allow(", "#[expect(…, reason)] instead of #[allow]"),
    ("#![allow(", "#![expect(…, reason)] instead of #![allow]"),
    ("todo!", "unfinished code"),
    ("unimplemented!", "unfinished code"),
];

const HOMES: [&str; 3] = ["/root/", "/home/", "/Users/"];

fn is_unnumbered_todo(line: &str) -> bool {
    line.match_indices("TODO").any(|(at, word)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let is_word = !before.ends_with(is_part_of_a_word) && !after.starts_with(is_part_of_a_word);
        let number = after.trim_start_matches(['(', ' ']).strip_prefix('#');
        is_word && !number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// A path that starts here, not the middle of a URL.
fn is_path_below(line: &str, home: &str) -> bool {
    line.match_indices(home)
        .any(|(at, _)| !line[..at].ends_with(|c| is_part_of_a_word(c) || ".-]})>".contains(c)))
}

fn is_part_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Counts the places where something is said to one of the two databases only.
pub fn dialects(texts: &[Text]) -> Option<String> {
    let is_code = |path: &str| limit(path).is_none_or(|limit| limit.counts_code);
    let store = texts.iter().filter(|text| {
        ["crates/store/src/", "crates/store/migrations/"].iter().any(|room| text.path.starts_with(room))
    });
    let count: usize = store
        .filter(|text| is_code(&text.path))
        .flat_map(|text| without_tests(&text.content))
        .map(|(_, line)| exceptions(line))
        .sum();
    (count > DIALECT_ALARM)
        .then(|| format!("crates/store: {count} dialect exceptions, at most {DIALECT_ALARM}"))
}

fn exceptions(line: &str) -> usize {
    if line.trim_start().starts_with("//") {
        return 0;
    }
    let count = |word: &str| line.matches(word).count();
    // Every text column says how PostgreSQL is to order it, and every table whose key is its row how SQLite is to
    // keep it: two rules, not many exceptions.
    let ruled = count("/*pg: collate \"C\"*/") + count("/*sqlite: without rowid*/");
    let said = count("/*pg:") + count("/*sqlite:") - ruled;
    said + count("Engine::Sqlite") + count("Engine::Postgres")
}

/// What there is today, and room for two more.
const DIALECT_ALARM: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, content: &str) -> Vec<String> {
        check(&Text { path: path.into(), content: content.into() })
    }

    #[test]
    fn a_plain_module_is_tidy() {
        assert_eq!(
            findings("crates/idp/src/lib.rs", "//! What it is for.\nfn a() {}\n"),
            Vec::<String>::new()
        );
        assert_eq!(findings("README.md", "cargo xtask test"), Vec::<String>::new());
    }

    #[test]
    fn a_module_opens_with_its_purpose() {
        assert_eq!(findings("crates/idp/src/lib.rs", "fn a() {}").len(), 1);
        assert_eq!(findings("crates/idp/src/lib.rs", "").len(), 1);
    }

    #[test]
    fn a_file_has_a_length() {
        let long = |lines: usize| "//! Long.\n".repeat(lines);
        assert_eq!(findings("crates/idp/src/a.rs", &long(500)).len(), 0);
        assert_eq!(findings("crates/idp/src/a.rs", &long(501)).len(), 1);
        assert_eq!(findings("crates/model/src/a.rs", &long(600)).len(), 0);
        assert_eq!(findings("crates/model/src/a.rs", &long(601)).len(), 1);
        assert_eq!(findings("crates/idp/src/a/tests.rs", &long(800)).len(), 0);
        assert_eq!(findings("crates/testkit/tests/it/main.rs", &long(801)).len(), 1);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", long(500), "\n".repeat(400));
        assert_eq!(findings("crates/idp/src/a.rs", &tested).len(), 0);
    }

    #[test]
    fn some_words_do_not_belong() {
        for line in [
            "#[allow(dead_code)]",
            "#![allow(clippy::all)]",
            "todo!()",
            "unimplemented!(\"x\")",
            "// TODO later",
            "// TODO(me)",
        ] {
            assert_eq!(findings("a.rs", &format!("//! A.\n{line}")).len(), 1, "{line}");
        }
        for line in [
            "// TODO(#12): later",
            "// TODO #12",
            "TODOS",
            "allow(",
            "https://api.example/home/x",
            "{base}/home/",
        ] {
            assert_eq!(findings("a.rs", &format!("//! A.\n{line}")).len(), 0, "{line}");
        }
        for line in ["cd /home/ann", "'/home/ann/x'", "path=/root/x", "/Users/ann"] {
            assert_eq!(findings("a.sh", line).len(), 1, "{line}");
        }
        let lock = "\"resolved\": \"https://registry.example/a.tgz\",";
        assert_eq!(findings("tests/clients/node/package-lock.json", lock).len(), 1);
        assert_eq!(findings("tests/clients/node/package.json", lock).len(), 0);
    }

    #[test]
    fn dialect_exceptions_are_counted() {
        let text = |content: String| [Text { path: "crates/store/src/db.rs".into(), content }];
        let ruled = "name text /*pg: collate \"C\"*/ not null\n// Engine::Sqlite\n".repeat(50);
        for exception in
            ["Engine::Sqlite => a,\n", "Engine::Postgres => b,\n", "/*pg: x*/\n", ") /*sqlite: x*/;\n"]
        {
            assert_eq!(dialects(&text(format!("{ruled}{}", exception.repeat(8)))), None);
            assert!(dialects(&text(format!("{ruled}{}", exception.repeat(9)))).is_some());
        }
    }
}
