//! One's own endpoints, those of one owner, and single ones, as the caller sees them.

use syfthub_core::model::{EndpointAction, Visibility, authorize};
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};

use super::connect;
use super::refusal::Refusal;
use super::store::{self, Record, Slice};
use super::visibility::Reach;
use super::{Lookup, keep};
use crate::db::StoreError;
use crate::hub::Hub;
use crate::identity::{MaybeCaller, Presented, Signed};

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
    let types = hub.registry.public_types;
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = presented.find_caller(tx).await?;
            let viewer = caller.principal().user();
            let owner = store::find_owner(tx, &owner, viewer).await?;
            let Some(owner) = owner.filter(|owner| owner.is_active) else {
                return Ok::<_, StoreError>(None);
            };
            let reach = Reach::of(caller.principal(), owner.ownership(), owner.is_active);
            store::list_of(tx, owner.id, &reach, &types.stored(None), slice).await.map(Some)
        })
    });
    let records = read.await?;
    Ok(records.map(|records| records.into_iter().map(|record| types.listed(record)).collect()))
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
    let place = hub.registry.place(Lookup::At(owner.clone(), slug.clone()));
    let (caller, record) = if let (Some(caller), Some(record)) = (presented.known(), place.value())
    {
        (caller, Some(record))
    } else {
        let read = hub.db.read(move |tx| {
            Box::pin(async move {
                let caller = presented.find_caller(tx).await?;
                let viewer = caller.principal().user();
                let record = store::find_at(tx, &owner, &slug, viewer).await?;
                Ok::<_, StoreError>((caller, record))
            })
        });
        let (caller, record) = read.await?;
        if let Some(record) = &record {
            keep(&place, record);
        }
        (caller, record)
    };
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
