//! `/dbconnections`: whoever has no account makes one, whoever forgot a password asks for another. Refusals have a shape
//! of their own here: `{"name", "code", "description", "statusCode"}`.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Code, Occasion, RegisteredConnection, Tenant,
    connection::database::{self, SignUp},
    recovery,
};
use model::{Secret, User};
use schema::Object;
use serde_json::{Value, json};
use web::Origin;

use crate::{cors, posted::Posted};

/// Makes an account; nobody is logged in by that.
pub async fn sign_up(Posted { tenant, origin, parts, body }: Posted<Object>) -> Response {
    let asker = asker(&body);
    let made = async {
        let mut asked = Asked::of(&tenant, &origin, &parts, body)?;
        let Some(password) = asked.password.take().filter(|password| !password.expose().is_empty()) else {
            return Err(invalid("password is required"));
        };
        let wanted = SignUp {
            email: asked.text("email")?,
            username: asked.text("username")?,
            phone_number: asked.text("phone_number")?,
            given_name: asked.text("given_name")?,
            family_name: asked.text("family_name")?,
            name: asked.text("name")?,
            nickname: asked.text("nickname")?,
            picture: asked.text("picture")?,
            user_metadata: asked.metadata()?,
            ..SignUp::with(password)
        };
        Ok(database::sign_up(&tenant, &asked.connection, wanted, &asked.occasion).await?)
    };
    let mut response = match made.await {
        Ok(user) => (StatusCode::OK, NO_STORE, Json(shown(&user))).into_response(),
        Err(refusal) => refusal.answer(&tenant, parts.uri.path()),
    };
    cors::share(&tenant, asker.as_deref(), &parts.headers, response.headers_mut());
    response
}

/// Sends a mail to whoever has an address, if somebody has; the answer is the same, and a plain text.
pub async fn change_password(Posted { tenant, origin, parts, body }: Posted<Object>) -> Response {
    let asker = asker(&body);
    let asked = async {
        let asked = Asked::of(&tenant, &origin, &parts, body)?;
        let email = asked.text("email")?.filter(|email| !email.trim().is_empty());
        let Some(identifier) = email.or(asked.text("username")?).filter(|name| !name.trim().is_empty())
        else {
            return Err(invalid("email is required"));
        };
        Ok(recovery::request(&tenant, &asked.connection, &identifier, &asked.occasion).await?)
    };
    let mut response = match asked.await {
        Ok(()) => {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (StatusCode::OK, NO_STORE, [(header::CONTENT_TYPE, html)], SENT).into_response()
        }
        Err(refusal) => refusal.answer(&tenant, parts.uri.path()),
    };
    cors::share(&tenant, asker.as_deref(), &parts.headers, response.headers_mut());
    response
}

/// The client that asks, as it is written.
fn asker(body: &Object) -> Option<String> {
    body.get("client_id").and_then(Value::as_str).map(str::to_owned)
}

/// SDKs show it as it is.
const SENT: &str = "We've just sent you an email to reset your password.";
const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// What is asked, through which client, of which database.
struct Asked {
    connection: Arc<RegisteredConnection>,
    occasion: Occasion,
    password: Option<Secret>,
}

impl Asked {
    fn of(tenant: &Tenant, origin: &Origin, parts: &Parts, mut body: Object) -> Result<Asked, Refusal> {
        let password = match body.shift_remove("password") {
            None | Some(Value::Null) => None,
            Some(Value::String(password)) => Some(Secret::from(password)),
            Some(_) => return Err(invalid("password must be a string")),
        };
        let snapshot = tenant.snapshot();
        let client = match text(&body, "client_id")? {
            Some(id) => match snapshot.client(&id) {
                Some(client) => Some(client.clone()),
                None => return Err(invalid("client not found")),
            },
            // Recorded: whoever names none means all applications.
            None => None,
        };
        let Some(name) = text(&body, "connection")? else { return Err(invalid("connection is required")) };
        let is_for = |connection: &&Arc<RegisteredConnection>| {
            connection.is_database()
                && client.as_ref().is_none_or(|client| connection.is_enabled_for(&client.view.client_id))
        };
        let Some(connection) = snapshot.connection(&name).filter(is_for).cloned() else {
            return Err(invalid("connection not found"));
        };
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let occasion = Occasion {
            client,
            ip: origin.ip,
            user_agent: agent.map(str::to_owned),
            host: origin.host.clone(),
            body,
            query: Object::new(),
        };
        Ok(Asked { connection, occasion, password })
    }

