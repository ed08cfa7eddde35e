//! Transfers, from their creation to their one end.

use syfthub_core::Timestamp;
use syfthub_core::ledger::{AccountId, Resolution, Transaction, TransactionId};

use crate::db::{Row, StoreError, Tx, params};
use crate::ledger::model::Transfer;

const INSERT: &str = "INSERT INTO ledger_transactions \
     (id, sender_id, recipient_id, amount, status, created_by, grant_id, app_name, app_ep_path, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Keeps a new transaction.
pub(in crate::ledger) async fn insert(tx: &mut Tx, new: &Transaction) -> Result<(), StoreError> {
    let values = params![
        new.id,
        new.sender,
        new.recipient,
        new.amount,
        new.status,
        new.created_by,
        new.grant,
        new.app_name,
        new.app_ep_path,
        new.created_at,
        new.expires_at
    ];
    tx.execute(INSERT, values).await.map(drop)
}

macro_rules! transfer {
    ($of:literal, $rest:literal) => {
        concat!(
            "SELECT t.id, t.sender_id, t.recipient_id, t.amount, t.status, t.created_by, t.resolved_by, t.grant_id, \
             t.app_name, t.app_ep_path, t.created_at, t.expires_at, t.resolved_at, s.email, r.email FROM ",
            $of,
            " AS t JOIN ledger_accounts AS s ON s.id = t.sender_id \
             JOIN ledger_accounts AS r ON r.id = t.recipient_id ",
            $rest
        )
    };
}

fn from_row(row: &Row) -> Result<Transfer, StoreError> {
    Ok(Transfer {
        transaction: Transaction {
            id: row.get(0)?,
            sender: row.get(1)?,
            recipient: row.get(2)?,
            amount: row.get(3)?,
            status: row.get(4)?,
            created_by: row.get(5)?,
            resolved_by: row.get(6)?,
            grant: row.get(7)?,
            app_name: row.get(8)?,
            app_ep_path: row.get(9)?,
            created_at: row.get(10)?,
            expires_at: row.get(11)?,
            resolved_at: row.get(12)?,
        },
        sender_email: row.get(13)?,
        recipient_email: row.get(14)?,
    })
}

const FIND: &str = transfer!("ledger_transactions", "WHERE t.id = $1");

/// The transaction of that id.
pub(in crate::ledger) async fn find(
    tx: &mut Tx,
    id: &TransactionId,
) -> Result<Option<Transfer>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

/// Each half reads no further than its index must, however long the history is.
const HISTORY: &str = transfer!(
    "(SELECT * FROM (SELECT * FROM ledger_transactions WHERE sender_id = $1 ORDER BY id DESC LIMIT $2) AS sent \
     UNION ALL \
     SELECT * FROM (SELECT * FROM ledger_transactions WHERE recipient_id = $1 ORDER BY id DESC LIMIT $2) AS received)",
    "ORDER BY t.id DESC LIMIT $3 OFFSET $4"
);

/// A page of an account's transactions, newest first.
pub(in crate::ledger) async fn history(
    tx: &mut Tx,
    account: &AccountId,
    limit: i64,
    skip: i64,
) -> Result<Vec<Transfer>, StoreError> {
    let values = params![account, skip.saturating_add(limit), limit, skip];
    tx.query(HISTORY, values).await?.iter().map(from_row).collect()
}

const END: &str = "UPDATE ledger_transactions SET status = $2, resolved_by = $3, resolved_at = $4 \
     WHERE id = $1 AND status = 'pending'";

/// Ends a pending transaction; false when it is not pending any more.
pub(in crate::ledger) async fn end(
    tx: &mut Tx,
    id: &TransactionId,
    resolution: &Resolution,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = params![id, resolution.status, resolution.by, now];
    Ok(tx.execute(END, values).await? > 0)
}

const DUE: &str = "SELECT id FROM ledger_transactions WHERE status = 'pending' AND expires_at <= $1 \
     ORDER BY expires_at LIMIT $2";

/// Some transactions that have expired, those that waited longest first.
pub(in crate::ledger) async fn due(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<TransactionId>, StoreError> {
    tx.query(DUE, params![now, limit]).await?.iter().map(|row| row.get(0)).collect()
}
