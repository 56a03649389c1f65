//! The names of tests that failed, said again beside the totals: what a run printed before is long, and often cut.

use std::sync::{Mutex, PoisonError};

static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// More are counted, not named.
const MOST: usize = 50;

/// Keeps the name, if this line of a suite's output says that a test failed.
pub fn note(line: &str) {
    let Some(name) = failed(line) else { return };
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if names.len() < MOST && !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The names since this was last asked.
pub fn take() -> Vec<String> {
    std::mem::take(&mut NAMES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The test a line calls failed: as libtest, Node's reporter, pytest, unittest and these suites themselves say it.
fn failed(line: &str) -> Option<&str> {
    let line = line.trim();
    let name = if let Some(name) = line.strip_suffix("FAILED") {
        let name = name.trim_end().trim_end_matches("...");
        name.strip_prefix("test ").unwrap_or(name)
    } else {
        // Node ends such a line with the time it took, and others with the reason.
        let marks = ["✖ ", "FAILED ", "FAIL: ", "FAIL ", "failed: "];
        let said = marks.iter().find_map(|mark| line.strip_prefix(mark))?;
        let ends = [said.find(": "), said.find(" - "), said.rfind(" (")];
        &said[..ends.into_iter().flatten().min().unwrap_or(said.len())]
    };
    let name = name.trim();
    (!name.is_empty() && name != "failing tests:").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        for (line, name) in [
            ("test oauth::token::works ... FAILED", "oauth::token::works"),
            ("clippy FAILED", "clippy"),
            ("  ✖ filters roles (12.5ms)", "filters roles"),
            ("FAILED test_authlib.py::test_token - AssertionError: 1", "test_authlib.py::test_token"),
            ("FAIL: test_stops (tests.test_double.Stops)", "test_stops"),
            ("FAIL nothing is lost", "nothing is lost"),
            ("failed: the image is small: 41 MB (42,000,000 bytes)", "the image is small"),
        ] {
            assert_eq!(failed(line), Some(name), "{line}");
        }
    }

    #[test]
    fn other_lines_name_no_test() {
        for line in
            ["", "FAILED", "✖ failing tests:", "test a ... ok", "test result: FAILED. 1 passed; 1 failed"]
        {
            assert_eq!(failed(line), None, "{line}");
        }
    }
}
