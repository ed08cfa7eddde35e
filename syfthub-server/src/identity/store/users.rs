//! Users and the names they hold.

use syfthub_core::clock::Timestamp;
use syfthub_core::email::Email;
use syfthub_core::ids::{UserId, Username};
use syfthub_core::model::Role;
use syfthub_core::wire::user::User;

use crate::db::{Row, StoreError, Tx, params};

/// The columns of [`user_from_row`], of a table called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.full_name, u.avatar_url, u.role, u.is_active, u.domain, u.aggregator_url, \
         u.created_at, u.updated_at, u.is_email_verified, u.accounting_service_url, u.bio, u.is_email_public, u.last_login_at"
    };
}
pub(super) use user_columns;

/// How many columns those are; whatever else a statement selects comes after them.
pub(super) const USER_WIDTH: usize = 16;

/// A user and the hash that signing in compares with.
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) password_hash: String,
}

/// A user about to exist.
pub(crate) struct NewUser {
    pub(crate) username: Username,
    pub(crate) email: Email,
    pub(crate) full_name: String,
    pub(crate) password_hash: String,
    pub(crate) role: Role,
}

/// Which of a user's unique values belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Username,
    Email,
}

pub(super) fn user_from_row(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.get(0)?,
        username: row.get(1)?,
        email: row.get(2)?,
        full_name: row.get(3)?,
        avatar_url: row.get(4)?,
        role: row.get(5)?,
        is_active: row.get(6)?,
        domain: row.get(7)?,
        aggregator_url: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: Some(row.get(10)?),
        is_email_verified: row.get(11)?,
        accounting_service_url: row.get(12)?,
        bio: row.get(13)?,
        is_email_public: row.get(14)?,
        last_login_at: row.get(15)?,
    })
}

fn account_from_row(row: &Row) -> Result<Account, StoreError> {
    Ok(Account { user: user_from_row(row)?, password_hash: row.get(USER_WIDTH)? })
}

const FIND: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");

/// The user with this number.
pub(crate) async fn find(tx: &mut Tx, id: UserId) -> Result<Option<User>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(user_from_row).transpose()
}

const FIND_NAMED: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.username = $1");

/// The user who goes by `username` now; `username` is in lower case.
pub(crate) async fn find_named(tx: &mut Tx, username: &str) -> Result<Option<User>, StoreError> {
    tx.query_opt(FIND_NAMED, params![username]).await?.as_ref().map(user_from_row).transpose()
}

const FIND_ACCOUNT_BY_NAME: &str =
    concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.username = $1");
const FIND_ACCOUNT_BY_EMAIL: &str =
    concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.email = $1");

/// The account that signs in as `identifier`: an address when it has an `@`, else a username; in any case.
pub(crate) async fn find_account(
    tx: &mut Tx,
    identifier: &str,
) -> Result<Option<Account>, StoreError> {
    let sql = if identifier.contains('@') { FIND_ACCOUNT_BY_EMAIL } else { FIND_ACCOUNT_BY_NAME };
    let row = tx.query_opt(sql, params![identifier.trim().to_lowercase()]).await?;
    row.as_ref().map(account_from_row).transpose()
}

const NAME_HOLDER: &str = "SELECT user_id FROM names WHERE name = $1";

/// Whether `name` is, or once was, somebody's name other than `except`'s.
pub(crate) async fn is_name_taken(
    tx: &mut Tx,
    name: &str,
    except: Option<UserId>,
) -> Result<bool, StoreError> {
    let Some(row) = tx.query_opt(NAME_HOLDER, params![name]).await? else { return Ok(false) };
    let holder: Option<UserId> = row.get(0)?;
    Ok(except.is_none() || holder != except)
}

const EMAIL_HOLDER: &str = "SELECT id FROM users WHERE email = $1";

