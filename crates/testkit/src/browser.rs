//! Somebody's browser: it keeps cookies and goes where it is sent, one step at a time, so that a test sees each answer.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, header};

use crate::{Answer, Caller, TestTenant};

/// A browser that has only ever seen one tenant.
#[derive(Clone)]
pub struct Browser {
    caller: Caller,
    host: String,
    /// By name and path.
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    pub fn new(tenant: &TestTenant) -> Browser {
        let host = tenant.domain().to_owned();
        Browser { caller: tenant.without_token(), host, cookies: BTreeMap::new() }
    }

    /// The same browser, with what it holds, at another node of the same installation.
    #[must_use]
    pub fn moved_to(&self, tenant: &TestTenant) -> Browser {
        Browser { caller: tenant.without_token(), ..self.clone() }
    }

    /// The callback of a dashboard that was opened at this browser's host.
    pub(crate) fn dashboard_callback(&self) -> String {
        format!("https://{}/dashboard/callback", self.host)
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// Posts a form from a page of the same host.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("https://{}", self.host);
        let form = form(fields);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
        self.send(Method::POST, path, &headers, form).await
    }

    /// Sends what it is given with the cookies that belong to the path, and keeps those that come back.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let cookies = self.cookies.iter().filter(|((_, at), _)| path.starts_with(at.as_str()));
        let cookies: Vec<String> = cookies.map(|((name, _), value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = headers.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let answer = self.caller.send(method, path, &headers, body).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().expect("a cookie is text"));
        }
        answer
    }

    /// The browser as a door sees it.
    pub fn visitor(&self) -> idp::Visitor {
        let cookies = |name: &str| self.cookie(name).map(str::to_owned).into_iter().collect();
        idp::Visitor::new(("https", &self.host), [203, 0, 113, 7].into(), None, cookies)
    }

    /// What it holds under this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|((given, _), _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Puts a cookie in, as somebody with access to the machine could.
    pub fn plant(&mut self, name: &str, value: &str) {
        self.cookies.insert((name.to_owned(), "/".to_owned()), value.to_owned());
    }

    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a value");
        let attributes: Vec<&str> = parts.collect();
        let path = attributes.iter().find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
        let key = (name.to_owned(), path.to_owned());
        match attributes.contains(&"Max-Age=0") {
            true => drop(self.cookies.remove(&key)),
            false => drop(self.cookies.insert(key, value.to_owned())),
        }
    }
}

impl Answer {
    /// Where a redirect leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!(matches!(self.status, 302 | 303), "{} {}", self.status, self.start());
        self.header("location")
    }

    /// The parameter of this name in the address that a redirect leads to.
    #[track_caller]
    pub fn parameter(&self, name: &str) -> Option<String> {
        // In the query, or in the fragment.
        self.location().split(['?', '#']).skip(1).find_map(|part| {
            let pairs = web::form(part.as_bytes()).expect("an address has a readable query");
            pairs.into_iter().find(|(given, _)| given == name).map(|(_, value)| value)
        })
    }
}

/// Fields as a form, or as a query.
pub fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}
