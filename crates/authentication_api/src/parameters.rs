//! The body of a request at the token endpoint and its neighbours: form or JSON in, each parameter once, the client's
//! credentials wherever they were given.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{StatusCode, request::Parts};
use idp::{
    log,
    token::{PeerCertificate, Request},
};
use model::Secret;
use schema::Object;
use serde_json::Value;
use web::{BodyError, MediaType, Origin};

use crate::error::Error;

/// The greatest body, in bytes.
const MOST: usize = 1024 * 1024;
const DEADLINE: Duration = Duration::from_secs(15);
/// The longest parameter that any grant could want, in bytes.
const LONGEST: usize = 16 * 1024;

/// Reads what is asked.
pub async fn read(parts: &Parts, origin: &Origin, body: Body) -> Result<Request, Error> {
    let headers = &parts.headers;
    let mut request = match whole(parts, body).await? {
        Whole::Json(bytes) => json(&bytes)?,
        Whole::Form(bytes) => form(&bytes)?,
    };
    match web::basic_credentials(headers) {
        None => {}
        Some(Err(_)) => return Err(Error::invalid_request("The Authorization header is malformed")),
        // RFC 6749 §2.3: one method of authentication in each request.
        Some(Ok(_)) if request.client_secret.is_some() || request.client_assertion.is_some() => {
            return Err(Error::invalid_request("Client credentials were given in more than one way"));
        }
        Some(Ok((id, secret))) => {
            if request.client_id.as_ref().is_some_and(|given| *given != id) {
                return Err(Error::invalid_request("client_id does not match the Authorization header"));
            }
            request.client_id = Some(id);
            request.client_secret = Some(secret.into());
            request.is_basic = true;
        }
    }
    if request.client_secret.is_some() && request.client_assertion.is_some() {
        return Err(Error::invalid_request("Client credentials were given in more than one way"));
    }
    request.dpop = web::joined(headers, "dpop");
    if request.dpop.is_some() {
        request.url = Some(origin.url(parts));
    }
    let shown = parts.extensions.get::<web::PeerCertificate>();
    // A proxy could pass on what is no certificate; nobody is to be bound to that.
    request.certificate = shown
        .filter(|shown| jose::Certificate::from_der(shown.der.clone()).is_ok())
        .map(|shown| PeerCertificate { der: shown.der.clone(), is_verified: shown.is_verified });
    request.forwarded_for = web::joined(headers, "auth0-forwarded-for");
    request.user_agent = web::joined(headers, "user-agent");
    request.host.clone_from(&origin.host);
    request.path = parts.uri.path().to_owned();
    request.ip = Some(origin.ip);
    Ok(request)
}

/// A body, and how it is written.
enum Whole {
    Json(Bytes),
    Form(Bytes),
}

async fn whole(parts: &Parts, body: Body) -> Result<Whole, Error> {
    let bytes = web::read_body(body, MOST, DEADLINE).await.map_err(|error| match error {
        BodyError::TooLarge => Error::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            "The request body is larger than 1 MiB",
        ),
        BodyError::Slow => {
            Error::new(StatusCode::REQUEST_TIMEOUT, "invalid_request", "The request body took too long")
        }
        BodyError::Broken => Error::invalid_request("The request body ended early"),
    })?;
    match MediaType::of(&parts.headers) {
        Some(media) if media.is_json() => Ok(Whole::Json(bytes)),
        Some(media) if media.is_form() => Ok(Whole::Form(bytes)),
        // RFC 6749 §4.4.2 wants a form; a request without a type is taken for one.
        None => Ok(Whole::Form(bytes)),
        Some(_) => Err(Error::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            "The request body must be application/x-www-form-urlencoded or application/json",
        )),
    }
}

/// The members of a body that no grant reads, each once.
pub async fn members(parts: &Parts, body: Body) -> Result<Object, Error> {
    let pairs: Vec<(String, Value)> = match whole(parts, body).await? {
        Whole::Json(bytes) => pairs(&bytes)?,
        Whole::Form(bytes) => {
            let pairs = web::form(&bytes).map_err(|error| Error::invalid_request(error.to_string()))?;
            pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
        }
    };
    let mut members = Object::new();
    for (name, value) in pairs {
        if value.as_str().is_some_and(|text| text.len() > LONGEST) {
            return Err(Error::invalid_request(format!("{} is too long", log::cut(&name))));
        }
        if members.contains_key(&name) {
            return Err(Error::invalid_request(format!("Duplicate parameter: {}", log::cut(&name))));
        }
        members.insert(name, value);
    }
    Ok(members)
}

