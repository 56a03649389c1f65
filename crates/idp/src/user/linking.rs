//! Two people who are one: the accounts of the second become further accounts of the first, and back.

use jose::Token;
use model::{User, user::Identity};
use schema::Object;
use serde_json::{Value, json};

use super::{cascade, replace};
use crate::{Change, Document, Result, Tenant, access_token};

/// Gives one person the accounts of another, who is no longer; answers what is known of the one then. What the
/// other's accounts said of them is kept with the accounts, and their metadata goes.
pub async fn link(tenant: &Tenant, main: &Document, other: &Document) -> Result<Object> {
    let mut body = main.body.clone();
    let mut added = identities(&other.body);
    if let Some(first) = added.first_mut() {
        first.insert("profileData".into(), Value::Object(profile_of(&other.body)));
    }
    let all: Vec<Value> = identities(&body).into_iter().chain(added).map(Value::Object).collect();
    body.insert("identities".into(), Value::Array(all));
    body.insert("updated_at".into(), json!(tenant.clock().iso()));
    let mut changes = cascade::beside_accounts(tenant, &other.id).await?;
    changes.push(Change::expect::<User>(other));
    // First, so that its accounts are free.
    changes.push(Change::delete::<User>(&*other.id));
    changes.push(replace(main, body.clone()));
    tenant.commit(changes).await?;
    cascade::log_out_everywhere(tenant, &other.id).await?;
    Ok(body)
}

/// Makes a person of their own of whoever has one of somebody's further accounts; answers what is known of the one who
/// had it. Nothing if it is none of their further accounts.
pub async fn unlink(
    tenant: &Tenant,
    main: &Document,
    provider: &str,
    account: &str,
) -> Result<Option<Object>> {
    let mut body = main.body.clone();
    let all = identities(&body);
    let is_it = |identity: &Object| {
        identity.get("provider") == Some(&json!(provider)) && identity.get("user_id") == Some(&json!(account))
    };
    let Some(place) = all.iter().skip(1).position(is_it).map(|place| place + 1) else { return Ok(None) };
    let mut identity = all[place].clone();
    let mut person = match identity.shift_remove("profileData") {
        Some(Value::Object(profile)) => profile,
        _ => Object::new(),
    };
    let (user_id, now) = (format!("{provider}|{account}"), tenant.clock().iso());
    for (name, value) in [
        ("user_id", json!(user_id)),
        ("identities", json!([identity])),
        ("created_at", json!(now)),
        ("updated_at", json!(now)),
    ] {
        person.insert(name.into(), value);
    }
    person.entry("email_verified").or_insert(Value::Bool(false));
    super::profile::complete(&mut person);
    let kept = all.into_iter().enumerate().filter(|(at, _)| *at != place).map(|(_, one)| Value::Object(one));
    body.insert("identities".into(), Value::Array(kept.collect()));
    body.insert("updated_at".into(), json!(now));
    let keys = User::keys(&person);
    let alone = Change::create::<User>(user_id, person).with_keys(keys);
    tenant.commit(vec![replace(main, body.clone()), alone]).await?;
    // Who came by it is not who stays.
    cascade::log_out_everywhere(tenant, &main.id).await?;
    Ok(Some(body))
}

/// What a person's first account says of them.
pub fn profile_of(body: &Object) -> Object {
    let mut profile = Object::new();
    for name in PROFILE {
        if let Some(value) = body.get(*name) {
            profile.insert((*name).into(), value.clone());
        }
    }
    // A name that only repeats the address says nothing.
    if profile.get("name").is_some() && profile.get("name") == profile.get("email") {
        profile.shift_remove("name");
    }
    profile
}

/// Whose ID token this is, if this tenant signed it with a public key for this client and it has not expired.
pub fn proved_by(tenant: &Tenant, id_token: &str, client_id: &str) -> Option<String> {
    let token = Token::parse(id_token).ok()?;
    let alg = token.alg()?;
    let claims = token.verify(&tenant.snapshot().keys.verifying_key(token.kid()?, alg)?).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // An access token names its client elsewhere.
    let is_id_token = !claims.contains_key("azp") && !claims.contains_key("client_id");
    let is_alive = claims.get("exp").and_then(Value::as_i64)? > tenant.clock().now();
    let is_ours =
        is_id_token && access_token::is_issuer(tenant, text("iss")?) && text("aud") == Some(client_id);
    (is_ours && is_alive).then(|| text("sub").map(str::to_owned)).flatten()
}

fn identities(body: &Object) -> Vec<Object> {
    let all = body.get("identities").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_object).cloned().collect()
}

/// The further account that somebody has in a connection.
pub fn further_in<'a>(user: &'a User, connection: &str) -> Option<&'a Identity> {
    user.identities.iter().skip(1).find(|identity| identity.connection == connection)
}

const PROFILE: &[&str] = &[
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
];
