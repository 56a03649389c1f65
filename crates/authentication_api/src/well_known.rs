//! What a validator or a client needs to know of a tenant: its keys and its metadata (RFC 8414, OpenID
//! Connect Discovery).

use std::collections::BTreeSet;

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use idp::{Tenant, snapshot::Snapshot};
use model::SigningAlgorithm;
use serde_json::{Value, json};
use web::Origin;

use crate::MtlsPort;

/// The public keys: current, next, and the previous one until it is revoked.
pub async fn jwks(Extension(tenant): Extension<Tenant>) -> Response {
    let snapshot = tenant.snapshot();
    let offers = |algorithm| snapshot.signs_with(algorithm);
    let mut keys = snapshot.keys.jwks(offers(SigningAlgorithm::ES256), offers(SigningAlgorithm::EdDSA));
    let hides_alg = snapshot.settings.as_ref().is_some_and(|settings| {
        settings.flags.as_ref().and_then(|flags| flags.remove_alg_from_jwks) == Some(true)
    });
    if hides_alg {
        keys.iter_mut().for_each(|key| key.alg = None);
    }
    public(
        Json(json!({ "keys": keys })),
        cache(snapshot.key_policy.as_ref().map_or(0, |policy| policy.announce_days)),
    )
}

/// How long the keys may be cached. Where each is published for days before it signs, nobody has to ask for it within
/// seconds; what was revoked is believed for as long as it is cached.
fn cache(announce_days: i64) -> &'static str {
    match announce_days {
        0 => "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400",
        _ => "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400",
    }
}

/// The tenant's metadata, under the issuer of the host that was asked, with the members of Auth0's document
/// (recorded) as far as they are served.
pub async fn configuration(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    Extension(MtlsPort(port)): Extension<MtlsPort>,
) -> Response {
    let issuer = tenant.issuer(&origin.host);
    let at = |path: &str| json!(format!("{issuer}{path}"));
    // Middlewares accept the algorithms that stand here, so ours do once an API signs with them.
    let snapshot = tenant.snapshot();
    let ours = [(SigningAlgorithm::ES256, "ES256"), (SigningAlgorithm::EdDSA, "EdDSA")];
    let ours =
        ours.into_iter().filter(|(algorithm, _)| snapshot.signs_with(*algorithm)).map(|(_, name)| name);
    let algorithms: Vec<&str> = ["HS256", "RS256", "PS256"].into_iter().chain(ours).collect();
    let mut methods = vec!["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let aliases = aliases(&snapshot, &issuer, port);
    if aliases.is_some() {
        methods.extend(["tls_client_auth", "self_signed_tls_client_auth"]);
    }
    let mut metadata: Value = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("oauth/token"),
        "device_authorization_endpoint": at("oauth/device/code"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at(".well-known/jwks.json"),
        "revocation_endpoint": at("oauth/revoke"),
        "introspection_endpoint": at("oauth/introspect"),
        "scopes_supported": [
            "openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname", "email",
            "email_verified", "picture", "created_at", "identities", "phone", "address"
        ],
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"
        ],
        "code_challenge_methods_supported": ["S256", "plain"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": GRANT_TYPES,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256", "ES256", "EdDSA"],
        "claims_supported": [
            "aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat",
            "identities", "iss", "name", "nickname", "phone_number", "picture", "sub", "updated_at"
        ],
        "request_uri_parameter_supported": false,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ["RS256", "RS384", "PS256", "ES256", "EdDSA"],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "authorization_response_iss_parameter_supported": true,
        "dpop_signing_alg_values_supported": jose::dpop::ALGORITHMS,
    });
    if let Some(aliases) = aliases {
        metadata["tls_client_certificate_bound_access_tokens"] = json!(true);
        metadata["mtls_endpoint_aliases"] = aliases;
    }
    let details = snapshot.apis().filter_map(|api| api.view.authorization_details.as_ref()).flatten();
    let kinds: BTreeSet<&str> = details.map(|detail| detail.r#type.as_str()).collect();
    if !kinds.is_empty() {
        metadata["authorization_details_types_supported"] = json!(kinds);
    }
    let settings = snapshot.settings.as_deref();
    if settings.and_then(|settings| settings.pushed_authorization_requests_supported) == Some(true) {
        metadata["pushed_authorization_request_endpoint"] = at("oauth/par");
    }
    let logout = settings.and_then(|settings| settings.oidc_logout.as_ref());
    if logout.and_then(|logout| logout.rp_logout_end_session_endpoint_discovery) != Some(false) {
        metadata["end_session_endpoint"] = at("oidc/logout");
    }
    public(Json(metadata), "public, max-age=15")
}

/// The grants that are served.
const GRANT_TYPES: [&str; 7] = [
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    "password",
    "http://auth0.com/oauth/grant-type/password-realm",
    "urn:ietf:params:oauth:grant-type:device_code",
];

/// Where callers show their certificates (RFC 8705 §5), if the tenant says so: at the server's own port for that, or, as
/// Auth0 has it, at a name before the issuer's, which a proxy serves.
fn aliases(snapshot: &Snapshot, issuer: &str, port: Option<u16>) -> Option<Value> {
    let mtls = snapshot.settings.as_deref().and_then(|settings| settings.mtls.as_ref())?;
    if mtls.enable_endpoint_aliases != Some(true) {
        return None;
    }
    let (host, path) = issuer.strip_prefix("https://")?.split_once('/')?;
    let name = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(name, _)| name);
    let at = |endpoint: &str| match port {
        Some(port) => format!("https://{name}:{port}/{path}{endpoint}"),
        None => format!("https://mtls.{host}/{path}{endpoint}"),
    };
    Some(json!({
        "token_endpoint": at("oauth/token"),
        "revocation_endpoint": at("oauth/revoke"),
        "introspection_endpoint": at("oauth/introspect"),
        "userinfo_endpoint": at("userinfo"),
    }))
}

fn public(body: Json<Value>, cache: &'static str) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
