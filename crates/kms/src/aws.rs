//! The key management service of AWS: two requests, signed. The credentials are those that the server was started with;
//! nothing is looked for in files or at addresses of the machine.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::{
    Outbound,
    aws::{self, Credentials, Service},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{DataKey, Error, PURPOSE, Result, data_key};

/// One key of one region.
pub struct Aws {
    outbound: Outbound,
    service: Service,
    key: String,
    credentials: Credentials,
    /// What time it is: a signature is good for minutes.
    clock: fn() -> SystemTime,
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
        let (service, key) = (Service::new("kms", region)?, key.to_owned());
        Ok(Aws { outbound, service, key, credentials, clock })
    }

    /// At another address than the region's, such as an endpoint within a VPC.
    pub fn at(mut self, endpoint: &str) -> std::result::Result<Self, String> {
        self.service = self.service.at(endpoint).map_err(|error| error.to_string())?;
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
        let headers = self.service.signed(&target, &body, &self.credentials, (self.clock)());
        let headers = headers.map_err(Error::Refused)?;
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (status, answer) = self.outbound.post(self.service.url(), &headers, aws::MEDIA, body).await?;
        if status == 200 {
            let odd = |_| Error::Refused("it answered with something that AWS KMS does not say".into());
            return serde_json::from_slice(&answer).map_err(odd);
        }
        Err(told(status, &answer, action, key))
    }
}

/// What a refusal means; of its words only the name is read, and only if it is a known one.
fn told(status: u16, answer: &[u8], action: &str, key: &str) -> Error {
    match aws::refusal(answer).as_str() {
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
