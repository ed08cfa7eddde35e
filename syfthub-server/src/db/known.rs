//! Rows kept in memory for as long as they are known to be current.

use std::hash::Hash;
use std::time::Duration;

use moka::future::Cache;

use super::Watch;

/// Kept at most, whatever happens: a bound on what changes of the database behind the program's back may cost.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Values that were read from some tables, good until a commit of this process changes one of these.
///
/// It keeps nothing when another process may write to the same database.
pub(crate) struct Known<K, V> {
    watch: Watch,
    values: Option<Cache<K, (u64, V)>>,
}

impl<K, V> Known<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Keeps up to `capacity` values; none when this process is not `alone` with its database.
    pub(crate) fn new(watch: Watch, capacity: u64, alone: bool) -> Self {
        let keep = || Cache::builder().max_capacity(capacity).time_to_live(MAX_AGE).build();
        Self { watch, values: alone.then(keep) }
    }

    /// The value of `key`, read by `read` unless the one in memory is current. A value of `None` is not kept.
    pub(crate) async fn get<E, F>(&self, key: K, read: F) -> Result<Option<V>, E>
    where
        F: Future<Output = Result<Option<V>, E>>,
    {
        let Some(values) = &self.values else { return read.await };
        // Before the database is read: what is made from older data is kept under an older stamp.
        let stamp = self.watch.stamp();
        if let Some((made, value)) = values.get(&key).await
            && made == stamp
        {
            return Ok(Some(value));
        }
        let value = read.await?;
        if let Some(value) = &value {
            values.insert(key, (stamp, value.clone())).await;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, StoreError, params, testing};

    async fn get(
        known: &Known<i64, &'static str>,
        fresh: Option<&'static str>,
    ) -> Option<&'static str> {
        known.get(1, async { Ok::<_, StoreError>(fresh) }).await.unwrap()
    }

    async fn touch(db: &Db) {
        let write = db
            .write(|tx| Box::pin(async move { tx.execute("DELETE FROM users", params![]).await }));
        write.await.map_err(|error: StoreError| error).unwrap();
    }

    #[tokio::test]
    async fn a_value_is_read_once_and_again_after_a_commit() {
        let (db, _folder) = testing::sqlite(crate::db::Schema::Hub).await;
        let known = Known::new(db.watch(&["users"]), 10, true);
        assert_eq!(get(&known, Some("one")).await, Some("one"));
        assert_eq!(get(&known, Some("two")).await, Some("one"));
        touch(&db).await;
        assert_eq!(get(&known, Some("three")).await, Some("three"));
    }

    #[tokio::test]
    async fn a_value_that_was_read_during_a_commit_is_not_taken_for_current() {
        let (db, _folder) = testing::sqlite(crate::db::Schema::Hub).await;
        let known = Known::new(db.watch(&["users"]), 10, true);
        let slow = known.get(1, async {
            touch(&db).await;
            Ok::<_, StoreError>(Some("old"))
        });
        assert_eq!(slow.await.unwrap(), Some("old"));
        assert_eq!(get(&known, Some("new")).await, Some("new"));
    }

    #[tokio::test]
    async fn nothing_is_kept_of_what_is_absent_or_while_others_write_too() {
        let (db, _folder) = testing::sqlite(crate::db::Schema::Hub).await;
        let known = Known::new(db.watch(&["users"]), 10, true);
        assert_eq!(get(&known, None).await, None);
        assert_eq!(get(&known, Some("made")).await, Some("made"));
        let shared = Known::new(db.watch(&["users"]), 10, false);
        get(&shared, Some("one")).await;
        assert_eq!(get(&shared, Some("two")).await, Some("two"));
    }
}
