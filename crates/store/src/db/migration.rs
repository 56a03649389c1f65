//! The numbered steps that lead from an empty database to today's. Forward only: a step, once released, is
//! never edited, and a database that knows more steps than this program is refused.

use aws_lc_rs::digest;

use super::{Error, Result};

/// Which file a step belongs to on SQLite; on PostgreSQL all steps go to the one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Main,
    Logs,
}

/// One step.
#[derive(Debug)]
pub(super) struct Migration {
    pub name: &'static str,
    pub section: Section,
    pub sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_documents",
        section: Section::Main,
        sql: include_str!("../../migrations/0001_documents.sql"),
    },
    Migration {
        name: "0002_logs",
        section: Section::Logs,
        sql: include_str!("../../migrations/0002_logs.sql"),
    },
    Migration {
        name: "0003_traffic",
        section: Section::Main,
        sql: include_str!("../../migrations/0003_traffic.sql"),
    },
    Migration {
        name: "0004_tallies",
        section: Section::Logs,
        sql: include_str!("../../migrations/0004_tallies.sql"),
    },
    Migration {
        name: "0005_used_once",
        section: Section::Main,
        sql: include_str!("../../migrations/0005_used_once.sql"),
    },
    Migration {
        name: "0006_credential_uses",
        section: Section::Main,
        sql: include_str!("../../migrations/0006_credential_uses.sql"),
    },
    Migration {
        name: "0007_limits",
        section: Section::Main,
        sql: include_str!("../../migrations/0007_limits.sql"),
    },
    Migration {
        name: "0008_document_terms",
        section: Section::Main,
        sql: include_str!("../../migrations/0008_document_terms.sql"),
    },
    Migration {
        name: "0009_sessions",
        section: Section::Main,
        sql: include_str!("../../migrations/0009_sessions.sql"),
    },
    Migration {
        name: "0010_grants",
        section: Section::Main,
        sql: include_str!("../../migrations/0010_grants.sql"),
    },
    Migration {
        name: "0012_active_people",
        section: Section::Logs,
        sql: include_str!("../../migrations/0012_active_people.sql"),
    },
    Migration {
        name: "0011_mail",
        section: Section::Main,
        sql: include_str!("../../migrations/0011_mail.sql"),
    },
    Migration {
        name: "0012_roles",
        section: Section::Main,
        sql: include_str!("../../migrations/0012_roles.sql"),
    },
    Migration {
        name: "0013_owners_of_codes",
        section: Section::Main,
        sql: include_str!("../../migrations/0013_owners_of_codes.sql"),
    },
    Migration {
        name: "0014_log_streams",
        section: Section::Logs,
        sql: include_str!("../../migrations/0014_log_streams.sql"),
    },
    Migration {
        name: "0017_event_streams",
        section: Section::Main,
        sql: include_str!("../../migrations/0017_event_streams.sql"),
    },
    Migration {
        name: "0021_nodes",
        section: Section::Logs,
        sql: include_str!("../../migrations/0021_nodes.sql"),
    },
];

/// Where the steps taken are remembered.
pub(super) const LEDGER: &str =
    "create table if not exists migrations (name text not null primary key, hash text not null)";
pub(super) const RECORDED: &str = "select name, hash from migrations";
pub(super) const RECORD: &str = "insert into migrations (name, hash) values ($1, $2)";

impl Migration {
    /// The fingerprint of the step's text.
    pub fn hash(&self) -> String {
        digest::digest(&digest::SHA256, self.sql.as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The steps of these sections, in order.
pub(super) fn of(sections: &[Section]) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS.iter().filter(|migration| sections.contains(&migration.section))
}

/// The tables that the steps of these sections make, and where each lies; a later step may have dropped one.
pub(super) fn tables(sections: &[Section]) -> impl Iterator<Item = (&'static str, Section)> {
    let made = |line: &'static str| line.strip_prefix("create table ")?.split([' ', '(']).next();
    of(sections).flat_map(move |step| step.sql.lines().filter_map(made).map(|table| (table, step.section)))
}

/// The steps a database still has to take, given those it recorded.
pub(super) fn pending(
    sections: &[Section],
    recorded: &[(String, String)],
) -> Result<Vec<&'static Migration>> {
    let known: Vec<_> = of(sections).collect();
    let unknown = recorded.iter().filter(|(name, _)| known.iter().all(|migration| migration.name != name));
    if let Some((found, _)) = unknown.max() {
        let known = known.last().map_or("none", |migration| migration.name);
        return Err(Error::Newer { found: found.clone(), known: known.to_owned() });
    }
    let mut pending = Vec::new();
    for migration in known {
        match recorded.iter().find(|(name, _)| name == migration.name) {
            Some((_, hash)) if *hash == migration.hash() => {}
            Some((name, _)) => return Err(Error::Altered { name: name.clone() }),
            None => pending.push(migration),
        }
    }
    Ok(pending)
}
