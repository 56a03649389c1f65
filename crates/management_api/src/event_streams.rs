//! Event streams: who is told of what happens to people and things. How each fares is looked at in [`deliveries`].

mod deliveries;
mod feed;

use http::{HeaderName, StatusCode};
use idp::{Change, Document, Tenant, clouds, event_streams, id};
use model::{
    Action, EventDestination, EventStream,
    event_stream::{EventBridgeConfiguration, WebhookAuthorization, WebhookConfiguration},
};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, shown},
    error::Result,
    log_streams::{RESERVED, check_value, refuse},
    operation::run,
    page::Page,
};

/// How many streams a tenant may have: each change is told to all of them.
const MOST: i64 = 20;
/// The trigger whose actions are told of events.
const TRIGGER: &str = "event-stream";

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<EventStream>();
    rows.list.run = run!(list);
    rows.list.query = vec!["from", "take"];
    rows.create.run = run!(create);
    rows.read.query = Vec::new();
    rows.delete.run = run!(delete);
    [rows.and([]), deliveries::operations(), feed::operations()].concat()
}

impl Lifecycle for EventStream {
    const WORDS: (&'static str, &'static str) = ("an event stream", "event streams");
    const MISSING: (&'static str, Option<&'static str>) = ("The requested stream does not exist.", None);

