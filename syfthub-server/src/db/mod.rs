//! One executor over SQLite and PostgreSQL.
//!
//! A capability's `store.rs` writes each statement once, in the dialect both engines share, and runs it on a [`Tx`].
//! [`Db::write`] and [`Db::read`] give it that transaction: everything the closure does becomes durable together, or not
//! at all, and the answer arrives only after the commit.
//!
//! The shared dialect: `$1…$n`; `TEXT`, `BIGINT`, `BOOLEAN`, `BYTEA`/`BLOB`, `DOUBLE PRECISION`; times are BIGINT
//! microseconds, JSON is text; `ON CONFLICT … DO …`, `RETURNING`, partial indexes, `CAST(SUM(x) AS BIGINT)`,
//! `lower(a) LIKE lower($1)`, `CAST($2 AS TEXT) IS NULL OR slug = $2` for an optional filter. Never `now()`, `ANY($1)`,
//! `ILIKE`.
//!
//! After a statement has failed, its transaction is over: every later statement answers [`StoreError::Aborted`] and
//! nothing is committed, on both engines (PostgreSQL behaves so by itself). A duplicate that is expected is written as
//! `ON CONFLICT DO NOTHING`.
//!
//! Reading order: [`Db`] here, `tx`, `value`, then the engines `sqlite` and `postgres`, and `migrate`.

mod changes;
mod claim;
mod error;
mod known;
mod like;
mod migrate;
mod names;
mod postgres;
mod sqlite;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod tx;
mod url;
mod value;

pub(crate) use changes::Watch;
pub use claim::{Claim, Company};
pub use error::StoreError;
pub(crate) use known::{Known, Place};
pub(crate) use like::containing;
pub use migrate::Schema;
pub use tx::{EngineKind, Tx};
pub use url::{DatabaseUrl, InvalidDatabaseUrl, PostgresUrl};
pub use value::{FromValue, Row, ToValue, Value};

use std::time::Duration;

use futures_util::future::BoxFuture;

use changes::Changes;

/// The parameters of a statement: `params![name, 7, None::<String>]`. Takes what [`ToValue`] knows, by reference.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::db::ToValue::to_value(&$value)),*] as &[$crate::db::Value] };
}
pub use crate::params;

/// How much a [`Db`] may use.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Connections that read (SQLite, where each is a thread: one for each processor, 2 to 8, unless given), or
    /// connections altogether (PostgreSQL: 16 unless given).
    pub connections: Option<usize>,
    /// Transactions that may wait for a connection before callers are made to wait themselves.
    pub queue: usize,
    /// How long a caller waits for its turn before [`StoreError::Unavailable`].
    pub patience: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self { connections: None, queue: 1024, patience: Duration::from_secs(5) }
    }
}

/// A database, SQLite or PostgreSQL; clones share it.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    changes: Changes,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
    #[cfg(test)]
    Inline(sqlite::Inline),
}

impl Db {
    /// Opens the database, creating the file when SQLite has none yet, and brings its tables up to date.
    pub async fn open(
        url: &DatabaseUrl,
        schema: Schema,
        options: DbOptions,
    ) -> Result<Self, StoreError> {
        let changes = Changes::default();
        let engine = match url {
            DatabaseUrl::Sqlite(location) => Engine::Sqlite(
                sqlite::Sqlite::open(location, schema, options, changes.clone()).await?,
            ),
            DatabaseUrl::Postgres(url) => Engine::Postgres(
                postgres::Postgres::open(url, schema, options, changes.clone()).await?,
            ),
        };
        Ok(Self { engine, changes })
    }

    /// A copy in memory of `template`, whose transactions run on the thread of whoever asks, one at a time: what happens in
    /// it depends on no thread. `pause` says how long the caller waits before each transaction, and again after it.
    #[cfg(test)]
    pub(crate) fn inline(template: &testing::Template, pause: testing::Pause) -> Self {
        let changes = Changes::default();
        let engine = Engine::Inline(sqlite::Inline::copy(template, changes.clone(), pause));
        Self { engine, changes }
    }

    /// What an inline database holds now, to be copied.
    #[cfg(test)]
    pub(crate) fn template(&self) -> testing::Template {
        match &self.engine {
            Engine::Inline(engine) => engine.template(),
            _ => panic!("only databases in memory are copied"),
        }
    }

    /// Runs `work` in a transaction of its own and commits it when the answer is `Ok`. It returns after the commit is
    /// on disk; any `Err` undoes everything `work` did.
    ///
    /// On SQLite the future runs to completion on the writer's thread, so it may await nothing but its [`Tx`].
    ///
    /// # Panics
    /// A panic in `work` undoes its transaction alone and continues in the caller.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(work).await,
            Engine::Postgres(engine) => engine.write(work).await,
            #[cfg(test)]
            Engine::Inline(engine) => engine.write(work).await,
        }
    }

    /// Runs `work` on one unchanging view of the data. Nothing it does is kept.
    ///
    /// # Panics
    /// As [`Db::write`].
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.read(work).await,
            Engine::Postgres(engine) => engine.read(work).await,
            #[cfg(test)]
            Engine::Inline(engine) => engine.read(work).await,
        }
    }

    /// Something that notices commits of this process that change one of `tables`.
    pub(crate) fn watch(&self, tables: &[&'static str]) -> Watch {
        self.changes.watch(tables)
    }

    /// Asks the database for a sign of life; for readiness.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| Box::pin(async move { tx.query("SELECT 1", params![]).await.map(drop) }))
            .await
    }

    /// Claims the database for as long as the answer lives; nothing when somebody is there who does not fit.
    pub async fn claim(&self, company: Company) -> Result<Option<Claim>, StoreError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(Some(Claim::by_nature())),
            Engine::Postgres(engine) => engine.claim(company).await,
            #[cfg(test)]
            Engine::Inline(_) => Ok(Some(Claim::by_nature())),
        }
    }

    /// Finishes what is waiting, writes SQLite's log back into the file and lets go of the connections. Later calls
    /// answer [`StoreError::Unavailable`].
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close(),
            #[cfg(test)]
            Engine::Inline(_) => {}
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.engine {
            Engine::Sqlite(_) => "Db(SQLite)",
            Engine::Postgres(_) => "Db(PostgreSQL)",
            #[cfg(test)]
            Engine::Inline(_) => "Db(SQLite, inline)",
        })
    }
}
