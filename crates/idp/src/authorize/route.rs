//! Where people are sent who come to a login that nobody waits for: to where their application begins one.

use url::Url;

use crate::Tenant;

/// Where a login of this client is begun, or else of the tenant's own choice, if anybody said so.
pub fn default_route(tenant: &Tenant, client_id: Option<&str>, host: &str) -> Option<String> {
    let snapshot = tenant.snapshot();
    let client = client_id.and_then(|id| snapshot.client(id));
    let of_client = client.and_then(|client| client.view.initiate_login_uri.clone());
    // What a placeholder stands for is only known on a domain that says so.
    let is_whole = |uri: &String| !uri.is_empty() && !uri.contains('{');
    if let Some(mut url) = of_client.filter(is_whole).and_then(|uri| Url::parse(&uri).ok()) {
        // OpenID Connect Core §4: the application learns who sends somebody.
        url.query_pairs_mut().append_pair("iss", &tenant.issuer(host));
        return Some(url.into());
    }
    let settings = snapshot.settings.as_deref()?;
    settings.default_redirection_uri.clone().filter(is_whole)
}
