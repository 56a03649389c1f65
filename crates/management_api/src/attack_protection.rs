//! How passwords are kept from being guessed: one document for each of the measures, read and changed. One that nobody
//! ever changed says what a new one would.

use http::Method;
use model::{
    BruteForceProtection, SuspiciousIpThrottling,
    attack_protection::{BotDetection, BreachedPasswordDetection, Captcha, PhoneProviderProtection},
};
use schema::{Object, Resource};
use serde_json::Value;

use crate::{Answer, Call, Operation, error::Result, operation::run, singleton};

pub fn operations() -> Vec<Operation> {
    [
        rows::<BruteForceProtection>("brute-force settings"),
        rows::<SuspiciousIpThrottling>("suspicious IP throttling settings"),
        rows::<BreachedPasswordDetection>("breached password detection settings"),
        rows::<BotDetection>("bot detection settings"),
        rows::<Captcha>("captcha settings"),
        rows::<PhoneProviderProtection>("phone provider protection settings"),
    ]
    .concat()
}

fn rows<R: Resource>(words: &str) -> Vec<Operation> {
    let path = format!("/{}", R::NOUN.path);
    vec![
        Operation::new(
            Method::GET,
            &path,
            &format!("Get {words}"),
            &["read:attack_protection"],
            run!(singleton::read::<R>),
        ),
        Operation::new(
            Method::PATCH,
            &path,
            &format!("Update {words}"),
            &["update:attack_protection"],
            run!(update::<R>),
        ),
    ]
}

async fn update<R: Resource>(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    singleton::update::<R>(&call, patch, whole_stages).await
}

/// Recorded: a stage, and a member of one, that a patch does not name stays as it was
/// (`TestAccAttackProtectionSuspiciousIPThrottling`).
fn whole_stages(before: &Object, patch: &mut Object) {
    if let (Some(kept), Some(stages)) = (before.get("stage"), patch.get_mut("stage")) {
        let given = std::mem::replace(stages, kept.clone());
        lay_over(stages, given);
    }
}

fn lay_over(kept: &mut Value, given: Value) {
    match (kept, given) {
        (Value::Object(kept), Value::Object(given)) => {
            for (name, value) in given {
                lay_over(kept.entry(name).or_insert(Value::Null), value);
            }
        }
        (kept, given) => *kept = given,
    }
}
