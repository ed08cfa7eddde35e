//! The trace of changes. An event is written in the transaction of the change it tells of.

use serde::Serialize;
use serde_json::Value;
use syfthub_core::Timestamp;
use utoipa::ToSchema;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::TenantId;

/// One change, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Its place in the trace; later ones have greater numbers.
    pub(crate) id: i64,
    /// When. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Who did it: `account:ID`, `admin-key` or `program`.
    pub(crate) actor: String,
    /// What was done, as `subject.verb`, such as `endpoint.create`.
    pub(crate) action: String,
    /// What it was done to, as `kind:id`.
    pub(crate) subject: String,
    /// What else matters; never a secret.
    pub(crate) detail: Value,
    /// The request that caused it.
    pub(crate) correlation_id: String,
}

const APPEND: &str = "INSERT INTO audit_events (tenant_id, at, actor, action, subject, detail, correlation_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const LIST: &str = "SELECT id, at, actor, action, subject, detail, correlation_id FROM audit_events \
     WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

/// Appends an event, whose number is given out here, to the change that `tx` is.
pub(crate) async fn append(tx: &mut Tx, tenant: TenantId, event: &Event) -> Result<(), StoreError> {
    let Event { id: _, at, actor, action, subject, detail, correlation_id } = event;
    let values = params![tenant, at, actor, action, subject, detail.to_string(), correlation_id];
    tx.execute(APPEND, values).await.map(drop)
}

/// The tenant's events before the one with number `before`, newest first, at most `limit`.
pub(crate) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    before: i64,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    tx.query(LIST, params![tenant, before, limit]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.get(0)?,
        at: Timestamp::from_micros(row.get(1)?),
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        detail: serde_json::from_str(&row.get::<String>(5)?).unwrap_or_default(),
        correlation_id: row.get(6)?,
    })
}
