//! What a token is worth now, told to those it concerns (RFC 7662), and its end before its time (RFC 7009). Only signed
//! tokens are read: what is encrypted to an API is nothing that we can open, so the API asks about what it found inside.

use std::net::IpAddr;

use jose::{Algorithm, Token};
use model::{Client, LogType};
use schema::Object;
use serde_json::{Map, Value, json};

use crate::{
    Code, Result, Tenant,
    access_token::is_issuer,
    log::Event,
    opaque,
    revocation::{self, Subject, audiences, client_of, token_id},
    snapshot::Snapshot,
};

/// An access token that this tenant signed and that has not expired; whether it was revoked is another question.
pub(crate) struct Read<'a> {
    /// None of what only this server reads.
    token: Option<Token<'a>>,
    claims: Map<String, Value>,
}

impl Read<'_> {
    /// The token, if it is one of ours for an API that is still there.
    pub fn of<'a>(tenant: &Tenant, snapshot: &Snapshot, compact: &'a str) -> Option<Read<'a>> {
        let is_sealed = compact.bytes().filter(|byte| *byte == b'.').count() == 4;
        let (token, mut claims) = match is_sealed {
            true => (None, opaque::open(tenant, compact)?),
            false => {
                let token = Token::parse(compact).ok()?;
                let claims = verified(snapshot, &token)?;
                (Some(token), claims)
            }
        };
        claims.remove(opaque::CUSTOM);
        let iss = claims.get("iss").and_then(Value::as_str)?;
        // An ID token is for a client, and no API.
        let is_for = |aud: &&str| snapshot.api(aud).is_some() || **aud == format!("{iss}userinfo");
        let is_current = claims.get("exp").and_then(Value::as_i64)? > tenant.clock().now();
        let is_access_token = audiences(&claims).iter().any(is_for) && client_of(&claims).is_some();
        (is_issuer(tenant, iss) && is_current && is_access_token).then_some(Read { token, claims })
    }

    fn client_id(&self) -> &str {
        client_of(&self.claims).unwrap_or_default()
    }

    /// Whether it is good, here and now.
    fn is_active(&self, snapshot: &Snapshot) -> bool {
        snapshot.client(self.client_id()).is_some() && !self.is_revoked(snapshot)
    }

    fn is_revoked(&self, snapshot: &Snapshot) -> bool {
        match &self.token {
            Some(token) => snapshot.revocations.refuse(token, &self.claims),
            None => snapshot.revocations.refuse_opaque(&self.claims),
        }
    }

    /// What it is known by.
    fn id(&self) -> String {
        match &self.token {
            Some(token) => token_id(token, &self.claims),
            None => self.claims.get("jti").and_then(Value::as_str).unwrap_or_default().to_owned(),
        }
    }

    /// Whether a client may hear about it: its own, or one for an API that the client is, or may call.
    fn concerns(&self, snapshot: &Snapshot, client: &Client) -> bool {
        let is_its_api = |aud: &&str| client.resource_server_identifier.as_deref() == Some(*aud);
        self.client_id() == client.client_id
            || audiences(&self.claims)
                .iter()
                .any(|aud| is_its_api(aud) || snapshot.grant(&client.client_id, aud).is_some())
    }

    /// RFC 7662 §2.2, and what else the token says.
    fn shown(mut self) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert("active".into(), json!(true));
        shown.insert("client_id".into(), json!(self.client_id()));
        let is_bound = self.claims.get("cnf").and_then(|cnf| cnf.get("jkt")).is_some();
        shown.insert("token_type".into(), json!(if is_bound { "DPoP" } else { "Bearer" }));
        for reserved in ["active", "client_id", "token_type"] {
            self.claims.remove(reserved);
        }
        shown.extend(self.claims);
        shown
    }
}

/// The claims, if a key of the tenant or the secret of the one API they name signed them.
fn verified(snapshot: &Snapshot, token: &Token) -> Option<Map<String, Value>> {
    let algorithm = token.alg()?;
    if algorithm != Algorithm::HS256 {
        return token.verify(&snapshot.keys.verifying_key(token.kid()?, algorithm)?).ok();
    }
    // Whoever has an API's secret could write the name of another one beside.
    let claims = token.claims().ok()?;
    let userinfo = claims.get("iss").and_then(Value::as_str).map(|iss| format!("{iss}userinfo"));
    let apis = audiences(&claims).into_iter().filter(|aud| Some(*aud) != userinfo.as_deref());
    let [one] = apis.collect::<Vec<_>>()[..] else { return None };
    let signer = snapshot.api(one)?.hmac.as_ref()?;
    token.verify(&signer.verifying_key().ok()?).ok()
}

/// What this client is told of a token: nothing, if it is not active or none of the client's business.
pub(crate) fn introspect(
    tenant: &Tenant,
    snapshot: &Snapshot,
    client: &Client,
    compact: &str,
) -> Option<Map<String, Value>> {
    let read = Read::of(tenant, snapshot, compact)?;
    (read.is_active(snapshot) && read.concerns(snapshot, client)).then(|| read.shown())
}

/// Revokes an access token of this client; one that is no good, or another's, is as good as revoked.
pub(crate) async fn revoke(
    tenant: &Tenant,
    snapshot: &Snapshot,
    client: &Client,
    compact: &str,
    ip: Option<IpAddr>,
) -> Result<()> {
    let Some(read) = Read::of(tenant, snapshot, compact) else { return Ok(()) };
    if read.client_id() != client.client_id || !read.is_active(snapshot) {
        return Ok(());
    }
    if snapshot.revocations.tokens_of(&client.client_id) >= MOST {
        return Code::TooManyAttempts.refuse(
            "This client has too many revoked tokens that have not expired; revoke them all at once instead.",
        );
    }
    let by = format!("client {}", client.client_id);
    end(tenant, &read, &by, ip).await.map(drop)
}

/// Revokes a token, whoever's it is; answers what is then kept of it, or nothing if it is no good anyway.
pub async fn revoke_any(
    tenant: &Tenant,
    compact: &str,
    by: &str,
    ip: Option<IpAddr>,
) -> Result<Option<Object>> {
    let snapshot = tenant.snapshot().clone();
    match Read::of(tenant, &snapshot, compact) {
        Some(read) => end(tenant, &read, by, ip).await.map(Some),
        None => Ok(None),
    }
}

async fn end(tenant: &Tenant, read: &Read<'_>, by: &str, ip: Option<IpAddr>) -> Result<Object> {
    let number = |name: &str| read.claims.get(name).and_then(Value::as_i64);
    let id = read.id();
    let subject = Subject::Token {
        id: &id,
        client_id: read.client_id(),
        issued_at: number("iat").filter(|_| !read.claims.contains_key("jti")),
        expires: number("exp").unwrap_or_default(),
    };
    let (change, body) = revocation::change(tenant, &subject, None, by);
    tenant.commit(vec![change]).await?;
    let mut event = Event {
        client_id: Some(read.client_id().to_owned()),
        ip: ip.map(|ip| ip.to_string()),
        audience: audiences(&read.claims).first().map(|aud| (*aud).to_owned()),
        ..Event::new(LogType::Srrt, "An access token was revoked")
    };
    event.rest.insert("details".into(), json!({ "token_id": id, "by": by }));
    tenant.log(event);
    Ok(body)
}

/// How many single tokens of one client are refused at once; more would be rows for tokens after all.
const MOST: usize = 10_000;
