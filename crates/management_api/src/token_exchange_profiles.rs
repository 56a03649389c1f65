//! Token exchange profiles: which action judges which kind of subject token. They are stored; no token is exchanged yet.

use idp::{Change, Document, Tenant, id};
use model::{Action, TokenExchangeProfile};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    clients::text,
    collection::{Given, Lifecycle, May, Prepared, Rows, shown},
    error::Result,
    operation::run,
    page::Page,
};

/// How many profiles a tenant may have.
const MOST: i64 = 100;
/// The trigger whose actions judge subject tokens.
const TRIGGER: &str = "custom-token-exchange";
/// Kinds of token that somebody else has defined.
const RESERVED: &[&str] = &[
    "http://auth0.com",
    "https://auth0.com",
    "http://okta.com",
    "https://okta.com",
    "urn:ietf",
    "urn:auth0",
    "urn:okta",
];

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<TokenExchangeProfile>();
    rows.list.run = run!(list);
    rows.list.query = vec!["from", "take"];
    rows.and([])
}

impl Lifecycle for TokenExchangeProfile {
    const WORDS: (&'static str, &'static str) = ("a token exchange profile", "token exchange profiles");
    const MISSING: (&'static str, Option<&'static str>) = ("Token exchange profile not found.", None);

    fn taken(_key: &str) -> String {
        "A token exchange profile with this subject_token_type already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        if tenant.count(&Matching::all(TokenExchangeProfile::NOUN.path)).await? >= MOST {
            return Err(crate::actions::too_many());
        }
        let id = given.id.unwrap_or_else(id::token_exchange_profile);
        let action = tenant.read(&Action::NOUN, text(body, "action_id").unwrap_or_default()).await?;
        let Some(action) = action else {
            return Err(Error::body(
                "Payload validation error: 'That action does not exist' on property action_id.",
            ));
        };
        if Action::view(&action.body)?.trigger() != TRIGGER {
            return Err(Error::body(format!(
                "Payload validation error: 'The action is not for the trigger {TRIGGER}' on property action_id."
            )));
        }
        let now = tenant.clock().iso();
        body.shift_insert(0, "id".into(), json!(id));
        body.insert("created_at".into(), json!(now));
        body.insert("updated_at".into(), json!(now));
        // The action may not go while the profile comes.
        let beside = vec![Change::expect::<Action>(&action)];
        Ok(Prepared { id, beside, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, _document: &Document, patch: &mut Object) -> Result<()> {
        patch.insert("updated_at".into(), json!(tenant.clock().iso()));
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let kind = self.subject_token_type.to_ascii_lowercase();
        let begins = |reserved: &&str| {
            kind.strip_prefix(*reserved)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?', '#']))
        };
        match RESERVED.iter().any(begins) {
            false => Ok(()),
            true => Err(Error::body(
                "Payload validation error: 'This kind of token is reserved' on property subject_token_type.",
            )),
        }
    }
}

/// Recorded: whatever is asked for, the list comes in an object.
async fn list(call: Call) -> Result<Answer> {
    let page = Page::of(&call)?.or_checkpoint();
    let all = Matching::all(TokenExchangeProfile::NOUN.path);
    let documents = call.tenant.page(&TokenExchangeProfile::NOUN, &all, page.span()).await?;
    let profiles = documents
        .iter()
        .map(|document| shown::<TokenExchangeProfile>(&call, document.body.clone()).map(Value::Object))
        .collect::<Result<_>>()?;
    Ok(page.answer(&call, "token_exchange_profiles", &documents, profiles, None))
}
