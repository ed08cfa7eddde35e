//! Creating, changing and removing endpoints.

use serde_json::json;
use syfthub_core::model::{Access, EndpointAction, OrganizationAction, authorize};
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch};
use syfthub_core::{EndpointId, OrganizationId, OwnerId, Timestamp, UserId};

use super::refusal::Refusal;
use super::slugs::insert_named;
use super::store::{self, Owner, Record};
use super::{Lookup, connect, keep, search};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};
use crate::{organizations, random};

/// How a request names an endpoint.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// By its number.
    Number(EndpointId),
    /// By its slug, in any case, among the caller's own.
    Own(String),
}

/// Publishes `draft` for the organization that it names, or else for the caller.
pub(crate) async fn create(
    hub: &Hub,
    caller: Caller,
    draft: EndpointDraft,
    origin: Origin,
) -> Result<Endpoint, Refusal> {
    let write =
        hub.db.write(move |tx| Box::pin(async move { insert(tx, &caller, draft, &origin).await }));
    let endpoint = write.await?;
    hub.registry.forget_pages();
    Ok(endpoint)
}

async fn insert(
    tx: &mut Tx,
    caller: &Caller,
    mut draft: EndpointDraft,
    origin: &Origin,
) -> Result<Endpoint, Refusal> {
    let owner = publisher(tx, caller, draft.organization_id).await?;
    draft.connect =
        connect::stored(draft.connect, owner.domain.as_deref()).map_err(Refusal::Invalid)?;
    let keeper = keeper(owner.id, caller);
    draft.contributors = contributors(tx, &draft.contributors, keeper).await?;
    let slug = draft.slug.take();
    let mut endpoint = drafted(draft, &owner, origin.at);
    let placed = match slug {
        Some(slug) => store::insert(tx, owner.id, &slug, &endpoint).await?.map(|id| (id, slug)),
        None => insert_named(tx, owner.id, &endpoint, &random::suffix()).await?,
    };
    let (id, slug) = placed.ok_or(Refusal::SlugTaken)?;
    endpoint.id = id;
    slug.as_str().clone_into(&mut endpoint.slug);
    search::update(tx, &[&endpoint]).await?;
    note(tx, origin, caller.id(), "endpoint.create", &endpoint).await?;
    Ok(connect::shown(Record { endpoint, owner }))
}

/// For whom the caller publishes: themselves, or an organization in which they may.
async fn publisher(
    tx: &mut Tx,
    caller: &Caller,
    organization: Option<OrganizationId>,
) -> Result<Owner, Refusal> {
    let Some(id) = organization else { return Ok(Owner::of_caller(caller)) };
    let found = organizations::find(tx, id, caller.id()).await?.ok_or(Refusal::MayNotPublish)?;
    let may = authorize(caller.principal(), OrganizationAction::Publish, found.facts());
    if !may.is_granted() {
        return Err(Refusal::MayNotPublish);
    }
    Ok(Owner {
        id: OwnerId::Organization(id),
        name: found.organization.slug,
        is_active: found.organization.is_active,
        domain: found.organization.domain,
        role: found.role,
    })
}

/// Who contributes in any case (contract hub 2.4): the user who owns the endpoint, or who acts for the organization.
fn keeper(owner: OwnerId, caller: &Caller) -> UserId {
    owner.user().unwrap_or_else(|| caller.id())
}

/// Those of `ids` that are active users, and in any case the `keeper`.
pub(super) async fn contributors(
    tx: &mut Tx,
    ids: &[i64],
    keeper: UserId,
) -> Result<Vec<i64>, StoreError> {
    let mut known = store::active_users(tx, ids).await?;
    if !known.contains(&keeper.0) {
        known.push(keeper.0);
    }
    Ok(known)
}

/// What `draft` describes, before it has a number and a slug.
pub(super) fn drafted(draft: EndpointDraft, owner: &Owner, at: Timestamp) -> Endpoint {
    Endpoint {
        id: EndpointId(0),
        user_id: owner.id.user(),
        organization_id: owner.id.organization(),
        owner_username: owner.name.clone(),
        name: draft.name,
        slug: String::new(),
        description: draft.description,
        kind: draft.kind,
        visibility: draft.visibility,
        is_active: true,
        contributors: draft.contributors,
        version: draft.version.to_string(),
        readme: draft.readme,
        tags: draft.tags.into_iter().map(String::from).collect(),
        stars_count: 0,
        policies: draft.policies,
        connect: draft.connect,
        created_at: at,
        updated_at: at,
        health_status: None,
        health_checked_at: None,
    }
}

/// Changes the content of an endpoint.
pub(crate) async fn update(
    hub: &Hub,
    caller: Caller,
    address: Address,
    patch: EndpointPatch,
    origin: Origin,
) -> Result<Endpoint, Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let record = find_for_writing(tx, &caller, &address).await?;
            change(tx, &caller, record, patch, &origin).await
        })
    });
    let endpoint = write.await?;
    hub.registry.forget_pages();
    Ok(endpoint)
}

