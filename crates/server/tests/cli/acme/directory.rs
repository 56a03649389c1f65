//! A directory (RFC 8555) in this process. It believes nothing: requests are signed, nonces are good for one, names are
//! validated as RFC 8737 and RFC 8555 §8.3 say, requests for certificates are for the name that was proven.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use idp::Clock;
use jose::{Algorithm, Jwk, Token, VerifyingKey, b64url_decode, b64url_encode, random_bytes};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer, KeyPair,
    SerialNumber, date_time_ymd,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;
use web::{Certificates, Limits};

pub use super::seen::Wrong;
use super::{
    seen::{Order, Seen},
    validate,
};

const DAY: i64 = 86_400;

/// A directory that runs for as long as this lives. Clones share it.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    base: String,
    folder: TempDir,
    clock: Clock,
    authority: Issuer<'static, KeyPair>,
    root: String,
    state: Mutex<Seen>,
    stop: CancellationToken,
}

type Answer = Result<Response, Refused>;

/// A problem document (RFC 7807).
pub struct Refused(Box<Response>);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl Directory {
    pub async fn start(clock: Clock) -> Directory {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let (certificates, _) = Certificates::local(folder.path(), &names, Clock::System.now()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Authority of a test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().pem();
        let inner = Inner {
            base,
            folder,
            clock,
            authority: Issuer::new(params, key),
            root,
            state: Mutex::new(Seen { challenge: "tls-alpn-01", ..Seen::default() }),
            stop: CancellationToken::new(),
        };
        let directory = Directory(Arc::new(inner));
        let stop = directory.0.stop.clone();
        let app = routes().with_state(directory.clone());
        let tls = Some(certificates.server_config());
        tokio::spawn(web::serve(
            listener,
            tls,
            app,
            Limits { drain: Duration::ZERO, ..Limits::default() },
            stop,
        ));
        directory
    }

    /// The address of one of its pages.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base)
    }

    /// The authority that the directory's own certificate is of.
    pub fn ca(&self) -> PathBuf {
        self.0.folder.path().join("ca.pem")
    }

    /// The authority that the certificates are of which it gives.
    pub fn root(&self) -> &str {
        &self.0.root
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.state.lock().unwrap()
    }

