//! Exporting users: as lines of JSON or as CSV, compressed, in pieces that are each a whole. What came out is sealed, and
//! fetched through a link that is good for a minute.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use model::User;
use schema::{Object, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Job, JobState, Matching, Span};

use super::{LONGEST, asked, end, fail, note, place, sealed, told};
use crate::{Document, Result, Tenant, ticket};

/// Which users are to be exported, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    pub connection_id: Option<String>,
    /// Its name.
    pub connection: Option<String>,
    pub format: Format,
    /// How many at most.
    pub limit: Option<i64>,
    pub fields: Option<Vec<Field>>,
}

/// How users are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Csv,
}

impl Format {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
        }
    }
}

/// One thing that is told of each user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Where it is: `identities[0].connection`.
    pub name: String,
    /// What it is called in the export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_as: Option<String>,
}

/// Runs an export to its end.
pub(super) async fn run(tenant: &Tenant, mut job: Job) -> Result<()> {
    let export: Export = asked(&job)?;
    let mut told = told(&job)?;
    let fields = export.fields.clone().unwrap_or_else(usual);
    let all = Matching::all(User::NOUN.path);
    let most = export.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    loop {
        if tenant.clock().now() > job.created + LONGEST {
            return fail(tenant, job, "The job took longer than two hours.").await;
        }
        let span = Span::After { after: told.after.clone(), limit: AT_ONCE };
        let page = if told.done < most { tenant.page(&User::NOUN, &all, span).await? } else { Vec::new() };
        // Everybody is read in the end; the few of another connection are passed over.
        let is_meant = |user: &&Document| {
            export.connection.as_ref().is_none_or(|connection| comes_by(&user.body, connection))
        };
        let users: Vec<&Document> = page.iter().filter(is_meant).take(most - told.done).collect();
        let mut text = String::new();
        if export.format == Format::Csv && told.pieces == 0 {
            let heads = fields.iter().map(|field| quoted(field.export_as.as_ref().unwrap_or(&field.name)));
            text.push_str(&heads.collect::<Vec<_>>().join(","));
            text.push_str("\r\n");
        }
        for user in users.iter() {
            let mut body = user.body.clone();
            // What passwords and providers are known by never leaves.
            schema::project(User::NOUN.fields, &mut body, &schema::Selection::Everything, &NOBODY);
            write(&mut text, export.format, &fields, &body);
        }
        told.after = page.last().map(|user| (user.created, user.id.clone())).or(told.after);
        told.done += users.len();
        told.total = told.done;
        let mut pieces = Vec::new();
        if !text.is_empty() {
            let piece = STANDARD.encode(compressed(&text)?);
            pieces.push(sealed(tenant, &job.id, "output", told.pieces, &piece)?);
            told.pieces += 1;
        }
        if page.len() < AT_ONCE as usize {
            return end(tenant, job, JobState::Completed, &told, pieces).await;
        }
        job = note(tenant, job, &told, pieces).await?;
    }
}

fn comes_by(user: &Object, connection: &str) -> bool {
    let identities = user.get("identities").and_then(Value::as_array);
    identities.into_iter().flatten().any(|identity| identity["connection"] == connection)
}

/// Nobody in particular: who sees no secret.
const NOBODY: schema::Viewer<'static> = schema::Viewer { may: &|_| false, secrets: schema::Secrets::None };

fn write(text: &mut String, format: Format, fields: &[Field], user: &Object) {
    match format {
        Format::Json => {
            let mut line = Object::new();
            for field in fields {
                if let Some(value) = found(user, &field.name) {
                    let name = field.export_as.clone().unwrap_or_else(|| field.name.clone());
                    line.insert(name, value.clone());
                }
            }
            text.push_str(&Value::Object(line).to_string());
            text.push('\n');
        }
        Format::Csv => {
            let cell = |field: &Field| match found(user, &field.name) {
                None | Some(Value::Null) => String::new(),
                // Dates of ours are no formula.
                Some(Value::String(date)) if date.parse::<jiff::Timestamp>().is_ok() => quoted(date),
                Some(Value::String(said)) => quoted(&format!("'{said}")),
                Some(Value::Bool(flag)) => flag.to_string(),
                Some(Value::Number(number)) => number.to_string(),
                Some(other) => quoted(&format!("'{other}")),
            };
            let cells: Vec<String> = fields.iter().map(cell).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// What a path leads to: `identities[0].connection`, `user_metadata.plan`.
fn found<'a>(user: &'a Object, path: &str) -> Option<&'a Value> {
    let mut parts = path.split(['.', '[']).map(|part| part.trim_end_matches(']'));
    let mut value = user.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Array(list) => list.get(part.parse::<usize>().ok()?)?,
            Value::Object(object) => object.get(part)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Each piece is a whole member: put together they are one file (RFC 1952 §2.2).
fn compressed(text: &str) -> Result<Vec<u8>> {
    let write = || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes())?;
        encoder.finish()
    };
    write().map_err(|error| crate::Error::Internal(error.into()))
}

