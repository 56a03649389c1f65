//! What opens a service: a token, a PIN. It is never printed.

use std::{fs::File, io::Read as _, path::PathBuf};

use zeroize::Zeroizing;

use crate::{Error, Result};

/// A token or a PIN, or where it is found.
#[derive(Clone)]
pub enum Secret {
    Given(Zeroizing<String>),
    /// Read each time it is needed: an agent keeps it fresh.
    File(PathBuf),
}

impl Secret {
    pub(crate) fn read(&self) -> Result<Zeroizing<String>> {
        let path = match self {
            Secret::Given(secret) => return Ok(secret.clone()),
            Secret::File(path) => path,
        };
        // An agent that has not come up yet has written none.
        let away = |reason: String| {
            Error::Away(format!("{} holds nothing to log in with: {reason}", path.display()))
        };
        let file = File::open(path).map_err(|error| away(error.to_string()))?;
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST).read_to_string(&mut text).map_err(|error| away(error.to_string()))?;
        let secret = text.trim_end_matches(['\r', '\n']);
        match !secret.is_empty() && !secret.contains(char::is_control) {
            true => Ok(Zeroizing::new(secret.to_owned())),
            false => Err(away("it is empty, or more than a line of text".into())),
        }
    }
}

const LONGEST: u64 = 8 * 1024;
