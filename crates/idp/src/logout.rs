//! Logging out: the session of the browser ends, and the browser goes where it may go.

use std::sync::Arc;

use jose::Token;
use model::{LogType, User, client::Initiator};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Session;
use url::Url;

use crate::{
    Code, Error, Result, Tenant, administrators, log, session,
    snapshot::{RegisteredClient, Snapshot},
    ticket, user,
    visitor::Visitor,
    wildcard,
};

/// What was asked at a logout endpoint.
#[derive(Debug, Default)]
pub struct Asked {
    pub client_id: Option<String>,
    /// `returnTo`, or `post_logout_redirect_uri`.
    pub return_to: Option<String>,
    pub id_token_hint: Option<String>,
    pub logout_hint: Option<String>,
    pub state: Option<String>,
}

/// What becomes of a logout that an application asks for.
#[derive(Debug)]
pub enum Outcome {
    /// The session has ended, and the browser goes there; nowhere, if nothing says where.
    Done(Option<String>),
    /// Somebody is asked first, at [`PAGE`], whether they want to be logged out; what the question is known by.
    Ask(String),
}

/// Where somebody is asked whether they want to be logged out, to which the state is added as `?state=`.
pub const PAGE: &str = "/u/logout";

/// A logout that somebody has yet to agree to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    pub client_id: Option<String>,
    /// Where the browser goes then.
    to: Option<String>,
    session_id: String,
}

impl Pending {
    /// Where the browser goes then, if somewhere.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }
}

/// `/v2/logout`: ends the session, and answers where the browser goes; nowhere, if nothing says where.
pub async fn plain(tenant: &Tenant, asked: &Asked, visitor: &Visitor) -> Result<Option<String>> {
    let snapshot = tenant.snapshot().clone();
    // A session ends wherever the browser is to go.
    end(tenant, asked.client_id.as_deref(), visitor).await?;
    let client = asked.client_id.as_deref().filter(|id| !id.is_empty());
    let client = client.map(|id| known(&snapshot, id)).transpose()?;
    let allowed = allowed(tenant, client, visitor);
    match asked.return_to.as_deref().filter(|to| !to.is_empty()) {
        Some(to) => back(&allowed, to, "returnTo").map(Some),
        None => Ok(client.and_then(|_| allowed.first().cloned())),
    }
}

/// `/oidc/logout` (OpenID Connect RP-Initiated Logout): the same, where an ID token may say which client and session.
/// Whoever names neither, or another session, could be anybody, so somebody is asked.
pub async fn rp_initiated(tenant: &Tenant, asked: &Asked, visitor: &Visitor) -> Result<Outcome> {
    let snapshot = tenant.snapshot().clone();
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let hint = given(&asked.id_token_hint).map(|hint| hinted(tenant, &hint)).transpose()?;
    let (client_id, logout_hint) = (given(&asked.client_id), given(&asked.logout_hint));
    if let (Some(hint), Some(client_id)) = (&hint, &client_id)
        && hint.client_id != *client_id
    {
        return Code::InvalidRequest.refuse("client_id does not match the id_token_hint");
    }
    if let (Some(Hint { session_id: Some(sid), .. }), Some(logout_hint)) = (&hint, &logout_hint)
        && sid != logout_hint
    {
        return Code::InvalidRequest.refuse("logout_hint does not match the id_token_hint");
    }
    let client_id = client_id.or(hint.as_ref().map(|hint| hint.client_id.clone()));
    let session = session::of(tenant, visitor).await?;
    // A token of another session, or of somebody else, may have been kept by whoever had it once.
    let knows = |(session, _): &(Session, User)| match &hint {
        Some(hint) => hint.is_of(session),
        None => logout_hint.as_ref() == Some(&session.id),
    };
    let is_asked = asks(tenant) && session.as_ref().is_some_and(|session| !knows(session));
    if !is_asked {
        end(tenant, client_id.as_deref(), visitor).await?;
    }
    let client = client_id.as_deref().map(|id| known(&snapshot, id)).transpose()?;
    let to = given(&asked.return_to).map(|to| {
        let to = back(&allowed(tenant, client, visitor), &to, "post_logout_redirect_uri")?;
        Ok::<_, Error>(with_state(to, asked.state.as_deref()))
    });
    let to = to.transpose()?;
    match session.filter(|_| is_asked) {
        Some((session, _)) => {
            let pending = Pending { client_id, to, session_id: session.id };
            Ok(Outcome::Ask(ticket::issue(tenant, KIND, &pending, LIFETIME).await?))
        }
        None => Ok(Outcome::Done(to)),
    }
}

