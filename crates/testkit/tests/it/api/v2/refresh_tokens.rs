//! `/refresh-tokens`, `/users/{user_id}/refresh-tokens` and `/device-credentials`

use serde_json::{Value, json};
use testkit::{Browser, TestClient, TestTenant};

/// A tenant with Ann, and tokens of so many logins of hers.
async fn scene(logins: usize) -> (TestTenant, TestClient, String, Vec<String>) {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await.user_id;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let mut tokens = Vec::new();
    let mut code = browser.log_in(&spa, "ann@example.com").await;
    for _ in 0..logins {
        let answer = tenant.asked(spa.redeems(&code)).await.must_be(200);
        tokens.push(answer.str("refresh_token").to_owned());
        tenant.later(1_000);
        code = browser.get(&spa.authorize(&[])).await.parameter("code").unwrap();
    }
    (tenant, spa, ann, tokens)
}

fn of_user(user_id: &str) -> String {
    format!("/api/v2/users/{}/refresh-tokens", user_id.replace('|', "%7C"))
}

#[tokio::test]
async fn each_login_is_shown_and_can_be_ended() {
    let (tenant, spa, ann, tokens) = scene(3).await;
    let listed = tenant.get(&of_user(&ann)).await.must_be(200);
    let shown = listed["tokens"].as_array().unwrap();
    assert_eq!((shown.len(), &listed["next"]), (3, &Value::Null));
    let newest = &shown[0];
    let id = newest["id"].as_str().unwrap();
    assert_eq!((&newest["user_id"], &newest["client_id"]), (&json!(ann), &json!(spa.id)));
    assert_eq!(newest["rotating"], true);
    assert_eq!(newest["created_at"], "2026-07-01T12:00:02.000Z");
    assert_eq!(newest["expires_at"], "2026-07-31T12:00:02.000Z");
    assert_eq!(newest["idle_expires_at"], "2026-07-16T12:00:02.000Z");
    assert_eq!((&newest["last_exchanged_at"], &newest["resource_servers"]), (&Value::Null, &json!([])));
    assert_eq!(newest["device"]["initial_ip"], "203.0.113.7");
    assert!(newest["session_id"].is_string());
    for token in &tokens {
        assert!(!listed.text().contains(token));
    }

    tenant.asked(spa.refreshes(&tokens[2])).await.must_be(200);
    let one = tenant.get(&format!("/api/v2/refresh-tokens/{id}")).await.must_be(200);
    assert_eq!(one["last_exchanged_at"], "2026-07-01T12:00:03.000Z");
    tenant.delete(&format!("/api/v2/refresh-tokens/{id}")).await.must_be(202);
    tenant.delete(&format!("/api/v2/refresh-tokens/{id}")).await.must_be(202);
    tenant.get(&format!("/api/v2/refresh-tokens/{id}")).await.must_be(404);
    tenant.asked(spa.refreshes(&tokens[1])).await.must_be(200);
    tenant.delete(&of_user(&ann)).await.must_be(202);
    for token in &tokens {
        tenant.asked(spa.refreshes(token)).await.must_be(403);
    }
    tenant.get("/api/v2/users/auth0%7Cnobody/refresh-tokens").await.must_be(404);
    tenant.delete("/api/v2/users/auth0%7Cnobody/refresh-tokens").await.must_be(404);
}

