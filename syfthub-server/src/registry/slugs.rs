//! Giving a new endpoint its slug (contract hub 2.6).

use std::collections::HashSet;

use syfthub_core::wire::endpoint::Endpoint;
use syfthub_core::{EndpointId, OwnerId, Slug};

use super::store;
use crate::db::{StoreError, Tx};

/// Adds `endpoint` under the first slug made from its name that is free with `owner`. `suffix` is for names that give
/// none. Nothing when all are taken, which takes a thousand endpoints of one name and an unlucky suffix.
pub(crate) async fn insert_named(
    tx: &mut Tx,
    owner: OwnerId,
    endpoint: &Endpoint,
    suffix: &str,
) -> Result<Option<(EndpointId, Slug)>, StoreError> {
    let mut candidates = Slug::candidates(&endpoint.name, suffix);
    if let Some(first) = candidates.next()
        && let Some(id) = store::insert(tx, owner, &first, endpoint).await?
    {
        return Ok(Some((id, first)));
    }
    let taken = store::taken_slugs(tx, owner, &Slug::stem(&endpoint.name, suffix)).await?;
    let taken: HashSet<String> = taken.into_iter().collect();
    for slug in candidates.filter(|slug| !taken.contains(slug.as_str())) {
        // Somebody may have taken it since; then the next one is tried.
        if let Some(id) = store::insert(tx, owner, &slug, endpoint).await? {
            return Ok(Some((id, slug)));
        }
    }
    Ok(None)
}
