//! All SQL of the registry.

use syfthub_core::ids::{EndpointId, Slug, UserId};
use syfthub_core::model::{EndpointFacts, EndpointType, Visibility};
use syfthub_core::wire::endpoint::Endpoint;

use super::visibility::Reach;
use crate::db::{Row, StoreError, Tx, params};

/// The columns of [`from_row`], of endpoints `e` and their owners `u`.
macro_rules! columns {
    () => {
        "e.id, e.user_id, e.slug, e.name, e.description, e.type, e.visibility, e.is_active, e.version, e.readme, \
         e.tags, e.contributors, e.policies, e.connect, e.stars_count, e.created_at, e.updated_at, \
         u.username, u.is_active, u.domain FROM endpoints e JOIN users u ON u.id = e.user_id "
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
    pub(crate) id: UserId,
    pub(crate) is_active: bool,
    pub(crate) domain: Option<String>,
}

impl Record {
    /// What `authorize` decides on.
    pub(crate) fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            owner: self.owner.id,
            owner_is_active: self.owner.is_active,
            visibility: self.endpoint.visibility,
            is_active: self.endpoint.is_active,
        }
    }
}

/// A slice of an ordered answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slice {
    pub(crate) skip: i64,
    pub(crate) limit: i64,
}

fn from_row(row: &Row) -> Result<Record, StoreError> {
    let owner = Owner { id: row.get(1)?, is_active: row.get(18)?, domain: row.get(19)? };
    let endpoint = Endpoint {
        id: row.get(0)?,
        user_id: Some(owner.id),
        organization_id: None,
        owner_username: row.get(17)?,
        name: row.get(3)?,
        slug: row.get(2)?,
        description: row.get(4)?,
        kind: row.get(5)?,
        visibility: row.get(6)?,
        is_active: row.get(7)?,
        contributors: json(row, 11)?,
        version: row.get(8)?,
        readme: row.get(9)?,
        tags: json(row, 10)?,
        stars_count: row.get(14)?,
        policies: json(row, 12)?,
        connect: json(row, 13)?,
        created_at: row.get(15)?,
        updated_at: row.get(16)?,
    };
    Ok(Record { endpoint, owner })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, index: usize) -> Result<T, StoreError> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Column {
        index,
        expected: "JSON",
        found: "other text",
    })
}

fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("lists of plain structs become JSON")
}

/// What a search looks into.
fn search_text(endpoint: &Endpoint) -> String {
    format!("{}\n{}", endpoint.name, endpoint.description).to_lowercase()
}

const FIND: &str = concat!("SELECT ", columns!(), "WHERE e.id = $1");

/// The endpoint with this number.
pub(crate) async fn find(tx: &mut Tx, id: EndpointId) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND, params![id]).await?.as_ref().map(from_row).transpose()
}

const FIND_OWNED: &str = concat!("SELECT ", columns!(), "WHERE e.user_id = $1 AND e.slug = $2");

/// The endpoint of `owner` called `slug`; `slug` is in lower case.
pub(crate) async fn find_owned(
    tx: &mut Tx,
    owner: UserId,
    slug: &str,
) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND_OWNED, params![owner, slug]).await?.as_ref().map(from_row).transpose()
}

const FIND_AT: &str = concat!("SELECT ", columns!(), "WHERE u.username = $1 AND e.slug = $2");

/// The endpoint at `owner/slug`, both in lower case.
pub(crate) async fn find_at(
    tx: &mut Tx,
    owner: &str,
    slug: &str,
) -> Result<Option<Record>, StoreError> {
    tx.query_opt(FIND_AT, params![owner, slug]).await?.as_ref().map(from_row).transpose()
}

const LOCK: &str = "UPDATE endpoints SET updated_at = updated_at WHERE id = $1";

/// Makes other transactions wait before they change the endpoint, so that what is read next stays true.
pub(crate) async fn lock(tx: &mut Tx, id: EndpointId) -> Result<(), StoreError> {
    tx.execute(LOCK, params![id]).await.map(drop)
}

