//! Passwords: which are taken, and how one is known again. A hash takes memory and a processor's time on purpose, so
//! no more are made at once than there are processors, and never on a thread that serves requests.

pub mod dictionary;
pub mod imported;
pub mod kept;
pub mod policy;
mod room;

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        PasswordHasher,
        phc::{Output, PasswordHash},
    },
};
use model::Secret;
use tokio::sync::Semaphore;
use tracing::{Instrument as _, trace_span};

pub use self::policy::PasswordRefusal;
use crate::{Code, Error, Result};

/// Whether a password may be chosen by whoever has this address.
pub fn check(password: &Secret, email: &str) -> Result<()> {
    let text = password.expose();
    if text.chars().count() < SHORTEST {
        return Code::InvalidPassword.refuse("Use at least 12 characters.");
    }
    if text.len() > LONGEST {
        return Code::InvalidPassword.refuse("Use at most 512 bytes.");
    }
    if text.contains('\0') {
        return Code::InvalidPassword.refuse("A password cannot hold a NUL character.");
    }
    if text.eq_ignore_ascii_case(email) {
        return Code::InvalidPassword.refuse("Use something else than the email address.");
    }
    Ok(())
}

/// What a password is known again by, as a PHC string.
pub async fn hash(password: Secret) -> Result<String> {
    on_a_processor(move || {
        let hash = argon2()?.hash_password(password.expose().as_bytes());
        Ok(hash.map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?.to_string())
    })
    .await
}

/// Whether this is the password behind a hash. Without a hash, the same work is done for nothing, so that nobody
/// learns from the time who has an account.
pub async fn matches(password: Secret, hash: Option<Secret>) -> Result<bool> {
    // Nobody has such a one, and to hash it would be work of the caller's choosing.
    if password.expose().len() > LONGEST {
        return Ok(false);
    }
    on_a_processor(move || {
        let known = hash.as_ref().map_or(DECOY, Secret::expose);
        let known =
            PasswordHash::new(known).map_err(|error| anyhow::anyhow!("a password's hash: {error}"))?;
        Ok(is_of(&known, &password) && hash.is_some())
    })
    .await
}

/// Whether this is the password behind a hash that came from elsewhere. As much work is done beside as for one of ours,
/// so that nobody learns from the time whose was quick.
pub(crate) async fn matches_imported(password: Secret, imported: Secret) -> Result<bool> {
    if password.expose().len() > LONGEST {
        return Ok(false);
    }
    on_a_processor(move || {
        let known =
            PasswordHash::new(DECOY).map_err(|error| anyhow::anyhow!("a password's hash: {error}"))?;
        let _ = is_of(&known, &password);
        Ok(imported::is_of(imported.expose(), password.expose()))
    })
    .await
}

async fn on_a_processor<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    // Whoever would wait for seconds hears at once that there are too many.
    let Ok(place) = PLACES.try_acquire() else {
        return Code::Busy.refuse("Too many people log in at this moment. Try again in a few seconds.");
    };
    let turn = PROCESSORS.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    // A hash that nobody waits for any more takes its processor all the same.
    let work = move || {
        let done = work();
        drop((turn, place));
        done
    };
    tokio::task::spawn_blocking(work).instrument(trace_span!(target: "span", "password hash")).await?
}

/// Whether others wait for a processor.
fn is_rush() -> bool {
    MOST_PLACES - PLACES.available_permits() > *AT_ONCE
}

/// Whether a hash is of this password, with the parameters that stand in it.
fn is_of(known: &PasswordHash, password: &Secret) -> bool {
    let computed = || {
        let (salt, hash) = (known.salt.as_ref()?, known.hash.as_ref()?);
        let algorithm = Algorithm::try_from(known.algorithm.as_str()).ok()?;
        let version = known.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
        let argon2 = Argon2::new(algorithm, version, Params::try_from(known).ok()?);
        let mut room = [0; Output::MAX_LENGTH];
        let output = room.get_mut(..hash.len())?;
        let blocks = argon2.params().block_count();
        room::lent(blocks, is_rush, |memory| {
            argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, memory)
        })
        .ok()?;
        Output::new(output).ok()
    };
    // Two outputs are compared in constant time.
    computed().is_some_and(|computed| known.hash == Some(computed))
}

/// OWASP's first choice where memory is shared: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None)
        .map_err(|error| anyhow::anyhow!("the parameters of Argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// How many may have work in hand or wait for their turn.
static PLACES: Semaphore = Semaphore::const_new(MOST_PLACES);
const MOST_PLACES: usize = 128;
static PROCESSORS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(*AT_ONCE));
static AT_ONCE: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));
/// The hash of a password that was forgotten at once, with the parameters above.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$jk7fH22Kg1g/gk+gpyL7aA$iqpk1h8e9DfWfDd/ncSdf4pIA+AljXzpGI8ofbr6b8s";
/// In characters.
const SHORTEST: usize = 12;
/// In bytes.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        text.to_owned().into()
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hash = hash(secret("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let known = || Some(secret(&hash));
        assert!(matches(secret("correct horse battery"), known()).await.unwrap());
        for other in ["Correct horse battery", "correct horse battery ", "", "\0", &"x".repeat(10_000)] {
            assert!(!matches(secret(other), known()).await.unwrap(), "{other:?}");
        }
        assert!(!matches(secret("correct horse battery"), None).await.unwrap());
        assert!(matches(secret("a"), Some(secret("no hash"))).await.is_err());
    }

    #[tokio::test]
    async fn hashes_of_other_parameters_are_known_too_and_a_broken_one_is_nobodys() {
        let params = Params::new(64, 1, 2, Some(24)).unwrap();
        let other = Argon2::new(Algorithm::Argon2i, Version::V0x10, params);
        let hash = other.hash_password(b"correct horse battery").unwrap().to_string();
        for (hash, is_it) in [
            (hash.as_str(), true),
            ("$argon2id$v=19$m=64,t=1,p=1", false),
            ("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ", false),
            ("$scrypt$ln=1,r=8,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", false),
            ("$argon2id$v=7$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", false),
        ] {
            let known = Some(secret(hash));
            assert_eq!(matches(secret("correct horse battery"), known).await.unwrap(), is_it, "{hash}");
        }
    }

    /// Each works in memory that another has used.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_rush_of_passwords_is_told_apart() {
        let right = hash(secret("correct horse battery")).await.unwrap();
        let tries: Vec<_> = (0..12)
            .map(|n| {
                let (typed, known) = (secret(["correct horse battery", "another"][n % 2]), secret(&right));
                tokio::spawn(async move { (n, matches(typed, Some(known)).await) })
            })
            .collect();
        for tried in tries {
            let (n, outcome) = tried.await.unwrap();
            assert_eq!(outcome.unwrap(), n % 2 == 0, "{n}");
        }
    }

    #[test]
    fn the_decoy_costs_what_a_hash_costs() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        assert_eq!(decoy.params.to_string(), "m=19456,t=2,p=1");
        assert_eq!((decoy.algorithm.as_str(), decoy.hash.unwrap().len()), ("argon2id", 32));
    }

    #[test]
    fn what_may_be_chosen() {
        for good in ["twelve chars", "пароль-пароль", &"x".repeat(512), "  spaces  count  "] {
            assert!(check(&secret(good), "a@example.com").is_ok(), "{good}");
        }
        for bad in ["", "eleven char", &"x".repeat(513), "twelve\0chars", "ANN@example.com"] {
            assert!(check(&secret(bad), "ann@example.com").is_err(), "{bad:?}");
        }
    }
}
