//! How a tenant's pages look and what they say.

use std::sync::Arc;

use imbl::HashMap as Shared;
use model::{Branding, CustomText, PageTemplate, Partials, Prompts, Theme, prompts::Words};
use schema::Resource;

use super::{Held, Snapshot};
use crate::{Result, documents::Document};

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
