//! In front of every door: which host was called, from where, by which path, and so which tenant is meant.

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
};

use authentication_api::MtlsPort;
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::Request,
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{future::RouteFuture, get},
};
use dashboard::{Managed, TenantInView};
use http::{HeaderName, StatusCode, Uri, header::CONTENT_TYPE};
use idp::{Tenant, Tenants, administrators::DASHBOARD, invitation::SETUP, tenants::ADMINISTRATORS};
use serde_json::json;
use tower::{Service, util::MapRequestLayer};
use web::{Buckets, CertificateHeader, Connection, Origin, PathPrefix, RateLimit, Scheme, TrustedProxies};

use crate::{
    acme::{self, Acme},
    dev::faults::{self, Faults},
    health::{self, Health},
    network_acl, traces,
};

/// All doors behind one service.
#[derive(Debug, Clone)]
pub struct Front {
    tenants: Tenants,
    authority: Option<Arc<str>>,
    trusted: Arc<TrustedProxies>,
    /// The header in which trusted proxies pass on callers' certificates.
    certificate_header: Option<Arc<CertificateHeader>>,
    /// The port where callers are asked for a certificate.
    mtls_port: Option<u16>,
    doors: Router,
    /// Answers a request whose host is malformed.
    bad_host: Router,
    /// Whether only this very machine is answered: keys that everybody knows are believed.
    is_double: bool,
    /// Answers a request to a host that is nobody's.
    nobody: Router,
    /// Answers who would log in to administer where others can listen.
    overheard: Router,
    /// Answers authorities that look whether a name leads here.
    challenges: Option<Router>,
}

/// How many requests each of a tenant's two interfaces takes.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    pub management: RateLimit,
    pub authentication: RateLimit,
}

impl Front {
    /// The doors to these tenants, with the yardstick of the benchmark among them if it is wanted.
    pub fn new(tenants: Tenants, trusted: Arc<TrustedProxies>, limits: RateLimits, bench: bool) -> Self {
        let pages = authentication_api::Pages {
            error: universal_login::message::error,
            own_error: universal_login::message::own_error,
            reply: universal_login::reply::answer,
            ended: universal_login::message::ended,
            logged_out: universal_login::message::logged_out,
        };
        let buckets = Arc::new(Buckets::new(limits.authentication));
        let looked_at = management_api::Pages {
            preview: |tenant, origin, prompt, screen| {
                Box::pin(universal_login::preview(tenant, origin, prompt, screen))
            },
            texts: universal_login::catalogue,
        };
        let mut doors = authentication_api::router(pages, buckets.clone())
            .merge(universal_login::router(buckets))
            .merge(management_api::router(looked_at, limits.management))
            .merge(dashboard::router());
        doors = doors.route(SETUP, get(set_up));
        if bench {
            doors = doors.route("/bench/constant", get(constant));
        }
        let doors = doors.fallback(async || refusal(StatusCode::NOT_FOUND, "Not Found"));
        let bad_host = Router::new()
            .fallback(async || refusal(StatusCode::BAD_REQUEST, "The Host header is malformed."));
        let nobody = Router::new()
            .fallback(async || refusal(StatusCode::NOT_FOUND, "There is no tenant of this name."));
        let overheard = Router::new()
            .fallback(async || refusal(StatusCode::FORBIDDEN, "Administrators log in over HTTPS only."));
        Front {
            tenants,
            trusted,
            certificate_header: None,
            mtls_port: None,
            doors,
            is_double: false,
            bad_host,
            nobody,
            overheard,
            challenges: None,
            authority: None,
        }
    }

    /// With the questions of load balancers about this node, on every host.
    #[must_use]
    pub fn saying(self, health: &Health) -> Self {
        Front { doors: self.doors.merge(health.router()), ..self }
    }

    /// As a test double, with what a test wants to go wrong at any door.
    #[must_use]
    pub(crate) fn failing(self, faults: Option<Faults>) -> Self {
        let Some(faults) = faults else { return self };
        let doors = self.doors.layer(middleware::from_fn_with_state(faults, faults::inject));
        Front { doors, is_double: true, ..self }
    }

