//! A theme: every colour, border, letter and picture of the pages, one by one.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// How the pages look, in every detail.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("branding/themes"), id("themeId"), scope("branding"))]
pub struct Theme {
    /// What people call it.
    #[field(max(2_048))]
    #[serde(rename = "displayName")]
    pub display_name: Option<Declared<String>>,
    /// Its edges.
    pub borders: ThemeBorders,
    /// Its colours.
    pub colors: ThemeColors,
    /// Its letters.
    pub fonts: ThemeFonts,
    /// What is behind the form.
    pub page_background: ThemePageBackground,
    /// The form's own look.
    pub widget: ThemeWidget,
    /// How what people are known by is asked for.
    pub identifiers: Option<Declared<Identifiers>>,
    /// Its identifier.
    #[field(write(Never))]
    #[serde(rename = "themeId")]
    pub theme_id: Option<Declared<String>>,
}

/// The edges of a theme.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThemeBorders {
    /// How round a button's corners are, in pixels.
    #[field(min(0), max(10))]
    pub button_border_radius: f64,
    /// How thick a button's edge is, in pixels.
    #[field(min(0), max(10))]
    pub button_border_weight: f64,
    /// The form of buttons.
    pub buttons_style: BoxStyle,
    /// How round an input's corners are, in pixels.
    #[field(min(0), max(10))]
    pub input_border_radius: f64,
    /// How thick an input's edge is, in pixels.
    #[field(min(0), max(3))]
    pub input_border_weight: f64,
    /// The form of inputs.
    pub inputs_style: BoxStyle,
    /// Whether the form has a shadow.
    pub show_widget_shadow: bool,
    /// How thick the form's edge is, in pixels.
    #[field(min(0), max(10))]
    pub widget_border_weight: f64,
    /// How round the form's corners are, in pixels.
    #[field(min(0), max(50))]
    pub widget_corner_radius: f64,
}

/// The form of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BoxStyle {
    Pill,
    Rounded,
    Sharp,
}

/// The colours of a theme.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThemeColors {
    /// Around what has the focus.
    #[field(format(HexColor))]
    pub base_focus_color: Option<String>,
    /// Of what the pointer is over.
    #[field(format(HexColor))]
    pub base_hover_color: Option<Declared<String>>,
    /// Of texts.
    #[field(format(HexColor))]
    pub body_text: String,
    /// Which look a riddle against machines has.
    pub captcha_widget_theme: Option<Declared<CaptchaTheme>>,
    /// Of what went wrong.
    #[field(format(HexColor))]
    pub error: String,
    /// Of headings.
    #[field(format(HexColor))]
    pub header: String,
    /// Of small pictures.
    #[field(format(HexColor))]
    pub icons: Declared<String>,
    /// Behind an input.
    #[field(format(HexColor))]
    pub input_background: String,
    /// An input's edge.
    #[field(format(HexColor))]
    pub input_border: String,
    /// Of what was filled in.
    #[field(format(HexColor))]
    pub input_filled_text: String,
    /// Of an input's label.
    #[field(format(HexColor))]
    pub input_labels_placeholders: String,
    /// Of links.
    #[field(format(HexColor))]
    pub links_focused_components: String,
    /// Of the button that goes on.
    #[field(format(HexColor))]
    pub primary_button: String,
    /// What is written on it.
    #[field(format(HexColor))]
    pub primary_button_label: String,
    /// Behind what cannot be changed.
    #[field(format(HexColor))]
    pub read_only_background: Option<Declared<String>>,
    /// The edge of other buttons.
    #[field(format(HexColor))]
    pub secondary_button_border: String,
    /// What is written on them.
    #[field(format(HexColor))]
    pub secondary_button_label: String,
    /// Of what went well.
    #[field(format(HexColor))]
    pub success: String,
    /// Behind the form.
    #[field(format(HexColor))]
    pub widget_background: String,
    /// The form's edge.
    #[field(format(HexColor))]
    pub widget_border: String,
}

/// The look of a riddle against machines.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaTheme {
    Auto,
    Dark,
    Light,
}

/// The letters of a theme; sizes are percentages of the size of reference.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThemeFonts {
    /// Of texts.
    pub body_text: TextStyle,
    /// Of buttons.
    pub buttons_text: TextStyle,
    /// Where the font is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048))]
    pub font_url: String,
    /// Of an input's label.
    pub input_labels: TextStyle,
    /// Of links.
    pub links: TextStyle,
    /// Whether links are underlined at rest.
    pub links_style: LinksStyle,
    /// The size of reference, in pixels.
    #[field(min(12), max(24))]
    pub reference_text_size: f64,
    /// Of what stands under a heading.
    pub subtitle: TextStyle,
    /// Of headings.
    pub title: TextStyle,
}

/// How one kind of text is written.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TextStyle {
    /// Whether it is bold.
    pub bold: bool,
    /// Its size, in percent.
    #[field(min(0), max(150))]
    pub size: f64,
}

/// Whether links are underlined at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum LinksStyle {
    Normal,
    Underlined,
}

/// What is behind the form.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThemePageBackground {
    /// Its colour.
    #[field(format(HexColor))]
    pub background_color: String,
    /// Where a picture for it is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048))]
    pub background_image_url: String,
    /// Where on the page the form stands.
    pub page_layout: PageLayout,
}

/// Where on the page the form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PageLayout {
    Center,
    Left,
    Right,
}

/// The form's own look.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThemeWidget {
    /// Where headings stand.
    pub header_text_alignment: TextAlignment,
    /// How high the logo is, in pixels.
    #[field(min(1), max(100))]
    pub logo_height: f64,
    /// Where the logo stands.
    pub logo_position: LogoPosition,
    /// Where the logo is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty), max(2_048))]
    pub logo_url: String,
    /// Where the buttons of other providers stand.
    pub social_buttons_layout: Declared<SocialButtonsLayout>,
}

/// Where headings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum TextAlignment {
    Center,
    Left,
    Right,
}

/// Where the logo stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum LogoPosition {
    Center,
    Left,
    None,
    Right,
}

/// Where the buttons of other providers stand.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SocialButtonsLayout {
    Bottom,
    Top,
}

/// How what people are known by is asked for.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Identifiers {
    /// Whether every kind has an input of its own.
    pub login_display: Declared<LoginDisplay>,
    /// Whether browsers may fill in codes that came by message.
    pub otp_autocomplete: Declared<bool>,
    /// How telephone numbers are shown.
    pub phone_display: Declared<PhoneDisplay>,
}

/// Whether every kind of identifier has an input of its own.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum LoginDisplay {
    Separate,
    Unified,
}

/// How telephone numbers are shown.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PhoneDisplay {
    /// In which form.
    pub formatting: Declared<PhoneFormatting>,
    /// How much of them.
    pub masking: Declared<PhoneMasking>,
}

/// The form of telephone numbers.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneFormatting {
    International,
    Regional,
}

/// How much of a telephone number is shown.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneMasking {
    HideCountryCode,
    MaskDigits,
    ShowAll,
}
