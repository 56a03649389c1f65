//! Transit as it answers, and as somebody answers who means ill. That it is Vault which answers is played here by a server
//! that wraps by turning bytes; what a real one says of a policy or a sealed server are statuses.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kms::{DataKey, Error, Kms, Secret, Vault, way};
use outbound::scratch::{Asked, Reply, ScratchServer};
use serde_json::{Value, json};
use zeroize::Zeroizing;

const TOKEN: &str = "hvs.a-token-that-nobody-sees";

fn a_key() -> DataKey {
    Zeroizing::new(*b"0123456789abcdef0123456789abcdef")
}

/// Wraps by reversing the text.
fn transit(asked: &Asked) -> Reply {
    let body: Value = serde_json::from_str(asked.body.as_deref().unwrap()).unwrap();
    let turned = |text: &str| text.chars().rev().collect::<String>();
    match asked.path.as_str() {
        "/v1/transit/encrypt/new" => {
            let wrapped = format!("vault:v1:{}", turned(body["plaintext"].as_str().unwrap()));
            Reply::json(json!({ "data": { "ciphertext": wrapped, "key_version": 1 } }).to_string())
        }
        "/v1/transit/decrypt/new" | "/v1/transit/decrypt/old" => {
            let plain = turned(body["ciphertext"].as_str().unwrap().strip_prefix("vault:v1:").unwrap());
            Reply::json(json!({ "data": { "plaintext": plain } }).to_string())
        }
        path => panic!("{path} is not asked"),
    }
}

fn vault(server: &ScratchServer) -> Kms {
    let vault = Vault::new(
        way(server.settings().authorities),
        &server.url("/"),
        "transit",
        "new",
        Secret::Given(TOKEN.to_owned().into()),
    )
    .unwrap();
    Kms::Vault(vault.within(Some("team")))
}

#[tokio::test]
async fn a_key_is_wrapped_and_unwrapped() {
    let server = ScratchServer::start_reading(transit).await;
    let vault = vault(&server);
    let wrapped = vault.wrap(&a_key()).await.unwrap();
    assert!(wrapped.starts_with("vault:v1:"));
    assert_eq!(vault.unwrap("new", &wrapped).await.unwrap(), a_key());
    // What an older key wrapped, which is still there.
    assert_eq!(vault.unwrap("old", &wrapped).await.unwrap(), a_key());
    for asked in server.requests() {
        let head = asked.head.to_lowercase();
        assert!(
            head.contains(&format!("x-vault-token: {TOKEN}")) && head.contains("x-vault-namespace: team")
        );
    }
}

#[tokio::test]
async fn a_token_in_a_file_is_read_each_time() {
    let server = ScratchServer::start_reading(transit).await;
    let folder = std::env::temp_dir().join(format!("kms-token-{}", std::process::id()));
    let _ = std::fs::remove_file(&folder);
    let of_file = Vault::new(
        way(server.settings().authorities),
        &server.url(""),
        "transit",
        "new",
        Secret::File(folder.clone()),
    )
    .unwrap();
    let vault = Kms::Vault(of_file);
    // Nothing there yet, and nothing in it: the agent will write it.
    assert!(matches!(vault.wrap(&a_key()).await, Err(Error::Away(_))));
    for odd in ["", "\n", "two\nlines", "a\0b"] {
        std::fs::write(&folder, odd).unwrap();
        assert!(matches!(vault.wrap(&a_key()).await, Err(Error::Away(_))), "{odd:?}");
    }
    assert_eq!(server.asked(), 0);
    std::fs::write(&folder, "first\n").unwrap();
    vault.wrap(&a_key()).await.unwrap();
    std::fs::write(&folder, "second\n").unwrap();
    vault.wrap(&a_key()).await.unwrap();
    std::fs::remove_file(&folder).unwrap();
    let heads: Vec<String> = server.requests().into_iter().map(|asked| asked.head).collect();
    assert!(heads[0].contains("x-vault-token: first\r") && heads[1].contains("x-vault-token: second\r"));
}

