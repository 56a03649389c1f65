//! What a tenant holds in memory so that a token needs no query: parsed views of its clients, APIs, grants,
//! organizations, settings and keys. It is replaced, never changed; a reader keeps the moment it took.

mod credentials;
mod event_streams;
mod limits;
mod log_streams;
mod pages;
mod trusts;

pub mod actions;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use imbl::{HashMap as Shared, HashSet as SharedSet};
use jose::jwe::KeyManagement;
use model::{
    Action, Client, ClientCredential, ClientGrant, ClientSecret, Connection, ConnectionClient, EncryptionKey,
    EventStream, FederatedCredential, Hook, KeyEncryption, KeyPolicy, LogStream, Organization,
    OrganizationClientGrant, ResourceServer, Revocation, Rule, RulesConfig, Secret, SigningAlgorithm,
    SigningKey, SubjectType, TenantSettings, TokenDialect, TokenEncryption, TriggerBindings,
    client::IdTokenAlgorithm,
};
use schema::{Noun, Resource};

use self::actions::Actions;
pub use self::credentials::{Credential, NamedSecret};
pub use self::limits::{Acl, LimitSettings, Sent};
pub use self::pages::Pages;
use crate::{
    RegisteredConnection, Result, Tenant, credential_use::Uses, documents::Document, federation::Trust,
    keys::KeyRing, revocation::Revocations, token::SharedToken,
};

/// What is looked up by two texts.
type Pair = (Arc<str>, Arc<str>);

/// A tenant at one moment.
#[derive(Clone, Default)]
pub struct Snapshot {
    pub revision: i64,
    pub settings: Option<Arc<TenantSettings>>,
    pub keys: Arc<KeyRing>,
    pub limits: LimitSettings,
    pub revocations: Revocations,
    pub key_policy: Option<Arc<KeyPolicy>>,
    pub pages: Pages,
    /// Where log events are sent, by identifier.
    pub log_streams: Shared<Arc<str>, Arc<LogStream>>,
    /// Who is told of events, by identifier.
    pub event_streams: Shared<Arc<str>, Arc<EventStream>>,
    /// Until when all events are kept, in milliseconds since 1970.
    pub event_feed: Option<i64>,
    clients: Shared<Arc<str>, Arc<RegisteredClient>>,
    /// Further secrets, by the client that has them.
    secrets: Shared<Arc<str>, Arc<Vec<NamedSecret>>>,
    /// Keys and certificates of clients.
    credentials: Shared<Arc<str>, Arc<Credential>>,
    apis: Shared<Arc<str>, Arc<Api>>,
    grants: Shared<Pair, Arc<Grant>>,
    /// The same, of tokens in a person's name.
    user_grants: Shared<Pair, Arc<ClientGrant>>,
    organizations: Shared<Arc<str>, Arc<Organization>>,
    /// By their names.
    connections: Shared<Arc<str>, Arc<RegisteredConnection>>,
    /// The clients that may use a connection, by its identifier.
    connection_clients: Shared<Arc<str>, SharedSet<Arc<str>>>,
    /// The outside issuers that each client trusts.
    trusts: Shared<Arc<str>, Arc<Vec<Arc<Trust>>>>,
    /// Which client grants may be used for which organization.
    associations: SharedSet<Pair>,
    actions: Actions,
    /// What each document that is looked up by something else than its id was found by.
    found_by: Shared<(&'static str, Arc<str>), Pair>,
}

/// A client, and what is needed to know its secret.
pub struct RegisteredClient {
    pub view: Client,
    pub secret: Option<[u8; 32]>,
    /// What signs its ID tokens, if that is its own secret.
    pub hmac: Option<Box<jose::Signer>>,
    /// When it proved itself last, until that is written.
    pub uses: Uses,
}

/// An API, what signs its tokens if that is its own secret, and what encrypts them if anything does.
pub struct Api {
    pub view: ResourceServer,
    pub scopes: HashSet<Box<str>>,
    pub hmac: Option<jose::Signer>,
    pub encrypter: Option<jose::jwe::Encrypter>,
}

/// A client grant, and tokens that it gave.
pub struct Grant {
    pub view: ClientGrant,
    pub shared: Mutex<Vec<SharedToken>>,
}

impl Snapshot {
    /// The client with this identifier.
    pub fn client(&self, id: &str) -> Option<&Arc<RegisteredClient>> {
        self.clients.get(id)
    }

