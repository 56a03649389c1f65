//! Who sends text messages and calls. What is said here is kept; this server sends none yet, and says so.

use http::{Method, StatusCode};
use idp::{Document, Tenant, id};
use model::{PhoneProvider, branding::PhoneProviderName};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing, shown},
    error::Result,
    operation::run,
};

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<PhoneProvider>();
    rows.list.run = run!(list);
    rows.list.query = vec!["disabled"];
    rows.update.run = run!(update);
    rows.delete.run = run!(remove);
    let path = "/branding/phone/providers/{id}/try";
    let scope = &["create:phone_providers"];
    rows.and([Operation::new(Method::POST, path, "Try a phone provider", scope, run!(attempt))])
}

impl Lifecycle for PhoneProvider {
    const WORDS: (&'static str, &'static str) = ("a phone provider", "phone providers");
    const MISSING: (&'static str, Option<&'static str>) = ("Notification Resource not found", None);

    fn taken(_key: &str) -> String {
        "Custom phone provider conflict".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::phone_provider);
        let now = tenant.clock().iso();
        for (name, value) in [("id", &id), ("created_at", &now), ("updated_at", &now)] {
            body.insert(name.into(), json!(value));
        }
        body.insert("tenant".into(), json!(tenant.name()));
        body.insert("channel".into(), json!("phone"));
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, _document: &Document, patch: &mut Object) -> Result<()> {
        patch.insert("updated_at".into(), json!(tenant.clock().iso()));
        Ok(())
    }

    /// Recorded: a number or a service has to be named that messages come from.
    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let configuration = self.configuration.as_ref();
        let has_sender = configuration.is_some_and(|it| it.default_from.is_some() || it.mssid.is_some());
        match self.name == PhoneProviderName::Twilio && !has_sender {
            true => Err(bad_operation()),
            false => Ok(()),
        }
    }
}

fn bad_operation() -> Error {
    Error::new(StatusCode::BAD_REQUEST, "Bad Operation on Notification Resource", None)
}

async fn update(call: Call) -> Result<Answer> {
    collection::update::<PhoneProvider>(&call).await
}

async fn list(call: Call) -> Result<Answer> {
    let wanted = call.flag("disabled")?;
    let all = Matching::all(PhoneProvider::NOUN.path);
    let found =
        call.tenant.page(&PhoneProvider::NOUN, &all, store::Span::Offset { offset: 0, limit: MOST }).await?;
    let is_wanted = |document: &&Document| {
        wanted.is_none_or(|wanted| document.body.get("disabled") == Some(&json!(wanted)))
    };
    let providers = found.iter().filter(is_wanted);
    let providers =
        providers.map(|document| shown::<PhoneProvider>(&call, document.body.clone()).map(Value::Object));
    Ok(Answer::ok(json!({ "providers": providers.collect::<Result<Vec<_>>>()? })))
}

async fn remove(call: Call) -> Result<Answer> {
    existing::<PhoneProvider>(&call).await?;
    (Rows::of::<PhoneProvider>().delete.run)(call).await
}

async fn attempt(call: Call) -> Result<Answer> {
    existing::<PhoneProvider>(&call).await?;
    Err(sends_nothing())
}

/// What is not done is not said to be.
pub fn sends_nothing() -> Error {
    Error::operation("This server sends no text messages and makes no calls.")
}

/// There is one for each way messages take.
const MOST: i64 = 50;
