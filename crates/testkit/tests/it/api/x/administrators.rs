//! `/api/x/administrators`, and what roles permit.

use model::Role;
use serde_json::json;
use testkit::{Browser, PASSWORD, TestTenant};

#[tokio::test]
async fn one_invites_another_who_joins_is_changed_and_removed() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let body = json!({ "email": "Bob@Acme.example", "roles": ["viewer"], "tenants": null });
    let invited = ana.post("/api/x/administrators", body.clone()).await.must_be(201).body;
    let link = invited["invitation_url"].as_str().unwrap();
    assert!(link.starts_with("https://idp.example/setup?code="), "{link}");
    let listed = ana.get("/api/x/administrators").await.must_be(200).body;
    assert_eq!(listed["invitations"][0]["email"], json!("bob@acme.example"));

    let code = link.split_once("code=").unwrap().1;
    let mut browser = Browser::new(&tenant);
    // The address stands in the invitation; what is typed does not count.
    assert_eq!(browser.set_up(code, "eve@evil.example").await.location(), "/dashboard/");
    let bob = tenant.with_token(browser.dashboard_token(&tenant).await);
    let me = bob.get("/api/x/me").await.must_be(200).body;
    assert_eq!(me["email"], json!("bob@acme.example"));
    ana.post("/api/x/administrators", body).await.must_be(409);

    let listed = ana.get("/api/x/administrators").await.must_be(200).body;
    assert_eq!(listed["invitations"], json!([]));
    let people = listed["administrators"].as_array().unwrap();
    let is_you: Vec<_> = people.iter().map(|person| (&person["email"], &person["is_you"])).collect();
    assert_eq!(
        is_you,
        [(&json!("ana@acme.example"), &json!(true)), (&json!("bob@acme.example"), &json!(false))]
    );

    // A role that is given counts at once, and one that is taken away too.
    let path = format!("/api/x/administrators/{}", me["user_id"].as_str().unwrap().replace('|', "%7C"));
    bob.post("/api/v2/clients", json!({ "name": "Bob's" })).await.must_be(403);
    ana.patch(&path, json!({ "roles": ["editor_applications"] })).await.must_be(200);
    bob.post("/api/v2/clients", json!({ "name": "Bob's" })).await.must_be(201);
    ana.patch(&path, json!({ "tenants": ["other"] })).await.must_be(200);
    bob.get("/api/v2/clients").await.must_be(401);
    ana.patch(&path, json!({ "tenants": null })).await.must_be(200);
    bob.get("/api/v2/clients").await.must_be(200);
    ana.delete(&path).await.must_be(204);
    bob.get("/api/v2/clients").await.must_be(401);
    let again = browser.authorize_dashboard(&tenant, &[("prompt", "none")]).await;
    assert_eq!(again.parameter("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_viewer_changes_nothing_and_sees_no_secret() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({ "name": "Billing" })).await;
    let api = tenant.api(json!({ "identifier": "https://hs.example", "signing_alg": "HS256" })).await;
    let viewer = tenant.administrator("vic@acme.example", &[Role::Viewer]).await;
    let path = format!("/api/v2/clients/{}", client.id);
    let shown = viewer.get(&path).await.must_be(200).body;
    assert!(shown.get("client_secret").is_none(), "{shown}");
    let shown =
        viewer.get(&format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap())).await.must_be(200);
    assert!(shown.body.get("signing_secret").is_none(), "{}", shown.body);
    viewer.patch(&path, json!({ "name": "Mine" })).await.must_be(403);
    viewer.delete(&path).await.must_be(403);
    viewer.post(&format!("{path}/rotate-secret"), json!({})).await.must_be(403);
    viewer.post("/api/v2/keys/signing/rotate", json!({})).await.must_be(403);
    viewer.get("/api/x/administrators").await.must_be(403);
    let body = json!({ "client_id": client.id, "audience": "https://hs.example" });
    viewer.post("/api/x/test-token", body).await.must_be(403);

    let editor = tenant.administrator("ed@acme.example", &[Role::EditorApplications]).await;
    assert!(editor.get(&path).await.must_be(200).body.get("client_secret").is_some());
    editor.patch(&path, json!({ "name": "Ours" })).await.must_be(200);
    editor.patch("/api/v2/tenants/settings", json!({ "friendly_name": "Ours" })).await.must_be(403);
    editor.post("/api/x/tenants", json!({ "name": "staging" })).await.must_be(403);
}

