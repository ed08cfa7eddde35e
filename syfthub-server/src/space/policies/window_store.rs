//! Rate windows in the tables.

use syfthub_core::Timestamp;

use super::limiter::Name;
use crate::db::{Db, StoreError, params};

const SAVE: &str = "INSERT INTO rate_windows (policy_id, holder, ends_at) VALUES ($1, $2, $3) \
     ON CONFLICT (policy_id, holder) DO UPDATE SET ends_at = excluded.ends_at";

const LOAD: &str = "SELECT policy_id, holder, ends_at FROM rate_windows WHERE ends_at > $1";

const FORGET: &str = "DELETE FROM rate_windows WHERE ends_at <= $1";

/// Writes windows, and forgets those that have ended.
pub(super) async fn save(
    db: &Db,
    windows: Vec<(Name, Timestamp)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            for ((policy, holder), end) in &windows {
                tx.execute(SAVE, params![*policy, holder.as_ref(), end.micros()]).await?;
            }
            tx.execute(FORGET, params![now.micros()]).await.map(drop)
        })
    })
    .await
}

/// The windows that have not ended.
pub(super) async fn load(db: &Db, now: Timestamp) -> Result<Vec<(Name, Timestamp)>, StoreError> {
    let rows =
        db.read(move |tx| Box::pin(async move { tx.query(LOAD, params![now.micros()]).await }));
    let read = |row: &crate::db::Row| {
        let holder: String = row.get(1)?;
        Ok(((row.get(0)?, holder.into()), Timestamp::from_micros(row.get(2)?)))
    };
    rows.await?.iter().map(read).collect()
}
