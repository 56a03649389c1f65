//! Administrators in a test: invited, set up in a browser, and signed in at the dashboard.

use idp::{invitation, invitation::Invitation, tenants::ADMINISTRATORS};
use model::Role;
use serde_json::json;

use crate::{Answer, Browser, Caller, PASSWORD, TestTenant, VERIFIER, challenge, form};

/// The path of the built-in tenant.
pub const BUILT_IN: &str = "/tenants/administrators";

impl TestTenant {
    /// The built-in tenant of the same server.
    pub fn built_in(&self) -> TestTenant {
        self.server().tenant(ADMINISTRATORS)
    }

    /// A code that is good once for somebody with these roles, in these tenants or in all.
    pub async fn invitation(&self, email: Option<&str>, roles: &[Role], tenants: Option<&[&str]>) -> String {
        let tenants = tenants.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let email = email.map(str::to_owned);
        let invitation = Invitation { email, roles: roles.to_vec(), tenants, user_id: None };
        let issued = invitation::issue(&self.built_in(), &invitation, invitation::LIFETIME).await;
        issued.expect("a ticket can be stored")
    }

    /// Whoever administers with these roles, signed in for this tenant.
    pub async fn administrator(&self, email: &str, roles: &[Role]) -> Caller {
        let code = self.invitation(Some(email), roles, None).await;
        let mut browser = Browser::new(self);
        browser.set_up(&code, email).await.location();
        self.with_token(browser.dashboard_token(self).await)
    }
}

impl Browser {
    /// Fills in the page that a link leads to.
    pub async fn set_up(&mut self, code: &str, email: &str) -> Answer {
        let fields =
            [("code", code), ("username", email), ("password", PASSWORD), ("environment", "staging")];
        self.form(&format!("{BUILT_IN}/u/setup"), &fields).await
    }

    /// What the dashboard asks `/authorize` for, to administer a tenant.
    pub async fn authorize_dashboard(&mut self, tenant: &TestTenant, more: &[(&str, &str)]) -> Answer {
        let audience = tenant.management_audience();
        let callback = self.dashboard_callback();
        let challenge = challenge();
        let mut query = vec![
            ("client_id", "dashboard"),
            ("response_type", "code"),
            ("redirect_uri", callback.as_str()),
            ("audience", audience.as_str()),
            ("scope", "openid profile email offline_access"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("state", "s"),
        ];
        query.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        query.extend(more);
        self.get(&format!("{BUILT_IN}/authorize?{}", form(&query))).await
    }

    /// The tokens that the dashboard gets for a tenant, of whoever is logged in.
    pub async fn dashboard_tokens(&mut self, tenant: &TestTenant) -> Answer {
        let back = self.authorize_dashboard(tenant, &[("prompt", "none")]).await;
        let code = back.parameter("code").expect("somebody is logged in");
        let body = json!({
            "grant_type": "authorization_code", "client_id": "dashboard", "code": code,
            "code_verifier": VERIFIER, "redirect_uri": self.dashboard_callback(),
        });
        tenant.without_token().post(&format!("{BUILT_IN}/oauth/token"), body).await.must_be(200)
    }

    pub async fn dashboard_token(&mut self, tenant: &TestTenant) -> String {
        self.dashboard_tokens(tenant).await.str("access_token").to_owned()
    }
}
