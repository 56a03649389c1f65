//! The credentials of a client: public keys and certificates with which it proves itself.

use http::Method;
use idp::{Change, Tenant, clock::iso, id};
use jose::{Certificate, KeyKind, PublicKey};
use model::{Client, ClientCredential};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};
use store::{Matching, Span};

use crate::{Answer, Call, Error, Operation, call::cut, clients::text, error::Result, operation::run, reach};

/// Auth0 lets a client have two at a time.
pub const MOST: usize = 2;
const MOST_PEM: usize = 4096;

pub fn operations() -> Vec<Operation> {
    let all = "/clients/{client_id}/credentials";
    let one = "/clients/{client_id}/credentials/{credential_id}";
    vec![
        Operation::new(Method::GET, all, "Get client credentials", &["read:client_credentials"], run!(list))
            // Clients send these; the answer is always the whole list.
            .reading(&["page", "per_page", "include_totals"]),
        Operation::new(
            Method::POST,
            all,
            "Create a client credential",
            &["create:client_credentials"],
            run!(create),
        ),
        Operation::new(Method::GET, one, "Get a client credential", &["read:client_credentials"], run!(read)),
        Operation::new(
            Method::PATCH,
            one,
            "Update a client credential",
            &["update:client_credentials"],
            run!(update),
        ),
        Operation::new(
            Method::DELETE,
            one,
            "Delete a client credential",
            &["delete:client_credentials"],
            run!(delete),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    let documents = of_client(&call.tenant, &client).await?;
    let shown = documents.into_iter().map(|credential| Value::Object(shown(credential.body)));
    Ok(Answer::ok(Value::Array(shown.collect())))
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let client = client(&call).await?;
    reach::must_reach(&call, &client)?;
    schema::check(ClientCredential::NOUN.fields, &body, Op::Create)?;
    if of_client(&call.tenant, &client).await?.len() >= MOST {
        let message = "You reached the limit of entities of this type for this tenant.";
        return Err(Error::new(http::StatusCode::FORBIDDEN, message, Some("too_many_entities")));
    }
    let (id, credential) = credential(&call.tenant, &client, body)?;
    call.tenant.commit(vec![Change::create::<ClientCredential>(id, credential.clone())]).await?;
    Ok(Answer::created(shown(credential)))
}

async fn read(call: Call) -> Result<Answer> {
    Ok(Answer::ok(shown(existing_credential(&call).await?.body)))
}

async fn update(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    schema::check(ClientCredential::NOUN.fields, &patch, Op::Update)?;
    let credential = existing_credential(&call).await?;
    reach::must_reach(&call, call.parameter("client_id"))?;
    let mut body = credential.body.clone();
    schema::merge(ClientCredential::NOUN.fields, &mut body, patch);
    in_milliseconds(&mut body);
    body.insert("updated_at".into(), json!(call.tenant.clock().iso()));
    call.tenant.commit(vec![Change::replace::<ClientCredential>(&credential, body.clone())]).await?;
    Ok(Answer::ok(shown(body)))
}

async fn delete(call: Call) -> Result<Answer> {
    let client = existing_client(&call).await?;
    let id = call.parameter("credential_id");
    let in_use = named_in(&client.body).any(|named| named == id);
    if in_use {
        return Err(Error::operation("The credential is in use by the client; remove it there first."));
    }
    let credential = call.tenant.read(&ClientCredential::NOUN, id).await?;
    if credential.is_some_and(|credential| text(&credential.body, "client_id") == Some(&client.id)) {
        call.tenant.commit(vec![Change::delete::<ClientCredential>(id)]).await?;
    }
    Ok(Answer::no_content())
}

/// Where a client names credentials, as pointers into its body.
const PLACES: &[&str] = &[
    "/client_authentication_methods/private_key_jwt/credentials",
    TLS,
    SELF_SIGNED,
    "/signed_request_object/credentials",
    "/token_vault_privileged_access/credentials",
];

const TLS: &str = "/client_authentication_methods/tls_client_auth/credentials";
const SELF_SIGNED: &str = "/client_authentication_methods/self_signed_tls_client_auth/credentials";

/// Whether a new client brings credentials of its own.
pub fn names_any(body: &Object) -> bool {
    PLACES.iter().any(|place| at(body, place).is_some())
}

/// Credentials that a new client brings inline: each becomes a document of its own, the client keeps their
/// identifiers, and this one answer shows them whole.
pub fn inline(tenant: &Tenant, client_id: &str, body: &mut Object) -> Result<(Vec<Change>, Object)> {
    let mut beside = Vec::new();
    let mut whole = Value::Object(body.clone());
    let mut named = whole.clone();
    for place in PLACES {
        let Some(credentials) = at(body, place).cloned() else { continue };
        let (mut ids, mut shows) = (Vec::new(), Vec::new());
        for (i, one) in credentials.into_iter().enumerate() {
            let (id, credential) =
                brought(tenant, client_id, one).map_err(|violation| violation.inside(place, i))?;
            is_of_its_kind(place, &credential)?;
            ids.push(json!({ "id": id }));
            shows.push(Value::Object(shown(credential.clone())));
            beside.push(Change::create::<ClientCredential>(id, credential));
        }
        for (into, list) in [(&mut named, ids), (&mut whole, shows)] {
            if let Some(slot) = into.pointer_mut(place) {
                *slot = Value::Array(list);
            }
        }
    }
    let (Value::Object(named), Value::Object(mut whole)) = (named, whole) else {
        return Ok((beside, Object::new()));
    };
    *body = named;
    whole.retain(|name, _| PLACES.iter().any(|place| place.split('/').nth(1) == Some(name)));
    Ok((beside, whole))
}

/// Refuses a patch that names credentials which the client does not have, or which cannot be used so.
pub async fn are_known(tenant: &Tenant, client_id: &str, patch: &Object) -> Result<()> {
    for place in PLACES {
        for id in at(patch, place).into_iter().flatten().filter_map(|one| one.get("id")?.as_str()) {
            let credential = tenant.read(&ClientCredential::NOUN, id).await?;
            let credential = credential
                .filter(|credential| text(&credential.body, "client_id") == Some(client_id))
                .ok_or_else(|| Error::body(format!("The credential {} does not exist.", cut(id))))?;
            is_of_its_kind(place, &credential.body)?;
        }
    }
    Ok(())
}

/// Each way to use a credential wants a kind of its own.
fn is_of_its_kind(place: &str, credential: &Object) -> Result<()> {
    let wanted = match place {
        TLS => "cert_subject_dn",
        SELF_SIGNED => "x509_cert",
        _ => "public_key",
    };
    if text(credential, "credential_type") == Some(wanted) {
        return Ok(());
    }
    let property = place.trim_start_matches('/').replace('/', ".");
    Err(Error::body(format!(
        "Payload validation error: 'A credential of type {wanted} is needed' on property {property}."
    )))
}

/// The identifiers of the credentials that a client names.
fn named_in(body: &Object) -> impl Iterator<Item = &str> {
    let credentials = PLACES.iter().filter_map(|place| at(body, place)).flatten();
    credentials.filter_map(|credential| credential.get("id").and_then(Value::as_str))
}

fn at<'a>(body: &'a Object, place: &str) -> Option<&'a Vec<Value>> {
    let mut path = place.split('/').skip(1);
    let first = body.get(path.next()?)?;
    path.try_fold(first, |value, name| value.get(name))?.as_array()
}

