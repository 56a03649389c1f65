//! The client credentials grant (RFC 6749 §4.4) under Auth0's rules of audience, scope and
//! organization.

use std::sync::Arc;

use model::{
    ClientPolicy, GrantType, Organization, OrganizationUsage, ResourceParameterProfile,
    TokenEndpointAuthMethod,
};
use schema::Object;

use crate::{
    Code, Result,
    snapshot::{Grant, RegisteredClient, Snapshot},
    token::{Binding, Granted, Issuance, Request, authenticate::Proved, authorization_details, scope},
};

/// What the client may be issued for what it asks.
pub fn check(issuance: &Issuance, proved: &Proved) -> Result<Granted> {
    let Issuance { snapshot, request, .. } = issuance;
    let client = &proved.client;
    if !may_use(client) {
        return Code::GrantTypeNotAllowed
            .refuse("Grant type 'client_credentials' not allowed for the client.");
    }
    let audience = audience(snapshot, request)?;
    let Some(api) = snapshot.api(audience) else {
        return Code::AccessDenied.refuse(format!("Service not enabled within domain: {audience}"));
    };
    if api.view.subject_type_authorization.client.policy == ClientPolicy::DenyAll {
        return Code::AccessDenied
            .refuse(format!("Resource server \"{audience}\" does not allow access by clients."));
    }
    let Some(grant) = snapshot.grant(&client.view.client_id, audience) else {
        return no_grant(client, audience);
    };
    let organization = organization(issuance, client, grant)?;
    let allowed = grant.view.scope.as_deref().unwrap_or_default();
    let all = grant.view.allow_all_scopes == Some(true);
    let scope = scope::granted(api, allowed, all, request.scope.as_deref())?;
    let details = authorization_details::granted(&api.view, request.authorization_details.as_deref())?;
    let lifetime = i64::from(api.view.token_lifetime);
    let (client, api, grant) = (client.clone(), api.clone(), grant.clone());
    let (binding, claims) = (Binding::Bearer, Object::new());
    Ok(Granted { client, api, grant, scope, organization, lifetime, details, binding, claims })
}

fn may_use(client: &RegisteredClient) -> bool {
    let grant_types = client.view.grant_types.as_deref().unwrap_or_default();
    let is_public = client.view.token_endpoint_auth_method == Some(TokenEndpointAuthMethod::None);
    grant_types.contains(&GrantType::ClientCredentials) && !is_public
}

/// `audience`, else `resource` where the tenant reads it (RFC 8707), else the tenant's default.
fn audience<'a>(snapshot: &'a Snapshot, request: &'a Request) -> Result<&'a str> {
    let settings = snapshot.settings.as_deref();
    let reads_resource = settings.is_some_and(|settings| {
        settings.resource_parameter_profile == Some(ResourceParameterProfile::Compatibility)
    });
    let resource = request.resource.as_deref().filter(|_| reads_resource);
    let default = settings.and_then(|settings| settings.default_audience.as_deref());
    let mut candidates = [request.audience.as_deref(), resource, default].into_iter().flatten();
    match candidates.find(|audience| !audience.is_empty()) {
        Some(audience) => Ok(audience),
        None => Code::AccessDenied
            .refuse("No audience parameter was provided, and no default audience has been configured"),
    }
}

/// Recorded: the code, not the words, differs for third parties in strict mode.
fn no_grant(client: &RegisteredClient, audience: &str) -> Result<Granted> {
    let words = format!(
        "Client \"{}\" is not authorized to access resource server \"{audience}\". \
         You need to create a \"client-grant\" associated to this API.",
        client.view.client_id
    );
    match client.view.is_first_party {
        false => Code::UnauthorizedClient.refuse(words),
        true => Code::AccessDenied.refuse(words),
    }
}

/// The organization that the token is for, as the grant allows or demands.
fn organization(
    issuance: &Issuance,
    client: &RegisteredClient,
    grant: &Grant,
) -> Result<Option<Arc<Organization>>> {
    let Issuance { tenant, snapshot, request, .. } = issuance;
    let usage = grant.view.organization_usage.unwrap_or(OrganizationUsage::Deny);
    let default = client.view.default_organization.as_ref().map(|default| default.organization_id.as_str());
    let asked = request.organization.as_deref().filter(|asked| !asked.is_empty());
    let asked = match (usage, asked) {
        (OrganizationUsage::Deny, None) | (OrganizationUsage::Allow, None) => return Ok(None),
        (OrganizationUsage::Deny, Some(_)) => {
            return Code::AccessDenied.refuse("The client grant does not allow the use of organizations.");
        }
        (OrganizationUsage::Require, None) => match default {
            Some(default) => default,
            None => return Code::AccessDenied.refuse("The client grant requires an organization."),
        },
        (OrganizationUsage::Allow | OrganizationUsage::Require, Some(asked)) => asked,
    };
    let may_use = |organization: &&Arc<Organization>| {
        grant.view.allow_any_organization == Some(true)
            || snapshot.is_associated(&grant.view.id, &organization.id)
    };
    let by_name = |name| names_allowed(snapshot).then(|| snapshot.organization_named(name)).flatten();
    match snapshot.organization(asked).or_else(|| by_name(asked)).filter(may_use) {
        Some(organization) => Ok(Some(organization.clone())),
        // One answer for an unknown organization and for one that is not this client's business.
        None => Code::AccessDenied.refuse(format!(
            "Client \"{}\" is not authorized to use organization \"{asked}\" in {}.",
            client.view.client_id,
            tenant.name()
        )),
    }
}

fn names_allowed(snapshot: &Snapshot) -> bool {
    let settings = snapshot.settings.as_deref();
    settings.is_some_and(|settings| settings.allow_organization_name_in_authentication_api == Some(true))
}
