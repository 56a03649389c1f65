//! Every screen that there is. A page can be of no other, so whoever wants to look at all of them finds them here; what
//! they say stands under the same names in `text/`.

/// A prompt and one of its screens, as their texts are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    prompt: &'static str,
    name: &'static str,
}

macro_rules! screens {
    ($($constant:ident: $prompt:literal, $name:literal;)*) => {
        impl Screen {
            $(pub const $constant: Screen = Screen { prompt: $prompt, name: $name };)*
            pub const ALL: &[Screen] = &[$(Screen::$constant),*];
        }
    };
}

screens! {
    LOGIN: "login", "login";
    IDENTIFIER: "login-id", "login-id";
    PASSWORD: "login-password", "login-password";
    SIGNUP: "signup", "signup";
    RESET_REQUEST: "reset-password", "reset-password-request";
    RESET_SENT: "reset-password", "reset-password-email";
    RESET: "reset-password", "reset-password";
    RESET_DONE: "reset-password", "reset-password-success";
    RESET_FAILED: "reset-password", "reset-password-error";
    EMAIL_VERIFICATION: "email-verification", "email-verification-result";
    CONSENT: "consent", "consent";
    CONFIRMATION: "consent", "login-confirmation";
    DEVICE_CODE: "device-flow", "device-code-activation";
    DEVICE_CONFIRMATION: "device-flow", "device-code-confirmation";
    DEVICE_ALLOWED: "device-flow", "device-code-activation-allowed";
    DEVICE_DENIED: "device-flow", "device-code-activation-denied";
    LOGOUT: "logout", "logout";
    LOGGED_OUT: "logout", "logout-complete";
    LOGOUT_ABORTED: "logout", "logout-aborted";
    UNBLOCK: "brute-force-protection", "brute-force-protection-unblock";
    UNBLOCKED: "brute-force-protection", "brute-force-protection-unblock-success";
    UNBLOCK_FAILED: "brute-force-protection", "brute-force-protection-unblock-failure";
    ENDED: "status", "ended";
    ELSEWHERE: "status", "elsewhere";
    UNREADABLE: "status", "unreadable";
    BROKEN: "status", "broken";
    NOTHING: "status", "nothing";
    REFUSED: "status", "refused";
    TOO_MANY: "status", "too-many";
    BUSY: "status", "busy";
    RETURN: "status", "return";
    // Its texts stand in the program: see `text/setup.rs`.
    SETUP: "setup", "setup";
}

impl Screen {
    pub fn prompt(self) -> &'static str {
        self.prompt
    }

    pub fn name(self) -> &'static str {
        self.name
    }

    /// The screen that is called so, where its texts are the tenant's to change.
    pub fn named(prompt: &str, name: &str) -> Option<Screen> {
        let all = Screen::ALL.iter().copied().filter(|screen| *screen != Screen::SETUP);
        all.into_iter().find(|screen| screen.place() == (prompt, name))
    }

    /// What its texts are found by.
    pub fn place(self) -> (&'static str, &'static str) {
        (self.prompt, self.name)
    }
}
