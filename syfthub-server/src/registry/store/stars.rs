//! Stars, and what an administrator sets. Neither is an edit: `updated_at` stays. The counter moves with the rows of
//! `stars` by triggers, so that it is right whoever removes them.

use syfthub_core::{EndpointId, Timestamp, UserId};

use crate::db::{StoreError, Tx, params};

const ADD: &str = "INSERT INTO stars (user_id, endpoint_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

/// Stars the endpoint for the user; false when they had done so.
pub(crate) async fn add_star(
    tx: &mut Tx,
    user: UserId,
    endpoint: EndpointId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(ADD, params![user, endpoint, at]).await? == 1)
}

const REMOVE: &str = "DELETE FROM stars WHERE user_id = $1 AND endpoint_id = $2";

/// Takes the user's star back; false when there was none.
pub(crate) async fn remove_star(
    tx: &mut Tx,
    user: UserId,
    endpoint: EndpointId,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REMOVE, params![user, endpoint]).await? == 1)
}

const IS_STARRED: &str = "SELECT 1 FROM stars WHERE user_id = $1 AND endpoint_id = $2";

/// Whether the user starred the endpoint.
pub(crate) async fn is_starred(
    tx: &mut Tx,
    user: UserId,
    endpoint: EndpointId,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(IS_STARRED, params![user, endpoint]).await?.is_some())
}

const SET_STARS: &str = "UPDATE endpoints SET stars_count = $2 WHERE id = $1";

/// Has the counter go on from `count`.
pub(crate) async fn set_stars(
    tx: &mut Tx,
    endpoint: EndpointId,
    count: i64,
) -> Result<(), StoreError> {
    tx.execute(SET_STARS, params![endpoint, count]).await.map(drop)
}

const SET_DISABLED: &str = "UPDATE endpoints SET is_disabled = $2 WHERE id = $1";

/// Switches the endpoint off in an administrator's name, or takes that back.
pub(crate) async fn set_disabled(
    tx: &mut Tx,
    endpoint: EndpointId,
    is_disabled: bool,
) -> Result<(), StoreError> {
    tx.execute(SET_DISABLED, params![endpoint, is_disabled]).await.map(drop)
}
