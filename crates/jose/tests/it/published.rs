//! The worked examples of RFC 7515, RFC 7638 and RFC 8037.

use jose::{Algorithm, Jwk, Signer, Token, VerifyingKey, b64url_decode};
use serde_json::{Value, json};

#[test]
fn rfc_7515_a_1_hs256() {
    let secret = b64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    )
    .unwrap();
    let text =
        format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let token = Token::parse(&text).unwrap();
    assert_eq!((token.alg(), token.typ(), token.kid()), (Some(Algorithm::HS256), Some("JWT"), None));
    assert_eq!(Value::Object(token.verify(&VerifyingKey::hmac(&secret)).unwrap()), joe());
}

#[test]
fn rfc_7515_a_2_rs256() {
    let text = format!(
        "eyJhbGciOiJSUzI1NiJ9.{JOE}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5\
         jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOL\
         n6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypG\
         lUPQGe77Rw"
    );
    let key = key(
        Algorithm::RS256,
        json!({ "kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2m\
            JPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9\
            e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFk\
            MLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" }),
    );
    assert_eq!(Value::Object(Token::parse(&text).unwrap().verify(&key).unwrap()), joe());
}

#[test]
fn rfc_7515_a_3_es256() {
    let text = format!(
        "eyJhbGciOiJFUzI1NiJ9.{JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let key = key(
        Algorithm::ES256,
        json!({ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }),
    );
    assert_eq!(Value::Object(Token::parse(&text).unwrap().verify(&key).unwrap()), joe());
}

#[test]
fn rfc_8037_a_3_and_a_4_ed25519() {
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }))
    .unwrap();
    assert_eq!(jwk.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");

    let key = VerifyingKey::public(Algorithm::EdDSA, jwk.public_key().unwrap()).unwrap();
    let token = Token::parse(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
         hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    )
    .unwrap();
    assert_eq!(token.payload(&key).unwrap(), b"Example of Ed25519 signing");
    assert!(token.verify(&key).is_err(), "the payload is no object of claims");
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29", "x": "stray", "n":
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64\
         tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91Cb\
         OpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" }))
    .unwrap();
    assert_eq!(jwk.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(jwk.public_key().unwrap().jwk().thumbprint(), jwk.thumbprint());
}

#[test]
fn the_header_has_its_order() {
    let token = Signer::hmac(b"secret", "JWT").sign(b"{}").unwrap();
    let header = token.split('.').next().unwrap();
    assert_eq!(b64url_decode(header).unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
}

fn key(algorithm: Algorithm, jwk: Value) -> VerifyingKey {
    let jwk: Jwk = serde_json::from_value(jwk).expect("a JWK");
    VerifyingKey::public(algorithm, jwk.public_key().expect("a key")).expect("a key for the algorithm")
}

fn joe() -> Value {
    json!({ "iss": "joe", "exp": 1300819380, "http://example.com/is_root": true })
}

const JOE: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
