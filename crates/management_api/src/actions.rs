//! Actions: the drafts, and what every part of their family needs. Versions, bindings, modules and the rest have files of
//! their own. Shapes, words and times are those of recorded answers.

mod bindings;
mod build;
mod executions;
mod modules;
mod parts;
mod test;
mod triggers;
mod versions;

pub use self::{
    build::check_script,
    parts::{check_code, declared},
};

use http::{Method, StatusCode};
use idp::{Change, Document, Tenant, id};
use model::{Action, ActionVersion, TokenExchangeProfile, action::MOST_CODE};
use schema::{Key, Object, Resource};
use serde_json::{Value, json};
use store::{Matching, Span};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, existing, made, shown},
    error::Result,
    operation::run,
    precondition::etag,
};

/// How many actions a tenant may have.
const MOST: i64 = 100;
/// What makes a draft differ from what is deployed.
const CONTENT: &[&str] = &["code", "dependencies", "runtime", "secrets", "modules", "supported_triggers"];

pub fn operations() -> Vec<Operation> {
    let (all, one) = ("/actions/actions", "/actions/actions/{id}");
    let drafts = vec![
        Operation::new(Method::GET, all, "Get actions", &["read:actions"], run!(list)).reading(&[
            "triggerId",
            "actionName",
            "deployed",
            "installed",
            "page",
            "per_page",
        ]),
        Operation::new(Method::POST, all, "Create an action", &["create:actions"], run!(create)),
        Operation::new(Method::GET, one, "Get an action", &["read:actions"], run!(read)),
        Operation::new(Method::PATCH, one, "Update an action", &["update:actions"], run!(update)),
        Operation::new(Method::DELETE, one, "Delete an action", &["delete:actions"], run!(delete))
            .reading(&["force"]),
    ];
    [
        drafts,
        versions::operations(),
        test::operations(),
        triggers::operations(),
        bindings::operations(),
        executions::operations(),
        modules::operations(),
    ]
    .concat()
}

impl Lifecycle for Action {
    const WORDS: (&'static str, &'static str) = ("an action", "actions");
    const MISSING: (&'static str, Option<&'static str>) = ("That action does not exist.", None);

