//! The headers every answer carries.

use std::{convert::Infallible, sync::Arc};

use http::{Request, Response};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use web::{Connection, TrustedProxies, security_headers};

#[tokio::test]
async fn hsts_goes_out_over_https_only() {
    let trusted: TrustedProxies = serde_json::from_str(r#"["10.0.0.0/8"]"#).unwrap();
    let service = ServiceBuilder::new()
        .layer(security_headers(Arc::new(trusted)))
        .service(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
    let table = [
        ("198.51.100.7:1", false, "https", false),
        ("198.51.100.7:1", true, "http", true),
        ("10.0.0.1:1", false, "https", true),
        ("10.0.0.1:1", false, "http", false),
        ("10.0.0.1:1", true, "http", false),
    ];
    for (peer, tls, proto, expected) in table {
        let connection = Connection { peer: peer.parse().unwrap(), tls, certificate: None };
        let request = Request::builder().extension(connection).header("x-forwarded-proto", proto);
        let answer = service.clone().oneshot(request.body(()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let hsts = answer.headers().get("strict-transport-security").map(|value| value.to_str().unwrap());
        assert_eq!(hsts, expected.then_some("max-age=31536000"), "{peer} {tls} {proto}");
    }
}

#[tokio::test]
async fn this_machine_is_never_pinned_to_https() {
    let service = ServiceBuilder::new()
        .layer(security_headers(Arc::default()))
        .service(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
    for (host, pinned) in [
        ("localhost:8443", false),
        ("app.localhost", false),
        ("127.0.0.1:8443", false),
        ("[::1]:8443", false),
        ("idp.example", true),
        ("localhost.example", true),
        ("192.0.2.1", true),
    ] {
        let connection = Connection { peer: "198.51.100.7:1".parse().unwrap(), tls: true, certificate: None };
        let request = Request::builder().extension(connection).header("host", host).body(()).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers().contains_key("strict-transport-security"), pinned, "{host}");
    }
}
