//! Accounts: who has money.

use syfthub_core::ledger::AccountId;
use syfthub_core::{Email, Timestamp, UserId};

use crate::db::{Row, StoreError, Tx, params};
use crate::ledger::model::Account;

const INSERT: &str = "INSERT INTO ledger_accounts (id, email, user_id, organization, created_at) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id";

/// Opens an account; false when the address or the user has one.
pub(in crate::ledger) async fn insert(
    tx: &mut Tx,
    id: &AccountId,
    email: &Email,
    user: Option<UserId>,
    organization: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let values = params![id, email, user, organization, now];
    Ok(tx.query_opt(INSERT, values).await?.is_some())
}

macro_rules! account {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, user_id, organization, available, held FROM ledger_accounts ",
            $rest
        )
    };
}

fn from_row(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.get(0)?,
        email: row.get(1)?,
        user: row.get(2)?,
        organization: row.get(3)?,
        available: row.get(4)?,
        held: row.get(5)?,
    })
}

const FIND: &str = account!("WHERE id = $1 AND NOT is_system");

/// The account of that id.
pub(in crate::ledger) async fn find(
    tx: &mut Tx,
    id: &AccountId,
) -> Result<Option<Account>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

const BY_EMAIL: &str = account!("WHERE email = $1");

/// The account of that address.
pub(in crate::ledger) async fn by_email(
    tx: &mut Tx,
    email: &Email,
) -> Result<Option<Account>, StoreError> {
    tx.query_opt(BY_EMAIL, params![email]).await?.as_ref().map(from_row).transpose()
}

const BY_USER: &str = account!("WHERE user_id = $1");

/// The account of that user.
pub(in crate::ledger) async fn by_user(
    tx: &mut Tx,
    user: UserId,
) -> Result<Option<Account>, StoreError> {
    tx.query_opt(BY_USER, params![user]).await?.as_ref().map(from_row).transpose()
}

const IS_USERS: &str = "SELECT 1 FROM users WHERE email = $1";

/// Whether the address is that of a user of the hub.
pub(in crate::ledger) async fn is_users(tx: &mut Tx, email: &Email) -> Result<bool, StoreError> {
    Ok(tx.query_opt(IS_USERS, params![email]).await?.is_some())
}

const LIST: &str = account!("WHERE NOT is_system ORDER BY id LIMIT $1");

/// The first accounts, oldest first.
pub(in crate::ledger) async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Account>, StoreError> {
    tx.query(LIST, params![limit]).await?.iter().map(from_row).collect()
}

const TAKE_UNTOUCHED: &str = "UPDATE ledger_accounts SET user_id = $2 WHERE email = $1 AND user_id IS NULL \
     AND NOT EXISTS (SELECT 1 FROM ledger_postings WHERE account_id = ledger_accounts.id) RETURNING id";

/// Gives the free-standing account of that address to a user, unless money was ever moved there.
pub(in crate::ledger) async fn take_untouched(
    tx: &mut Tx,
    email: &Email,
    user: UserId,
) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt(TAKE_UNTOUCHED, params![email, user]).await?.map(|row| row.get(0)).transpose()
}

const SET_EMAIL: &str = "UPDATE ledger_accounts SET email = $2 WHERE user_id = $1 \
     AND NOT EXISTS (SELECT 1 FROM ledger_accounts AS other WHERE other.email = $2)";

/// Moves a user's account to another address; false when there is none, or the address has one.
pub(in crate::ledger) async fn set_email(
    tx: &mut Tx,
    user: UserId,
    email: &Email,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SET_EMAIL, params![user, email]).await? > 0)
}

const SET_ORGANIZATION: &str = "UPDATE ledger_accounts SET organization = $2 WHERE id = $1";

/// Names the organization that the account's holder belongs to.
pub(in crate::ledger) async fn set_organization(
    tx: &mut Tx,
    id: &AccountId,
    organization: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(SET_ORGANIZATION, params![id, organization]).await.map(drop)
}
