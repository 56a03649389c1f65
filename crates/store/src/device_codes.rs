//! Devices that wait while their users allow them something elsewhere. What a code means lies in its body, which nothing
//! here reads.

use crate::db::{Db, Result, Row, Statement};

/// Device codes of all tenants.
#[derive(Clone, Debug)]
pub struct DeviceCodes {
    db: Db,
}

/// A device code as it is stored; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// The hash of the code that the device holds.
    pub id: String,
    /// The keyed hash of the code that its user types.
    pub user_code: String,
    pub client_id: String,
    pub state: DeviceState,
    pub body: String,
    /// When the device last asked, in milliseconds since 1970.
    pub polled: i64,
    pub created: i64,
    pub expires: i64,
}

/// What became of a device's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    Pending,
    Allowed,
    Denied,
}

impl DeviceState {
    fn as_str(self) -> &'static str {
        match self {
            DeviceState::Pending => "pending",
            DeviceState::Allowed => "allowed",
            DeviceState::Denied => "denied",
        }
    }

    fn of(text: &str) -> DeviceState {
        match text {
            "allowed" => DeviceState::Allowed,
            "denied" => DeviceState::Denied,
            _ => DeviceState::Pending,
        }
    }
}

impl DeviceCodes {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a code; [`Taken`](crate::Error::Taken) if another one shows the same.
    pub async fn insert(&self, tenant: &str, code: DeviceCode) -> Result<()> {
        let sql = "insert into device_codes
                   (tenant, id, user_code, client_id, state, body, polled, created, expires)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let DeviceCode { id, user_code, client_id, state, body, polled, created, expires } = code;
        let arguments = vec![
            tenant.into(),
            id.into(),
            user_code.into(),
            client_id.into(),
            state.as_str().into(),
            body.into(),
            polled.into(),
            created.into(),
            expires.into(),
        ];
        self.db.commit(vec![Statement::new(sql, arguments).labelled("user_code")].into()).await.map(drop)
    }

    /// The code with this hash, whether or not it is still good.
    pub async fn read(&self, tenant: &str, id: &str) -> Result<Option<DeviceCode>> {
        let sql = "select id, user_code, client_id, state, body, polled, created, expires from device_codes
                   where tenant = $1 and id = $2";
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(code).transpose()
    }

    /// The code that shows this to its user, whether or not it is still good.
    pub async fn by_user_code(&self, tenant: &str, user_code: &str) -> Result<Option<DeviceCode>> {
        let sql = "select id, user_code, client_id, state, body, polled, created, expires from device_codes
                   where tenant = $1 and user_code = $2";
        self.db.rows(sql, vec![tenant.into(), user_code.into()]).await?.first().map(code).transpose()
    }

    /// Notes that a device asked, unless it did so less than so many milliseconds ago; tells whether it was noted.
    pub async fn poll(&self, tenant: &str, id: &str, now: i64, interval: i64) -> Result<bool> {
        let sql = "update device_codes set polled = $3 where tenant = $1 and id = $2 and polled <= $4";
        let arguments = vec![tenant.into(), id.into(), now.into(), (now - interval).into()];
        let committed = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        Ok(committed.counts.first() == Some(&1))
    }

    /// Decides about a code that is waiting, in the name of a user in a session if it is allowed; tells whether it was
    /// waiting.
    pub async fn decide(
        &self,
        tenant: &str,
        id: &str,
        (state, body): (DeviceState, &str),
        owner: Option<(&str, &str)>,
        now: i64,
    ) -> Result<bool> {
        let sql = "update device_codes set state = $3, body = $4, user_id = $6, session_id = $7
                   where tenant = $1 and id = $2 and state = 'pending' and expires > $5";
        let (user_id, session_id) = owner.unzip();
        let arguments = vec![
            tenant.into(),
            id.into(),
            state.as_str().into(),
            body.into(),
            now.into(),
            user_id.map(str::to_owned).into(),
            session_id.map(str::to_owned).into(),
        ];
        let committed = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        Ok(committed.counts.first() == Some(&1))
    }

    /// Forgets a code; tells whether there was one.
    pub async fn delete(&self, tenant: &str, id: &str) -> Result<bool> {
        let committed = self.db.commit(vec![delete(tenant, id)].into()).await?;
        Ok(committed.counts.first() == Some(&1))
    }
}

/// Uses a code up that was allowed.
pub(crate) fn take(tenant: &str, id: &str) -> Statement {
    let sql = "delete from device_codes where tenant = $1 and id = $2 and state = 'allowed'";
    Statement::new(sql, vec![tenant.into(), id.into()]).expecting(1)
}

fn delete(tenant: &str, id: &str) -> Statement {
    Statement::new("delete from device_codes where tenant = $1 and id = $2", vec![tenant.into(), id.into()])
}

fn code(row: &Row) -> Result<DeviceCode> {
    Ok(DeviceCode {
        id: row.text(0)?,
        user_code: row.text(1)?,
        client_id: row.text(2)?,
        state: DeviceState::of(row.str(3)?),
        body: row.text(4)?,
        polled: row.int(5)?,
        created: row.int(6)?,
        expires: row.int(7)?,
    })
}
