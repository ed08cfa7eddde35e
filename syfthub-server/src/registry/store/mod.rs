//! All SQL of the registry: here single endpoints; then `record`, what a row is, `lists` and `stars`.

mod contributors;
mod lists;
pub(super) mod record;
mod stars;

pub(crate) use contributors::{contributed_by, set_contributors};
pub(crate) use lists::{Order, Slice, list_of, list_owned, list_owners, list_public};
pub(crate) use record::{Owner, Record};
pub(crate) use stars::{add_star, is_starred, remove_star, set_disabled, set_stars};

use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::Endpoint;
use syfthub_core::{EndpointId, OwnerId, Slug, UserId};

use crate::db::{StoreError, Tx, params};
use record::{columns, from_row, no_role, owner_id, role, to_json};

/// The tables on which a [`Record`] depends.
pub(crate) const TABLES: [&str; 5] =
    ["endpoints", "endpoint_health", "users", "organizations", "members"];

/// What a search looks into.
fn search_text(endpoint: &Endpoint) -> String {
    format!("{}\n{}", endpoint.name, endpoint.description).to_lowercase()
}

const FIND: &str = concat!(columns!(role!()), "WHERE e.id = $1");

/// The endpoint with this number, as `viewer` finds it.
pub(crate) async fn find(
    tx: &mut Tx,
    id: EndpointId,
    viewer: Option<UserId>,
) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND, params![id, viewer]).await?.as_ref().map(from_row).transpose()
}

const FIND_OWNED: &str = concat!(columns!(no_role!()), "WHERE e.user_id = $1 AND e.slug = $2");

/// The endpoint of the user `owner` called `slug`; `slug` is in lower case.
pub(crate) async fn find_owned(
    tx: &mut Tx,
    owner: UserId,
    slug: &str,
) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND_OWNED, params![owner, slug]).await?.as_ref().map(from_row).transpose()
}

// A name is a user's or an organization's, never both, so that one half finds something at most.
const FIND_AT: &str = concat!(
    columns!(no_role!()),
    "WHERE e.user_id = (SELECT id FROM users WHERE username = $1) AND e.slug = $3 UNION ALL ",
    columns!(role!()),
    "WHERE e.organization_id = (SELECT id FROM organizations WHERE slug = $1 AND is_active) AND e.slug = $3"
);

/// The endpoint at `owner/slug`, both in lower case, as `viewer` finds it. Nothing of an organization that is no more.
pub(crate) async fn find_at(
    tx: &mut Tx,
    owner: &str,
    slug: &str,
    viewer: Option<UserId>,
) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND_AT, params![owner, viewer, slug]).await?.as_ref().map(from_row).transpose()
}

const FIND_OWNER: &str = "SELECT u.id, CAST(NULL AS BIGINT), u.username, u.is_active, u.domain, CAST(NULL AS TEXT) \
     FROM users u WHERE u.username = $1 UNION ALL \
     SELECT CAST(NULL AS BIGINT), o.id, o.slug, o.is_active, o.domain, \
     (SELECT m.role FROM members m WHERE m.organization_id = o.id AND m.user_id = $2 AND m.is_active) \
     FROM organizations o WHERE o.slug = $1 AND o.is_active";

/// The user or the active organization called `name`, which is in lower case, as `viewer` finds them (contract hub 5.3).
pub(crate) async fn find_owner(
    tx: &mut Tx,
    name: &str,
    viewer: Option<UserId>,
) -> Result<Option<Owner>, StoreError> {
    let Some(row) = tx.query_opt(FIND_OWNER, params![name, viewer]).await? else { return Ok(None) };
    Ok(Some(Owner {
        id: owner_id(row.get(0)?, row.get(1)?)?,
        name: row.get(2)?,
        is_active: row.get(3)?,
        domain: row.get(4)?,
        role: row.get(5)?,
    }))
}

const LOCK: &str = "UPDATE endpoints SET updated_at = updated_at WHERE id = $1";

/// Makes other transactions wait before they change the endpoint, so that what is read next stays true.
pub(crate) async fn lock(tx: &mut Tx, id: EndpointId) -> Result<(), StoreError> {
    tx.execute(LOCK, params![id]).await.map(drop)
}

const INSERT: &str = "INSERT INTO endpoints (user_id, organization_id, slug, name, description, type, visibility, \
     version, readme, tags, contributors, policies, connect, search_text, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) \
     ON CONFLICT DO NOTHING RETURNING id";

