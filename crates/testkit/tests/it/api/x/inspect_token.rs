//! `POST /api/x/inspect-token`

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

const PATH: &str = "/api/x/inspect-token";
const API: &str = "https://api.example";
const NAMES: [&str; 6] = ["signature", "issuer", "audience", "time", "scopes", "revocation"];

#[tokio::test]
async fn a_good_token_passes_every_check() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    tenant.later(90_000);
    let body = json!({ "token": token, "audience": API, "scope": "read:a" });

    let answer = tenant.allowed(&["read:resource_servers"]).post(PATH, body).await.must_be(200);

    assert_eq!(answer.members(), ["header", "claims", "checks", "valid"]);
    assert_eq!((&answer["valid"], &answer["claims"]), (&json!(true), &testkit::claims(&token)));
    let kid = testkit::header(&token)["kid"].as_str().unwrap().to_owned();
    let words = [
        format!("Signed by the current key of this tenant, \"{kid}\", with RS256."),
        "Issued by https://idp.example/, this tenant.".into(),
        format!("It is for {API}."),
        "Issued 1 min 30 s ago, expires in 23 h 58 min.".into(),
        "It has read:a write:b.".into(),
        "It was not revoked.".into(),
    ];
    for (n, name) in NAMES.into_iter().enumerate() {
        assert_eq!(answer["checks"][n], json!({ "name": name, "ok": true, "message": words[n] }));
    }
    // It is no change, and no token belongs into a log.
    let log = tenant.get("/api/v2/logs").await.text();
    assert!(!log.contains("Inspect") && !log.contains(&token[..40]));
}

#[tokio::test]
async fn what_is_wrong_fails_its_own_line_only() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.api(json!({ "identifier": "urn:hs", "signing_alg": "HS256" })).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": "urn:hs", "scope": ["read:a"] })).await;
    let theirs = {
        let other = tenant.other();
        let m2m = other.client_of_an_api().await;
        other.token(m2m.asks_for(API)).await
    };
    for audience in [API, "urn:hs"] {
        let token = tenant.token(m2m.asks_for(audience)).await;
        let (start, signature) = token.rsplit_once('.').unwrap();
        let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
        let altered = format!("{start}.{flipped}{}", &signature[1..]);
        for (body, wrong) in [
            (json!({ "token": token }), &[][..]),
            (json!({ "token": format!(" {token}\n") }), &[]),
            (json!({ "token": altered }), &["signature"]),
            (json!({ "token": token, "audience": "urn:other" }), &["audience"]),
            (json!({ "token": token, "scope": "read:a delete:all" }), &["scopes"]),
            (
                json!({ "token": altered, "audience": "urn:other", "scope": "x" }),
                &["signature", "audience", "scopes"],
            ),
        ] {
            let answer = tenant.post(PATH, body.clone()).await.must_be(200);
            assert_eq!(failed(&answer), wrong, "{body}: {}", answer.text());
            assert_eq!(answer["valid"], wrong.is_empty());
        }
    }
    // The other tenant's token: neither its key nor its name is known here; an API of that name is.
    assert_eq!(failed(&tenant.post(PATH, json!({ "token": theirs })).await), ["signature", "issuer"]);
    let hs = tenant.token(m2m.asks_for("urn:hs")).await;
    assert_eq!(
        failed(&tenant.other().post(PATH, json!({ "token": hs })).await),
        ["signature", "issuer", "audience"]
    );
    let late = tenant.token(m2m.asks_for(API)).await;
    tenant.later(86_400_000 + 61_000);
    let answer = tenant.post(PATH, json!({ "token": late })).await.must_be(200);
    assert_eq!(
        (failed(&answer), &answer["checks"][3]["message"]),
        (vec!["time"], &json!("Expired 1 min 1 s ago."))
    );
}

#[tokio::test]
async fn which_key_it_was() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let signature =
        async || tenant.post(PATH, json!({ "token": token })).await.must_be(200)["checks"][0].clone();
    let says =
        |check: &Value, word: &str| assert!(check["message"].as_str().unwrap().contains(word), "{check}");
    says(&signature().await, "the current key");
    tenant.post("/api/v2/keys/signing/rotate", json!({})).await.must_be(201);
    let previous = signature().await;
    says(&previous, "the previous key");
    assert_eq!(previous["ok"], true);
    let kid = testkit::header(&token)["kid"].as_str().unwrap().to_owned();
    tenant.put(&format!("/api/v2/keys/signing/{kid}/revoke"), json!({})).await.must_be(200);
    let revoked = signature().await;
    says(&revoked, "was revoked");
    assert_eq!(revoked["ok"], false);
}

