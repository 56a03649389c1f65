//! Jobs: mails that prove an address, imports and exports of users; how far each is, and what it could not do.

use http::{Method, StatusCode};
use idp::{
    clock::iso,
    jobs::{self, Export, Field, Format, Import, Job, Kind, MOST_EXPORTS, MOST_IMPORTS},
};
use schema::{Object, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    call::cut,
    error::Result,
    operation::run,
    tickets::{Identity, is_known, is_theirs, object, person, read},
};

/// The greatest file of an import, in bytes.
const MOST: usize = 512_000;
/// What the other parts and their heads may take beside it.
const BESIDE: usize = 16 * 1024;

pub fn operations() -> Vec<Operation> {
    let looking = &["create:users", "read:users"];
    vec![
        Operation::new(
            Method::POST,
            "/jobs/verification-email",
            "Send an email address verification email",
            &["update:users"],
            run!(verification_email),
        ),
        Operation::new(
            Method::POST,
            "/jobs/users-imports",
            "Create a job to import users",
            &["create:users"],
            run!(import),
        )
        .taking_parts(MOST + BESIDE),
        Operation::new(
            Method::POST,
            "/jobs/users-exports",
            "Create a job to export users",
            &["read:users"],
            run!(export),
        ),
        Operation::new(Method::GET, "/jobs/{id}", "Get a job", looking, run!(one)),
        Operation::new(Method::GET, "/jobs/{id}/errors", "Get the errors of a job", looking, run!(errors)),
    ]
}

/// Whose address is to be proved.
#[derive(Deserialize, Shaped)]
struct VerificationEmail {
    /// Whose address.
    #[field(min(1), max(255))]
    user_id: String,
    /// Through which application it comes about.
    #[field(max(255))]
    client_id: Option<String>,
    /// Which of the person's accounts is meant.
    identity: Option<Identity>,
    /// For which organization.
    #[field(max(50))]
    #[expect(dead_code, reason = "nobody belongs to an organization yet")]
    organization_id: Option<schema::Declared<String>>,
}

async fn verification_email(mut call: Call) -> Result<Answer> {
    let asked: VerificationEmail = read(call.take_body())?;
    let user = person(&call.tenant, &asked.user_id).await?;
    is_known(&call, asked.client_id.as_deref())?;
    is_theirs(&call.tenant, &user, asked.identity.as_ref())?;
    if user.email.is_none() {
        return Err(Error::body("The user does not have an email address."));
    }
    let client = asked.client_id.as_deref().and_then(|id| call.tenant.snapshot().client(id).cloned());
    let job = jobs::verify_email(&call.tenant, &user, client.as_deref()).await?;
    // It is told as it was asked for: whoever wants to know more asks for the job.
    let mut shown = shown(&call, &job).await?;
    shown.insert("status".into(), json!("pending"));
    Ok(Answer::created(shown))
}

async fn import(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let mut take = |name: &str| match body.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let fail = |reason: String| Err(Error::body(format!("Payload validation error: '{reason}'.")));
    let flag = |name: &str, text: Option<String>, otherwise: bool| match text.as_deref() {
        None | Some("") => Ok(otherwise),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(Error::body(format!(
            "Payload validation error: 'Expected type boolean but found type string' on property {name}."
        ))),
    };
    let Some(users) = take("users") else { return fail("Missing required property: users".into()) };
    let Some(connection_id) = take("connection_id") else {
        return fail("Missing required property: connection_id".into());
    };
    let upsert = flag("upsert", take("upsert"), false)?;
    let send_completion_email = flag("send_completion_email", take("send_completion_email"), true)?;
    let external_id = take("external_id").filter(|id| !id.is_empty());
    if let Some(other) = body.keys().next() {
        return fail(format!("Additional properties not allowed: {}", cut(other)));
    }
    if external_id.as_ref().is_some_and(|id| id.len() > 500 || id.contains('\0')) {
        return fail("String is too long, or holds U+0000, on property external_id".into());
    }
    if users.len() > MOST {
        let message = format!("Payload content length greater than maximum allowed: {MOST}");
        return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, message, None));
    }
    if users.contains('\0') {
        return fail("The users file holds the character U+0000".into());
    }
    let connection = database(&call, &connection_id)?;
    if upsert {
        call.must(&["update:users"])?;
    }
    let asked = Import { connection_id, connection, upsert, external_id, send_completion_email };
    let Some(job) = jobs::import(&call.tenant, &asked, &users).await? else {
        let message = format!(
            "There are {MOST_IMPORTS} active import users jobs, please wait until some of them are finished and try again"
        );
        return Err(Error::new(StatusCode::TOO_MANY_REQUESTS, message, Some("too_many_requests")));
    };
    Ok(Answer::accepted(shown(&call, &job).await?))
}

/// Which users are to be exported, and how.
#[derive(Deserialize, Shaped)]
struct Asked {
    /// The database whose users are meant; all users if none is.
    #[field(max(255))]
    connection_id: Option<String>,
    /// How they are written.
    format: Option<AskedFormat>,
    /// How many at most.
    #[field(min(1))]
    limit: Option<i64>,
    /// What is told of each.
    #[field(min(1), max(100))]
    fields: Option<Vec<AskedField>>,
}

/// How users are written.
#[derive(Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
enum AskedFormat {
    Json,
    Csv,
}

/// One thing that is told of each user.
#[derive(Deserialize, Shaped)]
struct AskedField {
    /// Where it is.
    #[field(min(1), max(512))]
    name: String,
    /// What it is called in the export.
    #[field(min(1), max(512))]
    export_as: Option<String>,
}

