//! Whom attack protection holds up: clients, networks, and people's accounts, and how each is let go.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use idp::{
    clock::iso,
    penalties::{Kind, Report, Subject},
    protection::{self, ClosedAccount},
};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::ours(Method::GET, "/blocks", "List blocks", &["read:anomaly_blocks"], run!(list)),
        Operation::ours(
            Method::DELETE,
            "/blocks/{id}",
            "Lift a block",
            &["delete:anomaly_blocks"],
            run!(lift),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    // What other nodes count is heard of at the latest now.
    call.tenants.exchange_counts().await?;
    let now = call.tenant.clock().now();
    let mut blocks: Vec<Value> =
        call.tenant.penalties().blocked(call.tenant.name(), now).iter().map(of_machine).collect();
    blocks.extend(protection::closed_accounts(&call.tenant, None).await?.iter().map(of_person));
    blocks.sort_by(|a, b| b["since"].as_str().cmp(&a["since"].as_str()));
    blocks.truncate(MOST);
    Ok(Answer::ok(json!({ "blocks": blocks })))
}

async fn lift(call: Call) -> Result<Answer> {
    let (kind, one, other) = read_id(call.parameter("id"))?;
    let tenant = &call.tenant;
    if kind == LOGIN {
        protection::open_account(tenant, &one).await?;
    } else {
        let kind = Kind::named(&kind).ok_or_else(missing)?;
        let network = match other.as_str() {
            "" => None,
            network => Some(network.parse().map_err(|_| missing())?),
        };
        let subject = Subject::new(tenant.name(), kind, &one, network);
        tenant.penalties().lift(tenant.store(), &subject, tenant.clock().now()).await?;
    }
    Ok(Answer::no_content())
}

fn of_machine(report: &Report) -> Value {
    let Report { subject, attempts, since, until } = report;
    let network = subject.network.map(|ip| ip.to_string()).unwrap_or_default();
    let mut about = json!({});
    if !subject.client_id.is_empty() {
        about["client_id"] = json!(subject.client_id);
    }
    if subject.network.is_some() {
        about["network"] = json!(subject.network_text());
    }
    // One address of a network is told as a network of one address.
    let kind = match subject.kind {
        Kind::ClientAndNetwork | Kind::ClientAndAddress => "client_and_network",
        Kind::Client | Kind::Network => subject.kind.name(),
    };
    json!({
        "id": id(subject.kind.name(), &subject.client_id, &network), "kind": kind, "subject": about,
        "since": iso(since * 1000), "until": iso(until * 1000), "attempts": attempts,
    })
}

fn of_person(closed: &ClosedAccount) -> Value {
    let ClosedAccount { identifier, network, failures, since, until } = closed;
    let mut about = json!({ "identifier": identifier });
    if let Some(network) = network {
        about["network"] = json!(network.to_string());
    }
    json!({
        "id": id(LOGIN, identifier, ""), "kind": LOGIN, "subject": about,
        "since": iso(since * 1000), "until": iso(until * 1000), "attempts": failures,
    })
}

fn id(kind: &str, one: &str, other: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}\n{other}\n{one}"))
}

fn read_id(id: &str) -> Result<(String, String, String)> {
    let decoded = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.filter(|text| !text.contains('\0')).ok_or_else(missing)?;
    let mut parts = text.splitn(3, '\n').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(kind), Some(other), Some(one)) => Ok((kind, one, other)),
        _ => Err(missing()),
    }
}

fn missing() -> Error {
    Error::not_found("The block does not exist.", None)
}

const LOGIN: &str = "login";
/// How many are listed, the newest first.
const MOST: usize = 1_000;
