//! Somebody who can log in, through an application of a browser: what every test of a login begins with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::Resource;
use serde_json::{Value, json};

use crate::{Answer, Browser, TestClient, TestTenant, form};

/// The password of everybody in a test.
pub const PASSWORD: &str = "correct horse battery staple";
/// Where the application wants to be called back.
pub const CALLBACK: &str = "https://app.example/callback";
/// The secret of the application for each login, and what it shows of it.
pub const VERIFIER: &str = "0123456789-abcdefghijklmnopqrstuvwxyz.ABCDEFGHIJ~";

/// What the application shows of its secret.
pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(jose::sha256(VERIFIER.as_bytes()))
}

impl TestTenant {
    /// Somebody with this address and [`PASSWORD`].
    pub async fn person(&self, email: &str) -> model::User {
        let sign_up = idp::user::SignUp {
            email: email.to_owned(),
            email_verified: true,
            name: Some("Ann Example".into()),
            password: PASSWORD.to_owned().into(),
        };
        idp::user::sign_up(self, sign_up).await.expect("a test makes people who can be made")
    }

    /// Somebody has let an application have this.
    pub async fn consented(&self, user: &model::User, client: &TestClient, audience: &str, scope: &str) {
        let scope: Vec<String> = scope.split(' ').map(str::to_owned).collect();
        let given = idp::consent::give(self, &user.user_id, &client.id, audience, &scope).await;
        given.expect("a store can be written");
    }

    /// Keeps somebody from logging in.
    pub async fn block(&self, user_id: &str) {
        let document = self.read(&model::User::NOUN, user_id).await.expect("a store can be read");
        let document = document.expect("only who is there can be blocked");
        let mut body = document.body.clone();
        body.insert("blocked".into(), json!(true));
        self.commit(vec![idp::user::replace(&document, body)])
            .await
            .expect("nobody else changes the same person");
    }

    /// Forgets somebody.
    pub async fn forget(&self, user_id: &str) {
        assert!(idp::user::delete(self, user_id).await.expect("a store can be written"), "nobody is there");
    }

    /// An application in a browser, whose refresh tokens rotate, unless the body says otherwise.
    pub async fn spa(&self, body: Value) -> TestClient {
        let mut usual = json!({
            "name": "Shop", "app_type": "spa", "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "callbacks": [CALLBACK],
            "allowed_logout_urls": ["https://app.example/"], "refresh_token": {
                "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0,
                "token_lifetime": 2_592_000, "idle_token_lifetime": 1_296_000,
                "infinite_token_lifetime": false, "infinite_idle_token_lifetime": false
            },
        });
        if let (Value::Object(usual), Value::Object(body)) = (&mut usual, body) {
            usual.extend(body);
        }
        self.client(usual).await
    }
}

impl TestClient {
    /// The address at which a login begins, with more parameters, or others; an empty one is left out.
    pub fn authorize(&self, more: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let usual = [
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email offline_access"),
            ("state", "s t&te"),
            ("nonce", "n0nce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let is_usual = |(name, _): &(&str, &str)| more.iter().all(|(other, _)| other != name);
        let mut fields: Vec<_> = usual.into_iter().filter(is_usual).collect();
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/authorize?{}", form(&fields))
    }

    /// The body that redeems a code.
    pub fn redeems(&self, code: &str) -> Value {
        json!({
            "grant_type": "authorization_code", "client_id": self.id, "code": code,
            "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
        })
    }

    /// The body that uses a refresh token.
    pub fn refreshes(&self, token: &str) -> Value {
        json!({ "grant_type": "refresh_token", "client_id": self.id, "refresh_token": token })
    }
}

impl Browser {
    /// Goes to the login page, and answers where that is.
    pub async fn login_page(&mut self, client: &TestClient, more: &[(&str, &str)]) -> String {
        let page = self.get(&client.authorize(more)).await.location().to_owned();
        assert!(page.starts_with("/u/login?state="), "{page}");
        page
    }

    /// Fills in the login page.
    pub async fn fill_in(&mut self, page: &str, email: &str, password: &str) -> Answer {
        let state = page.split_once("state=").map_or("", |(_, state)| state).to_owned();
        let fields =
            [("state", state.as_str()), ("username", email), ("password", password), ("action", "default")];
        self.form(page, &fields).await
    }

    /// Logs in, and answers the code.
    pub async fn log_in(&mut self, client: &TestClient, email: &str) -> String {
        let page = self.login_page(client, &[]).await;
        let answer = self.fill_in(&page, email, PASSWORD).await;
        answer.parameter("code").unwrap_or_else(|| panic!("no code: {}", answer.location()))
    }
}