#[tokio::test]
async fn an_answer_that_is_none_is_refused_and_not_repeated() {
    let secret = STANDARD.encode(*a_key());
    let plain = |text: &str| Reply::json(json!({ "data": { "plaintext": text } }).to_string());
    let answers = [
        Reply::json("no JSON"),
        Reply::json(""),
        Reply::json("null"),
        Reply::json("{}"),
        Reply::json(json!({ "data": {} }).to_string()),
        Reply::json(json!({ "data": { "plaintext": 7 } }).to_string()),
        Reply::json(json!({ "data": { "plaintext": [secret] } }).to_string()),
        Reply::json("[".repeat(60_000)),
        plain(""),
        plain("no base64"),
        plain("AAAA"),
        plain(&STANDARD.encode([7; 31])),
        plain(&STANDARD.encode([7; 33])),
        plain(&"A".repeat(40_000)),
        // Longer than anything that is read.
        plain(&"A".repeat(1 << 20)),
        Reply::status(302).with("location: https://elsewhere.example/"),
        Reply::status(307).with("location: /v1/transit/decrypt/new"),
        Reply::status(204),
        Reply::status(400),
        Reply { status: 400, ..Reply::json(json!({ "errors": [secret, TOKEN] }).to_string()) },
        Reply { status: 403, ..Reply::json(json!({ "errors": [TOKEN] }).to_string()) },
        Reply::status(404),
        Reply::status(418),
    ];
    for answer in answers {
        let shown = format!("{} {:.60}", answer.status, String::from_utf8_lossy(&answer.body));
        let server = ScratchServer::start(move |_| answer.clone()).await;
        let error = vault(&server).unwrap("new", "vault:v1:AAAA").await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{shown}: {error:?}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(&secret) && !said.contains(TOKEN) && said.len() < 1000, "{shown}: {said}");
        assert_eq!(server.asked(), 1, "{shown}: a redirect is not followed, and nothing is tried twice");
    }
}

#[tokio::test]
async fn a_wrapped_key_that_is_no_word_is_refused() {
    for wrapped in ["", "two words", "a\nb", "\u{e9}", &"A".repeat(20_000)] {
        let body = json!({ "data": { "ciphertext": wrapped } }).to_string();
        let server = ScratchServer::start(move |_| Reply::json(body.clone())).await;
        let error = vault(&server).wrap(&a_key()).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{wrapped:.20}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_well_is_away() {
    for answer in
        [Reply::status(503), Reply::status(500), Reply::status(429), Reply::status(473), Reply::broken()]
    {
        let server = ScratchServer::start(move |_| answer.clone()).await;
        let error = vault(&server).unwrap("new", "vault:v1:AAAA").await.unwrap_err();
        assert!(matches!(error, Error::Away(_)), "{error:?}");
    }
    let server = ScratchServer::start_reading(transit).await;
    let gone = vault(&server);
    drop(server);
    assert!(matches!(gone.unwrap("new", "vault:v1:AAAA").await, Err(Error::Away(_))));
}

#[tokio::test]
async fn a_server_under_another_authority_is_not_told_the_token() {
    let server = ScratchServer::start_reading(transit).await;
    let vault =
        Vault::new(way(None), &server.url(""), "transit", "new", Secret::Given(TOKEN.to_owned().into()))
            .unwrap();
    assert!(Kms::Vault(vault).unwrap("new", "vault:v1:AAAA").await.is_err());
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn a_name_from_a_file_leads_to_no_other_path() {
    let server = ScratchServer::start_reading(transit).await;
    let vault = vault(&server);
    for name in ["../../sys/seal", "new?x=", "new#", "new/../old", "%2e%2e", ""] {
        assert!(matches!(vault.unwrap(name, "vault:v1:AAAA").await, Err(Error::Refused(_))), "{name}");
    }
    assert_eq!(server.asked(), 0);
}