async fn export(mut call: Call) -> Result<Answer> {
    let asked: Asked = read(call.take_body())?;
    let connection = asked.connection_id.as_deref().map(|id| any_connection(&call, id)).transpose()?;
    let format = match asked.format {
        Some(AskedFormat::Csv) => Format::Csv,
        Some(AskedFormat::Json) | None => Format::Json,
    };
    let field = |AskedField { name, export_as }| Field { name, export_as };
    let fields = asked.fields.map(|fields| fields.into_iter().map(field).collect::<Vec<_>>());
    let named = fields.iter().flatten().map(|field| field.name.as_str());
    let mut once = std::collections::HashSet::new();
    // Each is written for everybody as often as it is named.
    if let Some(twice) = named.into_iter().find(|name| !once.insert(*name)) {
        return Err(Error::body(format!("The field {} is named more than once.", cut(twice))));
    }
    if let (Format::Csv, Some(fields)) = (format, &fields) {
        if fields.len() > MOST_CSV {
            return Err(Error::body(format!("CSV exports are limited to {MOST_CSV} fields.")));
        }
        if fields.iter().any(|field| ["app_metadata", "user_metadata"].contains(&field.name.as_str())) {
            return Err(Error::body("CSV exports cannot hold metadata as a whole: name its members."));
        }
    }
    let wanted =
        Export { connection_id: asked.connection_id, connection, format, limit: asked.limit, fields };
    let Some(job) = jobs::export(&call.tenant, &wanted).await? else {
        let message = format!(
            "There are {MOST_EXPORTS} active export users jobs, please wait until some of them are finished and try again"
        );
        return Err(Error::new(StatusCode::TOO_MANY_REQUESTS, message, Some("too_many_requests")));
    };
    Ok(Answer::ok(shown(&call, &job).await?))
}

async fn one(call: Call) -> Result<Answer> {
    let missing = || Error::not_found("Job not found", Some("inexistent_job"));
    let job = jobs::read(&call.tenant, call.parameter("id")).await?.ok_or_else(missing)?;
    Ok(Answer::ok(shown(&call, &job).await?))
}

async fn errors(call: Call) -> Result<Answer> {
    let missing = || Error::not_found("The job does not exist.", Some("inexistent_job"));
    let job = jobs::read(&call.tenant, call.parameter("id")).await?.ok_or_else(missing)?;
    let told = jobs::told(&job)?;
    if let Some(problem) = told.problem {
        return Ok(Answer::ok(json!({ "statusCode": 400, "error": "Bad Request", "message": problem })));
    }
    let errors = jobs::errors(&call.tenant, &job).await?;
    Ok(if errors.is_empty() { Answer::no_content() } else { Answer::ok(Value::Array(errors)) })
}

/// A job as it is shown; of an export that is done, with a link that is good for a minute.
async fn shown(call: &Call, job: &Job) -> Result<Object> {
    let mut shown = object(json!({
        "type": job.kind, "status": job.state.name(), "created_at": iso(job.created * 1000), "id": job.id,
    }));
    let told = jobs::told(job)?;
    let has_begun = told.done > 0 || job.state == jobs::JobState::Completed;
    match Kind::of(job) {
        Some(Kind::UsersImport) => {
            let asked: Import = jobs::asked(job)?;
            shown.extend(object(json!({
                "connection_id": asked.connection_id, "connection": asked.connection, "upsert": asked.upsert,
                "send_completion_email": asked.send_completion_email,
            })));
            shown.extend(asked.external_id.map(|id| ("external_id".to_owned(), json!(id))));
            if has_begun {
                shown.insert("summary".into(), json!({
                    "failed": told.failed, "updated": told.updated, "inserted": told.inserted, "total": told.total,
                }));
            }
            if job.state == jobs::JobState::Processing && told.total > 0 {
                let seconds = call.tenant.clock().now() - job.created;
                let left = (told.total - told.done) as i64 * seconds / (told.done.max(1) as i64);
                shown.insert("percentage_done".into(), json!(told.done * 100 / told.total));
                shown.insert("time_left_seconds".into(), json!(left));
            }
        }
        Some(Kind::UsersExport) => {
            let asked: Export = jobs::asked(job)?;
            shown.insert("format".into(), json!(asked.format.name()));
            let told_of = [
                ("connection_id", json!(asked.connection_id)),
                ("connection", json!(asked.connection)),
                ("limit", json!(asked.limit)),
                ("fields", json!(asked.fields)),
                ("location", json!(jobs::location(&call.tenant, job, &call.origin.host).await?)),
            ];
            let given = told_of.into_iter().filter(|(_, value)| !value.is_null());
            shown.extend(given.map(|(name, value)| (name.to_owned(), value)));
        }
        Some(Kind::VerificationEmail | Kind::LogVerification) | None => {}
    }
    shown.extend(told.problem.map(|problem| ("status_details".to_owned(), json!(problem))));
    Ok(shown)
}

/// The name of a database.
fn database(call: &Call, id: &str) -> Result<String> {
    let snapshot = call.tenant.snapshot();
    match snapshot.connection_by_id(id) {
        Some(connection) if connection.is_database() => Ok(connection.view.name.clone()),
        Some(_) => Err(Error::operation("Users can be imported into a database only.")),
        None => Err(missing_connection()),
    }
}

/// The name of a connection.
fn any_connection(call: &Call, id: &str) -> Result<String> {
    let snapshot = call.tenant.snapshot();
    snapshot
        .connection_by_id(id)
        .map(|connection| connection.view.name.clone())
        .ok_or_else(missing_connection)
}

fn missing_connection() -> Error {
    Error::new(StatusCode::BAD_REQUEST, "The connection does not exist.", Some("inexistent_connection"))
}

/// How many fields a CSV export may have.
const MOST_CSV: usize = 30;
