//! All SQL of organizations: here the organizations themselves and the names they take; then `members`.

pub(crate) mod members;

use syfthub_core::model::{OrgRole, OrganizationFacts};
use syfthub_core::wire::organization::Organization;
use syfthub_core::{OrganizationId, Slug, Timestamp, UserId};

use crate::db::{Row, StoreError, Tx, params};
use crate::http::Page;

/// The columns of [`from_row`], of a table called `o`.
macro_rules! columns {
    () => {
        "o.id, o.name, o.slug, o.description, o.avatar_url, o.is_active, o.domain, o.created_at, o.updated_at"
    };
}

/// An organization as somebody finds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) organization: Organization,
    /// What they are to it, if they are an active member.
    pub(crate) role: Option<OrgRole>,
}

impl Found {
    /// What `authorize` decides on.
    pub(crate) fn facts(&self) -> OrganizationFacts {
        OrganizationFacts { role: self.role, is_active: self.organization.is_active }
    }
}

fn from_row(row: &Row) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: row.get(0)?,
        name: row.get(1)?,
        slug: row.get(2)?,
        description: row.get(3)?,
        avatar_url: row.get(4)?,
        is_active: row.get(5)?,
        domain: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
    })
}

fn found(row: &Row) -> Result<Found, StoreError> {
    Ok(Found { organization: from_row(row)?, role: row.get(9)? })
}

/// Organizations with the role of the user `$2` in them.
macro_rules! found_by {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", (SELECT m.role FROM members m WHERE m.organization_id = o.id AND m.user_id = $2 AND m.is_active) ",
            "FROM organizations o "
        )
    };
}

const FIND: &str = concat!(found_by!(), "WHERE o.id = $1");

/// The organization with this number, as `viewer` finds it, also when it was deleted.
pub(crate) async fn find(
    tx: &mut Tx,
    id: OrganizationId,
    viewer: UserId,
) -> Result<Option<Found>, StoreError> {
    tx.query_opt(FIND, params![id, viewer]).await?.as_ref().map(found).transpose()
}

const FIND_NAMED: &str = concat!(found_by!(), "WHERE o.slug = $1 AND o.is_active");

/// The active organization called `slug`, which is in lower case, as `viewer` finds it.
pub(crate) async fn find_named(
    tx: &mut Tx,
    slug: &str,
    viewer: UserId,
) -> Result<Option<Found>, StoreError> {
    tx.query_opt(FIND_NAMED, params![slug, viewer]).await?.as_ref().map(found).transpose()
}

const LIST_OF: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM members m JOIN organizations o ON o.id = m.organization_id ",
    "WHERE m.user_id = $1 AND m.is_active AND o.is_active AND (CAST($2 AS TEXT) IS NULL OR m.role = $2) ",
    "ORDER BY o.updated_at DESC, o.id DESC LIMIT $3 OFFSET $4"
);

/// The active organizations of which `user` is an active member, in the given role if any, latest edit first.
pub(crate) async fn list_of(
    tx: &mut Tx,
    user: UserId,
    role: Option<OrgRole>,
    page: Page,
) -> Result<Vec<Organization>, StoreError> {
    tx.query(LIST_OF, params![user, role, page.limit, page.skip])
        .await?
        .iter()
        .map(from_row)
        .collect()
}

const LOCK: &str = "UPDATE organizations SET updated_at = updated_at WHERE id = $1";

/// Makes other transactions wait before they change the organization or its members, so that what is read next stays
/// true. Who also locks a user does that first (see `owners`).
pub(crate) async fn lock(tx: &mut Tx, id: OrganizationId) -> Result<(), StoreError> {
    tx.execute(LOCK, params![id]).await.map(drop)
}

const CLAIM_NAME: &str =
    "INSERT INTO names (name, claimed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name";

/// Reserves `slug` among the names of all owners, for good; false when somebody has it, or had it once.
pub(crate) async fn claim_name(
    tx: &mut Tx,
    slug: &Slug,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.query_opt(CLAIM_NAME, params![slug, at]).await?.is_some())
}

const TAKEN_NAMES: &str = "SELECT name FROM names WHERE name >= $1 AND name < $2";

/// The names of owners that are `stem` or `stem` with a suffix.
pub(crate) async fn taken_names(tx: &mut Tx, stem: &str) -> Result<Vec<String>, StoreError> {
    // `.` is the character after `-`, and no name has it.
    let rows = tx.query(TAKEN_NAMES, params![stem, format!("{stem}.")]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

const INSERT: &str = "INSERT INTO organizations (slug, name, description, avatar_url, domain, is_active, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
const HOLD_NAME: &str = "UPDATE names SET organization_id = $2 WHERE name = $1";

/// Adds the organization, whose slug was claimed in this transaction, and gives its number.
pub(crate) async fn insert(tx: &mut Tx, new: &Organization) -> Result<OrganizationId, StoreError> {
    let values = params![
        new.slug,
        new.name,
        new.description,
        new.avatar_url,
        new.domain,
        new.is_active,
        new.created_at,
        new.updated_at
    ];
    let id = match tx.query_opt(INSERT, values).await? {
        Some(row) => row.get(0)?,
        None => return Err(StoreError::Rule("a claimed name is free".to_owned())),
    };
    tx.execute(HOLD_NAME, params![new.slug, id]).await?;
    Ok(id)
}

const SET_DOMAIN: &str = "UPDATE organizations SET domain = $2, updated_at = $3 WHERE id = $1";

/// Stores where the organization serves endpoints from.
pub(crate) async fn set_domain(
    tx: &mut Tx,
    id: OrganizationId,
    domain: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(SET_DOMAIN, params![id, domain, at]).await.map(drop)
}

const UPDATE: &str = "UPDATE organizations SET name = $2, description = $3, avatar_url = $4, domain = $5, is_active = $6, \
     updated_at = $7 WHERE id = $1";

/// Stores everything of the organization that can change.
pub(crate) async fn update(tx: &mut Tx, changed: &Organization) -> Result<(), StoreError> {
    let values = params![
        changed.id,
        changed.name,
        changed.description,
        changed.avatar_url,
        changed.domain,
        changed.is_active,
        changed.updated_at
    ];
    tx.execute(UPDATE, values).await.map(drop)
}
