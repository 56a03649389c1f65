//! How many tests passed, failed and were left out, as every suite prints it. It counts and never judges.

use std::fmt;
use std::ops::AddAssign;

/// The result of a suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// One test that passed or failed.
    pub fn of(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    /// Reads `N passed, N failed[, N skipped]`, with or without a name before it.
    pub fn read(line: &str) -> Option<Self> {
        let counts = line.rsplit(": ").next()?;
        let mut parts = counts.trim().split(", ").map(|part| part.split_once(' '));
        let passed = count(parts.next()??, "passed")?;
        let failed = count(parts.next()??, "failed")?;
        let skipped = match parts.next() {
            Some(part) => count(part?, "skipped")?,
            None => 0,
        };
        parts.next().is_none().then_some(Self { passed, failed, skipped })
    }

    /// Reads libtest's `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub fn read_libtest(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut parts = counts.split("; ").map(|part| part.split_once(' '));
        Some(Self {
            passed: count(parts.next()??, "passed")?,
            failed: count(parts.next()??, "failed")?,
            skipped: count(parts.next()??, "ignored")?,
        })
    }
}

fn count((number, word): (&str, &str), expected: &str) -> Option<u64> {
    (word == expected).then(|| number.parse().ok())?
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_read_as_it_is_printed() {
        let tally = Tally { passed: 5, failed: 1, skipped: 2 };
        assert_eq!(Tally::read(&tally.to_string()), Some(tally));
        assert_eq!(Tally::read(&format!("clients: {tally}")), Some(tally));
        assert_eq!(Tally::read("5 passed, 1 failed"), Some(Tally { skipped: 0, ..tally }));
        assert_eq!(
            Tally::read_libtest("test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured"),
            Some(tally)
        );
    }

    #[test]
    fn anything_else_is_no_tally() {
        for line in [
            "",
            "passed",
            "x passed, 1 failed",
            "1 failed, 1 passed",
            "1 passed, 1 failed, 1 lost",
            "1 passed, ",
            "-1 passed, 0 failed",
        ] {
            assert_eq!(Tally::read(line), None, "{line}");
            assert_eq!(Tally::read_libtest(line), None, "{line}");
        }
    }
}
