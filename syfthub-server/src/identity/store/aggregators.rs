//! The aggregators users keep. An index makes sure that none has two defaults.

use syfthub_core::wire::aggregator::{AggregatorDraft, UserAggregator};
use syfthub_core::{AggregatorId, Timestamp, UserId};

use crate::db::{Row, StoreError, Tx, params};

macro_rules! columns {
    () => {
        "SELECT id, user_id, name, url, is_default, created_at, updated_at FROM aggregators "
    };
}

fn from_row(row: &Row) -> Result<UserAggregator, StoreError> {
    Ok(UserAggregator {
        id: row.get(0)?,
        user_id: row.get(1)?,
        name: row.get(2)?,
        url: row.get(3)?,
        is_default: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
    })
}

const LIST: &str = concat!(columns!(), "WHERE user_id = $1 ORDER BY id");

/// All of the user's aggregators, in the order of their numbers.
pub(crate) async fn list(tx: &mut Tx, user: UserId) -> Result<Vec<UserAggregator>, StoreError> {
    tx.query(LIST, params![user]).await?.iter().map(from_row).collect()
}

const FIND: &str = concat!(columns!(), "WHERE id = $1");

/// The aggregator with this number, whoever keeps it.
pub(crate) async fn find(
    tx: &mut Tx,
    id: AggregatorId,
) -> Result<Option<UserAggregator>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

const INSERT: &str = "INSERT INTO aggregators (user_id, name, url, is_default, created_at, updated_at) \
     VALUES ($1, $2, $3, FALSE, $4, $4) RETURNING id";

/// Adds one that is not the default.
pub(crate) async fn insert(
    tx: &mut Tx,
    user: UserId,
    draft: &AggregatorDraft,
    at: Timestamp,
) -> Result<AggregatorId, StoreError> {
    tx.query_one(INSERT, params![user, draft.name, draft.url, at]).await?.get(0)
}

const UPDATE: &str = "UPDATE aggregators SET name = $2, url = $3, updated_at = $4 WHERE id = $1";

/// Stores name and address.
pub(crate) async fn update(tx: &mut Tx, changed: &UserAggregator) -> Result<(), StoreError> {
    let values = params![changed.id, changed.name, changed.url, changed.updated_at];
    tx.execute(UPDATE, values).await.map(drop)
}

const UNSET_DEFAULT: &str =
    "UPDATE aggregators SET is_default = FALSE WHERE user_id = $1 AND is_default AND id <> $2";
const SET_DEFAULT: &str = "UPDATE aggregators SET is_default = TRUE WHERE user_id = $1 AND id = $2";

/// Makes it the user's default instead of the one so far. The caller has locked the user.
pub(crate) async fn set_default(
    tx: &mut Tx,
    user: UserId,
    id: AggregatorId,
) -> Result<(), StoreError> {
    // One after the other: the index lets no two be the default even for a moment.
    tx.execute(UNSET_DEFAULT, params![user, id]).await?;
    tx.execute(SET_DEFAULT, params![user, id]).await.map(drop)
}

const DELETE: &str = "DELETE FROM aggregators WHERE id = $1";

/// Removes it.
pub(crate) async fn delete(tx: &mut Tx, id: AggregatorId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}
