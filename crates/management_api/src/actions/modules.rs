//! Modules: code that several actions share. They are stored and published; what runs does not see them yet.

use std::cmp::Reverse;

use http::{Method, StatusCode};
use idp::{Change, Document, Tenant, id};
use model::{Action, ActionModule, ActionModuleVersion};
use schema::{Object, Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Matching, Span};

use super::{
    MOST,
    parts::{self, Page, declared},
    too_many,
};
use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, existing, made, replace},
    error::Result,
    operation::run,
};

/// What a version has of a draft.
const COPIED: &[&str] = &["code", "secrets", "dependencies"];

pub fn operations() -> Vec<Operation> {
    let (all, one) = ("/actions/modules", "/actions/modules/{id}");
    let versions = "/actions/modules/{id}/versions";
    let version = "/actions/modules/{id}/versions/{version_id}";
    let rows = [
        Operation::new(Method::GET, all, "Get action modules", &["read:actions"], run!(list))
            .reading(&["page", "per_page"]),
        Operation::new(Method::POST, all, "Create an action module", &["create:actions"], run!(create)),
        Operation::new(Method::GET, one, "Get an action module", &["read:actions"], run!(read)),
        Operation::new(Method::PATCH, one, "Update an action module", &["update:actions"], run!(update)),
        Operation::new(Method::DELETE, one, "Delete an action module", &["delete:actions"], run!(delete)),
        Operation::new(
            Method::GET,
            "/actions/modules/{id}/actions",
            "Get the actions that use a module",
            &["read:actions"],
            run!(actions),
        )
        .reading(&["page", "per_page"]),
        Operation::new(
            Method::POST,
            "/actions/modules/{id}/rollback",
            "Roll back an action module",
            &["create:actions"],
            run!(roll_back),
        ),
        Operation::new(
            Method::GET,
            versions,
            "Get the versions of an action module",
            &["read:actions"],
            run!(list_versions),
        )
        .reading(&["page", "per_page"]),
        Operation::new(
            Method::POST,
            versions,
            "Publish an action module",
            &["create:actions"],
            run!(publish),
        ),
        Operation::new(
            Method::GET,
            version,
            "Get a version of an action module",
            &["read:actions"],
            run!(read_version),
        ),
    ];
    rows.into()
}

impl Lifecycle for ActionModule {
    const WORDS: (&'static str, &'static str) = ("an action module", "action modules");
    const MISSING: (&'static str, Option<&'static str>) = ("That action module does not exist.", None);

    fn taken(_key: &str) -> String {
        "An action module with this name already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        if tenant.count(&Matching::all(ActionModule::NOUN.path)).await? >= MOST {
            return Err(too_many());
        }
        let module_id = given.id.unwrap_or_else(id::uuid);
        let at = now(tenant);
        parts::stamp_secrets(body, None, &at)?;
        for (name, value) in [
            ("id", json!(module_id)),
            ("created_at", json!(at)),
            ("updated_at", json!(at)),
            ("all_changes_published", json!(false)),
        ] {
            body.insert(name.into(), value);
        }
        let is_published = body.shift_remove("publish") == Some(json!(true));
        let beside = if is_published { vec![publish_draft(tenant, body)] } else { Vec::new() };
        Ok(Prepared { id: module_id, beside, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let at = now(tenant);
        parts::stamp_secrets(patch, document.body.get("secrets"), &at)?;
        let is_other = patch.iter().any(|(name, value)| document.body.get(name) != Some(value));
        if is_other {
            patch.insert("updated_at".into(), json!(at));
            patch.insert("all_changes_published".into(), json!(false));
        }
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        parts::check_code("code", &self.code)?;
        parts::check_secrets(&self.secrets)
    }
}

async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let all = Matching::all(ActionModule::NOUN.path);
    let span = Span::Offset { offset: page.start(), limit: page.per_page };
    let mut modules = Vec::new();
    for module in call.tenant.page(&ActionModule::NOUN, &all, span).await? {
        let mut shown = shown(&call, module.body).await?;
        let latest = shown.shift_remove("latest_version");
        if let Some(number) = latest.and_then(|latest| latest.get("version_number").cloned()) {
            shown.insert("latest_version_number".into(), number);
        }
        modules.push(Value::Object(shown));
    }
    Ok(page.answer_whole("modules", modules, call.tenant.count(&all).await?))
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let (document, _) = collection::insert::<ActionModule>(&call.tenant, body, Given::default()).await?;
    let about = made::<ActionModule>(&document);
    Ok(Answer::created(shown(&call, document).await?).about(about))
}

