//! The versions of an action: each deployment makes one, and going back to an old one makes another that is equal to it.

use std::cmp::Reverse;

use http::Method;
use idp::{Change, Document, Tenant, id};
use model::{Action, ActionVersion};
use schema::{Object, Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    base, build, now,
    parts::{Page, declared},
};
use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{Lifecycle, existing},
    error::Result,
    operation::run,
};

/// How many versions of an action are kept; the oldest go.
const MOST: usize = 50;
/// What a version has of a draft.
const COPIED: &[&str] = &["code", "dependencies", "secrets", "modules", "runtime", "supported_triggers"];

pub fn operations() -> Vec<Operation> {
    let all = "/actions/actions/{id}/versions";
    let one = "/actions/actions/{id}/versions/{version_id}";
    vec![
        Operation::new(
            Method::POST,
            "/actions/actions/{id}/deploy",
            "Deploy an action",
            &["create:actions"],
            run!(deploy),
        ),
        Operation::new(Method::GET, all, "Get the versions of an action", &["read:actions"], run!(list))
            .reading(&["page", "per_page"]),
        Operation::new(Method::GET, one, "Get a version of an action", &["read:actions"], run!(read)),
        Operation::new(
            Method::POST,
            &format!("{one}/deploy"),
            "Roll back to a previous action version",
            &["create:actions"],
            run!(roll_back),
        ),
    ]
}

async fn deploy(call: Call) -> Result<Answer> {
    let action = existing::<Action>(&call).await?;
    build::check(&call.tenant, &action.body).await?;
    let mut body = action.body.clone();
    let beside = deploy_draft(&call.tenant, &mut body).await?;
    deployed(&call, &action, body, beside).await
}

/// What may be said of a way back.
#[derive(Deserialize, Shaped)]
struct WayBack {
    /// Whether the draft goes back too.
    update_draft: Option<bool>,
}

async fn roll_back(mut call: Call) -> Result<Answer> {
    let WayBack { update_draft } = declared(call.take_body())?;
    let updates_draft = update_draft.unwrap_or(false);
    let action = existing::<Action>(&call).await?;
    let old = version_of(&call, &action).await?;
    let mut body = action.body.clone();
    for name in COPIED {
        match old.body.get(*name) {
            Some(value) => body.insert((*name).into(), value.clone()),
            None => body.shift_remove(*name),
        };
    }
    build::check(&call.tenant, &body).await?;
    let beside = deploy_draft(&call.tenant, &mut body).await?;
    if updates_draft {
        body.insert("status".into(), json!("built"));
        body.insert("updated_at".into(), json!(now(&call.tenant)));
    } else {
        for name in COPIED {
            match action.body.get(*name) {
                Some(value) => body.insert((*name).into(), value.clone()),
                None => body.shift_remove(*name),
            };
        }
        let is_same = COPIED.iter().all(|name| action.body.get(*name) == old.body.get(*name));
        body.insert("all_changes_deployed".into(), json!(is_same));
    }
    deployed(&call, &action, body, beside).await
}

/// Stores an action with its new version, and answers the version. Recorded: it is not yet said to be deployed.
async fn deployed(call: &Call, action: &Document, body: Object, beside: Vec<Change>) -> Result<Answer> {
    let view = Action::view(&body)?;
    let mut changes = vec![Change::replace::<Action>(action, body.clone()).with_keys(view.keys())];
    changes.extend(beside);
    call.tenant.commit(changes).await?;
    let about = About::put::<Action>(&action.id, &action.body, &body);
    let Some(Value::Object(version)) = body.get("deployed_version").cloned() else {
        return Ok(Answer::ok(Value::Null).about(about));
    };
    let made_at = version.get("created_at").cloned().unwrap_or(Value::Null);
    let mut version = shown(call, version, &body)?;
    version.shift_remove("built_at");
    version.insert("deployed".into(), json!(false));
    version.insert("updated_at".into(), made_at);
    Ok(Answer::ok(version).about(about))
}

