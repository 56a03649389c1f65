//! The mails that are sent, and how a tenant words them. Says what a template is; it is filled in elsewhere.

use schema::{Declared, Resource, Shaped};
use serde::{Deserialize, Serialize};

/// How the tenant words one kind of mail.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("email-templates"), id("template"), scope("email_templates"))]
pub struct EmailTemplate {
    /// The kind of mail.
    pub template: EmailTemplateName,
    /// What the mail says, in HTML with Liquid.
    #[field(nullable_on_create, max(262_144))]
    pub body: Option<String>,
    /// Who it is from; Liquid.
    #[field(nullable_on_create, max(1_024))]
    pub from: Option<String>,
    /// Where somebody goes on to after the mail's link; Liquid.
    #[field(nullable_on_create, max(4_096))]
    #[serde(rename = "resultUrl")]
    pub result_url: Option<String>,
    /// What it is about; Liquid.
    #[field(nullable_on_create, max(4_096))]
    pub subject: Option<String>,
    /// The language that it is written in.
    #[field(nullable_on_create)]
    pub syntax: Option<Declared<EmailSyntax>>,
    /// For how many seconds the mail's link is good.
    #[field(nullable_on_create, min(1))]
    #[serde(rename = "urlLifetimeInSeconds")]
    pub url_lifetime_in_seconds: Option<f64>,
    /// Whether the address goes along to where somebody goes on to.
    #[serde(rename = "includeEmailInRedirect")]
    pub include_email_in_redirect: Option<bool>,
    /// Whether such mails are sent.
    #[field(nullable_on_create)]
    pub enabled: Option<bool>,
}

/// The language that templates are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum EmailSyntax {
    Liquid,
}

/// A kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum EmailTemplateName {
    /// A link that proves an address.
    VerifyEmail,
    /// A code that proves an address.
    VerifyEmailByCode,
    /// A code to log in with.
    AuthEmailByCode,
    /// A link under which a new password is chosen.
    ResetEmail,
    /// A code with which a new password is chosen.
    ResetEmailByCode,
    /// A first greeting.
    WelcomeEmail,
    /// An account is closed to an address that guessed at its password.
    BlockedAccount,
    /// A password became known elsewhere.
    StolenCredentials,
    /// A link under which a second factor is set up.
    EnrollmentEmail,
    /// A code that is a second factor.
    MfaOobCode,
    /// A link by which somebody joins an organization.
    UserInvitation,
    /// What `ResetEmail` was before.
    ChangePassword,
    /// What it was before that.
    PasswordReset,
    /// A request that waits for an answer.
    AsyncApproval,
}

impl EmailTemplateName {
    /// Every kind there is.
    pub const ALL: [EmailTemplateName; 14] = [
        EmailTemplateName::VerifyEmail,
        EmailTemplateName::VerifyEmailByCode,
        EmailTemplateName::AuthEmailByCode,
        EmailTemplateName::ResetEmail,
        EmailTemplateName::ResetEmailByCode,
        EmailTemplateName::WelcomeEmail,
        EmailTemplateName::BlockedAccount,
        EmailTemplateName::StolenCredentials,
        EmailTemplateName::EnrollmentEmail,
        EmailTemplateName::MfaOobCode,
        EmailTemplateName::UserInvitation,
        EmailTemplateName::ChangePassword,
        EmailTemplateName::PasswordReset,
        EmailTemplateName::AsyncApproval,
    ];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            EmailTemplateName::VerifyEmail => "verify_email",
            EmailTemplateName::VerifyEmailByCode => "verify_email_by_code",
            EmailTemplateName::AuthEmailByCode => "auth_email_by_code",
            EmailTemplateName::ResetEmail => "reset_email",
            EmailTemplateName::ResetEmailByCode => "reset_email_by_code",
            EmailTemplateName::WelcomeEmail => "welcome_email",
            EmailTemplateName::BlockedAccount => "blocked_account",
            EmailTemplateName::StolenCredentials => "stolen_credentials",
            EmailTemplateName::EnrollmentEmail => "enrollment_email",
            EmailTemplateName::MfaOobCode => "mfa_oob_code",
            EmailTemplateName::UserInvitation => "user_invitation",
            EmailTemplateName::ChangePassword => "change_password",
            EmailTemplateName::PasswordReset => "password_reset",
            EmailTemplateName::AsyncApproval => "async_approval",
        }
    }

    /// Whether something makes this server send it; the others are kept as they were written.
    pub fn is_served(self) -> bool {
        match self {
            EmailTemplateName::VerifyEmail
            | EmailTemplateName::ResetEmail
            | EmailTemplateName::WelcomeEmail
            | EmailTemplateName::BlockedAccount
            | EmailTemplateName::StolenCredentials => true,
            EmailTemplateName::VerifyEmailByCode
            | EmailTemplateName::AuthEmailByCode
            | EmailTemplateName::ResetEmailByCode
            | EmailTemplateName::EnrollmentEmail
            | EmailTemplateName::MfaOobCode
            | EmailTemplateName::UserInvitation
            | EmailTemplateName::ChangePassword
            | EmailTemplateName::PasswordReset
            | EmailTemplateName::AsyncApproval => false,
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::EmailTemplateName;

    #[test]
    fn the_name_is_that_of_the_wire() {
        for kind in EmailTemplateName::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
