//! A DPoP proof: as it comes, and with header and claims that are signed by the key they name.

#![no_main]

use std::sync::{Arc, LazyLock};

use jose::{Algorithm, KeyKind, PrivateKey, Signer, dpop};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static KEY: LazyLock<Arc<PrivateKey>> =
    LazyLock::new(|| Arc::new(PrivateKey::generate(KeyKind::Ed25519).expect("a key can be made")));

fuzz_target!(|text: &str| {
    let uris = ["https://idp.example/oauth/token"];
    let request = dpop::Request { method: "POST", uris: &uris, now: 1_782_907_200, access_token: None };
    let _ = dpop::verify(text, &request);
    let (header, claims) = text.split_once('\n').unwrap_or(("", text));
    let own = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": KEY.public().jwk() });
    let header: Value = serde_json::from_str(header).unwrap_or(own);
    let Ok(signer) = Signer::with_header(Algorithm::EdDSA, KEY.clone(), &header) else { return };
    let Ok(compact) = signer.sign(claims.as_bytes()) else { return };
    if let Ok(proof) = dpop::verify(&compact, &request) {
        assert_eq!(proof.jkt, KEY.public().jwk().thumbprint());
        assert!(!proof.jti.is_empty() && proof.jti.len() <= 256);
        assert!(proof.expires >= request.now && proof.expires <= request.now + 400);
    }
});
