//! How a tenant's pages look and what they say.

use std::sync::Arc;

use imbl::HashMap as Shared;
use model::{Branding, Client, CustomText, PageTemplate, Partials, Prompts, Theme, prompts::Words};
use schema::{Object, Resource};
use serde_json::json;

use super::{Held, RegisteredClient, Snapshot};
use crate::{Result, credential_use::Uses, documents::Document};

/// What the tenant says about its pages; where it says nothing, ours are shown as they are.
#[derive(Clone, Default)]
pub struct Pages {
    pub branding: Option<Arc<Branding>>,
    pub theme: Option<Arc<Theme>>,
    pub template: Option<Arc<PageTemplate>>,
    pub prompts: Option<Arc<Prompts>>,
    /// The tenant's own words, by prompt and language.
    texts: Shared<Arc<str>, Arc<Words>>,
    /// What the tenant adds to forms, by prompt.
    partials: Shared<Arc<str>, Arc<Words>>,
}

impl Pages {
    /// Whether people are asked first who they are, and for a password on the next page.
    pub fn is_identifier_first(&self) -> bool {
        self.prompts.as_ref().and_then(|prompts| prompts.identifier_first).unwrap_or(false)
    }

    /// The tenant's own words for this, if it has some.
    pub fn text(&self, prompt: &str, screen: &str, key: &str, language: &str) -> Option<&str> {
        if self.texts.is_empty() {
            return None;
        }
        let words = self.texts.get(format!("{prompt}/{language}").as_str())?;
        words.get(screen)?.get(key).map(String::as_str)
    }

    /// The same with these words for a prompt in a language, in the place of all there were.
    pub fn put_text(&mut self, prompt: &str, language: &str, words: Words) {
        self.texts.insert(format!("{prompt}/{language}").into(), Arc::new(words));
    }

    /// Whether the tenant puts something on a screen.
    pub fn has_partials(&self, prompt: &str, screen: &str) -> bool {
        self.partials.get(prompt).is_some_and(|partials| partials.contains_key(screen))
    }

    /// What the tenant puts at this place of a screen.
    pub fn partial(&self, prompt: &str, screen: &str, place: &str) -> Option<&str> {
        self.partials.get(prompt)?.get(screen)?.get(place).map(String::as_str)
    }
}

impl Snapshot {
    /// The client that pages are shown for while nobody logs in: the first to which people come back.
    pub fn shown_client(&self) -> Option<&Arc<RegisteredClient>> {
        let sends_back = |client: &&Arc<RegisteredClient>| {
            client.view.callbacks.as_ref().is_some_and(|callbacks| !callbacks.is_empty())
        };
        self.clients.values().filter(sends_back).min_by(|one, other| one.view.name.cmp(&other.view.name))
    }

    /// The same with a client for them that is made up, if there is none.
    pub fn with_shown_client(mut self) -> Result<Snapshot> {
        if self.shown_client().is_none() {
            let mut body = Object::new();
            for (name, value) in [
                ("client_id", json!("example")),
                ("name", json!("Example")),
                ("callbacks", json!(["https://app.example/callback"])),
            ] {
                body.insert(name.into(), value);
            }
            schema::complete(Client::NOUN.fields, &mut body);
            let view = Client::view(&body)?;
            let example = RegisteredClient { view, secret: None, hmac: None, uses: Uses::default() };
            self.clients.insert("example".into(), Arc::new(example));
        }
        Ok(self)
    }

    fn put_texts(&mut self, document: Document) -> Result<()> {
        let view = CustomText::view(&document.body)?;
        self.pages.texts.insert(document.id.into(), Arc::new(view.texts));
        Ok(())
    }

    fn put_partials(&mut self, document: Document) -> Result<()> {
        let view = Partials::view(&document.body)?;
        self.pages.partials.insert(document.id.into(), Arc::new(view.partials));
        Ok(())
    }
}

pub(super) const HELD: &[Held] = &[
    Held {
        noun: &Branding::NOUN,
        put: |snapshot, _, document| {
            snapshot.pages.branding = Some(Arc::new(Branding::view(&document.body)?));
            Ok(())
        },
        forget: |snapshot, _| snapshot.pages.branding = None,
    },
    Held {
        noun: &Theme::NOUN,
        put: |snapshot, _, document| {
            snapshot.pages.theme = Some(Arc::new(Theme::view(&document.body)?));
            Ok(())
        },
        // There is one at most.
        forget: |snapshot, _| snapshot.pages.theme = None,
    },
    Held {
        noun: &PageTemplate::NOUN,
        put: |snapshot, _, document| {
            snapshot.pages.template = Some(Arc::new(PageTemplate::view(&document.body)?));
            Ok(())
        },
        forget: |snapshot, _| snapshot.pages.template = None,
    },
    Held {
        noun: &Prompts::NOUN,
        put: |snapshot, _, document| {
            snapshot.pages.prompts = Some(Arc::new(Prompts::view(&document.body)?));
            Ok(())
        },
        forget: |snapshot, _| snapshot.pages.prompts = None,
    },
    Held {
        noun: &CustomText::NOUN,
        put: |snapshot, _, document| snapshot.put_texts(document),
        forget: |snapshot, id| drop(snapshot.pages.texts.remove(id)),
    },
    Held {
        noun: &Partials::NOUN,
        put: |snapshot, _, document| snapshot.put_partials(document),
        forget: |snapshot, id| drop(snapshot.pages.partials.remove(id)),
    },
];
