//! The RSA keys behind satellite tokens, their private halves sealed.

use syfthub_core::Timestamp;
use syfthub_core::token::jwks::Jwk;

use crate::db::{Row, StoreError, Tx, params};

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredKey {
    /// Keys are numbered; of two servers that add one at once, one gets the number.
    pub(crate) generation: i64,
    /// The public half, as it is published.
    pub(crate) public: Jwk,
    /// The private half as PEM, sealed.
    pub(crate) sealed: String,
    pub(crate) created_at: Timestamp,
    /// It signs from here until its successor does.
    pub(crate) signs_from: Timestamp,
}

const LIST: &str = "SELECT generation, public, sealed, created_at, signs_from FROM signing_keys ORDER BY generation";

/// All keys, oldest first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<StoredKey>, StoreError> {
    tx.query(LIST, params![]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<StoredKey, StoreError> {
    let public: String = row.get(1)?;
    let unread =
        |_| StoreError::Column { index: 1, expected: "a JSON Web Key", found: "other text" };
    Ok(StoredKey {
        generation: row.get(0)?,
        public: serde_json::from_str(&public).map_err(unread)?,
        sealed: row.get(2)?,
        created_at: row.get(3)?,
        signs_from: row.get(4)?,
    })
}

const INSERT: &str = "INSERT INTO signing_keys (generation, kid, public, sealed, created_at, signs_from) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

/// Keeps a key; false when there is one of its number, or of its name, already.
pub(crate) async fn insert(tx: &mut Tx, key: &StoredKey) -> Result<bool, StoreError> {
    let public = serde_json::to_string(&key.public).expect("plain text becomes JSON");
    let kid = &key.public.kid;
    let values = params![key.generation, kid, public, key.sealed, key.created_at, key.signs_from];
    Ok(tx.execute(INSERT, values).await? == 1)
}

const DELETE: &str = "DELETE FROM signing_keys WHERE generation = $1";

/// Forgets a key.
pub(crate) async fn delete(tx: &mut Tx, generation: i64) -> Result<(), StoreError> {
    tx.execute(DELETE, params![generation]).await.map(drop)
}
