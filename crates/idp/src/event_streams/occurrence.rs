//! What of a change is an event, and whom it is told. Only a change that somebody wants to know of is looked at.

use model::{Connection, EventStream, EventType, Organization, User};
use schema::{Noun, Object, Resource, Secrets, Selection, Viewer};
use serde_json::{Value, json};
use store::{Addressee, Occurrence};

use super::{DISABLED, attempt, is_enabled, undelivered};
use crate::{Change, Put, Result, Tenant, clock, id};

/// A noun whose documents events tell of.
struct Told {
    noun: &'static Noun,
    created: EventType,
    updated: EventType,
    deleted: EventType,
    /// The members that are told; all that anybody may see, if there are none.
    only: &'static [&'static str],
    /// Members whose change alone is no event.
    unremarkable: &'static [&'static str],
}

const TOLD: &[Told] = &[
    Told {
        noun: &User::NOUN,
        created: EventType::UserCreated,
        updated: EventType::UserUpdated,
        deleted: EventType::UserDeleted,
        only: &[],
        // So that a login is none.
        unremarkable: &["last_login", "last_ip", "logins_count", "updated_at"],
    },
    Told {
        noun: &Organization::NOUN,
        created: EventType::OrganizationCreated,
        updated: EventType::OrganizationUpdated,
        deleted: EventType::OrganizationDeleted,
        only: &["id", "name", "display_name", "metadata", "branding"],
        unremarkable: &[],
    },
    Told {
        noun: &Connection::NOUN,
        created: EventType::ConnectionCreated,
        updated: EventType::ConnectionUpdated,
        deleted: EventType::ConnectionDeleted,
        // Options of strategies that nobody has declared may hold secrets.
        only: &["id", "name", "display_name", "strategy", "is_domain_connection", "realms", "metadata"],
        unremarkable: &[],
    },
];

/// An event that is being made.
pub(super) struct Event {
    pub kind: EventType,
    pub created: i64,
    /// When it is to be sent, by the clock of the server.
    pub due: i64,
    pub id: String,
    /// What is told, but for which stream it is.
    pub body: Object,
}

impl Event {
    pub fn new(tenant: &Tenant, kind: EventType, data: Object) -> Event {
        let (id, created) = (id::event(), tenant.clock().now_ms());
        let body = [
            ("id", json!(id)),
            ("source", json!(format!("urn:auth0:{}", tenant.domain()))),
            ("specversion", json!("1.0")),
            ("type", json!(kind.name())),
            ("time", json!(clock::iso(created))),
            ("data", Value::Object(data)),
            ("a0tenant", json!(tenant.name())),
        ];
        let body = body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Event { kind, created, due: tenant.server_clock().now_ms(), id, body }
    }

    pub fn occurrence(self, n: i64, is_kept: bool, addressees: Vec<Addressee>) -> Result<Occurrence> {
        let Event { kind, created, due, id, body } = self;
        let (kind, body) = (kind.name(), serde_json::to_string(&body)?);
        Ok(Occurrence { id, n, kind, body, created, due, is_kept, addressees })
    }
}

/// These changes, and the events that they are.
pub(crate) async fn with_events(tenant: &Tenant, mut changes: Vec<Change>) -> Result<Vec<Change>> {
    let snapshot = tenant.snapshot().clone();
    let is_kept = snapshot.event_feed.is_some_and(|until| until > tenant.clock().now_ms());
    if snapshot.event_streams.is_empty() && !is_kept {
        return Ok(changes);
    }
    let sent_to = |stream: &&EventStream| undelivered(tenant, stream).is_none();
    let streams: Vec<&EventStream> =
        snapshot.event_streams.values().map(AsRef::as_ref).filter(sent_to).collect();
    let wanted = |kind: EventType| is_kept || streams.iter().any(|stream| stream.wants(kind));
    let mut events = Vec::new();
    for change in &changes {
        let Some((kind, object)) = happened(tenant, change, &wanted).await? else { continue };
        let data = Object::from_iter([("object".to_owned(), Value::Object(object))]);
        let interested = streams.iter().filter(|stream| stream.wants(kind));
        let addressees = interested.map(|stream| addressee(tenant, stream)).collect();
        let n = events.len() as i64;
        events.push(Event::new(tenant, kind, data).occurrence(n, is_kept, addressees)?);
    }
    changes.extend(events.into_iter().map(Change::Event));
    Ok(changes)
}

/// A stream that is told of an event, or is not because it is disabled: then the event can be sent again.
pub(super) fn addressee(tenant: &Tenant, stream: &EventStream) -> Addressee {
    let refused = (!is_enabled(stream)).then(|| attempt(&tenant.clock().iso(), DISABLED, None));
    Addressee { stream: stream.id.clone(), refused }
}

/// What a change is, if it is an event that somebody wants to know of, and what the thing is then.
async fn happened(
    tenant: &Tenant,
    change: &Change,
    wanted: &(dyn Fn(EventType) -> bool + Sync),
) -> Result<Option<(EventType, Object)>> {
    let (noun, id) = match change {
        Change::Put(Put { noun, id, .. }) | Change::Delete { noun, id } => (*noun, id),
        Change::Expect { .. }
        | Change::Exists { .. }
        | Change::Tie(_)
        | Change::Untie(_)
        | Change::Forget(_)
        | Change::Event(_) => return Ok(None),
    };
    let Some(told) = TOLD.iter().find(|told| told.noun.path == noun.path) else { return Ok(None) };
    let (kind, after) = match change {
        Change::Put(put) if put.version.is_none() => (told.created, Some(&put.body)),
        Change::Put(put) => (told.updated, Some(&put.body)),
        _ => (told.deleted, None),
    };
    if !wanted(kind) {
        return Ok(None);
    }
    if kind == told.created {
        return Ok(after.map(|body| (kind, told.shown(body))));
    }
    // If somebody changes it now, the commit fails, or what is deleted is told as it was a moment before.
    let Some(before) = tenant.read(noun, id).await? else { return Ok(None) };
    let mut before = told.shown(&before.body);
    Ok(match after.map(|body| told.shown(body)) {
        None => {
            before.insert("deleted_at".into(), json!(tenant.clock().iso()));
            Some((kind, before))
        }
        Some(after) => told.differs(&before, &after).then_some((kind, after)),
    })
}

impl Told {
    /// What is told of a document: nothing secret.
    fn shown(&self, body: &Object) -> Object {
        let mut shown = body.clone();
        let viewer = Viewer { may: &|_| false, secrets: Secrets::None };
        schema::project(self.noun.fields, &mut shown, &Selection::Everything, &viewer);
        shown.retain(|name, _| self.only.is_empty() || self.only.contains(&name.as_str()));
        shown
    }

    fn differs(&self, before: &Object, after: &Object) -> bool {
        let is_remarkable = |name: &&String| !self.unremarkable.contains(&name.as_str());
        let mut names = before.keys().chain(after.keys()).filter(is_remarkable);
        names.any(|name| before.get(name) != after.get(name))
    }
}
