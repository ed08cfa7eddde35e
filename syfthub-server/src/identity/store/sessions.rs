//! Sessions and the refresh tokens that keep them going.

use syfthub_core::clock::Timestamp;
use syfthub_core::ids::UserId;
use syfthub_core::wire::user::User;

use super::users::{user_columns, user_from_row};
use crate::db::{Row, StoreError, Tx, params};

/// A refresh token as the database knows it. It is named by its session and by how often that was refreshed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefreshRow {
    pub(crate) rotation: i64,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// When the token with the next number took its place.
    pub(crate) replaced_at: Option<Timestamp>,
}

const INSERT: &str =
    "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";

/// Opens a session.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: &str,
    user: UserId,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![id, user, at, expires_at]).await.map(drop)
}

const FIND_USER: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $2"
);

/// The user of the session, as long as it is open.
pub(crate) async fn find_user(
    tx: &mut Tx,
    session: &str,
    user: UserId,
) -> Result<Option<User>, StoreError> {
    tx.query_opt(FIND_USER, params![session, user]).await?.as_ref().map(user_from_row).transpose()
}

const EXTEND: &str = "UPDATE sessions SET expires_at = $2 WHERE id = $1";

/// Moves the end of a session; false when it has ended. Until the commit nobody else can change or end it.
pub(crate) async fn extend(
    tx: &mut Tx,
    id: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(EXTEND, params![id, expires_at]).await? == 1)
}

const DELETE: &str = "DELETE FROM sessions WHERE id = $1";

/// Ends a session; false when it had ended before.
pub(crate) async fn delete(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(DELETE, params![id]).await? > 0)
}

const DELETE_OTHERS: &str =
    "DELETE FROM sessions WHERE user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id <> $2)";

/// Ends every session of the user but `kept`, if one is kept; tells how many.
pub(crate) async fn delete_others(
    tx: &mut Tx,
    user: UserId,
    kept: Option<&str>,
) -> Result<u64, StoreError> {
    tx.execute(DELETE_OTHERS, params![user, kept]).await
}

const DELETE_EXPIRED: &str = "DELETE FROM sessions WHERE id IN \
     (SELECT id FROM sessions WHERE user_id = $1 AND expires_at <= $2 ORDER BY expires_at LIMIT 100)";

/// Clears away a batch of the user's sessions that nothing can refresh any more.
pub(crate) async fn delete_expired(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(DELETE_EXPIRED, params![user, now]).await.map(drop)
}

const DELETE_ENDED: &str = "DELETE FROM sessions WHERE id IN \
     (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

/// Clears away up to `batch` sessions that nothing can refresh any more, whoever's they are; tells how many.
pub(crate) async fn delete_ended(
    tx: &mut Tx,
    now: Timestamp,
    batch: i64,
) -> Result<u64, StoreError> {
    tx.execute(DELETE_ENDED, params![now, batch]).await
}

const DELETE_REPLACED: &str = "DELETE FROM refresh_tokens WHERE (session_id, rotation) IN \
     (SELECT session_id, rotation FROM refresh_tokens WHERE replaced_at < $1 ORDER BY replaced_at LIMIT $2)";

/// Forgets up to `batch` refresh tokens that were replaced before `moment`; tells how many.
pub(crate) async fn delete_replaced(
    tx: &mut Tx,
    moment: Timestamp,
    batch: i64,
) -> Result<u64, StoreError> {
    tx.execute(DELETE_REPLACED, params![moment, batch]).await
}

const INSERT_REFRESH: &str = "INSERT INTO refresh_tokens (session_id, rotation, issued_at, expires_at) VALUES ($1, $2, $3, $4)";

/// Notes a refresh token of `session` that is about to be handed out.
pub(crate) async fn insert_refresh(
    tx: &mut Tx,
    session: &str,
    token: &RefreshRow,
) -> Result<(), StoreError> {
    let values = params![session, token.rotation, token.issued_at, token.expires_at];
    tx.execute(INSERT_REFRESH, values).await.map(drop)
}

const FIND_REFRESH: &str = "SELECT rotation, issued_at, expires_at, replaced_at FROM refresh_tokens \
     WHERE session_id = $1 AND rotation = $2";

/// The refresh token with this number, unless it was pruned.
pub(crate) async fn find_refresh(
    tx: &mut Tx,
    session: &str,
    rotation: i64,
) -> Result<Option<RefreshRow>, StoreError> {
    tx.query_opt(FIND_REFRESH, params![session, rotation])
        .await?
        .as_ref()
        .map(refresh_from_row)
        .transpose()
}

const REPLACE_REFRESH: &str = "UPDATE refresh_tokens SET replaced_at = $3 \
     WHERE session_id = $1 AND rotation = $2 AND replaced_at IS NULL";

/// Marks the token as replaced; false when it was replaced before. Of callers at the same time one wins.
pub(crate) async fn replace_refresh(
    tx: &mut Tx,
    session: &str,
    rotation: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REPLACE_REFRESH, params![session, rotation, at]).await? == 1)
}

const PRUNE_REFRESH: &str = "DELETE FROM refresh_tokens WHERE session_id = $1 AND replaced_at < $2";

/// Forgets the session's tokens that were replaced before `moment`.
pub(crate) async fn prune_refresh(
    tx: &mut Tx,
    session: &str,
    moment: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(PRUNE_REFRESH, params![session, moment]).await.map(drop)
}

fn refresh_from_row(row: &Row) -> Result<RefreshRow, StoreError> {
    Ok(RefreshRow {
        rotation: row.get(0)?,
        issued_at: row.get(1)?,
        expires_at: row.get(2)?,
        replaced_at: row.get(3)?,
    })
}
