//! Applications, APIs, grants and keys from the command line.

use anyhow::Result;
use clap::{Subcommand, ValueEnum, builder::PossibleValuesParser};
use schema::{Shape, Shaped as _};
use serde_json::{Value, json};

use super::{
    Place,
    management::{Management, WITHOUT_SECRET, encoded},
    print::{self, Output},
};

#[derive(Debug, Subcommand)]
pub enum Apps {
    /// Register an application
    Create {
        /// What people call it
        #[arg(long)]
        name: String,
        /// What kind of application it is
        #[arg(long, value_enum, default_value_t = Kind::M2m)]
        r#type: Kind,
        /// What it is for, in a few words
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List the applications
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Show one application; its secret only on request
    Show {
        /// The application's client id
        client_id: String,
        /// Show its secret as well
        #[arg(long)]
        show_secret: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Give an application a new secret; the old one ends at once
    RotateSecret {
        /// The application's client id
        client_id: String,
        #[command(flatten)]
        output: Output,
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
        /// What people call it
        #[arg(long)]
        name: String,
        /// The audience of its tokens, best a URL; it cannot be changed later
        #[arg(long, value_name = "URL")]
        identifier: String,
        /// A permission, as value or as value=description; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// What its tokens are signed with
        #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = PossibleValuesParser::new(ALGORITHMS))]
        signing_alg: String,
        /// Seconds that its tokens live [default: 86400]
        #[arg(long, value_name = "SECONDS")]
        token_lifetime: Option<i64>,
        #[command(flatten)]
        output: Output,
    },
    /// List the APIs
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Show one API, by identifier or id
    Show {
        /// The API's identifier or id
        api: String,
        #[command(flatten)]
        output: Output,
    },
}

/// Those that an API's tokens may be signed with.
const ALGORITHMS: &[&str] = match model::SigningAlgorithm::SHAPE {
    Shape::Choice(names) => names,
    _ => panic!("an algorithm is one of several names"),
};

#[derive(Debug, Subcommand)]
pub enum Grants {
    /// Let an application call an API
    Create {
        /// The application's client id
        #[arg(long)]
        client_id: String,
        /// The API's identifier
        #[arg(long, value_name = "URL")]
        audience: String,
        /// A permission; may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// All permissions of the API, also those to come
        #[arg(long, conflicts_with = "scopes")]
        all_scopes: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List the grants
    List {
        /// Only those of this application
        #[arg(long)]
        client_id: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List the signing keys
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Sign with the next key from now on
    Rotate {
        #[command(flatten)]
        output: Output,
    },
}

pub async fn apps(place: &Place, command: Apps) -> Result<()> {
    let api = Management::of(place).await?;
    match command {
        Apps::Create { name, r#type, description, output } => {
            let mut body = r#type.defaults();
            body["name"] = json!(name);
            if let Some(description) = description {
                body["description"] = json!(description);
            }
            let client = api.post("clients", &body).await?;
            print::one(output, &if output.json { client } else { brief(&client, true) });
        }
        Apps::List { output } => {
            let mut clients = api.all("clients", "clients", WITHOUT_SECRET).await?;
            clients.retain(|client| client["global"] != json!(true));
            print::list(output, &clients, &["client_id", "name", "app_type", "grant_types"]);
        }
        Apps::Show { client_id, show_secret, output } => {
            let query = if show_secret { &[] } else { WITHOUT_SECRET };
            let client = api.get(&format!("clients/{}", encoded(&client_id)), query).await?;
            print::one(output, &if output.json { client } else { brief(&client, show_secret) });
        }
        Apps::RotateSecret { client_id, output } => {
            let client =
                api.post(&format!("clients/{}/rotate-secret", encoded(&client_id)), &json!({})).await?;
            print::one(output, &if output.json { client } else { brief(&client, true) });
        }
    }
    Ok(())
}

impl Kind {
    /// What Auth0's console sends for this kind (recorded).
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
    only(client, &names)
}

pub async fn apis(place: &Place, command: Apis) -> Result<()> {
    let api = Management::of(place).await?;
    let columns = ["identifier", "name", "signing_alg", "token_lifetime", "scopes"];
    match command {
        Apis::Create { name, identifier, scopes, signing_alg, token_lifetime, output } => {
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
                output,
                &if output.json {
                    created
                } else {
                    only(&created, &["id", "identifier", "name", "signing_alg", "token_lifetime", "scopes"])
                },
            );
        }
        Apis::List { output } => {
            let mut apis = api.all("resource-servers", "resource_servers", WITHOUT_SECRET).await?;
            if !output.json {
                // The Management API's scopes would fill the screen.
                for api in apis.iter_mut().filter(|api| api["is_system"] == json!(true)) {
                    let n = api["scopes"].as_array().map_or(0, Vec::len);
                    api["scopes"] = json!(format!("({n} scopes)"));
                }
            }
            print::list(output, &apis, &columns);
        }
        Apis::Show { api: which, output } => {
            let found = api.get(&format!("resource-servers/{}", encoded(&which)), &[]).await?;
            print::one(output, &found);
        }
    }
    Ok(())
}

pub async fn grants(place: &Place, command: Grants) -> Result<()> {
    let api = Management::of(place).await?;
    match command {
        Grants::Create { client_id, audience, scopes, all_scopes, output } => {
            let mut body = json!({ "client_id": client_id, "audience": audience });
            match all_scopes {
                true => body["allow_all_scopes"] = json!(true),
                false => body["scope"] = json!(scopes),
            }
            print::one(output, &api.post("client-grants", &body).await?);
        }
        Grants::List { client_id, output } => {
            let mut grants = api.all("client-grants", "client_grants", &[]).await?;
            grants.retain(|grant| client_id.as_ref().is_none_or(|id| grant["client_id"] == json!(id)));
            print::list(output, &grants, &["id", "client_id", "audience", "scope"]);
        }
    }
    Ok(())
}

pub async fn keys(place: &Place, command: Keys) -> Result<()> {
    let api = Management::of(place).await?;
    let output = match command {
        Keys::List { output } => output,
        Keys::Rotate { output } => {
            api.post("keys/signing/rotate", &json!({})).await?;
            output
        }
    };
    let Value::Array(mut keys) = api.get("keys/signing", &[]).await? else { return Ok(()) };
    for key in &mut keys {
        let states = ["current", "next", "previous", "revoked"];
        let state = states.into_iter().find(|state| key[*state] == json!(true));
        key["state"] = json!(state);
    }
    print::list(output, &keys, &["kid", "state", "current_since", "current_until"]);
    Ok(())
}

fn only(value: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), value.get(*name)?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
