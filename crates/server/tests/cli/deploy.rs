//! What stands in `deploy/` names only settings and metrics that there are.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The words of a text that begin so, as far as `belongs` goes.
fn words<'a>(text: &'a str, prefix: &str, belongs: fn(char) -> bool) -> BTreeSet<&'a str> {
    let starts = text.match_indices(prefix).map(|(at, _)| &text[at..]);
    starts.map(|rest| rest.split(|c| !belongs(c)).next().unwrap_or(rest)).collect()
}

/// The metrics that a dashboard for Grafana asks for.
pub fn metrics_asked_for() -> BTreeSet<String> {
    let board = fs::read_to_string(in_repository("deploy/grafana/countersign.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&board).unwrap();
    let names = words(&board, "countersign_", |c| c.is_ascii_lowercase() || c == '_');
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn settings_are_those_that_the_server_reads() {
    let known = fs::read_to_string(in_repository("docs/configuration.md")).unwrap();
    let all = files(&in_repository("deploy"));
    let mut seen = 0;
    for file in all {
        let text = fs::read_to_string(&file).unwrap();
        for name in words(&text, "COUNTERSIGN_", |c| c.is_ascii_uppercase() || c == '_') {
            assert!(known.contains(&format!("| `{name}` |")), "{}: {name}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}
