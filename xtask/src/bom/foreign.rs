//! What is in the program and not written in Rust: it comes inside of crates, with versions and faults of its own.

use anyhow::{Context, Result};

use super::Part;
use super::crates::Crates;

/// Something in another language.
#[derive(Debug)]
pub struct Foreign {
    pub name: &'static str,
    pub version: String,
    pub licence: &'static str,
}

struct Place {
    within: &'static str,
    name: &'static str,
    licence: &'static str,
    /// The file that says its version.
    header: &'static str,
    /// The words after `#define` that do, one for each part of it.
    defines: &'static [&'static str],
}

const PLACES: [Place; 4] = [
    Place {
        within: "aws-lc-sys",
        name: "aws-lc",
        licence: "ISC AND (Apache-2.0 OR ISC)",
        header: "aws-lc/include/openssl/base.h",
        defines: &["AWSLC_VERSION_NUMBER_STRING"],
    },
    Place {
        within: "libmimalloc-sys",
        name: "mimalloc",
        licence: "MIT",
        header: "c_src/mimalloc/v3/include/mimalloc.h",
        defines: &["MI_MALLOC_VERSION"],
    },
    Place {
        within: "libsqlite3-sys",
        name: "sqlite",
        licence: "blessing",
        header: "sqlite3/sqlite3.h",
        defines: &["SQLITE_VERSION"],
    },
    Place {
        within: "rquickjs-sys",
        name: "quickjs-ng",
        licence: "MIT",
        header: "quickjs/quickjs.h",
        defines: &["QJS_VERSION_MAJOR", "QJS_VERSION_MINOR", "QJS_VERSION_PATCH"],
    },
];

/// What lies within a crate.
pub fn within(crates: &Crates, name: &str) -> Result<Option<Foreign>> {
    let Some(place) = PLACES.iter().find(|place| place.within == name) else { return Ok(None) };
    let (_, holder) = crates
        .0
        .iter()
        .find(|((held, _), _)| held == name)
        .with_context(|| format!("{name} is not built"))?;
    let file = holder.folder.join(place.header);
    let header = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let parts: Option<Vec<&str>> = place.defines.iter().map(|word| defined(&header, word)).collect();
    let version = parts.with_context(|| format!("{} says no version", file.display()))?.join(".");
    Ok(Some(Foreign { name: place.name, version: pointed(version), licence: place.licence }))
}

/// All of it, by name and version.
pub fn names(crates: &Crates) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for ((name, _), _) in crates.shipped() {
        parts.extend(within(crates, name)?.map(|foreign| (foreign.name.to_owned(), foreign.version)));
    }
    Ok(parts)
}

/// Crates that bring something with them which nobody has named here.
pub fn unnamed(crates: &Crates) -> impl Iterator<Item = String> {
    let known = |name: &str| PLACES.iter().any(|place| place.within == name) || THEIR_OWN.contains(&name);
    let unknown = crates.shipped().filter(move |((name, _), entry)| entry.compiles && !known(name));
    unknown.map(|((name, _), _)| {
        format!("{name} compiles something; xtask/src/bom/foreign.rs does not say what")
    })
}

/// What these compile is their own, of their own version.
const THEIR_OWN: [&str; 2] = ["psm", "stacker"];

/// Some say 3.3.2 as 30302.
fn pointed(version: String) -> String {
    match version.parse::<u32>() {
        Ok(number) => format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100),
        Err(_) => version,
    }
}

fn defined<'a>(header: &'a str, word: &str) -> Option<&'a str> {
    header.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let is_it = words.next() == Some("#define") && words.next() == Some(word);
        is_it.then(|| words.next())?.map(|value| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::{defined, pointed};

    #[test]
    fn a_version_is_what_the_header_defines() {
        let header = "/* VERSION 9 */\n#define VERSION_MAJOR 4\n#define VERSION  \"3.5\" // then more\n#define EMPTY\n";
        assert_eq!(defined(header, "VERSION"), Some("3.5"));
        assert_eq!(defined(header, "VERSION_MAJOR"), Some("4"));
        assert_eq!(defined(header, "EMPTY"), None);
        assert_eq!(defined(header, "9"), None);
        assert_eq!(pointed("30302".into()), "3.3.2");
        assert_eq!(pointed("3.5".into()), "3.5");
    }
}
