//! Which tables were changed, counted by commits, so that what was read from them can be kept until then.
//!
//! A program that is the only one to write to its database knows every change. A [`Watch`] tells it whether some tables
//! are still what they were: its stamp moves after the commit and before the answer of whoever changed them, so that
//! nothing that was read before is taken for current once a change was acknowledged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A table of the schema.
type Table = &'static str;

/// Counters, shared by everybody who has the database open in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    tables: Arc<Mutex<HashMap<Table, Arc<AtomicU64>>>>,
    /// Statements whose table cannot be told.
    any: Arc<AtomicU64>,
}

impl Changes {
    fn counter(&self, table: Table) -> Arc<AtomicU64> {
        // The map is whole also after a panic elsewhere.
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tables.entry(table).or_default())
    }

    /// Something that notices changes of `tables`. Name also those whose rows take others with them when deleted.
    pub(super) fn watch(&self, tables: &[Table]) -> Watch {
        let mut counters: Vec<_> = tables.iter().map(|table| self.counter(table)).collect();
        counters.push(Arc::clone(&self.any));
        Watch(counters.into())
    }

    /// Counts the changes of a transaction that was committed, or may have been.
    pub(super) fn count(&self, written: &mut Written) {
        for table in written.tables.drain(..) {
            self.counter(table).fetch_add(1, Ordering::SeqCst);
        }
        if std::mem::take(&mut written.unknown) {
            self.any.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Notices commits that changed certain tables.
#[derive(Debug, Clone)]
pub(crate) struct Watch(Arc<[Arc<AtomicU64>]>);

impl Watch {
    /// A number that is another one after every commit that changed one of the tables.
    pub(crate) fn stamp(&self) -> u64 {
        self.0.iter().map(|counter| counter.load(Ordering::SeqCst)).sum()
    }
}

/// The tables that a transaction has written to so far.
#[derive(Debug, Default)]
pub(super) struct Written {
    tables: Vec<Table>,
    unknown: bool,
}

impl Written {
    /// Notes what `sql` writes to.
    pub(super) fn note(&mut self, sql: &'static str) {
        match target(sql) {
            Target::Nothing => {}
            Target::Table(table) if self.tables.contains(&table) => {}
            Target::Table(table) => self.tables.push(table),
            Target::Unknown => self.unknown = true,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    Nothing,
    Table(Table),
    Unknown,
}

/// The table that a statement writes to.
fn target(sql: &'static str) -> Target {
    let mut words =
        sql.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty());
    let table = match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
        "SELECT" | "PRAGMA" => return Target::Nothing,
        "INSERT" => words.find(|word| word.eq_ignore_ascii_case("into")).and_then(|_| words.next()),
        "DELETE" => words.find(|word| word.eq_ignore_ascii_case("from")).and_then(|_| words.next()),
        "UPDATE" => words.next(),
        _ => None,
    };
    table.map_or(Target::Unknown, Target::Table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::both_engines;
    use crate::db::{Db, StoreError, params};

    both_engines! { Hub =>
        a_commit_moves_the_stamp_of_its_table_before_it_is_acknowledged,
        what_is_undone_and_what_only_reads_leave_the_stamps_alone_or_move_them_needlessly,
    }

    async fn run(db: &Db, sql: &'static str, fails: bool) {
        let write = db.write(move |tx| {
            Box::pin(async move {
                tx.execute(sql, params![]).await?;
                if fails { Err(StoreError::Aborted) } else { Ok(()) }
            })
        });
        assert_eq!(write.await.is_err(), fails);
    }

    async fn a_commit_moves_the_stamp_of_its_table_before_it_is_acknowledged(db: Db) {
        let (users, endpoints) = (db.watch(&["users", "sessions"]), db.watch(&["endpoints"]));
        let before = (users.stamp(), endpoints.stamp());
        run(&db, "DELETE FROM sessions", false).await;
        assert_ne!(users.stamp(), before.0);
        assert_eq!(endpoints.stamp(), before.1);
        run(&db, "CREATE TABLE others (id BIGINT)", false).await;
        assert_ne!(endpoints.stamp(), before.1);
    }

    async fn what_is_undone_and_what_only_reads_leave_the_stamps_alone_or_move_them_needlessly(
        db: Db,
    ) {
        let users = db.watch(&["users"]);
        let before = users.stamp();
        let read = db
            .read(|tx| Box::pin(async move { tx.query("SELECT id FROM users", params![]).await }));
        read.await.map_err(|error: StoreError| error).unwrap();
        assert_eq!(users.stamp(), before);
        run(&db, "DELETE FROM users", true).await;
        let undone = users.stamp();
        run(&db, "DELETE FROM users", false).await;
        assert_ne!(users.stamp(), undone);
    }

    #[test]
    fn a_statement_names_its_table() {
        assert_eq!(target("INSERT INTO users (id) VALUES (1)"), Target::Table("users"));
        assert_eq!(target("INSERT INTO users(id) VALUES (1)"), Target::Table("users"));
        assert_eq!(target("UPDATE endpoints SET a = 1"), Target::Table("endpoints"));
        assert_eq!(target("DELETE FROM stars\nWHERE a = 1"), Target::Table("stars"));
        assert_eq!(target("SELECT 1 FROM users"), Target::Nothing);
        for other in ["WITH a AS (SELECT 1) DELETE FROM b", "ALTER TABLE a ADD b", "VACUUM", ""] {
            assert_eq!(target(other), Target::Unknown, "{other}");
        }
    }
}