#[tokio::test]
async fn what_cannot_be_taken_back_wants_a_fresh_login() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let body = json!({ "email": "bob@acme.example", "roles": ["viewer"] });
    tenant.later(9 * 60_000);
    ana.post("/api/x/administrators", body.clone()).await.must_be(201);
    let mut browser = Browser::new(&tenant);
    let page = browser.authorize_dashboard(&tenant, &[]).await.location().to_owned();
    browser.fill_in(&page, "ana@acme.example", PASSWORD).await.location();
    tenant.later(11 * 60_000);
    let stale = tenant.with_token(browser.dashboard_token(&tenant).await);
    stale.get("/api/v2/clients").await.must_be(200);
    let refused = stale.post("/api/x/administrators", body).await.must_be(403);
    assert_eq!(refused.body["errorCode"], json!("reauthentication_required"));
}

#[tokio::test]
async fn somebody_must_be_left_who_can_do_everything() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let me = ana.get("/api/x/me").await.must_be(200).body;
    let path = format!("/api/x/administrators/{}", me["user_id"].as_str().unwrap().replace('|', "%7C"));
    ana.delete(&path).await.must_be(409);
    ana.patch(&path, json!({ "roles": ["viewer"] })).await.must_be(409);
    ana.patch(&path, json!({ "tenants": ["other"] })).await.must_be(409);
    tenant.administrator("bob@acme.example", &[Role::Admin]).await;
    ana.patch(&path, json!({ "roles": ["viewer"] })).await.must_be(200);
    ana.get("/api/x/administrators").await.must_be(403);
}

#[tokio::test]
async fn who_administers_some_tenants_makes_no_other_administrators() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(Some("ted@acme.example"), &[Role::Admin], Some(&["default"])).await;
    let mut browser = Browser::new(&tenant);
    browser.set_up(&code, "ted@acme.example").await.location();
    let ted = tenant.with_token(browser.dashboard_token(&tenant).await);
    ted.post("/api/v2/clients", json!({ "name": "Ted's" })).await.must_be(201);
    ted.post("/api/x/administrators", json!({ "email": "eve@acme.example", "roles": ["admin"] }))
        .await
        .must_be(403);
    ted.post("/api/x/tenants", json!({ "name": "staging" })).await.must_be(403);
    let listed = ted.get("/api/x/tenants").await.must_be(200).body;
    assert_eq!(listed["tenants"].as_array().unwrap().len(), 1);
    ted.patch("/api/x/tenants/other", json!({ "environment": "production" })).await.must_be(404);
    let other = tenant.other().with_token(browser.dashboard_token(&tenant.other()).await);
    other.get("/api/v2/clients").await.must_be(401);
}

#[tokio::test]
async fn a_link_gives_another_password() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let bob = tenant.administrator("bob@acme.example", &[Role::Viewer]).await;
    let me = bob.get("/api/x/me").await.must_be(200).body;
    let path = format!(
        "/api/x/administrators/{}/password-link",
        me["user_id"].as_str().unwrap().replace('|', "%7C")
    );
    bob.post(&path, json!({})).await.must_be(403);
    let link = ana.post(&path, json!({})).await.must_be(201).body;
    let code = link["invitation_url"].as_str().unwrap().split_once("code=").unwrap().1.to_owned();
    let mut browser = Browser::new(&tenant);
    let page = browser.get(&format!("{}/u/setup?code={code}", testkit::BUILT_IN)).await.must_be(200);
    assert!(page.text().contains("Choose a new password"), "{}", page.text());
    let fields = [("code", code.as_str()), ("username", ""), ("password", "another horse battery")];
    let done = browser.form(&format!("{}/u/setup", testkit::BUILT_IN), &fields).await;
    assert_eq!(done.location(), "/dashboard/");
    let page = Browser::new(&tenant).authorize_dashboard(&tenant, &[]).await.location().to_owned();
    assert!(page.contains("/u/login"), "{page}");
    browser.form(&format!("{}/u/setup", testkit::BUILT_IN), &fields).await.must_be(404);
}

