//! How a tenant's pages look: colours, logo, font, and a page around the form.

mod phone;
mod theme;

pub use phone::{
    PhoneChannel, PhoneConfiguration, PhoneProvider, PhoneProviderName, PhoneTemplate, PhoneTemplateBody,
    PhoneTemplateContent, PhoneTemplateType,
};
pub use theme::{
    BoxStyle, Identifiers, LinksStyle, LogoPosition, PageLayout, TextAlignment, TextStyle, Theme,
    ThemeBorders, ThemeColors, ThemeFonts, ThemePageBackground, ThemeWidget,
};

use schema::{Resource, Shaped};
use serde::Deserialize;
use serde_json::Value;

/// How a tenant's pages look.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(path("branding"), id("id"), scope("branding"))]
pub struct Branding {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<schema::Declared<String>>,
    /// Its colours.
    #[field(merge_keys, nullable)]
    pub colors: Option<PageColors>,
    /// Where the small picture in a browser's tab is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048), nullable)]
    pub favicon_url: Option<String>,
    /// Where the logo is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048), nullable)]
    pub logo_url: Option<String>,
    /// The font of its texts.
    #[field(nullable)]
    pub font: Option<PageFont>,
}

/// The colours of a tenant's pages.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PageColors {
    /// Of buttons and links.
    #[field(format(HexColor), nullable)]
    pub primary: Option<String>,
    /// Behind the page: a colour, or a gradient.
    #[field(nullable)]
    pub page_background: Option<Value>,
}

/// The font of a tenant's texts.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PageFont {
    /// Where it is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048), nullable)]
    pub url: Option<String>,
}

/// The page around the form, as the tenant wrote it.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("branding/templates"), id("id"), scope("branding"))]
pub struct PageTemplate {
    /// Which page it is.
    #[field(write(Never))]
    pub id: Option<schema::Declared<String>>,
    /// The page in Liquid.
    #[field(min(1), max(102_400))]
    pub body: String,
}
