//! Idempotency keys: what was asked for under one, and what it came to.

use syfthub_core::Timestamp;

use crate::db::{StoreError, Tx, params};

/// What a key stands for already.
pub(in crate::ledger) struct Known {
    /// Of the request.
    pub(in crate::ledger) fingerprint: String,
    /// Of what it came to.
    pub(in crate::ledger) reference: String,
}

/// A request under a key.
#[derive(Debug, Clone)]
pub(in crate::ledger) struct Claim {
    /// Within which the key is unique.
    pub(in crate::ledger) scope: String,
    pub(in crate::ledger) key: String,
    /// What distinguishes the request from others.
    pub(in crate::ledger) fingerprint: String,
}

const INSERT: &str = "INSERT INTO ledger_keys (scope, key, fingerprint, reference, created_at) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

const FIND: &str = "SELECT fingerprint, reference FROM ledger_keys WHERE scope = $1 AND key = $2";

/// Takes the key for something new; what it stands for when it was taken before. Whoever asks for a key that is being
/// taken waits until that has succeeded or come to nothing.
pub(in crate::ledger) async fn claim(
    tx: &mut Tx,
    claim: &Claim,
    reference: &str,
    now: Timestamp,
) -> Result<Option<Known>, StoreError> {
    let Claim { scope, key, fingerprint } = claim;
    if tx.execute(INSERT, params![scope, key, fingerprint, reference, now]).await? > 0 {
        return Ok(None);
    }
    let row = tx.query_one(FIND, params![scope, key]).await?;
    Ok(Some(Known { fingerprint: row.get(0)?, reference: row.get(1)? }))
}

const PRUNE: &str = "DELETE FROM ledger_keys WHERE created_at < $1 AND (scope, key) IN \
     (SELECT scope, key FROM ledger_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)";

/// Forgets some keys from before `before`; how many.
pub(in crate::ledger) async fn prune(
    tx: &mut Tx,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    tx.execute(PRUNE, params![before, limit]).await
}
