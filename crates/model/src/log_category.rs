//! The categories by which log streams choose events.

use schema::Shaped;
use serde::Deserialize;

use crate::LogType;

/// What events a filter lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum LogCategory {
    #[serde(rename = "auth.login.fail")]
    LoginFail,
    #[serde(rename = "auth.login.notification")]
    LoginNotification,
    #[serde(rename = "auth.login.success")]
    LoginSuccess,
    #[serde(rename = "auth.logout.fail")]
    LogoutFail,
    #[serde(rename = "auth.logout.success")]
    LogoutSuccess,
    #[serde(rename = "auth.signup.fail")]
    SignupFail,
    #[serde(rename = "auth.signup.success")]
    SignupSuccess,
    #[serde(rename = "auth.silent_auth.fail")]
    SilentAuthFail,
    #[serde(rename = "auth.silent_auth.success")]
    SilentAuthSuccess,
    #[serde(rename = "auth.token_exchange.fail")]
    TokenExchangeFail,
    #[serde(rename = "auth.token_exchange.success")]
    TokenExchangeSuccess,
    #[serde(rename = "management.fail")]
    ManagementFail,
    #[serde(rename = "management.success")]
    ManagementSuccess,
    #[serde(rename = "scim.event")]
    ScimEvent,
    #[serde(rename = "system.notification")]
    SystemNotification,
    #[serde(rename = "user.fail")]
    UserFail,
    #[serde(rename = "user.notification")]
    UserNotification,
    #[serde(rename = "user.success")]
    UserSuccess,
    #[serde(rename = "actions")]
    Actions,
    #[serde(rename = "other")]
    Other,
    /// What prioritized streams are for; it goes across the others.
    #[serde(rename = "security")]
    Security,
}

impl LogCategory {
    /// Whether an event of this kind is of the category.
    pub fn holds(self, kind: LogType) -> bool {
        match self {
            LogCategory::Security => kind.is_about_security(),
            other => kind.category() == other,
        }
    }
}

impl LogType {
    /// The category of events of this kind; what Auth0's catalogue does not name is `other`.
    pub fn category(self) -> LogCategory {
        match self {
            LogType::F | LogType::Fp | LogType::Fu => LogCategory::LoginFail,
            LogType::S => LogCategory::LoginSuccess,
            LogType::Flo | LogType::OidcBackchannelLogoutFailed => LogCategory::LogoutFail,
            LogType::Slo | LogType::OidcBackchannelLogoutSucceeded => LogCategory::LogoutSuccess,
            LogType::Fs => LogCategory::SignupFail,
            LogType::Ss => LogCategory::SignupSuccess,
            LogType::Fsa => LogCategory::SilentAuthFail,
            LogType::Ssa => LogCategory::SilentAuthSuccess,
            LogType::Feacft
            | LogType::Feccft
            | LogType::Fede
            | LogType::Fepft
            | LogType::Ferrt
            | LogType::Fertft => LogCategory::TokenExchangeFail,
            LogType::Seacft | LogType::Seccft | LogType::Sede | LogType::Sepft | LogType::Sertft => {
                LogCategory::TokenExchangeSuccess
            }
            LogType::Fapi => LogCategory::ManagementFail,
            LogType::Sapi | LogType::MgmtApiRead => LogCategory::ManagementSuccess,
            LogType::ApiLimit
            | LogType::ApiLimitWarning
            | LogType::TokenQuotaConsumptionWarning
            | LogType::Depnote
            | LogType::Fui
            | LogType::LimitMu
            | LogType::LimitWc => LogCategory::SystemNotification,
            LogType::Fcp
            | LogType::Fcpr
            | LogType::Fdeac
            | LogType::Fdeaz
            | LogType::Fdecc
            | LogType::Fn
            | LogType::Fv
            | LogType::Fvr => LogCategory::UserFail,
            LogType::Ublkdu => LogCategory::UserNotification,
            LogType::Scp | LogType::Scpr | LogType::Srrt | LogType::Sui | LogType::Sv | LogType::Svr => {
                LogCategory::UserSuccess
            }
            LogType::ActionsExecutionFailed | LogType::ActionsExecuted => LogCategory::Actions,
            LogType::AclsSummary | LogType::PwdLeak | LogType::SignupPwdLeak | LogType::ResetPwdLeak => {
                LogCategory::Other
            }
        }
    }

    /// Whether prioritized log streams carry it.
    fn is_about_security(self) -> bool {
        use LogType::{LimitMu, LimitWc, PwdLeak, ResetPwdLeak, SignupPwdLeak, Ublkdu};
        [LimitMu, LimitWc, PwdLeak, ResetPwdLeak, SignupPwdLeak, Ublkdu].contains(&self)
    }
}
