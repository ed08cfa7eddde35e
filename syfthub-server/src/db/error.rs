//! What can go wrong between a store function and its database, in the same words for both engines.

/// Why a statement or a transaction did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A row with these values exists already.
    ///
    /// The name is PostgreSQL's default one on both engines: `users_email_key` for a unique column, `users_pkey` for
    /// the primary key, `endpoints_owner_id_slug_key` for a pair, and the index's own name for an index on an
    /// expression. A unique index on plain columns is therefore to be named `{table}_{columns}_key`.
    #[error("the value is taken ({constraint})")]
    Conflict {
        /// Which uniqueness rule was broken.
        constraint: String,
    },
    /// A foreign key points at a row that does not exist, or a row is still pointed at.
    #[error("a referenced row is missing or still in use")]
    Reference,
    /// A `NOT NULL` or `CHECK` rule was broken: the store function let something through.
    #[error("a table's rule was broken: {0}")]
    Rule(String),
    /// An earlier statement of the transaction failed; nothing of it is kept.
    #[error("the transaction was already undone by a failed statement")]
    Aborted,
    /// The database is not reachable, busy beyond patience, full or being closed; trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The engine refused a statement, which is a mistake in the program.
    #[error("the database refused the statement `{sql}`")]
    Statement {
        /// The statement's text; its parameters are left out, since they may be secret.
        sql: &'static str,
        /// What the engine said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A column holds something other than what the program expects there.
    #[error("column {index} holds {found}, not {expected}")]
    Column {
        /// The column, from 0.
        index: usize,
        /// The type asked for.
        expected: &'static str,
        /// The kind of value found.
        found: &'static str,
    },
    /// The tables could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migration(String),
}

impl StoreError {
    /// Tells whether this is the uniqueness rule `constraint`.
    pub fn is_conflict(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict { constraint: broken } if broken == constraint)
    }
}
