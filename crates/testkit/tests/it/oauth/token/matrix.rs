//! Every method of authentication with every format of a token and everything that it can be bound to: each gets its token,
//! and each is refused what does not prove it. `docs/proofs.md` shows what ran here, and is held against it.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use jose::{KeyKind, PrivateKey, jwe};
use serde_json::{Value, json};
use testkit::{Answer, Machine, Prover, TestClient, TestTenant, claims, header};
use web::PeerCertificate;

#[derive(Clone, Copy, PartialEq)]
enum Method {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
    /// A token of an issuer that the client trusts.
    Federated,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Auth0,
    Rfc9068,
    Jwe,
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Nothing,
    Dpop,
    Mtls,
}

const METHODS: [(Method, &str); 6] = [
    (Method::ClientSecretBasic, "client_secret_basic"),
    (Method::ClientSecretPost, "client_secret_post"),
    (Method::PrivateKeyJwt, "private_key_jwt"),
    (Method::TlsClientAuth, "tls_client_auth"),
    (Method::SelfSignedTlsClientAuth, "self_signed_tls_client_auth"),
    (Method::Federated, "federated credential"),
];
const FORMATS: [(Format, &str); 3] =
    [(Format::Auth0, "Auth0"), (Format::Rfc9068, "RFC 9068"), (Format::Jwe, "JWE")];
const BOUND: [(Bound, &str); 3] = [(Bound::Nothing, "none"), (Bound::Dpop, "DPoP"), (Bound::Mtls, "mTLS")];

#[tokio::test]
async fn every_method_with_every_format_and_every_binding() {
    let scene = Scene::new().await;
    let mut table = String::from("| method | format | none | DPoP | mTLS |\n|---|---|---|---|---|\n");
    for (method, name) in METHODS {
        let client = scene.client(method, name).await;
        for (format, format_name) in FORMATS {
            let mut row = format!("| `{name}` | {format_name} |");
            for (bound, _) in BOUND {
                let ran = scene.cell(&Cell { client: &client, method, format, bound }).await;
                row.push_str(&format!(" issued; refused: {} |", ran.join(", ")));
            }
            table.push_str(&row);
            table.push('\n');
        }
    }
    assert!(document().contains(&table), "docs/proofs.md shows another table than what ran:\n\n{table}");
}

/// What the document says shows a requirement is there.
#[test]
fn every_test_that_the_document_names_exists() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = document();
    let named = document.split('`').filter_map(|text| text.split_once(".rs::"));
    let mut count = 0;
    for (file, test) in named {
        let path = crates.join(format!("{file}.rs"));
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(source.contains(&format!("fn {test}()")), "there is no test {test} in {file}.rs");
        count += 1;
    }
    assert!(count > 20, "the document names {count} tests");
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/proofs.md");
    fs::read_to_string(path).expect("the document is there")
}

/// A tenant with an API for each format and binding.
struct Scene {
    tenant: TestTenant,
    machine: Machine,
    recipient: PrivateKey,
}

struct Cell<'a> {
    client: &'a TestClient,
    method: Method,
    format: Format,
    bound: Bound,
}

/// A request, as it goes out.
struct Ask {
    body: Value,
    basic: Option<String>,
    proof: Option<String>,
    shown: Option<PeerCertificate>,
}

impl Scene {
    async fn new() -> Scene {
        let scene = Scene {
            tenant: TestTenant::new().await,
            machine: Machine::new("machine.example"),
            recipient: PrivateKey::generate(KeyKind::Rsa).unwrap(),
        };
        for (format, _) in FORMATS {
            for (bound, _) in BOUND {
                scene.tenant.api(scene.api(format, bound)).await;
            }
        }
        scene
    }

    fn api(&self, format: Format, bound: Bound) -> Value {
        let mut api = json!({ "identifier": audience(format, bound), "signing_alg": "ES256" });
        match bound {
            Bound::Nothing => {}
            Bound::Dpop => api["proof_of_possession"] = json!({ "mechanism": "dpop", "required": true }),
            Bound::Mtls => api["proof_of_possession"] = json!({ "mechanism": "mtls", "required": true }),
        }
        match format {
            Format::Auth0 => {}
            Format::Rfc9068 => api["token_dialect"] = json!("rfc9068_profile"),
            Format::Jwe => {
                let key = json!({ "alg": "RSA-OAEP-256", "kid": "k1", "pem": self.recipient.public().to_spki_pem() });
                api["token_encryption"] = json!({ "format": "compact-nested-jwe", "encryption_key": key });
            }
        }
        api
    }

