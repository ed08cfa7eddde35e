//! All SQL of health.

use syfthub_core::model::{HealthStatus, OrgRole};
use syfthub_core::{EndpointId, OrganizationId, OwnerId, Timestamp, UserId};

use super::model::{Known, Source};
use crate::db::{Row, StoreError, Tx, params};

/// The columns of [`known_from_row`], of endpoints `e`.
macro_rules! columns {
    () => {
        "e.id, e.is_down, h.status, h.misses, h.expires_at, h.is_report"
    };
}

/// Endpoints `e` with what is known of them, if anything is.
macro_rules! endpoints {
    () => {
        " FROM endpoints e LEFT JOIN endpoint_health h ON h.endpoint_id = e.id "
    };
}

fn known_from_row(row: &Row) -> Result<(EndpointId, Known), StoreError> {
    let is_report: Option<bool> = row.get(5)?;
    let known = Known {
        status: row.get(2)?,
        misses: row.get::<Option<i64>>(3)?.unwrap_or_default(),
        is_down: row.get(1)?,
        expires_at: row.get::<Option<Timestamp>>(4)?.unwrap_or_default(),
        source: if is_report == Some(true) { Source::Report } else { Source::Node },
    };
    Ok((row.get(0)?, known))
}

const ADD_NODE: &str =
    "INSERT INTO nodes (user_id, organization_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const LOCK_NODE: &str = "UPDATE nodes SET misses = misses WHERE user_id = $1 OR organization_id = $2 \
     RETURNING alive_until, misses";

/// What is known of the place that an owner serves from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    /// Until when a heartbeat vouches for it.
    pub(super) alive_until: Timestamp,
    /// Probes in a row that failed.
    pub(super) misses: i64,
}

/// The owner's node, held against changes by others, so that checks of one owner come one after the other.
pub(super) async fn lock_node(tx: &mut Tx, owner: OwnerId) -> Result<Node, StoreError> {
    tx.execute(ADD_NODE, params![owner.user(), owner.organization()]).await?;
    let row = tx.query_opt(LOCK_NODE, params![owner.user(), owner.organization()]).await?;
    let row = row.ok_or_else(|| StoreError::Rule("a node that was added is there".to_owned()))?;
    Ok(Node { alive_until: row.get(0)?, misses: row.get(1)? })
}

const SET_ALIVE: &str =
    "UPDATE nodes SET alive_until = $3, misses = 0 WHERE user_id = $1 OR organization_id = $2";

/// Lets a heartbeat vouch for the node until `until`.
pub(super) async fn set_alive(
    tx: &mut Tx,
    owner: OwnerId,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_ALIVE, params![owner.user(), owner.organization(), until]).await.map(drop)
}

const SET_PROBED: &str =
    "UPDATE nodes SET probe_at = $3, misses = $4 WHERE user_id = $1 OR organization_id = $2";

/// Notes that the node was probed and when it is to be next.
pub(super) async fn set_probed(
    tx: &mut Tx,
    owner: OwnerId,
    next: Timestamp,
    misses: i64,
) -> Result<(), StoreError> {
    let values = params![owner.user(), owner.organization(), next, misses];
    tx.execute(SET_PROBED, values).await.map(drop)
}

const LIST_OF: &str =
    concat!("SELECT ", columns!(), endpoints!(), "WHERE e.user_id = $1 OR e.organization_id = $2");

/// All that the owner has published, off or on.
pub(super) async fn list_of(
    tx: &mut Tx,
    owner: OwnerId,
) -> Result<Vec<(EndpointId, Known)>, StoreError> {
    let rows = tx.query(LIST_OF, params![owner.user(), owner.organization()]).await?;
    rows.iter().map(known_from_row).collect()
}

const LIST_CONNECTED: &str = concat!(
    "SELECT ",
    columns!(),
    endpoints!(),
    "WHERE (e.user_id = $1 OR e.organization_id = $2) AND e.connect <> '[]'"
);

