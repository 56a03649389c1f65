//! Names of requests and the headers every answer carries.

use std::{collections::HashSet, convert::Infallible, sync::Arc};

use http::{Request, Response};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use web::{Connection, RequestId, TrustedProxies, request_id, security_headers};

#[tokio::test]
async fn request_ids_are_twenty_digits_and_differ() {
    let echo = service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(request.extensions().get::<RequestId>().unwrap().to_string()))
    });
    let service = ServiceBuilder::new().layer(request_id()).service(echo);
    let mut ids = HashSet::new();
    for _ in 0..1000 {
        let id = service.clone().oneshot(Request::new(())).await.unwrap().into_body();
        assert_eq!(id.len(), 20);
        assert!(id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 1000);
}

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
        let connection = Connection { peer: peer.parse().unwrap(), tls };
        let request = Request::builder().extension(connection).header("x-forwarded-proto", proto);
        let answer = service.clone().oneshot(request.body(()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let hsts = answer.headers().get("strict-transport-security").map(|value| value.to_str().unwrap());
        assert_eq!(hsts, expected.then_some("max-age=31536000"), "{peer} {tls} {proto}");
    }
}
