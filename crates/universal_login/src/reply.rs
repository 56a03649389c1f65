//! How an answer to `/authorize` leaves: as a redirect, in a form that a page of ours posts, or told to the page that
//! framed or opened ours.

use askama::Template;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Tenant,
    authorize::{Fields, Reply},
};
use serde_json::{Map, Value, json};

use crate::{
    page::{Page, source},
    screen::Screen,
};

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    page: &'a Page,
    action: &'a str,
    fields: &'a Fields,
}

/// What browsers see of it that run no scripts.
#[derive(Template)]
#[template(path = "return.html")]
struct Return<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "web_message.html")]
struct WebMessage<'a> {
    page: &'a Page,
    /// As scripts read them.
    message: String,
    origin: String,
}

#[derive(Template)]
#[template(path = "away.html")]
struct Away<'a> {
    page: &'a Page,
    url: &'a str,
    /// As people read it.
    place: String,
}

impl FormPost<'_> {
    /// The card with the button.
    fn card(&self) -> askama::Result<String> {
        self.page.widget(&Return { page: self.page }.render()?)
    }
}

/// Takes an answer back to the application.
pub fn answer(tenant: &Tenant, parts: &Parts, reply: Reply) -> Response {
    if let Reply::Redirect(url) = &reply {
        return redirect(url);
    }
    let page = &Page::new(tenant, parts, Screen::RETURN, None, None);
    let nonce = page.nonce();
    match &reply {
        Reply::Redirect(url) => redirect(url),
        Reply::Away(url) => {
            // No redirect: browsers hold one that follows a form against the form's targets.
            let policy = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
            sent(&Away { page, url, place: source(url).unwrap_or_default() }, policy)
        }
        Reply::FormPost { action, fields } => {
            let target = source(action).unwrap_or_else(|| "'none'".to_owned());
            let policy = format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; {}; form-action {target}; frame-ancestors 'none'; base-uri 'none'",
                page.sources()
            );
            sent(&FormPost { page, action, fields }, &policy)
        }
        Reply::WebMessage { origin, fields } => {
            let policy = format!(
                "default-src 'none'; script-src 'nonce-{nonce}'; form-action 'none'; frame-ancestors {origin}; base-uri 'none'"
            );
            let response: Map<String, Value> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let message = json!({ "type": "authorization_response", "response": response });
            let (message, origin) = (in_script(&message), in_script(&json!(origin)));
            sent(&WebMessage { page, message, origin }, &policy)
        }
    }
}

fn redirect(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(url) => {
            let headers =
                [(header::LOCATION, url), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::FOUND, headers).into_response()
        }
        // A callback that no header can hold was registered; nobody can be sent there.
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn sent(template: &impl Template, policy: &str) -> Response {
    let (Ok(html), Ok(policy)) = (template.render(), HeaderValue::try_from(policy)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
    ];
    (StatusCode::OK, headers, Body::from(html)).into_response()
}

/// A value as a script reads it, in which nothing ends the script.
fn in_script(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        match character {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            plain => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_script() {
        let evil = json!({ "state": "</script><!--&'\u{2028}" });
        let text = in_script(&evil);
        assert!(!text.contains(['<', '>', '&', '\'', '\u{2028}']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), evil);
    }
}
