//! Lists of endpoints and of their owners.

use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::wire::discovery::PublicOwner;
use syfthub_core::{OwnerId, UserId};

use super::record::{Record, columns, from_row, no_role, owner_id};
use crate::db::{StoreError, Tx, containing, params};
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
    let values = params![owner, visibility, search.map(containing), slice.limit, slice.skip];
    tx.query(LIST_OWNED, values).await?.iter().map(from_row).collect()
}

/// Which public endpoints a list holds, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// All, latest edit first.
    Latest,
    /// Those without policies, latest edit first.
    LatestOpen,
    /// Those with so many stars at least, most stars first, then as [`Order::Latest`].
    Stars { min: i64 },
}

/// The public endpoints that everybody may see, with a further condition and an order.
macro_rules! list_public {
    ($condition:literal, $order:literal) => {
        concat!(
            columns!(no_role!()),
            "WHERE e.visibility = 'public' AND e.is_active AND COALESCE(u.is_active, o.is_active) \
             AND e.type IN ($1, $2, $3, $4) AND ",
            $condition,
            " ORDER BY ",
            $order,
            " LIMIT $5 OFFSET $6"
        )
    };
}

const LIST_LATEST: &str = list_public!("TRUE", "e.updated_at DESC, e.id DESC");
const LIST_OPEN: &str = list_public!("e.policies = '[]'", "e.updated_at DESC, e.id DESC");
const LIST_STARRED: &str =
    list_public!("e.stars_count >= $7", "e.stars_count DESC, e.updated_at DESC, e.id DESC");

/// Public endpoints of these `kinds`, of active users and organizations.
pub(crate) async fn list_public(
    tx: &mut Tx,
    kinds: &[EndpointType],
    order: Order,
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let [a, b, c, d] = words(kinds);
    let rows = match order {
        Order::Latest => tx.query(LIST_LATEST, params![a, b, c, d, slice.limit, slice.skip]).await,
        Order::LatestOpen => {
            tx.query(LIST_OPEN, params![a, b, c, d, slice.limit, slice.skip]).await
        }
        Order::Stars { min } => {
            tx.query(LIST_STARRED, params![a, b, c, d, slice.limit, slice.skip, min]).await
        }
    };
    rows?.iter().map(from_row).collect()
}

/// The words of as many types as there are; the empty one stands for none.
fn words(kinds: &[EndpointType]) -> [&'static str; EndpointType::ALL.len()] {
    std::array::from_fn(|n| kinds.get(n).map_or("", |kind| kind.as_str()))
}

/// Somebody with public endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) id: OwnerId,
    pub(crate) counts: PublicOwner,
}

const LIST_OWNERS: &str = "SELECT c.user_id, c.organization_id, COALESCE(u.username, o.slug), c.endpoints, c.models, \
     c.sources, c.stars FROM (SELECT e.user_id, e.organization_id, COUNT(*) AS endpoints, \
     CAST(SUM(CASE WHEN e.type IN ('model', 'model_data_source', 'agent') THEN 1 ELSE 0 END) AS BIGINT) AS models, \
     CAST(SUM(CASE WHEN e.type IN ('data_source', 'model_data_source') THEN 1 ELSE 0 END) AS BIGINT) AS sources, \
     CAST(SUM(e.stars_count) AS BIGINT) AS stars FROM endpoints e \
     WHERE e.visibility = 'public' AND e.is_active AND e.type IN ($1, $2, $3, $4) \
     GROUP BY e.user_id, e.organization_id) c \
     LEFT JOIN users u ON u.id = c.user_id LEFT JOIN organizations o ON o.id = c.organization_id \
     WHERE COALESCE(u.is_active, o.is_active) \
     ORDER BY c.endpoints DESC, COALESCE(u.username, o.slug) LIMIT $5 OFFSET $6";

/// Active users and organizations with public endpoints of these `kinds`, those with the most of them first.
pub(crate) async fn list_owners(
    tx: &mut Tx,
    kinds: &[EndpointType],
    slice: Slice,
) -> Result<Vec<Counted>, StoreError> {
    let [a, b, c, d] = words(kinds);
    let rows = tx.query(LIST_OWNERS, params![a, b, c, d, slice.limit, slice.skip]).await?;
    rows.iter()
        .map(|row| {
            let counts = PublicOwner {
                username: row.get(2)?,
                endpoint_count: row.get(3)?,
                model_count: row.get(4)?,
                data_source_count: row.get(5)?,
                stars_count: row.get(6)?,
            };
            Ok(Counted { id: owner_id(row.get(0)?, row.get(1)?)?, counts })
        })
        .collect()
}

/// The endpoints of one owner, `$owner` being their condition.
macro_rules! list_of {
    ($owner:literal) => {
        concat!(
            columns!(no_role!()),
            "WHERE ",
            $owner,
            " AND ((e.is_active AND e.visibility IN ($2, $3, $4)) \
             OR (NOT e.is_active AND e.visibility IN ($5, $6, $7))) AND e.type IN ($8, $9, $10, $11) \
             ORDER BY e.updated_at DESC, e.id DESC LIMIT $12 OFFSET $13"
        )
    };
}

const LIST_OF_USER: &str = list_of!("e.user_id = $1");
const LIST_OF_ORGANIZATION: &str = list_of!("e.organization_id = $1");

/// The owner's endpoints of these `kinds` within `reach`, latest edit first.
pub(crate) async fn list_of(
    tx: &mut Tx,
    owner: OwnerId,
    reach: &Reach,
    kinds: &[EndpointType],
    slice: Slice,
) -> Result<Vec<Record>, StoreError> {
    let on = |n: usize| reach.active.get(n).map_or("", |visibility| visibility.as_str());
    let off = |n: usize| reach.inactive.get(n).map_or("", |visibility| visibility.as_str());
    let (sql, id) = match owner {
        OwnerId::User(id) => (LIST_OF_USER, id.0),
        OwnerId::Organization(id) => (LIST_OF_ORGANIZATION, id.0),
    };
    let [a, b, c, d] = words(kinds);
    let values = params![
        id,
        on(0),
        on(1),
        on(2),
        off(0),
        off(1),
        off(2),
        a,
        b,
        c,
        d,
        slice.limit,
        slice.skip
    ];
    tx.query(sql, values).await?.iter().map(from_row).collect()
}
