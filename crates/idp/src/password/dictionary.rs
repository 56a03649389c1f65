//! Words that everybody chooses, where a database refuses them.

use model::DatabaseOptions;
use zxcvbn::{feedback::Warning, zxcvbn};

/// Whether the database refuses a password as one of the common ones, or as one of its own list.
pub(super) fn refuses(options: &DatabaseOptions, password: &str) -> bool {
    let newer = options.password_options.as_ref().and_then(|newer| newer.dictionary.as_ref());
    let newer = newer.filter(|dictionary| dictionary.active == Some(true)).map(|it| it.custom.as_ref());
    let older = || {
        let older = options.password_dictionary.as_ref().filter(|dictionary| dictionary.enable);
        older.map(|dictionary| dictionary.dictionary.as_ref())
    };
    let Some(own) = newer.or_else(older) else { return false };
    let lower = password.to_lowercase();
    own.is_some_and(|own| own.iter().any(|word| word.to_lowercase() == lower)) || is_common(password)
}

/// Whether it is one of those that people choose most, also backwards or with digits for letters.
pub fn is_common(password: &str) -> bool {
    // Nothing that long is on a list, and to look at it would be work of the caller's choosing.
    if password.chars().count() > LONGEST {
        return false;
    }
    let looked_at = zxcvbn(password, &[]);
    let warning = looked_at.feedback().and_then(|feedback| feedback.warning());
    matches!(
        warning,
        Some(
            Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
                | Warning::ThisIsSimilarToACommonlyUsedPassword
        )
    )
}

const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_everybody_chooses_is_common() {
        for common in
            ["password", "Password", "123456", "qwerty", "letmein", "iloveyou", "p@ssword", "monkey12"]
        {
            assert!(is_common(common), "{common}");
        }
        let long = "password".repeat(20);
        for own in ["correct horse battery staple", "vK2-tidal-ox", "", "пароль-пароль", &long] {
            assert!(!is_common(own), "{own}");
        }
    }
}
