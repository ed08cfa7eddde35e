//! Lists of endpoints, latest edit first.

use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::{OwnerId, UserId};

use super::record::{Record, columns, from_row, no_role};
use crate::db::{StoreError, Tx, params};
use crate::registry::visibility::Reach;

/// A slice of an ordered answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slice {
    pub(crate) skip: i64,
    pub(crate) limit: i64,
}

const LIST_OWNED: &str = concat!(
    columns!(no_role!()),
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
    columns!(no_role!()),
    "WHERE e.visibility = 'public' AND e.is_active AND COALESCE(u.is_active, o.is_active) ",
    "AND e.type IN ($1, $2, $3, $4) ",
    "ORDER BY e.updated_at DESC, e.id DESC LIMIT $5 OFFSET $6"
);

/// Public endpoints of these `kinds`, four at most, of active users and organizations, latest edit first.
pub(crate) async fn list_public(
    tx: &mut Tx,
    kinds: &[EndpointType],
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let kind = |n: usize| kinds.get(n).map_or("", |kind| kind.as_str());
    let values = params![kind(0), kind(1), kind(2), kind(3), slice.limit, slice.skip];
    tx.query(LIST_PUBLIC, values).await?.iter().map(from_row).collect()
}

/// The endpoints of one owner, `$owner` being their condition.
macro_rules! list_of {
    ($owner:literal) => {
        concat!(
            columns!(no_role!()),
            "WHERE ",
            $owner,
            " AND ((e.is_active AND e.visibility IN ($2, $3, $4)) \
             OR (NOT e.is_active AND e.visibility IN ($5, $6, $7))) \
             ORDER BY e.updated_at DESC, e.id DESC LIMIT $8 OFFSET $9"
        )
    };
}

const LIST_OF_USER: &str = list_of!("e.user_id = $1");
const LIST_OF_ORGANIZATION: &str = list_of!("e.organization_id = $1");

/// The owner's endpoints within `reach`, latest edit first.
pub(crate) async fn list_of(
    tx: &mut Tx,
    owner: OwnerId,
    reach: &Reach,
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let on = |n: usize| reach.active.get(n).map_or("", |visibility| visibility.as_str());
    let off = |n: usize| reach.inactive.get(n).map_or("", |visibility| visibility.as_str());
    let (sql, id) = match owner {
        OwnerId::User(id) => (LIST_OF_USER, id.0),
        OwnerId::Organization(id) => (LIST_OF_ORGANIZATION, id.0),
    };
    let values = params![id, on(0), on(1), on(2), off(0), off(1), off(2), slice.limit, slice.skip];
    tx.query(sql, values).await?.iter().map(from_row).collect()
}
