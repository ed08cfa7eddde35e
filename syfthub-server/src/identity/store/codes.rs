//! Codes that were mailed, one for each address and purpose.

use syfthub_core::{Email, Timestamp};

use crate::db::{StoreError, Tx, params};
use crate::identity::codes::Purpose;

const PUT: &str = "INSERT INTO one_time_codes (email, purpose, digest, tries, expires_at) VALUES ($1, $2, $3, 0, $4) \
     ON CONFLICT (email, purpose) DO UPDATE SET digest = excluded.digest, tries = 0, expires_at = excluded.expires_at";

/// Puts a code in the place of the one before, untried.
pub(crate) async fn put(
    tx: &mut Tx,
    purpose: Purpose,
    email: &Email,
    digest: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(PUT, params![email, purpose.as_str(), digest, expires_at]).await.map(drop)
}

/// A code at the moment it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) digest: String,
    /// How often it was tried, this time included.
    pub(crate) tries: i64,
}

const TRY_ONCE: &str = "INSERT INTO one_time_codes AS c (email, purpose, digest, tries, expires_at) VALUES ($1, $2, $3, 1, $5) \
     ON CONFLICT (email, purpose) DO UPDATE SET \
     digest = CASE WHEN c.expires_at <= $4 THEN excluded.digest ELSE c.digest END, \
     tries = CASE WHEN c.expires_at <= $4 THEN 1 ELSE c.tries + 1 END, \
     expires_at = CASE WHEN c.expires_at <= $4 THEN excluded.expires_at ELSE c.expires_at END \
     RETURNING digest, tries";

/// Counts a try and gives the code's hash: of racing tries each has its own number. Without a code that counts, `decoy`
/// becomes one until `expires_at`.
pub(crate) async fn try_once(
    tx: &mut Tx,
    purpose: Purpose,
    email: &Email,
    decoy: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Tried, StoreError> {
    let values = params![email, purpose.as_str(), decoy, now, expires_at];
    let rows = tx.query(TRY_ONCE, values).await?;
    let row = rows.first().ok_or(StoreError::Aborted)?;
    Ok(Tried { digest: row.get(0)?, tries: row.get(1)? })
}

const DELETE: &str = "DELETE FROM one_time_codes WHERE email = $1 AND purpose = $2";

/// Forgets a code.
pub(crate) async fn delete(tx: &mut Tx, purpose: Purpose, email: &Email) -> Result<(), StoreError> {
    tx.execute(DELETE, params![email, purpose.as_str()]).await.map(drop)
}

const DELETE_EXPIRED: &str = "DELETE FROM one_time_codes WHERE (email, purpose) IN \
     (SELECT email, purpose FROM one_time_codes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

/// Forgets up to `batch` codes that count no more; tells how many.
pub(crate) async fn delete_expired(
    tx: &mut Tx,
    now: Timestamp,
    batch: i64,
) -> Result<u64, StoreError> {
    tx.execute(DELETE_EXPIRED, params![now, batch]).await
}