    /// With the spans of requests named after their routes.
    #[must_use]
    pub(crate) fn traced(self, is_on: bool) -> Self {
        if !is_on {
            return self;
        }
        Front { doors: self.doors.layer(MapRequestLayer::new(traces::name)), ..self }
    }

    /// With callers who show certificates: to a trusted proxy that says so in this header, or at this port.
    #[must_use]
    pub fn asking_for_certificates(self, header: Option<CertificateHeader>, port: Option<u16>) -> Self {
        Front { certificate_header: header.map(Arc::new), mtls_port: port, ..self }
    }

    /// With the proofs of names for which certificates are ordered, on every host.
    #[must_use]
    pub fn proving(self, acme: Option<&Acme>) -> Self {
        Front { challenges: acme.map(Acme::router), ..self }
    }

    /// With the file of the local authority's certificate, if this server's own is of that.
    #[must_use]
    pub fn vouched_for_by(self, authority: Option<PathBuf>) -> Self {
        Front { authority: authority.map(|path| path.display().to_string().into()), ..self }
    }
}

impl Service<Request<Body>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(challenges) = &mut self.challenges
            && request.uri().path().starts_with(acme::CHALLENGES)
        {
            return challenges.call(request);
        }
        let connection = request.extensions().get::<Connection>().cloned().unwrap_or_default();
        let origin = match Origin::read(request.headers(), request.uri(), &connection, &self.trusted) {
            Ok(origin) => origin,
            Err(_) => return self.bad_host.call(request),
        };
        // A page of somebody's whose name leads here is no test.
        if self.is_double && !web::is_this_machine(&origin.host) {
            return self.nobody.call(request);
        }
        let is_of_dashboard = self.tenants.is_of_dashboard(&origin.host);
        let host = if is_of_dashboard == Some(true) { self.tenants.base_domain() } else { &origin.host };
        // A listener that is one tenant's alone says so, whatever it is called.
        let own = request.extensions().get::<Tenant>().cloned();
        let named = named_by_path(&self.tenants, &mut request);
        let tenant = named.or(own).or_else(|| self.tenants.resolve(host));
        let Some(tenant) = tenant.filter(|tenant| is_shown(tenant, request.uri().path(), is_of_dashboard))
        else {
            return self.nobody.call(request);
        };
        // As the dashboard itself: over plain HTTP only on this very machine.
        let is_private = || origin.scheme == Scheme::Https || web::is_this_machine(&origin.host);
        if tenant.name() == ADMINISTRATORS && !is_private() {
            return self.overheard.call(request);
        }
        let path = request.uri().path();
        if path.starts_with("/api/") || path == SETUP {
            request.extensions_mut().insert(self.tenants.clone());
        } else if path.starts_with("/.well-known/") {
            request.extensions_mut().insert(MtlsPort(self.mtls_port));
        } else if let Some(beyond) = path.strip_prefix(dashboard::BASE)
            && let Some(managed) = managed(&self.tenants, &tenant, beyond)
        {
            let ca = self.authority.as_deref().filter(|_| sits_here(&origin)).map(str::to_owned);
            request.extensions_mut().insert(Managed { ca, ..managed });
        }
        if let Some(refusal) = network_acl::judge(&tenant, &origin, &request) {
            let mut refused = Router::new().fallback(move || async move { refusal.into_response() });
            return refused.call(request);
        }
        let header = self.certificate_header.as_deref();
        if let Some(shown) = web::client_certificate(request.headers(), &connection, &self.trusted, header) {
            request.extensions_mut().insert(shown);
        }
        request.extensions_mut().insert(origin);
        request.extensions_mut().insert(tenant);
        self.doors.call(request)
    }
}

