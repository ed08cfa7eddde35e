//! `/api/v1/endpoints` (contract hub 3.3).

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::Visibility;
use syfthub_core::wire::discovery::EndpointAdminPatch;
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch};
use syfthub_core::wire::sync::{SyncRequest, SyncResponse};
use syfthub_core::{EndpointId, OrganizationId};

use crate::http::{ApiError, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::identity::{Administrator, Caller, Origin, Signed};
use crate::registry::endpoints::{self, Address};
use crate::registry::listing::{self, OwnList};
use crate::registry::store::Slice;
use crate::registry::{moderation, sync};

/// The query of a creation.
pub(super) struct ForWhom {
    organization_id: Option<OrganizationId>,
}

impl Input for ForWhom {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { organization_id: Fields::of(value, place)?.optional("organization_id") })
    }
}

/// Publish an endpoint.
#[utoipa::path(post, path = "/api/v1/endpoints", tag = "endpoints", security(("bearer" = [])),
    params(("organization_id" = Option<i64>, Query, description = "Publish for an organization; 0 means for oneself")),
    request_body = EndpointDraft,
    responses(
        (status = 201, body = Endpoint),
        (status = 400, description = "The slug is taken"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "No member of the organization, or one that may only look"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Query(whom): Query<ForWhom>,
    Json(mut draft): Json<EndpointDraft>,
) -> Result<(StatusCode, Json<Endpoint>), ApiError> {
    if let Some(id) = whom.organization_id {
        draft.organization_id = Some(id).filter(|id| *id != OrganizationId(0));
    }
    let endpoint = endpoints::create(&hub, caller, draft, origin).await?;
    Ok((StatusCode::CREATED, Json(endpoint)))
}

/// The query of one's own list.
pub(super) struct OwnQuery(OwnList);

impl Input for OwnQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let visibility = fields.optional("visibility");
        let search = fields.optional::<String>("search").filter(|text| !text.is_empty());
        Some(Self(OwnList { slice: page?.into(), visibility, search }))
    }
}

/// The caller's own endpoints, latest edit first.
#[utoipa::path(get, path = "/api/v1/endpoints", tag = "endpoints", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("visibility" = Option<Visibility>, Query, description = "Only these"),
        ("search" = Option<String>, Query, description = "Part of the name or the description, in any case"),
    ),
    responses(
        (status = 200, body = Vec<Endpoint>),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    signed: Signed,
    Query(OwnQuery(list)): Query<OwnQuery>,
) -> Result<Json<Vec<Endpoint>>, ApiError> {
    Ok(Json(listing::own(&hub, signed, list).await?))
}

/// The number in the path.
pub(super) struct ById(pub(super) EndpointId);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(EndpointId(Fields::of(value, place)?.required("endpoint_id")?)))
    }
}

/// The slug in the path.
pub(super) struct BySlug(String);

impl Input for BySlug {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("slug")?))
    }
}

/// An endpoint by its number.
#[utoipa::path(get, path = "/api/v1/endpoints/{endpoint_id}", tag = "endpoints", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn show(
    State(hub): State<Hub>,
    signed: Signed,
    Path(ById(id)): Path<ById>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(endpoints::read(&hub, signed, id).await?))
}

/// Change an endpoint. Lists are replaced whole; the type and the slug stay.
#[utoipa::path(patch, path = "/api/v1/endpoints/{endpoint_id}", tag = "endpoints", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    request_body = EndpointPatch,
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller may see it and not change it"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(patch): Json<EndpointPatch>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(endpoints::update(&hub, caller, Address::Number(id), patch, origin).await?))
}

/// Remove an endpoint. Its slug is free at once.
#[utoipa::path(delete, path = "/api/v1/endpoints/{endpoint_id}", tag = "endpoints", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller may see it and not remove it"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    endpoints::delete(&hub, caller, Address::Number(id), origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's own endpoint by its slug.
#[utoipa::path(patch, path = "/api/v1/endpoints/slug/{slug}", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path)),
    request_body = EndpointPatch,
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller has none of this slug"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update_own(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(BySlug(slug)): Path<BySlug>,
    Json(patch): Json<EndpointPatch>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(endpoints::update(&hub, caller, Address::Own(slug), patch, origin).await?))
}

/// Remove one's own endpoint by its slug.
#[utoipa::path(delete, path = "/api/v1/endpoints/slug/{slug}", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "The caller has none of this slug"),
))]
pub(super) async fn delete_own(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(BySlug(slug)): Path<BySlug>,
) -> Result<StatusCode, ApiError> {
    endpoints::delete(&hub, caller, Address::Own(slug), origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the caller has an endpoint of this slug, switched off or on.
#[utoipa::path(get, path = "/api/v1/endpoints/{slug}/exists", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path)),
    responses(
        (status = 200, body = bool, content_type = "application/json"),
        (status = 401, description = "Not signed in"),
))]
pub(super) async fn exists(
    State(hub): State<Hub>,
    signed: Signed,
    Path(BySlug(slug)): Path<BySlug>,
) -> Result<Json<bool>, ApiError> {
    Ok(Json(endpoints::exists(&hub, signed, &slug).await?))
}

/// Make the caller's own endpoints those of a catalogue, all of them or none: what is in it is created or changed, by its
/// slug, and what is not is removed.
#[utoipa::path(post, path = "/api/v1/endpoints/sync", tag = "endpoints", security(("bearer" = [])),
    request_body = SyncRequest,
    responses(
        (status = 200, body = SyncResponse),
        (status = 400, description = "Items contradict each other; `detail.errors` lists where"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "The list is missing, or a field breaks its rule"),
))]
pub(super) async fn sync(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(request): Json<SyncRequest>,
) -> Result<Json<SyncResponse>, ApiError> {
    Ok(Json(sync::sync(&hub, caller, request.endpoints, origin).await?))
}

/// Switch anybody's endpoint off or on again, or set its stars; for administrators of the hub.
#[utoipa::path(patch, path = "/api/v1/endpoints/{endpoint_id}/admin", tag = "endpoints", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    request_body = EndpointAdminPatch,
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn moderate(
    State(hub): State<Hub>,
    administrator: Administrator,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(patch): Json<EndpointAdminPatch>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(moderation::moderate(&hub, administrator, id, patch, origin).await?))
}

impl From<Page> for Slice {
    fn from(page: Page) -> Self {
        Self { skip: page.skip, limit: page.limit }
    }
}
