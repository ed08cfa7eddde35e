//! What everybody may see: lists, owners and single endpoints, as pages that are kept; and searches, which are not.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use syfthub_core::EndpointId;
use syfthub_core::model::{EndpointAction, EndpointType, Ownership, Principal, authorize};
use syfthub_core::wire::discovery::{
    OwnerGroup, PublicOwner, SearchRequest, SearchResponse, SearchResult,
};
use syfthub_core::wire::endpoint::EndpointPublic;

use super::connect;
use super::pages::PageKey;
use super::search::{self, Breadth, Hit, Wanted};
use super::store::{self, Order, Record, Slice};
use super::visibility::Reach;
use crate::config::PublicTypes;
use crate::db::{StoreError, Tx};
use crate::http::ApiError;
use crate::hub::Hub;

impl PublicTypes {
    /// The stored types that a list restricted to `asked` contains. What does both is a model and a data source.
    pub(crate) fn stored(self, asked: Option<EndpointType>) -> Vec<EndpointType> {
        EndpointType::ALL
            .into_iter()
            .filter(|kind| {
                self.shown(*kind)
                    .is_some_and(|shown| asked.is_none_or(|asked| is_among(shown, asked)))
            })
            .collect()
    }

    /// What a stored type appears as, if it appears.
    fn shown(self, kind: EndpointType) -> Option<EndpointType> {
        match (self, kind) {
            (Self::Legacy, EndpointType::ModelDataSource) => Some(EndpointType::Model),
            (Self::Legacy, EndpointType::Agent) => None,
            (Self::Modern | Self::Legacy, kind) => Some(kind),
        }
    }

    /// The record as lists show it; it is of a type that they show.
    pub(crate) fn listed(self, record: Record) -> EndpointPublic {
        let mut endpoint = EndpointPublic::from(connect::shown(record));
        endpoint.kind = self.shown(endpoint.kind).unwrap_or(endpoint.kind);
        endpoint
    }
}

/// Whether an endpoint that is shown as `kind` is one of those that were asked for.
fn is_among(kind: EndpointType, asked: EndpointType) -> bool {
    let does_both = kind == EndpointType::ModelDataSource;
    kind == asked || (does_both && matches!(asked, EndpointType::Model | EndpointType::DataSource))
}

/// Why there is no page.
#[derive(Debug)]
enum Unmade {
    /// Nobody may see such a thing, or there is none.
    Nothing,
    Failed(StoreError),
}

impl From<StoreError> for Unmade {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// A page of what everybody may see, as JSON; nothing when there is no such owner or endpoint.
pub(crate) async fn page(hub: &Hub, key: PageKey) -> Result<Option<Bytes>, ApiError> {
    let made = make(hub, key.clone());
    match hub.registry.pages.get(key, made).await {
        Ok(page) => Ok(Some(page)),
        Err(unmade) => refusal(&unmade),
    }
}

/// Requests that waited for one making share its failure, so that it is told and not handed on.
fn refusal(unmade: &Arc<Unmade>) -> Result<Option<Bytes>, ApiError> {
    match &**unmade {
        Unmade::Nothing => Ok(None),
        Unmade::Failed(error @ StoreError::Unavailable(_)) => {
            Err(ApiError::unavailable(error.to_string()))
        }
        Unmade::Failed(error) => Err(ApiError::internal(error.to_string())),
    }
}

async fn make(hub: &Hub, key: PageKey) -> Result<Bytes, Unmade> {
    let types = hub.registry.public_types;
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            match key {
                PageKey::Public { kind, slice } => {
                    list(tx, types, kind, Order::Latest, slice).await
                }
                PageKey::Trending { kind, min_stars, slice } => {
                    list(tx, types, kind, Order::Stars { min: min_stars }, slice).await
                }
                PageKey::Open { kind, slice } => {
                    list(tx, types, kind, Order::LatestOpen, slice).await
                }
                PageKey::Owners(slice) => owners(tx, types, slice).await,
                PageKey::Groups { per_owner, slice } => groups(tx, types, per_owner, slice).await,
                PageKey::OfOwner { owner, slice } => of_owner(tx, types, &owner, slice).await,
                PageKey::At { owner, slug } => at(tx, &owner, &slug).await,
            }
        })
    });
    read.await
}

fn json(content: &impl Serialize) -> Bytes {
    serde_json::to_vec(content).expect("plain structs become JSON").into()
}

async fn list(
    tx: &mut Tx,
    types: PublicTypes,
    kind: Option<EndpointType>,
    order: Order,
    slice: Slice,
) -> Result<Bytes, Unmade> {
    let records = store::list_public(tx, &types.stored(kind), order, slice).await?;
    let page: Vec<EndpointPublic> =
        records.into_iter().map(|record| types.listed(record)).collect();
    Ok(json(&page))
}

async fn owners(tx: &mut Tx, types: PublicTypes, slice: Slice) -> Result<Bytes, Unmade> {
    let counted = store::list_owners(tx, &types.stored(None), slice).await?;
    let page: Vec<PublicOwner> = counted.into_iter().map(|owner| owner.counts).collect();
    Ok(json(&page))
}

