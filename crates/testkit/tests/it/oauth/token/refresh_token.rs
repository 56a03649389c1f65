//! The refresh token grant: tokens replace each other, and one that comes twice ends its family.

use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant, claims};

/// A tenant with an application of this kind, and what a login gave it.
async fn scene(client: Value) -> (TestTenant, TestClient, Answer) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let spa = tenant.spa(client).await;
    let mut browser = Browser::new(&tenant);
    let asked =
        [("audience", "https://api.example"), ("scope", "openid email offline_access read:a write:b")];
    let page = browser.login_page(&spa, &asked).await;
    let code = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    (tenant, spa, tokens)
}

fn rules(rotation: &str, more: Value) -> Value {
    let mut rules = json!({
        "rotation_type": rotation, "expiration_type": "expiring", "leeway": 0, "token_lifetime": 1000,
        "idle_token_lifetime": 100, "infinite_token_lifetime": false, "infinite_idle_token_lifetime": false,
    });
    rules.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    json!({ "refresh_token": rules })
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_its_family() {
    let (tenant, spa, tokens) = scene(json!({})).await;
    let first = tokens.str("refresh_token").to_owned();
    let second = tenant.asked(spa.refreshes(&first)).await.must_be(200).str("refresh_token").to_owned();
    let third = tenant.asked(spa.refreshes(&second)).await.must_be(200).str("refresh_token").to_owned();
    let answer = tenant.asked(spa.refreshes(&second)).await.must_be(403);
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(answer["error_description"], "Unknown or invalid refresh token.");
    tenant.asked(spa.refreshes(&third)).await.must_be(403);
    assert_eq!(tenant.get("/api/v2/logs?q=type:ferrt").await.items().len(), 1);
}

#[tokio::test]
async fn of_many_who_use_a_token_at_once_at_most_one_is_served() {
    let (tenant, spa, tokens) = scene(json!({})).await;
    let mut using = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (tenant, body) = (tenant.clone(), spa.refreshes(tokens.str("refresh_token")));
        using.spawn(async move { tenant.asked(body).await });
    }
    let answers = using.join_all().await;
    let served: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(served.len() <= 1, "{}", served.len());
    // Whoever was served has nothing that still works.
    for answer in served {
        tenant.asked(spa.refreshes(answer.str("refresh_token"))).await.must_be(403);
    }
}

#[tokio::test]
async fn within_its_leeway_the_last_token_may_come_again() {
    let (tenant, spa, tokens) = scene(rules("rotating", json!({ "leeway": 10 }))).await;
    let first = tokens.str("refresh_token").to_owned();
    let second = tenant.asked(spa.refreshes(&first)).await.must_be(200).str("refresh_token").to_owned();
    tenant.later(9_000);
    tenant.asked(spa.refreshes(&first)).await.must_be(200);
    tenant.asked(spa.refreshes(&second)).await.must_be(200);
    // It is no more the last.
    tenant.asked(spa.refreshes(&first)).await.must_be(403);
    tenant.asked(spa.refreshes(&second)).await.must_be(403);

    let (tenant, spa, tokens) = scene(rules("rotating", json!({ "leeway": 10 }))).await;
    let first = tokens.str("refresh_token").to_owned();
    let second = tenant.asked(spa.refreshes(&first)).await.must_be(200).str("refresh_token").to_owned();
    tenant.later(10_000);
    tenant.asked(spa.refreshes(&first)).await.must_be(403);
    tenant.asked(spa.refreshes(&second)).await.must_be(403);
}

#[tokio::test]
async fn a_token_ends_with_disuse_and_its_family_with_time() {
    let (tenant, spa, tokens) = scene(rules("rotating", json!({}))).await;
    tenant.later(100_000);
    tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(403);

    let (tenant, spa, tokens) = scene(rules("rotating", json!({}))).await;
    let mut token = tokens.str("refresh_token").to_owned();
    for _ in 0..10 {
        tenant.later(99_000);
        token = tenant.asked(spa.refreshes(&token)).await.must_be(200).str("refresh_token").to_owned();
    }
    // 990 of 1,000 seconds are over, and no rotation made that more.
    tenant.later(10_000);
    tenant.asked(spa.refreshes(&token)).await.must_be(403);

    let (tenant, spa, tokens) = scene(rules(
        "rotating",
        json!({ "expiration_type": "non-expiring",
        "infinite_token_lifetime": true, "infinite_idle_token_lifetime": true }),
    ))
    .await;
    tenant.later(i64::from(u32::MAX) * 1000);
    tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
}

#[tokio::test]
async fn a_token_that_does_not_rotate_stays() {
    let (tenant, spa, tokens) = scene(rules("non-rotating", json!({}))).await;
    for _ in 0..3 {
        tenant.later(99_000);
        let answer = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
        assert_eq!(answer["refresh_token"], Value::Null);
    }
    tenant.later(100_000);
    tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(403);
}

