//! How the tenant keeps passwords from being guessed: what may be set. What follows from it is decided elsewhere.

mod bot_detection;
mod breached_passwords;
mod brute_force;
mod captcha;
mod phone_provider;
mod suspicious_ip;

pub use bot_detection::BotDetection;
pub use breached_passwords::{BreachShield, BreachedPasswordDetection, StageShield};
pub use brute_force::{BruteForceMode, BruteForceProtection, BruteForceShield};
pub use captcha::Captcha;
pub use phone_provider::PhoneProviderProtection;
pub use suspicious_ip::{PreLogin, SuspiciousIpShield, SuspiciousIpThrottling};
