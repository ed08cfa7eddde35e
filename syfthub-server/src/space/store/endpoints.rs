//! Endpoints.

use syfthub_core::{Slug, Timestamp};

use crate::db::{Row, StoreError, Tx, params};
use crate::space::catalog::{Connected, ResponseType};
use crate::space::ids::{DatasetId, EndpointKey, MarketplaceId, ModelId, TenantId};

/// An endpoint as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct EndpointRow {
    pub(crate) id: EndpointKey,
    pub(crate) tenant: TenantId,
    pub(crate) slug: Slug,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) summary: String,
    pub(crate) dataset_id: Option<DatasetId>,
    pub(crate) model_id: Option<ModelId>,
    pub(crate) response_type: ResponseType,
    /// Whether callers may ask it.
    pub(crate) published: bool,
    /// The hubs that list it.
    pub(crate) published_to: Vec<MarketplaceId>,
    pub(crate) tags: String,
    /// What the model is told before anything else; empty when nothing.
    pub(crate) system_prompt: String,
    /// Put away by its owner: kept, and closed to callers.
    pub(crate) is_archived: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const INSERT: &str = "INSERT INTO endpoints (id, slug, name, description, summary, dataset_id, model_id, response_type, \
     published, published_to, tags, created_at, updated_at, tenant_id, system_prompt, is_archived) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, name, description, summary, dataset_id, model_id, response_type, published, published_to, \
             tags, created_at, updated_at, tenant_id, system_prompt, is_archived FROM endpoints ",
            $rest
        )
    };
}

const LIST: &str = select!("WHERE tenant_id = $1 ORDER BY created_at, id");

const FIND: &str = select!("WHERE tenant_id = $1 AND slug = $2");

const USES: &str = "SELECT id, name, slug, dataset_id, model_id FROM endpoints WHERE tenant_id = $1 \
     ORDER BY created_at, id";

const OPEN: &str = "UPDATE endpoints SET published = $2, updated_at = $3 WHERE id = $1";

const DESCRIBE: &str = "UPDATE endpoints SET name = $2, description = $3, summary = $4, tags = $5, system_prompt = $6, \
     response_type = $7, published = $8, is_archived = $9, dataset_id = $10, model_id = $11, updated_at = $12 WHERE id = $1";

const DELETE: &str = "DELETE FROM endpoints WHERE id = $1";

/// Stores a new endpoint; a taken slug is a conflict.
pub(crate) async fn insert(tx: &mut Tx, row: &EndpointRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.slug.as_str(),
        row.name,
        row.description,
        row.summary,
        row.dataset_id,
        row.model_id,
        row.response_type.as_str(),
        row.published,
        joined(&row.published_to),
        row.tags,
        row.created_at.micros(),
        row.updated_at.micros(),
        row.tenant,
        row.system_prompt,
        row.is_archived
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// The tenant's endpoints, oldest first.
pub(crate) async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<EndpointRow>, StoreError> {
    tx.query(LIST, params![tenant]).await?.iter().map(from_row).collect()
}

/// The tenant's endpoint at `slug`.
pub(crate) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    slug: &str,
) -> Result<Option<EndpointRow>, StoreError> {
    tx.query_opt(FIND, params![tenant, slug]).await?.as_ref().map(from_row).transpose()
}

/// An endpoint, and the parts it uses.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) endpoint: Connected,
    pub(crate) dataset: Option<DatasetId>,
    pub(crate) model: Option<ModelId>,
}

/// Which of the tenant's endpoints use which dataset and model.
pub(crate) async fn uses(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Use>, StoreError> {
    let rows = tx.query(USES, params![tenant]).await?;
    let read = |row: &Row| {
        Ok(Use {
            endpoint: Connected { id: row.get(0)?, name: row.get(1)?, slug: row.get(2)? },
            dataset: row.get(3)?,
            model: row.get(4)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Opens the endpoint to callers, or closes it.
pub(crate) async fn open(
    tx: &mut Tx,
    id: EndpointKey,
    published: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(OPEN, params![id, published, now.micros()]).await.map(drop)
}

/// Stores what an edit changed.
pub(crate) async fn describe(tx: &mut Tx, row: &EndpointRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        row.description,
        row.summary,
        row.tags,
        row.system_prompt,
        row.response_type.as_str(),
        row.published,
        row.is_archived,
        row.dataset_id,
        row.model_id,
        row.updated_at.micros()
    ];
    tx.execute(DESCRIBE, values).await.map(drop)
}

/// Removes the endpoint.
pub(crate) async fn delete(tx: &mut Tx, id: EndpointKey) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

fn joined(ids: &[MarketplaceId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn from_row(row: &Row) -> Result<EndpointRow, StoreError> {
    let published_to: String = row.get(9)?;
    let bad = |what: &str| StoreError::Rule(format!("endpoints.{what}"));
    Ok(EndpointRow {
        id: row.get(0)?,
        slug: Slug::parse(&row.get::<String>(1)?).map_err(|_| bad("slug"))?,
        name: row.get(2)?,
        description: row.get(3)?,
        summary: row.get(4)?,
        dataset_id: row.get(5)?,
        model_id: row.get(6)?,
        response_type: ResponseType::parse(&row.get::<String>(7)?)
            .ok_or_else(|| bad("response_type"))?,
        published: row.get(8)?,
        published_to: published_to.split(',').filter_map(MarketplaceId::parse).collect(),
        tags: row.get(10)?,
        created_at: Timestamp::from_micros(row.get(11)?),
        updated_at: Timestamp::from_micros(row.get(12)?),
        tenant: row.get(13)?,
        system_prompt: row.get(14)?,
        is_archived: row.get(15)?,
    })
}
