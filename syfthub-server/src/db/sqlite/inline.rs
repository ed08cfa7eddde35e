//! SQLite in memory, on the thread of whoever asks: an engine for simulations, in which nothing may depend on threads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::connection::SqliteTx;
use super::job::{self, Job as _, Pending};
use crate::db::changes::Changes;
use crate::db::url::Location;
use crate::db::{Schema, StoreError, Tx};

/// How long a caller waits, before its transaction and again after it: a process that dies in between has done it or not.
pub(crate) type Pause = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A database as it is copied for each simulation: making the tables takes longer than most of what happens in them.
pub(crate) struct Template(Mutex<Connection>);

impl Template {
    /// With the empty tables of `schema`.
    pub(crate) fn new(schema: Schema) -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        schema.on_sqlite().unwrap().run(&mut connection).unwrap();
        Self(Mutex::new(connection))
    }
}

/// One connection to a copy of a template; clones share it.
#[derive(Clone)]
pub(in crate::db) struct Inline {
    tx: Arc<Mutex<Tx>>,
    pause: Pause,
}

impl Inline {
    pub(in crate::db) fn copy(template: &Template, changes: Changes, pause: Pause) -> Self {
        let mut copy = SqliteTx::open_writer(&Location::Memory).unwrap();
        let template = template.0.lock().unwrap_or_else(PoisonError::into_inner);
        Backup::new(&template, copy.connection()).unwrap().step(-1).unwrap();
        Self { tx: Arc::new(Mutex::new(Tx::sqlite(copy, changes))), pause }
    }

    pub(in crate::db) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(work, true).await
    }

    pub(in crate::db) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(work, false).await
    }

    pub(in crate::db) fn template(&self) -> Template {
        let mut copy = Connection::open_in_memory().unwrap();
        let mut tx = self.tx.lock().unwrap_or_else(PoisonError::into_inner);
        Backup::new(tx.as_sqlite().connection(), &mut copy).unwrap().step(-1).unwrap();
        Template(Mutex::new(copy))
    }

    async fn run<T, E, F>(&self, work: F, is_kept: bool) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.wait().await;
        let (mut job, answer) = Pending::new(work);
        {
            let mut tx = self.tx.lock().unwrap_or_else(PoisonError::into_inner);
            let begun = tx.as_sqlite().control("BEGIN IMMEDIATE");
            let ended = begun.and_then(|()| {
                let end = if job.run(&mut tx) && is_kept { "COMMIT" } else { "ROLLBACK" };
                tx.as_sqlite().control(end)
            });
            tx.announce();
            drop(tx);
            job.answer(ended.map_err(|error| error.to_string()));
        }
        let outcome = job::outcome(answer).await;
        self.wait().await;
        outcome
    }

    async fn wait(&self) {
        let pause = (self.pause)();
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, params};

    async fn change(db: &Db, fails: bool) -> Result<u64, StoreError> {
        let write = db.write(move |tx| {
            Box::pin(async move {
                let sql =
                    "INSERT INTO rate_windows (policy_id, holder, ends_at) VALUES ('p', '', 1)";
                let changed = tx.execute(sql, params![]).await?;
                if fails { Err(StoreError::Aborted) } else { Ok(changed) }
            })
        });
        write.await
    }

    async fn count(db: &Db) -> i64 {
        let read = db.read(|tx| {
            Box::pin(async move {
                tx.query_one("SELECT COUNT(*) FROM rate_windows", params![]).await?.get(0)
            })
        });
        read.await.map_err(|error: StoreError| error).unwrap()
    }

    #[tokio::test]
    async fn what_fails_is_undone_and_copies_have_nothing_in_common() {
        let template = Template::new(Schema::Space);
        let none: Pause = Arc::new(|| Duration::ZERO);
        let (one, other) = (Db::inline(&template, none.clone()), Db::inline(&template, none));
        assert!(change(&one, true).await.is_err());
        assert_eq!(count(&one).await, 0);
        assert_eq!(change(&one, false).await.unwrap(), 1);
        assert_eq!((count(&one).await, count(&other).await), (1, 0));
        assert!(matches!(change(&one, false).await, Err(StoreError::Conflict { .. })));
        let third = Db::inline(&one.template(), Arc::new(|| Duration::ZERO));
        assert_eq!(
            (count(&one).await, count(&third).await),
            (1, 1),
            "as it was when it was copied"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_stopped_in_the_pause_after_a_transaction_has_done_it() {
        let template = Template::new(Schema::Space);
        let db = Db::inline(&template, Arc::new(|| Duration::from_millis(10)));
        for (life, rows) in [(5, 0), (15, 1)] {
            let died = tokio::time::timeout(Duration::from_millis(life), change(&db, false)).await;
            assert!(died.is_err());
            assert_eq!(count(&db).await, rows);
        }
    }
}