/// Read as pairs, so that a member given twice is seen.
fn pairs(bytes: &Bytes) -> Result<Vec<(String, Value)>, Error> {
    let Pairs(pairs) = serde_json::from_slice(bytes)
        .map_err(|_| Error::invalid_request("The request body is not a JSON object"))?;
    Ok(pairs)
}

fn form(bytes: &Bytes) -> Result<Request, Error> {
    let pairs = web::form(bytes).map_err(|error| Error::invalid_request(error.to_string()))?;
    let mut request = Request::default();
    for (name, value) in pairs {
        take(&mut request, &name, value)?;
    }
    Ok(request)
}

fn json(bytes: &Bytes) -> Result<Request, Error> {
    let mut request = Request::default();
    for (name, value) in pairs(bytes)? {
        match value {
            Value::String(text) => take(&mut request, &name, text)?,
            Value::Null => {}
            // RFC 9396 §3 writes them as JSON; in a JSON body that needs no text around it.
            Value::Array(_) if name == "authorization_details" => {
                take(&mut request, &name, value.to_string())?
            }
            _ if slot(&mut request, &name).is_some() => {
                return Err(Error::invalid_request(format!("{name} must be a string")));
            }
            value => keep(&mut request, name, value),
        }
    }
    Ok(request)
}

fn take(request: &mut Request, name: &str, value: String) -> Result<(), Error> {
    let Some(slot) = slot(request, name) else {
        keep(request, name.to_owned(), Value::String(value));
        return Ok(());
    };
    if value.len() > LONGEST {
        return Err(Error::invalid_request(format!("{name} is too long")));
    }
    if value.contains('\0') {
        return Err(Error::invalid_request(format!("{name} holds a character that is not allowed")));
    }
    let is_first = match slot {
        Slot::Text(slot) => slot.replace(value).is_none(),
        Slot::Secret(slot) => slot.replace(value.into()).is_none(),
    };
    // RFC 6749 §3.2: parameters must not be given more than once.
    if is_first { Ok(()) } else { Err(Error::invalid_request(format!("Duplicate parameter: {name}"))) }
}

/// Keeps what is for customers' code, not for us (RFC 6749 §3.2: it is not refused); the first counts.
fn keep(request: &mut Request, name: String, value: Value) {
    request.rest.entry(name).or_insert(value);
}

/// Where the value of a parameter goes.
enum Slot<'a> {
    Text(&'a mut Option<String>),
    Secret(&'a mut Option<Secret>),
}

/// The parameters that are read, each with its place.
fn slot<'a>(request: &'a mut Request, name: &str) -> Option<Slot<'a>> {
    Some(match name {
        "grant_type" => Slot::Text(&mut request.grant_type),
        "client_id" => Slot::Text(&mut request.client_id),
        "client_secret" => Slot::Secret(&mut request.client_secret),
        "client_assertion" => Slot::Secret(&mut request.client_assertion),
        "client_assertion_type" => Slot::Text(&mut request.client_assertion_type),
        "authorization_details" => Slot::Text(&mut request.authorization_details),
        "audience" => Slot::Text(&mut request.audience),
        "resource" => Slot::Text(&mut request.resource),
        "scope" => Slot::Text(&mut request.scope),
        "organization" => Slot::Text(&mut request.organization),
        "redirect_uri" => Slot::Text(&mut request.redirect_uri),
        "code" => Slot::Secret(&mut request.code),
        "code_verifier" => Slot::Secret(&mut request.code_verifier),
        "refresh_token" => Slot::Secret(&mut request.refresh_token),
        "device_code" => Slot::Secret(&mut request.device_code),
        "username" => Slot::Text(&mut request.username),
        "password" => Slot::Secret(&mut request.password),
        "realm" => Slot::Text(&mut request.realm),
        "token" => Slot::Secret(&mut request.token),
        _ => return None,
    })
}

/// A JSON object as its members in order, doubles included.
struct Pairs(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
