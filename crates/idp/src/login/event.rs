//! The log events of a login.

use model::{LogType, User};

use super::Login;
use crate::{authorize, log, user, visitor::Visitor};

/// An event of this login, about whoever has logged in.
pub fn of(kind: LogType, login: &Login, user: &User, visitor: &Visitor) -> log::Event {
    let event = user::about(visitor.event(kind, kind.description()), user);
    let event = log::Event { client_id: login.asked.client_id.clone(), ..event };
    authorize::correlated(event, &login.asked)
}