    /// The API with this identifier, byte for byte.
    pub fn api(&self, identifier: &str) -> Option<&Arc<Api>> {
        self.apis.get(identifier)
    }

    /// The grant of a client on an API, for tokens of its own.
    pub fn grant(&self, client_id: &str, audience: &str) -> Option<&Arc<Grant>> {
        let pair: Pair = (client_id.into(), audience.into());
        self.grants.get(&pair)
    }

    /// What a client may have of an API in a person's name: its own grant, or, of a third party, the one that all of them
    /// have.
    pub fn user_grant(&self, client: &Client, audience: &str) -> Option<&Arc<ClientGrant>> {
        let of = |whose: &str| {
            let pair: Pair = (whose.into(), audience.into());
            self.user_grants.get(&pair)
        };
        of(&client.client_id).or_else(|| if client.is_first_party { None } else { of(THIRD_PARTIES) })
    }

    /// The organization with this identifier.
    pub fn organization(&self, id: &str) -> Option<&Arc<Organization>> {
        self.organizations.get(id)
    }

    /// The organization with this name.
    pub fn organization_named(&self, name: &str) -> Option<&Arc<Organization>> {
        self.organizations.values().find(|organization| organization.name == name)
    }

    /// The connection with this name.
    pub fn connection(&self, name: &str) -> Option<&Arc<RegisteredConnection>> {
        self.connections.get(name)
    }

    /// The connection with this identifier.
    pub fn connection_by_id(&self, id: &str) -> Option<&Arc<RegisteredConnection>> {
        let (name, _) = self.found_by.get(&(Connection::NOUN.path, id.into()))?;
        self.connections.get(name)
    }

    /// The connection that a realm means: the one of that name, or one that has it among its realms.
    pub fn realm(&self, realm: &str) -> Option<&Arc<RegisteredConnection>> {
        let among = || self.connections.values().find(|connection| connection.is_realm(realm));
        self.connections.get(realm).or_else(among)
    }

    /// Every connection.
    pub fn connections(&self) -> impl Iterator<Item = &Arc<RegisteredConnection>> {
        self.connections.values()
    }

    /// The connections that a client may use, by name.
    pub fn connections_of(&self, client_id: &str) -> Vec<Arc<RegisteredConnection>> {
        let enabled = self.connections.values().filter(|connection| connection.is_enabled_for(client_id));
        let mut enabled: Vec<_> = enabled.cloned().collect();
        enabled.sort_by(|one, other| one.view.name.cmp(&other.view.name));
        enabled
    }

    /// Whether the grant was associated with the organization.
    pub fn is_associated(&self, grant: &str, organization: &str) -> bool {
        let pair: Pair = (grant.into(), organization.into());
        self.associations.contains(&pair)
    }

    /// Whether any API signs with a key that only we offer, so that its public half is worth publishing.
    pub fn signs_with(&self, algorithm: SigningAlgorithm) -> bool {
        self.apis.values().any(|api| api.view.signing_alg == algorithm)
    }

    /// Every client.
    pub fn clients(&self) -> impl Iterator<Item = &RegisteredClient> {
        self.clients.values().map(Arc::as_ref)
    }

    /// Every API.
    pub fn apis(&self) -> impl Iterator<Item = &Api> {
        self.apis.values().map(Arc::as_ref)
    }

    pub fn client_count(&self) -> usize {
        self.clients.len()
    }

    /// Nothing, as of this revision.
    pub(crate) fn empty(revision: i64) -> Snapshot {
        Snapshot { revision, ..Snapshot::default() }
    }

