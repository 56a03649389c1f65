//! Whether a store fits together: each document is what its noun declares, opens under the tenant's keys and is found by
//! what it says, and what is named is there. It changes nothing, and may run beside a server: what seems wrong is looked
//! at a second time. It says where something is, never what a secret is.

use std::collections::BTreeSet;

use model::{
    Action, Client, ClientCredential, ClientGrant, ClientSecret, DeviceCredential, FederatedCredential,
    NOUNS, OrganizationClientGrant, ResourceServer, User, role::Role,
};
use schema::{Key, Noun, Object, Resource};
use store::{Matching, Misfit, Named, Names, Span, StoredKey};

use crate::{Result, Tenant, Tenants, vault::Vault};

/// What was looked at, and what is wrong.
#[derive(Debug, Default)]
pub struct Report {
    pub documents: usize,
    pub misfits: Vec<Misfit>,
}

/// Looks at every document of every tenant, and at what ties them together.
pub async fn check(tenants: &Tenants) -> Result<Report> {
    let mut report = Report::default();
    for tenant in tenants.all().into_iter().chain(tenants.administrators()) {
        documents(&tenant, &mut report).await?;
    }
    let store = tenants.store();
    report.misfits.extend(store.consistency().misfits().await?);
    for (names, named) in REFERENCES {
        let before = store.consistency().dangling(*names, *named).await?;
        if !before.is_empty() {
            let after = store.consistency().dangling(*names, *named).await?;
            report.misfits.extend(after.into_iter().filter(|misfit| before.contains(misfit)));
        }
    }
    Ok(report)
}

