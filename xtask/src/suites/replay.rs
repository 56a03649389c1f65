//! Exchanges with Auth0 that were recorded, sent again to this server. The recordings lie beside the checkout, where they
//! are to be had.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::grounds::{Grounds, stream};
use super::programs::{has_python, no_python};
use crate::reasons::{Reasons, UNCOUNTED};
use crate::scratch::Scratch;
use crate::server::Server;
use crate::tally::Tally;

/// Replays what each recorder recorded, and says whether enough of it passes.
pub fn replay(grounds: &mut Grounds) -> Result<Outcome> {
    let binary = match prepared(grounds)? {
        Ok(binary) => binary,
        Err(skipped) => return Ok(skipped),
    };
    sent(grounds, "replay", |recorder, replay| {
        let scratch = Scratch::new(&format!("replay-{recorder}"))?;
        let server = Server::start(&binary, &scratch.path().join("data"))?;
        replay(&format!("http://{}", server.http), &server.admin_token(&binary)?)
    })
}

/// The same to throw-away tenants of one test double.
pub fn replay_to_double(grounds: &mut Grounds) -> Result<Outcome> {
    let binary = match prepared(grounds)? {
        Ok(binary) => binary,
        Err(skipped) => return Ok(skipped),
    };
    let server = countersign_dev::Server::with(binary).start()?;
    sent(grounds, "replay-dev", |_, replay| {
        let tenant = server.new_tenant()?;
        replay(tenant.http.trim_end_matches('/'), &tenant.management_token()?)
    })
}

/// The program to send them to, or why that cannot be.
fn prepared(grounds: &mut Grounds) -> Result<Result<PathBuf, Outcome>> {
    if !replayer(grounds).is_file() || !recordings(grounds).is_dir() {
        let missing = "../shared/tools/replay.py and ../shared/recordings are not there";
        return Ok(Err(Outcome::Skipped(missing.into())));
    }
    if !has_python() {
        return no_python().map(Err);
    }
    grounds.binary().map(Ok)
}

fn replayer(grounds: &Grounds) -> PathBuf {
    grounds.root.join("../shared/tools/replay.py")
}

fn recordings(grounds: &Grounds) -> PathBuf {
    grounds.root.join("../shared/recordings")
}

/// Sends what each recorder recorded to where `to` says, which is given what sends it to an address with a token.
fn sent(
    grounds: &Grounds,
    name: &str,
    to: impl Fn(&str, &dyn Fn(&str, &str) -> Result<()>) -> Result<()>,
) -> Result<Outcome> {
    let (recordings, scratch) = (recordings(grounds), Scratch::new(name)?);
    let mut results = Vec::new();
    for (recorder, families) in RECORDERS.into_iter().flat_map(|one| [(one, REPLAYED), (one, APART)]) {
        println!("--- {recorder}");
        let result = scratch.path().join(format!("{recorder}.json"));
        to(recorder, &|base, token| {
            let mut replay = grounds.command("python3");
            replay.arg(replayer(grounds)).args(["--base", base, "--token", token, "--quiet"]);
            replay.args(["--only-family", families, "--filter", &format!("{recorder}/*"), "--json"]);
            let status = stream(replay.arg(&result).arg(&recordings), |_| ())?;
            ensure!(status.success(), "the replay of {recorder} stopped: {status}");
            Ok(())
        })?;
        results.push(serde_json::from_slice(&fs::read(&result)?)?);
    }
    let whole = merged(results, &Strategies::read(&recordings)?)?;
    // Kept after the run, for whoever asks why.
    fs::write(grounds.root.join(format!("target/{name}.json")), serde_json::to_vec(&whole)?)?;
    judge(&whole, &Reasons::read(&grounds.root)?)
}

/// Each recorded in tenants of its own, so each is sent to a server of its own: what one made of the tenant's database,
/// the others did not find there.
const RECORDERS: [&str; 4] = ["deploy-cli", "go-sdk", "ruby-sdk", "terraform"];

