//! Who has which role, and what roles and people may do. Roles, people and APIs are documents; a tie holds two of them
//! together, comes in any number, and leaves no line in the list of changes. It never asks what a permission permits.

use crate::db::{Db, Error, Result, Row, Statement, Value};
use crate::documents::Span;

/// The ties of all tenants.
#[derive(Clone, Debug)]
pub struct Ties {
    db: Db,
}

/// One tie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tie {
    /// A person has a role.
    Role { user_id: String, role_id: String },
    /// A role or a person may do something with an API.
    Permission { holder: String, audience: String, name: String },
}

/// What goes with a document that goes, or with a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// All that a person has and has consented to.
    User(String),
    /// Whatever has to do with a role.
    Role(String),
    /// Whatever may be done with an API, who has consented to it, and refresh tokens for it.
    Audience(String),
    /// One thing that may be done with an API.
    Permission { audience: String, name: String },
    /// What people have consented to for a client, and the refresh tokens that it has.
    Client(String),
}

/// A permission, and who gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub audience: String,
    pub name: String,
    /// The role or the person.
    pub holder: String,
}

/// Somebody who has a role, and since when, in microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub user_id: String,
    pub created: i64,
}

impl Ties {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// What a person may do with an API, of themselves and through roles, each once.
    pub async fn permissions(&self, tenant: &str, user_id: &str, audience: &str) -> Result<Vec<String>> {
        let sql = "select name from permissions where tenant = $1 and holder = $2 and audience = $3
                   union
                   select p.name from user_roles r
                     join permissions p on p.tenant = r.tenant and p.holder = r.role_id and p.audience = $3
                     where r.tenant = $1 and r.user_id = $2
                   order by 1";
        let arguments = vec![tenant.into(), user_id.into(), audience.into()];
        self.db.rows(sql, arguments).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Every permission of a person and where each comes from, one line for each source.
    pub async fn sources(&self, tenant: &str, user_id: &str) -> Result<Vec<Held>> {
        let sql = "select audience, name, holder, created from permissions where tenant = $1 and holder = $2
                   union all
                   select p.audience, p.name, p.holder, p.created from user_roles r
                     join permissions p on p.tenant = r.tenant and p.holder = r.role_id
                     where r.tenant = $1 and r.user_id = $2
                   order by 1, 2, 4, 3";
        self.db.rows(sql, vec![tenant.into(), user_id.into()]).await?.iter().map(held).collect()
    }

    /// A part of the permissions of a role or a person, in the order in which they came.
    pub async fn held(&self, tenant: &str, holder: &str, offset: i64, limit: i64) -> Result<Vec<Held>> {
        let sql = "select audience, name, holder from permissions where tenant = $1 and holder = $2
                   order by created, audience, name limit $3 offset $4";
        let arguments = vec![tenant.into(), holder.into(), limit.max(0).into(), offset.max(0).into()];
        self.db.rows(sql, arguments).await?.iter().map(held).collect()
    }

    /// How many permissions a role or a person has.
    pub async fn count_held(&self, tenant: &str, holder: &str) -> Result<i64> {
        let sql = "select count(*) from permissions where tenant = $1 and holder = $2";
        self.count(sql, tenant, holder).await
    }

    /// A part of the roles of a person, in the order in which they came.
    pub async fn roles(&self, tenant: &str, user_id: &str, offset: i64, limit: i64) -> Result<Vec<String>> {
        let sql = "select role_id from user_roles where tenant = $1 and user_id = $2
                   order by created, role_id limit $3 offset $4";
        let arguments = vec![tenant.into(), user_id.into(), limit.max(0).into(), offset.max(0).into()];
        self.db.rows(sql, arguments).await?.iter().map(|row| row.text(0)).collect()
    }

    /// How many roles a person has.
    pub async fn count_roles(&self, tenant: &str, user_id: &str) -> Result<i64> {
        self.count("select count(*) from user_roles where tenant = $1 and user_id = $2", tenant, user_id)
            .await
    }

    /// A part of those who have a role, in the order in which they came to it.
    pub async fn members(&self, tenant: &str, role_id: &str, span: Span) -> Result<Vec<Member>> {
        let member = |row: &Row| Ok(Member { user_id: row.text(0)?, created: row.int(1)? });
        let mut arguments: Vec<Value> = vec![tenant.into(), role_id.into()];
        let sql = match span {
            Span::Offset { offset, limit } => {
                arguments.extend([limit.max(0).into(), offset.max(0).into()]);
                "select user_id, created from user_roles where tenant = $1 and role_id = $2
                 order by created, user_id limit $3 offset $4"
            }
            Span::After { after, limit } => {
                let (created, user_id) = after.unwrap_or((i64::MIN, String::new()));
                arguments.extend([limit.max(0).into(), created.into(), user_id.into()]);
                "select user_id, created from user_roles where tenant = $1 and role_id = $2
                 and (created, user_id) > ($4, $5) order by created, user_id limit $3"
            }
        };
        self.db.rows(sql, arguments).await?.iter().map(member).collect()
    }

    /// How many people have a role.
    pub async fn count_members(&self, tenant: &str, role_id: &str) -> Result<i64> {
        self.count("select count(*) from user_roles where tenant = $1 and role_id = $2", tenant, role_id)
            .await
    }

    async fn count(&self, sql: &'static str, tenant: &str, of: &str) -> Result<i64> {
        let rows = self.db.rows(sql, vec![tenant.into(), of.into()]).await?;
        rows.first().ok_or_else(|| Error::database("a count without a row"))?.int(0)
    }
}

/// Ties, unless they are tied already.
pub(crate) fn tie(tenant: &str, tie: Tie, created: i64) -> Result<Statement> {
    Ok(match tie {
        Tie::Role { user_id, role_id } => {
            within(&[tenant, &user_id, &role_id])?;
            let sql = "insert into user_roles (tenant, user_id, role_id, created) values ($1, $2, $3, $4)
                       on conflict do nothing";
            Statement::new(sql, vec![tenant.into(), user_id.into(), role_id.into(), created.into()])
        }
        Tie::Permission { holder, audience, name } => {
            within(&[tenant, &holder, &audience, &name])?;
            let sql = "insert into permissions (tenant, holder, audience, name, created)
                       values ($1, $2, $3, $4, $5) on conflict do nothing";
            let arguments = vec![tenant.into(), holder.into(), audience.into(), name.into(), created.into()];
            Statement::new(sql, arguments)
        }
    })
}

/// Unties, if they are tied.
pub(crate) fn untie(tenant: &str, tie: Tie) -> Statement {
    match tie {
        Tie::Role { user_id, role_id } => {
            let sql = "delete from user_roles where tenant = $1 and user_id = $2 and role_id = $3";
            Statement::new(sql, vec![tenant.into(), user_id.into(), role_id.into()])
        }
        Tie::Permission { holder, audience, name } => {
            let sql =
                "delete from permissions where tenant = $1 and holder = $2 and audience = $3 and name = $4";
            Statement::new(sql, vec![tenant.into(), holder.into(), audience.into(), name.into()])
        }
    }
}

/// Forgets all that was tied to it.
pub(crate) fn forget(tenant: &str, forgotten: Forgotten) -> Vec<Statement> {
    let (id, texts): (String, &[&'static str]) = match forgotten {
        Forgotten::User(id) => (
            id,
            &[
                "delete from user_roles where tenant = $1 and user_id = $2",
                "delete from permissions where tenant = $1 and holder = $2",
                "delete from consents where tenant = $1 and user_id = $2",
            ],
        ),
        Forgotten::Role(id) => (
            id,
            &[
                "delete from user_roles where tenant = $1 and role_id = $2",
                "delete from permissions where tenant = $1 and holder = $2",
            ],
        ),
        Forgotten::Audience(audience) => (
            audience,
            &[
                "delete from permissions where tenant = $1 and audience = $2",
                "delete from consents where tenant = $1 and audience = $2",
                "delete from refresh_families where tenant = $1 and audience = $2",
            ],
        ),
        Forgotten::Client(id) => (
            id,
            &[
                "delete from consents where tenant = $1 and client_id = $2",
                "delete from refresh_families where tenant = $1 and client_id = $2",
                "delete from device_codes where tenant = $1 and client_id = $2",
            ],
        ),
        Forgotten::Permission { audience, name } => {
            let sql = "delete from permissions where tenant = $1 and audience = $2 and name = $3";
            return vec![Statement::new(sql, vec![tenant.into(), audience.into(), name.into()])];
        }
    };
    texts.iter().map(|sql| Statement::new(*sql, vec![tenant.into(), id.as_str().into()])).collect()
}

fn held(row: &Row) -> Result<Held> {
    Ok(Held { audience: row.text(0)?, name: row.text(1)?, holder: row.text(2)? })
}

/// PostgreSQL refuses index entries beyond 2,704 bytes.
fn within(parts: &[&str]) -> Result<()> {
    match parts.iter().map(|part| part.len()).sum::<usize>() > LONGEST {
        true => Err(Error::TooLong { what: "the identifiers together".to_owned() }),
        false => Ok(()),
    }
}

const LONGEST: usize = 2_400;
