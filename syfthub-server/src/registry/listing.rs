//! Lists of endpoints: everybody's public ones, one's own, and those of one owner.

use std::sync::Arc;

use bytes::Bytes;
use syfthub_core::model::{EndpointAction, EndpointType, Visibility, authorize};
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};

use super::connect;
use super::pages::PageKey;
use super::refusal::Refusal;
use super::store::{self, Record, Slice};
use super::visibility::Reach;
use crate::config::PublicTypes;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::hub::Hub;
use crate::identity::{MaybeCaller, Presented, Signed};

impl PublicTypes {
    /// The stored types that a list restricted to `asked` contains.
    fn stored(self, asked: Option<EndpointType>) -> Vec<EndpointType> {
        const ALL: [EndpointType; 4] = [
            EndpointType::Model,
            EndpointType::DataSource,
            EndpointType::ModelDataSource,
            EndpointType::Agent,
        ];
        ALL.into_iter()
            .filter(|kind| {
                self.shown(*kind).is_some_and(|shown| asked.is_none_or(|asked| asked == shown))
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
}

/// A page of the public list, as JSON.
pub(crate) async fn public(hub: &Hub, key: PageKey) -> Result<Bytes, ApiError> {
    let page = hub.registry.pages.get(key, public_page(hub, key)).await;
    page.map_err(|error: Arc<StoreError>| match &*error {
        StoreError::Unavailable(_) => ApiError::unavailable(error.to_string()),
        _ => ApiError::internal(error.to_string()),
    })
}

async fn public_page(hub: &Hub, key: PageKey) -> Result<Bytes, StoreError> {
    let types = hub.registry.public_types;
    let stored = types.stored(key.kind);
    let read = hub
        .db
        .read(move |tx| Box::pin(async move { store::list_public(tx, &stored, key.slice).await }));
    let page: Vec<EndpointPublic> = read
        .await?
        .into_iter()
        .map(|record| {
            let mut endpoint = EndpointPublic::from(connect::shown(record));
            endpoint.kind = types.shown(endpoint.kind).unwrap_or(endpoint.kind);
            endpoint
        })
        .collect();
    Ok(serde_json::to_vec(&page).expect("plain structs become JSON").into())
}

/// What a user asks of their own endpoints.
pub(crate) struct OwnList {
    pub(crate) visibility: Option<Visibility>,
    /// Part of the name or the description.
    pub(crate) search: Option<String>,
    pub(crate) slice: Slice,
}

/// A page of the caller's own endpoints.
pub(crate) async fn own(
    hub: &Hub,
    signed: Signed,
    list: OwnList,
) -> Result<Vec<Endpoint>, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let owner = signed.caller(tx).await?.id();
            let OwnList { visibility, search, slice } = list;
            Ok(store::list_owned(tx, owner, visibility, search.as_deref(), slice).await?)
        })
    });
    let records: Result<Vec<Record>, Refusal> = read.await;
    Ok(records?.into_iter().map(connect::shown).collect())
}

/// A page of what the caller may see of the endpoints of `owner`; nothing when there is no such owner.
pub(crate) async fn of_owner(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slice: Slice,
) -> Result<Option<Vec<EndpointPublic>>, StoreError> {
    let owner = owner.to_lowercase();
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = presented.find_caller(tx).await?;
            let viewer = caller.principal().user();
            let owner = store::find_owner(tx, &owner, viewer).await?;
            let Some(owner) = owner.filter(|owner| owner.is_active) else {
                return Ok::<_, StoreError>(None);
            };
            let reach = Reach::of(caller.principal(), owner.ownership(), owner.is_active);
            store::list_of(tx, owner.id, &reach, slice).await.map(Some)
        })
    });
    let records = read.await?;
    Ok(records
        .map(|records| records.into_iter().map(|record| connect::shown(record).into()).collect()))
}

/// An endpoint as somebody sees it.
pub(crate) enum Seen {
    /// It is theirs, alone or with others, or they run the hub.
    Whole(Endpoint),
    /// They may see it.
    Part(EndpointPublic),
    /// As far as they can see, there is none.
    Nothing(MaybeCaller),
}

/// The endpoint at `owner/slug`, as the caller sees it.
pub(crate) async fn at(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
) -> Result<Seen, StoreError> {
    Ok(match stored_at(hub, presented, owner, slug).await? {
        Stored::Nothing(caller) => Seen::Nothing(caller),
        Stored::Found { record, is_theirs: true } => Seen::Whole(connect::shown(*record)),
        Stored::Found { record, is_theirs: false } => Seen::Part(connect::shown(*record).into()),
    })
}

/// An endpoint as it is stored, for somebody who may see it.
enum Stored {
    /// It is there, and the caller may see it.
    Found { record: Box<Record>, is_theirs: bool },
    /// As far as the caller can see, there is none.
    Nothing(MaybeCaller),
}

async fn stored_at(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
) -> Result<Stored, StoreError> {
    let (owner, slug) = (owner.to_lowercase(), slug.to_lowercase());
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = presented.find_caller(tx).await?;
            let viewer = caller.principal().user();
            let record = store::find_at(tx, &owner, &slug, viewer).await?;
            Ok::<_, StoreError>((caller, record))
        })
    });
    let (caller, record) = read.await?;
    let Some(record) = record else { return Ok(Stored::Nothing(caller)) };
    let may = |action| authorize(caller.principal(), action, record.facts()).is_granted();
    if !may(EndpointAction::Read) {
        return Ok(Stored::Nothing(caller));
    }
    let is_theirs = may(EndpointAction::Inspect);
    Ok(Stored::Found { record: Box::new(record), is_theirs })
}

/// An endpoint for its page.
pub(crate) struct Sight {
    /// With the connections as they are stored.
    pub(crate) stored: Endpoint,
    /// With the connections as they are shown, on the owner's domain.
    pub(crate) shown: Endpoint,
}

/// The endpoint at `owner/slug` for its page; the caller when they may not see it or there is none.
pub(crate) async fn sight_of(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
) -> Result<Result<Sight, MaybeCaller>, StoreError> {
    Ok(match stored_at(hub, presented, owner, slug).await? {
        Stored::Nothing(caller) => Err(caller),
        Stored::Found { record, .. } => {
            Ok(Sight { stored: record.endpoint.clone(), shown: connect::shown(*record) })
        }
    })
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
        assert!(legacy.stored(Some(EndpointType::Agent)).is_empty());
        assert_eq!(PublicTypes::Modern.stored(None).len(), 4);
        assert_eq!(PublicTypes::Modern.stored(Some(EndpointType::Agent)), [EndpointType::Agent]);
    }
}
