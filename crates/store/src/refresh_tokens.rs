//! Authorization codes and the refresh tokens that come of them. A family is what one login gave to one client; each
//! of its tokens replaces the one before. Whoever ends a family ends every token in it, also one that is being made.

use crate::db::{Db, Result, Row, Statement};

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
    pub session_id: String,
    pub body: String,
    pub created: i64,
    pub expires: i64,
}

/// One refresh token of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The hash of the token.
    pub id: String,
    pub family: String,
    pub generation: i64,
    pub created: i64,
    /// When it ends if it is not used, never later than its family.
    pub idle_expires: i64,
    /// When another took its place.
    pub replaced: Option<i64>,
}

impl RefreshTokens {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn insert_code(&self, tenant: &str, code: AuthorizationCode) -> Result<()> {
        let sql = "insert into codes (tenant, id, client_id, family, body, expires) values ($1, $2, $3, $4, $5, $6)";
        let AuthorizationCode { id, client_id, family, body, expires, used: _ } = code;
        let arguments =
            vec![tenant.into(), id.into(), client_id.into(), family.into(), body.into(), expires.into()];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// The code with this hash, whether or not it is still good.
    pub async fn code(&self, tenant: &str, id: &str) -> Result<Option<AuthorizationCode>> {
        let sql =
            "select id, client_id, family, body, expires, used from codes where tenant = $1 and id = $2";
        let code = |row: &Row| {
            Ok(AuthorizationCode {
                id: row.text(0)?,
                client_id: row.text(1)?,
                family: row.text(2)?,
                body: row.text(3)?,
                expires: row.int(4)?,
                used: row.opt_int(5)?,
            })
        };
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(code).transpose()
    }

    /// Uses a code up, and keeps what it gives; [`Conflict`](crate::Error::Conflict) if somebody else was first.
    pub async fn redeem(
        &self,
        tenant: &str,
        code: &str,
        now: i64,
        given: Option<(Family, RefreshToken)>,
    ) -> Result<()> {
        let sql = "update codes set used = $3 where tenant = $1 and id = $2 and used is null";
        let mut batch = vec![Statement::new(sql, vec![tenant.into(), code.into(), now.into()]).expecting(1)];
        if let Some((family, token)) = given {
            let sql = "insert into refresh_families
                       (tenant, id, client_id, user_id, session_id, body, created, used, expires)
                       values ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
            let Family { id, client_id, user_id, session_id, body, created, expires } = family;
            batch.push(Statement::new(
                sql,
                vec![
                    tenant.into(),
                    id.into(),
                    client_id.into(),
                    user_id.into(),
                    session_id.into(),
                    body.into(),
                    created.into(),
                    expires.into(),
                ],
            ));
            batch.push(insert(tenant, token));
        }
        self.db.commit(batch.into()).await.map(drop)
    }

    /// The token with this hash and its family, whether or not it is still good.
    pub async fn read(&self, tenant: &str, id: &str) -> Result<Option<(RefreshToken, Family)>> {
        let sql = "select t.id, t.family, t.generation, t.created, t.idle_expires, t.replaced,
                     f.client_id, f.user_id, f.session_id, f.body, f.created, f.expires
                   from refresh_tokens t join refresh_families f on f.tenant = t.tenant and f.id = t.family
                   where t.tenant = $1 and t.id = $2";
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(token).transpose()
    }

    /// Puts a token in the place of another; [`Conflict`](crate::Error::Conflict) if its family has ended, or if
    /// the other has been replaced meanwhile.
    pub async fn rotate(&self, tenant: &str, old: &RefreshToken, new: RefreshToken) -> Result<()> {
        // First, because its lock makes those who rotate and those who end a family take turns.
        let mut batch = vec![used(tenant, &old.family, new.created)];
        if old.replaced.is_none() {
            let sql =
                "update refresh_tokens set replaced = $3 where tenant = $1 and id = $2 and replaced is null";
            let arguments = vec![tenant.into(), old.id.as_str().into(), new.created.into()];
            batch.push(Statement::new(sql, arguments).expecting(1));
        }
        batch.push(insert(tenant, new));
        self.db.commit(batch.into()).await.map(drop)
    }

    /// Notes that a token was used that none replaces, and when it now ends if it is not used again.
    pub async fn extend(
        &self,
        tenant: &str,
        token: &RefreshToken,
        now: i64,
        idle_expires: i64,
    ) -> Result<()> {
        let sql = "update refresh_tokens set idle_expires = $3 where tenant = $1 and id = $2";
        let arguments = vec![tenant.into(), token.id.as_str().into(), idle_expires.into()];
        let extend = Statement::new(sql, arguments).expecting(1);
        self.db.commit(vec![used(tenant, &token.family, now), extend].into()).await.map(drop)
    }

    /// Whether a token that came after this one has been replaced as well.
    pub async fn is_long_replaced(&self, tenant: &str, token: &RefreshToken) -> Result<bool> {
        let sql = "select id from refresh_tokens
                   where tenant = $1 and family = $2 and generation > $3 and replaced is not null limit 1";
        let arguments = vec![tenant.into(), token.family.as_str().into(), token.generation.into()];
        Ok(!self.db.rows(sql, arguments).await?.is_empty())
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

    /// Ends every family of a user.
    pub async fn end_all(&self, tenant: &str, user_id: &str) -> Result<()> {
        // The tokens that are left behind belong to nothing; they go when they would have ended.
        let sql = "delete from refresh_families where tenant = $1 and user_id = $2";
        let end = Statement::new(sql, vec![tenant.into(), user_id.into()]);
        self.db.commit(vec![end].into()).await.map(drop)
    }
}

fn used(tenant: &str, family: &str, now: i64) -> Statement {
    let sql = "update refresh_families set used = $3 where tenant = $1 and id = $2";
    Statement::new(sql, vec![tenant.into(), family.into(), now.into()]).expecting(1)
}

fn insert(tenant: &str, token: RefreshToken) -> Statement {
    let sql = "insert into refresh_tokens (tenant, id, family, generation, created, idle_expires)
               values ($1, $2, $3, $4, $5, $6)";
    let RefreshToken { id, family, generation, created, idle_expires, replaced: _ } = token;
    let arguments =
        vec![tenant.into(), id.into(), family.into(), generation.into(), created.into(), idle_expires.into()];
    Statement::new(sql, arguments)
}

fn token(row: &Row) -> Result<(RefreshToken, Family)> {
    let token = RefreshToken {
        id: row.text(0)?,
        family: row.text(1)?,
        generation: row.int(2)?,
        created: row.int(3)?,
        idle_expires: row.int(4)?,
        replaced: row.opt_int(5)?,
    };
    let family = Family {
        id: token.family.clone(),
        client_id: row.text(6)?,
        user_id: row.text(7)?,
        session_id: row.text(8)?,
        body: row.text(9)?,
        created: row.int(10)?,
        expires: row.int(11)?,
    };
    Ok((token, family))
}
