//! The dependency rules: which of our crates may import which, and which library stays in which room.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// One line of a manifest.
#[derive(Debug)]
pub struct Edge {
    from: String,
    to: String,
    /// It is ours: a path in this checkout.
    ours: bool,
    dev: bool,
}

/// Reads the manifests.
pub fn read(root: &Path) -> Result<Vec<Edge>> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["metadata", "--no-deps", "--format-version=1", "--locked"]);
    let printed = cargo.output()?;
    ensure!(printed.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&printed.stderr));
    let metadata: Value = serde_json::from_slice(&printed.stdout)?;
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists packages")? {
        for dependency in package["dependencies"].as_array().context("a package lists its dependencies")? {
            edges.push(Edge {
                from: package["name"].as_str().context("a package has a name")?.to_owned(),
                to: dependency["name"].as_str().context("a dependency has a name")?.to_owned(),
                ours: dependency["path"].is_string(),
                dev: dependency["kind"] == "dev",
            });
        }
    }
    Ok(edges)
}

/// Finds the edges that no rule allows.
pub fn check(edges: &[Edge]) -> Vec<String> {
    edges.iter().filter_map(finding).collect()
}

fn finding(edge: &Edge) -> Option<String> {
    let Edge { from, to, ours, dev } = edge;
    let free = FREE.contains(&from.as_str());
    if *ours {
        let allowed = MAY_IMPORT.iter().find(|(room, _)| room == from);
        let known = free
            || allowed.is_some_and(|(_, rooms)| rooms.contains(&to.as_str()))
            // A crate may test itself with other features.
            || (*dev && (to == "testkit" || to == from));
        return (!known).then(|| format!("{from} may not import {to}"));
    }
    let (_, rooms) = LIBRARIES.iter().find(|(library, _)| library == to)?;
    (!rooms.contains(&from.as_str()))
        .then(|| format!("{to} stays in {}, {from} may not use it", rooms.join(", ")))
}

/// These introduce the parts to each other or only look at them.
const FREE: [&str; 3] = ["server", "testkit", "xtask"];

const DOOR: &[&str] = &["idp", "store", "model", "schema", "web", "jose", "templates"];

const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("authentication_api", DOOR),
    ("management_api", DOOR),
    ("dashboard", &["web"]),
    ("universal_login", DOOR),
    ("idp", &["model", "store", "schema", "jose", "outbound", "templates", "actions"]),
    ("model", &["schema"]),
    ("store", &["schema"]),
    ("kms", &["outbound"]),
    ("schema", &["schema_derive"]),
    ("jose", &[]),
    ("web", &[]),
    ("outbound", &[]),
    ("templates", &[]),
    ("actions", &[]),
];

const STORE: &[&str] = &["store"];
const ACTIONS: &[&str] = &["actions"];
const HTTP: &[&str] =
    &["authentication_api", "management_api", "universal_login", "dashboard", "web", "server", "testkit"];

const LIBRARIES: [(&str, &[&str]); 15] = [
    ("age", &["server"]),
    ("instant-acme", &["server"]),
    ("aws-sigv4", &["outbound"]),
    ("cryptoki", &["kms"]),
    ("rusqlite", STORE),
    ("tokio-postgres", STORE),
    ("tokio-postgres-rustls", STORE),
    ("deadpool", STORE),
    ("deadpool-postgres", STORE),
    ("axum", HTTP),
    // The command line calls its own server with it.
    ("reqwest", &["outbound", "server"]),
    ("lettre", &["outbound"]),
    ("liquid-core", &["templates"]),
    ("rquickjs", ACTIONS),
    ("seccompiler", ACTIONS),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, ours: bool, dev: bool) -> Edge {
        Edge { from: from.into(), to: to.into(), ours, dev }
    }

    #[test]
    fn arrows_point_down() {
        for (from, to) in [("server", "idp"), ("idp", "store"), ("model", "schema"), ("testkit", "server")] {
            assert_eq!(finding(&edge(from, to, true, false)), None);
        }
        for (from, to) in
            [("idp", "web"), ("store", "model"), ("management_api", "authentication_api"), ("new", "idp")]
        {
            assert!(finding(&edge(from, to, true, false)).is_some(), "{from} → {to}");
        }
        assert_eq!(finding(&edge("idp", "testkit", true, true)), None);
        assert!(finding(&edge("idp", "testkit", true, false)).is_some());
        assert_eq!(finding(&edge("store", "store", true, true)), None);
    }

    #[test]
    fn libraries_stay_in_their_room() {
        assert_eq!(finding(&edge("store", "rusqlite", false, false)), None);
        assert_eq!(finding(&edge("idp", "serde", false, false)), None);
        assert!(finding(&edge("server", "tokio-postgres", false, false)).is_some());
        assert!(finding(&edge("xtask", "rusqlite", false, true)).is_some());
        assert!(finding(&edge("idp", "axum", false, false)).is_some());
    }
}
