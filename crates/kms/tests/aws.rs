//! AWS KMS as it answers, and as somebody answers who means ill.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kms::{Aws, Credentials, DataKey, Error, Kms, way};
use outbound::scratch::{Asked, Reply, ScratchServer};
use serde_json::{Value, json};
use zeroize::Zeroizing;

const SECRET: &str = "a-secret-access-key-that-nobody-sees";

fn a_key() -> DataKey {
    Zeroizing::new([7; 32])
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_158_400)
}

fn aws(server: &ScratchServer, session_token: Option<&str>) -> Kms {
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: SECRET.to_owned().into(),
        session_token: session_token.map(|token| token.to_owned().into()),
    };
    let aws =
        Aws::new(way(server.settings().authorities), "eu-central-1", "alias/countersign", credentials, noon)
            .unwrap();
    Kms::Aws(aws.at(&server.url("/")).unwrap())
}

/// Wraps by reversing the text, and opens only under the same context.
fn kms(asked: &Asked) -> Reply {
    let body: Value = serde_json::from_str(asked.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["EncryptionContext"]["purpose"], "countersign master keys");
    let turned = |text: &Value| text.as_str().unwrap().chars().rev().collect::<String>();
    match asked.head.to_lowercase() {
        head if head.contains("x-amz-target: trentservice.encrypt\r") => {
            assert_eq!(body["KeyId"], "alias/countersign");
            Reply::json(json!({ "CiphertextBlob": turned(&body["Plaintext"]), "KeyId": "arn" }).to_string())
        }
        head if head.contains("x-amz-target: trentservice.decrypt\r") => {
            // Where the alias leads by now may be another key; a key by its own name is named.
            let named = body.get("KeyId").and_then(Value::as_str);
            assert!(named.is_none_or(|key| key == "arn:aws:kms:eu-central-1:1:key/a"), "{named:?}");
            Reply::json(json!({ "Plaintext": turned(&body["CiphertextBlob"]), "KeyId": "arn" }).to_string())
        }
        head => panic!("{head} is not asked"),
    }
}

#[tokio::test]
async fn a_key_is_wrapped_and_unwrapped_by_signed_requests() {
    let server = ScratchServer::start_reading(kms).await;
    for token in [None, Some("a-session")] {
        let aws = aws(&server, token);
        let wrapped = aws.wrap(&a_key()).await.unwrap();
        assert_eq!(aws.unwrap("alias/countersign", &wrapped).await.unwrap(), a_key());
        let head = server.requests().pop().unwrap().head.to_lowercase();
        let by_name = aws.unwrap("arn:aws:kms:eu-central-1:1:key/a", &wrapped).await.unwrap();
        assert!(by_name == a_key() && server.received().pop().unwrap().contains(":key/a"));
        let credential =
            "authorization: aws4-hmac-sha256 credential=akidexample/20251126/eu-central-1/kms/aws4_request, ";
        assert!(
            head.contains(credential) && head.contains("content-type: application/x-amz-json-1.1\r"),
            "{head}"
        );
        assert!(head.contains("x-amz-date: 20251126t120000z\r"), "{head}");
        assert_eq!(head.contains("x-amz-security-token: a-session\r"), token.is_some(), "{head}");
        let signed = head.split("signedheaders=").nth(1).unwrap().split(',').next().unwrap();
        for name in ["content-type", "host", "x-amz-date", "x-amz-target"] {
            assert!(signed.split(';').any(|header| header == name), "{name}: {signed}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_our_words() {
    let refusal = |status, kind: &str| Reply {
        status,
        ..Reply::json(json!({ "__type": kind, "message": format!("{SECRET} is wrong") }).to_string())
    };
    let cases = [
        (refusal(400, "AccessDeniedException"), "lack kms:Decrypt on alias/countersign"),
        (refusal(400, "com.amazonaws.kms#NotFoundException"), "no key alias/countersign"),
        (refusal(400, "IncorrectKeyException"), "does not open this"),
        (refusal(400, "InvalidCiphertextException"), "does not open this"),
        (refusal(400, "DisabledException"), "is disabled"),
        (refusal(400, "ExpiredTokenException"), "have expired"),
        (refusal(403, "InvalidSignatureException"), "or the clock"),
        (refusal(400, "SomethingElse"), "status 400"),
        (refusal(403, &"x".repeat(50_000)), "status 403"),
        (Reply::status(302).with("location: https://elsewhere.example/"), "redirect"),
        (Reply::json("no JSON"), "AWS KMS does not say"),
        (Reply::json("{}"), "AWS KMS does not say"),
        (Reply::json(json!({ "Plaintext": STANDARD.encode([7; 16]) }).to_string()), "no key of 32 bytes"),
        (Reply::json(json!({ "Plaintext": "A".repeat(1 << 20) }).to_string()), "too much"),
    ];
    for (answer, words) in cases {
        let server = ScratchServer::start(move |_| answer.clone()).await;
        let error = aws(&server, None).unwrap("alias/countersign", "AAAA").await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(matches!(error, Error::Refused(_)) && said.contains(words), "{words}: {said}");
        assert!(!said.contains(SECRET) && said.len() < 1000 && server.asked() == 1, "{said}");
    }
}

#[tokio::test]
async fn a_service_that_is_busy_is_away() {
    let busy = Reply { status: 400, ..Reply::json(json!({ "__type": "ThrottlingException" }).to_string()) };
    for answer in [busy, Reply::status(500), Reply::status(503), Reply::broken()] {
        let server = ScratchServer::start(move |_| answer.clone()).await;
        let error = aws(&server, None).unwrap("alias/countersign", "AAAA").await.unwrap_err();
        assert!(matches!(error, Error::Away(_)), "{error:?}");
    }
}
