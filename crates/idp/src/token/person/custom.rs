//! What customers' code has a person's tokens say: laid over what they say anyway, as far as Auth0's rules for custom claims
//! allow.

use schema::Object;
use serde_json::{Map, Value};

use crate::{
    Code, Result,
    token::{actions::custom_claims, audience},
};

/// Adds claims to an access token.
pub fn add(claims: &mut Map<String, Value>, custom: &Object, is_for_ourselves: bool) {
    for (name, value) in custom {
        if custom_claims::is_allowed(name, is_for_ourselves).is_ok() && !value.is_null() {
            claims.insert(name.clone(), value.clone());
        }
    }
}

/// Lays claims over what is told of a person; one that OpenID Connect defines is told only where its scope was asked for.
pub fn tell(claims: &mut Map<String, Value>, custom: &Object, scope: &str) {
    for (name, value) in custom {
        let is_asked = scope_of(name)
            .is_none_or(|group| audience::contains(scope, group) || audience::contains(scope, name));
        if custom_claims::is_allowed(name, false).is_ok() && is_asked && !value.is_null() {
            claims.insert(name.clone(), value.clone());
        }
    }
}

/// Refuses more than a token may say.
pub fn fit(custom: &Object) -> Result<()> {
    match custom_claims::fit(custom) {
        Ok(()) => Ok(()),
        Err(_) => Code::ServerError.refuse("The custom claims are larger than 100 KB"),
    }
}

/// The scope that brings a claim of OpenID Connect (Core §5.4).
fn scope_of(claim: &str) -> Option<&'static str> {
    Some(match claim {
        "birthdate" | "family_name" | "gender" | "given_name" | "locale" | "middle_name" | "name"
        | "nickname" | "picture" | "preferred_username" | "profile" | "updated_at" | "website"
        | "zoneinfo" => "profile",
        "email" | "email_verified" => "email",
        "phone_number" | "phone_number_verified" => "phone",
        "address" => "address",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap().into_iter().collect()
    }

    #[test]
    fn a_claim_is_laid_over_where_it_may_be() {
        let custom = object(json!({
            "https://shop.example/tier": "gold", "tier": "gold", "name": "Other", "email": "x@y.example",
            "sub": "somebody", "sid": "x", "aud": [], "https://auth0.com/x": 1, "urn:auth0:x": 1, "empty": null,
        }));
        let mut claims =
            Map::from_iter([("sub".to_owned(), json!("ann")), ("name".to_owned(), json!("Ann"))]);
        tell(&mut claims, &custom, "openid profile");
        let expected = json!({
            "sub": "ann", "name": "Other", "https://shop.example/tier": "gold", "tier": "gold",
        });
        assert_eq!(Value::Object(claims), expected);
        let mut claims = Map::new();
        tell(&mut claims, &custom, "openid email");
        assert_eq!((claims.get("name"), claims.get("email")), (None, Some(&json!("x@y.example"))));
    }

    #[test]
    fn tokens_for_ourselves_say_only_what_has_a_namespace() {
        let custom = object(json!({ "https://shop.example/tier": "gold", "tier": "gold", "scope": "all" }));
        for (is_for_ourselves, expected) in [
            (true, json!({ "https://shop.example/tier": "gold" })),
            (false, json!({ "https://shop.example/tier": "gold", "tier": "gold" })),
        ] {
            let mut claims = Map::new();
            add(&mut claims, &custom, is_for_ourselves);
            assert_eq!(Value::Object(claims), expected);
        }
    }
}
