//! The tenant that is measured: many machine-to-machine clients, three APIs, a grant for each pair. The same on every run.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};

/// Clients by id and secret, and the APIs they may call.
#[derive(Debug)]
pub struct Seed {
    pub clients: Vec<Client>,
}

/// A client that may ask for tokens.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
}

/// An API and the algorithm its tokens are signed with.
#[derive(Debug)]
pub struct Api {
    pub audience: &'static str,
    pub algorithm: &'static str,
}

pub const RS256: Api = Api { audience: "https://rs256.bench.example", algorithm: "RS256" };
pub const ES256: Api = Api { audience: "https://es256.bench.example", algorithm: "ES256" };
const PS256: Api = Api { audience: "https://ps256.bench.example", algorithm: "PS256" };
const APIS: [&Api; 3] = [&RS256, &ES256, &PS256];

impl Seed {
    /// As many clients as asked for, with ids of 32 characters and secrets of 64.
    pub fn new(clients: usize) -> Self {
        let client =
            |n| Client { id: hex(&format!("id {n}"))[..32].to_owned(), secret: hex(&format!("secret {n}")) };
        Self { clients: (0..clients).map(client).collect() }
    }

    /// So many of them at most, from the first to the last.
    pub fn spread(&self, most: usize) -> Self {
        let step = self.clients.len().div_ceil(most).max(1);
        Self { clients: self.clients.iter().step_by(step).cloned().collect() }
    }

    /// The seed file.
    pub fn yaml(&self) -> String {
        let mut yaml = String::from("clients:\n");
        for (n, Client { id, secret }) in self.clients.iter().enumerate() {
            line(
                &mut yaml,
                format_args!("name: bench {n}, client_id: \"{id}\", client_secret: \"{secret}\", {M2M}"),
            );
        }
        yaml.push_str("resourceServers:\n");
        for Api { audience, algorithm } in APIS {
            line(
                &mut yaml,
                format_args!(
                    "name: {algorithm}, identifier: \"{audience}\", signing_alg: {algorithm}, {SCOPES}"
                ),
            );
        }
        yaml.push_str("clientGrants:\n");
        for Client { id, .. } in &self.clients {
            for Api { audience, .. } in APIS {
                line(
                    &mut yaml,
                    format_args!("client_id: \"{id}\", audience: \"{audience}\", scope: [read, write]"),
                );
            }
        }
        yaml
    }
}

fn line(yaml: &mut String, entry: std::fmt::Arguments<'_>) {
    writeln!(yaml, "  - {{ {entry} }}").expect("a String takes all that is written to it");
}

const M2M: &str = "app_type: non_interactive, grant_types: [client_credentials], token_endpoint_auth_method: client_secret_post";
const SCOPES: &str = "scopes: [{ value: read }, { value: write }]";

fn hex(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
