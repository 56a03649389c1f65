//! Getting a token, and saying in words what is in one and why it is not valid here.

use std::{io::Read as _, process::ExitCode};

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use idp::Tenant;
use jose::Token;
use serde_json::{Map, Value, json};

use super::{
    Place,
    admin::Opened,
    management::{Management, Running},
    print,
};

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Get an access token as this application; without a secret, the owner of the data folder's word is enough
    Get {
        #[arg(long)]
        client_id: String,
        /// The API's identifier; the tenant's default if absent
        #[arg(long)]
        audience: Option<String>,
        /// The application's secret, or - to read it from standard input
        #[arg(long, value_name = "SECRET")]
        client_secret: Option<String>,
        /// A permission; may be repeated; all granted ones if absent
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        #[arg(long)]
        organization: Option<String>,
        /// The whole answer instead of the token alone
        #[arg(long)]
        json: bool,
    },
    /// Decode and verify a token, and say why it is not valid here
    Inspect {
        /// The token, or - to read it from standard input
        token: String,
        /// The API that should accept it
        #[arg(long)]
        audience: Option<String>,
        #[arg(long)]
        json: bool,
    },
}

pub async fn token(place: &Place, command: TokenCommand) -> Result<ExitCode> {
    match command {
        TokenCommand::Get { client_id, audience, client_secret, scopes, organization, json } => {
            let secret = match client_secret.as_deref() {
                Some("-") => standard_input()?,
                Some(secret) => secret.to_owned(),
                None => secret_of(place, &client_id).await?,
            };
            let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
            let mut form = vec![
                ("grant_type", "client_credentials"),
                ("client_id", &client_id),
                ("client_secret", &secret),
            ];
            let optional = [("audience", &audience), ("scope", &scope), ("organization", &organization)];
            form.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
            let Running { client, base, host } = Running::of(place).await?;
            let response =
                client.post(format!("{base}oauth/token")).header("host", host).form(&form).send().await?;
            let status = response.status();
            let answer: Value = response.json().await?;
            if !status.is_success() {
                bail!(
                    "{} ({status}, {})",
                    print::plain(&answer["error_description"]),
                    print::plain(&answer["error"])
                );
            }
            match json {
                true => println!("{answer:#}"),
                false => println!("{}", print::plain(&answer["access_token"])),
            }
            Ok(ExitCode::SUCCESS)
        }
        TokenCommand::Inspect { token, audience, json } => {
            let token = if token == "-" { standard_input()? } else { token };
            let opened = Opened::of(place).await?;
            let tenant = opened.tenant(place.tenant())?;
            let report = inspect(&tenant, token.trim(), audience.as_deref());
            opened.close().await;
            print_report(&report, json);
            Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
        }
    }
}

async fn secret_of(place: &Place, client_id: &str) -> Result<String> {
    let client = Management::of(place)
        .await?
        .get(&format!("clients/{client_id}"), &[("fields", "client_secret")])
        .await?;
    client["client_secret"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("the application has no secret to use"))
}

fn standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
    Ok(text.trim().to_owned())
}

/// What a token says and what is wrong with it.
struct Report {
    header: Value,
    claims: Map<String, Value>,
    faults: Vec<String>,
}

/// Every reason why an API of this tenant would refuse the token.
fn inspect(tenant: &Tenant, compact: &str, audience: Option<&str>) -> Report {
    let token = match Token::parse(compact) {
        Ok(token) => token,
        Err(error) => {
            let faults = vec![format!("It is no signed token (JWS in compact form): {error}.")];
            return Report { header: Value::Null, claims: Map::new(), faults };
        }
    };
    let claims = token.claims().unwrap_or_default();
    let mut faults = Vec::new();
    signature(tenant, &token, &claims, &mut faults);
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = tenant.issuer(tenant.domain());
    match text("iss") {
        Some(iss) if tenant.issuer(iss.trim_start_matches("https://").trim_end_matches('/')) == iss => {}
        Some(iss) => faults.push(format!("Its issuer is {iss}; this tenant issues as {issuer}.")),
        None => faults.push("It names no issuer (iss).".into()),
    }
    let now = tenant.clock().now();
    match claims.get("exp").and_then(Value::as_i64) {
        Some(exp) if exp <= now => faults.push(format!("It expired {} ago.", span(now - exp))),
        Some(_) => {}
        None => faults.push("It never expires: there is no exp.".into()),
    }
    if let Some(starts) =
        claims.get("nbf").or(claims.get("iat")).and_then(Value::as_i64).filter(|starts| *starts > now + 60)
    {
        faults.push(format!("It is not valid for another {}.", span(starts - now)));
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match audience {
        Some(wanted) if !audiences.contains(&wanted) => {
            faults.push(format!("It is meant for {}, not for {wanted}.", audiences.join(" and ")));
        }
        None if !audiences.iter().any(|audience| tenant.snapshot().api(audience).is_some()) => {
            faults.push(format!(
                "It is meant for {:?}, and this tenant has no such API.",
                audiences.join(" and ")
            ));
        }
        _ => {}
    }
    Report { header: token.header().clone(), claims, faults }
}

fn signature(tenant: &Tenant, token: &Token<'_>, claims: &Map<String, Value>, faults: &mut Vec<String>) {
    let snapshot = tenant.snapshot();
    let audience = claims.get("aud").and_then(Value::as_str).and_then(|audience| snapshot.api(audience));
    let fault = match (token.alg(), token.kid()) {
        (None, _) => {
            format!("Its algorithm is {}, which nothing here accepts.", print::plain(&token.header()["alg"]))
        }
        (Some(jose::Algorithm::HS256), _) => {
            match audience.and_then(|api| api.hmac.as_ref()).map(|signer| signer.verifying_key()) {
                Some(Ok(key)) if token.verify(&key).is_ok() => return,
                Some(_) => "Its signature does not match the API's signing secret.".into(),
                None => "It is signed with HS256, and its audience is no HS256 API of this tenant.".into(),
            }
        }
        (Some(_), None) => "It does not say which key signed it (kid).".into(),
        (Some(algorithm), Some(kid)) => match snapshot.keys.verifying_key(kid, algorithm) {
            None => format!("It is signed with key {kid}, which this tenant does not have, or has revoked."),
            Some(key) if token.verify(&key).is_ok() => return,
            Some(_) => "Its signature is wrong: it was changed, or another key made it.".into(),
        },
    };
    faults.push(fault);
}

fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn print_report(report: &Report, json: bool) {
    if json {
        let Report { header, claims, faults } = report;
        println!(
            "{:#}",
            json!({ "valid": faults.is_empty(), "faults": faults, "header": header, "claims": claims })
        );
        return;
    }
    if !report.header.is_null() {
        println!("header");
        print::one(false, &report.header);
        println!("\nclaims");
        print::one(false, &Value::Object(report.claims.clone()));
        println!();
    }
    match report.faults.as_slice() {
        [] => println!("This token is valid here."),
        faults => {
            println!("This token is not valid here:");
            faults.iter().for_each(|fault| println!("- {fault}"));
        }
    }
}