#[tokio::test]
async fn what_is_no_invitation_is_refused() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    for body in [
        json!({}),
        json!({ "email": "bob@acme.example" }),
        json!({ "roles": ["viewer"] }),
        json!({ "email": "no address", "roles": ["viewer"] }),
        json!({ "email": 7, "roles": ["viewer"] }),
        json!({ "email": "nul\0@acme.example", "roles": ["viewer"] }),
        json!({ "email": format!("{}@acme.example", "x".repeat(300)), "roles": ["viewer"] }),
        json!({ "email": "bob@acme.example", "roles": [] }),
        json!({ "email": "bob@acme.example", "roles": ["king"] }),
        json!({ "email": "bob@acme.example", "roles": ["viewer", "viewer"] }),
        json!({ "email": "bob@acme.example", "roles": "viewer" }),
        json!({ "email": "bob@acme.example", "roles": ["viewer"], "tenants": ["nowhere"] }),
        json!({ "email": "bob@acme.example", "roles": ["viewer"], "tenants": ["administrators"] }),
        json!({ "email": "bob@acme.example", "roles": ["viewer"], "user_id": "auth0|1" }),
    ] {
        let answer = ana.post("/api/x/administrators", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    ana.patch("/api/x/administrators/nobody", json!({ "roles": ["viewer"] })).await.must_be(404);
    ana.delete("/api/x/administrators/nobody").await.must_be(404);
}

#[tokio::test]
async fn nobody_lets_an_application_do_what_they_may_not() {
    let tenant = TestTenant::new().await;
    let audience = tenant.management_audience();
    let powerful = tenant.client(json!({ "name": "Terraform" })).await;
    let grant =
        json!({ "client_id": powerful.id, "audience": audience, "scope": ["update:tenant_settings"] });
    let granted = tenant.post("/api/v2/client-grants", grant.clone()).await.must_be(201);
    let path = format!("/api/v2/clients/{}", powerful.id);
    let editor = tenant.administrator("ed@acme.example", &[Role::EditorApplications]).await;
    assert_eq!(editor.get(&path).await.must_be(200).body.get("client_secret"), None);
    let listed = editor.get("/api/v2/clients").await.must_be(200);
    assert!(!listed.text().contains(&powerful.secret), "{}", listed.text());
    let chosen = json!({ "client_secret": "x".repeat(64) });
    editor.post(&format!("{path}/rotate-secret"), json!({})).await.must_be(403);
    editor.patch(&path, chosen).await.must_be(403);
    editor.patch(&path, json!({ "name": "Ours" })).await.must_be(200);
    let test = json!({ "client_id": powerful.id, "audience": audience });
    editor.post("/api/x/test-token", test.clone()).await.must_be(403);
    editor.delete(&path).await.must_be(204);
    editor.post(&format!("/api/x/restore/clients/{}", powerful.id), json!({})).await.must_be(403);

    let own = editor.post("/api/v2/clients", json!({ "name": "Own" })).await.must_be(201);
    assert!(own.body["client_secret"].is_string());
    let grant =
        |scope: &[&str]| json!({ "client_id": own["client_id"], "audience": audience, "scope": scope });
    editor.post("/api/v2/client-grants", grant(&["update:tenant_settings"])).await.must_be(403);
    let all = json!({ "client_id": own["client_id"], "audience": audience, "allow_all_scopes": true });
    editor.post("/api/v2/client-grants", all.clone()).await.must_be(403);
    let made = editor.post("/api/v2/client-grants", grant(&["update:clients"])).await.must_be(201);
    let path = format!("/api/v2/client-grants/{}", made.str("id"));
    editor.patch(&path, json!({ "scope": ["create:signing_keys"] })).await.must_be(403);
    editor.patch(&path, json!({ "allow_all_scopes": true })).await.must_be(403);
    editor.patch(&path, json!({ "scope": ["read:clients"] })).await.must_be(200);
    editor.get(&format!("/api/v2/clients/{}", own.str("client_id"))).await.must_be(200).str("client_secret");

    let admin = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    admin.post(&format!("/api/x/restore/clients/{}", powerful.id), json!({})).await.must_be(200);
    admin.patch(&format!("/api/v2/client-grants/{}", granted.str("id")), all_scopes()).await.must_be(200);
    admin.post("/api/x/test-token", test).await.must_be(200);
}

fn all_scopes() -> serde_json::Value {
    json!({ "allow_all_scopes": true })
}

#[tokio::test]
async fn who_only_looks_at_apis_makes_no_tokens_for_them() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({ "identifier": "https://hs.example", "signing_alg": "HS256" })).await;
    let path = format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap());
    for (role, sees) in [
        (Role::Admin, true),
        (Role::EditorApis, true),
        (Role::EditorApplications, false),
        (Role::EditorTenant, false),
        (Role::Viewer, false),
    ] {
        let person = tenant.administrator(&format!("{role:?}@acme.example"), &[role]).await;
        let shown = person.get(&path).await.must_be(200).body;
        assert_eq!(shown.get("signing_secret").is_some(), sees, "{role:?}");
    }
}

