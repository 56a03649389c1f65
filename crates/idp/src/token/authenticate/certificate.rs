//! Proof by the certificate that the caller showed (RFC 8705 §2): one whose subject an authority vouches for, or one that the
//! client registered itself.

use std::sync::Arc;

use jose::Certificate;
use model::client::AssociatedCredential;

use super::{Flaw, Method, Proved};
use crate::{
    Result,
    snapshot::{Credential, RegisteredClient},
    token::Issuance,
};

/// Proves a client that is registered for one of the two methods.
pub fn prove(issuance: &Issuance<'_>, client: &Arc<RegisteredClient>, method: Method) -> Result<Proved> {
    issuance.note(|notes| notes.trace.method = Some(method.as_str()));
    match credential(issuance, client, method) {
        Ok(credential) => {
            let credential = Some(credential.view.id.clone().into());
            Ok(Proved { client: client.clone(), method, credential })
        }
        Err(flaw) => flaw.refuse(issuance),
    }
}

/// The credential of the client that the certificate is, or has the subject of.
fn credential<'s>(
    issuance: &Issuance<'s>,
    client: &RegisteredClient,
    method: Method,
) -> std::result::Result<&'s Credential, Flaw> {
    let Some(shown) = &issuance.request.certificate else {
        return Err(Flaw::new("no client certificate was shown"));
    };
    let certificate = Certificate::from_der(shown.der.clone())
        .map_err(|_| Flaw::new("what was shown is no certificate"))?;
    let clock = issuance.tenant.clock();
    let is_timely = (certificate.not_before_unix()..=certificate.not_after_unix()).contains(&clock.now());
    if !is_timely {
        return Err(expired("the certificate has expired, or is not good yet"));
    }
    let is_by_subject = method == Method::TlsClientAuth;
    if is_by_subject && !shown.is_verified {
        return Err(Flaw::new("no authority that is believed vouches for the certificate"));
    }
    let (subject, thumbprint) = (certificate.subject_dn(), certificate.x5t_s256());
    let is_it = |credential: &&Credential| match is_by_subject {
        true => credential.view.subject_dn.as_ref() == Some(&subject),
        false => credential.view.thumbprint_sha256.as_ref() == Some(&thumbprint),
    };
    let id = &client.view.client_id;
    let own = named(client, is_by_subject).iter().filter_map(|one| issuance.snapshot.credential(id, &one.id));
    let Some(credential) = own.map(|own| &**own).find(is_it) else {
        let none = "the certificate is that of no credential of the client";
        return Err(match is_by_subject {
            // Said, since people seldom expect it to be written so.
            true => Flaw::new(format!("{none}: its subject is {subject:?}")),
            false => Flaw::new(none),
        });
    };
    if !credential.is_good_at(clock.now_ms()) {
        return Err(expired("the credential has expired"));
    }
    Ok(credential)
}

/// The credentials that the client names for the method.
fn named(client: &RegisteredClient, is_by_subject: bool) -> &[AssociatedCredential] {
    let Some(methods) = &client.view.client_authentication_methods else { return &[] };
    let method = match is_by_subject {
        true => &methods.tls_client_auth,
        false => &methods.self_signed_tls_client_auth,
    };
    method.as_ref().map_or(&[], |method| &method.credentials)
}

fn expired(cause: &'static str) -> Flaw {
    Flaw { cause: cause.into(), reason: "expired_credential" }
}
