//! Many clients in a store, by the thousand and not one by one: what `cargo xtask bench clients` fills it with. They are copies
//! of one that the server made itself, each with its own name, secret and grant.
//!
//! `bench-clients DATA_DIR CREDENTIALS`: the first line of the file of credentials, `id secret`, is the client to be copied.
#![expect(clippy::print_stdout, reason = "it speaks to the chore that ran it")]

use std::{
    error::Error,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    time::Instant,
};

use idp::{Change, Clock, Tenant, Tenants, tenants::DEFAULT_TENANT};
use model::{Client, ClientGrant};
use schema::{Object, Resource};
use serde_json::json;
use store::{Location, MasterKeys, Store, key_file};

type Done<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Done {
    let mut words = std::env::args().skip(1);
    let (folder, credentials) = words.next().zip(words.next()).ok_or("bench-clients DATA_DIR CREDENTIALS")?;
    let folder = Path::new(&folder);
    let store = Store::open(&Location::Sqlite { dir: folder.to_owned() }).await?;
    let master_keys = MasterKeys::from_text(&key_file::read(&folder.join("master.key"))?)?;
    let tenants = Tenants::attach(store.clone(), master_keys, Clock::System, Some(DEFAULT_TENANT)).await?;
    let tenant = tenants.named(DEFAULT_TENANT).ok_or("there is no default tenant")?;
    let mut credentials = BufReader::new(File::open(credentials)?).lines();
    let first = credentials.next().ok_or("there is nobody to be copied")??;
    let pattern = Pattern::of(&tenant, first.split(' ').next().unwrap_or_default()).await?;

    let (begun, mut made, mut changes) = (Instant::now(), 0, Vec::new());
    for line in credentials {
        let line = line?;
        let (id, secret) = line.split_once(' ').ok_or("a line is an identifier and a secret")?;
        made += 1;
        changes.extend(pattern.copied(id, secret, made)?);
        if changes.len() >= AT_ONCE {
            tenant.commit_unseen(std::mem::take(&mut changes)).await?;
        }
    }
    tenant.commit_unseen(changes).await?;
    // What changed is not told one by one to whoever starts now.
    tenants.forget_old_changes().await?;
    println!("{made} clients in {:.1} s", begun.elapsed().as_secs_f64());
    tenants.close().await;
    store.close().await;
    Ok(())
}

/// A client and a grant, as they are stored.
struct Pattern {
    client: Object,
    grant: Object,
}

impl Pattern {
    async fn of(tenant: &Tenant, id: &str) -> Done<Pattern> {
        let client = tenant.read(&Client::NOUN, id).await?.ok_or("there is no client to be copied")?;
        let grants = tenant.matching::<ClientGrant>("client_id", id).await?;
        let is_es256 = |grant: &Object| {
            grant.get("audience").is_some_and(|audience| audience.to_string().contains("es256"))
        };
        let grant = grants.into_iter().map(|grant| grant.body).find(is_es256).ok_or("it has no grant")?;
        Ok(Pattern { client: client.body, grant })
    }

    fn copied(&self, id: &str, secret: &str, number: usize) -> Done<[Change; 2]> {
        let mut client = self.client.clone();
        client.insert("client_id".into(), json!(id));
        client.insert("client_secret".into(), json!(secret));
        client.insert("name".into(), json!(format!("bench {number}")));
        let (mut grant, grant_id) = (self.grant.clone(), idp::id::client_grant());
        grant.insert("id".into(), json!(grant_id));
        grant.insert("client_id".into(), json!(id));
        let keys = ClientGrant::view(&grant)?.uniqueness();
        Ok([
            Change::create::<Client>(id, client),
            Change::create::<ClientGrant>(grant_id, grant).with_keys(keys),
        ])
    }
}

/// How many documents are written with one flush of the disk.
const AT_ONCE: usize = 2000;
