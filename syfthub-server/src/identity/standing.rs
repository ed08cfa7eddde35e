//! Who cannot go: the last administrator of the hub, and the last owner of an organization.

use syfthub_core::model::Role;
use syfthub_core::wire::user::User;

use super::refusal::Refusal;
use super::store::users;
use crate::db::Tx;
use crate::organizations;

/// Refuses a change from `before` to `after`, nobody when the account is to be deleted, that would leave the hub without
/// an active administrator, or an organization without an active owner. The transaction holds the guard, so that the
/// others it counts on stay.
pub(super) async fn check(tx: &mut Tx, before: &User, after: Option<&User>) -> Result<(), Refusal> {
    let runs_the_hub = |user: &User| user.is_active && user.role == Role::Admin;
    if runs_the_hub(before)
        && !after.is_some_and(runs_the_hub)
        && !users::has_administrator(tx, Some(before.id)).await?
    {
        return Err(Refusal::LastAdministrator);
    }
    if before.is_active && !after.is_some_and(|user| user.is_active) {
        let orphans = organizations::last_owner_of(tx, before.id).await?;
        if !orphans.is_empty() {
            return Err(Refusal::LastOwner(orphans));
        }
    }
    Ok(())
}
