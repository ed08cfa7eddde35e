//! Whom somebody may be told that tokens can be made for.

use syfthub_core::UserId;

use crate::db::{StoreError, Tx, containing, params};
use crate::http::Page;

const LIST: &str = r"SELECT name FROM (
        SELECT u.username AS name FROM users u WHERE u.is_active AND (u.id = $1 OR EXISTS
            (SELECT 1 FROM endpoints e WHERE e.user_id = u.id AND e.visibility = 'public' AND e.is_active))
        UNION
        SELECT o.slug AS name FROM organizations o WHERE o.is_active AND (EXISTS
            (SELECT 1 FROM members m WHERE m.organization_id = o.id AND m.user_id = $1 AND m.is_active) OR EXISTS
            (SELECT 1 FROM endpoints e WHERE e.organization_id = o.id AND e.visibility = 'public' AND e.is_active))
    ) AS names WHERE (CAST($2 AS TEXT) IS NULL OR name LIKE $2 ESCAPE '\') ORDER BY name LIMIT $3 OFFSET $4";

/// A page of names in alphabetical order: the user's own, those of their organizations, and those of everybody with a
/// public endpoint; `search` is part of the name.
pub(crate) async fn list(
    tx: &mut Tx,
    user: UserId,
    search: Option<&str>,
    page: Page,
) -> Result<Vec<String>, StoreError> {
    let values = params![user, search.map(containing), page.limit, page.skip];
    tx.query(LIST, values).await?.iter().map(|row| row.get(0)).collect()
}
