//! Mail services that take mails over HTTP, each in its own words. Those that want more than a key are told apart: they
//! are configured and kept, and a mail for them is given up with a clear word.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{EmailProvider, EmailProviderName};
use outbound::Outbound;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Letter, Unsent};

/// What is posted, and where.
struct Request {
    url: String,
    headers: Vec<(&'static str, String)>,
    media: &'static str,
    body: String,
}

/// Gives a letter to the service.
pub(super) async fn send(
    outbound: &Outbound,
    provider: &EmailProvider,
    letter: &Letter,
) -> Result<(), Unsent> {
    let request = request(provider, letter)?;
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    match outbound.post(&request.url, &headers, request.media, request.body).await {
        Ok((status, body)) => judge(provider.name, status, &body),
        Err(error) => Err(Unsent::ForNow(error.to_string())),
    }
}

fn request(provider: &EmailProvider, letter: &Letter) -> Result<Request, Unsent> {
    let credentials = provider.credentials.clone().unwrap_or_default();
    let key = credentials.api_key.as_ref().map(|key| key.expose().to_owned()).unwrap_or_default();
    // It becomes a header, which a line break would end.
    if key.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(Unsent::ForGood("the key of the mail service is not one".into()));
    }
    let bearer = |key: &str| vec![("authorization", format!("Bearer {key}"))];
    let is_eu = credentials.region.as_deref() == Some("eu");
    let message = |name: &str| provider.settings.as_ref()?.get("message")?.get(name).cloned();
    let Letter { to, from, subject, html, text, .. } = letter;
    let json = |url: &str, headers, body: Value| {
        Ok(Request { url: url.into(), headers, media: "application/json", body: body.to_string() })
    };
    match provider.name {
        EmailProviderName::Mailgun => {
            let host = if is_eu { "api.eu.mailgun.net" } else { "api.mailgun.net" };
            let domain: String =
                form_urlencoded::byte_serialize(credentials.domain.unwrap_or_default().as_bytes()).collect();
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs([
                ("from", from),
                ("to", to),
                ("subject", subject),
                ("html", html),
                ("text", text),
            ]);
            Ok(Request {
                url: format!("https://{host}/v3/{domain}/messages"),
                headers: vec![("authorization", format!("Basic {}", STANDARD.encode(format!("api:{key}"))))],
                media: "application/x-www-form-urlencoded",
                body: form.finish(),
            })
        }
        EmailProviderName::Sendgrid => json(
            "https://api.sendgrid.com/v3/mail/send",
            bearer(&key),
            json!({
                "personalizations": [{ "to": [{ "email": to }] }],
                "from": named(from),
                "subject": subject,
                "content": [{ "type": "text/plain", "value": text }, { "type": "text/html", "value": html }],
            }),
        ),
        EmailProviderName::Mandrill => {
            let sender = named(from);
            json(
                "https://mandrillapp.com/api/1.0/messages/send.json",
                Vec::new(),
                json!({ "key": key, "message": {
                    "html": html, "text": text, "subject": subject, "from_email": sender["email"],
                    "from_name": sender.get("name"), "to": [{ "email": to, "type": "to" }],
                    "view_content_link": message("view_content_link").unwrap_or(json!(false)),
                } }),
            )
        }
        EmailProviderName::Sparkpost => json(
            match is_eu {
                true => "https://api.eu.sparkpost.com/api/v1/transmissions",
                false => "https://api.sparkpost.com/api/v1/transmissions",
            },
            vec![("authorization", key)],
            json!({
                "options": { "transactional": true },
                "content": { "from": named(from), "subject": subject, "html": html, "text": text },
                "recipients": [{ "address": { "email": to } }],
            }),
        ),
        EmailProviderName::Resend => json(
            "https://api.resend.com/emails",
            bearer(&key),
            json!({ "from": from, "to": [to], "subject": subject, "html": html, "text": text }),
        ),
        EmailProviderName::Ses
        | EmailProviderName::AzureCs
        | EmailProviderName::Ms365
        | EmailProviderName::Custom
        | EmailProviderName::Smtp => {
            let name = provider.name.name();
            Err(Unsent::ForGood(format!(
                "mails are not delivered through {name} yet; its SMTP server can be used"
            )))
        }
    }
}