    /// A parameter that is a text.
    fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        text(&self.occasion.body, name)
    }

    /// Free notes: few, short, and in a form as JSON.
    fn metadata(&self) -> Result<Option<Object>, Refusal> {
        let given = match self.occasion.body.get("user_metadata") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            Some(value) => Some(value.clone()),
        };
        let Some(Value::Object(metadata)) = given else {
            return Err(invalid("user_metadata must be an object"));
        };
        let is_short = |(name, value): (&String, &Value)| {
            name.chars().count() <= 100
                && !name.contains('\0')
                && value.as_str().is_some_and(|value| value.chars().count() <= 500 && !value.contains('\0'))
        };
        if metadata.len() > 10 || !metadata.iter().all(is_short) {
            return Err(invalid(
                "user_metadata must have at most 10 properties, strings of at most 500 characters",
            ));
        }
        Ok(Some(metadata))
    }
}

fn text(body: &Object, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => {
            Err(invalid(format!("{name} holds a character that is not allowed")))
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(format!("{name} must be a string"))),
    }
}

/// Who somebody is now; their account without what stands before it elsewhere.
fn shown(user: &User) -> Object {
    let id = user.primary().map_or(user.user_id.as_str(), |identity| identity.user_id.as_str());
    let mut shown = Object::new();
    let mut put =
        |name: &str, value: Option<Value>| shown.extend(value.map(|value| (name.to_owned(), value)));
    put("_id", Some(json!(id)));
    put("email", user.email.as_ref().map(|email| json!(email)));
    put("username", user.username.as_ref().map(|username| json!(username)));
    put("email_verified", user.email.as_ref().map(|_| json!(user.email_verified)));
    put("phone_number", user.phone_number.as_ref().map(|number| json!(number)));
    put("phone_verified", user.phone_number.as_ref().map(|_| json!(user.phone_verified == Some(true))));
    put("given_name", user.given_name.as_ref().map(|name| json!(name)));
    put("family_name", user.family_name.as_ref().map(|name| json!(name)));
    put("user_metadata", user.user_metadata.clone().map(Value::Object));
    shown
}

/// Why somebody hears no.
enum Refusal {
    Invalid(String),
    Idp(idp::Error),
}

fn invalid(description: impl Into<String>) -> Refusal {
    Refusal::Invalid(description.into())
}

impl From<idp::Error> for Refusal {
    fn from(error: idp::Error) -> Refusal {
        Refusal::Idp(error)
    }
}

impl Refusal {
    fn answer(self, tenant: &Tenant, path: &str) -> Response {
        let (status, body) = match self {
            Refusal::Invalid(description) => (400, plain(400, "invalid_request", &description)),
            Refusal::Idp(idp::Error::Password(refusal)) => (400, refusal.body()),
            Refusal::Idp(idp::Error::Refused { code, description }) => {
                let status = match code {
                    // Recorded: whoever may not do something here asked wrongly.
                    Code::PasswordLeaked | Code::InvalidGrant => 400,
                    code => code.wire().0,
                };
                (status, plain(status, code.name(), &description))
            }
            Refusal::Idp(error) => return crate::error::Error::answer(error, tenant, path),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, NO_STORE, Json(body)).into_response()
    }
}

fn plain(status: u16, code: &str, description: &str) -> Value {
    let name = match status {
        429 => "TooManyRequestsError",
        403 => "ForbiddenError",
        _ => "BadRequestError",
    };
    json!({ "name": name, "code": code, "description": description, "statusCode": status })
}
