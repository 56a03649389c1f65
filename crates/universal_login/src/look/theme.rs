//! A theme as style. It names one look, which is shown in light and in dark alike.

use model::{
    Theme,
    branding::{BoxStyle, LinksStyle, LogoPosition, PageLayout, TextAlignment, TextStyle},
};

use super::Look;
use crate::color::{BLACK, Color, WHITE};

/// Adds the style of a theme, whose colours keep the contrast that they need.
pub fn add(look: &mut Look, theme: &Theme) {
    let colors = &theme.colors;
    let color = |text: &str, other: Color| Color::parse(text).unwrap_or(other);
    let card = color(&colors.widget_background, WHITE);
    let input = color(&colors.input_background, card);
    let act = color(&colors.primary_button, BLACK);
    let on_act = color(&colors.primary_button_label, act.ink()).standing_out(&[act], 4.5);
    let text = |name: &str| color(name, card.ink()).standing_out(&[card], 4.5);
    let link = text(&colors.links_focused_components);
    let focus = colors.base_focus_color.as_deref().map_or(link, |focus| color(focus, link));
    let bad = text(&colors.error);
    let scheme = if card.ink() == BLACK { "light" } else { "dark" };
    let over = act.towards(if on_act.luminance() > 0.5 { BLACK } else { WHITE }, 0.1);
    let rules = [
        ("--back", color(&theme.page_background.background_color, card)),
        ("--card", card),
        ("--tint", card),
        ("--edge", color(&colors.widget_border, card)),
        ("--title", text(&colors.header)),
        ("--text", text(&colors.body_text)),
        ("--soft", text(&colors.body_text)),
        ("--label", text(&colors.input_labels_placeholders)),
        ("--input", input),
        ("--filled", color(&colors.input_filled_text, input.ink()).standing_out(&[input], 4.5)),
        ("--line", color(&colors.input_border, card.ink()).standing_out(&[card], 3.0)),
        ("--act", act),
        ("--on-act", on_act),
        ("--act-edge", act.standing_out(&[card], 3.0)),
        ("--act-over", over),
        ("--link", link),
        ("--focus", focus.standing_out(&[card], 3.0)),
        ("--other", text(&colors.secondary_button_label)),
        ("--other-edge", color(&colors.secondary_button_border, card.ink()).standing_out(&[card], 3.0)),
        ("--bad", bad),
        ("--on-bad", card),
        ("--good", text(&colors.success)),
    ];
    let rules: String = rules.iter().map(|(name, color)| format!("{name}:{color};")).collect();
    let borders = &theme.borders;
    let fonts = &theme.fonts;
    let shadow = if borders.show_widget_shadow { "0 12px 40px rgb(0 0 0/.16)" } else { "none" };
    let sizes = format!(
        "--radius:{}px;--act-radius:{};--act-border:{}px;--input-radius:{};--input-border:{}px;--border:{}px;--shadow:{shadow};\
         --align:{};--logo:{}px;--base:{}px;--underline:{};",
        borders.widget_corner_radius,
        corner(borders.buttons_style, borders.button_border_radius),
        borders.button_border_weight,
        corner(borders.inputs_style, borders.input_border_radius),
        borders.input_border_weight.max(1.0),
        borders.widget_border_weight,
        alignment(theme.widget.header_text_alignment),
        theme.widget.logo_height,
        fonts.reference_text_size,
        if fonts.links_style == LinksStyle::Underlined { "underline" } else { "none" },
    );
    let letters: String = [
        ("h1", &fonts.title),
        (".under", &fonts.subtitle),
        ("main", &fonts.body_text),
        ("label", &fonts.input_labels),
        ("button", &fonts.buttons_text),
        ("a", &fonts.links),
    ]
    .into_iter()
    .map(|(what, style)| letters(what, style))
    .collect();
    look.style.push_str(&format!(":root{{color-scheme:{scheme};{rules}{sizes}}}"));
    // The same once more where ours, or a plain colour, says something else for the dark.
    look.style
        .push_str(&format!("@media (prefers-color-scheme:dark){{:root{{color-scheme:{scheme};{rules}}}}}"));
    look.style.push_str(&letters);
    let place = match theme.page_background.page_layout {
        PageLayout::Center => "center",
        PageLayout::Left => "start",
        PageLayout::Right => "end",
    };
    look.style.push_str(&format!(
        "@media (min-width:40rem){{body{{justify-items:{place};padding-inline:min(8vw,6rem)}}}}"
    ));
    if let Some(url) = look.image(&theme.page_background.background_image_url) {
        look.style.push_str(&format!(
            "@media (min-width:30.0625rem){{body{{background:url(\"{url}\") center/cover fixed}}}}"
        ));
    }
    look.font(&fonts.font_url);
    look.style.push_str(match theme.widget.logo_position {
        LogoPosition::Center => ".logo{text-align:center}",
        LogoPosition::Left => ".logo{text-align:start}",
        LogoPosition::Right => ".logo{text-align:end}",
        LogoPosition::None => ".logo{display:none}",
    });
    if let Some(url) = look.image(&theme.widget.logo_url) {
        look.logo = Some(url);
    }
}

fn corner(style: BoxStyle, radius: f64) -> String {
    match style {
        BoxStyle::Pill => "9999px".to_owned(),
        BoxStyle::Rounded => format!("{radius}px"),
        BoxStyle::Sharp => "0".to_owned(),
    }
}

fn alignment(alignment: TextAlignment) -> &'static str {
    match alignment {
        TextAlignment::Center => "center",
        TextAlignment::Left => "start",
        TextAlignment::Right => "end",
    }
}

/// A text that nobody could read is written a little larger.
fn letters(what: &str, style: &TextStyle) -> String {
    let size = (style.size / 100.0).max(0.75);
    let weight = if style.bold { 700 } else { 400 };
    format!("{what}{{font-size:{size:.3}rem;font-weight:{weight}}}")
}
