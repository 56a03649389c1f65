//! What the pages say on which somebody becomes an administrator. They are read once, by people who run servers, and
//! are in English.

pub const PRODUCT: &str = "Countersign";
pub const EMAIL: &str = "Email address";
pub const PASSWORD: &str = "Password";
pub const FORGOTTEN_COMMAND: &str = "countersign admin link --email you@example.com --data-dir …";

pub const SET_UP: &str = "Set up your server";
pub const SET_UP_WHY: &str = "You become its first administrator. It takes about twenty seconds.";
pub const SET_UP_DO: &str = "Create account";
pub const SETUP_CODE: &str = "Setup code";
pub const SETUP_CODE_HINT: &str = "The server printed it, in a link, when it started. Start it again, or run countersign admin \
                                   link, for another.";
pub const SPENT: &str = "This code was used already, has expired, or was never made.";
pub const PASSWORD_HINT: &str = "At least 12 characters. Pasting from a password manager is fine.";
pub const ENVIRONMENT: &str = "What is this server for?";
pub const DEVELOPMENT: &str = "Development";
pub const STAGING: &str = "Staging";
pub const PRODUCTION: &str = "Production";
pub const SAMPLE: &str = "Add a sample API and machine application";
pub const STAYS_HERE: &str = "Everything stays on this machine. Nothing is sent anywhere.";
pub const JOIN: &str = "Join the administrators";
pub const JOIN_WHY: &str = "Choose a password for this address; you log in with both from now on.";
pub const JOIN_DO: &str = "Create account";
pub const CHOOSE_PASSWORD: &str = "Choose a new password";
pub const CHOOSE_PASSWORD_WHY: &str =
    "It takes the place of the old one, and you are logged out everywhere else.";
pub const NOTHING_HERE: &str = "This link is good no more";
pub const NOTHING_HERE_WHY: &str = "It was used already, or has expired. If you have an account, open the dashboard and log in; \
                                    otherwise ask an administrator for another link.";
