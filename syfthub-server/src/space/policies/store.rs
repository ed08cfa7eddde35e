//! Policies in the tables.

use serde_json::{Map, Value};
use syfthub_core::Timestamp;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::{EndpointKey, PolicyId, TenantId};

/// A policy as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRow {
    pub(crate) id: PolicyId,
    pub(crate) tenant: TenantId,
    pub(crate) endpoint: EndpointKey,
    pub(crate) name: String,
    pub(crate) policy_type: String,
    /// Settled, so that it reads as it was meant whatever the defaults become.
    pub(crate) configuration: Map<String, Value>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant_id, endpoint_id, name, policy_type, configuration, created_at, updated_at FROM policies ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO policies (id, tenant_id, endpoint_id, name, policy_type, configuration, created_at, \
     updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const ALL: &str = select!("ORDER BY created_at, id");

const LIST: &str = select!("WHERE tenant_id = $1 ORDER BY created_at, id");

const OF_ENDPOINT: &str = select!("WHERE endpoint_id = $1 ORDER BY created_at, id");

const FIND: &str = select!("WHERE tenant_id = $1 AND id = $2");

const UPDATE: &str =
    "UPDATE policies SET name = $2, configuration = $3, updated_at = $4 WHERE id = $1";

const DELETE: &str = "DELETE FROM policies WHERE id = $1";

const OWNED: &str = "SELECT 1 FROM endpoints WHERE tenant_id = $1 AND id = $2";

/// Stores a new policy; a name that another policy of the endpoint has is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &PolicyRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.tenant,
        row.endpoint,
        row.name,
        row.policy_type,
        text(&row.configuration),
        row.created_at.micros(),
        row.updated_at.micros()
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// The policies of every tenant, oldest first.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<PolicyRow>, StoreError> {
    tx.query(ALL, params![]).await?.iter().map(from_row).collect()
}

/// The tenant's policies, oldest first.
pub(crate) async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<PolicyRow>, StoreError> {
    tx.query(LIST, params![tenant]).await?.iter().map(from_row).collect()
}

/// The policies of an endpoint, oldest first.
pub(crate) async fn of_endpoint(
    tx: &mut Tx,
    endpoint: EndpointKey,
) -> Result<Vec<PolicyRow>, StoreError> {
    tx.query(OF_ENDPOINT, params![endpoint]).await?.iter().map(from_row).collect()
}

/// The tenant's policy with this id.
pub(crate) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: PolicyId,
) -> Result<Option<PolicyRow>, StoreError> {
    tx.query_opt(FIND, params![tenant, id]).await?.as_ref().map(from_row).transpose()
}

/// Stores what an edit changed; a name that another policy of the endpoint has is a conflict.
pub(crate) async fn update(tx: &mut Tx, row: &PolicyRow) -> Result<(), StoreError> {
    let values = params![row.id, row.name, text(&row.configuration), row.updated_at.micros()];
    tx.execute(UPDATE, values).await.map(drop)
}

/// Removes the policy.
pub(crate) async fn delete(tx: &mut Tx, id: PolicyId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

/// Whether the tenant has this endpoint.
pub(crate) async fn has_endpoint(
    tx: &mut Tx,
    tenant: TenantId,
    endpoint: EndpointKey,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(OWNED, params![tenant, endpoint]).await?.is_some())
}

fn text(configuration: &Map<String, Value>) -> String {
    serde_json::to_string(configuration).expect("an object of plain values is JSON")
}

fn from_row(row: &Row) -> Result<PolicyRow, StoreError> {
    let configuration: String = row.get(5)?;
    Ok(PolicyRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        endpoint: row.get(2)?,
        name: row.get(3)?,
        policy_type: row.get(4)?,
        configuration: serde_json::from_str(&configuration)
            .map_err(|_| StoreError::Rule("policies.configuration".to_owned()))?,
        created_at: Timestamp::from_micros(row.get(6)?),
        updated_at: Timestamp::from_micros(row.get(7)?),
    })
}
