//! What tokens in a person's name say, to whom they are given, and what they are bound to.

use http::Method;
use idp::{
    authorize::Authorization,
    token::person::{FrontChannel, FrontTokens, front_channel},
};
use schema::Object;
use serde_json::{Value, json};
use testkit::{Answer, Browser, PASSWORD, Prover, TestClient, TestTenant, claims};

use super::API;

const API_PATH: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

async fn scene(api: Value) -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let mut usual = json!({ "allow_offline_access": true });
    usual.as_object_mut().unwrap().extend(api.as_object().cloned().unwrap());
    tenant.api(usual).await;
    let spa = tenant.spa(json!({})).await;
    let browser = Browser::new(&tenant);
    (tenant, spa, browser)
}

/// A code for Ann, asked for with these parameters.
async fn code(browser: &mut Browser, client: &TestClient, more: &[(&str, &str)]) -> String {
    let answer = browser.get(&client.authorize(more)).await;
    if let Some(code) = answer.parameter("code") {
        return code;
    }
    let page = answer.location().to_owned();
    assert!(page.starts_with("/u/login?state="), "{page}");
    let answer = browser.fill_in(&page, "ann@example.com", PASSWORD).await;
    answer.parameter("code").unwrap_or_else(|| panic!("no code: {}", answer.location()))
}

fn proved(proof: &str) -> [(&str, &str); 1] {
    [("dpop", proof)]
}

/// A proof with the nonce that public clients have to have.
async fn with_nonce(tenant: &TestTenant, prover: &Prover, body: &Value) -> String {
    let first = tenant.asked_with(body.clone(), &proved(&prover.at_token_endpoint(tenant))).await;
    assert_eq!((first.status, &first["error"]), (400, &json!("use_dpop_nonce")), "{}", first.start());
    let uri = format!("{}oauth/token", tenant.issuer(tenant.domain()));
    let nonce = json!({ "nonce": first.header("dpop-nonce") });
    prover.proof("POST", &uri, tenant.clock().now(), nonce)
}

#[tokio::test]
async fn a_token_without_an_api_is_for_userinfo_and_nobody_reads_it() {
    let (tenant, spa, mut browser) = scene(json!({})).await;
    let code = code(&mut browser, &spa, &[]).await;
    let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert_eq!(answer["expires_in"], 86_400);
    let token = answer.str("access_token");
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!((parts.len(), parts[1]), (5, ""));
    let header: Value = serde_json::from_slice(&jose::b64url_decode(parts[0]).unwrap()).unwrap();
    assert_eq!((&header["alg"], &header["enc"]), (&json!("dir"), &json!("A256GCM")));
    assert!(!token.contains("ann") && !tenant.get("/api/v2/logs").await.text().contains(token));
    let ask = async |tenant: &TestTenant, token: &str| {
        let bearer = format!("Bearer {token}");
        tenant.without_token().send(Method::GET, "/userinfo", &[("authorization", &bearer)], "").await
    };
    assert_eq!(ask(&tenant, token).await.must_be(200)["email"], "ann@example.com");
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let mut altered: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        altered[place] = format!("{}{}", if part.starts_with('A') { "B" } else { "A" }, &part[1..]);
        ask(&tenant, &altered.join(".")).await.must_be(401);
    }
    // No other tenant opens it, and another node does.
    ask(&tenant.other(), token).await.must_be(401);
    let node = tenant.server().another_node().await.tenant("default");
    ask(&node, token).await.must_be(200);
    // What was sealed under the key before is still opened.
    tenant.post("/api/v2/keys/encryption/rekey", json!({})).await.must_be(204);

    let confidential = tenant.client(json!({})).await;
    let introspect =
        json!({ "client_id": confidential.id, "client_secret": confidential.secret, "token": token });
    assert_eq!(tenant.without_token().post("/oauth/introspect", introspect).await["active"], false);
    let revoke = json!({ "client_id": spa.id, "token": token });
    tenant.without_token().post("/oauth/revoke", revoke).await.must_be(200);
    ask(&tenant, token).await.must_be(401);
    tenant.asked(spa.refreshes(answer.str("refresh_token"))).await.must_be(200);
}

