//! The journal of charges in the tables.

use syfthub_core::{Money, Timestamp};

use super::service::{Dialect, Transaction};
use crate::db::{Db, Row, StoreError, params};
use crate::space::ids::{ChargeId, MarketplaceId, TenantId};

/// How far a charge is. The first four are open: something has yet to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChargeState {
    /// The service is being asked; whether it reserved anything is not known.
    Reserving,
    /// Reserved, and the question is being answered.
    Reserved,
    /// The answer was delivered; the money is to move.
    Settling,
    /// Nothing was delivered; the money is to stay.
    Releasing,
    /// The money moved.
    Settled,
    /// The money stayed.
    Released,
    /// The answer was delivered, but the service would not move the money.
    Lost,
}

impl ChargeState {
    const ALL: [Self; 7] = [
        Self::Reserving,
        Self::Reserved,
        Self::Settling,
        Self::Releasing,
        Self::Settled,
        Self::Released,
        Self::Lost,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Reserving => "reserving",
            Self::Reserved => "reserved",
            Self::Settling => "settling",
            Self::Releasing => "releasing",
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Lost => "lost",
        }
    }
}

/// A charge as it is stored.
#[derive(Debug, Clone)]
pub(super) struct ChargeRow {
    pub(super) id: ChargeId,
    pub(super) tenant: TenantId,
    pub(super) endpoint_slug: String,
    pub(super) marketplace: MarketplaceId,
    pub(super) correlation_id: String,
    pub(super) payer: String,
    pub(super) amount: Money,
    /// The service's address at that time.
    pub(super) service: String,
    /// The transaction at the service, once it is known.
    pub(super) transaction: Option<(String, Dialect)>,
    pub(super) state: ChargeState,
    pub(super) created_at: Timestamp,
}

const INSERT: &str = "INSERT INTO charges (id, tenant_id, endpoint_slug, marketplace_id, correlation_id, payer, amount_micros, \
     service, state, attempts, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10)";

const RESERVED: &str = "UPDATE charges SET transaction_id = $2, dialect = $3, state = $4, updated_at = $5 WHERE id = $1";

const MOVE: &str = "UPDATE charges SET state = $2, error = $3, updated_at = $4 WHERE id = $1 \
     AND state IN ('reserving', 'reserved', 'settling', 'releasing')";

const FAILED: &str =
    "UPDATE charges SET attempts = attempts + 1, error = $2, updated_at = $3 WHERE id = $1";

const OPEN: &str = "SELECT id FROM charges WHERE state IN ('reserving', 'reserved', 'settling', 'releasing') \
     ORDER BY updated_at, rowid";

const FIND: &str = "SELECT id, tenant_id, endpoint_slug, marketplace_id, correlation_id, payer, amount_micros, service, \
     transaction_id, dialect, state, created_at FROM charges \
     WHERE id = $1 AND state IN ('reserving', 'reserved', 'settling', 'releasing')";

/// Writes a new charge down.
pub(super) async fn insert(db: &Db, row: ChargeRow) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let values = params![
                row.id,
                row.tenant,
                row.endpoint_slug,
                row.marketplace,
                row.correlation_id,
                row.payer,
                row.amount.micros(),
                row.service,
                row.state.as_str(),
                row.created_at.micros()
            ];
            tx.execute(INSERT, values).await.map(drop)
        })
    })
    .await
}

/// Notes which transaction a charge has, and the state that follows.
pub(super) async fn note_transaction(
    db: &Db,
    id: ChargeId,
    transaction: Transaction,
    state: ChargeState,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            let dialect = transaction.dialect.as_str();
            let values = params![id, transaction.id, dialect, state.as_str(), now.micros()];
            tx.execute(RESERVED, values).await.map(drop)
        })
    })
    .await
}

/// Moves an open charge to another state; one that is closed stays as it is. `error` says why, where that is not plain.
pub(super) async fn advance(
    db: &Db,
    id: ChargeId,
    state: ChargeState,
    error: Option<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(MOVE, params![id, state.as_str(), error, now.micros()]).await.map(drop)
        })
    })
    .await
}

/// Notes that an attempt failed.
pub(super) async fn note_failure(
    db: &Db,
    id: ChargeId,
    error: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(
            async move { tx.execute(FAILED, params![id, error, now.micros()]).await.map(drop) },
        )
    })
    .await
}

/// The charges that something has yet to be done for, those first that were tried longest ago.
pub(super) async fn open(db: &Db) -> Result<Vec<ChargeId>, StoreError> {
    db.read(|tx| {
        Box::pin(
            async move { tx.query(OPEN, params![]).await?.iter().map(|row| row.get(0)).collect() },
        )
    })
    .await
}

/// A charge that something has yet to be done for.
pub(super) async fn find_open(db: &Db, id: ChargeId) -> Result<Option<ChargeRow>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
        })
    })
    .await
}

fn from_row(row: &Row) -> Result<ChargeRow, StoreError> {
    let bad = |what: &str| StoreError::Rule(format!("charges.{what}"));
    let state: String = row.get(10)?;
    let state = ChargeState::ALL.into_iter().find(|known| known.as_str() == state);
    let transaction: Option<String> = row.get(8)?;
    let dialect: Option<String> = row.get(9)?;
    let dialect = dialect.as_deref().and_then(Dialect::parse);
    Ok(ChargeRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        endpoint_slug: row.get(2)?,
        marketplace: row.get(3)?,
        correlation_id: row.get(4)?,
        payer: row.get(5)?,
        amount: Money::from_micros(row.get(6)?),
        service: row.get(7)?,
        transaction: transaction.zip(dialect),
        state: state.ok_or_else(|| bad("state"))?,
        created_at: Timestamp::from_micros(row.get(11)?),
    })
}
