//! What an application asks for at `/authorize`, and what its parameters mean.

use std::collections::BTreeMap;

use schema::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Challenge;
use crate::{Code, Result, pipeline::Protocol};

/// The parameters that are read, each once; all others are kept for customers' code (RFC 6749 §3.1).
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr_values: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_challenge_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uri: Option<String>,
    /// What else stood in the query, the first of each name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rest: BTreeMap<String, String>,
}

impl Asked {
    /// The place of the parameter with this name, if it is read.
    pub fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "client_id" => &mut self.client_id,
            "redirect_uri" => &mut self.redirect_uri,
            "response_type" => &mut self.response_type,
            "response_mode" => &mut self.response_mode,
            "scope" => &mut self.scope,
            "state" => &mut self.state,
            "nonce" => &mut self.nonce,
            "audience" => &mut self.audience,
            "resource" => &mut self.resource,
            "prompt" => &mut self.prompt,
            "max_age" => &mut self.max_age,
            "login_hint" => &mut self.login_hint,
            "screen_hint" => &mut self.screen_hint,
            "ui_locales" => &mut self.ui_locales,
            "acr_values" => &mut self.acr_values,
            "connection" => &mut self.connection,
            "connection_scope" => &mut self.connection_scope,
            "code_challenge" => &mut self.code_challenge,
            "code_challenge_method" => &mut self.code_challenge_method,
            "authorization_details" => &mut self.authorization_details,
            "dpop_jkt" => &mut self.dpop_jkt,
            "organization" => &mut self.organization,
            "invitation" => &mut self.invitation,
            "login_ticket" => &mut self.login_ticket,
            "realm" => &mut self.realm,
            "id_token_hint" => &mut self.id_token_hint,
            "correlation_id" => &mut self.correlation_id,
            "request" => &mut self.request,
            "request_uri" => &mut self.request_uri,
            _ => return None,
        })
    }

    /// All that was asked, as scripts are told of it.
    pub fn as_query(&self) -> Object {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut query)) => {
                if let Some(Value::Object(rest)) = query.remove("rest") {
                    query.extend(rest);
                }
                query
            }
            // Texts are always JSON.
            Ok(_) | Err(_) => Object::new(),
        }
    }

    /// Keeps a parameter that is not read.
    pub fn keep(&mut self, name: String, value: String) {
        self.rest.entry(name).or_insert(value);
    }
}

/// What an application asks for at once (OAuth 2.0 Multiple Response Types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseType {
    pub code: bool,
    pub token: bool,
    pub id_token: bool,
}

impl ResponseType {
    /// What `response_type` says, in any order.
    pub fn of(asked: &Asked) -> Result<ResponseType> {
        let mut wanted = ResponseType { code: false, token: false, id_token: false };
        let Some(text) = asked.response_type.as_deref().filter(|text| !text.is_empty()) else {
            return Code::InvalidRequest.refuse("Missing required parameter: response_type");
        };
        for word in text.split(' ') {
            let slot = match word {
                "code" => &mut wanted.code,
                "token" => &mut wanted.token,
                "id_token" => &mut wanted.id_token,
                _ => return Code::UnsupportedResponseType.refuse(UNSUPPORTED),
            };
            if std::mem::replace(slot, true) {
                return Code::UnsupportedResponseType.refuse(UNSUPPORTED);
            }
        }
        Ok(wanted)
    }

    /// What scripts call it.
    pub fn protocol(self) -> Protocol {
        match (self.code, self.is_front_channel()) {
            (_, false) => Protocol::OidcBasicProfile,
            (true, true) => Protocol::OidcHybridProfile,
            (false, true) => Protocol::OidcImplicitProfile,
        }
    }

    /// Whether tokens leave at `/authorize` itself.
    pub fn is_front_channel(self) -> bool {
        self.token || self.id_token
    }
}

const UNSUPPORTED: &str = "response_type is made of code, token and id_token";

/// What somebody may, must or must not be asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing at all.
    pub none: bool,
    /// Who they are, also where that is known.
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

impl Prompt {
    /// What `prompt` says (OpenID Connect Core §3.1.2.1).
    pub fn of(asked: &Asked) -> Result<Prompt> {
        let mut prompt = Prompt::default();
        let mut words = 0;
        for word in asked.prompt.as_deref().unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            words += 1;
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => {
                    return Code::InvalidRequest.refuse("prompt is none, login, consent or select_account");
                }
            }
        }
        match prompt.none && words > 1 {
            true => Code::InvalidRequest.refuse("prompt none cannot be combined with another"),
            false => Ok(prompt),
        }
    }

    /// Whether a session does not suffice.
    pub fn wants_login(self) -> bool {
        self.login || self.select_account
    }
}

