//! The hosted pages, as far as who administers wants to look at them. They stand behind another door; whoever opens both
//! hands over how a page is asked for.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use idp::Tenant;
use model::prompts::Words;
use web::Origin;

/// What can be asked of the pages.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// The page of a prompt and a screen, as this tenant would show it.
    pub preview: fn(Tenant, Origin, String, String) -> Previewing,
    /// Everything that the pages say in a language by themselves, by prompt, screen and key.
    pub texts: fn(&str) -> Option<&'static BTreeMap<String, Words>>,
}

/// A page in HTML, and why the tenant's own template is not around it; nothing where there is no such page.
pub type Previewing = Pin<Box<dyn Future<Output = Option<(String, Option<String>)>> + Send>>;
