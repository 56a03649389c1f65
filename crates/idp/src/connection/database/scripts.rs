//! Databases that are elsewhere: scripts of the tenant know their people. They run where all of the tenant's code runs,
//! and call back.

use model::{DatabaseOptions, connection::database::CustomScripts};
use schema::Shaped;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Code, RegisteredConnection, Result, Tenant,
    actions::{self, LIMIT, Script, Tried},
};

/// What a script is asked, by the names that the options have for the scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Login,
    GetUser,
    Create,
    Verify,
    ChangePassword,
    Delete,
}

impl Question {
    /// The script that answers it.
    fn code(self, scripts: &CustomScripts) -> Option<&str> {
        let code = match self {
            Question::Login => &scripts.login,
            Question::GetUser => &scripts.get_user,
            Question::Create => &scripts.create,
            Question::Verify => &scripts.verify,
            Question::ChangePassword => &scripts.change_password,
            Question::Delete => &scripts.delete,
        };
        code.as_deref().filter(|code| !code.trim().is_empty())
    }

    /// The name that Auth0's templates give to its function.
    fn function(self) -> &'static str {
        match self {
            Question::Login => "login",
            Question::GetUser => "getByEmail",
            Question::Create => "create",
            Question::Verify => "verify",
            Question::ChangePassword => "changePassword",
            Question::Delete => "remove",
        }
    }
}

/// What a script called back.
#[derive(Debug)]
pub enum Answer {
    Value(Value),
    /// The password is wrong, or nobody has the name: then it names nobody.
    Wrong {
        about: Option<String>,
        message: String,
    },
    /// What was asked cannot be done, and why.
    Invalid {
        code: String,
        message: String,
    },
}

/// How a database's people are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Here.
    Here,
    /// Here from their first login on; until then a script knows them.
    HereAfterLogin,
    /// Elsewhere.
    Elsewhere,
}

/// Where the people of a database are kept.
pub fn kept(options: &DatabaseOptions) -> Kept {
    match (options.enabled_database_customization, options.import_mode) {
        (Some(true), Some(true)) => Kept::HereAfterLogin,
        (Some(true), _) => Kept::Elsewhere,
        _ => Kept::Here,
    }
}

/// Asks a script; nothing if there is none. A script that fails is refused with its own words, as Auth0 does it.
pub async fn ask(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    question: Question,
    arguments: Vec<Value>,
) -> Result<Option<Answer>> {
    let Some(options) = connection.database() else { return Ok(None) };
    let Some(code) = options.custom_scripts.as_ref().and_then(|scripts| question.code(scripts)) else {
        return Ok(None);
    };
    let event = [configuration(options), Value::Array(arguments)];
    let script = script(code, question.function());
    let run = actions::run(tenant, &script, &event, (Vec::new(), None), LIMIT).await?;
    for line in &run.logs {
        tracing::debug!(tenant = tenant.name(), connection = %connection.id, line, "a database script");
    }
    match run.outcome {
        Ok(outcome) => Ok(Some(read(outcome))),
        Err(failure) => {
            let failure = actions::told(&failure);
            tracing::warn!(tenant = tenant.name(), connection = %connection.id, %failure, "a database script failed");
            failed(&failure)
        }
    }
}

/// Tries a script with arguments that somebody made up: `code`, or the one that is stored. What it says comes to nothing
/// here. Nothing if there is no script.
pub async fn try_script(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    question: Question,
    code: Option<&str>,
    arguments: Vec<Value>,
) -> Result<Option<Tried>> {
    let Some(options) = connection.database() else { return Ok(None) };
    let stored = || options.custom_scripts.as_ref().and_then(|scripts| question.code(scripts));
    let Some(code) = code.or_else(stored) else { return Ok(None) };
    let event = [configuration(options), Value::Array(arguments)];
    actions::tried(tenant, &script(code, question.function()), &event, None).await.map(Some)
}

/// What the scripts are told.
fn configuration(options: &DatabaseOptions) -> Value {
    options.configuration.iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn failed<T>(failure: &Value) -> Result<T> {
    let message = failure.get("message").and_then(Value::as_str).unwrap_or_default();
    Code::ServerError.refuse(crate::log::cut(message))
}

/// What the end of [`script`] made of what was called back.
fn read(outcome: Value) -> Answer {
    let text = |name: &str| outcome.get(name).and_then(Value::as_str).map(str::to_owned);
    match text("error").as_deref() {
        Some("ValidationError") => Answer::Invalid {
            code: text("about").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
        },
        Some(_) => Answer::Wrong { about: text("about"), message: text("message").unwrap_or_default() },
        None => Answer::Value(outcome.get("value").cloned().unwrap_or(Value::Null)),
    }
}

/// The code as it is run. A script is a function, or some, of which one has the known name; before it stands nothing of
/// ours but on its first line, so that its lines keep their numbers.
fn script(code: &str, function: &str) -> Script {
    actions::callback(format!(
        "const __script = {code}\n;\
         for (const name of ['WrongUsernameOrPasswordError', 'ValidationError', 'UnauthorizedError'])\
           globalThis[name] = class extends Error {{\
             constructor(about, message) {{\
               super(name === 'UnauthorizedError' ? about : message);\
               this.name = name; this.about = about;\
             }}\
           }};\
         module.exports = (configuration, given, callback) => {{\
           globalThis.configuration = configuration;\
           const known = typeof {function} === 'function' ? {function} : __script;\
           const done = (error, value) => {{\
             if (!error) callback(null, {{ value: value ?? null }});\
             else if (['WrongUsernameOrPasswordError', 'ValidationError', 'UnauthorizedError'].includes(error.name))\
               callback(null, {{ error: error.name, about: error.about ?? null, message: String(error.message) }});\
             else callback(error instanceof Error ? error : new Error(String(error)));\
           }};\
           const result = known(...given, done);\
           if (typeof result?.then === 'function') result.then(undefined, done);\
         }};"
    ))
}

/// The failure of a script that says what it should not.
pub(super) fn unfit<T>(what: &str) -> Result<T> {
    failed(&json!({ "message": what }))
}
