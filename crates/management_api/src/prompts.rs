//! What people are asked, and in which words: settings, the tenant's own words, what it adds to forms, and how its own
//! programs are told what a screen shows.

pub mod custom_text;
mod partials;
mod rendering;

use http::Method;
use model::Prompts;

use crate::{Answer, Call, Error, Operation, error::Result, operation::run, singleton};

pub fn operations() -> Vec<Operation> {
    let own = vec![
        Operation::new(
            Method::GET,
            "/prompts",
            "Get prompts settings",
            &["read:prompts"],
            run!(singleton::read::<Prompts>),
        ),
        Operation::new(
            Method::PATCH,
            "/prompts",
            "Update prompts settings",
            &["update:prompts"],
            run!(update),
        ),
    ];
    [own, custom_text::operations(), partials::operations(), rendering::operations()].concat()
}

async fn update(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    singleton::update::<Prompts>(&call, patch, |_, _| {}).await
}

/// The prompt that the path names, if there is such a prompt.
fn prompt_of(call: &Call) -> Result<String> {
    let prompt = call.parameter("prompt");
    match PROMPTS.contains(&prompt) {
        true => Ok(prompt.to_owned()),
        false => Err(Error::not_found("The prompt does not exist", None)),
    }
}

/// The kinds of pages that people are asked on.
const PROMPTS: &[&str] = &[
    "login",
    "login-id",
    "login-password",
    "login-passwordless",
    "login-email-verification",
    "signup",
    "signup-id",
    "signup-password",
    "phone-identifier-enrollment",
    "phone-identifier-challenge",
    "email-identifier-challenge",
    "reset-password",
    "custom-form",
    "consent",
    "customized-consent",
    "logout",
    "mfa",
    "mfa-push",
    "mfa-otp",
    "mfa-voice",
    "mfa-phone",
    "mfa-webauthn",
    "mfa-sms",
    "mfa-email",
    "mfa-recovery-code",
    "status",
    "device-flow",
    "email-verification",
    "email-otp-challenge",
    "organizations",
    "invitation",
    "common",
    "passkeys",
    "captcha",
    "brute-force-protection",
    "async-approval-flow",
];