/// Whether `email` is the address of somebody other than `except`.
pub(crate) async fn is_email_taken(
    tx: &mut Tx,
    email: &str,
    except: Option<UserId>,
) -> Result<bool, StoreError> {
    let Some(row) = tx.query_opt(EMAIL_HOLDER, params![email]).await? else { return Ok(false) };
    Ok(Some(row.get::<UserId>(0)?) != except)
}

const INSERT: &str = "INSERT INTO users (username, email, full_name, password_hash, role, is_active, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING RETURNING id";

/// Adds the user, unless the name or the address is taken; the name is tested first.
pub(crate) async fn insert(
    tx: &mut Tx,
    new: &NewUser,
    at: Timestamp,
) -> Result<Result<UserId, Taken>, StoreError> {
    if is_name_taken(tx, new.username.as_str(), None).await? {
        return Ok(Err(Taken::Username));
    }
    let values = params![
        new.username,
        new.email.as_str(),
        new.full_name,
        new.password_hash,
        new.role,
        true,
        at
    ];
    let Some(row) = tx.query_opt(INSERT, values).await? else {
        // Whoever was faster may have taken the name since it was tested.
        let name_went = is_name_taken(tx, new.username.as_str(), None).await?;
        return Ok(Err(if name_went { Taken::Username } else { Taken::Email }));
    };
    let id = row.get(0)?;
    Ok(if claim_name(tx, &new.username, id, at).await? { Ok(id) } else { Err(Taken::Username) })
}

const CLAIM_NAME: &str = "INSERT INTO names (name, user_id, claimed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET name = excluded.name WHERE names.user_id = excluded.user_id RETURNING name";

/// Reserves `name` for the user for good; false when it is somebody else's.
async fn claim_name(
    tx: &mut Tx,
    name: &Username,
    user: UserId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(CLAIM_NAME, params![name, user, at]).await?.is_some())
}

const RELEASE_NAMES: &str = "DELETE FROM names WHERE user_id = $1";
const WITHDRAW: &str = "DELETE FROM users WHERE id = $1";

/// Undoes [`insert`]: the user is gone, and the name is free again since nobody has seen it.
pub(crate) async fn withdraw(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    tx.execute(RELEASE_NAMES, params![id]).await?;
    tx.execute(WITHDRAW, params![id]).await.map(drop)
}

const SET_DOMAIN: &str = "UPDATE users SET domain = $2, updated_at = $3 WHERE id = $1";

/// Stores where the user serves endpoints from.
pub(crate) async fn set_domain(
    tx: &mut Tx,
    id: UserId,
    domain: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_DOMAIN, params![id, domain, at]).await.map(drop)
}

const UPDATE: &str = "UPDATE users SET username = $2, email = $3, full_name = $4, avatar_url = $5, domain = $6, \
     aggregator_url = $7, updated_at = $8, is_email_verified = $9, accounting_service_url = $10, bio = $11, \
     is_email_public = $12, role = $13, is_active = $14 WHERE id = $1";

/// Stores `user`, unless its address or `new_name`, the name it takes, belongs to somebody else. The old
/// name stays reserved. After a refusal the transaction is to be undone.
pub(crate) async fn update(
    tx: &mut Tx,
    user: &User,
    new_name: Option<&Username>,
) -> Result<Option<Taken>, StoreError> {
    if let Some(name) = new_name
        && is_name_taken(tx, name.as_str(), Some(user.id)).await?
    {
        return Ok(Some(Taken::Username));
    }
    if is_email_taken(tx, &user.email, Some(user.id)).await? {
        return Ok(Some(Taken::Email));
    }
    let at = user.updated_at.unwrap_or(user.created_at);
    let values = params![
        user.id,
        user.username,
        user.email,
        user.full_name,
        user.avatar_url,
        user.domain,
        user.aggregator_url,
        at,
        user.is_email_verified,
        user.accounting_service_url,
        user.bio,
        user.is_email_public,
        user.role,
        user.is_active
    ];
    // First the user, then the name, as in `insert`: transactions that want the same name wait for each other in turn.
    match tx.execute(UPDATE, values).await {
        Ok(_) => {}
        Err(error) if error.is_conflict("users_email_key") => return Ok(Some(Taken::Email)),
        Err(error) if error.is_conflict("users_username_key") => return Ok(Some(Taken::Username)),
        Err(error) => return Err(error),
    }
    match new_name {
        Some(name) if !claim_name(tx, name, user.id, at).await? => Ok(Some(Taken::Username)),
        _ => Ok(None),
    }
}

