//! Everything that the pages say, in one place.

pub const PRODUCT: &str = "Countersign";

pub const LOG_IN: &str = "Log in";
pub const EMAIL: &str = "Email address";
pub const PASSWORD: &str = "Password";
pub const WRONG: &str = "Wrong email or password. Check both and try again.";
pub const FORGOTTEN: &str = "Forgotten your password? Another administrator can make you a link to choose a new one. So can \
                             whoever runs the server:";
pub const FORGOTTEN_COMMAND: &str = "countersign admin link --email you@example.com --data-dir …";
pub const TOO_MANY: &str =
    "Too many failed attempts from here. Wait half an hour and try again, or ask an administrator for help.";

pub const ENDED: &str = "This login has ended";
pub const ENDED_WHY: &str = "It was finished, took too long, or was begun in another browser. Go back to the application \
                             and log in from there. Cookies have to be allowed for this site.";
pub const ELSEWHERE: &str = "This form was not sent from our page";
pub const ELSEWHERE_WHY: &str = "Nothing was done. Go back to the application and log in from there.";
pub const UNREADABLE: &str = "This form cannot be read";
pub const UNREADABLE_WHY: &str = "Nothing was done. Go back, and fill it in once more.";
pub const BROKEN: &str = "Something went wrong here";
pub const BROKEN_WHY: &str = "It is not your fault. Try again in a moment.";

pub const REFUSED: &str = "The application cannot log you in";
pub const REFUSED_WHY: &str =
    "It sent a request that this server does not accept. Tell whoever runs the application:";

pub const LOGGED_OUT: &str = "You are logged out";
pub const LOGGED_OUT_WHY: &str = "You can close this page.";

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

/// Under the heading of the login page.
pub fn to_continue(client: &str) -> String {
    format!("to continue to {client}")
}

/// The title of a page that says what went wrong.
pub fn problem(title: &str) -> String {
    format!("Error: {title}")
}
