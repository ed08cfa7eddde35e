//! Grants: leave to charge somebody, up to a cap.

use syfthub_core::ledger::{AccountId, Grant, GrantId};
use syfthub_core::{Money, Timestamp};

use crate::db::{Row, StoreError, Tx, params};
use crate::ledger::model::Granted;

const INSERT: &str = "INSERT INTO ledger_grants (id, sender_id, recipient_id, cap, spent, origin, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Keeps a new grant.
pub(in crate::ledger) async fn insert(tx: &mut Tx, new: &Grant) -> Result<(), StoreError> {
    let values = params![
        new.id,
        new.sender,
        new.recipient,
        new.cap,
        new.spent,
        new.origin,
        new.created_at,
        new.expires_at
    ];
    tx.execute(INSERT, values).await.map(drop)
}

macro_rules! granted {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.sender_id, g.recipient_id, g.cap, g.spent, g.origin, g.created_at, g.expires_at, \
             g.revoked_at, s.email, r.email FROM ledger_grants AS g \
             JOIN ledger_accounts AS s ON s.id = g.sender_id \
             JOIN ledger_accounts AS r ON r.id = g.recipient_id ",
            $rest
        )
    };
}

fn from_row(row: &Row) -> Result<Granted, StoreError> {
    Ok(Granted {
        grant: Grant {
            id: row.get(0)?,
            sender: row.get(1)?,
            recipient: row.get(2)?,
            cap: row.get(3)?,
            spent: row.get(4)?,
            origin: row.get(5)?,
            created_at: row.get(6)?,
            expires_at: row.get(7)?,
            revoked_at: row.get(8)?,
        },
        sender_email: row.get(9)?,
        recipient_email: row.get(10)?,
    })
}

const FIND: &str = granted!("WHERE g.id = $1");

/// The grant of that id.
pub(in crate::ledger) async fn find(
    tx: &mut Tx,
    id: &GrantId,
) -> Result<Option<Granted>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

const LATEST: &str = granted!(
    "WHERE g.sender_id = $1 AND g.recipient_id = $2 AND g.origin = 'token' AND g.revoked_at IS NULL \
     ORDER BY g.expires_at DESC LIMIT 1"
);

/// The grant behind the latest token from one to another.
pub(in crate::ledger) async fn latest(
    tx: &mut Tx,
    sender: &AccountId,
    recipient: &AccountId,
) -> Result<Option<Granted>, StoreError> {
    tx.query_opt(LATEST, params![sender, recipient]).await?.as_ref().map(from_row).transpose()
}

const WIDEST: &str = granted!(
    "WHERE g.sender_id = $1 AND g.recipient_id = $2 AND g.revoked_at IS NULL AND g.expires_at > $3 \
     ORDER BY g.cap - g.spent DESC, g.id LIMIT 1"
);

/// The live grant from one to another of which most is left.
pub(in crate::ledger) async fn widest(
    tx: &mut Tx,
    sender: &AccountId,
    recipient: &AccountId,
    now: Timestamp,
) -> Result<Option<Granted>, StoreError> {
    let row = tx.query_opt(WIDEST, params![sender, recipient, now]).await?;
    row.as_ref().map(from_row).transpose()
}

const LIST: &str = granted!("WHERE g.sender_id = $1 ORDER BY g.id DESC LIMIT $2 OFFSET $3");

/// A page of what somebody granted, newest first.
pub(in crate::ledger) async fn list(
    tx: &mut Tx,
    sender: &AccountId,
    limit: i64,
    skip: i64,
) -> Result<Vec<Granted>, StoreError> {
    tx.query(LIST, params![sender, limit, skip]).await?.iter().map(from_row).collect()
}

const SPEND: &str = "UPDATE ledger_grants SET spent = spent + $2 \
     WHERE id = $1 AND revoked_at IS NULL AND expires_at > $3 AND spent + $2 <= cap";

/// Counts a charge; false when the grant does not cover it any more.
pub(in crate::ledger) async fn spend(
    tx: &mut Tx,
    id: &GrantId,
    amount: Money,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SPEND, params![id, amount, now]).await? > 0)
}

const GIVE_BACK: &str = "UPDATE ledger_grants SET spent = spent - $2 WHERE id = $1";

/// Gives a charge that came to nothing back to its grant.
pub(in crate::ledger) async fn give_back(
    tx: &mut Tx,
    id: &GrantId,
    amount: Money,
) -> Result<(), StoreError> {
    tx.execute(GIVE_BACK, params![id, amount]).await.map(drop)
}

const REVOKE_ALL: &str =
    "UPDATE ledger_grants SET revoked_at = $2 WHERE sender_id = $1 AND revoked_at IS NULL";

/// Takes back everything that somebody granted.
pub(in crate::ledger) async fn revoke_all(
    tx: &mut Tx,
    sender: &AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(REVOKE_ALL, params![sender, now]).await.map(drop)
}

const REVOKE: &str = "UPDATE ledger_grants SET revoked_at = $3 \
     WHERE id = $1 AND sender_id = $2 AND revoked_at IS NULL";

/// Takes a grant back; false when it is not the sender's, or was taken back before.
pub(in crate::ledger) async fn revoke(
    tx: &mut Tx,
    id: &GrantId,
    sender: &AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REVOKE, params![id, sender, now]).await? > 0)
}
