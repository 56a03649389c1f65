//! A script of a database, tried with arguments that somebody made up. It changes nothing, and nobody is logged in.

use http::Method;
use idp::connection::database::{self, Question};
use model::Connection;
use schema::Shaped;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation, actions::declared, collection::existing, error::Result, operation::run,
};

pub fn operations() -> Vec<Operation> {
    let path = "/connections/{id}/try-script";
    let scopes = &["update:connections"];
    vec![
        Operation::ours(Method::POST, path, "Try a script of a database", scopes, run!(try_script))
            .changing_nothing(),
    ]
}

#[derive(Deserialize, Shaped)]
struct Wanted {
    /// Which of the scripts.
    script: Question,
    /// The code to try in its place.
    #[field(max(102_400))]
    code: Option<String>,
    /// What it is called with, but for the callback.
    #[field(max(4))]
    arguments: Vec<Value>,
}

async fn try_script(mut call: Call) -> Result<Answer> {
    let Wanted { script, code, arguments } = declared(call.take_body())?;
    let id = existing::<Connection>(&call).await?.id;
    let connection = call.tenant.snapshot().connection_by_id(&id).cloned();
    let Some(connection) = connection.filter(|connection| connection.is_database()) else {
        return Err(Error::operation("Only databases have scripts."));
    };
    let code = code.as_deref().filter(|code| !code.trim().is_empty());
    let Some(tried) = database::try_script(&call.tenant, &connection, script, code, arguments).await? else {
        return Err(Error::operation("The connection has no such script."));
    };
    let mut told = match tried.outcome {
        // What went wrong as the script wanted it, by the errors that it is given.
        Ok(outcome) if outcome.get("error").is_some() => json!({
            "refusal": { "name": outcome["error"], "about": outcome["about"], "message": outcome["message"] }
        }),
        Ok(outcome) => json!({ "value": outcome["value"] }),
        Err(_) => json!({ "error": tried.payload["error"] }),
    };
    told["logs"] = json!(tried.logs);
    told["duration_ms"] = tried.stats["action_duration_ms"].clone();
    Ok(Answer::ok(told))
}
