//! Which actions run at a trigger: a list that is replaced as a whole, in one document for each trigger.

use http::Method;
use idp::{Change, Document, Tenant, id};
use model::{Action, TriggerBindings};
use schema::{Object, Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    base, build, now,
    parts::{self, Page, declared},
    triggers,
};
use crate::{
    Answer, Call, Error, Operation, about::About, call::cut, clients::text, error::Result, operation::run,
};

pub fn operations() -> Vec<Operation> {
    let path = "/actions/triggers/{trigger_id}/bindings";
    vec![
        Operation::new(Method::GET, path, "Get trigger bindings", &["read:actions"], run!(list))
            .reading(&["page", "per_page"]),
        Operation::new(Method::PATCH, path, "Update trigger bindings", &["update:actions"], run!(update)),
    ]
}

/// What the body of a change looks like.
#[derive(Deserialize, Shaped)]
struct Wanted {
    /// What is to run, in this order.
    #[field(max(20))]
    bindings: Vec<WantedBinding>,
}

#[derive(Deserialize, Shaped)]
struct WantedBinding {
    /// What people call it at this place.
    #[field(min(1), max(255), nullable_on_create)]
    display_name: Option<String>,
    /// What is bound.
    #[serde(rename = "ref")]
    reference: Reference,
    /// Secrets that stand before those of the action.
    #[field(max(30))]
    secrets: Option<Vec<model::ActionSecret>>,
}

#[derive(Deserialize, Shaped)]
struct Reference {
    /// By what it is named.
    #[serde(rename = "type")]
    kind: ReferenceKind,
    /// Its identifier or name.
    #[field(min(1), max(255))]
    value: String,
}

#[derive(Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
enum ReferenceKind {
    ActionId,
    ActionName,
    BindingId,
}

async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?;
    let trigger = trigger(&call)?;
    let bindings = of_trigger(&call.tenant, trigger.id).await?.map(|document| bindings_in(&document));
    let bindings = bindings.unwrap_or_default();
    let total = bindings.len() as i64;
    let shown = shown(&call, trigger.id, page.cut(bindings)).await?;
    Ok(page.answer("bindings", shown, total))
}

async fn update(mut call: Call) -> Result<Answer> {
    let trigger = trigger(&call)?;
    let body = call.take_body();
    let secrets = body.get("bindings").cloned().unwrap_or_default();
    let wanted: Wanted = declared(body)?;
    if trigger.is_of_entity && !wanted.bindings.is_empty() {
        return Err(Error::operation("This trigger is not bound here, but by the entity that uses it."));
    }
    let document = of_trigger(&call.tenant, trigger.id).await?;
    let before = document.as_ref().map(bindings_in).unwrap_or_default();
    let (mut after, mut expected) = (Vec::new(), Vec::new());
    for (i, binding) in wanted.bindings.into_iter().enumerate() {
        let action = meant(&call.tenant, &before, &binding.reference, i).await?;
        is_bindable(&action, trigger.id, &after, i)?;
        build::check_deployed(&call.tenant, &action).await?;
        let brought = secrets[i].get("secrets").cloned();
        after.push(bound(&call.tenant, &before, binding, &action, brought)?);
        expected.push(Change::expect::<Action>(&action));
    }
    let mut body = Object::new();
    body.insert("id".into(), json!(trigger.id));
    body.insert("bindings".into(), Value::Array(after.clone()));
    let put = match &document {
        Some(document) => Change::replace::<TriggerBindings>(document, body.clone()),
        None => Change::create::<TriggerBindings>(trigger.id, body.clone()),
    };
    let changes = std::iter::once(put).chain(expected).collect();
    call.tenant.commit(changes).await.map_err(|error| match error {
        // Another made the first bindings of this trigger.
        idp::Error::Taken { .. } => idp::Error::Conflict.into(),
        other => Error::from(other),
    })?;
    let before = document.map(|document| document.body).unwrap_or_default();
    let about = About::put::<TriggerBindings>(trigger.id, &before, &body);
    let shown = shown(&call, trigger.id, after).await?;
    Ok(Answer::ok(json!({ "bindings": shown })).about(about))
}

fn trigger(call: &Call) -> Result<&'static triggers::Trigger> {
    let named = triggers::named(call.parameter("trigger_id"));
    named.ok_or_else(|| Error::not_found("That trigger does not exist.", None))
}

async fn of_trigger(tenant: &Tenant, id: &str) -> Result<Option<Document>> {
    Ok(tenant.read(&TriggerBindings::NOUN, id).await?)
}