    /// Answers nobody any more.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    fn nonce(&self) -> String {
        let nonce = b64url_encode(random_bytes::<16>());
        self.seen().nonces.insert(nonce.clone());
        nonce
    }

    fn answer(&self, status: u16, location: Option<String>, body: impl Into<Body>) -> Response {
        let answer = Response::builder().status(status).header("replay-nonce", self.nonce());
        let answer = match location {
            Some(location) => answer.header("location", location),
            None => answer,
        };
        answer.body(body.into()).unwrap()
    }

    fn json(&self, status: u16, location: Option<String>, body: &Value) -> Response {
        self.answer(status, location, body.to_string())
    }

    fn problem(&self, status: u16, kind: &str, detail: &str) -> Refused {
        let kind = format!("urn:ietf:params:acme:error:{kind}");
        let told = json!({ "type": kind, "detail": detail, "status": status });
        Refused(Box::new(self.json(status, None, &told)))
    }

    /// The payload of a request, and the account that signed it; none, if its key is new.
    fn opened(&self, path: &str, body: &[u8]) -> Result<(Value, Option<usize>, Jwk), Refused> {
        let malformed = |why: &str| self.problem(400, "malformed", why);
        let body: Value = serde_json::from_slice(body).map_err(|_| malformed("no JSON"))?;
        let part = |name: &str| body[name].as_str().unwrap_or_default();
        let compact = [part("protected"), part("payload"), part("signature")].join(".");
        let token = Token::parse(&compact).map_err(|error| malformed(&error.to_string()))?;
        let header = token.header();
        let is_fresh = self.seen().nonces.remove(header["nonce"].as_str().unwrap_or_default());
        let is_refused = match &mut self.seen().wrong {
            Wrong::EveryNonce => true,
            Wrong::TwoNonces(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        if !is_fresh || is_refused {
            return Err(self.problem(400, "badNonce", "this nonce is not good"));
        }
        if header["url"] != self.url(path).as_str() {
            return Err(malformed("signed for another address"));
        }
        let (account, jwk) = match header["kid"].as_str() {
            Some(kid) => {
                let number = kid.strip_prefix(&self.url("/account/")).and_then(|number| number.parse().ok());
                let known = number
                    .and_then(|number: usize| Some((number, self.seen().accounts.get(number)?.0.clone())));
                let known = known.filter(|_| self.seen().wrong != Wrong::Accounts);
                let unknown = || self.problem(400, "accountDoesNotExist", "nobody is known by this key");
                let (number, jwk) = known.ok_or_else(unknown)?;
                (Some(number), jwk)
            }
            None => {
                let jwk = serde_json::from_value(header["jwk"].clone());
                (None, jwk.map_err(|_| malformed("neither key nor name"))?)
            }
        };
        let key = jwk.public_key().and_then(|key| VerifyingKey::public(Algorithm::ES256, key));
        let key = key.map_err(|error| malformed(&error.to_string()))?;
        let payload = token.payload(&key).map_err(|_| malformed("the signature is wrong"))?;
        let payload = match payload {
            [] => Value::Null,
            payload => serde_json::from_slice(payload).map_err(|_| malformed("the payload is no JSON"))?,
        };
        Ok((payload, account, jwk))
    }

    /// The same of what only who has an account may ask, and the order that it is about.
    fn order(&self, path: &str, number: usize, body: &[u8]) -> Result<(Value, Order), Refused> {
        let (payload, account, _) = self.opened(path, body)?;
        let order = self.seen().orders.get(number).cloned();
        let order = order.filter(|order| Some(order.account) == account);
        Ok((payload, order.ok_or_else(|| self.problem(404, "malformed", "there is no such order"))?))
    }

    fn shown(&self, number: usize) -> Value {
        let order = self.seen().orders[number].clone();
        let proof = self.url(&format!("/proof/{number}"));
        let proofs = if self.seen().wrong == Wrong::Proofs { vec![proof; 2_000] } else { vec![proof] };
        let mut shown = json!({
            "status": order.status, "identifiers": [{ "type": "dns", "value": order.name }],
            "authorizations": proofs, "finalize": self.url(&format!("/finalize/{number}")),
        });
        if order.certificate.is_some() {
            shown["certificate"] = json!(self.url(&format!("/certificate/{number}")));
        }
        shown
    }

    fn challenge(&self, number: usize) -> Value {
        let seen = self.seen();
        let order = seen.orders[number].clone();
        let status = match order.status {
            "pending" => "pending",
            "invalid" => "invalid",
            _ => "valid",
        };
        let kind = if seen.wrong == Wrong::Challenges { "dns-01" } else { seen.challenge };
        let url = self.url(&format!("/challenge/{number}"));
        let mut shown = json!({ "type": kind, "url": url, "status": status, "token": order.token });
        if let Some(error) = order.error {
            shown["error"] = json!({ "type": "urn:ietf:params:acme:error:unauthorized", "detail": error });
        }
        shown
    }

    /// Whether the name leads where it is answered for this account and token.
    async fn validated(&self, order: &Order, expected: &str) -> Result<(), String> {
        let (tls, http) = loop {
            // Until the test has said where the name leads.
            let leads = self.seen().leads;
            match leads {
                Some(leads) => break leads,
                None => sleep(Duration::from_millis(20)).await,
            }
        };
        let (kind, tries) = {
            let seen = self.seen();
            (seen.challenge, seen.tries)
        };
        let mut failed = String::new();
        for _ in 0..=tries {
            let tried = match kind {
                "tls-alpn-01" => validate::tls_alpn(tls, &order.name, expected).await,
                _ => validate::http(http, &order.name, &order.token, expected).await,
            };
            match tried {
                Ok(()) => return Ok(()),
                Err(error) => failed = error,
            }
            sleep(Duration::from_millis(500)).await;
        }
        Err(failed)
    }

    /// A chain for the key of a request.
    fn sign(&self, name: &str, request: &[u8]) -> Result<String, String> {
        let request = CertificateSigningRequestParams::from_der(&request.to_vec().into());
        let mut request = request.map_err(|error| error.to_string())?;
        let asked: Vec<String> = request
            .params
            .subject_alt_names
            .iter()
            .map(|name| match name {
                rcgen::SanType::DnsName(name) => name.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        if asked != [name] {
            return Err(format!("{asked:?} was asked for, {name} was proven"));
        }
        let wrong = self.seen().wrong;
        if wrong == Wrong::Certificates {
            return Ok("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into());
        }
        let mut serial = random_bytes::<16>().to_vec();
        // Positive, and of full length.
        serial[0] = serial[0] & 0x7f | 0x40;
        let at = |seconds: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds.unsigned_abs());
        let now = self.0.clock.now();
        (request.params.not_before, request.params.not_after) = (at(now - 3_600), at(now + 90 * DAY - 60));
        request.params.serial_number = Some(SerialNumber::from_slice(&serial));
        if wrong == Wrong::Names {
            request.params.subject_alt_names =
                vec![rcgen::SanType::DnsName("other.example".try_into().unwrap())];
        }
        let leaf = match wrong {
            Wrong::Keys => request.params.signed_by(&KeyPair::generate().unwrap(), &self.0.authority),
            _ => request.signed_by(&self.0.authority),
        };
        self.seen().given.entry(name.to_owned()).or_default().push(serial);
        Ok(format!("{}{}", leaf.map_err(|error| error.to_string())?.pem(), self.0.root))
    }
}

fn routes() -> Router<Directory> {
    Router::new()
        .route("/directory", any(directory))
        .route("/garbage", any(async || "<html>This is no directory.</html>"))
        .route("/half", any(async || r#"{"newNonce":"https://a b/","newAccount":"","newOrder":7}"#))
        .route("/huge", any(async || vec![b' '; 4 << 20]))
        .route(
            "/broken",
            any(async || Response::builder().status(502).body(Body::from("<h1>Bad</h1>")).unwrap()),
        )
        .route("/moved", any(async || axum::response::Redirect::temporary("/directory")))
        .route("/nonce", any(async |State(directory): State<Directory>| directory.answer(200, None, "")))
        .route("/new-account", post(new_account))
        .route("/account/{number}", post(change_account))
        .route("/new-order", post(new_order))
        .route("/order/{number}", post(order))
        .route("/proof/{number}", post(proof))
        .route("/challenge/{number}", post(challenge))
        .route("/finalize/{number}", post(finalize))
        .route("/certificate/{number}", post(certificate))
}

async fn directory(State(directory): State<Directory>, request: Request) -> Response {
    assert_eq!(request.method(), "GET");
    let told = json!({
        "newNonce": directory.url("/nonce"), "newAccount": directory.url("/new-account"),
        "newOrder": directory.url("/new-order"), "meta": { "termsOfService": directory.url("/terms") },
    });
    directory.json(200, None, &told)
}

async fn new_account(State(directory): State<Directory>, body: Bytes) -> Answer {
    let (payload, _, jwk) = directory.opened("/new-account", &body)?;
    if payload["termsOfServiceAgreed"] != true {
        return Err(directory.problem(403, "userActionRequired", "the terms were not agreed to"));
    }
    let binding = directory.seen().binding.clone();
    if let Some((id, key)) = binding {
        let bound = &payload["externalAccountBinding"];
        let parts =
            ["protected", "payload", "signature"].map(|part| bound[part].as_str().unwrap_or_default());
        let compact = parts.join(".");
        let refused = |_| directory.problem(403, "externalAccountRequired", "nobody is known by this name");
        let token = Token::parse(&compact).map_err(refused)?;
        let signed = token.payload(&VerifyingKey::hmac(&key)).map_err(refused)?;
        assert_eq!(
            (token.kid(), &token.header()["url"]),
            (Some(&*id), &json!(directory.url("/new-account")))
        );
        assert_eq!(serde_json::from_slice::<Jwk>(signed).unwrap().thumbprint(), jwk.thumbprint());
    }
    directory.seen().accounts.push((jwk, payload["contact"].clone()));
    let number = directory.seen().accounts.len() - 1;
    let location = directory.url(&format!("/account/{number}"));
    Ok(directory.json(201, Some(location), &json!({ "status": "valid" })))
}

async fn change_account(
    State(directory): State<Directory>,
    Path(number): Path<usize>,
    body: Bytes,
) -> Answer {
    let (payload, account, _) = directory.opened(&format!("/account/{number}"), &body)?;
    assert_eq!(account, Some(number));
    directory.seen().accounts[number].1 = payload["contact"].clone();
    Ok(directory.json(200, None, &json!({ "status": "valid", "contact": payload["contact"] })))
}

async fn new_order(State(directory): State<Directory>, body: Bytes) -> Answer {
    let (payload, account, _) = directory.opened("/new-order", &body)?;
    match directory.seen().wrong {
        Wrong::Orders => {
            let told =
                json!({ "type": "urn:ietf:params:acme:error:rateLimited", "detail": "enough for today" });
            let answer = Response::builder().status(429).header("retry-after", "7200");
            return Ok(answer.body(told.to_string().into()).unwrap());
        }
        Wrong::Pages => return Ok(Response::builder().status(503).body("<h1>Later</h1>".into()).unwrap()),
        _ => {}
    }
    let [identifier] = &payload["identifiers"].as_array().unwrap()[..] else { panic!("{payload}") };
    assert_eq!(identifier["type"], "dns");
    let token = match directory.seen().wrong {
        Wrong::Tokens => "../../x".to_owned(),
        _ => b64url_encode(random_bytes::<32>()),
    };
    directory.seen().orders.push(Order {
        name: identifier["value"].as_str().unwrap().to_owned(),
        account: account.expect("an order is an account's"),
        token,
        status: "pending",
        error: None,
        certificate: None,
    });
    let number = directory.seen().orders.len() - 1;
    let location = directory.url(&format!("/order/{number}"));
    Ok(directory.json(201, Some(location), &directory.shown(number)))
}

async fn order(State(directory): State<Directory>, Path(number): Path<usize>, body: Bytes) -> Answer {
    directory.order(&format!("/order/{number}"), number, &body)?;
    Ok(directory.json(200, None, &directory.shown(number)))
}

async fn proof(State(directory): State<Directory>, Path(number): Path<usize>, body: Bytes) -> Answer {
    let (_, order) = directory.order(&format!("/proof/{number}"), number, &body)?;
    let challenge = directory.challenge(number);
    let identifier = json!({ "type": "dns", "value": order.name });
    let shown = json!({ "identifier": identifier, "status": challenge["status"], "challenges": [challenge] });
    Ok(directory.json(200, None, &shown))
}

async fn challenge(State(directory): State<Directory>, Path(number): Path<usize>, body: Bytes) -> Answer {
    let (payload, order) = directory.order(&format!("/challenge/{number}"), number, &body)?;
    assert_eq!(payload, json!({}), "a proof is begun with an empty object");
    let thumbprint = directory.seen().accounts[order.account].0.thumbprint();
    let expected = format!("{}.{thumbprint}", order.token);
    let validating = directory.clone();
    tokio::spawn(async move {
        let proven = validating.validated(&order, &expected).await;
        let mut seen = validating.seen();
        let order = &mut seen.orders[number];
        (order.status, order.error) = match proven {
            Ok(()) => ("ready", None),
            Err(error) => ("invalid", Some(error)),
        };
    });
    Ok(directory.json(200, None, &directory.challenge(number)))
}

async fn finalize(State(directory): State<Directory>, Path(number): Path<usize>, body: Bytes) -> Answer {
    let (payload, order) = directory.order(&format!("/finalize/{number}"), number, &body)?;
    if order.status != "ready" {
        return Err(directory.problem(403, "orderNotReady", "it is not proven"));
    }
    let request = b64url_decode(payload["csr"].as_str().unwrap_or_default()).unwrap_or_default();
    let signed = directory.sign(&order.name, &request);
    let certificate = signed.map_err(|why| directory.problem(400, "badCSR", &why))?;
    let mut changed = directory.seen();
    changed.orders[number].certificate = Some(certificate);
    changed.orders[number].status = "valid";
    drop(changed);
    Ok(directory.json(200, None, &directory.shown(number)))
}

async fn certificate(State(directory): State<Directory>, Path(number): Path<usize>, body: Bytes) -> Answer {
    let (_, order) = directory.order(&format!("/certificate/{number}"), number, &body)?;
    Ok(directory.answer(200, None, order.certificate.unwrap_or_default()))
}
