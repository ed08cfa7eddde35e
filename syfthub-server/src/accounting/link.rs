//! The account that a user has at an accounting service: its address in the profile, its password sealed.

use syfthub_core::input::Patch;
use syfthub_core::wire::user::User;
use syfthub_core::{Secret, UserId};
use url::Url;

use super::opening::Wanted;
use super::refusal::Refusal;
use super::store;
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::seal::Vault;

/// What the password of `user` is sealed for.
fn purpose(user: UserId) -> String {
    format!("user:{user}:accounting_password")
}

/// The change of the stored password that `change` asks for; empty text clears, as null does.
pub(crate) fn sealed(vault: &Vault, user: UserId, change: &Patch<Secret>) -> Patch<String> {
    match change {
        Patch::Keep => Patch::Keep,
        Patch::Set(secret) if !secret.expose().is_empty() => {
            Patch::Set(vault.seal(&purpose(user), secret))
        }
        Patch::Clear | Patch::Set(_) => Patch::Clear,
    }
}

/// The same change, seen with the profile around it: a password stays only with the service it was given for, so that
/// a service which takes another's place never receives it.
pub(crate) fn after_change(before: &User, after: &User, change: Patch<String>) -> Patch<String> {
    let origin = |user: &User| {
        let url = user.accounting_service_url.as_deref()?;
        Url::parse(url).ok().map(|url| url.origin())
    };
    let moved = origin(before) != origin(after);
    if moved && change == Patch::Keep { Patch::Clear } else { change }
}

/// The password that is stored for the user, if there is one.
pub(super) async fn password(hub: &Hub, user: UserId) -> Result<Option<Secret>, Refusal> {
    let find = hub.db.read(move |tx| Box::pin(async move { store::password(tx, user).await }));
    let sealed = find.await.map_err(|error: StoreError| error)?;
    Ok(sealed.map(|sealed| hub.vault.open(&purpose(user), &sealed)).transpose()?)
}

/// Stores the password as `change` says.
pub(crate) async fn store_password(
    tx: &mut Tx,
    user: UserId,
    change: Patch<String>,
) -> Result<(), StoreError> {
    match change {
        Patch::Keep => Ok(()),
        Patch::Clear => store::set_password(tx, user, None).await,
        Patch::Set(sealed) => store::set_password(tx, user, Some(&sealed)).await,
    }
}

/// Links a new user to the account that was opened.
pub(crate) async fn link(
    tx: &mut Tx,
    vault: &Vault,
    user: UserId,
    wanted: &Wanted,
    password: &Secret,
) -> Result<(), StoreError> {
    let sealed = vault.seal(&purpose(user), password);
    store::set_link(tx, user, wanted.url(), &sealed).await
}
