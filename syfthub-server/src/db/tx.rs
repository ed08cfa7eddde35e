//! A transaction in progress: the only way to run a statement.

use super::changes::{Changes, Written};
use super::postgres::PostgresTx;
use super::sqlite::SqliteTx;
use super::{Row, StoreError, Value};

/// An open transaction, on either engine. It comes from [`Db::write`](super::Db::write) or
/// [`Db::read`](super::Db::read), which also end it.
pub struct Tx {
    connection: Connection,
    failed: bool,
    changes: Changes,
    written: Written,
}

/// Which engine a statement runs on. Only full-text search asks: the rest of the SQL is written once for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// A file or memory.
    Sqlite,
    /// A server.
    Postgres,
}

enum Connection {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

impl Tx {
    pub(super) fn sqlite(connection: SqliteTx, changes: Changes) -> Self {
        Self::on(Connection::Sqlite(connection), changes)
    }

    pub(super) fn postgres(connection: PostgresTx, changes: Changes) -> Self {
        Self::on(Connection::Postgres(connection), changes)
    }

    fn on(connection: Connection, changes: Changes) -> Self {
        Self { connection, failed: false, changes, written: Written::default() }
    }

    /// The engine that this transaction runs on.
    pub fn engine(&self) -> EngineKind {
        match self.connection {
            Connection::Sqlite(_) => EngineKind::Sqlite,
            Connection::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Every row the statement answers.
    pub async fn query(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        self.proceed()?;
        self.written.note(sql);
        let answer = match &mut self.connection {
            Connection::Sqlite(connection) => connection.query(sql, params),
            Connection::Postgres(connection) => connection.query(sql, params).await,
        };
        self.note(answer)
    }

    /// The first row the statement answers, if any.
    pub async fn query_opt(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The row of a statement that always answers one: a count, or an `INSERT … RETURNING`.
    ///
    /// # Panics
    /// When there is none, which is a mistake in the statement.
    pub async fn query_one(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Row, StoreError> {
        let row = self.query_opt(sql, params).await?;
        Ok(row.expect("a count or an INSERT … RETURNING answers a row"))
    }

    /// Runs a statement that answers no rows; tells how many it changed.
    pub async fn execute(
        &mut self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        self.proceed()?;
        self.written.note(sql);
        let answer = match &mut self.connection {
            Connection::Sqlite(connection) => connection.execute(sql, params),
            Connection::Postgres(connection) => connection.execute(sql, params).await,
        };
        self.note(answer)
    }

    /// Whether a statement failed since the last call, which also forgets it: the transaction must not be kept then.
    pub(super) fn take_failed(&mut self) -> bool {
        std::mem::take(&mut self.failed)
    }

    /// Makes what was written so far known to those who watch its tables: after a commit, whatever became of it.
    pub(super) fn announce(&mut self) {
        self.changes.count(&mut self.written);
    }

    pub(super) fn as_sqlite(&mut self) -> &mut SqliteTx {
        match &mut self.connection {
            Connection::Sqlite(connection) => connection,
            Connection::Postgres(_) => {
                unreachable!("only the SQLite threads ask, and they made this transaction")
            }
        }
    }

    pub(super) fn as_postgres(&mut self) -> &mut PostgresTx {
        match &mut self.connection {
            Connection::Postgres(connection) => connection,
            Connection::Sqlite(_) => {
                unreachable!("only the PostgreSQL engine asks, and it made this transaction")
            }
        }
    }

    fn proceed(&self) -> Result<(), StoreError> {
        if self.failed { Err(StoreError::Aborted) } else { Ok(()) }
    }

    fn note<T>(&mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed = answer.is_err();
        answer
    }
}

impl Drop for Tx {
    /// A transaction that is given up on its way to the server may be committed there nevertheless.
    fn drop(&mut self) {
        self.announce();
    }
}
