//! What people are asked, and in which words: the settings of the prompts, the tenant's own words, what it adds to a
//! form, and what another program is told that shows one.

use std::collections::BTreeMap;

use schema::{Declared, Resource, Shape, Shaped};
use serde::Deserialize;
use serde_json::Value;

/// What people are asked when they log in.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(path("prompts"), id("id"), scope("prompts"))]
pub struct Prompts {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// Whose pages are shown; ours, whichever it says.
    #[field(default(|| json!("new")))]
    pub universal_login_experience: Option<Declared<UniversalLoginExperience>>,
    /// Whether people are first asked who they are, and for a password on the next page.
    #[field(default(|| json!(false)))]
    pub identifier_first: Option<bool>,
    /// Whether a device that knows them may take the place of a password.
    #[field(default(|| json!(false)))]
    pub webauthn_platform_first_factor: Option<Declared<bool>>,
}

/// Whose pages are shown.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum UniversalLoginExperience {
    New,
    Classic,
}

/// A tenant's own words: by screen, by key.
pub type Words = BTreeMap<String, BTreeMap<String, String>>;

/// The tenant's own words for one prompt in one language.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("prompts/custom-text"), id("id"), scope("prompts"))]
pub struct CustomText {
    /// Prompt and language, a slash between.
    #[field(write(Never))]
    pub id: String,
    /// The words, by screen and key.
    pub texts: Words,
}

/// What the tenant adds to the forms of one prompt.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("prompts/partials"), id("id"), scope("prompts"))]
pub struct Partials {
    /// The prompt.
    #[field(write(Never))]
    pub id: String,
    /// Pieces of a page, by screen and place.
    pub partials: Words,
}

/// How another program is told what one screen shows.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("prompts/rendering"), id("id"), scope("prompts"))]
pub struct Rendering {
    /// Prompt and screen, a slash between.
    #[field(write(Never), hidden)]
    pub id: String,
    /// The tenant's name.
    #[field(write(Never))]
    pub tenant: Option<Declared<String>>,
    /// The prompt.
    #[field(write(Never), max(64), lookup)]
    pub prompt: String,
    /// The screen.
    #[field(write(Never), max(64), lookup)]
    pub screen: String,
    /// Whether the tenant's own program shows it.
    #[field(default(|| json!("standard")), lookup)]
    pub rendering_mode: Option<RenderingMode>,
    /// What that program is told.
    #[field(max(100), each_max(255), default(|| json!([])))]
    pub context_configuration: Option<Declared<Vec<String>>>,
    /// Whether the usual elements are left out of the page's head.
    #[field(default(|| json!(false)))]
    pub default_head_tags_disabled: Option<Declared<bool>>,
    /// Elements of the page's head.
    #[field(max(25), default(|| json!([])))]
    pub head_tags: Option<Declared<Vec<HeadTag>>>,
    /// For which applications, organizations and domains it is.
    #[field(nullable)]
    pub filters: Option<Declared<RenderingFilters>>,
    /// Whether the tenant's page stands around it.
    #[field(default(|| json!(false)))]
    pub use_page_template: Option<Declared<bool>>,
}

/// Who shows a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RenderingMode {
    Advanced,
    Standard,
}

/// An element of a page's head.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HeadTag {
    /// Its name.
    #[field(max(32))]
    pub tag: Option<Declared<String>>,
    /// Its attributes.
    pub attributes: Option<Declared<AnyMembers>>,
    /// What stands inside.
    #[field(max(10_000))]
    pub content: Option<Declared<String>>,
}

/// For whom a screen is shown so.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct RenderingFilters {
    /// Whether it is for these, or for all others.
    pub match_type: Option<Declared<MatchType>>,
    /// Applications, by their identifier or their notes.
    #[field(max(25))]
    pub clients: Option<Declared<Vec<AnyMembers>>>,
    /// Organizations, by their identifier or their notes.
    #[field(max(25))]
    pub organizations: Option<Declared<Vec<AnyMembers>>>,
    /// Domains, by their identifier or their notes.
    #[field(max(25))]
    pub domains: Option<Declared<Vec<AnyMembers>>>,
}

/// Whether something is for those that are named, or for all others.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum MatchType {
    IncludesAny,
    ExcludesAny,
}

/// An object with any members.
#[derive(Debug, Clone, Copy)]
pub enum AnyMembers {}

impl Shaped for AnyMembers {
    const SHAPE: Shape = Shape::Map(&<Value as Shaped>::SHAPE);
}