#[tokio::test]
async fn less_may_be_asked_for_and_never_more() {
    let (tenant, spa, tokens) = scene(json!({})).await;
    assert_eq!(tokens["scope"], "openid email offline_access read:a write:b");
    let mut token = tokens.str("refresh_token").to_owned();
    for (asked, scope) in [
        (json!({ "scope": "openid read:a delete:all" }), "openid read:a"),
        (json!({ "scope": "" }), "openid email offline_access read:a write:b"),
        (json!({ "audience": "https://api.example" }), "openid email offline_access read:a write:b"),
        (json!({ "redirect_uri": "https://ignored.example" }), "openid email offline_access read:a write:b"),
    ] {
        let mut body = spa.refreshes(&token);
        body.as_object_mut().unwrap().extend(asked.as_object().cloned().unwrap());
        let answer = tenant.asked(body).await.must_be(200);
        assert_eq!(answer["scope"], scope);
        assert_eq!(claims(answer.str("access_token"))["scope"], scope);
        token = answer.str("refresh_token").to_owned();
    }
    let mut body = spa.refreshes(&token);
    body["audience"] = json!(tenant.management_audience());
    tenant.asked(body).await.must_be(400);
    let mut body = spa.refreshes(&token);
    body["scope"] = json!("read:a");
    let narrow = tenant.asked(body).await.must_be(200);
    assert_eq!(narrow["id_token"], Value::Null);
    assert_eq!(claims(narrow.str("access_token"))["aud"], "https://api.example");
}

#[tokio::test]
async fn a_token_is_of_one_client_and_one_tenant() {
    let (tenant, spa, tokens) = scene(json!({})).await;
    let token = tokens.str("refresh_token");
    let another = tenant.spa(json!({ "name": "Another" })).await;
    let other = tenant.other();
    let foreign = other.spa(json!({})).await;
    tenant.asked(another.refreshes(token)).await.must_be(403);
    other.without_token().post("/oauth/token", foreign.refreshes(token)).await.must_be(403);
    for wrong in ["", "x", tokens.str("access_token"), &format!("{token} "), &token.to_lowercase()] {
        assert!(tenant.asked(spa.refreshes(wrong)).await.status >= 400, "{wrong}");
    }
    tenant.asked(spa.refreshes(token)).await.must_be(200);
}

#[tokio::test]
async fn what_changed_meanwhile_counts() {
    let (tenant, spa, tokens) = scene(rules("non-rotating", json!({}))).await;
    let refresh = async || tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await;
    let api = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";
    tenant.patch(api, json!({ "scopes": [{ "value": "read:a" }] })).await.must_be(200);
    assert_eq!(refresh().await.must_be(200)["scope"], "openid email offline_access read:a");
    let denied = json!({ "subject_type_authorization": { "user": { "policy": "deny_all" } } });
    tenant.patch(api, denied).await.must_be(200);
    refresh().await.must_be(403);
    let allowed = json!({ "subject_type_authorization": { "user": { "policy": "allow_all" } } });
    tenant.patch(api, allowed).await.must_be(200);
    refresh().await.must_be(200);
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    tenant.block(&ann.user_id).await;
    assert_eq!(refresh().await.must_be(403)["error_description"], "user is blocked");
    tenant.forget(&ann.user_id).await;
    refresh().await.must_be(403);
}

#[tokio::test]
async fn a_replay_ends_the_family_however_late_it_comes() {
    let (tenant, spa, tokens) = scene(rules("rotating", json!({ "leeway": 50 }))).await;
    let first = tokens.str("refresh_token").to_owned();
    let mut token = first.clone();
    for _ in 0..6 {
        tenant.later(90_000);
        token = tenant.asked(spa.refreshes(&token)).await.must_be(200).str("refresh_token").to_owned();
    }
    // The first would have ended long ago by disuse; whoever shows it is a thief all the same, or was robbed.
    tenant.store().prune_traffic(tenant.clock().now()).await.unwrap();
    tenant.asked(spa.refreshes(&first)).await.must_be(403);
    tenant.asked(spa.refreshes(&token)).await.must_be(403);
}

#[tokio::test]
async fn of_two_that_came_of_one_token_the_slower_ends_both() {
    let (tenant, spa, tokens) = scene(rules("rotating", json!({ "leeway": 10 }))).await;
    let refresh = async |token: &str| tenant.asked(spa.refreshes(token)).await;
    let first = tokens.str("refresh_token").to_owned();
    let mine = refresh(&first).await.must_be(200).str("refresh_token").to_owned();
    let theirs = refresh(&first).await.must_be(200).str("refresh_token").to_owned();
    let next = refresh(&mine).await.must_be(200).str("refresh_token").to_owned();
    tenant.later(11_000);
    refresh(&theirs).await.must_be(403);
    refresh(&next).await.must_be(403);
}

