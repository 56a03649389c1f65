//! `cargo xtask tidy`: what the compiler cannot check. Which room may know which, how long a file may be, which words do not belong.
//! It reads the checkout and changes nothing.

mod files;
mod rooms;
pub mod sources;

use anyhow::Result;

/// Prints the findings and the sizes; true if nothing was found.
pub fn run() -> Result<bool> {
    let root = crate::root()?;
    let texts = sources::read(&root)?;
    let mut findings = rooms::check(&rooms::read(&root)?);
    for text in &texts {
        findings.extend(files::check(text));
    }
    findings.extend(files::dialects(&texts));
    for finding in &findings {
        println!("tidy: {finding}");
    }
    sizes(&texts);
    println!("tidy: {} findings", findings.len());
    Ok(findings.is_empty())
}

/// Where the lengths of the files stand, and how much of the house is one room.
fn sizes(texts: &[sources::Text]) {
    let code: Vec<(&str, usize)> = texts
        .iter()
        .filter(|text| files::limit(&text.path).is_some_and(|limit| limit.counts_code))
        .map(|text| (text.path.as_str(), sources::without_tests(&text.content).count()))
        .collect();
    let mut by_length = code.clone();
    by_length.sort_by_key(|(_, length)| *length);
    let Some((longest, max)) = by_length.last() else { return };
    let at = |percent: usize| by_length[(by_length.len() - 1) * percent / 100].1;
    let total: usize = code.iter().map(|(_, length)| length).sum();
    println!(
        "{} files, {total} lines without tests: p50 {}, p90 {}, max {max} ({longest})",
        code.len(),
        at(50),
        at(90)
    );

    let room = |path: &str| path.split('/').take(2).collect::<Vec<_>>().join("/");
    let mut rooms: Vec<(String, usize)> = Vec::new();
    for (path, length) in code {
        match rooms.iter_mut().find(|(name, _)| *name == room(path)) {
            Some((_, sum)) => *sum += length,
            None => rooms.push((room(path), length)),
        }
    }
    if let Some((name, length)) = rooms.iter().max_by_key(|(_, length)| *length) {
        println!("largest room: {name}, {} %", length * 100 / total.max(1));
    }
}