const LIST_OWNED: &str = concat!(
    "SELECT ",
    columns!(),
    "WHERE e.user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR e.visibility = $2) ",
    r"AND (CAST($3 AS TEXT) IS NULL OR e.search_text LIKE $3 ESCAPE '\') ",
    "ORDER BY e.updated_at DESC, e.id DESC LIMIT $4 OFFSET $5"
);

/// The user's own endpoints, switched off or on, latest edit first; `search` is part of the name or description.
pub(crate) async fn list_owned(
    tx: &mut Tx,
    owner: UserId,
    visibility: Option<Visibility>,
    search: Option<&str>,
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let values = params![owner, visibility, search.map(pattern), slice.limit, slice.skip];
    tx.query(LIST_OWNED, values).await?.iter().map(from_row).collect()
}

/// The LIKE pattern of texts that contain `part`.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

const LIST_PUBLIC: &str = concat!(
    "SELECT ",
    columns!(),
    "WHERE e.visibility = 'public' AND e.is_active AND u.is_active AND e.type IN ($1, $2, $3, $4) ",
    "ORDER BY e.updated_at DESC, e.id DESC LIMIT $5 OFFSET $6"
);

/// Public endpoints of these `kinds`, four at most, of active users, latest edit first.
pub(crate) async fn list_public(
    tx: &mut Tx,
    kinds: &[EndpointType],
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let kind = |n: usize| kinds.get(n).map_or("", |kind| kind.as_str());
    let values = params![kind(0), kind(1), kind(2), kind(3), slice.limit, slice.skip];
    tx.query(LIST_PUBLIC, values).await?.iter().map(from_row).collect()
}

const LIST_OF: &str = concat!(
    "SELECT ",
    columns!(),
    "WHERE e.user_id = $1 AND ((e.is_active AND e.visibility IN ($2, $3, $4)) ",
    "OR (NOT e.is_active AND e.visibility IN ($5, $6, $7))) ",
    "ORDER BY e.updated_at DESC, e.id DESC LIMIT $8 OFFSET $9"
);

/// The owner's endpoints within `reach`, latest edit first.
pub(crate) async fn list_of(
    tx: &mut Tx,
    owner: UserId,
    reach: &Reach,
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let on = |n: usize| reach.active.get(n).map_or("", |visibility| visibility.as_str());
    let off = |n: usize| reach.inactive.get(n).map_or("", |visibility| visibility.as_str());
    let values =
        params![owner, on(0), on(1), on(2), off(0), off(1), off(2), slice.limit, slice.skip];
    tx.query(LIST_OF, values).await?.iter().map(from_row).collect()
}

const INSERT: &str = "INSERT INTO endpoints (user_id, slug, name, description, type, visibility, is_active, version, \
     readme, tags, contributors, policies, connect, search_text, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) \
     ON CONFLICT (user_id, slug) DO NOTHING RETURNING id";

/// Adds `endpoint` to the owner's namespace under `slug`; nothing when the slug is taken there.
pub(crate) async fn insert(
    tx: &mut Tx,
    owner: UserId,
    slug: &Slug,
    endpoint: &Endpoint,
) -> Result<Option<EndpointId>, StoreError> {
    let values = params![
        owner,
        slug,
        endpoint.name,
        endpoint.description,
        endpoint.kind,
        endpoint.visibility,
        endpoint.is_active,
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

const TAKEN_SLUGS: &str =
    "SELECT slug FROM endpoints WHERE user_id = $1 AND slug >= $2 AND slug < $3";

/// The owner's slugs that are `stem` or `stem` with a suffix.
pub(crate) async fn taken_slugs(
    tx: &mut Tx,
    owner: UserId,
    stem: &str,
) -> Result<Vec<String>, StoreError> {
    // `.` is the character after `-`, and in a slug only letters and digits, which come later, could follow otherwise.
    let rows = tx.query(TAKEN_SLUGS, params![owner, stem, format!("{stem}.")]).await?;
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
