//! Who belongs to which organization.

use syfthub_core::model::OrgRole;
use syfthub_core::wire::organization::Member;
use syfthub_core::{OrganizationId, Timestamp, UserId};

use crate::db::{Row, StoreError, Tx, params};
use crate::http::Page;

/// The columns of [`from_row`], of members `m` who are users `u`.
macro_rules! columns {
    () => {
        "SELECT m.id, m.organization_id, m.user_id, u.username, m.role, m.is_active, m.joined_at \
         FROM members m JOIN users u ON u.id = m.user_id "
    };
}

fn from_row(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: row.get(0)?,
        organization_id: row.get(1)?,
        user_id: row.get(2)?,
        username: row.get(3)?,
        role: row.get(4)?,
        is_active: row.get(5)?,
        joined_at: row.get(6)?,
    })
}

const FIND: &str = concat!(columns!(), "WHERE m.organization_id = $1 AND m.user_id = $2");

/// The user's membership, also one that was switched off.
pub(crate) async fn find(
    tx: &mut Tx,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Member>, StoreError> {
    tx.query_opt(FIND, params![organization, user]).await?.as_ref().map(from_row).transpose()
}

const LIST: &str = concat!(
    columns!(),
    "WHERE m.organization_id = $1 AND m.is_active AND (CAST($2 AS TEXT) IS NULL OR m.role = $2) ",
    "ORDER BY m.joined_at DESC, m.id DESC LIMIT $3 OFFSET $4"
);

/// The active members, in the given role if any, latest first.
pub(crate) async fn list(
    tx: &mut Tx,
    organization: OrganizationId,
    role: Option<OrgRole>,
    page: Page,
) -> Result<Vec<Member>, StoreError> {
    let values = params![organization, role, page.limit, page.skip];
    tx.query(LIST, values).await?.iter().map(from_row).collect()
}

const PUT: &str = "INSERT INTO members (organization_id, user_id, role, is_active, joined_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (organization_id, user_id) DO UPDATE \
     SET role = excluded.role, is_active = excluded.is_active, joined_at = excluded.joined_at";

/// Stores the membership, whether or not there was one.
pub(crate) async fn put(
    tx: &mut Tx,
    organization: OrganizationId,
    user: UserId,
    role: OrgRole,
    is_active: bool,
    joined_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(PUT, params![organization, user, role, is_active, joined_at]).await.map(drop)
}

const DELETE: &str = "DELETE FROM members WHERE organization_id = $1 AND user_id = $2";

/// Removes the membership.
pub(crate) async fn delete(
    tx: &mut Tx,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), StoreError> {
    tx.execute(DELETE, params![organization, user]).await.map(drop)
}

const HAS_OWNER: &str = "SELECT 1 FROM members m JOIN users u ON u.id = m.user_id \
     WHERE m.organization_id = $1 AND m.role = 'owner' AND m.is_active AND u.is_active \
     AND (CAST($2 AS BIGINT) IS NULL OR m.user_id <> $2) LIMIT 1";

/// Whether the organization has an active owner with an active account, other than the user `except` if any.
pub(crate) async fn has_owner(
    tx: &mut Tx,
    organization: OrganizationId,
    except: Option<UserId>,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(HAS_OWNER, params![organization, except]).await?.is_some())
}

const OWNED_BY: &str = "SELECT organization_id FROM members WHERE user_id = $1 AND role = 'owner' AND is_active \
     ORDER BY organization_id";

/// The organizations of which the user is an active owner, in order of their numbers; also those that were deleted.
pub(crate) async fn owned_by(tx: &mut Tx, user: UserId) -> Result<Vec<OrganizationId>, StoreError> {
    tx.query(OWNED_BY, params![user]).await?.iter().map(|row| row.get(0)).collect()
}
