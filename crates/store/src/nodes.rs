//! The nodes that serve this store, as each said of itself last. Whether one that has not spoken for long is gone, nothing
//! here decides.

use crate::db::{Db, Engine, Result, Row, Statement};

/// Every node.
#[derive(Clone, Debug)]
pub struct Nodes {
    db: Db,
}

/// What a node said of itself; times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeRow {
    /// This start of it.
    pub id: String,
    pub name: String,
    pub address: String,
    pub version: String,
    pub started: i64,
    pub seen: i64,
    pub state: String,
    /// How many changes it had not followed.
    pub behind: i64,
}

impl Nodes {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Notes what a node says of itself, in place of what it said before, and forgets those that were seen last before a
    /// time.
    pub async fn note(&self, node: NodeRow, forgotten: i64) -> Result<()> {
        let sql = "insert into nodes (id, name, address, version, started, seen, state, behind)
                   values ($1, $2, $3, $4, $5, $6, $7, $8)
                   on conflict (id) do update set seen = $6, state = $7, behind = $8";
        let NodeRow { id, name, address, version, started, seen, state, behind } = node;
        let arguments = vec![
            id.into(),
            name.into(),
            address.into(),
            version.into(),
            started.into(),
            seen.into(),
            state.into(),
            behind.into(),
        ];
        let forget = Statement::new("delete from nodes where seen < $1", vec![forgotten.into()]);
        self.db.commit(vec![Statement::new(sql, arguments), forget].into()).await.map(drop)
    }

    /// Forgets those whose place this one has taken, since two cannot be there at once: a process that was killed says
    /// nothing any more.
    pub async fn replace(&self, node: &NodeRow) -> Result<()> {
        let (sql, arguments) = match self.db.engine() {
            // Only one process at a time has the files open.
            Engine::Sqlite => ("delete from nodes where id <> $1", vec![node.id.as_str().into()]),
            Engine::Postgres => (
                "delete from nodes where id <> $1 and name = $2 and address = $3",
                vec![node.id.as_str().into(), node.name.as_str().into(), node.address.as_str().into()],
            ),
        };
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// Forgets a node that has ended.
    pub async fn forget(&self, id: &str) -> Result<()> {
        let forget = Statement::new("delete from nodes where id = $1", vec![id.into()]);
        self.db.commit(vec![forget].into()).await.map(drop)
    }

    /// All of them, by name.
    pub async fn all(&self) -> Result<Vec<NodeRow>> {
        let sql = "select id, name, address, version, started, seen, state, behind from nodes
                   order by name, address, started";
        self.db.rows(sql, Vec::new()).await?.iter().map(node).collect()
    }
}

fn node(row: &Row) -> Result<NodeRow> {
    Ok(NodeRow {
        id: row.text(0)?,
        name: row.text(1)?,
        address: row.text(2)?,
        version: row.text(3)?,
        started: row.int(4)?,
        seen: row.int(5)?,
        state: row.text(6)?,
        behind: row.int(7)?,
    })
}
