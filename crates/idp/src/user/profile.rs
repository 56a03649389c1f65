//! What is known of a person without having been said: a name to show, a picture.

use md5::{Digest, Md5};
use model::user::canonical;
use schema::Object;
use serde_json::json;

/// Brings addresses and names to log in with into their stored form.
pub fn canonicalize(body: &mut Object) {
    for name in ["email", "username"] {
        if let Some(text) = body.get(name).and_then(|value| value.as_str()).map(canonical) {
            body.insert(name.into(), json!(text));
        }
    }
}

/// Fills in name, nickname and picture where nothing is said (recorded).
pub fn complete(body: &mut Object) {
    let text = |name: &str| body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let email = text("email").filter(|email| !email.is_empty());
    let (username, phone) = (text("username"), text("phone_number"));
    let Some(called) = email.clone().or(username.clone()).or(phone) else { return };
    let local = email.as_deref().and_then(|email| email.split('@').next()).map(str::to_owned);
    let picture = picture(email.as_deref(), &called);
    body.entry("name").or_insert_with(|| json!(called));
    body.entry("nickname").or_insert_with(|| json!(local.or(username).unwrap_or(called)));
    body.entry("picture").or_insert_with(|| json!(picture));
}

/// Where Gravatar keeps somebody's picture, and else one with their initials (recorded).
fn picture(email: Option<&str>, called: &str) -> String {
    let hash: String =
        Md5::digest(email.unwrap_or(called)).iter().map(|byte| format!("{byte:02x}")).collect();
    let initials: String = called.chars().filter(char::is_ascii_alphanumeric).take(2).collect();
    format!(
        "https://s.gravatar.com/avatar/{hash}?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2F{}.png",
        initials.to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_where_it_was_recorded() {
        let recorded = "https://s.gravatar.com/avatar/324ad113b0ef6dabbb2c2c4cf8a8d108?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fte.png";
        assert_eq!(
            picture(Some("testaccuser@acceptance.test.com"), "testaccuser@acceptance.test.com"),
            recorded
        );
    }

    #[test]
    fn what_was_said_stays() {
        let mut body = json!({ "email": "ann@example.com", "name": "Ann", "username": "annie" });
        let body = body.as_object_mut().unwrap();
        complete(body);
        assert_eq!((&body["name"], &body["nickname"]), (&json!("Ann"), &json!("ann")));
    }
}
