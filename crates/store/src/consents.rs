//! What people have consented to: which scopes of which API a client may have in their name. One row for a person, a
//! client and an API; what is consented to later is added to it.

use crate::db::{Db, Error, Result, Row, Statement, Value};

/// The consents of all tenants.
#[derive(Clone, Debug)]
pub struct Consents {
    db: Db,
}

/// What somebody has consented to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub id: String,
    pub user_id: String,
    pub client_id: String,
    pub audience: String,
    /// Space-separated.
    pub scope: String,
    /// Microseconds since 1970.
    pub created: i64,
}

/// Which consents: those that have all of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentsOf {
    pub user_id: Option<String>,
    pub client_id: Option<String>,
    pub audience: Option<String>,
}

impl Consents {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// What a person has consented to for a client and an API.
    pub async fn given(
        &self,
        tenant: &str,
        user_id: &str,
        client_id: &str,
        audience: &str,
    ) -> Result<Option<Consent>> {
        let sql = "select id, user_id, client_id, audience, scope, created from consents
                   where tenant = $1 and user_id = $2 and client_id = $3 and audience = $4";
        let arguments = vec![tenant.into(), user_id.into(), client_id.into(), audience.into()];
        self.db.rows(sql, arguments).await?.first().map(consent).transpose()
    }

    /// The consent with this identifier.
    pub async fn read(&self, tenant: &str, id: &str) -> Result<Option<Consent>> {
        let sql = "select id, user_id, client_id, audience, scope, created from consents
                   where tenant = $1 and id = $2";
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(consent).transpose()
    }

    /// Keeps a consent, in place of the one that was read; [`Error::Conflict`] if that is not what it was.
    pub async fn put(&self, tenant: &str, consent: &Consent, read: Option<&Consent>) -> Result<()> {
        let Consent { id, user_id, client_id, audience, scope, created } = consent;
        if [tenant, id, user_id, client_id, audience].iter().map(|part| part.len()).sum::<usize>() > LONGEST {
            return Err(Error::TooLong { what: "the identifiers together".to_owned() });
        }
        let statement = match read {
            None => {
                let sql = "insert into consents (tenant, id, user_id, client_id, audience, scope, created)
                           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
                let arguments = [id, user_id, client_id, audience, scope].map(|text| text.as_str().into());
                let arguments: Vec<Value> =
                    [tenant.into()].into_iter().chain(arguments).chain([(*created).into()]).collect();
                Statement::new(sql, arguments)
            }
            Some(read) => {
                let sql = "update consents set scope = $3 where tenant = $1 and id = $2 and scope = $4";
                let arguments = [tenant, &read.id, scope, &read.scope].into_iter().map(Into::into).collect();
                Statement::new(sql, arguments)
            }
        };
        self.db.commit(vec![statement.expecting(1)].into()).await.map(drop)
    }

    /// A part of the list, oldest first.
    pub async fn page(&self, tenant: &str, of: &ConsentsOf, offset: i64, limit: i64) -> Result<Vec<Consent>> {
        let (condition, mut arguments) = of.condition(tenant);
        arguments.extend([limit.max(0).into(), offset.max(0).into()]);
        let (limit, offset) = (arguments.len() - 1, arguments.len());
        let sql = format!(
            "select id, user_id, client_id, audience, scope, created from consents where {condition}
             order by created, id limit ${limit} offset ${offset}"
        );
        self.db.rows(sql, arguments).await?.iter().map(consent).collect()
    }

    /// How many there are.
    pub async fn count(&self, tenant: &str, of: &ConsentsOf) -> Result<i64> {
        let (condition, arguments) = of.condition(tenant);
        let rows =
            self.db.rows(format!("select count(*) from consents where {condition}"), arguments).await?;
        rows.first().ok_or_else(|| Error::database("a count without a row"))?.int(0)
    }

    /// Forgets them, and ends every family of refresh tokens that they gave.
    pub async fn end(&self, tenant: &str, consents: &[Consent]) -> Result<()> {
        let statements = consents.iter().flat_map(|consent| {
            let forget = "delete from consents where tenant = $1 and id = $2";
            // The tokens that are left behind belong to nothing; they go when they would have ended.
            let end = "delete from refresh_families where tenant = $1 and user_id = $2 and client_id = $3";
            let whose =
                vec![tenant.into(), consent.user_id.as_str().into(), consent.client_id.as_str().into()];
            [
                Statement::new(forget, vec![tenant.into(), consent.id.as_str().into()]),
                Statement::new(end, whose),
            ]
        });
        self.db.commit(statements.collect::<Vec<_>>().into()).await.map(drop)
    }
}

impl ConsentsOf {
    fn condition(&self, tenant: &str) -> (String, Vec<Value>) {
        let mut condition = "tenant = $1".to_owned();
        let mut arguments: Vec<Value> = vec![tenant.into()];
        for (column, value) in
            [("user_id", &self.user_id), ("client_id", &self.client_id), ("audience", &self.audience)]
        {
            if let Some(value) = value {
                arguments.push(value.as_str().into());
                condition.push_str(&format!(" and {column} = ${}", arguments.len()));
            }
        }
        (condition, arguments)
    }
}

fn consent(row: &Row) -> Result<Consent> {
    Ok(Consent {
        id: row.text(0)?,
        user_id: row.text(1)?,
        client_id: row.text(2)?,
        audience: row.text(3)?,
        scope: row.text(4)?,
        created: row.int(5)?,
    })
}

/// PostgreSQL refuses index entries beyond 2,704 bytes.
const LONGEST: usize = 2_400;
