//! The log events of a login.

use model::{LogType, User};

use super::Login;
use crate::{log, user, visitor::Visitor};

/// An event of this login, about somebody if that is known.
pub fn of(
    kind: LogType,
    login: &Login,
    user: Option<&User>,
    description: &'static str,
    visitor: &Visitor,
) -> log::Event {
    let event = visitor.event(kind, description);
    let event = user.map_or_else(
        || log::Event { connection: Some(user::CONNECTION.into()), ..visitor.event(kind, description) },
        |user| user::about(event, user),
    );
    log::Event { client_id: login.asked.client_id.clone(), ..event }
}