#[tokio::test]
async fn lists_are_read_piece_by_piece() {
    let (tenant, spa, ann, _) = scene(5).await;
    let path =
        format!("/api/v2/refresh-tokens?user_id={}&client_id={}&take=2", ann.replace('|', "%7C"), spa.id);
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = tenant.get(&format!("{path}{next}")).await.must_be(200);
        let shown = page["refresh_tokens"].as_array().unwrap();
        seen.extend(shown.iter().map(|token| token["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(mark) => next = format!("&from={mark}"),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((all, seen.len()), (5, 5));
    let slim = tenant.get(&format!("{path}&fields=id,rotating")).await.must_be(200);
    assert_eq!(slim["refresh_tokens"][0].as_object().unwrap().len(), 2);

    let missing = tenant.get("/api/v2/refresh-tokens").await.must_be(400);
    assert_eq!(missing["message"], "Missing required 'user_id' parameter");
    tenant.get("/api/v2/refresh-tokens?user_id=auth0%7Cnobody").await.must_be(404);
    for wrong in ["take=0", "take=101", "take=x", "from=%00", "from=!!", "from=MTox", "a=b", "take=1&take=2"]
    {
        let status = tenant.get(&format!("{path}&{wrong}")).await.status;
        assert!([200, 400].contains(&status), "{wrong}: {status}");
    }
    let other = tenant.other();
    let theirs = format!("/api/v2/refresh-tokens/{}", seen[0]);
    other.get(&theirs).await.must_be(404);
    other.delete(&theirs).await.must_be(202);
    tenant.get(&theirs).await.must_be(200);
}

#[tokio::test]
async fn notes_are_kept_within_limits() {
    let (tenant, spa, ann, tokens) = scene(1).await;
    let id = tenant.get(&of_user(&ann)).await["tokens"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/refresh-tokens/{id}");
    let set =
        async |metadata: Value| tenant.patch(&path, json!({ "refresh_token_metadata": metadata })).await;
    let many = |count: usize| -> Value {
        (0..count).map(|n| (format!("key-{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    let kept = set(json!({ "device": "my ☎" })).await.must_be(200);
    assert_eq!(kept["refresh_token_metadata"], json!({ "device": "my ☎" }));
    set(many(25)).await.must_be(200);
    set(json!({ "k".repeat(255): "v".repeat(255) })).await.must_be(200);
    for wrong in [
        many(26),
        json!("x"),
        json!([]),
        json!({ "a": 1 }),
        json!({ "a": null }),
        json!({ "a b": "x" }),
        json!({ "": "x" }),
        json!({ "a": "v".repeat(256) }),
        json!({ "a": "\u{0}" }),
        json!({ "k".repeat(256): "x" }),
    ] {
        set(wrong).await.must_be(400);
    }
    // A use changes nothing of them.
    tenant.asked(spa.refreshes(&tokens[0])).await.must_be(200);
    assert!(tenant.get(&path).await["refresh_token_metadata"].is_object());
    assert_eq!(set(json!(null)).await.must_be(200)["refresh_token_metadata"], Value::Null);
    tenant.patch(&path, json!({ "id": "x" })).await.must_be(400);
    tenant.patch("/api/v2/refresh-tokens/nobody", json!({})).await.must_be(404);
}

#[tokio::test]
async fn many_are_revoked_at_once_and_never_all_by_accident() {
    let (tenant, spa, ann, tokens) = scene(3).await;
    let revoke = async |body: Value| tenant.post("/api/v2/refresh-tokens/revoke", body).await;
    for wrong in [
        json!({}),
        json!({ "audience": "x" }),
        json!({ "ids": "x" }),
        json!({ "ids": [1] }),
        json!({ "ids": vec!["x"; 101] }),
        json!({ "user_id": "" }),
        json!({ "user_id": 7 }),
        json!({ "user_id": "\u{0}" }),
        json!({ "everybody": true, "user_id": ann }),
    ] {
        revoke(wrong).await.must_be(400);
    }
    revoke(json!({ "ids": [] })).await.must_be(202);
    revoke(json!({ "user_id": ann, "client_id": "another" })).await.must_be(202);
    revoke(json!({ "user_id": ann, "audience": "urn:another" })).await.must_be(202);
    let other = tenant.other();
    other.post("/api/v2/refresh-tokens/revoke", json!({ "user_id": ann })).await.must_be(202);
    let listed = tenant.get(&of_user(&ann)).await;
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 3);
    let oldest = listed["tokens"][2]["id"].clone();
    revoke(json!({ "ids": [oldest, "nobody"] })).await.must_be(202);
    tenant.asked(spa.refreshes(&tokens[0])).await.must_be(403);
    tenant.asked(spa.refreshes(&tokens[1])).await.must_be(200);
    revoke(json!({ "user_id": ann, "client_id": spa.id })).await.must_be(202);
    assert_eq!(tenant.get(&of_user(&ann)).await["tokens"], json!([]));

    for scope in ["read:refresh_tokens", "update:refresh_tokens", "delete:users"] {
        let caller = tenant.allowed(&[scope]);
        caller.post("/api/v2/refresh-tokens/revoke", json!({ "user_id": ann })).await.must_be(403);
    }
}

#[tokio::test]
async fn devices_are_listed_with_what_they_hold() {
    let (tenant, spa, ann, tokens) = scene(2).await;
    let path = format!("/api/v2/device-credentials?user_id={}", ann.replace('|', "%7C"));
    let listed = tenant.get(&path).await.must_be(200);
    assert_eq!(listed.items().len(), 2);
    let first = listed.items()[0].clone();
    assert_eq!((&first["type"], &first["client_id"]), (&json!("rotating_refresh_token"), &json!(spa.id)));
    let totals = tenant.get(&format!("{path}&include_totals=true&per_page=1&page=1")).await.must_be(200);
    assert_eq!((&totals["total"], &totals["start"], &totals["limit"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(totals["device_credentials"].as_array().unwrap().len(), 1);
    assert_eq!(tenant.get(&format!("{path}&type=refresh_token")).await.items().len(), 0);
    assert_eq!(tenant.get(&format!("{path}&type=public_key")).await.items().len(), 0);
    tenant.get(&format!("{path}&type=x")).await.must_be(400);
    tenant.get(&format!("{path}&per_page=101")).await.must_be(400);
    let one = format!("/api/v2/device-credentials/{}", first["id"].as_str().unwrap());
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(204);
    tenant.asked(spa.refreshes(&tokens[1])).await.must_be(403);
    tenant.asked(spa.refreshes(&tokens[0])).await.must_be(200);
    // Keys are left by people, with tokens of their own.
    let key = json!({ "device_name": "Phone", "type": "public_key", "value": "AA==", "device_id": "d1" });
    let allowed = tenant.allowed(&["create:current_user_device_credentials"]);
    let refused = allowed.post("/api/v2/device-credentials", key.clone()).await.must_be(403);
    assert_eq!(refused["message"], "Cannot create device credentials for that user");
}

#[tokio::test]
async fn a_person_leaves_a_key_for_a_device() {
    let tenant = TestTenant::new().await;
    let (ann, ben) = (tenant.person("ann@example.com").await, tenant.person("ben@example.com").await);
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let audience = tenant.management_audience();
    let scope =
        "openid create:current_user_device_credentials delete:current_user_device_credentials read:users";
    for person in [&ann, &ben] {
        tenant.consented(person, &spa, &audience, scope).await;
    }
    let page = browser.login_page(&spa, &[("audience", &audience), ("scope", scope)]).await;
    let back = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await;
    let answer = tenant.asked(spa.redeems(&back.parameter("code").unwrap())).await.must_be(200);
    // Of the Management API people have what concerns themselves.
    assert!(!answer["scope"].as_str().unwrap().contains("read:users"));
    let own = tenant.with_token(answer.str("access_token"));
    let key = |device: &str| json!({ "device_name": "Phone", "type": "public_key", "value": "AA==", "device_id": device });
    let made = own.post("/api/v2/device-credentials", key("d1")).await.must_be(201);
    let taken = own.post("/api/v2/device-credentials", key("d1")).await.must_be(409);
    assert_eq!(taken["message"], "A public key already exists for the device");
    own.post("/api/v2/device-credentials", key("d2")).await.must_be(201);
    for wrong in [
        json!({}),
        json!({ "device_name": "x", "type": "refresh_token", "value": "x", "device_id": "x" }),
        json!({ "device_name": "", "type": "public_key", "value": "x", "device_id": "x" }),
        json!({ "device_name": "x", "type": "public_key", "value": "x".repeat(5_000), "device_id": "x" }),
        json!({ "device_name": "x", "type": "public_key", "value": "x", "device_id": "x", "client_id": "nobody" }),
        json!({ "device_name": "x", "type": "public_key", "value": "x", "device_id": "x", "user_id": "auth0|x" }),
    ] {
        own.post("/api/v2/device-credentials", wrong).await.must_be(400);
    }
    own.get("/api/v2/device-credentials").await.must_be(403);
    let listed = tenant.get("/api/v2/device-credentials?type=public_key").await.must_be(200);
    assert_eq!(listed.items().len(), 2);
    assert_eq!((&listed.body[0]["user_id"], &listed.body[0]["value"]), (&json!(ann.user_id), &Value::Null));

    // Nobody ends what is another's.
    let mut bens = Browser::new(&tenant);
    let page = bens.login_page(&spa, &[("audience", &audience), ("scope", scope)]).await;
    let back = bens.fill_in(&page, "ben@example.com", testkit::PASSWORD).await;
    let answer = tenant.asked(spa.redeems(&back.parameter("code").unwrap())).await.must_be(200);
    let path = format!("/api/v2/device-credentials/{}", made["id"].as_str().unwrap());
    tenant.with_token(answer.str("access_token")).delete(&path).await.must_be(204);
    assert_eq!(tenant.get("/api/v2/device-credentials?type=public_key").await.items().len(), 2);
    own.delete(&path).await.must_be(204);
    assert_eq!(tenant.get("/api/v2/device-credentials?type=public_key").await.items().len(), 1);
}
