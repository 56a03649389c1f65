//! Customers' code as scripts: how each kind of it is entered, and what `api` has for it.

use ::actions::{Entry, Script};

use crate::snapshot::actions::Trigger;

impl Trigger {
    /// Code for this trigger, as it is run.
    pub fn script(self, code: impl Into<String>) -> Script {
        let mut code = code.into();
        if self == Trigger::PostLogin {
            // Recorded: one may only go on.
            code.push_str(
                "\n;if (module.exports.onContinuePostLogin) module.exports.onExecutePostLogin ??= () => {};",
            );
        }
        let (handler, functions) = match self {
            Trigger::CredentialsExchange => ("onExecuteCredentialsExchange", CREDENTIALS_EXCHANGE),
            Trigger::PostLogin => ("onExecutePostLogin", POST_LOGIN),
            Trigger::PreUserRegistration => ("onExecutePreUserRegistration", PRE_USER_REGISTRATION),
            Trigger::PostUserRegistration => ("onExecutePostUserRegistration", &[] as &[&str]),
            Trigger::PostChangePassword => ("onExecutePostChangePassword", &[] as &[&str]),
        };
        export(code, handler, functions)
    }

    /// The same code, as it goes on when somebody is back whom it sent away, where there is such a thing.
    pub fn continuing(self, code: &str) -> Option<Script> {
        (self == Trigger::PostLogin).then(|| export(code.to_owned(), "onContinuePostLogin", POST_LOGIN))
    }
}

/// Of the functions, those whose group the code names: each is made anew for each run.
fn export(code: String, handler: &str, functions: &[&str]) -> Script {
    let group = |function: &str| function.split_once('.').map_or("", |(group, _)| group).to_owned();
    let is_named = |function: &&&str| code.contains(&group(function));
    let api = functions.iter().filter(is_named).map(|&function| function.to_owned()).collect();
    Script::new(code, Entry::Export { handler: handler.into(), api })
}

const CREDENTIALS_EXCHANGE: &[&str] = &[
    "access.deny",
    "accessToken.setCustomClaim",
    "transaction.addTargetScope",
    "transaction.removeTargetScope",
    "transaction.setTargetScopes",
    "transaction.clearTargetScopes",
];

const POST_LOGIN: &[&str] = &[
    "access.deny",
    "accessToken.addScope",
    "accessToken.removeScope",
    "accessToken.setCustomClaim",
    "authentication.challengeWith",
    "authentication.challengeWithAny",
    "authentication.enrollWith",
    "authentication.enrollWithAny",
    "authentication.recordMethod",
    "authentication.setPrimaryUser",
    "groups.getUserGroups",
    "groups.hasGroupMembership",
    "idToken.setCustomClaim",
    "multifactor.enable",
    "prompt.render",
    "redirect.canRedirect",
    "redirect.encodeToken",
    "redirect.sendUserTo",
    "redirect.validateToken",
    "refreshToken.deleteMetadata",
    "refreshToken.evictMetadata",
    "refreshToken.revoke",
    "refreshToken.setExpiresAt",
    "refreshToken.setIdleExpiresAt",
    "refreshToken.setMetadata",
    "roles.getUserEffectiveRoles",
    "roles.getUserEffectiveRolesByIds",
    "roles.getUserEffectiveRolesByNames",
    "rules.wasExecuted",
    "samlResponse.setAttribute",
    "samlResponse.setAudience",
    "samlResponse.setAuthnContextClassRef",
    "samlResponse.setCert",
    "samlResponse.setCreateUpnClaim",
    "samlResponse.setDestination",
    "samlResponse.setDigestAlgorithm",
    "samlResponse.setEncryptionAlgorithm",
    "samlResponse.setEncryptionCert",
    "samlResponse.setEncryptionPublicKey",
    "samlResponse.setIncludeAttributeNameFormat",
    "samlResponse.setIssuer",
    "samlResponse.setKey",
    "samlResponse.setLifetimeInSeconds",
    "samlResponse.setMapIdentities",
    "samlResponse.setMapUnknownClaimsAsIs",
    "samlResponse.setNameIdentifierFormat",
    "samlResponse.setNameIdentifierProbes",
    "samlResponse.setPassthroughClaimsWithNoMapping",
    "samlResponse.setRecipient",
    "samlResponse.setRelayState",
    "samlResponse.setSignResponse",
    "samlResponse.setSignatureAlgorithm",
    "samlResponse.setSigningCert",
    "samlResponse.setTypedAttributes",
    "session.deleteMetadata",
    "session.evictMetadata",
    "session.revoke",
    "session.setCookieMode",
    "session.setExpiresAt",
    "session.setIdleExpiresAt",
    "session.setMetadata",
    "transaction.setMetadata",
    "user.setAppMetadata",
    "user.setUserMetadata",
    "validation.error",
];

const PRE_USER_REGISTRATION: &[&str] =
    &["access.deny", "user.setAppMetadata", "user.setUserMetadata", "validation.error"];

/// The code of a hook, as it is run. One that keeps somebody from signing up calls back `{ denied: [why, what to say] }`.
pub fn hook(trigger: Trigger, code: impl std::fmt::Display) -> Script {
    let (code, errors): (_, &[&str]) = match trigger {
        Trigger::PreUserRegistration => (
            format!(
                "{code}\n;if (typeof module.exports === 'function') module.exports = ((inner) => (user, context, callback) \
                 => inner(user, context, (error, result) => error && error.name === {REFUSED:?} ? callback(null, {{ denied: \
                 [error.message, error.userMessage] }}) : callback(error, result)))(module.exports);"
            ),
            &[REFUSED],
        ),
        Trigger::CredentialsExchange
        | Trigger::PostLogin
        | Trigger::PostUserRegistration
        | Trigger::PostChangePassword => {
            (code.to_string(), &["InvalidScopeError", "InvalidRequestError", "ServerError"])
        }
    };
    Script::new(code, Entry::Callback { errors: errors.iter().map(|&name| name.to_owned()).collect() })
}

/// Code that calls back, as it is run.
pub fn callback(code: impl Into<String>) -> Script {
    Script::new(code, Entry::Callback { errors: Vec::new() })
}

/// The code of a rule, as it is run: it is given what happened, its tenant's settings, and what it knows of this server.
/// What it calls back is `{ user, context }`.
pub fn rule(code: impl std::fmt::Display) -> Script {
    // On the first line, so that lines are counted as the author counts them.
    let code = format!(
        "module.exports = function (user, context, configuration, auth0, callback) {{ return ({code}\n)(user, context, \
         function (error, user, context) {{ callback(error, error ? undefined : {{ user: user, context: context }}); }}); }};"
    );
    let errors = [UNAUTHORIZED, "ValidationError"].map(str::to_owned).to_vec();
    Script::new(code, Entry::Callback { errors })
}

/// The error by which a rule keeps somebody out.
pub const UNAUTHORIZED: &str = "UnauthorizedError";
/// The error by which a hook keeps somebody from signing up.
const REFUSED: &str = "PreUserRegistrationError";
