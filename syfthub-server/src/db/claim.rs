//! Whether this server has the database to itself, or in company it knows.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;

/// With whom a server uses the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// With nobody.
    Alone,
    /// With others of its kind.
    Together,
}

/// How long the database may take to confirm a claim.
const PATIENCE: Duration = Duration::from_secs(5);

/// A claim on the database; it ends when this is dropped, or with the process.
pub struct Claim(Held);

enum Held {
    /// SQLite's file is on this machine and in one process's hands.
    ByNature,
    /// A connection of PostgreSQL that keeps an advisory lock.
    By(ClientWrapper),
}

impl Claim {
    pub(super) fn by_nature() -> Self {
        Self(Held::ByNature)
    }

    pub(super) fn by(connection: ClientWrapper) -> Self {
        Self(Held::By(connection))
    }

    /// Whether it still holds: its connection answers.
    pub async fn holds(&self) -> bool {
        match &self.0 {
            Held::ByNature => true,
            Held::By(connection) => {
                let alive = tokio::time::timeout(PATIENCE, connection.simple_query("SELECT 1"));
                matches!(alive.await, Ok(Ok(_)))
            }
        }
    }
}
