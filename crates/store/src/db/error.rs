//! Why the store could not do what it was asked, in words that do not depend on the database underneath.

/// What a call to the store answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An expected row count did not hold: somebody else was faster, or the row is gone.
    #[error("the row has changed or is gone")]
    Conflict,

    /// A unique value is in use; the label is that of the statement which found out.
    #[error("{label} is taken")]
    Taken { label: String },

    /// The database was written by a newer version of the program.
    #[error(
        "the database is at migration {found}, this program knows migrations up to {known}: \
         run the newer version, or restore a backup made before the upgrade"
    )]
    Newer { found: String, known: String },

    /// A migration recorded in the database is not the one this program carries under the same name.
    #[error("migration {name} was applied with another text than this program has for it")]
    Altered { name: String },

    /// A text holds the character U+0000, which PostgreSQL cannot keep.
    #[error("text must not contain the character U+0000")]
    Nul,

    /// A value is longer than an index of either database can carry.
    #[error("{what} is too long")]
    TooLong { what: String },

    /// A list has more members than either database takes at once.
    #[error("too many {what}")]
    TooMany { what: String },

    /// A search was stopped at its deadline.
    #[error("the search took too long")]
    TooSlow,

    /// What was to be copied is not what it should be.
    #[error("{words}")]
    Copy { words: String },

    /// The address of the database, or a file that it names, is not what it should be. The words have no password.
    #[error("{words}")]
    Address { words: String },

    /// The disk is full.
    #[error("the disk of the database is full")]
    Full,

    /// The store has been closed.
    #[error("the store is closed")]
    Closed,

    /// The database could not be reached, or takes no work at the moment.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The database said no.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn database(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Database(cause.into())
    }

    pub(crate) fn unreachable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unreachable(cause.into())
    }

    /// Whether the same call may do later, since nothing is wrong with it.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Closed)
    }

    pub(super) fn unexpected(column: usize, wanted: &str) -> Self {
        Self::database(format!("column {column} of the answer is not {wanted}"))
    }
}
