//! `POST /co/authenticate`: somebody proves who they are to us from a page of an application's own. What the page is
//! given is good once, at `/authorize`, in the same browser.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Code, Occasion, RegisteredConnection, Tenant, connection::database, login, visitor::DEVICE_COOKIE,
};
use model::Secret;
use schema::Object;
use serde_json::{Value, json};
use web::{Origin, PathPrefix, SetCookie};

use crate::{authorize, cors, error::Error, posted::Posted, sso_data};

/// The kinds of credentials that are taken: with a realm that is named, and with the tenant's default.
const WITH_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
const DEFAULT_REALM: &str = "password";

/// A ticket, or why there is none. Pages of origins that the client does not name get nothing at all.
pub async fn co_authenticate(Posted { tenant, origin, parts, body }: Posted<Object>) -> Response {
    // Without an origin it is no page that asks, and there is nobody whose consent the client's list stands for.
    let Some(asks) = parts.headers.get(header::ORIGIN) else {
        return (StatusCode::FORBIDDEN, "Origin is not allowed.").into_response();
    };
    let asks = match sso_data::from_own_page(&tenant, &origin, text(&body, "client_id"), asks) {
        Ok(asks) => asks,
        Err(refusal) => return *refusal,
    };
    let mut response = match ticket(&tenant, &origin, &parts, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(asks) = asks {
        cors::share_with_cookies(asks, response.headers_mut());
    }
    response
}

async fn ticket(
    tenant: &Tenant,
    origin: &Origin,
    parts: &Parts,
    mut body: Object,
) -> Result<Response, Error> {
    let Asked { client_id, username, password, realm } = Asked::of(tenant, &mut body)?;
    let snapshot = tenant.snapshot().clone();
    let client =
        snapshot.client(&client_id).filter(|client| client.view.cross_origin_authentication == Some(true));
    let Some(client) = client.cloned() else {
        let words = "Cross origin login not allowed.";
        return Err(Error::new(StatusCode::UNAUTHORIZED, "unauthorized_client", words));
    };
    let is_for = |one: &&Arc<RegisteredConnection>| one.is_database() && one.is_enabled_for(&client_id);
    let Some(connection) = snapshot.realm(&realm).filter(is_for).cloned() else {
        return Err(Error::invalid_request(format!("Unknown realm {}.", idp::log::cut(&realm))));
    };
    let visitor = authorize::visitor(&parts.headers, origin);
    let occasion = Occasion {
        client: Some(client),
        ip: origin.ip,
        user_agent: visitor.user_agent.clone(),
        host: origin.host.clone(),
        body,
        query: Object::new(),
    };
    let user = database::verify(tenant, &connection, &username, password, &occasion).await;
    let user = user.map_err(|error| refused(error, tenant, parts))?;
    let issued = login::ticket_for(tenant, &user, &connection.view.name, &client_id, &visitor).await;
    let (ticket, device) = issued.map_err(|error| refused(error, tenant, parts))?;
    // SDKs keep these for a way around blocked cookies that is not served here; they open nothing.
    let verifier = jose::b64url_encode(jose::random_bytes::<32>());
    let told = json!({
        "login_ticket": ticket,
        "co_verifier": verifier,
        "co_id": jose::b64url_encode(jose::random_bytes::<12>()),
    });
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let mut response = (StatusCode::OK, no_store, Json(told)).into_response();
    let prefix = parts.extensions.get::<PathPrefix>().cloned().unwrap_or_default();
    let cookie = SetCookie::new(DEVICE_COOKIE, &device, origin, &prefix).lasting(Some(authorize::ONE_YEAR));
    let kept = cookie.add_to(response.headers_mut());
    kept.map_err(|error| refused(idp::Error::Internal(error.into()), tenant, parts))?;
    Ok(response)
}

/// What a page hears of a refusal: the statuses of this endpoint are its own.
fn refused(error: idp::Error, tenant: &Tenant, parts: &Parts) -> Error {
    let own = match &error {
        idp::Error::Refused { code: Code::InvalidGrant, .. } => {
            Some((StatusCode::FORBIDDEN, "access_denied"))
        }
        idp::Error::Refused { code: Code::AccessDenied, .. } => Some((StatusCode::FORBIDDEN, "blocked_user")),
        idp::Error::Refused { code: Code::PasswordLeaked, .. } => {
            Some((StatusCode::UNAUTHORIZED, "password_leaked"))
        }
        _ => None,
    };
    let error = Error::from(error);
    error.trace(tenant, parts.uri.path());
    match own {
        Some((status, name)) => Error::new(status, name, error.description().to_owned()),
        None => error,
    }
}

/// What is asked.
struct Asked {
    client_id: String,
    username: String,
    password: Secret,
    realm: String,
}

impl Asked {
    /// All that is needed; the password goes out of the body, which customers' code may see.
    fn of(tenant: &Tenant, body: &mut Object) -> Result<Asked, Error> {
        let given =
            |body: &Object, name: &str| text(body, name).filter(|text| !text.is_empty()).map(str::to_owned);
        let realm = match text(body, "credential_type") {
            Some(WITH_REALM) => given(body, "realm"),
            Some(DEFAULT_REALM) => {
                let snapshot = tenant.snapshot();
                let settings = snapshot.settings.as_deref();
                settings
                    .and_then(|settings| settings.default_directory.clone())
                    .filter(|name| !name.is_empty())
            }
            _ => {
                let words = "Unknown credential type parameter.";
                return Err(Error::new(StatusCode::BAD_REQUEST, "unsupported_credential_type", words));
            }
        };
        let password = match body.shift_remove("password") {
            Some(Value::String(password)) if !password.is_empty() => Some(Secret::from(password)),
            _ => None,
        };
        match (given(body, "client_id"), given(body, "username"), password, realm) {
            (Some(client_id), Some(username), Some(password), Some(realm)) => {
                Ok(Asked { client_id, username, password, realm })
            }
            _ => Err(Error::invalid_request(
                "Invalid request body. All and only of client_id, credential_type, username, otp, realm are required.",
            )),
        }
    }
}

fn text<'a>(body: &'a Object, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.contains('\0'))
}
