//! `/api/v1/organizations` (contract hub 3.4).

use axum::extract::State;
use http::StatusCode;
use syfthub_core::model::OrgRole;
use syfthub_core::wire::organization::{
    Organization, OrganizationDraft, OrganizationPatch, Switch,
};

use super::{ById, ListQuery};
use crate::http::{ApiError, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};
use crate::organizations::profiles;

/// The caller's organizations, latest edit first.
#[utoipa::path(get, path = "/api/v1/organizations", tag = "organizations", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("role" = Option<OrgRole>, Query, description = "Only those in which the caller has this role"),
    ),
    responses(
        (status = 200, body = Vec<Organization>),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    signed: Signed,
    Query(ListQuery { role, page }): Query<ListQuery>,
) -> Result<Json<Vec<Organization>>, ApiError> {
    Ok(Json(profiles::list(&hub, signed, role, page).await?))
}

/// Found an organization. The caller becomes its owner.
#[utoipa::path(post, path = "/api/v1/organizations", tag = "organizations", security(("bearer" = [])),
    request_body = OrganizationDraft,
    responses(
        (status = 201, body = Organization),
        (status = 400, description = "The slug is, or once was, the name of an organization or a user"),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(draft): Json<OrganizationDraft>,
) -> Result<(StatusCode, Json<Organization>), ApiError> {
    let organization = profiles::create(&hub, caller, draft, origin).await?;
    Ok((StatusCode::CREATED, Json(organization)))
}

/// An organization, for its members.
#[utoipa::path(get, path = "/api/v1/organizations/{organization_id}", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    responses(
        (status = 200, body = Organization),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn show(
    State(hub): State<Hub>,
    signed: Signed,
    Path(ById(id)): Path<ById>,
) -> Result<Json<Organization>, ApiError> {
    Ok(Json(profiles::show(&hub, signed, id).await?))
}

/// Change the profile. What is absent stays, null clears an address; the slug stays.
#[utoipa::path(put, path = "/api/v1/organizations/{organization_id}", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    request_body = OrganizationPatch,
    responses(
        (status = 200, body = Organization),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller's role does not allow it"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(patch): Json<OrganizationPatch>,
) -> Result<Json<Organization>, ApiError> {
    Ok(Json(profiles::update(&hub, caller, id, patch, origin).await?))
}

/// Delete an organization with all that it owns. Its slug stays reserved.
#[utoipa::path(delete, path = "/api/v1/organizations/{organization_id}", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    profiles::delete(&hub, caller, id, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switch an organization off, or bring back one that was deleted.
#[utoipa::path(patch, path = "/api/v1/organizations/{organization_id}/admin", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    request_body = Switch,
    responses(
        (status = 200, body = Organization),
        (status = 400, description = "It has no active owner to come back for"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller is no site admin"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn switch(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(switch): Json<Switch>,
) -> Result<Json<Organization>, ApiError> {
    Ok(Json(profiles::switch(&hub, caller, id, switch.is_active, origin).await?))
}
