//! All SQL of the jobs: which instance does one, and when it is due next.

use syfthub_core::Timestamp;

use crate::db::{StoreError, Tx, params};

const CLAIM: &str = "INSERT INTO jobs (name, holder, due_at) VALUES ($1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, due_at = excluded.due_at \
     WHERE jobs.due_at <= $4 RETURNING name";

/// Takes the job `name` for `holder`, so that nobody else does it before `until`; false when it is not due yet.
pub(super) async fn claim(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(CLAIM, params![name, holder, until, now]).await?.is_some())
}

const RELEASE: &str = "UPDATE jobs SET due_at = $3 WHERE name = $1 AND holder = $2";

/// Gives the job back, to be done again from `due` on; nothing when somebody else took it since.
pub(super) async fn release(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    due: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(RELEASE, params![name, holder, due]).await.map(drop)
}