/// The tenant that the path names, if it names one; the doors then see the path without its name. Cookies of one
/// host are shared by all its paths, so of other tenants than the built-in one only the doors that read no cookie
/// are reached this way.
fn named_by_path(tenants: &Tenants, request: &mut Request<Body>) -> Option<Tenant> {
    let (tenant, rest) = tenants.by_path(request.uri().path())?;
    if !reads_no_cookie(rest) && tenant.name() != ADMINISTRATORS {
        return None;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(format!("{rest}{query}").parse().ok()?);
    *request.uri_mut() = Uri::from_parts(parts).ok()?;
    request.extensions_mut().insert(PathPrefix(tenant.path()));
    Some(tenant)
}

/// Whether a door reads no cookie, and shows no page.
fn reads_no_cookie(path: &str) -> bool {
    ["/api/", "/oauth/token", "/.well-known/"].iter().any(|door| path.starts_with(door))
}

/// Whether a path of a tenant is shown where the dashboard answers alone, or where it does not; everything is where it has
/// no host of its own. So no page of a tenant's making shares an origin with people who administer.
fn is_shown(tenant: &Tenant, path: &str, is_of_dashboard: Option<bool>) -> bool {
    let is_administration = tenant.name() == ADMINISTRATORS
        || [SETUP, "/"].contains(&path)
        || path.strip_prefix(dashboard::BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_anybodys = reads_no_cookie(path) || [health::LIVE, health::READY, health::OLDER].contains(&path);
    is_of_dashboard.is_none_or(|here| is_anybodys || here == is_administration)
}

/// Whether whoever asks sits at this machine, and may know where its files are. Anybody can send its host; nobody else
/// comes from its address.
fn sits_here(origin: &Origin) -> bool {
    web::is_this_machine(&origin.host) && origin.ip.is_loopback()
}

/// What the dashboard at this path manages: the tenant that it names, `/@{name}/…`, or else the host's.
fn managed(tenants: &Tenants, host: &Tenant, path: &str) -> Option<Managed> {
    let builtin = tenants.administrators()?;
    let named = path.strip_prefix("/@").map(|rest| rest.split('/').next().unwrap_or_default());
    let tenant = match named {
        Some(name) => tenants.named(name).filter(|tenant| tenant.name() != ADMINISTRATORS)?,
        None => host.clone(),
    };
    Some(Managed {
        ca: None,
        base: dashboard::BASE,
        version: env!("CARGO_PKG_VERSION"),
        client_id: DASHBOARD,
        authority: builtin.path(),
        issuer: builtin.issuer(builtin.domain()),
        tenant: TenantInView {
            name: tenant.name().to_owned(),
            domain: tenant.domain().to_owned(),
            environment: json!(tenant.record().environment),
            audience: tenant.management_audience(),
            prefix: tenant.path(),
            is_host: named.is_none(),
        },
    })
}

fn refusal(status: StatusCode, message: &'static str) -> (StatusCode, Json<serde_json::Value>) {
    let error = status.canonical_reason();
    (status, Json(json!({ "statusCode": status.as_u16(), "error": error, "message": message })))
}

/// The link that the first start prints is short; the page stands where the people who administer log in.
async fn set_up(Extension(tenants): Extension<Tenants>, uri: Uri) -> Response {
    let Some(builtin) = tenants.administrators() else {
        return refusal(StatusCode::NOT_FOUND, "Not Found").into_response();
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::to(&format!("{}/u/setup{query}", builtin.path())).into_response()
}

/// The yardstick of the benchmark: an answer as large as a token's, for no work.
async fn constant() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], CONSTANT.as_str())
}

/// 1,000 bytes of JSON.
static CONSTANT: LazyLock<String> = LazyLock::new(|| json!({ "constant": "x".repeat(985) }).to_string());

#[cfg(test)]
mod tests {
    use web::{Origin, Scheme};

    use super::{CONSTANT, sits_here};

    #[test]
    fn a_host_alone_does_not_put_anybody_here() {
        for (ip, host, expected) in [
            ("127.0.0.1", "localhost:8443", true),
            ("::1", "[::1]:8443", true),
            ("203.0.113.7", "localhost:8443", false),
            ("127.0.0.1", "idp.example", false),
        ] {
            let ip = ip.parse().expect("an address");
            let origin = Origin { ip, peer: ip, scheme: Scheme::Https, host: host.into() };
            assert_eq!(sits_here(&origin), expected, "{ip} {host}");
        }
    }

    #[test]
    fn the_yardstick_is_as_long_as_it_says() {
        assert_eq!(CONSTANT.len(), 1_000);
    }
}
