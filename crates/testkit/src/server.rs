//! A server in process: every door behind host resolution, on a store that is removed with it. The front is
//! the binary's own.

use std::{fs, ops::Deref, path::Path, sync::Arc, time::Duration};

use actions::{Config, Program, Sandbox};
use axum::{extract::Request, response::Response};
use bytes::Bytes;
use idp::{Clock, Tenant, Tenants, tenants::DEFAULT_TENANT};
use schema::Object;
use server::front::{Front, RateLimits};
use server::health::Health;
use store::{Location, MasterKeys, Store, scratch::ScratchStore};
use tokio::sync::OnceCell;
use tower::ServiceExt;
use web::{Connection, RateLimit, TrustedProxies};

use crate::{Answer, Caller};

/// The domain of the default tenant; the other one is a name below it.
pub const BASE_DOMAIN: &str = "idp.example";
/// The name of the second tenant of every server.
pub const OTHER: &str = "other";
/// The one proxy whose forwarded headers every server here believes.
pub const PROXY: &str = "192.0.2.254";
/// Where callers are.
pub const PEER: ([u8; 4], u16) = ([203, 0, 113, 7], 50_000);
/// Where the clock stands, in milliseconds since 1970: 2026-07-01T12:00:00.250Z.
pub const STARTED: i64 = 1_782_907_200_250;

/// A server with two tenants, [`DEFAULT_TENANT`] and [`OTHER`]. Clones share it.
#[derive(Clone)]
pub struct TestServer(Arc<Inner>);

struct Inner {
    tenants: Tenants,
    front: Front,
    scratch: Arc<ScratchStore>,
}

/// One tenant of a server, as its owner calls it.
#[derive(Clone)]
pub struct TestTenant {
    server: TestServer,
    tenant: Tenant,
}

impl TestTenant {
    /// The default tenant of a server of its own.
    pub async fn new() -> Self {
        TestServer::new().await.tenant(DEFAULT_TENANT)
    }

    /// The other tenant of the same server.
    pub fn other(&self) -> TestTenant {
        self.server.tenant(OTHER)
    }

    pub fn server(&self) -> &TestServer {
        &self.server
    }

    /// Whoever has this access token.
    pub fn with_token(&self, token: impl Into<String>) -> Caller {
        Caller::new(self.clone(), Some(token.into()))
    }

    /// Whoever has no token at all.
    pub fn without_token(&self) -> Caller {
        Caller::new(self.clone(), None)
    }

    /// Whoever owns the data folder: every scope of the Management API.
    pub fn as_owner(&self) -> Caller {
        self.with_token(self.owner_token())
    }

    pub fn owner_token(&self) -> String {
        idp::owner::token(&self.tenant).expect("a tenant of ours can sign for its owner")
    }

    /// Whoever has just these scopes of the Management API, ours among them.
    pub fn allowed(&self, scopes: &[&str]) -> Caller {
        let token = idp::owner::token_with(&self.tenant, scopes);
        self.with_token(token.expect("a tenant of ours can sign for its owner"))
    }

    /// Moves the server's clock on by this many milliseconds.
    pub fn later(&self, ms: i64) {
        self.tenant.clock().advance(ms);
    }
}

impl Deref for TestTenant {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

impl TestServer {
    pub async fn new() -> Self {
        Self::limited(AMPLE, AMPLE).await
    }

    /// A server whose Management API takes so many requests at once, and so many a second.
    pub async fn limited(burst: u32, per_second: u32) -> Self {
        let scratch = store::scratch::location().await;
        if let Location::Sqlite { dir } = &scratch.location {
            for (name, content) in FURNISHED.get_or_init(furnished).await {
                fs::write(dir.join(name), content).expect("a scratch directory can be written");
            }
        }
        Self::on(Arc::new(scratch), BASE_DOMAIN, [bucket(burst, per_second), bucket(AMPLE, AMPLE)]).await
    }

    /// The same installation, whose Authentication API takes so many requests at once, and so many a second.
    pub async fn slowed(&self, burst: u32, per_second: u32) -> Self {
        let limits = [bucket(AMPLE, AMPLE), bucket(burst, per_second)];
        Self::on(self.0.scratch.clone(), BASE_DOMAIN, limits).await
    }

    /// The same installation as another process sees it: all that is shared is the store.
    pub async fn another_node(&self) -> Self {
        self.moved_to(BASE_DOMAIN).await
    }