/// What of it has a connection, by which it depends on the node.
pub(super) async fn list_connected(
    tx: &mut Tx,
    owner: OwnerId,
) -> Result<Vec<(EndpointId, Known)>, StoreError> {
    let rows = tx.query(LIST_CONNECTED, params![owner.user(), owner.organization()]).await?;
    rows.iter().map(known_from_row).collect()
}

/// An endpoint that a user may report on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reportable {
    pub(super) id: EndpointId,
    pub(super) known: Known,
    /// The organization that owns it, and what the user is to it; nothing when it is the user's own.
    pub(super) shared: Option<(OrganizationId, OrgRole)>,
}

const LIST_OWN: &str = concat!(
    "SELECT ",
    columns!(),
    ", e.slug, CAST(NULL AS BIGINT), CAST(NULL AS TEXT)",
    endpoints!(),
    "WHERE e.user_id = $1 UNION ALL SELECT ",
    columns!(),
    ", e.slug, m.organization_id, m.role",
    endpoints!(),
    "JOIN members m ON m.organization_id = e.organization_id JOIN organizations o ON o.id = m.organization_id ",
    "WHERE m.user_id = $1 AND m.is_active AND o.is_active"
);

/// The slugs of the user's endpoints, and of those of the active organizations of which they are an active member.
pub(super) async fn list_reportable(
    tx: &mut Tx,
    user: UserId,
) -> Result<Vec<(String, Reportable)>, StoreError> {
    let read = |row: &Row| {
        let (id, known) = known_from_row(row)?;
        let (organization, role): (Option<OrganizationId>, Option<OrgRole>) =
            (row.get(7)?, row.get(8)?);
        Ok((row.get(6)?, Reportable { id, known, shared: organization.zip(role) }))
    };
    tx.query(LIST_OWN, params![user]).await?.iter().map(read).collect()
}

const PUT: &str = "INSERT INTO endpoint_health (endpoint_id, status, misses, checked_at, expires_at, is_report) \
     SELECT e.id, $2, $3, $4, $5, $6 FROM endpoints e WHERE e.id = $1 \
     ON CONFLICT (endpoint_id) DO UPDATE SET status = excluded.status, misses = excluded.misses, \
     checked_at = excluded.checked_at, expires_at = excluded.expires_at, is_report = excluded.is_report";

/// Stores what is known of the endpoint, if it is still there.
pub(super) async fn put(
    tx: &mut Tx,
    id: EndpointId,
    known: &Known,
    at: Timestamp,
) -> Result<(), StoreError> {
    let is_report = known.source == Source::Report;
    let values = params![id, known.status, known.misses, at, known.expires_at, is_report];
    tx.execute(PUT, values).await.map(drop)
}

const FORGET: &str = "UPDATE endpoint_health SET status = NULL, misses = 0 WHERE endpoint_id = $1 AND expires_at = $2";

/// Forgets how the endpoint is, unless a check came in since; tells whether it did.
pub(super) async fn forget(
    tx: &mut Tx,
    id: EndpointId,
    expired: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(FORGET, params![id, expired]).await? == 1)
}

const SET_DOWN: &str = "UPDATE endpoints SET is_down = $2 WHERE id = $1 AND is_down <> $2";

/// Takes the endpoint off the lists for its health, or puts it back.
pub(super) async fn set_down(tx: &mut Tx, id: EndpointId, is_down: bool) -> Result<(), StoreError> {
    tx.execute(SET_DOWN, params![id, is_down]).await.map(drop)
}

const ADD_CHANGE: &str = "INSERT INTO health_changes (endpoint_id, at, status) \
     SELECT e.id, $2, $3 FROM endpoints e WHERE e.id = $1 \
     ON CONFLICT (endpoint_id, at) DO UPDATE SET status = excluded.status";

