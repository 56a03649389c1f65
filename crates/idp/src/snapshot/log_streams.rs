//! Where a tenant's log events are sent: known in memory, so that a change ends or moves a delivery at once.

use std::sync::Arc;

use model::LogStream;
use schema::Resource;

use super::Held;

pub(super) const HELD: &[Held] = &[Held {
    noun: &LogStream::NOUN,
    put: |snapshot, _, document| {
        let view = LogStream::view(&document.body)?;
        snapshot.log_streams.insert(document.id.into(), Arc::new(view));
        Ok(())
    },
    forget: |snapshot, id| drop(snapshot.log_streams.remove(id)),
}];
