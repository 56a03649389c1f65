//! What all pages share: the frame in which they stand, what they say and in which language, how they look, and the
//! headers that keep everything else out of them.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Tenant,
    snapshot::{RegisteredClient, Snapshot},
    tenants::ADMINISTRATORS,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    form,
    look::Look,
    message::escaped,
    screen::Screen,
    template::{self, Fault},
    text::{self, PRODUCT, language},
};

/// A page that is being made; a template holds it as `page`.
pub struct Page {
    snapshot: Arc<Snapshot>,
    screen: Screen,
    locale: String,
    /// What texts leave open.
    variables: Vec<(&'static str, String)>,
    /// What the tenant's page and its pieces are told.
    told: Value,
    look: Look,
    nonce: String,
    /// Where its forms may lead beside this host.
    form_targets: Vec<String>,
    is_wrong: bool,
    /// A title that is no text of the screen.
    titled: Option<String>,
}

#[derive(Template)]
#[template(path = "head.html")]
struct Head<'a> {
    title: &'a str,
    nonce: &'a str,
    look: &'a Look,
}

#[derive(Template)]
#[template(path = "widget.html")]
struct Widget<'a> {
    screen: Screen,
    look: &'a Look,
    company: String,
    initial: String,
    content: &'a str,
    /// Where people find help, and the words for it.
    support: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    locale: &'a str,
    direction: &'a str,
    head: &'a str,
    widget: &'a str,
}

impl Page {
    /// A page of a tenant, for a client if one asks, in the language that somebody reads.
    pub fn new(
        tenant: &Tenant,
        parts: &Parts,
        screen: Screen,
        client: Option<&RegisteredClient>,
        ui_locales: Option<&str>,
    ) -> Page {
        let snapshot = tenant.snapshot().clone();
        let settings = snapshot.settings.as_deref();
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let asked_here = form::query(parts, "ui_locales");
        let locale = language::choose(settings, ui_locales.or(asked_here.as_deref()), accepted);
        let company = match settings.and_then(|settings| settings.friendly_name.clone()) {
            Some(name) if !name.is_empty() => name,
            _ if tenant.name() == ADMINISTRATORS => PRODUCT.to_owned(),
            _ => tenant.name().to_owned(),
        };
        let client_name = client.map_or_else(|| company.clone(), |client| client.view.name.clone());
        let look = Look::of(&snapshot.pages, settings);
        let told = told(&snapshot, screen, &locale, &company, client);
        let variables = vec![("companyName", company), ("clientName", client_name)];
        Page { variables, told, look, ..Page::bare(snapshot, screen, locale) }
    }

    /// A page where no tenant is known.
    pub fn of_nobody(screen: Screen) -> Page {
        let locale = language::choose(None, None, None);
        let variables = vec![("companyName", PRODUCT.to_owned()), ("clientName", PRODUCT.to_owned())];
        Page { variables, ..Page::bare(Arc::default(), screen, locale) }
    }

    fn bare(snapshot: Arc<Snapshot>, screen: Screen, locale: String) -> Page {
        Page {
            snapshot,
            screen,
            locale,
            variables: Vec::new(),
            told: Value::Null,
            look: Look::default(),
            nonce: jose::b64url_encode(jose::random_bytes::<16>()),
            form_targets: Vec::new(),
            is_wrong: false,
            titled: None,
        }
    }

