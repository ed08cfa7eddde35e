//! Tenants.

use serde_json::{Map, Value};
use syfthub_core::Timestamp;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::TenantId;

/// A tenant as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct TenantRow {
    pub(crate) id: TenantId,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) domain: Option<String>,
    pub(crate) meta: Map<String, Value>,
    pub(crate) is_active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const INSERT: &str = "INSERT INTO tenants (id, name, display_name, domain, meta, is_active, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const UPDATE: &str = "UPDATE tenants SET display_name = $2, domain = $3, meta = $4, is_active = $5, updated_at = $6 \
     WHERE id = $1";

const LIST: &str = "SELECT id, name, display_name, domain, meta, is_active, created_at, updated_at FROM tenants \
     ORDER BY created_at, id";

/// Stores a new tenant; a taken name or domain is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &TenantRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        row.display_name,
        row.domain,
        super::text(&row.meta),
        row.is_active,
        row.created_at.micros(),
        row.updated_at.micros()
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// Stores what an edit changed; a taken domain is a conflict.
pub(crate) async fn update(tx: &mut Tx, row: &TenantRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.display_name,
        row.domain,
        super::text(&row.meta),
        row.is_active,
        row.updated_at.micros()
    ];
    tx.execute(UPDATE, values).await.map(drop)
}

/// All tenants, oldest first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<TenantRow>, StoreError> {
    tx.query(LIST, params![]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<TenantRow, StoreError> {
    Ok(TenantRow {
        id: row.get(0)?,
        name: row.get(1)?,
        display_name: row.get(2)?,
        domain: row.get(3)?,
        meta: super::object(&row.get::<String>(4)?),
        is_active: row.get(5)?,
        created_at: Timestamp::from_micros(row.get(6)?),
        updated_at: Timestamp::from_micros(row.get(7)?),
    })
}
