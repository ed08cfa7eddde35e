//! Lists of endpoints: everybody's public ones, one's own, and those of one owner.

use std::sync::Arc;

use bytes::Bytes;
use syfthub_core::UserId;
use syfthub_core::model::{Access, Action, EndpointType, Principal, Visibility, authorize};
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};

use super::connect;
use super::pages::PageKey;
use super::store::{self, Record, Slice};
use super::visibility::Reach;
use crate::config::PublicTypes;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::hub::Hub;
use crate::identity::users;

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

/// A page of the user's own endpoints.
pub(crate) async fn own(
    hub: &Hub,
    owner: UserId,
    visibility: Option<Visibility>,
    search: Option<String>,
    slice: Slice,
) -> Result<Vec<Endpoint>, StoreError> {
    let read = hub.db.read(move |tx| {
        Box::pin(
            async move { store::list_owned(tx, owner, visibility, search.as_deref(), slice).await },
        )
    });
    Ok(read.await?.into_iter().map(connect::shown).collect())
}

/// A page of what `principal` may see of the endpoints of `owner`; nothing when there is no such owner.
pub(crate) async fn of_owner(
    hub: &Hub,
    principal: Principal,
    owner: &str,
    slice: Slice,
) -> Result<Option<Vec<EndpointPublic>>, StoreError> {
    let owner = owner.to_lowercase();
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let Some(user) = users::find_named(tx, &owner).await?.filter(|user| user.is_active)
            else {
                return Ok::<_, StoreError>(None);
            };
            let reach = Reach::of(principal, user.id, user.is_active);
            store::list_of(tx, user.id, &reach, slice).await.map(Some)
        })
    });
    let records = read.await?;
    Ok(records
        .map(|records| records.into_iter().map(|record| connect::shown(record).into()).collect()))
}

/// The endpoint at `owner/slug`, if `principal` may see it.
pub(crate) async fn at(
    hub: &Hub,
    principal: Principal,
    owner: &str,
    slug: &str,
) -> Result<Option<Record>, StoreError> {
    let (owner, slug) = (owner.to_lowercase(), slug.to_lowercase());
    let read =
        hub.db.read(move |tx| Box::pin(async move { store::find_at(tx, &owner, &slug).await }));
    let granted =
        |record: &Record| authorize(principal, Action::Read, record.facts()) == Access::Granted;
    Ok(read.await?.filter(granted))
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
