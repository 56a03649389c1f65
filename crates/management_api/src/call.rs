//! One call of an operation, after the door: who asks, of which tenant, with which parameters and body.

use idp::{Tenant, Tenants, access_token::AccessToken};
use schema::{Object, Secrets, Selection, Viewer};
use web::Origin;

use crate::{Error, Pages, actor::Actor, collection, door::Leave, error::Result, precondition::Precondition};

/// What an operation is given.
pub struct Call {
    pub tenants: Tenants,
    pub tenant: Tenant,
    pub token: AccessToken,
    /// What it says again later, to whoever stays.
    pub leave: Leave,
    pub origin: Origin,
    /// The path without its query, as the caller wrote it.
    pub path: String,
    pub parameters: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Object,
    /// Which version a change is meant for.
    pub precondition: Precondition,
    /// The last event that a reader has heard who is back.
    pub last_event_id: Option<String>,
    pub pages: Pages,
}

impl Call {
    /// The path parameter of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// The query parameter of this name; the door has refused duplicates.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a query parameter that may be repeated.
    pub fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A `true` or `false` of the query.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.query(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Error::query(format!(
                "Query validation error: 'Expected type boolean but found type string: {}' on property {name}.",
                cut(other)
            ))),
        }
    }

    /// A whole number of the query, between these bounds.
    pub fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let fail = |reason: String| {
            Err(Error::query(format!("Query validation error: '{reason}' on property {name}.")))
        };
        match text.parse::<i64>() {
            Err(_) => fail("Expected type integer but found type string".into()),
            Ok(n) if n < least => fail(format!("Value {n} is less than minimum {least}")),
            Ok(n) if n > most => fail(format!("Value {n} is greater than maximum {most}")),
            Ok(n) => Ok(Some(n)),
        }
    }

    /// Which fields the caller wants to see.
    pub fn selection(&self) -> Result<Selection> {
        let include = self.flag("include_fields")?.unwrap_or(true);
        let Some(fields) = self.query("fields").filter(|fields| !fields.is_empty()) else {
            return Ok(Selection::Everything);
        };
        let names = fields.split(',').map(|name| name.trim().to_owned()).collect();
        Ok(if include { Selection::Only(names) } else { Selection::Except(names) })
    }

    /// Whether the token has this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.token.scopes.iter().any(|held| held == scope)
    }

    /// Who asks, as a document is shown to them.
    pub fn viewer<'a>(&'a self, may: &'a dyn Fn(&str) -> bool) -> Viewer<'a> {
        let secrets = match &self.token.administrator {
            None => Secrets::All,
            Some(person) => Secrets::Behind(Box::new(|scope| person.sees_secrets_behind(scope))),
        };
        Viewer { may, secrets }
    }

    /// Refuses unless the token has one of these scopes.
    pub fn must(&self, any_of: &[&str]) -> Result<()> {
        collection::must(&|scope| self.may(scope), any_of)
    }

    /// Refuses people who administer some tenants only.
    pub fn must_administer_all(&self) -> Result<()> {
        let is_bound = self.token.administrator.as_ref().is_some_and(|person| person.tenants.is_some());
        if is_bound { Err(Error::forbidden("Only who administers all tenants may do this.")) } else { Ok(()) }
    }

    /// Who asks, for people to read.
    pub fn actor(&self) -> Actor {
        Actor::of(&self.tenant, &self.token)
    }

    pub fn take_body(&mut self) -> Object {
        std::mem::take(&mut self.body)
    }
}

/// A caller's own text inside a message, cut so that an answer stays small.
pub fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
