//! An active organization always has an owner: an active membership of that role whose user's account is active.
//!
//! Every change that could break this looks, in its own transaction, whether another owner remains, after it has made
//! others wait. All lock in one order, so that none waits for another in a circle: first the user whose membership or
//! account changes, then organizations in the order of their numbers. The user is locked also by whoever makes an owner
//! of them, so that an account cannot go in the moment in which an organization comes to count on it.

use syfthub_core::UserId;
use syfthub_core::model::OrgRole;
use syfthub_core::wire::organization::{Member, Organization};

use super::refusal::Refusal;
use super::store::{self, members};
use crate::db::{StoreError, Tx};
use crate::identity::users;

/// The slugs of the organizations that would be left without an owner if `user`'s account went or were switched off. The
/// user and these organizations are locked, so that the answer holds until the end of the transaction.
pub(crate) async fn last_owner_of(tx: &mut Tx, user: UserId) -> Result<Vec<String>, StoreError> {
    users::lock(tx, user).await?;
    let owned = members::owned_by(tx, user).await?;
    let mut orphans = Vec::new();
    for id in owned {
        store::lock(tx, id).await?;
        let Some(found) = store::find(tx, id, user).await? else { continue };
        let counts = found.organization.is_active && found.role == Some(OrgRole::Owner);
        if counts && !members::has_owner(tx, id, Some(user)).await? {
            orphans.push(found.organization.slug);
        }
    }
    Ok(orphans)
}

/// Refuses to let `member` stop being an owner, if they are the last one. The organization is locked by the caller.
pub(super) async fn spare(
    tx: &mut Tx,
    organization: &Organization,
    member: &Member,
) -> Result<(), Refusal> {
    let counts = organization.is_active && member.is_active && member.role == OrgRole::Owner;
    if counts && !members::has_owner(tx, organization.id, Some(member.user_id)).await? {
        return Err(Refusal::LastOwner);
    }
    Ok(())
}
