//! Settings that are changed while the space runs, each tenant's own.

use crate::db::{StoreError, Tx, params};
use crate::space::ids::TenantId;

const GET: &str = "SELECT value FROM settings WHERE tenant_id = $1 AND name = $2";

const SET: &str = "INSERT INTO settings (tenant_id, name, value) VALUES ($1, $2, $3) \
     ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value";

const CLEAR: &str = "DELETE FROM settings WHERE tenant_id = $1 AND name = $2";

/// The name of the setting that says where callers reach the space.
pub(crate) const PUBLIC_URL: &str = "public_url";

/// The name of the setting that holds the sealed token of an `ngrok` agent.
pub(crate) const NGROK: &str = "ngrok_token";

/// The name of the setting that says, by being there, that hubs' tunnels are not wanted.
pub(crate) const TUNNEL: &str = "tunnel";

/// The value of a setting.
pub(crate) async fn get(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<String>, StoreError> {
    tx.query_opt(GET, params![tenant, name]).await?.map(|row| row.get(0)).transpose()
}

/// Sets a setting.
pub(crate) async fn set(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    tx.execute(SET, params![tenant, name, value]).await.map(drop)
}

/// Takes a setting back.
pub(crate) async fn clear(tx: &mut Tx, tenant: TenantId, name: &str) -> Result<(), StoreError> {
    tx.execute(CLEAR, params![tenant, name]).await.map(drop)
}