async fn groups(
    tx: &mut Tx,
    types: PublicTypes,
    per_owner: i64,
    slice: Slice,
) -> Result<Bytes, Unmade> {
    let kinds = types.stored(None);
    let latest = Slice { skip: 0, limit: per_owner };
    let mut page = Vec::new();
    for owner in store::list_owners(tx, &kinds, slice).await? {
        // The owner is active, or would not be listed; to a stranger, members are no different.
        let reach = Reach::of(Principal::Anonymous, Ownership::Organization(None), true);
        let records = store::list_of(tx, owner.id, &reach, &kinds, latest).await?;
        page.push(OwnerGroup {
            owner_username: owner.counts.username,
            total_count: owner.counts.endpoint_count,
            has_more: owner.counts.endpoint_count > per_owner,
            endpoints: records.into_iter().map(|record| types.listed(record)).collect(),
        });
    }
    Ok(json(&page))
}

async fn of_owner(
    tx: &mut Tx,
    types: PublicTypes,
    owner: &str,
    slice: Slice,
) -> Result<Bytes, Unmade> {
    let found = store::find_owner(tx, owner, None).await?.filter(|owner| owner.is_active);
    let owner = found.ok_or(Unmade::Nothing)?;
    let reach = Reach::of(Principal::Anonymous, owner.ownership(), owner.is_active);
    let records = store::list_of(tx, owner.id, &reach, &types.stored(None), slice).await?;
    let page: Vec<EndpointPublic> =
        records.into_iter().map(|record| types.listed(record)).collect();
    Ok(json(&page))
}

async fn at(tx: &mut Tx, owner: &str, slug: &str) -> Result<Bytes, Unmade> {
    let record = store::find_at(tx, owner, slug, None).await?.ok_or(Unmade::Nothing)?;
    let may = authorize(Principal::Anonymous, EndpointAction::Read, record.facts());
    if !may.is_granted() {
        return Err(Unmade::Nothing);
    }
    Ok(json(&EndpointPublic::from(connect::shown(record))))
}

/// Public endpoints that fit a query, the best first.
pub(crate) async fn search(
    hub: &Hub,
    request: SearchRequest,
) -> Result<SearchResponse, StoreError> {
    let wanted = Wanted {
        query: request.query.clone(),
        kinds: hub.registry.public_types.stored(request.kind),
        breadth: Breadth::AnyWord,
        slice: Slice { skip: 0, limit: request.top_k },
    };
    let results = found(hub, wanted).await?;
    let total = i64::try_from(results.len()).unwrap_or(i64::MAX);
    Ok(SearchResponse { results, total, query: request.query })
}

/// A page of the public endpoints that have every word of `query` in their name, tags, description or owner, the best
/// first.
pub(crate) async fn filtered(
    hub: &Hub,
    query: String,
    kind: Option<EndpointType>,
    slice: Slice,
) -> Result<Vec<EndpointPublic>, StoreError> {
    let kinds = hub.registry.public_types.stored(kind);
    let wanted = Wanted { query, kinds, breadth: Breadth::EveryWord, slice };
    Ok(found(hub, wanted).await?.into_iter().map(|result| result.endpoint).collect())
}

async fn found(hub: &Hub, wanted: Wanted) -> Result<Vec<SearchResult>, StoreError> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let hits = search::find(tx, &wanted).await?;
            let records = search::records(tx, &hits).await?;
            Ok::<_, StoreError>((hits, records))
        })
    });
    let (hits, records) = read.await?;
    let mut records: HashMap<EndpointId, Record> =
        records.into_iter().map(|record| (record.endpoint.id, record)).collect();
    let types = hub.registry.public_types;
    let result = |hit: Hit| {
        let record = records.remove(&hit.id)?;
        Some(SearchResult { endpoint: types.listed(record), relevance_score: hit.relevance })
    };
    Ok(hits.into_iter().filter_map(result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_lists_show_two_types_only() {
        let legacy = PublicTypes::Legacy;
        assert_eq!(legacy.shown(EndpointType::ModelDataSource), Some(EndpointType::Model));
        assert_eq!(legacy.shown(EndpointType::Agent), None);
        assert_eq!(
            legacy.stored(Some(EndpointType::Model)),
            [EndpointType::Model, EndpointType::ModelDataSource]
        );
        assert_eq!(legacy.stored(Some(EndpointType::DataSource)), [EndpointType::DataSource]);
        assert!(legacy.stored(Some(EndpointType::Agent)).is_empty());
    }

    #[test]
    fn what_does_both_is_found_among_models_and_among_data_sources() {
        let modern = PublicTypes::Modern;
        assert_eq!(modern.stored(None).len(), 4);
        for kind in [EndpointType::Model, EndpointType::DataSource] {
            assert_eq!(modern.stored(Some(kind)), [kind, EndpointType::ModelDataSource]);
        }
        assert_eq!(modern.stored(Some(EndpointType::Agent)), [EndpointType::Agent]);
    }
}
