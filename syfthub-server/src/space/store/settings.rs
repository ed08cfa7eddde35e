//! Settings that are changed while the space runs.

use crate::db::{StoreError, Tx, params};

const GET: &str = "SELECT value FROM settings WHERE name = $1";

const SET: &str = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// The name of the setting that says where callers reach the space.
pub(crate) const PUBLIC_URL: &str = "public_url";

/// The value of a setting.
pub(crate) async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt(GET, params![name]).await?.map(|row| row.get(0)).transpose()
}

/// Sets a setting.
pub(crate) async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(SET, params![name, value]).await.map(drop)
}
