//! Models.

use serde_json::{Map, Value};
use syfthub_core::Timestamp;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::ModelId;

/// A model as it is stored; `secrets` are sealed texts by property.
#[derive(Debug, Clone)]
pub(crate) struct ModelRow {
    pub(crate) id: ModelId,
    pub(crate) name: String,
    pub(crate) dtype: String,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) secrets: Map<String, Value>,
    pub(crate) summary: String,
    pub(crate) tags: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const INSERT: &str = "INSERT INTO models (id, name, dtype, configuration, secrets, summary, tags, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const LIST: &str = "SELECT id, name, dtype, configuration, secrets, summary, tags, created_at, updated_at FROM models \
     ORDER BY created_at, id";

const FIND: &str = "SELECT id, name, dtype, configuration, secrets, summary, tags, created_at, updated_at FROM models \
     WHERE id = $1";

const DELETE: &str = "DELETE FROM models WHERE id = $1";

/// Stores a new model; a taken name is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &ModelRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        row.dtype,
        super::text(&row.configuration),
        super::text(&row.secrets),
        row.summary,
        row.tags,
        row.created_at.micros(),
        row.updated_at.micros()
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// All models, oldest first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<ModelRow>, StoreError> {
    tx.query(LIST, params![]).await?.iter().map(from_row).collect()
}

/// The model with this id.
pub(crate) async fn find(tx: &mut Tx, id: ModelId) -> Result<Option<ModelRow>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

/// Removes the model; one that an endpoint uses is refused as a reference.
pub(crate) async fn delete(tx: &mut Tx, id: ModelId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

fn from_row(row: &Row) -> Result<ModelRow, StoreError> {
    Ok(ModelRow {
        id: row.get(0)?,
        name: row.get(1)?,
        dtype: row.get(2)?,
        configuration: super::object(&row.get::<String>(3)?),
        secrets: super::object(&row.get::<String>(4)?),
        summary: row.get(5)?,
        tags: row.get(6)?,
        created_at: Timestamp::from_micros(row.get(7)?),
        updated_at: Timestamp::from_micros(row.get(8)?),
    })
}