async fn read(call: Call) -> Result<Answer> {
    let module = existing::<ActionModule>(&call).await?;
    Ok(Answer::ok(shown(&call, module.body).await?))
}

async fn update(call: Call) -> Result<Answer> {
    let module = existing::<ActionModule>(&call).await?;
    call.precondition.check(Some(&module))?;
    let may = |scope: &str| call.may(scope);
    let changed = collection::change::<ActionModule>(&call.tenant, &may, &module, call.body.clone()).await;
    let body = changed.map_err(|error| call.precondition.lost(error))?;
    let about = About::put::<ActionModule>(&module.id, &module.body, &body);
    Ok(Answer::ok(with_first_times(shown(&call, body).await?)).about(about))
}

/// Recorded, `TestAccActionModule`: the answer to a change has no time but that of the creation.
fn with_first_times(mut module: Object) -> Object {
    let made_at = module.get("created_at").cloned().unwrap_or(Value::Null);
    if let Some(Value::Array(secrets)) = module.get_mut("secrets") {
        for secret in secrets {
            secret["updated_at"] = made_at.clone();
        }
    }
    module.insert("updated_at".into(), made_at);
    module
}

async fn delete(call: Call) -> Result<Answer> {
    let module = existing::<ActionModule>(&call).await?;
    call.precondition.check(Some(&module))?;
    if used_by(&call.tenant, &module.id).await? > 0 {
        let message = "Unable to delete a module that actions use.";
        return Err(Error::new(StatusCode::PRECONDITION_FAILED, message, None));
    }
    let versions = call.tenant.matching::<ActionModuleVersion>("module_id", &module.id).await?;
    let gone = versions.into_iter().map(|version| Change::delete::<ActionModuleVersion>(version.id));
    let last = [Change::expect::<ActionModule>(&module), Change::delete::<ActionModule>(&module.id)];
    call.tenant.commit(gone.chain(last).collect()).await?;
    Ok(Answer::no_content().about(About::only::<ActionModule>(&module.id)))
}

async fn actions(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let module = existing::<ActionModule>(&call).await?;
    let using = of_module(&module.id);
    let span = Span::Offset { offset: page.start(), limit: page.per_page };
    let documents = call.tenant.page(&Action::NOUN, &using, span).await?;
    let shown = documents.iter().map(|action| {
        let named = |body: &Object| {
            let modules = body.get("modules").and_then(Value::as_array)?;
            modules.iter().find(|named| named["module_id"] == module.id.as_str()).cloned()
        };
        let deployed = || action.body.get("deployed_version").and_then(Value::as_object).and_then(named);
        let named = named(&action.body).or_else(deployed).unwrap_or_default();
        json!({
            "action_id": action.id,
            "action_name": text(&action.body, "name"),
            "module_version_id": named["module_version_id"],
            "module_version_number": named["module_version_number"],
        })
    });
    Ok(page.answer("actions", shown.collect(), call.tenant.count(&using).await?))
}

/// Where a module goes back to.
#[derive(Deserialize, Shaped)]
struct WayBack {
    /// The version that the draft becomes.
    #[field(min(1), max(64))]
    module_version_id: String,
}

async fn roll_back(mut call: Call) -> Result<Answer> {
    let WayBack { module_version_id } = declared(call.take_body())?;
    let module = existing::<ActionModule>(&call).await?;
    let version = version_of(&call, &module, &module_version_id).await?;
    let mut body = module.body.clone();
    for name in COPIED {
        body.insert((*name).into(), version.body.get(*name).cloned().unwrap_or(json!([])));
    }
    let is_latest = body.get("latest_version").and_then(|latest| latest.get("id")) == version.body.get("id");
    body.insert("all_changes_published".into(), json!(is_latest));
    body.insert("updated_at".into(), json!(now(&call.tenant)));
    replace::<ActionModule>(&call.tenant, &module, body.clone()).await?;
    let about = About::put::<ActionModule>(&module.id, &module.body, &body);
    Ok(Answer::ok(shown(&call, body).await?).about(about))
}

