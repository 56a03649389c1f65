//! When and from where clients proved themselves last, by the secret, key or certificate that they used.

use crate::db::{Db, Result, Statement};

/// Last uses of all tenants.
#[derive(Clone, Debug)]
pub struct CredentialUses {
    db: Db,
}

/// The last use of one credential of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialUse {
    pub client_id: String,
    pub credential: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub ip: Option<String>,
}

impl CredentialUses {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Notes uses; of two nodes' the later one stays.
    pub async fn note(&self, tenant: &str, uses: Vec<CredentialUse>) -> Result<()> {
        let sql = "insert into credential_uses (tenant, client_id, credential, used_at, ip)
                   values ($1, $2, $3, $4, $5)
                   on conflict (tenant, client_id, credential) do update set
                     used_at = excluded.used_at, ip = excluded.ip
                   where credential_uses.used_at < excluded.used_at";
        let note = |one: CredentialUse| {
            let CredentialUse { client_id, credential, at, ip } = one;
            Statement::new(
                sql,
                vec![tenant.into(), client_id.into(), credential.into(), at.into(), ip.into()],
            )
        };
        self.db.commit(uses.into_iter().map(note).collect::<Vec<_>>().into()).await.map(drop)
    }

    /// The last use of each credential of a client.
    pub async fn of(&self, tenant: &str, client_id: &str) -> Result<Vec<CredentialUse>> {
        let sql = "select credential, used_at, ip from credential_uses
                   where tenant = $1 and client_id = $2 order by credential";
        let rows = self.db.rows(sql, vec![tenant.into(), client_id.into()]).await?;
        let read = |row: &crate::db::Row| {
            let client_id = client_id.to_owned();
            Ok(CredentialUse { client_id, credential: row.text(0)?, at: row.int(1)?, ip: row.opt_text(2)? })
        };
        rows.iter().map(read).collect()
    }
}