    async fn client(&self, method: Method, name: &str) -> TestClient {
        let client = match method {
            Method::ClientSecretBasic | Method::ClientSecretPost => {
                self.tenant.client(json!({ "token_endpoint_auth_method": name })).await
            }
            Method::PrivateKeyJwt | Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => {
                self.machine.client(&self.tenant, name, json!({})).await
            }
            Method::Federated => {
                let client = self.tenant.client(json!({})).await;
                let rule = json!({ "claim": "sub", "operator": "equals", "value": "workload" });
                let trust =
                    json!({ "issuer": ISSUER, "rules": [rule], "jwks": { "keys": [self.machine.jwk()] } });
                let path = format!("/api/x/clients/{}/federated-credentials", client.id);
                self.tenant.post(&path, trust).await.must_be(201);
                client
            }
        };
        for (format, _) in FORMATS {
            for (bound, _) in BOUND {
                let audience = audience(format, bound);
                let grant = json!({ "client_id": client.id, "audience": audience, "scope": ["read:a"] });
                self.tenant.grant(grant).await;
            }
        }
        client
    }

    /// What a cell asks that is good in every respect.
    fn good(&self, cell: &Cell) -> Ask {
        let Cell { client, method, bound, .. } = cell;
        let plain = json!({ "grant_type": "client_credentials", "audience": audience(cell.format, *bound) });
        let with = |more: Value| over(plain.clone(), more);
        let (body, basic) = match method {
            Method::ClientSecretBasic => (plain, Some(basic(&client.id, &client.secret))),
            Method::ClientSecretPost => {
                (with(json!({ "client_id": client.id, "client_secret": client.secret })), None)
            }
            Method::PrivateKeyJwt => (with(self.machine.asserts(&self.tenant, &client.id)), None),
            Method::Federated => (with(self.federated(&self.machine, &client.id)), None),
            Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => {
                (with(json!({ "client_id": client.id })), None)
            }
        };
        let proof = (*bound == Bound::Dpop).then(|| Prover::new().at_token_endpoint(&self.tenant));
        let shown = (*bound == Bound::Mtls || method.is_certificate()).then(|| self.machine.shows(true));
        Ask { body, basic, proof, shown }
    }

    /// A token of the issuer, if this machine is its.
    fn federated(&self, issuer: &Machine, client_id: &str) -> Value {
        let whose = json!({ "iss": ISSUER, "sub": "workload" });
        let token = issuer.assertion(&self.tenant, client_id, whose);
        over(issuer.asserts(&self.tenant, client_id), json!({ "client_assertion": token }))
    }