#[tokio::test]
async fn when_somebody_logged_in_is_told_to_whoever_asks() {
    let (tenant, spa, mut browser) = scene(json!({})).await;
    for (more, told) in [
        (vec![], false),
        (vec![("max_age", "600")], true),
        (vec![("prompt", "login")], true),
        (vec![], false),
    ] {
        let code = code(&mut browser, &spa, &more).await;
        let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
        let id_token = claims(answer.str("id_token"));
        assert_eq!(id_token["auth_time"].is_i64(), told, "{more:?}");
        assert_eq!(id_token["aud"], json!(spa.id));
        assert!(id_token["sid"].is_string());
        let refreshed = tenant.asked(spa.refreshes(answer.str("refresh_token"))).await.must_be(200);
        let id_token = claims(refreshed.str("id_token"));
        assert_eq!(id_token["auth_time"].is_i64(), told, "{more:?}");
        assert_eq!((&id_token["sid"], &id_token["nonce"]), (&Value::Null, &Value::Null));
    }
}

async fn front(
    tenant: &TestTenant,
    client: &TestClient,
    wants: (bool, bool),
    code: Option<&str>,
) -> FrontTokens {
    let ann = idp::user::by_login(tenant, "Username-Password-Authentication", "ann@example.com").await;
    let claims =
        json!({ "https://shop.example/tier": "gold", "tier": "gold", "sub": "x", "email": "x@y.example" });
    let claims: Object = claims.as_object().cloned().unwrap();
    let authorization = Authorization {
        user_id: ann.unwrap().unwrap().user_id,
        session_id: Some("s".into()),
        audience: Some(API.to_owned()),
        scope: "openid profile offline_access read:a".into(),
        id_claims: claims.clone(),
        access_claims: claims,
        ..Authorization::default()
    };
    let registered = tenant.snapshot().client(&client.id).cloned().unwrap();
    let (access_token, id_token) = wants;
    let wanted = FrontChannel {
        client: &registered,
        authorization: &authorization,
        host: "idp.example",
        nonce: Some("n"),
        access_token,
        id_token,
        code,
        state: None,
    };
    front_channel(tenant, &wanted).await.unwrap()
}

#[tokio::test]
async fn what_goes_through_the_browser_vouches_for_what_is_beside_it() {
    let (tenant, spa, _) = scene(json!({ "token_lifetime_for_web": 600 })).await;
    let half = |text: &str| jose::b64url_encode(&jose::sha256(text.as_bytes())[..16]);
    let both = front(&tenant, &spa, (true, true), Some("the code")).await;
    assert_eq!((both.token_type, both.expires_in), ("Bearer", 600));
    let (token, id_token) = (both.access_token.unwrap(), claims(&both.id_token.unwrap()));
    assert_eq!(claims(&token)["exp"].as_i64().unwrap() - claims(&token)["iat"].as_i64().unwrap(), 600);
    assert_eq!(id_token["at_hash"], half(&token));
    assert_eq!(id_token["c_hash"], half("the code"));
    assert_eq!((&id_token["nonce"], &id_token["sid"]), (&json!("n"), &json!("s")));

    let alone = front(&tenant, &spa, (false, true), None).await;
    assert!(alone.access_token.is_none());
    let id_token = claims(&alone.id_token.unwrap());
    assert_eq!((&id_token["at_hash"], &id_token["c_hash"]), (&Value::Null, &Value::Null));
    let token = front(&tenant, &spa, (true, false), None).await;
    assert!(token.id_token.is_none() && token.access_token.is_some());
}

#[tokio::test]
async fn claims_of_customers_code_are_laid_over_where_they_may_be() {
    let (tenant, spa, _) = scene(json!({})).await;
    let tokens = front(&tenant, &spa, (true, true), None).await;
    let (token, id_token) = (tokens.access_token.unwrap(), claims(&tokens.id_token.unwrap()));
    for told in [&claims(&token), &id_token] {
        assert_eq!((&told["https://shop.example/tier"], &told["tier"]), (&json!("gold"), &json!("gold")));
        assert_ne!(told["sub"], "x");
    }
    // The scope of an address was not asked for, so it is not told; the API is told what it is told.
    assert_eq!((&id_token["email"], &claims(&token)["email"]), (&Value::Null, &json!("x@y.example")));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let told = tenant.without_token().send(Method::GET, "/userinfo", &headers, "").await.must_be(200);
    assert_eq!((&told["tier"], &told["email"]), (&json!("gold"), &Value::Null));
}

