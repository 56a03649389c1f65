//! What others see: the running server, its name, and the proxies it believes.

use std::{net::IpAddr, time::Duration};

use http::Method;
use idp::tenants::without_port;
use tokio::{net::lookup_host, time::timeout};

use super::Findings;
use crate::{
    cli::{Place, running::Running},
    config::Config,
    health, metrics,
    run_file::RunFile,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Whom the server believes when it is told where a request came from.
pub fn proxies(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "trusted proxies";
    let everybody = ["203.0.113.1", "2001:db8::1"].map(|address| address.parse::<IpAddr>());
    let Ok(trusted) = config.trusted_proxies() else { return };
    let is_open =
        config.addresses().ok().and_then(|(http, _)| http).is_some_and(|http| !http.ip().is_loopback());
    // Addresses that are nobody's: whoever trusts them trusts everybody.
    if everybody.into_iter().flatten().any(|address| trusted.contains(address)) {
        let next = "name the proxies themselves in trusted_proxies: anybody may say who they are now";
        findings.problem(CHECK, "every address is believed", next);
    } else if config.trusted_proxies.is_empty() && is_open {
        let next = "if a proxy ends HTTPS in front, name it in trusted_proxies; if none does, listen for plain HTTP on 127.0.0.1 only";
        findings.warning(
            CHECK,
            format!("plain HTTP is open at {}, and no proxy is believed", config.listen),
            next,
        );
    } else if config.trusted_proxies.is_empty() {
        findings.ok(CHECK, "none is believed");
    } else {
        findings.ok(CHECK, config.trusted_proxies.join(", "));
    }
}

/// Whether the server of this folder runs and answers under its name.
pub async fn running(place: &Place, config: &Config, findings: &mut Findings) {
    const CHECK: &str = "server";
    let run = match RunFile::read(config.data_dir()) {
        Ok(run) if run.is_alive() => run,
        Ok(run) => {
            let next = "its own log says why it ended; start it again";
            return findings.warning(
                CHECK,
                format!("process {} ended without saying goodbye", run.pid),
                next,
            );
        }
        Err(_) => return findings.ok(CHECK, "none runs on this data folder"),
    };
    let running = match Running::of(place) {
        Ok(running) => running,
        Err(error) => return findings.problem(CHECK, format!("{error:#}"), "restart the server"),
    };
    let ask = |path: &'static str| running.send(running.request(Method::GET, path).timeout(PATIENCE));
    match ask(health::READY.trim_start_matches('/')).await {
        Ok((status, told)) if status.is_success() && told["status"] == "ok" => {
            findings.ok(CHECK, format!("process {} is ready", run.pid));
        }
        Ok((status, told)) => {
            let words = format!(
                "process {} says {} ({status})",
                run.pid,
                told["status"].as_str().unwrap_or("nothing")
            );
            findings.problem(CHECK, words, "see whether the store answers");
        }
        Err(error) => {
            return findings.problem(CHECK, format!("{error:#}"), "restart it; its own log says more");
        }
    }
    match ask(".well-known/openid-configuration").await {
        Ok((_, told)) if told["issuer"] == run.issuer.as_str() => findings.ok("issuer", run.issuer),
        Ok((status, told)) => {
            let words = format!("{} was expected, and {} answered ({status})", run.issuer, told["issuer"]);
            findings.problem("issuer", words, "look at domain and at tenants' domains");
        }
        Err(error) => findings.problem("issuer", format!("{error:#}"), "see the server's own log"),
    }
    if let Some(metrics) = &run.metrics {
        log(metrics, findings).await;
    }
}

/// How the log gets on, as the running server counts it.
async fn log(address: &str, findings: &mut Findings) {
    const CHECK: &str = "log";
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    let asked = async { client?.get(format!("http://{address}/metrics")).send().await?.text().await };
    let Ok(text) = asked.await else {
        return findings.warning(
            CHECK,
            format!("http://{address}/metrics does not answer"),
            "see the server's own log",
        );
    };
    let count = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.rsplit(' ').next()?.parse::<f64>().ok()
    };
    let waiting: f64 = [metrics::LOG_WAITING, metrics::LOG_SPOOLED].into_iter().filter_map(count).sum();
    match count(metrics::LOG_DROPPED).unwrap_or_default() {
        0.0 => findings.ok(CHECK, format!("{waiting} events wait, none was lost")),
        lost => {
            let next = "the store was away or slow for longer than log_spool_mb lasts: see the server's own log for when";
            findings.warning(CHECK, format!("{lost} events were lost since the start, {waiting} wait"), next);
        }
    }
}

/// Whether the server's name leads anywhere.
pub async fn name(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "domain";
    for (key, host) in [("domain", &config.domain), ("dashboard_host", &config.dashboard_host)] {
        let Some(host) = host else {
            if key == "domain" {
                findings.ok(CHECK, "localhost: nobody but this machine is meant");
            }
            continue;
        };
        let name = without_port(host).trim_matches(['[', ']']);
        match timeout(PATIENCE, lookup_host((name, 443))).await {
            Ok(Ok(found)) => {
                let addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
                findings.ok(CHECK, format!("{host} leads to {}", addresses.join(", ")));
            }
            Ok(Err(_)) | Err(_) => {
                let next = format!("make the name lead to this server or its proxy, or correct {key}");
                findings.problem(CHECK, format!("{host} leads nowhere"), next);
            }
        }
    }
}