/// The logout that is known by this, while the browser has the session that it would end.
pub async fn pending(tenant: &Tenant, state: &str, visitor: &Visitor) -> Result<Option<Pending>> {
    let pending: Option<Pending> = ticket::read(tenant, KIND, state).await?;
    let session = session::of(tenant, visitor).await?;
    let is_theirs =
        |pending: &Pending| session.as_ref().is_some_and(|(session, _)| session.id == pending.session_id);
    Ok(pending.filter(is_theirs))
}

/// Logs somebody out who agrees to it, and answers where the browser goes; nothing if there is no such logout.
pub async fn agree(tenant: &Tenant, state: &str, visitor: &Visitor) -> Result<Option<Option<String>>> {
    if pending(tenant, state, visitor).await?.is_none() {
        return Ok(None);
    }
    let Some(Pending { client_id, to, .. }) = ticket::take(tenant, KIND, state).await? else {
        return Ok(None);
    };
    end(tenant, client_id.as_deref(), visitor).await?;
    Ok(Some(to))
}

/// Whether people are asked before a logout that nobody vouches for.
fn asks(tenant: &Tenant) -> bool {
    let snapshot = tenant.snapshot();
    let sessions = snapshot.settings.as_deref().and_then(|settings| settings.sessions.as_ref());
    sessions.and_then(|sessions| sessions.oidc_logout_prompt_enabled) != Some(false)
}

