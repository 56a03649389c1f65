//! `docs/reasons.json`: why an operation is not served, and why a recorded exchange does not pass.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The family by which nobody logs in yet: it is replayed and listed, and does not count.
pub const UNCOUNTED: &str = "connections (others)";

/// The reasons that are written down.
pub struct Reasons(Value);

impl Reasons {
    pub fn read(root: &Path) -> Result<Reasons> {
        Ok(Reasons(serde_json::from_slice(&std::fs::read(root.join("docs/reasons.json"))?)?))
    }

    /// Why an operation of a family is not served.
    pub fn of_operation(&self, operation: &str, family: &str) -> Result<&str> {
        words(self.find("operations", operation, family)?)
    }

    /// Why an exchange of the replay does not pass.
    pub fn of_exchange(&self, exchange: &Value) -> Result<&str> {
        words(self.find("exchanges", &line(exchange), "")?)
    }

    /// How many exchanges of each family do not pass because of what the recorded tenant had before: these cannot be
    /// replayed by anybody.
    pub fn resting_on_state(&self, replay: &Value) -> Result<BTreeMap<String, u32>> {
        let mut families = BTreeMap::new();
        for exchange in failed(replay)? {
            let is_state = self
                .find("exchanges", &line(exchange), "")
                .is_ok_and(|reason| reason["state"] == Value::Bool(true));
            if is_state {
                let family = exchange["family"].as_str().unwrap_or_default();
                *families.entry(family.to_owned()).or_default() += 1;
            }
        }
        Ok(families)
    }

    /// The reason whose words all stand in the text; the first one that fits.
    fn find(&self, kind: &str, text: &str, family: &str) -> Result<&Value> {
        let fits = |reason: &&Value| {
            let mut words = reason["when"].as_array().into_iter().flatten().filter_map(Value::as_str);
            words.all(|word| text.contains(word) || family == word)
        };
        let found = self.0[kind].as_array().into_iter().flatten().find(fits);
        found.with_context(|| format!("docs/reasons.json gives no reason for: {text}"))
    }
}

/// The exchanges of a replay that could be made and do not pass.
pub fn failed(replay: &Value) -> Result<impl Iterator<Item = &Value>> {
    let exchanges = replay["interactions"].as_array().context("the replay lists exchanges")?;
    let passes = |exchange: &&Value| matches!(exchange["verdict"].as_str(), Some("pass" | "unreplayable"));
    Ok(exchanges.iter().filter(move |exchange| !passes(exchange)))
}

/// The operation of an exchange, and what of its answer is different.
pub fn difference(exchange: &Value) -> (String, String) {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let difference = text("reason").split("  {").next().unwrap_or_default().chars().take(160).collect();
    (text("op").replace("/api/v2", ""), difference)
}

/// What the words of a reason are looked for in.
fn line(exchange: &Value) -> String {
    let (operation, difference) = difference(exchange);
    let recording = exchange["recording"].as_str().unwrap_or_default();
    format!("{recording} {} {operation} {difference}", exchange["n"])
}

fn words(reason: &Value) -> Result<&str> {
    reason["why"].as_str().context("a reason of docs/reasons.json says no why")
}
