//! Whether a password is known to have leaked, and what follows. It is looked for among those that are chosen most and,
//! if the operator has one, in a folder of hashes of leaked passwords. Nothing is ever sent anywhere.

use std::{io, path::PathBuf, sync::Arc};

use model::{
    EmailTemplateName, LogType, Secret, User,
    attack_protection::{BreachShield, StageShield},
};

use crate::{
    Code, Occasion, Result, Tenant,
    connection::{RegisteredConnection, database::about},
    message::{self, Message},
    password::{self, PasswordRefusal},
    protection,
    recovery::{self, Options},
    snapshot::LimitSettings,
};

/// When a password is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Somebody has logged in with it.
    Login,
    /// Somebody wants to sign up with it.
    SignUp,
    /// Somebody wants it in place of another.
    Change,
}

impl Moment {
    /// Whether anything is done about a leaked password then.
    fn is_watched(self, limits: &LimitSettings) -> bool {
        let settings = limits.breached();
        settings.enabled
            && (self.blocks(limits) || self == Moment::Login || self.tells_administrators(limits))
    }

    /// Whether a leaked password is refused then.
    fn blocks(self, limits: &LimitSettings) -> bool {
        match self {
            Moment::Login => limits.breached().shields.contains(&BreachShield::Block),
            Moment::SignUp | Moment::Change => self.has(limits, StageShield::Block),
        }
    }

    fn tells_administrators(self, limits: &LimitSettings) -> bool {
        match self {
            Moment::Login => limits.breached().shields.contains(&BreachShield::AdminNotification),
            Moment::SignUp | Moment::Change => self.has(limits, StageShield::AdminNotification),
        }
    }

    fn has(self, limits: &LimitSettings, shield: StageShield) -> bool {
        let stages = &limits.breached().stage;
        let stage = match self {
            Moment::Login => None,
            Moment::SignUp => stages.pre_user_registration.as_ref(),
            Moment::Change => stages.pre_change_password.as_ref(),
        };
        stage.and_then(|stage| stage.shields.as_ref()).is_some_and(|shields| shields.contains(&shield))
    }

    fn event(self) -> LogType {
        match self {
            Moment::Login => LogType::PwdLeak,
            Moment::SignUp => LogType::SignupPwdLeak,
            Moment::Change => LogType::ResetPwdLeak,
        }
    }
}

/// Whether passwords are looked up at such a moment, so that one has to be kept until then.
pub fn is_watched(tenant: &Tenant, moment: Moment) -> bool {
    moment.is_watched(&tenant.snapshot().limits)
}

/// Refuses a password that strangers know, where the tenant wants that; the log hears of it in any case.
pub async fn guard(
    tenant: &Tenant,
    moment: Moment,
    password: &Secret,
    user: Option<&User>,
    connection: &RegisteredConnection,
    occasion: &Occasion,
) -> Result<()> {
    let limits = tenant.snapshot().limits.clone();
    if !moment.is_watched(&limits) || !is_breached(tenant, password).await {
        return Ok(());
    }
    let kind = moment.event();
    tenant.log(about(occasion.event(kind, kind.description()), connection, user));
    if let (Moment::Login, Some(user)) = (moment, user)
        && limits.breached().shields.contains(&BreachShield::UserNotification)
    {
        tell(tenant, user, connection, occasion).await?;
    }
    match (moment, moment.blocks(&limits)) {
        (_, false) => Ok(()),
        (Moment::Login, true) => Code::PasswordLeaked.refuse(LEAKED),
        (Moment::SignUp | Moment::Change, true) => Err(PasswordRefusal::Leaked.into()),
    }
}

