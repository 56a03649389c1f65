//! Applications, APIs, grants, keys and logs from the command line.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use tokio::time::{self, Duration};

use super::{Place, management::Management, print};

#[derive(Debug, Subcommand)]
pub enum Apps {
    /// Register an application
    Create {
        #[arg(long)]
        name: String,
        /// What kind of application it is
        #[arg(long, value_enum, default_value_t = Kind::M2m)]
        r#type: Kind,
        #[arg(long)]
        description: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// List the applications
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show one application; its secret only on request
    Show {
        client_id: String,
        #[arg(long)]
        show_secret: bool,
        #[arg(long)]
        json: bool,
    },
    /// Give an application a new secret; the old one ends at once
    RotateSecret {
        client_id: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    M2m,
    Web,
    Spa,
    Native,
}

#[derive(Debug, Subcommand)]
pub enum Apis {
    /// Register an API
    Create {
        #[arg(long)]
        name: String,
        /// The audience of its tokens, best a URL; it cannot be changed later
        #[arg(long)]
        identifier: String,
        /// A permission, as value or as value=description; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// What its tokens are signed with: RS256, PS256, RS512, HS256, ES256 or EdDSA
        #[arg(long, default_value = "RS256")]
        signing_alg: String,
        /// Seconds that its tokens live
        #[arg(long)]
        token_lifetime: Option<i64>,
        #[arg(long)]
        json: bool,
    },
    /// List the APIs
    List {
        #[arg(long)]
        json: bool,
    },
    /// Show one API, by identifier or id
    Show {
        api: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Grants {
    /// Let an application call an API
    Create {
        #[arg(long)]
        client_id: String,
        /// The API's identifier
        #[arg(long)]
        audience: String,
        /// A permission; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// All permissions of the API, also those to come
        #[arg(long, conflicts_with = "scopes")]
        all_scopes: bool,
        #[arg(long)]
        json: bool,
    },
    /// List the grants
    List {
        #[arg(long)]
        client_id: Option<String>,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List the signing keys
    List {
        #[arg(long)]
        json: bool,
    },
    /// Sign with the next key from now on
    Rotate {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Logs {
    /// Show the newest events, and go on with --follow
    Tail {
        /// How many of the newest to start with, at most 100
        #[arg(long, short = 'n', default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
        lines: u8,
        /// Go on showing what happens
        #[arg(long, short)]
        follow: bool,
        /// Only events that match, such as `type:feccft`
        #[arg(long)]
        q: Option<String>,
        /// One JSON object in each line
        #[arg(long)]
        json: bool,
    },
}

pub async fn apps(place: &Place, command: Apps) -> Result<()> {
    let api = Management::of(place).await?;
    match command {
        Apps::Create { name, r#type, description, json } => {
            let mut body = r#type.defaults();
            body["name"] = json!(name);
            if let Some(description) = description {
                body["description"] = json!(description);
            }
            let client = api.post("clients", &body).await?;
            print::one(json, &if json { client } else { brief(&client, true) });
        }
        Apps::List { json } => {
            let mut clients = api.all("clients", "clients").await?;
            clients.retain(|client| client["global"] != json!(true));
            print::list(json, &clients, &["client_id", "name", "app_type", "grant_types"]);
        }
        Apps::Show { client_id, show_secret, json } => {
            let mut client = api.get(&format!("clients/{}", encoded(&client_id)), &[]).await?;
            if !show_secret && let Value::Object(client) = &mut client {
                client.shift_remove("client_secret");
            }
            print::one(json, &if json { client } else { brief(&client, show_secret) });
        }
        Apps::RotateSecret { client_id, json } => {
            let client =
                api.post(&format!("clients/{}/rotate-secret", encoded(&client_id)), &json!({})).await?;
            print::one(json, &if json { client } else { brief(&client, true) });
        }
    }
    Ok(())
}

impl Kind {
    /// What a console sends for this kind (`m2m` 1.4 and appendix B).
    fn defaults(self) -> Value {
        let (app_type, method, grants): (_, _, &[&str]) = match self {
            Kind::M2m => ("non_interactive", "client_secret_post", &["client_credentials"]),
            Kind::Web => (
                "regular_web",
                "client_secret_post",
                &["authorization_code", "implicit", "refresh_token", "client_credentials"],
            ),
            Kind::Spa => ("spa", "none", &["authorization_code", "implicit", "refresh_token"]),
            Kind::Native => ("native", "none", &["authorization_code", "implicit", "refresh_token"]),
        };
        json!({
            "app_type": app_type, "token_endpoint_auth_method": method, "grant_types": grants,
            "oidc_conformant": true, "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 36_000 },
        })
    }
}

fn brief(client: &Value, with_secret: bool) -> Value {
    let mut names = vec![
        "client_id",
        "name",
        "description",
        "app_type",
        "token_endpoint_auth_method",
        "grant_types",
        "tenant",
    ];
    if with_secret {
        names.insert(1, "client_secret");
    }
    names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), client.get(name)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub async fn apis(place: &Place, command: Apis) -> Result<()> {
    let api = Management::of(place).await?;
    let columns = ["identifier", "name", "signing_alg", "token_lifetime", "scopes"];
    match command {
        Apis::Create { name, identifier, scopes, signing_alg, token_lifetime, json } => {
            let scopes: Vec<Value> = scopes
                .iter()
                .map(|scope| match scope.split_once('=') {
                    Some((value, description)) => json!({ "value": value, "description": description }),
                    None => json!({ "value": scope }),
                })
                .collect();
            let mut body = json!({ "name": name, "identifier": identifier, "scopes": scopes, "signing_alg": signing_alg });
            if let Some(lifetime) = token_lifetime {
                body["token_lifetime"] = json!(lifetime);
            }
            let created = api.post("resource-servers", &body).await?;
            print::one(
                json,
                &if json {
                    created
                } else {
                    only(&created, &["id", "identifier", "name", "signing_alg", "token_lifetime", "scopes"])
                },
            );
        }
        Apis::List { json } => {
            let mut apis = api.all("resource-servers", "resource_servers").await?;
            if !json {
                // The Management API's scopes would fill the screen.
                for api in apis.iter_mut().filter(|api| api["is_system"] == json!(true)) {
                    let n = api["scopes"].as_array().map_or(0, Vec::len);
                    api["scopes"] = json!(format!("({n} scopes)"));
                }
            }
            print::list(json, &apis, &columns);
        }
        Apis::Show { api: which, json } => {
            let found = api.get(&format!("resource-servers/{}", encoded(&which)), &[]).await?;
            print::one(json, &found);
        }
    }
    Ok(())
}

pub async fn grants(place: &Place, command: Grants) -> Result<()> {
    let api = Management::of(place).await?;
    match command {
        Grants::Create { client_id, audience, scopes, all_scopes, json } => {
            let mut body = json!({ "client_id": client_id, "audience": audience });
            match all_scopes {
                true => body["allow_all_scopes"] = json!(true),
                false => body["scope"] = json!(scopes),
            }
            print::one(json, &api.post("client-grants", &body).await?);
        }
        Grants::List { client_id, json } => {
            let mut grants = api.all("client-grants", "client_grants").await?;
            grants.retain(|grant| client_id.as_ref().is_none_or(|id| grant["client_id"] == json!(id)));
            print::list(json, &grants, &["id", "client_id", "audience", "scope"]);
        }
    }
    Ok(())
}

pub async fn keys(place: &Place, command: Keys) -> Result<()> {
    let api = Management::of(place).await?;
    let json = match command {
        Keys::List { json } => json,
        Keys::Rotate { json } => {
            api.post("keys/signing/rotate", &json!({})).await?;
            json
        }
    };
    let Value::Array(mut keys) = api.get("keys/signing", &[]).await? else { return Ok(()) };
    for key in &mut keys {
        let states = ["current", "next", "previous", "revoked"];
        let state = states.into_iter().find(|state| key[*state] == json!(true));
        key["state"] = json!(state);
    }
    print::list(json, &keys, &["kid", "state", "current_since", "current_until"]);
    Ok(())
}

pub async fn logs(place: &Place, command: Logs) -> Result<()> {
    let Logs::Tail { lines, follow, q, json } = command;
    let api = Management::of(place).await?;
    let per_page = lines.max(1).to_string();
    let mut query = vec![("per_page", per_page.as_str()), ("sort", "date:-1")];
    if let Some(q) = &q {
        query.push(("q", q));
    }
    let Value::Array(mut newest) = api.get("logs", &query).await? else { return Ok(()) };
    newest.truncate(lines.into());
    newest.reverse();
    newest.iter().for_each(|event| print_event(event, json));
    let mut last = newest.last().and_then(|event| event["log_id"].as_str()).unwrap_or_default().to_owned();
    if !follow {
        return Ok(());
    }
    loop {
        time::sleep(Duration::from_secs(1)).await;
        let mut query = vec![("per_page", "100"), ("sort", "date:-1")];
        let newer = match (last.as_str(), &q) {
            ("", None) => "log_id:*".to_owned(),
            ("", Some(q)) => q.clone(),
            (last, None) => format!("log_id:{{{last} TO *]"),
            (last, Some(q)) => format!("log_id:{{{last} TO *] AND ({q})"),
        };
        query.push(("q", &newer));
        let Value::Array(mut events) = api.get("logs", &query).await? else { continue };
        events.reverse();
        events.iter().for_each(|event| print_event(event, json));
        if let Some(newest) = events.last().and_then(|event| event["log_id"].as_str()) {
            last = newest.to_owned();
        }
    }
}

fn print_event(event: &Value, json: bool) {
    if json {
        println!("{event}");
        return;
    }
    let cell = |name: &str| event.get(name).map(print::plain).unwrap_or_default();
    let who =
        [cell("client_name"), cell("client_id")].into_iter().find(|who| !who.is_empty()).unwrap_or_default();
    println!("{}  {:6}  {:15}  {who}  {}", cell("date"), cell("type"), cell("ip"), cell("description"));
}

fn only(value: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), value.get(*name)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn encoded(segment: &str) -> String {
    percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC).to_string()
}