/// A link to what came out of an export, good for a minute.
pub async fn location(tenant: &Tenant, job: &Job, host: &str) -> Result<Option<String>> {
    if job.state != JobState::Completed || job.kind != super::Kind::UsersExport.name() {
        return Ok(None);
    }
    let export: Export = asked(job)?;
    let code = ticket::issue(tenant, KIND, &job.id, LINK).await?;
    let (issuer, name, format) = (tenant.issuer(host), tenant.name(), export.format.name());
    Ok(Some(format!("{issuer}api/x/exports/{code}/{name}.{format}.gz")))
}

/// What a link leads to.
#[derive(Debug)]
pub struct Download {
    pub tenant: Tenant,
    pub job: String,
    pieces: usize,
}

/// What came out of an export, for whoever has a link that is still good.
pub async fn download(tenant: &Tenant, code: &str) -> Result<Option<Download>> {
    let Some(id) = ticket::read::<String>(tenant, KIND, code).await? else { return Ok(None) };
    let Some(job) = super::read(tenant, &id).await? else { return Ok(None) };
    Ok(Some(Download { tenant: tenant.clone(), job: id, pieces: told(&job)?.pieces }))
}

impl Download {
    /// The piece of this number; nothing behind the last one.
    pub async fn piece(&self, number: usize) -> Result<Option<Vec<u8>>> {
        if number >= self.pieces {
            return Ok(None);
        }
        let from = i64::try_from(number).unwrap_or(i64::MAX);
        let jobs = self.tenant.store().jobs();
        let pieces = jobs.pieces((self.tenant.name(), &self.job), "output", from, 1).await?;
        let Some(piece) = pieces.first() else { return Ok(None) };
        let text = self.tenant.unseal(&place(&self.job, "output"), piece).await?;
        Ok(Some(STANDARD.decode(text)?))
    }
}

/// What is told where nothing is chosen.
fn usual() -> Vec<Field> {
    USUAL.iter().map(|name| Field { name: (*name).to_owned(), export_as: None }).collect()
}

const USUAL: [&str; 13] = [
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "created_at",
    "updated_at",
    "identities[0].connection",
];

const KIND: &str = "export";
/// For how many seconds a link is good.
const LINK: i64 = 60;
/// How many users are in a piece.
const AT_ONCE: i64 = 500;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Object {
        let user = json!({
            "email": "=cmd|' /C calc'!A0\"", "email_verified": true, "created_at": "2026-07-01T12:00:00.250Z", "logins_count": 3,
            "identities": [{ "connection": "db" }], "user_metadata": { "plan": { "name": "gold\r\n" } },
        });
        user.as_object().cloned().unwrap()
    }

    fn fields(names: &[&str]) -> Vec<Field> {
        names.iter().map(|name| Field { name: (*name).into(), export_as: None }).collect()
    }

    #[test]
    fn what_is_told_is_found_wherever_it_is() {
        let user = user();
        assert_eq!(found(&user, "identities[0].connection"), Some(&json!("db")));
        assert_eq!(found(&user, "user_metadata.plan.name"), Some(&json!("gold\r\n")));
        for path in [
            "",
            ".",
            "[",
            "]",
            "identities[9].connection",
            "identities[x]",
            "email.x",
            "identities[-1]",
            "a[[[[0",
        ] {
            assert_eq!(found(&user, path), None, "{path}");
        }
    }

    #[test]
    fn a_cell_is_no_formula() {
        let mut text = String::new();
        let names = [
            "email",
            "email_verified",
            "created_at",
            "logins_count",
            "user_metadata.plan.name",
            "nope",
            "identities",
        ];
        write(&mut text, Format::Csv, &fields(&names), &user());
        let expected = "\"'=cmd|' /C calc'!A0\"\"\",true,\"2026-07-01T12:00:00.250Z\",3,\"'gold\r\n\",,\"'[{\"\"connection\"\":\"\"db\"\"}]\"\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_line_names_things_as_asked() {
        let mut text = String::new();
        let field = Field { name: "identities[0].connection".into(), export_as: Some("provider".into()) };
        write(&mut text, Format::Json, &[field], &user());
        assert_eq!(text, "{\"provider\":\"db\"}\n");
    }
}