/// Makes a version of a draft, which is deployed from now on; answers what is to be stored beside the draft.
pub async fn deploy_draft(tenant: &Tenant, draft: &mut Object) -> Result<Vec<Change>> {
    let action_id = text(draft, "id").unwrap_or_default().to_owned();
    let number = draft.get("last_number").and_then(Value::as_u64).unwrap_or(0) + 1;
    let version_id = id::uuid();
    let mut version = Object::new();
    version.insert("id".into(), json!(version_id));
    version.insert("action_id".into(), json!(action_id));
    for name in COPIED {
        if let Some(value) = draft.get(*name) {
            version.insert((*name).into(), value.clone());
        }
    }
    for (name, value) in [
        ("deployed", json!(true)),
        ("number", json!(number)),
        ("status", json!("built")),
        ("created_at", json!(now(tenant))),
        ("built_at", json!(now(tenant))),
        ("updated_at", json!(now(tenant))),
    ] {
        version.insert(name.into(), value);
    }
    draft.insert("last_number".into(), json!(number));
    draft.insert("deployed_version".into(), Value::Object(version.clone()));
    draft.insert("all_changes_deployed".into(), json!(true));

    let mut changes = vec![Change::create::<ActionVersion>(version_id, version)];
    let earlier = newest_first(tenant, &action_id).await?;
    changes.extend(earlier.into_iter().skip(MOST - 1).map(|old| Change::delete::<ActionVersion>(old.id)));
    Ok(changes)
}

async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let action = existing::<Action>(&call).await?;
    let versions = newest_first(&call.tenant, &action.id).await?;
    let total = versions.len() as i64;
    let versions = page.cut(versions).into_iter();
    let shown = versions.map(|version| shown(&call, version.body, &action.body).map(Value::Object));
    Ok(page.answer("versions", shown.collect::<Result<_>>()?, total))
}

async fn read(call: Call) -> Result<Answer> {
    let action = existing::<Action>(&call).await?;
    let version = version_of(&call, &action).await?;
    Ok(Answer::ok(shown(&call, version.body, &action.body)?))
}

async fn newest_first(tenant: &Tenant, action: &str) -> Result<Vec<Document>> {
    let mut versions = tenant.matching::<ActionVersion>("action_id", action).await?;
    versions.sort_by_key(|version| Reverse(version.body.get("number").and_then(Value::as_u64)));
    Ok(versions)
}

/// The version that the path names, if it is one of this action.
async fn version_of(call: &Call, action: &Document) -> Result<Document> {
    let version = call.tenant.read(&ActionVersion::NOUN, call.parameter("version_id")).await?;
    let is_of = |version: &Document| text(&version.body, "action_id") == Some(&action.id);
    version.filter(is_of).ok_or_else(|| Error::not_found("That action version does not exist.", None))
}

/// A version as it is shown, with its action.
fn shown(call: &Call, mut version: Object, action: &Object) -> Result<Object> {
    let runs = action.get("deployed_version").and_then(|deployed| deployed.get("id"));
    let is_deployed = version.get("id") == runs;
    version.insert("deployed".into(), json!(is_deployed));
    let may = |scope: &str| call.may(scope);
    schema::project(
        ActionVersion::NOUN.fields,
        &mut version,
        &schema::Selection::Everything,
        &call.viewer(&may),
    );
    version.insert("action".into(), Value::Object(base(action)));
    Ok(version)
}

/// Adds to an action the older form in which its deployed version is told once more.
pub fn show_current(action: &mut Object) {
    let Some(Value::Object(deployed)) = action.get("deployed_version") else { return };
    let mut current = Object::new();
    for (name, from) in [
        ("id", "id"),
        ("code", "code"),
        ("runtime", "runtime"),
        ("number", "number"),
        ("build_time", "built_at"),
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
    ] {
        if let Some(value) = deployed.get(from) {
            current.insert(name.into(), value.clone());
        }
    }
    current.insert("status".into(), json!("BUILT"));
    action.insert("current_version".into(), Value::Object(current));
}
