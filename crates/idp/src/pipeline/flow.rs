//! What customers' code has decided so far in a login. It takes effect at the end, or when somebody is denied.

use model::User;
use schema::{Object, Op, Resource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Go, scene::Scene};
use crate::{
    Result,
    actions::{Failure, thrown},
    session,
    token::custom_claims,
    user,
};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Flow {
    /// The rules that ran.
    pub rules: Vec<String>,
    pub id_claims: Object,
    pub access_claims: Object,
    /// The scopes that are to be granted, once somebody named them.
    pub scope: Option<Vec<String>>,
    /// What is laid over what is known of the person.
    pub user_metadata: Object,
    pub app_metadata: Object,
    /// What is laid over what is kept with the session.
    pub session_metadata: Object,
    /// What actions tell each other.
    pub transaction: Object,
}

/// A token that claims are for.
#[derive(Clone, Copy)]
pub enum Token {
    Id,
    Access,
}

impl Flow {
    /// Sets a claim, or says in a line why not.
    pub fn claim(
        &mut self,
        is_for_ourselves: bool,
        (token, name, value): (Token, &str, &Value),
        remarks: &mut Vec<String>,
    ) -> std::result::Result<(), Failure> {
        let (claims, is_for_ourselves) = match token {
            Token::Id => (&mut self.id_claims, false),
            Token::Access => (&mut self.access_claims, is_for_ourselves),
        };
        match (custom_claims::is_allowed(name, is_for_ourselves), value) {
            (Err(why), _) => remarks.push(format!("{name} was not set: {why}")),
            (Ok(()), Value::Null) => drop(claims.shift_remove(name)),
            (Ok(()), value) if depth(value) > DEEPEST => return Err(thrown("A claim is too deep")),
            (Ok(()), value) => drop(claims.insert(name.to_owned(), value.clone())),
        }
        custom_claims::fit(claims)
    }

    /// The scopes that are granted, from now on as the code says.
    pub fn scopes(&mut self, scene: &Scene) -> &mut Vec<String> {
        let granted = || scene.occurrence.scope.split_ascii_whitespace().map(str::to_owned).collect();
        self.scope.get_or_insert_with(granted)
    }

    /// Does what the code wants done beside tokens.
    pub async fn apply(&self, scene: &Scene<'_>) -> Result<()> {
        let tenant = scene.tenant;
        if !self.user_metadata.is_empty() || !self.app_metadata.is_empty() {
            let patch = patch(&self.user_metadata, &self.app_metadata);
            user::enrich(tenant, &scene.occurrence.user.user_id, |body| {
                schema::merge(User::NOUN.fields, body, patch.clone());
            })
            .await?;
        }
        if let Some(session) = scene.occurrence.session.filter(|_| !self.session_metadata.is_empty()) {
            session::describe(tenant, session, self.session_metadata.clone()).await?;
        }
        Ok(())
    }

    pub fn into_go(self) -> Go {
        Go {
            id_claims: self.id_claims,
            access_claims: self.access_claims,
            scope: self.scope.map(|scope| scope.join(" ")),
            session_metadata: None,
        }
    }
}

/// Whether the access token is for an API of this server's own.
pub fn is_for_ourselves(scene: &Scene) -> bool {
    let audience = scene.occurrence.audience.unwrap_or_default();
    let is_system = scene.snapshot.api(audience).is_some_and(|api| api.view.is_system);
    is_system || audience == scene.tenant.management_audience()
}

/// Lays a value over metadata that is to be written, if it can be.
pub fn note(
    metadata: &mut Object,
    field: &str,
    (name, value): (&str, &Value),
) -> std::result::Result<(), Failure> {
    if depth(value) > DEEPEST {
        return Err(thrown("Metadata is too deep"));
    }
    metadata.insert(name.to_owned(), value.clone());
    let given = Object::from_iter([(field.to_owned(), Value::Object(metadata.clone()))]);
    match schema::check(User::NOUN.fields, &given, Op::Update) {
        Ok(()) if json!(given).to_string().len() <= MOST_METADATA => Ok(()),
        Ok(()) => Err(thrown("The metadata is larger than 1 MB")),
        Err(violation) => Err(thrown(&violation.to_string())),
    }
}

fn patch(user_metadata: &Object, app_metadata: &Object) -> Object {
    let both = [("user_metadata", user_metadata), ("app_metadata", app_metadata)];
    let given = both.into_iter().filter(|(_, metadata)| !metadata.is_empty());
    given.map(|(name, metadata)| (name.to_owned(), Value::Object(metadata.clone()))).collect()
}

/// How deep a value is.
fn depth(value: &Value) -> usize {
    let deepest = |values: &mut dyn Iterator<Item = &Value>| values.map(depth).max().unwrap_or_default();
    match value {
        Value::Array(values) => 1 + deepest(&mut values.iter()),
        Value::Object(values) => 1 + deepest(&mut values.values()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// What is stored is read again where it lies in other things, and JSON is read to a depth of 128.
const DEEPEST: usize = 64;
const MOST_METADATA: usize = 1_000_000;
