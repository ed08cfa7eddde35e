//! Datasets and models: what they store is the same, in a table for each.

use serde_json::{Map, Value};
use syfthub_core::Timestamp;

use crate::db::{FromValue, Row, StoreError, ToValue, Tx, params};
use crate::space::ids::{DatasetId, ModelId, TenantId};

/// The id of a dataset or a model, and by it what the part is.
pub(crate) trait PartId: Copy + Eq + ToValue + FromValue + Send + Sync + 'static {
    /// What people call it.
    const WORD: &'static str;
    /// How it is stored.
    const SQL: Sql;
}

/// The statements on one of the two tables.
pub(crate) struct Sql {
    insert: &'static str,
    all: &'static str,
    list: &'static str,
    find: &'static str,
    update: &'static str,
    delete: &'static str,
}

macro_rules! columns {
    () => {
        "id, tenant_id, name, dtype, configuration, secrets, summary, tags, created_at, updated_at"
    };
}

macro_rules! statements {
    ($table:literal) => {
        Sql {
            insert: concat!(
                "INSERT INTO ", $table, " (", columns!(),
                ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            all: concat!("SELECT ", columns!(), " FROM ", $table, " ORDER BY created_at, id"),
            list: concat!(
                "SELECT ", columns!(), " FROM ", $table,
                " WHERE tenant_id = $1 ORDER BY created_at, id"
            ),
            find: concat!("SELECT ", columns!(), " FROM ", $table, " WHERE tenant_id = $1 AND id = $2"),
            update: concat!(
                "UPDATE ", $table,
                " SET name = $2, configuration = $3, secrets = $4, summary = $5, tags = $6, updated_at = $7 WHERE id = $1"
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE id = $1"),
        }
    };
}

impl PartId for DatasetId {
    const WORD: &'static str = "dataset";
    const SQL: Sql = statements!("datasets");
}

impl PartId for ModelId {
    const WORD: &'static str = "model";
    const SQL: Sql = statements!("models");
}

/// A dataset or model as it is stored; `secrets` are sealed, by the place each has in the configuration.
#[derive(Debug, Clone)]
pub(crate) struct PartRow<I> {
    pub(crate) id: I,
    pub(crate) tenant: TenantId,
    pub(crate) name: String,
    pub(crate) dtype: String,
    pub(crate) configuration: Map<String, Value>,
    pub(crate) secrets: Map<String, Value>,
    pub(crate) summary: String,
    pub(crate) tags: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A dataset as it is stored.
pub(crate) type DatasetRow = PartRow<DatasetId>;

/// A model as it is stored.
pub(crate) type ModelRow = PartRow<ModelId>;

/// Stores a new part; a taken name is a conflict.
pub(crate) async fn insert<I: PartId>(tx: &mut Tx, row: &PartRow<I>) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.tenant,
        row.name,
        row.dtype,
        super::text(&row.configuration),
        super::text(&row.secrets),
        row.summary,
        row.tags,
        row.created_at.micros(),
        row.updated_at.micros()
    ];
    tx.execute(I::SQL.insert, values).await.map(drop)
}

/// The parts of every tenant, oldest first.
pub(crate) async fn all<I: PartId>(tx: &mut Tx) -> Result<Vec<PartRow<I>>, StoreError> {
    tx.query(I::SQL.all, params![]).await?.iter().map(from_row).collect()
}

/// The tenant's parts, oldest first.
pub(crate) async fn list<I: PartId>(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Vec<PartRow<I>>, StoreError> {
    tx.query(I::SQL.list, params![tenant]).await?.iter().map(from_row).collect()
}

/// The tenant's part with this id.
pub(crate) async fn find<I: PartId>(
    tx: &mut Tx,
    tenant: TenantId,
    id: I,
) -> Result<Option<PartRow<I>>, StoreError> {
    tx.query_opt(I::SQL.find, params![tenant, id]).await?.as_ref().map(from_row).transpose()
}

/// Stores what an edit changed; a taken name is a conflict.
pub(crate) async fn update<I: PartId>(tx: &mut Tx, row: &PartRow<I>) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        super::text(&row.configuration),
        super::text(&row.secrets),
        row.summary,
        row.tags,
        row.updated_at.micros()
    ];
    tx.execute(I::SQL.update, values).await.map(drop)
}

/// Removes the part, and of a dataset its jobs; one that an endpoint uses is refused as a reference.
pub(crate) async fn delete<I: PartId>(tx: &mut Tx, id: I) -> Result<(), StoreError> {
    tx.execute(I::SQL.delete, params![id]).await.map(drop)
}

fn from_row<I: PartId>(row: &Row) -> Result<PartRow<I>, StoreError> {
    Ok(PartRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        name: row.get(2)?,
        dtype: row.get(3)?,
        configuration: super::object(&row.get::<String>(4)?),
        secrets: super::object(&row.get::<String>(5)?),
        summary: row.get(6)?,
        tags: row.get(7)?,
        created_at: Timestamp::from_micros(row.get(8)?),
        updated_at: Timestamp::from_micros(row.get(9)?),
    })
}
