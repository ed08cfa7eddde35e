//! What a user who leaves for good leaves behind in the endpoints of others.

use syfthub_core::UserId;

use super::store;
use crate::db::{StoreError, Tx};

/// Takes the user's number off every list of contributors; to be called in the transaction that deletes the user. It is
/// no edit of those endpoints: they keep their places in the lists.
pub(crate) async fn forget_user(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    for (endpoint, mut contributors) in store::contributed_by(tx, user).await? {
        contributors.retain(|contributor| *contributor != user);
        store::set_contributors(tx, endpoint, &contributors).await?;
    }
    Ok(())
}
