//! Endpoints for those who do more with them than show them: calling them, and telling how they were.

use syfthub_core::EndpointId;
use syfthub_core::model::{EndpointAction, EndpointType, Principal, authorize};
use syfthub_core::wire::endpoint::Connection;

use super::store::{self, Record};
use crate::db::{StoreError, Tx};

/// An endpoint that may be called.
#[derive(Debug, Clone)]
pub(crate) struct Callable {
    /// Its owner's name as it is now.
    pub(crate) owner: String,
    pub(crate) slug: String,
    pub(crate) kind: EndpointType,
    /// Where its owner serves it.
    pub(crate) domain: Option<String>,
    /// Its connections as they were stored.
    pub(crate) connect: Vec<Connection>,
}

/// The number and the path of the endpoint at `owner/slug`, both in lower case, if `principal` may see it.
pub(crate) async fn readable(
    tx: &mut Tx,
    principal: Principal,
    owner: &str,
    slug: &str,
) -> Result<Option<(EndpointId, String)>, StoreError> {
    let found = store::find_at(tx, owner, slug, principal.user()).await?;
    let may =
        |record: &Record| authorize(principal, EndpointAction::Read, record.facts()).is_granted();
    Ok(found.filter(may).map(|Record { endpoint, .. }| {
        (endpoint.id, format!("{}/{}", endpoint.owner_username, endpoint.slug))
    }))
}

/// The endpoint at `owner/slug`, both in lower case, if it is on and `principal` may see it. One that is off is called
/// by nobody (contract hub 5.2).
pub(crate) async fn callable(
    tx: &mut Tx,
    principal: Principal,
    owner: &str,
    slug: &str,
) -> Result<Option<Callable>, StoreError> {
    let found = store::find_at(tx, owner, slug, principal.user()).await?;
    let Some(record) = found else { return Ok(None) };
    let facts = record.facts();
    let may = facts.is_active && facts.owner_is_active;
    if !may || !authorize(principal, EndpointAction::Read, facts).is_granted() {
        return Ok(None);
    }
    let endpoint = record.endpoint;
    Ok(Some(Callable {
        owner: endpoint.owner_username,
        slug: endpoint.slug,
        kind: endpoint.kind,
        domain: record.owner.domain,
        connect: endpoint.connect,
    }))
}
