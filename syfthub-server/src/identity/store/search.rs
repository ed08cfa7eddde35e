//! Finding users among all of them.

use syfthub_core::UserId;
use syfthub_core::model::Role;
use syfthub_core::wire::user::User;

use super::users::{user_columns, user_from_row};
use crate::db::{StoreError, Tx, Value, containing, params};
use crate::http::Page;

/// Which users are meant; what is absent lets all through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Part of the username, the e-mail address or the full name, in any case.
    pub(crate) search: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) is_active: Option<bool>,
}

macro_rules! matching {
    () => {
        r"FROM users u WHERE (CAST($1 AS TEXT) IS NULL OR u.username LIKE $1 ESCAPE '\' OR u.email LIKE $1 ESCAPE '\'
         OR lower(u.full_name) LIKE $1 ESCAPE '\') AND (CAST($2 AS TEXT) IS NULL OR u.role = $2)
         AND (CAST($3 AS BOOLEAN) IS NULL OR u.is_active = $3) "
    };
}

impl Filter {
    /// The first three parameters of every statement here, and then `more`.
    fn with(&self, more: &[Value]) -> Vec<Value> {
        let pattern = self.search.as_deref().map(containing);
        [params![pattern, self.role, self.is_active], more].concat()
    }
}

const LIST: &str =
    concat!("SELECT ", user_columns!(), " ", matching!(), "ORDER BY u.id LIMIT $4 OFFSET $5");

/// A page of them, in the order of their numbers.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    page: Page,
) -> Result<Vec<User>, StoreError> {
    let values = filter.with(params![page.limit, page.skip]);
    tx.query(LIST, &values).await?.iter().map(user_from_row).collect()
}

const LIST_AFTER: &str =
    concat!("SELECT ", user_columns!(), " ", matching!(), "AND u.id > $4 ORDER BY u.id LIMIT $5");

/// The next `limit` of them after the number `after`.
pub(crate) async fn list_after(
    tx: &mut Tx,
    filter: &Filter,
    after: UserId,
    limit: i64,
) -> Result<Vec<User>, StoreError> {
    let values = filter.with(params![after, limit]);
    tx.query(LIST_AFTER, &values).await?.iter().map(user_from_row).collect()
}

const COUNT: &str = concat!("SELECT COUNT(*) ", matching!());

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64, StoreError> {
    tx.query_one(COUNT, &filter.with(&[])).await?.get(0)
}
