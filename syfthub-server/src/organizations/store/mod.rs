//! All SQL of organizations: here the organizations themselves; then `members`.

use syfthub_core::model::{OrgRole, OrganizationFacts};
use syfthub_core::wire::organization::Organization;
use syfthub_core::{OrganizationId, UserId};

use crate::db::{Row, StoreError, Tx, params};

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

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    ", (SELECT m.role FROM members m WHERE m.organization_id = o.id AND m.user_id = $2 AND m.is_active) ",
    "FROM organizations o WHERE o.id = $1"
);

/// The organization with this number, as `viewer` finds it, also when it was deleted.
pub(crate) async fn find(
    tx: &mut Tx,
    id: OrganizationId,
    viewer: UserId,
) -> Result<Option<Found>, StoreError> {
    let Some(row) = tx.query_opt(FIND, params![id, viewer]).await? else { return Ok(None) };
    Ok(Some(Found { organization: from_row(&row)?, role: row.get(9)? }))
}
