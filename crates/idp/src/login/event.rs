//! The log events of a login.

use model::{LogType, User};

use crate::{
    authorize::{self, Asked},
    log, user,
    visitor::Visitor,
};

/// An event of the login that was asked for, about whoever has logged in.
pub fn of(kind: LogType, asked: &Asked, user: &User, visitor: &Visitor) -> log::Event {
    let event = user::about(visitor.event(kind, kind.description()), user);
    let event = log::Event { client_id: asked.client_id.clone(), ..event };
    authorize::correlated(event, asked)
}
