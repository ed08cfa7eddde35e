//! Datasets.

use serde_json::{Map, Value};
use syfthub_core::Timestamp;

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::DatasetId;

/// A dataset as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct DatasetRow {
    pub(crate) id: DatasetId,
    pub(crate) name: String,
    pub(crate) dtype: String,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) summary: String,
    pub(crate) tags: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const INSERT: &str = "INSERT INTO datasets (id, name, dtype, configuration, summary, tags, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const LIST: &str = "SELECT id, name, dtype, configuration, summary, tags, created_at, updated_at FROM datasets \
     ORDER BY created_at, id";

const FIND: &str = "SELECT id, name, dtype, configuration, summary, tags, created_at, updated_at FROM datasets WHERE id = $1";

const DELETE: &str = "DELETE FROM datasets WHERE id = $1";

/// Stores a new dataset; a taken name is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &DatasetRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        row.dtype,
        super::text(&row.configuration),
        row.summary,
        row.tags,
        row.created_at.micros(),
        row.updated_at.micros()
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// All datasets, oldest first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<DatasetRow>, StoreError> {
    tx.query(LIST, params![]).await?.iter().map(from_row).collect()
}

/// The dataset with this id.
pub(crate) async fn find(tx: &mut Tx, id: DatasetId) -> Result<Option<DatasetRow>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

/// Removes the dataset and its jobs; one that an endpoint uses is refused as a reference.
pub(crate) async fn delete(tx: &mut Tx, id: DatasetId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

fn from_row(row: &Row) -> Result<DatasetRow, StoreError> {
    Ok(DatasetRow {
        id: row.get(0)?,
        name: row.get(1)?,
        dtype: row.get(2)?,
        configuration: super::object(&row.get::<String>(3)?),
        summary: row.get(4)?,
        tags: row.get(5)?,
        created_at: Timestamp::from_micros(row.get(6)?),
        updated_at: Timestamp::from_micros(row.get(7)?),
    })
}