fn with_state(to: String, state: Option<&str>) -> String {
    match (state, Url::parse(&to)) {
        (Some(state), Ok(mut url)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        (_, _) => to,
    }
}

async fn end(tenant: &Tenant, client_id: Option<&str>, visitor: &Visitor) -> Result<()> {
    let Some((session, user)) = session::of(tenant, visitor).await? else { return Ok(()) };
    session::end(tenant, &session, Initiator::RpLogout).await?;
    let mut event = user::about(visitor.event(LogType::Slo, LogType::Slo.description()), &user);
    event.client_id = client_id.map(log::cut);
    tenant.log(event);
    Ok(())
}

fn known<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Arc<RegisteredClient>> {
    match snapshot.client(id) {
        Some(client) => Ok(client),
        None => Code::InvalidRequest.refuse(format!("Unknown client: {}", log::cut(id))),
    }
}

/// The client's list if there is a client, else the tenant's.
fn allowed(tenant: &Tenant, client: Option<&Arc<RegisteredClient>>, visitor: &Visitor) -> Vec<String> {
    let snapshot = tenant.snapshot();
    let allowed = match client {
        Some(client) if administrators::is_dashboard(tenant, &client.view.client_id) => {
            return vec![administrators::after_logout(visitor)];
        }
        Some(client) => client.view.allowed_logout_urls.as_ref(),
        None => snapshot.settings.as_deref().and_then(|settings| settings.allowed_logout_urls.as_ref()),
    };
    allowed.cloned().unwrap_or_default()
}

/// Where the browser is to go, in the words in which it will understand it.
fn back(allowed: &[String], to: &str, parameter: &str) -> Result<String> {
    let refusal = || {
        Code::InvalidRequest.refuse(format!(
            "The \"{parameter}\" querystring parameter \"{}\" is not defined as a valid URL in \"Allowed Logout URLs\"",
            log::cut(to)
        ))
    };
    let Ok(url) = Url::parse(to) else { return refusal() };
    match allowed.iter().filter_map(|allowed| Url::parse(allowed).ok()).any(|allowed| is_same(&allowed, &url))
    {
        true => Ok(url.into()),
        false => refusal(),
    }
}

/// Whether two addresses differ at most in query and fragment, which Auth0 does not compare.
fn is_same(allowed: &Url, to: &Url) -> bool {
    let place = |url: &Url| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    ["http", "https"].contains(&to.scheme())
        && (place(allowed) == place(to) || wildcard::matches(place(allowed).as_str(), place(to).as_str()))
        || !["javascript", "data", "vbscript", "blob", "file", "about"].contains(&to.scheme())
            && allowed == to
}

/// Whether an ID token that came along as a hint, if one did, is about this person (OpenID Connect Core §3.1.2.1).
pub(crate) fn is_meant(tenant: &Tenant, hint: Option<&str>, user_id: &str) -> bool {
    match hint.filter(|hint| !hint.is_empty()) {
        None => true,
        Some(hint) => hinted(tenant, hint).is_ok_and(|hint| hint.user_id == user_id),
    }
}

/// What an ID token of ours says.
struct Hint {
    user_id: String,
    client_id: String,
    session_id: Option<String>,
}

impl Hint {
    /// Whether it was given to somebody in this session. Tokens that a refresh token gave name no session.
    fn is_of(&self, session: &Session) -> bool {
        self.user_id == session.user_id && self.session_id.as_ref().is_none_or(|id| *id == session.id)
    }
}

/// Believes an ID token that this tenant signed, also after its end.
fn hinted(tenant: &Tenant, compact: &str) -> Result<Hint> {
    let believed = || {
        let token = Token::parse(compact).ok()?;
        let key = tenant.snapshot().keys.verifying_key(token.kid()?, token.alg()?)?;
        let claims = token.verify(&key).ok()?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let issuer = text("iss")?;
        let host = issuer.trim_start_matches("https://").trim_end_matches('/');
        // An access token names its client elsewhere, and what tells of a logout tells of an event.
        let is_another = ["azp", "client_id", "events"].iter().any(|claim| claims.contains_key(*claim));
        let is_id_token = token.typ().is_none_or(|typ| typ.eq_ignore_ascii_case("jwt")) && !is_another;
        (tenant.issuer(host) == issuer && is_id_token).then_some(Hint {
            user_id: text("sub")?,
            client_id: text("aud")?,
            session_id: text("sid"),
        })
    };
    match believed() {
        Some(hint) => Ok(hint),
        None => Code::InvalidRequest.refuse("id_token_hint is not an ID token of this tenant"),
    }
}

const KIND: &str = "logout";
/// Seconds that somebody may take to agree.
const LIFETIME: i64 = 600;

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn only_what_was_allowed() {
        let allowed = ["https://app.example/out", "com.app:/out", "not a url", "https://*.wild.example/out"]
            .map(str::to_owned);
        for good in [
            "https://app.example/out",
            "HTTPS://APP.example:443/out?a=b#c",
            "https://app.example/x/../out",
            "com.app:/out",
            "https://a.wild.example/out?x#y",
        ] {
            assert!(back(&allowed, good, "returnTo").is_ok(), "{good}");
        }
        for bad in [
            "https://app.example/Out",
            "https://app.example/out/",
            "https://app.example.evil.example/out",
            "https://app.example@evil.example/out",
            "https://user@app.example/out",
            "https://app.example:444/out",
            "http://app.example/out",
            "//app.example/out",
            "/out",
            "https://evil.example\\@app.example/out",
            "javascript:alert(1)",
            "com.app:/out?x",
            "https://wild.example/out",
            "https://a.b.wild.example/out",
            "https://a.wild.example/out/",
            "http://a.wild.example/out",
            "",
        ] {
            assert!(back(&allowed, bad, "returnTo").is_err(), "{bad}");
        }
    }
}
