//! What login pages ask before they show anything: whether somebody is logged in here already, and where they are.

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{Tenant, log::cut, origins, session};
use model::Client;
use serde_json::{Value, json};
use web::Origin;

use crate::{authorize, cors, error::Error};

/// `GET /user/ssodata`: whether the browser has a session, and whose.
pub async fn sso_data(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let asks = match asker(&tenant, &origin, &parts) {
        Ok(asks) => asks,
        Err(refusal) => return *refusal,
    };
    let visitor = authorize::visitor(&parts.headers, &origin);
    let mut response = match session::of(&tenant, &visitor).await {
        Ok(found) => {
            let told = match found {
                None => json!({ "sso": false }),
                Some((_, user)) => json!({
                    "sso": true,
                    "lastUsedUserID": user.user_id,
                    "lastUsedUsername": user.known_as(),
                    "lastUsedConnection": { "strategy": "auth0", "name": idp::user::CONNECTION },
                    "sessionClients": [],
                }),
            };
            no_store(told)
        }
        Err(error) => Error::answer(error, &tenant, parts.uri.path()),
    };
    if let Some(asks) = asks {
        cors::share_with_cookies(asks, response.headers_mut());
    }
    response
}

/// `GET /user/geoloc/country`: the address that the browser has. Nobody here knows where that is.
pub async fn country(Extension(origin): Extension<Origin>) -> Response {
    let mut response = no_store(json!({ "ip": origin.ip.to_string() }));
    cors::share_with_all(response.headers_mut());
    response
}

/// The origin that asks from elsewhere; refused unless it is the own one of the client that it names, since the answer
/// depends on the browser's cookies.
fn asker(tenant: &Tenant, origin: &Origin, parts: &Parts) -> Result<Option<HeaderValue>, Box<Response>> {
    let Some(asks) = parts.headers.get(header::ORIGIN) else { return Ok(None) };
    let pairs = authorize::in_query(parts).unwrap_or_default();
    let client_id = pairs.iter().find(|(name, _)| name == "client_id").map(|(_, value)| value.as_str());
    from_own_page(tenant, origin, client_id, asks)
}

/// The same, for a client that is named elsewhere than in the query.
pub fn from_own_page(
    tenant: &Tenant,
    origin: &Origin,
    client_id: Option<&str>,
    asks: &HeaderValue,
) -> Result<Option<HeaderValue>, Box<Response>> {
    let text = asks.to_str().unwrap_or_default();
    if text == format!("{}://{}", origin.scheme.as_str(), origin.host) {
        return Ok(None);
    }
    let client = client_id.and_then(|id| tenant.snapshot().client(id).cloned());
    // Only a client whose pages may log people in is told of them, and none of a stranger's.
    let is_trusted =
        |client: &Client| client.is_first_party && client.cross_origin_authentication == Some(true);
    match client.is_some_and(|client| is_trusted(&client.view) && origins::may_read(&client.view, text)) {
        true => Ok(Some(asks.clone())),
        false => {
            let words = format!("Origin {} is not allowed.", cut(text));
            Err(Box::new((StatusCode::FORBIDDEN, words).into_response()))
        }
    }
}

fn no_store(body: Value) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response()
}