/// RFC 8725 §2.1: no token chooses how it is believed.
#[tokio::test]
async fn an_algorithm_is_not_the_tokens_choice() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.api(json!({ "identifier": "urn:hs", "signing_alg": "HS256" })).await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let kid = testkit::header(&token)["kid"].clone();
    let pem = tenant.without_token().get("/pem").await.must_be(200).text();
    let jwks = tenant.without_token().get("/.well-known/jwks.json").await.must_be(200);
    let public = {
        let pem = pem.trim().to_owned();
        let modulus = BASE64.decode(jwks["keys"][0]["n"].as_str().unwrap()).unwrap();
        [pem.clone().into_bytes(), format!("{pem}\n").into_bytes(), modulus]
    };
    let mut forged: Vec<String> = Vec::new();
    for audience in [API, "urn:hs", "urn:nothing"] {
        let mut claims = testkit::claims(&token);
        claims["aud"] = json!(audience);
        for secret in &public {
            for header in [json!({ "alg": "HS256", "kid": kid }), json!({ "alg": "HS256" })] {
                let signed = [BASE64.encode(header.to_string()), BASE64.encode(claims.to_string())].join(".");
                let signature = hmac(secret, &signed);
                forged.push(format!("{signed}.{signature}"));
            }
        }
        for alg in ["none", "None", "NONE", "nOnE", "", "HS512", "RS1"] {
            let header = BASE64.encode(json!({ "alg": alg, "kid": kid }).to_string());
            forged.push(format!("{header}.{}.", BASE64.encode(claims.to_string())));
        }
        for alg in ["ES256", "EdDSA", "RS384", "PS256"] {
            let header = BASE64.encode(json!({ "alg": alg, "kid": kid }).to_string());
            let signature = token.rsplit_once('.').unwrap().1;
            forged.push(format!("{header}.{}.{signature}", BASE64.encode(claims.to_string())));
        }
    }
    for token in forged {
        let answer = tenant.post(PATH, json!({ "token": token })).await.must_be(200);
        assert_eq!(
            (&answer["checks"][0]["ok"], &answer["valid"]),
            (&json!(false), &json!(false)),
            "{}",
            answer.text()
        );
        // Nor does any door believe it.
        assert_eq!(tenant.with_token(token).get("/api/x/stats/tokens").await.status, 401);
    }
}

#[tokio::test]
async fn what_is_no_token() {
    let tenant = TestTenant::new().await;
    let part = |value: Value| BASE64.encode(value.to_string());
    let claims = part(json!({ "sub": "x" }));
    let good = part(json!({ "alg": "RS256" }));
    let twice = BASE64.encode(r#"{"alg":"RS256","alg":"none"}"#);
    for token in [
        "x".into(),
        "..".into(),
        "a.b.c".into(),
        format!("{good}.{claims}"),
        format!("{good}.{claims}.a.b"),
        format!("{good}.{claims}.="),
        format!("{good}.{}.a", part(json!([1]))),
        format!("{good}.{}.", part(json!("text"))),
        format!("{}.{claims}.", part(json!({}))),
        format!("{}.{claims}.", part(json!({ "alg": 7 }))),
        format!("{}.{claims}.", part(json!({ "alg": "RS256", "crit": ["x"] }))),
        format!("{twice}.{claims}."),
        format!("{good}.{}.", BASE64.encode(r#"{"sub":"a","sub":"b"}"#)),
        format!("{good}.{}.", BASE64.encode("[".repeat(2_000))),
        "a".repeat(17_000),
    ] {
        let answer = tenant.post(PATH, json!({ "token": token })).await;
        assert_eq!(
            (answer.status, &answer["errorCode"]),
            (400, &json!("invalid_body")),
            "{token}: {}",
            answer.text()
        );
    }
    for body in
        [json!({}), json!({ "token": 7 }), json!({ "token": "a.b.c", "x": 1 }), json!({ "token": "a\0" })]
    {
        assert_eq!(tenant.post(PATH, body.clone()).await.status, 400, "{body}");
    }
}

/// Claims are whatever their writer liked.
#[tokio::test]
async fn claims_that_nobody_means() {
    let tenant = TestTenant::new().await;
    for claims in [
        json!({}),
        json!({ "exp": i64::MAX, "iat": i64::MIN, "nbf": i64::MIN }),
        json!({ "exp": i64::MIN }),
        json!({ "exp": 1e308, "iat": -1e308 }),
        json!({ "exp": u64::MAX, "nbf": u64::MAX }),
        json!({ "exp": "soon", "iss": 7, "aud": {}, "scope": [], "permissions": "x" }),
        json!({ "exp": 9e18, "iss": "", "aud": [7, null, []], "scope": "  ", "permissions": [1, "a"] }),
        json!({ "iss": "https://idp.example/".repeat(200), "aud": vec!["x"; 500], "scope": "y ".repeat(2_000) }),
        json!({ "iss": "https://\u{202e}evil\r\n/" }),
    ] {
        for (alg, kid) in [("RS256", "x"), ("RS256", "nul\0"), ("HS256", "x"), ("none", "x")] {
            let parts = [json!({ "alg": alg, "kid": kid }), claims.clone()]
                .map(|part| BASE64.encode(part.to_string()));
            let answer =
                tenant.post(PATH, json!({ "token": format!("{}.{}.AAAA", parts[0], parts[1]) })).await;
            assert_eq!(
                (answer.status, &answer["valid"]),
                (200, &json!(false)),
                "{claims}: {}",
                answer.start()
            );
            for check in answer["checks"].as_array().unwrap() {
                let words = check["message"].as_str().unwrap();
                assert!(words.len() < 600 && !words.contains(['\r', '\n']), "{check}");
            }
        }
    }
}

fn failed(answer: &Answer) -> Vec<&str> {
    let checks = answer["checks"].as_array().unwrap();
    checks.iter().filter(|check| check["ok"] == false).map(|check| check["name"].as_str().unwrap()).collect()
}

fn hmac(secret: &[u8], text: &str) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    jsonwebtoken::crypto::sign(text.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap()
}