const LOCK: &str = "UPDATE users SET updated_at = updated_at WHERE id = $1";

/// Makes other transactions wait before they change the user, so that what is read next stays true.
pub(crate) async fn lock(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    tx.execute(LOCK, params![id]).await.map(drop)
}

const GUARD: &str = "UPDATE guards SET name = name WHERE name = 'accounts'";

/// Makes every other change of roles, or of who is active, wait until this transaction ends. It is taken before anything
/// else is locked.
pub(crate) async fn guard(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(GUARD, params![]).await.map(drop)
}

const ADMINISTRATORS: &str = "SELECT COUNT(*) FROM users \
     WHERE role = 'admin' AND is_active AND (CAST($1 AS BIGINT) IS NULL OR id <> $1)";

/// Whether anybody, other than `except`, runs the hub.
pub(crate) async fn has_administrator(
    tx: &mut Tx,
    except: Option<UserId>,
) -> Result<bool, StoreError> {
    Ok(tx.query_one(ADMINISTRATORS, params![except]).await?.get::<i64>(0)? > 0)
}

const DELETE: &str = "DELETE FROM users WHERE id = $1";

/// Deletes the user, and with them their sessions, tokens, aggregators, memberships, stars and endpoints.
pub(crate) async fn delete(tx: &mut Tx, id: UserId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

const SET_PASSWORD: &str =
    "UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2";

/// Replaces the password's hash, unless it is no longer `old`.
pub(crate) async fn set_password(
    tx: &mut Tx,
    id: UserId,
    old: &str,
    new: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SET_PASSWORD, params![id, old, new, at]).await? == 1)
}

const NOTE_SIGN_IN: &str = "UPDATE users SET last_login_at = $2 WHERE id = $1";

/// Notes that the user signed in; not an edit of the profile.
pub(crate) async fn note_sign_in(tx: &mut Tx, id: UserId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(NOTE_SIGN_IN, params![id, at]).await.map(drop)
}

const SET_EMAIL_VERIFIED: &str = "UPDATE users SET is_email_verified = TRUE, updated_at = $2 WHERE id = $1 AND NOT is_email_verified";

/// Notes that a code which was mailed to the user's address came back.
pub(crate) async fn set_email_verified(
    tx: &mut Tx,
    id: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_EMAIL_VERIFIED, params![id, at]).await.map(drop)
}

const PASSWORD_HASH: &str = "SELECT password_hash FROM users WHERE id = $1";

/// The hash of the user's password.
pub(crate) async fn password_hash(tx: &mut Tx, id: UserId) -> Result<Option<String>, StoreError> {
    tx.query_opt(PASSWORD_HASH, params![id]).await?.map(|row| row.get(0)).transpose()
}

// An organization that was deleted is no audience at all, so that of those only the active ones are looked at.
const AUDIENCE_IS_ACTIVE: &str = "SELECT COALESCE((SELECT is_active FROM users WHERE username = $1), \
     (SELECT is_active FROM organizations WHERE slug = $1 AND is_active))";

/// Whether satellite tokens may be made for `name`, in lower case: a user's, if the account is switched on, or an active
/// organization's. Nothing when nobody is called so.
pub(crate) async fn audience_is_active(
    tx: &mut Tx,
    name: &str,
) -> Result<Option<bool>, StoreError> {
    let row = tx.query_opt(AUDIENCE_IS_ACTIVE, params![name]).await?;
    row.map_or(Ok(None), |row| row.get(0))
}