    /// Reads everything: a tenant that starts.
    pub(crate) async fn load(tenant: &Tenant, revision: i64) -> Result<Snapshot> {
        let mut snapshot = Snapshot::empty(revision);
        for Held { noun, put, .. } in held() {
            let take = |document: Document| {
                let id = document.id.clone();
                if let Err(error) = put(&mut snapshot, tenant, document) {
                    let (tenant, kind) = (tenant.name(), noun.path);
                    tracing::error!(tenant, kind, id, ?error, "left out: it cannot be read");
                }
            };
            tenant.each_readable(noun, take).await?;
        }
        snapshot.keys = Arc::new(KeyRing::load(tenant).await?);
        snapshot.limits = LimitSettings::load(tenant).await?;
        Ok(snapshot)
    }

    /// Takes in what became of one document; what is not held in memory changes nothing here.
    pub(crate) async fn follow(&mut self, tenant: &Tenant, kind: &str, id: &str) -> Result<()> {
        if kind == SigningKey::NOUN.path {
            self.keys = Arc::new(KeyRing::load(tenant).await?);
        } else if kind == EncryptionKey::NOUN.path {
            tenant.load_vault().await?;
        } else if kind == store::TENANT {
            tenant.read_record().await?;
        } else if limits::holds(kind) {
            self.limits = LimitSettings::load(tenant).await?;
        } else if let Some(held) = held().find(|held| held.noun.path == kind) {
            (held.forget)(self, id);
            if let Some(document) = tenant.read(held.noun, id).await? {
                (held.put)(self, tenant, document)?;
            }
        }
        Ok(())
    }

    fn put_client(&mut self, tenant: &Tenant, document: Document) -> Result<()> {
        let mut view = Client::view(&document.body)?;
        // The secret itself is not kept: its keyed hash is enough to know it again, and to sign takes a prepared key.
        let secret = view.client_secret.take();
        let hmac = secret.as_ref().and_then(|secret| hmac(&view, secret)).map(Box::new);
        let secret = secret.map(|secret| tenant.secrets().hash(secret.expose().as_bytes()));
        let client = RegisteredClient { view, secret, hmac, uses: Uses::default() };
        self.clients.insert(document.id.into(), Arc::new(client));
        Ok(())
    }

    fn put_api(&mut self, document: Document) -> Result<()> {
        let mut view = ResourceServer::view(&document.body)?;
        let secret = view.signing_secret.take();
        let typ = view.token_dialect.unwrap_or(TokenDialect::AccessToken).typ();
        let hmac = match (view.signing_alg, secret) {
            (SigningAlgorithm::HS256, Some(secret)) => {
                Some(jose::Signer::hmac(secret.expose().as_bytes(), typ))
            }
            _ => None,
        };
        let scopes = view.scopes.iter().flatten().map(|scope| scope.value.as_str().into()).collect();
        let identifier: Arc<str> = view.identifier.as_str().into();
        self.remember(&ResourceServer::NOUN, document.id, (identifier.clone(), "".into()));
        let encrypter = view.token_encryption.as_deref().and_then(encrypter);
        self.apis.insert(identifier, Arc::new(Api { view, scopes, hmac, encrypter }));
        Ok(())
    }

    fn put_grant(&mut self, document: Document) -> Result<()> {
        let view = ClientGrant::view(&document.body)?;
        let whose = view.client_id.as_deref().unwrap_or(THIRD_PARTIES);
        let pair: Pair = (whose.into(), view.audience.as_str().into());
        match view.subject_type {
            SubjectType::User => drop(self.user_grants.insert(pair.clone(), Arc::new(view))),
            SubjectType::Client if view.client_id.is_some() => {
                self.grants.insert(pair.clone(), Arc::new(Grant { view, shared: Mutex::default() }));
            }
            // Defaults for third parties' own tokens are looked up by other journeys.
            SubjectType::Client | SubjectType::AnonymousUser => return Ok(()),
        }
        self.remember(&ClientGrant::NOUN, document.id, pair);
        Ok(())
    }

    fn put_organization(&mut self, document: Document) -> Result<()> {
        let view = Organization::view(&document.body)?;
        self.organizations.insert(document.id.into(), Arc::new(view));
        Ok(())
    }

    fn put_connection(&mut self, document: Document) -> Result<()> {
        let clients = self.connection_clients.get(document.id.as_str()).cloned().unwrap_or_default();
        let connection = RegisteredConnection::of(document.body, clients)?;
        let name: Arc<str> = connection.view.name.as_str().into();
        self.remember(&Connection::NOUN, document.id, (name.clone(), "".into()));
        self.connections.insert(name, Arc::new(connection));
        Ok(())
    }

