//! When and from where each secret, key or certificate of a client was used last. It is kept in memory, beside the client,
//! and written every few seconds; proving a client waits for nothing here.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::CredentialUse;

use crate::{Result, Tenant, snapshot::RegisteredClient, token::Proved};

/// The uses of one client that are not written yet, the last of each credential.
#[derive(Debug, Default)]
pub struct Uses(Mutex<Vec<Use>>);

/// The clients with uses that are not written yet.
#[derive(Default)]
pub struct Unwritten(Mutex<Vec<Arc<RegisteredClient>>>);

#[derive(Debug)]
struct Use {
    credential: Cow<'static, str>,
    /// Milliseconds since 1970.
    at: i64,
    ip: Option<IpAddr>,
}

impl Tenant {
    /// Notes with what a client proved itself just now.
    pub(crate) fn used(&self, proved: &Proved, ip: Option<IpAddr>) {
        let Proved { client, credential: Some(credential), .. } = proved else { return };
        let at = self.clock().now_ms();
        let mut uses = locked(&client.uses.0);
        if let Some(last) = uses.iter_mut().find(|last| last.credential == *credential) {
            (last.at, last.ip) = (at, ip);
            return;
        }
        let is_first = uses.is_empty();
        uses.push(Use { credential: credential.clone(), at, ip });
        drop(uses);
        if is_first {
            locked(&self.0.unwritten.0).push(client.clone());
        }
    }

    /// Writes what this node has noted.
    pub async fn write_credential_uses(&self) -> Result<()> {
        let clients = std::mem::take(&mut *locked(&self.0.unwritten.0));
        for some in clients.chunks(AT_ONCE) {
            let uses = some.iter().flat_map(|client| {
                let taken = std::mem::take(&mut *locked(&client.uses.0));
                taken.into_iter().map(|last| CredentialUse {
                    client_id: client.view.client_id.clone(),
                    credential: last.credential.into_owned(),
                    at: last.at,
                    ip: last.ip.map(|ip| ip.to_string()),
                })
            });
            self.store().credential_uses().note(self.name(), uses.collect()).await?;
        }
        Ok(())
    }

    /// The last use of each credential of a client; other nodes' uses of the last seconds are not known yet.
    pub async fn credential_uses(&self, client_id: &str) -> Result<Vec<CredentialUse>> {
        self.write_credential_uses().await?;
        Ok(self.store().credential_uses().of(self.name(), client_id).await?)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many clients' uses are written in one batch.
const AT_ONCE: usize = 200;
