//! The people named on endpoints, in JSON as `[1,2]`.

use syfthub_core::{EndpointId, UserId};

use super::record::{json, to_json};
use crate::db::{Row, StoreError, Tx, params};

const CONTRIBUTED_BY: &str = "SELECT id, contributors FROM endpoints \
     WHERE ',' || substr(contributors, 2, length(contributors) - 2) || ',' LIKE '%,' || CAST($1 AS TEXT) || ',%' ORDER BY id";

/// The endpoints that name `user`, with everybody whom they name. Looks through all endpoints.
pub(crate) async fn contributed_by(
    tx: &mut Tx,
    user: UserId,
) -> Result<Vec<(EndpointId, Vec<UserId>)>, StoreError> {
    let rows = tx.query(CONTRIBUTED_BY, params![user.to_string()]).await?;
    rows.iter().map(|row: &Row| Ok((row.get(0)?, json(row, 1)?))).collect()
}

const SET_CONTRIBUTORS: &str = "UPDATE endpoints SET contributors = $2 WHERE id = $1";

/// Replaces whom the endpoint names.
pub(crate) async fn set_contributors(
    tx: &mut Tx,
    id: EndpointId,
    contributors: &[UserId],
) -> Result<(), StoreError> {
    tx.execute(SET_CONTRIBUTORS, params![id, to_json(&contributors)]).await.map(drop)
}
