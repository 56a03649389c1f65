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

use crate::reasons::{Reasons, UNCOUNTED, difference, failed};

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

fn compatibility(root: &Path, contract: &Path, replay: &Path) -> Result<String> {
    let served: BTreeSet<String> =
        program(root, &["config", "operations"])?.lines().map(|line| without_names(line.trim())).collect();
    let contract: Value = serde_json::from_slice(&std::fs::read(contract)?)?;
    let replay: Value = serde_json::from_slice(&std::fs::read(replay)?)?;
    let reasons = Reasons::read(root)?;

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
        "Of the {total} published operations of the Management API, {in_all} are served. Beside them stand the"
    )?;
    writeln!(page, "Authentication API and the hosted pages.\n")?;
    writeln!(page, "| family | served | of |\n|---|---:|---:|")?;
    for (family, operations) in &families {
        writeln!(page, "| `{family}` | {} | {} |", number_served(operations), operations.len())?;
    }
    writeln!(page, "\n## Not served, in families that are\n\n| operation | why |\n|---|---|")?;
    for (family, operations) in families.iter().filter(|(_, operations)| number_served(operations) > 0) {
        for (name, _) in operations.iter().filter(|(_, served)| !served) {
            writeln!(page, "| `{name}` | {} |", reasons.of_operation(name, family)?)?;
        }
    }
    replayed(&mut page, &replay, &reasons)?;
    Ok(page)
}

fn replayed(page: &mut String, replay: &Value, reasons: &Reasons) -> Result<()> {
    let summary = &replay["summary"];
    let percent = |value: &Value| value.as_f64().unwrap_or(0.0) * 100.0;
    writeln!(page, "\n## Replays of recorded exchanges\n")?;
    writeln!(
        page,
        "Real exchanges with Auth0, sent again to this server and compared in status, shape and values: {} of {} that can be\n\
         replayed pass ({:.1} %); the mean over operations is {:.1} %. {UNCOUNTED} are not counted in this: nobody logs in by\n\
         them yet.\n",
        summary["pass"],
        summary["replayable"],
        percent(&summary["pass_fraction"]),
        percent(&summary["mean_by_operation"])
    )?;
    writeln!(page, "| family | pass | replayable | | of them state |\n|---|---:|---:|---:|---:|")?;
    let on_state = reasons.resting_on_state(replay)?;
    for (family, result) in replay["families"].as_object().context("the replay lists families")? {
        writeln!(
            page,
            "| {family} | {} | {} | {:.1} % | {} |",
            result["pass"],
            result["replayable"],
            percent(&result["pass_fraction"]),
            on_state.get(family).map(u32::to_string).unwrap_or_default()
        )?;
    }
    writeln!(
        page,
        "\n*State* are exchanges that show what the recorded tenant had before the recording began; no other server can\n\
         know it."
    )?;
    writeln!(
        page,
        "\n### Those that do not pass\n\n| recording | exchange | operation | difference | why |\n|---|---:|---|---|---|"
    )?;
    for exchange in failed(replay)? {
        let (operation, difference) = difference(exchange);
        writeln!(
            page,
            "| {} | {} | `{operation}` | {} | {} |",
            exchange["recording"].as_str().unwrap_or_default(),
            exchange["n"],
            difference.replace('|', "\\|"),
            reasons.of_exchange(exchange)?
        )?;
    }
    Ok(())
}

/// `GET /clients/{id}` and `GET /clients/{client_id}` are one operation, and `default` is the name of a thing.
fn without_names(operation: &str) -> String {
    let is_name = |segment: &str| segment.starts_with('{') || segment == "default";
    let segments = operation.split('/').map(|segment| if is_name(segment) { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