#[tokio::test]
async fn a_public_clients_refresh_token_stays_with_its_key() {
    let (tenant, spa, mut browser) =
        scene(json!({ "proof_of_possession": { "mechanism": "dpop", "required": true } })).await;
    let asked = [("audience", API), ("scope", "openid offline_access read:a")];
    let prover = Prover::new();
    let bare = code(&mut browser, &spa, &asked).await;
    let unproved = tenant.asked(spa.redeems(&bare)).await.must_be(400);
    assert_eq!(unproved["error"], "invalid_request");
    let body = spa.redeems(&bare);
    let proof = with_nonce(&tenant, &prover, &body).await;
    let answer = tenant.asked_with(body, &proved(&proof)).await.must_be(200);
    assert_eq!(answer["token_type"], "DPoP");
    assert_eq!(claims(answer.str("access_token"))["cnf"]["jkt"], prover.jkt());

    let refreshes = spa.refreshes(answer.str("refresh_token"));
    tenant.asked(refreshes.clone()).await.must_be(400);
    let thief = Prover::new();
    let stolen = with_nonce(&tenant, &thief, &refreshes).await;
    let refused = tenant.asked_with(refreshes.clone(), &proved(&stolen)).await.must_be(400);
    assert_eq!(refused["error"], "invalid_dpop_proof");
    let proof = with_nonce(&tenant, &prover, &refreshes).await;
    let refreshed = tenant.asked_with(refreshes, &proved(&proof)).await.must_be(200);
    assert_eq!(claims(refreshed.str("access_token"))["cnf"]["jkt"], prover.jkt());

    // `/userinfo` wants the proof as any API does.
    let token = refreshed.str("access_token");
    let ask = async |headers: &[(&str, &str)]| {
        tenant.without_token().send(Method::GET, "/userinfo", headers, "").await
    };
    ask(&[("authorization", &format!("Bearer {token}"))]).await.must_be(401);
    let dpop = format!("DPoP {token}");
    ask(&[("authorization", &dpop)]).await.must_be(401);
    let proof = thief.with_token(&tenant, "GET", "/userinfo", token);
    ask(&[("authorization", &dpop), ("dpop", &proof)]).await.must_be(401);
    let proof = prover.with_token(&tenant, "GET", "/userinfo", token);
    ask(&[("authorization", &dpop), ("dpop", &proof)]).await.must_be(200);
    let proof = prover.with_token(&tenant, "POST", "/userinfo", token);
    ask(&[("authorization", &dpop), ("dpop", &proof)]).await.must_be(401);
}

#[tokio::test]
async fn whoever_proves_a_key_has_tokens_bound_to_it() {
    let (tenant, spa, mut browser) = scene(json!({})).await;
    let prover = Prover::new();
    for (audience, is_opaque) in [("", true), (API, false)] {
        let code = code(&mut browser, &spa, &[("audience", audience)]).await;
        let body = spa.redeems(&code);
        let proof = with_nonce(&tenant, &prover, &body).await;
        let answer = tenant.asked_with(body, &proved(&proof)).await.must_be(200);
        assert_eq!(answer["token_type"], "DPoP");
        let token = answer.str("access_token");
        if !is_opaque {
            assert_eq!(claims(token)["cnf"]["jkt"], prover.jkt());
        }
        let bearer = [("authorization", format!("Bearer {token}"))];
        let bearer = bearer.each_ref().map(|(name, value)| (*name, value.as_str()));
        tenant.without_token().send(Method::GET, "/userinfo", &bearer, "").await.must_be(401);
        let (dpop, proof) = (format!("DPoP {token}"), prover.with_token(&tenant, "GET", "/userinfo", token));
        let headers = [("authorization", dpop.as_str()), ("dpop", proof.as_str())];
        tenant.without_token().send(Method::GET, "/userinfo", &headers, "").await.must_be(200);
    }
    // A client that is to prove a key always is given nothing without.
    let demands = json!({ "require_proof_of_possession": true });
    tenant.patch(&format!("/api/v2/clients/{}", spa.id), demands).await.must_be(200);
    let code = code(&mut browser, &spa, &[("audience", "")]).await;
    tenant.asked(spa.redeems(&code)).await.must_be(400);
}

#[tokio::test]
async fn an_api_has_its_tokens_of_people_encrypted_too() {
    let (tenant, spa, mut browser) = scene(json!({})).await;
    let key = std::sync::Arc::new(jose::PrivateKey::generate(jose::KeyKind::Rsa).unwrap());
    let encryption = json!({ "token_encryption": {
        "format": "compact-nested-jwe",
        "encryption_key": { "name": "k", "alg": "RSA-OAEP-256", "kid": "k", "pem": key.public().to_spki_pem() },
    } });
    tenant.patch(API_PATH, encryption).await.must_be(200);
    let code = code(&mut browser, &spa, &[("audience", API), ("scope", "openid read:a")]).await;
    let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
    let opened = jose::jwe::decrypt(&key, answer.str("access_token")).unwrap();
    let inner = String::from_utf8(opened.content.to_vec()).unwrap();
    assert_eq!(claims(&inner)["scope"], "openid read:a");
}

