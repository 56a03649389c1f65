//! Applications: what the declaration of `Client` does not say, and the verbs of its family.

mod defaults;

use http::Method;
use idp::{
    Change, Document, Tenant, id,
    revocation::{self, Subject},
};
use model::{
    Client, ClientCredential, ClientGrant, ClientSecret, ConnectionClient, FederatedCredential, GrantType,
    Organization, ResourceServer, TokenEndpointAuthMethod,
};
use schema::{Object, Resource, Selection};
use serde_json::{Value, json};
use store::Forgotten;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    client_credentials,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing, made, must, shown},
    connections,
    error::Result,
    operation::run,
    precondition::etag,
    reach, search,
};

const READ: &[&str] = &["read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"];
const UPDATE: &[&str] = &[
    "update:clients",
    "update:client_keys",
    "update:client_credentials",
    "update:client_token_vault_privileged_access",
];
/// What a token that may only read summaries is shown.
const SUMMARY: &[&str] = &["client_id", "app_type", "name", "description", "tenant"];

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<Client>();
    rows.list = rows.list.reading(&["q"]);
    rows.list.scopes = READ.to_vec();
    rows.list.run = run!(list);
    rows.create.run = run!(create);
    rows.read.scopes = READ.to_vec();
    rows.read.run = run!(read);
    rows.update.scopes = UPDATE.to_vec();
    rows.update.run = run!(update);
    rows.and([
        Operation::new(
            Method::GET,
            "/clients/search",
            "Search clients",
            &["read:clients", "read:client_summary"],
            run!(search_clients),
        )
        .reading(search::QUERY),
        Operation::new(
            Method::POST,
            "/clients/{id}/rotate-secret",
            "Rotate a client secret",
            &["update:client_keys"],
            run!(rotate_secret),
        ),
        Operation::new(
            Method::GET,
            "/clients/{id}/connections",
            "Get enabled connections for a client",
            &["read:connections", "read:clients", "read:client_summary"],
            run!(connections::of_client),
        )
        .listing(&["strategy"])
        .reading(&["from", "take", "fields", "include_fields"]),
    ])
}