/// Notes that the status changed at `at`, which is a full minute.
pub(super) async fn add_change(
    tx: &mut Tx,
    id: EndpointId,
    at: Timestamp,
    status: Option<HealthStatus>,
) -> Result<(), StoreError> {
    tx.execute(ADD_CHANGE, params![id, at, status]).await.map(drop)
}

/// When the status became what, nothing being unknown.
pub(super) type Change = (Timestamp, Option<HealthStatus>);

const CHANGES: &str = "SELECT at, status FROM health_changes WHERE endpoint_id = $1 AND at >= COALESCE( \
     (SELECT MAX(b.at) FROM health_changes b WHERE b.endpoint_id = $1 AND b.at <= $2), $2) ORDER BY at";

/// The changes since `since`, and before them the last one up to then.
pub(super) async fn changes(
    tx: &mut Tx,
    id: EndpointId,
    since: Timestamp,
) -> Result<Vec<Change>, StoreError> {
    let rows = tx.query(CHANGES, params![id, since]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

const PRUNE: &str = "DELETE FROM health_changes WHERE (endpoint_id, at) IN ( \
     SELECT c.endpoint_id, c.at FROM health_changes c WHERE c.at < $1 AND EXISTS ( \
     SELECT 1 FROM health_changes n WHERE n.endpoint_id = c.endpoint_id AND n.at > c.at AND n.at <= $1) LIMIT $2)";

/// Removes up to `limit` changes from before `before`, but the last one of each endpoint; tells how many.
pub(super) async fn prune(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(PRUNE, params![before, limit]).await
}

/// A node to be probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) owner: OwnerId,
    pub(super) domain: String,
}

/// Owners of `$table` with a domain, of whom there is no sign of life, and an endpoint that depends on one.
macro_rules! due {
    ($table:literal, $column:literal, $user:literal, $organization:literal) => {
        concat!(
            "SELECT ", $user, ", ", $organization, ", o.domain, COALESCE(n.probe_at, 0) AS due FROM ", $table,
            " o LEFT JOIN nodes n ON n.", $column, " = o.id WHERE o.is_active AND o.domain IS NOT NULL \
             AND o.domain NOT LIKE 'tunneling:%' AND COALESCE(n.alive_until, 0) <= $1 AND COALESCE(n.probe_at, 0) <= $1 \
             AND EXISTS (SELECT 1 FROM endpoints e LEFT JOIN endpoint_health h ON h.endpoint_id = e.id WHERE e.",
            $column, " = o.id AND e.connect <> '[]' AND NOT (COALESCE(h.is_report, FALSE) AND h.expires_at > $1))"
        )
    };
}

const LIST_DUE: &str = concat!(
    due!("users", "user_id", "o.id", "CAST(NULL AS BIGINT)"),
    " UNION ALL ",
    due!("organizations", "organization_id", "CAST(NULL AS BIGINT)", "o.id"),
    " ORDER BY due LIMIT $2"
);

/// Nodes that are to be probed by now, the longest overdue first.
pub(super) async fn list_due(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let read = |row: &Row| {
        let user = row.get::<Option<_>>(0)?.map(OwnerId::User);
        let owner = user.or(row.get::<Option<_>>(1)?.map(OwnerId::Organization));
        let owner = owner.ok_or_else(|| StoreError::Rule("a node has an owner".to_owned()))?;
        Ok(Due { owner, domain: row.get(2)? })
    };
    tx.query(LIST_DUE, params![now, limit]).await?.iter().map(read).collect()
}

const LIST_EXPIRED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM endpoint_health h JOIN endpoints e ON e.id = h.endpoint_id ",
    "WHERE h.status IS NOT NULL AND h.expires_at <= $1 ORDER BY h.expires_at LIMIT $2"
);

/// Endpoints of which the last check stopped counting at `until` or before.
pub(super) async fn list_expired(
    tx: &mut Tx,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(EndpointId, Known)>, StoreError> {
    tx.query(LIST_EXPIRED, params![until, limit]).await?.iter().map(known_from_row).collect()
}