    fn put_connection_client(&mut self, document: Document) -> Result<()> {
        let view = ConnectionClient::view(&document.body)?;
        let (connection, client): Pair = (view.connection_id.into(), view.client_id.into());
        self.remember(&ConnectionClient::NOUN, document.id, (connection.clone(), client.clone()));
        self.connection_clients.entry(connection.clone()).or_default().insert(client);
        self.refresh_clients(&connection);
        Ok(())
    }

    fn forget_connection_client(&mut self, id: &str) {
        let Some((connection, client)) = self.forget(&ConnectionClient::NOUN, id) else { return };
        if let Some(clients) = self.connection_clients.get_mut(&connection) {
            clients.remove(&client);
            if clients.is_empty() {
                self.connection_clients.remove(&connection);
            }
        }
        self.refresh_clients(&connection);
    }

    /// Tells a connection, if it is there already, which clients may use it.
    fn refresh_clients(&mut self, connection_id: &str) {
        let Some(connection) = self.connection_by_id(connection_id) else { return };
        let clients = self.connection_clients.get(connection_id).cloned().unwrap_or_default();
        let connection = connection.with(clients);
        self.connections.insert(connection.view.name.as_str().into(), Arc::new(connection));
    }

    fn put_association(&mut self, document: Document) -> Result<()> {
        let view = OrganizationClientGrant::view(&document.body)?;
        let pair: Pair = (view.grant_id.into(), view.organization_id.into());
        self.remember(&OrganizationClientGrant::NOUN, document.id, pair.clone());
        self.associations.insert(pair);
        Ok(())
    }

    fn put_settings(&mut self, document: Document) -> Result<()> {
        self.settings = Some(Arc::new(TenantSettings::view(&document.body)?));
        Ok(())
    }

    fn remember(&mut self, noun: &Noun, id: String, key: Pair) {
        self.found_by.insert((noun.path, id.into()), key);
    }

    fn forget(&mut self, noun: &Noun, id: &str) -> Option<Pair> {
        self.found_by.remove(&(noun.path, id.into()))
    }
}

/// What signs the ID tokens of a client, if its secret does. One that is said to be base64 and is not signs nothing.
fn hmac(client: &Client, secret: &Secret) -> Option<jose::Signer> {
    let rules = client.jwt_configuration.as_deref()?;
    let key = match rules.secret_encoded {
        true => jose::b64url_decode(secret.expose()).ok()?,
        false => secret.expose().as_bytes().to_vec(),
    };
    (rules.alg == Some(IdTokenAlgorithm::HS256))
        .then(|| jose::Signer::hmac(&key, TokenDialect::AccessToken.typ()))
}

/// What encrypts the tokens of an API, if its key is of use.
fn encrypter(encryption: &TokenEncryption) -> Option<jose::jwe::Encrypter> {
    let key = &encryption.encryption_key;
    let management = match key.alg {
        KeyEncryption::RsaOaep256 => KeyManagement::RsaOaep256,
        KeyEncryption::RsaOaep384 => KeyManagement::RsaOaep384,
        KeyEncryption::RsaOaep512 => KeyManagement::RsaOaep512,
    };
    let public = jose::PublicKey::from_pem(&key.pem).ok()?;
    jose::jwe::Encrypter::for_tokens(management, &public, key.kid.as_deref()).ok()
}

/// In whose place a grant stands that names no client.
const THIRD_PARTIES: &str = "third_party_clients";

/// A noun that is held in memory: how a document enters, and how it leaves by its id.
struct Held {
    noun: &'static Noun,
    put: fn(&mut Snapshot, &Tenant, Document) -> Result<()>,
    forget: fn(&mut Snapshot, &str),
}

fn held() -> impl Iterator<Item = &'static Held> {
    HELD.iter().chain(pages::HELD).chain(log_streams::HELD).chain(event_streams::HELD)
}