impl Lifecycle for Client {
    const WORDS: (&'static str, &'static str) = ("a client", "clients");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The client does not exist", Some("inexistent_client"));
    const FILTERS: &'static [&'static str] =
        &["is_global", "is_first_party", "app_type", "external_client_id"];
    const IS_KEPT: bool = true;

    fn taken(key: &str) -> String {
        match key {
            "client_aliases" => "Another client exists with the same alias.".into(),
            _ => "A client with the same client_id already exists.".into(),
        }
    }

    /// `oidc_backchannel_logout` is the old name of `oidc_logout`.
    fn rename(body: &mut Object) {
        if let Some(value) = body.shift_remove("oidc_backchannel_logout") {
            body.entry("oidc_logout").or_insert(value);
        }
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let strict = defaults::is_strict_third_party(body);
        let id = given.id.unwrap_or_else(|| if strict { id::third_party_client() } else { id::client() });
        body.shift_insert(0, "client_id".into(), json!(id));
        let secret = text(body, "client_secret").map(str::to_owned);
        if text(body, "app_type") != Some("express_configuration") {
            set_secret(tenant, body, secret.unwrap_or_else(id::client_secret));
        }
        defaults::of_its_kind(body, strict);
        policies_name_apis(tenant, body).await?;
        let (mut beside, shown_once) = client_credentials::inline(tenant, &id, body)?;
        beside.extend(link_to_api(tenant, &id, body).await?);
        beside.extend(idp::connection::enable_all(tenant, &id));
        Ok(Prepared { id, beside, shown_once })
    }

    async fn amend(tenant: &Tenant, may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let mut others = false;
        for name in patch.keys() {
            match name.as_str() {
                "client_secret" => must(may, &["update:client_keys"])?,
                "client_authentication_methods" | "signed_request_object" => {
                    must(may, &["update:client_credentials"])?
                }
                "token_vault_privileged_access" => {
                    must(may, &["update:client_token_vault_privileged_access"])?
                }
                _ => others = true,
            }
        }
        if others {
            must(may, &["update:clients"])?;
        }
        if let Some(secret) = text(patch, "client_secret").map(str::to_owned)
            && text(&document.body, "client_secret") != Some(&secret)
        {
            set_secret(tenant, patch, secret);
        }
        client_credentials::are_known(tenant, &document.id, patch).await?;
        policies_name_apis(tenant, patch).await?;
        // Ownership of a third party's client never changes.
        let is_strict = text(&document.body, "third_party_security_mode") == Some("strict");
        if is_strict && patch.get("is_first_party").is_some_and(|value| *value != json!(false)) {
            return Err(Error::body("The ownership of a third-party client cannot be changed."));
        }
        Ok(())
    }

    async fn check(&self, tenant: &Tenant) -> Result<()> {
        let fail = |message: &str| Err(Error::body(format!("Payload validation error: {message}")));
        let methods = self.client_authentication_methods.as_ref();
        if methods.is_some_and(|methods| methods.given() != 1) {
            return fail(
                "'Exactly one client authentication method must be given' on property client_authentication_methods.",
            );
        }
        let keys = methods.and_then(|methods| methods.private_key_jwt.as_ref());
        if keys.is_some_and(|keys| keys.credentials.len() > client_credentials::MOST) {
            return fail(
                "'At most two credentials may be used at a time' on property client_authentication_methods.private_key_jwt.credentials.",
            );
        }
        if methods.is_some() && self.token_endpoint_auth_method.is_some() {
            return fail(
                "'client_authentication_methods and token_endpoint_auth_method exclude each other'.",
            );
        }
        let is_public = self.token_endpoint_auth_method == Some(TokenEndpointAuthMethod::None);
        if is_public && self.grant_types.iter().flatten().any(|grant| *grant == GrantType::ClientCredentials)
        {
            return Err(Error::body("Invalid grant types: client_credentials"));
        }
        if let Some(default) = &self.default_organization
            && tenant.read(&Organization::NOUN, &default.organization_id).await?.is_none()
        {
            return fail(
                "'The organization does not exist' on property default_organization.organization_id.",
            );
        }
        Ok(())
    }

    async fn cascade(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        if document.body.get("global") == Some(&json!(true)) {
            return Err(Error::operation("The global client cannot be deleted."));
        }
        let mut changes = Vec::new();
        for grant in tenant.matching::<ClientGrant>("client_id", &document.id).await? {
            changes.extend(ClientGrant::with_cascade(tenant, grant).await?);
        }
        for credential in tenant.matching::<ClientCredential>("client_id", &document.id).await? {
            changes.push(Change::delete::<ClientCredential>(credential.id));
        }
        for trust in tenant.matching::<FederatedCredential>("client_id", &document.id).await? {
            changes.push(Change::delete::<FederatedCredential>(trust.id));
        }
        for secret in tenant.matching::<ClientSecret>("client_id", &document.id).await? {
            changes.push(Change::delete::<ClientSecret>(secret.id));
        }
        for enabled in tenant.matching::<ConnectionClient>("client_id", &document.id).await? {
            changes.push(Change::delete::<ConnectionClient>(enabled.id));
        }
        changes.push(Change::Forget(Forgotten::Client(document.id.clone())));
        Ok(changes)
    }

    fn revoked(tenant: &Tenant, document: &Document) -> Result<Option<Change>> {
        let (change, _) =
            revocation::change(tenant, &Subject::Client(&document.id), None, revocation::DELETION);
        Ok(Some(change))
    }

    fn is_beyond(call: &Call, document: &Object) -> bool {
        text(document, "client_id").is_some_and(|id| !reach::reaches(call, id))
    }

    fn show(tenant: &Tenant, document: &mut Object) {
        document.insert("tenant".into(), json!(tenant.name()));
        under_its_old_name(document);
        // A client that proves itself with a key has a secret, but it is not shown.
        if document.contains_key("client_authentication_methods") {
            document.shift_remove("client_secret");
        }
        if let Some((cert, pkcs7)) = tenant.snapshot().keys.printed_certificate() {
            let keys = json!([{ "cert": cert, "pkcs7": pkcs7, "subject": "deprecated" }]);
            document.insert("signing_keys".into(), keys);
        }
    }
}