    fn taken(key: &str) -> String {
        format!("An event stream with this {key} already exists.")
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::event_stream);
        let now = tenant.clock().iso();
        body.shift_insert(0, "id".into(), json!(id));
        for name in ["created_at", "updated_at"] {
            body.insert(name.into(), json!(now));
        }
        name_at_partner(tenant, body);
        check_place(&EventStream::view(body)?)?;
        // The action may not go while the stream comes.
        let beside = action_of(tenant, body).await?.map(|action| Change::expect::<Action>(&action));
        Ok(Prepared { id, beside: beside.into_iter().collect(), ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let kind = |body: &Object| body.get("destination").and_then(|it| it.get("type")).cloned();
        if patch.contains_key("destination") {
            let before = kind(&document.body);
            if kind(patch) != before || before == Some(json!("eventbridge")) {
                let reason =
                    "Where events are sent cannot become another kind of destination, nor another account";
                return refuse(reason, "destination");
            }
            action_of(tenant, patch).await?;
        }
        patch.insert("updated_at".into(), json!(tenant.clock().iso()));
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        match &self.destination {
            EventDestination::Webhook { configuration } => check_webhook(configuration),
            EventDestination::Eventbridge { .. } | EventDestination::Action { .. } => Ok(()),
        }
    }

    async fn find(tenant: &Tenant, id: &str) -> Result<Option<Document>> {
        if !id::is_event_stream(id) {
            let id = crate::call::cut(id);
            // Recorded: `TestAccDataSourceEventStream`.
            let message = format!(
                "Path validation error: 'Object didn't pass validation for format event-stream-id: {id}' on property id (Unique identifier for the event stream)."
            );
            return Err(Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_uri")));
        }
        Ok(tenant.read(&Self::NOUN, id).await?)
    }
}

/// Recorded: whatever is asked for, the list comes in an object.
async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?.or_checkpoint();
    let all = Matching::all(EventStream::NOUN.path);
    let documents = call.tenant.page(&EventStream::NOUN, &all, page.span()).await?;
    let streams = documents
        .iter()
        .map(|document| shown::<EventStream>(&call, document.body.clone()).map(Value::Object))
        .collect::<Result<_>>()?;
    Ok(page.answer(&call, "eventStreams", &documents, streams, None))
}

async fn create(call: Call) -> Result<Answer> {
    let count = call.tenant.count(&Matching::all(EventStream::NOUN.path)).await?;
    if count >= MOST {
        let message = "You reached the limit of entities of this type for this tenant.";
        return Err(Error::new(StatusCode::CONFLICT, message, Some("too_many_entities")));
    }
    collection::create::<EventStream>(call).await
}

async fn delete(call: Call) -> Result<Answer> {
    let document = EventStream::find(&call.tenant, call.parameter("id")).await?;
    call.precondition.check(document.as_ref())?;
    let Some(document) = document else { return Ok(Answer::no_content()) };
    let expected = call.precondition.is_given().then(|| Change::expect::<EventStream>(&document));
    let changes = expected.into_iter().chain([Change::delete::<EventStream>(&document.id)]).collect();
    call.tenant.commit(changes).await.map_err(|error| call.precondition.lost(error.into()))?;
    event_streams::forget(&call.tenant, &document.id).await?;
    Ok(Answer::no_content().about(About::only::<EventStream>(&document.id)))
}

/// What the source would be called that Amazon makes for a partner; the form is recorded.
fn name_at_partner(tenant: &Tenant, body: &mut Object) {
    let Some(Value::Object(destination)) = body.get_mut("destination") else { return };
    if destination.get("type") == Some(&json!("eventbridge"))
        && let Some(Value::Object(configuration)) = destination.get_mut("configuration")
    {
        let name = format!("aws.partner/auth0.com/{}-{}/auth0.events", tenant.name(), id::uuid());
        configuration.insert("aws_partner_event_source".into(), json!(name));
    }
}

/// The action that is told of events, if one is: it must be there, and for that.
async fn action_of(tenant: &Tenant, body: &Object) -> Result<Option<Document>> {
    let action_id =
        body.get("destination").and_then(|it| it.get("configuration")?.get("action_id")?.as_str());
    let Some(action_id) = action_id else { return Ok(None) };
    let property = "destination.configuration.action_id";
    match tenant.read(&Action::NOUN, action_id).await? {
        None => refuse("That action does not exist", property),
        Some(action) if Action::view(&action.body)?.trigger() != TRIGGER => {
            refuse(&format!("The action is not for the trigger {TRIGGER}"), property)
        }
        Some(action) => Ok(Some(action)),
    }
}

/// Where EventBridge is to have events, which is settled once a stream is made.
fn check_place(stream: &EventStream) -> Result<()> {
    let EventDestination::Eventbridge { configuration } = &stream.destination else { return Ok(()) };
    let EventBridgeConfiguration { aws_account_id, aws_region, .. } = configuration;
    let place = "destination.configuration";
    clouds::check_account(aws_account_id)
        .or_else(|reason| refuse(&reason, &format!("{place}.aws_account_id")))?;
    clouds::check_region(aws_region).or_else(|reason| refuse(&reason, &format!("{place}.aws_region")))
}

/// Whether events could be posted there, with what it knows the server by.
fn check_webhook(webhook: &WebhookConfiguration) -> Result<()> {
    let place = "destination.configuration";
    idp::log_streams::check_address(&webhook.webhook_endpoint)
        .or_else(|reason| refuse(&reason, &format!("{place}.webhook_endpoint")))?;
    match &webhook.webhook_authorization {
        WebhookAuthorization::Basic { username, .. } if username.contains(':') => {
            // It would end there (RFC 7617 §2).
            refuse("A colon ends the name", &format!("{place}.webhook_authorization.username"))
        }
        WebhookAuthorization::Basic { .. } => Ok(()),
        WebhookAuthorization::Bearer { token } => {
            check_value(token.expose(), &format!("{place}.webhook_authorization.token"))
        }
        WebhookAuthorization::CustomHeader { header_key, header_value } => {
            let name = header_key.to_ascii_lowercase();
            if HeaderName::from_bytes(name.as_bytes()).is_err() || RESERVED.contains(&name.as_str()) {
                return refuse(
                    "Not a header that may be set",
                    &format!("{place}.webhook_authorization.header_key"),
                );
            }
            check_value(header_value.expose(), &format!("{place}.webhook_authorization.header_value"))
        }
    }
}
