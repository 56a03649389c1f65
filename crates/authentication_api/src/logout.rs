//! `/v2/logout` and `/oidc/logout`: the browser's session ends, and the browser goes where it may go.

use axum::{Extension, body::Body, extract::State, response::Response};
use http::request::Parts;
use idp::{
    Tenant,
    logout::{self, Asked, Outcome},
    visitor::SESSION_COOKIE,
};
use web::{Origin, PathPrefix, SetCookie};

use crate::{
    Pages,
    authorize::{in_query, page, pairs, redirect, taken, visitor},
};

/// `GET /v2/logout`
pub async fn plain(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let outcome = match in_query(&parts).and_then(asked) {
        Ok(asked) => logout::plain(&tenant, &asked, &visitor(&parts.headers, &origin)).await,
        Err(refusal) => Err(refusal),
    };
    let outcome = outcome.map(Outcome::Done);
    answer(pages, &tenant, &origin, &parts, outcome)
}

/// `/oidc/logout`
pub async fn rp_initiated(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let outcome = match pairs(&parts, body).await.and_then(asked) {
        Ok(asked) => logout::rp_initiated(&tenant, &asked, &visitor(&parts.headers, &origin)).await,
        Err(refusal) => Err(refusal),
    };
    answer(pages, &tenant, &origin, &parts, outcome)
}

fn asked(pairs: Vec<(String, String)>) -> idp::Result<Asked> {
    let slot: for<'a> fn(&'a mut Asked, &str) -> Option<&'a mut Option<String>> = |asked, name| {
        Some(match name {
            "client_id" => &mut asked.client_id,
            "returnTo" | "post_logout_redirect_uri" => &mut asked.return_to,
            "id_token_hint" => &mut asked.id_token_hint,
            "logout_hint" => &mut asked.logout_hint,
            "state" => &mut asked.state,
            _ => return None,
        })
    };
    taken(pairs, slot, |_, _, _| {})
}

/// Whatever becomes of it, the browser forgets its session, unless somebody is asked first.
fn answer(
    pages: Pages,
    tenant: &Tenant,
    origin: &Origin,
    parts: &Parts,
    outcome: idp::Result<Outcome>,
) -> Response {
    let prefix = parts.extensions.get::<PathPrefix>().cloned().unwrap_or_default();
    let mut response = match outcome {
        Ok(Outcome::Done(Some(url))) => redirect(&url),
        Ok(Outcome::Done(None)) => (pages.logged_out)(tenant, parts),
        Ok(Outcome::Ask(state)) => {
            return redirect(&prefix.path(&format!("{}?state={state}", logout::PAGE)));
        }
        Err(error) => page(pages, tenant, parts, error),
    };
    match SetCookie::forgotten(SESSION_COOKIE, origin, &prefix).add_to(response.headers_mut()) {
        Ok(()) => response,
        Err(error) => page(pages, tenant, parts, idp::Error::Internal(error.into())),
    }
}