const REPLAYED: &str = "clients,client-grants,resource-servers,tenants,keys,actions,hooks,\
                        token-exchange-profiles,attack-protection,anomaly,rate-limit-policies,network-acls,\
                        branding,prompts,emails,email-templates,jobs,tickets,users,users-by-email,roles,\
                        connections,rules,rules-configs,grants,device-credentials,user-blocks,stats,sessions,\
                        refresh-tokens,dbconnections,oauth,userinfo,log-streams,event-streams";
/// Sent to servers of their own: what the others leave in a log did not stand in the recorded one.
const APART: &str = "logs";
const WANTED: f64 = 0.90;

/// Families each of which has to pass for itself, too.
const EACH: [&str; 12] = [
    "branding",
    DATABASES,
    "email-templates",
    "emails",
    "event-streams",
    "log-streams",
    "logs",
    "prompts",
    "roles",
    "rules",
    "rules-configs",
    "users",
];

const DATABASES: &str = "connections (databases)";

fn judge(whole: &Value, reasons: &Reasons) -> Result<Outcome> {
    let fraction = |name: &str| whole["summary"][name].as_f64().unwrap_or(0.0);
    let (exchanges, operations) = (fraction("pass_fraction"), fraction("mean_by_operation"));
    println!("exchanges {exchanges:.4}, operations {operations:.4}, wanted {WANTED:.2} of both");
    let mut tally = Tally::of(exchanges >= WANTED && operations >= WANTED);
    let on_state = reasons.resting_on_state(whole)?;
    for family in EACH {
        let count = |name: &str| whole["families"][family][name].as_f64().unwrap_or(0.0);
        let known = on_state.get(family).copied().unwrap_or(0);
        let passes = count("pass") / (count("replayable") - f64::from(known)).max(1.0);
        println!("{family}: {passes:.4} without {known} that rest on what the recorded tenant had");
        tally += Tally::of(passes >= WANTED);
    }
    Ok(Outcome::Ran(tally))
}

/// The results of several replays as one.
fn merged(results: Vec<Value>, strategies: &Strategies) -> Result<Value> {
    let mut exchanges = Vec::new();
    for mut result in results {
        let Value::Array(some) = result["interactions"].take() else {
            anyhow::bail!("a result of the replay lists no exchanges");
        };
        exchanges.extend(some);
    }
    let (mut families, mut operations) = (Counts::default(), Counts::default());
    let mut total = Count::default();
    for exchange in &mut exchanges {
        let family = family(exchange, strategies);
        exchange["family"] = json!(family);
        let passes = match exchange["verdict"].as_str() {
            Some("unreplayable") => continue,
            verdict => verdict == Some("pass"),
        };
        if family != UNCOUNTED {
            let operation = exchange["op"].as_str().context("an exchange has an operation")?;
            operations.entry(operation.to_owned()).or_default().add(passes);
            total.add(passes);
        }
        families.entry(family).or_default().add(passes);
    }
    let mean = operations.values().map(Count::fraction).sum::<f64>() / operations.len().max(1) as f64;
    let mut summary = total.shown();
    summary["mean_by_operation"] = json!(mean);
    let families: Map<String, Value> =
        families.into_iter().map(|(name, count)| (name, count.shown())).collect();
    Ok(json!({ "summary": summary, "families": families, "interactions": exchanges }))
}

fn family(exchange: &Value, strategies: &Strategies) -> String {
    let path = exchange["path"].as_str().unwrap_or_default();
    let family = path.trim_start_matches("/api/v2").trim_start_matches('/').split('/').next();
    match family.unwrap_or_default() {
        "connections" if strategies.is_database(exchange) => DATABASES.into(),
        "connections" => UNCOUNTED.into(),
        family => family.into(),
    }
}

type Counts = BTreeMap<String, Count>;

#[derive(Default)]
struct Count {
    pass: u32,
    replayable: u32,
}

impl Count {
    fn add(&mut self, passes: bool) {
        self.pass += u32::from(passes);
        self.replayable += 1;
    }

    fn fraction(&self) -> f64 {
        f64::from(self.pass) / f64::from(self.replayable.max(1))
    }

    fn shown(&self) -> Value {
        json!({ "pass": self.pass, "replayable": self.replayable, "pass_fraction": self.fraction() })
    }
}

