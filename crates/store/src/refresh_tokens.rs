//! Authorization codes and the refresh tokens that come of them. A family is what one login gave to one client; each
//! of its tokens replaces the one before, and stays known by its number. Whoever ends a family ends every token in it, also
//! one that is being made.

use crate::{
    db::{Db, Result, Row, Statement, Value},
    device_codes,
};

/// What [`family`] reads of `refresh_families f`.
macro_rules! columns {
    () => {
        "f.id, f.client_id, f.user_id, f.session_id, f.audience, f.body, f.metadata, f.created, f.used, f.generation,
         f.advanced, f.rotates, f.idle_expires, f.expires, f.initial_ip, f.initial_user_agent, f.last_ip,
         f.last_user_agent"
    };
}

/// Codes and refresh tokens of all tenants.
#[derive(Clone, Debug)]
pub struct RefreshTokens {
    db: Db,
}

/// An authorization code as it is stored; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The hash of the code.
    pub id: String,
    pub client_id: String,
    pub user_id: String,
    /// The session that it came of, or nothing.
    pub session_id: String,
    /// The family that its refresh tokens are of.
    pub family: String,
    pub body: String,
    pub expires: i64,
    /// When it was redeemed.
    pub used: Option<i64>,
}

/// What one login gave to one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    pub id: String,
    pub client_id: String,
    pub user_id: String,
    /// The session that it came of, or nothing.
    pub session_id: String,
    /// The API that its first access token was for.
    pub audience: Option<String>,
    pub body: String,
    pub metadata: Option<String>,
    pub created: i64,
    pub used: i64,
    /// The number of its newest token.
    pub generation: i64,
    /// When that was first reached.
    pub advanced: i64,
    /// Whether its tokens replace each other, if that is known.
    pub rotates: Option<bool>,
    /// When it ends if it is not used, never later than `expires`.
    pub idle_expires: i64,
    pub expires: i64,
    /// From where it was begun, and from where it was last used.
    pub initial: Device,
    pub last: Device,
}

/// From where somebody asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// One refresh token of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The hash of the token.
    pub id: String,
    pub family: String,
    /// Its number; each exchange makes the next.
    pub generation: i64,
    pub created: i64,
}

/// What is used up when a family begins.
#[derive(Clone, Copy, Debug)]
pub enum Redeemed<'a> {
    /// An authorization code, by its hash.
    Code(&'a str),
    /// A device code, by its hash.
    Device(&'a str),
    Nothing,
}

/// Some families of a tenant: of all that is named here, or all there are.
#[derive(Clone, Debug, Default)]
pub struct Which<'a> {
    pub ids: Option<&'a [String]>,
    pub user_id: Option<&'a str>,
    pub client_id: Option<&'a str>,
    pub audience: Option<&'a str>,
    pub session_id: Option<&'a str>,
}

impl RefreshTokens {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Keeps a code; [`Conflict`](crate::Error::Conflict) if the session that it came of has ended.
    pub async fn insert_code(&self, tenant: &str, code: AuthorizationCode) -> Result<()> {
        let sql = "insert into codes (tenant, id, client_id, family, body, expires, user_id, session_id)
                   select $1, $2, $3, $4, $5, cast($6 as bigint), $7, $8
                   where $8 = '' or exists (select 1 from sessions where tenant = $1 and id = $8)";
        let AuthorizationCode { id, client_id, user_id, session_id, family, body, expires, used: _ } = code;
        let arguments = vec![
            tenant.into(),
            id.into(),
            client_id.into(),
            family.into(),
            body.into(),
            expires.into(),
            user_id.into(),
            session_id.into(),
        ];
        self.db.commit(vec![Statement::new(sql, arguments).expecting(1)].into()).await.map(drop)
    }

