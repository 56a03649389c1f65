//! Proof by a token of an outside issuer that the client trusts (RFC 7521 §4.2, RFC 7523 §2.2): its issuer says who is
//! running, and the client said who may.

use super::{Flaw, Method, Proved};
use crate::{
    Result,
    federation::{self, Fault, Presented, Refusal},
    token::Issuance,
};

/// Proves the client that the request names.
pub async fn prove(
    issuance: &Issuance<'_>,
    named: Option<&str>,
    presented: &Presented<'_>,
) -> Result<Proved> {
    // Many clients may trust one issuer, and nothing in its tokens tells which is meant.
    let Some(id) = named else {
        return Flaw::new("'iss' is not the client, and client_id is missing").refuse(issuance);
    };
    let Some(client) = issuance.snapshot.client(id) else {
        return Flaw { cause: "there is no such client".into(), reason: "unknown_client" }.refuse(issuance);
    };
    let trusts = issuance.snapshot.trusts(id);
    if trusts.is_empty() {
        return Flaw::new("'iss' is not the client, and the client trusts no other issuer").refuse(issuance);
    }
    issuance.note(|notes| notes.trace.method = Some(Method::Federated.as_str()));
    let iss = presented.issuer();
    let mut refused = Refusal::new(Fault::Issuer, "the client trusts no issuer of the name in 'iss'");
    // An issuer may be trusted in several ways; what is said is why the last of them does not hold.
    for trust in trusts.iter().filter(|trust| Some(trust.view.issuer.as_str()) == iss) {
        match federation::prove(issuance.tenant, trust, presented).await? {
            Ok(()) => {
                let credential = trust.view.id.clone().into();
                return Ok(Proved {
                    client: client.clone(),
                    method: Method::Federated,
                    credential: Some(credential),
                });
            }
            Err(refusal) => refused = refusal,
        }
    }
    Flaw { cause: refused.words.into(), reason: refused.fault.reason() }.refuse(issuance)
}

/// What is wrong with a text that is no token, as it is counted for a client that proves itself by those of others.
pub fn named(issuance: &Issuance<'_>, flaw: Flaw) -> Flaw {
    let client = issuance.request.client_id.as_deref().unwrap_or_default();
    if issuance.snapshot.trusts(client).is_empty() {
        return flaw;
    }
    issuance.note(|notes| notes.trace.method = Some(Method::Federated.as_str()));
    Flaw { reason: Fault::Malformed.reason(), ..flaw }
}
