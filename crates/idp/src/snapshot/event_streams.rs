//! Who is told of events: known in memory, so that a change which nobody wants to know of costs one look.

use std::sync::Arc;

use model::{EventFeed, EventStream};
use schema::Resource;

use super::Held;

pub(super) const HELD: &[Held] = &[
    Held {
        noun: &EventStream::NOUN,
        put: |snapshot, _, document| {
            let view = EventStream::view(&document.body)?;
            snapshot.event_streams.insert(document.id.into(), Arc::new(view));
            Ok(())
        },
        forget: |snapshot, id| drop(snapshot.event_streams.remove(id)),
    },
    Held {
        noun: &EventFeed::NOUN,
        put: |snapshot, _, document| {
            snapshot.event_feed = Some(EventFeed::view(&document.body)?.until);
            Ok(())
        },
        forget: |snapshot, _| snapshot.event_feed = None,
    },
];