/// Why a credential brought inline is refused: its own fault, still without its place.
enum Brought {
    Violation(schema::Violation),
    Refused(Error),
}

impl Brought {
    fn inside(self, place: &str, i: usize) -> Error {
        match self {
            Brought::Refused(error) => error,
            Brought::Violation(mut violation) => {
                let inner =
                    if violation.path.is_empty() { String::new() } else { format!(".{}", violation.path) };
                violation.path = format!("{}[{i}]{inner}", place.trim_start_matches('/').replace('/', "."));
                violation.into()
            }
        }
    }
}

fn brought(tenant: &Tenant, client_id: &str, one: Value) -> std::result::Result<(String, Object), Brought> {
    let Value::Object(one) = one else {
        return Err(Brought::Refused(Error::body("A credential is an object.")));
    };
    schema::check(ClientCredential::NOUN.fields, &one, Op::Create).map_err(Brought::Violation)?;
    credential(tenant, client_id, one).map_err(Brought::Refused)
}

/// The document of a credential from its checked body.
fn credential(tenant: &Tenant, client_id: &str, mut body: Object) -> Result<(String, Object)> {
    let kind = text(&body, "credential_type").unwrap_or_default().to_owned();
    match kind.as_str() {
        "cert_subject_dn" => subject_dn(&mut body)?,
        "x509_cert" => x509(&mut body)?,
        _ => public_key(&mut body)?,
    }
    body.shift_remove("parse_expiry_from_cert");
    body.entry("name").or_insert(json!(""));
    in_milliseconds(&mut body);
    let id = id::client_credential();
    body.shift_insert(0, "id".into(), json!(id));
    body.insert("client_id".into(), json!(client_id));
    let now = tenant.clock().iso();
    body.insert("created_at".into(), json!(now));
    body.insert("updated_at".into(), json!(now));
    Ok((id, body))
}

