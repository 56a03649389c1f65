//! What is asked of the server while it is measured, and what a right answer looks like.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::seed::{Api, Client, ES256, RS256, Seed};

/// A stream of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The same bytes each time, from the same server: what HTTP alone costs.
    Constant,
    /// One client, over and over.
    Rs256Hot,
    /// Every client in turn.
    Rs256Many,
    Es256Many,
    /// As [`Scenario::Rs256Many`], with an Action at work on each token.
    Rs256Action,
}

impl Scenario {
    pub const ALL: [Scenario; 5] = [
        Scenario::Constant,
        Scenario::Rs256Hot,
        Scenario::Rs256Many,
        Scenario::Es256Many,
        Scenario::Rs256Action,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Scenario::Constant => "constant answer",
            Scenario::Rs256Hot => "RS256, one client",
            Scenario::Rs256Many => "RS256, all clients",
            Scenario::Es256Many => "ES256, all clients",
            Scenario::Rs256Action => "RS256, an Action",
        }
    }

    /// The requests as they go over the wire, to be sent in turn.
    pub fn requests(self, host: &str, seed: &Seed) -> Vec<Vec<u8>> {
        let ask = |client: &Client, api: &Api| token_request(host, client, api);
        match self {
            Scenario::Constant => {
                vec![format!("GET /bench/constant HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()]
            }
            Scenario::Rs256Hot => seed.clients.iter().take(1).map(|client| ask(client, &RS256)).collect(),
            Scenario::Rs256Many | Scenario::Rs256Action => {
                seed.clients.iter().map(|client| ask(client, &RS256)).collect()
            }
            Scenario::Es256Many => seed.clients.iter().map(|client| ask(client, &ES256)).collect(),
        }
    }

    /// Looks at one answer: a token of the right kind and size, for the right API.
    pub fn check(self, body: &[u8]) -> Result<()> {
        let body: Value = serde_json::from_slice(body)?;
        match self {
            Scenario::Constant => Ok(()),
            Scenario::Rs256Hot | Scenario::Rs256Many => check_token(&body, &RS256, 256).map(drop),
            Scenario::Es256Many => check_token(&body, &ES256, 64).map(drop),
            Scenario::Rs256Action => {
                let payload = check_token(&body, &RS256, 256)?;
                ensure!(payload["https://bench.example/scopes"] == 2, "the Action's claim is missing");
                Ok(())
            }
        }
    }
}

fn token_request(host: &str, Client { id, secret }: &Client, api: &Api) -> Vec<u8> {
    // The audiences of the seed hold no other character that a form escapes.
    let audience = api.audience.replace(':', "%3A").replace('/', "%2F");
    let body =
        format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&audience={audience}");
    let length = body.len();
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn check_token(body: &Value, api: &Api, signature_length: usize) -> Result<Value> {
    ensure!(body["token_type"] == "Bearer", "token_type is {}", body["token_type"]);
    let token = body["access_token"].as_str().context("no access_token")?;
    let parts =
        token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part)).collect::<Result<Vec<_>, _>>()?;
    let [header, payload, signature] = parts.as_slice() else { anyhow::bail!("a JWS has three parts") };
    let (header, payload): (Value, Value) =
        (serde_json::from_slice(header)?, serde_json::from_slice(payload)?);
    ensure!(header["alg"] == api.algorithm, "alg is {}", header["alg"]);
    ensure!(header["kid"].is_string(), "no kid");
    ensure!(payload["aud"] == api.audience, "aud is {}", payload["aud"]);
    ensure!(payload["exp"].as_u64() > payload["iat"].as_u64(), "it is born expired");
    ensure!(payload["scope"] == "read write", "scope is {}", payload["scope"]);
    ensure!(signature.len() == signature_length, "the signature has {} bytes", signature.len());
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(header: &str, payload: &str, signature: &[u8]) -> Vec<u8> {
        let [header, payload, signature] = [header.as_bytes(), payload.as_bytes(), signature]
            .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        format!(r#"{{"access_token":"{header}.{payload}.{signature}","token_type":"Bearer"}}"#).into_bytes()
    }

    #[test]
    fn only_a_right_token_passes() {
        let (header, payload) = (
            r#"{"alg":"ES256","kid":"k"}"#,
            r#"{"aud":"https://es256.bench.example","iat":1,"exp":2,"scope":"read write"}"#,
        );
        let es256 = |answer: &[u8]| Scenario::Es256Many.check(answer);
        es256(&answer(header, payload, &[0; 64])).expect("all is right");
        assert!(es256(&answer(header, payload, &[0; 63])).is_err());
        assert!(es256(&answer(r#"{"alg":"RS256","kid":"k"}"#, payload, &[0; 64])).is_err());
        assert!(es256(&answer(header, r#"{"aud":"other","iat":1,"exp":2}"#, &[0; 64])).is_err());
        for hostile in [
            &b""[..],
            b"{}",
            b"null",
            b"\xff",
            br#"{"token_type":"Bearer","access_token":"a.b"}"#,
            br#"{"token_type":"Bearer","access_token":7}"#,
        ] {
            assert!(es256(hostile).is_err());
        }
    }
}
