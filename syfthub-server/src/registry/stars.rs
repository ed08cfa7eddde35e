//! Starring endpoints (contract hub 3.3, 7.6).

use serde_json::json;
use syfthub_core::EndpointId;
use syfthub_core::model::{EndpointAction, authorize};

use super::refusal::Refusal;
use super::store::{self, Record};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};

/// Which endpoint is meant; anybody's.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// The one with this number.
    Number(EndpointId),
    /// The one at this address, in any case.
    At { owner: String, slug: String },
}

/// Stars an endpoint that the caller may see; false when they had done so.
pub(crate) async fn star(
    hub: &Hub,
    caller: Caller,
    target: Target,
    origin: Origin,
) -> Result<bool, Refusal> {
    let write =
        hub.db.write(move |tx| Box::pin(async move { add(tx, &caller, &target, &origin).await }));
    let is_new = write.await?;
    if is_new {
        hub.registry.forget_pages();
    }
    Ok(is_new)
}

async fn add(
    tx: &mut Tx,
    caller: &Caller,
    target: &Target,
    origin: &Origin,
) -> Result<bool, Refusal> {
    let Some(id) = number(tx, target).await? else { return Err(Refusal::NotFound) };
    // The counter is moved in any case; waiting for it before the star is there, nobody waits for one another.
    store::lock(tx, id).await?;
    let record = store::find(tx, id, Some(caller.id())).await?.ok_or(Refusal::NotFound)?;
    if !authorize(caller.principal(), EndpointAction::Read, record.facts()).is_granted() {
        return Err(Refusal::NotFound);
    }
    let is_new = store::add_star(tx, caller.id(), id, origin.at).await?;
    if is_new {
        note(tx, origin, caller, "endpoint.star", &record).await?;
    }
    Ok(is_new)
}

/// Takes the caller's star back, also from an endpoint that they can no longer see. Nothing happens when there is none.
pub(crate) async fn unstar(
    hub: &Hub,
    caller: Caller,
    target: Target,
    origin: Origin,
) -> Result<(), Refusal> {
    let write = hub
        .db
        .write(move |tx| Box::pin(async move { remove(tx, &caller, &target, &origin).await }));
    if write.await? {
        hub.registry.forget_pages();
    }
    Ok(())
}

async fn remove(
    tx: &mut Tx,
    caller: &Caller,
    target: &Target,
    origin: &Origin,
) -> Result<bool, Refusal> {
    let Some(id) = number(tx, target).await? else { return Ok(false) };
    store::lock(tx, id).await?;
    let Some(record) = store::find(tx, id, None).await? else { return Ok(false) };
    let was_there = store::remove_star(tx, caller.id(), id).await?;
    if was_there {
        note(tx, origin, caller, "endpoint.unstar", &record).await?;
    }
    Ok(was_there)
}

/// Whether the caller starred the endpoint; false also when there is none.
pub(crate) async fn is_starred(hub: &Hub, signed: Signed, target: Target) -> Result<bool, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            let Some(id) = number(tx, &target).await? else { return Ok(false) };
            Ok(store::is_starred(tx, caller.id(), id).await?)
        })
    });
    read.await
}

async fn number(tx: &mut Tx, target: &Target) -> Result<Option<EndpointId>, StoreError> {
    match target {
        Target::Number(id) => Ok(Some(*id)),
        Target::At { owner, slug } => {
            let (owner, slug) = (owner.to_lowercase(), slug.to_lowercase());
            let record = store::find_at(tx, &owner, &slug, None).await?;
            Ok(record.map(|record| record.endpoint.id))
        }
    }
}

async fn note(
    tx: &mut Tx,
    origin: &Origin,
    caller: &Caller,
    action: &'static str,
    record: &Record,
) -> Result<(), StoreError> {
    let endpoint = &record.endpoint;
    let detail = json!({ "path": format!("{}/{}", endpoint.owner_username, endpoint.slug) });
    origin.note(tx, caller.id(), action, format!("endpoint:{}", endpoint.id), detail).await
}