    /// The code with this hash, whether or not it is still good.
    pub async fn code(&self, tenant: &str, id: &str) -> Result<Option<AuthorizationCode>> {
        let sql = "select id, client_id, user_id, session_id, family, body, expires, used from codes where tenant = $1 and id = $2";
        let code = |row: &Row| {
            Ok(AuthorizationCode {
                id: row.text(0)?,
                client_id: row.text(1)?,
                user_id: row.text(2)?,
                session_id: row.text(3)?,
                family: row.text(4)?,
                body: row.text(5)?,
                expires: row.int(6)?,
                used: row.opt_int(7)?,
            })
        };
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(code).transpose()
    }

    /// Uses something up, and keeps what it gives; [`Conflict`](crate::Error::Conflict) if somebody else was first. Of the
    /// families of one user and client only so many are kept, the newest.
    pub async fn redeem(
        &self,
        tenant: &str,
        redeemed: Redeemed<'_>,
        now: i64,
        given: Option<(Family, RefreshToken)>,
    ) -> Result<()> {
        let mut batch = Vec::new();
        match redeemed {
            Redeemed::Code(id) => {
                let sql = "update codes set used = $3 where tenant = $1 and id = $2 and used is null";
                batch.push(Statement::new(sql, vec![tenant.into(), id.into(), now.into()]).expecting(1));
            }
            Redeemed::Device(id) => batch.push(device_codes::take(tenant, id)),
            Redeemed::Nothing => {}
        }
        if let Some((family, token)) = given {
            batch.push(no_more_than(tenant, &family));
            batch.push(insert_family(tenant, family));
            batch.push(insert(tenant, token));
        }
        // What came by a password alone leaves nothing behind.
        if batch.is_empty() { Ok(()) } else { self.db.commit(batch.into()).await.map(drop) }
    }

    /// The token with this hash and its family, whether or not it is still good.
    pub async fn read(&self, tenant: &str, id: &str) -> Result<Option<(RefreshToken, Family)>> {
        let sql = concat!(
            "select ",
            columns!(),
            ", t.id, t.generation, t.created
             from refresh_tokens t join refresh_families f on f.tenant = t.tenant and f.id = t.family
             where t.tenant = $1 and t.id = $2"
        );
        let read = |row: &Row| {
            let family = family(row)?;
            let token = RefreshToken {
                id: row.text(COLUMNS)?,
                family: family.id.clone(),
                generation: row.int(COLUMNS + 1)?,
                created: row.int(COLUMNS + 2)?,
            };
            Ok((token, family))
        };
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(read).transpose()
    }

    /// The family of this name.
    pub async fn family(&self, tenant: &str, id: &str) -> Result<Option<Family>> {
        let sql =
            concat!("select ", columns!(), " from refresh_families f where f.tenant = $1 and f.id = $2");
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(family).transpose()
    }

    /// Families that have not ended, newest first, so many from behind a place on; a place is time and name of a family.
    pub async fn list(
        &self,
        tenant: &str,
        which: &Which<'_>,
        now: i64,
        behind: Option<(i64, &str)>,
        limit: i64,
    ) -> Result<Vec<Family>> {
        let mut arguments = vec![tenant.into()];
        let mut sql =
            concat!("select ", columns!(), " from refresh_families f where f.tenant = $1").to_owned();
        which.narrow(&mut sql, &mut arguments);
        arguments.push(now.into());
        sql += &format!(" and f.idle_expires > ${}", arguments.len());
        if let Some((created, id)) = behind {
            arguments.extend([created.into(), id.into()]);
            let (created, id) = (arguments.len() - 1, arguments.len());
            sql += &format!(" and (f.created < ${created} or f.created = ${created} and f.id > ${id})");
        }
        arguments.push(limit.into());
        sql += &format!(" order by f.created desc, f.id limit ${}", arguments.len());
        self.db.rows(sql, arguments).await?.iter().map(family).collect()
    }