    /// Runs a cell, good and bad; answers which refusals it met.
    async fn cell(&self, cell: &Cell<'_>) -> Vec<&'static str> {
        let answer = self.ask(&self.good(cell)).await.must_be(200);
        self.must_fit(cell, &answer);
        let mut ran = Vec::new();
        for (name, ask, status, error) in self.bad_credentials(cell) {
            refused(&self.ask(&ask).await, status, error, name);
            ran.push(name);
        }
        if matches!(cell.method, Method::PrivateKeyJwt | Method::Federated) {
            let first = self.good(cell);
            self.ask(&first).await.must_be(200);
            let again = Ask { body: first.body, ..self.good(cell) };
            refused(&self.ask(&again).await, 401, "invalid_client", "a used assertion");
            ran.push("a used assertion");
        }
        match cell.bound {
            Bound::Nothing => {}
            Bound::Dpop => ran.extend(self.bad_proofs(cell).await),
            Bound::Mtls if cell.method.is_certificate() => {}
            Bound::Mtls => {
                let without = Ask { shown: None, ..self.good(cell) };
                refused(&self.ask(&without).await, 400, "invalid_request", "no certificate");
                ran.push("no certificate");
            }
        }
        if cell.format == Format::Jwe {
            let another = PrivateKey::generate(KeyKind::Rsa).unwrap();
            assert!(jwe::decrypt(&another, answer.str("access_token")).is_err());
            ran.push("another key to open it");
        }
        ran
    }

    /// The token is of its format, bound to what was proved, and says who got it.
    fn must_fit(&self, cell: &Cell, answer: &Answer) {
        let issued = answer.str("access_token");
        let token = match cell.format {
            Format::Jwe => {
                String::from_utf8(jwe::decrypt(&self.recipient, issued).unwrap().content.to_vec()).unwrap()
            }
            Format::Auth0 | Format::Rfc9068 => issued.to_owned(),
        };
        let said = claims(&token);
        let is_rfc9068 = cell.format == Format::Rfc9068;
        assert_eq!(header(&token)["typ"], if is_rfc9068 { "at+jwt" } else { "JWT" });
        assert_eq!(said[if is_rfc9068 { "client_id" } else { "azp" }], cell.client.id);
        assert_eq!(said["aud"], audience(cell.format, cell.bound));
        let print = self.machine.certificate().x5t_s256();
        match cell.bound {
            Bound::Nothing => assert!(said.get("cnf").is_none()),
            Bound::Dpop => assert_eq!(said["cnf"]["jkt"].as_str().map(str::len), Some(43)),
            Bound::Mtls => assert_eq!(said["cnf"], json!({ "x5t#S256": print })),
        }
        assert_eq!(answer["token_type"], if cell.bound == Bound::Dpop { "DPoP" } else { "Bearer" });
    }

    /// The same, with what does not prove the client.
    fn bad_credentials(&self, cell: &Cell) -> Vec<(&'static str, Ask, u16, &'static str)> {
        let good = || self.good(cell);
        let id = &cell.client.id;
        let stranger = Machine::new("stranger.example");
        match cell.method {
            Method::ClientSecretBasic => {
                let posted = json!({ "client_id": id, "client_secret": cell.client.secret });
                let wrong = Ask { basic: Some(basic(id, "wrong")), ..good() };
                let other = Ask { basic: None, body: over(good().body, posted), ..good() };
                vec![
                    ("a wrong secret", wrong, 401, "access_denied"),
                    ("the secret in the body", other, 401, "access_denied"),
                ]
            }
            Method::ClientSecretPost => {
                let bare = over(good().body, json!({ "client_id": null, "client_secret": null }));
                let wrong = over(good().body, json!({ "client_secret": "wrong" }));
                let other = Ask { basic: Some(basic(id, &cell.client.secret)), body: bare, ..good() };
                vec![
                    ("a wrong secret", Ask { body: wrong, ..good() }, 401, "access_denied"),
                    ("the secret in the header", other, 401, "access_denied"),
                ]
            }
            Method::PrivateKeyJwt => {
                let forged = over(good().body, stranger.asserts(&self.tenant, id));
                vec![("another key's assertion", Ask { body: forged, ..good() }, 401, "invalid_client")]
            }
            Method::Federated => {
                let forged = over(good().body, self.federated(&stranger, id));
                vec![("another issuer's assertion", Ask { body: forged, ..good() }, 401, "invalid_client")]
            }
            Method::TlsClientAuth => vec![
                ("no certificate", Ask { shown: None, ..good() }, 401, "invalid_client"),
                (
                    "another subject",
                    Ask { shown: Some(stranger.shows(true)), ..good() },
                    401,
                    "invalid_client",
                ),
                (
                    "a certificate nobody vouches for",
                    Ask { shown: Some(self.machine.shows(false)), ..good() },
                    401,
                    "invalid_client",
                ),
            ],
            Method::SelfSignedTlsClientAuth => {
                let same_name = Machine::new("machine.example").shows(true);
                vec![
                    ("no certificate", Ask { shown: None, ..good() }, 401, "invalid_client"),
                    ("another certificate", Ask { shown: Some(same_name), ..good() }, 401, "invalid_client"),
                ]
            }
        }
    }

    async fn bad_proofs(&self, cell: &Cell<'_>) -> [&'static str; 3] {
        let without = Ask { proof: None, ..self.good(cell) };
        refused(&self.ask(&without).await, 400, "invalid_request", "no proof");

        // The head names one key, another signed.
        let [one, two] = [0, 1].map(|_| Prover::new().at_token_endpoint(&self.tenant));
        let forged = format!("{}.{}", one.split_once('.').unwrap().0, two.split_once('.').unwrap().1);
        let forged = Ask { proof: Some(forged), ..self.good(cell) };
        refused(&self.ask(&forged).await, 400, "invalid_dpop_proof", "another key's proof");

        let first = self.good(cell);
        self.ask(&first).await.must_be(200);
        let again = Ask { proof: first.proof, ..self.good(cell) };
        refused(&self.ask(&again).await, 400, "invalid_dpop_proof", "a used proof");
        ["no proof", "another key's proof", "a used proof"]
    }

    async fn ask(&self, ask: &Ask) -> Answer {
        let basic = ask.basic.iter().map(|basic| ("authorization", basic.as_str()));
        let headers: Vec<_> = basic.chain(ask.proof.iter().map(|proof| ("dpop", proof.as_str()))).collect();
        self.tenant.asked_showing(ask.body.clone(), &headers, ask.shown.clone()).await
    }
}

const ISSUER: &str = "https://issuer.example";

impl Method {
    fn is_certificate(self) -> bool {
        matches!(self, Method::TlsClientAuth | Method::SelfSignedTlsClientAuth)
    }
}

fn audience(format: Format, bound: Bound) -> String {
    format!("urn:{}:{}", format as u8, bound as u8)
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn over(mut usual: Value, more: Value) -> Value {
    if let (Value::Object(usual), Value::Object(more)) = (&mut usual, more) {
        usual.extend(more);
    }
    usual
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str, what: &str) {
    assert_eq!(
        (answer.status, answer["error"].as_str()),
        (status, Some(error)),
        "{what}: {}",
        answer.start()
    );
}
