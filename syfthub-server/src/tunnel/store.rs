//! Which instance has whose tunnel.

use syfthub_core::Timestamp;

use crate::db::{StoreError, Tx, params};

const CLAIM: &str = "INSERT INTO tunnels (owner, tunnel, instance, seen_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (owner) DO UPDATE SET tunnel = excluded.tunnel, instance = excluded.instance, seen_at = excluded.seen_at";

const RENEW: &str = "UPDATE tunnels SET seen_at = $3 WHERE owner = $1 AND tunnel = $2";

const RELEASE: &str = "DELETE FROM tunnels WHERE owner = $1 AND tunnel = $2";

const FIND: &str = "SELECT instance FROM tunnels WHERE owner = $1 AND seen_at >= $2";

/// Notes that `tunnel` is the one of `owner`, and ends at `instance`.
pub(super) async fn claim(
    tx: &mut Tx,
    owner: &str,
    tunnel: &str,
    instance: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(CLAIM, params![owner, tunnel, instance, now]).await.map(drop)
}

/// Notes that `tunnel` is still open; false when another one has taken its place.
pub(super) async fn renew(
    tx: &mut Tx,
    owner: &str,
    tunnel: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(RENEW, params![owner, tunnel, now]).await? == 1)
}

/// Notes that `tunnel` has ended.
pub(super) async fn release(tx: &mut Tx, owner: &str, tunnel: &str) -> Result<(), StoreError> {
    tx.execute(RELEASE, params![owner, tunnel]).await.map(drop)
}

/// The instance at which the tunnel of `owner` ends, if it was seen open at `since` or later.
pub(super) async fn find(
    tx: &mut Tx,
    owner: &str,
    since: Timestamp,
) -> Result<Option<String>, StoreError> {
    tx.query_opt(FIND, params![owner, since]).await?.map(|row| row.get(0)).transpose()
}