    /// Takes a family from the state in which it was read to the next, with another token if there is one;
    /// [`Conflict`](crate::Error::Conflict) if it has ended or gone on meanwhile. Where the way of its tokens changes, all
    /// others of the old way end that are for the same user, client and API.
    pub async fn advance(
        &self,
        tenant: &str,
        from: &Family,
        to: Family,
        token: Option<RefreshToken>,
    ) -> Result<()> {
        let sql = "update refresh_families set used = $4, generation = $5, advanced = $6, rotates = $7,
                     idle_expires = $8, expires = $9, last_ip = $10, last_user_agent = $11
                   where tenant = $1 and id = $2 and generation = $3";
        let rotates = to.rotates.map(i64::from);
        // First, because its lock makes those who advance and those who end a family take turns.
        let mut batch = vec![
            Statement::new(
                sql,
                vec![
                    tenant.into(),
                    from.id.as_str().into(),
                    from.generation.into(),
                    to.used.into(),
                    to.generation.into(),
                    to.advanced.into(),
                    rotates.into(),
                    to.idle_expires.into(),
                    to.expires.into(),
                    to.last.ip.into(),
                    to.last.user_agent.into(),
                ],
            )
            .expecting(1),
        ];
        batch.extend(token.map(|token| insert(tenant, token)));
        if let (Some(before), Some(after)) = (from.rotates, to.rotates)
            && before != after
        {
            let sql = "delete from refresh_families where tenant = $1 and client_id = $2 and user_id = $3
                         and coalesce(audience, '') = $4 and rotates = $5 and id <> $6";
            let arguments = vec![
                tenant.into(),
                from.client_id.as_str().into(),
                from.user_id.as_str().into(),
                from.audience.clone().unwrap_or_default().into(),
                i64::from(before).into(),
                from.id.as_str().into(),
            ];
            batch.push(Statement::new(sql, arguments));
        }
        self.db.commit(batch.into()).await.map(drop)
    }

    /// Keeps other notes about a family; tells whether there is one.
    pub async fn note(&self, tenant: &str, id: &str, metadata: Option<String>) -> Result<bool> {
        let sql = "update refresh_families set metadata = $3 where tenant = $1 and id = $2";
        let note = Statement::new(sql, vec![tenant.into(), id.into(), metadata.into()]);
        let committed = self.db.commit(vec![note].into()).await?;
        Ok(committed.counts.first() == Some(&1))
    }

    /// Ends a family, if there is one of that name.
    pub async fn end(&self, tenant: &str, family: &str) -> Result<()> {
        let family = || vec![tenant.into(), family.into()];
        let batch = vec![
            Statement::new("delete from refresh_families where tenant = $1 and id = $2", family()),
            Statement::new("delete from refresh_tokens where tenant = $1 and family = $2", family()),
        ];
        self.db.commit(batch.into()).await.map(drop)
    }

    /// Ends some families, and the codes of which the like would have come; answers how many families that were. Their
    /// tokens belong to nothing then, and are swept up later.
    pub async fn end_some(&self, tenant: &str, which: &Which<'_>) -> Result<u64> {
        let mut batch = vec![which.delete(tenant, "refresh_families", "")];
        batch.extend(unredeemed(tenant, which));
        let committed = self.db.commit(batch.into()).await?;
        Ok(committed.counts.first().copied().unwrap_or_default())
    }

    /// Ends every family of a user.
    pub async fn end_all(&self, tenant: &str, user_id: &str) -> Result<()> {
        self.end_some(tenant, &Which { user_id: Some(user_id), ..Which::default() }).await.map(drop)
    }
}

/// Ends the codes and device codes of a person or a session that nobody has redeemed. Nothing else is known of a code.
pub(crate) fn unredeemed(tenant: &str, which: &Which<'_>) -> Vec<Statement> {
    let is_owned = which.user_id.is_some() || which.session_id.is_some();
    if !is_owned || which.ids.is_some() || which.audience.is_some() {
        return Vec::new();
    }
    // A code that was used betrays a thief when it comes again.
    vec![which.delete(tenant, "codes", " and f.used is null"), which.delete(tenant, "device_codes", "")]
}

