//! Pages that only say something: what went wrong, or that all is done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::{page::Page, text};

/// A heading and what it means.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    page: &'a Page,
    heading: &'a str,
    why: &'a str,
    /// What whoever runs the application needs to know: a name and words.
    details: Option<(&'a str, &'a str)>,
}

/// A refusal that no application may hear, by its name and words.
pub fn error(status: StatusCode, name: &str, words: &str) -> Response {
    if status.is_server_error() {
        return problem(status, text::BROKEN, text::BROKEN_WHY);
    }
    let page = Page::new(text::problem(text::REFUSED));
    let details = Some((name, words));
    let message = Message { page: &page, heading: text::REFUSED, why: text::REFUSED_WHY, details };
    page.answer(status, &message)
}

/// Something that went wrong on our side of the application, and what to do.
pub fn problem(status: StatusCode, heading: &str, why: &str) -> Response {
    let page = Page::new(text::problem(heading));
    page.answer(status, &Message { page: &page, heading, why, details: None })
}

/// That somebody is logged out.
pub fn logged_out() -> Response {
    let page = Page::new(text::LOGGED_OUT);
    let (heading, why) = (text::LOGGED_OUT, text::LOGGED_OUT_WHY);
    page.answer(StatusCode::OK, &Message { page: &page, heading, why, details: None })
}