/// A refresh token's policies name APIs that exist (an old recording answers 500).
async fn policies_name_apis(tenant: &Tenant, body: &Object) -> Result<()> {
    let policies =
        body.get("refresh_token").and_then(|rules| rules.get("policies")).and_then(Value::as_array);
    for policy in policies.into_iter().flatten() {
        let audience = policy.get("audience").and_then(Value::as_str).unwrap_or_default();
        if tenant.find(&ResourceServer::NOUN, "identifier", audience).await?.is_none() {
            return Err(Error::body(
                "Payload validation error: 'The resource server does not exist' on property refresh_token.policies.",
            ));
        }
    }
    Ok(())
}

/// A client that stands for an API is named by that API.
async fn link_to_api(tenant: &Tenant, id: &str, body: &Object) -> Result<Option<Change>> {
    let Some(identifier) = text(body, "resource_server_identifier") else { return Ok(None) };
    let Some(api) = tenant.find(&ResourceServer::NOUN, "identifier", identifier).await? else {
        return Err(Error::not_found("Resource server not found", Some("inexistent_resource_server")));
    };
    if api.body.get("is_system") == Some(&json!(true)) {
        return Err(Error::operation("A system API cannot be linked to a client."));
    }
    let mut linked = api.body.clone();
    linked.insert("client_id".into(), json!(id));
    Ok(Some(Change::replace::<ResourceServer>(&api, linked)))
}

/// Recorded: `oidc_logout` is shown under its old name too, with its addresses only (`TestAccClientOIDCLogout`).
fn under_its_old_name(document: &mut Object) {
    let urls = document.get("oidc_logout").and_then(|logout| logout.get("backchannel_logout_urls")).cloned();
    if let Some(urls) = urls {
        document.insert("oidc_backchannel_logout".into(), json!({ "backchannel_logout_urls": urls }));
    }
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    if client_credentials::names_any(&body) {
        call.must(&["create:client_credentials"])?;
    }
    let (document, shown_once) = collection::insert::<Client>(&call.tenant, body, Given::default()).await?;
    // The one answer that shows a new secret, whatever scopes the token has and however the client proves itself.
    let about = made::<Client>(&document);
    let secret = document.get("client_secret").cloned();
    let mut answer = shown::<Client>(&call, document)?;
    if let Some(secret) = secret {
        answer.insert("client_secret".into(), secret);
    }
    subject_of(&call, &mut answer);
    answer.insert("encrypted".into(), json!(true));
    answer.extend(shown_once);
    Ok(Answer::created(answer).about(about))
}

/// Recorded: the answer to a write names the certificate's subject, a read calls it deprecated. The private
/// key that Auth0 adds to the answer of a creation is not handed out (`docs/differences.md`).
fn subject_of(call: &Call, answer: &mut Object) {
    if let Some(subject) = answer.get_mut("signing_keys").and_then(|keys| keys.pointer_mut("/0/subject")) {
        *subject = json!(format!("/CN={}", call.tenant.domain()));
    }
}

async fn update(call: Call) -> Result<Answer> {
    if ["client_secret", "client_authentication_methods"].iter().any(|name| call.body.contains_key(*name)) {
        reach::must_reach(&call, call.parameter("id"))?;
    }
    let mut answer = collection::update::<Client>(&call).await?;
    if let Some(Value::Object(client)) = &mut answer.body {
        subject_of(&call, client);
    }
    Ok(answer)
}

async fn list(call: Call) -> Result<Answer> {
    let Some(q) = call.query("q").map(str::to_owned) else {
        let answer = collection::page_of::<Client>(&call, &collection::matching::<Client>(&call)?).await?;
        return Ok(summarized(&call, answer));
    };
    // The two forms that Auth0 knows, with checkpoint paging only.
    if call.query("take").is_none() && call.query("from").is_none() {
        return Err(Error::query("The q parameter requires checkpoint pagination: send take."));
    }
    if <Client as Lifecycle>::FILTERS.iter().any(|filter| call.query(filter).is_some()) {
        return Err(Error::query("The q parameter cannot be combined with other filters."));
    }
    let ids = search::clients_of_grants(&call.tenant, &q).await?;
    let answer = search::page_of_ids::<Client>(&call, ids).await?;
    Ok(summarized(&call, answer))
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing::<Client>(&call).await?;
    let etag = etag(&document);
    let asked_for = shown::<Client>(&call, document.body)?;
    let sees_all = sees_all(&call);
    let answer = match call.selection()? {
        Selection::Only(names) if sees_all => Answer::ok(with_signing_keys(&call, asked_for, &names)),
        _ => summarized(&call, Answer::ok(asked_for)),
    };
    Ok(answer.tagged(etag))
}