/// What became of it, after the service's answer.
fn judge(name: EmailProviderName, status: u16, body: &[u8]) -> Result<(), Unsent> {
    let problem = format!("{} answered with status {status}", name.name());
    match status {
        // Mandrill says in the body what it would not send.
        200 if name == EmailProviderName::Mandrill => {
            let answer: Value = serde_json::from_slice(body).unwrap_or_default();
            match answer[0]["status"].as_str() {
                Some("sent" | "queued" | "scheduled") => Ok(()),
                Some(other) => Err(Unsent::ForGood(format!("mandrill said {:.40}", other))),
                None => Err(Unsent::ForNow("mandrill answered something else".into())),
            }
        }
        200..=299 => Ok(()),
        // Too many, or a key that can be mended.
        401 | 403 | 408 | 429 | 500.. => Err(Unsent::ForNow(problem)),
        _ => Err(Unsent::ForGood(problem)),
    }
}

/// `Ann <ann@example.com>` in two parts.
fn named(mailbox: &str) -> Value {
    match mailbox.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, email)) if !name.trim().is_empty() => {
            json!({ "email": email.trim(), "name": name.trim().trim_matches('"') })
        }
        Some((_, email)) => json!({ "email": email.trim() }),
        None => json!({ "email": mailbox.trim() }),
    }
}

#[cfg(test)]
mod tests {
    use schema::Resource;

    use super::*;

    fn letter() -> Letter {
        Letter {
            template: None,
            to: "ann@example.com".into(),
            from: "Shop <shop@example.com>".into(),
            subject: "Hi & hello".into(),
            html: "<p>Hi</p>".into(),
            text: "Hi".into(),
            link: None,
            code: None,
            user_id: None,
            client_id: None,
            connection: None,
        }
    }

    fn provider(body: Value) -> EmailProvider {
        let Value::Object(body) = body else { panic!("a provider is an object") };
        EmailProvider::view(&body).unwrap()
    }

    fn of(name: &str, credentials: Value) -> Result<Request, Unsent> {
        request(&provider(json!({ "name": name, "enabled": true, "credentials": credentials })), &letter())
    }

    #[test]
    fn each_service_is_spoken_to_in_its_own_words() {
        let key = json!({ "api_key": "k", "domain": "example.com/../x", "region": "eu" });
        for (name, url, part) in [
            (
                "mailgun",
                "https://api.eu.mailgun.net/v3/example.com%2F..%2Fx/messages",
                "subject=Hi+%26+hello",
            ),
            (
                "sendgrid",
                "https://api.sendgrid.com/v3/mail/send",
                r#""from":{"email":"shop@example.com","name":"Shop"}"#,
            ),
            (
                "mandrill",
                "https://mandrillapp.com/api/1.0/messages/send.json",
                r#""from_email":"shop@example.com""#,
            ),
            (
                "sparkpost",
                "https://api.eu.sparkpost.com/api/v1/transmissions",
                r#""address":{"email":"ann@example.com"}"#,
            ),
            ("resend", "https://api.resend.com/emails", r#""to":["ann@example.com"]"#),
        ] {
            let request = of(name, key.clone()).ok().unwrap();
            assert_eq!(request.url, url);
            assert!(request.body.contains(part), "{name}: {}", request.body);
            assert!(outbound::checked(&request.url).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_sent_is_given_up_with_a_word() {
        for name in ["ses", "azure_cs", "ms365", "custom"] {
            assert!(matches!(of(name, json!({})), Err(Unsent::ForGood(why)) if why.contains(name)), "{name}");
        }
        assert!(matches!(of("resend", json!({ "api_key": "k\r\nx: y" })), Err(Unsent::ForGood(_))));
    }

    #[test]
    fn an_answer_says_whether_to_try_again() {
        let resend = EmailProviderName::Resend;
        assert!(judge(resend, 202, b"").is_ok());
        for status in [401, 429, 500, 503] {
            assert!(matches!(judge(resend, status, b""), Err(Unsent::ForNow(_))));
        }
        for status in [400, 404, 422] {
            assert!(matches!(judge(resend, status, b""), Err(Unsent::ForGood(_))));
        }
        let mandrill = EmailProviderName::Mandrill;
        assert!(judge(mandrill, 200, br#"[{"status":"queued"}]"#).is_ok());
        assert!(matches!(judge(mandrill, 200, br#"[{"status":"rejected"}]"#), Err(Unsent::ForGood(_))));
        assert!(matches!(judge(mandrill, 200, b"{"), Err(Unsent::ForNow(_))));
    }
}