#[tokio::test]
async fn a_token_goes_with_its_session() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(Some("ana@acme.example"), &[Role::Admin], None).await;
    let mut browser = Browser::new(&tenant);
    browser.set_up(&code, "ana@acme.example").await.location();
    let ana = tenant.with_token(browser.dashboard_token(&tenant).await);
    ana.get("/api/v2/clients").await.must_be(200);
    browser.get(&format!("{}/v2/logout", testkit::BUILT_IN)).await.must_be(200);
    ana.get("/api/v2/clients").await.must_be(401);
}

#[tokio::test]
async fn a_first_link_is_of_no_use_once_somebody_administers() {
    let tenant = TestTenant::new().await;
    let (built_in, first) = (tenant.built_in(), idp::invitation::Invitation::first());
    // Two nodes that start at once do not see each other's.
    let issue = || idp::ticket::issue(&built_in, "invitation", &first, 60);
    let (one, other) = (issue().await.unwrap(), issue().await.unwrap());
    Browser::new(&tenant).set_up(&one, "ana@acme.example").await.location();
    Browser::new(&tenant).set_up(&other, "eve@acme.example").await.must_be(400);
}

#[tokio::test]
async fn no_log_holds_a_link_that_makes_an_administrator() {
    let tenant = TestTenant::new().await;
    let ana = tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let viewer = tenant.administrator("vic@acme.example", &[Role::Viewer]).await;
    let body = json!({ "email": "bob@acme.example", "roles": ["admin"] });
    let invited = ana.post("/api/x/administrators", body).await.must_be(201);
    let path = format!("{}/password-link", path_of(&ana).await);
    let reset = ana.post(&path, json!({})).await.must_be(201);
    tenant.flush_logs().await;
    let logs = viewer.get("/api/v2/logs?per_page=100").await.must_be(200);
    assert!(logs.text().contains("Invite an administrator"), "{}", logs.text());
    for link in [invited.str("invitation_url"), reset.str("invitation_url")] {
        let code = link.split_once("code=").unwrap().1;
        assert!(!logs.text().contains(code), "{}", logs.text());
    }
}

#[tokio::test]
async fn two_who_remove_each_other_do_not_both_go() {
    let tenant = TestTenant::new().await;
    for round in 0..4 {
        let ana = tenant.administrator(&format!("ana{round}@acme.example"), &[Role::Admin]).await;
        let bob = tenant.administrator(&format!("bob{round}@acme.example"), &[Role::Admin]).await;
        let (ana_path, bob_path) = (path_of(&ana).await, path_of(&bob).await);
        let demoted = json!({ "roles": ["viewer"] });
        let (bob_goes, ana_falls) = tokio::join!(ana.delete(&bob_path), bob.patch(&ana_path, demoted));
        let done = [bob_goes.status, ana_falls.status];
        assert!(done.iter().any(|status| *status >= 400), "{done:?}");
        let owner = tenant.get("/api/x/administrators").await.must_be(200).body;
        let people = owner["administrators"].as_array().unwrap();
        assert!(people.iter().any(|person| person["roles"] == json!(["admin"])), "{owner}");
        // The next round has nobody else to count on.
        for person in people {
            let id = person["user_id"].as_str().unwrap();
            let gone = idp::Change::delete::<model::Administrator>(id);
            tenant.built_in().commit(vec![gone]).await.unwrap();
        }
    }
}

/// Where somebody is described.
async fn path_of(person: &testkit::Caller) -> String {
    let me = person.get("/api/x/me").await.must_be(200);
    format!("/api/x/administrators/{}", me.str("user_id").replace('|', "%7C"))
}
