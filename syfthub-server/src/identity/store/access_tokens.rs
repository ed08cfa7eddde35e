//! Personal access tokens. What is kept of the token itself is its digest.

use syfthub_core::model::Scope;
use syfthub_core::wire::access_token::AccessToken;
use syfthub_core::wire::user::User;
use syfthub_core::{AccessTokenId, Timestamp, UserId};

use super::users::{USER_WIDTH, user_columns, user_from_row};
use crate::db::{Row, StoreError, Tx, params};
use crate::http::Page;

/// A token about to be kept.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) name: String,
    /// Its first characters.
    pub(crate) prefix: String,
    /// Its SHA-256 in hexadecimal digits.
    pub(crate) digest: String,
    /// In ascending order.
    pub(crate) scopes: Vec<Scope>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A token that begins like the one a request presented.
pub(crate) struct Candidate {
    pub(crate) id: AccessTokenId,
    pub(crate) digest: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) user: User,
}

/// Which tokens of a user are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// All that were ever made.
    All,
    /// Those that count at this moment.
    Active(Timestamp),
}

impl Which {
    /// The moment at which a token must count, if it must.
    fn moment(self) -> Option<Timestamp> {
        match self {
            Self::All => None,
            Self::Active(now) => Some(now),
        }
    }
}

/// The columns of [`from_row`].
macro_rules! columns {
    () => {
        "id, name, prefix, scopes, expires_at, last_used_at, last_used_ip, revoked_at, created_at, updated_at \
         FROM access_tokens "
    };
}

/// The tokens of user `$1` that count at `$2`, or all when that is null.
macro_rules! of_user {
    () => {
        "WHERE user_id = $1 AND (CAST($2 AS BIGINT) IS NULL \
         OR (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2))) "
    };
}

fn from_row(row: &Row, now: Timestamp) -> Result<AccessToken, StoreError> {
    let expires_at: Option<Timestamp> = row.get(4)?;
    let revoked_at: Option<Timestamp> = row.get(7)?;
    Ok(AccessToken {
        id: row.get(0)?,
        name: row.get(1)?,
        token_prefix: row.get(2)?,
        scopes: scopes(row, 3)?,
        expires_at,
        last_used_at: row.get(5)?,
        last_used_ip: row.get(6)?,
        is_active: revoked_at.is_none() && expires_at.is_none_or(|end| now < end),
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
    })
}

/// The words that [`to_text`] wrote.
fn scopes(row: &Row, index: usize) -> Result<Vec<Scope>, StoreError> {
    let text: String = row.get(index)?;
    text.split(',').map(Scope::parse).collect::<Result<_, _>>().map_err(|_| StoreError::Column {
        index,
        expected: "scopes",
        found: "other text",
    })
}

fn to_text(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
}

const INSERT: &str = "INSERT INTO access_tokens (user_id, name, prefix, digest, scopes, expires_at, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id";

/// Keeps a new token of the user.
pub(crate) async fn insert(
    tx: &mut Tx,
    user: UserId,
    new: &Minted,
    at: Timestamp,
) -> Result<AccessTokenId, StoreError> {
    let scopes = to_text(&new.scopes);
    let values = params![user, new.name, new.prefix, new.digest, scopes, new.expires_at, at];
    tx.query_one(INSERT, values).await?.get(0)
}

const FIND_PRESENTED: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", t.id, t.digest, t.scopes, t.expires_at, t.last_used_at FROM access_tokens t \
     JOIN users u ON u.id = t.user_id WHERE t.prefix = $1 AND t.revoked_at IS NULL"
);

/// The tokens that begin with `prefix` and were not revoked, with their users; hardly ever more than one.
pub(crate) async fn find_presented(
    tx: &mut Tx,
    prefix: &str,
) -> Result<Vec<Candidate>, StoreError> {
    let rows = tx.query(FIND_PRESENTED, params![prefix]).await?;
    let read = |row: &Row| {
        Ok(Candidate {
            user: user_from_row(row)?,
            id: row.get(USER_WIDTH)?,
            digest: row.get(USER_WIDTH + 1)?,
            scopes: scopes(row, USER_WIDTH + 2)?,
            expires_at: row.get(USER_WIDTH + 3)?,
            last_used_at: row.get(USER_WIDTH + 4)?,
        })
    };
    rows.iter().map(read).collect()
}

const FIND: &str = concat!("SELECT ", columns!(), "WHERE user_id = $1 AND id = $2");

/// The user's token with this number; `now` decides whether it counts.
pub(crate) async fn find(
    tx: &mut Tx,
    user: UserId,
    id: AccessTokenId,
    now: Timestamp,
) -> Result<Option<AccessToken>, StoreError> {
    let row = tx.query_opt(FIND, params![user, id]).await?;
    row.as_ref().map(|row| from_row(row, now)).transpose()
}

const LIST: &str =
    concat!("SELECT ", columns!(), of_user!(), "ORDER BY id DESC LIMIT $3 OFFSET $4");

/// A page of the user's tokens, newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    user: UserId,
    which: Which,
    page: Page,
    now: Timestamp,
) -> Result<Vec<AccessToken>, StoreError> {
    let values = params![user, which.moment(), page.limit, page.skip];
    tx.query(LIST, values).await?.iter().map(|row| from_row(row, now)).collect()
}

const COUNT: &str = concat!("SELECT COUNT(*) FROM access_tokens ", of_user!());

/// How many tokens the user has.
pub(crate) async fn count(tx: &mut Tx, user: UserId, which: Which) -> Result<i64, StoreError> {
    tx.query_one(COUNT, params![user, which.moment()]).await?.get(0)
}

const RENAME: &str =
    "UPDATE access_tokens SET name = $3, updated_at = $4 WHERE user_id = $1 AND id = $2";

/// Renames the user's token; false when there is none.
pub(crate) async fn rename(
    tx: &mut Tx,
    user: UserId,
    id: AccessTokenId,
    name: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(RENAME, params![user, id, name, at]).await? == 1)
}

const REVOKE: &str = "UPDATE access_tokens SET revoked_at = $3, updated_at = $3 \
     WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL";

/// Revokes the user's token; false when there is none or it was revoked before.
pub(crate) async fn revoke(
    tx: &mut Tx,
    user: UserId,
    id: AccessTokenId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(REVOKE, params![user, id, at]).await? == 1)
}

const REVOKE_ALL: &str = "UPDATE access_tokens SET revoked_at = $2, updated_at = $2 \
     WHERE user_id = $1 AND revoked_at IS NULL";

/// Revokes every token of the user; tells how many.
pub(crate) async fn revoke_all(
    tx: &mut Tx,
    user: UserId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(REVOKE_ALL, params![user, at]).await
}

const NOTE_USE: &str = "UPDATE access_tokens SET last_used_at = $2, last_used_ip = $3 \
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";

/// Notes a use, unless a later one was noted already.
pub(crate) async fn note_use(
    tx: &mut Tx,
    id: AccessTokenId,
    at: Timestamp,
    address: &str,
) -> Result<(), StoreError> {
    tx.execute(NOTE_USE, params![id, at, address]).await.map(drop)
}
