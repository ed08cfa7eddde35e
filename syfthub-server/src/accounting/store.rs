//! All SQL of accounting.

use syfthub_core::{OrganizationId, UserId};

use super::payee::Owner;
use crate::db::{Row, StoreError, Tx, params};

const SET_PASSWORD: &str = "UPDATE users SET accounting_password = $2 WHERE id = $1";

/// Keeps the sealed password of the user's account at the accounting service, or none.
pub(super) async fn set_password(
    tx: &mut Tx,
    user: UserId,
    sealed: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(SET_PASSWORD, params![user, sealed]).await.map(drop)
}

const PASSWORD: &str = "SELECT accounting_password FROM users WHERE id = $1";

/// The sealed password of the user's account at the accounting service, if one is known.
pub(super) async fn password(tx: &mut Tx, user: UserId) -> Result<Option<String>, StoreError> {
    let row = tx.query_opt(PASSWORD, params![user]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.flatten())
}

const SET_LINK: &str =
    "UPDATE users SET accounting_service_url = $2, accounting_password = $3 WHERE id = $1";

/// Links the user to an account at an accounting service.
pub(super) async fn set_link(
    tx: &mut Tx,
    user: UserId,
    url: &str,
    sealed: &str,
) -> Result<(), StoreError> {
    tx.execute(SET_LINK, params![user, url, sealed]).await.map(drop)
}

const OWNER: &str = "SELECT id, email, accounting_service_url, NULL AS name FROM users WHERE username = $1 AND is_active \
     UNION ALL SELECT id, NULL, NULL, name FROM organizations WHERE slug = $1 AND is_active";

/// The active user or, when there is none, the active organization that goes by `name`, which is in lower case.
pub(super) async fn owner(tx: &mut Tx, name: &str) -> Result<Option<Owner>, StoreError> {
    let rows = tx.query(OWNER, params![name]).await?;
    let owners: Vec<Owner> = rows.iter().map(read_owner).collect::<Result<_, _>>()?;
    let user = owners.iter().find(|owner| matches!(owner, Owner::User { .. })).cloned();
    Ok(user.or_else(|| owners.into_iter().next()))
}

fn read_owner(row: &Row) -> Result<Owner, StoreError> {
    let email: Option<String> = row.get(1)?;
    match email {
        Some(email) => Ok(Owner::User { id: row.get(0)?, email, service: row.get(2)? }),
        None => Ok(Owner::Organization { id: row.get(0)?, name: row.get(3)? }),
    }
}

const USER_OF: &str = "SELECT id, email, accounting_service_url, NULL AS name FROM users WHERE email = $1 AND is_active";

/// The active user of that address.
pub(super) async fn user_of(tx: &mut Tx, email: &str) -> Result<Option<Owner>, StoreError> {
    tx.query_opt(USER_OF, params![email]).await?.as_ref().map(read_owner).transpose()
}

const REPRESENTED_BY: &str = "SELECT organization_id FROM members WHERE user_id = $1 AND is_active AND role IN ('owner', 'admin') \
     ORDER BY organization_id";

/// The organizations whose owner or admin the user is, in the order of their numbers.
pub(super) async fn represented_by(
    tx: &mut Tx,
    user: UserId,
) -> Result<Vec<OrganizationId>, StoreError> {
    tx.query(REPRESENTED_BY, params![user]).await?.iter().map(|row| row.get(0)).collect()
}