/// Recorded: one client's chosen fields come with its certificates, chosen or not, and without the tenant's
/// name (`TestAccClientAuthenticationMethodsSelfSignedTLSClientAuth`, 2025; the name was there in 2021).
fn with_signing_keys(call: &Call, mut client: Object, chosen: &[String]) -> Object {
    let mut keys = Object::new();
    Client::show(&call.tenant, &mut keys);
    keys.retain(|name, _| {
        name == "signing_keys" || (name == "tenant" && chosen.iter().any(|chosen| chosen == name))
    });
    let may = |scope: &str| call.may(scope);
    schema::project(Client::NOUN.fields, &mut keys, &Selection::Everything, &call.viewer(&may));
    client.extend(keys);
    client
}

async fn search_clients(call: Call) -> Result<Answer> {
    let never = [
        "client_secret",
        "encryption_key",
        "signing_keys",
        "owners",
        "addons",
        "client_authentication_methods",
    ];
    // Whoever sees only a summary may not learn the rest by asking.
    let fields = (!sees_all(&call)).then_some(SUMMARY);
    let answer = search::documents::<Client>(&call, "name", fields).await?;
    let answer = each_client(answer, |client| client.retain(|name, _| !never.contains(&name.as_str())));
    Ok(summarized(&call, answer))
}

/// Whether the token sees more than a summary.
fn sees_all(call: &Call) -> bool {
    ["read:clients", "read:client_keys", "read:client_credentials"].iter().any(|scope| call.may(scope))
}

/// Whoever may read clients only in part sees a part of each; the tenant's name always stays.
fn summarized(call: &Call, answer: Answer) -> Answer {
    let sees_all = sees_all(call);
    let tenant = json!(call.tenant.name());
    let leaves_out = call.query("include_fields") == Some("false");
    each_client(answer, |client| {
        if !sees_all {
            client.retain(|name, _| SUMMARY.contains(&name.as_str()));
        }
        if !leaves_out {
            client.insert("tenant".into(), tenant.clone());
        }
    })
}

fn each_client(mut answer: Answer, mut change: impl FnMut(&mut Object)) -> Answer {
    let clients: Vec<&mut Value> = match &mut answer.body {
        Some(Value::Array(clients)) => clients.iter_mut().collect(),
        Some(Value::Object(page)) if page.get("clients").is_some_and(Value::is_array) => {
            page.get_mut("clients").and_then(Value::as_array_mut).into_iter().flatten().collect()
        }
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for client in clients {
        if let Value::Object(client) = client {
            change(client);
        }
    }
    answer
}

/// Gives a client a secret, and says since when it has it.
pub fn set_secret(tenant: &Tenant, body: &mut Object, secret: String) {
    body.insert("client_secret".into(), json!(secret));
    body.insert("client_secret_created_at".into(), json!(tenant.clock().iso()));
}

async fn rotate_secret(call: Call) -> Result<Answer> {
    let document = existing::<Client>(&call).await?;
    reach::must_reach(&call, &document.id)?;
    if document.body.contains_key("client_authentication_methods") {
        return Err(Error::operation("The client authenticates with credentials, not with a secret."));
    }
    let mut body = document.body.clone();
    let secret = id::client_secret();
    set_secret(&call.tenant, &mut body, secret.clone());
    collection::replace::<Client>(&call.tenant, &document, body.clone()).await?;
    let about = About::put::<Client>(&document.id, &document.body, &body);
    let mut answer = shown::<Client>(&call, body)?;
    answer.insert("client_secret".into(), json!(secret));
    Ok(Answer::ok(answer).about(about))
}

/// The connections of a client: a tenant without connections has none.
pub fn text<'a>(body: &'a Object, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}
