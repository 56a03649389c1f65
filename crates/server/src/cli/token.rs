//! Getting a token as an application, and having one explained.

use std::{io::Read as _, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    Place,
    admin::Opened,
    inspect,
    management::{Management, encoded},
    print::{self, Output},
    running::Running,
};
use crate::cli::print::say;

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Get an access token as this application; without a secret, the owner of the data folder's word is enough
    Get {
        /// The application's client id
        #[arg(long)]
        client_id: String,
        /// The API's identifier; the tenant's default if absent
        #[arg(long, value_name = "URL")]
        audience: Option<String>,
        /// The application's secret, or - to read it from standard input
        // One secret in 64 begins with a hyphen.
        #[arg(long, value_name = "SECRET", allow_hyphen_values = true)]
        client_secret: Option<String>,
        /// Send that secret in the Authorization header: the application is registered for client_secret_basic
        #[arg(long, requires = "client_secret")]
        basic: bool,
        /// A permission; may be repeated; all granted ones if absent
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// The organization that the token is for, by id or name
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// The whole answer instead of the token alone
        #[arg(long)]
        json: bool,
    },
    /// Say what an application would get, or why not, step by step; issues nothing, and exits with 1 if it is refused
    Explain {
        /// The application's client id
        #[arg(long, alias = "client")]
        client_id: String,
        /// The API's identifier; the tenant's default if absent
        #[arg(long, value_name = "URL")]
        audience: Option<String>,
        /// A permission; may be repeated; all granted ones if absent
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// The organization that the token is for, by id or name
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Decode and verify a token, and say why it is not valid here; exits with 2 if it is not
    Inspect {
        /// The token, or - to read it from standard input
        token: String,
        /// The API that should accept it
        #[arg(long, value_name = "URL")]
        audience: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

pub async fn token(place: &Place, command: TokenCommand) -> Result<ExitCode> {
    match command {
        TokenCommand::Get { client_id, audience, client_secret, basic, scopes, organization, json } => {
            let (secret, is_basic) = match client_secret.as_deref() {
                Some("-") => (standard_input()?, basic),
                Some(secret) => (secret.to_owned(), basic),
                None => secret_of(place, &client_id).await?,
            };
            let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
            let mut form = vec![("grant_type", "client_credentials"), ("client_id", &client_id)];
            if !is_basic {
                form.push(("client_secret", &secret));
            }
            let optional = [("audience", &audience), ("scope", &scope), ("organization", &organization)];
            form.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
            let running = Running::of(place)?;
            let mut request = running.request(Method::POST, "oauth/token").form(&form);
            if is_basic {
                // RFC 6749 §2.3.1: both are encoded before they are joined.
                request = request.basic_auth(encoded(&client_id), Some(encoded(&secret)));
            }
            let (status, answer) = running.send(request).await?;
            if !status.is_success() {
                let (error, description) = (&answer["error"], print::plain(&answer["error_description"]));
                let next = next(status, error, &client_id);
                bail!("{} ({status}, {}){next}", description.trim_end_matches('.'), print::plain(error));
            }
            match json {
                true => say!("{answer:#}"),
                false => say!("{}", print::plain(&answer["access_token"])),
            }
            Ok(ExitCode::SUCCESS)
        }
        TokenCommand::Explain { client_id, audience, scopes, organization, output } => {
            let body = json!({
                "client_id": client_id, "audience": audience, "scope": scopes.join(" "),
                "organization": organization,
            });
            let explained = Management::of(place).await?.post_ours("explain-token", &body).await?;
            let allowed = explained["allowed"] == true;
            match (output.json, allowed) {
                (true, _) => say!("{explained:#}"),
                (false, true) => {
                    say!("A token would be issued.\n");
                    print::one(output, &explained["token"]);
                }
                (false, false) => {
                    say!("No token would be issued.\n");
                    print::one(output, &explained["error"]);
                }
            }
            if !output.json {
                say!("\nhow it was decided");
                print::one(output, &explained["trace"]);
            }
            Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        TokenCommand::Inspect { token, audience, output } => {
            let token = if token == "-" { standard_input()? } else { token };
            let opened = Opened::of(place, Some(place.tenant())).await?;
            let tenant = opened.tenant(place.tenant())?;
            let report = inspect::inspect(&tenant, token.trim(), audience.as_deref());
            opened.close().await;
            report.print(output);
            Ok(if report.is_valid() { ExitCode::SUCCESS } else { ExitCode::from(2) })
        }
    }
}

/// What to do about a refusal, where there is one thing to do.
fn next(status: StatusCode, error: &Value, client_id: &str) -> String {
    match (status, error.as_str()) {
        (StatusCode::UNAUTHORIZED, _) => {
            format!(
                ": `countersign logs tail -n 1` says why, `countersign apps show {client_id} --show-secret` \
                 shows the secret"
            )
        }
        (StatusCode::FORBIDDEN, Some("unauthorized_client")) => {
            ": `countersign apps create --type m2m` makes an application that may".into()
        }
        (StatusCode::FORBIDDEN, _) => {
            format!(": `countersign grants list --client-id {client_id}` shows what it may ask for")
        }
        (..) => String::new(),
    }
}

/// The application's secret, and whether it belongs in the `Authorization` header.
async fn secret_of(place: &Place, client_id: &str) -> Result<(String, bool)> {
    let path = format!("clients/{}", encoded(client_id));
    let fields = [("fields", "client_secret,token_endpoint_auth_method")];
    let client = Management::of(place).await?.get(&path, &fields).await?;
    let secret = client["client_secret"].as_str().context("the application has no secret to use")?;
    Ok((secret.to_owned(), client["token_endpoint_auth_method"] == "client_secret_basic"))
}

fn standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
    Ok(text.trim().to_owned())
}