async fn list_versions(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let module = existing::<ActionModule>(&call).await?;
    let mut versions = call.tenant.matching::<ActionModuleVersion>("module_id", &module.id).await?;
    let total = versions.len() as i64;
    versions.sort_by_key(|version| Reverse(version.body.get("version_number").and_then(Value::as_u64)));
    let shown =
        page.cut(versions).into_iter().map(|version| Value::Object(version_shown(&call, version.body)));
    Ok(page.answer_whole("versions", shown.collect(), total))
}

async fn publish(call: Call) -> Result<Answer> {
    let module = existing::<ActionModule>(&call).await?;
    let mut body = module.body.clone();
    let beside = publish_draft(&call.tenant, &mut body);
    let version = body.get("latest_version").and_then(Value::as_object).cloned().unwrap_or_default();
    let put = Change::replace::<ActionModule>(&module, body.clone());
    call.tenant.commit(vec![put, beside]).await?;
    let about = About::put::<ActionModule>(&module.id, &module.body, &body);
    Ok(Answer::ok(version_shown(&call, version)).about(about))
}

async fn read_version(call: Call) -> Result<Answer> {
    let module = existing::<ActionModule>(&call).await?;
    let version = version_of(&call, &module, call.parameter("version_id")).await?;
    Ok(Answer::ok(version_shown(&call, version.body)))
}

async fn version_of(call: &Call, module: &Document, id: &str) -> Result<Document> {
    let version = call.tenant.read(&ActionModuleVersion::NOUN, id).await?;
    let is_of = |version: &Document| text(&version.body, "module_id") == Some(&module.id);
    let missing = || Error::not_found("That action module version does not exist.", None);
    version.filter(is_of).ok_or_else(missing)
}

/// Makes a version of a draft, and answers what is to be stored beside the module.
fn publish_draft(tenant: &Tenant, draft: &mut Object) -> Change {
    let latest = draft.get("latest_version").and_then(|latest| latest["version_number"].as_u64());
    let version_id = id::uuid();
    let mut version = Object::new();
    version.insert("id".into(), json!(version_id));
    version.insert("module_id".into(), draft.get("id").cloned().unwrap_or(Value::Null));
    version.insert("version_number".into(), json!(latest.unwrap_or(0) + 1));
    for name in COPIED {
        version.insert((*name).into(), draft.get(*name).cloned().unwrap_or(json!([])));
    }
    version.insert("created_at".into(), json!(now(tenant)));
    draft.insert("latest_version".into(), Value::Object(version.clone()));
    draft.insert("all_changes_published".into(), json!(true));
    Change::create::<ActionModuleVersion>(version_id, version)
}

/// A module as it is shown, with how many actions use it.
async fn shown(call: &Call, module: Object) -> Result<Object> {
    let using = used_by(&call.tenant, text(&module, "id").unwrap_or_default()).await?;
    let mut shown = collection::shown::<ActionModule>(call, module)?;
    shown.insert("actions_using_module_total".into(), json!(using));
    if let Some(Value::Object(latest)) = shown.get_mut("latest_version") {
        latest.shift_remove("module_id");
        latest.shift_remove("created_at");
    }
    Ok(shown)
}

fn version_shown(call: &Call, mut version: Object) -> Object {
    let may = |scope: &str| call.may(scope);
    let everything = schema::Selection::Everything;
    schema::project(ActionModuleVersion::NOUN.fields, &mut version, &everything, &call.viewer(&may));
    version
}

async fn used_by(tenant: &Tenant, module: &str) -> Result<i64> {
    Ok(tenant.count(&of_module(module)).await?)
}

/// The actions that use a module, in their draft or as they are deployed.
fn of_module(module: &str) -> Matching {
    Matching::all(Action::NOUN.path).with("module_id", vec![module.to_owned()])
}

/// The time as modules write it: to the microsecond (recorded).
fn now(tenant: &Tenant) -> String {
    format!("{:.6}", tenant.clock().timestamp())
}
