//! Which claims customers' code may set (Auth0's rules for custom claims), and how much of them.

use ::actions::{Failure, Thrown};
use schema::Object;
use url::Url;

use crate::{Tenant, token::Granted};

/// What all custom claims of a token may weigh, in bytes of JSON.
const MOST: usize = 100 * 1024;

/// Whether a claim of this name may be set, or why not.
pub(in crate::token) fn may_be_set(
    tenant: &Tenant,
    granted: &Granted,
    name: &str,
) -> Result<(), &'static str> {
    is_allowed(name, is_for_ourselves(tenant, granted))
}

/// The same of any token; in one for an API of this server's own, names have a namespace.
pub fn is_allowed(name: &str, is_for_ourselves: bool) -> Result<(), &'static str> {
    if RESTRICTED.contains(&name) {
        return Err("the name is the server's own");
    }
    let is_namespaced = match namespace(name) {
        Some(host) if is_ours(&host) => return Err("the namespace is reserved"),
        Some(_) => true,
        None if name.starts_with("urn:auth0") => return Err("the namespace is reserved"),
        None => name.starts_with("urn:"),
    };
    match is_for_ourselves && !is_namespaced {
        true => Err("in tokens for this server's own APIs names must have a namespace"),
        false => Ok(()),
    }
}

/// Whether a token is for an API of this server's own, where its scopes are what may be done here.
pub(in crate::token) fn is_for_ourselves(tenant: &Tenant, granted: &Granted) -> bool {
    let api = &granted.api.view;
    api.is_system || api.identifier == tenant.management_audience()
}

/// Whether all claims together are few enough.
pub fn fit(claims: &Object) -> Result<(), Failure> {
    if claims.is_empty() || serde_json::to_string(claims).is_ok_and(|text| text.len() <= MOST) {
        return Ok(());
    }
    let message = "The custom claims are larger than 100 KB".to_owned();
    Err(Failure::Threw(Thrown { name: "RangeError".into(), message, stack: String::new() }))
}

/// Whether a name is namespaced, as hooks must have it.
pub fn is_namespaced(name: &str) -> bool {
    namespace(name).is_some_and(|host| !is_ours(&host))
}

/// The host of a name that is a URL.
fn namespace(name: &str) -> Option<String> {
    let url = Url::parse(name).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.host_str()?.to_owned())
}

fn is_ours(host: &str) -> bool {
    ["auth0.com", "webtask.io", "webtask.run"]
        .iter()
        .any(|ours| host.strip_suffix(ours).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// The names that Auth0 restricts, and `scope`, which this server writes.
const RESTRICTED: &[&str] = &[
    "acr",
    "act",
    "active",
    "amr",
    "at_hash",
    "ath",
    "attest",
    "aud",
    "auth_time",
    "authorization_details",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "cty",
    "dest",
    "entitlements",
    "events",
    "exp",
    "groups",
    "gty",
    "htm",
    "htu",
    "iat",
    "internalService",
    "iss",
    "jcard",
    "jku",
    "jti",
    "jwe",
    "jwk",
    "kid",
    "may_act",
    "mky",
    "nbf",
    "nonce",
    "object_id",
    "org_id",
    "org_name",
    "orig",
    "origid",
    "permissions",
    "roles",
    "rph",
    "s_hash",
    "scope",
    "sid",
    "sip_callid",
    "sip_cseq_num",
    "sip_date",
    "sip_from_tag",
    "sip_via_branch",
    "sub",
    "sub_jwk",
    "toe",
    "txn",
    "typ",
    "uuid",
    "vot",
    "vtm",
    "x5t#S256",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_url_of_somebody_else() {
        for name in ["https://a.example/role", "http://a.example", "https://notauth0.com/x"] {
            assert!(is_namespaced(name), "{name}");
        }
        for name in [
            "role",
            "",
            "https://",
            "https://auth0.com/x",
            "https://a.AUTH0.com/x",
            "http://webtask.io/",
            "ftp://a/",
        ] {
            assert!(!is_namespaced(name), "{name}");
        }
    }

    #[test]
    fn claims_are_few_enough_or_not() {
        let claim = |length| Object::from_iter([("a".to_owned(), "x".repeat(length).into())]);
        assert!(fit(&Object::new()).is_ok() && fit(&claim(MOST - 8)).is_ok());
        assert!(fit(&claim(MOST - 7)).is_err());
    }
}
