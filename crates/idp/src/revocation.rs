//! Stopping tokens without a row for each. What is kept is a small set of refusals: single tokens until they expire, and
//! marks before which all tokens of a client, a client grant, an API, a key or the tenant are refused. Each goes by a
//! name that a token can be asked for, and is held in memory under the hash of it; APIs poll the same hashes.
//!
//! Tokens count time in seconds, and other nodes hear of a mark a moment later. So a mark refuses the whole second in which
//! it was made and the next, and whoever it concerns and asks again waits until they are over: nothing from before a mark
//! survives it, and nothing from after is lost.

use std::sync::Arc;

use imbl::HashMap as Shared;
use jose::Token;
use model::{ClientGrant, Revocation, RevocationKind};
use schema::{Object, Resource};
use serde_json::{Map, Value, json};

use crate::{Change, Document, Error, Result, Tenant, clock::iso, id};

/// What is refused, in memory.
#[derive(Clone, Default)]
pub struct Revocations {
    refused: Shared<Hash, Refused>,
    /// The hash that each document stands for.
    documents: Shared<Arc<str>, Hash>,
    /// The clients of single tokens that have no number, with the last second of those.
    clients: Shared<Arc<str>, i64>,
    /// No token that is issued now and concerned by a refusal may be stamped with this second or an earlier one.
    newest: i64,
    /// When the newest was made, in milliseconds since 1970.
    revision: i64,
    /// Of which documents this was made, the same on every node and in whatever order they were heard of.
    made_of: u64,
}

type Hash = [u8; 32];

#[derive(Clone)]
struct Refused {
    id: Arc<str>,
    up_to: i64,
    ends: i64,
    made: i64,
    client_id: Option<Arc<str>>,
}

