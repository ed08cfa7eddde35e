//! An endpoint as a row: the columns that every query of endpoints selects, and how they are read.

use syfthub_core::model::{EndpointFacts, HealthStatus, OrgRole, Ownership};
use syfthub_core::wire::endpoint::Endpoint;
use syfthub_core::{OrganizationId, OwnerId, Timestamp, UserId};

use crate::db::{Row, StoreError};
use crate::identity::Caller;

/// The columns of [`from_row`], of endpoints `e` with their health, and of their owners, users `u` or organizations `o`; `$role` is what the
/// one who asks is to the organization.
macro_rules! columns {
    ($role:expr) => {
        concat!(
            "SELECT e.id, e.user_id, e.organization_id, e.slug, e.name, e.description, e.type, e.visibility, \
             e.is_active, e.version, e.readme, e.tags, e.contributors, e.policies, e.connect, e.stars_count, \
             e.created_at, e.updated_at, COALESCE(u.username, o.slug), COALESCE(u.is_active, o.is_active), \
             COALESCE(u.domain, o.domain), ",
            $role,
            ", h.status, h.checked_at FROM endpoints e LEFT JOIN users u ON u.id = e.user_id \
             LEFT JOIN organizations o ON o.id = e.organization_id \
             LEFT JOIN endpoint_health h ON h.endpoint_id = e.id "
        )
    };
}

/// The role of the user `$2` in the organization that owns `e`.
macro_rules! role {
    () => {
        "(SELECT m.role FROM members m WHERE m.organization_id = e.organization_id AND m.user_id = $2 AND m.is_active)"
    };
}

/// The role where nobody in particular asks.
macro_rules! no_role {
    () => {
        "CAST(NULL AS TEXT)"
    };
}

/// An endpoint as stored, with what is needed to decide about it and to show it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// The endpoint; the addresses in `connect` are those that were stored.
    pub(crate) endpoint: Endpoint,
    pub(crate) owner: Owner,
}

/// Whose endpoint it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Owner {
    pub(crate) id: OwnerId,
    /// The first half of the address: a username, or an organization's slug.
    pub(crate) name: String,
    pub(crate) is_active: bool,
    pub(crate) domain: Option<String>,
    /// What the one who asks is to the organization, if they are an active member.
    pub(crate) role: Option<OrgRole>,
}

impl Owner {
    /// The caller, who publishes for themselves.
    pub(crate) fn of_caller(caller: &Caller) -> Self {
        Self {
            id: OwnerId::User(caller.id()),
            name: caller.user.username.clone(),
            is_active: true,
            domain: caller.user.domain.clone(),
            role: None,
        }
    }

    /// Whose it is, as `authorize` sees it.
    pub(crate) fn ownership(&self) -> Ownership {
        match self.id {
            OwnerId::User(id) => Ownership::User(id),
            OwnerId::Organization(_) => Ownership::Organization(self.role),
        }
    }
}

impl Record {
    /// What `authorize` decides on.
    pub(crate) fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            owner: self.owner.ownership(),
            owner_is_active: self.owner.is_active,
            visibility: self.endpoint.visibility,
            is_active: self.endpoint.is_active,
        }
    }
}

pub(in crate::registry) fn from_row(row: &Row) -> Result<Record, StoreError> {
    let owner = Owner {
        id: owner_id(row.get(1)?, row.get(2)?)?,
        name: row.get(18)?,
        is_active: row.get(19)?,
        domain: row.get(20)?,
        role: row.get(21)?,
    };
    let health_status: Option<HealthStatus> = row.get(22)?;
    let endpoint = Endpoint {
        id: row.get(0)?,
        user_id: owner.id.user(),
        organization_id: owner.id.organization(),
        owner_username: owner.name.clone(),
        slug: row.get(3)?,
        name: row.get(4)?,
        description: row.get(5)?,
        kind: row.get(6)?,
        visibility: row.get(7)?,
        is_active: row.get(8)?,
        version: row.get(9)?,
        readme: row.get(10)?,
        tags: json(row, 11)?,
        contributors: json(row, 12)?,
        policies: json(row, 13)?,
        connect: json(row, 14)?,
        stars_count: row.get(15)?,
        created_at: row.get(16)?,
        updated_at: row.get(17)?,
        health_status,
        // A check that no longer counts tells nothing.
        health_checked_at: row.get::<Option<Timestamp>>(23)?.filter(|_| health_status.is_some()),
    };
    Ok(Record { endpoint, owner })
}

pub(in crate::registry) fn owner_id(
    user: Option<UserId>,
    organization: Option<OrganizationId>,
) -> Result<OwnerId, StoreError> {
    let user = user.map(OwnerId::User);
    user.or(organization.map(OwnerId::Organization))
        .ok_or_else(|| StoreError::Rule("an endpoint has an owner".to_owned()))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &Row,
    index: usize,
) -> Result<T, StoreError> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Column {
        index,
        expected: "JSON",
        found: "other text",
    })
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("lists of plain structs become JSON")
}

pub(super) use role;
pub(in crate::registry) use {columns, no_role};
