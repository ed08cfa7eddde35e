//! What hubs list, or shall list.

use syfthub_core::{Slug, Timestamp};

use super::endpoints::EndpointRow;
use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::{EndpointKey, MarketplaceId, TenantId};

/// One endpoint at one hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingRow {
    pub(crate) endpoint: EndpointKey,
    pub(crate) marketplace: MarketplaceId,
    pub(crate) tenant: TenantId,
    pub(crate) slug: Slug,
    /// Whether the hub shall have an entry, or none.
    pub(crate) wanted: bool,
    /// `pending`, `listed` or `failed`.
    pub(crate) state: String,
    /// Why it is not done yet.
    pub(crate) error: Option<String>,
    /// Of the entry that the hub has; `None` when it has none.
    pub(crate) digest: Option<String>,
    /// Tries in a row that did not succeed.
    pub(crate) attempts: u32,
    /// When it is tried next.
    pub(crate) due_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const WANT: &str = "INSERT INTO listings (endpoint_id, marketplace_id, tenant_id, slug, wanted, state, attempts, due_at, updated_at) \
     VALUES ($1, $2, $3, $4, TRUE, 'pending', 0, $5, $5) ON CONFLICT (endpoint_id, marketplace_id) DO UPDATE SET \
     wanted = TRUE, state = 'pending', attempts = 0, error = NULL, due_at = excluded.due_at, updated_at = excluded.updated_at";

/// What waits to be taken off under a slug that is used again.
const SUPERSEDE: &str =
    "DELETE FROM listings WHERE marketplace_id = $1 AND slug = $2 AND NOT wanted";

const UNWANT: &str = "UPDATE listings SET wanted = FALSE, state = 'pending', attempts = 0, error = NULL, due_at = $2, updated_at = $2 \
     WHERE endpoint_id = $1";

const UNWANT_AT: &str = "UPDATE listings SET wanted = FALSE, state = 'pending', attempts = 0, error = NULL, due_at = $2, updated_at = $2 \
     WHERE marketplace_id = $1";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT endpoint_id, marketplace_id, tenant_id, slug, wanted, state, error, digest, attempts, due_at, updated_at \
             FROM listings ",
            $rest
        )
    };
}

const OF_ENDPOINT: &str = select!("WHERE endpoint_id = $1 ORDER BY marketplace_id");

const OF_MARKETPLACE: &str = select!("WHERE marketplace_id = $1 ORDER BY due_at, endpoint_id");

const SETTLE: &str = "UPDATE listings SET state = $3, error = $4, digest = $5, attempts = $6, due_at = $7, updated_at = $8 \
     WHERE endpoint_id = $1 AND marketplace_id = $2 AND wanted = $9";

const REMOVE: &str =
    "DELETE FROM listings WHERE endpoint_id = $1 AND marketplace_id = $2 AND NOT wanted";

const FORGET: &str = "DELETE FROM listings WHERE marketplace_id = $1";

const NOTE: &str = "UPDATE endpoints SET published_to = COALESCE((SELECT group_concat(marketplace_id, ',') FROM listings \
     WHERE endpoint_id = $1 AND digest IS NOT NULL), '') WHERE id = $1";

/// Wants the endpoint listed at a hub.
pub(crate) async fn want(
    tx: &mut Tx,
    endpoint: &EndpointRow,
    marketplace: MarketplaceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SUPERSEDE, params![marketplace, endpoint.slug.as_str()]).await?;
    let values =
        params![endpoint.id, marketplace, endpoint.tenant, endpoint.slug.as_str(), now.micros()];
    tx.execute(WANT, values).await.map(drop)
}

/// Wants the endpoint taken off every hub.
pub(crate) async fn unwant(
    tx: &mut Tx,
    endpoint: EndpointKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(UNWANT, params![endpoint, now.micros()]).await.map(drop)
}

/// Wants everything taken off a hub.
pub(crate) async fn unwant_at(
    tx: &mut Tx,
    marketplace: MarketplaceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(UNWANT_AT, params![marketplace, now.micros()]).await.map(drop)
}

/// Where the endpoint is listed, or shall be.
pub(crate) async fn of_endpoint(
    tx: &mut Tx,
    endpoint: EndpointKey,
) -> Result<Vec<ListingRow>, StoreError> {
    tx.query(OF_ENDPOINT, params![endpoint]).await?.iter().map(from_row).collect()
}

/// What a hub lists, or shall list, what is due first.
pub(crate) async fn of_marketplace(
    tx: &mut Tx,
    marketplace: MarketplaceId,
) -> Result<Vec<ListingRow>, StoreError> {
    tx.query(OF_MARKETPLACE, params![marketplace]).await?.iter().map(from_row).collect()
}

/// Stores how a try ended, unless something else is wanted since.
pub(crate) async fn settle(tx: &mut Tx, row: &ListingRow) -> Result<(), StoreError> {
    let values = params![
        row.endpoint,
        row.marketplace,
        row.state,
        row.error,
        row.digest,
        i64::from(row.attempts),
        row.due_at.micros(),
        row.updated_at.micros(),
        row.wanted
    ];
    tx.execute(SETTLE, values).await?;
    note(tx, row.endpoint).await
}

/// Notes that a hub has no entry any more.
pub(crate) async fn remove(tx: &mut Tx, row: &ListingRow) -> Result<(), StoreError> {
    tx.execute(REMOVE, params![row.endpoint, row.marketplace]).await?;
    note(tx, row.endpoint).await
}

/// Forgets a hub; what it lists stays listed there.
pub(crate) async fn forget(tx: &mut Tx, marketplace: MarketplaceId) -> Result<(), StoreError> {
    let rows = of_marketplace(tx, marketplace).await?;
    tx.execute(FORGET, params![marketplace]).await?;
    for row in rows {
        note(tx, row.endpoint).await?;
    }
    Ok(())
}

/// Keeps the endpoint's own list of hubs that have an entry in step.
async fn note(tx: &mut Tx, endpoint: EndpointKey) -> Result<(), StoreError> {
    tx.execute(NOTE, params![endpoint]).await.map(drop)
}

fn from_row(row: &Row) -> Result<ListingRow, StoreError> {
    let attempts: i64 = row.get(8)?;
    Ok(ListingRow {
        endpoint: row.get(0)?,
        marketplace: row.get(1)?,
        tenant: row.get(2)?,
        slug: Slug::parse(&row.get::<String>(3)?)
            .map_err(|_| StoreError::Rule("listings.slug".to_owned()))?,
        wanted: row.get(4)?,
        state: row.get(5)?,
        error: row.get(6)?,
        digest: row.get(7)?,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        due_at: Timestamp::from_micros(row.get(9)?),
        updated_at: Timestamp::from_micros(row.get(10)?),
    })
}
