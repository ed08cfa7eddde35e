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

const PASSWORD: &str = "SELECT accounting_password FROM users WHERE id = $1";

/// The sealed password of the user's account at the accounting service, if one is known.
pub(super) async fn password(tx: &mut Tx, user: UserId) -> Result<Option<String>, StoreError> {
    let row = tx.query_opt(PASSWORD, params![user]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.flatten())
}

const SET_LINK: &str =
    "UPDATE users SET accounting_service_url = $2, accounting_password = $3 WHERE id = $1";

/// Links the user to an account at an accounting service.
pub(super) async fn set_link(
    tx: &mut Tx,
    user: UserId,
    url: &str,
    sealed: &str,
) -> Result<(), StoreError> {
    tx.execute(SET_LINK, params![user, url, sealed]).await.map(drop)
}

const EMAIL_OF: &str = "SELECT email FROM users WHERE username = $1 AND is_active";

/// The address of the active user who goes by `username`, in lower case.
pub(super) async fn email_of(tx: &mut Tx, username: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt(EMAIL_OF, params![username]).await?.map(|row| row.get(0)).transpose()
}
