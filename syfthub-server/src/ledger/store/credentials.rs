//! What opens an account over HTTP.

use syfthub_core::ledger::AccountId;
use syfthub_core::{Email, Timestamp, UserId};

use crate::db::{StoreError, Tx, params};

/// What is stored of an account's secrets.
#[derive(Clone)]
pub(in crate::ledger) struct Stored {
    /// Whose.
    pub(in crate::ledger) account: AccountId,
    /// The user of the hub whose account it is.
    pub(in crate::ledger) user: Option<UserId>,
    /// Keyed hash of the secret that was made for it.
    pub(in crate::ledger) secret_digest: Option<String>,
    /// That secret, sealed.
    pub(in crate::ledger) secret_sealed: Option<String>,
    /// Hash of the password that somebody chose.
    pub(in crate::ledger) password_hash: Option<String>,
}

const FIND: &str = "SELECT a.id, a.user_id, c.secret_digest, c.secret_sealed, c.password_hash \
     FROM ledger_accounts AS a JOIN ledger_credentials AS c ON c.account_id = a.id LEFT JOIN users AS u ON u.id = a.user_id \
     WHERE a.email = $1 AND (a.user_id IS NULL OR u.is_active)";

/// What opens the account of that address; nothing does while its user is switched off.
pub(in crate::ledger) async fn find(
    tx: &mut Tx,
    email: &Email,
) -> Result<Option<Stored>, StoreError> {
    let Some(row) = tx.query_opt(FIND, params![email]).await? else { return Ok(None) };
    Ok(Some(Stored {
        account: row.get(0)?,
        user: row.get(1)?,
        secret_digest: row.get(2)?,
        secret_sealed: row.get(3)?,
        password_hash: row.get(4)?,
    }))
}

const SET_SECRET: &str = "INSERT INTO ledger_credentials (account_id, secret_digest, secret_sealed, changed_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) DO UPDATE SET secret_digest = excluded.secret_digest, \
     secret_sealed = excluded.secret_sealed, changed_at = excluded.changed_at";

/// Keeps the secret that was made for an account, in place of the one before; sealed when it must be told again.
pub(in crate::ledger) async fn set_secret(
    tx: &mut Tx,
    account: &AccountId,
    digest: Option<&str>,
    sealed: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_SECRET, params![account, digest, sealed, now]).await.map(drop)
}

const FORGET: &str = "DELETE FROM ledger_credentials WHERE account_id = $1";

/// Forgets everything that opens an account.
pub(in crate::ledger) async fn forget(tx: &mut Tx, account: &AccountId) -> Result<(), StoreError> {
    tx.execute(FORGET, params![account]).await.map(drop)
}

const SET_PASSWORD: &str = "INSERT INTO ledger_credentials (account_id, password_hash, changed_at) \
     VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, \
     changed_at = excluded.changed_at";

/// Keeps the hash of a password that somebody chose, in place of the one before.
pub(in crate::ledger) async fn set_password(
    tx: &mut Tx,
    account: &AccountId,
    hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_PASSWORD, params![account, hash, now]).await.map(drop)
}
