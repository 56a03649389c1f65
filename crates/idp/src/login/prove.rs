//! How somebody proves who they are.

use model::{LogType, Secret, User};

use super::{Login, event};
use crate::{
    Code, Result, Tenant, log, password,
    protection::{self, Verdict},
    user,
    visitor::Visitor,
};

/// Whoever has this identifier and password.
pub async fn password(
    tenant: &Tenant,
    login: &Login,
    email: &str,
    password: Secret,
    visitor: &Visitor,
) -> Result<User> {
    let known = user::by_email(tenant, email).await?;
    let typed = || known.as_ref().map_or_else(|| email.trim().to_lowercase(), |user| user.email.clone());
    let attempt = match protection::attempt(tenant, &typed(), visitor.ip).await? {
        Verdict::GoOn(attempt) => {
            if let Some(kind) = attempt.noted {
                let event = event::of(kind, login, known.as_ref(), kind.description(), visitor);
                tenant.log(log::Event { user_name: Some(log::cut(&typed())), ..event });
            }
            attempt
        }
        closed @ (Verdict::TooManyForAccount | Verdict::TooManyForAddress) => {
            let kind = match closed {
                Verdict::TooManyForAddress => LogType::LimitMu,
                Verdict::TooManyForAccount | Verdict::GoOn(_) => LogType::LimitWc,
            };
            let event = event::of(kind, login, known.as_ref(), kind.description(), visitor);
            tenant.log(log::Event { user_name: Some(log::cut(&typed())), ..event });
            return Code::TooManyAttempts.refuse(TOO_MANY);
        }
    };
    let hash = known.as_ref().and_then(|user| user.password_hash.clone());
    let proved = password::matches(password, hash).await?;
    match known {
        Some(user) if proved && user.blocked => {
            attempt.succeeded(tenant).await?;
            tenant.log(event::of(LogType::F, login, Some(&user), BLOCKED, visitor));
            Code::AccessDenied.refuse(BLOCKED)
        }
        Some(user) if proved => {
            attempt.succeeded(tenant).await?;
            Ok(user)
        }
        known => {
            let kind = if known.is_some() { LogType::Fp } else { LogType::Fu };
            let event = event::of(kind, login, known.as_ref(), kind.description(), visitor);
            tenant.log(log::Event { user_name: Some(log::cut(email)), ..event });
            // One answer for an unknown address and for a wrong password.
            Code::InvalidGrant.refuse("Wrong email or password.")
        }
    }
}

/// What SDKs look for.
const BLOCKED: &str = "user is blocked";
const TOO_MANY: &str = "Too many failed attempts. Wait half an hour, or ask an administrator.";
