//! A token behind its vendor's PKCS#11 library, with an AES key that seals with GCM. The library is loaded for one
//! operation and let go: nothing of it stays in the process while requests are served.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11 as Library},
    error::{Error as Failed, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::{AuthPin, Ulong},
};
use zeroize::Zeroizing;

use crate::{DataKey, Error, PURPOSE, Result, Secret, as_data_key};

/// One key of one token.
#[derive(Clone)]
pub struct Pkcs11 {
    library: PathBuf,
    token: String,
    key: String,
    pin: Secret,
}

/// A library has one state for the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

impl Pkcs11 {
    /// The AES key with this label, on the token with that label.
    pub fn new(library: &Path, token: &str, key: &str, pin: Secret) -> Self {
        Pkcs11 { library: library.to_owned(), token: token.to_owned(), key: key.to_owned(), pin }
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) async fn wrap(&self, data_key: &DataKey) -> Result<String> {
        let data_key = data_key.clone();
        let wrapped = self
            .with_key(&self.key, move |session, key| {
                let mut nonce = [0; NONCE];
                // A token that makes its own writes it over this one.
                rand::fill(&mut nonce)
                    .map_err(|_| Error::Refused("the system gives no randomness".into()))?;
                let sealed = {
                    let mechanism = gcm(&mut nonce)?;
                    session.encrypt(&mechanism, key, data_key.as_slice()).map_err(told)?
                };
                Ok([nonce.as_slice(), &sealed].concat())
            })
            .await?;
        match wrapped.len() == WRAPPED {
            true => Ok(STANDARD.encode(wrapped)),
            false => Err(Error::Refused("the token sealed with another length than AES-GCM has".into())),
        }
    }

    pub(crate) async fn unwrap(&self, key: &str, wrapped: &str) -> Result<DataKey> {
        let wrapped = STANDARD.decode(wrapped).ok().filter(|wrapped| wrapped.len() == WRAPPED);
        let Some(wrapped) = wrapped else {
            return Err(Error::Refused("what is wrapped has another length than AES-GCM has".into()));
        };
        let name = key.to_owned();
        self.with_key(key, move |session, key| {
            let mut nonce = [0; NONCE];
            nonce.copy_from_slice(&wrapped[..NONCE]);
            let mechanism = gcm(&mut nonce)?;
            let opened = session.decrypt(&mechanism, key, &wrapped[NONCE..]).map(Zeroizing::new);
            let opened = opened.map_err(|error| match told(error) {
                Error::Refused(reason) => Error::Refused(format!(
                    "its key {name} does not open this ({reason}): another key bears that name, or what was wrapped \
                     has been altered"
                )),
                away @ Error::Away(_) => away,
            })?;
            as_data_key(&opened)
                .ok_or_else(|| Error::Refused("what it unwrapped is no key of 32 bytes".into()))
        })
        .await
    }

    async fn with_key<T: Send + 'static>(
        &self,
        key: &str,
        act: impl FnOnce(&Session, ObjectHandle) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (token, key) = (self.clone(), key.to_owned());
        let done = tokio::task::spawn_blocking(move || {
            let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            token.logged_in(|session| act(session, the_key(session, &key)?))
        });
        done.await.map_err(|_| Error::Refused("the library ended its thread".into()))?
    }

    fn logged_in<T>(&self, act: impl FnOnce(&Session) -> Result<T>) -> Result<T> {
        let shown = self.library.display();
        let library = Library::new(&self.library)
            .map_err(|error| Error::Refused(format!("the library {shown} cannot be used: {error}")))?;
        library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(told)?;
        let done = self.slot(&library).and_then(|slot| {
            let pin = AuthPin::from(self.pin.read()?.to_string());
            let session = library.open_ro_session(slot).map_err(told)?;
            session.login(UserType::User, Some(&pin)).map_err(told)?;
            act(&session)
        });
        // What fails here has done its work.
        let _ = library.finalize();
        done
    }

    /// Where the token is, if a wrong PIN would not be its last.
    fn slot(&self, library: &Library) -> Result<Slot> {
        for slot in library.get_slots_with_token().map_err(told)? {
            let Ok(found) = library.get_token_info(slot) else { continue };
            if found.label() != self.token {
                continue;
            }
            if found.user_pin_locked() {
                return Err(Error::Refused(format!("the PIN of the token {} is locked", self.token)));
            }
            if found.user_pin_final_try() {
                return Err(Error::Refused(format!(
                    "one more wrong PIN would lock the token {}: nothing is tried before somebody has logged in with \
                     its own tool",
                    self.token
                )));
            }
            return Ok(slot);
        }
        Err(Error::Away(format!("there is no token {}", self.token)))
    }
}

fn the_key(session: &Session, label: &str) -> Result<ObjectHandle> {
    let wanted = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    match session.find_objects(&wanted).map_err(told)?.as_slice() {
        [key] => Ok(*key),
        [] => Err(Error::Refused(format!("the token has no AES key {label}"))),
        [_, _, ..] => Err(Error::Refused(format!(
            "the token has several AES keys {label}: remove or rename all but one"
        ))),
    }
}

fn gcm(nonce: &mut [u8; NONCE]) -> Result<Mechanism<'_>> {
    let tag_bits = Ulong::try_from(8 * TAG).map_err(told)?;
    Ok(Mechanism::AesGcm(GcmParams::new(nonce, PURPOSE.as_bytes(), tag_bits).map_err(told)?))
}

/// What a library says, in words that are its own and ours.
fn told(error: impl Into<Failed>) -> Error {
    let error = error.into();
    let Failed::Pkcs11(code, function) = &error else { return Error::Refused(error.to_string()) };
    let words = format!("{function} answers {code:?}");
    match code {
        RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::DeviceError
        | RvError::DeviceMemory
        | RvError::DeviceRemoved
        | RvError::HostMemory
        | RvError::SessionCount
        | RvError::SessionClosed
        | RvError::SessionHandleInvalid => Error::Away(words),
        RvError::PinIncorrect => Error::Refused("its PIN is another one; it is not tried again".into()),
        _ => Error::Refused(words),
    }
}

const NONCE: usize = 12;
const TAG: usize = 16;
const WRAPPED: usize = NONCE + 32 + TAG;