    fn taken(_key: &str) -> String {
        "An action with this name already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        if tenant.count(&Matching::all(Action::NOUN.path)).await? >= MOST {
            return Err(too_many());
        }
        let action_id = given.id.unwrap_or_else(id::uuid);
        let trigger = triggers::of(body)?;
        body.entry("runtime").or_insert(json!(trigger.default_runtime));
        let made_at = now(tenant);
        let changed_at = now(tenant);
        parts::stamp_secrets(body, None, &changed_at)?;
        parts::name_modules(tenant, body).await?;
        let is_built = build::check(tenant, body).await;
        for (name, value) in [
            ("id", json!(action_id)),
            ("created_at", json!(made_at)),
            ("updated_at", json!(changed_at)),
            ("touched_at", json!(made_at)),
            ("status", json!(build::status(&is_built))),
            ("all_changes_deployed", json!(false)),
            ("last_number", json!(0)),
        ] {
            body.insert(name.into(), value);
        }
        let mut beside = Vec::new();
        if body.shift_remove("deploy") == Some(json!(true)) {
            is_built?;
            beside.extend(versions::deploy_draft(tenant, body).await?);
        }
        Ok(Prepared { id: action_id, beside, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let old = Action::view(&document.body)?;
        let at = now(tenant);
        if patch.contains_key("supported_triggers") {
            let trigger = triggers::of(patch)?;
            if trigger.id != old.trigger() && bindings::binds(tenant, old.trigger(), &document.id).await? {
                return Err(Error::operation("The action is bound to its trigger; unbind it there first."));
            }
        }
        parts::stamp_secrets(patch, document.body.get("secrets"), &at)?;
        parts::name_modules(tenant, patch).await?;
        let differs = |names: &[&str]| {
            names.iter().any(|name| patch.contains_key(*name) && patch.get(*name) != document.body.get(*name))
        };
        let (is_other, is_touched) =
            (differs(CONTENT), differs(&["name", "supported_triggers", "code", "secrets"]));
        let mut whole = document.body.clone();
        schema::merge(Action::NOUN.fields, &mut whole, patch.clone());
        let is_built = build::check(tenant, &whole).await;
        patch.insert("status".into(), json!(build::status(&is_built)));
        if is_touched {
            patch.insert("touched_at".into(), json!(at));
        }
        patch.insert("updated_at".into(), json!(now(tenant)));
        if is_other {
            patch.insert("all_changes_deployed".into(), json!(false));
        }
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        check_code("code", &self.code)?;
        parts::check_secrets(&self.secrets)
    }

    fn keys(&self) -> Vec<Key> {
        self.listed_by()
    }

    fn show(_tenant: &Tenant, document: &mut Object) {
        versions::show_current(document);
    }
}

async fn list(call: Call) -> Result<Answer> {
    let mut matching = Matching::all(Action::NOUN.path);
    for (query, key) in [("triggerId", "trigger_id"), ("actionName", "name")] {
        if let Some(value) = call.query(query) {
            matching = matching.with(key, vec![value.to_owned()]);
        }
    }
    if let Some(deployed) = call.flag("deployed")? {
        matching = matching.with("deployed", vec![deployed.to_string()]);
    }
    let page = parts::Page::of(&call)?;
    // Nothing here was installed from a market place.
    if call.flag("installed")? == Some(true) {
        return Ok(page.answer("actions", Vec::new(), 0));
    }
    let span = Span::Offset { offset: page.start(), limit: page.per_page };
    let documents = call.tenant.page(&Action::NOUN, &matching, span).await?;
    let total = call.tenant.count(&matching).await?;
    let actions = documents
        .into_iter()
        .map(|document| shown::<Action>(&call, document.body).map(Value::Object))
        .collect::<Result<_>>()?;
    Ok(page.answer("actions", actions, total))
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let (document, _) = collection::insert::<Action>(&call.tenant, body, Given::default()).await?;
    let about = made::<Action>(&document);
    let mut answer = shown::<Action>(&call, document)?;
    build::show_pending(&mut answer);
    for (version, status) in [("current_version", "PENDING"), ("deployed_version", "pending")] {
        if let Some(Value::Object(version)) = answer.get_mut(version) {
            version.insert("status".into(), json!(status));
            for time in ["build_time", "built_at"] {
                version.shift_remove(time);
            }
        }
    }
    Ok(Answer::created(answer).about(about))
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing::<Action>(&call).await?;
    let etag = etag(&document);
    Ok(Answer::ok(shown::<Action>(&call, document.body)?).tagged(etag))
}

async fn update(call: Call) -> Result<Answer> {
    let mut answer = collection::update::<Action>(&call).await?;
    if let Some(Value::Object(action)) = &mut answer.body {
        build::show_pending(action);
    }
    Ok(answer)
}

/// Recorded: deleting what is not there is refused, other than elsewhere.
async fn delete(call: Call) -> Result<Answer> {
    let force = call.flag("force")?.unwrap_or(false);
    let action = existing::<Action>(&call).await?;
    call.precondition.check(Some(&action))?;
    let profiles = call.tenant.matching::<TokenExchangeProfile>("action_id", &action.id).await?;
    if !profiles.is_empty() {
        return Err(Error::conflict("Unable to delete an action that a token exchange profile uses."));
    }
    if call.tenant.snapshot().event_streams.values().any(|stream| stream.is_for_action(&action.id)) {
        return Err(Error::conflict("Unable to delete an action that an event stream uses."));
    }
    let mut changes = bindings::unbind(&call.tenant, &action.id).await?;
    if !changes.is_empty() && !force {
        return Err(Error::conflict("Unable to delete an action bound to a trigger."));
    }
    let versions = call.tenant.matching::<ActionVersion>("action_id", &action.id).await?;
    changes.extend(versions.into_iter().map(|version| Change::delete::<ActionVersion>(version.id)));
    // A draft that changed meanwhile may have been bound.
    changes.push(Change::expect::<Action>(&action));
    changes.push(Change::delete::<Action>(&action.id));
    call.tenant.commit(changes).await.map_err(|error| call.precondition.lost(error.into()))?;
    Ok(Answer::no_content().about(About::only::<Action>(&action.id)))
}

/// The action as its versions and bindings tell of it. Recorded: these say of none that all of it is deployed, and
/// know no time but that of its name and triggers.
fn base(action: &Object) -> Object {
    let mut base = Object::new();
    for name in ["id", "name", "supported_triggers", "created_at"] {
        base.insert(name.into(), action.get(name).cloned().unwrap_or(Value::Null));
    }
    let touched = text(action, "touched_at").or(text(action, "updated_at"));
    base.insert("updated_at".into(), json!(touched));
    base.insert("all_changes_deployed".into(), json!(false));
    base
}

/// The time as this family writes it, other than all others: to the nanosecond (recorded).
fn now(tenant: &Tenant) -> String {
    format!("{:.9}", tenant.clock().timestamp())
}

pub fn too_many() -> Error {
    let message = "You reached the limit of entities of this type for this tenant.";
    Error::new(StatusCode::FORBIDDEN, message, Some("too_many_entities"))
}