/// Whether a recorded exchange about connections, by its recording and the number in it, is about databases alone.
struct Strategies(HashMap<(String, u64), bool>);

impl Strategies {
    fn read(recordings: &Path) -> Result<Strategies> {
        let mut known = HashMap::new();
        for file in files(recordings)? {
            let text = fs::read_to_string(&file)?;
            let mut lines = text.lines().map(serde_json::from_str::<Value>);
            let header = lines.next().context("a recording has a header")??;
            let name = header["recording"].as_str().unwrap_or_default();
            let exchanges = lines.collect::<Result<Vec<_>, _>>()?;
            let mut strategy_of = HashMap::new();
            for made in exchanges.iter().map(|exchange| &exchange["res_body"]) {
                strategy_of.extend(made["id"].as_str().zip(made["strategy"].as_str()));
            }
            for (n, exchange) in exchanges.iter().enumerate() {
                let path = exchange["path"].as_str().unwrap_or_default();
                let Some(rest) = path.strip_prefix("/api/v2/connections") else { continue };
                let id = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
                let is_database = match strategy_of.get(id) {
                    Some(strategy) => *strategy == "auth0",
                    None => only_databases(exchange),
                };
                known.insert((name.to_owned(), n as u64), is_database);
            }
        }
        Ok(Strategies(known))
    }

    fn is_database(&self, exchange: &Value) -> bool {
        let recording = exchange["recording"].as_str().unwrap_or_default().to_owned();
        exchange["n"].as_u64().and_then(|n| self.0.get(&(recording, n))).copied().unwrap_or(true)
    }
}

/// Whether what is sent and answered names no other strategy.
fn only_databases(exchange: &Value) -> bool {
    match exchange {
        Value::Object(members) => members.iter().all(|(name, value)| match (name.as_str(), value) {
            ("strategy", Value::String(strategy)) => strategy == "auth0",
            _ => only_databases(value),
        }),
        Value::Array(items) => items.iter().all(only_databases),
        _ => true,
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(n: u64, op: &str, path: &str, verdict: &str) -> Value {
        let path = format!("/api/v2{path}");
        json!({ "recording": "r", "n": n, "op": op, "path": path, "verdict": verdict, "reason": "value $.a" })
    }

    #[test]
    fn results_are_counted_together_and_others_connections_apart() {
        let strategies = Strategies(HashMap::from([(("r".into(), 2), false)]));
        let one = json!({ "interactions": [
            exchange(0, "GET /a", "/roles/1", "pass"), exchange(1, "GET /a", "/roles/2", "value"),
            exchange(2, "GET /c", "/connections/con_1", "status"), exchange(3, "GET /c", "/connections", "pass"),
        ] });
        let other = json!({ "interactions": [exchange(4, "GET /b", "/roles", "unreplayable")] });
        let whole = merged(vec![one, other], &strategies).unwrap();
        assert_eq!(whole["families"]["roles"], json!({ "pass": 1, "replayable": 2, "pass_fraction": 0.5 }));
        assert_eq!(whole["families"][UNCOUNTED]["pass"], 0);
        assert_eq!(whole["families"][DATABASES]["pass"], 1);
        assert_eq!((&whole["summary"]["pass"], &whole["summary"]["replayable"]), (&json!(2), &json!(3)));
        assert_eq!(whole["summary"]["mean_by_operation"], 0.75);
        assert_eq!(whole["interactions"].as_array().unwrap().len(), 5);
        assert!(merged(vec![json!({})], &strategies).is_err());
    }

    #[test]
    fn what_names_no_other_strategy_is_about_databases() {
        for (exchange, is_so) in [
            (json!({ "res_body": [{ "strategy": "auth0" }] }), true),
            (json!({ "res_body": [{ "strategy": "auth0" }, { "strategy": "okta" }] }), false),
            (json!({ "req_body": { "strategy": "samlp" } }), false),
            (json!({ "res_body": { "strategy": 7 } }), true),
        ] {
            assert_eq!(only_databases(&exchange), is_so, "{exchange}");
        }
    }
}
