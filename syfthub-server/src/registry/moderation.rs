//! What an administrator of the hub may set on anybody's endpoint (contract hub 3.3).

use serde_json::json;
use syfthub_core::EndpointId;
use syfthub_core::wire::discovery::EndpointAdminPatch;
use syfthub_core::wire::endpoint::Endpoint;

use super::connect;
use super::refusal::Refusal;
use super::store;
use crate::db::Tx;
use crate::hub::Hub;
use crate::identity::{Administrator, Caller, Origin};

/// Switches an endpoint off or on again, or sets its counter of stars. Neither is an edit of the endpoint.
pub(crate) async fn moderate(
    hub: &Hub,
    Administrator(caller): Administrator,
    id: EndpointId,
    patch: EndpointAdminPatch,
    origin: Origin,
) -> Result<Endpoint, Refusal> {
    let write = hub
        .db
        .write(move |tx| Box::pin(async move { apply(tx, &caller, id, patch, &origin).await }));
    let endpoint = write.await?;
    hub.registry.forget_pages();
    Ok(endpoint)
}

async fn apply(
    tx: &mut Tx,
    caller: &Caller,
    id: EndpointId,
    patch: EndpointAdminPatch,
    origin: &Origin,
) -> Result<Endpoint, Refusal> {
    store::lock(tx, id).await?;
    if let Some(is_active) = patch.is_active {
        store::set_disabled(tx, id, !is_active).await?;
    }
    if let Some(count) = patch.stars_count {
        store::set_stars(tx, id, count).await?;
    }
    let record = store::find(tx, id, Some(caller.id())).await?.ok_or(Refusal::NotFound)?;
    if patch != EndpointAdminPatch::default() {
        let address = format!("{}/{}", record.endpoint.owner_username, record.endpoint.slug);
        let EndpointAdminPatch { is_active, stars_count } = patch;
        let detail = json!({ "path": address, "is_active": is_active, "stars_count": stars_count });
        let subject = format!("endpoint:{id}");
        origin.note(tx, caller.id(), "endpoint.moderate", subject, detail).await?;
    }
    Ok(connect::shown(record))
}
