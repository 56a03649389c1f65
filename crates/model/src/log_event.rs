//! The kinds of event that a tenant's log records.

use schema::Shaped;
use serde::{Deserialize, Serialize};

/// What happened, by its code on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum LogType {
    Seccft,
    Feccft,
    Sapi,
    Fapi,
    MgmtApiRead,
    ApiLimit,
    ApiLimitWarning,
    TokenQuotaConsumptionWarning,
    LimitWc,
    LimitMu,
    ActionsExecutionFailed,
    ActionsExecuted,
    Depnote,
    S,
    F,
    Fp,
    Fu,
    Ssa,
    Fsa,
    Seacft,
    Feacft,
    Sertft,
    Fertft,
    Ferrt,
    Sepft,
    Fepft,
    Sede,
    Fede,
    Fdeaz,
    Fdeac,
    Fdecc,
    Srrt,
    Slo,
    Flo,
    OidcBackchannelLogoutSucceeded,
    OidcBackchannelLogoutFailed,
    Ss,
    Fs,
    Scp,
    Fcp,
    AclsSummary,
    Scpr,
    Fcpr,
    Sv,
    Fv,
    Svr,
    Fvr,
    Fn,
    PwdLeak,
    SignupPwdLeak,
    ResetPwdLeak,
    Ublkdu,
    Sui,
    Fui,
}

impl LogType {
    /// Every kind there is.
    pub const ALL: &[LogType] = &[
        LogType::Seccft,
        LogType::Feccft,
        LogType::Sapi,
        LogType::Fapi,
        LogType::MgmtApiRead,
        LogType::ApiLimit,
        LogType::ApiLimitWarning,
        LogType::TokenQuotaConsumptionWarning,
        LogType::LimitWc,
        LogType::LimitMu,
        LogType::ActionsExecutionFailed,
        LogType::ActionsExecuted,
        LogType::Depnote,
        LogType::S,
        LogType::F,
        LogType::Fp,
        LogType::Fu,
        LogType::Ssa,
        LogType::Fsa,
        LogType::Seacft,
        LogType::Feacft,
        LogType::Sertft,
        LogType::Fertft,
        LogType::Ferrt,
        LogType::Sepft,
        LogType::Fepft,
        LogType::Sede,
        LogType::Fede,
        LogType::Fdeaz,
        LogType::Fdeac,
        LogType::Fdecc,
        LogType::Srrt,
        LogType::Slo,
        LogType::Flo,
        LogType::OidcBackchannelLogoutSucceeded,
        LogType::OidcBackchannelLogoutFailed,
        LogType::Ss,
        LogType::Fs,
        LogType::Scp,
        LogType::Fcp,
        LogType::AclsSummary,
        LogType::Scpr,
        LogType::Fcpr,
        LogType::Sv,
        LogType::Fv,
        LogType::Svr,
        LogType::Fvr,
        LogType::Fn,
        LogType::PwdLeak,
        LogType::SignupPwdLeak,
        LogType::ResetPwdLeak,
        LogType::Ublkdu,
        LogType::Sui,
        LogType::Fui,
    ];

    /// The kind with this code.
    pub fn with_code(code: &str) -> Option<LogType> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The code on the wire.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// What a record of this kind says when nothing more precise is known.
    pub fn description(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            LogType::Seccft => ("seccft", "Client Credentials for Access Token"),
            LogType::Feccft => ("feccft", "Client credentials were refused"),
            LogType::Sapi => ("sapi", "Management API operation"),
            LogType::Fapi => ("fapi", "Management API operation failed"),
            LogType::MgmtApiRead => ("mgmt_api_read", "Management API read of a secret"),
            LogType::ApiLimit => ("api_limit", "Global limit has been reached"),
            LogType::ApiLimitWarning => ("api_limit_warning", "A rate limit is nearly reached"),
            LogType::TokenQuotaConsumptionWarning => {
                ("token_quota_consumption_warning", "A token quota is nearly used up")
            }
            LogType::LimitWc => ("limit_wc", "An address was blocked after too many wrong passwords"),
            LogType::LimitMu => ("limit_mu", "An address was slowed after too many failures"),
            LogType::ActionsExecutionFailed => ("actions_execution_failed", "An action failed"),
            LogType::ActionsExecuted => ("actions_executed", "Actions wrote to the console"),
            LogType::Depnote => ("depnote", "Something deprecated was used"),
            LogType::S => ("s", "Success Login"),
            LogType::F => ("f", "Failed Login"),
            LogType::Fp => ("fp", "Wrong email or password."),
            LogType::Fu => ("fu", "Wrong email or password."),
            LogType::Ssa => ("ssa", "Success Silent Auth"),
            LogType::Fsa => ("fsa", "Failed Silent Auth"),
            LogType::Seacft => ("seacft", "Authorization Code for Access Token"),
            LogType::Feacft => ("feacft", "An authorization code was refused"),
            LogType::Sertft => ("sertft", "Refresh Token for Access Token"),
            LogType::Fertft => ("fertft", "A refresh token was refused"),
            LogType::Ferrt => ("ferrt", "A refresh token was used again"),
            LogType::Sepft => ("sepft", "Password for Access Token"),
            LogType::Fepft => ("fepft", "A password was not exchanged for a token"),
            LogType::Sede => ("sede", "Device Code for Access Token"),
            LogType::Fede => ("fede", "A device code was refused"),
            LogType::Fdeaz => ("fdeaz", "A device may not ask for a code"),
            LogType::Fdeac => ("fdeac", "A code of a device was not accepted"),
            LogType::Fdecc => ("fdecc", "Somebody wants nothing of a device"),
            LogType::Srrt => ("srrt", "A refresh token was revoked"),
            LogType::Slo => ("slo", "User successfully logged out"),
            LogType::Flo => ("flo", "A logout failed"),
            LogType::OidcBackchannelLogoutSucceeded => {
                ("oidc_backchannel_logout_succeeded", "A client was told of a logout")
            }
            LogType::OidcBackchannelLogoutFailed => {
                ("oidc_backchannel_logout_failed", "A client could not be told of a logout")
            }
            LogType::Ss => ("ss", "Success Signup"),
            LogType::Fs => ("fs", "Failed Signup"),
            LogType::Scp => ("scp", "Success Change Password"),
            LogType::Fcp => ("fcp", "Failed Change Password"),
            LogType::AclsSummary => ("acls_summary", "A network ACL applied"),
            LogType::Scpr => ("scpr", "Success Change Password Request"),
            LogType::Fcpr => ("fcpr", "A change of password could not be asked for"),
            LogType::Sv => ("sv", "Success Verification Email"),
            LogType::Fv => ("fv", "An address could not be verified"),
            LogType::Svr => ("svr", "Success Verification Email Request"),
            LogType::Fvr => ("fvr", "A verification email could not be asked for"),
            LogType::Fn => ("fn", "Failed Sending Notification"),
            LogType::PwdLeak => ("pwd_leak", "Somebody used a password that strangers know"),
            LogType::SignupPwdLeak => {
                ("signup_pwd_leak", "Somebody chose a password that strangers know to sign up")
            }
            LogType::ResetPwdLeak => {
                ("reset_pwd_leak", "Somebody chose another password that strangers know")
            }
            LogType::Ublkdu => ("ublkdu", "A blocked account was opened by its owner"),
            LogType::Sui => ("sui", "Users were imported"),
            LogType::Fui => ("fui", "Users could not be imported"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LogType;

    #[test]
    fn the_code_is_the_name_on_the_wire() {
        for kind in LogType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }
}
