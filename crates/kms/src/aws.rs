//! The key management service of AWS: two requests, signed. The credentials are those that the server was started with;
//! nothing is looked for in files or at addresses of the machine.

use std::time::SystemTime;

use aws_credential_types::Credentials as Identity;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::Outbound;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{DataKey, Error, PURPOSE, Result, data_key};

/// One key of one region.
pub struct Aws {
    outbound: Outbound,
    endpoint: String,
    region: String,
    key: String,
    credentials: Credentials,
    /// What time it is: a signature is good for minutes.
    clock: fn() -> SystemTime,
}

/// Who asks.
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: Zeroizing<String>,
    /// Of credentials that are good for a while.
    pub session_token: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypted {
    ciphertext_blob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: String,
}

impl Aws {
    /// The key of this identifier, ARN or alias, in the region.
    pub fn new(
        outbound: Outbound,
        region: &str,
        key: &str,
        credentials: Credentials,
        clock: fn() -> SystemTime,
    ) -> std::result::Result<Self, String> {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&region.len()) || !region.bytes().all(is_part) {
            return Err(format!("{region:?} is no region"));
        }
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = format!("https://kms.{region}.{domain}/");
        let (region, key) = (region.to_owned(), key.to_owned());
        Ok(Aws { outbound, endpoint, region, key, credentials, clock })
    }

    /// At another address than the region's, such as an endpoint within a VPC.
    pub fn at(mut self, endpoint: &str) -> std::result::Result<Self, String> {
        self.endpoint = outbound::checked(endpoint).map_err(|error| error.to_string())?.into();
        Ok(self)
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) async fn wrap(&self, data_key: &DataKey) -> Result<String> {
        let plaintext = Zeroizing::new(STANDARD.encode(data_key.as_slice()));
        let body = json!({ "KeyId": self.key, "Plaintext": *plaintext, "EncryptionContext": { "purpose": PURPOSE } });
        let wrapped: Encrypted = self.ask("Encrypt", &self.key, &body).await?;
        Ok(wrapped.ciphertext_blob)
    }

    pub(crate) async fn unwrap(&self, key: &str, wrapped: &str) -> Result<DataKey> {
        let mut body = json!({ "CiphertextBlob": wrapped, "EncryptionContext": { "purpose": PURPOSE } });
        // With the key named, AWS opens what that key wrapped and nothing else. An alias may lead to a newer one by now, and
        // AWS knows by itself which key it was.
        if !key.starts_with("alias/") && !key.contains(":alias/") {
            body["KeyId"] = key.into();
        }
        let opened: Decrypted = self.ask("Decrypt", key, &body).await?;
        data_key(&Zeroizing::new(opened.plaintext))
    }

    async fn ask<T: DeserializeOwned>(&self, action: &str, key: &str, body: &Value) -> Result<T> {
        let body = body.to_string();
        let target = format!("TrentService.{action}");
        let mut headers = vec![("x-amz-target".to_owned(), target)];
        headers.extend(self.signed(&headers, &body)?);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (status, answer) = self.outbound.post(&self.endpoint, &headers, MEDIA, body).await?;
        if status == 200 {
            let odd = |_| Error::Refused("it answered with something that AWS KMS does not say".into());
            return serde_json::from_slice(&answer).map_err(odd);
        }
        Err(told(status, &answer, action, key))
    }

    /// The headers that prove who asks.
    fn signed(&self, headers: &[(String, String)], body: &str) -> Result<Vec<(String, String)>> {
        let odd =
            |error: &dyn std::error::Error| Error::Refused(format!("the request cannot be signed: {error}"));
        let Credentials { access_key_id, secret_access_key, session_token } = &self.credentials;
        let token = session_token.as_ref().map(|token| token.to_string());
        let identity =
            Identity::new(access_key_id.as_str(), secret_access_key.as_str(), token, None, "countersign")
                .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("kms")
            .time((self.clock)())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| odd(&error))?
            .into();
        let media = [("content-type", MEDIA)].into_iter();
        let headers = media.chain(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let body = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new("POST", self.endpoint.as_str(), headers, body);
        let signed = sign(request.map_err(|error| odd(&error))?, &parameters).map_err(|error| odd(&error))?;
        let (instructions, _) = signed.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// What a refusal means; of its words only the name is read, and only if it is a known one.
fn told(status: u16, answer: &[u8], action: &str, key: &str) -> Error {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "__type")]
        kind: String,
    }
    let kind = serde_json::from_slice(answer).map_or_else(|_| String::new(), |refusal: Refusal| refusal.kind);
    match kind.rsplit('#').next().unwrap_or_default() {
        "ThrottlingException"
        | "KMSInternalException"
        | "DependencyTimeoutException"
        | "KeyUnavailableException" => Error::Away(format!("it is busy (status {status})")),
        "AccessDeniedException" => {
            Error::Refused(format!("it does not let us in: these credentials lack kms:{action} on {key}"))
        }
        "ExpiredTokenException" => {
            Error::Refused("it does not let us in: the credentials have expired".into())
        }
        "UnrecognizedClientException" | "InvalidSignatureException" | "IncompleteSignatureException" => {
            Error::Refused(
                "it does not let us in: the credentials are wrong, or the clock of this machine".into(),
            )
        }
        "NotFoundException" => Error::Refused(format!("it has no key {key} in this region and account")),
        "DisabledException" | "KMSInvalidStateException" => {
            Error::Refused(format!("its key {key} is disabled, or waits to be deleted"))
        }
        "IncorrectKeyException" | "InvalidCiphertextException" | "InvalidKeyUsageException" => {
            Error::Refused(format!(
                "its key {key} does not open this: another key wrapped it, or it has been altered"
            ))
        }
        _ if status == 429 || status >= 500 => Error::Away(format!("it is not well (status {status})")),
        _ => Error::Refused(format!("it answered with status {status}")),
    }
}

const MEDIA: &str = "application/x-amz-json-1.1";