#[tokio::test]
async fn a_client_may_change_its_mind_about_rotation() {
    let (tenant, spa, tokens) = scene(rules("non-rotating", json!({}))).await;
    let path = format!("/api/v2/clients/{}", spa.id);
    let first = tokens.str("refresh_token").to_owned();
    tenant.patch(&path, rules("rotating", json!({}))).await.must_be(200);
    let second = tenant.asked(spa.refreshes(&first)).await.must_be(200).str("refresh_token").to_owned();
    tenant.patch(&path, rules("non-rotating", json!({}))).await.must_be(200);
    let third = tenant.asked(spa.refreshes(&second)).await.must_be(200).str("refresh_token").to_owned();
    for _ in 0..3 {
        let answer = tenant.asked(spa.refreshes(&third)).await.must_be(200);
        assert_eq!(answer["refresh_token"], Value::Null);
    }
    tenant.asked(spa.refreshes(&second)).await.must_be(403);
    tenant.asked(spa.refreshes(&third)).await.must_be(403);
}

#[tokio::test]
async fn tokens_without_an_end_get_one_with_their_next_use() {
    let endless = json!({ "expiration_type": "non-expiring",
        "infinite_token_lifetime": true, "infinite_idle_token_lifetime": true });
    let (tenant, spa, tokens) = scene(rules("rotating", endless)).await;
    let path = format!("/api/v2/clients/{}", spa.id);
    let ends = rules("rotating", json!({ "token_lifetime": 500, "idle_token_lifetime": 400 }));
    tenant.patch(&path, ends).await.must_be(200);
    tenant.later(10_000_000);
    let mut token = tokens.str("refresh_token").to_owned();
    token = tenant.asked(spa.refreshes(&token)).await.must_be(200).str("refresh_token").to_owned();
    // What the client sets later moves no end that there is.
    let longer = rules("rotating", json!({ "token_lifetime": 5000, "idle_token_lifetime": 4000 }));
    tenant.patch(&path, longer).await.must_be(200);
    tenant.later(300_000);
    token = tenant.asked(spa.refreshes(&token)).await.must_be(200).str("refresh_token").to_owned();
    tenant.later(200_000);
    tenant.asked(spa.refreshes(&token)).await.must_be(403);
}

#[tokio::test]
async fn with_the_application_or_the_api_its_refresh_tokens_go() {
    for is_application in [true, false] {
        let (tenant, spa, tokens) = scene(json!({})).await;
        let api = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";
        if is_application {
            tenant.delete(&format!("/api/v2/clients/{}", spa.id)).await.must_be(204);
            let back = format!("/api/x/restore/clients/{}", spa.id);
            tenant.post(&back, json!({})).await.must_be(200);
        } else {
            tenant.delete(api).await.must_be(204);
            tenant.api(json!({ "allow_offline_access": true })).await;
        }
        assert!(tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.status >= 400);
    }
}

#[tokio::test]
async fn policies_open_other_apis_to_one_refresh_token() {
    let policies = json!([
        { "audience": "https://api.example", "scope": ["write:b"] },
        { "audience": "https://billing.example", "scope": ["read:bills", "gone"] },
        { "audience": "https://strict.example", "scope": ["read:a"] },
        { "audience": "https://gone.example", "scope": ["read:a"] },
    ]);
    let (tenant, spa, tokens) = scene(rules("non-rotating", json!({}))).await;
    for (identifier, skips) in
        [("https://billing.example", true), ("https://strict.example", false), ("https://gone.example", true)]
    {
        let api = json!({
            "identifier": identifier, "scopes": [{ "value": "read:a" }, { "value": "read:bills" }],
            "skip_consent_for_verifiable_first_party_clients": skips,
        });
        tenant.api(api).await;
    }
    let skips = json!({ "skip_consent_for_verifiable_first_party_clients": true });
    tenant.patch("/api/v2/resource-servers/https%3A%2F%2Fapi.example", skips).await.must_be(200);
    let path = format!("/api/v2/clients/{}", spa.id);
    let rules = rules("non-rotating", json!({ "policies": policies }));
    tenant.patch(&path, rules).await.must_be(200);
    tenant.delete("/api/v2/resource-servers/https%3A%2F%2Fgone.example").await.must_be(204);
    let refresh = async |more: Value| {
        let mut body = spa.refreshes(tokens.str("refresh_token"));
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        tenant.asked(body).await
    };
    let answer = refresh(json!({ "audience": "https://billing.example" })).await.must_be(200);
    // What the first API calls `read:a` is not what this one does.
    assert_eq!(answer["scope"], "openid email read:bills");
    assert_eq!(claims(answer.str("access_token"))["aud"][0], "https://billing.example");
    assert!(answer["id_token"].is_string());
    let asked = json!({ "audience": "https://billing.example", "scope": "read:bills read:a delete:all" });
    assert_eq!(refresh(asked).await.must_be(200)["scope"], "read:bills");
    let answer = refresh(json!({})).await.must_be(200);
    assert_eq!(answer["scope"], "openid email offline_access read:a write:b");
    for audience in ["https://strict.example", "https://gone.example", "https://other.example"] {
        refresh(json!({ "audience": audience })).await.must_be(400);
    }
    refresh(json!({ "audience": tenant.management_audience() })).await.must_be(400);
}