    /// The same installation, started anew under another domain.
    pub async fn moved_to(&self, domain: &str) -> Self {
        Self::on(self.0.scratch.clone(), domain, [bucket(AMPLE, AMPLE), bucket(AMPLE, AMPLE)]).await
    }

    pub fn tenant(&self, name: &str) -> TestTenant {
        let tenant = self.0.tenants.named(name).expect("a server has the tenants it was made with");
        TestTenant { server: self.clone(), tenant }
    }

    pub fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    /// Nothing that is stored contradicts anything else.
    pub async fn must_fit_together(&self) {
        let report = idp::consistency::check(&self.0.tenants).await.expect("the store answers");
        assert!(report.documents > 0 && report.misfits.is_empty(), "{:#?}", report.misfits);
    }

    /// Where the store is.
    pub fn location(&self) -> &Location {
        &self.0.scratch.location
    }

    /// Answers one request as the binary would.
    pub async fn send(&self, request: Request) -> Answer {
        Answer::read(self.respond(request).await).await
    }

    /// The same, with the answer's body still to be read. It goes over HTTPS unless the request says otherwise.
    pub async fn respond(&self, mut request: Request) -> Response {
        request.extensions_mut().get_or_insert(Connection {
            peer: PEER.into(),
            tls: true,
            certificate: None,
        });
        let Ok(response) = self.0.front.clone().oneshot(request).await;
        response
    }

    async fn on(
        scratch: Arc<ScratchStore>,
        domain: &str,
        [management, authentication]: [RateLimit; 2],
    ) -> Self {
        let tenants = tenants(&scratch.location, domain).await;
        if tenants.named(OTHER).is_none() {
            tenants.create(OTHER, Object::new()).await.expect("a second tenant can be made");
        }
        tenants.run_scripts_in(sandbox());
        let trusted = TrustedProxies::try_from(vec![PROXY.to_owned()]).expect("the proxy has an address");
        let limits = RateLimits { management, authentication };
        let front =
            Front::new(tenants.clone(), Arc::new(trusted), limits, false).saying(&Health::of(&tenants));
        TestServer(Arc::new(Inner { tenants, front, scratch }))
    }
}

fn bucket(burst: u32, per_second: u32) -> RateLimit {
    let [burst, per_second] =
        [burst, per_second].map(|n| n.try_into().expect("a limit of nothing is no limit"));
    RateLimit { burst, per_second }
}

async fn tenants(at: &Location, domain: &str) -> Tenants {
    let store = Store::open(at).await.expect("a scratch store can be opened");
    let ring = MasterKeys::from_text(MASTER_KEY).expect("the key below is one");
    let opened = Tenants::open(store, ring, Clock::stopped(STARTED), domain, None).await;
    opened.expect("tenants can be loaded from a scratch store")
}

/// Customers' code runs in the worker that is built beside the suite.
fn sandbox() -> Sandbox {
    let suite = std::env::current_exe().expect("a test knows where it is");
    let folder = suite.ancestors().nth(2).expect("a test is built into target/…/deps");
    let program = Program { path: folder.join("testkit-sandbox-worker"), arguments: Vec::new() };
    let processor = Duration::from_millis(500);
    Sandbox::start(Config { program, workers: 2, memory: 32 * 1024 * 1024, processor })
}

/// The files of a store with both tenants: finding their RSA keys once is enough.
async fn furnished() -> Vec<(String, Bytes)> {
    let scratch = store::scratch::sqlite();
    let tenants = tenants(&scratch.location, BASE_DOMAIN).await;
    tenants.create(OTHER, Object::new()).await.expect("a second tenant can be made");
    tenants.close().await;
    tenants.store().clone().close().await;
    let Location::Sqlite { dir } = &scratch.location else { return Vec::new() };
    files(dir)
}

fn files(dir: &Path) -> Vec<(String, Bytes)> {
    let entries = fs::read_dir(dir).expect("a scratch directory can be read").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    // A store that was closed has folded its journals into these, whether or not they are gone yet.
    let databases = names.filter(|name| name.ends_with(".db"));
    let read = |name: String| {
        let content = fs::read(dir.join(&name)).expect("a store's file can be read");
        (name, content.into())
    };
    databases.map(read).collect()
}

static FURNISHED: OnceCell<Vec<(String, Bytes)>> = OnceCell::const_new();
/// More requests than any test makes.
const AMPLE: u32 = 1_000_000;
const MASTER_KEY: &str = "test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
