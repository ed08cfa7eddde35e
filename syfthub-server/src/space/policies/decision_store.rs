//! The decision log in the tables.

use serde::Serialize;
use syfthub_core::{Money, Timestamp};

use super::decisions::{Decision, Outcome};
use crate::db::{Db, Row, StoreError, Tx, containing, params};
use crate::space::ids::{EndpointKey, PolicyId, TenantId};

/// A recorded decision as the owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Recorded {
    /// Its place in the log.
    pub(crate) id: i64,
    /// When the question ended.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// Follows the question through logs, answers and other servers.
    pub(crate) correlation_id: String,
    /// The endpoint, which may be gone by now.
    pub(crate) endpoint_id: EndpointKey,
    /// Its address at that time.
    pub(crate) endpoint_slug: String,
    /// The hub that vouched for the caller.
    pub(crate) issuer: String,
    /// The caller's number at that hub, or `guest`.
    pub(crate) subject: String,
    /// The caller's e-mail address, where a policy needed it.
    pub(crate) email: Option<String>,
    /// The network address that asked: the hub's aggregator, or the caller.
    pub(crate) client: String,
    /// How it ended.
    pub(crate) outcome: String,
    /// The status of the answer.
    pub(crate) status: i64,
    /// The policy that decided.
    pub(crate) policy_id: Option<PolicyId>,
    /// That policy's type.
    pub(crate) policy_type: Option<String>,
    /// What the caller was told.
    pub(crate) reason_code: Option<String>,
    /// What only the owner is told, such as the pattern that matched.
    pub(crate) detail: String,
    /// What the caller was charged, in the accounting service's unit.
    pub(crate) cost: f64,
    /// From the first byte to the last, in milliseconds.
    pub(crate) duration_ms: f64,
}

/// Which decisions to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) endpoint_slug: Option<String>,
    pub(crate) outcome: Option<Outcome>,
    /// Part of an e-mail address, or a whole subject or correlation id.
    pub(crate) who: Option<String>,
    pub(crate) policy: Option<PolicyId>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// Only those before this place in the log.
    pub(crate) before: Option<i64>,
    pub(crate) limit: i64,
}

const APPEND: &str = "INSERT INTO decisions (tenant_id, at, correlation_id, endpoint_id, endpoint_slug, issuer, subject, email, \
     client, outcome, status, policy_id, policy_type, reason_code, detail, cost_micros, duration_us) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

const LIST: &str = "SELECT id, at, correlation_id, endpoint_id, endpoint_slug, issuer, subject, email, client, outcome, status, \
     policy_id, policy_type, reason_code, detail, cost_micros, duration_us FROM decisions WHERE tenant_id = $1 \
     AND (CAST($2 AS TEXT) IS NULL OR endpoint_slug = $2) AND (CAST($3 AS TEXT) IS NULL OR outcome = $3) \
     AND (CAST($4 AS TEXT) IS NULL OR lower(email) LIKE lower($4) ESCAPE '\\' OR subject = $5 OR correlation_id = $5) \
     AND (CAST($6 AS TEXT) IS NULL OR policy_id = $6) \
     AND at >= $7 AND at < $8 AND id < $9 ORDER BY id DESC LIMIT $10";

const PRUNE: &str = "DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE at < $1 ORDER BY at LIMIT $2)";

/// Appends decisions, in their order.
pub(super) async fn append(db: &Db, decisions: Vec<Decision>) -> Result<(), StoreError> {
    db.write(move |tx| {
        Box::pin(async move {
            for decision in &decisions {
                append_one(tx, decision).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn append_one(tx: &mut Tx, decision: &Decision) -> Result<(), StoreError> {
    let values = params![
        decision.tenant,
        decision.at.micros(),
        decision.correlation_id,
        decision.endpoint,
        decision.endpoint_slug,
        decision.issuer,
        decision.subject,
        decision.email,
        decision.client,
        decision.outcome.as_str(),
        i64::from(decision.status),
        decision.policy,
        decision.policy_type.map(str::to_owned),
        decision.reason_code.map(str::to_owned),
        decision.detail,
        decision.cost.micros(),
        decision.duration_us
    ];
    tx.execute(APPEND, values).await.map(drop)
}

/// The tenant's decisions that the filter lets through, latest first.
pub(super) async fn list(
    db: &Db,
    tenant: TenantId,
    filter: Filter,
) -> Result<Vec<Recorded>, StoreError> {
    db.read(move |tx| {
        Box::pin(async move {
            let values = params![
                tenant,
                filter.endpoint_slug,
                filter.outcome.map(|outcome| outcome.as_str().to_owned()),
                filter.who.as_deref().map(containing),
                filter.who,
                filter.policy,
                filter.since.map_or(i64::MIN, Timestamp::micros),
                filter.until.map_or(i64::MAX, Timestamp::micros),
                filter.before.unwrap_or(i64::MAX),
                filter.limit
            ];
            tx.query(LIST, values).await?.iter().map(from_row).collect()
        })
    })
    .await
}

/// Forgets at most `most` decisions from before `end`; tells how many.
pub(super) async fn prune(db: &Db, end: Timestamp, most: i64) -> Result<u64, StoreError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(PRUNE, params![end.micros(), most]).await })
    })
    .await
}

#[expect(clippy::cast_precision_loss, reason = "a duration is no exact number")]
fn from_row(row: &Row) -> Result<Recorded, StoreError> {
    Ok(Recorded {
        id: row.get(0)?,
        at: Timestamp::from_micros(row.get(1)?),
        correlation_id: row.get(2)?,
        endpoint_id: row.get(3)?,
        endpoint_slug: row.get(4)?,
        issuer: row.get(5)?,
        subject: row.get(6)?,
        email: row.get(7)?,
        client: row.get(8)?,
        outcome: row.get(9)?,
        status: row.get(10)?,
        policy_id: row.get(11)?,
        policy_type: row.get(12)?,
        reason_code: row.get(13)?,
        detail: row.get(14)?,
        cost: Money::from_micros(row.get(15)?).to_units(),
        duration_ms: row.get::<i64>(16)? as f64 / 1000.0,
    })
}
