//! The aggregators a user keeps (contract hub 12). While there are any, exactly one is the default: the first that was
//! added, until another is chosen; when the default goes, the oldest of the rest takes its place.

use serde_json::{Value, json};
use syfthub_core::wire::aggregator::{AggregatorDraft, AggregatorPatch, UserAggregator};
use syfthub_core::{AggregatorId, UserId};

use super::origin::Origin;
use super::refusal::Refusal;
use super::store::{aggregators as store, users};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;

/// All of the user's aggregators, in the order of their numbers.
pub(crate) async fn list(hub: &Hub, user: UserId) -> Result<Vec<UserAggregator>, Refusal> {
    let read = hub.db.read(move |tx| Box::pin(async move { store::list(tx, user).await }));
    read.await.map_err(Refusal::Store)
}

/// One of the user's aggregators.
pub(crate) async fn find(
    hub: &Hub,
    user: UserId,
    id: AggregatorId,
) -> Result<UserAggregator, Refusal> {
    let read = hub.db.read(move |tx| Box::pin(async move { own(tx, user, id).await }));
    read.await
}

/// Adds an aggregator to the user's list.
pub(crate) async fn create(
    hub: &Hub,
    user: UserId,
    draft: AggregatorDraft,
    origin: Origin,
) -> Result<UserAggregator, Refusal> {
    let most = hub.identity.most_aggregators;
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::lock(tx, user).await?;
            let kept = store::list(tx, user).await?;
            if kept.len() >= most {
                return Err(Refusal::TooManyAggregators(most));
            }
            let id = store::insert(tx, user, &draft, origin.at).await?;
            if kept.is_empty() || draft.is_default {
                store::set_default(tx, user, id).await?;
            }
            note(tx, &origin, user, "aggregator.create", id, json!({ "url": draft.url })).await?;
            own(tx, user, id).await
        })
    });
    write.await
}

/// Changes one of the user's aggregators; `is_default: true` also makes it the default.
pub(crate) async fn update(
    hub: &Hub,
    user: UserId,
    id: AggregatorId,
    patch: AggregatorPatch,
    origin: Origin,
) -> Result<UserAggregator, Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::lock(tx, user).await?;
            let before = own(tx, user, id).await?;
            let AggregatorPatch { name, url, is_default } = patch;
            let mut after = before.clone();
            after.name = name.unwrap_or(after.name);
            after.url = url.unwrap_or(after.url);
            after.is_default |= is_default == Some(true);
            if after == before {
                return Ok(before);
            }
            if after.is_default {
                store::set_default(tx, user, id).await?;
            }
            after.updated_at = origin.at;
            store::update(tx, &after).await?;
            let detail = json!({ "url": after.url, "is_default": after.is_default });
            note(tx, &origin, user, "aggregator.update", id, detail).await?;
            Ok(after)
        })
    });
    write.await
}

/// Removes one of the user's aggregators.
pub(crate) async fn delete(
    hub: &Hub,
    user: UserId,
    id: AggregatorId,
    origin: Origin,
) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::lock(tx, user).await?;
            let gone = own(tx, user, id).await?;
            store::delete(tx, id).await?;
            let oldest = store::list(tx, user).await?.first().map(|left| left.id);
            if let Some(heir) = oldest.filter(|_| gone.is_default) {
                store::set_default(tx, user, heir).await?;
            }
            Ok(note(tx, &origin, user, "aggregator.delete", id, json!({ "url": gone.url })).await?)
        })
    });
    write.await
}

/// The aggregator, if it is the user's. Whose numbers are in use is no secret: they follow one another.
async fn own(tx: &mut Tx, user: UserId, id: AggregatorId) -> Result<UserAggregator, Refusal> {
    let found = store::find(tx, id).await?.ok_or(Refusal::AggregatorNotFound)?;
    if found.user_id == user { Ok(found) } else { Err(Refusal::ForeignAggregator) }
}

async fn note(
    tx: &mut Tx,
    origin: &Origin,
    user: UserId,
    action: &'static str,
    id: AggregatorId,
    detail: Value,
) -> Result<(), StoreError> {
    origin.note(tx, user, action, format!("aggregator:{id}"), detail).await
}
