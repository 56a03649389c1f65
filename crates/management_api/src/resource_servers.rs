//! APIs: what the declaration of `ResourceServer` does not say.

use http::Method;
use idp::{
    Change, Document, Tenant, id,
    revocation::{self, Subject},
};
use jose::PublicKey;
use model::{ClientGrant, ResourceServer};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::{Forgotten, Matching};

use crate::{
    Answer, Call, Error, Operation,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, Rows},
    error::Result,
    operation::run,
    search,
};

/// Scopes that mean something to OpenID Connect and so cannot be an API's own.
const RESERVED: &[&str] = &[
    "address",
    "created_at",
    "email",
    "email_verified",
    "family_name",
    "given_name",
    "identities",
    "name",
    "nickname",
    "offline_access",
    "openid",
    "phone",
    "picture",
    "profile",
];

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<ResourceServer>();
    // This collection has no checkpoints, and can be asked for several identifiers at once.
    rows.list.query = vec!["page", "per_page", "include_totals", "fields", "include_fields"];
    rows.list = rows.list.listing(&["identifiers"]);
    rows.list.run = run!(list);
    let scopes = &["read:resource_servers"];
    rows.and([Operation::new(
        Method::GET,
        "/resource-servers/search",
        "Search resource servers",
        scopes,
        run!(search_apis),
    )
    .reading(search::QUERY)])
}

impl Lifecycle for ResourceServer {
    const WORDS: (&'static str, &'static str) = ("a resource server", "resource servers");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The resource server does not exist", Some("inexistent_resource_server"));
    const IS_KEPT: bool = true;

    fn taken(_key: &str) -> String {
        "A resource server with the same identifier already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::resource_server);
        body.shift_insert(0, "id".into(), json!(id));
        read_encryption_key(body)?;
        with_signing_secret(body);
        for_web_within(body);
        predefine(tenant, body);
        // A grant or permission made while an earlier API of this identifier was deleted does not come back to life.
        let identifier = body.get("identifier").and_then(Value::as_str).unwrap_or_default();
        let mut beside = grants_of(tenant, identifier).await?;
        beside.push(Change::Forget(Forgotten::Audience(identifier.to_owned())));
        Ok(Prepared { id, beside, ..Prepared::default() })
    }

    async fn amend(_tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let may_change = ["token_lifetime", "token_lifetime_for_web", "proof_of_possession"];
        if is_system(document) && patch.keys().any(|name| !may_change.contains(&name.as_str())) {
            return Err(Error::operation(
                "Only the token lifetimes and the proof of possession of a system API can be changed.",
            ));
        }
        // What follows from the patch is part of it: a secret for an API that turns to HS256, and no longer life
        // for web than the new one.
        let mut whole = document.body.clone();
        schema::merge(ResourceServer::NOUN.fields, &mut whole, patch.clone());
        with_signing_secret(&mut whole);
        if !patch.contains_key("token_lifetime_for_web") {
            for_web_within(&mut whole);
        }
        for name in ["signing_secret", "token_lifetime_for_web"] {
            if let Some(value) = whole.remove(name).filter(|value| document.body.get(name) != Some(value)) {
                patch.insert(name.into(), value);
            }
        }
        read_encryption_key(patch)
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let fail = |message: String| Err(Error::body(format!("Payload validation error: {message}")));
        // A Management API whose tokens are born expired would lock everybody out.
        if self.is_system && self.token_lifetime < LEAST_OF_SYSTEM {
            let n = self.token_lifetime;
            return fail(format!(
                "'Value {n} is less than minimum {LEAST_OF_SYSTEM}' on property token_lifetime."
            ));
        }
        let mut seen = std::collections::HashSet::new();
        for scope in self.scopes.iter().flatten() {
            if !self.is_system && RESERVED.contains(&scope.value.as_str()) {
                return fail(format!("'The scope {} is reserved' on property scopes.", scope.value));
            }
            if !seen.insert(scope.value.as_str()) {
                return fail(format!("'The scope {} is there twice' on property scopes.", scope.value));
            }
        }
        let lifetime = self.token_lifetime;
        if let Some(for_web) =
            self.token_lifetime_for_web.filter(|for_web| *for_web > lifetime && !self.is_system)
        {
            return fail(format!(
                "'Value {for_web} is greater than maximum {lifetime}' on property token_lifetime_for_web."
            ));
        }
        Ok(())
    }

    /// Whoever has the secret makes tokens for the API; people who may only look at it do not.
    fn is_beyond(call: &Call, _document: &Object) -> bool {
        call.token.administrator.is_some() && !call.may("update:resource_servers")
    }

    async fn cascade(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        let audience = document.body.get("identifier").and_then(Value::as_str).unwrap_or_default();
        if audience == tenant.management_audience() {
            return Err(Error::operation("The Management API cannot be deleted."));
        }
        let mut changes = grants_of(tenant, audience).await?;
        changes.push(Change::Forget(Forgotten::Audience(audience.to_owned())));
        Ok(changes)
    }

    /// A scope that is gone is nobody's permission any more, not even when it comes back.
    fn beside(read: &Document, body: &Object) -> Vec<Change> {
        let values = |body: &Object| -> Vec<String> {
            let scopes = body.get("scopes").and_then(Value::as_array).cloned().unwrap_or_default();
            scopes.iter().filter_map(|scope| scope["value"].as_str().map(str::to_owned)).collect()
        };
        let (kept, audience) = (values(body), text(body, "identifier").unwrap_or_default());
        let forget = |name| Forgotten::Permission { audience: audience.to_owned(), name };
        let gone = values(&read.body).into_iter().filter(|name| !kept.contains(name));
        gone.map(|name| Change::Forget(forget(name))).collect()
    }

