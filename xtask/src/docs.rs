//! The pages of `docs/` that are made from the program, so that they cannot drift: the configuration
//! reference and the compatibility table. `--check` says whether they are as they should be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Writes the pages, or with `check` compares them; the compatibility table needs the contract beside the
/// checkout and the result of the last replay.
pub fn run(check: bool) -> Result<bool> {
    let root = crate::root()?;
    let mut pages = vec![("docs/configuration.md", configuration(&root)?)];
    let (contract, replay) = (root.join("../shared/spec/contract.json"), root.join("target/replay.json"));
    match (contract.exists(), replay.exists()) {
        (true, true) => pages.push(("docs/compatibility.md", compatibility(&root, &contract, &replay)?)),
        (false, _) => println!("skipped: docs/compatibility.md: ../shared/spec/contract.json is not there"),
        (true, false) => println!("skipped: docs/compatibility.md: run `cargo xtask test replay` first"),
    }
    let mut all_well = true;
    for (path, text) in pages {
        let file = root.join(path);
        let is_current = std::fs::read_to_string(&file).is_ok_and(|old| old == text);
        match (is_current, check) {
            (true, _) => println!("ok   {path}"),
            (false, true) => {
                println!("FAIL {path} is out of date: run `cargo xtask docs`");
                all_well = false;
            }
            (false, false) => {
                std::fs::write(&file, text)?;
                println!("wrote {path}");
            }
        }
    }
    Ok(all_well)
}

fn configuration(root: &Path) -> Result<String> {
    Ok(format!(
        "# Configuration\n\n\
         <!-- Made by `cargo xtask docs` from the declaration in crates/server/src/config.rs. -->\n\n\
         Read from `countersign.toml` in the working folder (or the file that `--config` names), then from the\n\
         environment, then from the command line; what is read later wins. A key that is not in this table stops the\n\
         start with its name. `countersign config check` prints what it all comes to.\n\n{}",
        program(root, &["config", "reference"])?
    ))
}

/// What the server prints for these arguments.
fn program(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--locked", "--package", "server", "--"])
        .args(arguments)
        .current_dir(root)
        .output()
        .context("running the server")?;
    ensure!(output.status.success(), "the server said: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The families that the replay covers.
const FAMILIES: &[&str] = &[
    "clients",
    "client-grants",
    "resource-servers",
    "tenants",
    "keys",
    "logs",
    "organizations",
    "actions",
    "hooks",
    "token-exchange-profiles",
    "attack-protection",
    "anomaly",
    "user-blocks",
    "rate-limit-policies",
    "network-acls",
];

fn compatibility(root: &Path, contract: &Path, replay: &Path) -> Result<String> {
    let served: BTreeSet<String> =
        program(root, &["config", "operations"])?.lines().map(|line| without_names(line.trim())).collect();
    let contract: Value = serde_json::from_slice(&std::fs::read(contract)?)?;
    let replay: Value = serde_json::from_slice(&std::fs::read(replay)?)?;
    let reasons: Value = serde_json::from_slice(&std::fs::read(root.join("docs/reasons.json"))?)?;

    let mut families: BTreeMap<&str, Vec<(String, bool)>> = BTreeMap::new();
    for operation in contract["operations"].as_array().context("the contract lists operations")? {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        let name = format!("{} {}", text("method"), text("path"));
        let family = text("path").split('/').nth(1).unwrap_or_default();
        let is_served = served.contains(&without_names(&name));
        families.entry(family).or_default().push((name, is_served));
    }
    let total: usize = families.values().map(Vec::len).sum();
    let number_served =
        |operations: &Vec<(String, bool)>| operations.iter().filter(|(_, served)| *served).count();
    let in_all: usize = families.values().map(number_served).sum();

    let mut page = String::from(
        "# Compatibility\n\n<!-- Made by `cargo xtask docs` from the operation table, the published operations and the last replay. -->\n\n",
    );
    writeln!(
        page,
        "Of the {total} published operations of the Management API, {in_all} are served. Beside them stand the token"
    )?;
    writeln!(page, "endpoint, discovery, JWKS and the certificate downloads.\n")?;
    writeln!(page, "| family | served | of |\n|---|---:|---:|")?;
    for (family, operations) in &families {
        writeln!(page, "| `{family}` | {} | {} |", number_served(operations), operations.len())?;
    }
    writeln!(page, "\n## Not served, in families that are\n\n| operation | why |\n|---|---|")?;
    for (family, operations) in families.iter().filter(|(family, _)| FAMILIES.contains(family)) {
        for (name, _) in operations.iter().filter(|(_, served)| !served) {
            writeln!(page, "| `{name}` | {} |", reason(&reasons["operations"], name, family)?)?;
        }
    }
    replayed(&mut page, &replay, &reasons)?;
    Ok(page)
}

fn replayed(page: &mut String, replay: &Value, reasons: &Value) -> Result<()> {
    let summary = &replay["summary"];
    let percent = |value: &Value| value.as_f64().unwrap_or(0.0) * 100.0;
    writeln!(page, "\n## Replays of recorded exchanges\n")?;
    writeln!(
        page,
        "Real exchanges with Auth0, sent again to this server and compared in status, shape and values: {} of {} that can be\n\
         replayed pass ({:.1} %); the mean over operations is {:.1} %.\n",
        summary["pass"],
        summary["replayable"],
        percent(&summary["pass_fraction"]),
        percent(&summary["mean_by_operation"])
    )?;
    writeln!(page, "| family | pass | replayable | |\n|---|---:|---:|---:|")?;
    for (family, result) in replay["families"].as_object().context("the replay lists families")? {
        writeln!(
            page,
            "| `{family}` | {} | {} | {:.1} % |",
            result["pass"],
            result["replayable"],
            percent(&result["pass_fraction"])
        )?;
    }
    writeln!(
        page,
        "\n### Those that do not pass\n\n| recording | exchange | operation | difference | why |\n|---|---:|---|---|---|"
    )?;
    for exchange in replay["interactions"].as_array().context("the replay lists exchanges")? {
        let text = |name: &str| exchange[name].as_str().unwrap_or_default();
        if matches!(text("verdict"), "pass" | "unreplayable") {
            continue;
        }
        let operation = text("op").replace("/api/v2", "");
        let difference: String =
            text("reason").split("  {").next().unwrap_or_default().chars().take(160).collect();
        let key = format!("{} {} {operation} {difference}", text("recording"), exchange["n"]);
        let why = reason(&reasons["exchanges"], &key, "")?;
        writeln!(
            page,
            "| {} | {} | `{operation}` | {} | {why} |",
            text("recording"),
            exchange["n"],
            difference.replace('|', "\\|")
        )?;
    }
    Ok(())
}

/// The reason whose words all stand in the text; the first one that fits.
fn reason<'a>(reasons: &'a Value, text: &str, family: &str) -> Result<&'a str> {
    let fits = |reason: &&Value| {
        let mut words = reason["when"].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.all(|word| text.contains(word) || family == word)
    };
    let found = reasons.as_array().into_iter().flatten().find(fits);
    found
        .and_then(|reason| reason["why"].as_str())
        .with_context(|| format!("docs/reasons.json gives no reason for: {text}"))
}

/// `GET /clients/{id}` and `GET /clients/{client_id}` are one operation.
fn without_names(operation: &str) -> String {
    let segments = operation.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