/// Adds `endpoint` to the owner's namespace under `slug`, switched on; nothing when the slug is taken there.
pub(crate) async fn insert(
    tx: &mut Tx,
    owner: OwnerId,
    slug: &Slug,
    endpoint: &Endpoint,
) -> Result<Option<EndpointId>, StoreError> {
    let values = params![
        owner.user(),
        owner.organization(),
        slug,
        endpoint.name,
        endpoint.description,
        endpoint.kind,
        endpoint.visibility,
        endpoint.version,
        endpoint.readme,
        to_json(&endpoint.tags),
        to_json(&endpoint.contributors),
        to_json(&endpoint.policies),
        to_json(&endpoint.connect),
        search_text(endpoint),
        endpoint.created_at
    ];
    tx.query_opt(INSERT, values).await?.map(|row| row.get(0)).transpose()
}

const SLUGS_OF_USER: &str =
    "SELECT slug FROM endpoints WHERE user_id = $1 AND slug >= $2 AND slug < $3";
const SLUGS_OF_ORGANIZATION: &str =
    "SELECT slug FROM endpoints WHERE organization_id = $1 AND slug >= $2 AND slug < $3";

/// The owner's slugs that are `stem` or `stem` with a suffix.
pub(crate) async fn taken_slugs(
    tx: &mut Tx,
    owner: OwnerId,
    stem: &str,
) -> Result<Vec<String>, StoreError> {
    let (sql, id) = match owner {
        OwnerId::User(id) => (SLUGS_OF_USER, id.0),
        OwnerId::Organization(id) => (SLUGS_OF_ORGANIZATION, id.0),
    };
    // `.` is the character after `-`, and in a slug only letters and digits, which come later, could follow otherwise.
    let rows = tx.query(sql, params![id, stem, format!("{stem}.")]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

const UPDATE: &str = "UPDATE endpoints SET name = $2, description = $3, visibility = $4, version = $5, readme = $6, \
     tags = $7, contributors = $8, policies = $9, connect = $10, search_text = $11, updated_at = $12 WHERE id = $1";

/// Stores the content of `endpoint`.
pub(crate) async fn update(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StoreError> {
    let values = params![
        endpoint.id,
        endpoint.name,
        endpoint.description,
        endpoint.visibility,
        endpoint.version,
        endpoint.readme,
        to_json(&endpoint.tags),
        to_json(&endpoint.contributors),
        to_json(&endpoint.policies),
        to_json(&endpoint.connect),
        search_text(endpoint),
        endpoint.updated_at
    ];
    tx.execute(UPDATE, values).await.map(drop)
}

const SET_TYPE: &str = "UPDATE endpoints SET type = $2 WHERE id = $1";

/// Makes it an endpoint of another type.
pub(crate) async fn set_type(
    tx: &mut Tx,
    id: EndpointId,
    kind: EndpointType,
) -> Result<(), StoreError> {
    tx.execute(SET_TYPE, params![id, kind]).await.map(drop)
}

const LOCK_OWNED: &str = "UPDATE endpoints SET updated_at = updated_at WHERE user_id = $1";

/// Makes other transactions wait before they change any endpoint of the user.
pub(crate) async fn lock_owned(tx: &mut Tx, owner: UserId) -> Result<(), StoreError> {
    tx.execute(LOCK_OWNED, params![owner]).await.map(drop)
}

const DELETE: &str = "DELETE FROM endpoints WHERE id = $1";

/// Removes the endpoint; its slug is free at once.
pub(crate) async fn delete(tx: &mut Tx, id: EndpointId) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).await.map(drop)
}

const IS_ACTIVE_USER: &str = "SELECT id FROM users WHERE id = $1 AND is_active";

/// Those of `ids` that are numbers of active users, in their order and once.
pub(crate) async fn active_users(tx: &mut Tx, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut known = Vec::with_capacity(ids.len());
    for id in ids {
        if !known.contains(id) && tx.query_opt(IS_ACTIVE_USER, params![id]).await?.is_some() {
            known.push(*id);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_that_a_record_is_read_from_is_watched() {
        for statement in [FIND, FIND_OWNED, FIND_AT] {
            let words: Vec<&str> =
                statement.split([' ', '(', ')']).filter(|w| !w.is_empty()).collect();
            for pair in words.windows(2).filter(|pair| matches!(pair[0], "FROM" | "JOIN")) {
                assert!(TABLES.contains(&pair[1]), "{} in {statement}", pair[1]);
            }
        }
    }
}
