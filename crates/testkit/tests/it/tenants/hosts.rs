//! Which tenant a host means.

use http::Method;
use schema::Object;
use serde_json::{Value, json};
use testkit::{BASE_DOMAIN, OTHER, TestServer, TestTenant};

#[tokio::test]
async fn names_are_below_the_base_domain() {
    let server = TestServer::new().await;
    let named = |host: &str| server.tenants().resolve(host).map(|tenant| tenant.name().to_owned());
    for (host, name) in [
        (BASE_DOMAIN, Some("default")),
        ("other.idp.example", Some(OTHER)),
        // Hosts that are nobody's are the default tenant's, so that a proxy or an address will do.
        ("localhost:8080", Some("default")),
        ("203.0.113.1", Some("default")),
        ("example", Some("default")),
        ("evil-idp.example", Some("default")),
        ("idp.example.evil.example", Some("default")),
        // A port or a dot more does not make it another tenant's.
        ("other.idp.example", Some(OTHER)),
        ("other.idp.example.", Some(OTHER)),
        ("other.idp.example:9", Some(OTHER)),
        ("idp.example.:9", Some("default")),
        ("unknown.idp.example:9", None),
        ("unknown.idp.example.", None),
        ("unknown.idp.example", None),
        ("a.other.idp.example", None),
        (".idp.example", None),
    ] {
        assert_eq!(named(host).as_deref(), name, "{host}");
    }
}

#[tokio::test]
async fn a_host_that_is_nobodys_has_nothing() {
    let tenant = TestTenant::new().await;
    let nobodys = "There is no tenant of this name.";
    let malformed = "The Host header is malformed.";
    for (host, status, error, message) in [
        ("unknown.idp.example", 404, "Not Found", nobodys),
        ("UNKNOWN.IDP.example:443", 404, "Not Found", nobodys),
        ("a b", 400, "Bad Request", malformed),
        ("idp.example:99999", 400, "Bad Request", malformed),
        ("", 400, "Bad Request", malformed),
    ] {
        let headers = [("host", host)];
        for path in ["/.well-known/jwks.json", "/api/v2/clients", "/nowhere"] {
            let answer = tenant.as_owner().send(Method::GET, path, &headers, "").await.must_be(status);
            let body = json!({ "statusCode": status, "error": error, "message": message });
            assert_eq!(answer.body, body, "{host:?} {path}");
        }
    }
}

#[tokio::test]
async fn the_dashboard_shares_its_own_host_with_no_page_of_a_tenant() {
    let tenant = TestTenant::new().await;
    let at = async |host: &str, path: &str| {
        tenant.without_token().send(Method::GET, path, &[("host", host)], "").await
    };
    let is_shown = async |host: &str, path: &str| {
        let answer = at(host, path).await;
        !(answer.status == 404 && answer["message"] == "There is no tenant of this name.")
    };
    // Where it has none, it answers on every host.
    assert!(is_shown("idp.example", "/dashboard/").await && is_shown("other.idp.example", "/setup").await);
    let all = tenant.server().tenants();
    for taken in ["idp.example:9443", "IDP.example", "other.idp.example"] {
        assert!(all.show_dashboard_at(taken).is_err(), "{taken}");
    }
    all.show_dashboard_at("Admin.idp.example:8443").unwrap();
    // Nobody takes it afterwards, by a name or by a domain.
    assert!(all.create("admin", Object::new()).await.is_err());
    assert!(all.create("acme", object(json!({ "domains": ["admin.idp.example"] }))).await.is_err());
    let (own, tenants) = ("admin.idp.example:8443", ["idp.example", "other.idp.example", "localhost:8443"]);
    for path in [
        "/",
        "/dashboard",
        "/dashboard/",
        "/dashboard/@other/x",
        "/setup?code=x",
        "/tenants/administrators/u/login?state=x",
        "/tenants/administrators/u/setup?code=x",
        "/tenants/administrators/authorize?client_id=dashboard",
        "/tenants/administrators/oidc/logout",
    ] {
        assert!(is_shown(own, path).await && is_shown("ADMIN.idp.example.", path).await, "{path}");
        for host in tenants {
            assert!(!is_shown(host, path).await, "{host} {path}");
        }
    }
    for path in [
        "/authorize",
        "/u/login",
        "/u/nowhere",
        "/login",
        "/v2/logout",
        "/activate",
        "/device/success",
        "/client/x.js",
        "/tenants/other/authorize",
        "/tenants/other/u/login",
        "/dashboardish",
    ] {
        assert!(!is_shown(own, path).await, "{path}");
        assert!(is_shown("idp.example", path).await, "{path}");
    }
    // A mail leads where its page is.
    let (built_in, other) = (tenant.built_in(), tenant.other());
    for (whose, host) in [(&*built_in, own), (&*tenant, "idp.example"), (&*other, "other.idp.example")] {
        for link in [
            idp::recovery::link(whose, whose.domain(), "x"),
            idp::verification::link(whose, whose.domain(), "x"),
        ] {
            let path = link.strip_prefix(&format!("https://{host}")).unwrap_or_else(|| panic!("{link}"));
            assert!(is_shown(host, path.trim_end_matches('#')).await, "{link}");
        }
    }
    // What reads no cookie and shows no page is anybody's.
    for (path, status) in [
        ("/api/v2/clients", 401),
        ("/.well-known/jwks.json", 200),
        ("/tenants/other/api/v2/clients", 401),
        ("/tenants/other/.well-known/jwks.json", 200),
    ] {
        for host in [own, "idp.example"] {
            at(host, path).await.must_be(status);
        }
    }
    let link = idp::invitation::link(tenant.server().tenants(), "c");
    assert_eq!(link, "https://admin.idp.example:8443/setup?code=c");
}

#[tokio::test]
async fn what_no_door_serves_is_not_found() {
    let tenant = TestTenant::new().await;
    let body = json!({ "statusCode": 404, "error": "Not Found", "message": "Not Found" });
    // The yardstick of the benchmark is there only if it is asked for.
    for path in ["/nowhere", "/oauth", "/oauth/token/", "/bench/constant", "//api/v2/clients"] {
        let answer = tenant.get(path).await.must_be(404);
        assert_eq!(answer.body, body, "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_tenant_that_is_made_answers_at_once() {
    let server = TestServer::new().await;
    let elsewhere = server.another_node().await;
    let record = json!({ "domains": ["login.acme.example", "acme.internal:8443"] });
    server.tenants().create("acme", object(record)).await.unwrap();
    elsewhere.tenants().refresh().await.unwrap();
    for server in [&server, &elsewhere] {
        for host in ["login.acme.example", "acme.internal:8443"] {
            assert_eq!(server.tenants().resolve(host).unwrap().name(), "acme");
        }
        let tenant = server.tenant("acme");
        assert_eq!(tenant.domain(), "login.acme.example");
        let m2m = tenant.client_of("urn:api").await;
        let token = tenant.token(m2m.asks_for("urn:api")).await;
        assert_eq!(testkit::claims(&token)["iss"], "https://login.acme.example/");
        let settings = tenant.get("/api/v2/tenants/settings").await.must_be(200);
        assert_eq!(settings["friendly_name"], Value::Null);
        tenant.delete("/api/v2/resource-servers/urn:api").await.must_be(204);
        elsewhere.tenants().refresh().await.unwrap();
    }
    assert!(server.tenants().create("acme", Object::new()).await.is_err());
    assert_eq!(server.tenants().all().len(), 3);
}

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}
