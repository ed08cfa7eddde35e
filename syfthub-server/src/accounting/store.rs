//! All SQL of accounting.

use syfthub_core::UserId;

use crate::db::{StoreError, Tx, params};

const SET_PASSWORD: &str = "UPDATE users SET accounting_password = $2 WHERE id = $1";

/// Keeps the sealed password of the user's account at the accounting service, or none.
pub(super) async fn set_password(
    tx: &mut Tx,
    user: UserId,
    sealed: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(SET_PASSWORD, params![user, sealed]).await.map(drop)
}