/// How many seconds ago the login may have been.
pub fn max_age(asked: &Asked) -> Result<Option<i64>> {
    let Some(text) = asked.max_age.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    // Digits only: a sign would be read as well.
    let seconds = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    match seconds {
        Some(seconds) => Ok(Some(seconds)),
        None => Code::InvalidRequest.refuse("max_age must be a number of seconds"),
    }
}

/// The challenge of RFC 7636; a public client has no other proof that the code is its own, so it must have one.
pub fn challenge(asked: &Asked, is_public: bool) -> Result<Option<Challenge>> {
    let method = asked.code_challenge_method.as_deref();
    let Some(challenge) = asked.code_challenge.as_deref() else {
        return match (is_public, method) {
            (true, _) => Code::InvalidRequest.refuse("Missing required parameter: code_challenge"),
            (false, Some(_)) => Code::InvalidRequest.refuse("code_challenge_method needs a code_challenge"),
            (false, None) => Ok(None),
        };
    };
    if !is_verifier(challenge) {
        return Code::InvalidRequest.refuse("code_challenge must be 43 to 128 unreserved characters");
    }
    match method {
        Some("S256") => Ok(Some(Challenge::S256(challenge.to_owned()))),
        Some("plain") | None if !is_public => Ok(Some(Challenge::Plain(challenge.to_owned()))),
        Some(_) | None => Code::InvalidRequest.refuse("code_challenge_method must be S256"),
    }
}

/// Whether a text has the form of a verifier, which a challenge has too (RFC 7636 §4.1).
pub(crate) fn is_verifier(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_made_of_three_things() {
        let of = |text: &str| {
            let wanted = ResponseType::of(&Asked { response_type: Some(text.into()), ..Asked::default() });
            wanted.ok().map(|wanted| (wanted.code, wanted.token, wanted.id_token))
        };
        for (text, expected) in [
            ("code", Some((true, false, false))),
            ("token", Some((false, true, false))),
            ("id_token token", Some((false, true, true))),
            ("token id_token", Some((false, true, true))),
            ("id_token token code", Some((true, true, true))),
            ("", None),
            ("none", None),
            ("Code", None),
            ("code code", None),
            ("code  token", None),
            (" code", None),
            ("code,token", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_prompt_is_made_of_a_few_words() {
        let of = |text: &str| Prompt::of(&Asked { prompt: Some(text.into()), ..Asked::default() }).ok();
        let usual = Prompt::default();
        for (text, expected) in [
            ("", Some(usual)),
            ("none", Some(Prompt { none: true, ..usual })),
            ("login", Some(Prompt { login: true, ..usual })),
            ("login consent", Some(Prompt { login: true, consent: true, ..usual })),
            ("select_account", Some(Prompt { select_account: true, ..usual })),
            ("consent", Some(Prompt { consent: true, ..usual })),
            ("none login", None),
            ("none none", None),
            ("None", None),
            ("create", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn an_age_is_a_number_of_seconds() {
        let of = |text: &str| max_age(&Asked { max_age: Some(text.into()), ..Asked::default() }).ok();
        for (text, expected) in [
            ("", Some(None)),
            ("0", Some(Some(0))),
            ("3600", Some(Some(3600))),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("99999999999999999999", None),
            (" 1", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_public_client_needs_a_challenge_that_hides_its_verifier() {
        let good = "x".repeat(43);
        for (is_public, given, method, ok) in [
            (true, Some(good.as_str()), Some("S256"), true),
            (true, Some(&good), Some("plain"), false),
            (true, Some(&good), None, false),
            (true, Some(&good), Some("s256"), false),
            (true, None, None, false),
            (true, Some(&good[1..]), Some("S256"), false),
            (true, Some("é"), Some("S256"), false),
            (false, None, None, true),
            (false, Some(&good), None, true),
            (false, Some(&good), Some("plain"), true),
            (false, Some(&good), Some("S512"), false),
            (false, None, Some("S256"), false),
        ] {
            let asked = Asked {
                code_challenge: given.map(Into::into),
                code_challenge_method: method.map(Into::into),
                ..Asked::default()
            };
            assert_eq!(challenge(&asked, is_public).is_ok(), ok, "{is_public} {given:?} {method:?}");
        }
    }
}