impl Which<'_> {
    fn delete(&self, tenant: &str, table: &str, and: &str) -> Statement {
        let mut arguments = vec![tenant.into()];
        let mut sql = format!("delete from {table} as f where f.tenant = $1{and}");
        self.narrow(&mut sql, &mut arguments);
        Statement::new(sql, arguments)
    }

    fn narrow(&self, sql: &mut String, arguments: &mut Vec<Value>) {
        for (column, value) in [
            ("user_id", self.user_id),
            ("client_id", self.client_id),
            ("audience", self.audience),
            ("session_id", self.session_id),
        ] {
            if let Some(value) = value {
                arguments.push(value.into());
                *sql += &format!(" and f.{column} = ${}", arguments.len());
            }
        }
        if let Some(ids) = self.ids {
            let first = arguments.len() + 1;
            arguments.extend(ids.iter().map(|id| id.as_str().into()));
            let places: Vec<String> = (first..=arguments.len()).map(|place| format!("${place}")).collect();
            // A list of nothing is none, which not every database can say.
            *sql += &if places.is_empty() {
                " and 1 = 0".to_owned()
            } else {
                format!(" and f.id in ({})", places.join(", "))
            };
        }
    }
}

/// Makes room for one more family beside the others of its user and client: the oldest end.
fn no_more_than(tenant: &str, family: &Family) -> Statement {
    let sql = "delete from refresh_families where tenant = $1 and id in (
                 select id from refresh_families where tenant = $1 and client_id = $2 and user_id = $3
                 order by created desc, id limit 1000000 offset $4)";
    let (client_id, user_id) = (family.client_id.as_str().into(), family.user_id.as_str().into());
    Statement::new(sql, vec![tenant.into(), client_id, user_id, (MOST - 1).into()])
}

fn insert_family(tenant: &str, family: Family) -> Statement {
    let sql = "insert into refresh_families
               (tenant, id, client_id, user_id, session_id, audience, body, metadata, created, used, generation,
                advanced, rotates, idle_expires, expires, initial_ip, initial_user_agent, last_ip, last_user_agent)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    Statement::new(
        sql,
        vec![
            tenant.into(),
            family.id.into(),
            family.client_id.into(),
            family.user_id.into(),
            family.session_id.into(),
            family.audience.into(),
            family.body.into(),
            family.metadata.into(),
            family.created.into(),
            family.used.into(),
            family.generation.into(),
            family.advanced.into(),
            family.rotates.map(i64::from).into(),
            family.idle_expires.into(),
            family.expires.into(),
            family.initial.ip.into(),
            family.initial.user_agent.into(),
            family.last.ip.into(),
            family.last.user_agent.into(),
        ],
    )
}

fn insert(tenant: &str, token: RefreshToken) -> Statement {
    let sql =
        "insert into refresh_tokens (tenant, id, family, generation, created) values ($1, $2, $3, $4, $5)";
    let RefreshToken { id, family, generation, created } = token;
    Statement::new(sql, vec![tenant.into(), id.into(), family.into(), generation.into(), created.into()])
}

/// The family in the first columns of a row.
fn family(row: &Row) -> Result<Family> {
    Ok(Family {
        id: row.text(0)?,
        client_id: row.text(1)?,
        user_id: row.text(2)?,
        session_id: row.text(3)?,
        audience: row.opt_text(4)?,
        body: row.text(5)?,
        metadata: row.opt_text(6)?,
        created: row.int(7)?,
        used: row.int(8)?,
        generation: row.int(9)?,
        advanced: row.int(10)?,
        rotates: row.opt_int(11)?.map(|rotates| rotates == 1),
        idle_expires: row.int(12)?,
        expires: row.int(13)?,
        initial: Device { ip: row.opt_text(14)?, user_agent: row.opt_text(15)? },
        last: Device { ip: row.opt_text(16)?, user_agent: row.opt_text(17)? },
    })
}

/// How many columns a family has.
const COLUMNS: usize = 18;
/// How many families one user may have with one client.
const MOST: i64 = 200;
