//! The page around the form, as the tenant wrote it. A value never brings a script: only elements that stand in the
//! template itself are given the page's nonce.

use idp::snapshot::Pages;
use serde_json::{Value, json};
use templates::Template;

/// Why a page of the tenant's cannot be shown.
#[derive(Debug, Clone)]
pub struct Fault(pub String);

/// The tenant's page with the form in it, if it has one.
pub fn page(
    pages: &Pages,
    variables: &Value,
    parts: (&str, &str),
    nonce: &str,
) -> Option<Result<String, Fault>> {
    let template = pages.template.as_ref()?;
    let page = around(&template.body, variables, parts, nonce);
    Some(page.inspect_err(|Fault(why)| tracing::warn!(why, "a page template is not used")))
}

fn around(
    template: &str,
    variables: &Value,
    (head, widget): (&str, &str),
    nonce: &str,
) -> Result<String, Fault> {
    let mut variables = variables.clone();
    variables["auth0"] = json!({ "head": HEAD, "widget": WIDGET });
    let filled = rendered(template, &variables, nonce).map_err(|error| Fault(error.to_string()))?;
    // What the template leaves out would leave people without a form.
    if !filled.contains(HEAD) || !filled.contains(WIDGET) {
        return Err(Fault("it shows no form on this page".into()));
    }
    Ok(filled.replacen(HEAD, head, 1).replacen(WIDGET, widget, 1).replace(HEAD, "").replace(WIDGET, ""))
}

/// A whole page that the tenant wrote, filled in; `None` where it cannot be.
pub fn filled(text: &str, variables: &Value, nonce: &str) -> Option<String> {
    fill(text, variables, nonce)
}

/// A piece of a page that the tenant adds to a form.
pub fn piece(text: &str, variables: &Value, nonce: &str) -> String {
    fill(text, variables, nonce).unwrap_or_default()
}

fn fill(text: &str, variables: &Value, nonce: &str) -> Option<String> {
    rendered(text, variables, nonce)
        .inspect_err(|error| tracing::warn!(%error, "a page template cannot be filled in"))
        .ok()
}

fn rendered(text: &str, variables: &Value, nonce: &str) -> templates::Result<String> {
    Template::parse(&with_nonce(text, nonce))?.render(variables)
}

/// Gives the nonce to the scripts and styles that stand in the text.
fn with_nonce(text: &str, nonce: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let name = TAGS.iter().find(|name| {
            let follows =
                |end: &str| end.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/');
            tag.get(1..=name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name))
                && follows(&tag[1 + name.len()..])
        });
        let taken = name.map_or(1, |name| 1 + name.len());
        out.push_str(&tag[..taken]);
        if name.is_some() {
            out.push_str(&format!(" nonce=\"{nonce}\""));
        }
        rest = &tag[taken..];
    }
    out.push_str(rest);
    out
}

const TAGS: [&str; 3] = ["script", "style", "link"];
/// What stands in the place of ours while Liquid is filled in, so that nothing in a form is taken for Liquid.
const HEAD: &str = "\u{f8ff}auth0-head\u{f8ff}";
const WIDGET: &str = "\u{f8ff}auth0-widget\u{f8ff}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_in_the_template_is_given_the_nonce() {
        for (text, expected) in [
            ("<script>a</script>", "<script nonce=\"n\">a</script>"),
            ("<SCRIPT src=x>", "<SCRIPT nonce=\"n\" src=x>"),
            ("<scripts>", "<scripts>"),
            ("<style\n>", "<style nonce=\"n\"\n>"),
            ("a < b <ü", "a < b <ü"),
            ("<", "<"),
        ] {
            assert_eq!(with_nonce(text, "n"), expected);
        }
        let evil = json!({ "application": { "name": "<script>alert(1)</script>" } });
        assert_eq!(piece("{{ application.name }}", &evil, "n"), "<script>alert(1)</script>");
    }

    #[test]
    fn what_is_no_liquid_is_nothing() {
        assert_eq!(piece("{% if %}", &json!({}), "n"), "");
    }
}
