//! `/api/v1/endpoints` (contract hub 3.3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch, EndpointPublic};
use syfthub_core::{EndpointId, OrganizationId};

use crate::http::{ApiError, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};
use crate::registry::endpoints::{self, Address};
use crate::registry::listing::{self, OwnList};
use crate::registry::pages::PageKey;
use crate::registry::store::Slice;

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

/// The query of the public list.
pub(super) struct PublicQuery(PageKey);

impl Input for PublicQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let kind = fields.optional("endpoint_type");
        Some(Self(PageKey { kind, slice: page?.into() }))
    }
}

/// Everybody's public endpoints, latest edit first.
#[utoipa::path(get, path = "/api/v1/endpoints/public", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("endpoint_type" = Option<EndpointType>, Query, description = "Only these"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn public(
    State(hub): State<Hub>,
    Query(PublicQuery(key)): Query<PublicQuery>,
) -> Result<Response, ApiError> {
    let page = listing::public(&hub, key).await?;
    Ok(([(CONTENT_TYPE, "application/json")], page).into_response())
}

/// The number in the path.
pub(super) struct ById(EndpointId);

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
        (status = 200, body = bool),
        (status = 401, description = "Not signed in"),
))]
pub(super) async fn exists(
    State(hub): State<Hub>,
    signed: Signed,
    Path(BySlug(slug)): Path<BySlug>,
) -> Result<Json<bool>, ApiError> {
    Ok(Json(endpoints::exists(&hub, signed, &slug).await?))
}

impl From<Page> for Slice {
    fn from(page: Page) -> Self {
        Self { skip: page.skip, limit: page.limit }
    }
}