async fn documents(tenant: &Tenant, report: &mut Report) -> Result<()> {
    let mut misfit = |words: String| report.misfits.push(Misfit { tenant: tenant.name().to_owned(), words });
    for kind in tenant.store().documents().kinds(tenant.name()).await? {
        let Some(noun) = NOUNS.iter().find(|noun| noun.path == kind) else {
            misfit(format!("there are documents of the kind {kind:?}, which nothing declares"));
            continue;
        };
        let mut after = None;
        loop {
            let (found, last) = page(tenant, noun, after).await?;
            report.documents += found.len();
            for (id, wrong) in found.into_iter().filter(|(_, wrong)| !wrong.is_empty()) {
                // Somebody may have changed it between one look and the other.
                if again(tenant, noun, &id).await? {
                    misfit(format!("{kind} {id:?}: {}", wrong.join("; ")));
                }
            }
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
    }
    Ok(())
}

/// Where a page ends.
type Last = Option<(i64, String)>;

/// Some documents, each with what is wrong with it, and the place behind them.
async fn page(
    tenant: &Tenant,
    noun: &'static Noun,
    after: Last,
) -> Result<(Vec<(String, Vec<String>)>, Last)> {
    let span = Span::After { after, limit: AT_ONCE };
    let found = tenant.store().documents().page(tenant.name(), &Matching::all(noun.path), span).await?;
    let last = found.last().map(|document| (document.created, document.id.clone()));
    Ok((looked_at(tenant, noun, found).await?, last))
}

/// Whether something is still wrong with a document that is still there.
async fn again(tenant: &Tenant, noun: &'static Noun, id: &str) -> Result<bool> {
    tenant.load_vault().await?;
    let found = tenant.store().documents().read(tenant.name(), noun.path, id).await?;
    let looked = looked_at(tenant, noun, found.into_iter().collect()).await?;
    Ok(looked.iter().any(|(_, wrong)| !wrong.is_empty()))
}

async fn looked_at(
    tenant: &Tenant,
    noun: &'static Noun,
    found: Vec<store::Document>,
) -> Result<Vec<(String, Vec<String>)>> {
    let ids: Vec<&str> = found.iter().map(|document| document.id.as_str()).collect();
    let mut stored = tenant.store().documents().stored_keys(tenant.name(), noun.path, &ids).await?;
    stored.sort();
    let wrong = |mut document: store::Document| {
        let from = stored.partition_point(|(id, _)| *id < document.id);
        let keys = stored[from..].iter().take_while(|(id, _)| *id == document.id).map(|(_, key)| key);
        let wrong =
            wrong(&tenant.0.vault, tenant.name(), noun, &document.id, &mut document.body, keys.collect());
        (document.id, wrong)
    };
    Ok(found.into_iter().map(wrong).collect())
}

/// What is wrong with a stored document.
fn wrong(
    vault: &Vault,
    tenant: &str,
    noun: &'static Noun,
    id: &str,
    body: &mut Object,
    stored: BTreeSet<&StoredKey>,
) -> Vec<String> {
    if let Err(error) = vault.open(tenant, noun, id, body) {
        return vec![format!("what is sealed in it does not open: {error}")];
    }
    if !(noun.fits)(body) {
        return vec!["it does not have the form that is declared".into()];
    }
    let keys = schema::keys(noun.fields, body).into_iter().chain(of_no_field(noun, body));
    let keys: BTreeSet<StoredKey> = keys.map(stored_key).collect();
    let missing = keys.iter().filter(|key| !stored.contains(key));
    let missing = missing.map(|key| format!("its {} does not find it", key.name));
    let surplus = stored.iter().filter(|key| !keys.contains(**key) && key.name != ONLY_ONCE);
    let surplus = surplus.map(|key| format!("something that is not its {} finds it", key.name));
    // The value may be somebody's address; its name is enough to look.
    missing.chain(surplus).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The keys that no single field holds.
fn of_no_field(noun: &Noun, body: &Object) -> Vec<Key> {
    let keys = |view: Option<Vec<Key>>| view.unwrap_or_default();
    match noun.path {
        path if path == User::NOUN.path => User::keys(body),
        path if path == ClientGrant::NOUN.path => {
            keys(ClientGrant::view(body).ok().map(|view| view.uniqueness()))
        }
        path if path == Action::NOUN.path => keys(Action::view(body).ok().map(|view| view.listed_by())),
        path if path == DeviceCredential::NOUN.path => {
            keys(DeviceCredential::view(body).ok().map(|view| view.uniqueness()))
        }
        _ => Vec::new(),
    }
}

fn stored_key(Key { name, value, used }: Key) -> StoredKey {
    StoredKey { used, name: name.to_owned(), value }
}

/// How many documents are looked at in one go.
const AT_ONCE: i64 = 200;
/// The key that lets only one node make the first documents of a tenant.
const ONLY_ONCE: &str = "provision";

const CLIENTS: Named = Named::Ids(&[Client::NOUN.path]);
const USERS: Named = Named::Ids(&[User::NOUN.path]);
const APIS: Named = Named::Unique { kind: ResourceServer::NOUN.path, key: "identifier" };

/// What names what. A session or a refresh token whose person has just gone ends by itself, and is not looked at.
const REFERENCES: &[(Names, Named)] = &[
    (Names::Column { table: "user_roles", column: "user_id" }, USERS),
    (Names::Column { table: "user_roles", column: "role_id" }, Named::Ids(&[Role::NOUN.path])),
    (
        Names::Column { table: "permissions", column: "holder" },
        Named::Ids(&[Role::NOUN.path, User::NOUN.path]),
    ),
    (Names::Column { table: "permissions", column: "audience" }, APIS),
    (Names::Column { table: "consents", column: "user_id" }, USERS),
    (Names::Column { table: "consents", column: "client_id" }, CLIENTS),
    (Names::Column { table: "refresh_families", column: "client_id" }, CLIENTS),
    (Names::Key { kind: ClientGrant::NOUN.path, key: "client_id" }, CLIENTS),
    (Names::Key { kind: ClientGrant::NOUN.path, key: "audience" }, APIS),
    (Names::Key { kind: ClientCredential::NOUN.path, key: "client_id" }, CLIENTS),
    (Names::Key { kind: ClientSecret::NOUN.path, key: "client_id" }, CLIENTS),
    (Names::Key { kind: FederatedCredential::NOUN.path, key: "client_id" }, CLIENTS),
    (Names::Key { kind: DeviceCredential::NOUN.path, key: "user_id" }, USERS),
    (
        Names::Key { kind: OrganizationClientGrant::NOUN.path, key: "grant_id" },
        Named::Ids(&[ClientGrant::NOUN.path]),
    ),
];
