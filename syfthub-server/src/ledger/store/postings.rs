//! Movements: the only statements that change a balance.

use syfthub_core::ledger::{AccountId, Movement};
use syfthub_core::{Email, Timestamp};

use crate::db::{Row, StoreError, Tx, params};
use crate::ledger::model::{Line, MOST_MICROS};

const CHANGE: &str = "UPDATE ledger_accounts SET available = available + $2, held = held + $3 \
     WHERE id = $1 AND (is_system OR available + $2 BETWEEN 0 AND $4) AND held + $3 BETWEEN 0 AND $4 RETURNING email";

const INSERT: &str = "INSERT INTO ledger_postings (reference, kind, account_id, bucket, micros, at) \
     VALUES ($1, $2, $4, $5, $6, $3), ($1, $2, $7, $8, $9, $3)";

/// Moves money and posts it; the addresses of the accounts, in their order. None when somebody has too little, or would
/// have too much: nothing may be kept then.
pub(in crate::ledger) async fn apply(
    tx: &mut Tx,
    movement: &Movement,
    reference: &str,
    at: Timestamp,
) -> Result<Option<Vec<Option<Email>>>, StoreError> {
    let mut emails = Vec::with_capacity(2);
    for change in movement.changes() {
        let values = params![change.account, change.available, change.held, MOST_MICROS];
        let Some(row) = tx.query_opt(CHANGE, values).await? else { return Ok(None) };
        emails.push(row.get(0)?);
    }
    let [from, to] = movement.postings();
    let values = params![
        reference,
        movement.kind().as_str(),
        at,
        from.account,
        from.bucket,
        from.micros,
        to.account,
        to.bucket,
        to.micros
    ];
    tx.execute(INSERT, values).await?;
    Ok(Some(emails))
}

const LIST: &str = "SELECT id, reference, kind, bucket, micros, at FROM ledger_postings WHERE account_id = $1 \
     ORDER BY id DESC LIMIT $2 OFFSET $3";

/// A page of an account's postings, newest first.
pub(in crate::ledger) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    limit: i64,
    skip: i64,
) -> Result<Vec<Line>, StoreError> {
    tx.query(LIST, params![account, limit, skip]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Line, StoreError> {
    Ok(Line {
        id: row.get(0)?,
        reference: row.get(1)?,
        kind: row.get(2)?,
        bucket: row.get(3)?,
        micros: row.get(4)?,
        at: row.get(5)?,
    })
}
