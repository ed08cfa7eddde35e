//! Rows kept in memory for as long as they are known to be current.

use std::hash::Hash;
use std::time::Duration;

use moka::sync::Cache;

use super::{Company, Db, Watch};

/// Kept at most, whatever happens: a bound on what changes of the database behind the server's back may cost.
const MAX_AGE: Duration = Duration::from_secs(5);

/// Values that were read from some tables, good until a commit of this process changes one of these. Clones share them.
///
/// Nothing is kept in company: then others change the same tables, and their commits are not noticed here.
#[derive(Clone)]
pub(crate) struct Known<K, V> {
    watch: Watch,
    values: Option<Cache<K, (u64, V)>>,
}

impl<K, V> Known<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Keeps up to `capacity` values that depend on `tables`; name also those whose rows take others with them when
    /// they are deleted.
    pub(crate) fn new(db: &Db, tables: &[&'static str], capacity: u64, company: Company) -> Self {
        let keep = || Cache::builder().max_capacity(capacity).time_to_live(MAX_AGE).build();
        let values = (company == Company::Alone).then(keep);
        Self { watch: db.watch(tables), values }
    }

    /// The place of `key`. To be taken before the database is read: what is kept there counts as known since then.
    pub(crate) fn place(&self, key: K) -> Place<K, V> {
        Place { stamp: self.watch.stamp(), known: self.clone(), key }
    }
}

/// Where a value is kept, and the moment since which it is known.
#[derive(Clone)]
pub(crate) struct Place<K, V> {
    known: Known<K, V>,
    key: K,
    stamp: u64,
}

impl<K, V> Place<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The value, if a current one is kept.
    pub(crate) fn value(&self) -> Option<V> {
        let (stamp, value) = self.known.values.as_ref()?.get(&self.key)?;
        (stamp == self.stamp).then_some(value)
    }

    /// Keeps the value that was read.
    pub(crate) fn keep(&self, value: &V) {
        if let Some(values) = &self.known.values {
            values.insert(self.key.clone(), (self.stamp, value.clone()));
        }
    }
}

impl<K, V> std::fmt::Debug for Place<K, V> {
    /// Leaves key and value out: either may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Schema, StoreError, params, testing};

    async fn known(company: Company) -> (Db, Known<i64, &'static str>, tempfile::TempDir) {
        let (db, folder) = testing::sqlite(Schema::Hub).await;
        let known = Known::new(&db, &["users"], 10, company);
        (db, known, folder)
    }

    async fn commit(db: &Db) {
        let write = db
            .write(|tx| Box::pin(async move { tx.execute("DELETE FROM users", params![]).await }));
        write.await.map_err(|error: StoreError| error).unwrap();
    }

    #[tokio::test]
    async fn a_value_is_kept_until_the_next_commit() {
        let (db, known, _folder) = known(Company::Alone).await;
        assert_eq!(known.place(1).value(), None);
        known.place(1).keep(&"one");
        assert_eq!(known.place(1).value(), Some("one"));
        assert_eq!(known.place(2).value(), None);
        commit(&db).await;
        assert_eq!(known.place(1).value(), None);
    }

    #[tokio::test]
    async fn a_value_that_was_read_before_a_commit_is_not_current_after_it() {
        let (db, known, _folder) = known(Company::Alone).await;
        let place = known.place(1);
        commit(&db).await;
        place.keep(&"old");
        assert_eq!(known.place(1).value(), None);
    }

    #[tokio::test]
    async fn nothing_is_kept_in_company() {
        let (_db, known, _folder) = known(Company::Together).await;
        known.place(1).keep(&"one");
        assert_eq!(known.place(1).value(), None);
    }
}