async fn change(
    tx: &mut Tx,
    caller: &Caller,
    mut record: Record,
    patch: EndpointPatch,
    origin: &Origin,
) -> Result<Endpoint, Refusal> {
    let before = record.endpoint.clone();
    apply(&mut record, patch).map_err(Refusal::Invalid)?;
    if record.endpoint.contributors != before.contributors {
        let keeper = keeper(record.owner.id, caller);
        record.endpoint.contributors =
            contributors(tx, &record.endpoint.contributors, keeper).await?;
    }
    if record.endpoint != before {
        record.endpoint.updated_at = origin.at;
        store::update(tx, &record.endpoint).await?;
        search::update(tx, &[&record.endpoint]).await?;
        note(tx, origin, caller.id(), "endpoint.update", &record.endpoint).await?;
    }
    Ok(connect::shown(record))
}

fn apply(record: &mut Record, patch: EndpointPatch) -> Result<(), Vec<syfthub_core::input::Issue>> {
    fn set<T>(field: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *field = value;
        }
    }
    let connect =
        patch.connect.map(|connect| connect::stored(connect, record.owner.domain.as_deref()));
    let endpoint = &mut record.endpoint;
    set(&mut endpoint.connect, connect.transpose()?);
    set(&mut endpoint.name, patch.name);
    set(&mut endpoint.description, patch.description);
    set(&mut endpoint.visibility, patch.visibility);
    set(&mut endpoint.version, patch.version.map(String::from));
    set(&mut endpoint.readme, patch.readme);
    set(&mut endpoint.tags, patch.tags.map(|tags| tags.into_iter().map(String::from).collect()));
    set(&mut endpoint.policies, patch.policies);
    set(&mut endpoint.contributors, patch.contributors);
    Ok(())
}

/// Removes an endpoint for good.
pub(crate) async fn delete(
    hub: &Hub,
    caller: Caller,
    address: Address,
    origin: Origin,
) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let record = find_for_writing(tx, &caller, &address).await?;
            store::delete(tx, record.endpoint.id).await?;
            note(tx, &origin, caller.id(), "endpoint.delete", &record.endpoint).await
        })
    });
    write.await?;
    hub.registry.forget_pages();
    Ok(())
}

/// The endpoint, held against changes by others, if the caller may write to it.
async fn find_for_writing(
    tx: &mut Tx,
    caller: &Caller,
    address: &Address,
) -> Result<Record, Refusal> {
    let found = find(tx, caller, address).await?.ok_or(Refusal::NotFound)?;
    match authorize(caller.principal(), EndpointAction::Write, found.facts()) {
        Access::Granted => {}
        Access::Refused => return Err(Refusal::Forbidden),
        Access::Hidden => return Err(Refusal::NotFound),
    }
    store::lock(tx, found.endpoint.id).await?;
    store::find(tx, found.endpoint.id, Some(caller.id())).await?.ok_or(Refusal::NotFound)
}

async fn find(tx: &mut Tx, caller: &Caller, address: &Address) -> Result<Option<Record>, Refusal> {
    Ok(match address {
        Address::Number(id) => store::find(tx, *id, Some(caller.id())).await?,
        Address::Own(slug) => store::find_owned(tx, caller.id(), &slug.to_lowercase()).await?,
    })
}

/// The endpoint with this number, if the caller may see it. Who contributes is shown to those whose it is only.
pub(crate) async fn read(hub: &Hub, signed: Signed, id: EndpointId) -> Result<Endpoint, Refusal> {
    let place = hub.registry.place(Lookup::Number(id));
    let (caller, record) = if let (Some(caller), Some(record)) = (signed.known(), place.value()) {
        (caller, record)
    } else {
        let read = hub.db.read(move |tx| {
            Box::pin(async move {
                let caller = signed.caller(tx).await?;
                let record = store::find(tx, id, Some(caller.id())).await?;
                Ok::<_, Refusal>((caller, record.ok_or(Refusal::NotFound)?))
            })
        });
        let found = read.await?;
        keep(&place, &found.1);
        found
    };
    let may = |action| authorize(caller.principal(), action, record.facts()).is_granted();
    if !may(EndpointAction::Read) {
        return Err(Refusal::NotFound);
    }
    let is_theirs = may(EndpointAction::Inspect);
    let mut endpoint = connect::shown(record);
    if !is_theirs {
        endpoint.contributors.clear();
    }
    Ok(endpoint)
}

async fn note(
    tx: &mut Tx,
    origin: &Origin,
    actor: UserId,
    action: &'static str,
    endpoint: &Endpoint,
) -> Result<(), Refusal> {
    let detail = json!({ "path": format!("{}/{}", endpoint.owner_username, endpoint.slug) });
    Ok(origin.note(tx, actor, action, format!("endpoint:{}", endpoint.id), detail).await?)
}

/// Whether the caller has an endpoint of this slug, in any case, switched off or on.
pub(crate) async fn exists(hub: &Hub, signed: Signed, slug: &str) -> Result<bool, Refusal> {
    let slug = slug.to_lowercase();
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            Ok(store::find_owned(tx, caller.id(), &slug).await?.is_some())
        })
    });
    read.await
}
