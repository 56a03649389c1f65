//! A way in for people: a database of passwords, or somebody else who knows them. What its options may hold depends on
//! the strategy; what those of a database are is in [`database`], what the others have in common in [`federated`].

use std::collections::BTreeMap;

use schema::{Declared, Object, Resource, Shaped};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Secret;

pub mod database;
pub mod federated;

pub use database::DatabaseOptions;
pub use federated::FederatedOptions;

/// A way in for people.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("connections"), id("id"), scope("connections"))]
pub struct Connection {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// How it behaves; what may stand here, its strategy says.
    pub options: Option<BTreeMap<String, Value>>,
    /// What kind of thing it connects to.
    #[field(write(OnCreate), lookup)]
    pub strategy: Strategy,
    /// Its name, which never changes.
    #[field(write(OnCreate), min(1), max(128), format(ConnectionName), unique)]
    pub name: String,
    /// What a button says that leads to it.
    #[field(min(1), max(128))]
    pub display_name: Option<String>,
    /// Whether every client may use it, those of strangers among them.
    #[field(default(|| json!(false)))]
    #[serde(default)]
    pub is_domain_connection: bool,
    /// Whether the login page shows a button for it.
    pub show_as_button: Option<bool>,
    /// Whether people may log in with it.
    pub authentication: Option<Active>,
    /// Whether people may connect an account of it to the one they have.
    pub connected_accounts: Option<Active>,
    /// Whether applications may ask for tokens across companies with it.
    #[field(nullable_on_create)]
    pub cross_app_access_requesting_app: Option<Declared<Active>>,
    /// The clients that may use it; each is a document of its own.
    #[field(max(5_000), each_min(1), each_max(128))]
    pub enabled_clients: Option<Declared<Vec<String>>>,
    /// The realms that mean it, beside its name.
    #[field(max(100), each_max(255))]
    pub realms: Option<Vec<String>>,
    /// Free notes about it, as keys and texts.
    #[field(max(10), key_max(255), each_max(255), nullable_on_create)]
    pub metadata: Option<BTreeMap<String, String>>,
    /// What is secret of the options, each by its place there.
    #[field(write(Never), secret("read:connections"), hidden)]
    pub option_secrets: Option<BTreeMap<String, Secret>>,
}

impl Connection {
    /// The options of a database, as they were written; `None` for any other strategy.
    pub fn database_options(document: &Object) -> Option<Result<DatabaseOptions, serde_json::Error>> {
        (document.get("strategy").and_then(Value::as_str) == Some(DATABASE)).then(|| {
            static NONE: std::sync::LazyLock<Value> =
                std::sync::LazyLock::new(|| Value::Object(Object::new()));
            DatabaseOptions::deserialize(document.get("options").unwrap_or(&NONE))
        })
    }
}

/// That a client may use a connection.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("connection-clients"), id("id"), scope("connections"))]
pub struct ConnectionClient {
    /// Connection and client.
    #[field(write(Never))]
    pub id: Declared<String>,
    /// The connection.
    #[field(write(Never), max(128), lookup)]
    pub connection_id: String,
    /// The client.
    #[field(write(Never), max(128), lookup)]
    pub client_id: String,
}

/// The strategy of databases, and the provider that their people's identifiers name.
pub const DATABASE: &str = "auth0";

/// Something that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub struct Active {
    /// Whether it is on.
    pub active: bool,
    /// Whether it asks for tokens that work while nobody is there.
    pub cross_app_access: Option<bool>,
}

/// What kind of thing a connection connects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    Ad,
    Adfs,
    Amazon,
    Apple,
    Auth0,
    Auth0Oidc,
    Baidu,
    Bitbucket,
    Bitly,
    Box,
    Custom,
    Daccount,
    Dropbox,
    Dwolla,
    Email,
    Evernote,
    EvernoteSandbox,
    Exact,
    Facebook,
    Fitbit,
    Github,
    GoogleApps,
    GoogleOauth2,
    Instagram,
    Ip,
    Line,
    Linkedin,
    Oauth1,
    Oauth2,
    Office365,
    Oidc,
    Okta,
    Paypal,
    PaypalSandbox,
    Pingfederate,
    Planningcenter,
    Salesforce,
    SalesforceCommunity,
    SalesforceSandbox,
    Samlp,
    Sharepoint,
    Shop,
    Shopify,
    Sms,
    Soundcloud,
    Thirtysevensignals,
    Twitter,
    Untappd,
    Vkontakte,
    Waad,
    Weibo,
    Windowslive,
    Wordpress,
    Yahoo,
    Yandex,
}