/// What is to be revoked.
pub enum Subject<'a> {
    /// One token: its name among tokens, when it was issued if it has no number, and when it expires.
    Token {
        id: &'a str,
        client_id: &'a str,
        issued_at: Option<i64>,
        expires: i64,
    },
    Client(&'a str),
    ClientGrant(&'a ClientGrant),
    /// An API, by its identifier.
    ResourceServer(&'a str),
    /// What a key signed so far.
    Key(&'a str),
    /// All that a key ever signed: others may have it and write any time into their tokens.
    LostKey(&'a str),
    Tenant,
}

impl Revocations {
    /// Whether a token is refused whose signature was believed.
    pub fn refuse(&self, token: &Token, claims: &Map<String, Value>) -> bool {
        if self.refused.is_empty() {
            return false;
        }
        let issued_at = claims.get("iat").and_then(Value::as_i64).unwrap_or(i64::MIN);
        names(token, claims).iter().any(|name| self.refuses(name, issued_at))
    }

    /// The same of a token that only this server reads.
    pub fn refuse_opaque(&self, claims: &Map<String, Value>) -> bool {
        if self.refused.is_empty() {
            return false;
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let issued_at = claims.get("iat").and_then(Value::as_i64).unwrap_or(i64::MIN);
        let client_id = client_of(claims).unwrap_or_default();
        let mut names = of_issue(client_id, text("sub"), &audiences(claims), None);
        names.push(format!("token:{}", text("jti")));
        names.iter().any(|name| self.refuses(name, issued_at))
    }

    /// The second from which on a token of this client, known by these names, may be issued: now, unless something that
    /// concerns it was revoked within this very second.
    pub fn ready(&self, now: i64, client_id: &str, names: impl FnOnce() -> Vec<String>) -> i64 {
        if now > self.newest {
            return now;
        }
        let marks = names().into_iter().filter_map(|name| Some(self.refused.get(&hash(&name))?.up_to));
        let marks = marks.filter(|up_to| *up_to != FOR_EVER);
        // What has no number and is issued again within its second is the same token.
        let tokens = self.clients.get(client_id).copied();
        marks.chain(tokens).map(|second| second + 1).fold(now, i64::max)
    }

    /// Whether something that these names tell of was revoked since an earlier state.
    pub fn outdate(&self, earlier: &Revocations, names: &[String]) -> bool {
        let up_to = |state: &Revocations, name: &String| state.refused.get(&hash(name)).map(|one| one.up_to);
        names.iter().any(|name| up_to(self, name) > up_to(earlier, name))
    }

    /// Whether this token, signed a moment ago, says just the same as one that was revoked in this second.
    pub fn is_refused_already(&self, issued_at: i64, compact: &str) -> bool {
        issued_at <= self.newest
            && compact.rsplit_once('.').is_some_and(|(signed, _)| {
                self.refused.contains_key(&hash(&format!("token:{}", digest(signed))))
            })
    }

    /// Whether a token of this second, known by these names, is not refused.
    pub fn let_pass(
        &self,
        compact: &str,
        jti: Option<&str>,
        issued_at: i64,
        names: impl FnOnce() -> Vec<String>,
    ) -> bool {
        if self.refused.is_empty() {
            return true;
        }
        let signed = compact.rsplit_once('.').map_or(compact, |(signed, _)| signed);
        let id = jti.map_or_else(|| digest(signed), str::to_owned);
        !names().iter().any(|name| self.refuses(name, issued_at))
            && !self.refuses(&format!("token:{id}"), issued_at)
    }

    /// How many single tokens of this client are refused.
    pub fn tokens_of(&self, client_id: &str) -> usize {
        self.refused.values().filter(|one| one.client_id.as_deref() == Some(client_id)).count()
    }

    /// Names this state: it changes when something is revoked.
    pub fn tag(&self) -> String {
        format!("{}-{:x}", self.revision, self.made_of)
    }

    /// What is refused, each as the hash of its name and the last second of its tokens; of what was made a while before
    /// that revision or later.
    pub fn since(&self, revision: i64) -> (i64, Map<String, Value>) {
        let recent = |one: &&Refused| one.made.saturating_add(OVERLAP) >= revision;
        let told = self.refused.iter().filter(|(_, one)| recent(one));
        let told = told.map(|(hash, one)| (jose::b64url_encode(hash), json!(one.up_to)));
        (self.revision, told.collect())
    }

    pub(crate) fn put(&mut self, document: &Document) -> Result<()> {
        let view = Revocation::view(&document.body)?;
        let (id, hash): (Arc<str>, _) = (document.id.as_str().into(), hash(&view.name));
        let made = document.created / 1000;
        if self.documents.insert(id.clone(), hash).is_none() {
            self.made_of ^= mark(&id);
        }
        self.newest = self.newest.max(view.second);
        self.revision = self.revision.max(made);
        if let (RevocationKind::Token, Some(client_id)) = (view.kind, &view.client_id) {
            let last = self.clients.entry(client_id.as_str().into()).or_insert(0);
            *last = view.second.max(*last);
        }
        let goes_further = |held: &Refused| (held.up_to, held.ends) > (view.up_to, view.ends);
        if !self.refused.get(&hash).is_some_and(goes_further) {
            let client_id = view.client_id.map(Into::into);
            let refused = Refused { id, up_to: view.up_to, ends: view.ends, made, client_id };
            self.refused.insert(hash, refused);
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, id: &str) {
        let Some(hash) = self.documents.remove(id) else { return };
        self.made_of ^= mark(id);
        if self.refused.get(&hash).is_some_and(|one| *one.id == *id) {
            self.refused.remove(&hash);
        }
    }

    fn refuses(&self, name: &str, issued_at: i64) -> bool {
        self.refused.get(&hash(name)).is_some_and(|one| issued_at <= one.up_to)
    }
}

/// What a single token is known by: its `jti`, or else the digest of what is signed. A signature itself can be written in
/// more than one way.
pub fn token_id(token: &Token, claims: &Map<String, Value>) -> String {
    match claims.get("jti").and_then(Value::as_str) {
        Some(jti) => jti.to_owned(),
        None => digest(token.signed()),
    }
}

/// Who a token was issued to.
pub fn client_of(claims: &Map<String, Value>) -> Option<&str> {
    claims.get("azp").or(claims.get("client_id")).and_then(Value::as_str)
}

/// The audiences of a token.
pub fn audiences(claims: &Map<String, Value>) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Everything that a token is known by. `docs/revocation.md` tells APIs the same.
fn names(token: &Token, claims: &Map<String, Value>) -> Vec<String> {
    let mut names = of_issue(
        client_of(claims).unwrap_or_default(),
        claims.get("sub").and_then(Value::as_str).unwrap_or_default(),
        &audiences(claims),
        token.kid(),
    );
    names.push(format!("token:{}", token_id(token, claims)));
    names
}

/// What a token is known by that is about to be issued.
pub fn of_issue(client_id: &str, sub: &str, audiences: &[&str], kid: Option<&str>) -> Vec<String> {
    let mut names = vec!["tenant".to_owned(), format!("client:{client_id}")];
    names.extend(audiences.iter().flat_map(|aud| [format!("api:{aud}"), format!("grant:{sub} {aud}")]));
    names.extend(kid.map(|kid| format!("key:{kid}")));
    names
}

/// A revocation, to be committed with what it belongs to. Without `before` it is of all tokens until now.
pub fn change(tenant: &Tenant, subject: &Subject, before: Option<i64>, by: &str) -> (Change, Object) {
    let now_ms = tenant.clock().now_ms();
    let now = now_ms.div_euclid(1000);
    let until = before.map_or(now + SPREAD, |before| before.min(now));
    let before = before.unwrap_or(now).min(now);
    let (kind, shown, name) = match subject {
        Subject::Token { id, .. } => (RevocationKind::Token, Some(*id), format!("token:{id}")),
        Subject::Client(id) => (RevocationKind::Client, Some(*id), format!("client:{id}")),
        Subject::ClientGrant(grant) => {
            let client_id = grant.client_id.as_deref().unwrap_or_default();
            let name = format!("grant:{client_id}@clients {}", grant.audience);
            (RevocationKind::ClientGrant, Some(grant.id.as_str()), name)
        }
        Subject::ResourceServer(aud) => (RevocationKind::ResourceServer, Some(*aud), format!("api:{aud}")),
        Subject::Key(kid) | Subject::LostKey(kid) => (RevocationKind::Key, Some(*kid), format!("key:{kid}")),
        Subject::Tenant => (RevocationKind::Tenant, None, "tenant".to_owned()),
    };
    let (up_to, second, ends) = match subject {
        // Whoever holds an API's secret can write any time into a token.
        Subject::Token { issued_at, expires, .. } => {
            (FOR_EVER, issued_at.map_or(0, |second| second.min(now)), (*expires).min(now + LONGEST) + LEEWAY)
        }
        // It signs nothing any more.
        Subject::LostKey(_) => (FOR_EVER, 0, now + LONGEST + LEEWAY),
        Subject::Client(_)
        | Subject::ClientGrant(_)
        | Subject::ResourceServer(_)
        | Subject::Key(_)
        | Subject::Tenant => (until, until, until + LONGEST + LEEWAY),
    };
    let client_id = match subject {
        Subject::Token { client_id, .. } => Some(*client_id),
        _ => None,
    };
    let id = id::revocation();
    let mut body = Object::new();
    for (member, value) in [
        ("id", json!(id)),
        ("kind", json!(kind.word())),
        ("subject", json!(shown)),
        ("before", if up_to == FOR_EVER { Value::Null } else { json!(iso(before * 1000)) }),
        ("created_at", json!(iso(now_ms))),
        ("expires_at", json!(iso(ends.min(FOR_EVER) * 1000))),
        ("by", json!(by)),
        ("name", json!(name)),
        ("up_to", json!(up_to)),
        ("second", json!(second)),
        ("ends", json!(ends)),
        ("client_id", json!(client_id)),
    ] {
        body.insert(member.into(), value);
    }
    (Change::create::<Revocation>(id, body.clone()), body)
}

/// Forgets what can refuse no token any more.
pub async fn sweep(tenants: &[Tenant]) -> Result<()> {
    for tenant in tenants {
        let now = tenant.clock().now();
        let ends = |document: &Document| document.body.get("ends").and_then(Value::as_i64).unwrap_or(0);
        let ended = tenant.all(&Revocation::NOUN).await?.into_iter().filter(|document| ends(document) <= now);
        let ended: Vec<String> = ended.map(|document| document.id).collect();
        for some in ended.chunks(AT_ONCE) {
            match tenant.commit(some.iter().map(Change::delete::<Revocation>).collect()).await {
                // Another node was faster.
                Ok(()) | Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn hash(name: &str) -> Hash {
    jose::sha256(name.as_bytes())
}

/// What a document adds to the mark of a state, and takes away again.
fn mark(id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = hash(id);
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn digest(signed: &str) -> String {
    jose::b64url_encode(jose::sha256(signed.as_bytes()))
}

/// Who ends the tokens of what was deleted.
pub const DELETION: &str = "deletion";
/// The end of the year 9999: whatever a token says of its time, it is refused.
const FOR_EVER: i64 = 253_402_300_799;
/// For how long, in seconds, another node may issue tokens without having heard of a mark.
const SPREAD: i64 = 1;
/// The longest life, in seconds, that an API can give its tokens.
pub const LONGEST: i64 = 30 * 86_400;
/// For how long, in seconds, an API may believe a token beyond its end.
const LEEWAY: i64 = 600;
/// How much, in milliseconds, a reader of what is new is told again: nodes write at the same moment, and by clocks of
/// their own.
const OVERLAP: i64 = 60_000;
/// How many are forgotten in one commit.
const AT_ONCE: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_782_907_200;

    fn put(revocations: &mut Revocations, id: &str, name: &str, up_to: i64) {
        let body = json!({
            "id": id, "kind": "client", "subject": "a", "before": null, "created_at": "", "expires_at": "", "by": "",
            "name": name, "up_to": up_to, "second": up_to, "ends": up_to + LONGEST, "client_id": null,
        });
        let Value::Object(body) = body else { unreachable!() };
        let document = Document { id: id.into(), body, version: 1, created: NOW * 1_000_000, updated: 0 };
        revocations.put(&document).unwrap();
    }

    fn named(client_id: &str) -> Vec<String> {
        of_issue(client_id, &format!("{client_id}@clients"), &["https://api"], Some("kid"))
    }

    #[test]
    fn whoever_a_mark_concerns_waits_for_its_end_and_nobody_else() {
        let mut marked = Revocations::default();
        put(&mut marked, "1", "client:a", NOW + 1);
        assert_eq!(marked.ready(NOW, "a", || named("a")), NOW + 2);
        assert_eq!(marked.ready(NOW, "b", || named("b")), NOW);
        assert_eq!(marked.ready(NOW + 2, "a", || named("a")), NOW + 2);
        // A key that is gone signs nothing, so nobody waits for the end of time.
        put(&mut marked, "2", "key:kid", FOR_EVER);
        assert_eq!(marked.ready(NOW, "b", || named("b")), NOW);
    }

    #[test]
    fn what_was_revoked_while_a_request_was_under_way_is_seen() {
        let before = Revocations::default();
        let mut after = before.clone();
        put(&mut after, "1", "client:a", NOW);
        assert!(after.outdate(&before, &named("a")) && !after.outdate(&before, &named("b")));
        let before = after.clone();
        assert!(!after.outdate(&before, &named("a")));
        put(&mut after, "2", "client:a", NOW + 5);
        assert!(after.outdate(&before, &named("a")));
    }

    #[test]
    fn of_two_marks_the_later_counts_and_stays_when_the_earlier_ends() {
        let mut marked = Revocations::default();
        put(&mut marked, "2", "client:a", NOW + 5);
        put(&mut marked, "1", "client:a", NOW);
        assert!(marked.refuses("client:a", NOW + 5) && !marked.refuses("client:a", NOW + 6));
        marked.forget("1");
        assert!(marked.refuses("client:a", NOW + 5));
        marked.forget("2");
        assert!(!marked.refuses("client:a", 0) && marked.since(0).1.is_empty());
    }

    #[test]
    fn whatever_is_heard_of_last_changes_the_tag() {
        let mut held = Revocations::default();
        put(&mut held, "1", "client:a", NOW);
        // It goes further: there are no more names than before, and it need not be newer than all that was heard.
        let before = held.tag();
        put(&mut held, "2", "client:a", NOW + 5);
        assert_ne!(held.tag(), before);
        // The order makes no difference, nor does hearing twice.
        let mut other = Revocations::default();
        for (id, up_to) in [("2", NOW + 5), ("1", NOW), ("2", NOW + 5)] {
            put(&mut other, id, "client:a", up_to);
        }
        assert_eq!(other.tag(), held.tag());
        held.forget("2");
        assert_ne!(other.tag(), held.tag());
    }
}