#[tokio::test]
async fn an_api_gives_people_what_the_grant_of_their_application_allows() {
    let (tenant, spa, mut browser) = scene(json!({})).await;
    let asked = [("audience", API), ("scope", "openid read:a write:b")];
    let scope = async |browser: &mut Browser| {
        let answer = browser.get(&spa.authorize(&asked)).await;
        match answer.parameter("code") {
            Some(code) => {
                let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
                answer["scope"].as_str().unwrap_or("openid read:a write:b").to_owned()
            }
            None => answer.parameter("error_description").unwrap_or_default(),
        }
    };
    code(&mut browser, &spa, &asked).await;
    assert_eq!(scope(&mut browser).await, "openid read:a write:b");
    let policy = |policy: &str| json!({ "subject_type_authorization": { "user": { "policy": policy } } });
    let denied = format!("Client \"{}\" is not authorized to access resource server \"{API}\".", spa.id);
    tenant.patch(API_PATH, policy("require_client_grant")).await.must_be(200);
    assert_eq!(scope(&mut browser).await, denied);
    // A grant for tokens of the client's own is another one.
    let machine = json!({ "client_id": spa.id, "audience": API, "scope": ["read:a"] });
    tenant.grant(machine).await;
    assert_eq!(scope(&mut browser).await, denied);
    let grant = json!({ "client_id": spa.id, "audience": API, "scope": ["read:a"], "subject_type": "user" });
    let grant = tenant.grant(grant).await;
    assert_eq!(scope(&mut browser).await, "openid read:a");
    let path = format!("/api/v2/client-grants/{}", grant["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "allow_all_scopes": true })).await.must_be(200);
    assert_eq!(scope(&mut browser).await, "openid read:a write:b");
    tenant.patch(API_PATH, policy("deny_all")).await.must_be(200);
    assert_eq!(scope(&mut browser).await, denied);
    tenant.patch(API_PATH, policy("require_client_grant")).await.must_be(200);
    tenant.delete(&path).await.must_be(204);
    assert_eq!(scope(&mut browser).await, denied);
}

#[tokio::test]
async fn online_tokens_end_with_the_session() {
    let (tenant, spa, mut browser) = scene(json!({ "allow_online_access": true })).await;
    let asked = [("audience", API), ("scope", "openid online_access read:a")];
    let bare = code(&mut browser, &spa, &asked).await;
    // A public client has them only with a proof.
    assert_eq!(tenant.asked(spa.redeems(&bare)).await.status, 400);
    let prover = Prover::new();
    let body = spa.redeems(&bare);
    let proof = with_nonce(&tenant, &prover, &body).await;
    let answer = tenant.asked_with(body, &proved(&proof)).await.must_be(200);
    let token = answer.str("refresh_token").to_owned();
    assert!(token.starts_with("ORT"));
    let refresh = async || -> Answer {
        let body = spa.refreshes(&token);
        let proof = with_nonce(&tenant, &prover, &body).await;
        tenant.asked_with(body, &proved(&proof)).await
    };
    for _ in 0..2 {
        let answer = refresh().await.must_be(200);
        assert_eq!(answer["refresh_token"], Value::Null);
        // Each use keeps the session.
        tenant.later(71 * 3_600_000);
    }
    refresh().await.must_be(200);
    let ann = idp::user::by_login(&tenant, "Username-Password-Authentication", "ann@example.com").await;
    let user_id = ann.unwrap().unwrap().user_id;
    let path = format!("/api/v2/users/{}/refresh-tokens", user_id.replace('|', "%7C"));
    assert_eq!(tenant.get(&path).await.must_be(200)["tokens"], json!([]));
    let both = [("audience", API), ("scope", "openid online_access offline_access")];
    let answer = browser.get(&spa.authorize(&both)).await;
    let words = "Cannot request both online_access and offline_access scopes";
    assert_eq!(answer.parameter("error_description").unwrap(), words);
    // Whoever lets go of such a token logs out.
    let revoke = json!({ "client_id": spa.id, "token": token });
    tenant.without_token().post("/oauth/revoke", revoke).await.must_be(200);
    let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "login_required");
}
