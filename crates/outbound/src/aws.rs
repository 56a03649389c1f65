//! Services of AWS that are asked in JSON: where they are, and the signature by which they know who asks (Signature
//! Version 4). The credentials are those that the operator gave; nothing is looked for in files or at addresses of the
//! machine.

use std::time::SystemTime;

use aws_credential_types::Credentials as Identity;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Who asks.
#[derive(Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: Zeroizing<String>,
    /// Of credentials that are good for a while.
    pub session_token: Option<Zeroizing<String>>,
}

/// One service in one region.
#[derive(Debug, Clone)]
pub struct Service {
    name: &'static str,
    region: String,
    url: String,
}

impl Service {
    /// The service of this name where the region has it; or why that is no region.
    pub fn new(name: &'static str, region: &str) -> Result<Self, String> {
        check_region(region)?;
        let mut service = Service { name, region: region.to_owned(), url: String::new() };
        let domain = if service.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        service.url = format!("https://{name}.{region}.{domain}/");
        Ok(service)
    }

    /// The part of AWS that the region belongs to, as names of resources begin with it.
    pub fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// At another address than the region's, such as an endpoint within a VPC.
    pub fn at(self, url: &str) -> crate::Result<Self> {
        Ok(Service { url: crate::checked(url)?.into(), ..self })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers of a post of this body that ask for a target, and prove who asks.
    pub fn signed(
        &self,
        target: &str,
        body: &str,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<Vec<(String, String)>, String> {
        let odd = |error: &dyn std::error::Error| format!("the request cannot be signed: {error}");
        let Credentials { access_key_id, secret_access_key, session_token } = credentials;
        let token = session_token.as_ref().map(|token| token.to_string());
        let identity =
            Identity::new(access_key_id.as_str(), secret_access_key.as_str(), token, None, "countersign")
                .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.name)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| odd(&error))?
            .into();
        let headers = [("content-type", MEDIA), ("x-amz-target", target)].into_iter();
        let request = SignableRequest::new("POST", &self.url, headers, SignableBody::Bytes(body.as_bytes()));
        let signed = sign(request.map_err(|error| odd(&error))?, &parameters).map_err(|error| odd(&error))?;
        let (instructions, _) = signed.into_parts();
        let proofs = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok([("x-amz-target".to_owned(), target.to_owned())].into_iter().chain(proofs).collect())
    }
}

/// Whether a text may name a region: it becomes one label of a host name, and part of what is signed.
pub fn check_region(text: &str) -> Result<(), String> {
    let consists =
        |word: &str, is_part: fn(&u8) -> bool| !word.is_empty() && word.bytes().all(|b| is_part(&b));
    let words: Vec<&str> = text.split('-').collect();
    // As all are. With fewer words it might be a service: events.s3.amazonaws.com is somebody's bucket.
    let is_region = match &words[..] {
        [first, middle @ .., last] if !middle.is_empty() => {
            consists(first, u8::is_ascii_lowercase)
                && middle.iter().all(|word| consists(word, u8::is_ascii_lowercase))
                && consists(last, u8::is_ascii_digit)
        }
        _ => false,
    };
    match text.len() <= 32 && is_region {
        true => Ok(()),
        false => Err(format!("{text:?} is no region")),
    }
}

/// The name of what went wrong, as an answer that is not 200 says it; empty if it says none.
pub fn refusal(answer: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(rename = "__type")]
        kind: String,
    }
    let kind = serde_json::from_slice(answer).map_or_else(|_| String::new(), |refusal: Refusal| refusal.kind);
    kind.rsplit('#').next().unwrap_or_default().to_owned()
}

/// The media type in which these services are asked.
pub const MEDIA: &str = "application/x-amz-json-1.1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_label_of_a_host() {
        for region in ["eu-central-1", "us-gov-west-1", "cn-north-1"] {
            let service = Service::new("events", region).unwrap();
            assert!(service.url().starts_with(&format!("https://events.{region}.amazonaws.com")), "{region}");
        }
        let long = "a".repeat(33);
        for region in [
            "",
            "-",
            "eu-",
            "eu--1",
            "s3",
            "s3-us-west-2",
            "s3-accelerate",
            "eu-1",
            "eu-west",
            "EU-west-1",
            "eu.west",
            "x/y",
            "x#",
            "x@y",
            "x:1",
            "a\0b",
            "\u{e9}",
            &long,
        ] {
            assert!(Service::new("events", region).is_err(), "{region:?}");
        }
    }

    #[test]
    fn a_refusal_is_known_by_its_name_alone() {
        let name = |answer: &str| refusal(answer.as_bytes());
        assert_eq!(
            name(r#"{"__type":"com.amazonaws.events#ThrottlingException","message":"x"}"#),
            "ThrottlingException"
        );
        assert_eq!(name(r#"{"__type":"InternalException"}"#), "InternalException");
        for other in ["", "[]", "{}", r#"{"__type":7}"#, "<html>"] {
            assert_eq!(name(other), "", "{other}");
        }
    }
}
