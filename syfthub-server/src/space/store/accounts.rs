//! The people who administer tenants.

use syfthub_core::Timestamp;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::{AccountId, TenantId};

/// An account as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub(crate) id: AccountId,
    pub(crate) tenant: TenantId,
    pub(crate) email: String,
    /// Argon2id, as a PHC string.
    pub(crate) password_hash: String,
    /// Sessions that began before this do not count any more.
    pub(crate) password_set_at: Timestamp,
    pub(crate) created_at: Timestamp,
}

const INSERT: &str = "INSERT INTO accounts (id, tenant_id, email, password_hash, password_set_at, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";

const BY_EMAIL: &str = "SELECT id, tenant_id, email, password_hash, password_set_at, created_at FROM accounts WHERE email = $1";

const BY_ID: &str = "SELECT id, tenant_id, email, password_hash, password_set_at, created_at FROM accounts WHERE id = $1";

const SET_PASSWORD: &str =
    "UPDATE accounts SET password_hash = $2, password_set_at = $3 WHERE id = $1";

const COUNT: &str = "SELECT COUNT(*) FROM accounts";

/// Stores a new account; a taken address is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &AccountRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.tenant,
        row.email,
        row.password_hash,
        row.password_set_at.micros(),
        row.created_at.micros()
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// The account with this address.
pub(crate) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(BY_EMAIL, params![email]).await?.as_ref().map(from_row).transpose()
}

/// The account with this id.
pub(crate) async fn by_id(tx: &mut Tx, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    tx.query_opt(BY_ID, params![id]).await?.as_ref().map(from_row).transpose()
}

/// Gives the account another password.
pub(crate) async fn set_password(
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_PASSWORD, params![id, hash, at.micros()]).await.map(drop)
}

/// How many accounts there are, of all tenants.
pub(crate) async fn count(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx.query_opt(COUNT, params![]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

fn from_row(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        email: row.get(2)?,
        password_hash: row.get(3)?,
        password_set_at: Timestamp::from_micros(row.get(4)?),
        created_at: Timestamp::from_micros(row.get(5)?),
    })
}