fn bindings_in(document: &Document) -> Vec<Value> {
    document.body.get("bindings").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The action that a reference means.
async fn meant(tenant: &Tenant, before: &[Value], reference: &Reference, i: usize) -> Result<Document> {
    let value = reference.value.as_str();
    let found = match reference.kind {
        ReferenceKind::ActionId => tenant.read(&Action::NOUN, value).await?,
        ReferenceKind::ActionName => tenant.find(&Action::NOUN, "name", value).await?,
        ReferenceKind::BindingId => {
            let binding = before.iter().find(|binding| binding["id"] == value);
            match binding.and_then(|binding| binding["action_id"].as_str()) {
                Some(action) => tenant.read(&Action::NOUN, action).await?,
                None => None,
            }
        }
    };
    found.ok_or_else(|| {
        let value = cut(value);
        Error::body(format!(
            "Payload validation error: 'Nothing here is called {value}' on property bindings[{i}].ref.value."
        ))
    })
}

fn is_bindable(action: &Document, trigger: &str, earlier: &[Value], i: usize) -> Result<()> {
    let fail = |reason: &str| Err(Error::body(format!("{reason} (bindings[{i}]).")));
    let view = Action::view(&action.body)?;
    match &view.deployed_version {
        None => return fail("An action must be deployed before it is bound"),
        Some(version) if version.supported_triggers.iter().all(|supported| supported.id != trigger) => {
            return fail("The deployed version of the action is for another trigger");
        }
        Some(_) => {}
    }
    match earlier.iter().any(|binding| binding["action_id"] == action.id.as_str()) {
        true => fail("An action is bound to a trigger at most once"),
        false => Ok(()),
    }
}

/// The binding as it is stored; one that was there keeps its identity.
fn bound(
    tenant: &Tenant,
    before: &[Value],
    wanted: WantedBinding,
    action: &Document,
    secrets: Option<Value>,
) -> Result<Value> {
    let at = now(tenant);
    let old = before.iter().find(|binding| binding["action_id"] == action.id.as_str());
    let kept = |name: &str| old.and_then(|old| old[name].as_str()).map(str::to_owned);
    let name = wanted.display_name.or_else(|| kept("display_name"));
    let name = name.unwrap_or_else(|| text(&action.body, "name").unwrap_or_default().to_owned());
    let is_same = kept("display_name").as_deref() == Some(name.as_str()) && secrets.is_none();
    let mut brought = Object::new();
    if let Some(secrets) = secrets {
        brought.insert("secrets".into(), secrets);
        parts::stamp_secrets(&mut brought, old.and_then(|old| old.get("secrets")), &at)?;
        parts::check_secrets(&wanted.secrets.unwrap_or_default())?;
    } else if let Some(kept) = old.and_then(|old| old.get("secrets")) {
        brought.insert("secrets".into(), kept.clone());
    }
    let mut binding = json!({
        "id": kept("id").unwrap_or_else(id::uuid),
        "action_id": action.id,
        "created_at": kept("created_at").unwrap_or_else(|| at.clone()),
        "updated_at": kept("updated_at").filter(|_| is_same).unwrap_or(at),
        "display_name": name,
    });
    if let Some(secrets) = brought.shift_remove("secrets") {
        binding["secrets"] = secrets;
    }
    Ok(binding)
}

/// Bindings as they are shown, with their actions.
async fn shown(call: &Call, trigger: &str, bindings: Vec<Value>) -> Result<Vec<Value>> {
    let mut shown = Vec::new();
    for mut binding in bindings {
        let action_id = binding["action_id"].as_str().unwrap_or_default();
        let Some(action) = call.tenant.read(&Action::NOUN, action_id).await? else { continue };
        let mut of = crate::collection::shown::<Action>(call, action.body.clone())?;
        let mut brief = base(&action.body);
        for version in ["current_version", "deployed_version"] {
            if let Some(version_of) = of.shift_remove(version) {
                brief.insert(version.into(), version_of);
            }
        }
        if let Value::Object(binding) = &mut binding {
            binding.shift_remove("action_id");
            binding.insert("trigger_id".into(), json!(trigger));
            binding.insert("action".into(), Value::Object(brief));
            if let Some(Value::Array(secrets)) = binding.get_mut("secrets") {
                for secret in secrets.iter_mut().filter_map(Value::as_object_mut) {
                    secret.shift_remove("value");
                }
            }
        }
        shown.push(binding);
    }
    Ok(shown)
}

/// Whether an action is bound to a trigger.
pub async fn binds(tenant: &Tenant, trigger: &str, action: &str) -> Result<bool> {
    let document = of_trigger(tenant, trigger).await?;
    Ok(document
        .is_some_and(|document| bindings_in(&document).iter().any(|binding| binding["action_id"] == action)))
}

/// The changes that take an action out of every trigger that it is bound to.
pub async fn unbind(tenant: &Tenant, action: &str) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for document in tenant.all(&TriggerBindings::NOUN).await? {
        let mut bindings = bindings_in(&document);
        let n = bindings.len();
        bindings.retain(|binding| binding["action_id"] != action);
        if bindings.len() < n {
            let mut body = document.body.clone();
            body.insert("bindings".into(), Value::Array(bindings));
            changes.push(Change::replace::<TriggerBindings>(&document, body));
        }
    }
    Ok(changes)
}