fn public_key(body: &mut Object) -> Result<()> {
    let pem = pem(body)?.to_owned();
    let key = PublicKey::from_pem(&pem).map_err(|_| bad_pem())?;
    if key.rsa_bits().is_some_and(|bits| !(2048..=4096).contains(&bits)) {
        return Err(Error::body(
            "Payload validation error: 'An RSA key must have 2048 to 4096 bits' on property pem.",
        ));
    }
    if body.get("parse_expiry_from_cert") == Some(&json!(true)) {
        if body.contains_key("expires_at") {
            return Err(Error::body(
                "Payload validation error: 'parse_expiry_from_cert and expires_at exclude each other'.",
            ));
        }
        let certificate = Certificate::from_pem(&pem).map_err(|_| bad_pem())?;
        body.insert("expires_at".into(), json!(iso(certificate.not_after_unix() * 1000)));
    }
    let algorithms: &[&str] = match key.kind() {
        KeyKind::Rsa => &["RS256", "RS384", "PS256"],
        KeyKind::P256 => &["ES256"],
        KeyKind::Ed25519 => &["EdDSA"],
    };
    body.entry("alg").or_insert_with(|| json!(algorithms[0]));
    if !algorithms.iter().any(|one| text(body, "alg") == Some(one)) {
        let listed = algorithms.join(", ");
        return Err(Error::body(format!(
            "Payload validation error: 'With this key the algorithm is one of {listed}' on property alg."
        )));
    }
    let thumbprint = key.jwk().thumbprint();
    body.entry("kid").or_insert_with(|| json!(thumbprint));
    Ok(())
}

fn x509(body: &mut Object) -> Result<()> {
    let certificate = Certificate::from_pem(pem(body)?).map_err(|_| bad_pem())?;
    body.insert("thumbprint_sha256".into(), json!(certificate.x5t_s256()));
    body.insert("expires_at".into(), json!(iso(certificate.not_after_unix() * 1000)));
    Ok(())
}

fn subject_dn(body: &mut Object) -> Result<()> {
    match (text(body, "subject_dn").is_some(), body.contains_key("pem")) {
        (true, true) => {
            Err(Error::body("Payload validation error: 'subject_dn and pem exclude each other'."))
        }
        (true, false) => Ok(()),
        (false, _) => {
            let certificate = Certificate::from_pem(pem(body)?).map_err(|_| bad_pem())?;
            body.insert("subject_dn".into(), json!(certificate.subject_dn()));
            Ok(())
        }
    }
}

fn pem(body: &Object) -> Result<&str> {
    match text(body, "pem") {
        None => Err(Error::body("Payload validation error: 'Missing required property: pem'.")),
        Some(pem) if pem.len() > MOST_PEM => Err(bad_pem()),
        Some(pem) => Ok(pem),
    }
}

fn bad_pem() -> Error {
    Error::body(
        "Payload validation error: 'The PEM holds no certificate or public key that can be used' on property pem.",
    )
}

/// Times come back with milliseconds, whatever precision they were sent in.
fn in_milliseconds(body: &mut Object) {
    if let Some(time) = text(body, "expires_at").and_then(|time| time.parse::<jiff::Timestamp>().ok()) {
        body.insert("expires_at".into(), json!(iso(time.as_millisecond())));
    }
}

fn shown(mut credential: Object) -> Object {
    schema::project(
        ClientCredential::NOUN.fields,
        &mut credential,
        &schema::Selection::Everything,
        &schema::Viewer::with(&|_| true),
    );
    credential
}

async fn client(call: &Call) -> Result<String> {
    Ok(existing_client(call).await?.id)
}

async fn existing_client(call: &Call) -> Result<idp::Document> {
    let (message, code) = <Client as crate::collection::Lifecycle>::MISSING;
    let client = call.tenant.read(&Client::NOUN, call.parameter("client_id")).await?;
    client.ok_or_else(|| Error::not_found(message, code))
}

async fn existing_credential(call: &Call) -> Result<idp::Document> {
    let client = client(call).await?;
    let credential = call.tenant.read(&ClientCredential::NOUN, call.parameter("credential_id")).await?;
    credential
        .filter(|credential| text(&credential.body, "client_id") == Some(&client))
        .ok_or_else(|| Error::not_found("The credential does not exist", Some("inexistent_credential")))
}

async fn of_client(tenant: &Tenant, client_id: &str) -> Result<Vec<idp::Document>> {
    let matching = Matching::all(ClientCredential::NOUN.path).with("client_id", vec![client_id.to_owned()]);
    Ok(tenant.page(&ClientCredential::NOUN, &matching, Span::Offset { offset: 0, limit: 1_000 }).await?)
}