/// Tells somebody by mail that their password is known, with a link to choose another: at most once an hour.
async fn tell(
    tenant: &Tenant,
    user: &User,
    connection: &RegisteredConnection,
    occasion: &Occasion,
) -> Result<()> {
    let Some(email) = user.email.clone() else { return Ok(()) };
    if !protection::is_first(tenant, &format!("leaked {}", user.user_id)).await? {
        return Ok(());
    }
    let client_id = occasion.client.as_ref().map(|client| client.view.client_id.clone());
    let kind = EmailTemplateName::StolenCredentials;
    let options = Options { kind: Some(kind), client_id, ..Options::default() };
    let code = recovery::ticket(tenant, user, options).await?;
    let url = format!("{}u/reset-verify?ticket={code}#", tenant.issuer(&occasion.host));
    let message = Message {
        client: occasion.client.as_deref(),
        connection: Some(&connection.view.name),
        ..Message::new(kind, email).about(user)
    };
    message::send(tenant, message.with("url", url)).await
}

/// Whether strangers know this password, as far as can be told here.
pub async fn is_breached(tenant: &Tenant, password: &Secret) -> bool {
    if password::dictionary::is_common(password.expose()) {
        return true;
    }
    let Some(folder) = tenant.0.breaches.get().cloned() else { return false };
    let hash = jose::sha1(password.expose().as_bytes());
    let looked = tokio::task::spawn_blocking(move || stands_in(&folder, &hash)).await;
    match looked {
        Ok(Ok(found)) => found,
        // Who cannot look does not lock everybody out.
        Ok(Err(error)) => {
            tracing::error!(%error, "the folder of leaked passwords cannot be read");
            false
        }
        Err(_) => false,
    }
}

/// The operator's folder of leaked passwords, once it is known.
pub type Breaches = Arc<std::sync::OnceLock<Arc<PathBuf>>>;

/// Whether a hash stands in the folder: in the file that is called as its first five digits, on a line that begins with
/// the other 35. That is how the public service for leaked passwords hands them out.
fn stands_in(folder: &std::path::Path, hash: &[u8; 20]) -> io::Result<bool> {
    let digits: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    let (range, rest) = digits.split_at(5);
    for name in [range.to_owned(), format!("{range}.txt")] {
        let text = match read(&folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            text => text?,
        };
        let stands = |line: &str| {
            let (known, count) = line.trim().split_once(':').unwrap_or((line.trim(), "1"));
            // Lines that were seen never are padding.
            known.eq_ignore_ascii_case(rest) && count.trim() != "0"
        };
        return Ok(text.lines().any(stands));
    }
    Ok(false)
}

fn read(path: &std::path::Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// The longest file, in bytes: ranges have some forty thousand.
const LONGEST: u64 = 4 << 20;
/// What somebody reads whose right password is refused.
const LEAKED: &str =
    "This password is known from a leak elsewhere. Choose another one before you log in again.";

#[cfg(test)]
mod tests {
    use super::stands_in;

    #[test]
    fn a_folder_of_ranges_is_read_as_the_public_service_writes_it() {
        let folder = std::env::temp_dir().join(format!("breached-{}", crate::id::token()));
        std::fs::create_dir(&folder).unwrap();
        let hash = |password: &str| jose::sha1(password.as_bytes());
        // 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8 is the one of `password`.
        let lines = "0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:9\r\n";
        std::fs::write(folder.join("5BAA6.txt"), lines).unwrap();
        assert!(stands_in(&folder, &hash("password")).unwrap());
        assert!(!stands_in(&folder, &hash("Password")).unwrap());
        std::fs::write(folder.join("5BAA6"), "1e4c9b93f3f0682250b6cf8331b7ee68fd8:0\n").unwrap();
        assert!(!stands_in(&folder, &hash("password")).unwrap(), "padding");
        std::fs::write(folder.join("5BAA6"), "1e4c9b93f3f0682250b6cf8331b7ee68fd8").unwrap();
        assert!(stands_in(&folder, &hash("password")).unwrap());
        std::fs::write(folder.join("5BAA6"), b"\xff\xfe").unwrap();
        assert!(stands_in(&folder, &hash("password")).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
