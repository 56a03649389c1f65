//! How a tenant's pages look: its colours, logo and font, and its theme, as style over ours. Whatever colours are chosen,
//! what is written on them can be read: a text that would not stand out by 4.5 to 1 is made darker or lighter until it does.

mod theme;

use idp::snapshot::Pages;
use model::{TenantSettings, branding::PageColors};
use serde_json::Value;
use url::Url;

use crate::color::Color;

/// The look of a page.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Style that comes after ours.
    pub style: String,
    /// Where the logo is found.
    pub logo: Option<String>,
    /// Where the small picture in the browser's tab is found.
    pub favicon: Option<String>,
    /// Origins that pictures come from.
    pub images: Vec<String>,
    /// Origins that fonts come from.
    pub fonts: Vec<String>,
}

impl Look {
    pub fn of(pages: &Pages, settings: Option<&TenantSettings>) -> Look {
        let mut look = Look::default();
        let branding = pages.branding.as_deref();
        if let Some(colors) = branding.and_then(|branding| branding.colors.as_ref()) {
            look.colors(colors);
        }
        if let Some(url) = branding.and_then(|branding| branding.font.as_ref()?.url.as_deref()) {
            look.font(url);
        }
        let logo = branding.and_then(|branding| branding.logo_url.as_deref()).filter(|url| !url.is_empty());
        look.logo = logo
            .or_else(|| settings.and_then(|settings| settings.picture_url.as_deref()))
            .and_then(|url| look.image(url));
        if let Some(theme) = &pages.theme {
            theme::add(&mut look, theme);
        }
        look.favicon =
            branding.and_then(|branding| branding.favicon_url.as_deref()).and_then(|url| look.image(url));
        look
    }

    /// Buttons and links in the tenant's colour, in light and in dark, and what it wants behind the page.
    fn colors(&mut self, colors: &PageColors) {
        let primary = colors.primary.as_deref().and_then(Color::parse);
        for (card, is_dark) in [(LIGHT, false), (DARK, true)] {
            let mut rules = primary.map(|primary| acting(primary, card)).unwrap_or_default();
            if let Some(back) = colors.page_background.as_ref().and_then(|back| background(back, is_dark)) {
                rules.push_str(&format!("--back:{back};"));
            }
            if !rules.is_empty() {
                self.style.push_str(&if is_dark {
                    format!("@media (prefers-color-scheme:dark){{:root{{{rules}}}}}")
                } else {
                    format!(":root{{{rules}}}")
                });
            }
        }
    }

    /// Texts in the font that is found there.
    fn font(&mut self, url: &str) {
        if let Some((url, origin)) = source(url) {
            self.style.push_str(&format!(
                "@font-face{{font-family:\"brand\";src:url(\"{url}\");font-display:swap}}:root{{--font:\"brand\",system-ui,sans-serif}}"
            ));
            self.fonts.push(origin);
        }
    }

    /// The address of a picture, if a page can show it; pages may load it from then on.
    fn image(&mut self, url: &str) -> Option<String> {
        let (url, origin) = source(url)?;
        self.images.push(origin);
        Some(url)
    }
}

/// The colours of what acts on a card of this colour.
fn acting(primary: Color, card: Color) -> String {
    let on = primary.ink();
    // The form of a button has to be seen too, and what it looks like under the pointer is still readable.
    let edge = primary.standing_out(&[card], 3.0);
    let link = primary.standing_out(&[card], 4.5);
    let over = primary
        .towards(if on == crate::color::WHITE { crate::color::BLACK } else { crate::color::WHITE }, 0.1);
    format!("--act:{primary};--on-act:{on};--act-edge:{edge};--act-over:{over};--link:{link};")
}

/// A colour or a gradient; in the dark no brighter than the night.
fn background(value: &Value, is_dark: bool) -> Option<String> {
    let shade = |value: Option<&Value>| {
        let color = Color::parse(value?.as_str()?)?;
        Some(if is_dark { at_night(color) } else { color })
    };
    match value {
        Value::String(_) => shade(Some(value)).map(|color| color.to_string()),
        Value::Object(gradient) => {
            let (start, end) = (shade(gradient.get("start"))?, shade(gradient.get("end"))?);
            let angle = gradient.get("angle_deg")?.as_i64().filter(|angle| (0..=360).contains(angle))?;
            Some(format!("linear-gradient({angle}deg,{start},{end})"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn at_night(color: Color) -> Color {
    let darker = (0..=20).map(|step| color.towards(crate::color::BLACK, f64::from(step) / 20.0));
    darker.into_iter().find(|color| color.luminance() <= 0.03).unwrap_or(crate::color::BLACK)
}

/// An address as it can stand in a style and in a policy, and its origin. A picture comes over TLS, or from this machine.
pub fn source(address: &str) -> Option<(String, String)> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let is_here = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    if !(url.scheme() == "https" || url.scheme() == "http" && is_here) {
        return None;
    }
    let text = url.to_string();
    // Nothing that would end a text of a style.
    let is_plain = text.is_ascii() && !text.contains(['"', '\'', '\\', '(', ')', '<', '>', ' ']);
    is_plain.then(|| (text, url.origin().ascii_serialization()))
}

/// What stands behind forms, in light and in dark; `style.css` says the same.
pub const LIGHT: Color = crate::color::WHITE;
pub const DARK: Color = Color(0x1c, 0x1f, 0x26);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_can_stand_in_a_style_is_a_source() {
        for (address, expected) in [
            ("https://a.example/logo.png?x=1", Some("https://a.example")),
            ("https://a.example:8443/é.png", Some("https://a.example:8443")),
            ("http://localhost:3000/logo.png", Some("http://localhost:3000")),
            ("http://a.example/logo.png", None),
            ("data:image/png;base64,AAAA", None),
            ("javascript:alert(1)", None),
            ("https://a.example/a\\\"b", Some("https://a.example")),
            ("https://a.example/?\\", None),
            ("https://a.example/a)b", None),
            ("logo.png", None),
        ] {
            assert_eq!(source(address).map(|(_, origin)| origin).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn a_background_is_a_colour_or_a_gradient() {
        assert_eq!(background(&json!("#fff"), false).as_deref(), Some("#ffffff"));
        let night = Color::parse(&background(&json!("#ffcc00"), true).unwrap()).unwrap();
        assert!(night.luminance() <= 0.03);
        let gradient = json!({ "type": "linear-gradient", "start": "#000", "end": "#fff", "angle_deg": 35 });
        assert_eq!(background(&gradient, false).as_deref(), Some("linear-gradient(35deg,#000000,#ffffff)"));
        for value in [json!(null), json!("red"), json!({ "start": "#000" }), json!(["#fff"])] {
            assert_eq!(background(&value, false), None, "{value}");
        }
    }
}