    /// The same, with what a text leaves open.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Page {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
        self
    }

    /// A page whose form ends in a redirect to this address: browsers look at where it leads as well.
    #[must_use]
    pub fn leading_to(mut self, address: &str) -> Page {
        self.form_targets.extend(source(address));
        self
    }

    /// A page with a title that is no text of its screen.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Page {
        Page { titled: Some(title.into()), ..self }
    }

    /// A page that says what went wrong.
    #[must_use]
    pub fn wrong(self, is_wrong: bool) -> Page {
        Page { is_wrong, ..self }
    }

    /// The text with this key; nothing where there is none.
    pub fn text(&self, key: &str) -> String {
        self.text_if_any(key).unwrap_or_default()
    }

    pub fn text_if_any(&self, key: &str) -> Option<String> {
        let text = text::text(&self.snapshot, &self.locale, self.screen.place(), key)?;
        Some(text::filled(&text, &self.variables))
    }

    /// The text with this key and more filled in.
    pub fn text_with(&self, key: &str, more: &[(&'static str, String)]) -> String {
        let text = text::text(&self.snapshot, &self.locale, self.screen.place(), key).unwrap_or_default();
        text::filled(&text, &[more, self.variables.as_slice()].concat())
    }

    /// What the tenant puts at this place of the form.
    pub fn piece(&self, place: &str) -> String {
        let (prompt, screen) = self.screen.place();
        let piece = self.snapshot.pages.partial(prompt, screen, place);
        piece.map(|piece| template::piece(piece, &self.told, &self.nonce)).unwrap_or_default()
    }

    fn title(&self) -> String {
        let title = ["pageTitle", "eventTitle", "title"].into_iter().find_map(|key| self.text_if_any(key));
        let title = self.titled.clone().or(title).unwrap_or_default();
        if self.is_wrong { self.text_with("errorTitle", &[("title", title)]) } else { title }
    }

    /// The answer that shows it.
    pub fn answer(&self, status: StatusCode, content: &impl Template) -> Response {
        let made = content.render().and_then(|content| self.html(&content));
        let (Ok((html, fault)), Ok(policy)) = (made, HeaderValue::try_from(self.policy())) else {
            tracing::error!(screen = self.screen.name(), "a page cannot be made");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let fixed = HeaderValue::from_static;
        let mut headers = vec![
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, fixed("no-store")),
            (header::X_FRAME_OPTIONS, fixed("DENY")),
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            // The address of a page holds what a login is known by. Our own forms still say where they come from.
            (header::REFERRER_POLICY, fixed("same-origin")),
        ];
        headers.extend(
            HeaderValue::try_from(&self.locale).ok().map(|locale| (header::CONTENT_LANGUAGE, locale)),
        );
        let mut response = (status, Body::from(html)).into_response();
        response.headers_mut().extend(headers);
        if let Some(fault) = fault {
            response.extensions_mut().insert(fault);
        }
        response
    }

    /// The page, and what kept the tenant's own from being around the form.
    fn html(&self, content: &str) -> askama::Result<(String, Option<Fault>)> {
        let (head, widget) = (self.head()?, self.widget(content)?);
        let own = template::page(&self.snapshot.pages, &self.told, (&head, &widget), &self.nonce);
        let fault = match own {
            Some(Ok(page)) => return Ok((page, None)),
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        let direction = self.direction();
        let page = Layout { locale: &self.locale, direction, head: &head, widget: &widget }.render()?;
        Ok((page, fault))
    }

    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// What scripts and styles of ours on this page are known by.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    pub fn direction(&self) -> &'static str {
        if language::is_right_to_left(&self.locale) { "rtl" } else { "ltr" }
    }

    /// What stands in the head: the title, and the look.
    pub fn head(&self) -> askama::Result<String> {
        Head { title: &self.title(), nonce: &self.nonce, look: &self.look }.render()
    }

    /// The card with the logo, around what the page is about.
    pub fn widget(&self, content: &str) -> askama::Result<String> {
        let company = self.variables.iter().find(|(name, _)| *name == "companyName");
        let company = company.map(|(_, company)| company.clone()).unwrap_or_default();
        let initial = company.chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
        let (screen, look, support) = (self.screen, &self.look, self.support());
        Widget { screen, look, company, initial, content, support }.render()
    }

    fn support(&self) -> Option<(String, String, String)> {
        let settings = self.snapshot.settings.as_ref()?;
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let url =
            given(&settings.support_url).filter(|url| url.starts_with("https:") || url.starts_with("http:"));
        let address =
            url.or_else(|| given(&settings.support_email).map(|email| format!("mailto:{email}")))?;
        let say = |key| text::text(&self.snapshot, &self.locale, text::SUPPORT, key).unwrap_or_default();
        Some((address, say("text"), say("linkText")))
    }

    /// Nothing but our own style, the tenant's pictures and fonts, and forms that lead to us. The tenant's own page may
    /// bring scripts and styles that stand in it, by the nonce, and pictures from anywhere.
    fn policy(&self) -> String {
        let (prompt, screen) = self.screen.place();
        let pages = &self.snapshot.pages;
        let is_own = pages.template.is_some() || pages.has_partials(prompt, screen);
        let nonce = &self.nonce;
        let targets: String = self.form_targets.iter().map(|target| format!(" {target}")).collect();
        let sources = if is_own {
            let (images, fonts) = (listed(&self.look.images), listed(&self.look.fonts));
            format!(
                "script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; \
                 img-src 'self' data: https:{images}; font-src 'self' data: https:{fonts}; connect-src 'none'"
            )
        } else {
            self.sources()
        };
        format!(
            "default-src 'none'; {sources}; form-action 'self'{targets}; frame-ancestors 'none'; base-uri 'none'"
        )
    }

    /// What a policy has to let in for the look.
    pub fn sources(&self) -> String {
        let (nonce, images, fonts) = (&self.nonce, listed(&self.look.images), listed(&self.look.fonts));
        let fonts = if fonts.is_empty() { String::new() } else { format!("; font-src{fonts}") };
        format!("style-src 'nonce-{nonce}'; img-src data:{images}{fonts}")
    }
}

fn listed(origins: &[String]) -> String {
    origins.iter().map(|origin| format!(" {origin}")).collect()
}

/// What the tenant's page is told, in the names that such pages know.
fn told(
    snapshot: &Snapshot,
    screen: Screen,
    locale: &str,
    company: &str,
    client: Option<&RegisteredClient>,
) -> Value {
    let settings = snapshot.settings.as_deref();
    let branding = snapshot.pages.branding.as_deref();
    let colors = branding.and_then(|branding| branding.colors.as_ref());
    let locales = settings.and_then(|settings| settings.enabled_locales.as_ref());
    json!({
        "locale": locale,
        "prompt": { "name": screen.prompt(), "screen": { "name": screen.name() } },
        "application": client.map(|client| json!({ "id": client.view.client_id, "name": client.view.name })),
        "branding": {
            "logo_url": branding.and_then(|branding| branding.logo_url.as_deref()),
            "colors": {
                "primary": colors.and_then(|colors| colors.primary.as_deref()),
                "page_background": colors.and_then(|colors| colors.page_background.as_ref()),
            },
        },
        "tenant": {
            "friendly_name": escaped(company),
            "support_email": settings.and_then(|settings| settings.support_email.as_deref()).map(escaped),
            "support_url": settings.and_then(|settings| settings.support_url.as_deref()).map(escaped),
            "enabled_locales": locales.map(|all| all.iter().map(|one| one.0.as_str()).collect::<Vec<_>>()),
        },
    })
}

/// An address as a source of a content security policy: its origin, or its scheme where it has none.
pub fn source(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    match url.scheme() {
        "http" | "https" => Some(url.origin().ascii_serialization()),
        scheme => Some(format!("{scheme}:")),
    }
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn an_address_is_an_origin_or_a_scheme() {
        for (address, expected) in [
            ("https://app.example/cb?a=b;c", Some("https://app.example")),
            ("http://localhost:3000/cb", Some("http://localhost:3000")),
            ("https://bücher.example/", Some("https://xn--bcher-kva.example")),
            ("com.app:/cb", Some("com.app:")),
            ("not an address", None),
        ] {
            assert_eq!(source(address).as_deref(), expected, "{address}");
        }
    }
}
