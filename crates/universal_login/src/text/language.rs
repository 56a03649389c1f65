//! Which language a page is written in: what the application asked for, then what the browser prefers, as far as the
//! tenant lets pages be written in it.

use model::TenantSettings;

/// The locale of a page: one that the tenant allows.
pub fn choose(settings: Option<&TenantSettings>, ui_locales: Option<&str>, accepted: Option<&str>) -> String {
    let allowed: Vec<&str> = settings
        .and_then(|settings| settings.enabled_locales.as_deref())
        .unwrap_or_default()
        .iter()
        .map(|locale| locale.0.as_str())
        .collect();
    let asked = ui_locales.into_iter().flat_map(str::split_whitespace).map(str::to_owned);
    let preferred = accepted.map(preferences).unwrap_or_default();
    let wanted = asked.take(MOST).chain(preferred).find_map(|wanted| best(&allowed, &wanted));
    wanted.or_else(|| allowed.first().copied()).unwrap_or(USUAL).to_owned()
}

/// The language of a locale, without its country.
pub fn primary(locale: &str) -> &str {
    locale.split('-').next().unwrap_or(locale)
}

/// Whether the language is written from right to left.
pub fn is_right_to_left(locale: &str) -> bool {
    matches!(primary(locale), "ar" | "fa" | "he" | "ur")
}

/// The allowed locale that is this one, or of its language.
fn best<'a>(allowed: &[&'a str], wanted: &str) -> Option<&'a str> {
    let same = |allowed: &&&str| allowed.eq_ignore_ascii_case(wanted);
    let alike = |allowed: &&&str| primary(allowed).eq_ignore_ascii_case(primary(wanted));
    allowed.iter().find(same).or_else(|| allowed.iter().find(alike)).copied()
}

/// What `Accept-Language` names, the most preferred first; what makes no sense is left out.
fn preferences(header: &str) -> Vec<String> {
    let mut named: Vec<(u32, String)> = header
        .split(',')
        .take(MOST)
        .filter_map(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let name = name.trim();
            let is_name = !name.is_empty() && name.len() <= 35 && name.bytes().all(fits);
            (is_name && weight > 0.0 && weight <= 1.0).then(|| ((weight * 1000.0) as u32, name.to_owned()))
        })
        .collect();
    named.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    named.into_iter().map(|(_, name)| name).collect()
}

/// How many wishes are read.
const MOST: usize = 20;
const USUAL: &str = "en";

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;

    use super::*;

    fn settings(locales: &[&str]) -> TenantSettings {
        TenantSettings::deserialize(serde_json::json!({ "enabled_locales": locales })).unwrap()
    }

    #[test]
    fn the_application_comes_before_the_browser_and_the_tenant_before_both() {
        let settings = settings(&["en", "de", "fr-CA", "pt-BR"]);
        for (ui, accepted, expected) in [
            (None, None, "en"),
            (Some("de"), Some("fr"), "de"),
            (Some("ja de"), None, "de"),
            (Some("DE-at"), None, "de"),
            (None, Some("fr-FR,fr;q=0.9,en;q=0.8"), "fr-CA"),
            (None, Some("en;q=0.2, pt;q=0.7"), "pt-BR"),
            (None, Some("it, *;q=0.1"), "en"),
            (Some("xx"), Some("de;q=0, en;q=nan, fr;q=2"), "en"),
            (Some("<script>"), Some(",,;;q=\u{fffd}"), "en"),
        ] {
            assert_eq!(choose(Some(&settings), ui, accepted), expected, "{ui:?} {accepted:?}");
        }
        assert_eq!(choose(None, Some("de"), None), "en");
    }
}
