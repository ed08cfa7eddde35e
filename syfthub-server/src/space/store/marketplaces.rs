//! The hubs that this space is connected to.

use syfthub_core::{OrganizationId, Timestamp};

use crate::db::{Row, StoreError, Tx, params};
use crate::space::ids::{MarketplaceId, TenantId};

/// A hub as it is stored; `password` is sealed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MarketplaceRow {
    pub(crate) id: MarketplaceId,
    pub(crate) tenant: TenantId,
    pub(crate) name: String,
    /// Without a slash at its end.
    pub(crate) url: String,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) password: String,
    /// What its satellite tokens name as their issuer.
    pub(crate) issuer: String,
    pub(crate) is_default: bool,
    pub(crate) is_active: bool,
    /// The organization that is published for there, by its name and its number; `None` for the account itself.
    pub(crate) organization: Option<String>,
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const SAVE: &str = "INSERT INTO marketplaces (id, name, url, username, email, password, issuer, is_default, is_active, \
     created_at, updated_at, tenant_id, organization, organization_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
     ON CONFLICT (tenant_id, url) DO UPDATE SET username = excluded.username, email = excluded.email, password = excluded.password, \
     issuer = excluded.issuer, is_active = excluded.is_active, organization = excluded.organization, \
     organization_id = excluded.organization_id, updated_at = excluded.updated_at";

const LIST: &str = "SELECT id, name, url, username, email, password, issuer, is_default, is_active, created_at, updated_at, \
     tenant_id, organization, organization_id FROM marketplaces ORDER BY is_default DESC, created_at, id";

const MOVE: &str = "UPDATE marketplaces SET url = $2 WHERE tenant_id = $1 AND is_default";

/// Stores a hub, or what changed of one at the same address.
pub(crate) async fn save(tx: &mut Tx, row: &MarketplaceRow) -> Result<(), StoreError> {
    let values = params![
        row.id,
        row.name,
        row.url,
        row.username,
        row.email,
        row.password,
        row.issuer,
        row.is_default,
        row.is_active,
        row.created_at.micros(),
        row.updated_at.micros(),
        row.tenant,
        row.organization,
        row.organization_id
    ];
    tx.execute(SAVE, values).await.map(drop)
}

/// The hubs of all tenants, each tenant's default one first.
pub(crate) async fn list(tx: &mut Tx) -> Result<Vec<MarketplaceRow>, StoreError> {
    tx.query(LIST, params![]).await?.iter().map(from_row).collect()
}

const ADJUST: &str =
    "UPDATE marketplaces SET name = $2, is_active = $3, updated_at = $4 WHERE id = $1";

const CHOOSE: &str = "UPDATE marketplaces SET is_default = (id = $2) WHERE tenant_id = $1";

const DELETE: &str = "DELETE FROM marketplaces WHERE id = $1";

/// Names a hub anew, and switches it on or off.
pub(crate) async fn adjust(tx: &mut Tx, row: &MarketplaceRow) -> Result<(), StoreError> {
    let values = params![row.id, row.name, row.is_active, row.updated_at.micros()];
    tx.execute(ADJUST, values).await.map(drop)
}

/// Makes this hub the tenant's default one.
pub(crate) async fn choose(
    tx: &mut Tx,
    tenant: TenantId,
    id: MarketplaceId,
) -> Result<(), StoreError> {
    tx.execute(CHOOSE, params![tenant, id]).await.map(drop)
}

/// Forgets a hub.
pub(crate) async fn delete(tx: &mut Tx, id: MarketplaceId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

/// Gives the tenant's default hub another address.
pub(crate) async fn relocate_default(
    tx: &mut Tx,
    tenant: TenantId,
    url: &str,
) -> Result<(), StoreError> {
    tx.execute(MOVE, params![tenant, url]).await.map(drop)
}

fn from_row(row: &Row) -> Result<MarketplaceRow, StoreError> {
    Ok(MarketplaceRow {
        id: row.get(0)?,
        name: row.get(1)?,
        url: row.get(2)?,
        username: row.get(3)?,
        email: row.get(4)?,
        password: row.get(5)?,
        issuer: row.get(6)?,
        is_default: row.get(7)?,
        is_active: row.get(8)?,
        created_at: Timestamp::from_micros(row.get(9)?),
        updated_at: Timestamp::from_micros(row.get(10)?),
        tenant: row.get(11)?,
        organization: row.get(12)?,
        organization_id: row.get(13)?,
    })
}
