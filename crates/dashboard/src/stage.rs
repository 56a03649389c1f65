//! A page in which the dashboard shows HTML that is not its own: hosted pages and mails before they are saved. It is
//! empty, is told by the dashboard what to show, and can do nothing with it: whatever stands in it has an origin that is
//! nobody's, and neither its scripts run nor its forms are sent.

use axum::response::Response;

use crate::page::guarded;

/// The empty page.
pub async fn page() -> Response {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    guarded(PAGE.replace("__NONCE__", &nonce), &policy(&nonce), "SAMEORIGIN")
}

/// One script, ours, known by a nonce that what is shown cannot know; pictures and fonts, from where the pages have them
/// as well. The sandbox takes the origin away: no cookies, no storage, nobody else's page.
fn policy(nonce: &str) -> String {
    let here = "http://localhost:* http://127.0.0.1:*";
    format!(
        "sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline' https: {here}; \
         img-src https: data: {here}; font-src https: data: {here}; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'self'"
    )
}

/// What is shown is looked at: nothing in it takes a click or the focus but the page itself, so that the keyboard scrolls it.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Preview</title>
<script nonce="__NONCE__">
  addEventListener("message", (event) => {
    if (event.source !== parent || typeof event.data?.html !== "string") return;
    const shown = new DOMParser().parseFromString(event.data.html, "text/html");
    shown.querySelectorAll("meta[http-equiv], base, script").forEach((element) => element.remove());
    shown.querySelectorAll("[autofocus]").forEach((element) => element.removeAttribute("autofocus"));
    shown.body.inert = true;
    shown.documentElement.tabIndex = 0;
    document.replaceChild(document.adoptNode(shown.documentElement), document.documentElement);
  });
  parent.postMessage({ ready: true }, "*");
</script>
</html>
"#;