    fn revoked(tenant: &Tenant, document: &Document) -> Result<Option<Change>> {
        let identifier = document.body.get("identifier").and_then(Value::as_str).unwrap_or_default();
        let subject = Subject::ResourceServer(identifier);
        Ok(Some(revocation::change(tenant, &subject, None, revocation::DELETION).0))
    }

    /// By identifier or by audience.
    async fn find(tenant: &Tenant, id: &str) -> Result<Option<Document>> {
        match tenant.read(&ResourceServer::NOUN, id).await? {
            Some(document) => Ok(Some(document)),
            None => Ok(tenant.find(&ResourceServer::NOUN, "identifier", id).await?),
        }
    }
}

/// The deletion of every grant on an API.
async fn grants_of(tenant: &Tenant, audience: &str) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for grant in tenant.matching::<ClientGrant>("audience", audience).await? {
        changes.extend(ClientGrant::with_cascade(tenant, grant).await?);
    }
    Ok(changes)
}

/// APIs whose identifier says what they are: whoever registers one only switches it on.
fn predefine(tenant: &Tenant, body: &mut Object) {
    let identifier = body.get("identifier").and_then(Value::as_str).unwrap_or_default();
    let scope = |value: &str, description: &str| json!({ "value": value, "description": description });
    let defined = if identifier == "urn:auth0:express-configure" {
        json!({
            "name": "Okta OIN Express Configuration API", "token_lifetime": 300, "token_lifetime_for_web": 7_200,
            "enforce_policies": true,
            "subject_type_authorization": { "client": { "policy": "deny_all" }, "user": { "policy": "allow_all" } },
            "scopes": [
                scope("express_configure:sso", "Ability to create SSO configurations"),
                scope("express_configure:scim", "Ability to create scim configurations"),
            ],
        })
    } else if identifier == format!("https://{}/me/", tenant.domain()) {
        json!({
            "name": "Auth0 My Account API", "token_lifetime": 600, "token_lifetime_for_web": 600,
            "allow_offline_access": true, "skip_consent_for_verifiable_first_party_clients": true,
            "subject_type_authorization": {
                "client": { "policy": "deny_all" }, "user": { "policy": "require_client_grant" }
            },
            "proof_of_possession": { "mechanism": "dpop", "required": false },
            "scopes": [
                scope("create:me:connected_accounts", "Create Connected Accounts"),
                scope("read:me:connected_accounts", "Read Connected Accounts"),
                scope("delete:me:connected_accounts", "Delete Connected Accounts"),
            ],
        })
    } else {
        return;
    };
    if let Value::Object(defined) = defined {
        body.extend(defined);
    }
    body.insert("is_system".into(), json!(true));
}

/// An HS256 API without a secret gets one of ours, since nothing else could sign its tokens; Auth0 makes
/// none.
fn with_signing_secret(body: &mut Object) {
    let is_hs256 = body.get("signing_alg").and_then(Value::as_str) == Some("HS256");
    if is_hs256 && !body.contains_key("signing_secret") {
        body.insert("signing_secret".into(), json!(id::signing_secret()));
    }
}

/// Whoever sets only the lifetime wants no longer one for web either.
fn for_web_within(body: &mut Object) {
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    if let (Some(lifetime), Some(DEFAULT_FOR_WEB)) =
        (number("token_lifetime"), number("token_lifetime_for_web"))
        && DEFAULT_FOR_WEB > lifetime
    {
        body.insert("token_lifetime_for_web".into(), json!(lifetime));
    }
}

/// What an API's `token_lifetime_for_web` is when nobody says.
const DEFAULT_FOR_WEB: i64 = 7_200;

/// The shortest life, in seconds, of a system API's tokens.
const LEAST_OF_SYSTEM: u32 = 60;

/// The key for token encryption is kept as it came and shown by its thumbprint (RFC 7638).
fn read_encryption_key(body: &mut Object) -> Result<()> {
    let key = body.get_mut("token_encryption").and_then(|encryption| encryption.get_mut("encryption_key"));
    let Some(Value::Object(key)) = key else { return Ok(()) };
    let pem = key.get("pem").and_then(Value::as_str).unwrap_or_default();
    let refused = |what: &str| {
        Error::body(format!(
            "Payload validation error: '{what}' on property token_encryption.encryption_key.pem."
        ))
    };
    let public = PublicKey::from_pem(pem).map_err(|_| refused("The PEM holds no public key"))?;
    if !public.rsa_bits().is_some_and(|bits| (2048..=4096).contains(&bits)) {
        return Err(refused("The key must be an RSA key of 2048 to 4096 bits"));
    }
    let thumbprint = public.jwk().thumbprint();
    key.entry("kid").or_insert_with(|| json!(thumbprint));
    key.insert("thumbprint_sha256".into(), json!(thumbprint));
    Ok(())
}

fn is_system(document: &Document) -> bool {
    document.body.get("is_system") == Some(&json!(true))
}

async fn list(call: Call) -> Result<Answer> {
    let mut matching = Matching::all(ResourceServer::NOUN.path);
    let asked: Vec<String> = call.queries("identifiers").map(str::to_owned).collect();
    if asked.len() > 10 {
        return Err(Error::query(
            "Query validation error: 'Array is too long (11), maximum 10' on property identifiers.",
        ));
    }
    if !asked.is_empty() {
        matching = matching.with("identifier", asked);
    }
    collection::page_of::<ResourceServer>(&call, &matching).await
}

async fn search_apis(call: Call) -> Result<Answer> {
    search::documents::<ResourceServer>(&call, "name", None).await
}
