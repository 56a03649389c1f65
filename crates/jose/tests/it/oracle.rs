//! Another library judges: it accepts what is signed here, and what it signs is accepted here.

use std::sync::Arc;

use jose::{Algorithm, KeyKind, PrivateKey, Signer, Token, VerifyingKey, b64url_decode};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

#[test]
fn every_algorithm_agrees_both_ways() {
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::HS256) {
        let kind = algorithm.key_kind().unwrap();
        let key = Arc::new(PrivateKey::generate(kind).unwrap());
        let signer = Signer::new(algorithm, key.clone(), "a\"kid", "at+jwt").unwrap();
        let ours = VerifyingKey::public(algorithm, key.public().clone()).unwrap();
        let pkcs8 = key.to_pkcs8().unwrap();
        let pem = der::pem::encode_string("PRIVATE KEY", der::pem::LineEnding::LF, &pkcs8).unwrap();
        let spki = key.public().to_spki_pem();
        let (encoding, decoding) = match kind {
            KeyKind::Rsa => {
                (EncodingKey::from_rsa_pem(pem.as_bytes()), DecodingKey::from_rsa_pem(spki.as_bytes()))
            }
            KeyKind::P256 => {
                (EncodingKey::from_ec_pem(pem.as_bytes()), DecodingKey::from_ec_pem(spki.as_bytes()))
            }
            KeyKind::Ed25519 => {
                (EncodingKey::from_ed_pem(pem.as_bytes()), DecodingKey::from_ed_pem(spki.as_bytes()))
            }
        };
        agree(&signer, &ours, &encoding.unwrap(), &decoding.unwrap());

        let jwk = serde_json::to_value(key.public().jwk()).unwrap();
        let decoding = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        judge(&signer.sign(&claims()).unwrap(), algorithm, &decoding);
    }
}

#[test]
fn a_shared_secret_agrees_both_ways() {
    let secret = b"a secret that is at least as long as it needs to be";
    let signer = Signer::hmac(secret, "JWT");
    let (encoding, decoding) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
    agree(&signer, &VerifyingKey::hmac(secret), &encoding, &decoding);
}

#[test]
fn signatures_have_their_jose_length() {
    for (algorithm, length) in
        [(Algorithm::RS256, 256), (Algorithm::PS256, 256), (Algorithm::ES256, 64), (Algorithm::EdDSA, 64)]
    {
        let key = Arc::new(PrivateKey::generate(algorithm.key_kind().unwrap()).unwrap());
        let token = Signer::new(algorithm, key, "kid", "JWT").unwrap().sign(&claims()).unwrap();
        assert_eq!(b64url_decode(token.rsplit('.').next().unwrap()).unwrap().len(), length);
    }
}

#[test]
fn the_longest_rsa_key_signs() {
    let key = Arc::new(PrivateKey::generate_rsa(4096).unwrap());
    let signer = Signer::new(Algorithm::RS512, key, "kid", "JWT").unwrap();
    let token = signer.sign(&claims()).unwrap();
    Token::parse(&token).unwrap().verify(&signer.verifying_key().unwrap()).unwrap();
}

fn agree(signer: &Signer, ours: &VerifyingKey, encoding: &EncodingKey, decoding: &DecodingKey) {
    let algorithm = signer.algorithm();
    let made_here = signer.sign(&claims()).expect("signs");
    judge(&made_here, algorithm, decoding);
    let read_here = Token::parse(&made_here).expect("a token").verify(ours).expect("genuine");
    assert_eq!(Value::Object(read_here), judge(&made_here, algorithm, decoding));
    Token::parse(&made_here)
        .expect("a token")
        .verify(&signer.verifying_key().expect("a key"))
        .expect("genuine");

    let made_there = jsonwebtoken::encode(&Header::new(theirs(algorithm)), &json!({ "sub": "x" }), encoding)
        .expect("signs");
    let read_here = Token::parse(&made_there).expect("a token").verify(ours).expect("genuine");
    assert_eq!(Value::Object(read_here), json!({ "sub": "x" }));
}

fn judge(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Value {
    let mut validation = Validation::new(theirs(algorithm));
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let judged = jsonwebtoken::decode::<Value>(token, key, &validation).expect("the judge accepts it");
    assert_eq!(judged.claims, json!({ "sub": "client@clients", "azp": "client" }));
    judged.claims
}

fn theirs(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.as_str().parse().expect("the judge knows it too")
}

fn claims() -> Vec<u8> {
    br#"{"sub":"client@clients","azp":"client"}"#.to_vec()
}
