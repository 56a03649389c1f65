//! What is told of a person: in ID tokens and at `/userinfo`, as far as the scopes reach.

use jiff::Timestamp;
use model::User;
use schema::Object;
use serde_json::{Map, Value, json};
use store::Ticket;

use crate::{
    Result, Tenant, access_token, bearer, opaque,
    possession::{self, Shown},
    token::{audience, fapi, person::custom},
    user,
};

/// What `/userinfo` tells whoever has this access token, called at this host; nothing if the token is not good for it, or
/// bound to what was not proved.
pub async fn of(tenant: &Tenant, shown: &Shown<'_>, host: &str) -> Result<Option<Map<String, Value>>> {
    let userinfo = format!("{}userinfo", tenant.issuer(host));
    let (token, custom) = match opaque::verify(tenant, shown.token, &userinfo) {
        Some(token) => {
            let custom = opaque::custom(&token.claims);
            (token, custom)
        }
        None => {
            let Ok(token) = access_token::verify(tenant, shown.token, &userinfo) else { return Ok(None) };
            (token, kept(tenant, shown.token).await?)
        }
    };
    if !possession::is_proved(tenant, &token.claims, shown).await? {
        return Ok(None);
    }
    if !token.scopes.iter().any(|scope| scope == "openid") {
        return Ok(None);
    }
    let Some(subject) = token.claims.get("sub").and_then(Value::as_str) else { return Ok(None) };
    let user = user::by_id(tenant, subject).await?.filter(|user| !user.blocked);
    let snapshot = tenant.snapshot();
    let client = token.claims.get("azp").and_then(Value::as_str).and_then(|id| snapshot.client(id));
    let is_by_the_book = client.is_some_and(|client| fapi::is_held(client));
    Ok(user.map(|user| {
        let (mut told, scope) = (Map::new(), token.scopes.join(" "));
        told.insert("sub".into(), json!(user.user_id));
        tell(&mut told, &user, &scope, is_by_the_book);
        custom::tell(&mut told, &custom, &scope);
        told
    }))
}

/// Keeps what customers' code has `/userinfo` say to whoever has a token that an API reads too, and so does not hold it.
pub(crate) async fn keep(tenant: &Tenant, token: &str, custom: &Object, lifetime: i64) -> Result<()> {
    let now = tenant.clock().now();
    let body = serde_json::to_string(custom)?;
    let ticket = Ticket { id: bearer::hash(token), body, created: now, expires: now + lifetime };
    match tenant.store().tickets().insert(tenant.name(), KEPT, ticket).await {
        // The same token, signed twice within a second.
        Ok(()) | Err(store::Error::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn kept(tenant: &Tenant, token: &str) -> Result<Object> {
    let (id, now) = (bearer::hash(token), tenant.clock().now());
    let ticket = tenant.store().tickets().read(tenant.name(), KEPT, &id, now).await?;
    Ok(ticket.map(|ticket| serde_json::from_str(&ticket.body)).transpose()?.unwrap_or_default())
}

/// Adds the claims about a person that the scopes bring, as OpenID Connect has them if they are to be by the book; what is
/// not known is left out.
pub fn tell(claims: &mut Map<String, Value>, user: &User, scope: &str, is_by_the_book: bool) {
    let mut claim = |name: &str, group: &str, value: Option<Value>| {
        let is_asked = audience::contains(scope, group) || audience::contains(scope, name);
        if let (Some(value), true) = (value, is_asked) {
            claims.insert(name.into(), value);
        }
    };
    let text = |value: &Option<String>| value.as_ref().map(|text| json!(text));
    claim("nickname", "profile", text(&user.nickname));
    claim("name", "profile", text(&user.name));
    claim("given_name", "profile", text(&user.given_name));
    claim("family_name", "profile", text(&user.family_name));
    claim("picture", "profile", text(&user.picture));
    // Recorded: a text in ISO 8601, where OpenID Connect has a number.
    let updated = match is_by_the_book {
        true => user.updated_at.as_deref().and_then(seconds).map(Value::from),
        false => text(&user.updated_at),
    };
    claim("updated_at", "profile", updated);
    claim("created_at", "created_at", text(&user.created_at));
    claim("email", "email", text(&user.email));
    claim("email_verified", "email", user.email.as_ref().map(|_| json!(user.email_verified)));
    // A profile calls it otherwise than the claim.
    claim("phone_number", "phone", text(&user.phone_number));
    let is_verified = json!(user.phone_verified == Some(true));
    claim("phone_number_verified", "phone", user.phone_number.as_ref().map(|_| is_verified));
    let identities = user.identities.iter().map(|identity| {
        json!({
            "connection": identity.connection, "provider": identity.provider, "user_id": identity.user_id,
            "isSocial": identity.is_social,
        })
    });
    claim("identities", "identities", Some(identities.collect()));
}

/// A time in ISO 8601 as the number that OpenID Connect has for it.
fn seconds(at: &str) -> Option<i64> {
    at.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// The kind of ticket under which claims are kept beside a token.
const KEPT: &str = "userinfo";