const HELD: &[Held] = &[
    Held {
        noun: &Client::NOUN,
        put: Snapshot::put_client,
        forget: |snapshot, id| drop(snapshot.clients.remove(id)),
    },
    Held { noun: &ClientSecret::NOUN, put: Snapshot::put_secret, forget: Snapshot::forget_secret },
    Held {
        noun: &ClientCredential::NOUN,
        put: |snapshot, _, document| snapshot.put_credential(document),
        forget: |snapshot, id| drop(snapshot.credentials.remove(id)),
    },
    Held {
        noun: &ResourceServer::NOUN,
        put: |snapshot, _, document| snapshot.put_api(document),
        forget: |snapshot, id| {
            if let Some((identifier, _)) = snapshot.forget(&ResourceServer::NOUN, id) {
                snapshot.apis.remove(&identifier);
            }
        },
    },
    Held {
        noun: &ClientGrant::NOUN,
        put: |snapshot, _, document| snapshot.put_grant(document),
        forget: |snapshot, id| {
            if let Some(pair) = snapshot.forget(&ClientGrant::NOUN, id) {
                // A client may have one of each for the same API.
                match snapshot.user_grants.get(&pair).is_some_and(|grant| grant.id == id) {
                    true => drop(snapshot.user_grants.remove(&pair)),
                    false => drop(snapshot.grants.remove(&pair)),
                }
            }
        },
    },
    Held {
        noun: &Organization::NOUN,
        put: |snapshot, _, document| snapshot.put_organization(document),
        forget: |snapshot, id| drop(snapshot.organizations.remove(id)),
    },
    Held {
        noun: &Connection::NOUN,
        put: |snapshot, _, document| snapshot.put_connection(document),
        forget: |snapshot, id| {
            if let Some((name, _)) = snapshot.forget(&Connection::NOUN, id) {
                snapshot.connections.remove(&name);
            }
        },
    },
    Held {
        noun: &ConnectionClient::NOUN,
        put: |snapshot, _, document| snapshot.put_connection_client(document),
        forget: Snapshot::forget_connection_client,
    },
    Held {
        noun: &OrganizationClientGrant::NOUN,
        put: |snapshot, _, document| snapshot.put_association(document),
        forget: |snapshot, id| {
            if let Some(pair) = snapshot.forget(&OrganizationClientGrant::NOUN, id) {
                snapshot.associations.remove(&pair);
            }
        },
    },
    Held {
        noun: &FederatedCredential::NOUN,
        put: |snapshot, _, document| snapshot.put_trust(document),
        forget: Snapshot::forget_trust,
    },
    Held {
        noun: &Revocation::NOUN,
        put: |snapshot, _, document| snapshot.revocations.put(&document),
        forget: |snapshot, id| snapshot.revocations.forget(id),
    },
    Held {
        noun: &KeyPolicy::NOUN,
        put: |snapshot, _, document| {
            snapshot.key_policy = Some(Arc::new(KeyPolicy::view(&document.body)?));
            Ok(())
        },
        forget: |snapshot, _| snapshot.key_policy = None,
    },
    Held {
        noun: &TenantSettings::NOUN,
        put: |snapshot, _, document| snapshot.put_settings(document),
        // A tenant always has settings; these stay until others come.
        forget: |_, _| {},
    },
    Held {
        noun: &Action::NOUN,
        put: |snapshot, _, document| snapshot.actions.put_action(document),
        forget: |snapshot, id| snapshot.actions.forget_action(id),
    },
    Held {
        noun: &TriggerBindings::NOUN,
        put: |snapshot, _, document| snapshot.actions.put_bindings(document),
        forget: |snapshot, id| snapshot.actions.forget_bindings(id),
    },
    Held {
        noun: &Hook::NOUN,
        put: |snapshot, _, document| snapshot.actions.put_hook(document),
        forget: |snapshot, id| snapshot.actions.forget_hook(id),
    },
    Held {
        noun: &Rule::NOUN,
        put: |snapshot, _, document| snapshot.actions.put_rule(document),
        forget: |snapshot, id| snapshot.actions.forget_rule(id),
    },
    Held {
        noun: &RulesConfig::NOUN,
        put: |snapshot, _, document| snapshot.actions.put_setting(document),
        forget: |snapshot, id| snapshot.actions.forget_setting(id),
    },
];
