//! Which nodes serve, as far as each said so lately: every one writes a line of its own again and again. No request waits
//! for it, and nothing that is issued depends on it.

use std::time::Duration;

use store::NodeRow;
use tokio::time;

use crate::{Result, Tenants, id};

/// One start of this program, as it tells of itself.
#[derive(Debug, Clone)]
pub struct Node {
    id: String,
    name: String,
    address: String,
    version: &'static str,
    started: i64,
}

/// How a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    Serving,
    /// It ends, and finishes what it was asked.
    Stopping,
    /// It has not followed what others changed.
    Behind,
    /// Nothing was heard of it for some time.
    Silent,
}

impl NodeState {
    const ALL: [NodeState; 4] =
        [NodeState::Serving, NodeState::Stopping, NodeState::Behind, NodeState::Silent];

    /// Its name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            NodeState::Serving => "serving",
            NodeState::Stopping => "stopping",
            NodeState::Behind => "behind",
            NodeState::Silent => "silent",
        }
    }
}

impl Node {
    /// A node that begins now, at this address of the machine of this name.
    pub fn new(tenants: &Tenants, name: &str, address: &str, version: &'static str) -> Node {
        let (name, address) = (name.to_owned(), address.to_owned());
        Node { id: id::uuid(), name, address, version, started: tenants.clock().now_ms() }
    }

    /// Tells for the first time that it is there; whatever was in its place before is not any more.
    pub async fn begin(&self, tenants: &Tenants) -> Result<()> {
        let nodes = tenants.store().nodes();
        let row = self.row(tenants, NodeState::Serving, 0);
        nodes.replace(&row).await?;
        Ok(nodes.note(row, tenants.clock().now_ms() - FORGOTTEN).await?)
    }

    /// Tells that it is there, and how.
    pub async fn tell(&self, tenants: &Tenants, is_stopping: bool) -> Result<()> {
        let behind = behind(tenants).await?;
        let state = match (is_stopping, behind) {
            (true, _) => NodeState::Stopping,
            (false, 0) => NodeState::Serving,
            (false, _) => NodeState::Behind,
        };
        let row = self.row(tenants, state, behind);
        Ok(tenants.store().nodes().note(row, tenants.clock().now_ms() - FORGOTTEN).await?)
    }

    /// Tells that it is gone.
    pub async fn end(&self, tenants: &Tenants) -> Result<()> {
        Ok(tenants.store().nodes().forget(&self.id).await?)
    }

    fn row(&self, tenants: &Tenants, state: NodeState, behind: i64) -> NodeRow {
        NodeRow {
            id: self.id.clone(),
            name: self.name.clone(),
            address: self.address.clone(),
            version: self.version.to_owned(),
            started: self.started,
            seen: tenants.clock().now_ms(),
            state: state.name().to_owned(),
            behind,
        }
    }
}

/// How many changes the store had that this node has not followed a moment later.
async fn behind(tenants: &Tenants) -> Result<i64> {
    let stored = tenants.store().tenants().revisions().await?;
    if tenants.missing(&stored) > 0 {
        time::sleep(MOMENT).await;
    }
    Ok(tenants.missing(&stored))
}

/// Every node that was heard of lately, and how it is.
pub async fn all(tenants: &Tenants) -> Result<Vec<(NodeRow, NodeState)>> {
    let now = tenants.clock().now_ms();
    let rows = tenants.store().nodes().all().await?.into_iter();
    let known = |row: &NodeRow| NodeState::ALL.into_iter().find(|state| state.name() == row.state);
    let state = |row: &NodeRow| match now - row.seen > SILENT {
        true => NodeState::Silent,
        // What a later version says, this one does not know.
        false => known(row).unwrap_or(NodeState::Serving),
    };
    Ok(rows.map(|row| (row.clone(), state(&row))).collect())
}

/// How often a node tells of itself.
pub const EVERY: Duration = Duration::from_secs(10);
/// After how many milliseconds without a word a node counts as silent.
const SILENT: i64 = 30_000;
/// After how many it is forgotten.
const FORGOTTEN: i64 = 3_600_000;
/// Within which others' changes are followed.
const MOMENT: Duration = Duration::from_secs(1);
