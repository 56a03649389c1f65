//! The certificate of the key that signs now, in the forms that Auth0 offers for download.

use axum::{
    Extension,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use idp::Tenant;
use jose::Certificate;

/// PEM, offered as a file.
pub async fn pem(Extension(tenant): Extension<Tenant>) -> Response {
    download(&tenant, "application/x-pem-file", "pem", |certificate| Some(certificate.pem().into_bytes()))
}

/// DER.
pub async fn cer(Extension(tenant): Extension<Tenant>) -> Response {
    download(&tenant, "application/pkix-cert", "cer", |certificate| Some(certificate.der().to_vec()))
}

/// PEM as plain text.
pub async fn rawpem(Extension(tenant): Extension<Tenant>) -> Response {
    match tenant.snapshot().keys.certificate() {
        Some(certificate) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], certificate.pem()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// PKCS #7, certificates only.
pub async fn pb7(Extension(tenant): Extension<Tenant>) -> Response {
    download(&tenant, "application/x-pkcs7-certificates", "pb7", |certificate| {
        certificate.pkcs7().ok().map(String::into_bytes)
    })
}

/// The SHA-1 fingerprint, in pairs of digits with colons between.
pub async fn fingerprint(Extension(tenant): Extension<Tenant>) -> Response {
    match tenant.snapshot().keys.certificate() {
        Some(certificate) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], certificate.fingerprint()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn download(
    tenant: &Tenant,
    media: &'static str,
    ending: &str,
    print: impl Fn(&Certificate) -> Option<Vec<u8>>,
) -> Response {
    let printed = tenant.snapshot().keys.certificate().and_then(print);
    match printed {
        Some(bytes) => {
            let file = format!("attachment; filename=\"{}.{ending}\"", tenant.name());
            ([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, file)], bytes)
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
