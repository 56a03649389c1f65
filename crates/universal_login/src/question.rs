//! Pages that ask for a yes or a no.

use askama::Template;

use crate::page::Page;

/// A question, what it is about, and the buttons.
#[derive(Template)]
#[template(path = "question.html")]
pub struct Question<'a> {
    pub action: String,
    /// What the form brings along unseen: a name and a value.
    pub hidden: (&'static str, &'a str),
    pub title: String,
    pub description: String,
    /// A code that somebody compares.
    pub code: Option<String>,
    pub lines: Vec<Line>,
    pub note: Option<String>,
    /// The values and words of the buttons.
    pub accept: (&'static str, String),
    pub deny: Option<(&'static str, String)>,
}

/// A resource, and what may be done with it; or words of our own.
#[derive(Debug, PartialEq)]
pub struct Line {
    pub resource: String,
    pub actions: String,
}

/// Scopes as people read them: those of OpenID Connect in words, an API's as `resource: action, action`, or in its words.
pub fn lines(page: &Page, scopes: impl Iterator<Item = (String, Option<String>)>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut is_about_identity = false;
    for (scope, description) in scopes {
        let words = match scope.as_str() {
            "openid" => {
                is_about_identity = true;
                continue;
            }
            "profile" => Some(page.text("profileScope")),
            "email" => Some(page.text("emailScope")),
            "phone" => Some(page.text("phoneScope")),
            "address" => Some(page.text("addressScope")),
            "offline_access" => Some(page.text("offlineScope")),
            _ => description,
        };
        if let Some(words) = words {
            lines.push(Line::of(&words));
            continue;
        }
        let (action, resource) = scope.split_once(':').unwrap_or(("", &scope));
        let resource = resource.replace(['_', '-'], " ");
        match lines.iter_mut().find(|line| line.resource == resource && !action.is_empty()) {
            Some(line) => line.actions = format!("{}, {action}", line.actions),
            None => lines.push(Line { resource, actions: action.to_owned() }),
        }
    }
    // Whoever asks for nothing else still asks for something.
    if lines.is_empty() && is_about_identity {
        lines.push(Line::of(&page.text("openidScope")));
    }
    lines
}

impl Line {
    /// Words such as `Email: your email address`.
    fn of(words: &str) -> Line {
        let (resource, actions) = words.split_once(": ").unwrap_or((words, ""));
        Line { resource: resource.to_owned(), actions: actions.to_owned() }
    }
}
